"""The reports in six languages: every character has a glyph, and each PDF says its language and direction."""

from __future__ import annotations

import io
from typing import Any

import pytest
import typst
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from tests.depth import first
from tests.web.conftest import TODAY
from tests.web.pages import all_of, read
from tests.web.reports.test_proof import sent  # noqa: F401 - a fixture
from tracker.languages import typesetting
from tracker.languages.catalogues import Scope, messages, scope_of, translated
from tracker.languages.known import LANGUAGES, Locale, speaking
from tracker.languages.typesetting import isolated
from tracker.web.reports import pdf
from tracker.web.reports.document import DocumentSection, ReportDocument

OTHERS = [one for one in LANGUAGES if one.code != "en"]


def made_of(texts: tuple[str, ...]) -> ReportDocument:
    return ReportDocument("trial", texts[0], TODAY, texts, (DocumentSection("part", texts[0]),))


def compiled(report: ReportDocument) -> bytes:
    template = pdf.FOLDER / "report.typ"
    return typesetting.compiled(template, pdf.as_data(report), TODAY, [typesetting.ACCESSIBLE])


@pytest.mark.parametrize("language", first(2, translated()), ids=lambda one: one.code)
def test_every_character_of_a_report_has_a_glyph(language: Locale) -> None:
    signs = {
        sign
        for one in messages(language)
        if scope_of(one) in (Scope.MAIL, Scope.PUBLIC)
        for text in (one.string if isinstance(one.string, tuple) else (one.string,))
        for sign in text
        if sign.isprintable()
    }
    with speaking(language.code):
        compiled(made_of(tuple(sorted(signs - {" "}))))  # refuses a character without glyph


def test_a_character_that_no_font_has_is_found(settings: Any) -> None:
    with pytest.raises(typst.TypstError, match="could not be displayed"):
        compiled(made_of(("한국어",)))


@pytest.mark.parametrize("language", first(3, LANGUAGES), ids=lambda one: one.code)
def test_each_report_is_accessible_and_says_its_language(language: Locale, sent: Any, staff: Client) -> None:  # noqa: F811 - the fixture
    for address in (
        "/reports/note/NOR.pdf",
        "/reports/dossier/NOR.pdf",
        "/reports/late.pdf",
        "/reports/participation.pdf",
        "/annual-report.pdf",
        "/reminders/proof/NOR.pdf",
    ):
        answer = staff.get(address, {"language": language.code})
        assert answer.headers["Content-Language"] == language.in_django
        root: Any = PdfReader(io.BytesIO(answer.content)).trailer["/Root"]
        assert b"pdfuaid:part" in root["/Metadata"].get_data()
        assert root["/Lang"] == language.code
        assert root["/ViewerPreferences"]["/Direction"] == ("/R2L" if language.code == "ar" else "/L2R")


def test_arabic_can_be_copied_from_a_pdf(staff: Client) -> None:
    with speaking("ar"):
        document = PdfReader(io.BytesIO(pdf.render(made_of(("تاريخ الاستحقاق",)))))
    # The words stand in the order of the page, but each has its letters in order, and once.
    assert "الاستحقاق" in document.pages[0].extract_text()


def test_text_of_another_script_keeps_its_direction_in_arabic() -> None:
    with speaking("ar"):
        assert isolated("Sent (2026).") == "\u2066Sent (2026).\u2069"
        assert (isolated("في عام 2026."), isolated("")) == ("في عام 2026.", "")
    assert isolated("Sent (2026).") == "Sent (2026)."


def test_a_page_offers_its_files_in_each_other_language(sent: Any, staff: Client) -> None:  # noqa: F811 - the fixture
    page = read(staff.get("/reports/note/NOR/?as_of=2026-11-01"))
    offered = {
        one.attributes["href"]: one.attributes["hreflang"]
        for one in all_of(page, "a")
        if "hreflang" in one.attributes
    }
    assert offered == {
        f"/reports/note/NOR.pdf?language={one.code}&as_of=2026-11-01": one.in_django for one in OTHERS
    }
    french = staff.get("/reports/note/NOR.pdf?language=fr")
    assert french.headers["Content-Disposition"] == 'inline; filename="note-NOR-2026-11-22.pdf"'
    assert "Protocole facultatif" in PdfReader(io.BytesIO(french.content)).pages[0].extract_text()


def test_an_unknown_language_of_a_file_is_not_found(sent: Any, staff: Client) -> None:  # noqa: F811 - the fixture
    assert staff.get("/reports/note/NOR.pdf?language=tlh").status_code == 404
    assert staff.get("/reports/note/NOR/?language=tlh").status_code == 200


def test_a_workbook_in_arabic_runs_from_right_to_left(sent: Any, staff: Client) -> None:  # noqa: F811 - the fixture
    def sheets(code: str) -> Any:
        answer = staff.get("/reports/participation.xlsx", {"language": code})
        return load_workbook(io.BytesIO(answer.content)).worksheets

    assert [bool(one.sheet_view.rightToLeft) for one in sheets("ar")] == [True] * 6
    assert not any(one.sheet_view.rightToLeft for one in sheets("fr"))
    days = {
        code: {cell.number_format for row in sheets(code)[3].iter_rows() for cell in row if cell.is_date}
        for code in ("en", "zh")
    }
    assert days == {"en": {"d mmmm yyyy"}, "zh": {'yyyy"年"m"月"d"日"'}}
