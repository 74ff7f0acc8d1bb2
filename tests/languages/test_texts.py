"""What people have confirmed goes before the catalogue, in pages and mails, and is undone as easily."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import gettext, ngettext, pgettext

from tests import factories
from tests.languages.own import catalogues_in
from tracker.languages import confirming, texts
from tracker.languages.confirming import TextsChanged
from tracker.languages.known import by_code, speaking
from tracker.languages.models import ConfirmedText
from tracker.languages.readiness import Way, version_of, way_of
from tracker.languages.texts import key_of, texts_of

pytestmark = pytest.mark.django_db
FRENCH = by_code("fr")
TODAY = date(2026, 11, 22)
SAVE = key_of("", "Save", "")


@pytest.fixture
def ada() -> Any:
    return factories.an_officer("ada", first_name="Ada", last_name="Lovelace")


def confirm(key: str, *forms: str, by: Any, note: str = "") -> list[int]:
    seen = texts_of(FRENCH)[key].version
    return confirming.confirm(FRENCH, {key: (forms, seen)}, by=by, on=TODAY, note=note)


def in_french(text: str) -> str:
    with speaking("fr"):
        return gettext(text)


def test_a_corrected_text_is_shown_at_once_and_says_who_confirmed_it(ada: Any) -> None:
    assert in_french("Save") == "Enregistrer"
    confirm(SAVE, "Sauvegarder", by=ada)
    assert in_french("Save") == "Sauvegarder"
    text = texts_of(FRENCH)[SAVE]
    assert (text.forms, text.status, text.source) == (
        ("Sauvegarder",),
        "confirmed",
        "Ada Lovelace 2026-11-22",
    )
    assert text.catalogued == ("Enregistrer",)


def test_context_and_plural_forms_are_those_of_the_language(ada: Any) -> None:
    version = key_of("", "%(n)s version", "%(n)s versions")
    month = key_of("month", "May", "")
    confirm(version, "%(n)s édition", "%(n)s d’éditions", "%(n)s éditions", by=ada)
    confirm(month, "mai (mois)", by=ada)
    with speaking("fr"):
        assert [ngettext("%(n)s version", "%(n)s versions", n) % {"n": n} for n in (0, 1, 2, 1_000_000)] == [
            "0 édition", "1 édition", "2 éditions", "1000000 d’éditions",
        ]  # fmt: skip
        assert (pgettext("month", "May"), pgettext("month after a day", "May")) == ("mai (mois)", "mai")


def test_another_process_reads_it_once_it_looks(ada: Any, settings: Any) -> None:
    confirm(SAVE, "Sauvegarder", by=ada)
    texts.forget()  # as a process that has not looked yet
    assert in_french("Save") == "Enregistrer"
    texts.refresh_if_due()
    assert in_french("Save") == "Enregistrer"  # the tests' pages do not look
    settings.CONFIRMED_TEXTS_READ_EVERY = 60
    texts.refresh_if_due()
    assert in_french("Save") == "Sauvegarder"


def test_looking_costs_one_query_a_minute(ada: Any, settings: Any, django_assert_num_queries: Any) -> None:
    settings.CONFIRMED_TEXTS_READ_EVERY = 60
    with django_assert_num_queries(1):
        texts.refresh_if_due()
        texts.refresh_if_due()


def test_what_was_undone_is_as_it_was(ada: Any) -> None:
    first = confirm(SAVE, "Sauvegarder", by=ada)
    second = confirm(SAVE, "Conserver", by=ada, note="shorter")
    assert confirming.undo(first, by=ada) == 0  # changed again since
    assert confirming.undo(second, by=ada) == 1
    assert (in_french("Save"), texts_of(FRENCH)[SAVE].status) == ("Sauvegarder", "confirmed")
    away = confirming.withdraw(FRENCH, SAVE, texts_of(FRENCH)[SAVE].version, by=ada)
    assert (in_french("Save"), texts_of(FRENCH)[SAVE].status) == ("Enregistrer", "machine")
    assert confirming.undo(away, by=factories.an_officer("ben")) == 0  # it is not hers
    assert confirming.undo(away, by=ada) == 1
    assert in_french("Save") == "Sauvegarder"


def test_undoing_the_first_confirmation_leads_back_to_the_catalogue(ada: Any) -> None:
    assert confirming.undo(confirm(SAVE, "Sauvegarder", by=ada), by=ada) == 1
    assert (in_french("Save"), ConfirmedText.objects.count()) == ("Enregistrer", 0)


@pytest.mark.parametrize("undoes", [True, False])
def test_who_waits_for_a_colleague_does_not_overwrite_the_correction(
    undoes: bool, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = confirm(SAVE, "Sauvegarder", by=ada)
    seen = texts_of(FRENCH)[SAVE].version
    locked = type(ConfirmedText.objects).select_for_update

    def after_a_colleague(manager: Any) -> Any:
        row = ConfirmedText.objects.get()
        row.forms, row.by = ["Garder"], "Ben"
        row.save()
        return locked(manager)

    monkeypatch.setattr(type(ConfirmedText.objects), "select_for_update", after_a_colleague)
    if undoes:
        assert confirming.undo(mine, by=ada) == 0
    else:
        with pytest.raises(TextsChanged):
            confirming.withdraw(FRENCH, SAVE, seen, by=ada)
    # The colleague's change is in the transaction of the withdrawal here, and is rolled back with it.
    assert ConfirmedText.objects.get().forms == (["Garder"] if undoes else ["Sauvegarder"])


def test_two_people_do_not_overwrite_each_other(ada: Any) -> None:
    seen = texts_of(FRENCH)[SAVE].version
    confirm(SAVE, "Sauvegarder", by=ada)
    for act in (
        lambda: confirming.confirm(FRENCH, {SAVE: (["Garder"], seen)}, by=ada, on=TODAY),
        lambda: confirming.withdraw(FRENCH, SAVE, seen, by=ada),
    ):
        with pytest.raises(TextsChanged) as caught:
            act()
        assert caught.value.keys == [SAVE]
    assert in_french("Save") == "Sauvegarder"


def test_two_people_in_two_processes_do_not_either(ada: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = texts_of(FRENCH)[SAVE].version
    confirm(SAVE, "Sauvegarder", by=ada)
    texts.forget()
    monkeypatch.setattr(texts, "refresh", lambda: False)  # the other one saved after this process looked
    with pytest.raises(TextsChanged):
        confirming.confirm(FRENCH, {SAVE: (["Garder"], seen)}, by=ada, on=TODAY)
    assert ConfirmedText.objects.get().forms == ["Sauvegarder"]


def test_a_text_whose_english_has_changed_is_shown_no_more(ada: Any) -> None:
    old = ConfirmedText.objects.create(
        language="fr",
        key=key_of("", "Keep this", ""),
        english="Keep this",
        forms=["Garder"],
        by="Ada",
        on=TODAY,
    )
    texts.refresh()
    assert in_french("Keep this") == "Keep this"
    assert texts.outdated(FRENCH) == [old]


def test_a_faulty_text_in_the_table_is_not_shown(ada: Any) -> None:
    """As after a restored backup, or a changed rule of plural forms."""
    key = key_of("", "%(moment)s UTC", "")
    ConfirmedText.objects.create(
        language="fr", key=key, english="%(moment)s UTC", forms=["%(time)s TU"], by="Ada", on=TODAY
    )
    texts.refresh()
    assert in_french("%(moment)s UTC") == "%(moment)s UTC"
    seen = texts_of(FRENCH)[key].version
    confirming.confirm(FRENCH, {key: (["%(moment)s TU"], seen)}, by=ada, on=TODAY)
    assert in_french("%(moment)s UTC") == "%(moment)s TU"


def test_of_two_people_who_save_at_once_both_are_read(ada: Any) -> None:
    """The number of a change is given when it is made: one with a lower number may be there later."""
    confirm(SAVE, "Sauvegarder", by=ada)
    row = ConfirmedText.objects.get()
    ConfirmedText.history.update(history_id=row.history.get().history_id + 1000)
    texts.refresh()
    row.forms = ["Garder"]
    row.save()  # with a lower number
    assert texts.refresh()
    assert in_french("Save") == "Garder"


# --- what may go to a State ---------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A French catalogue of two texts of mails, one written for the product, one by a machine."""
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        '# origin: written\n#: templates/reminders/reminder.txt\nmsgid "a"\nmsgstr "A"\n\n'
        '# origin: machine\n#: templates/reminders/reminder.txt\nmsgid "b"\nmsgstr "B"\n'
    )
    with catalogues_in(tmp_path, settings, monkeypatch):
        yield


def test_what_people_confirm_decides_how_a_state_is_written_to(small: None, ada: Any) -> None:
    assert (way_of("fr"), texts.percent_confirmed(FRENCH)) == (Way.ENGLISH, 0)
    before = version_of("fr")
    changes = confirm(key_of("", "b", ""), "B", by=ada)
    assert (way_of("fr"), version_of("fr") == before) == (Way.BOTH, True)  # the words are the same
    confirm(key_of("", "a", ""), "À", by=ada)
    assert (way_of("fr"), version_of("fr") == before) == (Way.OWN, False)
    assert texts.percent_confirmed(FRENCH) == 100
    confirming.undo(changes, by=ada)
    assert way_of("fr") == Way.ENGLISH
