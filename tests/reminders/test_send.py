"""Sending: one mail per recipient and run, and an exact record of the result."""

import smtplib
import uuid
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from faults.jobs import writes
from harness.smtp import running
from tests import factories
from tests.reminders.helpers import (
    TODAY,
    Died,
    Sink,
    a_state_owing,
    answered,
    free_port,
    ledger,
    minutes,
    moved,
    planned,
    text_of,
    the_row,
)
from tracker.obligations.models import Obligation
from tracker.reminders import attention, delivery, scanning, send
from tracker.reminders.backends import AnswerKeepingBackend
from tracker.reminders.delivery import PAUSES, Delivery, DeliveryOutcome, hand_over
from tracker.reminders.models import Mail, Reminder, ReminderState, StaffTask
from tracker.reminders.send import (
    approve,
    claim,
    free_expired_claims,
    send_due,
    written,
)

NOR, ISL = "mission@example.org", "ministry@example.org"
NOTHING = {"sent": 0, "failed": 0, "dead": 0, "held": 0, "cancelled": 0}


def test_a_planned_reminder_is_sent_and_the_servers_answer_kept(norway, sink):
    assert send_due(TODAY) == NOTHING | {"sent": 1}
    assert sink.recipients == [NOR]
    row = the_row()
    assert (row.state, row.answer, row.attempts) == ("sent", "250 2.0.0 kept as 42", 1)
    assert (row.sent_on, row.sent_at.date()) == (TODAY, TODAY)
    assert row.mail.answer == "250 2.0.0 kept as 42"
    assert row.mail.message_id == sink.mails[0]["Message-ID"]
    assert row.mail.text.split() == text_of(sink.mails[0]).split()


def test_what_is_sent_is_not_sent_again(norway, sink):
    send_due(TODAY)
    planned()
    assert send_due(TODAY) == NOTHING
    assert sink.recipients == [NOR]


def test_a_recipient_gets_one_mail_about_several_reports_overdue_first(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2017-02-10", NOR)
    a_state_owing("DNK", "2026-02-01", NOR)
    planned()
    assert send_due(TODAY) == NOTHING | {"sent": 3}
    assert sink.recipients == [NOR]
    text = text_of(sink.mails[0])
    assert text.index("Iceland: initial") < text.index("Denmark: initial") < text.index("Norway: initial")
    assert Mail.objects.get().reminders.count() == 3


def test_a_run_opens_one_line_to_the_server(sink):
    a_state_owing("NOR", "2026-06-15", NOR, ISL)
    planned()
    assert send_due(TODAY)["sent"] == 2
    assert sink.connections == 1


def test_the_day_of_the_run_is_the_day_that_the_mail_counts_from(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    planned("2026-07-20")
    send_due(date(2026, 7, 20))
    assert the_row().sent_on == date(2026, 7, 20)
    assert "Was due on 15 June 2026" in text_of(sink.mails[0])


def test_what_awaits_approval_is_counted_and_stays(sink, settings):
    settings.REMINDERS_APPROVAL = "required"
    a_state_owing("NOR", "2017-02-10", NOR, desk_officer=factories.an_officer())
    planned()
    assert send_due(TODAY) == NOTHING | {"sent": 1, "held": 1}
    assert sink.recipients == ["ada@example.org"]
    approve(Reminder.objects.all(), by="ada")
    assert send_due(TODAY) == NOTHING | {"sent": 1}
    assert sink.recipients == ["ada@example.org", NOR]


# --- facts that change between planning and sending --------------------------------------------


def test_an_approved_reminder_is_not_sent_about_a_date_that_has_changed(sink, settings):
    settings.REMINDERS_APPROVAL = "required"
    state = a_state_owing("NOR", "2026-06-15", NOR)
    planned()
    approve(Reminder.objects.all(), by="ada")
    moved(state, "2026-09-20")
    assert send_due(TODAY) == NOTHING | {"cancelled": 1}
    assert sink.mails == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "happens",
    [answered, lambda state: state.contacts.update(active=False)],
    ids=["a report comes", "a contact is made inactive"],
)
def test_what_happens_while_an_earlier_mail_takes_two_seconds_counts(happens, sink, clock):
    a_state_owing("DNK", "2017-02-10", "a@example.org")
    state = a_state_owing("NOR", "2026-06-15", "b@example.org")
    planned()

    def answer_slowly(mail):
        happens(state)
        clock.shift(timedelta(seconds=2))

    sink.before_answer = answer_slowly
    assert send_due(TODAY) == NOTHING | {"sent": 1, "cancelled": 1}
    assert sink.recipients == ["a@example.org"]


# --- answers of the server ---------------------------------------------------------------------


def test_a_recipient_refused_for_now_is_tried_again_after_a_pause(norway, sink, clock):
    sink.refuses[NOR] = "450 4.2.1 mailbox busy"
    assert send_due(TODAY) == NOTHING | {"failed": 1}
    row = the_row()
    assert (row.state, row.answer, row.attempts) == ("failed", "450 4.2.1 mailbox busy", 1)
    assert minutes(4.9) < row.next_attempt_at - timezone.now() <= minutes(5)

    sink.refuses.clear()
    clock.shift(minutes(4))
    assert send_due(TODAY) == NOTHING
    clock.shift(minutes(1))
    assert send_due(TODAY) == NOTHING | {"sent": 1}
    assert (the_row().state, the_row().attempts, the_row().next_attempt_at) == ("sent", 2, None)


def test_an_attempt_that_is_repeated_carries_the_same_message_id(norway, sink, clock):
    sink.at_data = "451 4.3.0 try later"
    send_due(TODAY)
    first = the_row().mail.message_id
    sink.at_data = "250 OK"
    clock.shift(minutes(5))
    send_due(TODAY)
    assert [mail["Message-ID"] for mail in sink.mails] == [first]
    assert Mail.objects.count() == 1


def test_after_the_last_pause_the_row_is_dead(norway, sink, clock):
    sink.refuses[NOR] = "450 4.2.1 mailbox busy"
    for pause in PAUSES:
        assert send_due(TODAY) == NOTHING | {"failed": 1}
        clock.shift(pause)
    assert send_due(TODAY) == NOTHING | {"dead": 1}
    assert (the_row().state, the_row().attempts) == ("dead", 8)
    clock.shift(timedelta(days=30))
    assert send_due(TODAY) == NOTHING


def test_a_recipient_refused_for_good_is_dead_and_the_others_are_served(sink):
    a_state_owing("NOR", "2026-06-15", NOR, ISL)
    planned()
    sink.refuses[ISL] = "550 5.1.1 no such mailbox"
    assert send_due(TODAY) == NOTHING | {"sent": 1, "dead": 1}
    assert (the_row(ISL).state, the_row(ISL).answer) == ("dead", "550 5.1.1 no such mailbox")
    assert sink.recipients == [NOR]
    planned()
    assert send_due(TODAY) == NOTHING


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("451 4.3.0 local error", "failed"),
        ("552 5.3.4 message too big", "dead"),
    ],
)
def test_the_answer_to_the_text_decides(norway, sink, answer, state):
    sink.at_data = answer
    assert send_due(TODAY) == NOTHING | {state: 1}
    assert (the_row().state, the_row().answer) == (state, answer)


def test_a_line_that_breaks_during_the_text_leaves_it_unknown_and_is_never_repeated(norway, sink, clock):
    sink.at_data = "hang up"
    assert send_due(TODAY) == NOTHING
    row = the_row()
    assert (row.state, row.reason) == ("unknown", "the connection broke while the text was being sent")
    assert row.answer.startswith("SMTPServerDisconnected")
    assert row.mail.recipient == NOR

    sink.at_data = "250 OK"
    for hours in (1, 24, 24 * 30):
        clock.shift(timedelta(hours=hours))
        planned()
        assert send_due(TODAY) == NOTHING
    assert sink.mails == []


def test_an_unknown_outcome_says_nothing_about_the_next_mail():
    connection = AnswerKeepingBackend(host="127.0.0.1", port=free_port(), timeout=5)
    mail = EmailMessage("subject", "text", to=[NOR])
    sink = Sink()
    with running(sink):
        connection.port = sink.port
        sink.at_data = "hang up"
        assert hand_over(mail, connection, lambda: None).state == "unknown"
    assert hand_over(mail, connection, lambda: None).state == "planned"


def test_an_answer_with_strange_characters_is_kept(norway, sink):
    sink.at_data = "250 caf\N{LATIN SMALL LETTER E WITH ACUTE} \0 kept"
    assert send_due(TODAY) == NOTHING | {"sent": 1}
    assert the_row().state == "sent"
    assert the_row().answer.endswith("kept")


# --- one bad row ------------------------------------------------------------------------------


def test_a_row_that_cannot_be_written_stops_nobody_else(sink):
    a_state_owing("ISL", "2017-02-10", "a@example.org")
    a_state_owing("NOR", "2017-02-10", "b@example.org")
    a_state_owing("SWE", "2017-02-10", "c@example.org")
    planned()
    Obligation.objects.filter(state="NOR").update(trail=[{"source": "half a step"}])
    assert send_due(TODAY) == NOTHING | {"sent": 2, "failed": 1}
    assert sink.recipients == ["a@example.org", "c@example.org"]
    row = the_row("b@example.org")
    assert (row.state, row.answer, row.mail) == ("failed", "not written: KeyError: 'to'", None)


@pytest.mark.postgres
def test_a_mail_that_the_database_does_not_take_stops_nobody_else(sink, monkeypatch):
    a_state_owing("NOR", "2026-06-15", "a@example.org")
    a_state_owing("DNK", "2026-06-15", "b@example.org")
    planned()

    def write_one_too_long(rows, *told):
        message, mail = written(rows, *told)
        if rows[0].recipient == "a@example.org":
            mail.subject = "x" * 251
        return message, mail

    monkeypatch.setattr(send, "written", write_one_too_long)
    assert send_due(TODAY) == NOTHING | {"sent": 1, "failed": 1}
    assert sink.recipients == ["b@example.org"]
    assert the_row("a@example.org").answer.startswith("not written: DataError: value too long")


def test_a_mail_refused_for_good_is_a_task_at_once(norway, sink):
    sink.refuses[NOR] = "550 no such user"
    send_due(TODAY)
    assert list(StaffTask.objects.values_list("kind", "state", "reminder", "said")) == [
        ("dead", "NOR", the_row().pk, "550 no such user")
    ]


def test_more_recipients_than_are_claimed_at_once_get_their_mails_on_one_line(sink):
    state = a_state_owing("NOR", "2026-06-15")
    addresses = [f"{number:02}@example.org" for number in range(45)]
    for address in addresses:
        factories.a_contact(state, address)
    planned()
    assert send_due(TODAY) == NOTHING | {"sent": 45}
    assert sink.recipients == addresses
    assert sink.connections == 1


def test_an_address_that_is_none_stops_nobody_else(sink):
    state = a_state_owing("NOR", "2017-02-10", NOR)
    factories.a_contact(state, "a\nb@example.org")
    planned()
    counts = send_due(TODAY)
    assert (counts["sent"], counts["failed"] + counts["dead"]) == (1, 1)
    assert sink.recipients == [NOR]


# --- claims -----------------------------------------------------------------------------------


def test_a_claim_takes_a_row_once(norway):
    assert [row.recipient for row in claim([NOR], timezone.now())] == [NOR]
    assert claim([NOR], timezone.now()) == []
    assert the_row().state == "claimed"


def test_a_claim_is_left_alone_until_its_lease_has_run_out(norway, sink, clock):
    claim([NOR], timezone.now())
    clock.shift(minutes(9))
    assert send_due(TODAY) == NOTHING
    assert sink.mails == []


def test_a_claim_that_ran_out_before_handing_over_is_sent_by_the_next_run(norway, sink, clock):
    claim([NOR], timezone.now())
    clock.shift(minutes(11))
    assert send_due(TODAY) == NOTHING | {"sent": 1}
    assert sink.recipients == [NOR]


def test_a_claim_that_ran_out_after_handing_over_is_unknown_and_not_sent(norway, sink, clock):
    claim([NOR], timezone.now())
    Reminder.objects.update(handed_over_at=timezone.now())
    clock.shift(minutes(11))
    assert send_due(TODAY) == NOTHING
    assert the_row().state == "unknown"
    assert the_row().reason == "the sending process ended before it could record the outcome"
    clock.shift(timedelta(days=2))
    assert send_due(TODAY) == NOTHING
    assert sink.mails == []


def test_a_reminder_that_another_worker_claimed_is_not_cancelled(norway):
    Reminder.objects.update(state="claimed", claim=uuid.uuid4(), claimed_at=timezone.now())
    answered(norway)
    planned()
    assert the_row().state == "claimed"


@pytest.mark.django_db(transaction=True)
def test_the_mail_goes_out_after_the_claim_is_written_and_outside_any_transaction(norway, sink):
    seen = []

    def look(mail):  # on a connection of its own, which sees only what is committed
        row = the_row()
        seen.append((row.state, row.handed_over_at is not None, row.mail.message_id == mail["Message-ID"]))

    sink.before_answer = look
    send_due(TODAY)
    assert seen == [("claimed", True, True)]
    assert the_row().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_comes_after_the_lease_is_still_recorded(norway, sink):
    sink.before_answer = lambda mail: free_expired_claims(timezone.now() + timedelta(hours=1))
    assert send_due(TODAY) == NOTHING | {"sent": 1}
    assert (the_row().state, the_row().reason) == ("sent", "")


def test_a_row_lost_while_its_mail_is_written_leaves_the_others_in_a_mail_of_their_own(sink, monkeypatch):
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2017-02-10", NOR)
    planned()

    def write_while_one_is_cancelled(*told):
        Reminder.objects.filter(obligation__state="NOR").update(state="cancelled")
        return written(*told)

    monkeypatch.setattr(send, "written", write_while_one_is_cancelled)
    assert send_due(TODAY) == NOTHING | {"sent": 1}
    assert [mail["Subject"] for mail in sink.mails] == [
        "Iceland: initial report, due 10 February 2017 (OPSC)"
    ]
    assert ledger() == [f"ISL 9 years after, {NOR}: sent", f"NOR 3 months before, {NOR}: cancelled"]


# --- a database that cannot be written to -------------------------------------------------------


@pytest.fixture
def cannot_write(monkeypatch):
    """The database refuses so many writes of a column of the ledger."""
    monkeypatch.setattr(delivery, "TRY_AGAIN_AFTER", 0)

    @contextmanager
    def refusing(column, times, error=OperationalError):
        left = [None] * times

        def refuse(execute, sql, params, many, context):
            if left and writes(sql, column):
                left.pop()
                raise error("database is locked")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(refuse):
            yield left

    return refusing


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
@pytest.mark.parametrize("column", ["claim", "handed_over_at", "attempts"])
def test_a_database_that_is_locked_for_a_while_loses_and_doubles_nothing(column, error, sink, cannot_write):
    a_state_owing("NOR", "2026-06-15", NOR, ISL)
    planned()
    with cannot_write(column, 3, error) as left:
        assert send_due(TODAY) == NOTHING | {"sent": 2}
    assert left == []
    assert sink.recipients == [ISL, NOR]
    assert set(Reminder.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_an_outcome_that_could_not_be_written_for_a_whole_lease_is_unknown_and_one_task(
    norway, sink, clock, cannot_write, settings
):
    settings.REMINDERS_LEASE_SECONDS = 0
    with cannot_write("attempts", 100), pytest.raises(OperationalError):
        send_due(TODAY)
    clock.shift(minutes(1))
    for _ in range(2):
        scanning.scan(TODAY)
    assert the_row().state == "unknown"
    assert list(StaffTask.objects.values_list("kind", "state", "reminder", "mail")) == [
        ("unknown", "NOR", the_row().pk, the_row().mail_id)
    ]
    assert sink.recipients == [NOR]


def test_an_answer_recorded_after_the_lease_settles_the_task_about_the_mail(norway, sink, clock):
    rows = claim([NOR], timezone.now())
    _message, mail = written(rows, TODAY)
    mail.save()
    Delivery(Reminder.objects.all(), rows[0].claim).begin(1, mail=mail)
    free_expired_claims(timezone.now() + timedelta(hours=1))
    attention.about_unknown(Reminder.objects.all())
    assert the_row().state == "unknown"
    send._record(rows, DeliveryOutcome(ReminderState.SENT, "250 kept"), mail, TODAY)
    assert the_row().state == "sent"
    task = StaffTask.objects.get()
    assert (task.settled_by, task.outcome) == (
        "the tracker",
        "The answer of the mail server was recorded later: the mail was sent.",
    )


@pytest.mark.parametrize(("point", "goes_again"), [("mail", True), ("rcpt", True), ("data", False)], ids=str)
def test_a_process_that_dies_before_the_text_goes_leaves_a_mail_that_is_sent_later(
    norway, point, goes_again, sink, clock, monkeypatch
):

    def die(*told, **options):
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(smtplib.SMTP, point, die)
        with pytest.raises(Died):
            send_due(TODAY)
    clock.shift(minutes(11))
    assert send_due(TODAY)["sent"] == goes_again
    assert (the_row().state, len(sink.mails)) == (("sent", 1) if goes_again else ("unknown", 0))
