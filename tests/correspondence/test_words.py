"""The shipped words of papers in six languages."""

from __future__ import annotations

import pytest

from tests import factories
from tests.correspondence.conftest import TODAY
from tracker.correspondence.models import Languages, Letterhead, Occasion
from tracker.correspondence.text.filling import paragraphs_of, pattern_problem
from tracker.correspondence.text.subject import PaperSubject
from tracker.correspondence.text.words import SHIPPED, shipped
from tracker.correspondence.text.writing import Addressee, Words, WrittenPaper, language_for, parts_of, write
from tracker.languages.known import LANGUAGES, speaking
from tracker.registry.models import Contact, ContactKind

pytestmark = pytest.mark.django_db


def a_note_in(language: str, mission: Contact, head: Letterhead) -> WrittenPaper:
    report = factories.the_obligation(mission.state)
    subject = PaperSubject(mission.state, report, report.due_on)
    to = Addressee(ContactKind.MISSION, "", "")
    (note,) = write([language], "note", Occasion.DUE, subject, to, "OPSC/2026/0001", TODAY, head, Words({}))
    return note


@pytest.mark.parametrize("language", [one.code for one in LANGUAGES])
def test_each_part_names_only_facts_that_it_may_name(language: str) -> None:
    with speaking(language):
        found = {part: pattern_problem(part, shipped(part)) for part in SHIPPED}
    assert {part: problem for part, problem in found.items() if problem} == {}


@pytest.mark.parametrize(
    ("place", "language", "written"),
    [
        ("Geneva", "fr", "Genève, le 30 novembre 2026"),
        ("Geneva", "zh", "日内瓦，2026年11月30日"),
        ("Nairobi", "es", "Nairobi, 30 de noviembre de 2026"),
    ],
)
def test_a_paper_has_its_place_and_date_in_its_language(
    place: str, language: str, written: str, mission: Contact
) -> None:
    head = Letterhead.get()
    head.place = place
    assert a_note_in(language, mission, head).place_and_date == written


def test_a_paper_is_english_if_the_office_has_no_name_in_its_language(mission: Contact) -> None:
    mission.language = "fr"
    head = Letterhead.get()

    def languages() -> tuple[str, ...]:
        subject = PaperSubject(mission.state)
        return language_for(mission, subject, Languages.BOTH, [], Words({}), head).parts

    assert languages() == ("fr", "en")
    head.names = {}
    assert languages() == ("en",)


def test_a_note_to_the_holy_see_goes_to_its_observer_mission() -> None:
    assert parts_of("note", "mission", "circular", "VAT") == ["note.observer", "note.observer.closing"]
    assert parts_of("note", "mission", "circular", "NOR") == ["note.mission", "note.mission.closing"]


@pytest.mark.parametrize(
    ("languages", "begins"),
    [(["fr", "en"], ["Monsieur le Ministre,", "Excellency,"]), (["en"], ["Excellency,"])],
)
def test_the_form_of_address_of_a_contact_stands_in_its_language_alone(
    languages: list[str], begins: list[str], mission: Contact
) -> None:
    mission.kind, mission.language, mission.salutation = ContactKind.DIGNITARY, "fr", "Monsieur le Ministre,"
    to, subject, head = Addressee.of(mission), PaperSubject(mission.state), Letterhead.get()
    letter = write(
        languages, "letter", "other", subject, to, "OPSC/2026/0001", TODAY, head, Words({}), {"en": "x"}
    )
    assert [one.salutation for one in letter] == begins


def test_a_tab_that_was_pasted_is_a_space() -> None:
    assert pattern_problem("due", "The\treport is due.") == ""
    assert paragraphs_of("The\treport is due.") == ["The report is due."]
    assert pattern_problem("due", "The\x0breport is due.") != ""
