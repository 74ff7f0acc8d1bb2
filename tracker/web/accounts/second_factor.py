"""The second factor: a code that a person's own device shows, or one of ten recovery codes.

Django-otp keeps the devices, computes the codes and slows down whoever guesses; a code is good once.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 10
# Without what is mistaken for another: 0 and o, 1 and l and i.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 10  # of 31 letters: some 49 bits, with a growing wait after each wrong one
DIGITS = 6


@dataclass(frozen=True)
class Checked:
    """What became of a code.

    Attributes:
        right: whether it was.
        recovery: whether it was to be one of the recovery codes.
        wait_until: until when no code is looked at; then this one was not.
    """

    right: bool
    recovery: bool
    wait_until: datetime | None = None


def device_of(user: Any, *, confirmed: bool = True) -> TOTPDevice | None:
    """The person's device, or the one that is being set up."""
    return TOTPDevice.objects.filter(user=user, confirmed=confirmed).first()


@transaction.atomic
def begin(user: Any) -> TOTPDevice:
    """A device with a new secret, which counts once a code of it has been entered."""
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    return TOTPDevice.objects.create(user=user, name="app", confirmed=False)


def check(user: Any, written: str, *, confirmed: bool = True) -> Checked:
    """Holds a code against the person's device, or against the recovery codes where it is no such number."""
    code = "".join(written.replace("-", "").split()).lower()
    recovery = not (len(code) == DIGITS and code.isascii() and code.isdigit())
    kind: Any = StaticDevice if recovery and confirmed else TOTPDevice
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=confirmed).first()
        if device is None:
            return Checked(False, recovery)
        allowed, why = device.verify_is_allowed()
        if not allowed:
            return Checked(False, recovery, why["locked_until"])
        return Checked(device.verify_token(_digest(user, code) if kind is StaticDevice else code), recovery)


@transaction.atomic
def confirm(user: Any) -> list[str]:
    """Makes the device that was set up the person's own.

    Returns:
        The recovery codes, which nobody sees again.
    """
    TOTPDevice.objects.filter(user=user, confirmed=False).update(confirmed=True)
    return renew(user)


@transaction.atomic
def renew(user: Any) -> list[str]:
    """New recovery codes in the place of the old ones; kept as digests, under the installation's key."""
    StaticDevice.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(RECOVERY_CODES)]
    device = StaticDevice.objects.create(user=user, name="recovery")
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(user, code)) for code in codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def codes_left(user: Any) -> int:
    """How many recovery codes have not been used."""
    return StaticToken.objects.filter(device__user=user).count()


@transaction.atomic
def remove(user: Any) -> bool:
    """Takes device and recovery codes away.

    Returns:
        Whether the person had a second factor.
    """
    had = TOTPDevice.objects.filter(user=user, confirmed=True).exists()
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()
    return had


def picture(device: TOTPDevice) -> str:
    """The address that a device reads as a QR code, as SVG to stand in a page: black on white in every display."""
    drawn = segno.make(device.config_url, error="m", micro=False)
    return drawn.svg_inline(scale=4, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=True)


def secret_in_words(device: TOTPDevice) -> str:
    """The secret as it is typed: in groups of four."""
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(user: Any, code: str) -> str:
    """80 bits of an HMAC, in the sixteen letters that there is room for."""
    told = salted_hmac("tracker.web.accounts.second_factor", f"{user.pk}:{code}", algorithm="sha256").digest()
    return b32encode(told[:10]).decode()
