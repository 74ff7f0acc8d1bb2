"""A mail server in a process of its own: counts what it has accepted, and misbehaves when it is told to.

It is told in lines of JSON on standard input and answers each with one. It says its port first. What it does at a
point of the dialogue is a list of instructions, of which the first that fits is obeyed:

    at      greeting, mail, rcpt, text (while it is coming), answer (to the text)
    do      answer (with the words), hang, close, slow (take it after so many seconds),
            keep and close, keep and hang: the text is accepted, and the client does not learn of it
    times   how often; without it, for as long as it is told to
    to      only mails to addresses that match this regular expression
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
import sys
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"
NEVER = 3600  # seconds; no client waits so long
ABOUT = re.compile(r"\bTestland\d+")  # the States of the cases: `jobs.make`


@dataclass
class Book:
    """What the server has accepted, and how it is to behave."""

    accepted: list[dict[str, Any]] = field(default_factory=list)
    instructions: list[dict[str, Any]] = field(default_factory=list)
    obeyed: int = 0
    lines: int = 0

    def instruction(self, at: str, to: str = "") -> dict[str, Any] | None:
        """What is to be done at a point of the dialogue; None where it goes on as ever."""
        for one in self.instructions:
            if one["at"] == at and re.search(one.get("to", ""), to) and one.get("times", 1) > 0:
                if "times" in one:
                    one["times"] -= 1
                self.obeyed += 1
                return one
        return None

    def keep(self, envelope: Any) -> None:
        """Accepts a text, for each of its recipients."""
        mail: Any = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = mail.get_body(("plain",)).get_content()
        about = sorted(set(ABOUT.findall(text)))
        for recipient in envelope.rcpt_tos:
            self.accepted.append({"id": mail["Message-ID"], "recipient": recipient, "about": about})


class Server(SMTP):
    """One line to a client."""

    def __init__(self, book: Book) -> None:
        super().__init__(Handler(book), hostname="sink.example.org")
        self.book = book

    async def _handle_client(self) -> None:
        self.book.lines += 1
        told = self.book.instruction("greeting")
        if told is not None:
            await self.misbehave(told)
            return
        await super()._handle_client()

    async def misbehave(self, told: dict[str, Any]) -> str:
        """Hangs, closes the line, or gives the answer to return."""
        if told["do"].endswith("hang"):
            await asyncio.sleep(NEVER)
        line: Any = self.transport
        if told["do"].endswith("close"):
            line.abort()
        words = str(told.get("words", "451 4.3.0 closing"))
        if told["at"] == "greeting" and told["do"] == "answer":
            await self.push(words)
            line.close()
        return words

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - named by the library
        to = self.envelope.rcpt_tos if self.envelope else []
        told = self.book.instruction("text", *to[:1])
        if told is not None:
            await self.push("354 go on")
            await self.misbehave(told)
            return
        await super().smtp_DATA(arg)


class Handler:
    """What the library asks at each point of the dialogue."""

    def __init__(self, book: Book) -> None:
        self.book = book

    async def handle_MAIL(  # noqa: N802
        self, server: Server, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        told = self.book.instruction("mail")
        if told is not None:
            return await server.misbehave(told)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: Server, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        told = self.book.instruction("rcpt", address)
        if told is not None:
            return await server.misbehave(told)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Server, session: Any, envelope: Any) -> str:  # noqa: N802
        told = self.book.instruction("answer", envelope.rcpt_tos[0])
        if told is None:
            self.book.keep(envelope)
        elif told["do"] == "slow":
            await asyncio.sleep(told["seconds"])
            self.book.keep(envelope)
        else:
            if told["do"].startswith("keep"):
                self.book.keep(envelope)
            return await server.misbehave(told)
        return f"250 2.0.0 kept as {len(self.book.accepted)}"


async def serve() -> None:
    """Until standard input ends."""
    loop = asyncio.get_running_loop()
    told = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    book = Book()

    listening = await loop.create_server(lambda: Server(book), HOST, 0)
    port = listening.sockets[0].getsockname()[1]
    say({"port": port})
    while words := await told.readline():
        order = json.loads(words)
        if "instructions" in order:
            book.instructions = order["instructions"]
        if order.get("forget"):
            book.accepted, book.obeyed, book.lines = [], 0, 0
        if order.get("listen") is False:
            listening.close()
        if order.get("listen"):
            listening = await loop.create_server(lambda: Server(book), HOST, port)
        say({"accepted": book.accepted, "obeyed": book.obeyed, "lines": book.lines})


def say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
