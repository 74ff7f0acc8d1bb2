"""`/what-if/`: the question is in the address, the answer on the page, and nothing is saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.web.pages import all_of, links, one_of, problems, read, table, words
from tracker.obligations.models import Submission

pytestmark = pytest.mark.django_db

KENYA = "/what-if/?suppose=deposit&state=KEN&day=2027-03-01&kind="
REPORT_5 = (
    "/what-if/?suppose=committee-date&state=USA&kind=periodic&first_cycle=5&last_cycle=5&outcome=date"
    "&due_on=2024-01-23&decided_on=2017-06-02"
)


def norway() -> str:
    submission = Submission.objects.get(symbol="CRC/C/OPSA/NOR/1")
    return f"/what-if/?suppose=withdrawal&state=NOR&submission={submission.pk}"


def field(page: Any, name: str) -> str:
    """The texts at a field: its error, then its help."""
    (box,) = [
        one
        for one in all_of(page, "div", class_="field")
        if any(child.attributes.get("name") == name for child in one)
    ]
    return " ".join(words(one) for one in box if one.name in ("p", "small"))


# --- the question ----------------------------------------------------------------------------


def test_without_a_question_there_is_a_form_and_no_complaint(staff: Client) -> None:
    page = read(staff.get("/what-if/"))
    assert words(one_of(page, "h1")) == "What if"
    assert problems(page) == []
    assert table(page) == []
    assert links(one_of(page, "nav", aria_label="What to assume")) == {
        "Deposit of an instrument": "/what-if/?suppose=deposit",
        "Date stated by the Committee": "/what-if/?suppose=committee-date",
        "Concluding observations": "/what-if/?suppose=review",
        "Submission withdrawn": "/what-if/?suppose=withdrawal",
        "Report received": "/what-if/?suppose=receipt",
    }


def test_the_other_questions_keep_state_and_day(staff: Client) -> None:
    factories.a_state("NOR")
    page = read(staff.get("/what-if/?state=NOR&suppose=receipt&as_of=2009-05-31"))
    found = links(one_of(page, "nav", aria_label="What to assume"))
    assert found["Submission withdrawn"] == "/what-if/?suppose=withdrawal&state=NOR&as_of=2009-05-31"
    assert one_of(page, "option", value="NOR").attributes.get("selected") == ""
    form = next(one for one in all_of(page, "form") if one.attributes.get("action") == "/what-if/")
    assert one_of(form, "input", name_="as_of").attributes["value"] == "2009-05-31"
    assert one_of(form, "input", name_="suppose").attributes["value"] == "receipt"


def test_the_page_of_a_state_leads_here(staff: Client) -> None:
    factories.a_state("NOR")
    page = read(staff.get("/states/NOR/?as_of=2009-05-31"))
    assert links(page)["What if …"] == "/what-if/?state=NOR&as_of=2009-05-31"


@pytest.mark.parametrize(
    ("query", "name", "says"),
    [
        ("state=XXX&day=2027-03-01", "state", "Choose a State."),
        ("state=NOR&day=9999-12-31", "day", "Choose a day from 1900 to 2200."),
        (
            (
                "suppose=committee-date&state=NOR&kind=periodic&first_cycle=&last_cycle=&outcome=date&due_on=2027"
                "&decided_on=2026-01-01"
            ),
            "first_cycle",
            "Enter a number from 1 to 99.",
        ),
        (
            (
                "suppose=review&state=NOR&report=numbers&numbers=5&adopted_on=2027-01-01&next_is=date&next_numbers=5"
                "&next_due_on=2031"
            ),
            "next_numbers",
            "This is the report that was reviewed. Enter the number of the next one.",
        ),
        (
            "suppose=review&state=NOR&report=numbers&numbers=&adopted_on=2027-01-01",
            "numbers",
            "Enter the number of the report, for example 7, or 5-6.",
        ),
        (
            "suppose=review&state=NOR&report=initial&adopted_on=1999-01-01",
            "adopted_on",
            "The OPSC entered into force for the State on 18 January 2002; nothing was reviewed before. Check the day.",
        ),
        (
            "suppose=withdrawal&state=NOR&submission=",
            "submission",
            "Choose one of the State’s submissions.",
        ),
        ("suppose=withdrawal&state=%00&submission=1", "state", "Choose a State."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(query: str, name: str, says: str, staff: Client) -> None:
    state = factories.a_state("NOR")
    factories.signs(state, on="2000-06-13")
    factories.joins(state, on="2001-10-02")
    page = read(staff.get(f"/what-if/?{query}"))
    assert field(page, name).startswith(says)
    assert table(page) == []


def test_what_the_facts_do_not_allow_is_told_too(staff: Client) -> None:
    state = factories.a_state("NOR")
    address = (
        "/what-if/?suppose=receipt&state=NOR&kind=initial&first_cycle=1&last_cycle=1&received_on=2026-11-01"
    )
    assert field(read(staff.get(address)), "state") == (
        "This State is not a party to the OPSC, so it owes no report. Enter its ratification, accession or "
        "succession first."
    )
    factories.joins(state, on="2001-10-02")
    factories.receives(state, "2005-06-03")
    page = read(staff.get(address))
    above = "A report for these cycles is recorded already; correct it, or enter this one as its revision."
    assert problems(page) == [above]
    assert field(page, "state") == ""


def test_an_unknown_question_is_the_first_one(staff: Client) -> None:
    page = read(staff.get("/what-if/?suppose=nothing"))
    assert words(one_of(page, "a", aria_current="page", href="/what-if/?suppose=deposit")) == (
        "Deposit of an instrument"
    )


# --- the answer ------------------------------------------------------------------------------


def a_party_whose_report_waits() -> None:
    """Iran: party to both, its combined report of 2023 not reviewed yet."""
    iran = factories.a_state("IRN", name="Iran")
    factories.joins(iran, "CRC", "1994-07-13")
    factories.joins(iran, on="2007-09-26")
    factories.receives(iran, "2021-08-03")
    factories.receives(iran, "2023-10-31", kind="periodic", cycles="5-6", carried_by="CRC report")
    factories.derive("2026-11-22", iran)


def test_a_report_is_reviewed_and_the_next_one_has_its_date(staff: Client) -> None:
    a_party_whose_report_waits()
    page = read(
        staff.get(
            "/what-if/?suppose=review&state=IRN&report=numbers&numbers=5-6&adopted_on=2027-02-05&next_is=date"
            "&next_numbers=7&next_due_on=2032"
        )
    )
    assert words(all_of(page, "p", class_="says")[1]).startswith(
        "Supposed: Iran, reports 5-6 under the CRC reviewed on 5 February 2027. Supposed: Iran, the Committee asks on "
        "5 February 2027 for report 7 under the CRC by 31 December 2032."
    )
    assert table(page, "h-dates")[-1][:2] == ["report 7 under the CRC", "would be added"]
    assert table(page, "h-counts") == [
        ["reports under the CRC: not yet due", "0", "1"], ["reports under the CRC: awaiting review", "1", "0"],
    ]  # fmt: skip


def test_the_date_of_the_next_report_will_be_communicated(staff: Client) -> None:
    a_party_whose_report_waits()
    page = read(
        staff.get(
            "/what-if/?suppose=committee-date&state=IRN&kind=periodic&first_cycle=&last_cycle="
            "&outcome=to+be+communicated&due_on=&decided_on=2026-11-01"
        )
    )
    row = table(page, "h-dates")[-1]
    assert (row[0], row[1], row[5]) == (
        "next report under the CRC", "would be added", "date to be communicated",
    )  # fmt: skip


@pytest.mark.usefixtures("shipped")
class TestAnswers:
    def test_kenya_deposits_in_march_2027(self, staff: Client) -> None:
        page = read(staff.get(KENYA))
        says = [words(one) for one in all_of(page, "p", class_="says")]
        assert says[0].endswith("Nothing is saved.")
        assert says[1] == (
            "Supposed: Kenya, ratification, on 1 March 2027. Shown as of that day, 1 March 2027."
        )
        (row,) = table(page, "h-dates")
        assert row[:6] == ["initial report", "would be added", "—", "—", "1 April 2029", "due 1 April 2029"]
        assert row[6].endswith(
            "OPSC art. 12(1): Initial report within two years of entry into force, by 1 April 2029."
        )
        assert table(page, "h-counts") == [
            ["States parties", "178", "179"],
            ["signatories not parties", "8", "7"],
            ["initial reports: not yet due", "0", "1"],
        ]
        section = words(one_of(page, "section", aria_labelledby="h-reminders"))
        assert section == (
            "Reminders From 1 March 2027 to 29 February 2028, by the rules that are active now. No reminder "
            "would be added or removed."
        )

    def test_report_5_of_the_usa_is_moved(self, staff: Client) -> None:
        page = read(staff.get(REPORT_5))
        assert "It replaces the date recorded for that day: CRC/C/OPSC/USA/CO/3-4." in words(
            one_of(page, "main")
        )
        rows = table(page, "h-dates")
        assert [row[0] for row in rows] == [
            "initial report", "periodic report 2", "periodic report 3", "periodic report 4", "periodic report 5",
            "periodic report 6", "periodic report 7",
        ]  # fmt: skip
        assert [row[1] for row in rows] == ["does not change"] * 4 + ["would change: due date"] + [
            "does not change"
        ] * 2
        assert rows[4][2:6] == [
            "23 January 2022by rule 23 January 2025",
            "received on time",
            "23 January 2024by rule 23 January 2025",
            "received on time",
        ]
        assert "No count would change." in words(one_of(page, "section", aria_labelledby="h-counts"))

    def test_norways_submission_is_withdrawn(self, staff: Client) -> None:
        page = read(staff.get(norway()))
        rows = table(page, "h-dates")
        assert rows[0][:6] == [
            "initial report",
            "would change: status, receipt",
            "18 January 2004",
            "received, date unknown",
            "18 January 2004",
            "no record",
        ]
        assert {row[1] for row in rows[1:]} == {"would be removed"}
        assert ["initial reports: no record", "59", "60"] in table(page, "h-counts")
        assert "No reminder would be added or removed." in words(one_of(page, "main"))

    def test_as_of_an_earlier_day_it_is_told_as_of_then(self, staff: Client) -> None:
        page = read(staff.get("/what-if/?suppose=deposit&state=KEN&day=2005-01-31&kind=&as_of=2009-05-31"))
        assert "Shown as of 31 May 2009." in words(one_of(page, "main"))
        assert table(page, "h-counts")[0] == ["States parties", "131", "132"]
        assert table(page, "h-reminders") != []

    @pytest.mark.parametrize("question", [lambda: KENYA, lambda: REPORT_5, norway])
    def test_nothing_is_saved(self, question: Callable[[], str], staff: Client) -> None:
        def rows() -> list[list[dict[str, Any]]]:
            return [list(model.objects.order_by("pk").values()) for model in apps.get_models()]

        address = question()
        before = rows()
        with CaptureQueriesContext(connection) as asked:
            assert staff.get(address).status_code == 200
        assert {query["sql"].split()[0] for query in asked} <= {"SELECT", "SAVEPOINT", "RELEASE"}
        assert rows() == before

    def test_the_answer_takes_few_queries(self, staff: Client, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(21):
            staff.get(norway())
