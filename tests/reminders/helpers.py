"""States that owe a report, and a real mail server that can be told to misbehave."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

from django.db import connections
from django.utils import timezone

from harness.smtp import Instruction, MailServer, parsed
from tests import factories
from tracker.registry.models import State
from tracker.reminders.models import Mail, Reminder
from tracker.reminders.plan import plan
from tracker.rules.dates import add_months

TODAY = date(2026, 3, 16)


def a_state_owing(iso3: str = "NOR", due: str = "2026-06-15", *emails: str, **fields: Any) -> State:
    """A State party to both treaties whose initial report is due on a day (no later one is owed yet)."""
    state = factories.a_state(iso3, **fields)
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, "OPSC", add_months(date.fromisoformat(due), -25).isoformat())
    for address in emails:
        factories.a_contact(state, address)
    factories.derive("2026-03-16", state)
    return state


def a_state_reporting(
    iso3: str = "JPN",
    due: str | None = "2026-06-15",
    *emails: str,
    cycles: str = "6-7",
    name: str = "",
    **decision: Any,
) -> State:
    """A State whose initial report was received, and for whose next report under the CRC the Committee has stated a
    date.

    The days of Japan are those of `data/participation.csv`, its document is that of `data/committee_dates_crc.csv`.

    Args:
        due: None: nothing is recorded about the next report.
        decision: further fields of the date stated by the Committee.
    """
    named = {"name": name} if name else {}
    state = factories.a_state(iso3, carried_records_from=date(2000, 1, 1), **named)
    factories.joins(state, "CRC", "1994-04-22")
    factories.joins(state, "OPSC", "2005-01-24")
    factories.receives(state, "2008-04-22")
    for address in emails:
        factories.a_contact(state, address)
    if due is not None or "outcome" in decision:
        stated = {"carried_by": "CRC report", "document": f"CRC/C/{iso3}/CO/4-5"}
        factories.decides(state, due, "2019-02-01", cycles=cycles, **(stated | decision))
    factories.derive("2026-03-16", state)
    return state


def moved(state: State, due: str) -> Any:
    """The Committee states another date for the initial report."""
    decision = factories.decides(state, due, "2025-02-01", kind="initial", cycles="1")
    factories.derive("2026-03-16", state)
    return decision


def answered(state: State, on: str = "2026-03-10") -> None:
    """Records that the initial report was received."""
    factories.receives(state, on)
    factories.derive("2026-03-16", state)


def planned(day: str | date = TODAY) -> list[str]:
    """Plans on a day and returns what was planned."""
    on = date.fromisoformat(day) if isinstance(day, str) else day
    found = plan(on, today=timezone.localdate()).planned
    return [f"{row.obligation.state_id} {row.stage}, {row.recipient}" for row in found]


def ledger() -> list[str]:
    """All rows of the ledger, in the order of planning."""
    rows = Reminder.objects.select_related("obligation", "rule").order_by("pk")
    return [f"{row.obligation.state_id} {row.stage}, {row.recipient}: {row.state}" for row in rows]


def the_row(recipient: str = "mission@example.org") -> Reminder:
    """The one row to a recipient."""
    return Reminder.objects.get(recipient=recipient)


def as_sent(row: Reminder, on: date) -> None:
    """The row after a mail was sent on a day."""
    mail = Mail.objects.create(recipient=row.recipient, subject="s", text="t", html="h", sent_on=on)
    Reminder.objects.filter(pk=row.pk).update(state="sent", mail=mail, sent_at=timezone.now(), sent_on=on)


class Died(BaseException):
    """The process was killed; no code of the product can catch it."""


class Sink(MailServer):
    """A mail server for the tests of sending.

    Attributes:
        refuses: answer by recipient, instead of 250.
        at_mail, at_data: an answer, or "hang up".
        before_answer: called when a text has been received and not answered yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refuses: dict[str, str] = {}
        self.at_mail = ""
        self.at_data = "250 2.0.0 kept as 42"
        self.before_answer: Callable[[EmailMessage], Any] = lambda mail: None

    @property
    def mails(self) -> list[EmailMessage]:
        """The accepted mails."""
        return [parsed(text) for _recipients, text in self.accepted]

    @property
    def recipients(self) -> list[str]:
        """The recipients of the accepted mails."""
        return [mail["To"].addresses[0].addr_spec for mail in self.mails]

    def instruction(self, at: str, to: str = "") -> Instruction | None:
        words = {"mail": self.at_mail, "rcpt": self.refuses.get(to, ""), "answer": self.at_data}.get(at, "")
        if not words or words.startswith("250"):
            return None
        return {"at": at, "do": "close"} if words == "hang up" else {"at": at, "do": "answer", "words": words}

    def accept(self, envelope: Any) -> str:
        super().accept(envelope)
        return self.at_data

    async def received(self, text: bytes) -> None:
        await asyncio.to_thread(self._call, parsed(text))

    def _call(self, mail: EmailMessage) -> None:
        try:
            self.before_answer(mail)
        finally:
            connections.close_all()


@contextmanager
def greeting_with(words: bytes) -> Iterator[int]:
    """A server that sends one line to each client and closes the connection; returns its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    line, _address = server.accept()
                except OSError:
                    return
                with line:
                    line.sendall(words)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def free_port() -> int:
    """A port that no program listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, in one line."""
    return " ".join(mail.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
