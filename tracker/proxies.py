"""A proxy in front of the web server that PROXIES does not count.

Behind it all visitors seem to have its address, so that the wrong passwords of one would count against everybody.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

FORWARDED = "HTTP_X_FORWARDED_FOR"
# Where a proxy of one's own is. A stranger on the internet can write the header too, but not from here.
NEAR = [
    ip_network(name)
    for name in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128",
                 "fc00::/7", "fe80::/10")
]  # fmt: skip
REMEMBERED_FOR = 24 * 3600  # seconds after the last request through it
NOTED_EVERY = 3600

log = logging.getLogger(__name__)


def uncounted(meta: Mapping[str, str]) -> bool:
    """Whether a request came through a proxy that PROXIES does not count.

    Args:
        meta: the headers and variables of the request (`request.META`).
    """
    if settings.PROXIES or not meta.get(FORWARDED):
        return False
    peer = meta.get("REMOTE_ADDR", "")
    try:
        address = ip_address(peer)
    except ValueError:  # a Unix socket
        return True
    return any(address in network for network in NEAR)


def note(meta: Mapping[str, str]) -> None:
    """Logs once in each process that there is such a proxy, and stores it for `sentence`."""
    if uncounted(meta):
        _store(int(time.time() // NOTED_EVERY))
        _log_once()


def sentence() -> str:
    """What an administrator has to do; empty if no such proxy was seen by this host within a day."""
    if settings.PROXIES:
        return ""
    try:
        seen = _place().stat().st_mtime
    except OSError:
        return ""
    return _explanation() if time.time() - seen < REMEMBERED_FOR else ""


def _explanation() -> str:
    return _(
        "Requests arrive through a proxy (X-Forwarded-For), but PROXIES is 0: wrong passwords cannot be counted by "
        "address. Set PROXIES to the number of your proxies."
    )


def _place() -> Path:
    return Path(settings.VAR_DIR) / "proxy_seen"


@lru_cache(maxsize=1)
def _store(hour: int) -> None:
    with suppress(OSError):  # a full disk; the log says it all the same
        _place().touch()


@cache
def _log_once() -> None:
    log.warning("%s", _explanation())
