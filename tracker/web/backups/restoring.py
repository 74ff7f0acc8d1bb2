"""Puts a backup back: all of it or nothing, compared with the file before it counts."""

from __future__ import annotations

import fcntl
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tracker.reminders import calendar, digest, restored
from tracker.web.backups.tables import (
    BLOCK,
    LEFT_OUT,
    Counted,
    Table,
    Tell,
    Unreadable,
    built_afterwards,
    empty,
    go_on_after,
    load,
    tables_of,
    written,
)
from tracker.web.backups.taking import FORMAT, MANIFEST, VERSION, applied_migrations, member_of

# What the migrations themselves fill: rows in these alone make no database that anybody has worked with.
SHIPPED = (
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "registry_treaty",
    "reminders_reminderrule",
    "web_securityevent",
)
MANIFEST_MOST = 5_000_000  # octets
LONG = 100_000  # rows, from which on indexes are rather built anew
PATIENCE = "10s"  # for whoever still holds a table
Node = tuple[str, str]


@dataclass(frozen=True)
class Kept:
    """A table as the file has it."""

    table: Table
    rows: int
    sha256: str
    last_key: int | None


@dataclass(frozen=True)
class Backup:
    """A file whose manifest has been read and is understood."""

    archive: zipfile.ZipFile
    taken_at: datetime
    migrations: frozenset[Node]
    tables: list[Kept]
    engine: str


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """A backup to read from.

    Raises:
        Unreadable: it is none, is damaged, or was made by a later program.
        OSError: the file cannot be opened.
    """
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(file)
        except zipfile.BadZipFile:
            raise Unreadable(f"{path} is not a backup, or its end is missing.") from None
        with archive:
            yield _understood(archive, path)


def _understood(archive: zipfile.ZipFile, path: Path) -> Backup:
    try:
        if archive.getinfo(MANIFEST).file_size > MANIFEST_MOST:
            raise Unreadable(f"{path} is not a backup of this tracker: its manifest is too long.")
        told = json.loads(archive.read(MANIFEST))
        kind, version = told["format"], told["version"]
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error, EOFError):
        raise Unreadable(f"{path} is not a backup of this tracker, or its manifest is damaged.") from None
    if kind != FORMAT or version != VERSION:
        raise Unreadable(
            f"{path} is of the form “{kind}”, version {version}; this program reads “{FORMAT}”, version {VERSION}."
        )
    try:
        return Backup(
            archive,
            datetime.fromisoformat(told["taken_at"]),
            frozenset((app, str(name)) for app, names in told["migrations"].items() for name in names),
            [_kept(one) for one in told["tables"]],
            str(told["engine"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable(f"{path}: the manifest of the backup is damaged.") from None


def _kept(told: dict[str, Any]) -> Kept:
    columns = {str(one["name"]): str(one["kind"]) for one in told["columns"]}
    key = None if told["last_key"] is None else int(told["last_key"])
    table = Table(str(told["table"]), columns, "", numbered=key is not None)
    return Kept(table, int(told["rows"]), str(told["sha256"]), key)


def restore(path: Path, *, replace: bool, hold: bool, now: datetime, tell: Tell) -> list[dict[str, Any]]:
    """Puts a backup into the database.

    A file from earlier migrations is loaded as they were and then migrated on; that needs a database without tables.

    Args:
        replace: whether rows that are there may go.
        hold: whether mail may have gone since the backup was taken; see `tracker.reminders.restored`.

    Returns:
        the tables with their rows and checksums.

    Raises:
        Unreadable: the file or the database is not as it has to be; nothing was changed but for empty tables.
        DatabaseError, OSError: the database or the file failed; likewise.
    """
    with opened(path) as backup, nobody_at_work():
        current = _prepared(backup, path)
        past = MigrationLoader(connection).project_state(list(backup.migrations)).apps
        tables = _matched(backup, tables_of(past), path)
        with transaction.atomic(durable=True):
            _cleared(past, [one.table for one in tables], replace=replace, now=now)
            with _holding_together([one.table.name for one in tables if one.rows >= LONG]):
                for one in tables:
                    _loaded(backup, one, tell)
            for one in tables:
                _compared(one)
            if hold:
                restored.hold_what_waits(past.get_model("reminders", "Reminder"), backup.taken_at)
                if current:
                    _remembered(backup, now)
        if not current:
            tell("The rows are in; migrating on to this program.")
            call_command("migrate", verbosity=0, interactive=False)
            if hold:
                _remembered(backup, now)
    ContentType.objects.clear_cache()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # else pages are slow until it is done by itself
    return [{"table": one.table.name, "rows": one.rows, "sha256": one.sha256} for one in tables]


def _remembered(backup: Backup, now: datetime) -> None:
    with transaction.atomic():
        restored.remember(backup.taken_at, now)
        digest.take_for_sent(now)
        calendar.tell_anew(now)


# --- before ---------------------------------------------------------------------------------------


@contextmanager
def nobody_at_work() -> Iterator[None]:
    """Makes as sure as can be from here that no other process of the tracker uses the database.

    Raises:
        Unreadable: one does.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            (others,) = cursor.fetchone()
        if others:
            raise Unreadable(
                f"{others} other connections to the database are open. Stop web, workers and beat, and close other "
                f"programs that use it; then restore."
            )
        yield
        return
    if not settings.VAR_DIR.is_dir():
        yield  # nothing was ever run from there
        return
    handle = os.open(settings.VAR_DIR / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unreadable("The tracker runs from this folder. Stop it first; then restore.") from None
        yield
    finally:
        os.close(handle)


def _prepared(backup: Backup, path: Path) -> bool:
    """Sees to it that the tables are those of the backup; gives whether they are those of this program, too."""
    executor = MigrationExecutor(connection)
    known = set(executor.loader.graph.nodes)
    if newer := sorted(backup.migrations - known):
        names = ", ".join(f"{app} {name}" for app, name in newer[:3])
        raise Unreadable(
            f"{path} is from a newer program: this one does not know its migrations {names}. Install that program "
            f"first, or a later one."
        )
    for node in backup.migrations:
        if missing := set(executor.loader.graph.forwards_plan(node)) - backup.migrations:
            app, name = min(missing)
            raise Unreadable(f"{path}: the manifest is damaged, as it lacks the migration {app} {name}.")
    there = {(app, name) for app, names in applied_migrations().items() for name in names}
    if there - backup.migrations:
        raise Unreadable(
            f"{path} is from an older program than the tables in the database. Make a new, empty database and do not "
            f"run migrate there: restoring makes its tables as they were, loads, and migrates them on."
        )
    if backup.migrations - there:
        executor.migrate(_last(backup.migrations))
    return backup.migrations == known


def _last(nodes: frozenset[Node]) -> list[Node]:
    """The last migration of each app."""
    graph = MigrationLoader(connection).graph
    return [
        node
        for node in sorted(nodes)
        if not any(child in nodes and child[0] == node[0] for child in graph.node_map[node].children)
    ]


def _matched(backup: Backup, expected: list[Table], path: Path) -> list[Kept]:
    """The tables of the file with their keys, if they are those that its migrations make."""
    names = {table.name: table for table in expected}
    told = {one.table.name for one in backup.tables}
    for name in sorted(told ^ names.keys()):
        what = (
            "is missing in the backup" if name in names else "does not belong to the migrations that it names"
        )
        raise Unreadable(f"{path}: table {name} {what}.")
    found = []
    for one in backup.tables:
        table = names[one.table.name]
        if (one.table.columns, one.table.numbered) != (table.columns, table.numbered):
            raise Unreadable(f"{path}: table {table.name} has other columns than its migrations make.")
        found.append(
            Kept(
                Table(table.name, one.table.columns, table.key, table.numbered),
                one.rows,
                one.sha256,
                one.last_key,
            )
        )
    return found


def _cleared(past: Any, tables: list[Table], *, replace: bool, now: datetime) -> None:
    """Empties the tables, if they may be."""
    leased = now - timedelta(seconds=settings.REMINDERS_LEASE_SECONDS)
    ledger = past.get_model("reminders", "Reminder").objects
    if sending := ledger.filter(state="claimed", claimed_at__gte=leased).count():
        raise Unreadable(
            f"{sending} reminders are being sent at this moment. Stop the workers, and wait until they have ended."
        )
    if not replace:
        for table in tables:
            if table.name not in SHIPPED and _has_rows(table.name):
                raise Unreadable(
                    f"The database holds rows already, the first in table {table.name}. Restore into an empty one, "
                    f"or say --replace to lose what is there."
                )
    there = set(connection.introspection.table_names())
    names = [*(table.name for table in tables), *(name for name in LEFT_OUT if name in there)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
    try:
        empty(names)
    except OperationalError as error:
        raise Unreadable(
            "Another program holds the tables. Stop web, workers and beat; then restore."
        ) from error


def _has_rows(name: str) -> bool:
    with connection.cursor() as cursor:
        # The name is that of a table of the models, held against the manifest by `_matched`.
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608  # nosec B608
        return cursor.fetchone() is not None


# --- the rows -------------------------------------------------------------------------------------


def _loaded(backup: Backup, one: Kept, tell: Tell) -> None:
    counted, name = Counted(), one.table.name

    def blocks() -> Iterator[bytes]:
        with backup.archive.open(member_of(name)) as member:
            while block := member.read(BLOCK):
                counted.take(block)
                yield block

    _naming(name, lambda: load(one.table, blocks(), tell))
    if (counted.rows, counted.sha256) != (one.rows, one.sha256):
        raise Unreadable(
            f"Table {name} is damaged: the backup holds {counted.rows:,} rows with the checksum "
            f"{counted.sha256[:12]}…, its manifest says {one.rows:,} with {one.sha256[:12]}…."
        )
    if one.last_key is not None:
        go_on_after(one.table, one.last_key)
    if one.rows:
        tell(f"{name}: {one.rows:,} rows")


def _naming(name: str, work: Callable[[], None]) -> None:
    """Does something with a table; what goes wrong names it."""
    try:
        work()
    except KeyError:
        raise Unreadable(f"Table {name} is missing in the backup.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise Unreadable(f"Table {name} is damaged in the backup: {error}.") from error
    except (DatabaseError, ValueError) as error:
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unreadable(f"Table {name} cannot be restored; the database answered: {first_line}.") from error


@contextmanager
def _holding_together(long: list[str]) -> Iterator[None]:
    """In the end every key that refers to a row has found it.

    Args:
        long: tables that are checked as a whole.
    """
    try:
        with built_afterwards(long):
            yield
            connection.check_constraints()
    except DatabaseError as error:
        said = " ".join(str(error).split()).removesuffix(".")
        raise Unreadable(f"The rows of the backup do not hold together: {said}.") from error


def _compared(one: Kept) -> None:
    """Reads the table back: it has to be what the manifest says."""
    counted = Counted()
    for block in written(one.table, lambda _text: None):
        counted.take(block)
    if (counted.rows, counted.sha256) != (one.rows, one.sha256):
        raise Unreadable(
            f"Table {one.table.name} is not in the database as it is in the backup: {counted.rows:,} rows with the "
            f"checksum {counted.sha256[:12]}… instead of {one.rows:,} with {one.sha256[:12]}…."
        )
