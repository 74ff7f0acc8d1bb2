"""Messages name what changed, and offer to undo it to users who may."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import (
    all_of,
    in_two_steps,
    messages,
    one_of,
    press_undo,
    problems,
    read,
    version_shown,
    words,
)
from tracker.obligations.models import NonReceipt
from tracker.obligations.queries.uncertain import without_record
from tracker.registry.models import Amendment, AmendmentPosition, Contact, State, TreatyAction
from tracker.reminders.models import Reminder
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db


def button(answer: Any) -> tuple[str, dict[str, Any]]:
    """The target of the button in the messages, and what it sends."""
    form = one_of(one_of(read(answer), "ul", class_="messages"), "form")
    sent: dict[str, list[str]] = {}
    for field in all_of(form, "input"):
        sent.setdefault(field.attributes["name"], []).append(field.attributes["value"])
    return form.attributes["action"], sent


@pytest.fixture
def norway() -> State:
    state = factories.a_state("NOR", region="WEOG")
    factories.joins(state, on="2025-04-10")
    factories.derive(TODAY.isoformat())
    return state


def recorded(client: Client, address: str, **values: Any) -> Any:
    """The response after previewing and saving."""
    values |= version_shown(client, address)
    looked = client.post(address, values | {"step": "look"})
    seen = one_of(read(looked), "input", name="seen").attributes["value"]
    return client.post(address, values | {"step": "save", "seen": seen}, follow=True)


# --- facts ----------------------------------------------------------------------------------------


def test_what_was_recorded_is_deleted_by_one_click_and_recorded_again_by_another(norway: State) -> None:
    editor = in_role("Editor")
    answer = recorded(
        editor, "/states/NOR/record-deposit/", treaty="CRC", kind="ratification", date="1991-01-08"
    )
    assert messages(read(answer))[0] == "Recorded for Norway: the CRC ratification. Undo"
    gone = press_undo(editor, answer)
    assert gone.redirect_chain == [("/states/NOR/", 302)]
    assert messages(read(gone))[0].startswith("Undone: The CRC ratification is deleted. ")
    assert not TreatyAction.objects.filter(treaty="CRC").exists()
    again = press_undo(editor, gone)
    assert messages(read(again))[0].startswith("Undone: The CRC ratification is recorded again. ")
    assert TreatyAction.objects.get(treaty="CRC").date.isoformat() == "1991-01-08"


def test_what_was_settled_is_undone_by_restoring_the_version_before(norway: State, staff: Client) -> None:
    action = factories.joins(norway, "CRC", "1991-01-08", confidence="memory")
    answer = recorded(
        staff,
        f"/to-confirm/days/action/{action.pk}/",
        date="1991-01-09",
        source="C.N. 12",
        confidence="one-source",
    )
    assert messages(read(answer))[0].startswith(
        "Norway: ratification of the CRC: the day is saved with its source."
    )
    assert press_undo(staff, answer).redirect_chain == [("/to-confirm/days/", 302)]
    action.refresh_from_db()
    assert (action.date.isoformat(), action.confidence, action.source) == ("1991-01-08", "memory", "")
    assert action.history.first().history_change_reason == "Undone."


def test_a_change_in_the_admin_is_undone_and_leads_back_to_its_list(norway: State, staff: Client) -> None:
    contact = factories.a_contact(norway)
    values = {
        "state": "NOR",
        "name": "Ms Lie",
        "email": "lie@example.org",
        "kind": "focal point",
        "copy": "to",
        "active": "on",
    }
    address = f"/admin/registry/contact/{contact.pk}/change/"
    answer = staff.post(address, values | version_shown(staff, address), follow=True)
    assert problems(read(answer)) == []
    assert Contact.objects.get().name == "Ms Lie"
    assert press_undo(staff, answer).redirect_chain == [("/admin/registry/contact/", 302)]
    assert Contact.objects.get().name == contact.name


def test_several_rows_deleted_at_once_are_recorded_again_with_their_references(
    norway: State, staff: Client
) -> None:
    first = factories.receives(norway, "2026-05-01")
    second = factories.receives(norway, "2026-05-02", revises=first, symbol="CRC/C/OPSC/NOR/1/Rev.1")
    values = {"action": "delete_selected", "_selected_action": [first.pk, second.pk], "reason": "twice"}
    preview = read(staff.post("/admin/obligations/submission/", values))
    seen = one_of(preview, "input", name="seen").attributes["value"]
    answer = staff.post(
        "/admin/obligations/submission/", values | {"step": "save", "seen": seen}, follow=True
    )
    assert not norway.submissions.exists()
    press_undo(staff, answer)
    assert norway.submissions.get(pk=second.pk).revises == first


def test_an_amendment_is_recorded_again_with_the_positions_on_it(norway: State, staff: Client) -> None:
    amendment = factories.proposes(norway, on="2026-01-15", communicated_on="2026-01-20")
    position = factories.answers(amendment, norway, "2026-02-01")
    deleted = in_two_steps(staff, f"/admin/registry/amendment/{amendment.pk}/delete/", reason="twice")
    assert not AmendmentPosition.objects.exists()
    assert messages(read(press_undo(staff, deleted))) == [
        (
            "Undone: The amendment “Amendment to article 12, paragraph 2” is recorded again. The position of Norway on "
            "the amendment “Amendment to article 12, paragraph 2” is recorded again. Redo"
        )
    ]
    assert AmendmentPosition.objects.get().pk == position.pk


def test_what_others_refer_to_by_now_is_not_deleted(norway: State, staff: Client) -> None:
    values = {
        "state": "NOR",
        "treaty": "OPSC",
        "title": "Article 12",
        "proposed_by": "NOR",
        "proposed_on": "2026-01-15",
    }
    answer = staff.post("/admin/registry/amendment/add/", values, follow=True)
    factories.answers(Amendment.objects.get(), norway, "2026-02-01")
    assert messages(read(press_undo(staff, answer))) == [
        "Nothing was undone. Other records refer to it by now."
    ]
    assert Amendment.objects.exists()


def test_nobody_is_offered_to_undo_what_they_may_not(norway: State) -> None:
    editor = in_role("Editor")  # who may add States, and delete none
    values = {"iso3": "SWE", "name": "Sweden", "region": "WEOG", "language": "en", "mails": "automatic"}
    answer = editor.post("/admin/registry/state/add/", values, follow=True)
    assert messages(read(answer)) == ["The State “Sweden” was added successfully."]


@pytest.fixture
def deposit(norway: State) -> tuple[Client, str, dict[str, Any]]:
    """An editor who has just recorded a deposit, and the button that undoes it."""
    editor = in_role("Editor")
    answer = recorded(
        editor, "/states/NOR/record-deposit/", treaty="CRC", kind="ratification", date="1991-01-08"
    )
    return editor, *button(answer)


def refusal(client: Client, deposit: Any) -> str:
    """The answer to the button; the deposit stays."""
    _editor, address, sent = deposit
    said = messages(read(client.post(address, sent, follow=True)))
    assert TreatyAction.objects.filter(treaty="CRC").exists()
    return said[-1]


def test_a_change_by_someone_else_since_is_not_press_undo(deposit: Any, staff: Client) -> None:
    action = TreatyAction.objects.get(treaty="CRC")
    action._history_user = get_user_model().objects.get(username="ada")
    action.note = "Read in the notification"
    action.save()
    assert refusal(deposit[0], deposit) == (
        "Nothing was undone. ada has changed or deleted the CRC ratification since (22 November 2026, 09:00 UTC)."
    )


def test_a_change_is_undone_for_ten_minutes(deposit: Any, clock: Any) -> None:
    clock.shift(timedelta(minutes=10, seconds=1))
    assert refusal(deposit[0], deposit) == (
        "Nothing was undone. More than ten minutes have passed. Restore the earlier version in the history instead."
    )


def test_another_person_undoes_nothing(deposit: Any) -> None:
    assert refusal(in_role("Editor", "eva"), deposit) == (
        "Nothing was undone. Only the person who saved it can undo it with this button; use the history instead."
    )


def test_who_has_lost_the_role_undoes_nothing(deposit: Any) -> None:
    editor, address, sent = deposit
    get_user_model().objects.get(username="rolf").groups.set([Group.objects.get(name="Approver")])
    assert editor.post(address, sent).status_code == 403
    assert TreatyAction.objects.filter(treaty="CRC").exists()


def test_who_has_lost_the_desk_undoes_nothing(deposit: Any, settings: Any) -> None:
    editor, address, sent = deposit
    settings.DESK_LIMITS = True
    answer = editor.post(address, sent)
    assert answer.status_code == 403
    assert "on your desk" in answer.content.decode()
    assert TreatyAction.objects.filter(treaty="CRC").exists()


@pytest.mark.parametrize("sent", ["", "x", "treaty-action.", "treaty-action.-1", "no-such.1", "state.999999"])
def test_changes_that_are_none_undo_nothing(sent: str, staff: Client) -> None:
    answer = staff.post("/undo/", {"changes": sent, "next": "https://example.org/"}, follow=True)
    assert answer.redirect_chain[0] == ("/", 302)
    assert messages(read(answer)) == ["Nothing was undone. The change is no longer recorded."]


# --- non-receipt ----------------------------------------------------------------------------------


def test_confirmations_of_non_receipt_are_undone_together(staff: Client) -> None:
    benin = factories.a_state("BEN", records_from="2025-12-04")
    factories.joins(benin, on="2005-01-31")
    factories.derive(TODAY.isoformat())
    picked = list(without_record(TODAY).values_list("pk", flat=True)[:2])
    answer = recorded(
        staff, "/to-confirm/non-receipt/", pick=picked, not_received_by="2026-11-20", source="Letter"
    )
    assert NonReceipt.objects.count() == 2
    assert press_undo(staff, answer).redirect_chain == [("/to-confirm/", 302)]
    assert not NonReceipt.objects.exists()


# --- approval -------------------------------------------------------------------------------------


@pytest.fixture
def held(settings: Any) -> list[int]:
    """Five States whose mails await approval."""
    settings.REMINDERS_APPROVAL = "required"
    for iso3 in ("NOR", "SWE", "FIN", "DNK", "ISL"):
        state = factories.a_state(iso3)
        factories.joins(state, on="2025-04-10")
        factories.a_contact(state, f"{iso3.lower()}@example.org")
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    return list(Reminder.objects.order_by("recipient").values_list("pk", flat=True))


def states_of_mails() -> list[str]:
    return list(Reminder.objects.order_by("recipient").values_list("state", flat=True))


def test_an_approval_is_undone_at_once_and_leads_back_to_the_list(held: list[int], staff: Client) -> None:
    answer = staff.post("/reminders/approve/", {"pick": held, "list": "state=held"}, follow=True)
    assert answer.redirect_chain == [("/reminders/?state=held", 302)]
    (said,) = messages(read(answer))
    assert said.startswith(
        "5 reminders to Denmark; Finland; Iceland; and 2 more approved; they will be sent "
    )
    assert said.endswith("with the next run, at 09:15 UTC. Undo")
    address, sent = button(answer)
    undone = staff.post(address, sent, follow=True)
    assert messages(read(undone)) == [
        "5 reminders to Denmark; Finland; Iceland; and 2 more await approval again."
    ]
    assert states_of_mails() == ["held"] * 5
    assert set(Reminder.objects.values_list("approved_by", flat=True)) == {""}


def test_what_a_run_has_taken_stays_approved(held: list[int], staff: Client) -> None:
    address, sent = button(staff.post("/reminders/approve/", {"pick": held[:2]}, follow=True))
    Reminder.objects.filter(pk=held[0]).update(state="dead")
    undone = staff.post(address, sent, follow=True)
    assert messages(read(undone)) == [
        "1 reminder to Finland awaits approval again.",
        "1 reminder cannot be held again: it was sent, is being sent, or was changed by someone else.",
    ]
    assert states_of_mails() == ["dead", "held", "held", "held", "held"]


@pytest.mark.parametrize("keys", ["", "x", "-1", "9" * 30, "\0", "999999999"])
def test_keys_that_name_nothing_undo_nothing(keys: str, held: list[int], staff: Client) -> None:
    staff.post("/reminders/approve/", {"pick": held})
    answer = staff.post("/reminders/approve/undo/", {"keys": keys}, follow=True)
    assert messages(read(answer))[-1] == "Nothing was undone: these reminders are no longer approved."
    assert states_of_mails() == ["planned"] * 5


def test_only_who_approves_undoes_an_approval(held: list[int], staff: Client) -> None:
    staff.post("/reminders/approve/", {"pick": held})
    sent = {"keys": ",".join(map(str, held))}
    assert in_role("Editor").post("/reminders/approve/undo/", sent).status_code == 403
    assert states_of_mails() == ["planned"] * 5


def test_a_name_with_markup_stays_text(staff: Client) -> None:
    factories.a_state("NOR", name="<b>Norway</b>")
    contact = factories.a_contact(State.objects.get(), name="<i>Ms Lie</i>")
    answer = in_two_steps(staff, f"/admin/registry/contact/{contact.pk}/delete/", reason="left")
    box = one_of(read(answer), "ul", class_="messages")
    assert not all_of(box, "i")
    assert "<i>Ms Lie</i>" in words(box)
