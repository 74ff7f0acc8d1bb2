"""A stored paper as it is printed: its words with the labels around them, for PDF and DOCX alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from tracker.correspondence.models import PaperForm
from tracker.languages.known import ENGLISH, Locale, by_code, speaking
from tracker.languages.typesetting import isolated, without_controls


@dataclass(frozen=True)
class PrintedPart:
    """A paper in one of its languages, every line as text.

    Attributes:
        translation: says that this part is a courtesy translation; empty for the paper itself.
        room: the words in the room for initials and stamp; empty for a letter.
        page: with {page} and {pages} for the numbers.
    """

    language: Locale
    is_note: bool
    office: str
    address: list[str]
    to: list[str]
    title: str
    translation: str
    reference_line: str
    reference: str
    salutation: str
    paragraphs: list[str]
    closing: str
    signature: list[str]
    room: str
    place_and_date: str
    enclosures: str
    page: str


def printed(content: Sequence[Mapping[str, Any]]) -> Iterator[PrintedPart]:
    """The parts of a paper, each in its language."""
    for number, one in enumerate(content):
        with speaking(one["language"]):
            yield _printed(one, is_first=number == 0)


def _printed(one: Mapping[str, Any], *, is_first: bool) -> PrintedPart:
    def clean(name: str) -> str:
        return without_controls(one[name])

    def lines(name: str) -> list[str]:
        return [isolated(without_controls(line)) for line in one[name]]

    is_note = one["form"] == PaperForm.NOTE
    language = by_code(one["language"])
    return PrintedPart(
        language=language,
        is_note=is_note,
        office=clean("office"),
        address=lines("address"),
        to=lines("to"),
        title=clean("subject"),
        translation=_("Courtesy translation") if language == ENGLISH and not is_first else "",
        reference_line=reference_line(isolated(clean("reference"))),
        reference=clean("reference"),
        salutation=clean("salutation"),
        paragraphs=[without_controls(words) for words in one["paragraphs"]],
        closing=clean("closing"),
        signature=lines("signature"),
        room=_("Initials and stamp") if is_note else "",
        place_and_date=clean("place_and_date"),
        enclosures=enclosures_line(lines("enclosures")),
        page=_("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
    )


def reference_line(reference: str) -> str:
    """The reference with its label, in the active language."""
    return _("Reference: %(reference)s") % {"reference": reference}


def enclosures_line(names: Sequence[str]) -> str:
    """The enclosures with their label, in the active language; empty if there are none."""
    return _("Enclosures: %(names)s") % {"names": "; ".join(names)} if names else ""


def missing_characters() -> str:
    """What a PDF says at its end if a character could not be shown, in the active language."""
    return _(
        "Some characters are not shown, because the fonts of this document do not contain them. They are complete in "
        "the editable file of this paper."
    )
