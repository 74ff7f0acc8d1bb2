"""What the tracker's commands share: output in three formats, errors on one line."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from tracker.outages import explain, first_line
from tracker.registry.values import BadValue, calendar_date

Cells = dict[str, Any]
# The years a command accepts; Python's dates end with the year 9999.
FIRST_YEAR, LAST_YEAR = 1900, 2200


class TrackerCommand(BaseCommand):
    """A command whose result goes to standard output and whose messages go to standard error."""

    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.print_usage = lambda file=None: None  # type: ignore[method-assign]  # errors are one line
        parser.add_argument(
            "--format",
            dest="form",
            choices=("table", "json", "csv"),
            default="table",
            help="output format",
        )
        return parser

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except DatabaseError as error:
            if line := explain(error):
                raise CommandError(line) from error
            answer = first_line(error)
            advice = " Run manage.py migrate first." if _no_table(answer) else ""
            raise CommandError(f"The database answered: {answer}.{advice}") from error

    def day(self, raw: str | None, default: date) -> date:
        """A day from the command line, or the default."""
        if raw is None:
            return default
        try:
            day = calendar_date(raw)
        except BadValue as error:
            raise CommandError(str(error)) from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise CommandError(f"“{raw}” is out of reach; choose a day from {FIRST_YEAR} to {LAST_YEAR}.")
        return day

    def tell(self, message: str) -> None:
        """Prints a message on standard error."""
        self.stderr.write(message)

    def show(self, rows: Sequence[Cells], form: str, *, hidden: Sequence[str] = ()) -> None:
        """Prints rows.

        Args:
            hidden: fields left out of the table format.
        """
        if form == "json":
            self._json(rows)
        elif form == "csv":
            if rows:
                writer = csv.DictWriter(self.stdout, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows([{name: _plain(value) for name, value in row.items()} for row in rows])
        else:
            names = [name for name in (rows[0] if rows else ()) if name not in hidden]
            table = [names, *([_plain(row[name]) for name in names] for row in rows)]
            widths = [max(len(line[at]) for line in table) for at in range(len(names))]
            for line in table if rows else ():
                cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
                self.stdout.write("  ".join(cells).rstrip())

    def show_one(self, cells: Cells, form: str) -> None:
        """Prints one object; the flat formats join nested names with a point."""
        if form == "json":
            self._json(cells)
            return
        flat = {
            f"{name}.{inner}" if inner else name: value
            for name, outer in cells.items()
            for inner, value in (outer.items() if isinstance(outer, dict) else (("", outer),))
        }
        if form == "csv":
            self.show([flat], form)
        else:
            width = max(map(len, flat))
            for name, value in flat.items():
                self.stdout.write(f"{name.ljust(width)}  {_plain(value)}")

    def _json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, default=_iso, ensure_ascii=False, indent=2))


def _no_table(message: str) -> bool:
    return "no such table" in message or "does not exist" in message


def _iso(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def _plain(value: Any) -> str:
    """A value as text: ISO dates, empty for None, a trail as its sentences."""
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(step["text"] for step in value)
    return str(value)


def state_codes(values: Sequence[str], known: set[str]) -> list[str]:
    """Alpha-3 codes from the command line, in capitals.

    Raises:
        CommandError: a code is not recorded.
    """
    codes = [value.upper() for value in values]
    for given, code in zip(values, codes, strict=True):
        if code not in known:
            raise CommandError(f"“{given}” is not the alpha-3 code of a State that is recorded here.")
    return codes
