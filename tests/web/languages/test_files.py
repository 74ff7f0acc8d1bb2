"""Catalogues that translators edit elsewhere: as they are downloaded, and what is taken of them."""

from __future__ import annotations

import io
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.web.conftest import in_role
from tests.web.pages import messages, one_of, problems, read, table, words
from tracker.languages import exchange
from tracker.languages.known import by_code
from tracker.languages.models import ConfirmedText
from tracker.languages.texts import key_of, texts_of

pytestmark = pytest.mark.django_db
HEAD = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: fr\\n"\n'
    '"Plural-Forms: nplurals=3; plural=(n == 0 || n == 1) ? 0 : n != 0 && n % 1000000 == 0 ? 1 : 2;\\n"\n\n'
)
SAVE, UNDO = 'msgid "Save"\nmsgstr "Sauvegarder"\n\n', 'msgid "Undo"\nmsgstr "Revenir"\n\n'
PAGE = "/languages/fr/upload/"


@pytest.fixture
def editor() -> Client:
    return in_role("Editor", "ada")


def look(client: Client, content: bytes | str, **more: str) -> Any:
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post(PAGE, {"step": "look", "file": SimpleUploadedFile("fr.po", raw)} | more)


def stored() -> dict[str, Any]:
    return {row.english: (row.forms, row.by, row.note) for row in ConfirmedText.objects.order_by("english")}


def test_what_is_downloaded_names_origins_and_terms_and_changes_nothing_when_it_comes_back(
    editor: Client,
) -> None:
    editor.post(
        "/languages/fr/confirm/",
        {"one": f"{key_of('', 'Save', '')}.{texts_of(by_code('fr'))[key_of('', 'Save', '')].version}"},
    )
    answer = editor.get("/languages/fr/catalogue.po")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="article-12-tracker-fr.po"'
    file = read_po(io.BytesIO(answer.content))
    assert [file.get(text).user_comments for text in ("Save", "Undo")] == [
        ["origin: person ada 2026-11-22"],
        ["origin: machine"],
    ]
    assert any("Glossary: Date of receipt = Date de réception (B)" in one.auto_comments for one in file)
    page = read(look(editor, answer.content))
    assert "0 texts differ." in words(one_of(page, "section", class_="effects"))
    assert "1 is confirmed already." in words(page)
    assert "There is nothing to save." in words(page)


def test_what_differs_is_shown_and_then_confirmed_with_name_and_note(editor: Client) -> None:
    page = read(look(editor, HEAD + SAVE + UNDO, note="by Marie"))
    assert table(page) == [["7", "Save", "Enregistrer", "Sauvegarder"], ["10", "Undo", "Défaire", "Revenir"]]
    signed = one_of(page, "input", name="signed").attributes["value"]
    assert stored() == {}
    answer = editor.post(PAGE, {"step": "save", "signed": signed}, follow=True)
    assert messages(read(answer)) == ["2 texts confirmed. Undo"]
    assert stored() == {
        "Save": (["Sauvegarder"], "ada", "by Marie"), "Undo": (["Revenir"], "ada", "by Marie"),
    }  # fmt: skip


def test_what_the_file_leaves_unchanged_is_confirmed_only_if_asked(editor: Client) -> None:
    content = HEAD + 'msgid "Save"\nmsgstr "Enregistrer"\n\n' + UNDO
    page = read(look(editor, content))
    assert "Confirm 1 text" in words(page)
    page = read(look(editor, content, same="on"))
    editor.post(PAGE, {"step": "save", "signed": one_of(page, "input", name="signed").attributes["value"]})
    assert {english: forms for english, (forms, _by, _note) in stored().items()} == {
        "Save": ["Enregistrer"], "Undo": ["Revenir"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "line", "why"),
    [
        ('msgid "%(moment)s UTC"\nmsgstr "TU"\n', "10", "The placeholder %(moment)s of the English is missing."),
        ('msgid "%(moment)s UTC"\nmsgstr "%(moment)s %(zone)s"\n', "10", "The English has no placeholder %(zone)s."),
        ('msgid "Undo"\nmsgstr "<i>Défaire</i>"\n', "10", "The HTML differs from that of the English: <i> </i>."),
        ('#, fuzzy\nmsgid "Undo"\nmsgstr "Défaire"\n', "11",
         "It is marked as fuzzy. Finish it in your program, or leave it empty."),
        ('msgid "Undo everything"\nmsgstr "Tout défaire"\n', "10",
         "The tracker has no such text; its English may have changed. Export the catalogue again."),
        ('msgid "%(n)s version"\nmsgid_plural "%(n)s versions"\nmsgstr[0] "%(n)s v"\nmsgstr[1] "%(n)s v"\n',
         "10", "A plural form is empty: 2 …."),
    ],
)  # fmt: skip
def test_one_refused_row_keeps_the_whole_file_back_and_names_its_line(
    entry: str, line: str, why: str, editor: Client
) -> None:
    answer = look(editor, HEAD + SAVE + entry)
    page = read(answer)
    refused = [row for row in table(page) if len(row) == 4 and row[3] == why]
    assert [row[0] for row in refused] == [line]
    assert "1 row is refused, so nothing can be saved." in words(page)
    assert 'name="signed"' not in answer.content.decode()
    assert stored() == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file has no translations."),
        (HEAD.encode(), "The file has no translations."),
        (b"PK\x03\x04\x00\x00", "This is not a text file. Upload a file that ends with .po."),
        ((HEAD + SAVE).encode("utf-16"), "This is not a text file. Upload a file that ends with .po."),
        ((HEAD + SAVE).replace("ve", "vé").encode("latin-1"),
         "The file is not in UTF-8. Save it in UTF-8, and upload it again."),
        (b'msgid "' + b"a" * 30_000 + b'"\n', "Line 1 is too long for a catalogue."),
        (b"Dear colleagues,\n", "Line 1 is not what a .po file has there: Dear colleagues,"),
        ((HEAD + 'msgid "Save"\n').encode(), "missing msgstr"),
        ((HEAD + SAVE).replace("Language: fr", "Language: es").encode(),
         "The file says that its language is “es”, and this page is for Français."),
        ((HEAD + 'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "c"\n').replace("nplurals=3", "nplurals=900000000").encode(),
         "The head of the file says 7 plural forms, and the catalogue has 3."),
        ((HEAD + SAVE).replace("Language: fr", "POT-Creation-Date: yesterday").encode(), "The file cannot be read:"),
        ((HEAD + SAVE + SAVE).encode(), "“Save” is translated twice, in lines 7 and 10. Delete one of them."),
        (b"a\n" * (exchange.MOST_BYTES // 2 + 1), "The file is too large: at most 3 MB."),
    ],
    ids=["empty", "head", "zip", "utf-16", "latin-1", "long line", "letter", "half", "other language", "forms", "day",
         "twice", "large"],
)  # fmt: skip
def test_a_file_that_is_no_catalogue_is_refused_in_words(content: bytes, said: str, editor: Client) -> None:
    answer = look(editor, content)
    assert answer.status_code == 200
    assert any(said in one for one in problems(read(answer)))


def test_a_preview_that_was_changed_or_is_too_old_saves_nothing(editor: Client) -> None:
    signed = one_of(read(look(editor, HEAD + SAVE)), "input", name="signed").attributes["value"]
    for sent in ("", "nonsense", f"x{signed}"):
        answer = editor.post(PAGE, {"step": "save", "signed": sent}, follow=True)
        assert messages(read(answer)) == ["Nothing was saved: the preview is too old. Upload the file again."]
    answer = editor.post("/languages/es/upload/", {"step": "save", "signed": signed}, follow=True)
    assert messages(read(answer)) == ["Nothing was saved: the preview is too old. Upload the file again."]
    assert stored() == {}


def test_a_text_that_a_colleague_corrected_after_the_preview_keeps_the_file_back(editor: Client) -> None:
    signed = one_of(read(look(editor, HEAD + SAVE + UNDO)), "input", name="signed").attributes["value"]
    ben = in_role("Administrator", "ben")
    key = key_of("", "Save", "")
    ben.post("/languages/fr/confirm/", {"one": f"{key}.{texts_of(by_code('fr'))[key].version}"})
    answer = editor.post(PAGE, {"step": "save", "signed": signed}, follow=True)
    assert messages(read(answer))[0].startswith("Nothing was saved: somebody else has changed 1 text")
    assert list(stored()) == ["Save"]
