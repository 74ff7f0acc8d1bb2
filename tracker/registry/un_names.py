"""The names of States in the six official languages of the United Nations, and their order in each.

In English a State is called as it is recorded, which the office may edit. The other names, and all formal names, are in
`data/un_names.csv`. A State that is missing there is shown by its English name.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

from django.core import checks
from django.db.models import Expression, F, QuerySet, Value
from django.db.models.functions import Concat, StrIndex

from tracker.languages.known import ENGLISH, LANGUAGES, current

FILE = Path(__file__).parent / "data" / "un_names.csv"
MOST_NAMED = 5  # States in a warning
LAST = 10_000  # the place of a State that has no name in a language


@dataclass(frozen=True, slots=True)
class UNName:
    """The names of one State in one language.

    Attributes:
        short: for lists and sentences.
        with_article: the same with its article, behind it in brackets.
        formal: with its article; empty if it is not known.
        m49: as in the UN statistical standard M49.
        order: its place among all States of this language, from 1.
    """

    short: str
    with_article: str
    formal: str
    m49: str
    order: int

    @property
    def spellings(self) -> Iterable[str]:
        """All forms; also “l'Angola” for “Angola (l')”."""
        before, bracket, article = self.with_article.partition(" (")
        joined = article.rstrip(")") + before if bracket and article.endswith(("')", "’)")) else ""
        return filter(None, (self.short, self.with_article, joined, self.formal, self.m49))


@cache
def un_names() -> dict[str, dict[str, UNName]]:
    """The names by code of the language and alpha-3; the States of each language in its order."""
    found: dict[str, dict[str, UNName]] = {}
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in sorted(csv.DictReader(file), key=lambda row: int(row["order"])):
            found.setdefault(row["lang"], {})[row["iso3"]] = UNName(
                row["short"], row["short_with_article"], row["formal"], row["m49"], int(row["order"])
            )
    return found


def shown_name(iso3: str, recorded: str) -> str:
    """The name of a State in the active language.

    Args:
        recorded: its English name.
    """
    language = current()
    known = None if language == ENGLISH else un_names().get(language.code, {}).get(iso3)
    return known.short if known else recorded


def formal_name(iso3: str) -> str:
    """The formal name of a State in the active language, with its article; empty if it is not known."""
    known = un_names().get(current().code, {}).get(iso3)
    return known.formal if known else ""


def place(iso3: str, sort_name: str) -> str | int:
    """What rows in Python are sorted by, to have States in the order of the active language.

    Args:
        sort_name: its English name to sort by.
    """
    language = current()
    if language == ENGLISH or language.code not in un_names():
        return sort_name
    known = un_names()[language.code].get(iso3)
    return known.order if known else LAST


def names_of_states(states: QuerySet[Any]) -> dict[str, str]:
    """The names of some States in the active language by alpha-3, in its order."""
    rows = states.order_by(StateOrder(), "pk").values_list("pk", "name")
    return {iso3: shown_name(iso3, name) for iso3, name in rows}


class StateOrder(Expression):
    """The same as a term of `order_by`. It reads no table: the codes are one text, and a code's place in it counts.

    Args:
        path: from the rows to their State, as `order_by` writes it; empty for the rows of States.
    """

    def __init__(self, path: str = "") -> None:
        super().__init__()
        self.path = path

    def prefix_references(self, prefix: str) -> Self:
        """The same term from rows that refer to these, for a default order."""
        return type(self)("__".join(filter(None, (prefix.removesuffix("__"), self.path))))

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        """The term for the language that is active when the query is made."""
        prefix = f"{self.path}__" if self.path else ""
        language = current()
        if language == ENGLISH or language.code not in un_names():
            return F(f"{prefix}sort_name").resolve_expression(*args, **kwargs)
        code = F(f"{prefix}pk")
        # A State that is missing in the text is found at its end.
        codes = Concat(Value(" ".join(un_names()[language.code]) + " "), code)
        return StrIndex(codes, code).resolve_expression(*args, **kwargs)


def missing_names(codes: Iterable[str]) -> list[checks.CheckMessage]:
    """A warning for the States without a name in a language; one for all languages that lack the same."""
    known, lacking = set(codes), dict[tuple[str, ...], list[str]]()
    for code in sorted(one.code for one in LANGUAGES if one != ENGLISH):
        if missing := tuple(sorted(known - un_names().get(code, {}).keys())):
            lacking.setdefault(missing, []).append(code)
    found: list[checks.CheckMessage] = []
    for missing, languages in lacking.items():
        more = f" and {len(missing) - MOST_NAMED} more States" if len(missing) > MOST_NAMED else ""
        line = (
            f"{FILE.name} has no name for {', '.join(missing[:MOST_NAMED])}{more} in {', '.join(languages)}: "
            f"the English name is shown. Add it to {FILE}."
        )
        found.append(checks.Warning(line, id="tracker.W002"))
    return found
