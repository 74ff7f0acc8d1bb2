"""No State gets a sentence that no competent person would sign."""

from pathlib import Path
from typing import Any

import pytest

from tests.languages.own import catalogues_in
from tracker.languages.readiness import Way, by_machine, way_of

HEAD = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)
MAIL, STAFF = "#: templates/reminders/reminder.txt\n", "#: templates/base.html\n"


@pytest.mark.parametrize(
    ("entries", "way"),
    [
        (["# origin: person Ana Ruiz 2026-12-01\n" + MAIL + 'msgid "a"\nmsgstr "A"\n'], Way.OWN),
        (["# origin: UN document CRC/C/OPSC/TGO/CO/1\n" + MAIL + 'msgid "a"\nmsgstr "A"\n'], Way.OWN),
        (["# origin: written\n" + MAIL + 'msgid "a"\nmsgstr "A"\n'], Way.BOTH),
        (["# origin: machine\n" + MAIL + 'msgid "a"\nmsgstr "A"\n'], Way.ENGLISH),
        ([MAIL + 'msgid "a"\nmsgstr "A"\n'], Way.ENGLISH),  # it does not say where it comes from
        (["# origin: certified\n" + MAIL + 'msgid "a"\nmsgstr ""\n'], Way.ENGLISH),
        (
            ["# origin: certified\n" + MAIL + 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "A"\nmsgstr[1] ""\n'],
            Way.ENGLISH,
        ),
        # What only staff read does not matter.
        (
            ["# origin: certified\n" + MAIL + 'msgid "a"\nmsgstr "A"\n', STAFF + 'msgid "b"\nmsgstr "B"\n'],
            Way.OWN,
        ),
        # One text that is not confirmed decides for the whole mail.
        (
            [
                "# origin: certified\n" + MAIL + 'msgid "a"\nmsgstr "A"\n',
                "# origin: written\n" + MAIL + 'msgid "b"\nmsgstr "B"\n',
            ],
            Way.BOTH,
        ),
    ],
)
def test_the_weakest_text_decides_how_a_state_is_written_to(
    entries: list[str], way: Way, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    french(tmp_path, *entries)
    with catalogues_in(tmp_path, settings, monkeypatch):
        assert way_of("fr") == way
        assert way_of("es") == Way.ENGLISH  # it has no catalogue
        assert way_of("en") == Way.OWN


def test_only_what_a_machine_made_and_nobody_confirmed_is_by_machine(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    french(
        tmp_path,
        "# origin: machine\n" + STAFF + 'msgid "a"\nmsgstr "A"\n',
        STAFF + 'msgid "b"\nmsgstr "B"\n',  # it does not say where it comes from
        "# origin: written\n" + STAFF + 'msgid "c"\nmsgstr "C"\n',
        "# origin: machine\n" + STAFF + 'msgid "d"\nmsgstr ""\n',
    )
    with catalogues_in(tmp_path, settings, monkeypatch):
        assert by_machine("fr") == {"A", "B"}
        assert by_machine("en") == by_machine("es") == frozenset()


CERTIFIED = "# origin: certified\n" + MAIL


@pytest.mark.parametrize(
    "entry",
    [
        CERTIFIED + 'msgid "due %(day)s"\nmsgstr "attendu le %(jour)s"\n',
        CERTIFIED + 'msgid "a %(n)s"\nmsgid_plural "b %(n)s"\nmsgstr[0] "A %(n)s"\nmsgstr[1] "B"\n',
    ],
)
def test_a_faulty_text_is_shown_in_english_so_no_mail_is_in_the_language(
    entry: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    french(tmp_path, CERTIFIED + 'msgid "a"\nmsgstr "A"\n', entry)
    with catalogues_in(tmp_path, settings, monkeypatch):
        assert way_of("fr") == Way.ENGLISH


def test_a_catalogue_that_was_not_compiled_is_not_shown_so_no_mail_is_in_the_language(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = french(tmp_path, CERTIFIED + 'msgid "due"\nmsgstr "attendu"\n')
    with catalogues_in(tmp_path, settings, monkeypatch, compiled=False):
        assert way_of("fr") == Way.ENGLISH
    with catalogues_in(tmp_path, settings, monkeypatch):
        assert way_of("fr") == Way.OWN
    path.write_text(path.read_text().replace("attendu", "attendu le"))  # a new release that was not compiled
    with catalogues_in(tmp_path, settings, monkeypatch, compiled=False):
        assert way_of("fr") == Way.ENGLISH


def french(folder: Path, *entries: str) -> Path:
    path = folder / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + "\n".join(entries))
    return path
