"""The names of reports in mails, and the sentences about their due dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tracker.obligations.models import Obligation
from tracker.reminders import wording


def report(
    kind: str = "periodic", cycle: int = 6, last: int = 0, by: str = "CRC report", **fields: Any
) -> Any:
    return Obligation(kind=kind, cycle=cycle, last_cycle=last or cycle, carried_by=by, **fields)


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (report("initial", 1, by="own"), "initial report"),
        (report("periodic", 3, by="own"), "periodic report 3"),
        (report("information", 1, by="own", subject="list of issues"), "reply to the list of issues"),
        (report(cycle=7), "seventh report under article 44 of the CRC"),
        (report(cycle=5, last=6), "combined fifth and sixth reports under article 44 of the CRC"),
        (report(cycle=3, last=6), "combined third to sixth reports under article 44 of the CRC"),
        (report(cycle=10, last=11), "combined tenth and 11th reports under article 44 of the CRC"),
        (report(cycle=0), "next report under article 44 of the CRC"),
    ],
)
def test_each_report_has_its_name(found: Obligation, name: str) -> None:
    assert wording.name(found) == name


DUE = date(2017, 12, 31)


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"due_on": DUE, "year_only": True}, "Japan: sixth report under article 44 of the CRC, due in 2017"),
        (
            {"due_on": DUE, "year_only": False},
            "Japan: sixth report under article 44 of the CRC, due on 31 December 2017",
        ),
        # The Committee has since stated a year; the mail named a day.
        (
            {"due_on": date(2019, 12, 31), "year_only": True},
            "Japan: sixth report under article 44 of the CRC, due on 31 December 2017",
        ),
        (
            {"due_on": None, "year_only": False},
            "Japan: sixth report under article 44 of the CRC, due on 31 December 2017",
        ),
    ],
)
def test_a_line_says_the_date_that_was_spoken_of(fields: dict[str, Any], line: str) -> None:
    assert wording.line("Japan", report(**fields), DUE) == line


@pytest.mark.parametrize(
    ("source", "document", "sentence"),
    [
        ("rule", "", "Due on 31 December 2017."),
        ("committee", "CRC/C/JPN/CO/3", "Due on 31 December 2017, as stated in CRC/C/JPN/CO/3."),
        ("committee", "", "Due on 31 December 2017."),
        (
            "list of issues prior to reporting",
            "CRC/C/HUN/QPR/6",
            "Due on 31 December 2017, as stated in the list of issues prior to reporting CRC/C/HUN/QPR/6.",
        ),
        (
            "list of issues prior to reporting",
            "",
            "Due on 31 December 2017, as stated in the list of issues prior to reporting.",
        ),
        # The last concluding observations known, which state no date of this report.
        ("treaty calendar", "CRC/C/GAB/CO/2", "Due on 31 December 2017."),
    ],
)
def test_the_document_that_states_the_date_is_cited(source: str, document: str, sentence: str) -> None:
    found = report(due_on=DUE, due_source=source, document=document)
    assert wording.due(found, DUE, DUE) == sentence


def test_a_document_is_not_cited_for_a_date_that_it_does_not_state() -> None:
    found = report(due_on=date(2019, 12, 31), due_source="committee", document="CRC/C/JPN/CO/4-5")
    assert wording.due(found, DUE, DUE) == "Due on 31 December 2017."


OWN, CARRIED = report("initial", 1, by="own"), report()


@pytest.mark.parametrize(
    ("reports", "sentence"),
    [
        (
            [OWN],
            (
                "We wrote to you about this report under the Optional Protocol to the Convention on the Rights of the "
                "Child on the sale of children, child prostitution and child pornography (OPSC):"
            ),
        ),
        (
            [CARRIED] * 2,
            (
                "We wrote to you about 2 reports under article 44 of the Convention on the Rights of the Child (CRC), "
                "in which article 12(2) of its Optional Protocol on the sale of children, child prostitution and child "
                "pornography (OPSC) asks for information."
            ),
        ),
        (
            [OWN, CARRIED],
            (
                "We wrote to you about 2 reports under the Convention on the Rights of the Child (CRC) and its "
                "Optional Protocol on the sale of children, child prostitution and child pornography (OPSC)."
            ),
        ),
    ],
    ids=["own", "under the CRC", "both"],
)
def test_the_page_for_answers_says_what_the_mail_was_about(reports: list[Obligation], sentence: str) -> None:
    assert wording.answered_for(reports) == sentence


@pytest.mark.parametrize(
    ("reports", "sentence"),
    [
        ([OWN], "A reminder is due about the following report under article 12 of the OPSC."),
        (
            [CARRIED],
            (
                "The following report under article 44 of the CRC, in which article 12(2) of the OPSC asks for "
                "information on the Protocol, has reached a stage at which we write."
            ),
        ),
        (
            [CARRIED] * 2,
            (
                "The following reports under article 44 of the CRC, in which article 12(2) of the OPSC asks for "
                "information on the Protocol, have reached a stage at which we write."
            ),
        ),
    ],
    ids=["own", "under the CRC", "several"],
)
def test_the_desk_is_told_what_a_mail_is_about(reports: list[Obligation], sentence: str) -> None:
    assert wording.opening(reports, to_state=False) == sentence
