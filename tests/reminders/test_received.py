"""Whatever comes into the mailbox is recorded once, and waits for a person where a person is needed."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings, strategies as st

from tests.depth import examples
from tests.reminders.notifications import OURS, POSTFIX, TO, put
from tests.reminders.test_bounces import a_mail, collected, kept
from tracker.registry.models import Contact
from tracker.reminders import attention
from tracker.reminders.incoming import bounced, reading, recording
from tracker.reminders.incoming.refusals import refuses_sender
from tracker.reminders.models import Bounce, Mail, ReceivedMessage, Reminder, SenderRefusal, StaffTask

FROM_SYSTEM = """Return-Path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example.net>
To: article12@example.org
Subject: Mail delivery failed: returning message to sender
Message-Id: <E1aaaa-0001@mx.example.net>
Date: Mon, 16 Mar 2026 07:30:00 +0000
"""
# As Exim, qmail and older Exchange write it: for people only, with a copy of the headers.
PLAIN = f"""{FROM_SYSTEM}Auto-Submitted: auto-replied
X-Failed-Recipients: {TO}

The following address(es) failed:

  {TO}
    host mx.example.org: 550 5.1.1 no such user

------ This is a copy of the message, including all the headers. ------

Message-ID: {OURS}
To: {TO}
Subject: x

"""
COPY = f"""{FROM_SYSTEM}MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

Your message did not reach {TO}: 550 5.1.1 no such user
--b
Content-Type: message/rfc822

Message-ID: {OURS}
To: {TO}
Subject: x

x
--b--
"""
LEFT_THE_OFFICE = f"""From: Somebody <{TO}>
To: article12@example.org
Subject: Automatic reply
Auto-Submitted: auto-replied
In-Reply-To: {OURS}
Message-Id: <b05@mx.example.net>

I have left this post. Please write to my successor, other@example.org.
"""
REPLY = f"""From: =?utf-8?q?Permanent_Mission_=C3=85se?= <{TO}>
To: desk@example.org
Subject: Re: Norway: initial report
Date: Mon, 16 Mar 2026 07:45:00 +0000
In-Reply-To: {OURS}
Message-Id: <reply@example.org>

We submitted last week.
"""
STRANGER = """From: Nobody <nobody@example.net>
To: article12@example.org
Subject: Hello
Message-Id: <hello@example.net>

How does one become a party?
"""
NO_COPY = f"""{FROM_SYSTEM}
Hi. This is the mail program at mx.example.net.
I was not able to deliver your message to the following addresses.

<{TO}>:
Sorry, no mailbox here by that name. (#5.1.1)
"""
REFUSED = f"""From: postmaster@mx.example.net
To: article12@example.org
Subject: Undeliverable
Message-Id: <b06@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {TO}
Action: failed
Status: 5.7.26
Diagnostic-Code: smtp; 550 5.7.26 unauthenticated sender, SPF and DKIM did not pass

--b
Content-Type: text/rfc822-headers

Message-ID: {OURS}

--b--
"""


@pytest.fixture
def mail(db: None) -> Mail:
    """A mail to Norway's mission."""
    return a_mail("NOR", TO, OURS)


def tasks() -> list[tuple[Any, ...]]:
    return [(task.kind, task.state_id, task.title) for task in StaffTask.objects.order_by("pk")]


@pytest.mark.parametrize("text", [PLAIN, COPY, NO_COPY], ids=["plain", "copy attached", "no copy"])
def test_mail_returned_in_words_alone_is_a_task_about_its_recipient(
    text: str, mail: Mail, tmp_path: Path
) -> None:
    assert collected(tmp_path, text) == {"read": 1, "failed": 1}
    (row,) = kept()
    assert row[:2] == ("failed", TO)
    assert "no such user" in row[3] or "no mailbox here" in row[3]
    assert tasks() == [("bounce", "NOR", "A mail was returned.")]
    assert list(bounced.undeliverable()) == [TO]
    message = ReceivedMessage.objects.get()
    assert (message.kind, message.mail, message.bounces.get().mail) == ("returned", mail, mail)


def test_an_automatic_answer_is_a_task_and_the_mail_has_arrived(mail: Mail, tmp_path: Path) -> None:
    assert collected(tmp_path, LEFT_THE_OFFICE) == {"read": 1, "messages": 1}
    assert tasks() == [("message", "NOR", "Automatic answer from Somebody: Automatic reply")]
    (task,) = StaffTask.objects.all()
    assert (task.mail, task.contact) == (mail, Contact.objects.get())
    assert "my successor" in ReceivedMessage.objects.get().text
    assert not Bounce.objects.exists()


def test_a_reply_is_a_task_with_its_author_and_text(mail: Mail, tmp_path: Path) -> None:
    assert collected(tmp_path, REPLY) == {"read": 1, "messages": 1}
    assert tasks() == [("message", "NOR", "Permanent Mission Åse writes: Re: Norway: initial report")]
    message = ReceivedMessage.objects.get()
    assert (message.kind, message.sender, message.text) == ("letter", TO, "We submitted last week.")
    assert message.received_at.isoformat() == "2026-03-16T07:45:00+00:00"


def test_a_letter_of_a_contact_that_answers_nothing_is_about_the_contact_s_states(
    mail: Mail, tmp_path: Path
) -> None:
    collected(tmp_path, REPLY.replace(OURS, "<other@example.org>"))
    assert [task[:2] for task in tasks()] == [("message", "NOR")]
    assert ReceivedMessage.objects.get().mail is None


def test_a_letter_of_a_stranger_waits_without_a_state(mail: Mail, tmp_path: Path) -> None:
    assert collected(tmp_path, STRANGER) == {"read": 1, "messages": 1}
    assert tasks() == [("message", None, "Nobody writes: Hello")]
    assert str(StaffTask.objects.get()) == "Nobody writes: Hello"


def test_returned_mail_that_names_no_mail_of_ours_waits_for_a_person(mail: Mail, tmp_path: Path) -> None:
    """A forwarded mail may fail at an address that we do not know."""
    text = POSTFIX.replace(OURS, "<other@example.org>").replace(TO, "clerk@example.net")
    assert collected(tmp_path, text) == {"read": 1, "messages": 1}
    assert [task[:2] for task in tasks()] == [("message", None)]
    assert not Bounce.objects.exists()


def test_a_refusal_of_the_sender_blames_no_contact_and_holds_nothing(mail: Mail, tmp_path: Path) -> None:
    assert collected(tmp_path, REFUSED) == {"read": 1, "refused": 1}
    (bounce,) = Bounce.objects.all()
    assert (bounce.kind, bounce.server, bounce.status) == ("refused", "mx.example.net", "5.7.26")
    assert tasks() == []
    assert list(bounced.undeliverable()) == []
    assert list(SenderRefusal.objects.values_list("server", flat=True)) == ["mx.example.net"]


@pytest.mark.parametrize("text", [PLAIN, REPLY, STRANGER])
def test_the_same_message_read_again_changes_nothing(text: str, mail: Mail, tmp_path: Path) -> None:
    collected(tmp_path, text)
    before = tasks()
    assert collected(tmp_path, text) == {"read": 1, "known": 1}
    assert (tasks(), ReceivedMessage.objects.count()) == (before, 1)


def test_two_answers_with_the_same_message_id_are_two(mail: Mail, tmp_path: Path) -> None:
    """Some answering machines give all their answers the same."""
    collected(tmp_path, REPLY, REPLY.replace("last week", "yesterday"))
    assert len(tasks()) == 2


def test_a_task_about_a_message_is_made_once_even_without_a_state(mail: Mail, tmp_path: Path) -> None:
    collected(tmp_path, STRANGER)
    assert attention.about_message(ReceivedMessage.objects.get()) == 0
    assert len(tasks()) == 1


def test_a_long_subject_and_a_text_with_odd_characters_are_stored(mail: Mail, tmp_path: Path) -> None:
    raw = (
        STRANGER.replace("Hello", "long " * 5000).replace("How", "\0\x1b[2J How").encode()
        + b"\xff\xfe" * 9000
    )
    assert collected(tmp_path, raw) == {"read": 1, "messages": 1}
    message = ReceivedMessage.objects.get()
    assert len(message.subject) <= 1000
    assert "\0" not in message.text


@settings(max_examples=examples(40), deadline=None)
@given(
    head=st.sampled_from(
        [FROM_SYSTEM, "", "From: x\nContent-Type: multipart/report; boundary=b\n", PLAIN, REFUSED]
    ),
    body=st.binary(max_size=300),
    cut=st.integers(0, 400),
)
def test_any_bytes_can_be_read(head: str, body: bytes, cut: int) -> None:
    found = reading.read(head[:cut].encode() + body + head[cut:].encode())
    stored = (found.sender, found.sender_name, found.subject, found.text, *found.message_ids)
    for text in (*stored, *(one.diagnostic for one in found.failures)):
        assert "\0" not in text
        text.encode()  # raises if a database could not store it


def test_any_message_makes_at_most_one_task(mail: Mail) -> None:
    chance = Random(12)  # the same messages in every run
    for _ in range(examples(200)):
        raw = "".join(chance.sample([STRANGER, PLAIN, REFUSED, REPLY, COPY], 2)).encode()
        at = chance.randrange(len(raw))
        before = StaffTask.objects.count()
        recording.record(reading.read(raw[:at] + chance.randbytes(20) + raw[at:]), timezone.now())
        assert StaffTask.objects.count() <= before + 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.7.26", "550 5.7.26 unauthenticated sender"),
        ("5.1.8", "553 5.1.8 Domain of sender address does not exist"),
        ("5.7.1", "550 5.7.1 Service unavailable, client host blocked using Spamhaus"),
        ("5.7.1", "550 5.7.1 <a@b.org>: Recipient address rejected: Message rejected due to: SPF fail"),
        ("", "550 SPF check failed"),
        ("", "554 Message rejected as spam"),
        ("5.0.0", "SMTP error from remote mail server after MAIL FROM:<a@example.org>: 550 go away"),
        ("5.7.606", "550 5.7.606 Access denied, banned sending IP"),
    ],
)
def test_a_refusal_of_us_is_known_by_status_or_words(status: str, words: str) -> None:
    assert refuses_sender(status, words)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("5.1.1", "550 5.1.1 User unknown"),
        ("5.7.1", "550 5.7.1 User unknown"),
        ("5.7.1", "550 5.7.1 Relaying denied"),
        ("5.7.1", "554 5.7.1 <a@b.org>: Recipient address rejected: Access denied"),
        ("5.2.2", "552 5.2.2 Mailbox full"),
        ("", "550 Recipient address rejected"),
        ("5.7.1", "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized"),
        ("", ""),
    ],
)
def test_a_refusal_of_the_recipient_is_not_about_us(status: str, words: str) -> None:
    assert not refuses_sender(status, words)


def test_a_folder_with_everything_leaves_nothing_unread(mail: Mail, tmp_path: Path) -> None:
    put(tmp_path, PLAIN, COPY, LEFT_THE_OFFICE, REPLY, STRANGER, REFUSED)
    recording.collect({"folder": str(tmp_path)})
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == []


def test_the_text_of_a_message_with_mixed_line_ends_is_kept(mail: Mail, tmp_path: Path) -> None:
    """Only the headers are cut, and they end at the first empty line."""
    raw = STRANGER.encode() + b"x" * 40_000 + b"\nThe last line.\r\n\r\nMore"
    collected(tmp_path, raw.replace(b"x" * 40_000, b"x " * 1000 + b"\n" * 2 + b"y" * 40_000))
    assert ReceivedMessage.objects.get().text.startswith("How does one become a party?\nx x")


def test_headers_of_any_length_are_read(mail: Mail, tmp_path: Path) -> None:
    text = STRANGER.replace("Message-Id:", f"X-Long: {'a ' * 100_000}\nMessage-Id:")
    assert collected(tmp_path, text) == {"read": 1, "messages": 1}
    assert ReceivedMessage.objects.get().text == "How does one become a party?"


def test_half_a_character_does_not_stop_the_mailbox(mail: Mail, tmp_path: Path) -> None:
    """UTF-7 and others can encode one, and no database takes it."""
    odd = STRANGER.replace("\n\n", "\nContent-Type: text/plain; charset=utf-7\n\n", 1) + "+2AA-"
    assert collected(tmp_path, odd, REPLY) == {"read": 2, "messages": 2}


COPIED = f"""
On Monday you wrote:
> From: article12@example.org
> To: {TO}
> Subject: Norway: initial report
> Message-ID: {OURS}
"""


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        (TO, "Re: Undelivered mail"),
        (TO, "Re: report returned with comments"),
        ("ana@mda.example.org", "Re: Norway: initial report"),
    ],
)
def test_a_person_who_quotes_our_mail_returns_nothing(
    sender: str, subject: str, mail: Mail, tmp_path: Path
) -> None:
    text = REPLY.replace(f"<{TO}>", f"<{sender}>").replace("Re: Norway: initial report", subject)
    text += f"Write to other@example.org. Our report is delayed.{COPIED}"
    assert collected(tmp_path, text) == {"read": 1, "messages": 1}
    assert not Bounce.objects.exists()
    assert "Our report is delayed." in ReceivedMessage.objects.get().text


def test_who_does_not_name_a_mail_marks_nothing_as_come_back(mail: Mail, tmp_path: Path) -> None:
    """Anybody can guess an address; the task says what a person should check."""
    sent = {"state": "sent", "sent_at": "2026-03-16T06:00Z", "sent_on": "2026-03-16"}
    Reminder.objects.update(mail=mail, **sent)
    collected(tmp_path, NO_COPY)
    assert (Reminder.objects.get().state, tasks()[0][0]) == ("sent", "bounce")
    collected(tmp_path, PLAIN)
    assert Reminder.objects.get().state == "returned"
