"""No State gets a sentence that no competent person would sign."""

from pathlib import Path

import pytest

from tracker.languages import catalogues, known, readiness
from tracker.languages.readiness import Way, way_of

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
    entries: list[str], way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(HEAD + "\n".join(entries))
    monkeypatch.setattr(known, "LOCALE", tmp_path)
    for cached in (catalogues.catalogue, readiness.way_of):
        cached.cache_clear()
    try:
        assert way_of("fr") == way
        assert way_of("es") == Way.ENGLISH  # it has no catalogue
        assert way_of("en") == Way.OWN
    finally:
        for cached in (catalogues.catalogue, readiness.way_of):
            cached.cache_clear()
