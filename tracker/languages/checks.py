"""What `manage.py check` says of the catalogues. Every command looks at the files alone, which costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import django
from django.core import checks

from tracker.languages.catalogues import (
    COMPILED,
    FILE,
    BadCatalogue,
    catalogue,
    faulty,
    is_fresh,
    line_about,
    rule_of,
    translated,
)
from tracker.languages.known import Locale

MOST_NAMED = 20  # faulty texts of a language


@checks.register(checks.Tags.translation)
def check_files(app_configs: Any, **more: Any) -> list[checks.CheckMessage]:
    """Warns of a catalogue that is missing, and of a compiled file that is not made from it."""
    found: list[checks.CheckMessage] = []
    for language in translated():
        if not (language.folder / FILE).exists():
            said = f"{language.folder / FILE} is missing: pages and mails in {language.name} are in English."
            found.append(checks.Warning(said, id="languages.W001"))
        elif not is_fresh(language):
            said = f"{language.folder / COMPILED} is missing or not of this {FILE}: run “make setup”."
            found.append(checks.Warning(said, id="languages.W002"))
    return found


def check_texts(app_configs: Any, **more: Any) -> list[checks.CheckMessage]:
    """Reads each catalogue and compares each translation to its English. Only `manage.py check` does so."""
    found: list[checks.CheckMessage] = []
    for language in translated():
        if not (language.folder / FILE).exists():
            continue  # which `check_files` says
        try:
            lines = list(_lines(language))
        except BadCatalogue as error:
            found.append(checks.Error(str(error), id="languages.E001"))
            continue
        found += [checks.Error(line, id="languages.E002") for line in lines[:MOST_NAMED]]
        if is_fresh(language) and not _opens(language):
            said = f"{language.folder / COMPILED} cannot be read: delete it, and run “make setup”."
            found.append(checks.Error(said, id="languages.E003"))
        if more_lines := len(lines[MOST_NAMED:]):
            found.append(checks.Error(f"{language.name}: and {more_lines} more.", id="languages.E002"))
    return found


def _lines(language: Locale) -> Iterator[str]:
    """What is wrong with a catalogue, line by line."""
    ours, theirs = rule_of(catalogue(language)).count, forms_of_django(language)
    if theirs and ours != theirs:
        yield f"{language.folder / FILE} has {ours} plural forms, and Django has {theirs} for {language.name}."
    for message, wrong in faulty(language):
        yield line_about(language, message, wrong)


def _opens(language: Locale) -> bool:
    """Whether Django can read the compiled file; no page would work otherwise."""
    try:
        with (language.folder / COMPILED).open("rb") as file:
            GNUTranslations(file)
    except Exception:  # noqa: BLE001 - of a file that was cut off, anything can be wrong
        return False
    return True


def forms_of_django(language: Locale) -> int:
    """How many plural forms Django's own catalogue of a language has; 0 if there is none."""
    own = Path(django.__file__).parent / "conf" / "locale" / language.folder.parent.name
    try:
        with (own / "LC_MESSAGES" / COMPILED).open("rb") as file:
            head = GNUTranslations(file).info().get("plural-forms", "")
    except OSError:
        return 0
    number = head.partition("nplurals=")[2].partition(";")[0].strip()
    return int(number) if number.isdecimal() else 0
