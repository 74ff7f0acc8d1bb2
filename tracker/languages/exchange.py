"""Catalogues as files for translators, who use a program of their own, and what they bring back."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import PoFileError, PoFileParser
from django.utils.translation import gettext as _

from tracker.languages.catalogues import catalogue, english_of, forms_of, rule_of, written
from tracker.languages.faults import END, ISOLATE, faults, isolated
from tracker.languages.glossary import translated_terms
from tracker.languages.known import Locale
from tracker.languages.texts import ShownText, key_of, texts_of

MOST_BYTES = 3_000_000
MOST_CHARACTERS = 20_000  # of a line
MOST_FORMS = 7  # more than any language of the United Nations has
_ORIGIN = re.compile(r"\s*origin:")
_ENDS = " \n\t"


class UnusableFile(Exception):
    """A file that is no catalogue of the language; the text says why and what to do."""


class UploadedCatalog(Catalog):
    """A catalogue that somebody wrote.

    Its head may claim any number of plural forms: the reader makes room for so many at each text. No text may be there
    twice: nobody knows which translation is meant, and merging thousands of them takes minutes.
    """

    @property
    def num_plurals(self) -> int:
        return min(super().num_plurals, MOST_FORMS)

    def __setitem__(self, text: Any, message: Message) -> None:
        if text and (first := self.get(text, message.context)):
            raise UnusableFile(
                _("“%(text)s” is translated twice, in lines %(first)d and %(second)d. Delete one of them.")
                % {"text": english_of(first)[0][:80], "first": first.lineno, "second": message.lineno}
            )
        super().__setitem__(text, message)


@dataclass(frozen=True)
class FileRow:
    """A translation in a file.

    Attributes:
        line: of the file, from 1.
        forms: as it would be saved.
        why: why it is refused, in sentences; empty if it is not.
    """

    line: int
    english: str
    text: ShownText | None
    forms: tuple[str, ...]
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FileRows:
    """The translations in a file, without those that it has not.

    Attributes:
        changed: other ones than are shown now.
        same: the same, of texts that nobody has confirmed.
        confirmed: how many are the same and confirmed already.
        refused: those with a fault; nothing of the file is saved while there is one.
    """

    changed: list[FileRow]
    same: list[FileRow]
    confirmed: int
    refused: list[FileRow]


def exported(language: Locale) -> bytes:
    """The catalogue of a language with what people have confirmed, where each text comes from, and the glossary."""
    shown, kept = texts_of(language), catalogue(language)
    # Each text by the package's own way, which takes a twentieth of the time.
    found = copy.deepcopy(kept, {id(one): one.clone() for one in kept if one.id})
    for one in found:
        if not one.id:
            continue
        text = shown[_key(one)]
        others = [comment for comment in one.user_comments if not _ORIGIN.match(comment)]
        if one.fuzzy and not text.confirmed:
            others.append("suggestion: " + " | ".join(filter(None, forms_of(one))))
        one.flags.discard("fuzzy")
        one.previous_id = []
        one.string = text.forms if text.plural else text.forms[0]
        origin = [] if text.is_missing else [f"origin: {text.origin} {text.source}".strip()]
        one.user_comments = [*origin, *others]
        one.auto_comments += [
            f"Glossary: {term.english} = {translation} ({term.source})"
            for term, translation in translated_terms(f"{text.english} {text.plural}", language.code)
        ]
    return written(found)


def read(content: bytes, language: Locale) -> FileRows:
    """What a file would change.

    Raises:
        UnusableFile: it is not a catalogue of this language.
    """
    found = _parsed(content, language)
    shown = texts_of(language)
    changed, same, confirmed, refused = [], [], 0, []
    for row in _rows(found, language, shown):
        if row.why:
            refused.append(row)
        elif row.text is not None and row.forms != row.text.forms:
            changed.append(row)
        elif row.text is not None and row.text.status == "confirmed":
            confirmed += 1
        else:
            same.append(row)
    if not (changed or same or confirmed or refused):
        raise UnusableFile(_("The file has no translations."))
    return FileRows(changed, same, confirmed, refused)


def corrected(language: Locale, text: ShownText, forms: Iterable[str]) -> tuple[str, ...]:
    """A translation as it is saved: with the spaces and line breaks of the English at both ends, and with marks of
    direction where the language needs them.
    """
    bare = text.english.strip(_ENDS)
    start, end = text.english.split(bare, 1) if bare else ("", "")
    found = []
    for form in forms:
        plain = form.replace("\r\n", "\n").replace("\r", "\n").strip(_ENDS)
        if language.direction == "rtl":
            plain = isolated(plain, text.context)
        found.append(f"{start}{plain}{end}" if plain else "")
    return tuple(found)


def without_marks(form: str) -> str:
    """A translation as a person types it, without marks of direction, which are seen nowhere."""
    return form.translate({ord(ISOLATE): None, ord(END): None})


def refusals(language: Locale, text: ShownText, forms: tuple[str, ...]) -> list[str]:
    """What is wrong with a translation, in sentences."""
    found = faults(text.english, text.plural, text.context, forms, rule_of(catalogue(language)))
    return [_(fault.kind.value) % {"what": fault.what} for fault in found]


def _rows(found: Catalog, language: Locale, shown: Mapping[str, ShownText]) -> Iterator[FileRow]:
    for one in found:
        if not one.id or not any(forms_of(one)):
            continue
        text = shown.get(_key(one))
        english, _plural = english_of(one)
        line = one.lineno or 0
        if text is None:
            why = _("The tracker has no such text; its English may have changed. Export the catalogue again.")
            yield FileRow(line, english, None, forms_of(one), [why])
        elif one.fuzzy:
            why = _("It is marked as fuzzy. Finish it in your program, or leave it empty.")
            yield FileRow(line, english, text, forms_of(one), [why])
        else:
            forms = corrected(language, text, forms_of(one))
            yield FileRow(line, english, text, forms, refusals(language, text, forms))


def _parsed(content: bytes, language: Locale) -> Catalog:
    if len(content) > MOST_BYTES:
        raise too_large()
    if b"\0" in content:
        raise UnusableFile(_("This is not a text file. Upload a file that ends with .po."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableFile(_("The file is not in UTF-8. Save it in UTF-8, and upload it again.")) from None
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if len(line) > MOST_CHARACTERS:
            raise UnusableFile(_("Line %(line)d is too long for a catalogue.") % {"line": number})
    found = UploadedCatalog()
    try:
        PoFileParser(found, abort_invalid=True).parse(io.StringIO("\n".join(lines)))
    except PoFileError as error:
        raise UnusableFile(
            _("Line %(line)d is not what a .po file has there: %(text)s")
            % {"line": error.lineno + 1, "text": str(error.line).strip()[:80] or str(error)[:80]}
        ) from None
    except UnusableFile:
        raise
    except Exception as error:  # noqa: BLE001 - a header can be wrong in many ways
        raise UnusableFile(_("The file cannot be read: %(why)s") % {"why": str(error)[:120]}) from None
    _compare_heads(found, text, language)
    return found


def too_large() -> UnusableFile:
    """What is said of a file with too many bytes."""
    return UnusableFile(
        _("The file is too large: at most %(mb)s MB.") % {"mb": f"{MOST_BYTES / 1_000_000:g}"}
    )


def _compare_heads(found: Catalog, text: str, language: Locale) -> None:
    said = found.mime_headers
    named = dict(said).get("Language", "").replace("_", "-").lower()
    if named and named.partition("-")[0] != language.code:
        raise UnusableFile(
            _("The file says that its language is “%(other)s”, and this page is for %(language)s.")
            % {"other": named[:20], "language": language.name}
        )
    count = rule_of(catalogue(language)).count
    if "msgid_plural" in text and found.num_plurals != count:
        raise UnusableFile(
            _(
                "The head of the file says %(theirs)d plural forms, and the catalogue has %(ours)d. Keep the line "
                "“Plural-Forms” of the exported file."
            )
            % {"theirs": found.num_plurals, "ours": count}
        )


def _key(one: Message) -> str:
    return key_of(one.context or "", *english_of(one))
