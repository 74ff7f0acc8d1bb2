"""The mails of papers: what they say, that they go once, and what people do about those that did not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from harness.smtp import running
from tests import factories
from tests.correspondence.conftest import TODAY
from tests.reminders.helpers import Sink
from tracker.correspondence import due, later, papers, rendering, runs, scanning, sending, tasks
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Dispatch, Languages, Means, Paper, PaperForm, PaperStatus, PaperText
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.registry.models import Contact
from tracker.reminders import digest, watch
from tracker.reminders.incoming.reading import Incoming, RecipientStatus
from tracker.reminders.incoming.recording import record
from tracker.reminders.models import Bounce, ClockAlarm, Mail, StaffTask

pytestmark = pytest.mark.django_db

NOTHING = {"sent": 0, "failed": 0, "dead": 0, "held": 0, "cancelled": 0}
OFFICE = {"en": "The office has moved."}


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server on this machine, which the tracker sends to."""
    found = Sink()
    with running(found):
        settings.EMAIL_BACKEND = "tracker.reminders.backends.AnswerKeepingBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


def initialled(contact: Contact, form: str = PaperForm.NOTE, key: str = "one") -> Paper:
    new = NewPaper(
        "circular", form, contact, PaperSubject(contact.state), typed=OFFICE, title="Move", key=key
    )
    paper = papers.draft(new, by="ada", day=TODAY)
    assert paper is not None
    return papers.initial(paper, by="bob")


def dispatched(contact: Contact, form: str = PaperForm.NOTE, key: str = "one") -> Paper:
    return papers.dispatch(initialled(contact, form, key), Means.MAIL, by="bob", day=TODAY)


def the_dispatch() -> Dispatch:
    return Dispatch.objects.select_related("mail").get()


def steps(paper: Paper) -> list[str]:
    return list(paper.steps.values_list("what", flat=True))


# --- the mail ----------------------------------------------------------------------------------------


def test_a_note_goes_as_a_short_mail_with_its_text_and_the_filed_pdf(
    mission: Contact, mailoutbox: Any
) -> None:
    officer = factories.an_officer("ada", first_name="Ada", last_name="Bell", email="ada@example.org")
    mission.state.desk_officer = officer
    mission.state.save()
    paper = dispatched(mission)
    assert sending.send_due(TODAY) == NOTHING | {"sent": 1}
    (mail,) = mailoutbox
    assert mail.subject == "OPSC/2026/0001: Denmark: Move (OPSC)"
    assert mail.to == ["Permanent Mission of Denmark <mission.dnk@example.org>"]
    assert mail.reply_to == ["Ada Bell <ada@example.org>"]
    assert mail.body.startswith(
        "Please find attached the note verbale OPSC/2026/0001. Its text is below.\n\n"
        "--------------------\n\n"
        "The Secretariat of the Committee on the Rights of the Child\n\n"
        "Permanent Mission of Denmark\n\n"
    )
    assert "\n\nThe office has moved.\n\n" in mail.body
    assert "<p>The office has moved.</p>" in mail.alternatives[0].content
    (pdf,) = mail.attachments
    assert (pdf.filename, pdf.mimetype) == ("OPSC-2026-0001.pdf", "application/pdf")
    assert pdf.content == bytes(paper.files.get().content.data)


def test_the_ledger_keeps_the_mail_and_the_paper_its_history(mission: Contact, sink: Sink) -> None:
    paper = dispatched(mission)
    sending.send_due(TODAY)
    row = the_dispatch()
    assert (row.state, row.answer, row.attempts) == ("sent", "250 2.0.0 kept as 42", 1)
    assert row.mail is not None
    assert (row.mail.recipient, row.mail.language, row.mail.sent_on) == (
        "mission.dnk@example.org",
        "en",
        TODAY,
    )
    assert sink.mails[0]["Message-ID"] == row.mail.message_id
    assert steps(paper) == ["drafted", "initialled", "dispatched", "sent"]


def test_a_plain_mail_is_its_own_text_and_carries_no_file(mission: Contact, mailoutbox: Any) -> None:
    dispatched(mission, PaperForm.MAIL)
    sending.send_due(TODAY)
    (mail,) = mailoutbox
    assert mail.body.startswith("Dear Permanent Mission of Denmark,\n\n")
    assert mail.body.endswith("\n\nReference: OPSC/2026/0001\n")
    assert mail.attachments == []


def test_a_bilingual_note_says_all_in_both_languages(mission: Contact, mailoutbox: Any) -> None:
    Contact.objects.filter(pk=mission.pk).update(language="fr")
    mission.refresh_from_db()
    typed = OFFICE | {"fr": "Le bureau a déménagé."}
    new = NewPaper("circular", "note", mission, PaperSubject(mission.state), Languages.BOTH, typed, "Move")
    paper = papers.draft(new, by="ada", day=TODAY)
    assert paper is not None
    papers.dispatch(papers.initial(paper, by="bob"), Means.MAIL, by="bob", day=TODAY)
    sending.send_due(TODAY)
    assert mailoutbox[0].extra_headers["Content-Language"] == "fr, en"
    assert "Le bureau a déménagé." in mailoutbox[0].body
    assert "The office has moved." in mailoutbox[0].body
    assert '<div lang="fr" dir="ltr">' in mailoutbox[0].alternatives[0].content
    assert mailoutbox[0].subject.startswith("OPSC/2026/0001: Danemark")
    row = the_dispatch()
    assert row.mail is not None
    assert row.mail.language == "fr+en"


def test_the_pdf_of_the_last_initials_is_sent(
    mission: Contact, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if it is byte for byte that of the first ones, which was filed before another."""
    monkeypatch.setattr(
        rendering, "pdf_of", lambda contents, day: repr(contents[0][0]["paragraphs"]).encode()
    )
    first = initialled(mission)
    draft = papers.return_to_draft(first, by="bob")
    papers.edit(draft, {"en": ["Other words."]}, by="ada", seen=draft.changed_at)
    papers.initial(draft, by="bob")
    draft = papers.return_to_draft(draft, by="bob")
    papers.edit(draft, {"en": first.content[0]["paragraphs"]}, by="ada", seen=draft.changed_at)
    papers.dispatch(papers.initial(draft, by="bob"), Means.MAIL, by="bob", day=TODAY)
    sending.send_due(TODAY)
    assert b"The office has moved." in mailoutbox[0].attachments[0].content
    assert first.files.count() == 2


def test_the_office_can_change_the_line_above_a_note(mission: Contact, mailoutbox: Any) -> None:
    PaperText.objects.create(part="cover.note", language="en", words="Note {reference} for {state_name}.")
    dispatched(mission)
    sending.send_due(TODAY)
    assert mailoutbox[0].body.startswith("Note OPSC/2026/0001 for Denmark.\n")


# --- once --------------------------------------------------------------------------------------------


def test_a_second_run_finds_nothing_to_send(mission: Contact, mailoutbox: Any) -> None:
    dispatched(mission)
    sending.send_due(TODAY)
    assert sending.send_due(TODAY) == NOTHING
    assert len(mailoutbox) == 1


def test_what_goes_by_courier_is_never_mailed(mission: Contact, mailoutbox: Any) -> None:
    papers.dispatch(initialled(mission), Means.COURIER, by="bob", day=TODAY)
    assert sending.send_due(TODAY) == NOTHING
    assert mailoutbox == []


def test_outside_the_hours_of_sending_a_note_waits(mission: Contact, mailoutbox: Any, settings: Any) -> None:
    settings.REMINDERS_DAYS, settings.REMINDERS_DAYS_OF = frozenset(range(5)), {}
    dispatched(mission)
    sunday = datetime(2026, 12, 6, 10, tzinfo=UTC)
    assert sending.send_due(sunday.date(), at=sunday) == NOTHING
    monday = datetime(2026, 12, 7, 10, tzinfo=UTC)
    assert sending.send_due(monday.date(), at=monday) == NOTHING | {"sent": 1}


def test_while_the_clock_is_in_doubt_nothing_is_drafted_or_sent(mission: Contact, mailoutbox: Any) -> None:
    dispatched(mission)
    now = timezone.now()
    ClockAlarm.objects.create(raised_at=now, last_scan_at=now - timedelta(days=99), reason="x")
    assert scanning.scan(TODAY, now) == {}
    run = runs.begin(runs.prepare(by="ada", title="Move", states=["DNK"], words=OFFICE, day=TODAY))
    tasks.carry_on(run.pk)
    assert mailoutbox == []
    assert Paper.objects.count() == 1
    ClockAlarm.objects.all().delete()
    tasks.carry_on(run.pk)
    assert Paper.objects.count() == 2


def test_a_scan_drafts_and_sends(mission: Contact, mailoutbox: Any, settings: Any) -> None:
    settings.REMINDERS_DAYS, settings.REMINDERS_HOURS = frozenset(range(7)), (0, 24)
    dispatched(mission)
    done = scanning.scan(TODAY, datetime(2026, 11, 30, 10, tzinfo=UTC))
    assert (done["cancelled"], done["drafted"], done["in runs"], done["mails"]) == (
        0,
        1,
        0,
        NOTHING | {"sent": 1},
    )


def test_an_error_in_one_step_of_a_scan_stops_no_other(
    mission: Contact, mailoutbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatched(mission)
    monkeypatch.setattr(due, "draft_due", lambda day: 1 / 0)
    monkeypatch.setattr(sending, "within_window", lambda at: sending.delivery.EVERYTHING)
    assert "drafted" not in scanning.scan(TODAY, timezone.now())
    assert len(mailoutbox) == 1


def test_an_expired_claim_is_sent_later_or_unknown_if_the_server_may_have_it(mission: Contact) -> None:
    dispatched(mission)
    dispatched(mission, key="two")
    first, second = Dispatch.objects.order_by("pk")
    long_ago = timezone.now() - timedelta(days=1)
    for row, handed_over in ((first, None), (second, long_ago)):
        Dispatch.objects.filter(pk=row.pk).update(
            state="claimed",
            claim="11111111-1111-1111-1111-111111111111",
            claimed_at=long_ago,
            handed_over_at=handed_over,
        )
    sending.free_expired_claims(timezone.now())
    assert list(Dispatch.objects.order_by("pk").values_list("state", flat=True)) == ["planned", "unknown"]


# --- failures ----------------------------------------------------------------------------------------


def test_a_refused_mail_is_dead_and_staff_are_told(mission: Contact, sink: Sink) -> None:
    paper = dispatched(mission)
    sink.refuses["mission.dnk@example.org"] = "550 5.1.1 unknown"
    assert sending.send_due(TODAY) == NOTHING | {"dead": 1}
    task = StaffTask.objects.get()
    assert (task.kind, task.title, task.state_id, task.said) == (
        "dead",
        "A mail was not sent.",
        "DNK",
        "550 5.1.1 unknown",
    )
    assert task.page == the_dispatch().get_absolute_url()
    assert sending.about_stuck(Dispatch.objects.all()) == 0
    paper.refresh_from_db()
    assert paper.status == PaperStatus.DISPATCHED


def test_a_mail_that_a_busy_server_refuses_is_tried_again_later(mission: Contact, sink: Sink) -> None:
    dispatched(mission)
    sink.refuses["mission.dnk@example.org"] = "450 4.2.1 busy"
    assert sending.send_due(TODAY) == NOTHING | {"failed": 1}
    sink.refuses.clear()
    assert sending.send_due(TODAY) == NOTHING
    Dispatch.objects.update(next_attempt_at=timezone.now())
    assert sending.send_due(TODAY) == NOTHING | {"sent": 1}
    assert the_dispatch().attempts == 2


def test_a_mail_whose_connection_breaks_is_unknown_and_a_person_decides(mission: Contact, sink: Sink) -> None:
    paper = dispatched(mission)
    sink.at_data = "hang up"
    sending.send_due(TODAY)
    assert the_dispatch().state == "unknown"
    assert StaffTask.objects.get().kind == "unknown"
    assert sending.send_due(TODAY) == NOTHING
    sending.arrived(the_dispatch(), by="bob", reason="the mission says so")
    assert the_dispatch().state == "sent"
    assert StaffTask.objects.get().outcome == "it arrived: the mission says so"
    assert steps(paper)[-1] == "arrived"


def test_an_unknown_mail_that_is_sent_again_has_the_same_message_id(mission: Contact, sink: Sink) -> None:
    dispatched(mission)
    sink.at_data = "hang up"
    sending.send_due(TODAY)
    mail = the_dispatch().mail
    assert mail is not None
    sink.at_data = "250 2.0.0 kept as 43"
    Mail.objects.filter(pk=mail.pk).update(answer="")
    sending.send_again(the_dispatch(), by="bob", reason="it did not come")
    assert sending.send_due(TODAY, at=None) == NOTHING | {"sent": 1}
    assert [one["Message-ID"] for one in sink.mails] == [mail.message_id]


def test_while_the_server_fails_notes_wait_and_count_no_attempt(mission: Contact, sink: Sink) -> None:
    dispatched(mission)
    sink.at_mail = "451 4.3.0 later"
    assert sending.send_due(TODAY) == NOTHING
    assert (the_dispatch().state, the_dispatch().attempts) == ("planned", 0)


def test_a_mail_that_cannot_be_written_stops_no_other(mission: Contact, mailoutbox: Any) -> None:
    broken = dispatched(mission)
    Paper.objects.filter(pk=broken.pk).update(filed="0" * 64)
    dispatched(mission, key="two")
    assert sending.send_due(TODAY) == NOTHING | {"sent": 1, "failed": 1}
    assert "the filed PDF of OPSC/2026/0001 is missing" in Dispatch.objects.get(state="failed").answer


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"active": False}, "the contact was deleted or is no longer active"),
        ({"email": "other@example.org"}, "the address of the contact has changed"),
    ],
)
def test_a_note_to_a_contact_that_has_gone_waits_for_another_dispatch(
    mission: Contact, mailoutbox: Any, change: dict[str, Any], reason: str
) -> None:
    paper = dispatched(mission)
    Contact.objects.filter(pk=mission.pk).update(**change)
    assert sending.send_due(TODAY) == NOTHING | {"cancelled": 1}
    assert mailoutbox == []
    paper.refresh_from_db()
    assert (paper.status, paper.dispatched_on) == (PaperStatus.INITIALLED, None)
    assert StaffTask.objects.get().said == reason
    papers.dispatch(paper, Means.COURIER, by="bob", day=TODAY)
    assert (the_dispatch().state, the_dispatch().means) == ("sent", "courier")


def test_a_note_to_a_deleted_contact_does_not_go(mission: Contact, mailoutbox: Any) -> None:
    dispatched(mission)
    mission.delete()
    assert sending.send_due(TODAY) == NOTHING | {"cancelled": 1}
    assert mailoutbox == []


# --- what people do ------------------------------------------------------------------------------------


def test_a_dead_mail_is_taken_back_and_goes_by_hand(mission: Contact, sink: Sink) -> None:
    paper = dispatched(mission)
    sink.refuses["mission.dnk@example.org"] = "550 5.1.1 unknown"
    sending.send_due(TODAY)
    sending.take_back(the_dispatch(), by="bob", reason="the address is wrong")
    assert StaffTask.objects.get().outcome == "not sent: the address is wrong"
    paper.refresh_from_db()
    papers.dispatch(paper, Means.HAND, by="bob", day=TODAY)
    assert (the_dispatch().state, the_dispatch().means) == ("sent", "hand")
    assert steps(paper) == ["drafted", "initialled", "dispatched", "recalled", "dispatched"]


def test_nothing_is_done_about_a_mail_that_was_sent(mission: Contact, mailoutbox: Any) -> None:
    dispatched(mission)
    sending.send_due(TODAY)
    for act in (sending.send_again, sending.arrived, sending.take_back):
        with pytest.raises(NotPossible, match="was sent"):
            act(the_dispatch(), by="bob", reason="again")
    assert sending.send_due(TODAY) == NOTHING


def test_a_mail_that_came_back_is_marked_and_goes_again_as_a_new_one(mission: Contact, sink: Sink) -> None:
    paper = dispatched(mission)
    sending.send_due(TODAY)
    first = the_dispatch().mail
    assert first is not None
    failure = RecipientStatus(Bounce.Kind.FAILED, (first.recipient,), "5.1.1", "no such mailbox")
    found = Incoming(
        key="1",
        message_ids=(first.message_id,),
        failures=(failure,),
        sender="",
        sender_name="",
        subject="",
        text="",
        sent_at=None,
        automatic=True,
        delivered=False,
    )
    record(found, timezone.now())
    assert (the_dispatch().state, the_dispatch().reason) == ("returned", "no such mailbox")
    assert steps(paper)[-1] == "bounced"
    sending.send_again(the_dispatch(), by="bob", reason="the mailbox is open again")
    assert sending.send_due(TODAY) == NOTHING | {"sent": 1}
    assert len({one["Message-ID"] for one in sink.mails}) == 2
    assert first.bounces.count() == 1


# --- after a restore ------------------------------------------------------------------------------------


def test_after_a_restore_a_mail_that_may_have_gone_is_held(mission: Contact, mailoutbox: Any) -> None:
    dispatched(mission)
    sending.hold_restored(datetime(2026, 11, 29, 2, tzinfo=UTC))
    assert sending.send_due(TODAY) == NOTHING | {"held": 1}
    assert the_dispatch().reason == (
        "restored from a backup of 29 November 2026, 02:00 UTC; may already have been sent"
    )
    sending.arrived(the_dispatch(), by="bob", reason="in the copy of the mailbox")
    assert the_dispatch().state == "sent"
    assert the_dispatch().mail is not None
    assert mailoutbox == []
    assert digest.Digest.objects.count() == 0


# --- watched --------------------------------------------------------------------------------------------


def test_mails_that_are_late_dead_or_unknown_are_watched(mission: Contact) -> None:
    for key in ("one", "two", "three", "four"):
        dispatched(mission, key=key)
    now = datetime(2026, 12, 1, 15, tzinfo=UTC)  # a Tuesday
    rows = Dispatch.objects.order_by("pk")
    for row, values in zip(
        rows,
        ({"state": "dead"}, {"state": "unknown"}, {"planned_on": TODAY}, {"planned_on": now.date()}),
        strict=True,
    ):
        Dispatch.objects.filter(pk=row.pk).update(**values)
    found = [one.text for one in watch.problems(watch.look(now), now) if one.kind.startswith("papers")]
    assert found == [
        "1 mail of correspondence should have been sent already.",
        "1 mail of correspondence failed permanently. Staff must act.",
        "It is not known whether 1 mail of correspondence was sent. Staff must decide.",
    ]


# --- at once --------------------------------------------------------------------------------------------


def test_a_note_that_is_dispatched_is_sent_at_once_by_a_worker(
    mission: Contact, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(later.app, "send_task", lambda *given, **more: asked.append(given))
    with django_capture_on_commit_callbacks(execute=True):
        dispatched(mission)
    assert asked == [("tracker.correspondence.tasks.send", ())]
    later.app.loader.import_default_modules()
    assert {f"tracker.correspondence.tasks.{name}" for name in ("scan", "send", "carry_on")} <= set(
        later.app.tasks
    )


def test_without_a_broker_a_note_waits_for_the_scan(
    mission: Contact, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(later, "broker_answers", lambda: False)
    with django_capture_on_commit_callbacks(execute=True):
        dispatched(mission)
    assert the_dispatch().state == "planned"
