"""The three lines on top of a State's page: what is awaited and why, what came last, what would end it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests import factories
from tests.web import committee
from tracker.obligations.queries.answer import Answer, answer_of
from tracker.obligations.queries.dossier import dossier_of
from tracker.registry.models import State

TODAY = date(2026, 11, 22)
ENDS_WITH_RECEIPT = "The receipt of the report. The Committee may also state another date."
ENDS_WITH_CARRIED = (
    "The receipt of the report. The Committee may also state another date, or review the State without the "
    "report."
)
ENDS_WITH_INITIAL = (
    "The receipt of the initial report; a report under the Convention does not replace it. The Committee may "
    "also state another date."
)
ENDS_WITH_OBSERVATIONS = (
    "The Committee’s concluding observations: they set the date of the next report, or say when it follows."
)
ENDS_WITH_RECORD = (
    "A record of its receipt, or a source that says that it was not received. Until then the State is not listed as "
    "late."
)
ENDS_WITH_JOINING = (
    "The first report would fall due two years after the Protocol enters into force for the State (OPSC art. "
    "12(1))."
)

pytestmark = pytest.mark.django_db


def answer(state: State | str, day: str = "") -> Answer:
    found = State.objects.get(pk=state) if isinstance(state, str) else state
    return answer_of(dossier_of(found, factories.day(day) if day else TODAY, today=TODAY))


@pytest.mark.usefixtures("shipped")
@pytest.mark.parametrize(
    ("iso3", "day", "awaited", "ground", "received", "ends"),
    [
        pytest.param(
            "IDN", "",
            "Initial report, due on 24 October 2014: overdue 12 years.",
            "OPSC art. 12(1): Initial report within two years of entry into force, by 24 October 2014.",
            "No report under the OPSC is recorded here. Last concluding observations: CRC/C/IDN/CO/5-6 of 30 May 2025.",
            ENDS_WITH_INITIAL,
            id="overdue initial report",
        ),
        pytest.param(
            "AFG", "",
            "Initial report, due on 19 October 2004: no record. The office's records do not cover this due date, so "
            "the report is not listed as late.",
            "OPSC art. 12(1): Initial report within two years of entry into force, by 19 October 2004.",
            "No report under the OPSC is recorded here. Last concluding observations: CRC/C/AFG/CO/1 of 4 February "
            "2011.",
            ENDS_WITH_RECORD,
            id="no record accuses nobody",
        ),
        pytest.param(
            "NOR", "",
            "Report 8 under the CRC: date to be communicated.",
            "CRC/C/NOR/CO/7: The Committee, on 30 May 2025, will communicate the date of report 8; until then none is "
            "due.",
            "Reports 5-6 under the CRC, CRC/C/NOR/5-6, received on 6 October 2016. Last concluding observations: "
            "CRC/C/NOR/CO/7 of 30 May 2025.",
            "A document of the Committee that states the date. Until then the report is not overdue.",
            id="to be communicated",
        ),
        pytest.param(
            "NOR", "2014-06-01",
            "Reports 5-6 under the CRC, due in 2016: not yet due.",
            "CRC/C/NOR/CO/4: The Committee, on 29 January 2010, asks for reports 5 to 6 combined in the year that ends "
            "on 31 December 2016; the document prints the year alone, so the report is late only after that day.",
            "Initial report, CRC/C/OPSA/NOR/1, received by 3 June 2005; the day of receipt is not recorded.",
            ENDS_WITH_CARRIED,
            id="a year alone, as of another day",
        ),
        pytest.param(
            "GAB", "",
            "Next report under the CRC: date not recorded.",
            "CRC art. 44(1)(b): No document with the date of the next report is recorded here, so no date counts. The "
            "five-year calendar of article 44(1)(b) alone would give 11 March 2021.",
            "Initial report, CRC/C/OPSC/GAB/1, received by 27 May 2016; the day of receipt is not recorded. Last "
            "concluding observations: CRC/C/GAB/CO/2 of 3 June 2016.",
            "The receipt of the report, or a record of the document that states its date. Until then the report is not "
            "listed as late.",
            id="date not recorded",
        ),
        pytest.param(
            "JPN", "",
            "Reports 6-7 under the CRC, due on 21 November 2024: no record. The office's records do not cover this due "
            "date, so the report is not listed as late.",
            "CRC/C/JPN/CO/4-5: The Committee, on 1 February 2019, asks for reports 6 to 7 combined by 21 November "
            "2024.",
            "Reports 4-5 under the CRC, CRC/C/JPN/4-5, received on 30 June 2017. Last concluding observations: "
            "CRC/C/JPN/CO/4-5 of 1 February 2019.",
            ENDS_WITH_RECORD,
            id="asked for after the last review, no record",
        ),
        pytest.param(
            "IRN", "",
            "No report is awaited. Reports 5-6 under the CRC: awaiting review since 31 October 2023.",
            "",
            "Reports 5-6 under the CRC, CRC/C/IRN/5-6, received on 31 October 2023. Last concluding observations: "
            "CRC/C/IRN/CO/3-4 of 29 January 2016.",
            ENDS_WITH_OBSERVATIONS,
            id="awaiting review",
        ),
        pytest.param(
            "KAZ", "",
            "No report is awaited. Reports 5-6 under the CRC: awaiting review since 4 December 2025 at the latest.",
            "",
            "Reports 5-6 under the CRC, CRC/C/KAZ/5-6, received by 4 December 2025; the day of receipt is not recorded."
            " Last concluding observations: CRC/C/KAZ/CO/4 of 2 October 2015.",
            ENDS_WITH_OBSERVATIONS,
            id="awaiting review, receipt not known",
        ),
        pytest.param(
            "USA", "",
            "Periodic report 6, due on 23 January 2030: in 3 years 2 months.",
            "OPSC art. 12(2): Every five years from then: 25 years later, report 6 by 23 January 2030.",
            "Periodic report 5, CRC/C/OPSC/USA/5, received on 23 January 2022.",
            ENDS_WITH_RECEIPT,
            id="a series of its own",
        ),
        pytest.param(
            "USA", "2005-01-23",
            "Initial report, due on 23 January 2005: today.",
            "OPSC art. 12(1): Initial report within two years of entry into force, by 23 January 2005.",
            "No report under the OPSC is recorded here.",
            ENDS_WITH_RECEIPT,
            id="due today",
        ),
        pytest.param(
            "USA", "2002-12-22",
            "No report: only States parties owe one.", "", "", ENDS_WITH_JOINING,
            id="signatory on that day",
        ),
        pytest.param(
            "BRB", "", "No report: only States parties owe one.", "", "", ENDS_WITH_JOINING, id="not a party",
        ),
    ],
)  # fmt: skip
def test_the_answer_about_a_state(
    iso3: str, day: str, awaited: str, ground: str, received: str, ends: str
) -> None:
    found = answer(iso3, day)
    assert (found.awaited, found.ground, found.received, found.ends) == (awaited, ground, received, ends)


@pytest.fixture
def party() -> State:
    """A party to the Protocol alone, whose records are complete."""
    state = factories.a_state("QAA")
    factories.joins(state, on="2002-12-23")
    return state


def test_several_overdue_reports_are_named_after_the_first(party: State) -> None:
    factories.derive("2026-11-22", party)
    found = answer(party)
    assert found.awaited == (
        "Initial report, due on 23 January 2005: overdue 21 years 9 months. 4 more are overdue: periodic report 2 (23 "
        "January 2010); periodic report 3 (23 January 2015); periodic report 4 (23 January 2020); and 1 more."
    )
    assert answer(party, "2010-01-24").awaited.endswith(
        "1 more is overdue: periodic report 2 (23 January 2010)."
    )


def test_under_the_plain_rule_a_party_to_the_convention_owes_its_own_series(
    party: State, settings: Any
) -> None:
    settings.PERIODIC_RULE = "plain"
    factories.joins(party, "CRC", "1991-01-08")
    factories.receives(party, "2005-01-03")
    factories.derive("2026-11-22", party)
    found = answer(party, "2009-06-01")
    assert found.awaited == "Periodic report 2, due on 23 January 2010: in 7 months."
    assert found.received == "Initial report, received on 3 January 2005."


def test_a_report_under_the_convention_is_overdue_by_the_day_that_the_committee_states(party: State) -> None:
    party.carried_records_from = factories.day("1990-09-02")
    party.save()
    factories.joins(party, "CRC", "1991-01-08")
    factories.receives(party, "2005-01-03")
    factories.decides(party, "2021-09-01", "2016-05-20", cycles="5-6", carried_by="CRC report",
                      document="CRC/C/QAA/CO/4", paragraph="70")  # fmt: skip
    factories.derive("2026-11-22", party)
    found = answer(party)
    assert found.awaited == "Reports 5-6 under the CRC, due on 1 September 2021: overdue 5 years 2 months."
    assert found.ground == (
        "CRC/C/QAA/CO/4, para. 70: The Committee, on 20 May 2016, asks for reports 5 to 6 combined by 1 "
        "September 2021."
    )
    assert found.ends == ENDS_WITH_CARRIED


def test_a_waived_report_is_not_awaited(party: State) -> None:
    factories.joins(party, "CRC", "1991-01-08")
    factories.decides(party, None, "2016-05-20", "initial", "1", outcome="waived")
    factories.derive("2026-11-22", party)
    assert (
        answer(party, "2016-05-19").awaited
        == "Initial report, due on 23 January 2005: overdue 11 years 3 months."
    )
    found = answer(party)
    assert found.awaited == "No report is awaited. The Committee does not ask for the initial report."
    assert (found.report, found.ground) == (None, "")
    assert found.ends == "A document of the Committee that asks for a report."


def test_after_a_review_without_the_report_the_next_one_is_open(party: State) -> None:
    factories.joins(party, "CRC", "1991-01-08")
    factories.receives(party, "2005-01-03")
    factories.decides(party, "2026-01-31", "2025-06-01", cycles="8", carried_by="CRC report")
    committee.reviews(
        party, "CRC/C/QAA/CO/8", "2026-09-18", "8", "periodic", carried_by="CRC report", without_report=True
    )
    factories.derive("2026-11-22", party)
    assert (
        answer(party, "2025-09-17").awaited == "Report 8 under the CRC, due on 31 January 2026: in 4 months."
    )
    found = answer(party)
    assert found.awaited == "Next report under the CRC: date not recorded."
    assert found.received.endswith("Last concluding observations: CRC/C/QAA/CO/8 of 18 September 2026.")


def test_after_a_waived_report_under_the_convention_the_next_one_is_open(party: State) -> None:
    factories.joins(party, "CRC", "1991-01-08")
    factories.receives(party, "2005-01-03")
    factories.decides(party, None, "2016-05-20", cycles="5", carried_by="CRC report", outcome="waived")
    factories.derive("2026-11-22", party)
    assert answer(party).awaited == "Next report under the CRC: date not recorded."


def test_a_state_that_left_owes_what_fell_due_before_and_no_more(party: State) -> None:
    factories.denounces(party, on="2006-03-01")
    factories.derive("2026-11-22", party)
    assert answer(party).awaited == "Initial report, due on 23 January 2005: overdue 21 years 9 months."
    factories.receives(party, "2026-11-01")
    factories.derive("2026-11-22", party)
    found = answer(party)
    assert (found.awaited, found.ends) == ("No report is awaited.", "")


def test_a_reply_to_a_request_is_awaited_by_the_day_of_the_request(party: State) -> None:
    factories.receives(party, "2005-01-03")
    factories.asks(party, due="2006-11-15", on="2006-07-10")
    factories.derive("2026-11-22", party)
    found = answer(party, "2006-11-16")
    assert found.awaited == "Reply to the list of issues, due on 15 November 2006: overdue 1 day."
    assert found.ends == "The receipt of the reply."


def test_a_withdrawn_report_is_not_the_last_one_received(party: State) -> None:
    factories.receives(party, "2005-01-03", symbol="CRC/C/OPSC/QAA/1", withdrawn_on="2006-01-02")
    factories.derive("2026-11-22", party)
    assert answer(party, "2006-01-01").received == (
        "Initial report, CRC/C/OPSC/QAA/1, received on 3 January 2005."
    )
    assert answer(party, "2006-01-02").received == "No report under the OPSC is recorded here."
