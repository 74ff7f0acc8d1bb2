"""The table of the years in which the Committee's calendars expect reports."""

from __future__ import annotations

import re
from typing import Any

from django.db import models
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.typed import figures
from tracker.obligations.imports.cells import SHOWN, Cell, as_text
from tracker.obligations.imports.columns import Day, ImportColumn, Number, StateNameColumn
from tracker.obligations.imports.tables.base import NOTE, SOURCE, ImportTable, Key
from tracker.obligations.imports.tables.reports import TRUST
from tracker.obligations.models import ExpectedYear
from tracker.registry.values import BadValue


class CalendarYear(Number):
    """A column with a year in four digits."""

    def read(self, cell: Cell, model: type[models.Model]) -> dict[str, Any]:
        text = figures(as_text(cell))
        if not re.fullmatch(r"[0-9]{4}", text):
            raise BadValue(_("“%(text)s” is not a year; write for example 2029.") % {"text": text[:SHOWN]})
        return {self.name: int(text)}


class ExpectedYears(ImportTable):
    """The years in which the Committee's calendars expect reports; no obligation follows from them."""

    name = "expected-years"
    label = gettext_lazy("Years in the Committee’s calendar")
    one = gettext_lazy("year")
    model = ExpectedYear
    constraints = (("expected_year_in_range", "year", lambda fact: 2000 <= fact.year <= 2200),)

    state = StateNameColumn()
    year = CalendarYear(gettext_lazy("Year in which the report is expected."), required=True, example="2029")
    calendar = ImportColumn(
        gettext_lazy("Name or years of the calendar."), required=True, example="2027–2034"
    )
    document = ImportColumn(
        gettext_lazy("Symbol or title of the document."), required=True, example="CRC/C/120/3"
    )
    decided_on = Day(gettext_lazy("Day of the document."), required=True, example="2026-09-18")
    source = SOURCE
    confidence = TRUST
    note = NOTE

    def key(self, fact: Any) -> Key:
        return fact.state_id, fact.document

    def problems(self, fact: Any) -> dict[str, Any]:
        return dict(fact.problems(self.today))
