"""The reports: page, workbook and PDF have the same text and figures, and no entered text acts as code."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from typing import Any

import pytest
import typst
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from tests import factories
from tests.depth import first
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import Element, all_of, links, messages, one_of, read, words
from tracker.languages.writing import in_words
from tracker.obligations.models import NonReceipt
from tracker.web.reports import pdf

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/reports/late/",
    "/reports/late/?as_of=2014-06-01&region=APS",
    "/reports/late/?as_of=2001-05-31",
    "/reports/participation/",
    "/reports/dossier/USA/",
    "/reports/dossier/BEN/?as_of=2012-12-31",
    "/reports/dossier/TUV/",
]
# Text that a user could enter in a name or a note: code of Typst, of a spreadsheet, of a page.
HOSTILE = "=#panic(1) $x$ [a] {b} \\ <b> @c \"q\" 'r' *s* _t_ `u` // v &amp; Côte d’Ivoire – Türkiye"


def as_file(address: str, form: str) -> str:
    """The address of the same report as a file."""
    path, _question, query = address.partition("?")
    return f"{path.rstrip('/')}.{form}?{query}"


def pdf_of(staff: Client, address: str) -> PdfReader:
    answer = staff.get(as_file(address, "pdf"))
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    return PdfReader(io.BytesIO(answer.content))


def squeezed(text: str) -> str:
    """Without spaces and line ends, which a PDF places freely."""
    return "".join(text.split())


def text_of(document: PdfReader) -> str:
    return squeezed("".join(page.extract_text() for page in document.pages))


def book_of(staff: Client, address: str) -> Any:
    return load_workbook(io.BytesIO(staff.get(as_file(address, "xlsx")).content))


def in_the_book(value: Any) -> str:
    """A workbook cell as the page shows it."""
    if isinstance(value, datetime):
        return in_words(value.date())
    return "—" if value is None else " ".join(str(value).removeprefix("'").split())


def rows_of(section: Element) -> list[list[str]]:
    """All rows of the section's table: header, group headings, rows and total."""
    return [
        [words(cell) for cell in row if cell.name in ("td", "th")]
        for one in all_of(section, "table")
        for row in all_of(one, "tr")
    ]


def sections_of(page: Element) -> dict[str, Element]:
    return {words(all_of(one, "h2")[0]): one for one in all_of(page, "section")}


def sentences_of(section: Element) -> list[str]:
    return [words(one) for one in all_of(section, "p")]


# --- the same in three forms -----------------------------------------------------------------------


@pytest.mark.parametrize("address", first(3, ADDRESSES))
def test_page_workbook_and_pdf_hold_the_same_words_and_figures(
    address: str, shipped: None, ledger: None, staff: Client
) -> None:
    page = read(staff.get(address))
    book = book_of(staff, address)
    document = text_of(pdf_of(staff, address))
    summary, *sheets = book.worksheets
    title = words(one_of(page, "h1"))
    told = [in_the_book(row[0].value) for row in summary.iter_rows()]
    assert told[0] == title
    assert squeezed(title) in document
    for sentence in sentences_of(one_of(page, "div", class_="says")):
        assert sentence in told
        assert squeezed(sentence) in document
    sections = sections_of(page)
    assert len(sheets) == len(sections) >= 3
    for (heading, section), sheet in zip(sections.items(), sheets, strict=True):
        assert sheet.title.rstrip() == heading[:31].rstrip()
        assert in_the_book(sheet.cell(1, 1).value) == f"{title}: {heading}"
        cells = [[in_the_book(cell.value) for cell in row] for row in sheet.iter_rows(min_row=4)]
        rows = rows_of(section)
        for row, there in zip(rows, cells[: len(rows)], strict=True):
            assert there[: len(row)] == row
            # A link has the mark of its footnote behind it.
            assert re.search(r"\d{0,3}".join(re.escape(squeezed(cell)) for cell in row), document), row
        beneath = [row[0] for row in cells[len(rows) :] if row[0] != "—"]
        assert beneath == sentences_of(section)
        assert all(squeezed(sentence) in document for sentence in beneath)


def test_the_late_states_stand_by_band_with_their_marks(shipped: None, staff: Client) -> None:
    sections = sections_of(read(staff.get("/reports/late/")))
    assert list(sections) == [
        "In figures", "Initial reports", "Periodic reports", "Reports under the Convention",
    ]  # fmt: skip
    assert rows_of(sections["In figures"]) == [
        ["Overdue", "Initial reports", "Periodic reports", "Reports under the Convention"],
        ["over 10 years", "2", "0", "0"],
        ["5 to 10 years", "0", "0", "0"],
        ["under 5 years", "0", "0", "0"],
        ["of these 1 to 5 years", "0", "0", "0"],
        ["of these under 1 year", "0", "0", "0"],
        ["All", "2", "0", "0"],
    ]
    assert rows_of(sections["Initial reports"])[1:] == [
        ["Overdue over 10 years: 2"],
        [
            "Malaysia",
            "MYS",
            "initial report",
            "12 May 2014",
            "overdue 12 years 6 months",
            "Asia-Pacific States",
        ],
        ["Indonesia", "IDN", "initial report", "24 October 2014", "overdue 12 years", "Asia-Pacific States"],
    ]
    assert sentences_of(sections["Reports under the Convention"]) == [
        "None is known to be overdue on 22 November 2026."
    ]


def test_a_dossier_says_what_awaits_review_and_what_has_no_date(shipped: None, staff: Client) -> None:
    sections = sections_of(read(staff.get("/reports/dossier/IRN/")))
    owed = rows_of(sections["What it owes"])
    assert owed[-1] == [
        "reports 5-6 under the CRC; awaiting review since 31 October 2023", "12.2", "2021", "12 August 2021",
        "received, 1 year 10 months late", "31 October 2023", "—",
    ]  # fmt: skip
    assert rows_of(sections["Reviews and concluding observations"])[1][:3] == [
        "reports 3-4 under the CRC", "CRC/C/IRN/CO/3-4", "29 January 2016",
    ]  # fmt: skip
    assert rows_of(sections["Dates stated by the Committee"])[1][:4] == [
        "CRC/C/IRN/CO/3-4", "reports 5-6 under the CRC", "2021", "29 January 2016",
    ]  # fmt: skip
    assert rows_of(sections["Submissions"])[-1][3].startswith("OPSC information in it: not looked at")
    sections = sections_of(read(staff.get("/reports/dossier/GAB/")))
    mark = one_of(sections["What it owes"], "span", class_="badge-not-recorded")
    assert words(mark) == "date not recorded"
    assert rows_of(sections["What it owes"])[-1][2:5] == [
        "not recorded",
        "11 March 2021",
        "date not recorded",
    ]
    assert "Next report under the CRC: last observations: CRC/C/GAB/CO/2, 3 June 2016." in sentences_of(
        sections["What it owes"]
    )
    assert [row[:2] for row in rows_of(sections["Treaty calendar, indicative"])[1:]] == [
        ["report 6 under the CRC", "11 March 2021"],
        ["report 7 under the CRC", "11 March 2026"],
        ["report 8 under the CRC", "11 March 2031"],
        ["report 9 under the CRC", "11 March 2036"],
    ]


def test_every_mark_is_drawn_in_the_pdf(shipped: None, staff: Client) -> None:
    from tracker.obligations.wording import STATUS_CLASSES
    from tracker.web.reports.pdf import FOLDER

    template = (FOLDER / "report.typ").read_text()
    for css in STATUS_CLASSES.values():
        assert f"  {css}: (rgb(" in template
        assert f'status == "{css}"' in template


def test_the_report_of_one_group_says_so_in_words_and_in_its_name(shipped: None, staff: Client) -> None:
    page = read(staff.get("/reports/late/?region=APS"))
    says = sentences_of(one_of(page, "div", class_="says"))
    assert says[0] == "Asia-Pacific States only."
    assert says[1].startswith("As of 22 November 2026, 2 initial reports and 0 periodic reports")
    named = staff.get("/reports/late.pdf?region=APS").headers["Content-Disposition"]
    assert named == 'inline; filename="late-APS-2026-11-22.pdf"'


def test_participation_lists_every_party_with_its_days(shipped: None, staff: Client) -> None:
    sections = sections_of(read(staff.get("/reports/participation/?as_of=2019-12-31")))
    parties = rows_of(sections["States parties"])
    assert len(parties) == 1 + 176
    assert [
        "Benin",
        "BEN",
        "22 February 2001",
        "ratification",
        "31 January 2005",
        "28 February 2005",
        "—",
    ] in parties
    assert ["States parties", "176"] in rows_of(sections["In figures"])


# --- the dossier ----------------------------------------------------------------------------------


def test_a_dossier_knows_only_what_was_dated_by_its_day(shipped: None, staff: Client) -> None:
    sections = sections_of(read(staff.get("/reports/dossier/USA/?as_of=2012-12-31")))
    assert [row[:6] for row in rows_of(sections["What it owes"])[1:]] == [
        ["initial report", "12.1", "23 January 2005", "—", "received, 2 years 3 months late", "10 May 2007"],
        ["periodic report 2", "12.2", "23 January 2010", "—", "received, 2 days late", "25 January 2010"],
        ["periodic report 3", "12.2", "23 January 2015", "—", "due 23 January 2015", "—"],
        ["periodic report 4", "12.2", "23 January 2020", "—", "due 23 January 2020", "—"],
    ]
    # The dialogue on the second report was held on 16 January 2013, and the Committee decided after it.
    assert [row[0] for row in rows_of(sections["Reviews and concluding observations"])[1:]] == [
        "initial report"
    ]
    assert sentences_of(sections["Dates stated by the Committee"]) == ["None is recorded."]
    assert not any("2013" in " ".join(row) for row in rows_of(sections["Why these dates"]))


def test_a_dossier_says_why_each_date_is_that_date(shipped: None, staff: Client) -> None:
    rows = rows_of(sections_of(read(staff.get("/reports/dossier/USA/")))["Why these dates"])
    assert rows[1:5] == [
        ["initial report: 23 January 2005"],
        ["1", "Depositary", "Instrument of ratification deposited on 23 December 2002."],
        ["2", "OPSC art. 14(2)", "In force for the State one month after the deposit, on 23 January 2003."],
        ["3", "OPSC art. 12(1)", "Initial report within two years of entry into force, by 23 January 2005."],
    ]


@pytest.fixture
def full(db: None) -> Any:
    """A State with every kind of record, and texts that try to act as code."""
    state = factories.a_state(
        "ZZZ", name=HOSTILE, region="WEOG", records_note=HOSTILE, records_from="2024-01-01"
    )
    factories.joins(state, on="2010-01-01", source="a list", note=HOSTILE)
    factories.receives(
        state,
        "2013-06-03",
        symbol="CRC/C/OPSC/ZZZ/1",
        link="https://docs.example.org/zzz/1",
        source="a letter",
    )
    factories.decides(state, "2027-09-01", "2025-02-01", cycles="3", precision="month")
    factories.decides(state, "2032-09-01", "2025-03-01", cycles="4", awaits_confirmation=True)
    factories.asks(state, due="2025-11-15", on="2025-07-10", received_on="2025-12-01")
    factories.a_contact(state, "mission@example.org", office="=1+1")
    NonReceipt.objects.create(
        state=state,
        kind="periodic",
        cycle=2,
        not_received_by=date(2026, 6, 30),
        source="a note of the mission",
    )
    factories.derive(TODAY.isoformat())
    return state


def test_words_of_others_command_nothing_in_any_form(full: Any, staff: Client) -> None:
    address = "/reports/dossier/ZZZ/"
    page = read(staff.get(address))
    assert words(one_of(page, "h1")) == f"Dossier: {HOSTILE} (ZZZ)"
    document = pdf_of(staff, address)
    assert text_of(document).count(squeezed(HOSTILE)) >= 3
    assert document.metadata is not None
    assert document.metadata.title == f"Dossier: {HOSTILE} (ZZZ)"
    cells = [cell for sheet in book_of(staff, address) for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert "'=1+1" in [cell.value for cell in cells]


def test_a_dossier_has_a_section_for_everything(full: Any, staff: Client) -> None:
    sections = sections_of(read(staff.get("/reports/dossier/ZZZ/")))
    found = {heading: rows_of(section)[1:] for heading, section in sections.items()}
    assert list(found) == [
        "Participation", "Declarations, reservations and objections", "What it owes", "Why these dates",
        "Submissions", "Reviews and concluding observations", "Dates stated by the Committee",
        "Requests for further information", "Confirmed as not received", "To be confirmed", "Reminders sent",
        "Contacts", "Sources",
    ]  # fmt: skip
    assert found["Submissions"] == [["CRC/C/OPSC/ZZZ/1", "initial report", "3 June 2013", "a letter"]]
    assert found["Dates stated by the Committee"] == [
        ["CRC/C/OPSC/ZZZ/CO/1", "periodic report 3", "1 September 2027", "1 February 2025",
         "day inferred, to be confirmed"],
    ]  # fmt: skip
    assert found["Requests for further information"] == [
        [
            "CRC/C/OPSC/ZZZ/Q/2",
            "list of issues",
            "10 July 2025",
            "15 November 2025",
            "1 December 2025",
            "—",
            "—",
        ],
    ]
    assert found["Confirmed as not received"] == [
        ["periodic report 2", "30 June 2026", "a note of the mission"]
    ]
    assert found["To be confirmed"] == [
        [
            "CRC/C/OPSC/ZZZ/CO/1",
            "1 September 2027",
            "the document prints no exact day, so the day is inferred",
        ],
        [
            "CRC/C/OPSC/ZZZ/CO/1",
            "1 September 2032",
            "must be confirmed by a second person, and has no effect yet",
        ],
    ]
    assert found["Contacts"] == [["Permanent Mission", "=1+1", "mission@example.org", "To"]]


def test_documents_are_links_on_the_page_and_footnotes_in_the_pdf(full: Any, staff: Client) -> None:
    address, link = "/reports/dossier/ZZZ/", "https://docs.example.org/zzz/1"
    found = links(one_of(read(staff.get(address)), "article"))
    assert found["CRC/C/OPSC/ZZZ/1"] == link
    assert found["History of all changes to these records"] == "http://testserver/states/ZZZ/history/"
    document = text_of(pdf_of(staff, address))
    assert link in document
    assert "http://testserver/states/ZZZ/history/" in document
    symbols = book_of(staff, address)["Submissions"]
    assert symbols["A5"].hyperlink.target == link


def test_the_reminders_that_were_sent_are_told_with_day_stage_and_recipient(
    shipped: None, ledger: None, staff: Client
) -> None:
    sent = staff.get("/reminders/?state=sent&_export=json").json()[0]
    code = staff.get(f"/states/?q={sent['State']}&_export=json").json()[0]["Alpha-3"]
    rows = rows_of(sections_of(read(staff.get(f"/reports/dossier/{code}/")))["Reminders sent"])
    assert ["22 November 2026", sent["Report"]] in [row[:2] for row in rows]
    assert any(row[3] == sent["Stage"] and sent["Recipient"] in row[4] for row in rows)
    before = sections_of(read(staff.get(f"/reports/dossier/{code}/?as_of=2026-11-21")))["Reminders sent"]
    assert sentences_of(before) == ["None had been sent."]


def test_contacts_and_reminders_are_for_those_who_may_see_them(full: Any) -> None:
    address = "/reports/dossier/ZZZ/"
    assert "Contacts" in sections_of(read(in_role("Viewer").get(address)))
    guest = signed_in("guest", is_staff=False)
    may_look = Permission.objects.get(codename="view_state")
    may_look.user_set.add(get_user_model().objects.get(username="guest"))
    assert not {"Contacts", "Reminders sent"} & sections_of(read(guest.get(address))).keys()
    assert "mission@example.org" not in text_of(pdf_of(guest, address))
    told = [cell.value for sheet in book_of(guest, address) for row in sheet.iter_rows() for cell in row]
    assert "mission@example.org" not in told


# --- the files ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/reports/late/", "/reports/participation/", "/reports/dossier/USA/"])
def test_a_pdf_can_be_read_by_everybody_and_is_the_same_again(
    address: str, shipped: None, staff: Client
) -> None:
    document = pdf_of(staff, address)
    root: Any = document.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("en", True)
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    pages = [page.extract_text() for page in document.pages]
    for number, page in enumerate(pages, 1):
        assert "Article 12 tracker" in page
        assert "As of 22 November 2026" in page
        assert f"Page {number} of {len(pages)}" in page
    assert staff.get(as_file(address, "pdf")).content == staff.get(as_file(address, "pdf")).content


def test_a_long_table_repeats_its_header_on_each_page(shipped: None, staff: Client) -> None:
    pages = [page.extract_text() for page in pdf_of(staff, "/reports/participation/").pages]
    assert len(pages) == 5
    assert all("State Code Signature Instrument Deposit In force Note" in page for page in pages[:4])


def test_a_character_without_a_font_is_told_and_stops_nothing(staff: Client) -> None:
    factories.a_state("ZZZ", name="한국")
    address = "/reports/dossier/ZZZ/"
    document = pdf_of(staff, address)
    assert squeezed(
        "Some characters are not shown, because the fonts of this document do not contain them."
    ) in text_of(document)
    root: Any = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid:part" not in root["/Metadata"].get_data()
    assert book_of(staff, address).worksheets[0]["A1"].value == "Dossier: 한국 (ZZZ)"


def test_control_characters_stop_nothing(staff: Client) -> None:
    factories.a_state("ZZZ", name="No\x0b\x07r\u202eway")
    assert "Dossier:Norway(ZZZ)" in text_of(pdf_of(staff, "/reports/dossier/ZZZ/"))
    assert book_of(staff, "/reports/dossier/ZZZ/").worksheets[0]["A1"].value == "Dossier: Norway (ZZZ)"


@pytest.mark.parametrize("command", ['read("/../web/report.html")', 'read("/etc/hostname")'])
def test_a_template_can_read_nothing_beyond_its_folder(command: str) -> None:
    with pytest.raises(typst.TypstError):
        typst.compile(f"#{command}".encode(), root=pdf.FOLDER)


def test_a_workbook_holds_real_days_and_numbers_under_a_frozen_header(shipped: None, staff: Client) -> None:
    sheet = book_of(staff, "/reports/late/")["Initial reports"]
    assert sheet["A1"].value == "Late and non-reporting States: Initial reports"
    assert sheet["A2"].value == "Article 12 tracker. As of 22 November 2026"
    assert [cell.value for cell in sheet[4]] == ["State", "Code", "Report", "Due", "Status", "Regional group"]
    assert sheet.freeze_panes == "A5"
    assert (sheet["D6"].value, sheet["D6"].number_format) == (datetime(2014, 5, 12), "d mmmm yyyy")  # noqa: DTZ001
    assert sheet.column_dimensions["E"].width > len("overdue 12 years 6 months")
    assert book_of(staff, "/reports/late/")["In figures"]["B5"].value == 2


def test_a_file_is_named_after_report_and_day(shipped: None, staff: Client) -> None:
    def name(address: str) -> str:
        return staff.get(address).headers["Content-Disposition"]

    assert name("/reports/late.xlsx?as_of=2012-05-31") == 'attachment; filename="late-2012-05-31.xlsx"'
    assert name("/reports/participation.pdf") == 'inline; filename="participation-2026-11-22.pdf"'
    assert name("/reports/dossier/usa.pdf") == 'inline; filename="dossier-USA-2026-11-22.pdf"'


@pytest.mark.parametrize("address", [
    "/reports/late.html", "/reports/late.", "/reports/late/?region=XXX", "/reports/late.pdf?region=aps",
    "/reports/dossier/XXX/", "/reports/dossier/NORWAY.pdf", "/reports/dossier/%00/", "/reports/dossier/USA.csv",
])  # fmt: skip
def test_an_unknown_report_is_no_page(address: str, shipped: None, staff: Client) -> None:
    assert staff.get(address).status_code == 404


def test_a_day_that_cannot_be_gives_no_file_but_the_page_that_says_so(shipped: None, staff: Client) -> None:
    answer = staff.get("/reports/late.pdf?as_of=31.2.2014&region=APS", follow=True)
    assert answer.redirect_chain == [("/reports/late/?as_of=31.2.2014&region=APS", 302)]
    page = read(answer)
    assert messages(page)[-1].endswith("Today is shown instead.")
    assert links(page)["PDF"] == "/reports/late.pdf?region=APS"


@pytest.mark.parametrize(
    ("page", "report"),
    [
        ("/participation/", "/reports/participation"),
        ("/states/USA/", "/reports/dossier/USA"),
        ("/late/", "/reports/late"),
    ],
)
def test_a_page_leads_to_its_report_on_the_same_day(
    page: str, report: str, shipped: None, staff: Client
) -> None:
    found = links(one_of(read(staff.get(f"{page}?as_of=2012-05-31")), "main"))
    assert found["page"] == f"{report}/?as_of=2012-05-31"
    assert found["PDF"] == f"{report}.pdf?as_of=2012-05-31"
    back = links(one_of(read(staff.get(found["page"])), "main"))
    assert back["Back"] == f"{page}?as_of=2012-05-31"
    assert (back["PDF"], back["XLSX"]) == (found["PDF"], f"{report}.xlsx?as_of=2012-05-31")
