"""A mail server that records what it accepts, and misbehaves as instructed.

At each point of the dialogue the first instruction that fits is obeyed:

    at      greeting, mail, rcpt, text (while it is being received), answer (to the text)
    do      answer (with the words), hang, close, slow (accept the text after so many seconds),
            keep and close, keep and hang: the text is accepted, but the client is not told
    times   how often; without it, until there are other instructions
    to      only mails to addresses that match this regular expression

`python -m harness.smtp` runs it as a process of its own (see `harness.process`): it says its port first; an order may
hold `instructions`, `forget` (what was accepted) and `listen`, and is answered with what was accepted.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
NEVER = 3600  # seconds; no client waits so long
ABOUT = re.compile(r"\bTestland\d+")  # the States that `faults` makes: `faults.jobs.make`
Instruction = dict[str, Any]


class MailServer:
    """What the server accepts, and how it behaves.

    Attributes:
        accepted: each text with its recipients, as received.
        connections: how many were opened.
        obeyed: how many instructions were obeyed.
    """

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.accepted: list[tuple[Sequence[str], bytes]] = []
        self.obeyed = self.connections = self.port = 0

    def instruction(self, at: str, to: str = "") -> Instruction | None:
        """What to do at a point of the dialogue; None to go on as usual."""
        for one in self.instructions:
            if one["at"] == at and re.search(one.get("to", ""), to) and one.get("times", 1) > 0:
                if "times" in one:
                    one["times"] -= 1
                self.obeyed += 1
                return one
        return None

    async def received(self, text: bytes) -> None:
        """Called when a text is there and has not been answered yet."""

    def accept(self, envelope: Any) -> str:
        """Accepts a text; returns the answer."""
        self.accepted.append((tuple(envelope.rcpt_tos), envelope.content))
        return f"250 2.0.0 kept as {len(self.accepted)}"

    async def listen(self) -> asyncio.Server:
        """Opens its port, the same one each time."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(self), HOST, self.port)
        self.port = server.sockets[0].getsockname()[1]
        return server

    # What the library calls.

    async def handle_MAIL(  # noqa: N802
        self, connection: Connection, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        instruction = self.instruction("mail")
        if instruction is not None:
            return await connection.misbehave(instruction)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, connection: Connection, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        instruction = self.instruction("rcpt", address)
        if instruction is not None:
            return await connection.misbehave(instruction)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, connection: Connection, session: Any, envelope: Any) -> str:  # noqa: N802
        await self.received(envelope.content)
        instruction = self.instruction("answer", envelope.rcpt_tos[0])
        if instruction is None:
            return self.accept(envelope)
        if instruction["do"] == "slow":
            await asyncio.sleep(instruction["seconds"])
            return self.accept(envelope)
        if instruction["do"].startswith("keep"):
            self.accept(envelope)
        return await connection.misbehave(instruction)


class Connection(SMTP):
    """One connection of a client."""

    def __init__(self, server: MailServer) -> None:
        super().__init__(server, hostname="mail.example.org", enable_SMTPUTF8=True)
        self.mail_server = server

    async def _handle_client(self) -> None:
        self.mail_server.connections += 1
        instruction = self.mail_server.instruction("greeting")
        if instruction is not None:
            await self.misbehave(instruction)
            return
        await super()._handle_client()

    async def misbehave(self, instruction: Instruction) -> str:
        """Hangs, closes the connection, or returns the answer to give."""
        if instruction["do"].endswith("hang"):
            await asyncio.sleep(NEVER)
        line: Any = self.transport
        if instruction["do"].endswith("close"):
            line.abort()
        words = str(instruction.get("words", "451 4.3.0 closing"))
        if instruction["at"] == "greeting" and instruction["do"] == "answer":
            await self.push(words)
            line.close()
        return words

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - named by the library
        to = self.envelope.rcpt_tos if self.envelope else []
        instruction = self.mail_server.instruction("text", *to[:1])
        if instruction is not None:
            await self.push("354 go on")
            await self.misbehave(instruction)
            return
        await super().smtp_DATA(arg)


def parsed(text: bytes) -> EmailMessage:
    """A text as a message."""
    found = email.message_from_bytes(text, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


# --- in a thread of this process --------------------------------------------------------------------


@contextmanager
def running(server: MailServer) -> Iterator[None]:
    """Runs a server in a thread, on a free port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        listening = asyncio.run_coroutine_threadsafe(server.listen(), loop).result(10)
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(_end(listening), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    ours = asyncio.current_task()
    left = [task for task in asyncio.all_tasks() if task is not ours]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


# --- as a process -----------------------------------------------------------------------------------


async def serve() -> None:
    """Runs until standard input ends."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    server, summaries = MailServer(), list[list[dict[str, Any]]]()
    listening = await server.listen()
    say({"port": server.port})
    while words := await orders.readline():
        order = json.loads(words)
        if "instructions" in order:
            server.instructions = order["instructions"]
        if order.get("forget"):
            server.accepted, summaries = [], []
            server.obeyed = server.connections = 0
        if order.get("listen") is False:
            listening.close()
        if order.get("listen"):
            listening = await server.listen()
        for recipients, text in server.accepted[len(summaries) :]:
            summaries.append([summary(recipient, text) for recipient in recipients])
        say(
            {
                "accepted": [one for mail in summaries for one in mail],
                "obeyed": server.obeyed,
                "connections": server.connections,
            }
        )


def summary(recipient: str, text: bytes) -> dict[str, Any]:
    """Message-ID, recipient and the States that a mail is about."""
    mail: Any = parsed(text)
    about = sorted(set(ABOUT.findall(mail.get_body(("plain",)).get_content())))
    return {"id": mail["Message-ID"], "recipient": recipient, "about": about}


def say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
