"""Concluding observations, lists of issues prior to reporting, reports under the CRC and withdrawals, as entered."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, signed_in
from tests.web.pages import Element, all_of, in_two_steps, messages, one_of, press_undo, problems, read, words
from tests.web.records.test_record import look, report, save, shown, told
from tracker.obligations.actions import confirm_date, save_fact
from tracker.obligations.models import CommitteeDate, Obligation, Review, Submission
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

REVIEW = "/states/NOR/record-review/"
PRIOR = "/states/NOR/record-prior-to-reporting/"
SUBMISSION = "/states/NOR/record-submission/"
DATE = "/states/NOR/record-date/"
WITHDRAWAL = "/states/NOR/record-withdrawal/"


@pytest.fixture
def norway() -> State:
    """Party to both; initial report of 2005, combined fifth and sixth report under the CRC of 2016, not reviewed."""
    state = factories.a_state("NOR")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02")
    factories.receives(state, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    factories.receives(
        state, "2016-10-04", kind="periodic", cycles="5-6", carried_by="CRC report", symbol="CRC/C/NOR/5-6"
    )
    factories.derive(TODAY.isoformat(), state)
    return state


def received(symbol: str) -> str:
    """The choice of a received report."""
    return f"received-{Submission.objects.get(symbol=symbol).pk}"


def observations(**values: str) -> dict[str, str]:
    """A form filled in as the Committee's observations of 2018 on the combined report."""
    filled = {
        "document": "CRC/C/NOR/CO/5-6", "adopted_on": "1 June 2018", "session": "78", "series": "crc",
        "report": received("CRC/C/NOR/5-6"), "next_is": "date", "next_numbers": "7", "next_due": "4 July 2022",
        "paragraph": "41", "confidence": "document",
    }  # fmt: skip
    return filled | values


def error_of(page: Element, name: str) -> str:
    return words(one_of(page, "div", id=f"id_{name}_error"))


def open_report(state: State) -> Obligation:
    """The one open report under the CRC."""
    return Obligation.objects.get(
        state=state, carried_by="CRC report", expected=True, answered_on=None, ceases_on=None, waived=False
    )


# --- one form, one act -----------------------------------------------------------------------------


def test_the_reports_that_await_a_review_are_offered(norway: State, staff: Client) -> None:
    page = read(staff.get(REVIEW))
    assert [words(one) for one in all_of(all_of(page, "fieldset")[0], "label")] == [
        "CRC/C/NOR/5-6 (reports 5-6 under the CRC, received on 4 October 2016)",
        "CRC/C/OPSC/NOR/1 (initial report, received on 3 June 2005)",
        "Another report: enter its number below",
        "A report under the CRC whose number is not known here",
        "None: the Committee reviewed the State without a report",
    ]


def test_the_submission_gets_its_review_and_the_next_report_its_date(norway: State, staff: Client) -> None:
    page = look(staff, REVIEW, **observations())
    assert told(page) == [
        "The submission CRC/C/NOR/5-6: reviewed, with the concluding observations CRC/C/NOR/CO/5-6 of 1 June 2018.",
        "Reports 5-6 under the CRC: no longer awaiting the Committee’s review.",
        "Report 7 under the CRC due 4 July 2022.",
    ]
    assert not Review.objects.exists()
    answer = save(staff, REVIEW, **observations())
    assert messages(read(answer))[0] == (
        "Recorded for Norway: the review CRC/C/NOR/CO/5-6. Recorded for Norway: the Committee’s date in "
        "CRC/C/NOR/CO/5-6 for report 7 under the CRC. Undo"
    )
    review, date = Review.objects.get(), CommitteeDate.objects.get()
    assert (review.cycles, review.carried_by, review.session, review.without_report) == (
        "5-6", "CRC report", 78, False,
    )  # fmt: skip
    assert (date.document, date.decided_on, date.cycles, date.carried_by, date.paragraph) == (
        review.document, review.adopted_on, "7", "CRC report", "41",
    )  # fmt: skip
    assert open_report(norway).due_on.isoformat() == "2022-07-04"
    by = Submission.objects.with_observations(TODAY).get(symbol="CRC/C/NOR/5-6")
    assert by.observations == "CRC/C/NOR/CO/5-6"
    press_undo(staff, answer)  # the document as a whole, in one click
    assert (Review.objects.count(), CommitteeDate.objects.count()) == (0, 0)


def test_the_number_of_the_next_report_takes_the_place_of_no_number(norway: State, staff: Client) -> None:
    values = observations(next_is="to be communicated", next_numbers="", next_due="")
    save(staff, REVIEW, **values)
    assert told(look(staff, PRIOR, **LIST)) == [
        "Report 7 under the CRC (before: next report under the CRC): due in 2027.",
    ]


def test_a_year_alone_is_its_last_day(norway: State, staff: Client) -> None:
    page = look(staff, REVIEW, **observations(next_due="2022"))
    assert told(page)[-1] == "Report 7 under the CRC due in 2022."
    save(staff, REVIEW, **observations(next_due="2022"))
    date = CommitteeDate.objects.get()
    assert (date.due_on.isoformat(), date.precision) == ("2022-12-31", "year")
    assert open_report(norway).year_only


def test_to_be_communicated_needs_no_number(norway: State, staff: Client) -> None:
    values = observations(next_is="to be communicated", next_numbers="", next_due="")
    assert (
        told(look(staff, REVIEW, **values))[1]
        == "Next report under the CRC is owed again: date to be communicated."
    )
    save(staff, REVIEW, **values)
    row = open_report(norway)
    assert (row.cycle, row.due_on, row.due_source) == (0, None, "to be communicated")


def test_what_is_not_stated_leaves_the_date_not_recorded(norway: State, staff: Client) -> None:
    values = observations(next_is="not stated", next_numbers="", next_due="")
    assert (
        told(look(staff, REVIEW, **values))[1]
        == "Next report under the CRC is owed again: date not recorded."
    )
    answer = save(staff, REVIEW, **values)
    assert messages(read(answer))[0] == "Recorded for Norway: the review CRC/C/NOR/CO/5-6. Undo"
    assert not CommitteeDate.objects.exists()
    assert (open_report(norway).due_source, open_report(norway).document) == (
        "treaty calendar", "CRC/C/NOR/CO/5-6",
    )  # fmt: skip


def test_a_state_is_reviewed_without_a_report(norway: State, staff: Client) -> None:
    save(staff, REVIEW, **observations())
    values = observations(
        document="CRC/C/NOR/CO/7", adopted_on="2025-05-30", session="99", report="without", numbers="7",
        next_numbers="8", next_due="2030",
    )  # fmt: skip
    assert told(look(staff, REVIEW, **values)) == [
        "Report 7 under the CRC was reviewed without a report on 30 May 2025.",
        "Report 8 under the CRC due in 2030.",
    ]
    save(staff, REVIEW, **values)
    row = Obligation.objects.get(state=norway, carried_by="CRC report", cycle=7)
    assert (row.answered_on, row.waived, row.reviewed_without_on.isoformat()) == (None, True, "2025-05-30")
    assert open_report(norway).cycle == 8


def test_a_review_of_a_report_that_is_not_recorded_asks_for_the_report(norway: State, staff: Client) -> None:
    Submission.objects.filter(symbol="CRC/C/NOR/5-6").delete()
    factories.derive(TODAY.isoformat(), norway)
    page = look(
        staff, REVIEW, document="CRC/C/NOR/CO/5-6", adopted_on="2018-06-01", series="crc", report="numbers",
        numbers="5-6", next_is="not stated",
    )  # fmt: skip
    assert words(one_of(page, "p", class_="warning")) == (
        "Please check: Report 5-6 of this State is not recorded. The review shows that it was received; record it too, "
        "so that its date of receipt is known."
    )


# --- bad input: refused at the field, nothing written ----------------------------------------------


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"adopted_on": "2016-10-03"}, "adopted_on",
         ("The report was received on 4 October 2016, after this review. Check the two days, or select “without a "
          "report”.")),
        ({"next_numbers": "5"}, "next_numbers",
         "This is the report that was reviewed. Enter the number of the next one."),
        ({"next_due": ""}, "next_due", "Enter the day or the year that the observations print, for example 2027."),
        ({"next_numbers": ""}, "next_numbers", "Enter the number of the report, for example 7, or 5-6."),
        ({"next_numbers": "seven"}, "next_numbers",
         "“seven” is not the number of a report. Enter for example 7, or 5-6 for reports combined in one."),
        ({"next_is": ""}, "next_is", "Choose what the observations say about the next report."),
        ({"report": ""}, "report", "Choose the report reviewed."),
        ({"report": "numbers"}, "numbers", "Enter the number of the report, for example 7, or 5-6."),
        ({"report": "without", "numbers": "5-6"}, "report",
         ("The report was received on 4 October 2016, before this review. Clear “without a report”, "
          "or correct the number.")),
        ({"next_is": "to be communicated"}, "next_due", "Leave the date empty, or choose “state a date” above."),
        ({"adopted_on": "1990-12-01", "report": "unnumbered"}, "adopted_on",
         "The CRC entered into force for the State on 7 February 1991; nothing was reviewed before. Check the day."),
    ],
)  # fmt: skip
def test_observations_that_cannot_be_are_refused_at_the_field(
    values: dict[str, str], field: str, said: str, norway: State, staff: Client
) -> None:
    page = look(staff, REVIEW, **observations(**values))
    assert error_of(page, field) == said
    assert told(page) == []
    assert not Review.objects.exists()
    assert not CommitteeDate.objects.exists()


def test_a_state_that_is_party_to_nothing_has_no_review(staff: Client) -> None:
    factories.a_state("SWE")
    page = read(staff.get("/states/SWE/record-review/"))
    assert words(one_of(page, "div", class_="nothing")).startswith(
        "This State is a party to neither treaty, so the Committee has reviewed none of its reports."
    )


def test_a_date_for_a_state_that_is_not_party_is_refused(staff: Client) -> None:
    factories.a_state("SWE")
    page = look(
        staff, "/states/SWE/record-prior-to-reporting/", numbers="7", due_on="2027", document="CRC/C/SWE/QPR/7",
        decided_on="2026-06-01",
    )  # fmt: skip
    assert problems(page) == [
        (
            "This State is not a party to the OPSC, so it owes no report. Enter its ratification, accession or "
            "succession first."
        )
    ]


# --- a second person -----------------------------------------------------------------------------


def test_until_a_second_person_confirms_the_date_is_not_recorded(
    norway: State, staff: Client, settings: Any
) -> None:
    settings.FOUR_EYES = True
    page = look(staff, REVIEW, **observations())
    notes = [words(one) for one in all_of(page, "p", class_="note")]
    assert notes[0] == (
        "The review counts at once. The date of the next report counts once a second person has confirmed it; until "
        "then it shows as “date not recorded”."
    )
    assert told(page)[1:3] == [
        (
            "The Committee’s date in CRC/C/NOR/CO/5-6 for report 7 under the CRC takes effect once a second person has "
            "confirmed it."
        ),
        "Next report under the CRC is owed again: date not recorded.",
    ]
    assert "Report 7 under the CRC due 4 July 2022." in words(one_of(page, "main"))
    save(staff, REVIEW, **observations())
    assert open_report(norway).due_source == "treaty calendar"
    waiting = CommitteeDate.objects.get()
    assert waiting.awaits_confirmation
    approver = signed_in("grace", is_superuser=True)
    page = read(approver.get(f"/to-confirm/dates/{waiting.pk}/"))
    assert "CRC/C/NOR/CO/5-6, adopted on 1 June 2018 (session 78), about report 5-6" in words(
        one_of(page, "dl", class_="facts")
    )
    in_two_steps(approver, f"/to-confirm/dates/{waiting.pk}/")
    assert open_report(norway).due_on.isoformat() == "2022-07-04"


# --- symbol and day in step ------------------------------------------------------------------------


def test_correcting_the_review_corrects_its_date(norway: State, staff: Client) -> None:
    save(staff, REVIEW, **observations())
    review = Review.objects.get()
    review.document, review.adopted_on = "CRC/C/NOR/CO/5-6/Corr.1", factories.day("2018-06-04")
    save_fact(review)
    date = CommitteeDate.objects.get()
    assert (date.document, date.decided_on.isoformat()) == ("CRC/C/NOR/CO/5-6/Corr.1", "2018-06-04")
    assert open_report(norway).document.startswith("CRC/C/NOR/CO/5-6/Corr.1")


def test_the_date_of_a_corrected_review_waits_for_a_second_person(
    norway: State, staff: Client, settings: Any
) -> None:
    save(staff, REVIEW, **observations())
    settings.FOUR_EYES = True
    review, ada, grace = Review.objects.get(), factories.an_officer("eve"), factories.an_officer(
        "grace", is_superuser=True
    )  # fmt: skip
    review.document = "CRC/C/NOR/CO/5-6/Corr.1"
    save_fact(review, by=ada)
    correction = CommitteeDate.objects.get(awaits_confirmation=True)
    assert CommitteeDate.objects.in_effect().get().document == "CRC/C/NOR/CO/5-6"
    assert correction.document == "CRC/C/NOR/CO/5-6/Corr.1"
    confirm_date(correction, by=grace)
    assert CommitteeDate.objects.get().document == "CRC/C/NOR/CO/5-6/Corr.1"


# --- a list of issues prior to reporting -------------------------------------------------------------


LIST = {"numbers": "7", "due_on": "2027", "document": "CRC/C/NOR/QPR/7", "decided_on": "2026-03-09"}


def test_a_list_of_issues_prior_to_reporting_is_the_date_of_the_report_it_asks_for(
    norway: State, staff: Client
) -> None:
    assert told(look(staff, PRIOR, **LIST)) == [
        "Reports 5-6 under the CRC: no longer awaiting the Committee’s review.",
        "Report 7 under the CRC due in 2027.",
    ]
    save(staff, PRIOR, **LIST)
    date = CommitteeDate.objects.get()
    assert (date.document_kind, date.outcome, date.carried_by) == (
        "list of issues prior to reporting", "date", "CRC report",
    )  # fmt: skip
    assert open_report(norway).due_source == "list of issues prior to reporting"


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"numbers": "6"}, "numbers",
         ("Reports 5 to 6 were received by 4 October 2016, before this decision. Enter the number of the next "
          "report.")),
        ({"due_on": "2027-13"}, "due_on", "There is no such year or month; write it as 2027 or 2027-03."),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_is_refused_at_the_field(
    values: dict[str, str], field: str, said: str, norway: State, staff: Client
) -> None:
    page = look(staff, PRIOR, **LIST | values)
    assert error_of(page, field) == said
    assert not CommitteeDate.objects.exists()


def test_a_list_without_a_day_asks_for_a_report_that_came_early(norway: State, staff: Client) -> None:
    """Received two weeks early: on time, and nothing else is open."""
    values = {"numbers": "5-6", "due_on": "2016-10-18", "document": "CRC/C/NOR/QPR/5-6", "decided_on": ""}
    assert problems(look(staff, PRIOR, **values)) == []
    save(staff, PRIOR, **values)
    row = Obligation.objects.as_of(TODAY, today=TODAY).get(state=norway, carried_by="CRC report", cycle=5)
    assert (row.status, row.due_on.isoformat()) == ("received on time", "2016-10-18")


# --- other dates --------------------------------------------------------------------------------------


def test_a_date_to_be_communicated_may_speak_of_the_next_report(norway: State, staff: Client) -> None:
    Submission.objects.filter(symbol="CRC/C/NOR/5-6").delete()
    factories.derive(TODAY.isoformat(), norway)
    values = {
        "reports": [report(norway, 0, "CRC report")], "outcome": "to be communicated", "document": "CRC/C/NOR/CO/6",
        "document_kind": "other decision", "decided_on": "2022-06-01",
    }  # fmt: skip
    assert problems(look(staff, DATE, **values | {"outcome": "date", "due_on": "2027"})) == [
        "Enter the number of the report, for example 7, or 5-6."
    ]
    save(staff, DATE, **values)
    assert (CommitteeDate.objects.get().first_cycle, open_report(norway).due_source) == (
        0,
        "to be communicated",
    )


# --- reports under the CRC ---------------------------------------------------------------------------


def test_the_next_report_is_offered_first_and_its_number_typed(norway: State, staff: Client) -> None:
    save(staff, REVIEW, **observations(next_is="not stated", next_numbers="", next_due=""))
    page = read(staff.get(SUBMISSION))
    assert [words(one) for one in all_of(one_of(page, "fieldset"), "label")] == [
        "Next report under the CRC: date not recorded",
        "Another report under the CRC: enter its numbers below",
    ]
    values = {"reports": [report(norway, 0, "CRC report")], "received_on": "2024-03-01"}
    page = look(staff, SUBMISSION, **values)
    assert error_of(page, "numbers") == "Enter the number of the report, for example 7, or 5-6."
    assert error_of(look(staff, SUBMISSION, numbers="7", **values), "information") == (
        "Choose “yes” or “no”, or “not looked at” until somebody has checked the report for information on the OPSC."
    )
    page = look(
        staff, SUBMISSION, numbers="7", information="yes", information_where="paras. 210-244", **values
    )
    assert shown(page, "symbol") == "CRC/C/NOR/7"
    save(staff, SUBMISSION, numbers="7", information="yes", information_where="paras. 210-244", **values)
    found = Submission.objects.get(symbol="CRC/C/NOR/7")
    assert (found.carried_by, found.information, found.information_where) == (
        "CRC report",
        "yes",
        "paras. 210-244",
    )


def test_a_report_comes_although_another_awaits_its_review(norway: State, staff: Client) -> None:
    values = {"reports": ["another"], "received_on": "2024-03-01", "information": "not looked"}
    assert told(look(staff, SUBMISSION, numbers="7", **values)) == [
        "Reports 5-6 under the CRC: no longer awaiting the Committee’s review.",
        "Report 7 under the CRC is answered.",
    ]
    page = look(staff, SUBMISSION, numbers="7", **values | {"information_where": "para. 3"})
    assert error_of(page, "information") == "Choose “yes”, or leave “where” empty."


# --- withdrawn by the State ---------------------------------------------------------------------------


def test_a_report_withdrawn_stays_on_record_and_answers_nothing(norway: State, staff: Client) -> None:
    chosen = str(Submission.objects.get(symbol="CRC/C/OPSC/NOR/1").pk)
    values = {"submission": chosen, "withdrawn_on": "3 May 2020", "source": "note verbale of 3 May 2020"}
    assert "Initial report is no longer answered." in told(look(staff, WITHDRAWAL, **values))
    answer = save(staff, WITHDRAWAL, **values)
    assert messages(read(answer))[0] == "Recorded for Norway: the submission CRC/C/OPSC/NOR/1. Undo"
    found = Submission.objects.get(pk=chosen)
    assert found.withdrawn_on.isoformat() == "2020-05-03"
    assert found.history.first().history_change_reason == "withdrawn by the State: note verbale of 3 May 2020"
    press_undo(staff, answer)
    assert Submission.objects.get(pk=chosen).withdrawn_on is None


def test_a_report_is_not_withdrawn_before_it_came(norway: State, staff: Client) -> None:
    chosen = str(Submission.objects.get(symbol="CRC/C/OPSC/NOR/1").pk)
    values = {"submission": chosen, "withdrawn_on": "2005-06-02", "source": "note verbale"}
    assert error_of(look(staff, WITHDRAWAL, **values), "withdrawn_on") == (
        "A report is withdrawn after its receipt; check the two days."
    )
