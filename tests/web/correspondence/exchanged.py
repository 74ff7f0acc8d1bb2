"""Norway, to which something of every kind went, and from which something of every kind came."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import time_machine

from tests import factories
from tests.web.conftest import TODAY
from tracker.correspondence import files, papers, received
from tracker.correspondence.models import Confirmation, Means, Paper
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.registry.models import Contact, State
from tracker.reminders import attention
from tracker.reminders.models import Bounce, Mail, ReceivedMessage, Reminder
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

MISSION = "mission@example.org"


def a_note(contact: Contact, title: str, day: date, **more: Any) -> Paper:
    """A draft of a note verbale with one sentence."""
    new = NewPaper(
        "circular",
        "note",
        contact,
        PaperSubject(contact.state),
        typed={"en": "The office has moved to {state_name}."},
        title=title,
        key=title,
        **more,
    )
    paper = papers.draft(new, by="ada", day=day)
    assert paper is not None
    return paper


def exchange_with_norway() -> State:
    """A mail of 10 November 2026 that came back on the 11th and was answered on the 12th; a message of the 13th.

    A note by courier, dispatched on 16 November and acknowledged on the 18th, a paper received on the 19th that answers
    it; the address confirmed on the 20th; a draft of the 21st, and one that was cancelled.
    """
    norway = factories.a_state("NOR", name="Norway", region="WEOG")
    factories.joins(norway, on="2025-04-10")
    factories.a_contact(norway, "focal@example.org", name="Focal point")
    mission = factories.a_contact(norway, MISSION, kind="mission", language="fr")
    factories.derive("2026-11-10", norway)
    with time_machine.travel(datetime(2026, 11, 10, 9, tzinfo=UTC)):
        plan(date(2026, 11, 10))
        send_due(date(2026, 11, 10))
    mail = Mail.objects.get()
    Bounce.objects.create(
        kind="failed",
        mail=mail,
        recipient="focal@example.org",
        diagnostic="550 No such user",
        server="mx.example.org",
        digest="1",
        received_at=datetime(2026, 11, 11, 9, tzinfo=UTC),
    )
    with time_machine.travel(datetime(2026, 11, 12, 9, tzinfo=UTC)):
        attention.about_answer(
            mail,
            "1",
            list(Reminder.objects.all()),
            answer="coming",
            told_on=date(2027, 1, 31),
            said="In January",
        )
    message = ReceivedMessage.objects.create(
        kind="letter",
        digest="2",
        sender="focal@example.org",
        subject="Re: Norway",
        text="We have submitted.",
        mail=mail,
        received_at=datetime(2026, 11, 13, 9, tzinfo=UTC),
    )
    attention.about_message(message)
    note = papers.initial(a_note(mission, "New address", date(2026, 11, 16)), by="bob")
    note = papers.dispatch(note, Means.COURIER, by="bob", day=date(2026, 11, 16), note="DHL 123")
    papers.acknowledge(note, by="ada", on=date(2026, 11, 18), note="stamped receipt")
    answer = received.receive(
        norway,
        by="ada",
        on=date(2026, 11, 19),
        subject="Thanks for the new address",
        name="Permanent Mission of Norway",
        their_reference="26/1234",
        summary="It has been noted in Oslo.",
        answers=note,
    )
    files.keep(answer, "answer.pdf", files.PDF, b"%PDF-1.7", by="ada")
    Confirmation.objects.create(
        contact=mission, email=MISSION, on=date(2026, 11, 20), how="phone", source="Ms Dahl"
    )
    a_note(mission, "Next meeting", date(2026, 11, 21))
    papers.cancel(a_note(mission, "Called off", TODAY), by="ada", reason="called off")
    Paper.objects.filter(key="New address").update(changed_at=datetime(2026, 11, 18, 9, tzinfo=UTC))
    return norway
