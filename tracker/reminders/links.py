"""The link in a mail by which a State's contact answers without signing in.

Nothing is stored: the link holds the mail's Message-ID and its own last day, and is signed. The same mail on the same
day has the same link, so a mail is sent exactly as it was previewed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.http import base36_to_int, int_to_base36

from tracker.reminders.models import Reminder

# About as long as a ministry needs to write a report; the next reminder has a new link.
VALID_FOR = timedelta(days=180)
_LOCAL_PART = re.compile(r"<([A-Za-z0-9_-]{1,64})@")


@dataclass(frozen=True)
class AnswerLink:
    """The content of a link.

    Attributes:
        mail: the part of the mail's Message-ID before the @.
    """

    mail: str
    last_day: date


def answer_link(message_id: str, rows: Sequence[Reminder], day: date) -> str:
    """The address at which a mail about some reminders can be answered until 180 days after a day.

    Args:
        message_id: of the mail, as `messages.message_id` makes it.

    Returns:
        empty if SITE_URL is not set, or if the mail goes to no contact of a State.

    Raises:
        ValueError: it is not one of our Message-IDs.
    """
    if not settings.SITE_URL or not any(row.contact for row in rows):
        return ""
    found = _LOCAL_PART.match(message_id)
    if not found:
        raise ValueError(f"{message_id} is not one of our Message-IDs")
    return f"{settings.SITE_URL}/answer/{token_of(AnswerLink(found[1], day + VALID_FOR))}/"


def token_of(link: AnswerLink) -> str:
    """The part of the address: letters, digits, hyphens and underscores, separated by two dots."""
    return _signer().sign(f"{link.mail}.{int_to_base36(link.last_day.toordinal())}")


def read(token: str) -> AnswerLink | None:
    """The content of a token, or None if it was not signed by us."""
    try:
        text = _signer().unsign(token)
    except BadSignature:
        return None
    mail, _, day = text.rpartition(".")  # nothing else is signed with this salt
    return AnswerLink(mail, date.fromordinal(base36_to_int(day)))


def _signer() -> Signer:
    # A dot, because some mail programs end an address at a colon.
    return Signer(sep=".", salt="tracker.reminders.links")
