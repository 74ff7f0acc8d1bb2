"""The one door for checklists: begun, marked, finished, reopened, agreed on, deleted."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.consideration.samples import checks, the_guidelines
from tests.factories import a_state, an_officer, day, receives
from tracker.consideration import marking
from tracker.consideration.coverage import coverages_of
from tracker.consideration.item_texts import ITEM_TEXTS
from tracker.consideration.marking import CheckRefused, MarkGiven
from tracker.consideration.models import CheckedItem, Checklist, GuidelineItem, Guidelines
from tracker.obligations.models import Submission
from tracker.registry.limits import NotOnDesk
from tracker.registry.shipped import SHIPPED

pytestmark = pytest.mark.django_db

TODAY = day("2026-03-02")


@pytest.fixture
def report() -> Submission:
    return receives(a_state("NOR"), "2026-01-15")


@pytest.fixture
def ada() -> Any:
    return an_officer("ada")


def key_of(code: str) -> int:
    return GuidelineItem.objects.get(code=code).pk


def refused(act: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(CheckRefused) as error:
        act(*args, **more)
    return " ".join(error.value.messages)


def a_new_version(valid_from: str, document: str = "CRC/C/OPSC/3") -> Guidelines:
    return Guidelines.objects.create(
        treaty_id="OPSC", document=document, title="New guidelines", valid_from=day(valid_from)
    )


# --- beginning ------------------------------------------------------------------------------------------


def test_a_checklist_is_of_the_guidelines_in_force_at_the_receipt(report: Submission, ada: Any) -> None:
    a_new_version("2026-01-16")
    checklist = marking.begin(report, by=ada, day=TODAY)
    assert (str(checklist.guidelines), checklist.by, checklist.begun_on) == ("CRC/C/OPSC/2", ada, TODAY)


def test_where_the_receipt_is_not_known_the_review_counts(ada: Any) -> None:
    a_new_version("2026-01-16")
    report = receives(a_state("NOR"), None, reviewed_on="2026-02-01")
    assert str(marking.begin(report, by=ada, day=TODAY).guidelines) == "CRC/C/OPSC/3"


def test_a_report_from_before_all_guidelines_is_refused_in_words(ada: Any) -> None:
    report = receives(a_state("NOR"), "2004-05-03")
    assert refused(marking.begin, report, by=ada, day=TODAY) == (
        "No guidelines are recorded that were in force on 3 May 2004, so this report cannot be checked. An "
        "Administrator can add the version of that day to the guidelines."
    )
    assert not Checklist.objects.exists()


def test_another_version_than_the_one_in_force_is_refused(report: Submission, ada: Any) -> None:
    later = a_new_version("2026-01-16")
    assert refused(marking.begin, report, by=ada, day=TODAY, guidelines=later) == (
        "This checklist is of CRC/C/OPSC/3, but CRC/C/OPSC/2 was in force when the report was received. Begin again "
        "with that version."
    )
    assert not Checklist.objects.exists()


def test_a_checklist_is_refused_once_another_version_counts_and_can_be_deleted(
    report: Submission, ada: Any
) -> None:
    checklist = checks(report, ada, finished=None)
    a_new_version("2026-01-10")
    said = "This checklist is of CRC/C/OPSC/2, but CRC/C/OPSC/3 was in force"
    assert refused(marking.save, checklist, {}, None, by=ada).startswith(said)
    assert refused(marking.finish, checklist, by=ada, day=TODAY).startswith(said)
    marking.delete(checklist, by=ada, day=TODAY)
    assert str(marking.begin(report, by=ada, day=TODAY).guidelines) == "CRC/C/OPSC/3"


def test_begun_twice_it_is_the_same_checklist(report: Submission, ada: Any) -> None:
    first = marking.begin(report, by=ada, day=TODAY)
    assert marking.begin(report, by=ada, day=day("2026-03-05")) == first
    assert marking.begin(report, by=an_officer("bob"), day=TODAY) != first


# --- marking --------------------------------------------------------------------------------------------


def test_marks_are_saved_changed_and_taken_away_with_who_did_it(report: Submission, ada: Any) -> None:
    checklist = marking.begin(report, by=ada, day=TODAY)
    a5, a1 = key_of("A5"), key_of("A1")
    marking.save(
        checklist, {a5: MarkGiven("partly", "12-14", "no numbers"), a1: MarkGiven("covered")}, 29_000, by=ada
    )
    marking.save(checklist, {a5: MarkGiven("absent"), a1: MarkGiven("")}, 29_000, by=ada)
    assert list(checklist.marks.values_list("item__code", "mark", "pages", "note")) == [
        ("A5", "absent", "", "")
    ]
    kept = CheckedItem.history.order_by("history_id").values_list(
        "item__code", "history_type", "history_user__username"
    )
    assert list(kept) == [
        ("A5", "+", "ada"), ("A1", "+", "ada"), ("A1", "-", "ada"), ("A5", "~", "ada"),
    ]  # fmt: skip
    assert checklist.history.latest("history_id").words == 29_000


def test_forty_marks_are_saved_in_as_many_queries_as_two(
    report: Submission, ada: Any, django_assert_num_queries: Any
) -> None:
    checklist = marking.begin(report, by=ada, day=TODAY)
    items = list(the_guidelines().items.values_list("pk", flat=True))
    for keys in (items[:2], items[2:]):
        with django_assert_num_queries(5):
            marking.save(checklist, dict.fromkeys(keys, MarkGiven("covered")), None, by=ada)
    assert checklist.marks.count() == 40


def test_a_note_without_a_mark_is_refused_by_its_code(report: Submission, ada: Any) -> None:
    checklist = marking.begin(report, by=ada, day=TODAY)
    given = {key_of("A5"): MarkGiven("", note="see p. 4"), key_of("A1"): MarkGiven("covered")}
    said = refused(marking.save, checklist, given, None, by=ada)
    assert said == "Choose a mark for each item with pages or a note: A5."
    assert not checklist.marks.exists()


def test_an_item_of_another_version_is_refused(report: Submission, ada: Any) -> None:
    checklist = marking.begin(report, by=ada, day=TODAY)
    other = GuidelineItem.objects.create(
        guidelines=a_new_version("2030-01-01"), position=1, code="X1", section="I", asks="anything"
    )
    assert refused(marking.save, checklist, {other.pk: MarkGiven("covered")}, None, by=ada) == (
        "An item is not part of CRC/C/OPSC/2. Open the checklist again."
    )


def test_nobody_marks_the_checklist_of_somebody_else(report: Submission, ada: Any) -> None:
    theirs = checks(report, an_officer("bob"), finished=None)
    for act in (
        lambda: marking.save(theirs, {}, None, by=ada),
        lambda: marking.finish(theirs, by=ada, day=TODAY),
        lambda: marking.reopen(theirs, by=ada, day=TODAY),
        lambda: marking.delete(theirs, by=ada, day=TODAY),
    ):
        assert refused(act) == (
            "This is the checklist of another person. Mark your own, then compare the two."
        )


def test_only_who_has_the_state_on_the_desk_marks(report: Submission, ada: Any, settings: Any) -> None:
    settings.DESK_LIMITS = True
    checklist = checks(report, ada)
    for act in (
        lambda: marking.begin(report, by=ada, day=TODAY),
        lambda: marking.reopen(checklist, by=ada, day=TODAY),
        lambda: marking.delete(checklist, by=ada, day=TODAY),
        lambda: marking.agree(report, {}, None, by=ada, day=TODAY),
    ):
        with pytest.raises(NotOnDesk):
            act()
    report.state.desk_officer = ada
    report.state.save()
    del ada._on_desk
    marking.reopen(checklist, by=ada, day=TODAY)
    assert checklist.finished_on is None


# --- finishing ------------------------------------------------------------------------------------------


def test_it_is_finished_only_with_a_mark_for_every_item(report: Submission, ada: Any) -> None:
    checklist = checks(report, ada, finished=None, unmarked=["A5", "A9.4"])
    assert refused(marking.finish, checklist, by=ada, day=TODAY) == (
        "Saved, but not finished: 2 items have no mark: A5, A9.4."
    )
    left = dict.fromkeys((key_of("A5"), key_of("A9.4")), MarkGiven("covered"))
    marking.save(checklist, left, None, by=ada)
    marking.finish(checklist, by=ada, day=TODAY)
    assert Checklist.objects.get().finished_on == TODAY


def test_items_for_initial_reports_need_no_mark_in_a_periodic_one(ada: Any) -> None:
    GuidelineItem.objects.filter(code="P3").update(applies_to="initial")
    report = receives(a_state("NOR"), "2026-01-15", kind="periodic", cycles="2")
    checklist = checks(report, ada, finished=None)
    marking.finish(checklist, by=ada, day=TODAY)
    assert checklist.marks.count() == 39


def test_a_finished_one_is_reopened_before_it_is_changed(report: Submission, ada: Any) -> None:
    checklist = checks(report, ada)
    given = {key_of("A5"): MarkGiven("absent")}
    assert refused(marking.save, checklist, given, None, by=ada) == (
        "This checklist is finished. Reopen it to change marks."
    )
    marking.reopen(checklist, by=ada, day=TODAY)
    marking.save(checklist, given, None, by=ada)
    assert checklist.marks.get(item__code="A5").mark == "absent"


def test_a_reopened_checklist_still_counts_on_the_days_before(report: Submission, ada: Any) -> None:
    checklist = checks(report, ada, absent=["A5"])
    marking.reopen(checklist, by=ada, day=day("2026-03-10"))
    marking.save(checklist, {key_of("A5"): MarkGiven("covered")}, None, by=ada)

    def known(on: str) -> list[str]:
        return [one.in_words() for one in coverages_of([report.pk], day(on)).values()]

    assert known("2026-03-01") == known("2026-03-10") == []
    assert known("2026-03-02") == known("2026-03-09") == ["39 of 40 items covered; missing A5"]
    marking.finish(checklist, by=ada, day=day("2026-03-12"))
    marking.reopen(checklist, by=ada, day=day("2026-03-12"))  # on the same day: nobody saw it
    marking.finish(checklist, by=ada, day=day("2026-03-12"))
    assert (known("2026-03-11"), known("2026-03-12")) == ([], ["40 of 40 items covered"])
    assert known("2026-03-09") == ["39 of 40 items covered; missing A5"]
    marking.delete(checklist, by=ada, day=day("2026-03-13"))
    assert not Checklist.objects.exists()


def test_the_database_refuses_a_checklist_that_was_replaced_before_it_was_finished(
    report: Submission, ada: Any
) -> None:
    marking.begin(report, by=ada, day=TODAY)
    for days in ({"finished_on": None}, {"finished_on": day("2026-03-02")}):
        with pytest.raises(IntegrityError, match="checklist_replaced_once_finished"), transaction.atomic():
            Checklist.objects.update(**days, replaced_on=day("2026-03-02"))
    assert Checklist.objects.update(finished_on=day("2026-03-01"), replaced_on=day("2026-03-02")) == 1


# --- two people -----------------------------------------------------------------------------------------


@pytest.fixture
def two(report: Submission, ada: Any) -> tuple[Checklist, Checklist]:
    """Ada and Bob differ in A5 and D1; both have a note on A1."""
    one = checks(report, ada, finished="2026-03-01", absent=["A5"])
    other = checks(report, an_officer("bob"), partly=["D1"])
    one.marks.filter(item__code="A1").update(note="a law of 2009", pages="4")
    other.marks.filter(item__code="A1").update(note="art. 12 of the code", pages="4")
    return one, other


def test_the_agreed_checklist_has_the_chosen_marks_and_both_notes(
    report: Submission, two: tuple[Checklist, Checklist]
) -> None:
    eve = an_officer("eve")
    chosen = {key_of("A5"): two[0].pk, key_of("D1"): two[0].pk}
    agreed = marking.agree(report, chosen, 30_000, by=eve, day=TODAY)
    marks = {one.item.code: one for one in agreed.marks.all()}
    assert len(marks) == 40
    assert (marks["A5"].mark, marks["D1"].mark) == ("absent", "covered")
    assert (marks["A1"].note, marks["A1"].pages) == ("a law of 2009\nart. 12 of the code", "4")
    assert (agreed.agreed, agreed.by, agreed.finished_on, agreed.words) == (True, eve, TODAY, 30_000)


def test_every_item_that_differs_is_settled_first(
    report: Submission, ada: Any, two: tuple[Checklist, Checklist]
) -> None:
    other = checks(receives(a_state("SWE"), "2026-01-15"), ada)
    for chosen in ({key_of("D1"): two[0].pk}, {key_of("D1"): two[0].pk, key_of("A5"): other.pk}):
        assert refused(marking.agree, report, chosen, None, by=ada, day=TODAY) == (
            "Choose one of the marks for each of these items: A5."
        )
    assert not Checklist.objects.filter(agreed=True).exists()


def test_one_person_alone_cannot_agree(report: Submission, ada: Any) -> None:
    checks(report, ada)
    checks(report, an_officer("bob"), finished=None)
    assert refused(marking.agree, report, {}, None, by=ada, day=TODAY) == (
        "Two people have to finish their checklists before they can agree on one."
    )


def test_what_was_agreed_on_stays_until_the_agreed_checklist_is_deleted(
    report: Submission, ada: Any, two: tuple[Checklist, Checklist]
) -> None:
    agreed = marking.agree(
        report, {key_of("A5"): two[0].pk, key_of("D1"): two[0].pk}, None, by=ada, day=TODAY
    )
    for act in (
        lambda: marking.reopen(two[0], by=ada, day=TODAY),
        lambda: marking.delete(two[0], by=ada, day=TODAY),
        lambda: marking.agree(report, {}, None, by=ada, day=TODAY),
        lambda: marking.begin(report, by=an_officer("eve"), day=TODAY),
    ):
        assert refused(act).startswith("An agreed checklist counts for this report.")
    marking.delete(agreed, by=an_officer("zoe"), day=TODAY)
    marking.delete(two[0], by=ada, day=TODAY)
    assert list(Checklist.objects.all()) == [two[1]]
    assert CheckedItem.history.filter(history_type="-").count() == 80


def test_an_agreement_given_up_still_counts_on_the_days_before(
    report: Submission, ada: Any, two: tuple[Checklist, Checklist]
) -> None:
    agreed = marking.agree(
        report, {key_of("A5"): two[1].pk, key_of("D1"): two[1].pk}, None, by=ada, day=TODAY
    )
    marking.delete(agreed, by=ada, day=day("2026-03-05"))
    known = {on: coverages_of([report.pk], day(on))[report.pk] for on in ("2026-03-04", "2026-03-05")}
    assert [(one.coverage.gaps, one.differing) for one in known.values()] == [(("D1",), 0), (("A5",), 2)]
    marking.reopen(two[0], by=ada, day=day("2026-03-05"))
    assert marking.finished_of(report) == [two[1]]


def test_the_checklist_of_a_former_user_can_be_deleted_by_others(report: Submission, ada: Any) -> None:
    checklist = checks(report, None)
    marking.delete(checklist, by=ada, day=TODAY)
    assert not Checklist.objects.exists()


# --- the words of the items -----------------------------------------------------------------------------


def test_the_catalogues_know_the_words_of_all_shipped_items() -> None:
    with (SHIPPED / "guidelines_opsc.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    title = the_guidelines().title
    assert {title, *(row["section"] for row in rows), *(row["asks"] for row in rows)} == ITEM_TEXTS
