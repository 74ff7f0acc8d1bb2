"""Makes a backup while others go on working: a copy of the database at one moment."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, connections, transaction
from django.db.utils import load_backend

import tracker
from tracker.ops.backups import archive, postgresql
from tracker.ops.backups.archive import LEFT_OUT, BackupError, Manifest

MIGRATIONS = "django_migrations"
SQLITE = "django.db.backends.sqlite3"


def take(path: Path, *, replace: bool, at: datetime) -> dict[str, int]:
    """Writes a backup; a file with its name is always complete.

    Args:
        replace: whether an existing file may be replaced.
        at: now.

    Returns:
        the number of rows of each table.

    Raises:
        BackupError: the file exists, the database is empty, or PostgreSQL's program failed.
        OSError: the file cannot be written.
    """

    def check() -> None:
        if path.exists() and not replace:
            raise BackupError(f"The file {path} exists. Choose another name, or add --replace.")

    check()
    # On the disk of the backup, which has the room for it.
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        copy, finished = Path(folder) / archive.DATABASE, Path(folder) / "finished"
        dump = _dump_postgresql if connection.vendor == "postgresql" else _copy_sqlite
        manifest = dump(copy, at)
        archive.write(finished, manifest, copy)
        check()
        finished.replace(path)
    return manifest.tables


def _copy_sqlite(copy: Path, at: datetime) -> Manifest:
    """SQLite's online backup; then the data that is left out is deleted from the copy."""
    connection.ensure_connection()
    with closing(sqlite3.connect(copy)) as target:
        connection.connection.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    with closing(open_sqlite(copy, "copy")) as opened, opened.cursor() as cursor:
        manifest = _describe(cursor, at)
        for name in set(LEFT_OUT) & set(opened.introspection.table_names()):
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - one of our constants  # nosec B608
        cursor.execute("VACUUM")  # nothing deleted stays in the file
    return manifest


def open_sqlite(path: Path, alias: str) -> Any:
    """A connection of Django's to another file; the constraints of our tables need Django's functions."""
    wanted = connections["default"].settings_dict | {"ENGINE": SQLITE, "NAME": str(path), "OPTIONS": {}}
    return load_backend(SQLITE).DatabaseWrapper(wanted, alias)


def _dump_postgresql(copy: Path, at: datetime) -> Manifest:
    """`pg_dump`, with the manifest from the same snapshot."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        manifest = _describe(cursor, at)
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        # Tables by name: extensions and other schemas of the database are not ours to restore.
        tables = [f'--table="{name}"' for name in connection.introspection.table_names()]
        left_out = [f'--exclude-table-data="{name}"' for name in LEFT_OUT]
        # The archive compresses.
        options = ["--format=custom", "--compress=0", f"--snapshot={snapshot}", f"--file={copy}"]
        postgresql.run("pg_dump", *options, *tables, *left_out)
    return manifest


def _describe(cursor: Any, at: datetime) -> Manifest:
    # The names in these statements are constants or come from the database itself.
    tables = connection.introspection.table_names()
    if MIGRATIONS not in tables:
        raise BackupError("The database is empty. Run manage.py migrate first.")
    counts = {}
    for name in sorted(set(tables) - {MIGRATIONS, *LEFT_OUT}):
        # The name comes from the database itself.
        cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608  # nosec B608
        (counts[name],) = cursor.fetchone()
    cursor.execute("SELECT app, name FROM django_migrations")
    # Rows of programs that are no longer installed stay in this table.
    migrations = frozenset((app, name) for app, name in cursor.fetchall() if app in apps.app_configs)
    return Manifest(connection.vendor, at, tracker.VERSION, migrations, counts)
