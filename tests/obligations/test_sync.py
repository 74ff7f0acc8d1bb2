"""Synchronising expected with stored obligations: missing, changed or obsolete rows; a row keeps its identity for
life.
"""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    a_state,
    asks,
    day,
    decides,
    denounces,
    derive,
    joins,
    receives,
    the_obligation,
    the_request,
)
from tracker.obligations import sync
from tracker.obligations.models import Obligation
from tracker.obligations.tasks import synchronise as nightly
from tracker.registry.models import TreatyAction

pytestmark = pytest.mark.django_db


def told(found: sync.Difference) -> tuple[int, int, int, int]:
    return len(found.missing), len(found.changed), len(found.obsolete), found.unchanged


def test_the_first_synchronisation_derives_everything_up_to_the_horizon(usa):
    found = derive("2026-11-22")
    assert told(found) == (7, 0, 0, 0)
    assert list(Obligation.objects.order_by("cycle").values_list("cycle", "due_on")) == [
        (1, date(2005, 1, 23)),
        (2, date(2010, 1, 23)),
        (3, date(2015, 1, 23)),
        (4, date(2020, 1, 23)),
        (5, date(2025, 1, 23)),
        (6, date(2030, 1, 23)),
        (7, date(2035, 1, 23)),
    ]


def test_a_second_synchronisation_changes_nothing(usa):
    receives(usa, "2007-05-10")
    decides(usa, "2016-01-23", on="2013-02-01", cycles="3-4", precision="year")
    derive("2026-11-22")
    before = list(Obligation.objects.order_by("pk").values())
    found = derive("2026-11-22")
    assert told(found) == (0, 0, 0, 7)
    assert not found
    assert list(Obligation.objects.order_by("pk").values()) == before


def test_a_day_that_moves_on_brings_the_next_cycle_into_the_horizon(usa):
    derive("2030-01-22")
    found = derive("2030-01-23")  # cycle 8 falls due on 2040-01-23
    assert told(found) == (1, 0, 0, 7)
    assert found.missing[0].due_on == date(2040, 1, 23)


def test_difference_reads_only(usa):
    found = sync.difference(date(2026, 11, 22))
    assert told(found) == (7, 0, 0, 0)
    assert not Obligation.objects.exists()


def test_a_corrected_fact_changes_the_row_and_not_its_identity(usa):
    derive("2026-11-22")
    keys = dict(Obligation.objects.values_list("cycle", "pk"))
    usa.actions.filter(kind="ratification").update(date=day("2002-12-24"))
    found = derive("2026-11-22")
    assert told(found) == (0, 7, 0, 0)
    assert dict(Obligation.objects.values_list("cycle", "pk")) == keys
    assert the_obligation(usa).due_on == date(2005, 1, 24)
    changed = next(change for change in found.changed if change.obligation.cycle == 1)
    assert changed.before["due_on"] == date(2005, 1, 23)
    assert sorted(changed.before) == ["arises_on", "computed_on", "due_on", "trail"]


def test_a_committee_date_replaces_the_date_of_the_cycles_it_names_and_keeps_the_computed_one(usa):
    decides(usa, "2016-01-23", on="2013-02-01", cycles="3-4")
    derive("2026-11-22")
    rows = Obligation.objects.filter(due_source="committee").order_by("cycle")
    assert list(rows.values_list("cycle", "computed_on", "due_on", "decided_on")) == [
        (3, date(2015, 1, 23), date(2016, 1, 23), date(2013, 2, 1)),
        (4, date(2020, 1, 23), date(2016, 1, 23), date(2013, 2, 1)),
    ]


def test_a_withdrawn_decision_gives_the_computed_date_back(usa):
    asked = decides(usa, None, on="2013-02-01", cycles="3", outcome="to be communicated")
    derive("2026-11-22")
    row = the_obligation(usa, 3)
    assert (row.due_on, row.due_source) == (None, "to be communicated")
    asked.delete()
    derive("2026-11-22")
    row.refresh_from_db()
    assert (row.due_on, row.due_source, row.decided_on) == (date(2015, 1, 23), "rule", None)


def test_a_cycle_put_off_beyond_the_horizon_stays_expected(usa):
    derive("2026-11-22")
    decides(usa, "2038-01-23", on="2025-02-01", cycles="6")
    found = derive("2026-11-22")
    assert told(found) == (0, 1, 0, 6)
    row = the_obligation(usa, 6)
    assert (row.due_on, row.expected) == (date(2038, 1, 23), True)


def test_a_cycle_put_off_beyond_the_horizon_is_switched_off_when_nothing_supports_it(usa):
    decides(usa, "2038-01-23", on="2025-02-01", cycles="6")
    derive("2026-11-22")
    usa.actions.filter(kind="ratification").delete()
    derive("2026-11-22")
    assert not Obligation.objects.filter(expected=True).exists()


def test_a_row_that_the_facts_no_longer_support_is_switched_off_and_back_on_as_the_same_row(usa):
    derive("2026-11-22")
    key = the_obligation(usa).pk
    mistaken = usa.actions.get(kind="ratification")
    mistaken.delete()
    found = derive("2026-11-22")
    assert told(found) == (0, 0, 7, 0)
    assert not any(row.expected for row in found.obsolete)
    assert list(Obligation.objects.values_list("expected", flat=True)) == [False] * 7
    assert told(derive("2026-11-22")) == (0, 0, 0, 0)

    joins(usa, on="2002-12-23")
    found = derive("2026-11-22")
    assert told(found) == (0, 7, 0, 0)
    assert the_obligation(usa).pk == key
    assert the_obligation(usa).expected


def test_an_answered_row_is_kept_when_the_facts_no_longer_support_it(usa):
    receives(usa, "2007-05-10")
    derive("2026-11-22")
    usa.actions.filter(kind="ratification").delete()
    derive("2026-11-22")
    row = the_obligation(usa)
    assert (row.expected, row.received_on) == (False, date(2007, 5, 10))


def test_a_withdrawn_submission_leaves_its_row_unanswered(norway):
    received = receives(norway, "2005-01-01")
    derive("2026-11-22")
    carried = Obligation.objects.filter(carried_by="CRC report")
    assert list(carried.values_list("cycle", "due_source")) == [(0, "treaty calendar")]
    received.delete()
    found = derive("2026-11-22")
    assert told(found) == (0, 1, 1, 0)
    assert the_obligation(norway).answered_on is None
    assert not carried.filter(expected=True).exists()


def test_what_was_owed_before_a_denunciation_is_kept_with_the_day_on_which_it_ceased(usa):
    derive("2026-11-22")
    denounces(usa, on="2012-05-15")
    found = derive("2026-11-22")
    assert told(found) == (0, 5, 0, 2)  # cycles 1 and 2 stay owed; 3 to 7 fall due after 2013-05-15
    assert set(Obligation.objects.filter(cycle__gte=3).values_list("ceases_on", "expected")) == {
        (date(2012, 5, 15), True)
    }


def test_facts_after_the_day_do_not_count(usa):
    receives(usa, "2007-05-10")
    derive("2007-05-09")
    assert the_obligation(usa).answered_on is None
    derive("2007-05-10")
    assert the_obligation(usa).answered_on == date(2007, 5, 10)


def test_only_the_states_asked_for_are_synchronised(usa):
    other = a_state("BEN")
    joins(other, on="2005-01-31")
    derive("2026-11-22", usa)
    assert set(Obligation.objects.values_list("state", flat=True)) == {"USA"}


def test_synchronising_one_state_leaves_the_rows_of_others_alone(usa):
    other = a_state("BEN")
    joins(other, on="2005-01-31")
    derive("2026-11-22")
    assert told(derive("2026-11-22", other)) == (0, 0, 0, 6)
    assert Obligation.objects.filter(state=usa, expected=True).count() == 7


def test_the_plain_rule_takes_the_place_of_the_other_and_gives_it_back(norway, settings):
    receives(norway, "2005-01-01")
    derive("2020-01-01")
    carried = dict(Obligation.objects.filter(carried_by="CRC report").values_list("cycle", "pk"))
    settings.PERIODIC_RULE = "plain"
    derive("2020-01-01")
    live = Obligation.objects.filter(expected=True, kind="periodic")
    assert set(live.values_list("carried_by", flat=True)) == {"own"}
    settings.PERIODIC_RULE = "article-12-2"
    derive("2020-01-01")
    assert dict(live.values_list("cycle", "pk")) == carried


THIRTY = [f"{first}{second}X" for first in "ABCDE" for second in "ABCDEF"]  # made-up States


def test_comparing_takes_nine_queries_however_many_states_there_are(django_assert_num_queries):
    joins(a_state(THIRTY[0]), on="2005-01-31")
    # Obligations, present and former spans, actions, dates, submissions, requests, non-receipts, reviews.
    with django_assert_num_queries(9):
        assert told(sync.difference(date(2026, 11, 22))) == (6, 0, 0, 0)
    for code in THIRTY[1:]:
        joins(a_state(code), on="2005-01-31")
    with django_assert_num_queries(9):
        assert told(sync.difference(date(2026, 11, 22))) == (30 * 6, 0, 0, 0)


def test_writing_takes_one_query_for_many_rows(django_assert_max_num_queries):
    joins(a_state(THIRTY[0]), on="2005-01-31")
    with CaptureQueriesContext(connection) as for_one:
        derive("2026-11-22")
    for code in THIRTY[1:]:
        joins(a_state(code), on="2005-01-31")
    with django_assert_max_num_queries(
        len(for_one) + 6
    ):  # SQLite takes so many values at a time: rows, spans
        assert told(derive("2026-11-22")) == (29 * 6, 0, 0, 6)


def test_changing_takes_one_query_for_many_rows(django_assert_max_num_queries):
    for code in THIRTY:
        joins(a_state(code), on="2005-01-31")
    derive("2026-11-22")
    TreatyAction.objects.filter(state=THIRTY[0]).update(date=day("2005-02-01"))
    with CaptureQueriesContext(connection) as for_one:
        derive("2026-11-22")
    TreatyAction.objects.exclude(state=THIRTY[0]).update(date=day("2005-02-01"))
    with django_assert_max_num_queries(len(for_one) + 6):  # they are written a hundred at a time
        assert told(derive("2026-11-22")) == (0, 29 * 6, 0, 6)


def test_a_submission_about_a_cycle_that_does_not_exist_is_told(usa):
    receives(usa, "2007-05-10")
    wrong = receives(usa, "2010-01-25", "periodic", "40")
    receives(usa, "2010-01-25", "periodic", "2", carried_by="CRC report")  # refused when a person enters it
    derive("2026-11-22")
    assert sync.unmatched() == [wrong]
    assert sync.unmatched(["USA"]) == [wrong]
    assert sync.unmatched(["BEN"]) == []


def test_a_combined_submission_is_matched_if_one_of_its_cycles_exists(usa):
    receives(usa, "2003-06-01", "periodic", "1-2")
    derive("2026-11-22")
    assert sync.unmatched() == []


def test_a_submission_of_a_state_that_never_joined_is_told():
    stray = receives(a_state("IRL"), "2007-05-10")
    derive("2026-11-22")
    assert sync.unmatched() == [stray]


def test_the_nightly_task_synchronises_all_states(usa, time_machine):
    time_machine.move_to(day("2026-11-22"))
    nightly()
    assert Obligation.objects.filter(expected=True).count() == 7


# --- one submission, many obligations -------------------------------------------------------------


def test_a_crc_report_that_carries_the_information_answers_its_row(norway):
    receives(norway, None, reviewed_on="2005-06-03")
    receives(norway, "2008-02-01", "periodic", "4", carried_by="CRC report")
    receives(norway, "2016-10-21", "periodic", "5-6", carried_by="CRC report")
    derive("2026-11-22")
    rows = Obligation.objects.filter(kind="periodic", ceases_on=None).order_by("cycle")
    assert list(rows.values_list("carried_by", "cycle", "received_on")) == [
        ("CRC report", 4, date(2008, 2, 1)),
        ("CRC report", 5, date(2016, 10, 21)),
    ]
    assert the_obligation(norway, 5, "CRC report").last_cycle == 6
    assert sync.unmatched() == []


def test_a_crc_report_answers_nothing_until_the_initial_report_is_there(norway):
    receives(norway, "2008-02-01", "periodic", "4", carried_by="CRC report")
    derive("2026-11-22")
    assert sync.unmatched() == []  # a report under the CRC is a fact whether or not it carries anything
    assert not Obligation.objects.filter(carried_by="CRC report").exists()
    receives(norway, None, reviewed_on="2005-06-03")
    derive("2026-11-22")
    assert sync.unmatched() == []
    assert the_obligation(norway, 4, "CRC report").received_on == date(2008, 2, 1)


# --- requests for further information -------------------------------------------------------------


def test_a_request_brings_a_row_of_its_own(usa):
    derive("2026-11-22")
    asks(usa, "2012-11-15", on="2012-07-10", kind="follow-up", document="CRC/C/OPSC/USA/CO/1")
    found = derive("2026-11-22")
    assert told(found) == (1, 0, 0, 7)
    row = the_request(usa)
    assert (row.article, row.kind, row.carried_by, row.cycle, row.subject) == (
        "12.3",
        "information",
        "own",
        1,
        "follow-up",
    )
    assert (row.computed_on, row.due_on, row.due_source) == (
        date(2012, 11, 15),
        date(2012, 11, 15),
        "committee",
    )
    assert (row.arises_on, row.ceases_on, row.answered_on) == (date(2012, 7, 10), None, None)
    assert [(step.source, step.sentence()) for step in row.steps] == [
        (
            "CRC/C/OPSC/USA/CO/1",
            (
                "The Committee, on 10 July 2012, asks for information on the follow-up to its recommendations by "
                "15 November 2012."
            ),
        )
    ]
    assert told(derive("2026-11-22")) == (0, 0, 0, 8)


def test_a_reply_answers_its_request_alone(usa):
    first = asks(usa, document="A")
    asks(usa, document="B")
    derive("2026-11-22")
    first.received_on = day("2012-12-01")
    first.save()
    assert told(derive("2026-11-22")) == (0, 1, 0, 8)
    assert the_request(usa, 1).received_on == date(2012, 12, 1)
    assert the_request(usa, 2).answered_on is None


def test_a_corrected_request_changes_its_row_and_not_its_identity(usa):
    asked = asks(usa)
    derive("2026-11-22")
    key = the_request(usa).pk
    asked.kind, asked.due_on = "follow-up", day("2013-01-15")
    asked.save()
    found = derive("2026-11-22")
    assert told(found) == (0, 1, 0, 7)
    assert sorted(found.changed[0].before) == ["computed_on", "due_on", "subject", "trail"]
    row = the_request(usa)
    assert (row.pk, row.due_on, row.label) == (
        key,
        date(2013, 1, 15),
        "follow-up",
    )


def test_a_withdrawn_request_is_expected_no_more_and_the_next_one_is_another_row(usa):
    asked = asks(usa)
    derive("2026-11-22")
    asked.delete()
    assert told(derive("2026-11-22")) == (0, 0, 1, 7)
    asks(usa)
    assert told(derive("2026-11-22")) == (1, 0, 0, 7)
    assert [(row.cycle, row.expected) for row in Obligation.objects.filter(kind="information")] == [
        (1, False),
        (2, True),
    ]


def test_a_long_document_and_its_paragraph_are_kept_apart():
    # Together they are longer than the column of an obligation, which PostgreSQL would refuse.
    usa = a_state("USA")
    joins(usa, on="2002-12-23")
    decides(usa, on="2013-02-01", cycles="3", document="D" * 100, paragraph="paras. 47 and 48")
    derive("2026-11-22")
    row = the_obligation(usa, 3)
    assert (row.document, row.steps[-1].source) == ("D" * 100, "D" * 100 + ", para. paras. 47 and 48")
