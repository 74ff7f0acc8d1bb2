"""The link in a mail to a State's contact by which it is answered without signing in.

Nothing is stored for it: it names the mail and its own last day, and is signed. The same mail on the same day has
the same link, so what a person reads before it goes is what goes.
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

# Half a year: about as long as a ministry needs for a report, and the next reminder brings a link of its own.
VALID_FOR = timedelta(days=180)
_LOCAL_PART = re.compile(r"<([A-Za-z0-9_-]{1,64})@")


@dataclass(frozen=True)
class Link:
    """What a link says.

    Attributes:
        mail: the part of the mail's Message-ID before the @.
    """

    mail: str
    last_day: date


def answer_link(message_id: str, rows: Sequence[Reminder], day: date) -> str:
    """The address at which a mail about some reminders can be answered up to 180 days after a day.

    Args:
        message_id: of the mail, as `messages.message_id` makes it.

    Returns:
        nothing where SITE_URL is not set, or the mail goes to no contact of a State.

    Raises:
        ValueError: no Message-ID of ours.
    """
    if not settings.SITE_URL or not any(row.contact for row in rows):
        return ""
    found = _LOCAL_PART.match(message_id)
    if not found:
        raise ValueError(f"{message_id} is no Message-ID of ours")
    return f"{settings.SITE_URL}/answer/{token_of(Link(found[1], day + VALID_FOR))}/"


def token_of(link: Link) -> str:
    """A link as a part of an address, of letters, digits, hyphens and underscores with two points between them."""
    return _signer().sign(f"{link.mail}.{int_to_base36(link.last_day.toordinal())}")


def read(token: str) -> Link | None:
    """What a token says, if it is one of ours; None for anything else."""
    try:
        said = _signer().unsign(token)
    except BadSignature:
        return None
    mail, _, day = said.rpartition(".")  # nothing else is signed with this salt
    return Link(mail, date.fromordinal(base36_to_int(day)))


def _signer() -> Signer:
    # The point: the usual colon ends an address in some mail programs.
    return Signer(sep=".", salt="tracker.reminders.links")
