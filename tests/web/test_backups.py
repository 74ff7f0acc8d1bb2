"""Backups: every row there and back on both engines, and nothing but a whole and known file."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import stat
import sys
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections, transaction

from tests import databases, factories
from tests.databases import NOW, TODAY, Database, made, rows
from tracker.obligations import sync
from tracker.registry.models import Contact, State
from tracker.reminders import outbox
from tracker.reminders.models import CalendarEntry, Digest, OutboxAct, Reminder
from tracker.reminders.plan import plan
from tracker.reminders.scanning import scan
from tracker.web.backups import restoring, taking
from tracker.web.backups.tables import LEFT_OUT

pytestmark = pytest.mark.postgres
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="module", autouse=True)
def opened(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Iterator[Any]:
    settings.VAR_DIR = tmp_path
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(scope="module")
def empty(opened: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Database]:
    """A database of either engine with its tables, and what the migrations ship."""
    folder = tmp_path_factory.mktemp("empty")
    found = {engine: made(engine, folder) for engine in ENGINES}
    for database in found.values():
        databases.migrated(database)
    return found


@pytest.fixture(scope="module")
def full(empty: dict[str, Database], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Database]:
    """A database of either engine with a row in every table, at least."""
    folder = tmp_path_factory.mktemp("full")
    found = {engine: made(engine, folder, like=empty[engine]) for engine in ENGINES}
    for database in found.values():
        with database.asked(), time_machine.travel(NOW, tick=False):
            databases.fill()
    return found


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
    with time_machine.travel(NOW, tick=False):
        for engine in ENGINES:
            backup_of(full[engine], folder / engine)
    return {engine: folder / engine for engine in ENGINES}


# --- there and back -------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_every_table_of_the_test_has_a_row(full, engine):
    assert [name for name, found in rows(full[engine]).items() if not found] == []


def test_only_sessions_and_counted_passwords_are_left_out():
    assert {model._meta.db_table for model in databases.models_kept()} & set(LEFT_OUT) == set()
    assert [name for name in LEFT_OUT if not name.startswith("axes_")] == ["django_session"]


@pytest.mark.parametrize("to", ENGINES)
@pytest.mark.parametrize("source", ENGINES)
def test_a_restored_database_holds_every_row_and_derives_the_same(
    full, files, empty, copy, source, to, tmp_path
):
    target = copy(empty[to])
    printed, said = run(target, "restore", files[source], "--nothing-was-sent")
    assert rows(target) == rows(full[source])
    assert {one["table"]: one["rows"] for one in printed} == {
        name: len(found) for name, found in rows(full[source]).items()
    }
    assert "were restored and compared with" in said
    assert backup_of(target, tmp_path / "again") == printed  # the same checksums from the other engine
    with target.asked():
        assert not sync.difference(TODAY)
        assert not plan(TODAY, today=TODAY).count


@pytest.mark.parametrize("engine", ENGINES)
def test_a_restored_database_gives_out_no_key_twice(full, empty, copy, engine, tmp_path):
    source, target = copy(full[engine]), copy(empty[engine])
    with source.asked():
        contact = factories.a_contact(State.objects.get(pk="FRA"), "last@example.org")
        gone = contact.pk
        contact.delete()
    backup_of(source, tmp_path / "file")
    run(target, "restore", tmp_path / "file")
    with target.asked():
        assert factories.a_contact(State.objects.get(pk="FRA"), "next@example.org").pk == gone + 1
        assert factories.an_officer("new").pk == 3


def shape(database: Database) -> set[tuple[Any, ...]]:
    """All indexes and constraints. The condition of an index is worded anew each time: of it, only that it is there."""
    told = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
    )
    with psycopg.connect(database.url) as line:
        indexes = line.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'").fetchall()
        return {
            *((one.split(" WHERE ")[0], " WHERE " in one) for (one,) in indexes),
            *line.execute(told).fetchall(),
        }


def test_long_tables_get_their_indexes_and_references_back(full, files, empty, copy, monkeypatch):
    monkeypatch.setattr(restoring, "LONG", 1)
    target = copy(empty["postgresql"])
    run(target, "restore", files["postgresql"], "--nothing-was-sent")
    assert rows(target) == rows(full["postgresql"])
    assert shape(target) ^ shape(full["postgresql"]) == set()


# --- while others work ----------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_sees_one_moment_while_others_write(full, empty, copy, engine, tmp_path, monkeypatch):
    source, target = copy(full[engine]), copy(empty[engine])
    before = rows(source)
    last_key, written = taking.last_key, []

    def write() -> None:
        """What another connection commits between two tables of the backup."""
        with source.asked(), transaction.atomic():
            state = State.objects.get(pk="FRA")
            Contact.objects.filter(state="NOR").delete()
            factories.a_contact(state, "meanwhile@example.org")
            factories.an_officer("meanwhile")
            written.append(Contact.objects.filter(email="meanwhile@example.org").exists())

    def and_others_write(table: Any) -> int:
        if not written:  # the first tables are in the file already
            other = threading.Thread(target=lambda: (write(), connections.close_all()))
            other.start()
            other.join(30)
        return last_key(table)

    monkeypatch.setattr(taking, "last_key", and_others_write)
    backup_of(source, tmp_path / "file")
    assert written == [True]
    assert rows(source) != before
    run(target, "restore", tmp_path / "file", "--nothing-was-sent")
    assert rows(target) == before


# --- what is refused ------------------------------------------------------------------------------


def changed(path: Path, to: Path, **members: Any) -> Path:
    """A copy of a backup with other members: None leaves one out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content, short = old.read(name), Path(name).stem
            if short in members:
                if members[short] is None:
                    continue
                content = members[short](content)
            new.writestr(name, content)
    return to


def manifest(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    """Changes a manifest."""

    def changing(content: bytes) -> bytes:
        told = json.loads(content)
        change(told)
        return json.dumps(told).encode()

    return changing


def flipped(path: Path, to: Path) -> Path:
    """A copy with one wrong octet in the rows of the States."""
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("tables/registry_state.tsv")
    content[member.header_offset + 100 + member.compress_size // 2] ^= 0xFF
    to.write_bytes(content)
    return to


def cut(path: Path, to: Path) -> Path:
    content = path.read_bytes()
    to.write_bytes(content[: len(content) // 2])
    return to


def words(path: Path, to: Path) -> Path:
    to.write_text("no backup")
    return to


def member(**members: Any) -> Callable[[Path, Path], Path]:
    return lambda path, to: changed(path, to, **members)


BAD = {
    "cut off": (cut, "is not a backup, or its end is missing"),
    "another file": (words, "is not a backup, or its end is missing"),
    "a wrong octet": (flipped, "Table registry_state is damaged"),
    "a changed row": (
        member(registry_state=lambda rows: rows.replace(b"Norway", b"Narway")),
        "Table registry_state is damaged: the backup holds 197 rows with the checksum",
    ),
    "a row less": (
        member(registry_contact=lambda rows: rows.split(b"\n", 1)[1]),
        "Table registry_contact is damaged: the backup holds 2 rows",
    ),
    "a table less": (member(registry_contact=None), "Table registry_contact is missing in the backup"),
    "a table not told of": (
        member(manifest=manifest(lambda told: told["tables"].pop())),
        "table web_securityevent is missing in the backup",
    ),
    "another column": (
        member(manifest=manifest(lambda told: told["tables"][0]["columns"].pop())),
        "table auth_group has other columns than its migrations make",
    ),
    "no manifest": (member(manifest=None), "is not a backup of this tracker, or its manifest is damaged"),
    "half a manifest": (
        member(manifest=lambda content: content[:200]),
        "is not a backup of this tracker, or its manifest is damaged",
    ),
    "another version": (
        member(manifest=manifest(lambda told: told.update(version=2))),
        "version 2; this program reads “article-12-tracker backup”, version 1",
    ),
    "a newer program": (
        member(manifest=manifest(lambda told: told["migrations"]["registry"].append("0099_later"))),
        "is from a newer program: this one does not know its migrations registry 0099_later",
    ),
    "a gap in the migrations": (
        member(manifest=manifest(lambda told: told["migrations"]["registry"].remove("0002_treaties"))),
        "lacks the migration registry 0002_treaties",
    ),
}


@pytest.mark.parametrize(
    ("what", "engine"),
    [*((what, "postgresql") for what in BAD), ("a changed row", "sqlite"), ("a wrong octet", "sqlite")],
)
def test_a_file_that_is_not_whole_is_refused_and_nothing_changes(full, files, what, engine, tmp_path):
    spoil, said = BAD[what]
    database = full[engine]
    before = rows(database)
    bad = spoil(files["postgresql"], tmp_path / "bad")
    with pytest.raises(CommandError) as refused:
        run(database, "restore", bad, "--replace", "--yes")
    assert said in str(refused.value)
    assert rows(database) == before


@pytest.mark.parametrize(("engine", "long"), [("sqlite", 1), ("postgresql", 1), ("postgresql", 100_000)])
def test_rows_that_refer_to_nothing_are_refused(full, files, engine, long, tmp_path, monkeypatch):
    monkeypatch.setattr(restoring, "LONG", long)

    def without_norway(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        return b"".join(line for line in lines if not line.startswith(b"NOR\t"))

    with zipfile.ZipFile(files["sqlite"]) as archive:
        left = without_norway(archive.read("tables/registry_state.tsv"))

    def forge(told: dict[str, Any]) -> None:
        (one,) = (one for one in told["tables"] if one["table"] == "registry_state")
        one.update(rows=196, sha256=hashlib.sha256(left).hexdigest())

    bad = changed(
        files["sqlite"], tmp_path / "bad", registry_state=lambda _content: left, manifest=manifest(forge)
    )
    before = rows(full[engine])
    with pytest.raises(CommandError, match=r"The rows of the backup do not hold together: .*NOR"):
        run(full[engine], "restore", bad, "--replace", "--yes")
    assert rows(full[engine]) == before


def test_a_text_that_postgresql_cannot_keep_is_refused_by_its_table(full, empty, copy, files, tmp_path):
    source = copy(full["sqlite"])
    with source.asked() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE registry_contact SET name = 'a' || char(0) || 'b'")
    with pytest.raises(CommandError, match="Table registry_contact, row 1: a text holds the character NUL"):
        run(source, "backup", tmp_path / "file")
    assert list(tmp_path.glob("*file*")) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_database_with_rows_is_replaced_only_when_told_so_by_its_name(
    full, files, copy, engine, monkeypatch
):
    database = copy(full[engine])
    with database.asked():
        factories.an_officer("later")
    before = rows(database)
    with pytest.raises(CommandError, match="holds rows already, the first in table auth_user"):
        run(database, "restore", files[engine])
    for typed in ("something else\n", ""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(CommandError, match="That is not its name; nothing was changed"):
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
    with pytest.raises(
        CommandError, match=r"There is a file .* already. Choose another name, or say --replace"
    ):
        run(full["sqlite"], "backup", path)
    assert path.read_text() == "mine"
    run(full["sqlite"], "backup", path, "--replace")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def test_a_backup_to_nowhere_is_one_line(full, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        run(full["sqlite"], "backup", tmp_path / "nowhere" / "file")


def test_a_backup_that_is_not_there_is_one_line(empty, tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        run(empty["sqlite"], "restore", tmp_path / "file")


def test_a_database_of_another_program_is_not_backed_up(tmp_path):
    with pytest.raises(CommandError, match=r"Run manage.py migrate first"):
        run(made("sqlite", tmp_path), "backup", tmp_path / "file")
    assert not (tmp_path / "file").exists()


# --- what may have been sent since ----------------------------------------------------------------

WHY = "restored from a backup of 22 November 2026, 09:30 UTC; may already have been sent"


def ledger() -> set[tuple[str, str, str]]:
    found = Reminder.objects.exclude(state="overtaken").values_list("recipient", "state", "reason")
    return set(found)


@pytest.mark.parametrize("engine", ENGINES)
def test_what_went_after_the_backup_is_not_sent_again_until_a_person_lets_it_go(
    full, copy, engine, tmp_path, clock
):
    database = copy(full[engine])
    with database.asked():
        # Planned already, to be planned by the next scan, and tried once: all three go after the backup.
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
    database = copy(full["sqlite"])
    # The mail of three months before could have gone to this new contact the day before the restore.
    clock.move_to(datetime(2026, 12, 5, 9, 0, tzinfo=UTC))
    run(database, "restore", files["sqlite"], "--replace", "--yes")
    with database.asked():
        factories.a_contact(State.objects.get(pk="NOR"), "again@example.org")
        plan(date(2026, 12, 15))  # ten days later the next stage comes
        row = Reminder.objects.get(recipient="again@example.org")
        assert (row.stage, row.state, row.reason) == ("1 month before", "held", WHY)


@pytest.mark.parametrize("engine", ENGINES)
def test_after_a_restore_later_stages_go_by_themselves_and_earlier_ones_never(
    full, files, copy, engine, clock
):
    database = copy(full[engine])
    clock.shift(timedelta(days=2))
    run(database, "restore", files[engine], "--replace", "--yes")
    with database.asked():
        # Entered again, after it was lost: whether the mail about three months before had gone, nobody knows.
        factories.a_contact(State.objects.get(pk="NOR"), "again@example.org")
        clock.shift(timedelta(days=20))
        plan(date(2026, 12, 14))
        assert Reminder.objects.get(recipient="again@example.org").state == "held"
        # The stage of 15 December lies more than the quiet days after the restore.
        plan(date(2026, 12, 15))
        assert set(
            Reminder.objects.filter(stage_on="2026-12-15").values_list("recipient", "state", "reason")
        ) == {
            ("nor@example.org", "held", "an earlier mail to this address came back"),
            ("again@example.org", "planned", ""),
        }


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
