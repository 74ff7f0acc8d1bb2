"""The desk on which people confirm and correct translations: the list, one text, the foot of every page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext

from tests.languages.own import catalogues_in
from tests.web.conftest import in_role, signed_in
from tests.web.pages import (
    all_of,
    column,
    fields_of,
    links,
    messages,
    one_of,
    press_undo,
    problems,
    read,
    table,
    words,
)
from tracker.languages import texts
from tracker.languages.known import by_code, speaking
from tracker.languages.models import ConfirmedText
from tracker.languages.texts import key_of, texts_of

pytestmark = pytest.mark.django_db
SAVE, UNDO = key_of("", "Save", ""), key_of("", "Undo", "")
VERSION = key_of("", "%(n)s version", "%(n)s versions")
LIST = "/languages/fr/?q=save&status=all"


@pytest.fixture
def editor() -> Client:
    return in_role("Editor", "ada")


def stored() -> dict[str, list[str]]:
    return {row.english: row.forms for row in ConfirmedText.objects.order_by("english")}


def mark(key: str, code: str = "fr") -> str:
    return f"{key}.{texts_of(by_code(code))[key].version}"


def form_at(client: Client, address: str) -> dict[str, Any]:
    page = read(client.get(address))
    return next(fields for one in all_of(page, "form") if "version" in (fields := fields_of(one)))


# --- the languages --------------------------------------------------------------------------------


def test_each_language_has_its_shares_and_leads_to_its_list(editor: Client) -> None:
    page = read(editor.get("/languages/"))
    assert column(page, 0) == ["العربية", "中文", "Français", "Русский", "Español"]
    french = next(row for row in table(page) if row[0] == "Français")
    assert french[1] == "0 %"
    assert french[4].startswith("by machine: ")
    assert all(address.startswith("/languages/") for address in links(one_of(page, "tbody")).values())


def test_a_share_rises_with_what_people_confirm(editor: Client) -> None:
    editor.post("/languages/fr/confirm/", {"one": mark(SAVE)})
    assert (
        "confirmed: 1"
        in next(row for row in table(read(editor.get("/languages/"))) if row[0] == "Français")[4]
    )


@pytest.mark.parametrize("code", ["en", "xx", "fr-FR", "..%2f"])
def test_an_unknown_language_is_not_found(code: str, editor: Client) -> None:
    for address in ("", f"{SAVE}/", "catalogue.po", "upload/"):
        assert editor.get(f"/languages/{code}/{address}").status_code == 404


def test_a_language_without_its_catalogue_is_named_and_not_found(
    editor: Client, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with catalogues_in(tmp_path, settings, monkeypatch):
        assert "Français" in words(read(editor.get("/languages/")))
        for address in ("", f"{SAVE}/", "catalogue.po", "upload/"):
            assert editor.get(f"/languages/fr/{address}").status_code == 404
        for address in (f"{SAVE}/", "confirm/", "upload/"):
            assert editor.post(f"/languages/fr/{address}", {"one": "a.b", "step": "save"}).status_code == 404


# --- the list -------------------------------------------------------------------------------------


def test_the_list_shows_the_english_beside_the_translation(editor: Client) -> None:
    page = read(editor.get("/languages/fr/", {"q": "Enregistrer", "scope": "staff"}))
    assert "Save" in column(page, 1)
    row = next(row for row in table(page) if row[1] == "Save")
    assert (row[2], row[4]) == ("Enregistrer", "by machine")
    assert one_of(page, "form", id="filter")


def test_terms_of_the_glossary_stand_below_the_english(editor: Client) -> None:
    rows = table(read(editor.get("/languages/ru/", {"q": "date of receipt", "status": "all"})))
    assert any("Date of receipt = Дата получения" in row[1] for row in rows)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"status": "machine", "scope": "mail"}, False),
        ({"status": "confirmed"}, False),
        ({"status": "nonsense", "scope": "nonsense"}, True),  # counts as no choice
        ({"q": "no such words anywhere"}, False),
        ({"page": "99999"}, True),
    ],
)
def test_filters_choose_and_nonsense_breaks_nothing(
    query: dict[str, str], shown: bool, editor: Client
) -> None:
    page = read(editor.get("/languages/zh/", query))
    assert bool(all_of(page, "table", class_="rows")) == shown
    assert ("Nothing matches" in words(page)) == (not shown)


def test_one_click_confirms_one_text_and_another_undoes_it(editor: Client) -> None:
    answer = editor.post("/languages/fr/confirm/", {"one": mark(SAVE), "next": LIST}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert messages(read(answer)) == ["1 text confirmed. Undo"]
    assert stored() == {"Save": ["Enregistrer"]}
    assert messages(read(press_undo(editor, answer))) == ["1 change undone."]
    assert stored() == {}


def test_several_are_confirmed_at_once_selected_or_all_of_the_page(editor: Client) -> None:
    marks = [mark(SAVE), mark(UNDO)]
    editor.post("/languages/fr/confirm/", {"some": "1", "pick": marks[:1], "shown": marks})
    assert list(stored()) == ["Save"]
    answer = editor.post(
        "/languages/fr/confirm/", {"all": "1", "shown": [mark(UNDO), mark(VERSION)]}, follow=True
    )
    assert messages(read(answer))[-1] == "2 texts confirmed. Undo"
    assert list(stored()) == ["%(n)s version", "Save", "Undo"]


def test_nothing_selected_is_said(editor: Client) -> None:
    answer = editor.post("/languages/fr/confirm/", {"some": "1", "shown": mark(SAVE)}, follow=True)
    assert messages(read(answer)) == ["Nothing was confirmed: select at least one text."]


@pytest.mark.parametrize("sent", ["", "x", "0" * 16 + ".abc", ".", f"{SAVE}.old"])
def test_a_text_that_is_not_as_it_was_shown_is_not_confirmed(sent: str, editor: Client) -> None:
    answer = editor.post("/languages/fr/confirm/", {"one": sent}, follow=True)
    assert messages(read(answer)) == [
        "Nothing was saved: somebody else has changed 1 text since you opened the page. Look at it again."
    ]
    assert stored() == {}


def test_of_several_texts_none_is_confirmed_if_one_has_changed(editor: Client) -> None:
    marks = [mark(SAVE), mark(UNDO)]
    in_role("Administrator", "ben").post("/languages/fr/confirm/", {"one": marks[0]})
    editor.post("/languages/fr/confirm/", {"pick": marks})
    assert list(stored()) == ["Save"]


# --- one text -------------------------------------------------------------------------------------


def test_a_correction_is_shown_on_pages_and_has_its_history(editor: Client) -> None:
    address = f"/languages/fr/{SAVE}/"
    answer = editor.post(
        address, form_at(editor, address) | {"form_0": "Sauvegarder", "note": "UNTERM"}, follow=True
    )
    assert messages(read(answer)) == ["1 text confirmed. Undo"]
    with speaking("fr"):
        assert gettext("Save") == "Sauvegarder"
    page = read(editor.get(address))
    assert "confirmed by a person: ada 2026-11-22" in words(page)
    assert "In the catalogueEnregistrer" in words(one_of(page, "dl", class_="facts"))
    assert table(page, "h-history") == [
        ["22 November 2026, 09:00 UTC", "ada", "confirmed", "Sauvegarder", "UNTERM"]
    ]
    sent = form_at(editor, address) | {"step": "back"}
    assert messages(read(editor.post(address, sent, follow=True))) == [
        "The translation of the catalogue is shown again. Undo"
    ]
    assert table(read(editor.get(address)), "h-history")[0][2] == "back to the catalogue"


def test_each_plural_form_is_labelled_by_its_numbers(editor: Client) -> None:
    page = read(editor.get(f"/languages/ru/{VERSION}/"))
    assert [words(one) for one in all_of(one_of(page, "form", class_="record"), "label")] == [
        "Translation for 1, 21 …:", "Translation for 2–4, 22–24 …:", "Translation for 0, 5–20 …:",
        "Translation for fractions:", "Note, for example where the words come from:",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        (("%(n)s version", "%(n)s versions", "versions"), "The placeholder %(n)s of the English is missing."),
        (("%(n)s version", "%(n)s versions", "%(m)s %(n)s"), "The English has no placeholder %(m)s."),
        (("%(n)s version", "%(n)s", "<b>%(n)s</b>"), "The HTML differs from that of the English: <b> </b>."),
        (("%(n)s", "", "%(n)s"), "This field is required."),
    ],
)
def test_a_faulty_translation_is_refused_in_words(forms: tuple[str, ...], said: str, editor: Client) -> None:
    address = f"/languages/fr/{VERSION}/"
    sent = form_at(editor, address) | {f"form_{at}": form for at, form in enumerate(forms)}
    assert said in problems(read(editor.post(address, sent)))
    assert stored() == {}


def test_marks_of_direction_are_added_and_not_asked_for(editor: Client) -> None:
    key = key_of("", "%(moment)s UTC", "")
    address = f"/languages/ar/{key}/"
    sent = form_at(editor, address)
    assert "\u2068" not in sent["form_0"]
    editor.post(address, sent | {"form_0": "%(moment)s غرينتش"})
    assert stored() == {"%(moment)s UTC": ["\u2068%(moment)s\u2069 غرينتش"]}


def test_a_correction_meets_one_of_a_colleague_and_asks(editor: Client) -> None:
    address = f"/languages/fr/{SAVE}/"
    mine = form_at(editor, address) | {"form_0": "Garder"}
    ben = in_role("Administrator", "ben")
    ben.post(address, form_at(ben, address) | {"form_0": "Sauvegarder"})
    page = read(editor.post(address, mine))
    assert "Not saved: ben saved this record after you opened the form" in words(page)
    assert ["Translation", "Garder", "Sauvegarder"] in [
        [words(cell) for cell in row if cell.name in ("th", "td")]
        for row in all_of(one_of(page, "section", class_="conflict"), "tr")
    ]
    radio = all_of(page, "input", type="radio")[0].attributes
    sent = next(fields for one in all_of(page, "form") if "form_0" in (fields := fields_of(one)))
    editor.post(address, sent | {radio["name"]: radio["value"]})
    assert stored() == {"Save": ["Garder"]}


def test_going_back_does_not_undo_a_colleague(editor: Client) -> None:
    address = f"/languages/fr/{SAVE}/"
    editor.post(address, form_at(editor, address))
    old = form_at(editor, address) | {"step": "back"}
    ben = in_role("Administrator", "ben")
    ben.post(address, form_at(ben, address) | {"form_0": "Sauvegarder"})
    answer = editor.post(address, old, follow=True)
    assert "Nothing was changed: somebody else" in messages(read(answer))[0]
    assert stored() == {"Save": ["Sauvegarder"]}


def test_the_next_text_to_confirm_can_follow_at_once(editor: Client) -> None:
    address = f"/languages/fr/{SAVE}/"
    answer = editor.post(address, form_at(editor, address) | {"then": "next", "next": LIST})
    assert answer.headers["Location"].startswith("/languages/fr/")
    page = read(editor.get(answer.headers["Location"]))
    assert LIST in links(page).values()  # the way back is kept


@pytest.mark.parametrize("key", ["0123456789abcdef", "%00", "x", "a" * 300])
def test_an_unknown_text_is_not_found(key: str, editor: Client) -> None:
    assert editor.get(f"/languages/fr/{key}/").status_code == 404
    assert editor.post(f"/languages/fr/{key}/", {"form_0": "x"}).status_code == 404


@pytest.mark.parametrize("keys", ["", "0", "999999999999999999", "x,\0"])
def test_nothing_to_undo_is_said(keys: str, editor: Client) -> None:
    assert editor.post("/languages/undo/", {"keys": keys}, follow=True).status_code == 200


def test_a_character_that_is_no_text_is_refused(editor: Client) -> None:
    address = f"/languages/fr/{SAVE}/"
    sent = form_at(editor, address)
    for typed in ({"form_0": "a\0"}, {"form_0": "a\u202e"}, {"note": "a\0"}):
        assert problems(read(editor.post(address, sent | typed)))
    assert stored() == {}


def test_a_viewer_reads_and_is_offered_nothing(editor: Client) -> None:
    editor.post("/languages/fr/confirm/", {"one": mark(SAVE)})
    viewer = in_role("Viewer", "vera")
    for address in (LIST, f"/languages/fr/{SAVE}/"):
        main = one_of(read(viewer.get(address)), "main")
        assert "Enregistrer" in words(main)
        offered = [words(one) for one in all_of(main, "button")]
        assert offered == (["Apply"] if address == LIST else [])
        assert "/languages/fr/upload/" not in links(main).values()
    assert viewer.post(f"/languages/fr/{SAVE}/", {"form_0": "x"}).status_code == 403


def test_texts_whose_english_has_changed_are_listed_and_removed(editor: Client) -> None:
    ConfirmedText.objects.create(
        language="fr", key="f" * 16, english="Keep this", forms=["Garder"], by="Ada", on="2026-11-22"
    )
    assert "The English of 1 confirmed text has changed since." in words(read(editor.get("/languages/fr/")))
    page = read(editor.get("/languages/fr/?status=outdated"))
    assert table(page)[0][:3] == ["Keep this", "Garder", "Ada, 22 November 2026"]
    editor.post(f"/languages/fr/{'f' * 16}/", {"step": "back"})
    assert stored() == {}


# --- the foot of every page -------------------------------------------------------------------------


def test_the_foot_says_how_much_is_reviewed_in_other_languages_alone(staff: Client) -> None:
    foot = one_of(read(staff.get("/help/")), "footer", class_="frame-end")
    assert "/languages/fr/" not in links(foot).values()
    staff.post("/language/", {"language": "fr"})
    foot = one_of(read(staff.get("/help/")), "footer", class_="frame-end")
    assert "/languages/fr/" in links(foot).values()
    assert words(all_of(foot, "p")[-1]) == "Traduction automatique, révisée à 0 %. Aider à la révision"


def test_a_page_reads_what_others_have_confirmed(staff: Client, settings: Any) -> None:
    signed_in("ben", is_superuser=True).post("/languages/fr/confirm/", {"one": mark(SAVE)})
    texts.forget()
    settings.CONFIRMED_TEXTS_READ_EVERY = 60
    staff.get("/help/")
    assert texts_of(by_code("fr"))[SAVE].status == "confirmed"
