"""The second factor: a code from a person's device, or one of ten recovery codes.

django-otp stores the devices, computes the codes and slows down guessing. A code works once.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker.reminders import clock

RECOVERY_CODES = 10
# Without characters that look alike: 0 and o, 1 and l and i.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 10  # of 31 letters: about 49 bits, with a growing wait after each wrong code
DIGITS = 6


@dataclass(frozen=True)
class CheckedCode:
    """The result of checking a code.

    Attributes:
        right: whether the code was correct.
        recovery: whether it was checked as a recovery code.
        wait_until: when codes are accepted again, if this one was not checked.
    """

    right: bool
    recovery: bool
    wait_until: datetime | None = None


def device_of(user: Any, *, confirmed: bool = True) -> TOTPDevice | None:
    """The person's device; with `confirmed=False` the one being set up."""
    return TOTPDevice.objects.filter(user=user, confirmed=confirmed).first()


@transaction.atomic
def begin(user: Any) -> TOTPDevice:
    """Creates a device with a new secret; it is active once a code of it has been entered."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def check(user: Any, written: str, *, confirmed: bool = True) -> CheckedCode:
    """Checks a code: six digits against the person's device, anything else against the recovery codes."""
    code = "".join(written.replace("-", "").split()).lower()
    recovery = not (len(code) == DIGITS and code.isascii() and code.isdigit())
    kind: Any = StaticDevice if recovery and confirmed else TOTPDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=confirmed).first()
        if device is None:
            return CheckedCode(False, recovery)
        failed_at = device.throttling_failure_timestamp
        if failed_at is not None and clock.is_ahead(failed_at, timezone.now()):
            device.throttle_reset()  # a failure under a wrong clock would pause until that day
        allowed, why = device.verify_is_allowed()
        if not allowed:
            return CheckedCode(False, recovery, why["locked_until"])
        return CheckedCode(
            device.verify_token(_digest(user, code) if kind is StaticDevice else code), recovery
        )


@transaction.atomic
def confirm(user: Any) -> list[str]:
    """Activates the device that was set up.

    Returns:
        The recovery codes; they cannot be shown again.
    """
    TOTPDevice.objects.filter(user=user, confirmed=False).update(confirmed=True)
    return renew(user)


@transaction.atomic
def renew(user: Any) -> list[str]:
    """Replaces the recovery codes; they are stored as digests with the site's key."""
    StaticDevice.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(RECOVERY_CODES)]
    device = StaticDevice.objects.create(user=user, name="recovery")
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(user, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def codes_left(user: Any) -> int:
    """The number of unused recovery codes."""
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def remove(user: Any) -> bool:
    """Removes the device and the recovery codes.

    Returns:
        Whether the person had a second factor.
    """
    had = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return had


def picture(device: TOTPDevice) -> str:
    """The QR code for the device as inline SVG: black on white in every colour scheme."""
    drawn = segno.make(device.config_url, error="m", micro=False)
    return drawn.svg_inline(scale=4, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True)


def secret_in_words(device: TOTPDevice) -> str:
    """The secret for typing, in groups of four letters."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(user: Any, code: str) -> str:
    """80 bits of an HMAC as sixteen letters, the size of the field."""
    told = salted_hmac("tracker.web.accounts.second_factor", f"{user.pk}:{code}", algorithm="sha256").digest()
    return b32encode(told[:10]).decode()
