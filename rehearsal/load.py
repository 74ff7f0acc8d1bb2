"""Users at work, in a separate process: they read pages, save views of lists, and sign in, without a pause.

Orders are lines of JSON on standard input: first the addresses, then `{"count": "name of the next phase"}`, answered
with the results of the requests since the last order, and `{"stop": true}`. A request failed if there was no
response, or another than a user would get on a normal day.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import urllib3

from rehearsal.client import Client, place

PAGES = ("/", "/states/", "/obligations/", "/help/", "/login/", "/healthz", "/static/css/base.css")
KEPT = "submissions"  # the list whose views are saved
READERS, KEEPERS = 4, 2
BETWEEN = 0.15  # seconds between two requests of one person
BETWEEN_SIGNING_IN = 2.0
PATIENCE = 30.0
MOST_FAILURES = 8


@dataclass
class Book:
    """The results of the requests since it was last read."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    requests: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    last_failure: float = 0.0
    kept: dict[str, int] = field(default_factory=dict)  # the newest value that was acknowledged, by view

    def add(self, kind: str, seconds: float, wrong: str) -> None:
        with self.lock:
            self.requests[kind] += 1
            self.slowest = max(self.slowest, seconds)
            if wrong:
                self.failed.append(f"{kind}: {wrong} after {seconds:.1f} s")
                self.last_failure = time.monotonic()

    def read(self) -> dict[str, Any]:
        with self.lock:
            found = {
                "requests": dict(self.requests),
                "failed": len(self.failed),
                "failures": self.failed[:MOST_FAILURES],
                "slowest": self.slowest,
                "quiet": time.monotonic() - self.last_failure,
                "kept": dict(self.kept),
            }
            self.requests, self.failed, self.slowest = Counter(), [], 0.0
            return found


class People:
    """All users at work."""

    def __init__(self, port: int, authority: str, name: str, password: str) -> None:
        self.port, self.authority, self.name, self.password = port, Path(authority), name, password
        self.book, self.over = Book(), threading.Event()
        self.threads: list[threading.Thread] = []

    def client(self, address: str) -> Client:
        return Client(self.port, self.authority, address, PATIENCE)

    def start(self) -> None:
        """Signs in all users who need it, one after another, and lets them begin."""
        works: list[tuple[Any, ...]] = [(self.sign_in_again,)]
        for n in range(READERS + KEEPERS):
            client = self.client(f"127.0.1.{n + 1}")
            answer = client.sign_in(self.name, self.password)
            if answer.status != 302:
                raise RuntimeError(f"nobody could sign in: {answer.status}")
            # Half of the readers open a new connection each time, like people who open a page now and then.
            works.append((self.read, client, n % 2 == 0) if n < READERS else (self.keep, client, f"view {n}"))
        for function, *arguments in works:
            self.threads.append(threading.Thread(target=function, args=arguments, daemon=True))
            self.threads[-1].start()

    def stop(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(PATIENCE)

    def one(self, kind: str, expected: int, request: Any) -> Any:
        """Sends a request and notes the result; None if there was no response."""
        began, answer, wrong = time.monotonic(), None, ""
        try:
            answer = request()
            if answer.status != expected:
                wrong = f"status {answer.status}"
        except (urllib3.exceptions.HTTPError, OSError, AssertionError) as error:
            wrong = f"{type(error).__name__}: {error}"[:160]
        self.book.add(kind, time.monotonic() - began, wrong)
        return None if wrong else answer

    def read(self, client: Client, anew: bool) -> None:
        turn = 0
        while not self.over.wait(BETWEEN):
            page = PAGES[turn % len(PAGES)]
            turn += 1
            if anew:
                client.hang_up()
            ask = client.get if anew else partial(again_on_a_new_line, client)
            self.one(f"GET {page}", 200, partial(ask, page))

    def keep(self, client: Client, view: str) -> None:
        """Saves the same view with a growing number, and opens the list, as the page does afterwards."""
        number = 0
        while not self.over.wait(BETWEEN):
            number += 1
            fields = {"page": KEPT, "name": view, "query": f"q={number}"}
            fields["csrfmiddlewaretoken"] = client.cookies["csrftoken"]
            client.hang_up()
            answer = self.one(
                "POST /views/", 302, lambda fields=fields: client.ask("POST", "/views/", fields=fields)
            )
            if answer is not None and place(answer) == f"/{KEPT}/":
                with self.book.lock:
                    self.book.kept[view] = number
                client.hang_up()
                self.one(f"GET /{KEPT}/", 200, lambda: client.get(f"/{KEPT}/"))

    def sign_in_again(self) -> None:
        """Signs in from other addresses, because nginx counts sign-ins by address."""
        turn = 0
        while not self.over.wait(BETWEEN_SIGNING_IN):
            client = self.client(f"127.0.2.{turn % 250 + 1}")
            turn += 1
            self.one("POST /login/", 302, lambda client=client: client.sign_in(self.name, self.password))
            client.hang_up()


def again_on_a_new_line(client: Client, page: str) -> Any:
    """Retries on a new connection, as browsers do with a page, but never with a form.

    nginx closes kept-alive connections when it is reloaded. When a web process fails nginx responds and closes
    nothing, so this hides no failure of one.
    """
    try:
        return client.get(page)
    except urllib3.exceptions.ProtocolError:
        client.hang_up()
        return client.get(page)


def main() -> None:
    print(json.dumps({"ready": True}), flush=True)
    people: People | None = None
    for line in sys.stdin:
        order = json.loads(line)
        if people is None:
            people = People(**order)
            people.start()
        if order.get("stop"):
            people.stop()
        print(json.dumps(people.book.read()), flush=True)


if __name__ == "__main__":
    main()
