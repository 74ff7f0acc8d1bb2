"""The columns of a file of facts: how each is read into a fact, and how a fact is shown in it.

A column is a field of django-import-export. It reads back what it shows, so that an export imports without effect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy
from import_export.fields import Field

from tracker.languages.cached import until_texts_change
from tracker.languages.typed import bare, figures, in_all_languages, meanings
from tracker.languages.writing import in_words
from tracker.obligations.imports.cells import SHOWN, Cell, as_text, text_of
from tracker.obligations.models import MOST_CYCLES, NEXT, Information, Precision
from tracker.obligations.wording import STATUS_LABELS
from tracker.registry.names import RecognisedState, StateNames, Unknown
from tracker.registry.values import BadValue, calendar_date, written_day
from tracker.rules.dates import end_of_month
from tracker.rules.facts import DecisionOutcome, DocumentKind
from tracker.rules.status import Status

# A whole number in a column of days is what a spreadsheet makes of a date whose format got lost.
SERIALS = range(20_000, 80_000)  # 3 October 1954 to 9 January 2119
_EPOCH = date(1899, 12, 30)
Words = str | Promise


class ImportColumn(Field):
    """A column with one text field of the model.

    Args:
        about: what to enter, for the template and the page.
        name: the heading of the column; empty for the name of the attribute of its table.
        required: whether the file must have the column and, unless a cell may be empty, each row a value.
        may_be_empty: whether a cell of a required column may be empty.
        fields: the fields of the model that it fills in; empty for the one of its own name.
        example: a value, as a file has it.
    """

    is_text = True  # a spreadsheet must not make a date of it

    def __init__(
        self,
        about: Words,
        *,
        name: str = "",
        required: bool = False,
        may_be_empty: bool = False,
        fields: Sequence[str] = (),
        example: str = "",
    ) -> None:
        super().__init__()
        self.name, self.about, self.example = name, about, example
        self.required, self.may_be_empty = required, may_be_empty
        self.fields = tuple(fields)

    def be_named(self, name: str) -> None:
        """Takes the name of the attribute that a table gives to the column, unless it has one."""
        self.name = self.attribute = self.column_name = self.name or name
        self.fields = self.fields or (self.name,)

    def label(self, model: type[models.Model]) -> str:
        """The name of the column on a page: that of the field."""
        if self.name in ("state", "cycles"):
            return _("State") if self.name == "state" else _("cycles")
        try:
            return str(getattr(model._meta.get_field(self.name), "verbose_name", self.name))
        except FieldDoesNotExist:
            return self.name.replace("_", " ")

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        """The values of the fields, from a cell.

        Raises:
            BadValue: it is not understood; the sentence says what to enter instead.
        """
        return {self.name: self.checked(as_text(cell), model)}

    def checked(self, text: str, model: type[models.Model]) -> Any:
        """A text that the field of the model takes."""
        field: Any = model._meta.get_field(self.name)
        if not text:
            if not field.blank:
                raise BadValue(_("The cell is empty; fill it in."))
            return None if field.null else text
        if field.max_length and len(text) > field.max_length:
            raise BadValue(
                _("The text has %(n)d characters; the limit is %(most)d.")
                % {"n": len(text), "most": field.max_length}
            )
        try:
            field.run_validators(text)
        except ValidationError as error:
            raise BadValue(" ".join(error.messages)) from None
        return text

    def show(self, fact: Any) -> Any:
        """What a file has for a fact: a text, or a day."""
        return getattr(fact, self.fields[0])

    def shown(self, fact: Any) -> str:
        """The same as a text, for comparing and for the page."""
        value = self.show(fact)
        return (
            value.isoformat() if isinstance(value, date) else str(value or "").replace("\r\n", "\n").strip()
        )

    # --- as django-import-export asks ---

    def save(self, instance: Any, row: dict[str, Cell], is_m2m: bool = False, **kwargs: Any) -> None:
        """Fills the fields of a fact from a row.

        Raises:
            BadValue: a ValueError, which the resource collects by column.
        """
        cell = row[self.name]
        if self.required and not self.may_be_empty and not text_of(cell):
            raise BadValue(_("The cell is empty; fill it in."))
        for name, value in self.read(cell, type(instance)).items():
            setattr(instance, name, value)

    def export(self, instance: Any, **kwargs: Any) -> Any:
        return self.show(instance)


class Word(ImportColumn):
    """A column with one of a few words, as stored or as the page shows them."""

    def __init__(self, about: Words, choices: Sequence[tuple[str, Any]], **more: Any) -> None:
        super().__init__(about, **more)
        self.choices = choices

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        text = as_text(cell)
        field: Any = model._meta.get_field(self.name)
        if not text and field.has_default():
            return {self.fields[0]: field.get_default()}
        return {self.fields[0]: self.known(text)}

    def known(self, text: str) -> str:
        """The stored word that a text means: it, or its label in one of the languages."""
        folded = text.casefold()
        if stored := next((value for value, _label in self.choices if value.casefold() == folded), None):
            return str(stored)
        if not text and not self.required:
            return ""
        if len(meant := _meanings(self).get(bare(text), ())) == 1:
            return str(*meant)
        raise BadValue(
            _("“%(text)s” is not known; write one of: %(known)s.")
            % {"text": text[:SHOWN], "known": ", ".join(value for value, _label in self.choices)}
        )


class AskedIn(Word):
    """The column of the kind of document in which the Committee asks for further information."""

    def known(self, text: str) -> str:
        if text.casefold() == DocumentKind.PRIOR_TO_REPORTING:
            raise BadValue(
                _(
                    "A list of issues prior to reporting states the date of the report that it asks for; enter it "
                    "among the dates stated by the Committee."
                )
            )
        return super().known(text)


@until_texts_change
def _meanings(column: Word) -> dict[str, set[str]]:
    return meanings(column.choices)


class YesNo(ImportColumn):
    """A column with a yes or a no.

    Args:
        empty: what an empty cell means.
    """

    def __init__(self, about: Words, *, empty: bool, **more: Any) -> None:
        super().__init__(about, **more)
        self.empty = empty

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        word = ("yes" if cell else "no") if isinstance(cell, bool) else as_text(cell).casefold()
        if not word:
            return {self.name: self.empty}
        if (said := yes_or_no(word)) is not None:
            return {self.name: said}
        raise BadValue(_("“%(text)s” is not known; write yes or no.") % {"text": word[:SHOWN]})

    def show(self, fact: Any) -> str:
        return "yes" if getattr(fact, self.name) else "no"


def yes_or_no(word: str) -> bool | None:
    """What a word means, in any of the languages; None if neither."""
    return _yes_and_no().get(bare(figures(word)))


@until_texts_change
def _yes_and_no() -> dict[str, bool]:
    yes, no = in_all_languages(Information.YES.label), in_all_languages(Information.NO.label)
    return dict.fromkeys({*yes, "y", "true", "1"}, True) | dict.fromkeys({*no, "n", "false", "0"}, False)


class Number(ImportColumn):
    """A column with a whole number from 1 on, or nothing."""

    MOST = 32_767  # what the smallest whole numbers of a database hold

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        text = figures(as_text(cell))
        if not text:
            return {self.name: None}
        if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= self.MOST:
            raise BadValue(_("“%(text)s” is not a number; write for example 94.") % {"text": text[:SHOWN]})
        return {self.name: int(text)}


class Day(ImportColumn):
    """A column with a day: 2003-01-23, 23 Jan 2003 or 23/01/2003, or a date of the spreadsheet."""

    is_text = False

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        return {self.name: day(cell)}


class DayOrMonth(ImportColumn):
    """A column with a day or only its month (2018-05) or year; the last day of it then stands for it."""

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        on, precision = _day_or_less(cell)
        return dict(zip(self.fields, (on, precision), strict=True))

    def show(self, fact: Any) -> Any:
        on, precision = (getattr(fact, name) for name in self.fields)
        if on and precision != Precision.DAY:
            return on.isoformat()[: len("2018-05" if precision == Precision.MONTH else "2018")]
        return on


class Cycles(ImportColumn):
    """The column that names the cycles of a report: 3, or 3-4 for the third and fourth combined.

    Where it may be empty, the next report is meant whose number is not known.
    """

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        if isinstance(cell, date):
            raise BadValue(
                _(
                    "The spreadsheet turned the cycles into a date (%(day)s); format the column as text and enter "
                    "them again, for example 3-4."
                )
                % {"day": in_words(cell)}
            )
        text = figures(as_text(cell))
        if not text and self.may_be_empty:
            return dict.fromkeys(self.fields, NEXT)
        return dict(zip(self.fields, read_cycles(text), strict=True))

    def show(self, fact: Any) -> str:
        return fact.cycles


@until_texts_change
def _outcomes() -> dict[str, str]:
    """What the Committee states instead of a day, by what it is called in all languages."""
    return {
        word: outcome.value
        for outcome, status in (
            (DecisionOutcome.TO_BE_COMMUNICATED, Status.TO_BE_COMMUNICATED),
            (DecisionOutcome.WAIVED, Status.WAIVED),
        )
        for word in in_all_languages(STATUS_LABELS[status])
    }


@until_texts_change
def _years() -> frozenset[str]:
    return in_all_languages(Precision.YEAR.label)


class DueDate(ImportColumn):
    """The column of what the Committee states: a day, “to be communicated” or “waived”.

    A year alone stands for its last day if the column of the precision says so.
    """

    is_text = False

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        if isinstance(cell, str) and (said := _outcomes().get(bare(cell))):
            return dict(zip(self.fields, (None, said), strict=True))
        on = end_of_month(int(text_of(cell)), 12) if _is_year(cell) else day(cell)
        return dict(zip(self.fields, (on, DecisionOutcome.DATE.value), strict=True))

    def save(self, instance: Any, row: dict[str, Cell], is_m2m: bool = False, **kwargs: Any) -> None:
        super().save(instance, row, is_m2m, **kwargs)
        precision = bare(text_of(row.get("precision", "")))
        if _is_year(row[self.name]) and precision not in _years():
            raise BadValue(_("This is a year alone: write “year” in the column “precision”, or enter a day."))

    def show(self, fact: Any) -> Any:
        return fact.due_on if fact.outcome == DecisionOutcome.DATE else str(fact.outcome)


class PrintedDue(ImportColumn):
    """The column of the year, or the day, that the UN printed."""

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        text = cell.isoformat() if isinstance(cell, date) else figures(as_text(cell))
        if text and not re.fullmatch(r"[0-9]{4}", text):
            try:
                calendar_date(text)
            except BadValue:
                raise BadValue(
                    _("“%(text)s” is neither a year nor a day; write 2007 or 2015-09-26.")
                    % {"text": text[:SHOWN]}
                ) from None
        return {self.name: text}


def read_cycles(text: str) -> tuple[int, int]:
    """The first and last cycle that a document names: "3", or "3-4" for the third and fourth combined.

    Raises:
        BadValue: the text is not a cycle.
    """
    found = re.fullmatch(r"([0-9]{1,3})(?:-([0-9]{1,3}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last <= MOST_CYCLES:
        raise BadValue(
            _("“%(text)s” is not a cycle; write 3, or 3-4 for the third and fourth combined.")
            % {"text": text[:SHOWN]}
        )
    return first, last


def day(cell: Cell) -> date | None:
    """The day in a cell, or None where it is empty.

    Raises:
        BadValue: it is not a day, or could be two.
    """
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool):
        cell = text_of(cell)
    text = figures(as_text(cell))
    if not text:
        return None
    if re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text) and int(float(text)) in SERIALS:
        on = _EPOCH + timedelta(days=int(float(text)))
        raise BadValue(
            _("“%(text)s” is how spreadsheets store %(day)s; format the cell as a date, or write %(iso)s.")
            % {"text": text, "day": in_words(on), "iso": on.isoformat()}
        )
    return written_day(text)


def _day_or_less(cell: Cell) -> tuple[date | None, str]:
    text = figures(text_of(cell))
    if not isinstance(cell, date) and (found := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)):
        year, month = int(found[1]), int(found[2])
        if year < 1 or not 1 <= month <= 12:
            raise BadValue(
                _("“%(text)s” is not a month; write it as YYYY-MM, for example 2018-05.") % {"text": text}
            )
        return end_of_month(year, month), Precision.MONTH.value
    if _is_year(cell):
        return end_of_month(int(text), 12), Precision.YEAR.value
    return day(cell), Precision.DAY.value


def _is_year(cell: Cell) -> bool:
    """Whether a cell contains a year alone."""
    return not isinstance(cell, date) and bool(re.fullmatch(r"(19|20)[0-9]{2}", figures(text_of(cell))))


# --- columns that need to know what is recorded ---------------------------------------------------


class StateNameColumn(ImportColumn):
    """The column that names the State, in whatever spelling is known.

    Attributes:
        names: the spellings; given before a file is read.
        chosen: what a person has chosen for spellings that are unknown: alpha-3 by text.
        spelled_otherwise: the State understood, by text, where the text is not its name.
        unknown: in how many rows each text stands that names no State.
    """

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Alpha-3 code, or the name in any spelling that United Nations lists use."),
            required=True,
            fields=("state_id",),
            example="NOR",
        )
        self.names = StateNames(())
        self.chosen: dict[str, str] = {}
        self.spelled_otherwise: dict[str, RecognisedState] = {}
        self.unknown: Counter[str] = Counter()
        self._seen: dict[str, str] = {}

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        text = as_text(cell)
        if not self.known(text):
            self.unknown[text] += 1
            raise BadValue(
                _(
                    "“%(text)s” is not the name of a State that is recorded here; choose the State above, or "
                    "correct it."
                )
                % {"text": text[:SHOWN]}
            )
        return {"state_id": self.known(text)}

    def known(self, text: str) -> str:
        """The State that a spelling means, as alpha-3, or nothing."""
        if text not in self._seen:
            self._seen[text] = self._recognise(text)
        return self._seen[text]

    def _recognise(self, text: str) -> str:
        """Alpha-3, or nothing."""
        if self.chosen.get(text) in self.names.names:
            iso3 = self.chosen[text]
            self.spelled_otherwise[text] = RecognisedState(iso3, self.names.names[iso3], True)
            return iso3
        found = self.names.recognise(text)
        if isinstance(found, Unknown):
            return ""
        if found.spelled_otherwise:
            self.spelled_otherwise[text] = found
        return found.iso3


class AnotherState(ImportColumn):
    """A column that names a second State, in the spellings that the column of the State knows.

    Attributes:
        states: that column; given before a file is read.
    """

    states: StateNameColumn

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        named = self.states.read(cell, model)["state_id"] if as_text(cell) else None
        return {self.fields[0]: named}

    def show(self, fact: Any) -> str:
        return getattr(fact, self.fields[0]) or ""


class AmendmentColumn(ImportColumn):
    """The column that names an amendment: “3”, “3: Amendment to article 12”, or the title alone.

    It is read as a text; the resource looks the amendment up.
    """

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        return {self.fields[0]: as_text(cell)}

    def show(self, fact: Any) -> str:
        return f"{fact.amendment_id}: {fact.amendment.title}" if fact.amendment_id else ""


class Revises(ImportColumn):
    """The column that names the report that a revision supersedes, by its symbol.

    It is read as a text; the resource looks the report up once the State is known.
    """

    WITHOUT_SYMBOL = "without symbol"

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        return {self.fields[0]: as_text(cell)}

    def show(self, fact: Any) -> str:
        if fact.revises_id:
            return fact.revises.symbol or self.WITHOUT_SYMBOL
        return getattr(fact, self.fields[0], "")
