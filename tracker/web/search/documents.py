"""Reports and other documents, as the search finds them by their symbols and titles; in one query."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, F, Q, QuerySet, SmallIntegerField, Value, When
from django.db.models.functions import Coalesce, Length
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.typed import as_symbol
from tracker.languages.writing import in_words
from tracker.obligations.models import CommitteeDate, InformationRequest, RequestDocument, Review, Submission
from tracker.registry.models import Amendment, TreatyAction
from tracker.registry.names import StateNames
from tracker.web.search.hits import MOST_COUNTED, Hit, contains, is_part

NO_SYMBOL = 1000  # longer than any symbol: what matches by its title alone comes last


@dataclass(frozen=True)
class DocumentSource:
    """A kind of record that names a document.

    Attributes:
        symbol: the field with the symbol.
        day: the day of the document.
        note: the sentence about it.
        place: where it is on the page of its State.
        what: from a found row, the report, request or action that it is about.
        columns: those that differ from the columns of `_rows`.
        title: the field with the title; empty if it has none.
    """

    model: Any
    symbol: str
    day: Any
    note: Any
    place: str
    what: Callable[[dict[str, Any]], Any]
    columns: dict[str, Any] = field(default_factory=dict)
    title: str = ""


def _report(row: dict[str, Any]) -> str:
    """The name of the reports with the cycles of a row."""
    fact = SOURCES[row["record"]].model(kind=row["of_kind"], carried_by=row["series"])
    fact.first_cycle, fact.last_cycle = row["first"], row["last"]
    return str(fact.label)


NO_CYCLES = {"first": Value(0), "last": Value(0)}
# Of the records that name one document the first is shown.
SOURCES = {
    "submission": DocumentSource(
        Submission,
        "symbol",
        F("received_on"),
        gettext_lazy("%(state)s: %(what)s, date of receipt %(day)s"),
        "#h-reports",
        _report,
        title="title",
    ),
    "review": DocumentSource(
        Review,
        "document",
        F("adopted_on"),
        gettext_lazy("%(state)s: concluding observations on the %(what)s, %(day)s"),
        "#h-reviews",
        _report,
    ),
    "date": DocumentSource(
        CommitteeDate,
        "document",
        Coalesce("decided_on", "due_on"),
        gettext_lazy("%(state)s: date stated for the %(what)s, %(day)s"),
        "#h-dates",
        _report,
    ),
    "request": DocumentSource(
        InformationRequest,
        "document",
        F("issued_on"),
        gettext_lazy("%(state)s: %(what)s, %(day)s"),
        "#h-requests",
        lambda row: RequestDocument(row["of_kind"]).label,
        {"series": Value(""), **NO_CYCLES},
    ),
    "action": DocumentSource(
        TreatyAction,
        "reference",
        F("date"),
        gettext_lazy("%(state)s: %(what)s (%(series)s), %(day)s"),
        "#h-actions",
        lambda row: TreatyAction.Kind(row["of_kind"]).label,
        {"series": F("treaty_id"), **NO_CYCLES},
    ),
    "amendment": DocumentSource(
        Amendment,
        "document",
        F("proposed_on"),
        gettext_lazy("amendment to the %(series)s, proposed by %(state)s on %(day)s"),
        "",
        lambda row: "",
        {"of": F("proposed_by_id"), "of_kind": Value(""), "series": F("treaty_id"), **NO_CYCLES},
        title="title",
    ),
}


def find_documents(text: str, names: StateNames) -> list[Hit]:
    """The documents with a text in their symbol or title, the shortest symbols first.

    A symbol may be typed in part, in lower case, with spaces anywhere, also instead of strokes, and with letters of
    another keyboard that look the same. A document that several records of a State name is found once.
    """
    if not is_part(text):
        return []
    first, *others = (_rows(name, text) for name in SOURCES)
    # Several records name one document.
    rows = first.union(*others, all=True).order_by("length", "sign", "of", "record")[: 4 * MOST_COUNTED]
    shown_first = list(SOURCES).index
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["length"], shown_first(row["record"]))):
        found.setdefault((row["of"], row["sign"] or row["heading"]), row)
    return [_hit(row, text, names) for row in found.values()]


def _rows(name: str, text: str) -> QuerySet[Any, dict[str, Any]]:
    """The records of one source that match, in the columns that all sources share."""
    source = SOURCES[name]
    by_symbol = reduce(or_, (Q(**{f"{source.symbol}__icontains": form}) for form in _forms(text)))
    columns = {
        "of": F("state_id"),
        "of_kind": F("kind"),
        "series": F("carried_by"),
        "first": F("first_cycle"),
        "last": F("last_cycle"),
        **source.columns,
    }
    return (
        source.model._default_manager.filter(
            by_symbol | contains(text, "title") if source.title else by_symbol
        )
        .order_by()
        .values(
            record=Value(name),
            row=F("pk"),
            sign=F(source.symbol),
            heading=F(source.title) if source.title else Value(""),
            day=source.day,
            length=Case(
                When(by_symbol, then=Length(source.symbol)),
                default=Value(NO_SYMBOL),
                output_field=SmallIntegerField(),
            ),
            **columns,
        )
    )


def _forms(text: str) -> set[str]:
    """A text as a symbol may have it: in its letters, without spaces, with strokes for spaces."""
    typed = as_symbol(text)
    return {typed, re.sub(r"\s", "", typed), re.sub(r"[\s/]+", "/", typed)}


def _hit(row: dict[str, Any], text: str, names: StateNames) -> Hit:
    source = SOURCES[row["record"]]
    title = row["sign"] or row["heading"]
    note = source.note % {
        "state": names.names.get(row["of"], row["of"]),
        "what": source.what(row),
        "series": row["series"],
        "day": in_words(row["day"]) if row["day"] else _("not known"),
    }
    address = (
        reverse("state", args=[row["of"]]) + source.place
        if source.place
        else reverse("amendment", args=[row["row"]])
    )
    return Hit(
        title,
        address,
        f"{note} · {row['heading']}" if row["heading"] not in ("", title) else note,
        exact=row["sign"].casefold() in {form.casefold() for form in _forms(text)},
    )
