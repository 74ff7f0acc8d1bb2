"""Backups: every row is restored on both engines, and only from a complete file of a known origin."""

from __future__ import annotations

import fcntl
import io
import json
import sqlite3
import stat
import sys
import uuid
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.signing import Signer
from django.db import DatabaseError, connection, transaction

from tests import databases, factories
from tests.databases import NOW, TODAY, Database, made, rows
from tests.depth import first
from tracker import environment
from tracker.correspondence import numbers
from tracker.obligations import sync
from tracker.ops.backups import archive, dump, postgresql, restore as restoring
from tracker.ops.backups.archive import LEFT_OUT
from tracker.registry.models import Contact, State
from tracker.reminders import outbox
from tracker.reminders.models import CalendarEntry, Digest, OutboxAct, Reminder
from tracker.reminders.plan import plan
from tracker.reminders.scanning import scan

pytestmark = pytest.mark.postgres
ENGINES = ("postgresql", "sqlite")
EITHER = first(1, ENGINES)
# The third is the move from SQLite to PostgreSQL.
WAYS = first(1, [("postgresql", "postgresql"), ("sqlite", "sqlite"), ("sqlite", "postgresql")])


@pytest.fixture(scope="module", autouse=True)
def opened(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[Any]:
    settings.VAR_DIR = tmp_path
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


class OfEither(dict[str, Any]):
    """What there is of either engine, made when it is first asked for: migrating SQLite takes ten seconds."""

    def __init__(self, make: Callable[[str], Any]) -> None:
        self.make = make

    def __missing__(self, engine: str) -> Any:
        with time_machine.travel(NOW, tick=False):
            self[engine] = self.make(engine)
        return self[engine]


@pytest.fixture(scope="module")
def empty(opened: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Database]:
    """A database of either engine with its tables and the rows that migrations create."""
    folder = tmp_path_factory.mktemp("empty")
    return OfEither(lambda engine: databases.made_migrated(engine, folder))


@pytest.fixture(scope="module")
def full(empty: dict[str, Database], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Database]:
    """A database of either engine with at least one row in every table."""
    folder = tmp_path_factory.mktemp("full")

    def make(engine: str) -> Database:
        database = made(engine, folder, like=empty[engine])
        with database.asked():
            databases.fill()
        return database

    return OfEither(make)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Callable[[Database], Database]]:
    """Copies of databases, dropped at the end."""
    copies: list[Database] = []

    def of(database: Database) -> Database:
        copies.append(made(database.engine, tmp_path, like=database))
        return copies[-1]

    yield of
    for database in copies:
        databases.dropped(database)


@pytest.fixture
def small(empty: dict[str, Database], copy: Callable[[Database], Database]) -> Callable[[str], Database]:
    """Databases with France and one of its contacts."""

    def of(engine: str) -> Database:
        database = copy(empty[engine])
        with database.asked():
            factories.a_contact(State.objects.create(iso3="FRA", name="France"), "fra@example.org")
        return database

    return of


def run(database: Database, *words: Any) -> tuple[Any, str]:
    """What a command prints as JSON, and what it says, on a database."""
    out, err = io.StringIO(), io.StringIO()
    with database.asked():
        call_command(*map(str, words), "--format", "json", stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def backup_of(database: Database, path: Path) -> list[dict[str, Any]]:
    return run(database, "backup", path)[0]


@pytest.fixture(scope="module")
def files(full: dict[str, Database], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A backup of either full database."""
    folder = tmp_path_factory.mktemp("files")

    def make(engine: str) -> Path:
        backup_of(full[engine], folder / engine)
        return folder / engine

    return OfEither(make)


# --- backup and restore ---------------------------------------------------------------------------


@pytest.mark.parametrize("engine", EITHER)
def test_every_table_of_the_test_has_a_row(full, engine):
    empty = [name for name, found in rows(full[engine]).items() if not found]
    assert empty == [], "make a row for each of them in fill() of tests/databases.py"


def test_only_sessions_and_counted_passwords_are_left_out():
    assert {model._meta.db_table for model in databases.models_kept()} & set(LEFT_OUT) == set()
    assert [name for name in LEFT_OUT if not name.startswith("axes_")] == ["django_session"]


@pytest.mark.parametrize(("source", "to"), WAYS)
@pytest.mark.parametrize("migrated", first(1, [False, True]))
def test_a_restored_database_holds_every_row_and_derives_the_same(
    full, files, empty, copy, source, to, migrated, tmp_path
):
    target = copy(empty[to]) if migrated else made(to, tmp_path)
    printed, said = run(target, "restore", files[source], "--nothing-was-sent")
    assert rows(target) == rows(full[source])
    assert {one["table"]: one["rows"] for one in printed} == {
        name: len(found) for name, found in rows(full[source]).items()
    }
    assert "rows were restored from" in said
    assert backup_of(target, tmp_path / "again") == printed
    with target.asked():
        call_command("migrate", "--check", verbosity=0)
        assert not sync.difference(TODAY)
        assert not plan(TODAY, today=TODAY).count
        State.objects.filter(pk="NOR").update(name="Noreg")  # writing stays possible
    databases.dropped(target)


@pytest.mark.parametrize(("source", "to"), WAYS)
def test_a_restored_database_gives_out_no_key_twice(small, empty, copy, source, to, tmp_path):
    database, target = small(source), copy(empty[to])
    with database.asked():
        contact = factories.a_contact(State.objects.get(pk="FRA"), "last@example.org")
        gone = contact.pk
        contact.delete()
        first = factories.an_officer("first").pk
    backup_of(database, tmp_path / "file")
    run(target, "restore", tmp_path / "file")
    with target.asked():
        assert factories.a_contact(State.objects.get(pk="FRA"), "next@example.org").pk == gone + 1
        assert factories.an_officer("new").pk == first + 1


@pytest.mark.parametrize("engine", EITHER)
def test_sessions_are_not_in_the_file(full, copy, engine, tmp_path):
    database = copy(full[engine])
    with database.asked():
        Session.objects.create(session_key="of-somebody-signed-in", session_data="x", expire_date=NOW)
    backup_of(database, tmp_path / "file")
    with zipfile.ZipFile(tmp_path / "file") as file:
        content = file.read("database")
    assert b"of-somebody-signed-in" not in content
    assert b"planned@example.org" in content


@pytest.mark.more
def test_postgresql_is_not_restored_into_sqlite(empty, copy, files):
    with pytest.raises(
        CommandError, match=r"was made from PostgreSQL\. Restore it into a PostgreSQL database"
    ):
        run(copy(empty["sqlite"]), "restore", files["postgresql"])


# --- while others work ----------------------------------------------------------------------------


@pytest.mark.more
@pytest.mark.parametrize("engine", EITHER)
def test_a_backup_sees_one_moment_while_others_write(full, empty, copy, engine, tmp_path, monkeypatch):
    source, target = copy(full[engine]), copy(empty[engine])
    before = rows(source)
    describe, written = dump._describe, []

    def write() -> None:
        with source.asked(), transaction.atomic():
            Contact.objects.filter(state="NOR").delete()
            factories.a_contact(State.objects.get(pk="FRA"), "meanwhile@example.org")
        written.append(True)

    def describe_while_others_write(cursor: Any, at: datetime) -> Any:
        # The rows have been counted, or copied; `pg_dump` has not begun.
        found = describe(cursor, at)
        if not written:
            with ThreadPoolExecutor(1) as other:
                other.submit(write).result(30)
        return found

    monkeypatch.setattr(dump, "_describe", describe_while_others_write)
    printed = backup_of(source, tmp_path / "file")
    assert written == [True]
    assert rows(source) != before
    run(target, "restore", tmp_path / "file", "--nothing-was-sent")
    assert rows(target) == before
    assert {one["table"]: one["rows"] for one in printed}["registry_contact"] == len(
        before["registry_contact"]
    )


@pytest.mark.more
def test_a_backup_of_sqlite_does_not_wait_for_a_writer(full, empty, copy, tmp_path):
    source, target = copy(full["sqlite"]), copy(empty["sqlite"])
    before = rows(source)
    with closing(sqlite3.connect(source.name, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM registry_contact")
        backup_of(source, tmp_path / "file")
        writer.execute("COMMIT")
    run(target, "restore", tmp_path / "file", "--nothing-was-sent")
    assert rows(target) == before


# --- what is refused ------------------------------------------------------------------------------


def changed(path: Path, to: Path, **members: Callable[[bytes], bytes] | None) -> Path:
    """A copy of a backup with other members: None leaves one out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = members.get(name, lambda content: content)
            if change is not None:
                new.writestr(name, change(old.read(name)))
    return to


def manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    """Changes a manifest and signs it with the key of the site."""

    def changing(content: bytes) -> bytes:
        found = json.loads(archive.SIGNER.unsign(content.decode()))
        change(found)
        return archive.SIGNER.sign(json.dumps(found)).encode()

    return changing


def flipped(path: Path, to: Path) -> Path:
    """A copy with one wrong byte in the copy of the database."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as file:
        member = file.getinfo("database")
    content[member.header_offset + 100 + member.compress_size // 2] ^= 0xFF
    to.write_bytes(content)
    return to


def cut(path: Path, to: Path) -> Path:
    content = path.read_bytes()
    to.write_bytes(content[: len(content) // 2])
    return to


def encrypted(path: Path, to: Path) -> Path:
    """A copy whose members are marked as encrypted, as by a program that packs with a password."""
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 1)
    to.write_bytes(content)
    return to


def words(path: Path, to: Path) -> Path:
    to.write_text("no backup")
    return to


def old_format(path: Path, to: Path) -> Path:
    with zipfile.ZipFile(to, "w") as file:
        file.writestr(
            "manifest.json", json.dumps({"format": "article-12-tracker backup", "program": "0.1.0"})
        )
    return to


def member(**members: Callable[[bytes], bytes] | None) -> Callable[[Path, Path], Path]:
    return lambda path, to: changed(path, to, **members)


BAD = {
    "cut off": (cut, "is not a backup, or it is damaged"),
    "another file": (words, "is not a backup, or it is damaged"),
    "a wrong byte": (flipped, "is not a backup, or it is damaged"),
    "another database": (
        member(database=lambda content: content.replace(b"Norway", b"Narway")),
        "the copy of the database is not the one that the manifest describes",
    ),
    "no database": (member(database=None), "is not a backup, or it is damaged"),
    "no manifest": (member(manifest=None), "is not a backup, or it is damaged"),
    "another manifest": (
        member(manifest=lambda content: content.replace(b"2026-11-22", b"2026-11-29")),
        "was changed, or it was made with another SECRET_KEY",
    ),
    "no signature": (
        member(manifest=lambda content: content.rpartition(b":")[0]),
        "was changed, or it was made with another SECRET_KEY",
    ),
    "no text": (member(manifest=lambda content: b"\xff" + content), "is not a backup, or it is damaged"),
    "encrypted": (encrypted, "is not a backup, or it is damaged"),
    "half a manifest": (
        member(manifest=manifest(lambda found: found.pop("engine"))),
        "the manifest is damaged",
    ),
    "no numbers of rows": (
        member(manifest=manifest(lambda found: found.update(tables=["registry_state"]))),
        "the manifest is damaged",
    ),
    "another version": (
        member(manifest=manifest(lambda found: found.update(version=3))),
        "has version 3 of the format; this program reads version 2",
    ),
    "a newer program": (
        member(manifest=manifest(lambda found: found["migrations"].append(["registry", "0099_later"]))),
        "is from a newer program: this one does not know its migrations registry 0099_later",
    ),
    "the format of before": (
        old_format,
        "has the format of earlier releases. Restore it with the release of the tracker that made it",
    ),
}


@pytest.mark.parametrize("engine", EITHER)
@pytest.mark.parametrize("what", first(2, BAD))
def test_a_file_that_is_not_complete_or_not_ours_is_refused_and_nothing_changes(
    full, files, what, engine, tmp_path
):
    spoil, said = BAD[what]
    database = full[engine]
    before = rows(database)
    bad = spoil(files[engine], tmp_path / "bad")
    with pytest.raises(CommandError) as refused:
        run(database, "restore", bad, "--replace", "--yes")
    assert said in str(refused.value)
    assert rows(database) == before


@pytest.mark.more
@pytest.mark.parametrize("engine", EITHER)
def test_a_file_of_another_key_is_restored_only_when_asked_for_and_its_superusers_are_listed(
    small, empty, copy, settings, engine, tmp_path
):
    source, target = small(engine), copy(empty[engine])
    with source.asked():
        factories.an_officer("mallory", is_superuser=True)
    settings.SECRET_KEY = "another key that nobody else knows, for a while"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "SIGNER", Signer(salt="tracker.ops.backups"))
        backup_of(source, tmp_path / "file")
    with pytest.raises(CommandError, match="made with another SECRET_KEY"):
        run(target, "restore", tmp_path / "file")
    said = run(target, "restore", tmp_path / "file", "--other-key")[1]
    assert "Superusers of the restored database: mallory." in said
    assert rows(target)["auth_user"] == rows(source)["auth_user"]


def test_a_file_of_another_key_has_to_be_complete_too(full, files, tmp_path):
    bad = changed(
        files["postgresql"], tmp_path / "bad", database=lambda content: content.replace(b"Norway", b"Narway")
    )
    with pytest.raises(CommandError, match="is not the one that the manifest describes"):
        run(full["postgresql"], "restore", bad, "--other-key", "--replace", "--yes")


# --- what goes wrong on the way -------------------------------------------------------------------


@pytest.mark.more
def test_rows_that_refer_to_nothing_are_not_moved_to_postgresql(small, full, tmp_path):
    source, target = small("sqlite"), full["postgresql"]
    with closing(sqlite3.connect(source.name)) as line, line:
        line.execute("DELETE FROM registry_state WHERE iso3 = 'FRA'")
    backup_of(source, tmp_path / "file")
    before = rows(target)
    with pytest.raises(CommandError, match=r"Rows refer to others that are missing: .*"):
        run(target, "restore", tmp_path / "file", "--replace", "--yes")
    assert rows(target) == before


@pytest.mark.more
@pytest.mark.parametrize(
    ("value", "why"), [("'a' || char(0) || 'b'", "NUL"), ("printf('%01000d', 0)", "too long")]
)
def test_a_text_that_postgresql_cannot_store_is_refused_by_its_table(small, full, value, why, tmp_path):
    source, target = small("sqlite"), full["postgresql"]
    with closing(sqlite3.connect(source.name)) as line, line:
        line.execute(f"UPDATE registry_contact SET name = {value}")  # noqa: S608 - a value above
    backup_of(source, tmp_path / "file")
    before = rows(target)
    with pytest.raises(CommandError, match=f"Table registry_contact cannot be moved to PostgreSQL: .*{why}"):
        run(target, "restore", tmp_path / "file", "--replace", "--yes")
    assert rows(target) == before


@pytest.mark.more
@pytest.mark.parametrize("engine", EITHER)
def test_a_migration_that_fails_loses_nothing(full, files, copy, engine, monkeypatch):
    database = copy(full[engine])
    with database.asked():
        factories.an_officer("later")
    before = rows(database)

    def fail(*words: Any, **options: Any) -> None:
        raise RuntimeError("no more room")

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "call_command", fail)
        with pytest.raises((CommandError, RuntimeError), match="no more room") as refused:
            run(database, "restore", files[engine], "--replace", "--yes")
    if engine == "sqlite":
        assert rows(database) == before
        return
    # The rows are those of the backup, and nobody can send what is not held yet, until a restore succeeds.
    assert "others can only read this database" in str(refused.value)
    with database.asked(), pytest.raises(DatabaseError, match="read-only transaction"):
        Reminder.objects.update(state="sent")
    run(database, "restore", files[engine], "--replace", "--yes")
    with database.asked():
        assert set(Reminder.objects.filter(recipient="planned@example.org").values_list("state")) == {
            ("held",)
        }


def test_a_restore_that_postgresql_breaks_off_loses_nothing(full, files, copy):
    database = copy(full["postgresql"])
    with database.asked(), connection.cursor() as cursor:
        # It refers to a table that would be replaced, so the old one cannot be dropped.
        cursor.execute("CREATE VIEW somebodys AS SELECT * FROM web_securityevent")
    before = rows(database)
    with pytest.raises(CommandError, match=r"pg_restore failed: .*cannot drop table"):
        run(database, "restore", files["postgresql"], "--replace", "--yes")
    assert rows(database) == before
    with database.asked():
        factories.an_officer("later")  # it can be written to


@pytest.mark.more
def test_a_sqlite_database_that_is_being_written_to_is_refused(full, files, copy, monkeypatch):
    database, kind = copy(full["sqlite"]), environment.database

    def without_patience(url: str) -> dict[str, Any]:
        found = kind.parse(url)
        found["OPTIONS"]["timeout"] = 0
        return found

    monkeypatch.setattr(environment, "database", replace(kind, parse=without_patience))
    before = rows(database)
    with closing(sqlite3.connect(database.name, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(CommandError, match="Another program uses the database"):
            run(database, "restore", files["sqlite"], "--replace", "--yes")
        writer.execute("ROLLBACK")
    assert rows(database) == before


def test_tables_of_another_version_are_not_replaced_on_postgresql(files, tmp_path):
    database = made("postgresql", tmp_path)
    with database.asked():
        call_command("migrate", "registry", "0001", verbosity=0)
    with pytest.raises(CommandError, match=r"another version of the program .* Make a new, empty database"):
        run(database, "restore", files["postgresql"], "--replace", "--yes")
    databases.dropped(database)


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_a_missing_program_of_postgresql_is_told_with_its_package(
    full, files, program, tmp_path, monkeypatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    words = ["backup", tmp_path / "file"]
    if program == "pg_restore":
        words = ["restore", files["postgresql"], "--replace", "--yes"]
    before = rows(full["postgresql"])
    with pytest.raises(
        CommandError, match=rf"{program} is not installed.*apt install postgresql-client-\d+\)"
    ):
        run(full["postgresql"], *words)
    assert rows(full["postgresql"]) == before
    assert not (tmp_path / "file").exists()


def test_a_program_that_is_too_old_is_told_with_its_package(full, tmp_path, monkeypatch):
    old = tmp_path / "pg_dump"
    old.write_text(
        "#!/bin/sh\necho 'pg_dump: error: aborting because of server version mismatch' >&2; exit 1\n"
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    with pytest.raises(
        CommandError, match=r"version mismatch\. Install the client programs of PostgreSQL \d+"
    ):
        run(full["postgresql"], "backup", tmp_path / "file")


def test_the_password_is_not_among_the_words_of_the_program(full, tmp_path, monkeypatch):
    seen: list[Any] = []
    real = postgresql.subprocess.run
    monkeypatch.setattr(
        postgresql.subprocess, "run", lambda words, **more: seen.append(words) or real(words, **more)
    )
    backup_of(full["postgresql"], tmp_path / "file")
    password = full["postgresql"].url.split(":")[2].partition("@")[0]
    assert [word for word in seen[0] if password in word] == []


@pytest.mark.more
@pytest.mark.parametrize("engine", EITHER)
def test_a_database_with_rows_is_replaced_only_when_told_so_by_its_name(
    full, files, copy, engine, monkeypatch
):
    database = copy(full[engine])
    with database.asked():
        factories.an_officer("later")
    before = rows(database)
    with pytest.raises(CommandError, match="has rows already, the first in table auth_user"):
        run(database, "restore", files[engine])
    for typed in ("something else\n", ""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(CommandError, match="That is not the name of the database; nothing was changed"):
            run(database, "restore", files[engine], "--replace")
    assert rows(database) == before
    monkeypatch.setattr(sys, "stdin", io.StringIO(Path(database.name).name + "\n"))
    run(database, "restore", files[engine], "--replace", "--nothing-was-sent")
    assert rows(database) == rows(full[engine])


def test_a_database_that_others_use_is_refused(full, files, copy):
    database = copy(full["postgresql"])
    with (
        psycopg.connect(database.url),
        pytest.raises(CommandError, match="1 other connections to the database are open"),
    ):
        run(database, "restore", files["postgresql"], "--replace", "--yes")


@pytest.mark.more
def test_a_folder_in_which_the_tracker_runs_is_refused(empty, files, copy, tmp_path):
    with (tmp_path / "run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match=r"The tracker runs from this folder. Stop it first"):
            run(copy(empty["sqlite"]), "restore", files["sqlite"])


def test_mail_that_is_just_being_sent_is_not_lost_to_a_restore(full, files, copy):
    database = copy(full["postgresql"])
    with database.asked():
        Reminder.objects.filter(state="planned").update(
            state="claimed", claimed_at=NOW - timedelta(minutes=1), claim=uuid.UUID(int=1)
        )
    with pytest.raises(CommandError, match="1 reminders are being sent at this moment"):
        run(database, "restore", files["postgresql"], "--replace", "--yes")


# --- the file -------------------------------------------------------------------------------------


def test_a_backup_is_for_its_owner_alone_and_replaces_no_file_unasked(full, tmp_path):
    path = tmp_path / "file"
    path.write_text("mine")
    with pytest.raises(CommandError, match=r"The file .* exists. Choose another name, or add --replace"):
        run(full["postgresql"], "backup", path)
    assert path.read_text() == "mine"
    run(full["postgresql"], "backup", path, "--replace")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_backup_to_nowhere_is_one_line(full, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        run(full["postgresql"], "backup", tmp_path / "nowhere" / "file")


def test_a_backup_that_is_not_there_is_one_line(empty, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        run(empty["postgresql"], "restore", tmp_path / "file")


def test_an_empty_database_is_not_backed_up(tmp_path):
    with pytest.raises(CommandError, match=r"Run manage.py migrate first"):
        run(made("sqlite", tmp_path), "backup", tmp_path / "file")
    assert not (tmp_path / "file").exists()


# --- what may have been sent since ----------------------------------------------------------------

WHY = "restored from a backup of 22 November 2026, 09:30 UTC; may already have been sent"


def ledger() -> set[tuple[str, str, str]]:
    found = Reminder.objects.exclude(state="overtaken").values_list("recipient", "state", "reason")
    return set(found)


@pytest.mark.parametrize("engine", EITHER)
def test_what_went_after_the_backup_is_not_sent_again_until_a_person_lets_it_go(
    full, copy, engine, tmp_path, clock
):
    database = copy(full[engine])
    with database.asked():
        # Planned already, to be planned by the next scan, and tried once: all three are sent after the backup.
        factories.a_contact(State.objects.get(pk="NOR"), "unplanned@example.org")
        Reminder.objects.filter(recipient="chl@example.org").update(
            state="failed", reason="busy", cancelled_by="", next_attempt_at=NOW
        )
    backup_of(database, tmp_path / "file")
    clock.shift(timedelta(hours=3))
    with database.asked():
        assert scan(TODAY).sent["sent"] == 3
    run(database, "restore", tmp_path / "file", "--replace", "--yes")
    with database.asked():
        assert OutboxAct.objects.get(by="manage.py restore").reminders.count() == 2
        assert all(numbers.is_held(direction, TODAY) for direction in ("out", "in"))
        clock.shift(timedelta(hours=1))
        assert scan(TODAY).sent == {"sent": 0, "failed": 0, "dead": 0, "held": 3, "cancelled": 0}
        assert ledger() == {
            ("nor@example.org", "sent", ""),
            ("planned@example.org", "held", WHY),
            ("chl@example.org", "held", f"{WHY}; busy"),
            ("unplanned@example.org", "held", WHY),
        }
        outbox.act("approve", Reminder.objects.filter(recipient="unplanned@example.org"), by="ada")
        assert scan(TODAY).sent["sent"] == 1


def test_a_stage_within_the_quiet_days_after_a_restore_is_held_too(full, files, copy, clock):
    database = copy(full["postgresql"])
    # The mail of three months before could have gone to this new contact the day before the restore.
    clock.move_to(datetime(2026, 12, 5, 9, 0, tzinfo=UTC))
    run(database, "restore", files["postgresql"], "--replace", "--yes")
    with database.asked():
        factories.a_contact(State.objects.get(pk="NOR"), "again@example.org")
        plan(date(2026, 12, 15))  # ten days later the next stage comes
        row = Reminder.objects.get(recipient="again@example.org")
        assert (row.stage, row.state, row.reason) == ("1 month before", "held", WHY)


@pytest.mark.more
@pytest.mark.parametrize("engine", EITHER)
def test_after_a_restore_later_stages_go_by_themselves_and_earlier_ones_never(
    full, files, copy, engine, clock
):
    database = copy(full[engine])
    clock.shift(timedelta(days=2))
    run(database, "restore", files[engine], "--replace", "--yes")
    with database.asked():
        # Entered again after it was lost: it is not known whether the mail of three months before was sent.
        factories.a_contact(State.objects.get(pk="NOR"), "again@example.org")
        clock.shift(timedelta(days=20))
        plan(date(2026, 12, 14))
        assert Reminder.objects.get(recipient="again@example.org").state == "held"
        # The stage of 15 December lies more than the quiet days after the restore.
        plan(date(2026, 12, 15))
        assert set(
            Reminder.objects.filter(stage_on="2026-12-15").values_list("recipient", "state", "reason")
        ) == {
            ("nor@example.org", "held", "an earlier mail to this address was returned"),
            ("again@example.org", "planned", ""),
        }


@pytest.mark.more
def test_what_was_just_going_out_is_not_known_to_have_gone(full, empty, copy, tmp_path):
    source, target = copy(full["postgresql"]), copy(empty["postgresql"])
    with source.asked():
        claim = {"state": "claimed", "claimed_at": NOW, "claim": uuid.UUID(int=1)}
        Reminder.objects.filter(recipient="planned@example.org").update(**claim)
        Reminder.objects.filter(recipient="chl@example.org").update(**claim, handed_over_at=NOW)
    backup_of(source, tmp_path / "file")
    run(target, "restore", tmp_path / "file")
    with target.asked():
        assert ledger() >= {("planned@example.org", "held", WHY), ("chl@example.org", "unknown", WHY)}
        assert not Reminder.objects.filter(state="held").exclude(claim=None).exists()


@pytest.mark.more
def test_a_restore_sends_no_digest_of_the_week_again_and_tells_calendars_higher_numbers(full, files, copy):
    database = copy(full["postgresql"])
    with database.asked():
        ada = Digest.objects.get().officer
        before = dict(CalendarEntry.objects.values_list("obligation", "sequence"))
    run(database, "restore", files["postgresql"], "--replace", "--yes")
    with database.asked():
        assert list(Digest.objects.values_list("officer", "state")) == [(ada.pk, "sent")]
        after = dict(CalendarEntry.objects.values_list("obligation", "sequence"))
        assert after == {obligation: sequence + 100 for obligation, sequence in before.items()}
        Digest.objects.all().delete()
    backup = files["postgresql"].with_name("no digest")
    backup_of(database, backup)
    run(database, "restore", backup, "--replace", "--yes")
    with database.asked():
        assert list(Digest.objects.values_list("officer", "week", "state")) == [
            (ada.pk, date(2026, 11, 16), "unknown")
        ]
