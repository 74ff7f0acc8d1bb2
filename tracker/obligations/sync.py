"""Compares expected with stored obligations, and applies the difference.

Nothing else writes Obligation and Span. Obligations are never deleted: a row that no longer follows from the facts has
`expected` switched off, so that its identity and its reminders are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Case, Exists, F, Q, QuerySet, When

from tracker.obligations.derive import facts_of, horizon
from tracker.obligations.models import Obligation, Span, Submission
from tracker.obligations.querysets import STOOD
from tracker.registry.models import State
from tracker.rules import schedule as rules
from tracker.rules.due import Due
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import Carrier

IDENTITY = ("state_id", "treaty_id", "kind", "carried_by", "cycle")
# The columns of a span, which an obligation copies from its latest span.
STANDING = (*STOOD, "due_on", "due_source", "trail")
DERIVED = (*STANDING, "article", "subject", "arises_on", "ceases_on", "not_received_by", "expected")


@dataclass(frozen=True)
class ObligationChange:
    """An obligation to change, with its previous values."""

    obligation: Obligation
    before: dict[str, object]


@dataclass
class Difference:
    """The changes that bring the obligations in line with the facts.

    Attributes:
        spans: the new spans, by the identity of their obligation.
    """

    missing: list[Obligation] = field(default_factory=list)
    changed: list[ObligationChange] = field(default_factory=list)
    obsolete: list[Obligation] = field(default_factory=list)
    unchanged: int = 0
    spans: dict[tuple[Any, ...], list[rules.DueSpan]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.obsolete or self.spans)


def difference(day: date, states: Iterable[str] | None = None) -> Difference:
    """Compares expected with stored obligations; the number of queries is constant."""
    states = None if states is None else list(states)
    found = Difference()
    rows = Obligation.objects.all() if states is None else Obligation.objects.filter(state__in=states)
    # Plain values: nearly all rows are unchanged, and only those that differ become objects.
    present = {
        values[: len(IDENTITY)]: (pk, values[len(IDENTITY) :])
        for pk, *rest in rows.values_list("pk", *IDENTITY, *DERIVED).iterator(chunk_size=2000)
        for values in (tuple(rest),)
    }
    as_now, before_that = _stored_spans(rows)
    until = horizon(day)
    for state, facts in facts_of(states).items():
        known = facts.as_of(day)
        for spans in rules.history(known, until=until, periodic_rule=settings.PERIODIC_RULE).values():
            identity, values = _identity(state, spans[-1].due), _values(spans)
            pk, before = present.pop(identity, (None, None))
            if before is None:
                found.missing.append(_row(identity, values))
            elif before == values:
                found.unchanged += 1
            else:
                old = {
                    name: was for name, was, now in zip(DERIVED, before, values, strict=True) if was != now
                }
                found.changed.append(ObligationChange(_row(identity, values, pk), old))
            is_kept = (
                pk is not None
                and before == values
                and as_now.get(pk) == spans[-1].since
                and before_that.get(pk, []) == [_span_values(span) for span in spans[:-1]]
            )
            if not is_kept:
                found.spans[identity] = spans
    for identity, (pk, values) in present.items():
        row = _row(identity, values, pk)
        # Rows beyond the horizon were not derived, so they are not obsolete (a test moves the horizon back).
        if row.expected and min(row.due_on or row.computed_on, row.computed_on) <= until:
            row.expected = False
            found.obsolete.append(row)
    return found


def _stored_spans(
    rows: QuerySet[Obligation],
) -> tuple[dict[int, date], dict[int, list[tuple[Any, ...]]]]:
    """The stored spans of some obligations: the start of the current span, and the earlier spans.

    The database compares the spans with their obligations: nearly all current spans are equal and need not be read.

    Returns:
        the start of the current span by obligation; the other spans, the earliest first, as `_span_values` returns
        them.
    """
    alike = Q(*(_same(name, name) for name in STANDING), _same("until", "ceases_on"))
    spans = Span.objects.filter(obligation__in=rows).annotate(
        as_now=Case(When(alike, then=True), default=False, output_field=BooleanField())
    )
    since = dict(spans.filter(as_now=True).values_list("obligation_id", "since").iterator(chunk_size=2000))
    others: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rest = spans.filter(as_now=False).order_by("obligation", "since")
    for obligation, *values in rest.values_list("obligation_id", "since", "until", *STANDING).iterator():
        others[obligation].append(tuple(values))
    return since, others


def _same(name: str, of_row: str) -> Q:
    """A column of a span equals that of its obligation, or both are null."""
    same = Q(**{name: F(f"obligation__{of_row}")})
    if not Span._meta.get_field(name).null:
        return same
    return same | Q(**{f"{name}__isnull": True, f"obligation__{of_row}__isnull": True})


def _identity(state: str, due: Due) -> tuple[Any, ...]:
    """The identity of an obligation, in the order of IDENTITY."""
    return state, TreatyCode.OPSC.value, str(due.kind), str(due.carried_by), due.cycle


def _standing(due: Due) -> tuple[Any, ...]:
    """The derived values, in the order of STANDING."""
    return (
        *(getattr(due, name) for name in STOOD),
        due.due_on,
        str(due.source),
        [step.stored() for step in due.trail],
    )


def _values(spans: Sequence[rules.DueSpan]) -> tuple[Any, ...]:
    """The derived values of an obligation, in the order of DERIVED."""
    first, last = spans[0], spans[-1]
    due = last.due
    return (
        *_standing(due),
        due.article,
        str(due.subject),
        first.since,
        last.until,
        due.not_received_by,
        True,
    )


def _span_values(span: rules.DueSpan) -> tuple[Any, ...]:
    return span.since, span.until, *_standing(span.due)


def _row(identity: tuple[Any, ...], values: tuple[Any, ...], pk: int | None = None) -> Obligation:
    """An obligation with the derived values."""
    fields = dict(zip((*IDENTITY, *DERIVED), (*identity, *values), strict=True))
    row = Obligation(pk=pk, **fields)
    row._state.adding = pk is None
    return row


def apply(found: Difference) -> None:
    """Writes a difference."""
    Obligation.objects.bulk_create(found.missing, batch_size=500)
    if found.changed:
        # An upsert of existing rows takes a tenth of the time of bulk_update with its CASE for each row.
        Obligation.objects.bulk_create(
            [change.obligation for change in found.changed],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=sorted({name for change in found.changed for name in change.before}),
            batch_size=500,
        )
    Obligation.objects.filter(pk__in=[row.pk for row in found.obsolete]).update(expected=False)
    _write_spans(found.spans)


def _write_spans(wanted: dict[tuple[Any, ...], list[rules.DueSpan]]) -> None:
    """Replaces the spans of some obligations."""
    if not wanted:
        return
    states = {identity[0] for identity in wanted}
    keys = {
        tuple(identity): pk
        for pk, *identity in Obligation.objects.filter(state__in=states).values_list("pk", *IDENTITY)
    }
    Span.objects.filter(obligation__in=[keys[identity] for identity in wanted]).delete()
    columns = ("since", "until", *STANDING)
    rows = [
        Span(obligation_id=keys[identity], **dict(zip(columns, _span_values(span), strict=True)))
        for identity, spans in wanted.items()
        for span in spans
    ]
    Span.objects.bulk_create(rows, batch_size=500)


def synchronise(day: date, states: Iterable[str] | None = None) -> Difference:
    """Brings the obligations of some or all States in line with the facts of a day.

    The States' rows are locked, so that two synchronisations wait for each other (SQLite allows only one writer
    anyway).
    """
    states = None if states is None else sorted(states)
    with transaction.atomic():
        lock(states)
        found = difference(day, states)
        apply(found)
    return found


def lock(states: Iterable[str] | None) -> None:
    """Locks States against other changes and synchronisations until the transaction ends."""
    rows = State.objects.all() if states is None else State.objects.filter(pk__in=states)
    list(rows.order_by("pk").select_for_update().values_list("pk"))


def unmatched(states: Iterable[str] | None = None) -> list[Submission]:
    """Submissions that answer no obligation: the cycle they name does not exist, or not yet.

    A warning, not an error, because facts still to be entered may correct it; `checks.py` refuses cycles that can
    never exist. Reports under the CRC are left out: those received before the initial report answer nothing.
    """
    submissions = Submission.objects.filter(carried_by=Carrier.OWN.value, withdrawn_on=None)
    if states is not None:
        submissions = submissions.filter(state__in=list(states))
    answered = Obligation.objects.filter(expected=True, answered_on__isnull=False)
    answered = answered.annotate(then_last_cycle=F("last_cycle")).answered_by_outer()
    return list(submissions.filter(~Exists(answered)).order_by("state", "pk"))
