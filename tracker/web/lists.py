"""The lists: one machine for all of them, and what each shows. Their whole state is their address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin
from django_tables2.export.views import ExportMixin

from tracker.obligations.models import Kind, Obligation
from tracker.obligations.queries.standings import Alike, by_state, by_state_on, owed_on
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import Contact, State, TreatyAction
from tracker.reminders import outbox, send
from tracker.reminders.models import Reminder, ReminderState
from tracker.reminders.outbox import FROM, What
from tracker.rules.entry_into_force import ActionKind, TreatyCode
from tracker.rules.facts import Facts
from tracker.rules.status import OPEN, Status
from tracker.web import exports
from tracker.web.addresses import WHOLE
from tracker.web.filters import EVERY_DESK, ObligationFilter, ReminderFilter, StateFilter, has_desk, names_of
from tracker.web.models import SavedView
from tracker.web.paging import EXACT_TO, PAGE_SIZES, Pages
from tracker.web.tables import ObligationTable, ReminderTable, StateTable
from tracker.web.ui.as_of import day_of, opsc_on, values_without
from tracker.web.undo import keys_sent, with_undo_at_once


@dataclass(frozen=True)
class Choice:
    """A column that can be shown or not.

    Attributes:
        earlier, later: the query that moves a shown column one place; empty where it cannot move.
    """

    name: str
    label: str
    shown: bool
    earlier: str = ""
    later: str = ""


class ListPage(SingleTableMixin, ExportMixin, FilterView):
    """A list with filters, a table and exports; its whole state is its address.

    Only columns and rows per page may be kept for a person and stay out of the address: they hide no row.
    """

    export_class = exports.Export
    export_formats = exports.FORMATS
    strict = True
    rows_on_a_page = 50

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Begins with one's own desk where one has one and asks for nothing in particular."""
        asked = self.filterset_class.base_filters.keys() & request.GET.keys()
        if "desk" in self.filterset_class.base_filters and not asked and has_desk(request):
            query = request.GET.copy()
            query["desk"] = request.user.get_username()
            return redirect(f"{request.path}?{query.urlencode()}")
        return super().get(request, *args, **kwargs)

    @property
    def page_name(self) -> str:
        """The name of the list's address, under which views of it are kept."""
        return str(self.request.resolver_match.url_name)

    @cached_property
    def views(self) -> list[SavedView]:
        """What the person keeps of this list, in one query."""
        return list(SavedView.objects.filter(owner=self.request.user, page=self.page_name))

    def _kept(self, name: str) -> list[str]:
        """How the list begins for the person."""
        return next((view.values(name) for view in self.views if not view.name), [])

    # --- columns ---

    @cached_property
    def offered(self) -> dict[str, str]:
        """The columns that can be shown or not, in the order of the table, with their headers."""
        columns = self.table_class.base_columns
        left_out = self.get_table_kwargs().get("exclude", ())
        return {
            name: str(columns[name].header or columns[name].verbose_name)
            for name in self._order()
            if not columns[name].exclude_from_export and name not in left_out
        }

    def _order(self) -> list[str]:
        """All columns in the order in which the list is made."""
        return list(self.table_class._meta.sequence or self.table_class.base_columns)

    @cached_property
    def shown(self) -> list[str]:
        """The columns shown, in their order: as the address says, else as kept, else as the list is made."""
        for asked in (self.request.GET.getlist("column"), self._kept("column")):
            if chosen := [name for name in dict.fromkeys(asked) if name in self.offered]:
                return chosen
        return [name for name in self.offered if self.table_class.base_columns[name].visible]

    def get_table(self, **kwargs: Any) -> Any:
        """The table with the columns chosen; those with buttons stay where they are."""
        first = [name for name in self._order()[:1] if name not in self.offered]
        # What a cell tells beside its own column goes along into a file, right after it.
        told = getattr(self.table_class, "told_along", {})
        along = {one for name in self.shown for one in told.get(name, ()) if one not in self.shown}
        each = [
            one for name in self.shown for one in (name, *told.get(name, ())) if one == name or one in along
        ]
        table = super().get_table(sequence=[*first, *dict.fromkeys(each), "..."], **kwargs)
        for bound in table.columns.iterall():
            if bound.name in self.offered:
                bound.column.visible = bound.name in self.shown
                bound.column.exclude_from_export = not bound.column.visible and bound.name not in along
        return table

    def choices(self) -> list[Choice]:
        """The columns for the person to choose from: the shown ones in their order, then the others."""
        rest = urlencode(values_without(self.request, "column", "page", "_export"))
        begin = f"?{rest}&" if rest else "?"

        def moved(at: int) -> str:
            names = _swapped(self.shown, at)
            return begin + "&".join(f"column={name}" for name in names) if names else ""

        shown = [
            Choice(name, self.offered[name], True, moved(at - 1), moved(at))
            for at, name in enumerate(self.shown)
        ]
        return shown + [
            Choice(name, label, False) for name, label in self.offered.items() if name not in self.shown
        ]

    # --- pages and exports ---

    @property
    def is_export(self) -> bool:
        """Whether the rows are asked for as a file."""
        return exports.is_wanted(self.request.GET.get("_export", ""))

    def get_table_pagination(self, table: Any) -> dict[str, Any] | bool:
        if self.is_export:
            return False
        # The table cuts the pages, not the list view: a page too far is then the last, never an error.
        kept = next(iter(self._kept("per_page")), "")
        size = int(kept) if WHOLE.fullmatch(kept) else self.rows_on_a_page
        return {"per_page": size, "paginator_class": Pages}

    def get_dataset_kwargs(self) -> dict[str, str]:
        return {"title": self.export_name}

    def get_export_filename(self, export_format: str) -> str:
        return f"{self.export_name}-{day_of(self.request).isoformat()}.{export_format}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.is_export:
            return context
        pages = context["table"].paginator
        return context | {
            "page_sizes": PAGE_SIZES,
            "per_page": pages.per_page,
            "total": pages.count,
            "counted_to": EXACT_TO if pages.count_is_estimate else 0,
            "choices": self.choices(),
            "columns_asked": self.request.GET.getlist("column"),
            "beside_columns": values_without(self.request, "column", "page", "_export"),
            "own_columns": bool(self._kept("column")),
            "views": [view for view in self.views if view.name],
            "page_name": self.page_name,
            "kept_query": query_to_keep(self.request.GET, self),
        }


def _swapped(names: list[str], at: int) -> list[str]:
    """The names with the one at a place and the next one changed; nothing where there is no such pair."""
    if not 0 <= at < len(names) - 1:
        return []
    return [*names[:at], names[at + 1], names[at], *names[at + 2 :]]


def query_to_keep(query: QueryDict, page: ListPage) -> str:
    """What of a list's address belongs to a view of it: all but the page, with the columns that are shown."""
    kept = query.copy()
    for name in ("page", "_export"):
        kept.pop(name, None)
    kept.setlist("column", page.shown)
    if "desk" in page.filterset_class.base_filters and not kept.get("desk"):
        kept["desk"] = EVERY_DESK  # else the list would begin with the desk of whoever opens it
    return kept.urlencode()


class DayListPage(ListPage):
    """A list that speaks of the as-of day."""

    def get_table_kwargs(self) -> dict[str, Any]:
        day = day_of(self.request)
        query = "" if day == timezone.localdate() else f"?as_of={day.isoformat()}"
        return {"day": day, "as_of_query": query}


class ObligationList(DayListPage):
    """`/obligations/`: all that is owed, as it stands on a day."""

    table_class = ObligationTable
    filterset_class = ObligationFilter
    template_name = "web/obligation_list.html"
    export_name = "obligations"

    def get_queryset(self) -> QuerySet[Any]:
        day = day_of(self.request)
        owed: Any = owed_on(day, today=timezone.localdate(), bands=False)
        rows: QuerySet[Any] = owed.with_printed(day).select_related("state")
        # The page leads to the trail of each date; only a file holds them all.
        return rows if self.is_export else rows.defer("trail")


@dataclass(frozen=True)
class StateRow:
    """A State as the list of States shows it."""

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
    """`/states/`: every State with its participation and what comes next."""

    table_class = StateTable
    filterset_class = StateFilter
    template_name = "web/state_list.html"
    export_name = "states"
    rows_on_a_page = 100

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The header's search (`go`) leads straight to the State whose code or whole name was typed."""
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
        chosen = {
            name: value
            for name, value in self.request.GET.items()
            if value and name in self.filterset_class.base_filters
        }
        known = super().get_table_kwargs()
        if chosen:
            onward = urlencode({"list": urlencode(chosen)})
            known["as_of_query"] += f"&{onward}" if known["as_of_query"] else f"?{onward}"
        return known

    def get_table_data(self) -> list[StateRow]:
        return state_rows(self.object_list, opsc_on(self.request), day_of(self.request))


class ReminderList(ListPage):
    """`/reminders/`: the ledger, what waits for approval, and whom we cannot write to."""

    table_class = ReminderTable
    filterset_class = ReminderFilter
    template_name = "web/reminder_list.html"
    export_name = "reminders"

    def get_queryset(self) -> QuerySet[Reminder]:
        return Reminder.objects.select_related("obligation__state", "rule", "mail", "last_act")

    def get_table_kwargs(self) -> dict[str, Any]:
        may_approve = self.request.user.has_perm("reminders.change_reminder")
        return {"exclude": () if may_approve else ("pick",)}

    @cached_property
    def counted(self) -> dict[str, int]:
        """How many reminders stand where, in the whole ledger."""
        return dict(Reminder.objects.order_by().values_list("state").annotate(Count("pk")))

    def get_table_pagination(self, table: Any) -> dict[str, Any] | bool:
        found = super().get_table_pagination(table)
        chosen = self.filterset
        whole = not chosen.is_bound or (chosen.form.is_valid() and not chosen.chips)
        if isinstance(found, dict) and whole:
            found["known"] = sum(self.counted.values())
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counted = self.counted
        today = timezone.localdate()
        reachable = Contact.objects.filter(active=True).values("state")
        expecting = Obligation.objects.as_of(today, today=today, bands=False).filter(status__in=OPEN)
        return super().get_context_data(**kwargs) | {
            "states": [
                {"state": state.value, "label": state.label, "count": counted[state.value]}
                for state in ReminderState
                if counted.get(state.value)
            ],
            "held": self._to_approve(),
            "limited": limits.is_limited(self.request.user),
            "acts": [
                what for what in (What.HOLD, What.CANCEL, What.RESEND) if counted.keys() & set(FROM[what])
            ],
            "without_contact": State.objects.filter(pk__in=expecting.values("state")).exclude(
                pk__in=reachable
            ),
            "approval": settings.REMINDERS_APPROVAL,
            "proof_of": self._one_state(),
        }

    def _to_approve(self) -> int:
        """How many reminders wait for approval by this person."""
        mine = limits.changeable(self.request.user)
        if mine is None:
            return self.counted.get(ReminderState.HELD.value, 0)
        return Reminder.objects.filter(state=ReminderState.HELD, obligation__state__in=mine).count()

    def _one_state(self) -> str:
        """The State that the list is narrowed to, if it is."""
        chosen = self.filterset
        return str(chosen.form.cleaned_data.get("of") or "") if chosen.is_bound and chosen.is_valid() else ""


@require_POST
@permission_required("reminders.change_reminder", raise_exception=True)
def approve_reminders(request: HttpRequest) -> HttpResponse:
    """Releases the mails that were ticked, or all that await approval."""
    held = Reminder.objects.filter(state=ReminderState.HELD)
    if "all" not in request.POST:
        held = held.filter(pk__in=[int(raw) for raw in request.POST.getlist("pick") if WHOLE.fullmatch(raw)])
        limits.check(request.user, outbox.states_of(held))
    elif (mine := limits.changeable(request.user)) is not None:
        held = held.filter(obligation__state__in=mine)  # all of one's desk
    # The very rows, so that exactly these can be held again.
    rows = Reminder.objects.filter(pk__in=list(held.values_list("pk", flat=True)))
    count = send.approve(rows, by=request.user.get_username())
    if count:
        said = ngettext(
            "%(n)d reminder to %(whom)s approved; it goes out with the next run.",
            "%(n)d reminders to %(whom)s approved; they go out with the next run.",
            count,
        ) % {"n": count, "whom": whom(rows)}
        keys = rows.order_by("pk").values_list("pk", flat=True)
        messages.success(request, with_undo_at_once(request, said, reverse("undo-approval"), keys))
    else:
        messages.warning(request, _("Nothing was approved: tick at least one reminder that awaits approval."))
    return back_to_the_ledger(request)


@require_POST
@permission_required("reminders.change_reminder", raise_exception=True)
def undo_approval(request: HttpRequest) -> HttpResponse:
    """Holds mails again that were approved a moment ago, as far as they have not gone out."""
    rows = Reminder.objects.filter(pk__in=keys_sent(request))
    limits.check(request.user, outbox.states_of(rows))
    waiting = Reminder.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
    count = send.hold_again(waiting, by=request.user.get_username())
    if count:
        again = waiting.filter(state=ReminderState.HELD)
        said = ngettext(
            "%(n)d reminder to %(whom)s awaits approval again.",
            "%(n)d reminders to %(whom)s await approval again.",
            count,
        ) % {"n": count, "whom": whom(again)}
        messages.success(request, said)
    if gone := waiting.exclude(state=ReminderState.HELD).count():
        said = ngettext(
            "%(n)d reminder is not held again: it has gone out, or is being sent.",
            "%(n)d reminders are not held again: they have gone out, or are being sent.",
            gone,
        )
        messages.warning(request, said % {"n": gone})
    elif not count:
        messages.warning(request, _("Nothing was undone: no approved reminder was named."))
    return back_to_the_ledger(request)


def whom(rows: QuerySet[Reminder]) -> str:
    """The States that some reminders are about, the first few by name."""
    found = State.objects.filter(pk__in=rows.order_by().values("obligation__state"))
    return in_a_row(found.order_by("name").values_list("name", flat=True))


def back_to_the_ledger(request: HttpRequest) -> HttpResponse:
    """The ledger as the person had filtered it."""
    return redirect(reverse("reminders", query=QueryDict(request.POST.get("list", ""))))
