"""A mail server for measuring: takes every mail, after so many milliseconds as its one argument says.

Prints its port, and for each line on standard input the number of mails taken since the last one.
"""

from __future__ import annotations

import asyncio
import sys


class Line(asyncio.Protocol):
    """One client, answered as RFC 5321 wants it, and no more."""

    taken = 0
    pause = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.rest, self.in_text = transport, b"", False
        self.say("220 sink.example.org")

    def say(self, words: str) -> None:
        self.transport.write(words.encode() + b"\r\n")

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while True:
            end = b"\r\n.\r\n" if self.in_text else b"\r\n"
            told, found, rest = self.rest.partition(end)
            if not found:
                return
            self.rest = rest
            if self.in_text:
                self.in_text = False
                asyncio.get_running_loop().call_later(self.pause, self.take)
            else:
                self.answer(told.split(b" ")[0].upper())

    def take(self) -> None:
        Line.taken += 1
        self.say("250 2.0.0 taken")

    def answer(self, verb: bytes) -> None:
        self.in_text = verb == b"DATA"
        self.say({b"DATA": "354 go on", b"QUIT": "221 bye"}.get(verb, "250 ok"))
        if verb == b"QUIT":
            self.transport.close()


async def serve() -> None:
    Line.pause = float(sys.argv[1]) / 1000
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Line, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(Line.taken, flush=True)
        Line.taken = 0


if __name__ == "__main__":
    asyncio.run(serve())
