"""Tables as text that is the same whichever database they come from, and back.

A row is a line as PostgreSQL's COPY writes it: values set apart by tabs, `\\N` for none, a backslash before what would
be taken for something else. PostgreSQL writes and reads it by itself; for SQLite it is done here. Rows are in the
order of their key, so equal tables have equal checksums.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection

# What a column holds, by what Django calls its field.
KINDS = {
    **dict.fromkeys(("AutoField", "BigAutoField", "SmallAutoField"), "integer"),
    **dict.fromkeys(("IntegerField", "BigIntegerField", "SmallIntegerField"), "integer"),
    **dict.fromkeys(
        ("PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField"), "integer"
    ),
    **dict.fromkeys(("CharField", "TextField", "GenericIPAddressField"), "text"),
    "BooleanField": "boolean",
    "DateField": "date",
    "DateTimeField": "moment",
    "UUIDField": "uuid",
    "JSONField": "json",
    "BinaryField": "bytes",
}
# Sessions end with the database they were begun in, and wrong passwords are counted for minutes.
LEFT_OUT = (
    "django_session",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
)
BLOCK = 1 << 20
AT_ONCE = 1000  # rows in one statement to SQLite
# Statements here are put together (S608, B608) of names of tables and columns alone, which come from the models and
# are quoted; every value is a parameter.
Tell = Callable[[str], None]


class Unreadable(Exception):
    """What stands in a table or a file cannot be taken over; its text is for a person."""


@dataclass(frozen=True)
class Table:
    """A table and its columns.

    Attributes:
        columns: what each holds, by its name, in the order in which a row is written.
        key: the column of the primary key.
        numbered: whether the database gives out the keys itself.
    """

    name: str
    columns: dict[str, str]
    key: str
    numbered: bool


@dataclass
class Counted:
    """How many rows went by, and the SHA-256 of their lines."""

    rows: int = 0
    digest: Any = None

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256()

    def take(self, lines: bytes) -> None:
        self.rows += lines.count(b"\n")
        self.digest.update(lines)

    @property
    def sha256(self) -> str:
        return str(self.digest.hexdigest())


def tables_of(apps: Any) -> list[Table]:
    """All tables of some models that belong into a backup, by name.

    Args:
        apps: Django's registry of models, of today or as they were after some migrations.
    """
    models = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    }
    return [_table(models[name]) for name in sorted(models)]


def _table(model: Any) -> Table:
    key = model._meta.pk
    columns = {str(field.column): _kind(field) for field in model._meta.concrete_fields}
    return Table(model._meta.db_table, columns, key.column, key.get_internal_type().endswith("AutoField"))


def _kind(field: Any) -> str:
    while field.remote_field:
        field = field.target_field
    return KINDS[field.get_internal_type()]


# --- reading --------------------------------------------------------------------------------------


def written(table: Table, tell: Tell) -> Iterator[bytes]:
    """The lines of a table, in blocks that end with a line.

    Raises:
        Unreadable: it holds what the other database could not take.
    """
    order = _quoted(table.key)
    if connection.vendor == "postgresql":
        if table.columns[table.key] == "text":
            order += ' COLLATE "C"'
        return _with_progress(table, _copied(table, order), tell)
    return _with_progress(table, _encoded(table, order), tell)


def _copied(table: Table, order: str) -> Iterator[bytes]:
    names = ", ".join(map(_quoted, table.columns))
    with connection.cursor() as cursor, connection.wrap_database_errors:
        # What a session may be told to write otherwise.
        cursor.execute("SET LOCAL datestyle = 'ISO'")
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute("SET LOCAL bytea_output = 'hex'")
        query = f"COPY (SELECT {names} FROM {_quoted(table.name)} ORDER BY {order}) TO STDOUT"  # noqa: S608  # nosec B608
        with cursor.copy(query) as copy:
            lines = iter(copy)
            while block := b"".join(islice(lines, AT_ONCE)):
                yield block


def _encoded(table: Table, order: str) -> Iterator[bytes]:
    # As text whatever the column is called, so that no value is turned into something else on the way. What is no text
    # comes as it was kept.
    names = ", ".join(
        _quoted(name) if kind == "bytes" else f"CAST({_quoted(name)} AS TEXT)"
        for name, kind in table.columns.items()
    )
    encoders = [ENCODERS[kind] for kind in table.columns.values()]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {_quoted(table.name)} ORDER BY {order}")  # noqa: S608  # nosec B608
        while rows := cursor.fetchmany(AT_ONCE):
            yield "".join(_line(table, row, encoders) for row in rows).encode()


def _line(table: Table, row: Sequence[Any], encoders: Sequence[Callable[[Any], str]]) -> str:
    cells = ("\\N" if value is None else encode(value) for value, encode in zip(row, encoders, strict=True))
    line = "\t".join(cells)
    if "\0" in line:
        key = row[list(table.columns).index(table.key)]
        raise Unreadable(
            f"Table {table.name}, row {key}: a text holds the character NUL, which PostgreSQL cannot keep. Correct the "
            f"text first."
        )
    return line + "\n"


ESCAPES = str.maketrans(
    {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r", "\\": "\\\\"}
)


def _text(value: str) -> str:
    return value.translate(ESCAPES)


def _moment(value: str) -> str:
    return (value.rstrip("0").rstrip(".") if "." in value else value) + "+00"


def _uuid(value: str) -> str:
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}"


def _json(value: str) -> str:
    return _text(json.dumps(_in_order(json.loads(value)), ensure_ascii=False))


def _in_order(value: Any) -> Any:
    """An object's names as PostgreSQL keeps them: the shorter first, then by their octets."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return {name: _in_order(value[name]) for name in names}
    return [_in_order(one) for one in value] if isinstance(value, list) else value


ENCODERS: dict[str, Callable[[Any], str]] = {
    "integer": str,
    "text": _text,
    "boolean": lambda value: "t" if value == "1" else "f",
    "date": str,
    "moment": _moment,
    "uuid": _uuid,
    "json": _json,
    "bytes": lambda value: "\\\\x" + bytes(value).hex(),
}


# --- writing --------------------------------------------------------------------------------------


def load(table: Table, blocks: Iterable[bytes], tell: Tell) -> None:
    """Writes lines into an empty table.

    Raises:
        Unreadable: a line is none of this table.
        DatabaseError: the database refuses a row.
    """
    names = ", ".join(map(_quoted, table.columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {_quoted(table.name)} ({names}) FROM STDIN") as copy,
            ):
                for block in _with_progress(table, blocks, tell):
                    copy.write(block)
            return
        places = ", ".join(["%s"] * len(table.columns))
        statement = f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({places})"  # noqa: S608  # nosec B608
        rows = _decoded(table, _with_progress(table, blocks, tell))
        while some := list(islice(rows, AT_ONCE)):
            cursor.executemany(statement, some)


def _with_progress(table: Table, blocks: Iterable[bytes], tell: Tell) -> Iterator[bytes]:
    rows, told = 0, 0
    for block in blocks:
        yield block
        rows += block.count(b"\n")
        if rows // 200_000 > told:
            told = rows // 200_000
            tell(f"{table.name}: {rows:,} rows so far")


def _decoded(table: Table, blocks: Iterable[bytes]) -> Iterator[list[Any]]:
    decoders = [DECODERS[kind] for kind in table.columns.values()]
    for number, line in enumerate(_lines(blocks), 1):
        try:
            cells = line.decode().split("\t")
            row = [
                None if cell == "\\N" else decode(cell) for cell, decode in zip(cells, decoders, strict=True)
            ]
        except (ValueError, KeyError) as error:
            raise Unreadable(
                f"Table {table.name}: line {number} of the backup is not a row of this table."
            ) from error
        yield row


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    if rest:
        yield rest


PLAIN = {"b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "\\": "\\"}
ESCAPED = re.compile(r"\\(.?)", re.DOTALL)


def _text_of(cell: str) -> str:
    return ESCAPED.sub(lambda found: PLAIN[found[1]], cell) if "\\" in cell else cell


def _moment_of(cell: str) -> str:
    whole, point, part = cell.removesuffix("+00").partition(".")
    return whole + point + part.ljust(6, "0") if point else whole


DECODERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "text": _text_of,
    "boolean": {"t": True, "f": False}.__getitem__,
    "date": str,
    "moment": _moment_of,
    "uuid": lambda cell: cell.replace("-", ""),
    "json": _text_of,
    "bytes": lambda cell: bytes.fromhex(cell.removeprefix("\\\\x")),
}


def empty(names: Iterable[str]) -> None:
    """Takes all rows out of some tables, whatever refers to whatever."""
    quoted = [_quoted(name) for name in names]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(quoted)}")
            return
        for name in quoted:
            cursor.execute(f"DELETE FROM {name}")  # noqa: S608  # nosec B608


@contextmanager
def built_afterwards(names: Sequence[str]) -> Iterator[None]:
    """Inside a transaction, has PostgreSQL build the indexes of some tables, and check what they refer to, at the end.

    At once, that takes a fraction of what it takes row by row. Nothing of it remains if the transaction is broken off.
    """
    if connection.vendor != "postgresql" or not names:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])",
            [[_quoted(name) for name in names]],
        )
        references = cursor.fetchall()
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = ANY(%s::regclass[]) "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')",
            [[_quoted(name) for name in names]],
        )
        indexes = cursor.fetchall()
        for table, name, _definition in references:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in references:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


# --- the keys that the database gives out ---------------------------------------------------------


def last_key(table: Table) -> int:
    """The last key that was given out, also to a row that is gone: none is to be given twice."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [_quoted(table.name), table.key])
            (sequence,) = cursor.fetchone()
            cursor.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608  # nosec B608
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
        found = cursor.fetchone()
    return int(found[0]) if found else 0


def go_on_after(table: Table, key: int) -> None:
    """Has the database give out keys after this one, and after all that are there."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max({_quoted(table.key)}) FROM {_quoted(table.name)}")  # noqa: S608  # nosec B608
        last = max(key, cursor.fetchone()[0] or 0)
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s, %s)",
                [_quoted(table.name), table.key, max(last, 1), last > 0],
            )
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table.name])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table.name, last])


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
