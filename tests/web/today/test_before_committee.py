"""Today: reports to check against the guidelines, and the sessions ahead with what is due before them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import all_of, column, links, one_of, read, table, words
from tracker.consideration.life import lives_of, reports_to_check
from tracker.consideration.models import Checklist, Guidelines
from tracker.obligations.models import AgendaItem, CommitteeSession, SessionDeadline, Submission
from tracker.rules.life import ReportStage
from tracker.web.models import Visit

pytestmark = pytest.mark.django_db

OF_2 = "2 reports to check against the guidelines"


@pytest.fixture
def reports(db: None) -> None:
    """Reports of many States; those of Norway and Sweden are to be checked."""
    received = {
        code: factories.receives(factories.a_state(code), "2026-02-01", symbol=f"CRC/C/OPSC/{code}/1")
        for code in ("NOR", "SWE", "FIN", "DNK", "ISL", "EST", "LVA", "LTU", "POL", "CZE", "HUN")
    }
    Checklist.objects.create(
        submission=received["FIN"], guidelines=Guidelines.objects.get(), by=factories.an_officer("olga"),
        begun_on=TODAY, finished_on=TODAY,
    )  # fmt: skip
    Submission.objects.filter(state="DNK").update(withdrawn_on=TODAY)
    Submission.objects.filter(state="ISL").update(reviewed_on=TODAY)
    factories.asks(received["EST"].state, "2027-02-15", "2026-11-06")
    factories.reviews(received["LVA"].state, "2026-06-01", carried_by="CRC report")
    received["LTU"].state.records_from = date(2026, 2, 1)  # older records, which nobody checks
    received["LTU"].state.save()
    session = CommitteeSession.objects.create(
        number=102, starts_on=date(2026, 11, 16), ends_on=date(2026, 12, 4)
    )
    AgendaItem.objects.create(
        session=session, state=received["POL"].state, submission=received["POL"], decided_on=date(2026, 6, 1)
    )
    held = CommitteeSession.objects.create(
        number=101, status="held", starts_on=date(2026, 5, 4), ends_on=date(2026, 5, 22)
    )
    other = factories.receives(received["HUN"].state, "2026-01-05", "periodic", "7")
    AgendaItem.objects.create(session=held, state=other.state, submission=other, decided_on=date(2026, 3, 1))
    Submission.objects.filter(state="CZE").update(received_on=date(2018, 11, 21))
    factories.receives(factories.a_state("DEU"), "2017-02-01", reviewed_on="2019-02-01")
    revised = factories.receives(factories.a_state("AUT"), "2026-02-01")
    factories.receives(revised.state, "2026-03-01", revises=revised, withdrawn_on="2026-04-01")


def test_the_reports_to_check_are_those_whose_next_step_it_is(reports: None) -> None:
    known = Submission.objects.known_on(TODAY)
    lives = lives_of(known, TODAY, today=TODAY)
    by_life = {one.state_id for one in known if lives[one.pk].next_stage == ReportStage.CHECKED}
    assert {one.state_id for one in reports_to_check(TODAY)} == by_life == {"NOR", "SWE"}


def test_what_is_to_be_checked_is_counted_with_its_list(reports: None) -> None:
    ada = in_role("Editor", "ada")
    todo = links(one_of(read(ada.get("/")), "section", aria_labelledby="h-todo"))
    assert todo[OF_2] == "/submissions/?next=checked"
    assert sorted(column(read(ada.get(todo[OF_2])), 2)) == ["CRC/C/OPSC/NOR/1", "CRC/C/OPSC/SWE/1"]


def test_somebody_who_checks_no_reports_sees_for_whom_they_wait(reports: None) -> None:
    section = one_of(read(in_role("Viewer").get("/")), "section", aria_labelledby="h-todo")
    assert f"{OF_2} for an Editor" in [words(one) for one in all_of(section, "li")]


def test_a_reply_received_since_the_last_visit_is_new() -> None:
    ada = in_role("Editor", "ada")
    norway = factories.a_state("NOR")
    for number, received_on in enumerate(("2026-11-19", "2026-11-20", None)):
        factories.asks(norway, "2026-12-15", "2026-02-10", document=f"Q/{number}", received_on=received_on)
    Visit.objects.filter(user__username="ada").update(before=datetime(2026, 11, 20, 16, tzinfo=UTC))
    news = links(one_of(read(ada.get("/")), "section", aria_labelledby="h-news"))
    address = "/follow-up/?replied_from=2026-11-20"
    assert news["1 reply of a State was received"] == address
    shown = table(read(ada.get(address)))
    assert [row[2] for row in shown if row[0] == "Norway NOR"] == ["Q/1"]


def test_a_session_that_has_ended_waits_for_its_outcome(reports: None, settings: Any) -> None:
    CommitteeSession.objects.create(number=99, starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 21))
    CommitteeSession.objects.create(number=98, starts_on=date(2026, 11, 1))
    CommitteeSession.objects.create(number=100, starts_on=date(2026, 11, 2), ends_on=date(2026, 11, 22))
    ada, said = in_role("Editor", "ada"), "2 sessions have ended: were they held?"

    def todo(client: Client) -> dict[str, str]:
        return {
            words(one): links(one).get(said, "")
            for one in all_of(one_of(read(client.get("/")), "section", aria_labelledby="h-todo"), "li")
            if said in words(one)
        }

    assert todo(ada) == {said: "/sessions/?outcome=open"}
    shown = table(read(ada.get("/sessions/?outcome=open")))
    assert [row[0] for row in shown] == ["Session 99", "Session 98"]
    assert list(todo(in_role("Viewer"))) == [f"{said} for an Editor"]
    settings.DESK_LIMITS = True
    assert list(todo(ada)) == [f"{said} for an Administrator"]


def ahead(staff: Client) -> list[str]:
    found = all_of(read(staff.get("/")), "section", aria_labelledby="h-sessions")
    return [words(one) for one in all_of(found[0], "li")] if found else []


@pytest.fixture
def deadlines(db: None) -> None:
    factories.a_state("MEX")
    SessionDeadline.objects.all().delete()
    for what, weeks in (("replies", 6), ("ngo dialogue", 2), ("issues", 30)):
        SessionDeadline.objects.create(what=what, weeks=weeks)


def test_the_sessions_of_the_next_weeks_are_ahead_with_their_deadlines(
    deadlines: None, staff: Client
) -> None:
    assert ahead(staff) == []
    CommitteeSession.objects.create(number=103, starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 29))
    CommitteeSession.objects.create(
        kind="pre-session", number=105, starts_on=date(2027, 1, 18), ends_on=date(2027, 1, 22)
    )  # a day too late
    CommitteeSession.objects.create(number=104, starts_on=date(2027, 6, 28), ends_on=date(2027, 7, 16))
    CommitteeSession.objects.create(
        number=102, starts_on=date(2026, 12, 7), status="cancelled", status_on=date(2026, 11, 1)
    )
    assert ahead(staff) == [
        "List of issues adopted, before session 104 30 November 2026",
        "Replies of the State, before session 103 30 November 2026",
        "Papers of NGOs for the dialogue, before session 103 28 December 2026",
        "Session 103 begins in 1 month 11 January 2027",
    ]
    SessionDeadline.objects.create(kind="pre-session", what="ngo issues", weeks=7)
    CommitteeSession.objects.create(
        kind="pre-session", number=104, starts_on=date(2026, 10, 5), ends_on=date(2026, 10, 9), status="held"
    )
    assert ahead(staff)[:2] == [
        # Not the list of issues of session 104: its working group has met.
        "Papers of NGOs for the list of issues, before pre-sessional working group for session 105 30 November 2026",
        "Replies of the State, before session 103 30 November 2026",
    ]


def test_an_earlier_day_has_no_work(reports: None, deadlines: None, staff: Client) -> None:
    page = read(staff.get("/?as_of=2026-11-21"))
    assert all_of(page, "section", aria_labelledby="h-todo") == []
    assert all_of(page, "section", aria_labelledby="h-sessions") == []


def test_the_first_page_takes_fourteen_queries_at_most(
    reports: None, deadlines: None, staff: Client, django_assert_max_num_queries: Any
) -> None:
    CommitteeSession.objects.create(number=103, starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 29))
    with django_assert_max_num_queries(14):
        staff.get("/")


def test_the_old_reports_of_the_shipped_records_are_no_work(shipped: None, staff: Client) -> None:
    assert "guidelines" not in words(one_of(read(staff.get("/")), "section", aria_labelledby="h-todo"))
