"""Addresses of contacts: requests to confirm them, notices of changes, and doubts about them.

The rows of the ledger follow from contacts, their histories and their confirmations, and are compared with them in each
run; no signal is involved. Where staff approve mail to States, these mails wait for approval too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_noop

from tracker.correspondence.models import ABOUT_ADDRESSES, Confirmation, ConfirmationRule, Dispatch
from tracker.languages.writing import in_words
from tracker.registry.models import Contact
from tracker.registry.stored import StoredText
from tracker.reminders.incoming import bounced
from tracker.reminders.models import WAITING, ReminderState
from tracker.reminders.plan import BY_HAND
from tracker.rules.dates import add_months

# After an upgrade nobody has ever confirmed anything: some 200 contacts are asked within two weeks.
MOST_A_DAY = 20
# A wrong address that is corrected within this time was never used.
SETTLES_IN = timedelta(minutes=10)
# Older changes cause no notice: they were made before an upgrade, or nothing was sent for days.
TOLD_WITHIN = timedelta(days=7)
What = Dispatch.What
CHANGED_SINCE = StoredText(gettext_noop("the contact has changed since"))
CONFIRMED_SINCE = StoredText(gettext_noop("the address has been confirmed since"))


# --- what is known about an address -----------------------------------------------------------------


def with_confirmations(contacts: QuerySet[Contact], day: date) -> QuerySet[Contact]:
    """Contacts with `confirmed_on` (their current address), `known_since` (when it was entered) and `every_months`
    (by the rule of their kind; None without an active one), in the same query."""
    confirmed = (
        Confirmation.objects.annotate(address=Lower("email"))
        .filter(contact=OuterRef("pk"), address=Lower(OuterRef("email")), on__lte=day)
        .order_by("-on")
    )
    entered = (
        Contact.history.annotate(address=Lower("email"))
        .filter(id=OuterRef("pk"), address=Lower(OuterRef("email")))
        .order_by("history_date", "history_id")
    )
    rule = ConfirmationRule.objects.filter(active=True, kind=OuterRef("kind"))
    return contacts.annotate(
        confirmed_on=Subquery(confirmed.values("on")[:1]),
        known_since=Subquery(entered.values("history_date")[:1]),
        every_months=Subquery(rule.values("months")[:1]),
    )


def _last_word(contact: Any) -> date:
    """The day on which the address was last confirmed or entered."""
    entered = timezone.localdate(contact.known_since) if contact.known_since else date.min
    return max(contact.confirmed_on or date.min, entered)


def _is_over(last: date, months: int, day: date) -> bool:
    """Whether so many months have passed since a day; since no day at all, always."""
    return last == date.min or add_months(last, months) <= day


def is_doubtful(contact: Any, day: date) -> bool:
    """Whether the address of a contact `with_confirmations` was not confirmed for longer than its rule allows."""
    return contact.every_months is not None and _is_over(_last_word(contact), contact.every_months, day)


def doubt_of(contact: Any, day: date) -> str:
    """That the address of a contact `with_confirmations` was not confirmed for long, in a sentence; empty if it was.

    Empty also for a contact that is not active, was entered lately, or is of a kind that is not asked.
    """
    if not contact.active or not is_doubtful(contact, day):
        return ""
    if contact.confirmed_on is None:
        return _("Nobody has confirmed this address yet.")
    return _("This address was last confirmed on %(day)s.") % {"day": in_words(contact.confirmed_on)}


def doubts_about(contacts: Iterable[Contact], day: date | None = None) -> dict[int, str]:
    """Why an address is doubtful, in a sentence, by key of the contact; in two queries.

    Args:
        day: None for today.
    """
    those = list(contacts)
    returned = {
        pk: _("Mail to this address has been returned since %(day)s.")
        % {"day": in_words(timezone.localdate(bounce.received_at))}
        for pk, bounce in bounced.open_about(those).items()
    }
    day = day or timezone.localdate()
    rows = with_confirmations(Contact.objects.filter(pk__in=[one.pk for one in those]), day)
    unconfirmed = {one.pk: said for one in rows if (said := doubt_of(one, day))} if those else {}
    return unconfirmed | returned


# --- the ledger -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlannedNotices:
    """What a run has entered in the ledger, or cancelled there."""

    asked: int
    told: int
    cancelled: int


def plan(day: date) -> PlannedNotices:
    """Brings the ledger up to date: cancels what is outdated, asks for confirmations, tells of changes."""
    cancelled = cancel_outdated()
    return PlannedNotices(len(ask_due(day)), len(tell_changes(timezone.now())), cancelled)


def ask_due(day: date, *, most: int = MOST_A_DAY) -> list[Dispatch]:
    """Enters requests to confirm an address; those whose address has been unconfirmed for longest come first.

    Contacts are asked whose kind has an active rule and who were neither asked nor have confirmed within its months.
    For a contact that was never asked, the months run from the day on which its address was entered. Nobody is asked at
    an address from which mail is returned.

    Args:
        most: requests a day, of all runs of the day together.
    """
    left = most - Dispatch.objects.filter(what=What.CONFIRM, planned_on=day).count()
    if left <= 0:
        return []
    asked = Dispatch.objects.filter(what=What.CONFIRM, contact=OuterRef("pk")).order_by("-planned_on")
    contacts: Any = with_confirmations(Contact.objects.filter(active=True), day)
    contacts = contacts.filter(every_months__isnull=False).annotate(
        asked_on=Subquery(asked.values("planned_on")[:1])
    )
    returned = set(bounced.undeliverable())
    due = []
    for contact in contacts:
        last = max(_last_word(contact), contact.asked_on or date.min)
        if contact.email.lower() not in returned and _is_over(last, contact.every_months, day):
            due.append((last, contact.pk, contact))
    return _enter(
        Dispatch(
            what=What.CONFIRM,
            key=f"confirm|{contact.pk}|{day.isoformat()}",
            contact=contact,
            recipient=contact.email,
            recipient_name=contact.name,
            planned_on=day,
            state=_first_state(),
        )
        for _last, _pk, contact in sorted(due, key=lambda one: one[:2])[:left]
    )


def tell_changes(now: datetime) -> list[Dispatch]:
    """Enters the notices of changed addresses, one to the old and one to the new address.

    Compares the histories of contacts with the ledger, so that each way of changing a contact counts. Changes that
    follow one another within ten minutes are one; of a change that was undone nobody is told. More of them at once than
    `MOST_A_DAY`, as after an import, wait for approval in any case.
    """
    changes = [
        change
        for change in _address_changes(now)
        if change.contact.active
        and not change.contact.is_demonstration
        and change.contact.email.lower() == change.after.lower()
    ]
    if not changes:
        return []
    returned = set(bounced.undeliverable())
    rows = (
        Dispatch(
            what=What.CHANGED,
            key=f"changed|{change.version}|{part}",
            contact=change.contact,
            recipient=address,
            recipient_name=change.contact.name if part == "new" else "",
            about={"part": part, "before": change.before, "after": change.after},
            planned_on=timezone.localdate(change.at),
            state=_first_state(),
        )
        for change in changes
        for part, address in (("old", change.before), ("new", change.after))
        if address.lower() not in returned
    )
    return _enter(rows, most=2 * MOST_A_DAY)


@dataclass(frozen=True)
class _AddressChange:
    """Attributes:
    version: the key of its last row in the history.
    """

    contact: Contact
    version: int
    before: str
    after: str
    at: datetime


def _address_changes(now: datetime) -> Iterator[_AddressChange]:
    """The changes of addresses within the last days, each with the corrections that followed at once."""
    versions = Contact.history.model.objects
    lately = versions.filter(history_date__gt=now - TOLD_WITHIN, history_type="~").order_by().values("id")
    contacts = Contact.objects.select_related("state").in_bulk(list(lately.values_list("id", flat=True)))
    rows = versions.filter(id__in=list(contacts)).order_by("id", "history_date", "history_id")
    for pk, several in groupby(rows.only("id", "email", "history_date", "history_id"), lambda row: row.id):
        before, last = "", None
        for row in several:
            if last is not None and row.history_date - last.history_date > SETTLES_IN:
                yield from _change(contacts[pk], before, last, now)
                before = last.email
            last = row
        if last is not None and now - last.history_date > SETTLES_IN:
            yield from _change(contacts[pk], before, last, now)


def _change(contact: Contact, before: str, last: Any, now: datetime) -> Iterator[_AddressChange]:
    if before and before.lower() != last.email.lower() and now - last.history_date < TOLD_WITHIN:
        yield _AddressChange(contact, last.history_id, before, last.email, last.history_date)


def cancel_outdated() -> int:
    """Cancels what has not been sent and need not be any more; returns how many rows."""
    later = Confirmation.objects.filter(contact=OuterRef("contact"), on__gte=OuterRef("planned_on"))
    waiting = Dispatch.objects.filter(what__in=ABOUT_ADDRESSES, state__in=WAITING)
    count = 0
    for row in waiting.select_related("contact").annotate(is_confirmed=Exists(later)):
        address = row.recipient if row.what == What.CONFIRM else row.about["after"]
        contact = row.contact
        if contact is None or not contact.active or contact.email.lower() != address.lower():
            reason = CHANGED_SINCE()
        elif row.what == What.CONFIRM and row.is_confirmed:
            reason = CONFIRMED_SINCE()
        else:
            continue
        count += waiting.filter(pk=row.pk).update(state=ReminderState.CANCELLED, reason=reason)
    return count


def _first_state() -> ReminderState:
    return ReminderState.HELD if settings.REMINDERS_APPROVAL == BY_HAND else ReminderState.PLANNED


def _enter(rows: Iterable[Dispatch], *, most: int | None = None) -> list[Dispatch]:
    """Enters the rows that are not in the ledger; another process may do the same at this moment.

    Args:
        most: more rows than these wait for approval in any case.
    """
    wanted = {row.key: row for row in rows}
    known = set(Dispatch.objects.filter(key__in=wanted).values_list("key", flat=True)) if wanted else set()
    new = [row for key, row in wanted.items() if key not in known]
    if most is not None and len(new) > most:
        for row in new:
            row.state = ReminderState.HELD
    Dispatch.objects.bulk_create(new, ignore_conflicts=True)
    entered = Dispatch.objects.filter(key__in=[row.key for row in new]).select_related("contact__state")
    return list(entered.order_by("pk")) if new else []


# --- what people do ---------------------------------------------------------------------------------


def approve(rows: QuerySet[Dispatch], *, by: str) -> list[int]:
    """Lets mails that wait for approval be sent with the next run; returns their keys."""
    return _move(rows, (ReminderState.HELD,), ReminderState.PLANNED, by)


def hold(rows: QuerySet[Dispatch], *, by: str) -> list[int]:
    """Takes back the approval of mails that have not been sent; returns their keys."""
    return _move(rows, (ReminderState.PLANNED, ReminderState.FAILED), ReminderState.HELD, by)


def cancel(rows: QuerySet[Dispatch], *, by: str) -> list[int]:
    """Cancels mails that have not been sent; returns their keys. A contact counts as asked."""
    return _move(rows, WAITING, ReminderState.CANCELLED, by)


def _move(
    rows: QuerySet[Dispatch], among: tuple[ReminderState, ...], to: ReminderState, by: str
) -> list[int]:
    mine = rows.filter(what__in=ABOUT_ADDRESSES, state__in=among)
    keys = list(mine.values_list("pk", flat=True))
    return [pk for pk in keys if mine.filter(pk=pk).update(state=to, decided_by=by, reason="")]


def confirm(contact: Contact, *, how: str, on: date, source: str = "", by: str = "") -> Confirmation:
    """Records that somebody confirmed the data of a contact; the same on one day is recorded once.

    Args:
        how: one of `Confirmation.How`.
        by: the user name; empty for the contact itself.
    """
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=contact.pk)  # two clicks at once are one confirmation
        known, _new = Confirmation.objects.get_or_create(
            contact=contact, email=contact.email, on=on, how=how, source=source, defaults={"by": by}
        )
    return known
