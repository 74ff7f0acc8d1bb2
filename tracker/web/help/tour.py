"""A tour in five steps on the office's own data. The step is in the address, so it is left by leaving the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import Obligation
from tracker.registry.models import State
from tracker.rules.status import Status

STEP = "tour"  # in the query
STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("home", _("Today shows what needs action. Each figure leads to the list that it counts.")),
    (
        "state",
        _("A State that owes a report: at the top what is awaited and since when, below it all records."),
    ),
    ("why", _("Every due date explains itself: each step with its article or document.")),
    (
        "reminders",
        _("The reminders to States. Where mail needs approval, it waits here; nobody is written to twice."),
    ),
    ("record", _("A report has come in? Record it here. You see what changes before anything is saved.")),
)


@dataclass(frozen=True)
class TourBand:
    """The band on a page of the tour.

    Attributes:
        onward, back: the addresses of the next and the previous step; empty at the ends.
        leave: the address of the page without the tour.
    """

    number: int
    of: int
    says: str | Promise
    onward: str
    back: str
    leave: str


def start() -> str:
    """The address of the first step."""
    return f"{reverse('home')}?{STEP}=1"


def band(request: HttpRequest) -> TourBand | None:
    """The band for a page of the tour; None on any other page."""
    step, match = request.GET.get(STEP, ""), request.resolver_match
    number = int(step) if step in {str(n + 1) for n in range(len(STEPS))} else 0
    if not number or match is None or match.url_name != STEPS[number - 1][0]:
        return None
    left = request.GET.copy()
    left.pop(STEP)
    query = left.urlencode()
    return TourBand(
        number,
        len(STEPS),
        STEPS[number - 1][1],
        _address(number + 1) if number < len(STEPS) else "",
        _address(number - 1) if number > 1 else "",
        f"{request.path}?{query}" if query else request.path,
    )


def _address(number: int) -> str:
    name = STEPS[number - 1][0]
    arguments: list[Any] = []
    if name in ("state", "why"):
        report = _example()
        if report is not None:
            arguments = [report.state_id if name == "state" else report.pk]
        elif name == "state" and (state := State.objects.first()) is not None:
            arguments = [state.pk]
        else:
            return _address(number + 1)  # nothing is recorded that the step could show
    return f"{reverse(name, args=arguments)}?{STEP}={number}"


def _example() -> Obligation | None:
    """The report that has been overdue longest, or else the next that falls due."""
    today = timezone.localdate()
    owed: Any = Obligation.objects.as_of(today, today=today)
    for status in (Status.OVERDUE, Status.DUE_SOON, Status.NOT_YET_DUE):
        if found := owed.with_status(status, today).order_by("due", "pk").first():
            return found
    return None
