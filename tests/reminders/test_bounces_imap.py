"""Returned mail, read from a real IMAP server over a socket."""

from __future__ import annotations

import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.reminders.helpers import free_port
from tests.reminders.notifications import EXIM, OURS, OUT_OF_OFFICE, POSTFIX
from tests.reminders.test_bounces import a_mail
from tracker import environment
from tracker.reminders.incoming import postbox, recording
from tracker.reminders.models import Bounce

pytestmark = pytest.mark.django_db

SERVER = "from pymap.main import main; main()"
PASSWORD = "secret wörd"


@pytest.fixture(scope="module")
def port(tmp_path_factory: Any) -> Iterator[int]:
    """A server with one mailbox of desk@example.org, held in memory."""
    number = free_port()
    words = [
        sys.executable, "-c", SERVER, "--host", "127.0.0.1", "--port", str(number), "--no-tls",
        "dict", "--demo-data", "--demo-user", "desk@example.org", "--demo-password", PASSWORD,
    ]  # fmt: skip
    log: Path = tmp_path_factory.mktemp("imap") / "log"
    with log.open("w") as file, subprocess.Popen(words, stdout=file, stderr=file) as process:
        try:
            wait_for(number, process, log)
            yield number
        finally:
            process.terminate()


def wait_for(port: int, process: Any, log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            imaplib.IMAP4("127.0.0.1", port, timeout=5).logout()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the IMAP server does not answer: {log.read_text()}")


@pytest.fixture
def box(port: int) -> Iterator[imaplib.IMAP4]:
    """A mail program on the same mailbox, which has no unread mail at first."""
    line = imaplib.IMAP4("127.0.0.1", port, timeout=5)
    line.authenticate("PLAIN", lambda _: f"\0desk@example.org\0{PASSWORD}".encode())
    line.select("INBOX")
    line.uid("STORE", "1:*", "+FLAGS", r"(\Seen)")
    yield line
    line.logout()


def address(port: int, box: str = "INBOX", word: str = "secret%20w%C3%B6rd") -> str:
    return f"imap://desk%40example.org:{word}@127.0.0.1:{port}/{box}"


def unread(box: imaplib.IMAP4) -> int:
    box.noop()
    return len(box.uid("SEARCH", "UNSEEN")[1][0].split())


def test_what_came_in_is_read_once_and_marked(port: int, box: imaplib.IMAP4) -> None:
    mail = a_mail("NOR", "mission@example.org", OURS)
    for text in (POSTFIX, OUT_OF_OFFICE, EXIM):
        box.append("INBOX", None, None, text.replace("\n", "\r\n").encode())  # type: ignore[arg-type]  # may be None
    where = environment.bounces.value("BOUNCES_URL", address(port))
    assert +recording.collect(where) == {"read": 3, "failed": 2, "messages": 1}
    assert set(Bounce.objects.values_list("mail", flat=True)) == {mail.pk}
    assert unread(box) == 0
    assert +recording.collect(where) == {}


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"word": "wrong"}, "[AUTHENTICATIONFAILED] Invalid authentication credentials."),
        ({"box": "nowhere"}, "[NONEXISTENT] Mailbox does not exist."),
    ],
    ids=["password", "mailbox"],
)
def test_a_server_that_does_not_let_in_is_told_in_one_line(place: Any, told: str, port: int) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("read_bounces", address(port, **place))
    assert str(refused.value) == f"The mailbox cannot be read: {told}"
    where = environment.bounces.value("BOUNCES_URL", address(port, **place))
    with pytest.raises(postbox.Unavailable) as reason, postbox.unread(where) as messages:
        list(messages)
    assert reason.value.cause == ("login" if "word" in place else "other")


def test_a_server_that_is_not_there_is_told_in_one_line() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("read_bounces", address(free_port()))
    assert str(refused.value).startswith("The mailbox cannot be read: ")
    assert str(refused.value).endswith("Connection refused")


def test_a_server_without_tls_is_not_trusted_with_a_password(port: int) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("read_bounces", address(port).replace("imap:", "imap+tls:"))
    assert "TLS" in str(refused.value)
    with pytest.raises(CommandError) as refused:
        call_command("read_bounces", address(port).replace("imap:", "imaps:"))
    assert "SSL" in str(refused.value)
