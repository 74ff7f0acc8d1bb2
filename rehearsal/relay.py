"""Connections between hosts that can be cut: a process that forwards what arrives at its ports.

Orders are lines of JSON on standard input: `{"open": {"name": port}}` is answered with the port of each connection,
`{"cut": ["name"], "how": "silent"}` and `{"mend": ["name"]}` with an empty object. Cut `hard`, all its connections
are closed at once and no new one is accepted; cut `silent`, nothing arrives in either direction and neither end is
notified.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
CHUNK = 65536


@dataclass
class Way:
    """A port of ours, and where it leads."""

    target: int
    port: int = 0
    server: asyncio.Server | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)
    lines: set[asyncio.StreamWriter] = field(default_factory=set)
    carried: set[asyncio.Task[None]] = field(default_factory=set)

    async def listen(self) -> None:
        self.server = await asyncio.start_server(self.carry, HOST, self.port)
        self.port = self.server.sockets[0].getsockname()[1]
        self.open.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forwards one connection until one of its ends is closed."""
        try:
            there, back = await asyncio.open_connection(HOST, self.target)
        except OSError:
            writer.transport.abort()
            return
        self.lines |= {writer, back}
        try:
            await asyncio.gather(self.pour(reader, back), self.pour(there, writer))
        except OSError:
            writer.transport.abort()
            back.transport.abort()
        finally:
            self.lines -= {writer, back}
            for end in (writer, back):
                end.close()

    async def pour(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(CHUNK):
            await self.open.wait()
            target.write(data)
            await target.drain()
        with suppress(OSError):
            target.write_eof()

    def cut(self, how: str) -> None:
        if how == "silent":
            self.open.clear()
            return
        if self.server is not None:
            self.server.close()
        for line in self.lines:
            line.transport.abort()

    async def mend(self) -> None:
        if self.server is None or not self.server.is_serving():
            await self.listen()
        self.open.set()


async def serve() -> None:
    """Runs until standard input ends."""
    commands = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    ways: dict[str, Way] = {}
    say({"ready": True})
    while words := await commands.readline():
        order = json.loads(words)
        for name, target in order.get("open", {}).items():
            ways[name] = Way(target)
            await ways[name].listen()
        for name in order.get("cut", ()):
            ways[name].cut(order["how"])
        for name in order.get("mend", ()):
            await ways[name].mend()
        say({"ports": {name: way.port for name, way in ways.items()}})


def say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
