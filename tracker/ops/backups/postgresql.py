"""Runs PostgreSQL's own programs on the database that Django uses."""

from __future__ import annotations

import os
import subprocess

from django.db import connection
from psycopg.conninfo import make_conninfo

from tracker.ops.backups.archive import BackupError


def refuse_pooler() -> None:
    """Checks that Django's connection ends at PostgreSQL itself.

    A backup and a restore change the settings of a session, which a pooler such as pgBouncer would hand to others.

    Raises:
        BackupError: the process that was named when the connection was opened is not the one that answers.
    """
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (answering,) = cursor.fetchone()
    if answering != connection.connection.info.backend_pid:
        raise BackupError(
            "DATABASE_URL leads to a connection pooler. Backup and restore need the address of PostgreSQL itself."
        )


def run(program: str, *options: str) -> None:
    """Runs `pg_dump` or `pg_restore` with the address, the password and the TLS settings of Django's connection.

    Raises:
        BackupError: it is not installed, too old for the server, or it failed; a transaction of it is rolled back.
    """
    refuse_pooler()
    info = connection.connection.info
    # Only the parameters that were set: `info` has others, which the program may not know if its libpq is older than
    # psycopg's. The password stays out of the list of processes.
    given = connection.get_connection_params()
    parameters = {name: value for name, value in info.get_parameters().items() if name in given}
    # A restore makes the sessions of all others read-only.
    parameters["options"] = f"{info.options or ''} -c default_transaction_read_only=off".strip()
    address = make_conninfo("", **parameters)
    words = [program, *options, f"--dbname={address}"]
    version = info.server_version // 10000
    install = f"Install the client programs of PostgreSQL {version} (Debian: apt install postgresql-client-{version})"
    try:
        done = subprocess.run(
            words,
            env=os.environ | {"PGPASSWORD": info.password, "LC_ALL": "C"},
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except FileNotFoundError:
        raise BackupError(f"{program} is not installed. {install}.") from None
    if done.returncode:
        answer = " ".join(done.stderr.split()).removesuffix(".")
        hint = f" {install}." if "version" in answer else ""
        raise BackupError(f"{program} failed: {answer[:500]}.{hint}")
