"""Requests to confirm addresses, notices of changed ones, and the addresses that are doubtful."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tests import factories
from tracker.correspondence import addresses
from tracker.correspondence.models import Confirmation, ConfirmationRule, Dispatch
from tracker.correspondence.reach import reporting, unreachable
from tracker.correspondence.sending import send_due
from tracker.correspondence.text.address_mails import changed_message, confirm_message
from tracker.registry.models import Contact, State
from tracker.reminders.models import Bounce, Mail, StaffTask

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def today() -> Any:
    with time_machine.travel(datetime(2026, 11, 30, 9, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


def entered(contact: Contact, on: str) -> Contact:
    """The contact, as if it had been entered on a day."""
    at = datetime.fromisoformat(f"{on}T10:00:00+00:00")
    Contact.history.filter(id=contact.pk).update(history_date=at)
    return contact


def a_mission(iso3: str = "NOR", on: str = "2024-01-15", **fields: Any) -> Contact:
    state = factories.a_state(iso3)
    values = {"name": "Permanent Mission", "kind": "mission"} | fields
    return entered(factories.a_contact(state, f"mission.{iso3.lower()}@example.org", **values), on)


def asked() -> list[str]:
    return list(Dispatch.objects.filter(what="confirm").order_by("pk").values_list("recipient", flat=True))


def returned(address: str) -> None:
    """A mail to an address came back."""
    mail = Mail.objects.create(
        recipient=address, subject="s", text="t", message_id=f"<{address}>", sent_on=TODAY
    )
    bounce = Bounce.objects.create(
        kind="failed",
        mail=mail,
        recipient=address,
        status="5.1.1",
        digest=address,
        received_at=timezone.now(),
    )
    StaffTask.objects.create(kind="bounce", cause="1", mail=mail, bounce=bounce)


# --- asking -----------------------------------------------------------------------------------------


def test_a_contact_is_asked_a_year_after_it_was_entered_and_once() -> None:
    a_mission(on="2025-11-30")
    assert addresses.ask_due(date(2026, 11, 29)) == []
    [request] = addresses.ask_due(TODAY)
    assert (request.key, request.state) == (f"confirm|{request.contact_id}|2026-11-30", "planned")
    assert addresses.ask_due(TODAY) == addresses.ask_due(date(2027, 11, 29)) == []
    assert len(addresses.ask_due(date(2027, 11, 30))) == 1


def test_a_confirmation_puts_the_next_request_off_by_a_year() -> None:
    contact = a_mission()
    addresses.confirm(contact, how="phone", on=date(2026, 3, 1), source="Ms Lie", by="grace")
    assert addresses.ask_due(TODAY) == []
    assert len(addresses.ask_due(date(2027, 3, 1))) == 1


def test_a_confirmation_of_an_earlier_address_says_nothing_about_the_present_one() -> None:
    contact = a_mission()
    addresses.confirm(contact, how="phone", on=date(2026, 3, 1), source="Ms Lie")
    Contact.objects.filter(pk=contact.pk).update(email="new@example.org")
    Contact.history.filter(id=contact.pk).update(email="new@example.org")
    assert addresses.doubts_about([contact], TODAY) == {contact.pk: "Nobody has confirmed this address yet."}


def test_at_most_twenty_are_asked_on_a_day_the_longest_known_first() -> None:
    state = factories.a_state("NOR")
    for number in range(25):
        contact = factories.a_contact(state, f"c{number:02}@example.org", kind="ministry")
        entered(contact, f"2020-01-{25 - number:02}")
    assert [one.recipient for one in addresses.ask_due(TODAY)][:2] == ["c24@example.org", "c23@example.org"]
    assert addresses.ask_due(TODAY) == []
    assert len(addresses.ask_due(date(2026, 12, 1))) == 5


def test_nobody_is_asked_without_a_rule_or_where_mail_comes_back() -> None:
    a_mission("NOR", kind="other")
    a_mission("SWE", active=False)
    returned(a_mission("FIN").email)
    a_mission("ISL", kind="ministry")
    ConfirmationRule.objects.filter(kind="ministry").update(active=False)
    a_mission("DNK")
    addresses.ask_due(TODAY)
    assert asked() == ["mission.dnk@example.org"]


def test_where_mail_to_states_is_approved_requests_and_notices_wait(settings: Any) -> None:
    settings.REMINDERS_APPROVAL = "required"
    contact = a_mission()
    [request] = addresses.ask_due(TODAY)
    assert request.state == "held"
    assert send_due(TODAY)["sent"] == 0
    assert addresses.approve(Dispatch.objects.all(), by="ada") == [request.pk]
    assert send_due(TODAY)["sent"] == 1
    request.refresh_from_db()
    assert (request.state, request.decided_by, request.contact) == ("sent", "ada", contact)


def test_a_request_that_waits_is_cancelled_once_the_address_is_confirmed_or_changed() -> None:
    for iso3 in ("NOR", "SWE"):
        a_mission(iso3)
    first, second = addresses.ask_due(TODAY)
    addresses.confirm(first.contact, how="phone", on=TODAY, source="Ms Lie")
    Contact.objects.filter(pk=second.contact_id).update(email="new@example.org")
    assert addresses.cancel_outdated() == 2
    reasons = Dispatch.objects.order_by("pk").values_list("state", "reason")
    assert list(reasons) == [
        ("cancelled", "the address has been confirmed since"),
        ("cancelled", "the contact has changed since"),
    ]


def test_the_request_shows_the_data_and_a_link_and_no_more(settings: Any) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    contact = a_mission(office="Permanent Mission in Geneva", note="Do not call before ten.")
    factories.a_contact(contact.state, "other@example.org", name="Somebody Else")
    [request] = addresses.ask_due(TODAY)
    mail = confirm_message(request, TODAY)
    assert mail.subject == "Norway: please confirm your data (OPSC)"
    body = " ".join(str(mail.body).split())
    assert "* Name: Permanent Mission * Office: Permanent Mission in Geneva" in body
    assert "* E-mail: mission.nor@example.org * Language of our mails: English" in body
    assert "The link works until 29 May 2027." in body
    assert body.count("https://tracker.example.org/confirm/") == 1
    assert "Somebody" not in body
    assert "before ten" not in body
    assert confirm_message(request, TODAY).body == mail.body


# --- telling ----------------------------------------------------------------------------------------


def change(contact: Contact, email: str) -> None:
    contact.email = email
    contact.save()


def told() -> list[tuple[str, str]]:
    return [
        (row.about["part"], row.recipient) for row in Dispatch.objects.filter(what="changed").order_by("pk")
    ]


def test_a_changed_address_is_told_to_the_old_and_the_new_one_once(today: Any) -> None:
    contact = a_mission()
    change(contact, "new@example.org")
    assert addresses.tell_changes(timezone.now()) == []  # it may be corrected within ten minutes
    today.shift(timedelta(minutes=11))
    addresses.tell_changes(timezone.now())
    addresses.tell_changes(timezone.now())
    assert told() == [("old", "mission.nor@example.org"), ("new", "new@example.org")]


def test_of_a_change_that_was_undone_or_corrected_at_once_only_the_outcome_is_told(today: Any) -> None:
    undone, corrected = a_mission("NOR"), a_mission("SWE")
    change(undone, "wrong@example.org")
    change(corrected, "wrnog@example.org")
    today.shift(timedelta(minutes=5))
    change(undone, "mission.nor@example.org")
    change(corrected, "right@example.org")
    today.shift(timedelta(minutes=11))
    addresses.tell_changes(timezone.now())
    assert told() == [("old", "mission.swe@example.org"), ("new", "right@example.org")]


def test_very_many_changes_at_once_wait_for_a_person(today: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_A_DAY", 1)
    change(a_mission("NOR"), "new.nor@example.org")
    change(a_mission("SWE"), "new.swe@example.org")
    today.shift(timedelta(minutes=11))
    assert {row.state for row in addresses.tell_changes(timezone.now())} == {"held"}
    assert len(told()) == 4


def test_nobody_is_told_of_demonstrations_old_changes_and_other_fields(today: Any) -> None:
    a_demonstration, renamed, long_ago = (
        a_mission("NOR", is_demonstration=True),
        a_mission("SWE"),
        a_mission("FIN"),
    )
    change(a_demonstration, "new.nor@example.org")
    change(long_ago, "new.fin@example.org")
    renamed.name = "Mission of Sweden"
    renamed.save()
    before = datetime(2026, 11, 20, tzinfo=UTC)
    Contact.history.filter(id=long_ago.pk, email="new.fin@example.org").update(history_date=before)
    today.shift(timedelta(minutes=11))
    assert addresses.tell_changes(timezone.now()) == []


def test_the_old_address_learns_nothing_but_that_mail_goes_elsewhere(today: Any) -> None:
    contact = a_mission()
    contact.name = "Ms Lie"
    change(contact, "lie@example.org")
    today.shift(timedelta(minutes=11))
    old, new = addresses.tell_changes(timezone.now())
    to_old, to_new = (" ".join(str(changed_message(row, TODAY).body).split()) for row in (old, new))
    assert to_old.startswith("Dear colleague, Our mail about reports")
    assert "will no longer come to this address. State party: Norway." in to_old
    assert "Lie" not in to_old
    assert "lie@" not in to_old
    assert to_new.startswith("Dear Ms Lie, Our mail about reports")
    assert "mission.nor@" not in to_new


# --- doubts ----------------------------------------------------------------------------------------


def test_doubtful_addresses_say_why() -> None:
    bounced, never, lately, long_ago = (a_mission(one) for one in ("NOR", "SWE", "FIN", "ISL"))
    returned(bounced.email)
    addresses.confirm(lately, how="link", on=date(2026, 1, 1))
    addresses.confirm(long_ago, how="phone", on=date(2025, 3, 1), source="Ms Lie")
    assert addresses.doubts_about([bounced, never, lately, long_ago], TODAY) == {
        bounced.pk: "Mail to this address has been returned since 30 November 2026.",
        never.pk: "Nobody has confirmed this address yet.",
        long_ago.pk: "This address was last confirmed on 1 March 2025.",
    }


def test_doubts_take_two_queries_for_any_number_of_contacts(django_assert_num_queries: Any) -> None:
    contacts = [a_mission(one) for one in ("NOR", "SWE", "FIN")]
    with django_assert_num_queries(2):
        addresses.doubts_about(contacts, TODAY)


def test_states_that_cannot_be_reached_have_their_worst_reason() -> None:
    returned(a_mission("SWE").email)
    a_mission("FIN")
    a_mission("ISL", on="2026-10-01", kind="focal point")
    a_mission("DNK", on="2026-10-01")
    a_mission("NOR", active=False)
    for state in State.objects.all():
        factories.joins(state, on="2004-01-01")
    factories.a_state("USA")  # has joined nothing
    found = unreachable(reporting().order_by("pk"), TODAY)
    assert [(row.pk, row.gap.value, row.contacts) for row in found] == [
        ("FIN", "unconfirmed", 1),
        ("ISL", "no mission", 1),
        ("NOR", "no contact", 0),
        ("SWE", "returned", 1),
    ]


def test_the_same_confirmation_is_recorded_once() -> None:
    contact = a_mission()
    for _twice in range(2):
        addresses.confirm(contact, how="phone", on=TODAY, source="Ms Lie", by="ada")
    assert Confirmation.objects.count() == 1
