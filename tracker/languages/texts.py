"""The texts of a language as they are shown: those of its catalogue, and above them what people have confirmed.

Each process keeps them in its memory. `refresh` asks the database whether a person has changed one, in one query; the
web does so at most once a minute (`refresh_if_due`), and each run that sends mail does so before it writes the first.
"""

from __future__ import annotations

import gettext
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from babel.messages.catalog import Catalog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Max
from django.utils.translation import trans_real

from tracker.languages import cached
from tracker.languages.catalogues import (
    CONFIRMED,
    BadCatalogue,
    Origin,
    Scope,
    catalogue,
    english_of,
    forms_of,
    origin_of,
    places_of,
    rule_of,
    scope_of,
)
from tracker.languages.faults import PluralRule, faults
from tracker.languages.known import LANGUAGES, Locale
from tracker.languages.models import ConfirmedText

log = logging.getLogger(__name__)
SEPARATOR = "\x04"  # between a context and a text, as gettext has it


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text with its translation.

    Attributes:
        key: of the English, its plural and its context together, in addresses.
        forms: the translation: all plural forms, or the one text. All are empty if there is none.
        origin, source: where the translation comes from, and the name of the document or person.
        scope: who reads it.
        places: the files that it stands in.
        notes: for translators.
        catalogued: the translation in the catalogue.
        confirmed: what a person has confirmed of it here; None if the catalogue's translation is shown.
    """

    key: str
    context: str
    english: str
    plural: str
    forms: tuple[str, ...]
    origin: Origin
    source: str
    scope: Scope
    places: tuple[str, ...]
    notes: tuple[str, ...]
    catalogued: tuple[str, ...]
    confirmed: ConfirmedText | None = None

    @property
    def is_missing(self) -> bool:
        return not all(self.forms)

    @property
    def status(self) -> str:
        """ "confirmed", "written", "machine" or "missing"."""
        if self.is_missing:
            return "missing"
        return "confirmed" if self.origin in CONFIRMED else str(self.origin)

    @property
    def version(self) -> str:
        """A mark of the translation as it is shown; another one after any change."""
        shown = repr((self.forms, str(self.origin), self.source))
        return hashlib.sha256(shown.encode()).hexdigest()[:16]


def key_of(context: str, english: str, plural: str) -> str:
    """The key of a text: sixteen hexadecimal digits."""
    return hashlib.sha256(f"{context}\0{english}\0{plural}".encode()).hexdigest()[:16]


@lru_cache(maxsize=len(LANGUAGES))
def _in_catalogue(found: Catalog) -> Mapping[str, ShownText]:
    texts = {}
    for one in found:
        if not one.id:
            continue
        english, plural = english_of(one)
        forms = forms_of(one)
        if one.fuzzy:  # of a text that was only alike; nobody is shown it
            forms = ("",) * len(forms)
        context = one.context or ""
        key = key_of(context, english, plural)
        texts[key] = ShownText(
            key,
            context,
            english,
            plural,
            forms,
            *origin_of(one),
            scope_of(one),
            places_of(one),
            tuple(one.auto_comments),
            forms,
        )
    return texts


# --- above the catalogue ---------------------------------------------------------------------------


class _Overlay:
    """What people have confirmed, as this process last read it.

    Attributes:
        rows: by language and key.
        newest: the number of the newest change that was read, and of how many; zeros before the first. Of two people
            who save at once, the one with the lower number may be the later.
        looked: when the database was asked last, in seconds.
        merged: the texts of a language with its catalogue, and the catalogue that they were merged with.
        shares: how many texts there are of each kind, and the texts that were counted.
    """

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, ConfirmedText]] = {}
        self.newest = (0, 0)
        self.looked = float("-inf")
        self.merged: dict[str, tuple[Catalog, Mapping[str, ShownText]]] = {}
        self.shares: dict[str, tuple[Mapping[str, ShownText], dict[Scope, Counter[str]]]] = {}


_overlay = _Overlay()


def texts_of(language: Locale) -> Mapping[str, ShownText]:
    """The texts of a language by their keys, in the order of the catalogue.

    Raises:
        BadCatalogue: it has none, or one that cannot be read.
    """
    found = catalogue(language)
    known = _overlay.merged  # another one after a change, which another thread may read just now
    merged = known.get(language.code)
    if merged is None or merged[0] is not found:
        texts = _in_catalogue(found)
        merged = found, {**texts, **_applied(language, texts, rule_of(found))}
        known[language.code] = merged
    return merged[1]


def _applied(language: Locale, texts: Mapping[str, ShownText], rule: PluralRule) -> dict[str, ShownText]:
    """The confirmed texts that are shown: not those whose English or whose plural rule has changed since."""
    applied = {}
    for key, row in _overlay.rows.get(language.code, {}).items():
        text, forms = texts.get(key), tuple(row.forms)
        if text and all(forms) and not any(faults(text.english, text.plural, text.context, forms, rule)):
            applied[key] = replace(
                text,
                forms=forms,
                origin=Origin.PERSON,
                source=f"{row.by} {row.on.isoformat()}",
                confirmed=row,
            )
    return applied


def outdated(language: Locale) -> list[ConfirmedText]:
    """What people confirmed of texts whose English has changed since; nobody is shown it."""
    shown = texts_of(language)
    rows = _overlay.rows.get(language.code, {})
    return [row for key, row in rows.items() if key not in shown or shown[key].confirmed is not row]


def shares(language: Locale) -> dict[Scope, Counter[str]]:
    """How many texts of each scope are confirmed, written, machine-made or missing."""
    texts = texts_of(language)
    known = _overlay.shares.get(language.code)
    if known is None or known[0] is not texts:  # the foot of each page asks
        counted: dict[Scope, Counter[str]] = {scope: Counter() for scope in Scope}
        for text in texts.values():
            counted[text.scope][text.status] += 1
        known = _overlay.shares[language.code] = (texts, counted)
    return known[1]


def percent_confirmed(language: Locale) -> int:
    """The share of the texts that people have confirmed, in whole per cent; 100 only if it is all of them."""
    counted = sum(shares(language).values(), Counter())
    return 100 * counted["confirmed"] // max(1, counted.total())


# --- reading what has changed ------------------------------------------------------------------------


def refresh_if_due() -> None:
    """Reads what people have changed, at most every `CONFIRMED_TEXTS_READ_EVERY` seconds; a failure is logged."""
    every = settings.CONFIRMED_TEXTS_READ_EVERY
    if every is None or time.monotonic() - _overlay.looked < every:
        return
    _overlay.looked = (
        time.monotonic()
    )  # before asking, so that a database that is down is asked no more often
    try:
        refresh()
    except DatabaseError as error:
        log.warning("the confirmed texts could not be read: %s", error)


def refresh() -> bool:
    """Reads the confirmed texts if one has changed since they were read; returns whether one has."""
    found = ConfirmedText.history.aggregate(newest=Max("history_id"), many=Count("history_id"))
    newest = (found["newest"] or 0, found["many"])
    _overlay.looked = time.monotonic()
    if newest == _overlay.newest:
        return False
    _put_overlay(ConfirmedText.objects.order_by("pk"), newest)
    return True


def forget() -> None:
    """Shows the catalogues alone, until the confirmed texts are read again."""
    if any(_overlay.newest):
        _put_overlay((), (0, 0))
    _overlay.looked = float("-inf")


def _put_overlay(rows: Iterable[ConfirmedText], newest: tuple[int, int]) -> None:
    before, now = set(_overlay.rows), dict[str, dict[str, ConfirmedText]]()
    for row in rows:
        now.setdefault(row.language, {})[row.key] = row
    _overlay.rows, _overlay.newest, _overlay.merged = now, newest, {}
    for language in LANGUAGES:
        if language.code in before | set(_overlay.rows):
            try:
                _put_before_django(language)
            except BadCatalogue as error:  # what is said of it at start-up stays true
                log.warning("the confirmed texts are not shown: %s", error)
    cached.forget()


def _put_before_django(language: Locale) -> None:
    """Has Django find the confirmed texts before its own; a page that is half made stays as it began."""
    texts = [text for text in texts_of(language).values() if text.confirmed is not None]
    spoken: Any = trans_real.DjangoTranslation(language.in_django)
    if texts:
        spoken.merge(_Front(texts, rule_of(catalogue(language))))
    trans_real._translations[language.in_django] = spoken  # type: ignore[attr-defined]  # no public way to replace one


class _Front(gettext.NullTranslations):
    """Some texts, in the form in which Django takes a catalogue."""

    def __init__(self, texts: Iterable[ShownText], rule: PluralRule) -> None:
        super().__init__()
        self.plural = rule.form_of
        self._catalog: dict[Any, str] = {}
        for text in texts:
            name = f"{text.context}{SEPARATOR}{text.english}" if text.context else text.english
            if text.plural:
                self._catalog |= {(name, at): form for at, form in enumerate(text.forms)}
            else:
                self._catalog[name] = text.forms[0]
