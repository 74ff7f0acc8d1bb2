"""Requests for what a report leaves out, and the draft made of them as a file."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from docx import Document
from pypdf import PdfReader

from tests import factories
from tests.consideration.samples import the_guidelines
from tests.web.conftest import TODAY
from tracker.consideration.list_of_issues import IssuesPart, docx_of, draft_of, in_document, pdf_of
from tracker.consideration.models import GuidelineItem, ItemQuestion
from tracker.consideration.questions import SHIPPED, place_of, shipped_words, words_for
from tracker.languages.known import LANGUAGES, speaking

pytestmark = pytest.mark.django_db

HOSTILE = "{{ 7*7 }} {% x %} #panic(1) $x$ [a] <w:p/> ]]> =cmd() \u202efdp.exe\u202c \x07 <script>1</script>"
AS_TEXT = "{{ 7*7 }} {% x %} #panic(1) $x$ [a] <w:p/> ]]> =cmd() fdp.exe <script>1</script>"


def item(code: str) -> GuidelineItem:
    return GuidelineItem.objects.select_related("guidelines").get(code=code)


def a_draft(*requests: tuple[str, str], languages: tuple[str, ...] = ("en",)) -> list[IssuesPart]:
    report = factories.receives(factories.a_state("NOR"), "2024-05-10", symbol="CRC/C/OPSC/NOR/1")
    return draft_of(report, {code: list(requests) for code in languages}, TODAY)


# --- requests -------------------------------------------------------------------------------------


def test_each_item_of_the_shipped_guidelines_has_a_request() -> None:
    assert list(SHIPPED) == [one.code for one in the_guidelines().items.order_by("position")]
    assert {text.split()[0] for text in SHIPPED.values()} == {"Please"}
    assert len(set(SHIPPED.values())) == 40


def test_an_item_of_another_version_is_asked_for_in_its_own_words() -> None:
    found = GuidelineItem(
        guidelines=the_guidelines(), code="N1", asks="reporting online", section="I Process"
    )
    assert shipped_words(found) == "Please provide information on the following: reporting online."
    found.guidelines.document = "CRC/C/OPSC/3"
    found.code = "G4"
    assert shipped_words(found) == "Please provide information on the following: reporting online."


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("A9.4", "art. 9(4)"),
        ("A3.3", "art. 3(3)"),
        ("G5", "art. 8(4), 9(2)"),
        ("P1", "guidelines, section I"),
        ("G6", "guidelines, section III"),
    ],
)
def test_the_place_of_an_item_is_its_article_or_its_section(code: str, place: str) -> None:
    assert place_of(item(code)) == place


def test_the_own_words_of_the_office_come_first_in_their_language() -> None:
    budget = item("G4")
    row = ItemQuestion.objects.create(item=budget, language="fr", words="Quel est le budget ?")
    found = words_for([budget], ["en", "fr"])
    assert found[budget.pk, "en"] == (SHIPPED["G4"], None)
    assert found[budget.pk, "fr"] == ("Quel est le budget ?", row)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Please list the laws.", "Please list the laws (art. 3)."),
        ("Is it banned?", "Is it banned? (art. 3)"),
        ("Please list\r\n\r\nthe   laws", "Please list the laws (art. 3)"),
    ],
)
def test_a_request_ends_with_its_place(words: str, expected: str) -> None:
    assert in_document(words, "art. 3") == expected


# --- files ----------------------------------------------------------------------------------------


def test_a_draft_says_what_it_is_about_and_that_it_is_a_draft() -> None:
    (part,) = a_draft(("Please list the laws.", "art. 3"))
    assert part.title == "List of issues: Norway, initial report"
    assert part.mark == "Draft of 22 November 2026 by the secretariat; not adopted by the Committee"
    assert part.about[1:] == ["CRC/C/OPSC/NOR/1", "Received on 10 May 2024"]
    assert part.opening == (
        "The State party is requested to reply to the following in writing, in 10,700 words at most."
    )
    assert part.reference == "List of issues: Norway, initial report (draft)"


def test_the_pdf_is_accessible_and_numbers_the_requests() -> None:
    parts = a_draft(("Please list the laws.", "art. 3"), ("Is it banned?", "art. 9(5)"))
    document = PdfReader(io.BytesIO(pdf_of(parts, TODAY)))
    (page,) = document.pages
    text = " ".join(page.extract_text().split())
    assert "1. Please list the laws (art. 3). 2. Is it banned? (art. 9(5))" in text
    assert b"pdfuaid:part" in document.trailer["/Root"]["/Metadata"].get_data()
    assert document.metadata.title == "List of issues: Norway, initial report (draft)"
    assert pdf_of(parts, TODAY) == pdf_of(parts, TODAY)


def test_each_language_has_pages_and_numbers_of_its_own() -> None:
    parts = a_draft(("Please list the laws.", "art. 3"), languages=tuple(one.code for one in LANGUAGES))
    assert len(PdfReader(io.BytesIO(pdf_of(parts, TODAY))).pages) == 6
    data = docx_of(parts)
    body = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert body.count("w:pageBreakBefore") == 5
    # A list for each language, which begins with 1.
    assert len(set(re.findall(r'<w:numId w:val="(\d+)"/>', body))) == 6
    numbering = zipfile.ZipFile(io.BytesIO(data)).read("word/numbering.xml").decode()
    assert numbering.count('<w:startOverride w:val="1"/>') == 6


def test_hostile_words_are_text_in_both_files() -> None:
    parts = a_draft((HOSTILE, "art. 3"))
    text = " ".join(PdfReader(io.BytesIO(pdf_of(parts, TODAY))).pages[0].extract_text().split())
    assert AS_TEXT in text
    data = docx_of(parts)
    assert " ".join(Document(io.BytesIO(data)).paragraphs[-1].text.split()) == f"{AS_TEXT} (art. 3)"
    body = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert "fldSimple" not in body


def test_a_request_without_words_of_the_language_keeps_its_direction() -> None:
    with speaking("ar"):
        said = in_document("Please list the laws.", "art. 3")
    assert said.startswith("\N{LEFT-TO-RIGHT ISOLATE}")
    assert said.replace("\N{FIRST STRONG ISOLATE}", "")[1:].startswith("Please list the laws")
