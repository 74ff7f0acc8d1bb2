"""`make load`: fifty users at work, on PostgreSQL with 20,000 obligations, behind gunicorn as `deploy/` configures
it.

Users think between two pages, so the load is bounded. Server, database and users share the processors of this
machine; only the ratios of one run can be compared with other machines. Exits with 1 if any response was wrong.

The obligations are spread over the 197 States, a hundred each. No real State owes a hundred reports, so the pages of
States and the records entered are about made-up States with the seven reports that a party since 2002 owes. The page
of a State with a hundred is requested now and then, and counted separately.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

import urllib3

from bench.reminders import OBLIGATIONS
from bench.scratch import TODAY, database, empty, fill, shipped, tidy

HOST = "127.0.0.1"
WORKERS = 4
THINKING = (1.0, 5.0)  # seconds between two pages
RECORDED_OF = 120  # States of which submissions are recorded, each with seven open reports or more
AT_ONCE = 6  # people who do not think, while memory is measured
BETWEEN_STATIC = 0.2  # seconds between two requests for the static file
P95, MEMORY, COLD = 0.5, 0.05, 3.0  # the targets: seconds, a part, seconds
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
OPEN_REPORT = re.compile(r'name="reports" value="(\d+)"')
SEEN = re.compile(r'name="seen" value="([^"]+)"')
STYLE = re.compile(r'href="(/static/css/base[^"]*\.css)"')
ROLES = ("Editor", "Editor", "Viewer", "Editor", "Approver")  # in turn
REGIONS = ("AFR", "APS", "EES", "GRULAC", "WEOG")
KINDS = ("initial", "periodic", "information")


class WrongAnswer(Exception):
    """The server responded, but not with the requested page."""


class Known(NamedTuple):
    """The addresses to choose from.

    Attributes:
        usual: made-up States with as many reports as real ones.
        crowded: the States with about a hundred obligations.
        obligations: the keys of some of them.
        pages: the number of pages of the list of all obligations.
    """

    usual: list[str]
    crowded: list[str]
    obligations: list[int]
    pages: int


class Person:
    """A signed-in user with a browser that keeps cookies and follows redirects."""

    def __init__(self, port: int, session: str, may_record: bool, seed: int) -> None:
        self.pool = urllib3.HTTPConnectionPool(HOST, port, retries=False, timeout=urllib3.Timeout(60))
        self.cookies = {"sessionid": session}
        self.may_record = may_record
        self.luck = random.Random(seed)  # noqa: S311 - whoever asks what

    def as_another(self) -> Person:
        """The same user in a second window, with a connection of its own."""
        return Person(self.pool.port, self.cookies["sessionid"], self.may_record, 0)

    def get(self, address: str) -> bytes:
        """Requests a page or a file."""
        return self._ask("GET", address)

    def post(self, address: str, fields: dict[str, str]) -> bytes:
        """Sends a form; returns the page after the redirect."""
        return self._ask("POST", address, urlencode(fields))

    def _ask(self, method: str, address: str, body: str | None = None) -> bytes:
        for _ in range(3):
            sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
            if body is not None:
                sent["Content-Type"] = "application/x-www-form-urlencoded"
            answer = self.pool.request(method, address, body=body, headers=sent, redirect=False)
            for line in answer.headers.getlist("Set-Cookie"):
                name, value = line.split(";")[0].split("=", 1)
                self.cookies[name] = value
            if answer.status != 302:
                break
            address = urljoin(address, answer.headers["Location"])
            method, body = "GET", None
        if answer.status != 200 or address.startswith("/login/"):
            raise WrongAnswer(f"{answer.status} {address}")
        return bytes(answer.data)


# --- what users do -------------------------------------------------------------------------------

Steps = Iterator[tuple[str, Callable[[], object]]]
Act = Callable[[Person, Known], Steps]


def look(name: str, *addresses: str | Callable[[random.Random, Known], str], has: bytes = b"</html>") -> Act:
    """Requests one of several addresses at random."""

    def act(who: Person, known: Known) -> Steps:
        chosen = who.luck.choice(addresses)
        address = chosen if isinstance(chosen, str) else chosen(who.luck, known)

        def step() -> None:
            if has not in who.get(address):
                raise WrongAnswer(f"another page at {address}")

        yield name, step

    return act


def record(who: Person, known: Known) -> Steps:
    """Records that the first open report of a State was received today: form, preview, save. Users without the
    permission read instead.
    """
    state = who.luck.choice(known.usual)
    if not who.may_record:
        yield from look("State", f"/states/{state}/")(who, known)
        return
    address = f"/states/{state}/record-submission/"
    shown = ""

    def step(fields: dict[str, str]) -> Callable[[], None]:
        def send() -> None:
            nonlocal shown
            shown = (who.post(address, fields) if fields else who.get(address)).decode()

        return send

    yield "record: form", step({})
    reports = OPEN_REPORT.findall(shown)
    if not reports:
        return  # all have been answered
    fields = {
        "csrfmiddlewaretoken": TOKEN.findall(shown)[-1],
        "reports": reports[0],
        "received_on": date.today().isoformat(),  # noqa: DTZ011 - the server's clock is this one
        "language": "en",
    }
    yield "record: what follows", step(fields | {"step": "look"})
    if not SEEN.search(shown):
        yield "record: somebody was faster", lambda: None
        return
    hidden = {
        name: unescape(re.search(rf'name="{name}" value="([^"]*)"', shown)[1])  # type: ignore[index]
        for name in ("title", "symbol", "seen")
    }
    yield "record: save", step(fields | hidden | {"step": "save"})
    if OPEN_REPORT.search(shown):
        yield "record: somebody was faster", lambda: None


def _state(luck: random.Random, known: Known) -> str:
    return f"/states/{luck.choice(known.usual)}/"


WORK: tuple[tuple[int, Act], ...] = (  # per hundred
    (14, look("home", "/")),
    (
        12,
        look(
            "obligations, filtered",
            "/obligations/",
            "/obligations/?status=overdue",
            "/obligations/?status=due_soon&kind=periodic",
            lambda luck, known: f"/obligations/?state={luck.choice(known.crowded)}",
            lambda luck, known: f"/obligations/?region={luck.choice(REGIONS)}&status=overdue",
            lambda luck, known: f"/obligations/?kind={luck.choice(KINDS)}",
        ),
    ),
    (
        6,
        look(
            "obligations, another page",
            lambda luck, known: f"/obligations/?desk=all&page={luck.randint(2, min(20, known.pages))}",
            lambda luck, known: f"/obligations/?desk=all&page={luck.randint(1, known.pages)}",
        ),
    ),
    (
        4,
        look(
            "obligations, sorted",
            "/obligations/?desk=all&sort=-due",
            "/obligations/?desk=all&sort=state",
            "/obligations/?status=late&sort=-received_on",
        ),
    ),
    (15, look("State", _state)),
    (2, look("State of a hundred", lambda luck, known: f"/states/{luck.choice(known.crowded)}/")),
    (7, look("why", lambda luck, known: f"/obligations/{luck.choice(known.obligations)}/why/")),
    (5, look("late list", "/late/", lambda luck, known: f"/late/?region={luck.choice(REGIONS)}")),
    (4, look("participation", "/participation/")),
    (4, look("calendar", "/calendar/", "/calendar/?view=year")),
    (5, look("reminders", "/reminders/", "/reminders/?state=held", "/reminders/?state=sent")),
    (3, look("submissions", "/submissions/")),
    (6, look("search", "/search/?q=nor", "/search/?q=united", "/search/?q=opsc/usa")),
    (3, look("States", "/states/", "/states/?standing=overdue")),
    (2, look("tasks", "/tasks/")),
    (
        3,
        look(
            "what-if", lambda luck, known: f"/what-if/?state={luck.choice(known.usual)}&day=2027-03-01&kind="
        ),
    ),
    (1, look("export", "/obligations/?desk=all&region=EES&status=due_soon&_export=csv", has=b"\n")),
    (4, record),
)


# --- measuring -----------------------------------------------------------------------------------


@dataclass
class Measured:
    """Response times in seconds, by the name of the page, and errors."""

    times: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def take(self, name: str, step: Callable[[], object]) -> bool:
        """Times one request; returns whether the response was right."""
        started = time.perf_counter()
        problem = ""
        try:
            step()
        except (WrongAnswer, urllib3.exceptions.HTTPError, OSError) as error:
            problem = f"{name}: {error}"
        taken = time.perf_counter() - started
        with self.lock:
            self.times.setdefault(name, []).append(taken)
            if problem:
                self.wrong.append(problem)
        return not problem

    @property
    def all(self) -> list[float]:
        """The times of all pages."""
        return [taken for times in self.times.values() for taken in times]


def at(part: int, times: Sequence[float]) -> float:
    """The time within which a percentage of requests was answered."""
    return statistics.quantiles(times, n=100, method="inclusive")[part - 1] if len(times) > 1 else times[0]


def act(who: Person, known: Known, into: Measured, pause: Callable[[], object]) -> int:
    """One action of a user, step by step; returns the number of requests."""
    done = 0
    [chosen] = who.luck.choices([what for _weight, what in WORK], [weight for weight, _what in WORK])
    for name, step in chosen(who, known):
        if done:
            pause()
        done += 1
        if not into.take(name, step):
            break
    return done


def at_work(people: Sequence[Person], known: Known, seconds: float, style: str) -> tuple[Measured, Measured]:
    """All users work for a time, thinking between two pages; times of the pages, and of the static file meanwhile."""
    pages, static = Measured(), Measured()
    reader = people[0].as_another()
    until = time.monotonic() + seconds

    def work(who: Person) -> None:
        time.sleep(min(seconds, who.luck.uniform(0, THINKING[1])))  # users start at different moments
        while time.monotonic() < until:
            act(who, known, pages, lambda: time.sleep(who.luck.uniform(*THINKING)))
            time.sleep(min(who.luck.uniform(*THINKING), max(0.0, until - time.monotonic())))

    def look_on() -> None:
        while time.monotonic() < until:
            static.take("static file", lambda: reader.get(style))
            time.sleep(BETWEEN_STATIC)

    threads = [
        threading.Thread(target=look_on),
        *(threading.Thread(target=work, args=(one,)) for one in people),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return pages, static


def without_thinking(people: Sequence[Person], known: Known, requests: int) -> Measured:
    """A number of requests of the same mix, a few at once, without pauses."""
    found = Measured()
    left, lock = requests, threading.Lock()

    def work(who: Person) -> None:
        nonlocal left
        while True:
            with lock:
                if left <= 0:
                    return
            done = act(who, known, found, lambda: None)
            with lock:
                left -= done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, people[:AT_ONCE]))
    return found


# --- the server ----------------------------------------------------------------------------------


@contextmanager
def gunicorn(folder: Path, workers: int) -> Iterator[tuple[int, Any]]:
    """The web server with the configuration of `deploy/`: its port and its process."""
    import psutil

    from tracker import embedded

    port = free_port()
    environment = os.environ | {
        "WEB_BIND": f"{HOST}:{port}",
        "WEB_WORKERS": str(workers),
        "PYTHONUNBUFFERED": "1",
    }
    config = embedded.ROOT / "deploy" / "gunicorn.conf.py"
    words = [sys.executable, "-m", "gunicorn", "--config", str(config), "tracker.wsgi"]
    with (folder / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=embedded.ROOT, env=environment, stdout=log, stderr=log)
        try:
            yield port, psutil.Process(process.pid)
        finally:
            embedded.stop(process)


def free_port() -> int:
    """A port that no program listens on."""
    import socket

    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def first_page(who: Person, address: str) -> None:
    """Waits until the server responds."""
    until = time.monotonic() + 60
    while True:
        try:
            who.get(address)
        except urllib3.exceptions.HTTPError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def processors(server: Any) -> tuple[float, float]:
    """The processor seconds that web server and database have used so far."""
    import psutil

    def used(processes: Sequence[Any]) -> float:
        # Ended processes included: connections to the database are renewed after a while.
        times = [process.cpu_times() for process in processes]
        return sum(one.user + one.system + one.children_user + one.children_system for one in times)

    ours = psutil.Process().children(recursive=True)
    return used(server.children()), used([process for process in ours if process.name() == "postgres"])


def memory(server: Any) -> float:
    """The memory of the workers in megabytes; shared pages count in part for each (PSS)."""
    return sum(worker.memory_full_info().pss for worker in server.children()) / 2**20


# --- the data ------------------------------------------------------------------------------------


def furnish(obligations: int, users: int) -> tuple[Known, list[tuple[str, bool]]]:
    """Fills the empty database; returns the addresses to choose from, and a session for each user with the user's
    permissions.
    """
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.test import Client

    from bench.__main__ import some_states
    from bench.reminders import ledger
    from tracker.obligations import sync
    from tracker.obligations.models import Obligation
    from tracker.registry.models import State

    call_command("collectstatic", verbosity=0, interactive=False)
    trail = shipped()
    empty()
    crowded = list(State.objects.order_by("pk").values_list("pk", flat=True))
    fill("default", 0, obligations, trail)
    usual = [state.pk for state in some_states(RECORDED_OF, lambda n: date(2002, 1, 18) + timedelta(days=n))]
    State.objects.filter(pk__in=usual).update(region="EES")
    sync.synchronise(TODAY, usual)
    ledger()
    sessions = []
    for at_, role in zip(range(users), ROLES * users, strict=False):
        user = get_user_model().objects.create_user(f"officer{at_}")
        user.groups.add(Group.objects.get(name=role))
        if at_ % 5 == 0:  # some have a desk; their lists start with their own States
            State.objects.filter(pk__in=crowded[at_ : at_ + 5]).update(desk_officer=user)
        client = Client()
        client.force_login(user)
        sessions.append((client.cookies["sessionid"].value, role == "Editor"))
    tidy()
    live = Obligation.objects.as_of(TODAY, today=TODAY)
    keys = list(live.order_by("?").values_list("pk", flat=True)[:1000])
    return Known(
        usual, crowded, keys, max(2, Obligation.objects.filter(expected=True).count() // 50 - 1)
    ), sessions


# --- output --------------------------------------------------------------------------------------


def print_figure(what: str, figure: str, target: str, met: bool) -> None:
    print(f"{what:<58}  {figure:>10}  ({target}: {'met' if met else 'not met'})")


def print_pages(pages: Measured) -> None:
    """Prints each page with its times."""
    print(f"{'page':<30}{'requests':>9}{'p50':>9}{'p95':>9}{'most':>9}   ms")
    for name, times in sorted(pages.times.items(), key=lambda one: -at(95, one[1])):
        cells = (at(50, times), at(95, times), max(times))
        print(f"{name:<30}{len(times):>9}" + "".join(f"{cell * 1e3:>9.1f}" for cell in cells))


def print_wrong(wrong: Sequence[str]) -> None:
    for problem, times in Counter(wrong).most_common(10):
        print(f"  {times} × {problem}")


def measure(folder: Path, options: argparse.Namespace) -> int:
    """Measures everything; returns the number of wrong responses."""
    from django.db import connections

    started = time.monotonic()
    known, sessions = furnish(options.obligations, options.users)
    connections.close_all()
    print(
        f"({options.obligations:,} obligations and what hangs on them made in {time.monotonic() - started:.0f} s)"
    )
    began = time.perf_counter()
    with gunicorn(folder, options.workers) as (port, server):
        people = [Person(port, *session, seed) for seed, session in enumerate(sessions)]
        first_page(people[2], "/obligations/")
        cold = time.perf_counter() - began
        [style] = set(STYLE.findall(people[2].get("/obligations/").decode()))
        warm = without_thinking(people, known, options.warm)
        alone = Measured()
        for _ in range(50):
            alone.take("static file", lambda: people[0].get(style))
        load, used = os.getloadavg()[0], processors(server)
        pages, static = at_work(people, known, options.seconds, style)
        print(f"(load average {load:.1f} before, {os.getloadavg()[0]:.1f} after)")
        print_pages(pages)
        rate = len(pages.all) / options.seconds
        print(f"{rate:.1f} requests a second of {options.users} people; p50 {at(50, pages.all) * 1e3:.1f} ms")
        web, tables = (
            (after - before) / len(pages.all) for before, after in zip(used, processors(server), strict=True)
        )
        print(
            f"(each took {web * 1e3:.0f} ms of a processor in the web, {tables * 1e3:.0f} ms in the database)"
        )
        wrong = warm.wrong + alone.wrong + pages.wrong + static.wrong
        of = at(95, pages.all)
        print(
            f"static file, p50: {at(50, alone.all) * 1e3:.1f} ms by itself, "
            f"{at(50, static.all) * 1e3:.1f} ms meanwhile (p95 {at(95, static.all) * 1e3:.1f} ms)"
        )
        slow = [name for name, times in pages.times.items() if at(95, times) > P95]
        print_figure(
            "p95 of every page",
            ", ".join(slow) or f"{of * 1e3:.0f} ms of all",
            f"at most {P95 * 1e3:.0f} ms",
            not slow,
        )
        if options.requests:
            wrong += flat_memory(people, known, server, options)
    print_figure(
        "from the start of gunicorn to the first page of rows",
        f"{cold:.2f} s",
        f"under {COLD:.0f} s",
        cold < COLD,
    )
    print_figure("wrong responses", str(len(wrong)), "none", not wrong)
    print_wrong(wrong)
    return len(wrong)


def flat_memory(
    people: Sequence[Person], known: Known, server: Any, options: argparse.Namespace
) -> list[str]:
    """Prints the memory of the workers before and after a number of requests; returns the errors meanwhile.

    As many requests come first: a worker writes to the memory that it shares with its parent, mere counts of
    references among them, and so owns more of it until it has shown every page.
    """
    shared = memory(server)
    settling = without_thinking(people, known, options.requests)
    before, began = memory(server), time.monotonic()
    found = without_thinking(people, known, options.requests)
    after = memory(server)
    print(f"(memory of the workers before as many requests: {shared:.0f} MB)")
    grown = after / before - 1
    what = f"memory of the workers over {options.requests:,} requests: {before:.0f} to {after:.0f} MB"
    print_figure(what, f"{grown:+.1%}", f"within ± {MEMORY:.0%}", abs(grown) <= MEMORY)
    print(f"({len(found.all) / (time.monotonic() - began):.1f} requests a second without pauses)")
    return settling.wrong + found.wrong


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the tracker with many users at work.")
    for name, default in (
        ("obligations", OBLIGATIONS), ("users", 50), ("seconds", 60), ("workers", WORKERS), ("warm", 1_000),
        ("requests", 3_000),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    with database("load", ALLOWED_HOSTS=HOST, REMINDERS_APPROVAL="required", FOUR_EYES="on") as folder:
        import django

        django.setup()
        wrong = measure(folder, options)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
