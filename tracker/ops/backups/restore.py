"""Restores a backup completely or not at all, and holds the mail that may have been sent since."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from tracker.correspondence import numbers, sending
from tracker.ops.backups import archive, postgresql
from tracker.ops.backups.archive import LEFT_OUT, BackupError, Manifest
from tracker.ops.backups.dump import MIGRATIONS, open_sqlite
from tracker.reminders import calendar, digest, restored
from tracker.reminders.models import Reminder, ReminderState

# Tables that the migrations themselves fill: with rows in these alone a database counts as empty.
SHIPPED = (
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "consideration_guidelineitem",
    "consideration_guidelines",
    "correspondence_confirmationrule",
    "correspondence_letterhead",
    "correspondence_paperrule",
    "django_content_type",
    "obligations_sessiondeadline",
    "registry_treaty",
    "reminders_reminderrule",
    "web_securityevent",
)
COPY = "backup"  # alias of the connection to the copy
FEW = 20  # rows in memory at once: a file of a paper has up to 10 MB


def restore(path: Path, *, replace: bool, hold: bool, other_key: bool) -> tuple[dict[str, int], list[str]]:
    """Replaces the database by the one in a backup, migrated to this version of the tracker.

    Args:
        replace: whether existing rows may be lost.
        hold: whether mail may have been sent since the backup; see `tracker.reminders.restored`.
        other_key: whether a file signed with another SECRET_KEY is accepted.

    Returns:
        the number of rows of each table in the backup, and the superusers that it brought.

    Raises:
        BackupError: the file or the database is not as it has to be. Nothing was changed, unless the text says so.
        OSError: the file cannot be read; nothing was changed.
    """
    with archive.unpacked(path, other_key=other_key) as (manifest, copy), nobody_at_work():
        _check_migrations(manifest, path)
        _check_database(replace=replace)
        if manifest.engine == "postgresql":
            _restore_postgresql(manifest, copy, hold=hold)
        else:
            with _as_default(copy):
                _finish(manifest, hold=hold)
            if connection.vendor == "sqlite":
                _replace_sqlite(copy)
            else:
                _move_to_postgresql(copy)
        ContentType.objects.clear_cache()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # otherwise pages are slow until the server does it
    users = get_user_model().objects.filter(is_superuser=True, is_active=True)
    return manifest.tables, list(users.order_by("username").values_list("username", flat=True))


# --- checks ---------------------------------------------------------------------------------------


@contextmanager
def nobody_at_work() -> Iterator[None]:
    """Makes sure that no other process of the tracker uses the database, as far as that can be seen from here.

    Raises:
        BackupError: one does.
    """
    if connection.vendor == "postgresql":
        _check_connections()
        yield
        return
    if not settings.VAR_DIR.is_dir():
        yield  # the tracker never ran from this folder
        return
    handle = os.open(settings.VAR_DIR / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError("The tracker runs from this folder. Stop it first; then restore.") from None
        yield
    finally:
        os.close(handle)


def _check_connections() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        (others,) = cursor.fetchone()
    if others:
        raise BackupError(
            f"{others} other connections to the database are open. Stop web, workers and beat, and close other "
            f"programs that use it; then restore."
        )


def _check_migrations(manifest: Manifest, path: Path) -> None:
    """This program knows the tables of the backup, and PostgreSQL's program can replace those in the database."""
    if newer := sorted(manifest.migrations - MigrationLoader(connection).disk_migrations.keys()):
        names = ", ".join(f"{app} {name}" for app, name in newer[:3])
        raise BackupError(
            f"{path} is from a newer program: this one does not know its migrations {names}. Install that program "
            f"first, or a later one."
        )
    if manifest.engine == "postgresql":
        if connection.vendor != "postgresql":
            raise BackupError(f"{path} was made from PostgreSQL. Restore it into a PostgreSQL database.")
        applied = {
            node for node in MigrationRecorder(connection).applied_migrations() if node[0] in apps.app_configs
        }
        if applied and applied != manifest.migrations:
            raise BackupError(
                f"{path} is from another version of the program than the tables in the database. Make a new, empty "
                f"database and do not run migrate there; then restore."
            )


def _check_database(*, replace: bool) -> None:
    """Nothing is being sent, and no rows are lost without leave."""
    tables = connection.introspection.table_names()
    since = timezone.now() - timedelta(seconds=settings.REMINDERS_LEASE_SECONDS)
    claimed = Reminder.objects.filter(state=ReminderState.CLAIMED, claimed_at__gte=since)
    if Reminder._meta.db_table in tables and (sending := claimed.count()):
        raise BackupError(
            f"{sending} reminders are being sent at this moment. Stop the workers, and wait until they have ended."
        )
    for name in () if replace else sorted(set(tables) - {MIGRATIONS, *SHIPPED, *LEFT_OUT}):
        with connection.cursor() as cursor:
            # The name comes from the database itself.
            cursor.execute(f'SELECT 1 FROM "{name}" LIMIT 1')  # noqa: S608  # nosec B608
            if cursor.fetchone():
                raise BackupError(
                    f"The database has rows already, the first in table {name}. Restore into an empty one, or add "
                    f"--replace to lose them."
                )


# --- after the rows -------------------------------------------------------------------------------


def _finish(manifest: Manifest, *, hold: bool) -> None:
    """Migrates the restored database and holds what may have been sent since the backup."""
    ContentType.objects.clear_cache()
    call_command("migrate", verbosity=0, interactive=False)
    if hold:
        now = timezone.now()
        with transaction.atomic():
            restored.hold(manifest.taken_at, now)
            digest.take_for_sent(now)
            sending.hold_restored(manifest.taken_at)
            numbers.hold_restored(manifest.taken_at, timezone.localdate(now))
            calendar.tell_anew(now)


# --- PostgreSQL -----------------------------------------------------------------------------------


def _restore_postgresql(manifest: Manifest, copy: Path, *, hold: bool) -> None:
    """`pg_restore` in one transaction; until the mail is held as well, nobody else can write."""
    postgresql.refuse_pooler()
    name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
    try:
        with connection.cursor() as cursor:
            # It is on after a restore that was interrupted.
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    except DatabaseError as error:
        raise BackupError(
            f"The role has to own the database; PostgreSQL answered: {_first_line(error)}"
        ) from error
    unheld, before = False, _table_made()
    try:
        _check_connections()  # again, as one may have been opened before the line above
        unheld = True
        try:
            options = ("--single-transaction", "--clean", "--if-exists", "--no-owner", "--no-privileges")
            postgresql.run("pg_restore", *options, str(copy))
        except BackupError:
            unheld = _table_made() != before  # unless the answer to the commit was lost, it was rolled back
            raise
        try:
            _finish(manifest, hold=hold)
        except Exception as error:
            raise BackupError(
                f"The rows are restored, but they could not be migrated or held: {_first_line(error)}. Until a restore "
                f"succeeds, others can only read this database. Make a new, empty one and restore there."
            ) from error
        unheld = False
    finally:
        if not unheld:
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")


def _table_made() -> int | None:
    """A number that changes when `pg_restore` recreates the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)::oid", [MIGRATIONS])
        (found,) = cursor.fetchone()
    return found


# --- SQLite ---------------------------------------------------------------------------------------


@contextmanager
def _as_default(copy: Path) -> Iterator[None]:
    """Inside, the copy is Django's default database."""
    before = connections["default"]
    connections["default"] = open_sqlite(copy, "default")
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = before
        ContentType.objects.clear_cache()


def _replace_sqlite(copy: Path) -> None:
    """SQLite's online backup into the database, which is one transaction."""

    def check(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise BackupError("Another program uses the database. Stop the tracker first; then restore.")

    connection.ensure_connection()
    with closing(sqlite3.connect(copy)) as source:
        source.backup(connection.connection, progress=check)


def _move_to_postgresql(copy: Path) -> None:
    """Copies every row of a SQLite database into PostgreSQL, with its keys, in one transaction."""
    call_command("migrate", verbosity=0, interactive=False)
    # The models of the migrations: no signals, thus no history and no security log of the move itself.
    models = MigrationLoader(connection).project_state().apps.get_models(include_auto_created=True)
    connections[COPY] = open_sqlite(copy, COPY)
    try:
        with connections[COPY].cursor() as cursor:
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
            last_keys = dict(cursor.fetchall())
        with transaction.atomic(durable=True):
            call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
            for model in models:
                if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT:
                    _move_table(model, last_keys.get(model._meta.db_table, 0))
            try:
                connection.check_constraints()
            except DatabaseError as error:
                raise BackupError(f"Rows refer to others that are missing: {_first_line(error)}") from error
    finally:
        connections[COPY].close()
        del connections[COPY]


def _move_table(model: Any, last_key: int) -> None:
    """Copies one table; the keys of deleted rows are not given out again."""
    table, key = model._meta.db_table, model._meta.pk.column
    try:
        for row in model._base_manager.using(COPY).order_by("pk").iterator(FEW):
            row.save_base(raw=True, using="default", force_insert=True)
    except (DatabaseError, ValueError) as error:
        raise BackupError(f"Table {table} cannot be moved to PostgreSQL: {_first_line(error)}") from error
    if last_key:
        with connection.cursor() as cursor:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', key, last_key])


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].removesuffix(".")
