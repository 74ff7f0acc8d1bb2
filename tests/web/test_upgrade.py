"""Upgrades from the first migrations, with data of that time, to today's; and an old backup restored into a new
database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests import databases
from tests.databases import NOW, TODAY, Database, made
from tracker.obligations import sync
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    Obligation,
    PrintedDate,
    Review,
    Submission,
)
from tracker.ops.backups.archive import unpacked
from tracker.ops.backups.dump import take
from tracker.reminders.models import OutboxAct, Reminder
from tracker.reminders.plan import plan

# Each old database takes half a minute of migrations.
pytestmark = [pytest.mark.postgres, pytest.mark.more]
ENGINES = ("sqlite", "postgresql")
OURS = ("registry", "obligations", "reminders")
LATER = ("web", "correspondence", "consideration")  # begin with roles and tables of later migrations
REASON = "moved when the program was upgraded"
PRIOR = "list of issues prior to reporting"
AT = datetime(2024, 3, 1, 8, 0, 0, 500, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def opened(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        yield


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


@pytest.fixture(scope="module")
def olds(opened: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Database]]:
    """A database of the first program on either engine, with a row in each of its tables."""
    found = {engine: made(engine, tmp_path_factory.mktemp("old")) for engine in ENGINES}
    for database in found.values():
        with database.asked():
            MigrationExecutor(connection).migrate(first_ones())
            fill(MigrationLoader(connection).project_state(applied()).apps)
    yield found
    for database in found.values():
        databases.dropped(database)


def first_ones() -> list[tuple[str, str]]:
    """The first migration of each of our apps, with what others have today."""
    graph = MigrationLoader(connection).graph
    return [
        *(node for node in graph.leaf_nodes() if node[0] not in (*OURS, *LATER)),
        *((app, "0001_initial") for app in OURS),
    ]


def applied() -> list[tuple[str, str]]:
    known = MigrationLoader(connection)
    return [node for node in known.applied_migrations if node in known.disk_migrations]


def fill(then: Any) -> None:
    """The records of an office, with the models of that time."""

    def row(label: str, **fields: Any) -> Any:
        made = then.get_model(label).objects.create(**fields)
        if any(
            model._meta.model_name == f"historical{label.split('.')[1].lower()}"
            for model in then.get_models()
        ):
            # Migrations write no history; the program did.
            app, name = label.split(".")
            kept = then.get_model(app, f"Historical{name}")
            same = {field.attname: getattr(made, field.attname) for field in made._meta.concrete_fields}
            kept.objects.create(**same, history_date=AT, history_type="+", history_change_reason="entered")
        return made

    ada = row("auth.User", username="ada", email="ada@example.org", password="!", is_staff=True)
    treaty = then.get_model("registry.Treaty").objects
    for code, adopted, in_force in (
        ("CRC", date(1989, 11, 20), date(1990, 9, 2)),
        ("OPSC", date(2000, 5, 25), date(2002, 1, 18)),
    ):
        treaty.get_or_create(
            code=code, defaults={"title": code, "adopted_on": adopted, "in_force_on": in_force}
        )
    nor = row(
        "registry.State", iso3="NOR", iso2="NO", name="Norway", region="WEO", desk_officer=ada, language="en"
    )
    usa = row(
        "registry.State",
        iso3="USA",
        iso2="US",
        name="United States of America",
        records_from=date(2010, 1, 1),
    )
    for state, code, on in (
        (nor, "CRC", (1991, 1, 8)),
        (nor, "OPSC", (2001, 10, 2)),
        (usa, "OPSC", (2002, 12, 23)),
    ):
        row(
            "registry.TreatyAction",
            state=state,
            treaty_id=code,
            kind="ratification",
            date=date(*on),
            note="a\tb",
        )
    contact = row("registry.Contact", state=nor, name="Mission", email="nor@example.org", note="“ü”")
    row(
        "obligations.Submission",
        state=nor, kind="initial", first_cycle=1, last_cycle=1, carried_by="own", received_on=date(2004, 7, 1),
        symbol="CRC/C/OPSA/NOR/1",
    )  # fmt: skip
    row(
        "obligations.CommitteeDate",
        state=usa, kind="periodic", first_cycle=3, last_cycle=4, carried_by="own", outcome="date",
        due_on=date(2016, 1, 23), document="CRC/C/OPSC/USA/CO/2", paragraph="53", decided_on=date(2013, 2, 1),
    )  # fmt: skip
    initial = row(
        "obligations.Obligation",
        state=usa, treaty_id="OPSC", article="12.1", kind="initial", carried_by="own", cycle=1,
        computed_on=date(2005, 1, 23), due_on=date(2005, 1, 23), due_source="rule", arises_on=date(2003, 1, 23),
        trail=[{"from": "2003-01-23", "to": "2005-01-23", "source": "x", "text": "x"}],
    )  # fmt: skip
    rule = row("reminders.ReminderRule", months=-6, audience="both", wording="Please")
    mail = row(
        "reminders.Mail",
        recipient="nor@example.org",
        subject="s",
        text="t\n",
        html="h",
        message_id="<1>",
        sent_on=TODAY,
    )
    for recipient, fields in {
        "nor@example.org": {
            "state": "sent",
            "sent_at": AT,
            "sent_on": AT.date(),
            "mail": mail,
            "contact": contact,
        },
        "us@example.org": {"state": "planned"},
    }.items():
        row(
            "reminders.Reminder",
            obligation=initial, rule=rule, recipient=recipient, due_on=date(2005, 1, 23), stage_on=date(2004, 7, 23),
            batch=UUID(int=7), **fields,
        )  # fmt: skip
    empty = [
        model._meta.label
        for model in then.get_models()
        if model._meta.app_label in OURS and not model.objects.exists()
    ]
    assert empty == []


# What these columns held has become facts of its own; the test of the landed state below says which.
MOVED = {"printed_due", "concluding_observations"}


def recorded(then: Any) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the old tables in their old columns, directly from the database."""
    found = {}
    with connection.cursor() as cursor:
        for model in then.get_models(include_auto_created=True):
            table = model._meta.db_table
            if table.startswith(OURS) or table == "auth_user":
                columns = [field.column for field in model._meta.concrete_fields if field.column not in MOVED]
                names = ", ".join(map(connection.ops.quote_name, columns))
                cursor.execute(f"SELECT {names} FROM {table} ORDER BY {model._meta.pk.column}")  # noqa: S608
                found[table] = cursor.fetchall()
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_what_was_recorded_under_the_first_migrations_is_there_under_the_last(olds, engine, tmp_path):
    database = made(engine, tmp_path, like=olds[engine])
    with database.asked(), time_machine.travel(NOW, tick=False):
        then = MigrationLoader(connection).project_state(applied()).apps
        before = recorded(then)
        call_command("migrate", verbosity=0, interactive=False)
        after = recorded(then)
        # Migrations create rows too: the treaties are the same, the rules are more.
        rules = before.pop("reminders_reminderrule")
        assert set(after.pop("reminders_reminderrule")) >= set(rules)
        # A language of correspondence that is proposed for a State is in its history: one more row for each.
        versions = before.pop("registry_historicalstate")
        proposed = after.pop("registry_historicalstate")
        assert set(proposed) >= set(versions)
        assert sorted(row[0] for row in proposed) == ["NOR", "NOR", "USA", "USA"]
        assert after == before
        check_the_dates()
    databases.dropped(database)


def check_the_dates() -> None:
    """The due dates from the old records, by the law."""
    kept = Obligation.objects.order_by("pk")[0].pk
    sync.synchronise(TODAY)
    found = Obligation.objects.filter(expected=True, due_on__lte=date(2016, 12, 31)).order_by(
        "state", "due_on", "cycle"
    )
    assert list(
        found.values_list("state", "kind", "cycle", "carried_by", "computed_on", "due_on", "received_on")
    ) == [
        ("NOR", "initial", 1, "own", date(2004, 1, 18), date(2004, 1, 18), date(2004, 7, 1)),
        ("USA", "initial", 1, "own", date(2005, 1, 23), date(2005, 1, 23), None),
        ("USA", "periodic", 2, "own", date(2010, 1, 23), date(2010, 1, 23), None),
        ("USA", "periodic", 3, "own", date(2015, 1, 23), date(2016, 1, 23), None),
        ("USA", "periodic", 4, "own", date(2020, 1, 23), date(2016, 1, 23), None),
    ]
    following = Obligation.objects.get(state="NOR", kind="periodic", expected=True)
    assert (following.cycle, following.due_on, following.due_source) == (0, None, "treaty calendar")
    assert Obligation.objects.get(state="USA", kind="initial").pk == kept
    assert not sync.difference(TODAY)


# --- an old backup --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "engine"), [("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql")]
)
def test_a_backup_of_the_first_program_is_restored_and_migrated(olds, source, engine, tmp_path):
    with olds[source].asked():
        take(tmp_path / "file", replace=False, at=AT)
    database = made(engine, tmp_path)
    with database.asked(), time_machine.travel(NOW, tick=False):
        call_command("restore", str(tmp_path / "file"), "--format", "json")
        call_command("migrate", "--check", verbosity=0)
        assert list(Reminder.objects.order_by("pk").values_list("recipient", "state", "reason")) == [
            ("nor@example.org", "sent", ""),
            (
                "us@example.org",
                "held",
                "restored from a backup of 1 March 2024, 08:00 UTC; may already have been sent",
            ),
        ]
        assert OutboxAct.objects.get().reminders.get().recipient == "us@example.org"
        check_the_dates()
    databases.dropped(database)


def test_the_manifest_describes_the_file(olds, tmp_path):
    with olds["sqlite"].asked():
        take(tmp_path / "file", replace=False, at=AT)
    with unpacked(tmp_path / "file", other_key=False) as (manifest, _copy):
        assert (manifest.engine, manifest.taken_at) == ("sqlite", AT.replace(microsecond=0))
        assert [name for app, name in manifest.migrations if app == "registry"] == ["0001_initial"]
        assert manifest.tables["registry_state"] == 2


# --- from the program that followed the five-year calendar --------------------------------------------

# Its last migrations.
CALENDAR = [
    ("registry", "0004_desks"),
    ("obligations", "0007_standing_index"),
    ("reminders", "0010_ledger_indexes"),
    ("web", "0007_sign_in_elsewhere"),
]
SHARED = ("state", "kind", "first_cycle", "last_cycle", "carried_by")


@pytest.fixture(scope="module")
def landed(opened: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Database]]:
    """A database of that program on either engine, with columns that have moved since."""
    found = {engine: made(engine, tmp_path_factory.mktemp("landed")) for engine in ENGINES}
    for database in found.values():
        with database.asked():
            graph = MigrationLoader(connection).graph
            then = {app for app, _name in CALENDAR}
            others = [node for node in graph.leaf_nodes() if node[0] not in {*then, *LATER}]
            MigrationExecutor(connection).migrate([*others, *CALENDAR])
            fill_landed(MigrationLoader(connection).project_state(applied()).apps)
    yield found
    for database in found.values():
        databases.dropped(database)


def fill_landed(then: Any) -> None:
    """Albania, Poland and Gabon, parties to both, as that program stored them."""

    def row(label: str, **fields: Any) -> Any:
        return then.get_model(label).objects.create(**fields)

    for iso3, name in (
        ("ALB", "Albania"),
        ("POL", "Poland"),
        ("GAB", "Gabon"),
        ("USA", "United States of America"),
    ):
        state = row("registry.State", iso3=iso3, name=name, language="en")
        days = {"OPSC": date(2002, 12, 23), "CRC": date(1992, 2, 27)}
        for treaty, on in days.items():
            if (iso3, treaty) != ("USA", "CRC"):
                row("registry.TreatyAction", state=state, treaty_id=treaty, kind="ratification", date=on)
    own = {"kind": "initial", "first_cycle": 1, "last_cycle": 1, "carried_by": "own"}
    row(
        "obligations.Submission",
        state_id="ALB", **own, received_on=date(2010, 6, 29), reviewed_on=date(2012, 10, 5), symbol="CRC/C/OPSC/ALB/1",
        printed_due="2010", concluding_observations="CRC/C/OPSC/ALB/CO/1", source="www.worldlii.org",
    )  # fmt: skip
    row("obligations.Submission", state_id="POL", **own, received_on=date(2007, 6, 1))
    row("obligations.Submission", state_id="GAB", **own, reviewed_on=date(2016, 5, 27), printed_due="2009")
    for state, document, received in (
        ("POL", "CRC/C/POL/QPR/5-6", date(2019, 10, 16)),
        ("GAB", "CRC/C/GAB/QPR/3", None),
        ("USA", "CRC/C/OPSC/USA/QPR/6", None),
        ("ALB", "a list without a number", None),
    ):
        row(
            "obligations.InformationRequest",
            state_id=state, number=1, kind="list of issues prior to reporting", document=document,
            issued_on=date(2018, 11, 21), due_on=date(2019, 10, 30), received_on=received, source="docstore.ohchr.org",
        )  # fmt: skip
    contact = row("registry.Contact", state_id="ALB", name="Mission", email="alb@example.org", language="en")
    rule = then.get_model("reminders.ReminderRule").objects.get(months=-6, days=0)
    # Report 8 of Albania by the five-year calendar (CRC in force 1992-03-28): due, and a reminder waits.
    for cycle, due in ((7, date(2024, 3, 28)), (8, date(2027, 3, 28))):
        owed = row(
            "obligations.Obligation",
            state_id="ALB", treaty_id="OPSC", article="12.2", kind="periodic", carried_by="CRC report", cycle=cycle,
            computed_on=due, due_on=due, due_source="rule", arises_on=date(2010, 6, 29), trail=[],
        )  # fmt: skip
    row(
        "reminders.Reminder",
        obligation=owed, rule=rule, recipient="alb@example.org", contact=contact, due_on=owed.due_on,
        stage_on=date(2026, 9, 28), batch=UUID(int=7), state="planned",
    )  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_facts_of_the_landed_program_move_and_nobody_is_mailed_because_of_it(landed, engine, tmp_path):
    database = made(engine, tmp_path, like=landed[engine])
    with database.asked(), time_machine.travel(NOW, tick=False):
        call_command("migrate", verbosity=0, interactive=False)
        assert list(
            PrintedDate.objects.order_by("state").values_list(*SHARED, "printed", "document", "printed_on")
        ) == [
            ("ALB", "initial", 1, 1, "own", "2010", "CRC/C/OPSC/ALB/1", date(2010, 6, 29)),
            ("GAB", "initial", 1, 1, "own", "2009", "", date(2016, 5, 27)),
        ]
        assert list(Review.objects.values_list(*SHARED, "document", "adopted_on", "confidence")) == [
            ("ALB", "initial", 1, 1, "own", "CRC/C/OPSC/ALB/CO/1", date(2012, 10, 5), "memory"),
        ]
        dates = CommitteeDate.objects.order_by("state")
        assert list(dates.values_list(*SHARED, "due_on", "document", "document_kind", "decided_on")) == [
            (state, "periodic", first, last, series, date(2019, 10, 30), document, PRIOR, date(2018, 11, 21))
            for state, first, last, series, document in (
                ("GAB", 3, 3, "CRC report", "CRC/C/GAB/QPR/3"),
                ("POL", 5, 6, "CRC report", "CRC/C/POL/QPR/5-6"),
                ("USA", 6, 6, "own", "CRC/C/OPSC/USA/QPR/6"),
            )
        ]
        reply = Submission.objects.get(state="POL", kind="periodic")
        assert (reply.first_cycle, reply.last_cycle, reply.received_on) == (5, 6, date(2019, 10, 16))
        asked = InformationRequest.objects.get()
        assert (asked.state_id, asked.kind, asked.note) == (
            "ALB",
            "other",
            "A list of issues prior to reporting.",
        )
        for fact in (PrintedDate, Review, CommitteeDate):
            assert set(fact.history.values_list("history_change_reason", flat=True)) == {REASON}
        # The hourly scan may come before the nightly synchronisation.
        check_that_nobody_is_mailed()
        sync.synchronise(TODAY)
        check_that_nobody_is_mailed()
        rows = Obligation.objects.as_of(TODAY, today=TODAY).filter(carried_by="CRC report").order_by("state")
        assert list(rows.values_list("state", "cycle", "last_cycle", "due", "source", "status")) == [
            ("ALB", 0, 0, None, "treaty calendar", "date not recorded"),
            ("GAB", 3, 3, date(2019, 10, 30), PRIOR, "no record"),
            ("POL", 5, 6, date(2019, 10, 30), PRIOR, "received on time"),
        ]
        # An earlier day still reads the same.
        assert Obligation.objects.as_of(date(2009, 1, 1)).filter(kind="initial").count() == 4
    databases.dropped(database)


def check_that_nobody_is_mailed() -> None:
    found = plan(TODAY, today=TODAY)
    assert [one for one in found.planned if one.obligation.carried_by == "CRC report"] == []
    about = Reminder.objects.filter(obligation__carried_by="CRC report")
    assert list(about.values_list("recipient", "state", "reason")) == [
        ("alb@example.org", "cancelled", "the report is no longer expected")
    ]
