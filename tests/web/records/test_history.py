"""A State's history on one page, in words, and an earlier version restored after a preview."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from simple_history.models import HistoricalChanges

from tests import factories
from tests.factories import withdraw_fact
from tests.web.conftest import TODAY, an_amendment, in_role, signed_in
from tests.web.pages import all_of, in_two_steps, links, messages, one_of, problems, read, table, words
from tracker.changes.versions import KINDS
from tracker.consideration.models import CheckedItem, Checklist, GuidelineItem, Guidelines, ItemQuestion
from tracker.correspondence.models import Letterhead, PaperRule, PaperText
from tracker.languages.models import ConfirmedText
from tracker.obligations.actions import save_fact
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    Obligation,
    SessionDeadline,
    Submission,
)
from tracker.registry.models import AmendmentPosition, Contact, State, TreatyAction
from tracker.reminders.models import Pause, Reminder
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

HISTORY = "/states/NOR/history/"
# Two find the user, twelve read the histories, three the names of the States, treaties and users in them; one the
# State; two the footer.
QUERIES = 21


@pytest.fixture
def norway() -> State:
    """Norway, with a ratification of the OPSC loaded by the system."""
    state = factories.a_state("NOR", region="WEOG")
    factories.joins(state, on="2002-11-23", source="UN Treaty Collection")
    factories.derive(TODAY.isoformat(), state)
    return state


@pytest.fixture
def ada(staff: Client) -> Any:
    """The user who is signed in as staff."""
    return get_user_model().objects.get(username="ada")


def corrected(norway: State, by: Any = None, **values: Any) -> TreatyAction:
    """The ratification with other values, saved with the reason that the depositary wrote."""
    action = TreatyAction.objects.get(state=norway)
    for name, value in ({"date": factories.day("2002-12-23")} | values).items():
        setattr(action, name, value)
    save_fact(action, by=by, reason="C.N.1.2003")
    return action


def rows(answer: Any) -> list[list[str]]:
    """The changes on the page, without the headings of days."""
    return [row for row in table(read(answer)) if len(row) > 1]


def days(answer: Any) -> list[str]:
    return [row[0] for row in table(read(answer)) if len(row) == 1]


def address_of(row: Any, slug: str) -> str:
    return reverse("restore", args=[slug, row.history_id])


def seen(answer: Any) -> str:
    return one_of(read(answer), "input", name="seen").attributes["value"]


def restored(client: Client, address: str, reason: str = "letter of the mission") -> Any:
    """Previews a version, then restores it."""
    return in_two_steps(client, address, reason=reason)


def follows(answer: Any) -> list[str]:
    """The effects in the preview."""
    return [words(one) for one in all_of(one_of(read(answer), "section", aria_labelledby="h-effects"), "li")]


# --- content --------------------------------------------------------------------------------------


def test_a_change_is_told_in_words_with_who_when_and_why(
    norway: State, staff: Client, ada: Any, clock: Any
) -> None:
    clock.shift(timedelta(minutes=14))
    corrected(norway, ada)
    answer = staff.get(HISTORY)
    assert rows(answer)[0] == [
        "09:14 UTC",
        (
            "The OPSC ratification was changed "
            "“Date” of the OPSC ratification changed from 23 November 2002 to 23 December 2002."
        ),
        "ada",
        "C.N.1.2003",
        "Edit: the OPSC ratification · Undo… The OPSC ratification was changed, 09:14",
    ]
    assert days(answer) == ["22 November 2026"]


def test_what_the_program_loaded_is_told_as_such(norway: State, staff: Client) -> None:
    assert rows(staff.get(HISTORY)) == [
        [
            "09:00 UTC",
            (
                "The OPSC ratification was entered Treaty: OPSC; Kind: ratification; "
                "Date: 23 November 2002; Source: “UN Treaty Collection”."
            ),
            "system",
            "No reason given",
            "Edit: the OPSC ratification",
        ],
        [
            "09:00 UTC",
            (
                "Norway was entered Alpha-3: “NOR”; Alpha-2: “NO”; Name: “Norway”; Regional group: Western European "
                "and other States; Correspondence language: English; Language to be confirmed: no; "
                "Language of mails: as far as the texts are confirmed."
            ),
            "system",
            "No reason given",
            "—",
        ],
    ]


def test_what_was_removed_is_told_with_all_that_it_said(norway: State, staff: Client, ada: Any) -> None:
    withdraw_fact(TreatyAction.objects.get(), by=ada, reason="of another State")
    assert rows(staff.get(HISTORY))[0][1:] == [
        (
            "The OPSC ratification was deleted It had the values: Treaty: OPSC; Kind: ratification; "
            "Date: 23 November 2002; Source: “UN Treaty Collection”."
        ),
        "ada",
        "of another State",
        "Restore… The OPSC ratification was deleted, 09:00",
    ]


def test_every_kind_of_fact_is_told(norway: State, staff: Client) -> None:
    sweden = factories.a_state("SWE")
    factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    factories.receives(norway, "2015-06-03", kind="periodic", cycles="3-4", carried_by="own")
    factories.decides(norway)
    factories.asks(norway)
    NonReceipt.objects.create(
        state=norway, kind="periodic", cycle=5, not_received_by=TODAY, source="List of late reports"
    )
    factories.a_contact(norway, name="Ms Lie")
    factories.answers(an_amendment(norway), norway, "2026-02-01")
    factories.answers(factories.proposes(sweden), sweden, "2026-02-01")
    titles = [words(one) for one in all_of(read(staff.get(HISTORY)), "strong")]
    assert [title for title in titles if title.endswith("entered")] == [
        "The position of Norway on the amendment “Amendment to article 12” was entered",
        "The amendment “Amendment to article 12” was entered",
        "The contact Ms Lie was entered",
        "The confirmation of non-receipt of periodic report 5 was entered",
        "The request for further information CRC/C/OPSC/NOR/Q/2 was entered",
        "The Committee’s date in CRC/C/OPSC/NOR/CO/1 for periodic report 3-4 was entered",
        "The submission of periodic report 3-4 was entered",
        "The submission CRC/C/OPSC/NOR/1 was entered",
        "The OPSC ratification was entered",
        "Norway was entered",
    ]


def test_every_model_with_a_history_is_a_kind_of_the_page() -> None:
    with_history = {
        model for model in apps.get_models() if hasattr(model._meta, "simple_history_manager_attribute")
    }
    # A pause is only created and ended: the page of the State shows both. A text has its history on its own page, and
    # so have the rules, the texts and the letterhead of papers, and guidelines, which are about no State, and
    # checklists, which are about a report.
    elsewhere = {
        Pause, ConfirmedText, PaperRule, PaperText, Letterhead, SessionDeadline, Guidelines,
        GuidelineItem, ItemQuestion, Checklist, CheckedItem,
    }  # fmt: skip
    assert {kind.model for kind in KINDS.values()} == with_history - elsewhere


def test_values_are_told_by_label_name_and_nothing(norway: State, staff: Client, ada: Any) -> None:
    contact = factories.a_contact(norway, language="fr", note="writes in French")
    first = factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    revision = factories.receives(norway, "2005-09-01", symbol="CRC/C/OPSC/NOR/1/Rev.1", revises=first)
    contact.language, contact.active, contact.note = "", False, ""
    contact.save()
    revision.revises = None
    revision.first_cycle = revision.last_cycle = 2
    revision.kind = "periodic"
    revision.save()
    norway.desk_officer = ada
    norway.save()
    told = [row[1] for row in rows(staff.get(HISTORY))[:3]]
    assert told == [
        "Norway was changed “Desk officer” of Norway changed from nothing to ada.",
        (
            "The submission CRC/C/OPSC/NOR/1/Rev.1 was changed "
            "“Kind” of the submission CRC/C/OPSC/NOR/1/Rev.1 changed from initial to periodic. "
            "“First cycle” of the submission CRC/C/OPSC/NOR/1/Rev.1 changed from 1 to 2. "
            "“Last cycle” of the submission CRC/C/OPSC/NOR/1/Rev.1 changed from 1 to 2. "
            "“Revises” of the submission CRC/C/OPSC/NOR/1/Rev.1 changed from the submission CRC/C/OPSC/NOR/1 to "
            "nothing."
        ),
        (
            "The contact Permanent Mission was changed "
            "“Language” of the contact Permanent Mission changed from French to nothing. "
            "“Active” of the contact Permanent Mission changed from yes to no. "
            "“Note” of the contact Permanent Mission changed from “writes in French” to nothing."
        ),
    ]


def test_something_removed_keeps_its_name_where_others_point_to_it(norway: State, staff: Client) -> None:
    first = factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    revision = factories.receives(norway, "2005-09-01", symbol="CRC/C/OPSC/NOR/1/Rev.1", revises=first)
    revision.delete()
    first.delete()
    grace = factories.an_officer("grace")
    norway.desk_officer = grace
    norway.save()
    grace.delete()
    told = [row[1] for row in rows(staff.get(HISTORY))]
    assert told[0] == "Norway was changed “Desk officer” of Norway changed from nothing to a deleted account."
    assert "Revises: the submission CRC/C/OPSC/NOR/1 (deleted)" in told[2]


def test_a_fact_that_moved_to_another_state_is_told_in_both_histories(norway: State, staff: Client) -> None:
    sweden = factories.a_state("SWE")
    corrected(norway, state=sweden)
    corrected(sweden, date=factories.day("2002-12-24"), reference="C.N.7")
    moved = (
        "The OPSC ratification was changed “State” of the OPSC ratification changed from Norway to Sweden."
    )
    assert rows(staff.get(HISTORY))[0][1].startswith(moved)
    of_sweden = [row[1] for row in rows(staff.get("/states/SWE/history/"))]
    assert of_sweden[1].startswith(moved)
    assert of_sweden[0].startswith(
        "The OPSC ratification was changed “Date” of the OPSC ratification changed from 23"
    )
    assert len(of_sweden) == 3  # with the State itself


def test_a_state_that_is_not_recorded_any_more_keeps_its_history(staff: Client) -> None:
    factories.a_state("NOR").delete()
    answer = staff.get(HISTORY)
    assert words(one_of(read(answer), "h1")) == "History of Norway NOR"
    assert "The State is no longer recorded." in words(one_of(read(answer), "p", class_="says"))
    assert [row[1].split(" Alpha")[0] for row in rows(answer)] == [
        "Norway was deleted It had the values:",
        "Norway was entered",
    ]


def test_days_are_apart_and_the_newest_comes_first(norway: State, clock: Any) -> None:
    clock.shift(timedelta(days=1))
    corrected(norway)
    assert days(signed_in(is_superuser=True).get(HISTORY)) == ["23 November 2026", "22 November 2026"]


def test_the_history_is_filtered_by_kind_of_fact(norway: State, staff: Client) -> None:
    factories.a_contact(norway)
    answer = staff.get(HISTORY, {"kind": "treaty-action"})
    page = read(answer)
    assert [row[1].split(" Treaty")[0] for row in rows(answer)] == ["The OPSC ratification was entered"]
    assert list(links(one_of(page, "nav", aria_label="Kind of record"))) == [
        "All: 3", "States: 1", "Treaty actions: 1", "Contacts: 1"
    ]  # fmt: skip
    assert staff.get(HISTORY, {"kind": "reminder"}).status_code == 404


def test_a_long_history_has_pages(norway: State, staff: Client) -> None:
    for number in range(60):
        norway.records_note = f"note {number}"
        norway.save()
    first = staff.get(HISTORY, {"kind": "state"})
    assert (len(rows(first)), rows(first)[0][1]) == (
        50,
        "Norway was changed “Note on the records” of Norway changed from “note 58” to “note 59”.",
    )
    next_page = links(one_of(read(first), "nav", aria_label="Pages"))["Next"]
    assert next_page == "?kind=state&page=2"
    second = rows(staff.get(HISTORY + next_page))
    assert (len(second), second[-1][1].split(" Alpha")[0]) == (11, "Norway was entered")
    for page in ("0", "-1", "99", "x", "\x00"):
        assert staff.get(HISTORY, {"page": page}).status_code == 200


@pytest.mark.parametrize("changes", [1, 40])
def test_the_history_takes_so_many_queries(
    changes: int, norway: State, staff: Client, ada: Any, django_assert_num_queries: Any
) -> None:
    factories.receives(norway, "2005-06-03")
    for number in range(changes):
        norway.records_note, norway.desk_officer = f"note {number}", ada
        norway.save()
        corrected(norway, ada, note=f"note {number}")
    with django_assert_num_queries(QUERIES):
        assert staff.get(HISTORY).status_code == 200


def test_the_history_can_be_taken_along(norway: State, staff: Client, ada: Any) -> None:
    corrected(norway, ada)
    answer = staff.get(HISTORY, {"_export": "csv", "kind": "treaty-action"})
    (first, *_rest) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert first == {
        "When (UTC)": "2026-11-22T09:00:00Z",
        "Who": "ada",
        "Kind": "treaty-action",
        "What": "The OPSC ratification was changed",
        "Before and after": "“Date” of the OPSC ratification changed from 23 November 2002 to 23 December 2002.",
        "Why": "C.N.1.2003",
    }
    assert answer.headers["Content-Disposition"] == 'attachment; filename="history-NOR-2026-11-22.csv"'


@pytest.mark.parametrize(("ending", "kept"), [("csv", "'=cmd()"), ("json", "=cmd()")])
def test_what_looks_like_a_formula_is_text_in_a_sheet(
    ending: str, kept: str, norway: State, staff: Client, ada: Any
) -> None:
    action = TreatyAction.objects.get()
    save_fact(action, by=ada, reason="=cmd()")
    content = staff.get(HISTORY, {"_export": ending}).content.decode("utf-8-sig")
    first = json.loads(content)[0] if ending == "json" else next(csv.DictReader(io.StringIO(content)))
    assert (first["Why"], first["Before and after"]) == (kept, "No change.")


def test_the_page_of_a_state_leads_to_its_history(norway: State, staff: Client) -> None:
    assert links(read(staff.get("/states/NOR/")))["History"] == HISTORY


def test_a_history_of_nothing_is_not_there(staff: Client) -> None:
    assert staff.get("/states/%00/history/").status_code == 404


def test_a_small_code_leads_to_the_history(staff: Client) -> None:
    answer = staff.get("/states/nor/history/?kind=state")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/states/NOR/history/?kind=state")


# --- restoring an earlier version -----------------------------------------------------------------


def test_a_version_is_shown_against_now_with_what_would_follow(norway: State, staff: Client) -> None:
    action = corrected(norway)
    answer = staff.get(address_of(action.history.last(), "treaty-action"))
    page = read(answer)
    assert words(one_of(page, "h1")) == "Restore the OPSC ratification"
    assert table(page, "h-fields") == [
        ["State", "Norway", "Norway", "—"],
        ["Treaty", "OPSC", "OPSC", "—"],
        ["Kind", "ratification", "ratification", "—"],
        ["Date", "23 December 2002", "23 November 2002", "yes"],
        ["Source", "“UN Treaty Collection”", "“UN Treaty Collection”", "—"],
    ]
    assert follows(answer)[0] == "Initial report now due 23 December 2004, was 23 January 2005."
    action.refresh_from_db()
    assert action.date.isoformat() == "2002-12-23"
    assert action.history.count() == 2


def test_a_version_is_restored_with_its_reason_and_what_follows(
    norway: State, staff: Client, ada: Any
) -> None:
    action = corrected(norway)
    answer = restored(staff, address_of(action.history.last(), "treaty-action"))
    assert answer.redirect_chain == [(HISTORY, 302)]
    told = messages(read(answer))
    assert told[0] == ("The OPSC ratification: restored the version of 22 November 2026, 09:00 UTC. Undo")
    assert told[1].startswith(
        "Norway: Initial report now due 23 December 2004, was 23 January 2005. Periodic"
    )
    assert links(one_of(read(answer), "ul", class_="messages"))["Norway"] == "/states/NOR/"
    action.refresh_from_db()
    latest = action.history.first()
    assert action.date.isoformat() == "2002-11-23"
    assert (latest.history_user, latest.history_change_reason) == (
        ada,
        "restored the version of 22 November 2026: letter of the mission",
    )
    assert factories.the_obligation(norway).due_on.isoformat() == "2004-12-23"


def test_a_reason_is_asked_for_and_kept_short(norway: State, staff: Client) -> None:
    action = corrected(norway)
    address = address_of(action.history.last(), "treaty-action")
    mark = seen(staff.get(address))
    assert problems(read(staff.post(address, {"step": "save", "seen": mark, "reason": " "}))) == [
        "Enter a reason; it is kept in the history."
    ]
    assert problems(read(staff.post(address, {"step": "save", "seen": mark, "reason": "x" * 59}))) == [
        "Use at most 58 characters; these are 59."
    ]
    assert action.history.count() == 2
    restored(staff, address, "x" * 58)
    kept = action.history.first().history_change_reason
    assert (len(kept), kept.startswith("restored the version of 22 November 2026: xxx")) == (100, True)


def test_a_removed_fact_comes_back_under_its_old_key(norway: State, staff: Client) -> None:
    report = factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    key = report.pk
    withdraw_fact(report, reason="by mistake")
    address = address_of(Submission.history.first(), "submission")
    answer = staff.get(address)
    assert words(one_of(read(answer), "p", class_="says")) == (
        "This record was deleted. Its values on 22 November 2026, 09:00 UTC: Nothing is saved yet."
    )
    assert ["Symbol", "“CRC/C/OPSC/NOR/1”"] in table(read(answer), "h-fields")
    assert follows(answer) == ["Initial report is answered."]
    restored(staff, address)
    assert Submission.objects.get().pk == key
    assert factories.the_obligation(norway).received_on.isoformat() == "2005-06-03"
    assert rows(staff.get(HISTORY))[0][1].startswith("The submission CRC/C/OPSC/NOR/1 was entered")


def test_a_removed_request_comes_back_under_its_number(norway: State, staff: Client) -> None:
    request = factories.asks(norway)
    factories.derive(TODAY.isoformat(), norway)
    withdraw_fact(request)
    other = InformationRequest(
        state=norway, document="CRC/C/OPSC/NOR/Q/3", issued_on=factories.day("2013-01-01"),
        due_on=factories.day("2013-06-01"),
    )  # fmt: skip
    save_fact(other)
    address = address_of(InformationRequest.history.filter(history_type="-").get(), "request")
    assert follows(staff.get(address)) == [
        "Reply to the list of issues is expected again: due 15 November 2012."
    ]
    restored(staff, address)
    assert list(InformationRequest.objects.values_list("number", "document")) == [
        (1, "CRC/C/OPSC/NOR/Q/2"),
        (2, "CRC/C/OPSC/NOR/Q/3"),
    ]


def test_a_removed_state_comes_back(staff: Client) -> None:
    factories.a_state("NOR").delete()
    answer = restored(staff, address_of(State.history.first(), "state"))
    assert State.objects.get().name == "Norway"
    assert messages(read(answer)) == ["Norway: restored the version of 22 November 2026, 09:00 UTC. Undo"]


def test_what_a_state_said_to_an_amendment_comes_back(norway: State, staff: Client, ada: Any) -> None:
    amendment = an_amendment(norway)
    amendment.communicated_on = factories.day("2026-01-20")
    amendment.save()
    position = factories.answers(amendment, norway, "2026-02-01")
    position.delete()
    restored(staff, address_of(AmendmentPosition.history.first(), "position"))
    assert AmendmentPosition.objects.get().date.isoformat() == "2026-02-01"
    assert AmendmentPosition.history.first().history_user == ada


def test_what_was_said_to_a_removed_amendment_waits_for_it(norway: State, staff: Client) -> None:
    amendment = an_amendment(norway)
    position = factories.answers(amendment, norway, "2026-02-01")
    position.delete()
    amendment.delete()
    assert problems(read(staff.get(address_of(AmendmentPosition.history.first(), "position")))) == [
        "Amendment: “Amendment to article 12” (deleted) is no longer recorded; restore that first."
    ]


def test_a_contact_is_saved_plainly_and_reminded_at_once(norway: State, staff: Client, settings: Any) -> None:
    settings.REMINDERS_APPROVAL = "required"
    contact = factories.a_contact(norway)
    plan(TODAY)
    assert Reminder.objects.filter(state="held").count() == 5
    contact.active = False
    contact.save()
    plan(TODAY)
    address = address_of(contact.history.last(), "contact")
    assert follows(staff.get(address)) == ["5 reminders planned."]
    answer = restored(staff, address)
    assert messages(read(answer))[1] == "Norway: 5 reminders planned."
    contact.refresh_from_db()
    assert contact.active
    assert contact.history.first().history_change_reason == (
        "restored the version of 22 November 2026: letter of the mission"
    )


def test_what_cannot_be_beside_the_other_facts_is_told_before_it_is_tried(
    norway: State, staff: Client
) -> None:
    action = TreatyAction.objects.get()
    withdraw_fact(action)
    factories.joins(norway, kind="accession")
    answer = staff.get(address_of(TreatyAction.history.filter(kind="ratification").first(), "treaty-action"))
    assert problems(read(answer)) == [
        (
            "Date: The accession of 23 December 2002 is recorded already. Correct that one to the earlier day; if the "
            "State left and joined again, enter the denunciation next, and the later joining last."
        )
    ]
    assert not all_of(one_of(read(answer), "main"), "button")
    mark = {"step": "save", "seen": "removed", "reason": "letter"}
    assert staff.post(address_of(TreatyAction.history.last(), "treaty-action"), mark).status_code == 200
    assert TreatyAction.objects.get().kind == "accession"


def test_what_names_something_removed_says_to_restore_that_first(norway: State, staff: Client) -> None:
    first = factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    factories.receives(norway, "2005-09-01", symbol="CRC/C/OPSC/NOR/1/Rev.1", revises=first).delete()
    first.delete()
    revised = Submission.history.filter(symbol="CRC/C/OPSC/NOR/1/Rev.1").first()
    assert problems(read(staff.get(address_of(revised, "submission")))) == [
        "Revises: the submission CRC/C/OPSC/NOR/1 (deleted) is no longer recorded; restore that first."
    ]


def test_a_desk_officer_whose_account_is_gone_stays_as_it_is_now(
    norway: State, staff: Client, ada: Any
) -> None:
    grace = factories.an_officer("grace")
    norway.desk_officer = grace
    norway.save()
    norway.desk_officer, norway.records_note = ada, "asked in Geneva"
    norway.save()
    grace.delete()
    restored(staff, address_of(State.history.all()[1], "state"))
    norway.refresh_from_db()
    assert (norway.desk_officer, norway.records_note) == (ada, "")


def test_a_record_that_has_moved_is_shown_anew_and_not_saved(norway: State, staff: Client) -> None:
    action = corrected(norway)
    address = address_of(action.history.last(), "treaty-action")
    opened = seen(staff.get(address))
    corrected(norway, date=factories.day("2003-02-03"))
    answer = staff.post(address, {"step": "save", "seen": opened, "reason": "letter"})
    page = read(answer)
    assert problems(page) == [
        (
            "Nothing was saved: the form or the records have changed since the preview. Check the new preview, then "
            "save."
        )
    ]
    assert ["Date", "3 February 2003", "23 November 2002", "yes"] in table(page, "h-fields")
    assert one_of(page, "input", name="reason").attributes["value"] == "letter"
    assert TreatyAction.objects.get().date.isoformat() == "2003-02-03"
    again = staff.post(address, {"step": "save", "seen": seen(answer), "reason": "letter"})
    assert again.status_code == 302
    assert TreatyAction.objects.get().date.isoformat() == "2002-11-23"


def test_a_form_without_its_mark_is_not_trusted(norway: State, staff: Client) -> None:
    action = corrected(norway)
    address = address_of(action.history.last(), "treaty-action")
    answer = staff.post(address, {"step": "save", "reason": "letter"})
    assert "have changed since" in problems(read(answer))[0]
    assert action.history.count() == 2
    assert staff.post(address, {"step": "save", "seen": seen(answer), "reason": "letter"}).status_code == 302


def test_a_record_removed_meanwhile_is_not_restored_unseen(norway: State, staff: Client) -> None:
    action = corrected(norway)
    address = address_of(action.history.last(), "treaty-action")
    opened = seen(staff.get(address))
    withdraw_fact(action)
    assert (
        "have changed since"
        in problems(read(staff.post(address, {"step": "save", "seen": opened, "reason": "x"})))[0]
    )
    assert not TreatyAction.objects.exists()


def test_a_version_that_says_the_same_offers_nothing(norway: State, staff: Client) -> None:
    address = address_of(TreatyAction.history.get(), "treaty-action")
    page = read(staff.get(address))
    assert problems(page) == ["Nothing to restore: the record has the same values now."]
    assert not all_of(one_of(page, "main"), "form")
    staff.post(address, {"step": "save", "seen": "", "reason": "x"})
    assert TreatyAction.history.count() == 1


def test_what_did_not_change_is_not_offered(norway: State, staff: Client) -> None:
    corrected(norway)
    corrected(norway, date=factories.day("2002-11-23"))
    assert [row[4] for row in rows(staff.get(HISTORY))] == [
        "Edit: the OPSC ratification · Undo… The OPSC ratification was changed, 09:00",
        "Restore… The OPSC ratification was changed, 09:00",
        "—",
        "—",
    ]


def test_the_admin_offers_what_is_not_recorded_any_more(norway: State, staff: Client) -> None:
    action = corrected(norway)
    history = f"/admin/registry/treatyaction/{action.pk}/history/"
    withdraw_fact(action)
    page = read(staff.get(history))
    table_of_versions = one_of(page, "table", id="change-history")
    offered = [one.attributes["href"] for one in all_of(table_of_versions, "a")]
    assert offered == [address_of(row, "treaty-action") for row in TreatyAction.history.all()]
    changes = [words(one) for one in all_of(table_of_versions, "li")]
    assert changes == ["Date: 23 November 2002 → 23 December 2002"]


# --- four eyes ------------------------------------------------------------------------------------

WAITS = (
    "The Committee’s date in CRC/C/OPSC/NOR/CO/1 for periodic report 3 takes effect once a second person has "
    "confirmed it."
)


def a_corrected_decision(norway: State) -> CommitteeDate:
    """A date in effect that replaced another one."""
    factories.receives(norway, "2005-06-03")
    stated = factories.decides(norway, "2016-01-23", "2013-02-01", cycles="3", carried_by="own")
    stated.due_on = factories.day("2016-03-23")
    save_fact(stated)
    return stated


def test_a_date_of_the_committee_waits_for_a_second_person(
    norway: State, staff: Client, ada: Any, settings: Any
) -> None:
    stated = a_corrected_decision(norway)
    settings.FOUR_EYES = True
    address = address_of(stated.history.last(), "committee-date")
    assert follows(staff.get(address)) == [WAITS]
    answer = restored(staff, address)
    assert messages(read(answer)) == [
        (
            "The Committee’s date in CRC/C/OPSC/NOR/CO/1 for periodic report 3: restored the version of 22 November "
            "2026, 09:00 UTC. Undo"
        ),
        f"Norway: {WAITS}",
    ]
    waiting = CommitteeDate.objects.get(awaits_confirmation=True)
    assert (waiting.corrects, waiting.entered_by, waiting.due_on.isoformat()) == (stated, ada, "2016-01-23")
    assert factories.the_obligation(norway, 3).due_on.isoformat() == "2016-03-23"
    assert problems(read(staff.get(address))) == [
        "A correction of this date awaits confirmation already; edit or delete that one."
    ]


def test_a_date_of_the_committee_is_restored_at_once_without_four_eyes(
    norway: State, staff: Client, settings: Any
) -> None:
    settings.FOUR_EYES = False
    stated = a_corrected_decision(norway)
    address = address_of(stated.history.last(), "committee-date")
    assert follows(staff.get(address)) == ["Periodic report 3 now due 23 January 2016, was 23 March 2016."]
    restored(staff, address)
    assert factories.the_obligation(norway, 3).due_on.isoformat() == "2016-01-23"


def test_a_withdrawn_date_comes_back_waiting_for_a_second_person(
    norway: State, staff: Client, ada: Any, settings: Any
) -> None:
    stated = a_corrected_decision(norway)
    key = stated.pk
    withdraw_fact(stated)
    settings.FOUR_EYES = True
    restored(staff, address_of(CommitteeDate.history.first(), "committee-date"))
    waiting = CommitteeDate.objects.get()
    assert (waiting.pk, waiting.awaits_confirmation, waiting.entered_by) == (key, True, ada)
    assert factories.the_obligation(norway, 3).due_on.isoformat() == "2014-12-23"


def test_a_correction_that_is_settled_is_not_restored(
    norway: State, staff: Client, ada: Any, settings: Any
) -> None:
    stated = a_corrected_decision(norway)
    settings.FOUR_EYES = True
    stated.due_on = factories.day("2017-01-23")
    save_fact(stated, by=ada)
    withdraw_fact(CommitteeDate.objects.get(awaits_confirmation=True), by=ada)
    assert rows(staff.get(HISTORY))[0][4] == "—"
    gone = CommitteeDate.history.filter(history_type="-").get()
    assert problems(read(staff.get(address_of(gone, "committee-date")))) == [
        (
            "It was a correction that awaited a second person, and has been confirmed or deleted. Edit the date itself "
            "instead."
        )
    ]


# --- who may --------------------------------------------------------------------------------------


def test_a_viewer_reads_the_history_and_restores_nothing(norway: State) -> None:
    action = corrected(norway)
    viewer = in_role("Viewer")
    answer = viewer.get(HISTORY)
    assert {row[4] for row in rows(answer)} == {"—"}
    assert "Restore…" not in answer.content.decode()
    address = address_of(action.history.last(), "treaty-action")
    assert viewer.get(address).status_code == 403
    assert viewer.post(address, {"seen": "", "reason": "x"}).status_code == 403
    assert action.history.count() == 2


def test_an_editor_restores(norway: State) -> None:
    action = corrected(norway)
    answer = restored(in_role("Editor"), address_of(action.history.last(), "treaty-action"))
    assert answer.redirect_chain == [(HISTORY, 302)]


@pytest.mark.parametrize(("permission", "changed", "removed"), [("change", 200, 403), ("add", 403, 200)])
def test_what_is_changed_needs_one_right_and_what_comes_back_another(
    permission: str, changed: int, removed: int, norway: State
) -> None:
    action = corrected(norway)
    contact = factories.a_contact(norway)
    gone = contact.pk
    contact.delete()
    client = in_role("Viewer")
    rolf = get_user_model().objects.get(username="rolf")
    for model in ("treatyaction", "contact"):
        rolf.user_permissions.add(Permission.objects.get(codename=f"{permission}_{model}"))
    assert client.get(address_of(action.history.last(), "treaty-action")).status_code == changed
    of_contact = Contact.history.filter(id=gone).first()
    assert client.get(address_of(of_contact, "contact")).status_code == removed


@pytest.mark.parametrize(
    "address",
    ["/history/reminder/1/restore/", "/history/state/999999/restore/", "/history/state/0/restore/",
     "/history/state/99999999999999999999999999/restore/", "/history/%00/1/restore/", "/history/state/-1/restore/",
     "/history/historicalstate/1/restore/", "/history/state/x/restore/"],
)  # fmt: skip
def test_an_unknown_version_is_not_there(address: str, norway: State, staff: Client) -> None:
    assert staff.get(address).status_code == 404
    assert staff.post(address, {"seen": "\x00", "reason": "\x00"}).status_code == 404


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"step": "save", "seen": "x"},
        {"step": "save", "seen": "\x00", "reason": "\x00"},
        {"step": "save", "reason": "x" * 10_000},
    ],
)
def test_a_form_filled_in_oddly_changes_nothing(sent: dict[str, str], norway: State, staff: Client) -> None:
    action = corrected(norway)
    assert staff.post(address_of(action.history.last(), "treaty-action"), sent).status_code == 200
    assert action.history.count() == 2


# --- nobody edits or deletes the history ----------------------------------------------------------

HISTORIES = [model for model in apps.get_models() if issubclass(model, HistoricalChanges)]


def all_rows() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in HISTORIES]


def addresses(patterns: Any, before: str = "") -> list[str]:
    """Every address of the program as a pattern."""
    found = []
    for one in patterns:
        if isinstance(one, URLResolver):
            found += addresses(one.url_patterns, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            found.append(before + str(one.pattern))
    return found


def test_no_history_stands_in_the_admin() -> None:
    assert len(HISTORIES) == 26
    assert not set(HISTORIES) & set(site._registry)
    assert not [one for one in addresses(get_resolver().url_patterns) if "historical" in one]


def test_the_addresses_with_a_history_are_these() -> None:
    found = {one for one in addresses(get_resolver().url_patterns) if "history/" in one}
    with_history = {model for model in site._registry if hasattr(model, "history")}
    of_models = {
        f"admin/{model._meta.app_label}/{model._meta.model_name}/{rest}"
        for model in site._registry
        for rest in (
            ["<path:object_id>/history/", "^([^/]+)/history/([^/]+)/$"]
            if model in with_history
            else ["<path:object_id>/history/"]
        )
    }
    ours = {"states/<str:iso3>/history/", "history/<str:model>/<int:pk>/restore/"}
    assert found == of_models | ours


def test_no_history_is_changed_by_what_is_sent_to_it(norway: State, staff: Client) -> None:
    action = corrected(norway)
    before = all_rows()
    first = action.history.last()
    base = f"/admin/registry/treatyaction/{action.pk}/history/"
    sent = {"date": "1999-01-01", "history_change_reason": "x", "_change_history": "1", "post": "yes"}
    assert staff.post(HISTORY, sent).status_code == 405
    answer = staff.post(f"{base}{first.pk}/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, address_of(first, "treaty-action"))
    assert staff.get(f"{base}{first.pk}/").headers["Location"] == address_of(first, "treaty-action")
    staff.post(base, sent)
    for way in (staff.put, staff.patch, staff.delete):
        assert way(HISTORY).status_code == 405
        assert way(address_of(first, "treaty-action")).status_code == 405
        way(base)
        way(f"{base}{first.pk}/")
    assert staff.post(address_of(first, "treaty-action"), sent).status_code == 200
    assert all_rows() == before


@pytest.mark.parametrize("version", ["0", "99999999999999999999999", "١"])
def test_the_admin_leads_to_no_version_that_is_not_there(version: str, norway: State, staff: Client) -> None:
    action = TreatyAction.objects.get()
    assert staff.get(f"/admin/registry/treatyaction/{action.pk}/history/{version}/").status_code == 404


def test_rights_to_the_history_itself_open_nothing(norway: State) -> None:
    client = signed_in("grace")
    grace = get_user_model().objects.get(username="grace")
    grace.user_permissions.set(
        [*Permission.objects.filter(content_type__model__startswith="historical"),
         *Permission.objects.filter(codename="view_state")]
    )  # fmt: skip
    version = TreatyAction.history.get()
    assert grace.user_permissions.count() == 105
    assert client.get(address_of(version, "treaty-action")).status_code == 403
    assert "historical" not in client.get("/admin/").content.decode().lower()
    assert client.get("/admin/registry/historicaltreatyaction/").status_code == 404


def test_no_history_goes_with_a_fact_or_a_user(norway: State, ada: Any) -> None:
    for model in HISTORIES:
        for one in model._meta.concrete_fields:
            if one.is_relation:
                assert one.remote_field.on_delete in (models.SET_NULL, models.DO_NOTHING), (
                    f"{model}: {one.name}"
                )
    action = corrected(norway, ada)
    action.delete()
    ada.delete()
    assert TreatyAction.history.count() == 3
    assert Obligation.objects.filter(state=norway).exists()
