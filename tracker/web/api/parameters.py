"""Query parameters: each is parsed, checked and described in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from tracker.obligations.derive import horizon
from tracker.registry.models import State
from tracker.rules.entry_into_force import CRC_ADOPTED
from tracker.web.api.problems import ApiProblem

Schema = dict[str, Any]
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
WHOLE = re.compile(r"[0-9]{1,4}")
USUAL_LIMIT, MOST_ROWS = 200, 1000
MOST_SHOWN = 60  # characters of a wrong value that are repeated in the error


class Wrong(ValueError):
    """An invalid value, with what to write instead."""


@dataclass(frozen=True)
class Parameter:
    """A query parameter.

    Attributes:
        says: its meaning, for the description and the page.
        schema: one value of it, as JSON Schema.
        read: returns the value, or raises Wrong.
        many: may be repeated.
    """

    name: str
    says: str | Promise
    schema: Schema
    read: Callable[[str], Any]
    many: bool = False


def read_all(parameters: Iterable[Parameter], query: QueryDict) -> dict[str, Any]:
    """The values by name: None for a missing one, a list for repeatable ones.

    Raises:
        ApiProblem: 400 that names the first parameter which is unknown, doubled or wrong.
    """
    known = {one.name: one for one in parameters}
    for name in query:
        if name not in known:
            raise ApiProblem(
                400,
                _("There is no parameter “%(name)s” here; use one of: %(known)s.")
                % {"name": _short(name), "known": ", ".join(known)},
                parameter=_short(name),
            )
    return {name: _read(one, query.getlist(name)) for name, one in known.items()}


def _read(parameter: Parameter, raw: Sequence[str]) -> Any:
    if len(raw) > 1 and not parameter.many:
        raise ApiProblem(
            400,
            _("“%(name)s” appears %(n)d times; give it once.") % {"name": parameter.name, "n": len(raw)},
            parameter=parameter.name,
        )
    try:
        values = [parameter.read(one) for one in raw]
    except Wrong as error:
        raise ApiProblem(400, f"{parameter.name}: {error}", parameter=parameter.name) from None
    return values if parameter.many else next(iter(values), None)


def _short(text: str) -> str:
    """The given value for an error message: shortened, without control characters."""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:MOST_SHOWN])
    return shown + "…" if len(text) > MOST_SHOWN else shown


# --- days, words, numbers ------------------------------------------------------------------------


def day(name: str, says: str | Promise) -> Parameter:
    """A calendar date, from the adoption of the CRC to the last day for which obligations are derived."""

    def read(raw: str) -> date:
        first, last = CRC_ADOPTED, horizon(timezone.localdate())
        try:
            found = date.fromisoformat(raw) if DAY.fullmatch(raw) else None
        except ValueError:
            found = None
        if found is None:
            raise Wrong(
                _("“%(raw)s” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23.")
                % {"raw": _short(raw)}
            )
        if not first <= found <= last:
            raise Wrong(
                _("“%(raw)s” is out of range; choose a day from %(first)s to %(last)s.")
                % {"raw": raw, "first": first.isoformat(), "last": last.isoformat()}
            )
        return found

    return Parameter(name, says, {"type": "string", "format": "date"}, read)


def choice(name: str, says: str | Promise, values: Iterable[str], *, many: bool = True) -> Parameter:
    """One of several words; any of several if the parameter may be repeated."""
    known = [str(one) for one in values]

    def read(raw: str) -> str:
        if raw not in known:
            raise Wrong(
                _("“%(raw)s” is not known; choose from: %(known)s.")
                % {"raw": _short(raw), "known": ", ".join(known)}
            )
        return raw

    return Parameter(name, says, {"type": "string", "enum": known}, read, many)


def _code(raw: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", raw):
        raise Wrong(
            _("“%(raw)s” is not an alpha-3 code; write three capital letters, for example NOR.")
            % {"raw": _short(raw)}
        )
    return raw


STATES = Parameter(
    "state",
    gettext_lazy("Only this State, by its alpha-3 code; may be repeated."),
    {"type": "string", "pattern": "^[A-Z]{3}$"},
    _code,
    many=True,
)


def recorded(codes: Sequence[str]) -> None:
    """Refuses codes of States that are not recorded here, as the commands do.

    Raises:
        ApiProblem: 400 that names the first of them.
    """
    known = set(State.objects.filter(pk__in=codes).values_list("pk", flat=True)) if codes else set()
    for code in codes:
        if code not in known:
            raise ApiProblem(
                400,
                _("state: “%(code)s” is not the alpha-3 code of a State that is recorded here.")
                % {"code": code},
                parameter=STATES.name,
            )


def _rows(raw: str) -> int:
    if not (WHOLE.fullmatch(raw) and 1 <= int(raw) <= MOST_ROWS):
        raise Wrong(
            _("“%(raw)s” is out of range; write a whole number from 1 to %(most)d.")
            % {"raw": _short(raw), "most": MOST_ROWS}
        )
    return int(raw)


AS_OF = day("as_of", gettext_lazy("Count only records dated up to this day; default: today."))
LIMIT = Parameter(
    "limit",
    gettext_lazy("Rows on a page."),
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_LIMIT},
    _rows,
)
AFTER = Parameter(
    "after",
    gettext_lazy("Where the previous page ended; take it from its “next”."),
    {"type": "string"},
    lambda raw: raw,  # `place_of` reads it: only the resource knows its key
)


# --- pages ---------------------------------------------------------------------------------------


def mark_of(resource: str, key: Sequence[Any]) -> str:
    """The position after a row, signed, so that only our own marks of the same list are accepted.

    The same position always has the same mark, so that an unchanged response stays unchanged.
    """
    return _signer(resource).sign_object([one.isoformat() if isinstance(one, date) else one for one in key])


def place_of(resource: str, mark: str) -> list[Any]:
    """The key of the row in a mark.

    Raises:
        ApiProblem: 400 if the mark is not ours.
    """
    try:
        key: list[Any] = _signer(resource).unsign_object(mark)
    except signing.BadSignature:
        raise ApiProblem(
            400,
            _("after: not a position in this list. Start without it and follow “next”."),
            parameter=AFTER.name,
        ) from None
    return key


def _signer(resource: str) -> signing.Signer:
    return signing.Signer(salt=f"tracker.web.api {resource}")


def beyond(rows: QuerySet[Any], order: Sequence[str], key: Sequence[Any]) -> QuerySet[Any]:
    """The rows after a key, found by value, so that rows inserted before it shift no page."""
    later = Q()
    for at, name in enumerate(order):
        same: Mapping[str, Any] = dict(zip(order[:at], key[:at], strict=True))
        later |= Q(**same, **{f"{name}__gt": key[at]})
    # A condition on the first column alone too, so that an index can be used.
    return rows.filter(later, **{f"{order[0]}__gte": key[0]})
