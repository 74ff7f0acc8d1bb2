"""The servers that the cases use, and their processes."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from faults.judge import Broken, LeftOut, Sum, judge
from harness.process import Failed, Talk
from tests import services
from tracker import embedded

PATIENCE = 60.0  # seconds for anything that should take a few
TICK = 0.1
WORKING = ("planned", "held", "claimed", "failed")
Kind = Literal["postgresql", "sqlite"]


class Place:
    """The servers, and the nursery that forks all processes; for any number of cases, one after another."""

    def __init__(self, kind: Kind, *, beat: float = 1.0, lease: int = 4) -> None:
        """Starts everything.

        Args:
            beat: seconds between two scans.
            lease: seconds until a claim expires.
        """
        self.kind, self.lease = kind, lease
        self.cases = 0
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        (self.folder / "staticfiles").mkdir()
        self.postgresql: services.PostgreSQL | None = None
        self.valkey: subprocess.Popen[bytes] | None = None
        self.talks: list[Talk] = []
        try:
            url = f"sqlite:///{self.folder}/base"
            if kind == "postgresql":
                # What was committed must survive a crash of the server.
                self.postgresql = services.PostgreSQL(services.WITHOUT_DISK)
                self.postgresql.start()
                url = self.postgresql.url
            self.start_broker()
            self.sink = self._talk("harness.smtp", dict(os.environ), "smtp.log")
            port = self.sink.first["port"]
            self.nursery = self._talk(
                "faults.nursery", self._environment(url, port, beat, lease), "nursery.log"
            )
            self.jobs: dict[int, int | None] = {}
            self.base = str(self.folder / "base") if kind == "sqlite" else "base"
            if kind == "postgresql":
                self.run("create", database="base", template="template1")
            self.run("migrate", database=self.base)
        except BaseException:
            self.close()
            raise

    def _talk(self, module: str, environment: dict[str, str], log: str) -> Talk:
        talk = Talk(module, environment, self.folder / log)
        self.talks.append(talk)
        return talk

    def _environment(self, url: str, port: int, beat: float, lease: int) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in services.NOT_OURS}
        return inherited | {
            "DJANGO_SETTINGS_MODULE": "faults.settings",
            "DATABASE_URL": url,
            "REDIS_URL": self.broker,
            "EMAIL_URL": f"smtp://{embedded.HOST}:{port}",
            "VAR_DIR": str(self.folder),
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "localhost",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
            "REMINDERS_APPROVAL": "automatic",
            "REMINDERS_DAYS": "mon-sun",
            "REMINDERS_HOURS": "0-24",
            "FOUR_EYES": "off",
            "FAULTS_BEAT": str(beat),
            "FAULTS_LEASE": str(lease),
        }

    def close(self) -> None:
        for talk in reversed(self.talks):
            talk.close()
        if self.valkey is not None:
            embedded.stop(self.valkey, grace=0)
        if self.postgresql is not None and self.postgresql.process is not None:
            services.stop_postgresql(self.postgresql.process)
            shutil.rmtree(self.postgresql.base, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    # The broker

    @property
    def broker(self) -> str:
        return f"redis+socket://{self.folder}/broker.sock"

    def start_broker(self) -> None:
        log = self.folder / "broker.log"
        self.valkey = embedded.start_valkey(self.folder, log)
        services.wait_for("Valkey", self.valkey, lambda: embedded.broker_answers(self.broker), log)

    def stop_broker(self, *, keep: bool) -> None:
        """Kills it; without `keep` its files are deleted too."""
        assert self.valkey is not None
        embedded.stop(self.valkey, grace=0)
        if not keep:
            shutil.rmtree(self.folder / "appendonlydir", ignore_errors=True)

    def empty_broker(self) -> None:
        """Deletes everything in it while it runs."""
        import redis

        with redis.Redis.from_url(self.broker.replace("redis+socket://", "unix://", 1)) as client:
            client.flushall()

    # The database

    def restart_database(self, how: signal.Signals, away: float = 0.5) -> None:
        """Stops PostgreSQL (SIGINT: fast; SIGQUIT: immediate, with recovery) and starts it again."""
        assert self.postgresql is not None
        assert self.postgresql.process is not None
        self.postgresql.process.send_signal(how)
        self.postgresql.process.wait(embedded.GRACE)
        time.sleep(away)
        self.postgresql.start()

    # Processes

    def start(self, job: str, log: str, *, result: Path | None = None, **options: Any) -> int:
        more = {"result": str(result)} if result else {}
        answer = self.nursery.ask(start=job, options=options, log=str(self.folder / log), **more)
        self.jobs[answer["process"]] = None
        process: int = answer["process"]
        return process

    def code(self, process: int) -> int | None:
        """The exit code of a process; None while it runs."""
        for key, code in self.nursery.ask(ended=True)["ended"].items():
            self.jobs[int(key)] = code
        return self.jobs[process]

    def run(self, job: str, **options: Any) -> Any:
        """Runs a job and returns its result.

        Raises:
            Failed: its exit code was not 0.
        """
        result, log = self.folder / "result", f"{job}.log"
        result.unlink(missing_ok=True)
        process = self.start(job, log, result=result, **options)
        wait_until(lambda: self.code(process) is not None, f"the end of {job}", TICK / 10)
        if self.code(process):
            raise Failed(f"{job}: {(self.folder / log).read_text(errors='replace')[-2000:]}")
        return json.loads(result.read_text())

    @contextmanager
    def small_disk(self, megabytes: int) -> Iterator[Path]:
        """A small file system, in memory.

        Raises:
            LeftOut: this user may not mount one, as in many containers.
        """
        home = self.postgresql.base if self.postgresql else self.folder  # where the server's user may look
        disk = home / "disk"
        disk.mkdir()
        order = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
        done = subprocess.run(order, check=False, capture_output=True, text=True)
        if done.returncode:
            disk.rmdir()
            raise LeftOut(f"it needs the right to mount a file system: {done.stderr.strip()}")
        try:
            os.chown(disk, home.stat().st_uid, home.stat().st_gid)
            yield disk
        finally:
            if self.postgresql:  # or it would look for these files at its next checkpoint
                self.run("drop", database=f"case{self.cases}")
            subprocess.run(["umount", "--lazy", str(disk)], check=True)
            disk.rmdir()

    @contextmanager
    def case(self, folder: Path | None = None) -> Iterator[Case]:
        """A new database, an empty broker and a working mail server; at the end all processes are stopped.

        Args:
            folder: of an SQLite database.
        """
        self.cases += 1
        name = f"case{self.cases}"
        if self.kind == "sqlite":
            name = str((folder or self.folder) / name)
            with closing(sqlite3.connect(self.base)) as base, closing(sqlite3.connect(name)) as copy:
                base.backup(copy)  # including the write-ahead log
        else:
            self.run("create", database=name, template=self.base)
        self.empty_broker()
        self.sink.ask(forget=True, instructions=[])
        case = Case(self, name)
        try:
            yield case
        finally:
            case.stop()


@dataclass
class Case:
    """One case, with its workers and beats, which are restarted when they die."""

    place: Place
    database: str
    today: date = field(default_factory=lambda: datetime.now(UTC).date())
    running: dict[int, dict[str, Any]] = field(default_factory=dict)
    started: int = 0
    deaths: int = 0
    planned: int = 0
    lease: int = 0  # of its workers, in seconds, if not that of the place

    def make(self, *, states: int, contacts: int = 1, due: Sequence[date] = (), shared: int = 0) -> None:
        """States with a report that was due ten days ago, or on the given days, when a reminder was due."""
        days = [day.isoformat() for day in due or [self.today - timedelta(days=10)]]
        self.planned = self.place.run(
            "make", database=self.database, states=states, contacts=contacts, due=days, shared=shared,
            on=min(self.today.isoformat(), *days),
        )  # fmt: skip

    def worker(self, *, kill: dict[str, Any] | None = None, clock: str = "") -> int:
        self.started += 1
        name = f"worker{self.started}"
        process = self.place.start(
            "worker",
            "worker.log",
            database=self.database,
            name=name,
            clock=clock,
            kill=kill,
            lease=self.lease,
        )
        self.running[process] = {"kind": "doomed" if kill else "worker", "clock": clock}
        return process

    def beat(self, *, clock: str = "") -> int:
        self.started += 1
        schedule = str(self.place.folder / f"beat{self.started}-{self.place.cases}")
        process = self.place.start("beat", "beat.log", database=self.database, schedule=schedule, clock=clock)
        self.running[process] = {"kind": "beat", "clock": clock}
        return process

    def kill(self, process: int, number: signal.Signals = signal.SIGKILL) -> None:
        with suppress(ProcessLookupError):
            os.kill(process, number)

    def dead(self) -> list[dict[str, Any]]:
        """Removes the processes that have ended since the last time, and returns them."""
        gone = [process for process in self.running if self.place.code(process) is not None]
        self.deaths += len(gone)
        return [self.running.pop(process) for process in gone]

    def revive(self) -> None:
        """Restarts what has died, as a supervisor does, except what was meant to die."""
        for one in self.dead():
            if one["kind"] != "doomed":
                (self.worker if one["kind"] == "worker" else self.beat)(clock=one["clock"])

    def stop(self) -> None:
        """Kills all processes and waits until they have ended."""
        for process in self.running:
            self.kill(process)
        wait_until(lambda: bool(self.dead() or True) and not self.running, "the end of all processes")

    def scan(self, clock: str, zone: str = "") -> str:
        """One scan in a process of its own, at a given time; returns the local day."""
        day: str = self.place.run("scan", database=self.database, clock=clock, zone=zone)
        return day

    def instruct(self, *instructions: dict[str, Any]) -> None:
        self.place.sink.ask(instructions=list(instructions))

    def accepted(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.place.sink.ask()["accepted"]
        return found

    def counts(self) -> Counter[str]:
        """The number of reminders by state; empty while the database is away."""
        try:
            return Counter(self.place.run("counts", database=self.database))
        except Failed:
            return Counter()

    def ledger(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.place.run("ledger", database=self.database)
        return found

    def settled(self) -> bool:
        """Whether all reminders have been planned and none is still to be sent."""
        now = self.counts()
        return now.total() >= self.planned and not any(now[state] for state in WORKING)

    def until(self, done: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
        """Waits, and restarts what dies in the meantime."""

        def look() -> bool:
            self.revive()
            return done()

        try:
            wait_until(look, what, 3 * TICK, patience)
        except TimeoutError as error:
            raise Broken(f"{error}; {dict(self.counts())}, {len(self.accepted())} accepted") from None

    def until_settled(self, patience: float = PATIENCE) -> None:
        self.until(self.settled, "a final state of all reminders", patience)

    def sum(self, **more: Any) -> Sum:
        """Stops everything and compares the ledger with the mail server."""
        self.stop()
        return judge(self.ledger(), self.accepted(), **({"planned": self.planned} | more))


def later(after: timedelta) -> str:
    """The time after a period from now, for the clock of a process; empty for now."""
    return (datetime.now(UTC) + after).isoformat() if after else ""


def wait_until(
    done: Callable[[], bool], what: str, pause: float = TICK / 2, patience: float = PATIENCE
) -> None:
    """Raises TimeoutError when it takes too long."""
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {patience:.0f} s for {what}")
        time.sleep(pause)
