"""Files of the Committee's calendar of years, and of its assessments of replies."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import factories
from tests.obligations.test_imports import TODAY, looked_at, outcomes, saved, why
from tracker.obligations.imports.check import check
from tracker.obligations.imports.export import export
from tracker.obligations.models import ExpectedYear, InformationRequest, Obligation
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

HEADER = "state,year,calendar,document,decided_on,source,confidence\n"
YEARS = (
    f"{HEADER}NOR,2029,2027–2034,CRC/C/120/3,2026-09-18,docs.example.org,document\n"
    "Sweden,2031,2027–2034,CRC/C/120/3,2026-09-18,docs.example.org,document\n"
)


@pytest.fixture
def sweden() -> State:
    return factories.a_state("SWE")


def test_a_calendar_is_added_changed_and_left_as_one_file(norway: State, sweden: State) -> None:
    first = looked_at("expected-years", YEARS)
    assert (outcomes(first), why(first)) == (["added", "added"], [])
    assert saved(first) is None  # nothing is derived
    assert list(ExpectedYear.objects.values_list("state_id", "year", "decided_on")) == [
        ("NOR", 2029, date(2026, 9, 18)),
        ("SWE", 2031, date(2026, 9, 18)),
    ]
    assert ExpectedYear.objects.get(state=norway).history.get().history_type == "+"
    again = looked_at("expected-years", YEARS.replace("Sweden,2031", "Sweden,2032"))
    assert outcomes(again) == ["unchanged", "changed"]
    assert again.rows[1].before == {"year": "2031"}


def test_one_wrong_row_refuses_the_whole_calendar_and_each_row_says_why(norway: State, sweden: State) -> None:
    checked = looked_at(
        "expected-years",
        f"{HEADER}NOR,2025,2027–2034,CRC/C/120/3,2026-09-18,,\n"
        "SWE,29,2027–2034,CRC/C/120/3,2026-09-18,,\n"
        "Norwegia,2029,2027–2034,CRC/C/120/3,2026-09-18,,\n"
        "NOR,2029,2027–2034,CRC/C/120/4,2026-11-23,,\n"
        "NOR,2090,2027–2034,CRC/C/120/5,2026-09-18,,\n"
        "SWE,2031,,CRC/C/120/6,2026-09-18,,\n"
        "SWE,2031,2027–2034,CRC/C/120/7,2026-09-18,,\n",
    )
    assert checked.is_refused
    assert outcomes(checked) == [*["refused"] * 6, "added"]
    said = why(checked)
    assert said[:2] == [
        "Row 2, column year: The year is before the document. Check the two.",
        "Row 3, column year: “29” is not a year; write for example 2029.",
    ]
    assert said[2].startswith("Row 4, column state: “Norwegia” is not the name of a State")
    assert said[3:] == [
        "Row 5, column decided_on: This day is in the future; enter the calendar once it is published.",
        "Row 6, column year: This is more than 20 years after the document; check the year.",
        "Row 7, column calendar: The cell is empty; fill it in.",
    ]
    assert not ExpectedYear.objects.exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_exported_calendar_comes_in_without_effect(form: str, norway: State, sweden: State) -> None:
    saved(looked_at("expected-years", YEARS))
    again = check("expected-years", f"x.{form}", export("expected-years", form), today=TODAY)
    assert outcomes(again) == ["unchanged", "unchanged"]


def test_a_year_of_the_calendar_gives_no_report_a_due_date(norway: State) -> None:
    factories.derive(TODAY.isoformat(), norway)
    before = _obligations()
    saved(looked_at("expected-years", f"{HEADER}NOR,2026,2027–2034,CRC/C/120/3,2026-09-18,,\n"))
    factories.derive(TODAY.isoformat(), norway)
    assert _obligations() == before


def _obligations() -> list[Any]:
    return list(Obligation.objects.order_by("pk").values_list("kind", "cycle", "due_on", "due_source"))


ASSESSED = "state,kind,document,issued_on,due_on,received_on,assessment,assessed_on,assessment_words\n"


def test_the_assessment_of_a_reply_comes_in_with_the_request(norway: State) -> None:
    factories.asks(norway, document="F/1", kind="follow-up", received_on="2012-11-01")
    text = (
        f"{ASSESSED}NOR,follow-up,F/1,2012-07-10,2012-11-15,2012-11-01,partly,2013-02-01,"
        '"“Some measures”, CRC/C/62/3, para. 9"\n'
    )
    checked = looked_at("requests", text)
    assert (outcomes(checked), why(checked)) == (["changed"], [])
    saved(checked)
    row = InformationRequest.objects.get()
    assert (row.assessment, row.assessed_on, row.assessment_words) == (
        "partly",
        date(2013, 2, 1),
        "“Some measures”, CRC/C/62/3, para. 9",
    )
    assert "partly" in export("requests", "csv").decode()
    assert outcomes(looked_at("requests", text)) == ["unchanged"]


def test_the_words_of_a_reply_come_in_with_its_receipt(norway: State) -> None:
    factories.asks(norway, document="F/1", kind="follow-up", received_on="2012-11-01", reply_words=9_800)
    heads = "state,kind,document,issued_on,due_on,received_on,reply_words\n"
    row = "NOR,follow-up,F/1,2012-07-10,2012-11-15"
    checked = looked_at("requests", f'{heads}{row},2012-11-01,"12,000"\n')
    assert outcomes(checked) == ["changed"]
    saved(checked)
    assert InformationRequest.objects.get().reply_words == 12_000
    assert export("requests", "csv").decode().splitlines()[0].endswith(",note,reply_words")
    # A file from before has no such column: what is recorded stays.
    assert outcomes(looked_at("requests", f"{heads[:-13]}\n{row},2012-11-01\n")) == ["unchanged"]
    assert why(looked_at("requests", f"{heads}{row},,9800\nNOR,other,F/2,2012-07-10,2012-11-15,,9.8\n")) == [
        "Row 2, column received_on: Enter the day on which the reply was received.",
        "Row 3, column reply_words: “9.8” is not a number of words; write for example 9,800.",
    ]


def test_an_assessment_without_or_before_the_reply_is_refused(norway: State) -> None:
    checked = looked_at(
        "requests",
        f"{ASSESSED}NOR,follow-up,F/1,2012-07-10,2012-11-15,,adequate,2013-02-01,\n"
        "NOR,follow-up,F/2,2012-07-10,2012-11-15,2012-11-01,adequate,2012-10-31,\n"
        "NOR,follow-up,F/3,2012-07-10,2012-11-15,2012-11-01,adequate,,\n"
        "NOR,follow-up,F/4,2012-07-10,2012-11-15,2012-11-01,good,2013-02-01,\n",
    )
    assert outcomes(checked) == ["refused"] * 4
    assert why(checked) == [
        "Row 2, column assessed_on: The Committee assesses a reply after its receipt; check the two days.",
        "Row 3, column assessed_on: The Committee assesses a reply after its receipt; check the two days.",
        "Row 4, column assessed_on: Enter both the assessment and its day, or neither.",
        "Row 5, column assessment: “good” is not known; write one of: adequate, partly, inadequate.",
    ]
