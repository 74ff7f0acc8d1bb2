"""What is new since the user's last visit: reports that became overdue, were recorded, mail and answers that came."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from tracker.obligations.models import InformationRequest, Obligation, Submission
from tracker.obligations.queries.received import recorded_since
from tracker.reminders.models import StaffTask
from tracker.rules.status import Status
from tracker.web.models import Visit
from tracker.web.ui.addresses import list_at


class Line(NamedTuple):
    """A sentence that a list proves."""

    text: str
    address: str


# Everything that came in, by the kind of the task that it became.
INCOMING = (StaffTask.Kind.ANSWER, StaffTask.Kind.MESSAGE, StaffTask.Kind.BOUNCE)


def visit_before(user: Any) -> datetime | None:
    """The minute in which the user's visit before this one ended; None on the first visit. One query."""
    ended = Visit.objects.filter(pk=user.pk).values_list("before", flat=True).first()
    return ended.replace(second=0, microsecond=0) if ended else None


def rows_since(moment: datetime, today: date, states: Collection[str] | None) -> dict[str, QuerySet[Any]]:
    """The rows that are new since a moment, by name.

    Args:
        states: only about these; None for all.
    """
    overdue = Obligation.objects.standing(Status.OVERDUE, today, today=today)
    # A report is overdue from the day after its due date on.
    found: dict[str, QuerySet[Any]] = {
        "overdue": overdue.filter(due__gte=timezone.localdate(moment)),
        "recorded": Submission.objects.known_on(today).filter(recorded_since(moment)),
        "replies": InformationRequest.objects.filter(
            received_on__gte=timezone.localdate(moment), received_on__lte=today
        ),
    }
    tasks = StaffTask.objects.filter(created_at__gte=moment)
    found |= {kind.value: tasks.filter(kind=kind) for kind in INCOMING}
    if states is None:
        return found
    return {name: rows.filter(state__in=states) for name, rows in found.items()}


def lines(counted: Mapping[str, int], moment: datetime, desk: str) -> list[Line]:
    """The sentences about what is new, each with the address of its list; nothing about what did not happen.

    Args:
        counted: the numbers of `rows_since`.
        desk: of the lists.
    """
    day, since = timezone.localdate(moment).isoformat(), moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    said = {
        "overdue": (
            ngettext("%(n)d report became overdue", "%(n)d reports became overdue", counted["overdue"]),
            list_at("obligations", status=Status.OVERDUE.value, due_from=day, desk=desk),
        ),
        "recorded": (
            ngettext("%(n)d report was recorded", "%(n)d reports were recorded", counted["recorded"]),
            list_at("submissions", recorded_from=since, desk=desk),
        ),
        "replies": (
            ngettext(
                "%(n)d reply of a State was received",
                "%(n)d replies of States were received",
                counted["replies"],
            ),
            list_at("follow-up", replied_from=day, desk=desk),
        ),
        StaffTask.Kind.ANSWER.value: (
            ngettext("%(n)d answer by link came", "%(n)d answers by link came", counted["answer"]),
            _came(StaffTask.Kind.ANSWER, since, desk),
        ),
        StaffTask.Kind.MESSAGE.value: (
            ngettext("%(n)d message came", "%(n)d messages came", counted["message"]),
            _came(StaffTask.Kind.MESSAGE, since, desk),
        ),
        StaffTask.Kind.BOUNCE.value: (
            ngettext("%(n)d mail was returned", "%(n)d mails were returned", counted["bounce"]),
            _came(StaffTask.Kind.BOUNCE, since, desk),
        ),
    }
    return [
        Line(text % {"n": counted[name]}, address) for name, (text, address) in said.items() if counted[name]
    ]


def _came(kind: StaffTask.Kind, since: str, desk: str) -> str:
    return list_at("tasks", kind=kind.value, since=since, desk=desk)
