"""Which checklist counts on a day, and how what a report covers is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.consideration.samples import checks, the_guidelines
from tests.factories import a_state, an_officer, day, receives
from tracker.consideration.coverage import CoverageOfReport, coverages_of
from tracker.consideration.models import Checklist, GuidelineItem
from tracker.obligations.models import Submission

pytestmark = pytest.mark.django_db

LATER = day("2026-06-01")


@pytest.fixture
def report() -> Submission:
    return receives(a_state("NOR"), "2026-01-15")


def found(report: Submission, on: str = "2026-06-01") -> CoverageOfReport:
    return coverages_of([report.pk], day(on))[report.pk]


def test_missing_and_partly_covered_items_are_named(report: Submission) -> None:
    checks(report, an_officer(), absent=["A5", "A9.4"], partly=["D1"], not_applicable=["P4"])
    one = found(report)
    assert one.in_words() == "36 of 39 items covered; missing A5, A9.4; partly covered D1"
    assert (one.checked_on, one.differing) == (day("2026-03-02"), 0)


def test_a_report_that_covers_all_says_only_so(report: Submission) -> None:
    checks(report)
    assert found(report).in_words() == "40 of 40 items covered"


def test_of_many_missing_items_six_are_named_and_all_where_all_are_wanted(report: Submission) -> None:
    codes = ["P1", "P2", "P3", "P4", "P5", "D1", "D2", "D3"]
    checks(report, absent=codes)
    one = found(report)
    assert one.in_words() == "32 of 40 items covered; missing P1, P2, P3, P4, P5, D1 and 2 others"
    assert one.in_words(None) == "32 of 40 items covered; missing P1, P2, P3, P4, P5, D1, D2, D3"


def test_an_unfinished_checklist_never_counts(report: Submission) -> None:
    checks(report, finished=None)
    assert coverages_of([report.pk], LATER) == {}


def test_a_checklist_counts_from_the_day_on_which_it_was_finished(report: Submission) -> None:
    checks(report, finished="2026-03-02")
    assert coverages_of([report.pk], day("2026-03-01")) == {}
    assert found(report, "2026-03-02").checked_on == day("2026-03-02")


def test_of_two_that_differ_the_first_finished_counts_and_the_difference_is_said(report: Submission) -> None:
    checks(report, an_officer("ada"), finished="2026-03-05", absent=["A5"])
    checks(report, an_officer("bob"), finished="2026-03-02", absent=["A9.4"], partly=["D1"])
    one = found(report)
    assert Checklist.objects.get(pk=one.checklist).person == "bob"
    assert one.coverage.absent == ("A9.4",)
    assert one.differing_in_words() == "Two checklists differ in 3 items."


def test_before_the_second_is_finished_nothing_differs(report: Submission) -> None:
    checks(report, an_officer("ada"), finished="2026-03-05", absent=["A5"])
    checks(report, an_officer("bob"), finished="2026-03-02")
    assert found(report, "2026-03-04").differing_in_words() == ""


def test_the_agreed_checklist_counts_from_its_day_on(report: Submission) -> None:
    checks(report, an_officer("ada"), finished="2026-03-02", absent=["A5"])
    checks(report, an_officer("bob"), finished="2026-03-03")
    checks(report, an_officer("eve"), finished="2026-03-10", agreed=True, partly=["A5"])
    assert found(report, "2026-03-09").differing == 1
    one = found(report)
    assert Checklist.objects.get(pk=one.checklist).agreed
    assert (one.differing, one.coverage.partly) == (0, ("A5",))


def test_items_for_initial_reports_are_not_asked_of_periodic_ones() -> None:
    GuidelineItem.objects.filter(code="P3").update(applies_to="initial")
    norway = a_state("NOR")
    initial = receives(norway, "2016-01-15")
    periodic = receives(norway, "2026-01-15", kind="periodic", cycles="2")
    for report in (initial, periodic):
        checks(report)
    of = {pk: one.coverage.of for pk, one in coverages_of([initial.pk, periodic.pk], LATER).items()}
    assert of == {initial.pk: 40, periodic.pk: 39}


def test_an_item_added_to_the_guidelines_later_is_not_checked(report: Submission) -> None:
    checks(report)
    GuidelineItem.objects.create(
        guidelines=the_guidelines(), position=41, code="X1", section="IX", asks="anything else"
    )
    assert found(report).in_words() == "40 of 41 items covered; not checked X1"


@pytest.mark.parametrize(
    ("on", "kind", "words", "said"),
    [
        ("2026-01-15", "initial", 34_200, "34,200 words, 2,400 above the limit"),
        ("2026-01-15", "initial", 31_800, "31,800 of 31,800 words"),
        ("2026-01-15", "periodic", 21_201, "21,201 words, 1 above the limit"),
        ("2013-01-15", "initial", 50_000, "50,000 words"),  # before there was a limit
        ("2026-01-15", "initial", None, ""),
    ],
)
def test_the_words_of_a_report_beside_the_limit(on: str, kind: str, words: int | None, said: str) -> None:
    report = receives(a_state("NOR"), on, kind=kind)
    checks(report, words=words)
    assert found(report).length_in_words() == said


def test_the_coverage_of_many_reports_takes_three_queries(django_assert_num_queries: Any) -> None:
    officers = [an_officer(name) for name in ("ada", "bob", "eve")]
    reports = [receives(a_state(code), "2026-01-15") for code in ("NOR", "SWE", "DNK")]
    for report in reports:
        for officer in officers:
            checks(report, officer)
    with django_assert_num_queries(3):
        assert len(coverages_of([one.pk for one in reports], LATER)) == 3
