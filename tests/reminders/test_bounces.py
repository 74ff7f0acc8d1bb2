"""Notifications of returned mail are read in any format, stored once, and become a task."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from hypothesis import given, settings, strategies as st

from tests import factories
from tests.depth import examples
from tests.reminders.helpers import TODAY, a_state_owing
from tests.reminders.notifications import (
    DATE,
    EXCHANGE,
    EXIM,
    OURS,
    OUT_OF_OFFICE,
    POSTFIX,
    TO,
    names,
    put,
)
from tracker import environment
from tracker.registry.models import Contact
from tracker.reminders import attention, tasks
from tracker.reminders.incoming import bounced, postbox, reading, recording
from tracker.reminders.models import Bounce, Mail, ReceivedMessage, Reminder, StaffTask
from tracker.reminders.plan import plan

NONE: dict[str, int] = {}


@pytest.fixture
def mail(db: None) -> Mail:
    """A mail to Norway's mission."""
    return a_mail("NOR", TO, OURS)


def a_mail(iso3: str, recipient: str, message_id: str, sent_on: Any = TODAY) -> Mail:
    a_state_owing(iso3, "2026-06-15", recipient)
    plan(TODAY)
    sent = Mail.objects.create(
        recipient=recipient, subject="s", text="t", message_id=message_id, sent_on=sent_on
    )
    Mail.objects.filter(pk=sent.pk).update(created_at="2026-03-16T06:00Z")
    Reminder.objects.filter(recipient=recipient).update(mail=sent)
    return sent


def collected(folder: Path, *texts: str | bytes) -> dict[str, int]:
    """The counts of reading them from a folder, without zeros."""
    put(folder, *texts)
    return +recording.collect({"folder": str(folder)})


def kept() -> list[tuple[Any, ...]]:
    rows = Bounce.objects.order_by("pk")
    return [(row.kind, row.recipient, row.status, row.diagnostic) for row in rows]


# --- what mail servers send -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (POSTFIX, "5.1.1", f"550 5.1.1 <{TO}>: Recipient address rejected: User unknown"),
        (EXCHANGE, "5.2.2", "554 5.2.2 mailbox full"),
        (EXIM, "5.0.0", "550 No such user here"),
    ],
    ids=["Postfix", "Exchange", "Exim"],
)
def test_a_mail_that_came_back_is_kept_with_a_task(
    text: str, status: str, words: str, mail: Mail, tmp_path: Path
) -> None:
    assert collected(tmp_path, text) == {"read": 1, "failed": 1}
    assert kept() == [("failed", TO, status, words)]
    (bounce,) = Bounce.objects.all()
    assert (bounce.mail, bounce.received_at) == (mail, datetime(2026, 3, 16, 7, 30, tzinfo=UTC))
    (task,) = StaffTask.objects.all()
    assert (task.kind, task.state_id, task.mail, task.bounce) == ("bounce", "NOR", mail, bounce)
    assert (task.contact, task.said, task.title) == (Contact.objects.get(), words, "A mail was returned.")
    assert (names(tmp_path, "new"), names(tmp_path, "cur")) == ([], ["1773646200.M1P2.mail:2,S"])


def test_reading_the_same_again_changes_nothing(mail: Mail, tmp_path: Path) -> None:
    collected(tmp_path, POSTFIX)
    assert collected(tmp_path) == NONE  # what was read is not read again
    assert collected(tmp_path, POSTFIX) == {"read": 1, "known": 1}
    assert (Bounce.objects.count(), StaffTask.objects.count()) == (1, 1)
    assert names(tmp_path, "new") == []


@pytest.mark.parametrize(
    "date", ["Mon, 16 Mar 2026 05:59:59 +0000", "Mon, 16 Mar 2099 09:00:00 +0000", "soon"]
)
def test_a_day_that_cannot_be_is_that_of_reading(date: str, mail: Mail, tmp_path: Path) -> None:
    collected(tmp_path, POSTFIX.replace(DATE, date))
    assert Bounce.objects.get().received_at.hour == 9


def test_a_delay_is_kept_without_a_task(mail: Mail, tmp_path: Path) -> None:
    text = POSTFIX.replace("Action: failed", "Action: delayed").replace("5.1.1", "4.4.1")
    assert collected(tmp_path, text) == {"read": 1, "delayed": 1}
    assert [row[0] for row in kept()] == ["delayed"]
    assert not StaffTask.objects.exists()
    assert list(bounced.undeliverable()) == []


def test_a_mail_given_up_after_days_is_a_task_and_no_reason_to_doubt_the_address(
    mail: Mail, tmp_path: Path
) -> None:
    text = POSTFIX.replace("Status: 5.1.1", "Status: 4.4.1")
    assert collected(tmp_path, text) == {"read": 1, "failed": 1}
    assert StaffTask.objects.get().title == "A mail could not be delivered after several attempts."
    assert list(bounced.undeliverable()) == []


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "deliverable"])
def test_a_delivery_is_kept_and_waits_for_nobody(action: str, mail: Mail, tmp_path: Path) -> None:
    text = POSTFIX.replace("Action: failed", f"Action: {action}").replace("5.1.1", "2.0.0")
    assert collected(tmp_path, text) == {"read": 1, "delivered": 1}
    assert (ReceivedMessage.objects.get().kind, Bounce.objects.count()) == ("delivered", 0)
    assert not StaffTask.objects.exists()


@pytest.mark.parametrize("action", ["failed (gave up)", "refused", "", "nonsense"])
def test_any_other_action_is_a_failure(action: str, mail: Mail, tmp_path: Path) -> None:
    assert collected(tmp_path, POSTFIX.replace("Action: failed", f"Action: {action}")) == {
        "read": 1,
        "failed": 1,
    }


def test_a_line_that_is_no_field_belongs_to_the_one_before(mail: Mail, tmp_path: Path) -> None:
    text = POSTFIX.replace("Diagnostic-Code: smtp; 550 5.1.1", "Diagnostic-Code: smtp;\n550 5.1.1")
    assert collected(tmp_path, text) == {"read": 1, "failed": 1}
    assert kept()[0][3] == f"550 5.1.1 <{TO}>: Recipient address rejected: User unknown"


def test_the_words_of_a_server_are_decoded(mail: Mail, tmp_path: Path) -> None:
    """The diagnostic is in ISO-2022-JP, as Japanese carriers write it."""
    words = "宛先が見つかりません"
    start = POSTFIX.index("Diagnostic-Code")
    end = POSTFIX.index("\n\n", start)
    text = f"{POSTFIX[:start]}Diagnostic-Code: smtp; 550 WORDS{POSTFIX[end:]}"
    collected(tmp_path, text.encode().replace(b"WORDS", words.encode("iso2022_jp")))
    assert kept()[0][3].endswith(words)


def test_without_a_diagnostic_the_text_for_people_is_shown(mail: Mail, tmp_path: Path) -> None:
    start = POSTFIX.index("Diagnostic-Code")
    text = POSTFIX[:start] + POSTFIX[POSTFIX.index("\n\n", start) :]
    collected(tmp_path, text)
    assert "your message could not be delivered" in kept()[0][3]


def encoded(text: str) -> str:
    """A delivery status in base64, which the standard forbids."""
    import base64

    begin = text.index("Reporting-MTA")
    end = text.index("\n--4ABCD", begin)
    whole = base64.encodebytes(text[begin:end].encode()).decode()
    head = text[:begin].rstrip() + "\nContent-Transfer-Encoding: base64\n\n"
    return head + whole + text[end:]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (POSTFIX[: POSTFIX.index("Content-Description: Undelivered Message")], "5.1.1"),
        (POSTFIX[: POSTFIX.index("Remote-MTA")], "5.1.1"),
        (POSTFIX.replace("report-type=delivery-status; ", ""), "5.1.1"),
        (POSTFIX.replace("Status: 5.1.1\n", ""), "5.1.1"),
        (POSTFIX.replace("Action: failed\n", ""), "5.1.1"),
        (POSTFIX.replace("us-ascii", "x-nonsense").replace("sorry", "désolé"), "5.1.1"),
        (POSTFIX.replace("\n", "\r\n"), "5.1.1"),
        (encoded(POSTFIX), "5.1.1"),
        (POSTFIX.replace("message/delivery-status", "message/global-delivery-status"), "5.1.1"),
        (POSTFIX.replace(OURS, "<lost@example.org>"), "5.1.1"),
        (POSTFIX + "x" * 2_000_000, "5.1.1"),
    ],
    ids=["cut off", "cut off early", "no report-type", "no status", "no action", "charset", "CRLF", "base64",
         "global", "by recipient", "huge"],
)  # fmt: skip
def test_a_notification_is_understood_that_is_not_as_it_should_be(
    text: str, status: str, mail: Mail, tmp_path: Path
) -> None:
    assert collected(tmp_path, text) == {"read": 1, "failed": 1}
    assert [row[:3] for row in kept()] == [("failed", TO, status)]


def test_a_notification_without_a_name_of_its_own_is_known_by_its_words(mail: Mail, tmp_path: Path) -> None:
    text = POSTFIX.replace("Message-Id: <20260316073000.4ABCD@mail.example.org>\n", "")
    assert collected(tmp_path, text, text) == {"read": 2, "failed": 1, "known": 1}


def test_one_notification_tells_of_several_recipients(mail: Mail, tmp_path: Path) -> None:
    a_mail("SWE", "swe@example.org", "<2@example.org>")
    block = "Final-Recipient: rfc822; swe@example.org\nAction: delayed\nStatus: 4.2.2\n\n"
    text = POSTFIX.replace(OURS, "").replace("Final-Recipient", f"{block}Final-Recipient", 1)
    assert collected(tmp_path, text) == {"read": 1, "failed": 1}
    assert sorted(row[:3] for row in kept()) == [
        ("delayed", "swe@example.org", "4.2.2"), ("failed", TO, "5.1.1")
    ]  # fmt: skip


def test_an_address_behind_ours_that_fails_is_a_failure_of_ours(mail: Mail, tmp_path: Path) -> None:
    collected(tmp_path, POSTFIX.replace("822; mission@", "822; clerk@").replace("822;mission@", "822;clerk@"))
    assert kept()[0][:2] == ("failed", TO)


def test_a_mail_longer_ago_is_not_found_by_its_recipient_alone(mail: Mail, tmp_path: Path) -> None:
    Mail.objects.update(sent_on="2026-02-13")
    assert collected(tmp_path, POSTFIX.replace(OURS, "")) == {"read": 1, "messages": 1}
    Mail.objects.update(sent_on="2026-02-14")
    assert collected(tmp_path, POSTFIX.replace(OURS, "<lost@example.org>")) == {"read": 1, "failed": 1}


def test_the_words_of_a_server_hold_nothing_that_steers(mail: Mail, tmp_path: Path) -> None:
    collected(tmp_path, POSTFIX.replace("550 5.1.1 <", "550 \x1b[2J\x00\u202e5.1.1 <"))
    assert kept()[0][3] == f"550 [2J 5.1.1 <{TO}>: Recipient address rejected: User unknown"


PIECES = [part + "\n" for part in POSTFIX.split("\n")]


@settings(max_examples=examples(40), deadline=None)
@given(
    cuts=st.lists(st.integers(0, len(PIECES) - 1), max_size=12),
    odd=st.binary(max_size=40),
    at=st.integers(0, len(POSTFIX)),
)
def test_no_message_breaks_the_reader(cuts: list[int], odd: bytes, at: int) -> None:
    raw = "".join(line for number, line in enumerate(PIECES) if number not in cuts).encode()
    found = reading.read(raw[:at] + odd + raw[at:])
    assert "\0" not in f"{found.sender}{found.sender_name}{found.subject}{found.text}"
    assert len(found.text) <= reading.MOST_TEXT


@pytest.mark.parametrize(
    "raw",
    [
        b'Content-Type: multipart/report; boundary="\n\n--\n',
        b"Content-Type: multipart/report; report-type*0*=''%; boundary=a\n\n--a\nContent-Type: message/rfc822\n",
        b"Content-Type: message/delivery-status\n\n" + b"A: b\n\n" * 10_000,
        b'To: =?x?q?=00?= <"\nMessage-ID: <<>\nContent-Type: ;;\n\n',
    ],
    ids=["open quote", "parameters", "many blocks", "headers"],
)
def test_hostile_messages_say_nothing(raw: bytes) -> None:
    found = reading.read(raw)
    assert (found.failures, found.message_ids) == ((), ())


# --- the mailbox ----------------------------------------------------------------------------------


# Deeper than the parser of the standard library can follow.
DEEP = "".join(f"Content-Type: multipart/mixed; boundary={n}\n\n--{n}\n" for n in range(2000))


def test_one_that_cannot_be_read_is_named_and_left_and_stops_nothing(
    mail: Mail, tmp_path: Path, caplog: Any
) -> None:
    assert collected(tmp_path, DEEP, POSTFIX) == {"read": 2, "failed": 1, "unreadable": 1}
    assert "message 1773646200.M1P2.mail cannot be read and is left: RecursionError" in caplog.text
    assert names(tmp_path, "new") == ["1773646200.M1P2.mail"]


def test_what_a_person_has_flagged_but_not_read_is_read(mail: Mail, tmp_path: Path) -> None:
    put(tmp_path, POSTFIX)
    (tmp_path / "new" / "1773646200.M1P2.mail").rename(tmp_path / "cur" / "1.mail:2,F")
    assert collected(tmp_path) == {"read": 1, "failed": 1}
    assert names(tmp_path, "cur") == ["1.mail:2,FS"]


def test_the_command_prints_its_counts(mail: Mail, tmp_path: Path) -> None:
    put(tmp_path, POSTFIX, OUT_OF_OFFICE)
    out = StringIO()
    call_command("read_bounces", f"maildir://{tmp_path}", "--format", "json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "read": 2, "failed": 1, "delayed": 0, "known": 0, "unreadable": 0, "refused": 0, "delivered": 0,
        "messages": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("maildir:///nowhere/at/all", "The mailbox cannot be read: No such file or directory: /nowhere/at/all/new"),
        ("pop3://desk:secret@localhost",
         "PLACE is not understood; write maildir:///folder or imaps://user:password@host/INBOX."),
        ("", "There is no mailbox to read; set BOUNCES_URL or give PLACE."),
    ],
)  # fmt: skip
def test_a_mailbox_that_cannot_be_read_is_told_in_one_line(place: str, told: str, db: None) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("read_bounces", *([place] if place else []))
    assert str(refused.value) == told


def test_the_worker_reads_the_mailbox_of_the_settings(
    mail: Mail, tmp_path: Path, settings: Any, caplog: Any
) -> None:
    caplog.set_level("INFO", "tracker")
    settings.BOUNCES = {"folder": str(tmp_path)}
    put(tmp_path, POSTFIX)
    tasks.read_bounces()
    assert Bounce.objects.count() == 1
    settings.BOUNCES = {"folder": "/nowhere"}
    tasks.read_bounces()
    assert [record.getMessage() for record in caplog.records][-2:] == [
        (
            "mailbox for bounces: 1 read, 1 failed, 0 delayed, 0 known, 0 unreadable, 0 refused, 0 delivered, "
            "0 messages"
        ),
        "the mailbox for bounces cannot be read: No such file or directory: /nowhere/new",
    ]


def test_the_mailbox_is_read_every_hour_where_one_is_set() -> None:
    said = (
        "from tracker import settings; print([one['task'] for one in settings.CELERY_BEAT_SCHEDULE.values()])"
    )
    task = "tracker.reminders.tasks.read_bounces"
    for url, is_asked_for in (("", False), ("maildir:///var/mail/back", True)):
        environ = os.environ | {"BOUNCES_URL": url}
        found = subprocess.run(
            [sys.executable, "-c", said], env=environ, capture_output=True, text=True, check=True
        )
        assert (task in found.stdout) is is_asked_for


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", {}),
        ("maildir:///var/mail/back%20here", {"folder": "/var/mail/back here"}),
        ("imaps://desk%40example.org:p%3Aw@imap.example.org/Back/Here",
         {"host": "imap.example.org", "port": 993, "security": "ssl", "user": "desk@example.org",
          "password": "p:w", "box": "Back/Here"}),
        ("imap+tls://desk:pw@localhost:1143",
         {"host": "localhost", "port": 1143, "security": "tls", "user": "desk", "password": "pw",
          "box": "INBOX"}),
    ],
)  # fmt: skip
def test_the_address_of_the_mailbox_is_read(monkeypatch: Any, written: str, meant: dict[str, Any]) -> None:
    monkeypatch.setenv("BOUNCES_URL", written)
    assert environment.read("BOUNCES_URL", environment.bounces) == meant


@pytest.mark.parametrize(
    "written",
    ["maildir://host/folder", "maildir://", "imaps://host/INBOX", "imaps://desk@host", "imap://desk:pw@host:x",
     'imaps://desk:pw@host/a"b', "imaps://desk:pw@host/%C3%A9", "mbox:///var/mail/desk", "/var/mail/desk"],
)  # fmt: skip
def test_an_address_of_a_mailbox_that_cannot_be_is_refused(monkeypatch: Any, written: str) -> None:
    monkeypatch.setenv("BOUNCES_URL", written)
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read("BOUNCES_URL", environment.bounces)
    assert str(refused.value) == (
        "BOUNCES_URL is not understood; write maildir:///folder or imaps://user:password@host/INBOX."
    )


# --- unreachable addresses ------------------------------------------------------------------------


def test_an_address_is_open_until_its_task_is_settled_and_again_when_it_is_reopened(
    mail: Mail, tmp_path: Path
) -> None:
    contact = Contact.objects.get()
    assert (list(bounced.undeliverable()), bounced.open_about([contact])) == ([], {})
    collected(tmp_path, POSTFIX, EXIM)
    assert list(bounced.undeliverable()) == [TO]
    assert bounced.open_about([contact])[contact.pk].words == "550 No such user here"
    first = StaffTask.objects.earliest("pk")
    both = list(StaffTask.objects.order_by("pk").values_list("pk", flat=True))
    assert attention.settle(first, by="ada", outcome="they emptied the mailbox", along=both) == both
    assert (list(bounced.undeliverable()), bounced.open_about([contact])) == ([], {})
    assert attention.settle(first, by="ada", outcome="again") == []
    assert attention.reopen(StaffTask.objects.all()) == 2
    assert list(bounced.undeliverable()) == [TO]


def test_another_address_of_the_contact_is_not_marked_and_one_in_capitals_is(
    mail: Mail, tmp_path: Path
) -> None:
    collected(tmp_path, POSTFIX)
    contact = Contact.objects.get()
    contact.email = "Mission@Example.org"
    assert list(bounced.open_about([contact])) == [contact.pk]
    contact.email = "new@example.org"
    assert bounced.open_about([contact]) == {}


def test_each_state_that_the_mail_was_about_has_its_task(mail: Mail, tmp_path: Path) -> None:
    iceland = a_state_owing("ISL", "2026-06-15", TO)
    plan(TODAY)
    Reminder.objects.update(mail=mail)
    collected(tmp_path, POSTFIX)
    assert [(task.state_id, task.contact) for task in StaffTask.objects.order_by("state")] == [
        ("ISL", iceland.contacts.get()), ("NOR", Contact.objects.get(state="NOR"))
    ]  # fmt: skip
    # Sent again, the reminders refer to another mail; then the State of the contact with that address is named.
    Reminder.objects.update(mail=None)
    collected(tmp_path, EXIM)
    assert StaffTask.objects.count() == 4


def test_the_addresses_are_found_in_one_query(mail: Mail, django_assert_num_queries: Any) -> None:
    everyone = [*Contact.objects.all(), factories.a_contact(factories.a_state("SWE"), "swe@example.org")]
    with django_assert_num_queries(1):
        assert bounced.open_about(everyone) == {}


def test_a_folder_with_many_is_read_a_thousand_at_a_time(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(postbox, "MOST_MESSAGES", 2)
    put(tmp_path, *["x"] * 5)
    with postbox.unread({"folder": str(tmp_path)}) as letters:
        assert Counter(letter.read() for letter in letters) == {b"x": 2}
