"""Records to confirm are settled with a source, after a preview of the effects."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import (
    all_of,
    in_two_steps,
    links,
    messages,
    one_of,
    problems,
    read,
    table,
    version_shown,
    words,
)
from tracker.obligations.models import CommitteeDate, NonReceipt, Obligation
from tracker.registry.models import State, TreatyAction
from tracker.reminders.models import Reminder

pytestmark = pytest.mark.django_db

LIST = "/to-confirm/"
CONFIRM = "/to-confirm/non-receipt/"
DAYS = "/to-confirm/days/"
DATES = "/to-confirm/dates/"


def a_party(iso3: str, on: str, **fields: Any) -> State:
    state = factories.a_state(iso3, records_from="2025-12-04", **fields)
    factories.joins(state, on=on, note="C.N.84.2005" if iso3 == "BEN" else "")
    factories.a_contact(state, f"{iso3.lower()}@example.org")
    factories.derive(TODAY.isoformat(), state)
    return state


@pytest.fixture
def benin(db: None) -> State:
    """Its initial report fell due on 28 February 2007, the periodic ones in 2012, 2017 and 2022."""
    return a_party("BEN", "2005-01-31")


def keys(*reports: str) -> list[int]:
    return [
        Obligation.objects.get(state=iso3, cycle=int(cycle)).pk
        for iso3, cycle in (report.split() for report in reports)
    ]


def said(answer: Any) -> list[str]:
    """The effects in the preview."""
    return [words(item) for item in all_of(one_of(read(answer), "section", class_="effects"), "li")]


def hidden(answer: Any, name: str) -> str:
    return one_of(read(answer), "input", name=name).attributes["value"]


def statuses(iso3: str) -> list[str]:
    return [row.status for row in Obligation.objects.as_of(TODAY).filter(state=iso3).order_by("due")]


# --- no record ----------------------------------------------------------------------------------


def test_the_list_says_what_is_known_about_each_report(benin: State, staff: Client) -> None:
    page = read(staff.get(LIST))
    assert words(one_of(page, "h1")) == "Records to confirm"
    assert table(page)[0][1:] == [
        "Benin BEN",
        "initial report",
        "28 February 2007",
        "The records are complete from 4 December 2025 on. C.N.84.2005",
        "record it: Benin, initial report",
    ]
    assert len(table(page)) == 4
    (first,) = keys("BEN 1")
    assert (
        links(page)["record it: Benin, initial report"]
        == f"/states/BEN/record-submission/?obligation={first}"
    )


def test_the_list_can_be_filtered(benin: State, staff: Client) -> None:
    a_party("NOR", "2024-10-02")
    assert len(table(read(staff.get(f"{LIST}?kind=initial")))) == 1
    assert len(table(read(staff.get(f"{LIST}?q=benin&kind=periodic")))) == 3
    assert table(read(staff.get(f"{LIST}?q=norway"))) == []


def test_nothing_without_record_is_said(staff: Client) -> None:
    assert words(one_of(read(staff.get(LIST)), "div", class_="nothing")) == ("No report is without record.")


def test_what_follows_is_shown_before_anything_is_saved(benin: State, staff: Client) -> None:
    pick = keys("BEN 1", "BEN 2")
    page = read(staff.post(CONFIRM, {"pick": pick}))
    assert [row[0:3] for row in table(page)] == [
        ["Benin", "initial report", "28 February 2007"],
        ["Benin", "periodic report 2", "28 February 2012"],
    ]
    answers = {
        "pick": pick,
        "not_received_by": "22 Nov 2026",
        "source": "Letter of the Committee",
        "step": "look",
    }
    assert said(staff.post(CONFIRM, answers)) == [
        "Initial report counts as not received.",
        "Periodic report 2 counts as not received.",
        "2 reminders planned.",
    ]
    assert not NonReceipt.objects.exists()
    assert not Reminder.objects.exists()
    assert statuses("BEN")[:4] == ["no record"] * 4


def test_what_was_looked_at_is_saved(benin: State, staff: Client) -> None:
    answers = {
        "pick": keys("BEN 1", "BEN 2"),
        "not_received_by": "2026-11-20",
        "source": "Letter",
        "note": "",
    }
    looked = staff.post(CONFIRM, answers | {"step": "look"})
    answer = staff.post(CONFIRM, answers | {"step": "save", "seen": hidden(looked, "seen")}, follow=True)
    (told,) = messages(read(answer))
    assert told == (
        "2 reports confirmed as not received: Benin, initial report; Benin, periodic report 2. Initial report counts "
        "as not received. Periodic report 2 counts as not received. 2 reminders planned. Undo"
    )
    assert statuses("BEN")[:4] == ["overdue", "overdue", "no record", "no record"]
    fact = NonReceipt.objects.get(kind="initial")
    assert (fact.not_received_by.isoformat(), fact.source) == ("2026-11-20", "Letter")
    version = fact.history.get()
    assert (version.history_user.username, version.history_change_reason) == (
        "ada",
        "confirmed as not received: Letter",
    )
    assert Reminder.objects.filter(obligation__in=keys("BEN 1", "BEN 2")).count() == 2


def test_what_was_changed_after_the_look_is_shown_again(benin: State, staff: Client) -> None:
    answers = {"pick": keys("BEN 1"), "not_received_by": "2026-11-20", "source": "Letter", "note": ""}
    looked = staff.post(CONFIRM, answers | {"step": "look"})
    changed = answers | {"source": "Another letter", "step": "save", "seen": hidden(looked, "seen")}
    assert said(staff.post(CONFIRM, changed)) == [
        "Initial report counts as not received.",
        "1 reminder planned.",
    ]
    assert not NonReceipt.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"source": ""}, "This field is required."),
        (
            {"not_received_by": "2021-05-30"},
            (
                "Benin, initial report: The records begin on 4 December 2025; the report may have "
                "been received between an earlier source and that day. Use a source of that day or "
                "later."
            ),
        ),
    ],
    ids=["no source", "too early"],
)
def test_what_settles_nothing_is_refused(
    wrong: dict[str, str], problem: str, benin: State, staff: Client
) -> None:
    answers = {"pick": keys("BEN 1"), "not_received_by": "2026-11-20", "source": "Letter", "step": "look"}
    assert problems(read(staff.post(CONFIRM, answers | wrong))) == [problem]
    assert not NonReceipt.objects.exists()


def test_one_that_cannot_be_saves_none(benin: State, staff: Client) -> None:
    a_party("FJI", "2005-03-29")
    State.objects.filter(pk="FJI").update(records_from="2026-11-21")
    answers = {
        "pick": keys("BEN 1", "FJI 1"),
        "not_received_by": "2026-11-20",
        "source": "Letter",
        "step": "look",
    }
    found = problems(read(staff.post(CONFIRM, answers)))
    assert [one.split(":")[0] for one in found] == ["Fiji, initial report"]
    assert not NonReceipt.objects.exists()


@pytest.mark.parametrize("pick", [[], ["9" * 40]])
def test_nothing_ticked_is_told(pick: list[str], benin: State, staff: Client) -> None:
    answer = staff.post(CONFIRM, {"pick": pick}, follow=True)
    assert messages(read(answer)) == ["Select at least one report without record."]


def test_a_report_that_came_meanwhile_is_not_accused(benin: State, staff: Client) -> None:
    pick = keys("BEN 1")
    factories.receives(benin, "2015-03-02")
    factories.derive(TODAY.isoformat(), benin)
    answers = {"pick": pick, "not_received_by": "2026-11-20", "source": "Letter", "step": "save", "seen": "x"}
    answer = staff.post(CONFIRM, answers, follow=True)
    assert messages(read(answer)) == ["Select at least one report without record."]


def test_a_viewer_looks_and_settles_nothing(benin: State) -> None:
    viewer = in_role("Viewer")
    page = read(viewer.get(LIST))
    assert len(table(page)) == 4
    assert all_of(page, "input", type="checkbox", name="pick") == []
    assert viewer.post(CONFIRM, {"pick": keys("BEN 1")}).status_code == 403


def test_settling_many_takes_few_queries_more(benin: State, django_assert_max_num_queries: Any) -> None:
    staff = signed_in(is_superuser=True)
    with django_assert_max_num_queries(11):
        staff.get(LIST)


# --- days to be confirmed -------------------------------------------------------------------------


@pytest.fixture
def fiji(db: None) -> TreatyAction:
    """The year of its ratification is known, the day is from memory."""
    state = factories.a_state("FJI")
    action = factories.joins(state, on="2005-03-29", confidence="memory", note="the day is unconfirmed")
    factories.derive(TODAY.isoformat(), state)
    return action


def test_days_that_need_a_source_are_listed(fiji: TreatyAction, staff: Client) -> None:
    montenegro = factories.a_state("MNE")
    factories.joins(montenegro, on="2006-10-23", kind="succession")
    factories.decides(montenegro, "2020-01-23", "2018-02-01", precision="year", cycles="2")
    page = read(staff.get(DAYS))
    assert [row[:5] for row in table(page, "h-actions")] == [
        ["Fiji", "OPSC", "ratification", "29 March 2005",
         "The year is confirmed, the day is not. the day is unconfirmed"],
        ["Montenegro", "OPSC", "succession", "23 October 2006",
         "The day on which the succession took effect is not recorded; the day of notification counts."],
    ]  # fmt: skip
    assert [row[:5] for row in table(page, "h-dates")] == [
        ["Montenegro", "CRC/C/OPSC/MNE/CO/1", "2", "23 January 2020", "year"]
    ]


def test_a_day_is_confirmed_with_its_source(fiji: TreatyAction, staff: Client) -> None:
    address = f"{DAYS}action/{fiji.pk}/"
    answers = {"date": "29/03/2005", "effective_on": "", "reference": "C.N.250.2005", "source": "UN Treaty Collection",
               "confidence": "one-source"}  # fmt: skip
    answers |= version_shown(staff, address)
    looked = staff.post(address, answers | {"step": "look"})
    assert words(one_of(read(looked), "section", class_="effects")) == (
        "What will change No date and no reminder changes."
    )
    answer = staff.post(address, answers | {"step": "save", "seen": hidden(looked, "seen")}, follow=True)
    assert messages(read(answer)) == [
        "Fiji: ratification of the OPSC: the day is saved with its source. Undo"
    ]
    fiji.refresh_from_db()
    assert (fiji.to_be_confirmed, fiji.reference, fiji.source) == (
        False,
        "C.N.250.2005",
        "UN Treaty Collection",
    )
    assert fiji.history.first().history_change_reason == "day confirmed: UN Treaty Collection"


CHANGED = "Nothing was saved: the form or the records have changed since the preview. Check the new preview, then save."


def test_a_record_that_changed_after_the_preview_is_shown_again(fiji: TreatyAction, staff: Client) -> None:
    address = f"{DAYS}action/{fiji.pk}/"
    answers = {"date": "29/03/2005", "source": "UN Treaty Collection", "confidence": "one-source"}
    answers |= version_shown(staff, address)
    looked = staff.post(address, answers | {"step": "look"})
    TreatyAction.objects.filter(pk=fiji.pk).update(note="read in the depositary notification")
    again = staff.post(address, answers | {"step": "save", "seen": hidden(looked, "seen")})
    assert problems(read(again)) == [
        "Not saved: the system saved this record after you opened the form (22 November 2026, 09:00 UTC)."
    ]
    assert TreatyAction.objects.get(pk=fiji.pk).to_be_confirmed
    answers |= {"save_version": f"typed-{version_shown(staff, address)['version']}", "step": "look"}
    looked = staff.post(address, answers)
    answers |= {name: hidden(looked, name) for name in ("version", "seen")}
    staff.post(address, answers | {"step": "save"})
    assert not TreatyAction.objects.get(pk=fiji.pk).to_be_confirmed


def test_a_day_that_turns_out_to_be_another_moves_what_is_due(fiji: TreatyAction, staff: Client) -> None:
    address = f"{DAYS}action/{fiji.pk}/"
    answers = {
        "date": "29 Apr 2005",
        "source": "UN Treaty Collection",
        "confidence": "one-source",
        "step": "look",
    }
    assert said(staff.post(address, answers | version_shown(staff, address)))[0] == (
        "Initial report now due 29 May 2007, was 29 April 2007."
    )
    fiji.refresh_from_db()
    assert fiji.date.isoformat() == "2005-03-29"


def test_a_day_that_cannot_be_is_refused_beside_its_field(fiji: TreatyAction, staff: Client) -> None:
    address = f"{DAYS}action/{fiji.pk}/"
    answers = {"date": "2000-01-01", "source": "a list", "confidence": "one-source", "step": "look"}
    assert problems(read(staff.post(address, answers | version_shown(staff, address)))) == [
        "The OPSC was adopted on 25 May 2000; enter a day from then on."
    ]


def test_a_succession_is_settled_by_its_day_of_effect(staff: Client) -> None:
    action = factories.joins(factories.a_state("MNE"), on="2006-10-23", kind="succession")
    factories.derive(TODAY.isoformat())
    answers = {"date": "2006-10-23", "source": "a list", "confidence": "one-source", "step": "look"}
    address = f"{DAYS}action/{action.pk}/"
    answers |= version_shown(staff, address)
    assert problems(read(staff.post(address, answers))) == [
        "Enter the day on which the succession took effect."
    ]
    assert said(staff.post(address, answers | {"effective_on": "3 June 2006"}))[0] == (
        "Initial report now due 3 June 2008, was 23 October 2008."
    )


def test_an_inferred_day_of_the_committee_is_confirmed(staff: Client) -> None:
    usa = factories.a_state("USA")
    factories.joins(usa, on="2002-12-23")
    stated = factories.decides(usa, "2016-01-23", precision="year")
    factories.derive(TODAY.isoformat(), usa)
    address = f"{DAYS}date/{stated.pk}/"
    answers = {
        "due_on": "23 Jan 2016",
        "document": stated.document,
        "paragraph": "47",
        "source": "the document",
    }
    answers |= version_shown(staff, address)
    looked = staff.post(address, answers | {"step": "look"})
    staff.post(address, answers | {"step": "save", "seen": hidden(looked, "seen")})
    stated.refresh_from_db()
    assert (stated.precision, stated.paragraph) == ("day", "47")


def test_a_day_that_is_certain_has_nothing_to_settle(staff: Client) -> None:
    action = factories.joins(factories.a_state("NOR"), on="2001-10-02")
    assert staff.get(f"{DAYS}action/{action.pk}/").status_code == 404


def test_only_an_editor_settles_a_day(fiji: TreatyAction) -> None:
    somebody = in_role("Approver")
    assert somebody.get(f"{DAYS}action/{fiji.pk}/").status_code == 403
    assert "confirm: Fiji, ratification" not in links(read(somebody.get(DAYS)))


# --- dates that await a second person -------------------------------------------------------------


@pytest.fixture
def waiting(settings: Any) -> CommitteeDate:
    """A date that ada, an editor, has entered for the USA."""
    settings.FOUR_EYES = True
    usa = factories.a_state("USA")
    factories.joins(usa, on="2002-12-23")
    factories.derive(TODAY.isoformat(), usa)
    editor = in_role("Editor", "ada")
    answer = editor.post(
        "/admin/obligations/committeedate/add/",
        {"state": "USA", "kind": "periodic", "first_cycle": "3", "last_cycle": "4", "outcome": "date",
         "due_on": "2016-01-23", "precision": "day", "document": "CRC/C/OPSC/USA/CO/2", "decided_on": "2013-02-01",
         "document_kind": "concluding observations"},
    )  # fmt: skip
    assert answer.status_code == 302
    return CommitteeDate.objects.get()


def due(cycle: int = 3) -> str:
    return Obligation.objects.get(state="USA", cycle=cycle).due_on.isoformat()


def test_a_second_person_sees_what_follows_and_confirms(waiting: CommitteeDate) -> None:
    approver = in_role("Approver", "grace")
    page = read(approver.get(DATES))
    assert [row[:5] for row in table(page)] == [
        ["United States", "CRC/C/OPSC/USA/CO/2", "3-4", "23 January 2016", "ada"]
    ]
    address = f"{DATES}{waiting.pk}/"
    assert said(approver.get(address)) == [
        "Periodic report 3 now due 23 January 2016, was 23 January 2015.",
        "Periodic report 4 now due 23 January 2016, was 23 January 2020.",
    ]
    assert due() == "2015-01-23"
    answer = in_two_steps(approver, address)
    (told,) = messages(read(answer))
    assert told == (
        "United States: the date stated in CRC/C/OPSC/USA/CO/2 is confirmed. Periodic report 3 now due 23 January "
        "2016, was 23 January 2015. Periodic report 4 now due 23 January 2016, was 23 January 2020."
    )
    assert due() == "2016-01-23"
    assert approver.get(address).status_code == 404


def test_a_date_that_changed_after_the_preview_is_not_confirmed(waiting: CommitteeDate) -> None:
    approver, address = in_role("Approver", "grace"), f"{DATES}{waiting.pk}/"
    looked = approver.get(address)
    CommitteeDate.objects.filter(pk=waiting.pk).update(due_on="2017-01-23")
    again = approver.post(address, {"step": "save", "seen": hidden(looked, "seen")})
    assert problems(read(again)) == [CHANGED]
    assert due() == "2015-01-23"
    approver.post(address, {"step": "save", "seen": hidden(again, "seen")})
    assert due() == "2017-01-23"


def test_whoever_entered_it_is_asked_for_a_second_person(waiting: CommitteeDate) -> None:
    client = Client()
    ada = get_user_model().objects.get(username="ada")
    client.force_login(ada)
    page = read(client.get(f"{DATES}{waiting.pk}/"))
    assert words(one_of(page, "p", class_="warning")) == (
        "Only an approver can confirm or withdraw a date stated by the Committee. Ask an approver."
    )
    client.post(f"{DATES}{waiting.pk}/")
    assert due() == "2015-01-23"


def test_whoever_entered_it_may_remove_it(waiting: CommitteeDate) -> None:
    client = Client()
    client.force_login(get_user_model().objects.get(username="ada"))
    address = f"{DATES}{waiting.pk}/"
    answer = client.post(address, {"remove": "1"} | version_shown(client, address), follow=True)
    assert messages(read(answer)) == [
        "United States: the date stated in CRC/C/OPSC/USA/CO/2 is deleted. Undo"
    ]
    assert not CommitteeDate.objects.exists()


def test_others_remove_nothing(waiting: CommitteeDate) -> None:
    viewer = in_role("Viewer", "mary")
    page = read(viewer.post(f"{DATES}{waiting.pk}/", {"remove": "1"}))
    assert (
        words(one_of(page, "p", class_="warning"))
        == "Only the person who entered a date, or an approver, can delete it."
    )
    assert CommitteeDate.objects.exists()


def test_none_that_waits_is_said(staff: Client) -> None:
    assert "No date awaits a second person." in words(one_of(read(staff.get(DATES)), "main"))
