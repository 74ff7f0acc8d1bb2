"""The link in a mail by which a contact confirms its data, or asks for a change, without signing in.

Nothing is stored: the link holds the key of the request and its own last day, and is signed. An answer that asks for a
change creates a task for staff and changes no record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils import timezone
from django.utils.http import base36_to_int, int_to_base36

from tracker.correspondence import addresses
from tracker.correspondence.models import Confirmation, Dispatch
from tracker.registry.models import Contact
from tracker.reminders import answers
from tracker.reminders.models import StaffTask, digest_of

VALID_FOR = timedelta(days=180)


@dataclass(frozen=True)
class Confirmable:
    """The request that a link belongs to.

    Attributes:
        contact: None if the link can no longer be used.
    """

    request: Dispatch
    contact: Contact | None


def confirm_link(request: Dispatch, day: date) -> str:
    """The address at which a request sent on a day can be answered; empty if SITE_URL is not set."""
    if not settings.SITE_URL:
        return ""
    return f"{settings.SITE_URL}/confirm/{token_of(request.pk, day + VALID_FOR)}/"


def token_of(request: int, last_day: date) -> str:
    """The part of the address: letters, digits, hyphens and underscores, separated by two dots."""
    return _signer().sign(f"{int_to_base36(request)}.{int_to_base36(last_day.toordinal())}")


def find(token: str, day: date) -> Confirmable | None:
    """The request that a token belongs to, or None if we did not sign it or the request was never handed over.

    A link ends after its last day, when staff have closed the mail for answers, and when the contact was deleted, is no
    longer active or has another address, because somebody else may read the mailbox then.
    """
    try:
        key, _dot, last_day = _signer().unsign(token).partition(".")
    except BadSignature:
        return None
    asked = Dispatch.objects.filter(pk=base36_to_int(key), what=Dispatch.What.CONFIRM, mail__isnull=False)
    request = asked.select_related("contact__state__desk_officer", "mail").first()
    if request is None:
        return None
    contact, mail = request.contact, request.mail
    is_open = (
        contact is not None
        and mail is not None
        and mail.answers_closed_at is None
        and contact.active
        and contact.email.lower() == request.recipient.lower()
        and day <= date.fromordinal(base36_to_int(last_day))
    )
    return Confirmable(request, contact if is_open else None)


def confirm(request: Dispatch, contact: Contact, day: date) -> None:
    """Records that the contact has confirmed its data."""
    addresses.confirm(contact, how=Confirmation.How.LINK, on=day)


def ask_for_change(
    request: Dispatch, contact: Contact, *, answer: str, proposed: Mapping[str, str], said: str
) -> StaffTask | None:
    """Creates the task about an answer; None if the same was answered before on this day.

    Args:
        answer: DATA if the data of the contact have changed, WRONG if another one should be written to.
        proposed: the values of the contact's form, by field.

    Raises:
        answers.TooMany: the request was answered too often within a day.
    """
    mail = request.mail
    assert mail is not None  # noqa: S101 - `find` has looked
    now = timezone.now()
    cause = digest_of(f"{request.key} {answer} {sorted(proposed.items())} {said} {timezone.localdate(now)}")
    with transaction.atomic():
        if not answers.is_new(mail, cause, now):
            return None
        return StaffTask.objects.create(
            kind=StaffTask.Kind.ANSWER,
            cause=cause,
            state=contact.state,
            contact=contact,
            mail=mail,
            answer=answer,
            proposed=dict(proposed),
            said=said,
        )


def _signer() -> Signer:
    return Signer(sep=".", salt="tracker.correspondence.address_links")
