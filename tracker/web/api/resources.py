"""The resources of the API: for each list its parameters, rows and order.

None contains contacts, mails, notes or names of staff: a row has only the fields named here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.obligations.derive import horizon
from tracker.obligations.models import (
    CarriedBy,
    Information,
    Kind,
    Obligation,
    Precision,
    Review,
    Source,
    Trust,
)
from tracker.obligations.queries.received import receipt_status, received_by
from tracker.registry.models import Language, Region, State, TreatyAction
from tracker.rules.due import ARTICLES
from tracker.rules.entry_into_force import JOINING, TreatyCode
from tracker.rules.facts import Facts
from tracker.rules.status import Status, days_late, status_of
from tracker.rules.trail import for_export
from tracker.web.api import parameters
from tracker.web.api.figures import Figures
from tracker.web.api.parameters import AS_OF, STATES, Parameter, Schema
from tracker.web.api.schemas import (
    CODE,
    DAY,
    DAY_OR_NOTHING,
    NUMBER,
    NUMBER_OR_NOTHING,
    TEXT,
    TEXT_OR_NOTHING,
    YES_OR_NO,
    fields,
    may_be_null,
    one_of,
    one_of_or_nothing,
    several,
)
from tracker.web.models import ApiToken

Cells = dict[str, Any]
Query = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list that is read page by page.

    Attributes:
        says: its description.
        filters: its parameters, in addition to `as_of`, `limit` and `after`.
        row: a row, as JSON Schema.
        order: the columns by which it is sorted, together unique.
        find: the rows on a day, given the parameters.
        show: the values of the rows of a page, read as a set.
    """

    name: str
    says: str | Promise
    filters: tuple[Parameter, ...]
    row: Schema
    order: tuple[str, ...]
    find: Callable[[date, Query], QuerySet[Any]]
    show: Callable[[Sequence[Any], date, Query], list[Cells]]
    scopes: tuple[str, ...] = (ApiToken.Scope.READ,)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """All its query parameters."""
        return AS_OF, *self.filters, parameters.LIMIT, parameters.AFTER


def cells(shape: Schema, row: Any, **instead: Any) -> Cells:
    """The fields of a row, or other values in their place; an empty value is null where the schema allows it."""

    def value(name: str, schema: Schema) -> Any:
        if name in instead:
            return instead[name]
        found = getattr(row, name)
        return found or None if may_be_null(schema) else found

    return {name: value(name, schema) for name, schema in shape["properties"].items()}


# --- States --------------------------------------------------------------------------------------

STATE = fields(
    state=CODE,
    iso2=TEXT_OR_NOTHING,
    name=TEXT,
    region=one_of_or_nothing(Region.values),
    records_from=DAY_OR_NOTHING,
    treaties=several(
        fields(
            treaty=one_of(TreatyCode),
            signed_on=DAY_OR_NOTHING,
            joined_on=DAY_OR_NOTHING,
            joined_by=one_of_or_nothing(JOINING),
            in_force_on=DAY_OR_NOTHING,
            ends_on=DAY_OR_NOTHING,
            party=YES_OR_NO,
        )
    ),
)


def _states(day: date, query: Query) -> QuerySet[Any]:
    rows = State.objects.all()
    if query["region"]:
        rows = rows.filter(region__in=query["region"])
    return rows.filter(pk__in=query["state"]) if query["state"] else rows


def _show_states(rows: Sequence[State], day: date, query: Query) -> list[Cells]:
    facts = TreatyAction.objects.filter(state__in=rows).facts(until=day)
    return [
        cells(
            STATE,
            state,
            state=state.pk,
            treaties=[_participation(facts.get(state.pk, Facts()), one, day) for one in TreatyCode],
        )
        for state in rows
    ]


def _participation(facts: Facts, treaty: TreatyCode, day: date) -> Cells:
    """The participation of a State in a treaty on a day."""
    membership = facts.membership(treaty)
    return {
        "treaty": treaty.value,
        "signed_on": facts.signed_on(treaty),
        "joined_on": membership.joined.day if membership else None,
        "joined_by": str(membership.joined.kind) if membership else None,
        "in_force_on": membership.in_force.day if membership else None,
        "ends_on": membership.ends_on if membership else None,
        "party": facts.is_party(treaty, day),
    }


# --- treaty actions ------------------------------------------------------------------------------

ACTION = fields(
    state=CODE,
    treaty=one_of(TreatyCode),
    kind=one_of(TreatyAction.Kind.values),
    date=DAY,
    effective_on=DAY_OR_NOTHING,
    reference=TEXT_OR_NOTHING,
    source=TEXT_OR_NOTHING,
    to_be_confirmed=YES_OR_NO,
)


def chosen(rows: QuerySet[Any], query: Query, *columns: str) -> Any:
    """The rows with the requested values in these columns; a column that was not asked for narrows nothing."""
    return rows.filter(**{f"{name}__in": query[name] for name in columns if query[name]})


def _actions(day: date, query: Query) -> QuerySet[Any]:
    rows = TreatyAction.objects.filter(date__lte=day)
    return chosen(rows, query, "state", "treaty", "kind")


def _show_actions(rows: Sequence[TreatyAction], day: date, query: Query) -> list[Cells]:
    return [cells(ACTION, row, state=row.state_id, treaty=row.treaty_id) for row in rows]


# --- obligations ---------------------------------------------------------------------------------

OBLIGATION = fields(
    state=CODE,
    treaty=one_of([TreatyCode.OPSC]),
    article=one_of(ARTICLES.values()),
    kind=one_of(Kind.values),
    cycle=NUMBER_OR_NOTHING,
    computed_on=DAY,
    due_on=DAY_OR_NOTHING,
    due_source=one_of(Source.values),
    status=one_of(Status),
    received_on=DAY_OR_NOTHING,
    days_late=NUMBER_OR_NOTHING,
    carried_by=one_of(CarriedBy.values),
    trail=several(fields(**{"source": TEXT, "from": DAY, "to": DAY_OR_NOTHING, "text": TEXT})),
    last_cycle=NUMBER_OR_NOTHING,
    document=TEXT_OR_NOTHING,
    printed_due=TEXT_OR_NOTHING,
    awaiting_review_since=DAY_OR_NOTHING,
)


def _until(day: date, query: Query) -> date:
    """The last due date to include; obligations are derived up to ten years from today and no further."""
    return query["until"] or min(horizon(day), horizon(timezone.localdate()))


def _obligations(day: date, query: Query) -> QuerySet[Any]:
    today = timezone.localdate()
    # Without statuses, because PostgreSQL underestimates the rows after a key and would loop over all States for each.
    rows = Obligation.objects.as_of(day, today=today, statuses=False).with_printed(day)
    rows = rows.annotate(falls_on=Coalesce("due", "then_computed_on")).filter(
        falls_on__lte=_until(day, query)
    )
    rows = chosen(rows, query, "state", "kind", "article")
    return rows.with_status(query["status"], day) if query["status"] else rows


def _show_obligations(rows: Sequence[Any], day: date, query: Query) -> list[Cells]:
    """As `manage.py deadlines` prints them."""
    states = State.objects.in_bulk({row.state_id for row in rows})
    return [_told(row.as_it_stood(), states[row.state_id], day) for row in rows]


def _told(row: Any, state: State, day: date) -> Cells:
    """An obligation as of the day, with the fields of the command."""
    status = status_of(
        due_on=row.due,
        source=row.source,
        waived=row.waived,
        answered_on=row.answered_on,
        received_on=row.received_on,
        records=state.records(row.carried_by),
        day=day,
        not_received_by=row.not_received_by,
    )
    return cells(
        OBLIGATION,
        row,
        state=row.state_id,
        treaty=row.treaty_id,
        due_on=row.due,
        due_source=row.source,
        status=status.value,
        days_late=days_late(status, due_on=row.due, received_on=row.received_on, day=day),
        trail=for_export(row.steps),
        printed_due=row.printed or None,
        awaiting_review_since=row.awaiting_since,
    )


# --- submissions ---------------------------------------------------------------------------------

SUBMISSION = fields(
    id=NUMBER,
    state=CODE,
    kind=one_of(Kind.values),
    carried_by=one_of(CarriedBy.values),
    first_cycle=NUMBER,
    last_cycle=NUMBER,
    received_on=DAY_OR_NOTHING,
    due_on=DAY_OR_NOTHING,
    status=one_of_or_nothing([Status.ON_TIME, Status.LATE, Status.DATE_UNKNOWN]),
    days_late=NUMBER_OR_NOTHING,
    reviewed_on=DAY_OR_NOTHING,
    review_precision=one_of_or_nothing(Precision.values),
    symbol=TEXT_OR_NOTHING,
    title=TEXT_OR_NOTHING,
    language=one_of_or_nothing(Language.values),
    link=TEXT_OR_NOTHING,
    concluding_observations=TEXT_OR_NOTHING,
    printed_due=TEXT_OR_NOTHING,
    source=TEXT_OR_NOTHING,
    revises=NUMBER_OR_NOTHING,
    information=one_of_or_nothing(Information.values),
    information_where=TEXT_OR_NOTHING,
    withdrawn_on=DAY_OR_NOTHING,
    confidence=one_of_or_nothing(Trust.values),
)


def _submissions(day: date, query: Query) -> QuerySet[Any]:
    rows = received_by(day, today=timezone.localdate())
    return chosen(rows, query, "state", "kind", "carried_by")


def _show_submissions(rows: Sequence[Any], day: date, query: Query) -> list[Cells]:
    return [_submission(row, day) for row in rows]


def _submission(row: Any, day: date) -> Cells:
    status = receipt_status(row)
    return cells(
        SUBMISSION,
        row,
        id=row.pk,
        state=row.state_id,
        due_on=row.due,
        status=status.value if status else None,
        days_late=days_late(status or "", due_on=row.due, received_on=row.received_on, day=day),
        reviewed_on=row.reviewed,
        review_precision=row.review_precision if row.reviewed else None,
        concluding_observations=row.observations or None,
        printed_due=row.printed or None,
        revises=row.revises_id,
        withdrawn_on=row.withdrawn,
    )


# --- reviews -------------------------------------------------------------------------------------

REVIEW = fields(
    id=NUMBER,
    state=CODE,
    document=TEXT,
    adopted_on=DAY,
    session=NUMBER_OR_NOTHING,
    kind=one_of(Kind.values),
    carried_by=one_of(CarriedBy.values),
    first_cycle=NUMBER_OR_NOTHING,
    last_cycle=NUMBER_OR_NOTHING,
    without_report=YES_OR_NO,
    source=TEXT_OR_NOTHING,
    confidence=one_of_or_nothing(Trust.values),
)


def _reviews(day: date, query: Query) -> QuerySet[Any]:
    rows = Review.objects.filter(adopted_on__lte=day)
    return chosen(rows, query, "state", "carried_by")


def _show_reviews(rows: Sequence[Review], day: date, query: Query) -> list[Cells]:
    return [cells(REVIEW, row, id=row.pk, state=row.state_id) for row in rows]


LISTINGS = (
    Listing(
        "states",
        _("States, with their participation in the treaties."),
        (STATES, parameters.choice("region", _("Only this regional group."), Region.values)),
        STATE,
        ("pk",),
        _states,
        _show_states,
    ),
    Listing(
        "actions",
        _("Treaty actions: signatures, ratifications, accessions, successions, denunciations."),
        (
            STATES,
            parameters.choice("treaty", _("Only this treaty."), TreatyCode),
            parameters.choice("kind", _("Only this kind."), TreatyAction.Kind.values),
        ),
        ACTION,
        ("state_id", "treaty_id", "date", "pk"),
        _actions,
        _show_actions,
    ),
    Listing(
        "obligations",
        _("Obligations with due date, reason and status: the rows of the command “deadlines”."),
        (
            STATES,
            parameters.choice("kind", _("Only this kind."), Kind.values),
            parameters.choice("article", _("Only this article."), ARTICLES.values()),
            parameters.choice("status", _("Filter by status on the as-of day."), Status, many=False),
            parameters.day(
                "until",
                _(
                    "The last due date to include, at most ten years from today; default: ten years after the "
                    "as-of day."
                ),
            ),
        ),
        OBLIGATION,
        ("state_id", "falls_on", "kind", "carried_by", "cycle"),
        _obligations,
        _show_obligations,
    ),
    Listing(
        "submissions",
        _("Reports received, and whether they were on time."),
        (
            STATES,
            parameters.choice("kind", _("Only this kind."), (Kind.INITIAL, Kind.PERIODIC)),
            parameters.choice("carried_by", _("Only this series."), CarriedBy.values),
        ),
        SUBMISSION,
        ("state_id", "known", "pk"),
        _submissions,
        _show_submissions,
    ),
    Listing(
        "reviews",
        _(
            "Concluding observations of the Committee, with the reports that they are about, or without a report."
        ),
        (STATES, parameters.choice("carried_by", _("Only this series."), CarriedBy.values)),
        REVIEW,
        ("state_id", "adopted_on", "pk"),
        _reviews,
        _show_reviews,
    ),
)
STATUS = Figures()
RESOURCES: tuple[Listing | Figures, ...] = (*LISTINGS, STATUS)
