"""Migrations that run while the previous release is still serving: what they may do to a table in use.

The rules and their reasons are in docs/backups.md. They apply to migrations after `HISTORY`.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.fields.related import ForeignKey

from tracker.registry.migrating import AddIndexInUse

# The last migration of each app before this rule was made.
HISTORY = {
    "registry": "0004_desks",
    "obligations": "0006_long_lists",
    "reminders": "0010_ledger_indexes",
    "web": "0006_security_log",
}
# Tables with so many rows that building an index would block writers.
LONG = {
    ("obligations", "obligation"),
    ("reminders", "reminder"),
    ("reminders", "mail"),
    ("reminders", "calendarentry"),
    ("web", "securityevent"),
}
REMOVES = (migrations.RemoveField, migrations.DeleteModel, migrations.RemoveConstraint)
RENAMES = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)
# Operations that change nothing in the database, or only make it faster.
HARMLESS = (
    migrations.CreateModel,
    migrations.AlterModelOptions,
    migrations.AlterModelManagers,
    migrations.RemoveIndex,
    migrations.RenameIndex,
    migrations.AlterConstraint,  # the text of its message alone; the table stays as it is
    AddIndexInUse,
)


def breaches(migration: migrations.Migration, before: ProjectState) -> list[str]:
    """The operations of a migration that would disturb the previous release or its users.

    A migration can name operations that were judged harmless, with the reason:
    `JUDGED = {"remove_state_fax": "no code has used it since 1.2"}` in its module.

    Args:
        before: the models before it.
    """
    judged = getattr(sys.modules.get(type(migration).__module__), "JUDGED", {})
    state, found = before.clone(), []
    new: set[str] = set()
    alone = {isinstance(one, (migrations.RunPython, AddIndexInUse)) for one in migration.operations}
    if len(alone) > 1 and not migration.initial:
        found.append("data and indexes in use need a migration of their own, apart from changes to tables")
    for operation in migration.operations:
        if isinstance(operation, migrations.CreateModel):
            new.add(operation.name_lower)
        about = getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))
        said = None if about in new else _breach(migration, operation, about, state)
        if said and not judged.get(operation.migration_name_fragment):
            found.append(f"{operation.migration_name_fragment or type(operation).__name__}: {said}")
        operation.state_forwards(migration.app_label, state)
    return found


def _breach(migration: migrations.Migration, operation: Any, about: str, state: ProjectState) -> str | None:
    long = (migration.app_label, about) in LONG
    if isinstance(operation, AddIndexInUse):
        return "needs atomic = False" if migration.atomic else None
    if isinstance(operation, (*HARMLESS, migrations.RunPython)):
        return None
    if isinstance(operation, RENAMES):
        return "yesterday’s program asks for the old name"
    if isinstance(operation, REMOVES):
        return "only in a release after the one that uses it no more"
    if isinstance(operation, migrations.AddField):
        return _added(operation.field, long=long)
    if isinstance(operation, migrations.AlterField):
        return _altered(
            state.models[migration.app_label, about].fields[operation.name], operation.field, long=long
        )
    if isinstance(operation, migrations.AddIndex):
        return "writers wait until the index is built; use AddIndexInUse" if long else None
    if isinstance(operation, migrations.AddConstraint):
        return "yesterday’s program may write what it forbids"
    return "nobody has judged yet what it does to a table in use"


def _added(field: Any, *, long: bool) -> str | None:
    if field.many_to_many:
        return None
    if not field.null and not field.has_db_default():
        return "yesterday’s program writes rows without it: null=True or db_default"
    return _indexed(field) if long else None


def _altered(was: Any, now: Any, *, long: bool) -> str | None:
    if was.null and not now.null:
        return "yesterday’s program may leave it empty"
    if now.unique and not was.unique:
        return "yesterday’s program may write it twice"
    if isinstance(was, ForeignKey) and isinstance(now, ForeignKey):
        same = was.remote_field.model == now.remote_field.model
    else:
        lengths = (was.max_length or 0, now.max_length or 0)
        same = was.get_internal_type() == now.get_internal_type() and lengths[0] <= lengths[1]
    if not same:
        return "yesterday’s program writes values of the old kind"
    return _indexed(now) if long and not was.db_index else None


def _indexed(field: Any) -> str | None:
    return (
        "writers wait until the index is built; db_index=False and AddIndexInUse" if field.db_index else None
    )


def test_no_migration_since_the_rule_is_felt_by_the_program_of_yesterday():
    loader = MigrationLoader(None)
    found = []
    for app, name in loader.graph.nodes:
        migration = loader.get_migration(app, name)
        if type(migration).__module__.startswith("tracker.") and name > HISTORY.get(app, ""):
            before = loader.project_state((app, name), at_end=False)
            found += [f"{app}.{name}: {said}" for said in breaches(migration, before)]
    if found:  # whole, where a comparison would be cut
        pytest.fail("\n".join(["How migrations may be written: docs/backups.md", *found]), pytrace=False)


# --- the rule itself ------------------------------------------------------------------------------


def migration_of(*operations: Any, atomic: bool = True) -> migrations.Migration:
    made = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    return made("0099_later", "obligations")


def state_of(**fields: models.Field) -> ProjectState:
    state = ProjectState()
    create = migrations.CreateModel(
        "Obligation", [("id", models.BigAutoField(primary_key=True)), *fields.items()]
    )
    create.state_forwards("obligations", state)
    return state


INDEX = models.Index(fields=["a"], name="a_index")
CHECK = models.CheckConstraint(condition=models.Q(a__gt=0), name="a_positive")
REFUSED = {
    "a column without a default": (
        migrations.AddField("obligation", "b", models.IntegerField(default=1)), "null=True or db_default",
    ),
    "an index with a column": (
        migrations.AddField("obligation", "b", models.IntegerField(null=True, db_index=True)), "db_index=False",
    ),
    "a column that goes": (migrations.RemoveField("obligation", "a"), "only in a release after"),
    "a column renamed": (migrations.RenameField("obligation", "a", "b"), "asks for the old name"),
    "a table that goes": (migrations.DeleteModel("Obligation"), "only in a release after"),
    "a table renamed": (migrations.RenameModel("Obligation", "Duty"), "asks for the old name"),
    "a plain index": (migrations.AddIndex("obligation", INDEX), "use AddIndexInUse"),
    "a constraint": (migrations.AddConstraint("obligation", CHECK), "may write what it forbids"),
    "empty no more": (migrations.AlterField("obligation", "a", models.IntegerField()), "may leave it empty"),
    "another type": (
        migrations.AlterField("obligation", "a", models.TextField(null=True)), "values of the old kind",
    ),
    "SQL": (migrations.RunSQL("SELECT 1"), "nobody has judged"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_yesterdays_program_would_feel_is_refused(what):
    operation, said = REFUSED[what]
    (found,) = breaches(migration_of(operation), state_of(a=models.IntegerField(null=True)))
    assert said in found


def test_what_it_would_not_feel_is_let_through():
    state = state_of(a=models.CharField(max_length=5))
    fine = (
        migrations.AddField("obligation", "b", models.IntegerField(null=True)),
        migrations.AddField("obligation", "c", models.IntegerField(db_default=1)),
        migrations.AlterField("obligation", "a", models.CharField("words", max_length=9, null=True)),
        migrations.CreateModel(
            "Other", [("id", models.BigAutoField(primary_key=True)), ("a", models.IntegerField())]
        ),
        migrations.AddIndex("other", INDEX),
        migrations.AddConstraint("other", CHECK),
    )
    assert breaches(migration_of(*fine), state) == []


def test_data_and_indexes_in_use_need_a_migration_of_their_own():
    state = state_of(a=models.IntegerField(null=True))
    index = AddIndexInUse("obligation", INDEX)
    assert breaches(migration_of(index, atomic=False), state) == []
    assert breaches(migration_of(index), state) == ["obligation_a_index: needs atomic = False"]
    column = migrations.AddField("obligation", "b", models.IntegerField(null=True))
    (found,) = breaches(migration_of(migrations.RunPython(print), column), state)
    assert "a migration of their own" in found


@pytest.mark.django_db(transaction=True)
def test_an_index_in_use_is_built_and_taken_down_on_either_engine():
    index = AddIndexInUse("alarm", models.Index(fields=["mailed_at"], name="alarm_in_use"))
    before = MigrationLoader(connection).project_state()
    after = before.clone()
    index.state_forwards("reminders", after)

    def indexes() -> set[str]:
        with connection.cursor() as cursor:
            return set(connection.introspection.get_constraints(cursor, "reminders_alarm"))

    with connection.schema_editor(atomic=False) as editor:
        index.database_forwards("reminders", editor, before, after)
    assert "alarm_in_use" in indexes()
    with connection.schema_editor(atomic=False) as editor:
        index.database_backwards("reminders", editor, after, before)
    assert "alarm_in_use" not in indexes()
