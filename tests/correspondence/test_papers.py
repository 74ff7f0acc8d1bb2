"""Papers from draft to acknowledgement, and their numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import factories
from tests.correspondence.conftest import TODAY
from tracker.correspondence import due, papers
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Dispatch, Means, Occasion, Paper, PaperRule, PaperStatus
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.languages.known import speaking
from tracker.obligations.models import InformationRequest
from tracker.registry.models import Contact, ContactKind, State
from tracker.registry.stored import translated

pytestmark = pytest.mark.django_db


def a_note(mission: Contact, occasion: str = Occasion.CIRCULAR, **more: object) -> Paper:
    new = NewPaper(
        occasion, "note", mission, PaperSubject(mission.state), typed={"en": "The office has moved."}, **more
    )  # type: ignore[arg-type]  # fields of the paper
    paper = papers.draft(new, by="ada", day=TODAY)
    assert paper is not None
    return paper


def test_only_the_latest_occasion_of_a_report_is_drafted_and_only_once(mission: Contact) -> None:
    (paper,) = due.draft_due(TODAY)
    assert paper.occasion == Occasion.YEARS_OVERDUE
    assert paper.reference == "OPSC/2026/0001"
    assert due.draft_due(TODAY) == []


def test_the_subject_of_a_circular_is_its_title(mission: Contact) -> None:
    assert a_note(mission, title="New address").subject == "Denmark: New address (OPSC)"
    assert a_note(mission, key="two").subject == "Denmark: communication about the Optional Protocol (OPSC)"


def test_a_subject_reverses_no_text_beside_it(mission: Contact) -> None:
    assert a_note(mission, title="New \u202eaddress").subject == "Denmark: New address (OPSC)"


@pytest.mark.parametrize(
    ("kind", "enclosure"),
    [("list of issues", "List of issues CRC/C/OPSC/DNK/Q/1"), ("other", "CRC/C/OPSC/DNK/Q/1")],
)
def test_a_request_is_enclosed_under_its_symbol(kind: str, enclosure: str) -> None:
    request = InformationRequest(kind=kind, document="CRC/C/OPSC/DNK/Q/1")
    assert PaperSubject(State(), request=request).enclosures() == [enclosure]


def test_numbers_have_no_gap_when_a_paper_is_there_already(mission: Contact) -> None:
    a_note(mission, key="one")
    assert (
        papers.draft(
            NewPaper("circular", "note", mission, PaperSubject(mission.state), key="one", typed={"en": "x"}),
            by="",
            day=TODAY,
        )
        is None
    )
    assert a_note(mission, key="two").reference == "OPSC/2026/0002"


def test_each_year_begins_with_number_one(mission: Contact) -> None:
    a_note(mission, key="one")
    new = NewPaper("circular", "note", mission, PaperSubject(mission.state), key="two", typed={"en": "x"})
    paper = papers.draft(new, by="", day=date(2027, 1, 4))
    assert paper is not None
    assert paper.reference == "OPSC/2027/0001"


def test_a_paper_is_initialled_then_dispatched_then_acknowledged(mission: Contact) -> None:
    paper = papers.initial(a_note(mission), by="bob")
    paper = papers.dispatch(paper, Means.COURIER, by="bob", day=TODAY, note="DHL 123")
    assert Dispatch.objects.get().state == "sent"
    paper = papers.acknowledge(paper, by="ada", on=TODAY, note="receipt stamped")
    assert paper.status == PaperStatus.ACKNOWLEDGED
    assert [step.what for step in paper.steps.all()] == [
        "drafted",
        "initialled",
        "dispatched",
        "acknowledged",
    ]


def test_a_draft_is_not_dispatched_and_nothing_twice(mission: Contact) -> None:
    paper = a_note(mission)
    with pytest.raises(NotPossible, match=r"^\['OPSC/2026/0001 is a draft and not initialled\.'\]$"):
        papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)
    papers.dispatch(papers.initial(paper, by="bob"), Means.COURIER, by="bob", day=TODAY)
    with pytest.raises(NotPossible, match=r"^\['OPSC/2026/0001 was dispatched on 30 November 2026\.'\]$"):
        papers.dispatch(paper, Means.MAIL, by="bob", day=TODAY)


@pytest.mark.parametrize("typed", [{"en": "To {sate}"}, {"en": "Words.", "fr": "À {etat}"}])
def test_words_with_an_unknown_name_draft_nothing(typed: dict[str, str], mission: Contact) -> None:
    new = NewPaper("other", "note", mission, PaperSubject(mission.state), typed=typed)
    with pytest.raises(NotPossible, match=r"is not known here\. Use one of: \{office\}"):
        papers.draft(new, by="ada", day=TODAY)
    assert a_note(mission).reference == "OPSC/2026/0001"  # no number was drawn


def test_a_paper_is_not_initialled_once_the_facts_have_changed(mission: Contact) -> None:
    (paper,) = due.draft_due(TODAY)
    factories.decides(mission.state, "2018-01-01", kind="initial", cycles="1")
    factories.derive(str(TODAY))
    with pytest.raises(NotPossible, match="records have changed"):
        papers.initial(Paper.objects.get(pk=paper.pk), by="bob")


def test_a_notice_of_review_needs_its_decision_and_two_people(mission: Contact) -> None:
    report = factories.the_obligation(mission.state)
    subject = PaperSubject(mission.state, report, report.due_on)
    paper = papers.draft(NewPaper(Occasion.REVIEW_NOTICE, "note", mission, subject), by="ada", day=TODAY)
    assert paper is not None
    with pytest.raises(NotPossible, match="document of the decision"):
        papers.initial(paper, by="ada")
    paper = papers.decide(paper, "CRC/C/103/2", by="ada")
    paper = papers.initial(paper, by="ada")
    assert paper.status == PaperStatus.DRAFT
    with pytest.raises(NotPossible, match="Someone else"):
        papers.initial(paper, by="ada")
    assert papers.initial(paper, by="bob").status == PaperStatus.INITIALLED


def test_a_paper_that_was_changed_meanwhile_is_not_overwritten(mission: Contact) -> None:
    paper = a_note(mission)
    papers.edit(paper, {"en": ["Other words."]}, by="bob", seen=paper.changed_at)
    with pytest.raises(NotPossible, match="Somebody has changed"):
        papers.edit(paper, {"en": ["Mine."]}, by="ada", seen=paper.changed_at)


def test_a_note_about_a_report_that_has_come_is_not_dispatched(mission: Contact) -> None:
    (paper,) = due.draft_due(TODAY)
    paper = papers.initial(paper, by="bob")
    factories.receives(mission.state, "2026-11-20")
    factories.derive(str(TODAY))
    with pytest.raises(NotPossible, match="records have changed"):
        papers.dispatch(Paper.objects.get(pk=paper.pk), Means.MAIL, by="bob", day=TODAY)
    assert not Dispatch.objects.exists()


def test_a_paper_rewritten_says_the_new_due_date_and_nothing_untrue(mission: Contact) -> None:
    (paper,) = due.draft_due(TODAY)
    factories.decides(mission.state, "2018-01-01", kind="initial", cycles="1")
    factories.derive(str(TODAY))
    paper = papers.rewrite(Paper.objects.get(pk=paper.pk), by="ada", day=TODAY)
    assert paper.due_on == date(2018, 1, 1)
    assert "Due date: 1 January 2018." in paper.content[0]["paragraphs"][2]
    assert due.draft_due(TODAY) == []
    factories.decides(
        mission.state, "2027-01-01", "2026-10-01", kind="initial", cycles="1", document="CRC/C/2"
    )
    factories.derive(str(TODAY))
    with pytest.raises(NotPossible, match="Cancel this paper"):
        papers.rewrite(Paper.objects.get(pk=paper.pk), by="ada", day=TODAY)


def test_a_paper_about_a_report_that_has_come_is_not_rewritten(mission: Contact) -> None:
    (paper,) = due.draft_due(TODAY)
    factories.receives(mission.state, "2026-11-20")
    factories.derive(str(TODAY))
    with pytest.raises(NotPossible, match="no longer awaited"):
        papers.rewrite(Paper.objects.get(pk=paper.pk), by="ada", day=TODAY)


def test_a_rule_drafts_nothing_before_its_words_are_true(mission: Contact) -> None:
    """“One year or more has passed” is not said after six months, nor “is approaching” after the day."""
    PaperRule.objects.exclude(occasion__in=("ahead", "long overdue"), to="mission").update(active=False)
    PaperRule.objects.filter(occasion="long overdue").update(months=6)
    assert [one.rule.occasion for one in due.find_due(date(2017, 2, 9))] == ["ahead"]
    assert list(due.find_due(date(2017, 2, 10))) == []
    assert list(due.find_due(date(2018, 2, 9))) == []
    assert [one.rule.occasion for one in due.find_due(date(2018, 2, 10))] == ["long overdue"]


def test_a_paper_whose_record_has_been_deleted_is_not_rewritten_without_it(mission: Contact) -> None:
    report = factories.receives(mission.state, "2026-11-20")
    factories.derive(str(TODAY))
    (paper,) = [one for one in due.draft_due(TODAY) if one.occasion == "receipt"]
    report.delete()
    paper = Paper.objects.get(pk=paper.pk)
    with pytest.raises(NotPossible, match="has been deleted"):
        papers.rewrite(paper, by="ada", day=TODAY)
    with pytest.raises(NotPossible, match="records have changed"):
        papers.initial(paper, by="bob")


def test_a_contact_in_cc_gets_no_paper_of_its_own(mission: Contact) -> None:
    factories.a_contact(mission.state, "copy@example.org", kind=ContactKind.MISSION, copy="cc")
    assert [paper.email for paper in due.draft_due(TODAY)] == ["mission.dnk@example.org"]


def test_the_means_in_the_history_is_in_the_language_of_the_reader(mission: Contact) -> None:
    first, second = (papers.initial(a_note(mission, Occasion.OTHER), by="bob") for _ in range(2))
    with speaking("fr"):
        papers.dispatch(first, Means.COURIER, by="bob", day=TODAY, note="DHL: 123")
        papers.dispatch(second, Means.HAND, by="bob", day=TODAY)
    notes = [one.steps.get(what="dispatched").note for one in (first, second)]
    assert notes == ["courier: DHL: 123", "by hand"]
    with speaking("fr"):
        assert [translated(one) for one in notes] == ["coursier\xa0: DHL: 123", "remis en main propre"]
        assert translated("By the way: closed") == "By the way: closed"


def test_what_is_due_is_read_once_for_all_kinds_of_contacts(
    mission: Contact, django_assert_num_queries: Any
) -> None:
    # The rules; the reports; receipts, lists of issues, lists prior to reporting, observations and dates.
    with django_assert_num_queries(7):
        list(due.find_due(TODAY))
