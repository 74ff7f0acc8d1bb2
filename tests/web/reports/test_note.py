"""The note to hand over: one page, no contacts, no working notes, full citations."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import Element, links, one_of, read, words
from tests.web.reports.test_reports import pdf_of, rows_of, sections_of, sentences_of, squeezed, text_of
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

IN_GENEVA = (
    "The State is invited to submit the report to the Committee on the Rights of the Child through the Office of the "
    "United Nations High Commissioner for Human Rights in Geneva."
)
CORRECT_US = (
    "If it has been submitted, please tell the office the day and the symbol, so that the record can be "
    "corrected."
)
BEGINS = (
    "The periodic reports begin with the initial report: information under the OPSC is then a part of each report "
    "under the Convention (art. 12(2))."
)


def the_note(staff: Client, iso3: str, query: str = "") -> Element:
    return read(staff.get(f"/reports/note/{iso3}/{query}"))


def test_a_note_has_the_three_lines_and_what_they_rest_on(shipped: None, staff: Client) -> None:
    page = the_note(staff, "IDN")
    assert words(one_of(page, "h1")) == "Indonesia: reports under the Optional Protocol"
    assert sentences_of(one_of(page, "div", class_="says")) == [
        "State party to the OPSC.",
        "Awaited: Initial report, due on 24 October 2014: overdue 12 years.",
        ("Last received: No report under the OPSC is recorded here. Last concluding observations: CRC/C/IDN/CO/5-6 of "
        "30 May 2025."),
        ("What ends it: The receipt of the initial report; a report under the Convention does not replace it. The "
        "Committee may also state another date."),
    ]  # fmt: skip
    sections = sections_of(page)
    assert list(sections) == ["What is awaited", "Legal basis", "Dialogue with the Committee", "Next steps"]
    assert rows_of(sections["What is awaited"])[1:] == [
        ["initial report", "12.1", "24 October 2014", "overdue 12 years"]
    ]
    assert rows_of(sections["Legal basis"])[1:] == [
        ["Depositary", "Instrument of ratification deposited on 24 September 2012."],
        ["OPSC art. 14(2)", "In force for the State one month after the deposit, on 24 October 2012."],
        ["OPSC art. 12(1)", "Initial report within two years of entry into force, by 24 October 2014."],
    ]
    assert sentences_of(sections["Legal basis"]) == [
        ("Depositary: Secretary-General of the United Nations as depositary: United Nations Treaty Collection, "
        "Multilateral Treaties Deposited with the Secretary-General, chapter IV, https://treaties.un.org/"),
        ("OPSC: Optional Protocol to the Convention on the Rights of the Child on the sale of children, child "
        "prostitution and child pornography (New York, 25 May 2000), United Nations, Treaty Series, vol. 2171, p. 227, "
        "https://treaties.un.org/pages/ViewDetails.aspx?src=TREATY&mtdsg_no=IV-11-c&chapter=4"),
    ]  # fmt: skip
    assert rows_of(sections["Dialogue with the Committee"])[1:] == [
        ["concluding observations", "CRC/C/IDN/CO/5-6", "30 May 2025"]
    ]
    assert sentences_of(sections["Next steps"]) == [IN_GENEVA, CORRECT_US, BEGINS]


def test_a_note_names_the_next_report_and_none_of_later_years(shipped: None, staff: Client) -> None:
    sections = sections_of(the_note(staff, "USA"))
    assert rows_of(sections["What is awaited"])[1:] == [
        ["periodic report 6", "12.2", "23 January 2030", "due 23 January 2030"]
    ]
    assert rows_of(sections["Last received"])[-1] == [
        "periodic report 5", "CRC/C/OPSC/USA/5", "23 January 2022",
    ]  # fmt: skip
    assert rows_of(sections["Dialogue with the Committee"])[-1] == [
        "dialogue on the periodic reports 3-4", "CRC/C/OPSC/USA/3-4", "16 May 2017",
    ]  # fmt: skip
    assert sentences_of(sections["Next steps"]) == [IN_GENEVA]
    assert "2035" not in text_of(pdf_of(staff, "/reports/note/USA/"))


@pytest.mark.parametrize(
    ("iso3", "steps"),
    [
        ("AFG", [CORRECT_US, BEGINS]),
        ("NOR", ["Nothing is asked of the State until the Committee states a date."]),
        ("IRN", ["Nothing is asked of the State while the report awaits the Committee’s review."]),
        ("KEN", None),
    ],
)
def test_a_note_asks_for_nothing_that_is_not_known_to_be_owed(
    iso3: str, steps: list[str] | None, shipped: None, staff: Client
) -> None:
    page = the_note(staff, iso3)
    sections = sections_of(page)
    assert (sentences_of(sections["Next steps"]) if "Next steps" in sections else None) == steps
    assert "overdue" not in words(one_of(page, "article")).replace("is not overdue", "")


def test_a_note_as_of_another_day_knows_nothing_later(shipped: None, staff: Client) -> None:
    page = the_note(staff, "USA", "?as_of=2004-06-01")
    assert "2007" not in words(one_of(page, "article"))
    assert links(one_of(page, "main"))["PDF"] == "/reports/note/USA.pdf?as_of=2004-06-01"
    answer = staff.get("/reports/note/usa.pdf?as_of=2004-06-01")
    assert answer.headers["Content-Disposition"] == 'inline; filename="note-USA-2004-06-01.pdf"'
    assert links(one_of(page, "main"))["Back"] == "/states/USA/?as_of=2004-06-01"


def test_a_note_has_no_contacts_and_no_working_notes(staff: Client) -> None:
    state = factories.a_state("ZZZ", records_note="ask Ms Lie again", records_source="a phone call")
    factories.joins(state, on="2010-01-01", note="the copy is hard to read", source="a private list")
    factories.receives(state, "2013-06-03", symbol="CRC/C/OPSC/ZZZ/1", note="sent twice")
    factories.a_contact(state, "mission@example.org", name="Ms Lie")
    factories.derive(TODAY.isoformat(), state)
    for text in (text_of(pdf_of(staff, "/reports/note/ZZZ/")), squeezed(words(the_note(staff, "ZZZ")))):
        assert "CRC/C/OPSC/ZZZ/1" in text
        for private in (
            "mission@example.org",
            "MsLie",
            "hardtoread",
            "privatelist",
            "senttwice",
            "phonecall",
        ):
            assert private not in text


@pytest.fixture
def crowded(db: None) -> State:
    """A State with much of everything, and long names."""
    state = factories.a_state("ZZZ", name="Federated " * 9 + "Islands")
    factories.joins(state, on="2002-12-23")
    for number in range(9):
        factories.receives(state, f"20{10 + number}-01-23", "initial" if not number else "periodic",
                           f"{number + 1}", symbol=f"CRC/C/OPSC/ZZZ/{number + 1}" + "x" * 20)  # fmt: skip
        factories.reviews(
            state,
            f"20{11 + number}-06-01",
            "periodic",
            f"{number + 2}",
            document=f"CRC/C/ZZZ/CO/{number}" + "9" * 40,
        )
        factories.asks(
            state, f"20{12 + number}-01-01", f"20{11 + number}-01-01", document="D" * 50 + str(number)
        )
    factories.derive(TODAY.isoformat(), state)
    return state


def test_a_note_has_one_page_however_much_there_is_to_say(crowded: State, staff: Client) -> None:
    document = pdf_of(staff, "/reports/note/ZZZ/")
    assert len(document.pages) == 1
    text = text_of(document)
    assert "4morearenotshown." in text
    assert squeezed("The State is invited to submit the reply to the Committee") in text


def test_a_note_is_an_accessible_pdf(shipped: None, staff: Client) -> None:
    document = pdf_of(staff, "/reports/note/NOR/")
    root: Any = document.trailer["/Root"]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert document.metadata is not None
    assert document.metadata.title == "Norway: reports under the Optional Protocol"
    box = document.pages[0].mediabox
    assert (round(box.width), round(box.height)) == (595, 842)  # A4 in points


@pytest.mark.more
def test_the_note_of_every_state_has_one_page(shipped: None, staff: Client) -> None:
    longer = [
        state
        for state in State.objects.values_list("pk", flat=True)
        if len(pdf_of(staff, f"/reports/note/{state}/").pages) != 1
    ]
    assert longer == []


@pytest.mark.parametrize(
    "address", ["/reports/note/USA.xlsx", "/reports/note/XXX/", "/reports/note/USA.docx"]
)
def test_there_is_no_other_form_of_a_note(address: str, shipped: None, staff: Client) -> None:
    assert staff.get(address).status_code == 404


def test_a_report_that_awaits_its_review_is_the_ground_for_awaiting_nothing(
    shipped: None, staff: Client
) -> None:
    sections = sections_of(the_note(staff, "IRN"))
    assert list(sections) == ["Legal basis", "Last received", "Dialogue with the Committee", "Next steps"]
    assert rows_of(sections["Legal basis"])[-1] == [
        "Practice of the Committee",
        (
            "The report was received on 31 October 2023 and awaits the Committee's review; no later report is due "
            "until the Committee sets its date."
        ),
    ]
    assert rows_of(sections["Last received"])[-1][:2] == ["reports 5-6 under the CRC", "CRC/C/IRN/5-6"]
