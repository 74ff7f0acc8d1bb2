"""What all tables share: reading a row into a fact, comparing it with what is recorded, and writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _, gettext_lazy
from import_export import resources
from import_export.instance_loaders import BaseInstanceLoader
from import_export.results import RowResult

from tracker.obligations.imports.columns import ImportColumn, StateNameColumn, Words
from tracker.registry.names import StateNames

Key = tuple[Any, ...]
# Which column speaks of a field, where they are called otherwise.
COLUMN_OF = {
    "first_cycle": "cycles",
    "last_cycle": "cycles",
    "outcome": "due_on",
    "review_precision": "reviewed_on",
    "treaty_id": "treaty",
    "about_id": "about",
    "state_id": "state",
}
SOURCE = ImportColumn(gettext_lazy("Where it was read."), example="tbinternet.ohchr.org")
NOTE = ImportColumn(gettext_lazy("Remarks."))
Constraint = tuple[str, str, Callable[[Any], bool]]


class ImportTable(resources.Resource):
    """A table of facts that is imported and exported as a file.

    Args:
        names: the spellings of the States.
        chosen: the States that a person has chosen for unknown spellings.
        today: the day of the check.
        by: who uploads the file; None for a command.
        progress: called with the number of rows done, now and then.
        add_only: leaves every recorded fact as it is.
    """

    name: ClassVar[str]
    label: ClassVar[Words]
    one: ClassVar[Words]
    model: ClassVar[type[Model]]
    # Constraints that `problems` of the model does not check: name, column, whether a fact satisfies it.
    constraints: ClassVar[Sequence[Constraint]] = ()
    # Whether its rows concern all States; with limits of desks, only administrators then import them.
    of_the_treaty: ClassVar[bool] = False
    EVERY = 250  # rows between two reports of progress

    class Meta:
        use_transactions = False  # nothing is written here
        skip_diff = True  # compared by column, below
        store_instance = True
        report_skipped = True
        instance_loader_class = BaseInstanceLoader  # not used: all that is recorded is read at once

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name, column in cls.fields.items():
            column.be_named(name)

    def __init__(
        self,
        names: StateNames | None = None,
        chosen: Mapping[str, str] | None = None,
        today: date | None = None,
        by: Any = None,
        progress: Callable[[int], None] | None = None,
        add_only: bool = False,
    ) -> None:
        super().__init__()
        self.state: StateNameColumn = self.fields.get("state") or StateNameColumn()
        self.state.names = names or StateNames(())
        self.state.chosen = dict(chosen or {})
        self.today, self.by, self.progress, self.add_only = today or date.min, by, progress, add_only
        # Rows are known here by their position, from 1: one row of a file may be several of a table.
        self.numbers: list[int] = []  # in the file, for messages
        self.changes: dict[int, dict[str, str]] = {}  # what is recorded, by column, by row
        self._found: dict[Key, Any] = {}
        self._first_row: dict[Key, int] = {}

    @classmethod
    def columns(cls) -> list[ImportColumn]:
        """All columns, in the order of the file."""
        return list(cls.fields.values())

    @classmethod
    def rights(cls, *what: str) -> list[str]:
        """The permissions for something done to the table: add, change, view."""
        options = cls.model._meta
        return [f"{options.app_label}.{one}_{options.model_name}" for one in what]

    def recorded(self) -> QuerySet:
        """What is recorded, in the order of an export."""
        return self.model._default_manager.order_by("state_id", "pk")

    def recorded_in_effect(self) -> QuerySet:
        """What is exported."""
        return self.recorded()

    # --- which fact a row is about ---

    def key(self, fact: Any) -> Key:
        """Identifies a fact; a row with the key of a recorded fact changes that fact."""
        raise NotImplementedError  # each table has its own

    def settle(self, fact: Any) -> dict[str, Any]:
        """Fills in what the file may leave out; returns what is wrong, by column."""
        return {}

    def match(self, fact: Any) -> Any:
        """The recorded fact that a row is about, or None."""
        return self._found.get(self.key(fact))

    def problems(self, fact: Any) -> dict[str, Any]:
        """What is wrong with a fact by itself, by field."""
        return {}

    def all_problems(self, fact: Any) -> dict[str, str]:
        """The same, with the constraints of the database, by column."""
        errors = {COLUMN_OF.get(name, name): str(message) for name, message in self.problems(fact).items()}
        for name, column, holds in self.constraints:
            if column not in errors and not holds(fact):
                errors[column] = _message_of(self.model, name)
        return errors

    def problems_together(self, facts: Sequence[tuple[int, Any]]) -> dict[int, dict[str, Any]]:
        """What is wrong with rows, compared with each other and with what is recorded: by position and column.

        Args:
            facts: position and fact of each row that adds or changes something.
        """
        return {}

    def doubts(self, facts: Sequence[tuple[int, Any]]) -> dict[int, Any]:
        """What a person should check in rows that are accepted, by position."""
        return {}

    # --- as django-import-export asks ---

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        self._found = {self.key(fact): fact for fact in self.recorded()}

    def import_row(self, row: dict[str, Any], instance_loader: Any, **kwargs: Any) -> RowResult:
        number = kwargs["row_number"]
        result = super().import_row(row, instance_loader, **kwargs)
        if result.errors:
            raise result.errors[0].error  # a fault of the program, not of the file
        if self.progress and number % self.EVERY == 0:
            self.progress(number)
        return result

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Reads the row into a new fact, whatever is wrong with it."""
        self._position = kwargs["row_number"]
        self._fact: Any = self.model()
        super().import_instance(self._fact, row, **kwargs)
        if errors := self.settle(self._fact):
            raise ValidationError(errors)

    def get_or_init_instance(self, instance_loader: Any, row: dict[str, Any]) -> tuple[Any, bool]:
        found = self.match(self._fact)
        key = ("recorded", found.pk) if found is not None else self.key(self._fact)
        if (first := self._first_row.setdefault(key, self._position)) != self._position:
            message = _("Row %(row)d is about the same %(what)s; keep one of the two.")
            raise ValidationError({"state": message % {"row": self.numbers[first - 1], "what": self.one}})
        return (self._fact, True) if found is None else (found, False)

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """Changes the recorded fact where the row differs."""
        if instance is self._fact or self.add_only:
            return
        if different := self.different(instance, self._fact, row):
            self.changes[self._position] = {column.name: column.shown(instance) for column in different}
            for column in different:
                for name in column.fields:
                    setattr(instance, name, getattr(self._fact, name))

    def different(self, one: Any, other: Any, row: Mapping[str, Any]) -> list[ImportColumn]:
        """The columns of a file in which two facts do not show the same."""
        return [
            column
            for column in self.fields.values()
            if column.name in row and column.shown(one) != column.shown(other)
        ]

    def skip_row(self, instance: Any, original: Any, row: Any, import_validation_errors: Any = None) -> bool:
        return instance is not self._fact and self._position not in self.changes

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        if errors := self.all_problems(instance):
            raise ValidationError(errors)

    def save_instance(self, instance: Any, is_create: bool, row: Any, **kwargs: Any) -> None:
        """Does nothing: all rows are written together, later."""

    # --- writing ---

    def to_write(self, new: list[Any], changed: list[Any], by: Any) -> tuple[list[Any], list[Any]]:
        """The facts to create and to update."""
        return new, changed

    def written_fields(self) -> list[str]:
        """The fields that a file can change."""
        return [
            name for column in self.columns() for name in column.fields if name not in ("state_id", "state")
        ]


def _message_of(model: type[Model], constraint: str) -> str:
    """The message of a constraint."""
    found = next(one for one in model._meta.constraints if one.name == constraint)
    return str(found.violation_error_message)
