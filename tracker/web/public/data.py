"""The files of the public view: tables whose columns are named here, each with its meaning.

The rows are those of the API; only the columns named here are published.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.obligations.imports.cells import neutral
from tracker.obligations.queries import late
from tracker.obligations.wording import span
from tracker.rules.status import Status
from tracker.web.api import parameters, resources
from tracker.web.api.figures import figures
from tracker.web.public.typed_texts import printed_of, reference_of, source_of, symbol_of

Cells = Mapping[str, Any]
Label = str | Promise

# --- the columns, and what each means -------------------------------------------------------------

STATE = (
    ("state", _("The State, by its ISO 3166 alpha-3 code.")),
    ("iso2", _("Its alpha-2 code.")),
    ("name", _("Its name, as the United Nations names it.")),
    ("region", _("Its regional group in the United Nations, as a code.")),
    ("records_from", _("Day from which the records are complete; empty: from the start.")),
    ("opsc_signed_on", _("Day of its signature of the OPSC.")),
    ("opsc_joined_on", _("Day of its deposit for the OPSC, from which it counts as a party.")),
    ("opsc_joined_by", _("Ratification, accession or succession to the OPSC.")),
    ("opsc_in_force_on", _("Day on which the OPSC enters into force for it.")),
    ("opsc_ends_on", _("Day on which its denunciation of the OPSC takes effect.")),
    ("opsc_party", _("Whether it is a party to the OPSC on the day of the file.")),
    ("crc_signed_on", _("Day of its signature of the Convention.")),
    ("crc_joined_on", _("Day of its deposit for the Convention.")),
    ("crc_joined_by", _("Ratification, accession or succession to the Convention.")),
    ("crc_in_force_on", _("Day on which the Convention enters into force for it.")),
    ("crc_ends_on", _("Day on which its denunciation of the Convention takes effect.")),
    ("crc_party", _("Whether it is a party to the Convention on the day of the file.")),
)
ACTION = (
    ("state", _("The State, by its alpha-3 code.")),
    ("treaty", _("OPSC, or CRC for the Convention.")),
    ("kind", _("Signature, ratification, accession, succession or denunciation.")),
    ("date", _("Day of the signature, or of the deposit.")),
    ("effective_on", _("Day of effect, where the depositary records it.")),
    ("reference", _("Depositary notification (C.N. number).")),
    ("to_be_confirmed", _("Whether the day, or that of its effect, needs a better source.")),
)
OBLIGATION = (
    ("state", _("The State, by its alpha-3 code.")),
    ("article", _("Paragraph of article 12 of the OPSC under which it is owed.")),
    ("kind", _("Initial report, periodic report, or further information.")),
    (
        "cycle",
        _(
            "Number of the report: 1 is the initial report. Empty for a next report whose number is not known."
        ),
    ),
    ("carried_by", _("Whether it is a report of its own, or a part of a report under the Convention.")),
    (
        "computed_on",
        _(
            "Due date calculated by the rule; for a report under the Convention, the date of its five-year "
            "calendar, which is no deadline."
        ),
    ),
    ("due_on", _("Due date; empty if there is none, or if the Committee has not stated it yet.")),
    (
        "due_source",
        _(
            "Source of the due date: rule, committee or list of issues prior to reporting. Without a due date: "
            "to be communicated, or treaty calendar if no date is recorded."
        ),
    ),
    (
        "status",
        _(
            "Status on the day of the file. “No record” is not “overdue”: the records do not cover "
            "its due date. “Date not recorded” is not either: no document that sets a date is known."
        ),
    ),
    ("received_on", _("Day of receipt, where it is known.")),
    ("days_late", _("Days after the due date: until the receipt or, while overdue, the day of the file.")),
    (
        "trail",
        _("Reasons for the due date: in JSON steps with source, from, to and text; in CSV sentences."),
    ),
    ("last_cycle", _("The last number of a combined report.")),
    ("document", _("Document that states the date; without a date, the last concluding observations known.")),
    ("printed_due", _("Due year or day as the United Nations printed it.")),
    ("awaiting_review_since", _("Day from which the report received awaits the Committee’s review.")),
)
SUBMISSION = (
    ("state", _("The State, by its alpha-3 code.")),
    ("kind", _("Initial or periodic report.")),
    ("carried_by", _("Whether it is a report of its own, or a part of a report under the Convention.")),
    ("first_cycle", _("First report of its series that it answers.")),
    ("last_cycle", _("Last report of its series that it answers.")),
    ("received_on", _("Day of receipt, where it is known.")),
    ("due_on", _("Due date of the first report that it answers.")),
    ("status", _("Whether it was received on time; empty if there is no due date.")),
    ("days_late", _("Days from the due date to the receipt.")),
    ("reviewed_on", _("Day on which the Committee considered it.")),
    ("review_precision", _("Precision of that date: day, month or year; the rest is filled in.")),
    ("symbol", _("Symbol of the report among the documents of the United Nations.")),
    ("language", _("Language of the report.")),
    ("concluding_observations", _("Symbol of the concluding observations.")),
    ("printed_due", _("Due year or day as the United Nations printed it beside the report.")),
    ("information", _("Whether a report under the Convention gives information on the OPSC.")),
    ("withdrawn_on", _("Day on which the State withdrew the report.")),
    (
        "confidence",
        _("Confidence: read in the document, or secondary or memory (to be confirmed)."),
    ),
)
REVIEW = (
    ("state", _("The State, by its alpha-3 code.")),
    ("document", _("Symbol of the concluding observations.")),
    ("adopted_on", _("Day of adoption, or the last day of the session.")),
    ("session", _("Number of the Committee’s session.")),
    ("carried_by", _("Whether they are about a report of its own, or about a report under the Convention.")),
    ("first_cycle", _("First report that they are about; empty where its number is not known.")),
    ("last_cycle", _("Last report that they are about.")),
    ("without_report", _("Whether the Committee reviewed the State without a report.")),
    (
        "confidence",
        _("Confidence: read in the document, or secondary or memory (to be confirmed)."),
    ),
)
LATE = (
    ("state", _("The State, by its alpha-3 code.")),
    ("name", _("Its name.")),
    ("region", _("Its regional group in the United Nations, as a code.")),
    (
        "kind",
        _(
            "Initial or periodic report; or carried: a report under the Convention (CRC art. 44), in "
            "which art. 12(2) asks for information."
        ),
    ),
    ("report", _("The report in words.")),
    ("due_on", _("Due date.")),
    ("overdue_for", _("Time since then, in words.")),
    ("band", _("How long it is overdue, in the bands of the reports to the General Assembly.")),
)
FIGURE = (
    ("figure", _("Name of the figure.")),
    ("count", _("Value of the figure.")),
)

# --- from the API's rows to ours ------------------------------------------------------------------


def _of_api(name: str, day: date) -> list[dict[str, Any]]:
    """All rows of a list of the API on a day."""
    listing = next(one for one in resources.LISTINGS if one.name == name)
    asked = parameters.read_all(listing.parameters, QueryDict())
    return listing.show(list(listing.find(day, asked).order_by(*listing.order)), day, asked)


def _states(day: date) -> list[Cells]:
    return [
        cells
        | {
            f"{one['treaty'].lower()}_{name}": value
            for one in cells["treaties"]
            for name, value in one.items()
        }
        for cells in _of_api("states", day)
    ]


def _actions(day: date) -> list[Cells]:
    return [
        cells | {"reference": reference_of(cells["reference"] or "") or None}
        for cells in _of_api("actions", day)
    ]


def _obligations(day: date) -> list[Cells]:
    return [
        cells
        | {
            "trail": [step | {"source": source_of(step["source"])} for step in cells["trail"]],
            "document": source_of(cells["document"]) if cells["document"] else None,
            "printed_due": printed_of(cells["printed_due"] or "") or None,
        }
        for cells in _of_api("obligations", day)
    ]


def _submissions(day: date) -> list[Cells]:
    return [
        cells
        | {
            "symbol": symbol_of(cells["symbol"] or "") or None,
            "concluding_observations": symbol_of(cells["concluding_observations"] or "") or None,
            "printed_due": printed_of(cells["printed_due"] or "") or None,
        }
        for cells in _of_api("submissions", day)
    ]


def _reviews(day: date) -> list[Cells]:
    return [cells | {"document": symbol_of(cells["document"]) or None} for cells in _of_api("reviews", day)]


def _late(day: date) -> list[Cells]:
    known: Any = late.rows_on(day, today=day)  # the files show today
    rows = known.with_status(Status.OVERDUE, day).order_by(
        "kind", "-carried_by", "due", "state__sort_name", "pk"
    )
    return [
        {
            "state": row.state.iso3,
            "name": row.state.name,
            "region": row.state.region or None,
            "kind": late.section_of(row.kind, row.carried_by),
            "report": row.as_it_stood().label,
            "due_on": row.due,
            "overdue_for": span(row.due, day),
            "band": late.printed_band(row.band),
        }
        for row in rows
    ]


def _figures(day: date) -> list[Cells]:
    found: list[Cells] = []
    for name, value in figures(day).items():
        if isinstance(value, dict):
            found += [{"figure": f"{name}.{part}", "count": count} for part, count in value.items()]
        elif isinstance(value, int):
            found.append({"figure": name, "count": value})
    return found


# --- the tables -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DataTable:
    """A table that can be downloaded.

    Attributes:
        columns: the published columns, with their meaning.
        find: returns the rows of a day, which may have more columns.
    """

    name: str
    label: Label
    says: Label
    columns: Sequence[tuple[str, Label]]
    find: Callable[[date], Sequence[Cells]]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _means in self.columns]

    def rows(self, day: date) -> list[dict[str, Any]]:
        """The rows of a day, with the columns named here and nothing else."""
        return [{name: cells[name] for name in self.names} for cells in self.find(day)]


TABLES = (
    DataTable(
        "states",
        _("States"),
        _("Every State, with its participation in the OPSC and in the Convention."),
        STATE,
        _states,
    ),
    DataTable(
        "actions",
        _("Treaty actions"),
        _("Each signature, ratification, accession, succession and denunciation."),
        ACTION,
        _actions,
    ),
    DataTable(
        "obligations",
        _("Obligations"),
        _("What States owe under article 12, by when and why, up to ten years ahead."),
        OBLIGATION,
        _obligations,
    ),
    DataTable(
        "submissions",
        _("Reports received"),
        _("Each report received, with the days of receipt and review."),
        SUBMISSION,
        _submissions,
    ),
    DataTable(
        "reviews",
        _("Reviews by the Committee"),
        _("Concluding observations, and the reports that they are about."),
        REVIEW,
        _reviews,
    ),
    DataTable(
        "late",
        _("Late and non-reporting States"),
        _("The reports that are overdue; those under the Convention apart."),
        LATE,
        _late,
    ),
    DataTable(
        "figures",
        _("Figures"),
        _(
            "Participation, the reports of each series by status, and how late the overdue reports under the OPSC are."
        ),
        FIGURE,
        _figures,
    ),
)
BY_NAME = {table.name: table for table in TABLES}

# --- files ----------------------------------------------------------------------------------------


def as_csv(table: DataTable, day: date, notice: str, changed_on: date | None) -> bytes:
    """The table as CSV with a header; safe to open with a spreadsheet."""
    file = io.StringIO(newline="")
    write = csv.writer(file).writerow
    write(table.names)
    for row in table.rows(day):
        write([_cell(value) for value in row.values()])
    return file.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return neutral(" ".join(f"{step['source']}: {step['text']}" for step in value))
    return neutral(value) if isinstance(value, str) else value


def as_json(table: DataTable, day: date, notice: str, changed_on: date | None) -> bytes:
    """The rows with their as-of day, the day of the last change, and the notice."""
    whole = {"as_of": day, "last_change": changed_on, "notice": notice, "rows": table.rows(day)}
    return json.dumps(whole, default=date.isoformat, ensure_ascii=False).encode()


# How each form is written, and its type.
FORMS: dict[str, tuple[str, Callable[[DataTable, date, str, date | None], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}
