"""For any earlier day the stored spans of a State give the same as the rules from the facts of that day."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Q
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.depth import examples
from tests.factories import a_state, day
from tests.rules.any_facts import ANY_FACTS
from tracker.obligations import sync
from tracker.obligations.derive import horizon, rows_of
from tracker.obligations.models import Obligation
from tracker.obligations.querysets import STOOD
from tracker.registry.models import State
from tracker.rules.facts import Facts
from tracker.rules.schedule import PeriodicRule

pytestmark = pytest.mark.django_db
TODAY = day("2026-11-22")


def by_rules(state: State, facts: Facts, on: date) -> dict[tuple, tuple]:
    return {
        row.due.identity: (
            row.due.due_on,
            str(row.due.source),
            str(row.status),
            *(
                [step.stored() for step in row.due.trail] if name == "trail" else getattr(row.due, name)
                for name in STOOD
            ),
        )
        for row in rows_of(state, facts, on, until=horizon(TODAY))
    }


def as_stored(on: date, today: date | None = None) -> dict[tuple, tuple]:
    names = ("due", "source", "status", *(f"then_{name}" for name in STOOD))
    rows = Obligation.objects.as_of(on, today=today, bands=False)
    rows = rows.filter(Q(due__lte=horizon(TODAY)) | Q(due=None, then_computed_on__lte=horizon(TODAY)))
    return {
        tuple(key): tuple(values)
        for *key, values in ((*r[:3], r[3:]) for r in rows.values_list("kind", "carried_by", "cycle", *names))
    }


@given(ANY_FACTS, st.sampled_from(list(PeriodicRule)))
@settings(
    max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_stored_spans_say_of_every_day_what_the_rules_give(settings, monkeypatch, facts, rule):
    settings.PERIODIC_RULE = rule
    monkeypatch.setattr(sync, "facts_of", lambda _states=None: {"NOR": facts})
    with transaction.atomic():
        state = a_state(
            "NOR",
            records_from="2008-01-01",
            carried_records_from=day("2010-01-01"),
            records_until=day("2025-12-04"),
        )
        sync.synchronise(TODAY)
        known = facts.as_of(TODAY)
        for on in {TODAY, *(turn - timedelta(days=before) for turn in known.days() for before in (0, 1))}:
            assert as_stored(on) == by_rules(state, facts, on), on
        assert as_stored(TODAY, TODAY) == by_rules(state, facts, TODAY)
        assert not sync.difference(TODAY)
        transaction.set_rollback(True)


@given(ANY_FACTS, st.lists(st.dates(date(2003, 1, 1), TODAY), min_size=1, max_size=4).map(sorted))
@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_was_synchronised_day_after_day_is_what_is_derived_at_once(monkeypatch, facts, days):
    monkeypatch.setattr(sync, "facts_of", lambda _states=None: {"NOR": facts})
    with transaction.atomic():
        state = a_state("NOR")
        for on in [*days, TODAY]:
            sync.synchronise(on)
        for on in {*days, TODAY}:
            assert as_stored(on) == by_rules(state, facts, on), on
        transaction.set_rollback(True)
