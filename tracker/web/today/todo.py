"""What to do first: the work that waits for a person, in the order in which to do it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _, ngettext

from tracker.consideration.life import reports_to_check
from tracker.correspondence.models import ABOUT_ADDRESSES, Direction, Dispatch, Paper, PaperStatus
from tracker.obligations.queries.sessions import awaiting_outcome
from tracker.obligations.queries.uncertain import uncertain_facts, waiting_dates
from tracker.obligations.second_person import CONFIRM
from tracker.registry import limits
from tracker.reminders.attention import open_tasks
from tracker.reminders.models import Reminder, ReminderState, StaffTask
from tracker.rules.life import ReportStage
from tracker.web.today.news import INCOMING
from tracker.web.ui.addresses import list_at
from tracker.web.ui.filters import EVERY_DESK

SETTLE = "reminders.change_stafftask"
DISPATCH = "correspondence.dispatch_paper"
_FACTS = ("weak_actions", "weak_days", "weak_reviews", "weak_dates", "weak_reports")


class Todo(NamedTuple):
    """Work that waits.

    Attributes:
        whose: whom it waits for, if the user may not do it; else empty.
        every_desk: its list has no desks, so it shows more than the user's own.
    """

    text: str
    address: str
    whose: str = ""
    every_desk: bool = False


def waiting_rows(states: Collection[str] | None, today: date) -> dict[str, QuerySet[Any]]:
    """The rows that wait for a person, by name.

    Args:
        states: only about these, where the list has desks; None for all.
    """
    tasks, held = open_tasks(), Reminder.objects.filter(state=ReminderState.HELD)
    papers = Paper.objects.filter(direction=Direction.OUT)
    mails = Dispatch.objects.filter(state=ReminderState.HELD, what__in=ABOUT_ADDRESSES)
    checks = reports_to_check(today)
    if states is not None:
        checks = checks.filter(state__in=states)
        tasks, held = tasks.filter(state__in=states), held.filter(obligation__state__in=states)
        papers, mails = papers.filter(state__in=states), mails.filter(contact__state__in=states)
    facts = dict(zip(_FACTS, uncertain_facts(), strict=True))
    return (
        {f"open_{kind.value}": tasks.filter(kind=kind) for kind in INCOMING}
        | {"held": held, "held_addresses": mails, "second": waiting_dates()}
        | {"to_check": checks, "sessions": awaiting_outcome(today)}
        | {one: papers.filter(status=one) for one in (PaperStatus.DRAFT.value, PaperStatus.INITIALLED.value)}
        | facts
    )


def todo(user: Any, counted: Mapping[str, int], *, no_record: int, desk: str) -> list[Todo]:
    """What waits, the most urgent first; what the user may not do comes last.

    Mail that failed, and a scan that has stopped, are not in it: the notice above every page says that.

    Args:
        counted: the numbers of `waiting_rows`.
        no_record: the number of reports without record; the page says it elsewhere.
        desk: of the lists; empty for no filter.
    """
    answers, messages, returned, held, second = (
        counted[name] for name in ("open_answer", "open_message", "open_bounce", "held", "second")
    )
    addresses = counted["held_addresses"]
    checks = counted["to_check"]
    drafts, initialled = counted[PaperStatus.DRAFT], counted[PaperStatus.INITIALLED]
    weak = sum(counted[name] for name in _FACTS)
    editor, approver = _("for an Editor"), _("for an Approver")
    ended, ended_list = counted["sessions"], list_at("sessions", outcome="open")

    def tasks(kind: StaffTask.Kind) -> str:
        return list_at("tasks", standing="open", kind=kind.value, desk=desk)

    each = (
        (
            answers,
            ngettext("%(n)d answer by link to read", "%(n)d answers by link to read", answers),
            tasks(StaffTask.Kind.ANSWER),
            (SETTLE, editor),
        ),
        (
            messages,
            ngettext("%(n)d message to read", "%(n)d messages to read", messages),
            tasks(StaffTask.Kind.MESSAGE),
            (SETTLE, editor),
        ),
        (
            returned,
            ngettext(
                "%(n)d mail returned: check its address",
                "%(n)d mails returned: check their addresses",
                returned,
            ),
            tasks(StaffTask.Kind.BOUNCE),
            (SETTLE, editor),
        ),
        (
            held,
            ngettext("%(n)d reminder to approve", "%(n)d reminders to approve", held),
            list_at("reminders", state=ReminderState.HELD.value, desk=desk),
            ("reminders.change_reminder", approver),
        ),
        (
            initialled,
            ngettext("%(n)d paper to dispatch", "%(n)d papers to dispatch", initialled),
            list_at("correspondence", status=PaperStatus.INITIALLED.value, desk=desk),
            (DISPATCH, ""),
        ),
        (
            checks,
            ngettext(
                "%(n)d report to check against the guidelines",
                "%(n)d reports to check against the guidelines",
                checks,
            ),
            list_at("submissions", next=ReportStage.CHECKED.value, desk=desk),
            ("consideration.add_checklist", editor),
        ),
        (
            ended,
            ngettext(
                "%(n)d session has ended: was it held?", "%(n)d sessions have ended: were they held?", ended
            ),
            ended_list,
            # A session is on no single desk.
            (limits.UNLIMITED, _("for an Administrator"))
            if limits.is_limited(user)
            else ("obligations.change_committeesession", editor),
        ),
        (
            drafts,
            ngettext("%(n)d paper to initial", "%(n)d papers to initial", drafts),
            list_at("correspondence", status=PaperStatus.DRAFT.value, desk=desk),
            (DISPATCH, ""),
        ),
        (
            addresses,
            ngettext(
                "%(n)d mail about an address to approve", "%(n)d mails about addresses to approve", addresses
            ),
            list_at("addresses", state=ReminderState.HELD.value, desk=desk),
            (DISPATCH, approver),
        ),
        (
            second,
            ngettext(
                "%(n)d date of the Committee to confirm as the second person",
                "%(n)d dates of the Committee to confirm as the second person",
                second,
            ),
            reverse("dates-to-confirm"),
            (CONFIRM, approver),
        ),
        (
            no_record,
            _("Reports without record: confirm whether they were received"),
            list_at("to-confirm", desk=desk),
            ("obligations.add_nonreceipt", editor),
        ),
        (
            weak,
            ngettext(
                "%(n)d record with a weak source to confirm",
                "%(n)d records with a weak source to confirm",
                weak,
            ),
            reverse("days-to-confirm"),
            ("obligations.change_committeedate", editor),
        ),
    )
    without_desks = {reverse("dates-to-confirm"), reverse("days-to-confirm"), ended_list}
    found = [
        Todo(
            text % {"n": n},
            address,
            whose="" if user.has_perm(permission) else other,
            every_desk=bool(desk) and desk != EVERY_DESK and address in without_desks,
        )
        for n, text, address, (permission, other) in each
        # What says nobody for whom it waits is shown to those alone who may do it.
        if n and (other or user.has_perm(permission))
    ]
    return sorted(found, key=lambda one: bool(one.whose))
