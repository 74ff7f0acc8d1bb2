"""The list of submissions: reports received, compared with the due dates that they answered, as known on a day."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web import committee
from tests.web.conftest import TODAY, in_role
from tests.web.pages import column, links, one_of, read, table, words
from tracker.obligations.models import AgendaItem, CommitteeSession, Submission

pytestmark = pytest.mark.django_db

THE_LIST = "/submissions/"


@pytest.fixture
def reports(db: None) -> None:
    """Four reports of the USA, no party to the CRC, and one of Norway, which is one."""
    usa = factories.a_state("USA", region="WEOG")
    factories.joins(usa, on="2002-12-23")
    initial = factories.receives(
        usa, "2007-05-10", symbol="CRC/C/OPSC/USA/1", reviewed_on="2008-06-30", review_precision="month",
        language="en", title="Initial report", source="treaty body database", note="=1+1",
    )  # fmt: skip
    committee.reviews(usa, "CRC/C/OPSC/USA/CO/1", "2008-06-30")
    committee.prints(usa, "2005")
    factories.receives(usa, "2008-01-09", symbol="CRC/C/OPSC/USA/1/Rev.1", revises=initial)
    factories.receives(
        usa, "2010-01-22", "periodic", "2", symbol="a letter", link="https://example.org/2.pdf"
    )
    factories.receives(usa, "2016-02-01", "periodic", "3-4", symbol="CRC/C/OPSC/USA/3-4")
    norway = factories.a_state("NOR", region="WEOG")
    factories.joins(norway, "CRC", "1991-01-08")
    factories.joins(norway, on="2001-10-02")
    factories.receives(norway, None, reviewed_on="2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    factories.derive(TODAY.isoformat())


def rows(staff: Client, query: str = "") -> list[list[str]]:
    """State, report and status of each row."""
    return [[row[0], row[1], row[5]] for row in table(read(staff.get(f"{THE_LIST}?{query}")))]


def test_each_report_is_held_against_the_due_date_that_it_answered(reports: None, staff: Client) -> None:
    page = read(staff.get(THE_LIST))
    assert words(one_of(page, "p", class_="says")) == ("5 reports received by 22 November 2026.")
    # Third and fourth together, against the earlier of the two: 23 January 2015.
    assert table(page) == [
        ["United States USA", "periodic reports 3-4", "CRC/C/OPSC/USA/3-4", "1 February 2016",
         "23 January 2015", "received, 1 year late", "—", "—", "Edit"],
        ["United States USA", "periodic report 2", "a letter", "22 January 2010", "23 January 2010",
         "received on time", "—", "—", "Edit"],
        ["United States USA", "initial reportrevision", "CRC/C/OPSC/USA/1/Rev.1", "9 January 2008", "—", "—",
         "30 June 2008CRC/C/OPSC/USA/CO/1", "—", "Edit"],
        ["United States USA", "initial report", "CRC/C/OPSC/USA/1", "10 May 2007", "23 January 2005",
         "received, 2 years 3 months late", "June 2008CRC/C/OPSC/USA/CO/1", "—", "Edit"],
        ["Norway NOR", "initial report", "CRC/C/OPSC/NOR/1", "not known", "18 January 2004",
         "received, date unknown", "3 June 2005", "—", "Edit"],
    ]  # fmt: skip


def test_documents_are_links(reports: None, staff: Client) -> None:
    found = links(one_of(read(staff.get(THE_LIST)), "table"))
    assert found["CRC/C/OPSC/USA/1"] == "https://undocs.org/en/CRC/C/OPSC/USA/1"
    assert found["CRC/C/OPSC/USA/CO/1"] == "https://undocs.org/en/CRC/C/OPSC/USA/CO/1"
    assert found["a letter"] == "https://example.org/2.pdf"


def test_an_earlier_day_knows_nothing_later(reports: None, staff: Client) -> None:
    page = read(staff.get(f"{THE_LIST}?as_of=2007-12-31"))
    assert [[row[2], *row[5:-1]] for row in table(page)] == [
        [
            *("CRC/C/OPSC/USA/1", "received, 2 years 3 months late", "—"),
            "check against the guidelinesthe office, for 7 months",
        ],
        ["CRC/C/OPSC/NOR/1", "received, date unknown", "3 June 2005", "—"],
    ]
    assert rows(staff, "as_of=2007-12-31&observations=with") == []
    assert len(rows(staff, "as_of=2007-05-09")) == 1


def test_a_date_of_the_committee_replaces_the_due_date_from_its_day_on(reports: None, staff: Client) -> None:
    factories.decides(factories.State.objects.get(pk="USA"), "2016-01-23", "2013-02-01", cycles="3-4")
    factories.derive(TODAY.isoformat())
    assert rows(staff)[0][2] == "received, 9 days late"


@pytest.mark.parametrize(("query", "found"), [
    ("state=NOR", ["CRC/C/OPSC/NOR/1"]),
    ("q=kingdom+of+norway", ["CRC/C/OPSC/NOR/1"]),
    ("q=opsc%2Fnor", ["CRC/C/OPSC/NOR/1"]),
    ("q=initial", ["CRC/C/OPSC/USA/1"]),
    ("kind=periodic", ["CRC/C/OPSC/USA/3-4", "a letter"]),
    ("carried_by=CRC+report", []),
    ("language=en", ["CRC/C/OPSC/USA/1"]),
    ("receipt=unknown", ["CRC/C/OPSC/NOR/1"]),
    ("receipt=known&kind=initial", ["CRC/C/OPSC/USA/1/Rev.1", "CRC/C/OPSC/USA/1"]),
    ("observations=with", ["CRC/C/OPSC/USA/1/Rev.1", "CRC/C/OPSC/USA/1"]),
    ("observations=without&state=USA", ["CRC/C/OPSC/USA/3-4", "a letter"]),
    ("received_from=2008-01-09&received_until=2010-01-22", ["a letter", "CRC/C/OPSC/USA/1/Rev.1"]),
    ("region=AFR", []),
])  # fmt: skip
def test_each_filter_keeps_what_it_names(query: str, found: list[str], reports: None, staff: Client) -> None:
    assert column(read(staff.get(f"{THE_LIST}?{query}")), 2) == found


def test_the_lateness_sorts_by_days(reports: None, staff: Client) -> None:
    late = [row[2] for row in rows(staff, "sort=status&receipt=known&observations=without&kind=periodic")]
    assert late == ["received on time", "received, 1 year late"]
    assert rows(staff, "sort=-status&receipt=known&language=en")[0][2] == "received, 2 years 3 months late"


def exported(staff: Client, query: str = "") -> tuple[dict[str, str], ...]:
    told = staff.get(f"{THE_LIST}?state=USA&kind=initial{query}&_export=csv").content.decode("utf-8-sig")
    return tuple(csv.DictReader(io.StringIO(told)))


def test_the_export_holds_what_the_cells_of_the_page_tell(reports: None, staff: Client) -> None:
    _revision, initial = exported(staff)
    assert initial == {
        "State": "United States",
        "Alpha-3": "USA",
        "Report": "initial report",
        "Cycles": "1",
        "Carried by": "own",
        "Withdrawn": "",
        "Symbol": "CRC/C/OPSC/USA/1",
        "Link": "",
        "Received": "2007-05-10",
        "Due": "2005-01-23",
        "Status": "received late",
        "Days late": "837",
        "Reviewed": "2008-06-30",
        "Review known to the": "month",
        "Concluding observations": "CRC/C/OPSC/USA/CO/1",
        "Next step": "",
        "Waits for": "",
        "Waits since": "",
    }


def test_columns_that_have_no_room_can_be_chosen(reports: None, staff: Client) -> None:
    chosen = ("language", "title", "printed_due", "source", "note", "revises", "status")
    revision, initial = exported(staff, "".join(f"&column={name}" for name in chosen))
    assert initial == {
        "Language": "English",
        "Title": "Initial report",
        "Due date printed by the UN": "2005",
        "Source": "treaty body database",
        "Note": "'=1+1",
        "Revises": "",
        "Status": "received late",
        "Days late": "837",
    }
    assert (revision["Revises"], revision["Status"], revision["Days late"]) == ("CRC/C/OPSC/USA/1", "", "")


def test_a_report_without_an_obligation_is_compared_with_no_due_date(staff: Client) -> None:
    factories.receives(factories.a_state("NOR"), "2020-01-01", "periodic", "5-7", carried_by="CRC report")
    assert rows(staff) == [["Norway NOR", "reports 5-7 under the CRC", "—"]]


def test_an_empty_list_says_what_to_do(db: None) -> None:
    def nothing(role: str, query: str = "") -> Any:
        return one_of(
            read(in_role(role, role.lower() + query).get(f"{THE_LIST}{query}")), "div", class_="nothing"
        )

    assert words(nothing("Viewer")) == (
        "No report is recorded as received by 22 November 2026. An editor can record one, or import a file of them."
    )
    assert links(nothing("Viewer", "?kind=initial")) == {}
    assert links(nothing("Editor")) == {
        "Record a report": "/record/",
        "import a file of submissions": "/imports/",
    }
    assert words(nothing("Editor", "?kind=initial")) == (
        "Nothing matches. Remove a filter, or choose another day."
    )


def test_the_other_pages_lead_here(reports: None, staff: Client) -> None:
    def found(address: str) -> str | None:
        return next((to for to in links(read(staff.get(address))).values() if to.startswith(THE_LIST)), None)

    assert found("/figures/?as_of=2009-05-31") == "/submissions/?desk=all&as_of=2009-05-31"
    assert found("/obligations/") == "/submissions/"
    state = read(staff.get("/states/USA/?as_of=2009-05-31"))
    assert (
        links(state)["All reports of United States as a list"] == "/submissions/?state=USA&as_of=2009-05-31"
    )


def test_the_page_of_a_state_links_its_documents(reports: None, staff: Client) -> None:
    usa = factories.State.objects.get(pk="USA")
    factories.decides(usa, document="CRC/C/OPSC/USA/CO/2")
    factories.asks(usa, document="CRC/C/OPSC/USA/Q/3-4")

    def found(section: str, day: str = "") -> dict[str, str]:
        page = read(staff.get(f"/states/USA/{day}"))
        shown = links(one_of(page, "section", aria_labelledby=section))
        return {name: address for name, address in shown.items() if not address.startswith("/edit/")}

    reported = found("h-reports")
    assert reported["CRC/C/OPSC/USA/CO/1"] == "https://undocs.org/en/CRC/C/OPSC/USA/CO/1"
    assert reported["a letter"] == "https://example.org/2.pdf"
    assert "CRC/C/OPSC/USA/CO/1" not in found("h-reports", "?as_of=2008-06-29")
    assert found("h-dates")["CRC/C/OPSC/USA/CO/2"] == "https://undocs.org/en/CRC/C/OPSC/USA/CO/2"
    assert found("h-requests")["CRC/C/OPSC/USA/Q/3-4"] == "https://undocs.org/en/CRC/C/OPSC/USA/Q/3-4"


# --- what reports wait for ----------------------------------------------------------------------------


@pytest.fixture
def waiting(db: None) -> None:
    """Reports of Norway, Chile and Finland that wait, and one of Kenya that was considered."""
    norway, chile, finland, kenya = (factories.a_state(one) for one in ("NOR", "CHL", "FIN", "KEN"))
    factories.receives(norway, "2022-01-23", symbol="CRC/C/OPSC/NOR/1")
    factories.asks(norway, "2026-06-15", "2026-02-10", document="CRC/C/OPSC/NOR/Q/1")
    factories.receives(chile, "2023-11-21", symbol="CRC/C/OPSC/CHL/1")
    factories.receives(finland, "2024-05-01", symbol="CRC/C/OPSC/FIN/1")
    session = CommitteeSession.objects.create(
        number=103, starts_on=factories.day("2027-01-11"), ends_on=factories.day("2027-01-29")
    )
    AgendaItem.objects.create(
        session=session,
        state=finland,
        submission=finland.submissions.get(),
        decided_on=factories.day("2026-06-01"),
    )
    factories.receives(kenya, "2020-01-01", symbol="CRC/C/OPSC/KEN/1", reviewed_on="2025-05-20")


@pytest.mark.parametrize(("query", "found"), [
    ("next=replies", ["NOR"]),
    ("next=checked", ["CHL", "FIN"]),
    ("next=checked&next=replies", ["CHL", "FIN", "NOR"]),
    ("next=dialogue", []),
    ("waiting_over=1", ["CHL", "NOR"]),
    ("waiting_over=3", ["CHL", "NOR"]),
    ("waiting_over=3&as_of=2026-11-21", ["NOR"]),
    ("waiting_over=5", []),
    ("waiting_over=5&as_of=2025-05-19", ["KEN"]),
    # Before it was put on a session, Finland waited as well.
    ("waiting_over=2&as_of=2026-05-31", ["CHL", "FIN", "NOR"]),
])  # fmt: skip
def test_reports_are_found_by_what_they_wait_for(
    query: str, found: list[str], waiting: None, staff: Client
) -> None:
    page = read(staff.get(f"{THE_LIST}?{query}"))
    assert sorted(symbol.split("/")[3] for symbol in column(page, 2)) == found


def test_a_filter_by_what_reports_wait_for_takes_one_query_more(
    waiting: None, staff: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(13):
        staff.get(f"{THE_LIST}?waiting_over=1")


def test_the_next_step_says_who_has_it_and_for_how_long(waiting: None, staff: Client) -> None:
    page = read(staff.get(f"{THE_LIST}?state=NOR"))
    assert column(page, 7) == ["replies to the list of issuesthe State, for 9 months"]
    key = Submission.objects.get(state="NOR").pk
    assert links(one_of(page, "table"))["initial report"] == f"/submissions/{key}/"
    told = staff.get(f"{THE_LIST}?state=NOR&column=next&_export=csv").content.decode("utf-8-sig")
    assert told.splitlines() == ["Next step,Waits for,Waits since", "replies,State,2026-02-10"]
    assert words(one_of(read(staff.get(f"{THE_LIST}?waiting_over=3")), "ul", class_="chosen")).startswith(
        "Waiting for a session for more than 3 years"
    )


# --- reports under the CRC, and reports that were withdrawn ------------------------------------------


@pytest.fixture
def iran(db: None) -> Any:
    """Its CRC report 5-6, due in 2021 and received by 31 October 2023 (CRC/C/IRN/5-6)."""
    state = factories.a_state("IRN", name="Iran (Islamic Republic of)")
    factories.joins(state, "CRC", "1994-07-13")
    factories.joins(state, on="2007-09-26", kind="accession")
    factories.receives(state, "2021-08-03", symbol="CRC/C/OPSC/IRN/1")
    committee.reviews(state, "CRC/C/IRN/CO/3-4", "2016-01-29", "3-4", "periodic", carried_by="CRC report")
    factories.decides(
        state, "2021-12-31", "2016-01-29", cycles="5-6", carried_by="CRC report", precision="year",
        document="CRC/C/IRN/CO/3-4",
    )  # fmt: skip
    factories.receives(
        state,
        "2023-10-31",
        "periodic",
        "5-6",
        carried_by="CRC report",
        symbol="CRC/C/IRN/5-6",
        confidence="document",
    )
    factories.derive(TODAY.isoformat())
    return state


@pytest.mark.parametrize(
    ("information", "where", "says"),
    [
        ("", "", "not looked at"),
        ("no", "", "no"),
        ("yes", "paras. 210-244", "yes, paras. 210-244"),
    ],
)
def test_the_list_says_whether_the_information_is_in_a_report(
    information: str, where: str, says: str, iran: Any, staff: Client
) -> None:
    iran.submissions.filter(symbol="CRC/C/IRN/5-6").update(information=information, information_where=where)
    page = read(staff.get(f"{THE_LIST}?column=symbol&column=information"))
    assert table(page) == [["CRC/C/IRN/5-6", says, "Edit"], ["CRC/C/OPSC/IRN/1", "—", "Edit"]]
    wanted = information or "not looked"
    assert column(read(staff.get(f"{THE_LIST}?information={wanted.replace(' ', '+')}")), 2) == [
        "CRC/C/IRN/5-6"
    ]


def test_a_report_that_was_withdrawn_is_marked_and_answers_nothing_any_more(iran: Any, staff: Client) -> None:
    iran.submissions.filter(symbol="CRC/C/OPSC/IRN/1").update(withdrawn_on=factories.day("2022-03-01"))
    factories.derive(TODAY.isoformat())
    (row,) = table(read(staff.get(f"{THE_LIST}?q=opsc%2Firn")))
    assert row[1] == "initial reportwithdrawn by the State on 1 March 2022"
    assert row[4:6] == ["—", "—"]
    (before,) = table(read(staff.get(f"{THE_LIST}?q=opsc%2Firn&as_of=2022-02-28")))
    assert (before[1], before[4]) == ("initial report", "26 October 2009")
