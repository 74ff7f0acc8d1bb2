"""The catalogues of translations: read, checked, and compiled to the files that Django opens.

`python -m tracker.languages.catalogues` compiles those that changed; `run.py setup` calls it. Each text has its
origin, and belongs to one of three scopes: what States read in mails, what the public reads, what staff read.
"""

from __future__ import annotations

import copy
import gettext
import io
import os
import re
import sys
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

from tracker.languages.faults import PluralRule, faults
from tracker.languages.known import ENGLISH, LANGUAGES, Locale

FILE = "django.po"
COMPILED = "django.mo"


class Scope(StrEnum):
    """Who reads a text."""

    MAIL = "mail"
    PUBLIC = "public"
    STAFF = "staff"


# By where a text stands in the sources: the first that fits. A text that stands in several has the first scope of any.
SCOPES = (
    (
        Scope.MAIL,
        (
            r"templates/reminders/reminder|templates/web/reminders/answer|tracker/reminders/(wording|calendar|messages|links)\.py"
            r"|tracker/web/reminders/answer|tracker/web/languages/link_pages|tracker/rules/|tracker/languages/writing|tracker/obligations/wording"
            r"|tracker/obligations/models/obligations|tracker/correspondence/text/|tracker/registry/values|tracker/web/ui/form_fields"
        ),
    ),
    (Scope.PUBLIC, r"templates/(public|reports)/|tracker/web/(public|reports)/|tracker/obligations/queries/"),
    (Scope.STAFF, r""),
)


class Origin(StrEnum):
    """Where a translation comes from: `# origin: …` in the catalogue.

    A document or a person follows with its name: "UN document CRC/C/OPSC/TGO/CO/1", "person Ana Ruiz 2026-12-01".
    """

    CERTIFIED = "certified"
    DOCUMENT = "UN document"
    PERSON = "person"
    WRITTEN = "written"  # for this product, to the style of UN documents; nobody has confirmed it yet
    MACHINE = "machine"


CONFIRMED = frozenset({Origin.CERTIFIED, Origin.DOCUMENT, Origin.PERSON})
_ORIGIN = re.compile(rf"origin: ({'|'.join(Origin)})(?: (.+))?")


class BadCatalogue(Exception):
    """A catalogue that cannot be used; the text names the file and the entry."""


@cache
def catalogue(language: Locale) -> Catalog:
    """The catalogue of a language, as its file has it.

    Raises:
        BadCatalogue: there is none, or it cannot be read.
    """
    path = language.folder / FILE
    try:
        with path.open("rb") as file:
            return read_po(file, abort_invalid=True)
    except FileNotFoundError:
        raise BadCatalogue(f"{path} is missing: {language.name} has no texts") from None
    except Exception as error:
        raise BadCatalogue(f"{path} cannot be read: {error}") from error


def messages(language: Locale) -> Iterator[Message]:
    """The texts of a catalogue, without its head."""
    return (one for one in catalogue(language) if one.id)


def places_of(message: Message) -> tuple[str, ...]:
    """The files that a text stands in, those first that decide who reads it."""
    fits = dict(SCOPES)[scope_of(message)]
    places = dict.fromkeys(place for place, _line in message.locations)
    return tuple(sorted(places, key=lambda place: not re.match(fits, place)))


def english_of(message: Message) -> tuple[str, str]:
    """A text and its plural, which is empty if there is none."""
    return (
        (str(message.id[0]), str(message.id[1])) if isinstance(message.id, tuple) else (str(message.id), "")
    )


def forms_of(message: Message) -> tuple[str, ...]:
    """The translation: all plural forms, or the one text."""
    string = message.string
    return tuple(map(str, string)) if isinstance(string, tuple) else (str(string or ""),)


@cache
def rule_of(found: Catalog) -> PluralRule:
    """The plural forms of a catalogue, as its head has them.

    Raises:
        BadCatalogue: the head has no rule that can be used.
    """
    try:
        return PluralRule(found.num_plurals, gettext.c2py(found.plural_expr))
    except ValueError as error:
        raise BadCatalogue(f"its Plural-Forms cannot be used: {error}") from None


def faulty(language: Locale) -> Iterator[tuple[Message, str]]:
    """The texts whose translation cannot stand for the English, each with what is wrong, in English.

    Raises:
        BadCatalogue: the catalogue cannot be used at all.
    """
    rule = rule_of(catalogue(language))
    for message in messages(language):
        if not message.fuzzy and (
            wrong := list(faults(*english_of(message), message.context or "", forms_of(message), rule))
        ):
            yield message, " ".join(map(str, wrong))


def scope_of(message: Message) -> Scope:
    """Who reads a text."""
    places = [place for place, _line in message.locations]
    for scope, fits in SCOPES:
        if any(re.match(fits, place) for place in places):
            return scope
    return Scope.STAFF


def origin_of(message: Message) -> tuple[Origin, str]:
    """Where a translation comes from, and the name of the document or the person; machine where it is not said."""
    for comment in message.user_comments:
        if found := _ORIGIN.fullmatch(comment.strip()):
            return Origin(found[1]), found[2] or ""
    return Origin.MACHINE, ""


def translations(language: Locale) -> Iterator[tuple[str, str]]:
    """The texts of the compiled catalogue that have one form, each with its translation; none before it is compiled."""
    path = language.folder / COMPILED
    if not path.exists():
        return
    with path.open("rb") as file:
        for one in read_mo(file):
            if isinstance(one.id, str) and isinstance(one.string, str) and one.id and one.string:
                yield one.id, one.string


def translated() -> tuple[Locale, ...]:
    """The languages that have a catalogue; English is the language of the sources."""
    return tuple(one for one in LANGUAGES if one != ENGLISH)


def is_fresh(language: Locale) -> bool:
    """Whether the compiled file was made from the catalogue as it is now: `compile_one` gives it the same time.

    A newer one is not enough. A release may be older than what was compiled here of the release before it.
    """
    source, made = language.folder / FILE, language.folder / COMPILED
    return made.exists() and made.stat().st_mtime_ns == source.stat().st_mtime_ns


def compile_one(language: Locale) -> list[str]:
    """Writes the file that Django opens; whole, or not at all.

    A faulty text is left out, so that it is shown in English and breaks no page.

    Returns:
        a line for each text that is left out.
    """
    sound, said = copy.deepcopy(catalogue(language)), []
    for message, wrong in faulty(language):
        sound.delete(message.id, context=message.context)
        said.append(line_about(language, message, wrong))
    content = io.BytesIO()
    write_mo(content, sound)
    replace(language.folder / COMPILED, content.getvalue())
    at = (language.folder / FILE).stat().st_mtime_ns
    os.utime(language.folder / COMPILED, ns=(at, at))
    return said


def line_about(language: Locale, message: Message, wrong: str) -> str:
    """What is wrong with a text, in one line that names its place."""
    english = " ".join(english_of(message)[0].split())
    return f"{language.folder / FILE}, line {message.lineno}, “{english[:60]}” is shown in English. {wrong}"


def replace(path: Path, content: bytes) -> None:
    """Writes a file so that a reader sees either the old or the new content."""
    part = path.with_suffix(f".{os.getpid()}")
    part.write_bytes(content)
    part.replace(path)


def written(found: Catalog) -> bytes:
    """A catalogue as its file has it: sorted by where the texts stand, without numbers of lines, which change often."""
    content = io.BytesIO()
    write_po(content, found, width=120, sort_by_file=True, include_lineno=False, omit_header=False)
    return content.getvalue()


def main() -> None:
    for language in translated():
        if not is_fresh(language):
            for line in compile_one(language):
                sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
