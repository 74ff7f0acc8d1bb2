"""The jobs of the forked processes: run a worker or a beat, create data, read the ledger.

The product is imported inside the functions, because the settings are read when the nursery starts.
"""

from __future__ import annotations

import os
import re
import signal
import smtplib
import sqlite3
import sys
import time
from contextlib import closing
from datetime import date, datetime
from importlib import import_module
from typing import Any

PATIENCE = 60.0  # seconds to wait for a lock
SMALL = "small_disk"
READ_AT_THE_START = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.solo",
    "celery.worker.consumer",
    "kombu.transport.redis",
    "psycopg",
    "time_machine",
)


def read_the_product() -> None:
    """Imports everything that a worker or a beat needs; opens no connection."""
    import django

    django.setup()
    from django.db import connections
    from django.template.loader import get_template

    from tracker.celery import app

    for name in READ_AT_THE_START:
        import_module(name)
    app.loader.import_default_modules()
    app.finalize()
    for name in ("reminders/reminder.txt", "reminders/reminder.html"):
        get_template(name)
    connections.close_all()


def use(database: str, clock: str = "", zone: str = "", lease: int = 0) -> None:
    """Selects the database of a case.

    Args:
        clock: the start time of this process's clock, in ISO 8601; empty for the real time.
        zone: the time zone of the machine, whatever the settings say.
        lease: seconds until a claim expires, if not those of the settings.
    """
    from django.conf import settings
    from django.db import connections

    connections["default"].settings_dict["NAME"] = database
    if lease:
        settings.REMINDERS_LEASE_SECONDS = lease
    if clock:
        import time_machine

        time_machine.travel(datetime.fromisoformat(clock), tick=True).start()
    if zone:
        os.environ["TZ"] = zone
        time.tzset()


# --- databases --------------------------------------------------------------------------------


def create(database: str, template: str) -> None:
    """Creates a PostgreSQL database as a copy of another."""
    from psycopg import sql

    with server() as line:
        line.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(database), sql.Identifier(template)
            )
        )


def drop(database: str) -> None:
    """Drops a PostgreSQL database, and the file system of its own for its reminders."""
    from psycopg import sql

    with server() as line:
        line.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
        line.execute(f"DROP TABLESPACE IF EXISTS {SMALL}")


def server() -> Any:
    """A connection to PostgreSQL outside the databases of the cases."""
    from django.conf import settings
    from psycopg import connect

    place = settings.DATABASES["default"]
    login = {
        "host": place["HOST"],
        "port": place["PORT"],
        "user": place["USER"],
        "password": place["PASSWORD"],
    }
    return connect(dbname="postgres", autocommit=True, **login)


def lock(database: str, *, seconds: float) -> None:
    """Locks the ledger for some time, as a backup or a migration by hand may do."""
    use(database)
    from django.db import connection, transaction

    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(database, timeout=PATIENCE, isolation_level=None)) as line:
            line.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            line.execute("ROLLBACK")
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reminders_reminder IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)


def move_ledger(database: str, *, folder: str) -> None:
    """Moves the reminders of a PostgreSQL database, with their indexes, to a file system of their own."""
    use(database)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLESPACE {SMALL} LOCATION '{folder}'")
        cursor.execute(f"ALTER TABLE reminders_reminder SET TABLESPACE {SMALL}")
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'reminders_reminder'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER INDEX "{name}" SET TABLESPACE {SMALL}')


def migrate(database: str) -> None:
    use(database)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


# --- the data of a case -------------------------------------------------------------------------


def make(
    database: str, *, states: int, contacts: int, due: list[str], on: str, shared: int = 0, before: int = 0
) -> int:
    """Creates States that owe one report each, and their contacts; returns the number of reminders to expect.

    Args:
        due: due dates, used in turn.
        on: the day of the synchronisation.
        shared: the number of additional addresses that are contacts of five States each.
        before: the number of States created before.
    """
    use(database)
    from itertools import islice, product
    from string import ascii_uppercase

    from django.db import transaction

    from tracker.obligations import sync
    from tracker.registry.models import Contact, State, TreatyAction
    from tracker.rules.dates import add_months

    all_codes = product("JQUXZ", ascii_uppercase, ascii_uppercase)
    codes = ["".join(letters) for letters in islice(all_codes, before, before + states)]
    with transaction.atomic():
        State.objects.bulk_create(
            State(iso3=code, name=f"Testland{at:04}") for at, code in enumerate(codes, before)
        )
        for at, code in enumerate(codes):
            joined = add_months(date.fromisoformat(due[at % len(due)]), -25)
            TreatyAction.objects.bulk_create(
                [
                    TreatyAction(state_id=code, treaty_id="CRC", kind="ratification", date=date(1991, 1, 8)),
                    TreatyAction(state_id=code, treaty_id="OPSC", kind="ratification", date=joined),
                ]
            )
        people = [(code, f"desk{n}.{code.lower()}@example.org") for code in codes for n in range(contacts)]
        people += [
            (codes[(5 * n + at) % states], f"mission{n}@example.org")
            for n in range(shared)
            for at in range(5)
        ]
        Contact.objects.bulk_create(
            Contact(state_id=code, name="Permanent Mission", email=address) for code, address in people
        )
        sync.synchronise(date.fromisoformat(on), codes)
    return len(people)


def make_missions(database: str, *, states: int) -> int:
    """Creates States with a Permanent Mission each, and begins a run of notes to them; returns its key."""
    use(database)
    from itertools import islice, product
    from string import ascii_uppercase

    from tracker.correspondence import runs
    from tracker.registry.models import Contact, State

    # No codes of States, whose own names would stand in the notes.
    codes = ["".join(letters) for letters in islice(product("X", ascii_uppercase, ascii_uppercase), states)]
    State.objects.bulk_create(State(iso3=code, name=f"Testland{at:04}") for at, code in enumerate(codes))
    Contact.objects.bulk_create(
        Contact(state_id=code, name="Permanent Mission", email=f"{code.lower()}@example.org", kind="mission")
        for code in codes
    )
    words = {"en": "The office has moved."}
    run = runs.begin(runs.prepare(by="ada", title="Move", words=words, states=codes))
    return int(run.pk)


def dispatch_notes(database: str, *, run: int) -> int:
    """Drafts, initials and dispatches all notes of a run by mail; returns how many."""
    use(database)
    from django.utils import timezone

    from tracker.correspondence import papers, runs
    from tracker.correspondence.models import Paper, PaperRun

    runs.carry_on(PaperRun.objects.get(pk=run))
    rows = list(Paper.objects.filter(run=run))
    for paper in rows:
        papers.dispatch(papers.initial(paper, by="bob"), "mail", by="bob", day=timezone.localdate())
    return len(rows)


def spoil(database: str, *, state: int, address: str) -> None:
    """Creates a report whose mail cannot be written, and a contact with an invalid address."""
    use(database)
    from tracker.obligations.models import Obligation
    from tracker.registry.models import Contact

    spoilt = Obligation.objects.filter(state__name=f"Testland{state:04}").update(
        trail=[{"source": "half a step"}]
    )
    assert spoilt == 1
    contact = Contact.objects.exclude(state__name=f"Testland{state:04}").order_by("pk").first()
    assert contact is not None
    Contact.objects.filter(pk=contact.pk).update(email=address)


# --- results --------------------------------------------------------------------------------------


def counts(database: str) -> dict[str, int]:
    """The number of reminders by state."""
    use(database)
    from django.db.models import Count

    from tracker.reminders.models import Reminder

    return dict(Reminder.objects.order_by().values_list("state").annotate(Count("pk")))


def server_fails(database: str) -> bool:
    """Whether the last run was ended by the mail server."""
    use(database)
    from tracker.reminders.models import MailServer

    return MailServer.objects.filter(failing_since__isnull=False).exists()


def ledger(database: str) -> list[dict[str, Any]]:
    """All reminders."""
    use(database)
    from tracker.reminders.models import Reminder

    rows = Reminder.objects.order_by("pk").values(
        "state",
        "recipient",
        "obligation__state__name",
        "mail__message_id",
        "stage_words",
        "reason",
        "answer",
        "attempts",
        "sent_on",
    )
    return [
        {
            "state": row["state"],
            "recipient": row["recipient"],
            "about": row["obligation__state__name"],
            "id": row["mail__message_id"],
            "stage": row["stage_words"],
            "why": row["reason"] or row["answer"],
            "attempts": row["attempts"],
            "sent_on": str(row["sent_on"] or ""),
        }
        for row in rows
    ]


def register(database: str) -> dict[str, Any]:
    """The papers of a run: number, reference and contact of each; the last number drawn; whether it is finished."""
    use(database)
    from tracker.correspondence.models import Paper, PaperRun, RegisterYear

    return {
        "papers": list(Paper.objects.order_by("pk").values("number", "reference", "contact")),
        "last": RegisterYear.objects.get().last if RegisterYear.objects.exists() else 0,
        "finished": not PaperRun.objects.filter(finished_at=None).exists(),
    }


def notes(database: str) -> list[dict[str, Any]]:
    """All dispatches, as `ledger` has reminders."""
    use(database)
    from tracker.correspondence.models import Dispatch

    rows = Dispatch.objects.select_related("paper__state", "mail").order_by("pk")
    return [
        {
            "state": row.state,
            "recipient": row.recipient,
            "about": row.paper.state.name if row.paper else "",
            "id": row.mail.message_id if row.mail else None,
            "why": row.reason or row.answer,
        }
        for row in rows
    ]


def scans(database: str) -> dict[str, int]:
    """The number of scans that ended, were stopped by an error, or have no end."""
    use(database)
    from tracker.reminders.models import ScanRun

    return {
        "ended": ScanRun.objects.filter(finished_at__isnull=False).count(),
        "broken": ScanRun.objects.filter(finished_at=None).exclude(error="").count(),
        "vanished": ScanRun.objects.filter(finished_at=None, error="").count(),
    }


# --- work ---------------------------------------------------------------------------------------


def scan(database: str, clock: str = "", zone: str = "") -> str:
    """Runs the task once, without a broker; returns the local day."""
    use(database, clock, zone)
    from tracker.reminders.tasks import scan as task

    task()
    return time.strftime("%Y-%m-%d")


def carry_on(database: str, run: int) -> int:
    """Drafts the papers of a run, as the task does; returns how many."""
    use(database)
    from tracker.correspondence import runs
    from tracker.correspondence.models import PaperRun

    return runs.carry_on(PaperRun.objects.get(pk=run))


def send_notes(database: str, kill: dict[str, Any] | None = None) -> None:
    """Sends notes, run after run, until none is left.

    Args:
        kill: see `worker`.
    """
    use(database)
    if kill is not None:
        Killer(**kill).lie_in_wait()
    from django.utils import timezone

    from tracker.correspondence import sending
    from tracker.correspondence.models import Dispatch

    while Dispatch.objects.filter(state__in=("planned", "claimed", "failed")).exists():
        sending.send_due(timezone.localdate())
        time.sleep(0.2)


def confirm_clock(database: str) -> list[int]:
    """A person confirms that the clocks are right; returns how many reminders were voided and released."""
    use(database)
    from django.utils import timezone

    from tracker.reminders import clock

    now, today = timezone.now(), timezone.localdate()
    return list(clock.clear(by="anna", reason="the clock was set right", today=today, at=now))


def worker(
    database: str, name: str, clock: str = "", kill: dict[str, Any] | None = None, lease: int = 0
) -> None:
    """A Celery worker with one process.

    Args:
        kill: the point at which it kills itself, at which occurrence, and the file in which it notes that.
    """
    use(database, clock, lease=lease)
    if kill is not None:
        Killer(**kill).lie_in_wait()
    from tracker.celery import app

    quiet = ["--without-mingle", "--without-gossip", "--without-heartbeat"]
    app.worker_main(["worker", "--pool", "solo", "--hostname", f"{name}@%h", "--loglevel", "INFO", *quiet])


def beat(database: str, schedule: str, clock: str = "") -> None:
    """Celery beat with its own schedule file."""
    use(database, clock)
    from tracker.celery import app

    sys.argv = ["celery", "beat"]
    app.start(["beat", "--schedule", schedule, "--pidfile", "", "--loglevel", "INFO"])


POINTS = ("before the claim", "after the claim", "after the answer", "before the commit")
LEDGERS = "reminders_reminder|correspondence_dispatch"
UPDATE = re.compile(rf'UPDATE\s+"?(?:{LEDGERS})"?\s.*?\bSET\s+(.*?)(?:\s+(?:FROM|WHERE)\s|$)', re.DOTALL)


def writes(sql: str, column: str) -> bool:
    """Whether a statement writes something other than NULL into a column of the ledger."""
    found = UPDATE.search(sql)
    return found is not None and re.search(rf'(?<!\w)"?{column}"?\s*=(?!\s*NULL)', found[1]) is not None


class Killer:
    """Kills its own process at a point of the work, without any clean-up."""

    def __init__(self, point: str, nth: int, note: str) -> None:
        self.point, self.left, self.note = point, nth, note
        self.recorded = False

    def lie_in_wait(self) -> None:
        from django.db import connection

        if self.point == "after the answer":
            hand_over = smtplib.SMTP.data

            def data(line: smtplib.SMTP, text: Any) -> Any:
                answer = hand_over(line, text)
                self.here()
                return answer

            smtplib.SMTP.data = data  # type: ignore[method-assign,assignment]
            return
        connection.execute_wrappers.append(self)
        line: Any = connection
        commit = line._commit

        def before_commit() -> None:
            if self.recorded:
                self.recorded = False
                self.here()
            commit()

        line._commit = before_commit

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.point == "before the claim" and writes(sql, "claim"):
            self.here()
        # The claim and the mail have been committed; the next step is the hand-over.
        if self.point == "after the claim" and writes(sql, "handed_over_at"):
            self.here()
        if self.point == "before the commit" and writes(sql, "attempts"):
            if context["connection"].in_atomic_block:
                self.recorded = True
            else:  # autocommit
                self.here()
        return execute(sql, params, many, context)

    def here(self) -> None:
        self.left -= 1
        if self.left <= 0:
            with open(self.note, "a") as note:  # noqa: PTH123 - one write, and no more
                note.write(f"{self.point}\n")
            os.kill(os.getpid(), signal.SIGKILL)
