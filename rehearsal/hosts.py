"""Several hosts: two with web process, worker and beat each, a third with a worker.

Each has a connection of its own to database and broker. While users work and mail is sent, everything is restarted
without a failed request; then each part is killed, frozen and cut off in turn. At the end no mail may be lost or sent
twice.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg

from faults.judge import judge
from faults.place import WORKING, wait_until
from harness.process import Talk
from rehearsal.checks import SETTINGS as OF_ONE_HOST, closed
from rehearsal.installation import Host, Installation
from rehearsal.report import Report, Wrong, holds
from rehearsal.units import Service, Web

# The times of `faults`: a scan every two seconds, and a short lease.
SETTINGS = OF_ONE_HOST | {
    "DJANGO_SETTINGS_MODULE": "faults.settings",
    "FAULTS_BEAT": "2",
    "FAULTS_LEASE": "10",
    "WEB_WORKERS": "2",
    "WORKER_PROCESSES": "1",
}
# States and contacts of each of them: first for the restarts, then for all that breaks.
QUIET, BROKEN = (60, 10), (140, 10)
DUE = "2026-01-05"
SLOW = 0.1  # seconds that the mail server takes for a mail, so that some are always under way
AWAY = 4.0  # seconds that a part is away
CALM = 3.0  # seconds without a failed request after which all counts as well again
PATIENCE = 60.0


@dataclass
class Estate:
    """The hosts and their processes."""

    installation: Installation
    ways: Talk
    a: Host
    b: Host
    c: Host

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.ways = installation._talk("rehearsal.relay", dict(os.environ), "relay.log")
        servers = {"database": installation.database.port, "broker": installation.redis.port}
        opened = {f"{host}-{server}": port for host in "abc" for server, port in servers.items()}
        self.ports: dict[str, int] = self.ways.ask(open=opened)["ports"]
        self.a, self.b, self.c = (
            installation.host(host, self.ports[f"{host}-database"], self.ports[f"{host}-broker"])
            for host in "abc"
        )
        self.webs: dict[str, Web] = {"a": self.a.web(), "b": self.b.web()}
        self.workers: dict[str, Service] = {"a": self.a.worker(), "b": self.b.worker(), "c": self.c.worker()}
        self.beats: dict[str, Service] = {"a": self.a.beat(), "b": self.b.beat()}
        installation.keep(*self.webs.values(), *self.workers.values(), *self.beats.values())
        self.ports |= self.ways.ask(open={f"{host}-web": web.port for host, web in self.webs.items()})[
            "ports"
        ]
        self.planned = 0

    def start(self) -> None:
        for part in (*self.webs.values(), *self.workers.values(), *self.beats.values()):
            part.start()

    def owe(self, states: int, contacts: int) -> None:
        """Adds States that owe a report, so that more mails are sent."""
        before = len({row["about"] for row in self.ledger()})
        self.planned += self.installation.run(
            "make", database="ledger", states=states, contacts=contacts, due=[DUE], on=DUE, before=before
        )

    def ledger(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.installation.run("ledger", database="ledger")
        return found

    def accepted(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.installation.sink.ask()["accepted"]
        return found

    def mail_goes_on(self) -> None:
        """Waits until more mails have been accepted.

        Raises:
            TimeoutError: none was.
        """
        before = len(self.accepted())
        enough = min(before + 3, self.planned)
        wait_until(lambda: len(self.accepted()) >= enough or self.settled(), "more mail", 0.2, PATIENCE)

    def settled(self) -> bool:
        """Whether all expected reminders have been planned and have a final state."""
        counts: dict[str, int] = self.installation.run("counts", database="ledger")
        return sum(counts.values()) >= self.planned and not any(counts.get(state) for state in WORKING)

    def until_settled(self) -> str:
        """Waits until all mail is sent; returns the result.

        Raises:
            Wrong: a mail was lost or sent twice.
        """
        self.installation.sink.ask(instructions=[])
        wait_until(self.settled, "all reminders to find their place", 0.5, 2 * PATIENCE)
        found = judge(self.ledger(), self.accepted(), planned=self.planned)
        holds(not found.wrong, found.wrong[:10])
        return str(found)

    def slowly(self) -> None:
        self.installation.sink.ask(instructions=[{"at": "answer", "do": "slow", "seconds": SLOW}])


def run(report: Report) -> None:
    """Runs everything, one part after another."""
    what = "three hosts, two of them behind nginx, and people at work"
    with report.check(what):
        installation = Installation(SETTINGS)
        try:
            estate = Estate(installation)
            estate.slowly()
            estate.start()
            installation.open_nginx(*(web.port for web in estate.webs.values()))
            load = installation._talk("rehearsal.load", dict(os.environ), "load.log")
            load.ask(
                port=installation.nginx.port,
                authority=str(installation.authority.certificate),
                name="ada",
                password=installation.password,
            )
        except BaseException:
            installation.close()
            raise
    if what in report.wrong:
        return
    try:
        restarts(report, estate, load)
        outages(report, estate, load)
    finally:
        closed(report, installation, "hosts")


# --- restarts -----------------------------------------------------------------------------------------


def restarts(report: Report, estate: Estate, load: Talk) -> None:
    """Stops and restarts each part, as in an upgrade."""
    estate.owe(*QUIET)
    estate.mail_goes_on()
    load.ask(count=True)
    steps: dict[str, Callable[[], str]] = {
        f"web {name} is restarted": lambda web=web: f"back after {web.restart():.1f} s"  # type: ignore[misc]
        for name, web in estate.webs.items()
    }
    steps |= {"nginx is reloaded": lambda: estate.installation.nginx.reload() or "done"}
    for name, part in {
        **{f"worker {n}": p for n, p in estate.workers.items()},
        **_named(estate.beats),
    }.items():
        steps[f"{name} is restarted"] = lambda part=part: again(part)  # type: ignore[misc]
    for name, step in steps.items():
        with report.check(f"{name}, and no request fails") as notes:
            time.sleep(1)
            notes.append(step())
            time.sleep(2)
            notes.append(none_failed(load.ask(count=True)))
    with report.check("forms saved meanwhile are stored once each; all mail is sent") as notes:
        notes.append(estate.until_settled())
        unknown = [row for row in estate.ledger() if row["state"] == "unknown"]
        holds(not unknown, f"{len(unknown)} unknown mails, though nothing was broken")
        found = load.ask(count=True)
        notes.append(none_failed(found))
        holds_what_was_kept(estate, found["kept"])


def _named(beats: dict[str, Service]) -> dict[str, Service]:
    return {f"beat {name}": part for name, part in beats.items()}


def again(part: Service) -> str:
    """Stops and starts a part; returns how long it took to finish its work."""
    took = part.stop()
    part.start()
    return f"stopped after {took:.1f} s"


def none_failed(found: dict[str, Any]) -> str:
    """The number of requests.

    Raises:
        Wrong: one of them failed.
    """
    holds(not found["failed"], f"{found['failed']} failed: {'; '.join(found['failures'])}")
    posts = sum(number for kind, number in found["requests"].items() if kind.startswith("POST"))
    sent = sum(found["requests"].values())
    return f"{sent} requests, {posts} of them forms, 0 failed, slowest {found['slowest']:.1f} s"


def holds_what_was_kept(estate: Estate, kept: dict[str, int]) -> None:
    """Checks that the database has what was saved.

    Raises:
        Wrong: a value that was confirmed as saved is missing or older in the database.
    """
    with psycopg.connect(estate.installation.first.environment["DATABASE_URL"]) as line:
        rows = line.execute("SELECT name, query FROM web_savedview WHERE name LIKE 'view %'").fetchall()
    held = {str(name): int(str(query).partition("=")[2]) for name, query in rows}
    holds(kept and kept.keys() <= held.keys(), (kept, held))
    # One more may have been saved since, or saved without the response having arrived.
    older = {name: (number, held[name]) for name, number in kept.items() if held[name] < number}
    holds(not older, older)


# --- outages ------------------------------------------------------------------------------------------


def outages(report: Report, estate: Estate, load: Talk) -> None:
    """Each part fails and recovers while users work and mail is sent."""
    installation = estate.installation
    with report.check("nginx reloads with connections to the web processes that can be cut"):
        ports = [estate.ports[f"{host}-web"] for host in estate.webs]
        wrong = installation.nginx.test(ports)
        holds(not wrong, wrong)
        installation.nginx.reload()
        estate.slowly()
        estate.owe(*BROKEN)
        estate.mail_goes_on()
    for name, away in troubles(estate).items():
        with report.check(name) as notes:
            load.ask(count=True)
            away()
            notes.append(recovered(load, time.monotonic()))
            dead = [part.unit for part in installation.services if not part.runs]
            holds(not dead, f"{dead} ended")
            estate.mail_goes_on()
    with report.check("after all outages: no mail lost, none sent twice") as notes:
        notes.append(estate.until_settled())
    with report.check("after all outages: every form confirmed as saved is stored, pages respond") as notes:
        time.sleep(1)
        load.ask(count=True)
        time.sleep(CALM)
        found = load.ask(stop=True)
        notes.append(none_failed(found))
        holds_what_was_kept(estate, found["kept"])


def recovered(load: Talk, mended: float) -> str:
    """Waits until no request has failed for some seconds; returns how many failed, and for how long after the end of
    the outage.

    Raises:
        Wrong: requests keep failing.
    """
    requests = failed = 0
    slowest = 0.0
    while True:
        time.sleep(0.5)
        found = load.ask(count=True)
        requests += sum(found["requests"].values())
        failed += found["failed"]
        slowest = max(slowest, found["slowest"])
        since = time.monotonic() - mended
        if found["quiet"] >= CALM and since >= CALM:
            break
        if since > PATIENCE:
            raise Wrong(f"requests still fail after {since:.0f} s: {'; '.join(found['failures'])}")
    last = max(0.0, since - found["quiet"])
    well = f"well {last:.1f} s after it" if failed and last else "well at once"
    return f"{requests} requests, {failed} failed, slowest {slowest:.1f} s, {well}"


def troubles(estate: Estate) -> dict[str, Callable[[], None]]:
    """The outages of each part, by their names in the output."""
    installation, ways = estate.installation, estate.ways

    def killed(part: Service) -> Callable[[], None]:
        def away() -> None:
            part.signal(signal.SIGKILL)
            part.kill()
            time.sleep(AWAY)
            part.start()

        return away

    def frozen(part: Service) -> Callable[[], None]:
        def away() -> None:
            part.signal(signal.SIGSTOP)
            time.sleep(AWAY)
            part.signal(signal.SIGCONT)

        return away

    def cut(how: str, *names: str) -> Callable[[], None]:
        def away() -> None:
            ways.ask(cut=names, how=how)
            time.sleep(AWAY)
            ways.ask(mend=names)

        return away

    def whole(host: str) -> tuple[str, ...]:
        return tuple(name for name in estate.ports if name.startswith(f"{host}-"))

    # After a failed request nginx avoids a host for five seconds. So outages that make requests fail come last, and
    # never twice in a row on one host; then each affects requests.
    found: dict[str, Callable[[], None]] = {}
    for host, web in estate.webs.items():
        servers = (f"{host}-database", f"{host}-broker")
        found[f"host {host} hears nothing from database and broker"] = cut("silent", *servers)
        found[f"web {host} is frozen"] = frozen(web)
    for host, web in estate.webs.items():
        found[f"web {host} is killed and started again"] = killed(web)
    for host, worker in estate.workers.items():
        found[f"worker {host} is killed and started again"] = killed(worker)
        found[f"worker {host} is frozen"] = frozen(worker)
    found["host a is cut off from all, in the midst of lines"] = cut("hard", *whole("a"))
    found["host c is cut off from all, in the midst of lines"] = cut("hard", *whole("c"))
    found["host c hears nothing from database and broker"] = cut("silent", *whole("c"))
    found["host b is cut off from all, in the midst of lines"] = cut("hard", *whole("b"))
    for host, beat in estate.beats.items():
        found[f"beat {host} is killed and started again"] = killed(beat)
        found[f"beat {host} is frozen"] = frozen(beat)
    found["nginx is reloaded"] = installation.nginx.reload
    found["Redis is killed and comes back empty"] = installation.redis.restart_empty
    found["PostgreSQL is restarted"] = installation.database.restart
    return found
