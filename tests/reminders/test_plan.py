"""Planning: due by now, not in the ledger, and only the latest stage."""

import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.reminders.helpers import (
    TODAY,
    a_state_owing,
    a_state_reporting,
    answered,
    as_sent,
    ledger,
    moved,
    planned,
    the_row,
)
from tracker.obligations.models import Obligation
from tracker.registry.models import Contact, State
from tracker.reminders import attention
from tracker.reminders.models import Bounce, Mail, Reminder, ReminderRule, ReminderState
from tracker.reminders.plan import plan
from tracker.reminders.send import approve

NOR = "mission@example.org"

# For a report due on 15 June 2026.
SHIPPED_STAGES = {
    "12 months before": "2025-06-15",
    "6 months before": "2025-12-15",
    "3 months before": "2026-03-15",
    "1 month before": "2026-05-15",
    "on the day": "2026-06-15",
    "1 month after": "2026-07-15",
    "3 months after": "2026-09-15",
    "6 months after": "2026-12-15",
    "12 months after": "2027-06-15",
    "2 years after": "2028-06-15",
    "3 years after": "2029-06-15",
}


def test_each_shipped_stage_is_planned_on_its_day_and_not_before():
    a_state_owing("NOR", "2026-06-15", NOR)
    for stage, on in SHIPPED_STAGES.items():
        assert planned(date.fromisoformat(on) - timedelta(days=1)) == [], stage
        assert planned(on) == [f"NOR {stage}, {NOR}"]
        assert planned(on) == []


def test_after_an_outage_only_the_newest_stage_is_planned():
    a_state_owing("NOR", "2026-06-15", NOR)
    assert planned("2025-12-15") == [f"NOR 6 months before, {NOR}"]
    assert planned("2026-07-20") == [f"NOR 1 month after, {NOR}"]
    assert ledger() == [f"NOR 6 months before, {NOR}: overtaken", f"NOR 1 month after, {NOR}: planned"]


def test_on_the_first_day_a_report_nine_years_overdue_gets_one_yearly_reminder():
    a_state_owing("NOR", "2017-02-10", NOR)
    assert planned() == [f"NOR 9 years after, {NOR}"]
    assert the_row().stage_on == date(2026, 2, 10)
    assert the_row().due_on == date(2017, 2, 10)


def test_planning_twice_plans_nothing_the_second_time():
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2017-02-10", "ministry@example.org")
    assert len(planned()) == 2
    assert planned() == []
    assert Reminder.objects.count() == 2


def test_a_dry_run_says_the_same_and_writes_nothing():
    state = a_state_owing("NOR", "2026-06-15", NOR)
    assert planned() == [f"NOR 3 months before, {NOR}"]
    moved(state, "2026-04-10")
    found = plan(TODAY, dry_run=True)
    assert [row.stage for row in found.planned] == ["1 month before"]
    assert found.cancelled == 1
    assert ledger() == [f"NOR 3 months before, {NOR}: planned"]


def test_a_rule_may_count_days_and_be_for_one_kind_of_report():
    ReminderRule.objects.update(active=False)
    ReminderRule.objects.create(days=-10, kind="initial")
    ReminderRule.objects.create(days=-20, kind="periodic")
    a_state_owing("NOR", "2026-03-26", NOR)
    assert planned("2026-03-15") == []
    assert planned("2026-03-16") == [f"NOR 10 days before, {NOR}"]


# --- no reminders ------------------------------------------------------------------------------


def test_nothing_is_planned_before_the_records_begin():
    a_state_owing("NOR", "2017-02-10", NOR, records_from="2018-01-01")
    assert planned() == []


def test_a_report_under_the_crc_is_reminded_of_by_the_date_that_a_document_states():
    a_state_reporting("JPN", "2026-06-15", NOR)
    assert planned() == [f"JPN 3 months before, {NOR}"]
    row = the_row()
    assert (row.obligation.cycle, row.obligation.last_cycle, row.due_on) == (6, 7, date(2026, 6, 15))


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ({"due": None}, "date not recorded"),
        ({"due": None, "outcome": "to be communicated"}, "to be communicated"),
        ({"due": None, "outcome": "waived"}, "waived"),
    ],
    ids=["not recorded", "to be communicated", "waived"],
)
@pytest.mark.parametrize("today", [TODAY, None], ids=["today", "any day"])
def test_nothing_is_planned_for_a_report_under_the_crc_without_a_date(stated, status, today):
    stated = dict(stated)
    state = a_state_reporting("JPN", stated.pop("due"), NOR, **stated)
    assert status in statuses(state)
    assert plan(TODAY, today=today).planned == []


def test_nothing_is_planned_where_no_record_of_reports_under_the_crc_is_kept():
    state = a_state_reporting("JPN", "2024-11-21", NOR)
    State.objects.filter(pk=state.pk).update(carried_records_from=None)
    assert statuses(state) == ["received late", "no record"]
    assert planned() == []
    State.objects.filter(pk=state.pk).update(carried_records_from=date(2000, 1, 1))
    assert planned() == [f"JPN 12 months after, {NOR}"]


def test_nothing_is_planned_for_a_report_that_was_received():
    answered(a_state_owing("NOR", "2017-02-10", NOR), on="2026-01-10")
    assert planned() == []


# --- changed facts -----------------------------------------------------------------------------


def test_a_changed_date_cancels_the_reminder_and_plans_one_for_the_new_date(norway):
    moved(norway, "2026-04-10")
    found = plan(TODAY)
    assert (found.cancelled, [row.stage for row in found.planned]) == (1, ["1 month before"])
    assert ledger() == [f"NOR 3 months before, {NOR}: cancelled", f"NOR 1 month before, {NOR}: planned"]
    assert list(Reminder.objects.order_by("pk").values_list("due_on", "reason")) == [
        (date(2026, 6, 15), "the due date of this report has changed"),
        (date(2026, 4, 10), ""),
    ]


def test_a_date_that_changes_back_revives_its_reminder(norway):
    decision = moved(norway, "2026-04-10")
    planned()
    decision.delete()
    factories.derive("2026-03-16", norway)
    assert planned() == [f"NOR 3 months before, {NOR}"]
    assert ledger() == [f"NOR 3 months before, {NOR}: planned", f"NOR 1 month before, {NOR}: cancelled"]
    assert Reminder.objects.get(state="planned").reason == ""


def test_a_reminder_that_was_sent_is_not_revived_when_its_date_changes_back(norway):
    as_sent(the_row(), TODAY)
    decision = moved(norway, "2026-09-20")
    planned()
    decision.delete()
    factories.derive("2026-03-16", norway)
    assert planned("2026-05-01") == []
    assert ledger()[0] == f"NOR 3 months before, {NOR}: sent"


def test_a_report_received_cancels_the_reminder(norway):
    answered(norway)
    found = plan(TODAY)
    assert (found.cancelled, found.planned) == (1, [])
    assert ledger() == [f"NOR 3 months before, {NOR}: cancelled"]


@pytest.mark.parametrize("state", ["planned", "held", "failed"])
def test_a_later_stage_overtakes_whatever_still_waits(norway, state):
    Reminder.objects.update(state=state)
    assert planned("2026-05-15") == [f"NOR 1 month before, {NOR}"]
    assert ledger() == [f"NOR 3 months before, {NOR}: overtaken", f"NOR 1 month before, {NOR}: planned"]


def test_a_later_stage_leaves_what_went_out_as_it_is(norway):
    as_sent(the_row(), TODAY)
    planned("2026-05-15")
    assert ledger() == [f"NOR 3 months before, {NOR}: sent", f"NOR 1 month before, {NOR}: planned"]


def test_a_later_stage_waits_while_an_earlier_one_is_being_sent(norway):
    Reminder.objects.update(state="claimed", claim=uuid.uuid4(), claimed_at=timezone.now())
    assert planned("2026-05-15") == []


def test_a_rule_that_is_switched_off_takes_its_waiting_reminders_with_it(norway):
    ReminderRule.objects.filter(months=-3).update(active=False)
    assert planned() == [f"NOR 6 months before, {NOR}"]
    assert ledger()[0] == f"NOR 3 months before, {NOR}: cancelled"


def test_a_rule_that_is_switched_off_does_not_bring_back_an_earlier_stage(norway):
    as_sent(the_row(), TODAY)
    ReminderRule.objects.filter(months=-3).update(active=False)
    assert planned("2026-05-01") == []


def test_without_any_active_rule_nothing_is_planned():
    a_state_owing("NOR", "2026-06-15", NOR)
    ReminderRule.objects.update(active=False)
    assert planned() == []


# --- the quiet days ---------------------------------------------------------------------------


def test_fourteen_days_lie_between_two_mails_about_the_same_report():
    state = a_state_owing("NOR", "2026-06-15", NOR)
    planned("2026-03-16")
    as_sent(the_row(), date(2026, 3, 16))
    moved(state, "2026-04-10")
    assert planned("2026-03-16") == []
    assert planned("2026-03-29") == []
    assert planned("2026-03-30") == [f"NOR 1 month before, {NOR}"]


def test_the_quiet_days_count_for_a_mail_that_may_have_gone_out():
    state = a_state_owing("NOR", "2026-06-15", NOR)
    planned("2026-03-16")
    Reminder.objects.update(state=ReminderState.UNKNOWN, handed_over_at=timezone.now())
    moved(state, "2026-04-10")
    assert planned("2026-03-29") == []
    assert planned("2026-03-30") == [f"NOR 1 month before, {NOR}"]


def test_the_quiet_days_of_one_recipient_do_not_silence_another(norway):
    as_sent(the_row(), TODAY)
    factories.a_contact(norway, "ministry@example.org")
    assert planned() == ["NOR 3 months before, ministry@example.org"]


# --- recipients --------------------------------------------------------------------------------


def test_a_contact_that_is_not_active_is_not_written_to():
    state = a_state_owing("NOR", "2026-06-15")
    factories.a_contact(state, "old@example.org", active=False)
    factories.a_contact(state, "new@example.org")
    assert planned() == ["NOR 3 months before, new@example.org"]


@pytest.mark.parametrize(
    "change",
    [
        lambda contact: contact.update(active=False),
        lambda contact: contact.update(email="elsewhere@example.org", active=False),
        lambda contact: contact.update(state=factories.a_state("ISL")),
        lambda contact: contact.delete(),
    ],
    ids=["inactive", "another address", "another State", "deleted"],
)
def test_a_reminder_is_cancelled_when_its_contact_is_one_no_more(norway, change):
    change(Contact.objects.filter(email=NOR))
    found = plan(TODAY)
    assert (found.cancelled, found.planned) == (1, [])
    assert the_row().reason == "the reminder rule or the recipient is no longer active"


def test_a_contact_that_comes_back_is_written_to_under_the_name_recorded_now(norway):
    Contact.objects.all().delete()
    planned()
    contact = factories.a_contact(norway, NOR, name="Ambassador Berg")
    assert planned() == [f"NOR 3 months before, {NOR}"]
    assert (the_row().recipient_name, the_row().contact) == ("Ambassador Berg", contact)


def test_a_new_address_is_written_to_instead_of_the_old_one():
    a_state_owing("NOR", "2026-06-15", "old@example.org")
    planned()
    Contact.objects.update(email="new@example.org")
    assert planned() == ["NOR 3 months before, new@example.org"]
    assert ledger()[0] == "NOR 3 months before, old@example.org: cancelled"


def test_an_address_counts_once_however_it_is_written():
    state = a_state_owing("NOR", "2026-06-15", "Mission@Example.org", "mission@example.ORG")
    assert planned() == [f"NOR 3 months before, {NOR}"]
    Contact.objects.filter(state=state, email="Mission@Example.org").update(email="MISSION@example.org")
    assert planned() == []


def test_a_contact_of_several_states_has_a_row_for_each():
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2017-02-10", NOR)
    assert planned() == [f"ISL 9 years after, {NOR}", f"NOR 3 months before, {NOR}"]


def test_states_without_a_contact_are_listed():
    a_state_owing("NOR", "2026-06-15")
    a_state_owing("ISL", "2017-02-10")
    a_state_owing("DNK", "2017-02-10", NOR)
    a_state_owing("SWE", "2029-06-15")  # no stage reached yet
    found = plan(TODAY)
    assert [state.name for state in found.without_contact] == ["Iceland", "Norway"]
    assert [row.obligation.state_id for row in found.planned] == ["DNK"]


def test_a_desk_officer_does_not_hide_that_a_state_has_no_contact():
    a_state_owing("NOR", "2017-02-10", desk_officer=factories.an_officer())
    found = plan(TODAY)
    assert [row.recipient for row in found.planned] == ["ada@example.org"]
    assert [state.pk for state in found.without_contact] == ["NOR"]


def test_a_rule_for_the_desk_needs_no_contact():
    ReminderRule.objects.update(audience="desk")
    a_state_owing("NOR", "2026-06-15", desk_officer=factories.an_officer())
    found = plan(TODAY)
    assert [row.recipient for row in found.planned] == ["ada@example.org"]
    assert found.without_contact == []


def test_the_desk_officer_is_told_from_a_month_after_the_due_date_on():
    a_state_owing("NOR", "2026-03-10", NOR, desk_officer=factories.an_officer())
    assert planned("2026-03-16") == [f"NOR on the day, {NOR}"]
    assert planned("2026-04-10") == ["NOR 1 month after, ada@example.org", f"NOR 1 month after, {NOR}"]
    assert Reminder.objects.get(recipient="ada@example.org").contact is None


def test_a_desk_officer_who_left_is_not_written_to():
    a_state_owing("NOR", "2017-02-10", NOR, desk_officer=factories.an_officer(is_active=False))
    assert planned() == [f"NOR 9 years after, {NOR}"]


def test_a_very_long_name_stops_nobody():
    officer = factories.an_officer(first_name="A" * 150, last_name="B" * 150)
    a_state_owing("NOR", "2017-02-10", desk_officer=officer)
    assert planned() == ["NOR 9 years after, ada@example.org"]


# --- approval ---------------------------------------------------------------------------------


def test_mail_to_a_state_awaits_approval_and_mail_to_the_desk_does_not(settings):
    settings.REMINDERS_APPROVAL = "required"
    a_state_owing("NOR", "2017-02-10", NOR, desk_officer=factories.an_officer())
    planned()
    assert the_row(NOR).state == "held"
    assert the_row("ada@example.org").state == "planned"


def test_approval_releases_what_awaits_it_and_nothing_else(settings):
    settings.REMINDERS_APPROVAL = "required"
    state = a_state_owing("NOR", "2017-02-10", NOR, "ministry@example.org")
    planned()
    Contact.objects.filter(state=state, email=NOR).update(active=False)
    planned()
    assert approve(Reminder.objects.all(), by="ada") == 1
    assert the_row("ministry@example.org").state == "planned"
    assert the_row("ministry@example.org").approved_by == "ada"
    assert the_row(NOR).state == "cancelled"
    assert the_row(NOR).approved_by == ""


# --- what the database refuses ----------------------------------------------------------------


def test_a_run_takes_as_many_queries_for_one_state_as_for_four():
    taken = []
    for number, iso3 in enumerate(["NOR", "ISL", "DNK", "SWE"], start=1):
        a_state_owing(iso3, "2026-06-15", f"{iso3.lower()}@example.org")
        with CaptureQueriesContext(connection) as new:
            assert plan(TODAY).count == 1
        with CaptureQueriesContext(connection) as nothing_new:
            assert plan(TODAY).count == 0
        assert Reminder.objects.count() == number
        taken.append((len(new), len(nothing_new)))
    # With the first there is nothing in the ledger yet to look at.
    assert taken[1] == taken[2] == taken[3]
    assert taken[1][0] <= 28


def test_a_rule_for_one_kind_beside_one_for_all_on_the_same_day_writes_once():
    a_state_owing("NOR", "2026-06-15", NOR)
    assert planned() == [f"NOR 3 months before, {NOR}"]
    as_sent(the_row(), on=date(2026, 3, 16))
    ReminderRule.objects.create(months=-3, kind="initial")
    assert planned("2026-04-20") == []


def test_mail_that_came_back_holds_the_next_reminder_for_a_person_to_look_at(norway):
    as_sent(the_row(), on=TODAY)
    mail = Mail.objects.get()
    bounce = Bounce.objects.create(
        kind=Bounce.Kind.FAILED,
        mail=mail,
        recipient=NOR,
        status="5.1.1",
        diagnostic="550 user unknown",
        digest="1",
        received_at=timezone.now(),
    )
    attention.about_bounce(bounce)
    assert planned("2026-05-15") == [f"NOR 1 month before, {NOR}"]
    held = Reminder.objects.get(stage_words="1 month before")
    assert (held.state, held.reason) == ("held", "an earlier mail to this address was returned")


def test_the_database_refuses_a_second_row_of_the_same_key(norway):
    row = the_row()
    row.pk = None
    with pytest.raises(IntegrityError, match=r"reminder_once|UNIQUE"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("reminder_sent_has_proof", {"state": "sent"}),
        ("reminder_sent_has_proof", {"state": "sent", "sent_at": "2026-03-16T09:00Z"}),
        ("reminder_claim_complete", {"state": "claimed"}),
    ],
)
def test_the_database_refuses_a_state_without_its_proof(norway, constraint, values):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Reminder.objects.update(**values)


def test_the_database_keeps_obligations_that_were_written_about(norway):
    with pytest.raises(IntegrityError), transaction.atomic():
        Obligation.objects.all().delete()


def statuses(state: State, day: str = "2026-03-16") -> list[str]:
    """The statuses of what a State owes on a day, in the order of the treaty's calendar."""
    rows = Obligation.objects.as_of(date.fromisoformat(day)).filter(state=state)
    return list(rows.order_by("computed_on", "pk").values_list("status", flat=True))
