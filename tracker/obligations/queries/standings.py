"""The status of every State, and counts of obligations, for the first page and the public pages.

The database groups and counts the obligations of a day; statuses of States and figures are computed from the groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeVar

from django.db.models import Case, CharField, Count, Max, Min, Q, QuerySet, Value, When
from django.db.models.functions import ExtractYear
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.obligations.counts import participation
from tracker.obligations.derive import horizon
from tracker.obligations.models import CarriedBy, Kind, Obligation, report_label
from tracker.obligations.wording import STATUS_LABELS, awaiting_in_words, badge_of, due_in_words
from tracker.registry.un_names import StateOrder, shown_name
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import Facts
from tracker.rules.status import Band, Status, band_limits

Label = str | Promise
Standing = TypeVar("Standing", "StandingRow", "Alike")


# --- queries -------------------------------------------------------------------------------------


class StandingRow(NamedTuple):
    """An obligation on a day, with the columns that the first page needs.

    Attributes:
        due, received_on and the following: the values on the day.
        band: set only for rows that stand for several obligations.
        number: the number of equal obligations that the row stands for.
    """

    state_id: str
    kind: str
    cycle: int
    carried_by: str
    subject: str
    due: date | None
    status: str
    received_on: date | None
    last_cycle: int = 0
    year_only: bool = False
    reviewed_without_on: date | None = None
    awaiting_since: date | None = None
    band: str | None = None
    number: int = 1

    @property
    def label(self) -> str:
        """The name of the report, in words."""
        return report_label(self.kind, self.cycle, self.carried_by, self.subject, self.last_cycle)

    @property
    def due_in_words(self) -> str:
        """Its due date as printed in its document; only for rows with a due date."""
        return due_in_words(self.due, year_only=self.year_only) if self.due else ""


def owed_on(day: date, *, today: date | None = None, bands: bool = True) -> QuerySet[Any]:
    """The obligations on a day, up to ten years ahead, as in the commands.

    Args:
        today: see `as_of`.
        bands: whether to add `band`.
    """
    until = horizon(day)
    ahead = Q(due__lte=until) | Q(due=None, then_computed_on__lte=until)
    return Obligation.objects.as_of(day, today=today, bands=bands).filter(ahead)


_COLUMNS = (
    "state_id",
    "kind",
    "cycle",
    "carried_by",
    "subject",
    "due",
    "status",
    "then_received_on",
    "then_last_cycle",
    "then_year_only",
    "then_reviewed_without_on",
    "then_awaiting_since",
)


class Alike(NamedTuple):
    """The obligations of a State with the same kind, series and status on a day.

    Attributes:
        due: the earliest due date; None if none has one.
        last: the latest due date.
        dated: the number with a due date.
        received_on: the latest day of receipt.
        awaiting: the number that await the Committee's review.
    """

    state_id: str
    kind: str
    carried_by: str
    status: str
    due: date | None
    last: date | None
    dated: int
    received_on: date | None
    number: int
    awaiting: int = 0


def by_state_on(day: date, *, today: date, states: Iterable[str] | None = None) -> list[Alike]:
    """The obligations on a day, grouped by State, kind, series and status in the database.

    Args:
        states: only these; None for all.
    """
    owed = owed_on(day, today=today, bands=False)
    if states is not None:
        owed = owed.filter(state__in=states)
    counted = {
        "first": Min("due"),
        "last": Max("due"),
        "dated": Count("due"),
        "received": Max("then_received_on"),
        "n": Count("pk"),
        "awaiting": Count("then_awaiting_since"),
    }
    found = owed.order_by().values_list("state", "kind", "carried_by", "status").annotate(**counted)
    # Sorted here: the database would sort all rows, not the groups, to group them in this order.
    return sorted(Alike(*one) for one in found)


def by_year_on(day: date, *, today: date, states: Iterable[str] | None = None) -> list[StandingRow]:
    """The obligations due up to a day, by year, kind, series, status and band; `due` is the last due date.

    Args:
        states: only these; None for all.
    """
    one, five, ten = band_limits(day)
    fallen = owed_on(day, today=today, bands=False).filter(due__lte=day).order_by()
    if states is not None:
        fallen = fallen.filter(state__in=states)
    by_year = fallen.values_list(
        "kind",
        "carried_by",
        "status",
        Case(  # of all alike: whether a row is overdue, the status tells
            When(due__gt=one, then=Value(Band.UNDER_1.value)),
            When(due__gt=five, then=Value(Band.FROM_1_TO_5.value)),
            When(due__gt=ten, then=Value(Band.FROM_5_TO_10.value)),
            default=Value(Band.OVER_10.value),
            output_field=CharField(),
        ),
        ExtractYear("due"),
    )
    return [
        StandingRow(
            "",
            kind,
            0,
            carried_by,
            "",
            last,
            status,
            None,
            band=band if status == Status.OVERDUE else None,
            number=n,
        )
        for kind, carried_by, status, band, _year, last, n in by_year.annotate(last=Max("due"), n=Count("pk"))
    ]


def first_of(
    status: str, day: date, *, today: date, states: Iterable[str] | None, most: int
) -> list[tuple[str, StandingRow]]:
    """The rows with a status and the names of their States, by due date and name.

    Args:
        states: only these; None for all.
        most: the maximum number of rows.
    """
    owed: Any = owed_on(day, today=today, bands=False)
    rows = owed.with_status(status, day)
    if states is not None:
        rows = rows.filter(state__in=states)
    found = rows.order_by("due", StateOrder("state"), "pk").values_list("state_id", "state__name", *_COLUMNS)
    return [(shown_name(iso3, name), StandingRow(*values)) for iso3, name, *values in found[:most]]


# --- status of a State ---------------------------------------------------------------------------

# The statuses of States that owe nothing.
SIGNATORY, OUTSIDE, NOTHING = "signatory", "outside", "nothing owed"
STANDINGS: dict[str, Label] = {
    Status.OVERDUE.value: STATUS_LABELS[Status.OVERDUE],
    Status.NO_RECORD.value: STATUS_LABELS[Status.NO_RECORD],
    Status.DUE_SOON.value: STATUS_LABELS[Status.DUE_SOON],
    Status.TO_BE_COMMUNICATED.value: STATUS_LABELS[Status.TO_BE_COMMUNICATED],
    Status.NOT_RECORDED.value: STATUS_LABELS[Status.NOT_RECORDED],
    Status.NOT_YET_DUE.value: STATUS_LABELS[Status.NOT_YET_DUE],
    Status.LATE.value: STATUS_LABELS[Status.LATE],
    Status.DATE_UNKNOWN.value: STATUS_LABELS[Status.DATE_UNKNOWN],
    Status.ON_TIME.value: STATUS_LABELS[Status.ON_TIME],
    Status.WAIVED.value: STATUS_LABELS[Status.WAIVED],
    NOTHING: gettext_lazy("nothing owed"),
    SIGNATORY: gettext_lazy("signatory, not a party"),
    OUTSIDE: gettext_lazy("neither signatory nor party"),
}
# For these the number matters; for the others one row represents all.
COUNTED = (Status.OVERDUE, Status.NO_RECORD, Status.DUE_SOON)
DONE = (Status.LATE, Status.DATE_UNKNOWN, Status.ON_TIME, Status.WAIVED)


def standing_of(rows: Iterable[StandingRow | Alike], facts: Facts, day: date) -> str:
    """The status of a State: the worst status of its obligations, else its participation.

    From worst to best: overdue, no record, due within 12 months, to be communicated, date not recorded, not yet due,
    received late, received on an unknown date, received on time, waived. “No record” follows “overdue”, because such a
    report may be overdue. A State that has left has the status of what it still owes.

    Periodic reports without record do not count: nearly every State has some from before the office's records begin,
    and they would hide everything else.
    """
    rows = list(rows)
    known = {row.status for row in rows if row.status != Status.NO_RECORD or row.kind == Kind.INITIAL}
    found = known or {row.status for row in rows}
    if found:
        return next(status for status in STANDINGS if status in found)
    if facts.is_party(TreatyCode.OPSC, day):
        return NOTHING
    return SIGNATORY if facts.signed_on(TreatyCode.OPSC) else OUTSIDE


def standing_in_words(standing: str, rows: Iterable[StandingRow], day: date) -> str:
    """The status of a State in words: “initial report, overdue 12 years 6 months, and 2 more”."""
    if standing in (NOTHING, SIGNATORY, OUTSIDE):
        return str(STANDINGS[standing])
    alike = [row for row in rows if row.status == standing]
    if standing == Status.NO_RECORD:
        alike = sorted(alike, key=lambda row: row.kind != Kind.INITIAL)
    # For received reports the latest determines the status, else the earliest due date.
    shown = alike[0] if Status(standing) not in DONE else alike[-1]
    said = badge_of(shown, day).text
    if waits := awaiting_in_words(shown.awaiting_since, shown.received_on):
        said = _("%(stands)s, %(waits)s") % {"stands": said, "waits": waits}
    more = sum(row.number for row in alike) - 1
    told = (
        ngettext("%(what)s, %(stands)s, and %(n)d more", "%(what)s, %(stands)s, and %(n)d more", more)
        if more and standing in COUNTED
        else _("%(what)s, %(stands)s")
    )
    return told % {"what": shown.label, "stands": said, "n": more}


def standings_on(day: date, facts: Mapping[str, Facts], *, today: date) -> dict[str, str]:
    """The status on a day of each State that owes something or has acted; the others are outside."""
    owed = by_state(by_state_on(day, today=today))
    return {
        state: standing_of(owed.get(state, []), facts.get(state, Facts()), day) for state in {*facts, *owed}
    }


def speakers_on(alike: Iterable[Alike], day: date, *, today: date) -> list[StandingRow]:
    """The report that determines each State's status, with the number of reports that have this status.

    Among received reports the latest, otherwise the earliest due date; among reports without record the initial
    report, if it is one of them.
    """
    wanted: dict[str, tuple[str, set[str], date | None, int]] = {}
    for state, groups in by_state(alike).items():
        standing = standing_of(groups, Facts(), day)
        same = [one for one in groups if one.status == standing]
        number = sum(one.number for one in same)
        if standing == Status.NO_RECORD:
            same = [one for one in same if one.kind == Kind.INITIAL] or same
        due: date | None
        if standing not in DONE:
            due = min((one.due for one in same if one.due), default=None)
        elif any(one.dated < one.number for one in same):
            due = None  # rows without a due date come last
        else:
            due = max(one.last for one in same if one.last)
        wanted[state] = (standing, {one.kind for one in same}, due, number)
    # Reads a few rows too many, which is faster than one condition per State.
    standings = {standing for standing, *_rest in wanted.values()}
    days = {due for _standing, _kinds, due, _number in wanted.values() if due}
    undated = [state for state, (_standing, _kinds, due, _number) in wanted.items() if due is None]
    near = owed_on(day, today=today, bands=False).filter(
        Q(due__in=days) | Q(state__in=undated, due=None), status__in=standings
    )
    found: dict[str, StandingRow] = {}
    for values in near.order_by("pk").values_list(*_COLUMNS):
        row = StandingRow(*values)
        if row.state_id not in wanted:
            continue  # `alike` may have only some States
        standing, kinds, due, number = wanted[row.state_id]
        speaks = row.status == standing and row.kind in kinds and row.due == due
        if speaks and (standing in DONE or row.state_id not in found):
            found[row.state_id] = row._replace(number=number)
    return list(found.values())


def by_state(rows: Iterable[Standing]) -> dict[str, list[Standing]]:
    """The rows by State, in their order."""
    found: dict[str, list[Standing]] = {}
    for row in rows:
        found.setdefault(row.state_id, []).append(row)
    return found


# --- the tile map --------------------------------------------------------------------------------


# --- timeliness by year --------------------------------------------------------------------------


# --- figures -------------------------------------------------------------------------------------


INITIAL, OWN_PERIODIC, CARRIED = "initial", "own_periodic", "carried"


def series_of(kind: str, carried_by: str) -> str:
    """The groups of the `status` command: initial, own periodic, carried; else the kind."""
    if kind == Kind.PERIODIC:
        return CARRIED if carried_by == CarriedBy.CRC_REPORT else OWN_PERIODIC
    return kind


def figures_of(rows: Iterable[Alike], facts: Mapping[str, Facts], day: date) -> dict[str, Any]:
    """Participation, and reports by series and status, as counted by the `status` command."""
    rows = list(rows)
    by_series: dict[str, Counter[str]] = {
        name: Counter() for name in (INITIAL, OWN_PERIODIC, CARRIED, Kind.INFORMATION.value)
    }
    for row in rows:
        by_series[series_of(row.kind, row.carried_by)][row.status] += row.number
    return {
        **by_series,
        "awaiting_review": sum(row.awaiting for row in rows),
        **vars(participation(facts.values(), day)),
    }


def counted_by(what: Iterable[tuple[Any, int]]) -> Counter[Any]:
    """The sum of the counts by key."""
    found: Counter[Any] = Counter()
    for one, count in what:
        found[one] += count
    return found
