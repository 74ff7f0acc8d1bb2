"""`/csp-report/`: receives reports on the content security policy. Anybody can send one, so little is kept."""

from __future__ import annotations

import json
import logging
import re
import time
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

log = logging.getLogger(__name__)

LARGEST = 16 * 1024  # bytes; a report has one or two thousand
LINES, SPAN = 20, 60.0  # log lines in this many seconds, for each process
AT_ONCE = 5  # reports read from one body
LONGEST = 120
# The names of the same fields in the two kinds of report.
NAMES = (
    ("effective-directive", "effectiveDirective", "violated-directive"),
    ("blocked-uri", "blockedURL"),
    ("document-uri", "documentURL"),
)


class Budget:
    """The number of log lines that this process may still write."""

    def __init__(self) -> None:
        self.began, self.written = 0.0, 0

    def spend(self) -> bool:
        """Uses one line; whether there was one left."""
        now = time.monotonic()
        if now - self.began >= SPAN:
            self.began, self.written = now, 0
        self.written += 1
        return self.written <= LINES


budget = Budget()


@csrf_exempt  # browsers send reports on their own; they change nothing
@login_not_required
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Logs a report: answers 204, also when there are too many; 400 or 413 for an invalid one."""
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return HttpResponse(status=413)
    try:
        reports = _reports(json.loads(body))
    except (ValueError, RecursionError):  # invalid UTF-8 is a ValueError too
        return HttpResponse(status=400)
    for report in reports[:AT_ONCE]:
        if budget.spend():
            directive, blocked, page = (_value(report, names) for names in NAMES)
            log.warning(
                "refused by the policy: %s of %s on %s", _word(directive), _place(blocked), _path(page)
            )
    return HttpResponse(status=204)


def _reports(sent: Any) -> list[dict[str, Any]]:
    """The reports in a body of either kind.

    Raises:
        ValueError: the body has no report.
    """
    found = [one.get("body") for one in sent if isinstance(one, dict)] if isinstance(sent, list) else []
    if isinstance(sent, dict):
        found = [sent.get("csp-report")]
    reports = [one for one in found if isinstance(one, dict)]
    if not reports:
        raise ValueError("no report")
    return reports


def _value(report: dict[str, Any], names: tuple[str, ...]) -> str:
    found = next((report[name] for name in names if isinstance(report.get(name), str)), "")
    return str(found)


def _word(text: str) -> str:
    """One word, without characters that could control a terminal or start a new line."""
    return "".join(one for one in text if one.isascii() and one.isprintable() and one != " ")[:LONGEST] or "?"


def _place(address: str) -> str:
    """Scheme and host, or a keyword such as "inline"; without path and query, which may contain a secret."""
    try:
        url = urlsplit(address)
        return _word(
            f"{url.scheme}://{url.hostname}" if url.hostname else re.split("[:?]", address, maxsplit=1)[0]
        )
    except ValueError:
        return "?"


def _path(address: str) -> str:
    """The path of our page, without its query."""
    try:
        return _word(urlsplit(address).path)
    except ValueError:
        return "?"
