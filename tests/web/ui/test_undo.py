"""Messages name what changed, and offer to undo it to users who may."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role
from tests.web.pages import (
    all_of,
    in_two_steps,
    links,
    messages,
    one_of,
    problems,
    read,
    version_shown,
    words,
)
from tracker.obligations.models import NonReceipt
from tracker.obligations.queries.uncertain import without_record
from tracker.registry.models import Contact, State, TreatyAction
from tracker.reminders.models import Reminder
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db


def way_back(answer: Any) -> str:
    """The target of the undo link in the messages."""
    return links(one_of(read(answer), "ul", class_="messages"))["Undo …"]


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


def test_what_was_recorded_is_undone_on_the_page_that_deletes_it(norway: State) -> None:
    editor = in_role("Editor")
    answer = recorded(
        editor, "/states/NOR/record-deposit/", treaty="CRC", kind="ratification", date="1991-01-08"
    )
    assert messages(read(answer))[0] == "Recorded for Norway: the CRC ratification. Undo …"
    action = TreatyAction.objects.get(treaty="CRC")
    assert way_back(answer) == f"/admin/registry/treatyaction/{action.pk}/delete/"
    asked = editor.get(way_back(answer))
    assert "Nothing is deleted yet." in words(one_of(read(asked), "main"))
    deleted = in_two_steps(editor, way_back(answer), reason="entered by mistake")
    assert not TreatyAction.objects.filter(treaty="CRC").exists()
    # And back again: what was deleted is restored.
    restored = editor.get(way_back(deleted))
    assert words(one_of(read(restored), "h1")) == "Restore the CRC ratification"


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
    before = action.history.last()
    assert way_back(answer) == f"/history/treaty-action/{before.history_id}/restore/"
    in_two_steps(staff, way_back(answer), reason="the wrong notification")
    action.refresh_from_db()
    assert (action.date.isoformat(), action.confidence) == ("1991-01-08", "memory")


def test_a_change_in_the_admin_is_undone_by_restoring_the_version_before(
    norway: State, staff: Client
) -> None:
    contact = factories.a_contact(norway)
    values = {"state": "NOR", "name": "Ms Lie", "email": "lie@example.org", "copy": "to", "active": "on"}
    address = f"/admin/registry/contact/{contact.pk}/change/"
    answer = staff.post(address, values | version_shown(staff, address), follow=True)
    assert problems(read(answer)) == []
    assert Contact.objects.get().name == "Ms Lie"
    assert way_back(answer) == f"/history/contact/{contact.history.last().history_id}/restore/"


def test_several_rows_saved_at_once_are_undone_in_the_history(norway: State, staff: Client) -> None:
    factories.receives(norway, "2026-05-01")
    factories.receives(norway, "2026-05-02", kind="periodic", cycles="2")
    pks = list(norway.submissions.order_by("pk").values_list("pk", flat=True))
    values = {"action": "delete_selected", "_selected_action": pks, "reason": "twice"}
    preview = read(staff.post("/admin/obligations/submission/", values))
    seen = one_of(preview, "input", name="seen").attributes["value"]
    answer = staff.post(
        "/admin/obligations/submission/", values | {"step": "save", "seen": seen}, follow=True
    )
    found = links(one_of(read(answer), "ul", class_="messages"))
    assert found["Undo in the history …"] == "/states/NOR/history/"


def test_nobody_is_offered_to_undo_what_they_may_not(norway: State) -> None:
    editor = in_role("Editor")  # who may add States, and delete none
    values = {"iso3": "SWE", "name": "Sweden", "region": "WEOG", "language": "en"}
    answer = editor.post("/admin/registry/state/add/", values, follow=True)
    assert messages(read(answer)) == ["The State “Sweden” was added successfully."]


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
    address, sent = button(answer)
    assert address == "/admin/obligations/nonreceipt/"
    preview = read(staff.post(address, sent))
    assert NonReceipt.objects.count() == 2
    assert "2 records will be deleted, all of them or none." in words(one_of(preview, "main"))
    seen = one_of(preview, "input", name="seen").attributes["value"]
    staff.post(address, sent | {"step": "save", "seen": seen, "reason": "the letter speaks of another State"})
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
