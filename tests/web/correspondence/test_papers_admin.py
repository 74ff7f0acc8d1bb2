"""The rules and texts of papers, and the letterhead, in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, fields_of, links, one_of, read, table, words
from tracker.correspondence import due, received
from tracker.correspondence.models import Letterhead, PaperRule, PaperText
from tracker.registry.models import Contact

pytestmark = pytest.mark.django_db

TEXTS, RULES = "/admin/correspondence/papertext/", "/admin/correspondence/paperrule/"
HEAD = "/admin/correspondence/letterhead/1/change/"


def errors(page: Any) -> list[str]:
    return [words(one) for one in all_of(page, "ul", class_="errorlist")]


def test_a_text_begins_with_the_shipped_words_and_names_its_facts(staff: Client) -> None:
    page = read(staff.get(f"{TEXTS}add/?part=letter.salutation&language=fr"))
    shipped = one_of(page, "section", aria_labelledby="h-shipped")
    assert [words(one) for one in all_of(shipped, "code")] == [
        "{office}", "{state}", "{state_name}", "{reference}", "{name}",
    ]  # fmt: skip
    begun = words(one_of(page, "textarea", name="words"))
    assert begun in words(shipped)
    assert len(begun) > 3


def test_without_a_part_each_one_is_offered(staff: Client) -> None:
    offered = links(one_of(read(staff.get(f"{TEXTS}add/")), "section", aria_labelledby="h-parts"))
    assert len(offered) == 25
    assert offered["Report overdue"] == f"{TEXTS}add/?part=overdue&language=en"


def test_a_text_is_previewed_saved_and_reset(mission: Contact, staff: Client) -> None:
    sent = {"part": "years overdue", "language": "en", "words": "Please send {report}, due {due}."}
    page = read(staff.post(f"{TEXTS}add/", sent | {"_preview": "1"}))
    assert "Please send initial report, due 10 February 2017." in words(
        one_of(page, "article", class_="paper")
    )
    assert not PaperText.objects.exists()
    staff.post(f"{TEXTS}add/", sent)
    (paper,) = due.draft_due(TODAY)
    assert paper.content[0]["paragraphs"][1] == "Please send initial report, due 10 February 2017."
    text = PaperText.objects.get()
    assert text.history.get().history_user.username == "ada"
    page = read(staff.get(f"{TEXTS}{text.pk}/delete/"))
    staff.post(
        f"{TEXTS}{text.pk}/delete/", fields_of(all_of(one_of(page, "main"), "form")[0]) | {"post": "yes"}
    )
    assert not PaperText.objects.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "Dear {name.__class__}",
            "{name.__class__} is not known here. Use one of: {office}, {state}, {state_name}, {reference}, {name}.",
        ),
        (
            "Dear {name",
            "Braces are for names of facts only. Use one of: {office}, {state}, {state_name}, {reference}, {name}.",
        ),
    ],
)
def test_a_text_with_anything_but_known_names_is_refused(typed: str, said: str, staff: Client) -> None:
    sent = {"part": "mail.salutation", "language": "en", "words": typed}
    for button in ("_save", "_preview"):
        assert errors(read(staff.post(f"{TEXTS}add/", sent | {button: "1"}))) == [said]
    assert not PaperText.objects.exists()


def test_the_first_line_of_a_mail_is_previewed_as_a_line(mission: Contact, staff: Client) -> None:
    sent = {"part": "cover.note", "language": "en", "words": "Attached: {reference}.", "_preview": "1"}
    page = read(staff.post(f"{TEXTS}add/", sent))
    assert words(one_of(page, "p", class_="letter")) == "Attached: OPSC/2026/…."


def test_a_rule_is_previewed_on_a_report_of_which_it_is_true(mission: Contact, staff: Client) -> None:
    rule = PaperRule.objects.get(occasion="years overdue", to="mission")
    sent = {
        "occasion": "years overdue",
        "months": "60",
        "to": "mission",
        "form": "note",
        "languages": "english",
    }
    address = f"{RULES}{rule.pk}/change/"
    version = fields_of(one_of(read(staff.get(address)), "form", id="paperrule_form"))
    page = read(staff.post(address, version | sent | {"_preview": "1"}))
    assert "As a paper to Denmark would read. Nothing is saved yet." in words(page)
    assert "Due date: 10 February 2017." in words(one_of(page, "article", class_="paper"))
    factories.receives(mission.state, "2020-11-20")
    factories.derive(str(TODAY))
    page = read(staff.post(address, version | sent | {"_preview": "1"}))
    assert "There is no record yet that such a paper could be about." in words(page)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"to": "other", "form": "note", "months": "-6"},
            "A note verbale goes to Permanent Missions and ministries only. Choose a letter or plain mail.",
        ),
        (
            {"to": "other", "form": "mail", "months": ""},
            "Enter the months for an occasion that depends on a due date, and leave them empty for others.",
        ),
        (
            {"to": "mission", "form": "note", "months": "-6"},
            "There is already a rule for this occasion and kind of contact.",
        ),
    ],
)
def test_a_rule_that_cannot_be_says_what_to_choose(more: dict[str, str], said: str, staff: Client) -> None:
    sent = {"occasion": "ahead", "languages": "automatic", "active": "on"} | more
    assert said in words(read(staff.post(f"{RULES}add/", sent)))


def test_the_letterhead_has_a_name_in_each_language_and_a_history(staff: Client) -> None:
    sent = fields_of(one_of(read(staff.get(HEAD)), "form", id="letterhead_form"))
    staff.post(HEAD, sent | {"name_fr": "le Bureau", "name_ar": " "})
    head = Letterhead.get()
    assert (head.name_in("fr"), "ar" in head.names, "es" in head.names) == ("le Bureau", False, True)
    changed, first = table(read(staff.get("/admin/correspondence/letterhead/1/history/")))
    assert (changed[1:3], first[1:3]) == (["Changed", "ada"], ["Created", "—"])
    assert changed[4].startswith("Name in other languages: ")
    assert errors(read(staff.post(HEAD, sent | {"pattern": "OPSC-{year}"}))) != []


def test_a_pattern_that_would_give_a_reference_again_is_refused(mission: Contact, staff: Client) -> None:
    received.receive(mission.state, by="ada", on=TODAY, subject="Answer")
    sent = fields_of(one_of(read(staff.get(HEAD)), "form", id="letterhead_form"))
    swapped = {"pattern": "OPSC/{year}/IN/{number}", "pattern_received": "IN/{year}/{number}"}
    assert errors(read(staff.post(HEAD, sent | swapped))) == [
        "This pattern gives a reference again: OPSC/2026/IN/0001."
    ]
    assert Letterhead.get().pattern == "OPSC/{year}/{number}"


def test_the_letterhead_is_previewed_on_a_letter(mission: Contact, staff: Client) -> None:
    sent = fields_of(one_of(read(staff.get(HEAD)), "form", id="letterhead_form"))
    page = read(staff.post(HEAD, sent | {"name": "the Bureau", "signed_by": "A. Secretary", "_preview": "1"}))
    letter = words(one_of(page, "article", class_="paper"))
    assert letter.startswith("The Bureau")
    assert "A. Secretary" in letter
    assert Letterhead.get().signed_by == ""


def test_an_approver_reads_the_texts_and_changes_none(staff: Client) -> None:
    text = PaperText.objects.create(part="due", language="en", words="The report is due.")
    page = read(in_role("Approver").get(f"{TEXTS}{text.pk}/change/"))
    assert not all_of(page, "textarea")
    assert "The report is due." in words(page)
    assert "Preview a paper" not in words(page)


def test_months_that_no_calendar_has_are_refused(staff: Client) -> None:
    """They would have stopped all drafting."""
    rule = PaperRule.objects.get(occasion="overdue", to="mission")
    address = f"{RULES}{rule.pk}/change/"
    sent = fields_of(all_of(one_of(read(staff.get(address)), "main"), "form")[0]) | {"months": "-121"}
    assert errors(read(staff.post(address, sent))) == ["Ensure this value is greater than or equal to -120."]
    rule.refresh_from_db()
    assert rule.months == 1
