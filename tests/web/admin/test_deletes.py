"""Deleting in two steps: the preview shows the effects, and a reason is recorded."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from tests import factories
from tests.web.conftest import TODAY, an_amendment, in_role
from tests.web.pages import all_of, in_two_steps, links, messages, one_of, problems, read, words
from tests.web.records.test_history import addresses
from tracker.obligations.actions import save_fact
from tracker.obligations.models import CommitteeDate, NonReceipt, Obligation, Submission
from tracker.registry.models import Amendment, AmendmentPosition, Contact, State, TreatyAction
from tracker.reminders.models import Mail, Reminder
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

SUBMISSION = "/admin/obligations/submission/"
ACTION = "/admin/registry/treatyaction/"
DECISION = "/admin/obligations/committeedate/"
CONTACT = "/admin/registry/contact/"


def told(answer: Any) -> list[str]:
    return messages(read(answer))


def sections(answer: Any) -> list[str]:
    """The page's text, record by record."""
    return [words(one) for one in all_of(one_of(read(answer), "main"), "section")]


def in_all(answer: Any) -> str:
    """The page's text about one record, and the effects."""
    return " ".join(sections(answer))


def several(keys: Any, **more: str) -> dict[str, Any]:
    """The form data of the list for the selected records."""
    return {"action": "delete_selected", "_selected_action": list(keys)} | more


def delete_several(client: Client, keys: Any, reason: str) -> Any:
    """Selects records in the list, and deletes them as the preview shows."""
    seen = one_of(read(client.post(SUBMISSION, several(keys))), "input", name="seen").attributes["value"]
    return client.post(SUBMISSION, several(keys, step="save", seen=seen, reason=reason), follow=True)


SAYS_INITIAL = (
    "State United States of America Kind initial First cycle 1 Last cycle 1 Carried by own Received on 10 May 2007 "
    "Precision of the review date day Symbol “CRC/C/OPSC/USA/1”"
)

# --- one fact -------------------------------------------------------------------------------------


def test_the_first_step_tells_what_is_lost_and_what_follows(usa: State, staff: Client) -> None:
    factories.a_contact(usa)
    plan(TODAY)
    report = Submission.objects.get()
    answer = staff.get(f"{SUBMISSION}{report.pk}/delete/")
    page = read(answer)
    assert words(one_of(page, "h1")) == "Delete submission"
    assert words(one_of(page, "p", class_="says")) == "Nothing is deleted yet."
    assert in_all(answer) == (
        f"The submission CRC/C/OPSC/USA/1 {SAYS_INITIAL} What will change Initial report is no longer answered. "
        "1 reminder planned."
    )
    assert Submission.objects.get() == report
    assert factories.the_obligation(usa).answered_on is not None
    assert links(page)["Cancel"] == f"{SUBMISSION}{report.pk}/change/"


def test_the_second_step_deletes_with_the_reason_and_tells_what_followed(usa: State, staff: Client) -> None:
    report = Submission.objects.get()
    answer = in_two_steps(staff, f"{SUBMISSION}{report.pk}/delete/", reason="of another State")
    assert told(answer) == [
        "United States of America: Initial report is no longer answered.",
        "The submission “CRC/C/OPSC/USA/1” was deleted successfully. Undo",
    ]
    assert links(one_of(read(answer), "ul", class_="messages"))["United States of America"] == "/states/USA/"
    row = Submission.history.first()
    assert (row.history_type, row.history_user.username, row.history_change_reason) == (
        "-",
        "ada",
        "of another State",
    )
    assert LogEntry.objects.get().object_repr == "CRC/C/OPSC/USA/1"
    assert factories.the_obligation(usa).answered_on is None


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "Enter a reason; it is kept in the history."),
        ({"reason": "   "}, "Enter a reason; it is kept in the history."),
        ({"reason": "x" * 101}, "Use at most 100 characters."),
        ({"reason": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_nothing_is_deleted_without_a_reason(
    sent: dict[str, str], message: str, usa: State, staff: Client
) -> None:
    report = Submission.objects.get()
    answer = staff.post(f"{SUBMISSION}{report.pk}/delete/", sent | {"step": "save"})
    assert problems(read(answer)) == [message]
    assert one_of(read(answer), "input", name="reason").attributes["aria-invalid"] == "true"
    assert Submission.objects.exists()
    assert not LogEntry.objects.exists()


def test_facts_that_someone_else_has_deleted_are_not_deleted_again(usa: State, staff: Client) -> None:
    key = Submission.objects.get().pk
    seen = one_of(read(staff.post(SUBMISSION, several([key]))), "input", name="seen").attributes["value"]
    Submission.objects.all().delete()
    before = Submission.history.count()
    answer = staff.post(SUBMISSION, several([key], step="save", seen=seen, reason="twice"), follow=True)
    assert told(answer) == ["Nothing was deleted: what you selected is no longer recorded."]
    assert Submission.history.count() == before
    assert not LogEntry.objects.exists()


def test_a_fact_that_changed_after_the_preview_is_not_deleted(usa: State, staff: Client) -> None:
    report = Submission.objects.get()
    address = f"{SUBMISSION}{report.pk}/delete/"
    seen = one_of(read(staff.get(address)), "input", name="seen").attributes["value"]
    Submission.objects.update(title="Initial report")
    answer = staff.post(address, {"step": "save", "seen": seen, "reason": "twice"})
    assert problems(read(answer))[0].startswith("Nothing was saved: the form or the records have changed")
    assert Submission.objects.exists()
    assert not LogEntry.objects.exists()
    in_two_steps(staff, address, reason="twice")
    assert not Submission.objects.exists()


def test_what_nothing_follows_from_says_so(usa: State, staff: Client) -> None:
    signed = factories.signs(usa)
    answer = staff.get(f"{ACTION}{signed.pk}/delete/")
    assert in_all(answer) == (
        "The OPSC signature State United States of America Treaty OPSC Kind signature Date 6 September 2000 "
        "What will change No date and no reminder changes."
    )
    answer = in_two_steps(staff, f"{ACTION}{signed.pk}/delete/", reason="twice")
    assert told(answer) == [
        "The treaty action “USA OPSC signature 2000-09-06” was deleted successfully. Undo"
    ]


def test_deleting_the_ratification_takes_away_what_is_owed_and_warns(usa: State, staff: Client) -> None:
    action = TreatyAction.objects.get()
    section = in_all(staff.get(f"{ACTION}{action.pk}/delete/"))
    assert section.split("What will change ")[1] == (
        "Initial report is no longer expected. Periodic report 2 is no longer expected. Periodic report 3 is no "
        "longer expected. Periodic report 4 is no longer expected. 3 more dates changed."
    )
    answer = in_two_steps(staff, f"{ACTION}{action.pk}/delete/", reason="of another State")
    assert told(answer)[1] == (
        "CRC/C/OPSC/USA/1 answers no obligation: there is no initial report of cycle 1. Check it."
    )
    assert not Obligation.objects.filter(expected=True).exists()


def test_what_others_rest_on_is_kept_and_says_so_beforehand(usa: State, staff: Client) -> None:
    report = Submission.objects.get()
    revision = factories.receives(usa, "2008-01-01", symbol="CRC/C/OPSC/USA/1/Rev.1", revises=report)
    kept = (
        "The submission CRC/C/OPSC/USA/1 cannot be deleted, because other records refer to it: the submission "
        "CRC/C/OPSC/USA/1/Rev.1."
    )
    for answer in (
        staff.get(f"{SUBMISSION}{report.pk}/delete/"),
        staff.post(f"{SUBMISSION}{report.pk}/delete/", {"step": "save", "reason": "twice"}),
    ):
        page = read(answer)
        assert (answer.status_code, problems(page)) == (200, [kept])
        assert not all_of(one_of(page, "main"), "form")
        assert words(one_of(page, "h1")) == "Cannot delete submission"
    assert set(Submission.objects.all()) == {report, revision}
    assert not LogEntry.objects.exists()


def test_a_non_receipt_deleted_makes_it_no_record_again(staff: Client) -> None:
    norway = factories.a_state("NOR", records_from="2025-12-04")
    factories.joins(norway, on="2002-12-23")
    factories.derive(TODAY.isoformat(), norway)
    known = NonReceipt(
        state=norway, not_received_by=factories.day("2026-01-01"), source="List of late reports"
    )
    save_fact(known)
    address = f"/admin/obligations/nonreceipt/{known.pk}/delete/"
    section = in_all(staff.get(address))
    assert section.endswith("What will change Initial report is no record again.")
    in_two_steps(staff, address, reason="the list was older")
    assert not NonReceipt.objects.exists()


# --- dates of the Committee -----------------------------------------------------------------------


def a_decision(usa: State, by: Any) -> CommitteeDate:
    """A date in effect that a user entered."""
    stated = factories.decides(usa, "2016-01-23", "2013-02-01", cycles="3", carried_by="own", entered_by=by)
    factories.derive(TODAY.isoformat(), usa)
    return stated


def test_a_date_in_effect_is_not_withdrawn_by_who_entered_it(
    usa: State, staff: Client, settings: Any
) -> None:
    settings.FOUR_EYES = True
    stated = a_decision(usa, get_user_model().objects.get(username="ada"))
    why = (
        "The Committee’s date in CRC/C/OPSC/USA/CO/1 for periodic report 3 cannot be deleted. You entered this date. "
        "Someone else must confirm or withdraw it."
    )
    assert problems(read(staff.get(f"{DECISION}{stated.pk}/delete/"))) == [why]
    answer = staff.post(f"{DECISION}{stated.pk}/delete/", {"step": "save", "reason": "mistyped"})
    assert (answer.status_code, problems(read(answer))) == (200, [why])
    assert CommitteeDate.objects.count() == 1


def test_a_date_in_effect_takes_its_correction_with_it(usa: State, staff: Client, settings: Any) -> None:
    settings.FOUR_EYES = True
    stated = a_decision(usa, factories.an_officer("grace"))
    correction = CommitteeDate.objects.get(pk=stated.pk)
    correction.due_on = factories.day("2017-01-23")
    save_fact(correction, by=get_user_model().objects.get(username="grace"))
    section = in_all(staff.get(f"{DECISION}{stated.pk}/delete/"))
    assert section.split("What will change ")[1] == (
        "Its correction, which awaits a second person, is deleted too. "
        "Periodic report 3 now due 23 January 2015, was 23 January 2016."
    )
    in_two_steps(staff, f"{DECISION}{stated.pk}/delete/", reason="mistyped")
    assert not CommitteeDate.objects.exists()
    gone = CommitteeDate.history.filter(history_type="-")
    assert [row.history_change_reason for row in gone] == ["mistyped", "mistyped"]


# --- contacts and amendments ----------------------------------------------------------------------


def test_a_contact_says_which_reminders_lose_their_recipient(
    usa: State, staff: Client, settings: Any
) -> None:
    settings.REMINDERS_APPROVAL = "required"
    factories.receives(usa, "2026-01-01", kind="periodic", cycles="2-4", carried_by="own")
    factories.derive(TODAY.isoformat(), usa)
    contact = factories.a_contact(usa)
    plan(TODAY)
    section = in_all(staff.get(f"{CONTACT}{contact.pk}/delete/"))
    assert section.split("What will change ")[1] == (
        "Waiting reminder: 12 months after, about the periodic report 5 due 23 January 2025. 1 reminder cancelled."
    )
    assert Reminder.objects.get().state == "held"
    answer = in_two_steps(staff, f"{CONTACT}{contact.pk}/delete/", reason="has left")
    assert told(answer)[0] == "United States of America: 1 reminder cancelled."
    assert Reminder.objects.get().state == "cancelled"
    assert Contact.history.first().history_change_reason == "has left"


def test_an_amendment_says_how_many_positions_go_with_it(usa: State, staff: Client) -> None:
    amendment = an_amendment(usa)
    factories.answers(amendment, usa, "2026-02-01")
    address = f"/admin/registry/amendment/{amendment.pk}/delete/"
    section = in_all(staff.get(address))
    assert section.endswith("What will change 1 position of a State on it is deleted too.")
    in_two_steps(staff, address, reason="withdrawn")
    assert not Amendment.objects.exists()
    gone = AmendmentPosition.history.first()
    assert (gone.history_type, gone.history_user.username, gone.history_change_reason) == (
        "-",
        "ada",
        "withdrawn",
    )


# --- several --------------------------------------------------------------------------------------


@pytest.fixture
def two(usa: State) -> list[int]:
    """Two reports of the United States: the initial one and the second."""
    factories.receives(
        usa, "2010-01-22", kind="periodic", cycles="2", carried_by="own", symbol="CRC/C/OPSC/USA/2"
    )
    factories.derive(TODAY.isoformat(), usa)
    return list(Submission.objects.values_list("pk", flat=True))


def test_several_have_each_their_line_and_one_total(two: list[int], staff: Client) -> None:
    factories.a_contact(State.objects.get())
    plan(TODAY)
    answer = staff.post(SUBMISSION, several(two))
    assert words(one_of(read(answer), "h1")) == "Delete submissions"
    said = sections(answer)
    assert [one.split("What will change ")[-1] for one in said] == [
        "Initial report is no longer answered.",
        "Periodic report 2 is no longer answered.",
        "Together 2 records will be deleted, all of them or none. 2 reminders planned.",
    ]
    assert Submission.objects.count() == 2


def test_several_are_deleted_together_with_one_reason(two: list[int], staff: Client) -> None:
    answer = delete_several(staff, two, "of another State")
    assert told(answer) == [
        "United States of America: Initial report is no longer answered. Periodic report 2 is no longer answered.",
        "2 submissions deleted: CRC/C/OPSC/USA/1; CRC/C/OPSC/USA/2. Undo",
    ]
    assert not Submission.objects.exists()
    assert {row.history_change_reason for row in Submission.history.filter(history_type="-")} == {
        "of another State"
    }


def test_several_without_a_reason_stay(two: list[int], staff: Client) -> None:
    answer = staff.post(SUBMISSION, several(two, step="save"))
    assert problems(read(answer)) == ["Enter a reason; it is kept in the history."]
    assert Submission.objects.count() == 2


def test_a_report_goes_together_with_its_revision_whatever_their_order(two: list[int], staff: Client) -> None:
    first = Submission.objects.get(pk=two[0])
    revision = factories.receives(first.state, "2008-01-01", symbol="CRC/C/OPSC/USA/1/Rev.1", revises=first)
    for keys in ([first.pk, revision.pk], [revision.pk, first.pk]):
        assert not problems(read(staff.post(SUBMISSION, several(keys))))
    delete_several(staff, [first.pk, revision.pk], "twice")
    assert list(Submission.objects.values_list("pk", flat=True)) == two[1:]


def test_all_stay_where_one_is_kept(two: list[int], staff: Client) -> None:
    first = Submission.objects.get(pk=two[0])
    factories.receives(first.state, "2008-01-01", symbol="CRC/C/OPSC/USA/1/Rev.1", revises=first)
    kept = (
        "The submission CRC/C/OPSC/USA/1 cannot be deleted, because other records refer to it: the submission "
        "CRC/C/OPSC/USA/1/Rev.1."
    )
    for answer in (
        staff.post(SUBMISSION, several(two)),
        staff.post(SUBMISSION, several(two, step="save", reason="twice")),
    ):
        assert problems(read(answer)) == [kept]
    assert Submission.objects.count() == 3
    assert not Submission.history.filter(history_type="-").exists()
    assert not LogEntry.objects.exists()
    assert factories.the_obligation(first.state, 2).answered_on is not None


def test_facts_of_several_states_are_told_state_by_state(two: list[int], staff: Client) -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2002-12-23")
    report = factories.receives(norway, "2005-06-03", symbol="CRC/C/OPSC/NOR/1")
    factories.derive(TODAY.isoformat(), norway)
    factories.a_contact(norway)
    assert told(delete_several(staff, [two[0], report.pk], "of another State")) == [
        "Norway: Initial report is no longer answered.",
        "United States of America: Initial report is no longer answered.",
        "1 reminder planned.",
        "2 submissions deleted: CRC/C/OPSC/NOR/1; CRC/C/OPSC/USA/1. Undo",
    ]


def test_a_list_of_other_things_has_no_such_action(usa: State, staff: Client) -> None:
    answer = staff.post("/admin/auth/group/", several([Group.objects.get(name="Viewer").pk]), follow=True)
    assert answer.status_code == 200
    assert Group.objects.filter(name="Viewer").exists()


# --- who may, and what cannot be deleted at all ---------------------------------------------------


@pytest.mark.parametrize(("role", "status"), [("Viewer", 302), ("Editor", 200), ("Administrator", 403)])
def test_only_who_may_delete_sees_the_first_step(role: str, status: int, usa: State) -> None:
    report = Submission.objects.get()
    client = in_role(role)
    address = f"{SUBMISSION}{report.pk}/delete/"
    assert client.get(address).status_code == status
    first = client.post(SUBMISSION, several([report.pk]))
    seen = first.context["steps"].mark if role == "Editor" else ""
    client.post(SUBMISSION, several([report.pk], step="save", seen=seen, reason="x"))
    assert Submission.objects.exists() == (role != "Editor")


@pytest.mark.parametrize("key", ["999999", "x", "99999999999999999999999", "%00"])
def test_what_is_not_there_is_not_deleted(key: str, usa: State, staff: Client) -> None:
    answer = staff.get(f"{SUBMISSION}{key}/delete/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert staff.post(f"{SUBMISSION}{key}/delete/", {"step": "save", "reason": "x"}).status_code == 302
    assert Submission.objects.count() == 1


def test_keys_that_are_none_delete_nothing(usa: State, staff: Client) -> None:
    sent = several(["x", "99999999999999999999999", "١", "\x00", "-1"], step="save", reason="x")
    answer = staff.post(SUBMISSION, sent, follow=True)
    assert answer.status_code == 200
    assert told(answer) == [
        "Items must be selected in order to perform actions on them. No items have been changed."
    ]
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("model", [Obligation, Reminder, Mail])
def test_what_is_derived_offers_no_delete(model: Any, usa: State, staff: Client) -> None:
    options = model._meta
    base = f"admin:{options.app_label}_{options.model_name}"
    for name in ("delete", "change", "changelist"):
        with pytest.raises(NoReverseMatch):
            reverse(f"{base}_{name}", args=[] if name == "changelist" else [1])
    assert not [
        one
        for one in addresses(get_resolver().url_patterns)
        if f"admin/{options.app_label}/{options.model_name}/" in one
    ]
    assert staff.get(f"/admin/{options.app_label}/{options.model_name}/1/delete/").status_code == 404


def test_no_action_takes_the_rows_that_the_page_does_not_show(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    norway = factories.a_state("NOR")
    for at in range(3):
        factories.a_contact(norway, f"{at}@example.org")
    monkeypatch.setattr(admin.site._registry[Contact], "list_per_page", 2)
    page = read(staff.get("/admin/registry/contact/"))
    actions = one_of(page, "div", class_="actions")
    assert words(one_of(actions, "span", class_="action-counter")) == "0 of 2 selected"
    assert "Select all" not in words(actions)
