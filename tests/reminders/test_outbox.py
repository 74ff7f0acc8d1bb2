"""Actions on reminders: one UPDATE that skips rows that have changed, and a record that is never deleted."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from tests import factories
from tests.reminders.helpers import TODAY, Sink, a_state_owing, answered, planned, text_of, the_row
from tracker.registry.models import State
from tracker.reminders import outbox, send
from tracker.reminders.models import Mail, OutboxAct, Reminder, ReminderRule, ReminderState
from tracker.reminders.outbox import FROM, What
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db

NOR, ISL = "mission@example.org", "ministry@example.org"
STATES = tuple(ReminderState.values)


def a_row(**values: Any) -> Reminder:
    """Norway's reminder, planned, then changed as given."""
    a_state_owing("NOR", "2026-06-15", NOR)
    planned()
    Reminder.objects.update(**values)
    return the_row()


def act(what: str, reason: str = "the mission moves") -> int:
    return len(outbox.act(what, Reminder.objects.all(), by="ada", reason=reason))


@pytest.mark.parametrize("what", FROM)
def test_an_act_changes_only_what_stands_where_it_can_be_done(what: str) -> None:
    row = a_row()
    mail = Mail.objects.create(recipient=NOR, subject="s", message_id="<1@example.org>", sent_on=TODAY)
    done = []
    for state in STATES:
        Reminder.objects.update(
            state=state, claim=row.batch, claimed_at=timezone.now(), sent_at=timezone.now(), mail=mail
        )
        if act(what):
            done.append(state)
        else:
            assert the_row().state == state
    assert (
        done
        == {
            "approve": ["held"],
            "hold": ["planned"],
            "cancel": ["planned", "held", "failed", "dead", "unknown"],
            "resend": ["returned", "failed", "dead", "unknown"],
            "covering": ["planned", "held", "failed"],
            "void": [state for state in STATES if state != "claimed"],
        }[what]
    )
    assert set(FROM) == set(What.values) - {What.ANOTHER}  # a new row; the old one stays


def test_who_did_what_when_and_why_is_kept() -> None:
    row = a_row()
    outbox.act(What.HOLD, Reminder.objects.all(), by="ada", reason="the minister calls first")
    outbox.act(What.APPROVE, Reminder.objects.all(), by="grace")
    assert [(str(one), one.reason, one.at.date()) for one in row.acts.all()] == [
        ("approved by grace", "", TODAY),
        ("held by ada", "the minister calls first", TODAY),
    ]
    assert (the_row().state, the_row().approved_by, the_row().last_act) == (
        "planned",
        "grace",
        row.acts.first(),
    )


def test_an_act_upon_nothing_is_not_kept() -> None:
    a_row(state="cancelled")
    assert act(What.APPROVE) == 0
    assert not OutboxAct.objects.exists()


@pytest.mark.parametrize("what", [What.CANCEL, What.RESEND])
def test_an_act_that_needs_a_reason_is_not_done_without(what: str) -> None:
    a_row(state="dead")
    with pytest.raises(ValueError, match="needs a reason"):
        act(what, "")
    assert the_row().state == "dead"


# --- the covering note of a mail ------------------------------------------------------------------


def test_the_words_of_a_person_begin_the_mail_and_are_kept_with_who_wrote_them(sink: Sink) -> None:
    row = a_row()
    assert outbox.cover(Reminder.objects.all(), "With thanks for your call.\n\nA <note>.", by="ada") == [
        row.pk
    ]
    assert [(str(one), one.words, one.reason) for one in row.acts.all()] == [
        ("covering note changed by ada", "With thanks for your call.\n\nA <note>.", "")
    ]
    send_due(TODAY)
    (sent,) = sink.mails
    assert text_of(sent).startswith(
        "Dear Permanent Mission, With thanks for your call. A <note>. We have the honour to remind you of"
    )
    html = sent.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<p>With thanks for your call.<br><br>A &lt;note&gt;.</p>" in html


def test_the_words_stand_once_in_a_mail_about_several_reports_and_are_taken_out_again() -> None:
    for iso3 in ("NOR", "ISL"):
        a_state_owing(iso3, "2026-06-15", NOR)
    planned()
    row = Reminder.objects.all()[0]
    outbox.cover(Reminder.objects.all(), "With thanks.", by="ada")
    _message, mail = send.written(send.to_go(row, TODAY), TODAY)
    assert mail.text.count("With thanks.") == 1
    outbox.cover(Reminder.objects.all(), "", by="grace")
    _message, mail = send.written(send.to_go(row, TODAY), TODAY)
    assert "With thanks." not in mail.text
    assert [(one.by, one.words) for one in row.acts.all()] == [("grace", ""), ("ada", "With thanks.")]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("plain\ntext, é 名 \N{NO-BREAK SPACE} \N{ZERO WIDTH JOINER}", None),
        ("a\nb\x07", (2, "\x07")),
        ("a\r\nb", (1, "\r")),
        ("\x00", (1, "\x00")),
        ("a\u2028b", (1, "\u2028")),
        ("\u202egnp.exe", (1, "\u202e")),
        ("\ud800", (1, "\ud800")),
    ],
)
def test_a_character_that_nobody_could_see_is_refused(words: str, found: tuple[int, str] | None) -> None:
    row = a_row()
    assert outbox.unseen(words) == found
    if found:
        with pytest.raises(ValueError, match="invisible character"):
            outbox.cover(Reminder.objects.all(), words, by="ada")
        assert not OutboxAct.objects.exists()
    else:
        assert outbox.cover(Reminder.objects.all(), words, by="ada") == [row.pk]


def test_more_than_a_thousand_characters_are_refused() -> None:
    row = a_row()
    with pytest.raises(ValueError, match="too long"):
        outbox.cover(Reminder.objects.all(), "x" * 1001, by="ada")
    assert outbox.cover(Reminder.objects.all(), "x" * 1000, by="ada") == [row.pk]


def test_the_words_go_with_a_reminder_that_is_cancelled(norway: State) -> None:
    outbox.cover(Reminder.objects.all(), "With thanks.", by="ada")
    answered(norway)
    planned()
    assert the_row().covering == "With thanks."  # unchanged
    norway.submissions.all().delete()
    factories.derive("2026-03-16", norway)
    planned()
    assert (the_row().state, the_row().covering) == ("planned", "")


def test_the_words_do_not_pass_on_to_a_later_stage() -> None:
    a_row()
    outbox.cover(Reminder.objects.all(), "With thanks.", by="ada")
    planned("2026-05-15")
    assert list(Reminder.objects.order_by("pk").values_list("state", "covering")) == [
        ("overtaken", "With thanks."),
        ("planned", ""),
    ]


# --- cancelled by a person ------------------------------------------------------------------------


def test_what_a_person_cancelled_is_never_planned_again(sink: Sink) -> None:
    a_row()
    act(What.CANCEL)
    assert planned() == []
    assert send_due(TODAY)["sent"] == 0
    assert (the_row().state, the_row().reason, the_row().cancelled_by) == (
        "cancelled",
        "the mission moves",
        "ada",
    )


def test_an_earlier_stage_is_not_planned_in_place_of_one_that_a_person_cancelled() -> None:
    row = a_row()
    act(What.CANCEL)
    ReminderRule.objects.filter(pk=row.rule_id).update(active=False)
    assert planned() == []


def test_the_next_stage_is_planned_after_one_that_a_person_cancelled() -> None:
    a_row()
    act(What.CANCEL)
    assert planned("2026-05-15") == ["NOR 1 month before, mission@example.org"]


def test_the_quiet_days_are_kept_after_a_mail_that_may_have_gone_was_cancelled(sink: Sink) -> None:
    a_state_owing("NOR", "2026-03-20", NOR)
    planned()
    sink.at_data = "hang up"
    send_due(TODAY)
    assert the_row().state == "unknown"
    act(What.CANCEL)
    assert planned("2026-03-20") == []
    assert planned("2026-03-30") == ["NOR on the day, mission@example.org"]


# --- sent again -----------------------------------------------------------------------------------


def test_what_is_dead_is_sent_again_with_its_attempts_counted_anew(sink: Sink) -> None:
    a_row()
    sink.refuses[NOR] = "550 5.1.1 no such mailbox"
    assert send_due(TODAY)["dead"] == 1
    sink.refuses.clear()
    assert act(What.RESEND, "the mailbox is open again") == 1
    assert (the_row().state, the_row().attempts, the_row().reason) == (
        "planned",
        0,
        "the mailbox is open again",
    )
    assert send_due(TODAY)["sent"] == 1
    assert (the_row().state, the_row().attempts) == ("sent", 1)
    assert [one.reason for one in the_row().acts.all()] == ["the mailbox is open again"]


def test_what_is_unknown_is_sent_again_under_the_same_message_id(sink: Sink) -> None:
    a_row()
    sink.at_data = "hang up"
    send_due(TODAY)
    first = the_row().mail
    sink.at_data = "250 OK"
    act(What.RESEND)
    assert send_due(TODAY)["sent"] == 1
    assert first is not None
    assert [mail["Message-ID"] for mail in sink.mails] == [first.message_id]


def test_what_failed_is_sent_at_once_when_it_is_sent_again(sink: Sink) -> None:
    a_row()
    sink.at_data = "451 try later"
    send_due(TODAY)
    sink.at_data = "250 OK"
    assert send_due(TODAY)["sent"] == 0
    act(What.RESEND)
    assert send_due(TODAY)["sent"] == 1


# --- preview --------------------------------------------------------------------------------------


def test_a_mail_read_before_it_goes_is_the_mail_that_goes(sink: Sink) -> None:
    for iso3, due in (("NOR", "2026-06-15"), ("ISL", "2017-02-10")):
        a_state_owing(iso3, due, NOR)
    planned()
    row = Reminder.objects.get(obligation__state="NOR")
    _message, before = send.written(send.to_go(row, TODAY), TODAY)
    assert Mail.objects.count() == 0
    assert send_due(TODAY)["sent"] == 2
    kept = Mail.objects.get()
    for name in ("recipient", "subject", "text", "html", "calendar", "message_id", "sent_on"):
        assert getattr(before, name) == getattr(kept, name)
    (sent,) = sink.mails
    assert sent["Subject"] == before.subject
    assert text_of(sent) == " ".join(before.text.split())
    assert sent["Message-ID"] == before.message_id
    html = sent.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert html.splitlines() == before.html.splitlines()


def test_what_waits_goes_with_all_that_may_go_and_not_with_what_waits_besides() -> None:
    for iso3 in ("DNK", "ISL", "NOR", "SWE"):
        a_state_owing(iso3, "2026-06-15", NOR)
    planned()
    rows = {row.obligation.state_id: row for row in Reminder.objects.select_related("obligation")}
    Reminder.objects.filter(obligation__state__in=("DNK", "NOR")).update(state="held")
    found = send.to_go(rows["NOR"], TODAY)
    assert sorted(row.obligation.state_id for row in found) == ["ISL", "NOR", "SWE"]


def test_what_the_next_run_would_cancel_goes_in_no_mail_and_is_not_cancelled_by_reading(
    norway: State,
) -> None:
    answered(norway)
    assert send.to_go(the_row(), TODAY) == []
    assert the_row().state == "planned"


@pytest.mark.parametrize("state", ["dead", "cancelled", "unknown"])
def test_what_does_not_wait_goes_in_no_mail(state: str) -> None:
    assert send.to_go(a_row(state=state), TODAY) == []


# --- the covering note of a rule ------------------------------------------------------------------


def test_a_stage_is_called_what_it_was_called_when_it_was_planned(sink: Sink) -> None:
    row = a_row()
    send_due(TODAY)
    ReminderRule.objects.filter(pk=row.rule_id).update(months=-4)
    assert the_row().stage == "3 months before"


@pytest.mark.parametrize(
    ("months", "days", "repeats", "occurrence"),
    [(-3, 0, 0, 0), (-1, 0, 0, 0), (0, 0, 0, 0), (0, -1, 0, 0), (0, 10, 0, 0), (12, 0, 12, 1), (12, 0, 12, 0),
     (60, 0, 12, 0), (-6, -10, 0, 0), (3, 1, 0, 0), (18, 0, 12, 1), (0, 0, 12, 0)],
)  # fmt: skip
def test_old_rows_get_the_words_of_their_rule(months: int, days: int, repeats: int, occurrence: int) -> None:
    a_row(stage_words="", occurrence=occurrence)
    ReminderRule.objects.exclude(pk=the_row().rule_id).delete()
    ReminderRule.objects.update(months=months, days=days, repeats=repeats)
    import_module("tracker.reminders.migrations.0006_outbox_acts").keep_stage_words(apps, None)
    assert the_row().stage_words == the_row().rule.label(occurrence) != ""
