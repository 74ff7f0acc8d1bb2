"""What is wrong with a catalogue is said in one line, and breaks no page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tracker.languages import cached, catalogues, known
from tracker.languages.catalogues import BadCatalogue, compile_one
from tracker.languages.checks import check_files, check_texts
from tracker.languages.known import by_code
from tracker.languages.readiness import Way, way_of

HEAD = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Plural-Forms: nplurals=3; plural=%s;\\n"\n\n'
)
RULE = "(n < 2 ? 0 : 2)"
GOOD = 'msgid "%(day)s at noon"\nmsgstr "%(day)s à midi"\n'
FRENCH = by_code("fr")


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | bytes], Path]]:
    """Writes a French catalogue into a folder of its own, in which no other language has one."""
    monkeypatch.setattr(known, "LOCALE", tmp_path)
    monkeypatch.setattr("tracker.languages.checks.translated", lambda: (FRENCH,))
    FRENCH.folder.mkdir(parents=True)

    def write(entries: str | bytes, rule: str = RULE) -> Path:
        clear()
        path = FRENCH.folder / "django.po"
        path.write_bytes(entries if isinstance(entries, bytes) else (HEAD % rule + entries).encode())
        return path

    yield write
    clear()


def clear() -> None:
    catalogues.catalogue.cache_clear()
    cached.forget()


def said() -> list[str]:
    return [line.msg for line in (*check_files(None), *check_texts(None))]


def test_a_sound_catalogue_says_nothing_once_it_is_compiled(catalogue: Callable[..., Path]) -> None:
    path = catalogue(GOOD)
    made = path.with_suffix(".mo")
    assert said() == [f"{made} is missing or not of this django.po: run “make setup”."]
    assert compile_one(FRENCH) == []
    assert said() == []
    # A release may have been written before the file was compiled of the one before it.
    os.utime(path, (path.stat().st_mtime - 60, path.stat().st_mtime - 60))
    assert said() == [f"{made} is missing or not of this django.po: run “make setup”."]


def test_a_compiled_file_that_was_cut_off_is_named(catalogue: Callable[..., Path]) -> None:
    path = catalogue(GOOD)
    made = path.with_suffix(".mo")
    compile_one(FRENCH)
    made.write_bytes(made.read_bytes()[:40])
    shutil.copystat(path, made)
    assert said() == [f"{made} cannot be read: delete it, and run “make setup”."]


def test_a_missing_catalogue_is_english(catalogue: Callable[..., Path]) -> None:
    assert said() == [f"{FRENCH.folder}/django.po is missing: pages and mails in Français are in English."]
    assert way_of("fr") == Way.ENGLISH


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe", "cannot be read"),
        (b"Dear colleagues,", "cannot be read"),
        ((HEAD % "n +* 2").encode() + GOOD.encode(), "Plural-Forms cannot be used"),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_english_and_one_line(
    content: bytes, why: str, catalogue: Callable[..., Path]
) -> None:
    path = catalogue(content)
    path.with_suffix(".mo").touch()
    shutil.copystat(path, path.with_suffix(".mo"))
    (line,) = said()
    assert why in line
    assert "\n" not in line
    assert way_of("fr") == Way.ENGLISH
    with pytest.raises(BadCatalogue):
        compile_one(FRENCH)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ('msgid "a %(n)d"\nmsgstr "b"\n', "The placeholder %(n)d of the English is missing."),
        ('msgid "a %(n)d"\nmsgid_plural "as %(n)d"\nmsgstr[0] "b %(n)d"\n', "A plural form is empty: "),
    ],
)
def test_a_faulty_text_is_named_with_its_place_and_shown_in_english(
    entry: str, why: str, catalogue: Callable[..., Path]
) -> None:
    path = catalogue(GOOD + "\n" + entry)
    (line,) = compile_one(FRENCH)
    assert line.startswith(f"{path}, line 9, “a")
    assert why in line
    assert said() == [line]
    assert way_of("fr") == Way.ENGLISH


def test_too_few_plural_forms_are_compared_to_those_of_django(catalogue: Callable[..., Path]) -> None:
    path = catalogue(HEAD.replace("nplurals=3", "nplurals=4").encode() % b"0" + GOOD.encode())
    compile_one(FRENCH)
    # Django itself has two forms for French, or three since it counts whole millions.
    assert said() == [f"{path} has 4 plural forms, and Django has 3 for Français."]
