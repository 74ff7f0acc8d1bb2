"""The list of States: its table and its filter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters as filters
import django_tables2 as tables
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.writing import in_words, with_commas
from tracker.obligations.models import Kind, Obligation
from tracker.obligations.queries.standings import (
    OUTSIDE,
    STANDINGS,
    Alike,
    by_state,
    by_state_on,
    standings_on,
)
from tracker.obligations.wording import STATUS_LABELS
from tracker.registry.models import State, TreatyAction
from tracker.rules.entry_into_force import ActionKind, TreatyCode
from tracker.rules.facts import Facts
from tracker.rules.status import Status
from tracker.web.ui.as_of import day_of, opsc_on
from tracker.web.ui.columns import DayColumn, RegionColumn, StateColumn
from tracker.web.ui.filters import (
    ChipSet,
    DayFilter,
    DeskFilter,
    RegionFilter,
    SeveralFilter,
    YearsFilter,
    named,
    names_of,
    values_sent,
)
from tracker.web.ui.lists import DayListPage
from tracker.web.ui.tables import DayTable, status_badge


class ParticipationChoice(models.TextChoices):
    """The participation of a State in the OPSC."""

    PARTY = "party", gettext_lazy("State party")
    SIGNATORY = "signatory", gettext_lazy("signatory")
    WAITING = "waiting", gettext_lazy("signatory, not a party")
    OUTSIDE = "outside", gettext_lazy("neither signatory nor party")


class StateFilter(ChipSet):
    """States by desk, name, group, participation, worst status, and reports overdue or due."""

    desk = DeskFilter(to_state="")
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    region = RegionFilter(field_name="region")
    participation = SeveralFilter(
        label=gettext_lazy("Participation"), choices=ParticipationChoice, method="filter_participation"
    )
    standing = SeveralFilter(
        label=gettext_lazy("Worst status"), choices=list(STANDINGS.items()), method="filter_standing"
    )
    # About one report of the State, which `filter_queryset` looks for.
    overdue_over = YearsFilter(label=gettext_lazy("Overdue for more than, years"), method="unchanged")
    overdue_up_to = YearsFilter(label=gettext_lazy("Overdue for at most, years"), method="unchanged")
    due_from = DayFilter(label=gettext_lazy("Report due from"), method="unchanged")
    due_until = DayFilter(label=gettext_lazy("Report due until"), method="unchanged")
    phrases: ClassVar[dict[str, Any]] = {
        "participation": gettext_lazy("%(values)s"),
        "standing": gettext_lazy("with the worst status %(values)s"),
        "overdue_over": gettext_lazy("with a report overdue for more than %(values)s"),
        "overdue_up_to": gettext_lazy("with a report overdue for at most %(values)s"),
        "due_from": gettext_lazy("with a report due from %(values)s"),
        "due_until": gettext_lazy("with a report due until %(values)s"),
    }

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the name, however spelled, or the code as a whole."""
        return queryset.filter(pk__in=named(self.request, value))

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """With one report that has all that is asked of a report; one without an answer, as of the day."""
        found, chosen = super().filter_queryset(queryset), self.form.cleaned_data
        over, up_to = chosen["overdue_over"], chosen["overdue_up_to"]
        due = {
            f"due__{how}": chosen[name]
            for name, how in (("due_from", "gte"), ("due_until", "lte"))
            if chosen[name]
        }
        if over is up_to is None and not due:
            return found
        day, today = day_of(self.request), timezone.localdate()
        reports: Any = Obligation.objects.unanswered(day, today=today).filter(then_waived=False, **due)
        if not over is up_to is None:
            reports = reports.overdue_for(day, over=over, up_to=up_to)
        return found.filter(pk__in=reports.order_by().values("state"))

    def filter_standing(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """By the worst status of the State on the as-of day, as on the tile map."""
        day = day_of(self.request)
        known = standings_on(day, opsc_on(self.request), today=timezone.localdate())
        if OUTSIDE in value:  # the others may have no row at all
            return queryset.exclude(pk__in=[state for state, one in known.items() if one not in value])
        return queryset.filter(pk__in=[state for state, one in known.items() if one in value])

    def filter_participation(self, queryset: QuerySet[Any], name: str, value: list[str]) -> QuerySet[Any]:
        """By participation in the OPSC on the as-of day."""
        day, known = day_of(self.request), opsc_on(self.request)
        signed = {state for state, facts in known.items() if facts.signed_on(TreatyCode.OPSC)}
        parties = {state for state, facts in known.items() if facts.is_party(TreatyCode.OPSC, day)}
        of_choice = {
            ParticipationChoice.PARTY.value: Q(pk__in=parties),
            ParticipationChoice.SIGNATORY.value: Q(pk__in=signed),
            ParticipationChoice.WAITING.value: Q(pk__in=signed - parties),
            ParticipationChoice.OUTSIDE.value: ~Q(pk__in=signed | parties),
        }
        return queryset.filter(reduce(or_, (of_choice[one] for one in value)))


class StateTable(DayTable):
    """States with their participation and next due date."""

    then = ("state__in_order",)
    state = StateColumn(order_by=("state__in_order", "state__pk"))
    iso3 = tables.Column(
        gettext_lazy("Alpha-3"), accessor="state__pk", order_by=("state__pk",), visible=False
    )
    region = RegionColumn("state__in_order")
    joined_how = tables.Column(gettext_lazy("Participation"))
    joined_on = DayColumn(gettext_lazy("Since"))
    in_force = DayColumn(gettext_lazy("In force"))
    next_due = DayColumn(gettext_lazy("Next due"))
    overdue = tables.Column(
        gettext_lazy("Overdue"), attrs={"td": {"class": "number"}, "th": {"class": "number"}}
    )
    worst = tables.Column(
        gettext_lazy("Initial report"),
        accessor="initial",
        order_by=("initial__status", "initial__due", "state__in_order"),
    )
    exported_with = {"state": ("iso3",)}

    class Meta:
        order_by = "state"

    def render_in_force(self, value: date, record: Any) -> str:
        shown = in_words(value)
        notes = []
        if record.differs:
            notes.append(_("differs from the rule"))
        if record.to_be_confirmed:
            notes.append(_("to be confirmed"))
        return format_html("{}<small>{}</small>", shown, with_commas(notes)) if notes else shown

    def value_in_force(self, value: date) -> date:
        return value

    def render_overdue(self, value: int) -> Any:
        return value or "—"

    def value_overdue(self, value: int) -> int:
        return value

    def render_worst(self, value: Any) -> str:
        return status_badge(value.status, value.due, value.received_on, self.day)

    def value_worst(self, value: Any) -> str:
        return str(STATUS_LABELS[value.status])


@dataclass(frozen=True)
class StateRow:
    """A row of the list of States."""

    state: State
    joined_how: str | None
    joined_on: date | None
    in_force: date | None
    differs: bool
    to_be_confirmed: bool
    next_due: date | None
    overdue: int
    initial: Alike | None


def state_rows(states: Iterable[State], facts: dict[str, Facts], day: date) -> list[StateRow]:
    """One row for each State, from the facts known on the day and its obligations."""
    states = list(states)
    owed = by_state(by_state_on(day, today=timezone.localdate(), states=[state.pk for state in states]))
    return [_state_row(state, facts.get(state.pk, Facts()), owed.get(state.pk, []), day) for state in states]


def _state_row(state: State, facts: Facts, owed: list[Alike], day: date) -> StateRow:
    membership = facts.membership(TreatyCode.OPSC)
    signed_on = facts.signed_on(TreatyCode.OPSC)
    how: str | None = ActionKind.SIGNATURE.value if signed_on else None
    since = signed_on
    if membership is not None:
        how, since = membership.joined.kind, membership.joined.day
        if membership.ends_on and membership.ends_on <= day:
            how, since = ActionKind.DENUNCIATION.value, membership.ends_on
    upcoming = [row.due for row in owed if row.due and row.status in (Status.DUE_SOON, Status.NOT_YET_DUE)]
    initial = next((row for row in owed if row.kind == Kind.INITIAL), None)
    return StateRow(
        state,
        str(TreatyAction.Kind(how).label) if how else None,
        since,
        membership.in_force.day if membership else None,
        membership.in_force.differs if membership else False,
        membership.in_force.to_be_confirmed if membership else False,
        min(upcoming, default=None),
        sum(row.number for row in owed if row.status == Status.OVERDUE),
        initial,
    )


class StateList(DayListPage):
    """`/states/`: every State with its participation and next due date."""

    table_class = StateTable
    filterset_class = StateFilter
    template_name = "web/states/state_list.html"
    export_name = "states"
    rows_on_a_page = 100

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """`go` leads straight to the State whose code or whole name was typed; bookmarks have it."""
        if "go" not in request.GET:
            return super().get(request, *args, **kwargs)
        query = request.GET.copy()
        query.pop("go")
        iso3 = names_of(request).in_full(query.get("q", ""))
        if iso3 is None:
            return redirect(f"{request.path}?{query.urlencode()}")
        query.pop("q")
        return redirect(reverse("state", args=[iso3], query=query))

    def get_queryset(self) -> QuerySet[State]:
        return State.objects.all()

    def get_table_kwargs(self) -> dict[str, Any]:
        """Links to a State carry the filters, so that its page can lead on to the next one of the list."""
        chosen = [
            (name, value)
            for name in self.filterset_class.base_filters
            for value in values_sent(self.request.GET, name)
        ]
        known = super().get_table_kwargs()
        if chosen:
            onward = urlencode({"list": urlencode(chosen)})
            known["as_of_query"] += f"&{onward}" if known["as_of_query"] else f"?{onward}"
        return known

    def get_table_data(self) -> list[StateRow]:
        return state_rows(self.object_list, opsc_on(self.request), day_of(self.request))
