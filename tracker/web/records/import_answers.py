"""What a person answers about an uploaded list: its headings, columns, days and States, and the rows to leave out.

The questions are part of the page of the file (`import_pages`); each answer has the file checked again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _, gettext_lazy

from tracker.changes import import_jobs
from tracker.languages.writing import in_words
from tracker.obligations.imports.check import MOST_ASKED, RowOutcome
from tracker.obligations.imports.columns import Word
from tracker.obligations.imports.layout import labels_of
from tracker.obligations.imports.spellings import DayOrder
from tracker.obligations.imports.tables import TABLES
from tracker.obligations.models import Import
from tracker.registry.models import State
from tracker.registry.un_names import names_of_states
from tracker.web.ui.addresses import WHOLE

MOST_COLUMNS = 30  # of a list that are offered; of others only those that are read
MOST_LEFT_OUT = 200  # rows left out that the page names
ORIGINS = {
    "proposed": gettext_lazy("The columns are recognised by their headings and contents. Please check them."),
    "remembered": gettext_lazy("The columns are read as in your last file with these headings."),
    "chosen": gettext_lazy(
        "The columns are read as you chose; your next file with these headings will be too."
    ),
}


# --- the questions --------------------------------------------------------------------------------


def reading_context(row: Import) -> dict[str, Any]:
    """How a file was read and what is asked about it, as the template needs it."""
    reading, unknown = row.about.get("reading"), row.about.get("unknown", [])
    may_answer = row.state in (*Import.READY, Import.State.REFUSED)
    chosen = (
        [{"text": text, "chosen": iso3} for text, iso3 in _chosen_states(row).items()] if may_answer else []
    )
    asked = [*unknown[:MOST_ASKED], *chosen]
    found: dict[str, Any] = {
        "unknown": [
            {**one, "field": f"state-{at}", "name": f"name-{at}", "was": f"was-{at}"}
            for at, one in enumerate(asked)
        ],
        "is_unknown": bool(unknown),
        "more_unknown": len(unknown[MOST_ASKED:]),
        "states": names_of_states(State.objects.all()).items() if asked else (),
        "may_answer": may_answer,
    }
    if not reading:
        return found
    table = TABLES[row.table]
    columns, taken = reading["columns"], sum(bool(name) for *_of, name, _example in reading["columns"])
    shown = [one for at, one in enumerate(columns) if at < MOST_COLUMNS or one[2]]
    asks = [
        column for column in table.columns() if column.name in reading["missing"] and isinstance(column, Word)
    ]
    return found | {
        "reading": reading,
        "origin": ORIGINS.get(reading["origin"], ""),
        "labels": list(labels_of(table).items()),
        "columns_read": taken,
        "columns_of_file": shown,
        "more_columns": len(columns) - len(shown),
        "for_all": [
            (column.name, column.label(table.model), column.choices, reading["same"].get(column.name, ""))
            for column in asks
        ],
        "orders": _orders(reading),
        "left_out_rows": reading["left_out"][:MOST_LEFT_OUT],
        "more_left_out": len(reading["left_out"][MOST_LEFT_OUT:]),
        "may_take_in": any(one[-1] for one in reading["left_out"]),
        # What a person chose for the last list may be wrong for this one.
        "is_open": not reading["is_sure"] or reading["origin"] in ("proposed", "remembered"),
    }


def _chosen_states(row: Import) -> dict[str, str]:
    """Alpha-3 of the States that a person chose for spellings of the file, here or in an earlier file, by text."""
    reading, understood = row.about.get("reading") or {}, row.about.get("understood", {})
    chosen = {**reading.get("states", {}), **row.chosen}
    return {text: iso3 for text, iso3 in chosen.items() if text in understood}


def _orders(reading: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The two ways to read the days of a list: value, example and its meaning."""
    if not reading["example"]:
        return []
    day_first, month_first = (in_words(date.fromisoformat(on)) for on in reading["example"][1:])
    return [
        (DayOrder.DAY_FIRST.value, _("The day comes first"), day_first),
        (DayOrder.MONTH_FIRST.value, _("The month comes first"), month_first),
    ]


# --- the answers ----------------------------------------------------------------------------------


def _choose(request: HttpRequest, row: Import) -> bool:
    """Takes headings, columns, the order of the days, and the States meant by unknown names."""
    layout, chosen = _layout(request, row.about.get("reading") or {}), _states(request, row)
    if not layout and not chosen:
        messages.warning(request, _("Nothing has changed: answer a question, or choose another column."))
        return True
    return import_jobs.answer(row, chosen, layout)


def _layout(request: HttpRequest, reading: dict[str, Any]) -> dict[str, Any]:
    """The answers about the list that differ from how it was read."""
    posted = request.POST
    sheet, header = posted.get("sheet", ""), posted.get("header", "")
    if sheet in reading.get("sheets", ()) and sheet != reading["sheet"]:
        return {"sheet": sheet} | dict.fromkeys(("header", "columns", "same", "out", "back"))
    rows = {str(number): number for number, _text in reading.get("rows", ())}
    if header in rows and rows[header] != reading["header"]:
        return {"header": rows[header]} | dict.fromkeys(("columns", "same", "out", "back"))
    found: dict[str, Any] = {}
    before = {letter: name for letter, _heading, name, _example in reading.get("columns", ())}
    columns = {letter: posted.get(f"column-{letter}", name) for letter, name in before.items()}
    if columns != before:
        found["columns"] = columns
    same = {name: value for name in reading.get("missing", ()) if (value := posted.get(f"all-{name}", ""))}
    if same and same != {name: reading["same"].get(name) for name in same}:
        found["same"] = same
    if (order := posted.get("order", "")) in list(DayOrder) and order != reading.get("order"):
        found["order"] = order
    return found


def _states(request: HttpRequest, row: Import) -> dict[str, str]:
    """The States chosen for the names that the page showed, where they are new; unknown codes are ignored."""
    known = set(State.objects.values_list("pk", flat=True))
    before = {one["text"]: "" for one in row.about.get("unknown", [])} | _chosen_states(row)
    chosen = {}
    for at in (name.removeprefix("name-") for name in request.POST if name.startswith("name-")):
        text, iso3 = request.POST[f"name-{at}"], request.POST.get(f"state-{at}", "")
        # Nobody overrules what another has chosen since the page was shown.
        if (
            iso3 in known
            and before.get(text, iso3) != iso3
            and before[text] == request.POST.get(f"was-{at}", "")
        ):
            chosen[text] = iso3
    return chosen


def _read_as(request: HttpRequest, row: Import) -> bool:
    """Reads the file as rows of another kind."""
    table = TABLES.get(request.POST.get("table", ""))
    if table is None or not request.user.has_perms(table.rights("add", "change")):
        raise PermissionDenied
    return import_jobs.read_as(row, table.name)


def _leave_out(request: HttpRequest, row: Import) -> bool:
    """Leaves the selected rows out."""
    return _leave(request, row, _selected(request) & {one[0] for one in row.preview})


def _leave_out_refused(request: HttpRequest, row: Import) -> bool:
    """Leaves all refused rows out."""
    return _leave(request, row, {one[0] for one in row.preview if one[1] == RowOutcome.REFUSED})


def _leave(request: HttpRequest, row: Import, numbers: set[int]) -> bool:
    if not numbers:
        messages.warning(request, _("Select at least one row to leave out."))
        return True
    layout = row.layout or {}
    out, back = set(layout.get("out", ())) | numbers, set(layout.get("back", ())) - numbers
    return import_jobs.answer(row, {}, {"out": sorted(out), "back": sorted(back)})


def _take_in(request: HttpRequest, row: Import) -> bool:
    """Takes the selected rows in again, also those that look like a title or a total."""
    reading, layout = row.about.get("reading") or {}, row.layout or {}
    numbers = _selected(request) & {one[0] for one in reading.get("left_out", ()) if one[-1]}
    if not numbers:
        messages.warning(request, _("Select at least one row to take in again."))
        return True
    out, back = set(layout.get("out", ())), set(layout.get("back", ()))
    return import_jobs.answer(row, {}, {"out": sorted(out - numbers), "back": sorted(back | (numbers - out))})


def _selected(request: HttpRequest) -> set[int]:
    return {int(text) for text in request.POST.getlist("row") if WHOLE.fullmatch(text)}


ANSWERS: dict[str, Callable[[HttpRequest, Import], bool]] = {
    "choose": _choose,
    "read-as": _read_as,
    "leave-out": _leave_out,
    "leave-out-refused": _leave_out_refused,
    "take-in": _take_in,
}
