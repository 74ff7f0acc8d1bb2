"""The page of a report, and the progress of reports on the page of their State."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import in_role
from tests.web.pages import Element, all_of, focus_of, links, one_of, read, table, words
from tracker.obligations.models import AgendaItem, CommitteeSession, InformationRequest, Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(db: None) -> Submission:
    """Norway's report of 1 March 2024: asked about, answered late, and on a session in January 2027."""
    norway = factories.a_state("NOR")
    factories.joins(norway, "CRC", "1991-01-08")
    factories.joins(norway, on="2001-10-02")
    one = factories.receives(
        norway, "2024-03-01", symbol="CRC/C/OPSC/NOR/1", source="Cover", note="Two annexes"
    )
    factories.asks(
        norway, "2025-06-15", "2025-02-10", document="CRC/C/OPSC/NOR/Q/1", received_on="2025-07-01"
    )
    session = CommitteeSession.objects.create(
        number=103, starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 29)
    )
    AgendaItem.objects.create(session=session, state=norway, submission=one, decided_on=date(2026, 6, 1))
    return one


def the_page(report: Submission, client: Client, as_of: str = "") -> Element:
    return read(client.get(f"/submissions/{report.pk}/", {"as_of": as_of} if as_of else {}))


def line(page: Element) -> list[str]:
    """Each step of the line in words."""
    return [words(one) for one in all_of(one_of(page, "ol", class_="life"), "li")]


def facts(page: Element) -> dict[str, str]:
    found = one_of(page, "dl", class_="facts")
    return {words(one_of(one, "dt")): words(one_of(one, "dd")) for one in all_of(found, "div")}


def test_a_report_shows_its_eight_steps_and_the_next_one(report: Submission, staff: Client) -> None:
    page = the_page(report, staff)
    assert words(one_of(page, "h1")) == "Norway: initial report"
    assert line(page) == [
        "Received 1 March 2024 CRC/C/OPSC/NOR/1",
        "Checked not recorded",
        "List of issues 10 February 2025 CRC/C/OPSC/NOR/Q/1",
        "Replies 1 July 2025 CRC/C/OPSC/NOR/Q/1",
        "Session 11 January 2027 planned, to 29 January 2027 session 103",
        "Dialogue next step",
        "Concluding observations ahead",
        "Next date ahead",
    ]
    assert facts(page) == {
        "Next step": "Dialogue",
        "It waits for": "The Committee",
        "Since": "1 July 2025, for 1 year 4 months",
        "Covers": "Not checked against the guidelines.",
        "Source": "Cover",
        "Note": "Two annexes",
    }
    assert [one.attributes["class"] for one in all_of(page, "li") if "aria-current" in one.attributes] == [
        "life-next"
    ]
    assert [row[:5] for row in table(page, "h-requests")] == [
        ["CRC/C/OPSC/NOR/Q/1", "list of issues", "10 February 2025", "15 June 2025", "1 July 2025"]
    ]


@pytest.mark.parametrize(("as_of", "step", "expected"), [
    ("2024-03-02", "Next step", "Check against the guidelines"),
    ("2024-03-02", "It waits for", "The office"),
    ("2025-06-16", "Next step", "Replies to the list of issues"),
    ("2025-06-16", "It waits for", "The State"),
    ("2026-05-31", "Next step", "Place on a session"),
    ("2026-05-31", "Waiting for a session", "since its receipt on 1 March 2024, for 2 years 2 months"),
    # The session is over, and nobody has recorded what came of it.
    ("2027-01-30", "Next step", "Record of the dialogue"),
    ("2027-01-30", "It waits for", "The office"),
])  # fmt: skip
def test_a_report_is_shown_as_it_was_known_on_a_day(
    as_of: str, step: str, expected: str, report: Submission, staff: Client
) -> None:
    assert facts(the_page(report, staff, as_of))[step] == expected


def test_replies_that_are_missing_say_when_they_were_due(report: Submission, staff: Client) -> None:
    assert line(the_page(report, staff, "2025-06-15"))[2].split("10 February 2025 ")[1] == (
        "replies due on 15 June 2025 CRC/C/OPSC/NOR/Q/1"
    )
    assert "replies were due on 15 June 2025" in line(the_page(report, staff, "2025-06-16"))[2]


def test_a_report_that_is_not_known_on_the_day_has_no_page(report: Submission, staff: Client) -> None:
    assert staff.get(f"/submissions/{report.pk}/?as_of=2024-02-29").status_code == 404
    assert staff.get("/submissions/999999/").status_code == 404


def test_a_page_takes_ten_queries(report: Submission, staff: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(10):
        staff.get(f"/submissions/{report.pk}/")


def test_each_step_that_is_missing_is_entered_from_the_page(report: Submission, staff: Client) -> None:
    entered = links(one_of(the_page(report, staff), "section", aria_labelledby="h-enter"))
    key = report.pk
    assert next(iter(entered)) == "Record the day of the dialogue"  # the next step
    assert focus_of(read(staff.get(entered["Record the day of the dialogue"]))) == ["reviewed_on"]
    assert entered["Check the report"] == f"/submissions/{key}/check/"
    assert (
        entered["Record concluding observations"]
        == f"/states/NOR/record-review/?report=received-{key}&next=%2Fsubmissions%2F{key}%2F"
    )
    assert "Record a list of issues" not in entered  # it is recorded
    form = read(staff.get(entered["Record concluding observations"]))
    chosen = [one.attributes["value"] for one in all_of(form, "input") if "checked" in one.attributes]
    assert f"received-{key}" in chosen


def test_replies_are_entered_with_their_request(report: Submission, staff: Client) -> None:
    asked = InformationRequest.objects.get()
    InformationRequest.objects.update(received_on=None)
    page = the_page(report, staff)
    entered = links(one_of(page, "section", aria_labelledby="h-enter"))
    assert next(iter(entered)) == "Record the replies"
    assert entered["Record the replies"] == (
        f"/edit/request/{asked.pk}/?field=received_on&next=%2Fsubmissions%2F{report.pk}%2F"
    )
    assert focus_of(read(staff.get(entered["Record the replies"]))) == ["received_on"]
    assert entered["Transmission of a list of issues"] == "/correspondence/write/?state=NOR&occasion=issues"
    assert staff.get(entered["Transmission of a list of issues"]).status_code == 200


def test_a_list_of_issues_recorded_from_the_page_leads_back_to_it(report: Submission, staff: Client) -> None:
    AgendaItem.objects.all().delete()
    InformationRequest.objects.all().delete()
    page = the_page(report, staff)
    entered = links(one_of(page, "section", aria_labelledby="h-enter"))
    assert entered["Put it on a session"] == "/sessions/?status=planned&status=moved"
    next_step = {words(one): one.attributes["href"] for one in all_of(one_of(page, "dl"), "a")}
    assert next_step["Check against the guidelines"] == entered["Check the report"]
    form = {"state": "NOR", "kind": "list of issues", "document": "CRC/C/OPSC/NOR/Q/1"}
    answer = staff.post(
        entered["Record a list of issues"], form | {"issued_on": "2025-02-10", "due_on": "2025-06-15"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/submissions/{report.pk}/")


def test_a_considered_report_is_put_on_no_session(report: Submission, staff: Client) -> None:
    AgendaItem.objects.all().delete()
    Submission.objects.update(reviewed_on="2025-09-10")
    entered = links(one_of(the_page(report, staff), "section", aria_labelledby="h-enter"))
    assert "Put it on a session" not in entered
    assert "Record concluding observations" in entered


def test_a_viewer_enters_nothing_and_an_earlier_day_is_only_read(report: Submission, staff: Client) -> None:
    viewer = the_page(report, in_role("Viewer"))
    assert all_of(viewer, "section", aria_labelledby="h-enter") == []
    assert links(one_of(viewer, "p", class_="edit")) == {"History": "/states/NOR/history/"}
    assert all_of(the_page(report, staff, "2025-06-16"), "section", aria_labelledby="h-enter") == []


def test_a_report_withdrawn_or_revised_says_so(report: Submission, staff: Client) -> None:
    revision = factories.receives(report.state, "2026-10-01", symbol="CRC/C/OPSC/NOR/1/Rev.1", revises=report)
    assert facts(the_page(report, staff))["Next step"] == "None (a revision was received)"
    said = one_of(the_page(revision, staff), "p", class_="says")
    assert words(said) == "CRC/C/OPSC/NOR/1/Rev.1 It revises CRC/C/OPSC/NOR/1."
    revision.withdrawn_on = date(2026, 11, 2)
    revision.save()
    page = the_page(revision, staff)
    assert words(one_of(page, "p", class_="says")).endswith("The State withdrew it on 2 November 2026.")
    assert facts(page)["Next step"] == "None (withdrawn by the State)"


def test_a_state_shows_the_report_that_waits_and_folds_the_earlier_ones(
    report: Submission, staff: Client
) -> None:
    old = factories.receives(
        report.state, "2010-01-01", "periodic", "4", symbol="CRC/C/NOR/4", reviewed_on="2011-05-31",
        review_precision="month",
    )  # fmt: skip
    section = one_of(read(staff.get("/states/NOR/")), "section", aria_labelledby="h-lives")
    assert links(one_of(section, "h3")) == {"Initial report": f"/submissions/{report.pk}/"}
    assert words(all_of(section, "p")[0]) == "Next step: dialogue (the Committee, for 1 year 4 months)."
    fold = one_of(section, "details")
    assert words(one_of(fold, "summary")) == "1 earlier report"
    assert words(one_of(fold, "li")) == (
        "Report 4 under the CRC received: 1 January 2010; dialogue: May 2011 observations not recorded"
    )
    assert links(fold)["Report 4 under the CRC"] == f"/submissions/{old.pk}/"
    before = read(staff.get("/states/NOR/?as_of=2009-12-31"))
    assert all_of(before, "section", aria_labelledby="h-lives") == []
