"""Documents as editable DOCX. Every word is set as text: no template, no field or markup comes from the words."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Protocol, TypeVar

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from tracker.correspondence.text.printed import PrintedPart
from tracker.languages.known import Locale
from tracker.languages.writing import without_isolates

FONT = "Times New Roman"  # on every machine; it has Arabic too
ASIAN_FONT = "SimSun"
NUMBERED = "List Number"  # a style of the library's own document
LONGEST_PROPERTY = 255  # characters; the library refuses more
WIDTH = Mm(160)  # of the text on A4
# How word processors name the languages.
TAGS = {"ar": "ar-SA", "zh": "zh-CN", "en": "en-GB", "fr": "fr-FR", "ru": "ru-RU", "es": "es-ES"}
_BETWEEN_ISOLATES = re.compile("[\u2066\u2067\u2068]([^\u2066-\u2069]*)\u2069")
# A picture of the library's document, the program that it was made with, and copies of its styles.
_UNUSED = ("/thumbnail", "/extended-properties", "/stylesWithEffects", "/customXml")
_NUMBERS = re.compile(r"\{(pages?)\}")
_FIELDS = {"page": "PAGE", "pages": "NUMPAGES"}


class EditablePart(Protocol):
    """A document in one of its languages.

    Attributes:
        reference: at the foot of each page.
        page: beside it, with {page} and {pages} for the numbers.
    """

    @property
    def language(self) -> Locale: ...
    @property
    def title(self) -> str: ...
    @property
    def reference(self) -> str: ...
    @property
    def page(self) -> str: ...


Part = TypeVar("Part", bound=EditablePart)


def docx_of(parts: Iterable[PrintedPart]) -> bytes:
    """A paper as DOCX, each language on pages of its own."""
    return document_of(parts, _write_paper)


def document_of(parts: Iterable[Part], write: Callable[[PartWriter, Part], None]) -> bytes:
    """A document as DOCX, each language on pages of its own.

    Args:
        write: writes a part.
    """
    document: Any = Document(io.BytesIO(_empty()))
    for number, part in enumerate(parts):
        if number == 0:
            _set_properties(document, part)
            _set_style(document, part.language)
            _write_foot(document.sections[0].footer.paragraphs[0], part)
        write(PartWriter(document, part.language, on_new_page=number > 0), part)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@cache
def _empty() -> bytes:
    """The library's own document on A4, without what would be in each file and in none is used."""
    document: Any = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin, section.bottom_margin = Mm(22), Mm(24)
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, one in relations.items() if one.reltype.endswith(_UNUSED)]:
            del relations[key]
    document.styles["Footer"].paragraph_format.tab_stops.clear_all()
    properties = document.styles[NUMBERED].element.pPr
    properties.remove(properties.find(qn("w:contextualSpacing")))  # it leaves no space between them
    for style in list(document.styles):
        if style.type == WD_STYLE_TYPE.TABLE:
            style.delete()
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _set_properties(document: Any, part: EditablePart) -> None:
    """The title alone; the library would name itself as the author, and a day of its own."""
    properties = document.core_properties
    for element in list(properties._element):
        properties._element.remove(element)
    properties.title = part.title[:LONGEST_PROPERTY]
    properties.language = TAGS[part.language.code]


def _set_style(document: Any, language: Locale) -> None:
    style = document.styles["Normal"]
    style.font.name = FONT
    _set_size(style.font, 11)
    _set_fonts(style.element.get_or_add_rPr(), language)
    style.paragraph_format.space_after = Pt(8)


def _set_size(font: Any, points: float) -> None:
    """Sets the size, also that of text from right to left, which has its own."""
    font.size = Pt(points)
    size = OxmlElement("w:szCs")
    size.set(qn("w:val"), str(round(points * 2)))
    font._element.rPr.find(qn("w:sz")).addnext(size)


def _set_fonts(properties: Any, language: Locale) -> None:
    fonts = properties.get_or_add_rFonts()
    for name, font in (("ascii", FONT), ("hAnsi", FONT), ("cs", FONT), ("eastAsia", ASIAN_FONT)):
        fonts.set(qn(f"w:{name}"), font)
    tag = OxmlElement("w:lang")
    for name in ("val", "eastAsia", "bidi"):
        tag.set(qn(f"w:{name}"), TAGS[language.code])
    properties.append(tag)


def _write_foot(paragraph: Any, part: EditablePart) -> None:
    writer = _ParagraphWriter(paragraph, is_rtl=part.language.direction == "rtl", size=8.5)
    paragraph.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    writer.add(f"{part.reference}\t")
    for at, words in enumerate(_NUMBERS.split(part.page)):
        if at % 2:
            writer.add_field(_FIELDS[words])
        else:
            writer.add(words)


class _ParagraphWriter:
    """Adds runs to a paragraph, each in its direction."""

    def __init__(self, paragraph: Any, *, is_rtl: bool, size: float = 0, bold: bool = False) -> None:
        self.paragraph, self.is_rtl, self.size, self.bold = paragraph, is_rtl, size, bold
        if is_rtl:
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))

    def add(self, text: str) -> None:
        """Adds words; what stands between isolates keeps its own direction."""
        for at, words in enumerate(_BETWEEN_ISOLATES.split(text)):
            if plain := without_isolates(words):
                self._run(plain, is_rtl=self.is_rtl and (at % 2 == 0 or _is_rtl(plain)))

    def add_field(self, name: str) -> None:
        """Adds a field of the program itself: the number of the page or of pages."""
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), name)
        run = self._run("1", is_rtl=self.is_rtl)
        self.paragraph._p.append(field)
        field.append(run._r)

    def _run(self, text: str, *, is_rtl: bool) -> Any:
        run = self.paragraph.add_run(text)
        if self.size:
            _set_size(run.font, self.size)
        if self.bold:
            run.font.bold = True
            run.font.cs_bold = True
        if is_rtl:
            run.font.rtl = True
        return run


def _is_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


class PartWriter:
    """Writes the paragraphs of a document in one of its languages."""

    def __init__(self, document: Any, language: Locale, *, on_new_page: bool) -> None:
        self.document, self.is_rtl = document, language.direction == "rtl"
        self.on_new_page = on_new_page

    def lines(self, texts: list[str], *, size: float = 0) -> Any:
        """One paragraph of several lines."""
        return self.paragraph("\n".join(texts), size=size)

    def paragraph(self, text: str, *, size: float = 0, bold: bool = False, at_end: bool = False) -> Any:
        """A paragraph, at the side of the page at which lines of its language begin, or at their end."""
        paragraph = self.document.add_paragraph()
        if self.on_new_page:
            paragraph.paragraph_format.page_break_before = True
            self.on_new_page = False
        # Foreign words alone, such as an address, have their own direction at the same side of the page.
        is_rtl = self.is_rtl and _is_rtl(text)
        _ParagraphWriter(paragraph, is_rtl=is_rtl, size=size, bold=bold).add(text)
        if is_rtl == self.is_rtl:
            # In a paragraph from right to left this is its end too: the left.
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if at_end else None
        else:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if at_end else WD_ALIGN_PARAGRAPH.RIGHT
        return paragraph

    def numbered(self, texts: Iterable[str]) -> None:
        """Paragraphs that the word processor numbers from 1, so that one can be left out or moved."""
        number = self._numbering()
        for text in texts:
            paragraph = self.document.add_paragraph(style=NUMBERED)
            _ParagraphWriter(paragraph, is_rtl=self.is_rtl).add(text)
            paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number

    def _numbering(self) -> int:
        """A new list, as the library's style of numbered lists defines it."""
        numbering = self.document.part.numbering_part.element
        usual = self.document.styles[NUMBERED].element.pPr.numPr.numId.val
        kind = next(one.abstractNumId.val for one in numbering.num_lst if one.numId == usual)
        new = numbering.add_num(kind)
        new.add_lvlOverride(0).add_startOverride(1)
        return int(new.numId)


def _write_paper(writer: PartWriter, part: PrintedPart) -> None:
    if part.translation:
        writer.paragraph(part.translation, size=9)
    writer.paragraph(part.office, size=13, bold=True).paragraph_format.space_after = Pt(2)
    writer.lines(part.address, size=9)
    writer.paragraph(part.reference_line)
    if part.is_note:
        _write_note(writer, part)
    else:
        _write_letter(writer, part)
    if part.enclosures:
        writer.paragraph(part.enclosures, size=10)


def _write_note(writer: PartWriter, part: PrintedPart) -> None:
    for words in (*part.paragraphs, part.closing):
        writer.paragraph(words)
    writer.paragraph(part.place_and_date, at_end=True)
    room = writer.paragraph(part.room, size=8.5, at_end=True)
    room.paragraph_format.space_before = Mm(20)
    writer.lines(part.to)


def _write_letter(writer: PartWriter, part: PrintedPart) -> None:
    writer.paragraph(part.place_and_date, at_end=True)
    writer.lines(part.to)
    writer.paragraph(part.salutation)
    for words in (*part.paragraphs, part.closing):
        writer.paragraph(words)
    writer.lines(part.signature).paragraph_format.space_before = Mm(18)
