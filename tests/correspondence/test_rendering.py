"""Papers as PDF and DOCX: the same words as in the register, and no word acts as anything else."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from docx import Document
from pypdf import PdfReader

from tests import factories
from tests.correspondence.conftest import TODAY
from tracker.correspondence import due, papers, rendering
from tracker.correspondence.models import Letterhead, Occasion, Paper, PaperText
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.correspondence.text.writing import as_text, blocks_of
from tracker.registry.models import Contact, ContactKind

pytestmark = pytest.mark.django_db

# Code of templates, of Typst, of word processors, of a page; a reversed ending, a bell.
HOSTILE = (
    "{{ 7*7 }} {% include x %} {office} ${1+1} #panic(1) $x$ [a] \\u{41} <w:p/> ]]> &lt; =cmd() "
    'DDEAUTO c:\\x "PAGE" <script>1</script> \u202efdp.exe\u202c \x07\x00!'
)
AS_TEXT = (
    "{{ 7*7 }} {% include x %} {office} ${1+1} #panic(1) $x$ [a] \\u{41} <w:p/> ]]> &lt; =cmd() "
    'DDEAUTO c:\\x "PAGE" <script>1</script> fdp.exe !'
)


def squeezed(text: str) -> str:
    """Without spaces and line ends, which a PDF places freely, and marks of direction."""
    return re.sub("[\\s\u2066-\u2069]", "", text)


def a_paper(
    contact: Contact, occasion: str = Occasion.YEARS_OVERDUE, form: str = "note", **more: Any
) -> Paper:
    report = factories.the_obligation(contact.state)
    new = NewPaper(occasion, form, contact, PaperSubject(contact.state, report, report.due_on), **more)
    paper = papers.draft(new, by="ada", day=TODAY)
    assert paper is not None
    return paper


def read_pdf(data: bytes) -> tuple[Any, list[str]]:
    document = PdfReader(io.BytesIO(data))
    return document, [squeezed(page.extract_text()) for page in document.pages]


def words_of(data: bytes) -> str:
    return squeezed("".join(paragraph.text for paragraph in Document(io.BytesIO(data)).paragraphs))


def part_of(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


@pytest.mark.parametrize("form", ["note", "letter"])
@pytest.mark.parametrize("language", ["en", "fr", "ar", "zh"])
def test_pdf_and_docx_hold_every_word_of_the_register(mission: Contact, form: str, language: str) -> None:
    mission.language = language
    paper = a_paper(mission, form=form)
    whole = "".join(read_pdf(rendering.pdf_of([paper.content]))[1])
    draft = words_of(rendering.docx_of(paper.content))
    for part in paper.content:
        for block in blocks_of(part):
            for line in block:
                assert squeezed(line) in draft
                # What is written from right to left is read from a PDF in parts.
                if part["language"] != "ar":
                    assert squeezed(line) in whole


def test_a_note_is_accessible_and_says_its_language_title_and_day(mission: Contact) -> None:
    mission.language = "fr"
    paper = a_paper(mission)
    document, _pages = read_pdf(rendering.pdf_of([paper.content], paper.dated))
    root = document.trailer["/Root"]
    assert root["/Lang"] == "fr"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert document.metadata.title == paper.content[0]["subject"]
    assert document.metadata.author == "Le secrétariat du Comité des droits de l’enfant"
    assert document.metadata.creation_date.date() == date(2026, 11, 30)


def test_the_same_paper_gives_the_same_bytes(mission: Contact) -> None:
    paper = a_paper(mission)
    assert rendering.pdf_of([paper.content], TODAY) == rendering.pdf_of([paper.content], TODAY)


def test_pages_are_counted_for_each_paper_and_its_courtesy_translation(mission: Contact) -> None:
    both = a_paper(mission, languages="both")
    mission.language = "ru"
    other = a_paper(mission, Occasion.DUE, languages="both")
    _document, pages = read_pdf(rendering.pdf_of([other.content, both.content]))
    assert len(pages) == 3
    assert "Courtesytranslation" not in pages[0]
    assert pages[1].startswith("Courtesytranslation")
    assert "Courtesytranslation" not in pages[2]
    assert pages[1].endswith("OPSC/2026/0002Page2of2")
    assert pages[2].endswith("OPSC/2026/0001Page1of1")


def test_a_note_has_room_for_initials_and_a_letter_its_signatory(mission: Contact) -> None:
    Letterhead.objects.update(signed_by="Ana Ruiz", title="Secretary")
    note, letter = a_paper(mission), a_paper(mission, Occasion.DUE, "letter")
    (whole,) = read_pdf(rendering.pdf_of([note.content]))[1]
    assert "Initialsandstamp" in whole
    assert "AnaRuiz" not in whole
    (whole,) = read_pdf(rendering.pdf_of([letter.content]))[1]
    assert "Initialsandstamp" not in whole
    assert "AnaRuizSecretary" in whole


def test_a_long_text_runs_on_to_a_second_page(mission: Contact) -> None:
    typed = {"en": "\n\n".join([f"Paragraph {n}. " + "The office moves. " * 20 for n in range(20)])}
    paper = a_paper(mission, Occasion.CIRCULAR, typed=typed)
    _document, pages = read_pdf(rendering.pdf_of([paper.content]))
    assert [page[-8:] for page in pages] == ["Page1of3", "Page2of3", "Page3of3"]
    assert "PermanentMissionofDenmarkOPSC" in pages[0]  # the addressee at the foot of the first page


def test_a_character_that_no_font_has_is_said_to_be_missing(mission: Contact) -> None:
    mission.name = "한국"
    paper = a_paper(mission)
    document, pages = read_pdf(rendering.pdf_of([paper.content]))
    assert pages[-1].count("Somecharactersarenotshown") == 1
    assert b"pdfuaid:part" not in document.trailer["/Root"]["/Metadata"].get_data()
    assert "한국" in words_of(rendering.docx_of(paper.content))


@pytest.fixture
def hostile(mission: Contact, monkeypatch: pytest.MonkeyPatch) -> Paper:
    """A letter whose every text of people is hostile."""
    monkeypatch.setattr(papers, "check_typed", lambda *texts: None)  # as drafted by an earlier version
    mission.name = mission.office = mission.salutation = HOSTILE.replace("\x00", "")
    head = {
        "name": HOSTILE,
        "address": HOSTILE,
        "place": "Geneva {{ 7*7 }}",
        "signed_by": HOSTILE,
        "title": HOSTILE,
    }
    Letterhead.objects.update(**{name: text.replace("\x00", "")[:120] for name, text in head.items()})
    PaperText.objects.create(part="letter.closing", language="en", words=HOSTILE.replace("\x00", ""))
    mission.kind = ContactKind.DIGNITARY
    typed = {"en": HOSTILE.replace("{office}", "{nothing}").replace("\x00", "")}
    paper = a_paper(mission, Occasion.CIRCULAR, "letter", typed=typed, title=HOSTILE.replace("\x00", ""))
    # As no code of ours would store it.
    paper.content[0]["paragraphs"].append(HOSTILE)
    paper.content[0]["subject"] += HOSTILE
    return paper


def test_what_would_reverse_a_text_is_not_even_stored(hostile: Paper) -> None:
    stored = Paper.objects.get(pk=hostile.pk)
    edited = papers.edit(stored, {"en": [HOSTILE]}, by="ada", seen=stored.changed_at)
    for paper in (stored, edited):
        text = as_text(paper.content)
        assert not set(text) & set("\x00\x07\u202e\u202c")
        assert "</script> fdp.exe !" in text


def test_hostile_words_are_printed_as_text(hostile: Paper) -> None:
    document, pages = read_pdf(rendering.pdf_of([hostile.content]))
    assert "".join(pages).count(squeezed(AS_TEXT)) >= 4  # the name, the office, the salutation, the paragraph
    assert "49" not in "".join(pages)
    names = document.trailer["/Root"]
    assert not {"/Names", "/OpenAction", "/AA", "/AcroForm"} & set(names)
    assert "fdp.exe" in document.metadata.title
    assert "\u202e" not in document.metadata.title


def test_hostile_words_are_text_in_the_editable_file(hostile: Paper) -> None:
    data = rendering.docx_of(hostile.content)
    assert words_of(data).count(squeezed(AS_TEXT)) >= 4
    body = part_of(data, "word/document.xml")
    assert "instrText" not in body
    assert "fldSimple" not in body
    assert re.findall('w:instr="([A-Z]+)"', part_of(data, "word/footer1.xml")) == ["PAGE", "NUMPAGES"]
    properties = Document(io.BytesIO(data)).core_properties
    assert properties.title.startswith("Denmark: {{ 7*7 }} {% include x %}")
    assert not set(properties.title) & set("\x07\u202e")


def test_the_editable_file_names_no_person_and_no_program(mission: Contact) -> None:
    data = rendering.docx_of(a_paper(mission).content)
    core = part_of(data, "docProps/core.xml")
    assert re.findall("<([a-z]+:[a-zA-Z]+)[ >]", core)[1:] == ["dc:title", "dc:language"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [name for name in archive.namelist() if "app.xml" in name or "thumbnail" in name] == []


def test_arabic_runs_from_right_to_left_in_the_editable_file(mission: Contact) -> None:
    mission.language = "ar"
    data = rendering.docx_of(a_paper(mission).content)
    first, *_rest = Document(io.BytesIO(data)).paragraphs
    assert first.text == "أمانة لجنة حقوق الطفل"
    assert first._p.pPr.find("{*}bidi") is not None
    assert first.runs[0].font.rtl is True
    body = part_of(data, "word/document.xml")
    assert not set(body) & set("\u2066\u2067\u2068\u2069")  # word processors show them as boxes


def test_initials_file_the_pdf_with_the_day_of_the_paper_and_plain_mail_has_none(mission: Contact) -> None:
    (paper,) = due.draft_due(TODAY)
    paper = papers.initial(paper, by="bob")
    file = paper.files.get()
    assert (file.name, file.type) == ("OPSC-2026-0001.pdf", "application/pdf")
    assert bytes(file.content.data) == rendering.pdf_of([paper.content], TODAY)
    assert papers.initial(a_paper(mission, Occasion.DUE, "mail"), by="bob").files.count() == 0
