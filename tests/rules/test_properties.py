"""Properties of every State, whatever is recorded."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import assume, given, settings, strategies as st

from tests.depth import examples
from tests.rules.any_facts import ANY_FACTS, CRC, OWN, UNTIL, reviews
from tracker.rules.dates import add_years
from tracker.rules.facts import NEXT, Facts
from tracker.rules.schedule import DueSpan, PeriodicRule, history, schedule

RULES = st.sampled_from(list(PeriodicRule))
ARTICLE_12_2 = PeriodicRule.ARTICLE_12_2


def rows_on(found: Facts, on: date, rule: str, until: date = UNTIL):
    return schedule(found.as_of(on), until=until, periodic_rule=rule)


def turns(found: Facts) -> list[date]:
    """Each day on which a fact begins to count, and the day before it."""
    return [on - timedelta(days=before) for on in found.days() for before in (1, 0)]


def shuffled(random, items):
    items = list(items)
    random.shuffle(items)
    return tuple(items)


# --- under every rule -----------------------------------------------------------------------------


@given(ANY_FACTS, RULES, st.randoms(use_true_random=False))
@settings(max_examples=examples(300))
def test_the_order_in_which_facts_are_entered_does_not_matter(found, rule, random):
    other = Facts(
        *(
            shuffled(random, facts)
            for facts in (
                found.actions,
                found.decisions,
                found.reports,
                found.requests,
                found.non_receipts,
                found.reviews,
            )
        )
    )
    assert history(other, until=UNTIL, periodic_rule=rule) == history(found, until=UNTIL, periodic_rule=rule)


@given(ANY_FACTS, RULES)
@settings(max_examples=examples(300))
def test_each_thing_owed_is_there_once(found, rule):
    for on in found.days():
        identities = [row.identity for row in rows_on(found, on, rule)]
        assert len(identities) == len(set(identities)), on


@given(ANY_FACTS, RULES)
@settings(max_examples=examples(300))
def test_history_says_of_every_day_what_the_schedule_of_that_day_says(found, rule):
    spans = history(found, until=UNTIL, periodic_rule=rule)
    for on in turns(found):
        then = {
            identity: span.due
            for identity, stood in spans.items()
            for span in stood
            if span.since <= on and (span.until is None or on < span.until) and span.due.falls_on <= UNTIL
        }
        assert then == {row.identity: row for row in rows_on(found, on, rule)}, on


@given(ANY_FACTS, RULES)
def test_spans_follow_one_another(found, rule):
    for stood in history(found, until=UNTIL, periodic_rule=rule).values():
        for one, other in pairwise(stood):
            assert one.until is not None
            assert one.since < one.until <= other.since
            assert one.until < other.since or one.due != other.due


@given(ANY_FACTS, RULES)
def test_the_computed_dates_of_a_series_rise(found, rule):
    for series in (OWN, CRC):
        rows = [row for row in rows_on(found, UNTIL, rule) if (row.carried_by, row.article) != (OWN, "12.3")]
        if series == CRC and rule == ARTICLE_12_2:
            continue  # numbered as they come
        dated = sorted((row.cycle, row.computed_on) for row in rows if row.carried_by == series)
        assert all(one[0] < other[0] and add_years(one[1], 1) < other[1] for one, other in pairwise(dated))


@given(ANY_FACTS, RULES)
def test_every_trail_leads_to_the_due_date(found, rule):
    for row in rows_on(found, UNTIL, rule):
        assert row.article == "12.3" or row.trail[0].source == "Depositary"
        assert row.due_on is None or row.due_on in [step.end for step in row.trail]
        undated = row.waived or row.source in ("to be communicated", "treaty calendar")
        assert (row.due_on is not None) or undated
        assert row.due_on == row.computed_on or row.source != "rule"
        assert row.due_on is None or row.source not in ("to be communicated", "treaty calendar")


@given(ANY_FACTS, RULES)
def test_the_rows_come_in_the_order_of_falling_due_and_none_beyond_the_calendar(found, rule):
    falls_on = [row.falls_on for row in rows_on(found, UNTIL, rule)]
    assert falls_on == sorted(falls_on)
    assert all(on <= UNTIL for on in falls_on)


@given(ANY_FACTS, RULES, st.dates(date(2000, 1, 1), UNTIL))
def test_asking_for_less_of_the_calendar_gives_the_same_rows_up_to_there(found, rule, until):
    whole = rows_on(found, UNTIL, rule)
    assert rows_on(found, UNTIL, rule, until) == [row for row in whole if row.falls_on <= until]


@given(ANY_FACTS, RULES)
def test_an_answer_has_its_receipt_and_is_known_by_then(found, rule):
    for on in found.days():
        for row in rows_on(found, on, rule):
            assert row.received_on is None or row.received_on == row.answered_on
            assert row.answered_on is None or row.answered_on <= on


# --- the Committee's word -------------------------------------------------------------------------


@given(ANY_FACTS)
@settings(max_examples=examples(500))
def test_a_state_has_at_most_one_open_carried_report_on_any_day(found):
    for on in turns(found):
        rows = [row for row in rows_on(found, on, ARTICLE_12_2) if row.carried_by == CRC]
        still_open = [row.cycle for row in rows if row.answered_on is None and not row.waived]
        assert len(still_open) <= 1, on
        waiting = [row.cycle for row in rows if row.awaiting_since is not None]
        assert len(waiting) <= 1, on
        # The report that waits closes everything after it; one before it can still have a date of its own.
        assert not waiting or all(0 < cycle < waiting[0] for cycle in still_open), on


@given(ANY_FACTS)
@settings(max_examples=examples(300))
def test_no_carried_report_is_due_without_a_document_behind_it(found):
    stated = {(d.due_on, d.document) for d in found.decisions if d.carried_by == CRC and d.outcome == "date"}
    for on in found.days():
        for row in rows_on(found, on, ARTICLE_12_2):
            if row.carried_by == CRC and row.due_on is not None:
                assert row.source in ("committee", "list of issues prior to reporting")
                assert row.reviewed_without_on or (row.due_on, row.document) in stated


@given(ANY_FACTS, reviews(), RULES)
def test_entering_a_review_changes_no_earlier_day(found, entered, rule):
    assume(entered)
    review = entered[0]
    without = replace(found, reviews=tuple(r for r in found.reviews if r.document != review.document))
    entry = replace(without, reviews=(*without.reviews, review))

    def before(facts: Facts) -> dict[tuple, list[DueSpan]]:
        """Its spans as far as they lie before the day of the review."""
        spans = history(facts, until=UNTIL, periodic_rule=rule)
        cut = {
            identity: [
                replace(span, until=None) if span.until and span.until >= review.adopted_on else span
                for span in stood
                if span.since < review.adopted_on
            ]
            for identity, stood in spans.items()
        }
        return {identity: stood for identity, stood in cut.items() if stood}

    assert before(entry) == before(without)


@given(ANY_FACTS)
def test_the_first_receipt_of_a_report_under_the_crc_is_never_lost(found):
    """An answered obligation stays answered, unless the State withdraws the report or is party to nothing."""
    gone = {report.withdrawn_on for report in found.reports}
    before: set[int] = set()
    for on in found.days():
        rows = rows_on(found, on, ARTICLE_12_2)
        came = {
            number
            for row in rows
            if row.carried_by == CRC and row.answered_on is not None
            for number in range(row.cycle, row.last_cycle + 1)
            if row.cycle != NEXT
        }
        if on not in gone:
            assert before <= came, on
        before = came


@given(ANY_FACTS)
def test_under_the_plain_rule_nothing_recorded_under_the_crc_counts(found):
    inert = Facts(
        tuple(one for one in found.actions if one.treaty != "CRC"),
        tuple(one for one in found.decisions if one.carried_by != CRC),
        tuple(one for one in found.reports if one.carried_by != CRC),
        found.requests,
        tuple(one for one in found.non_receipts if one.carried_by != CRC),
        tuple(one for one in found.reviews if one.carried_by != CRC),
    )
    assert rows_on(found, UNTIL, "plain") == rows_on(inert, UNTIL, "plain")
