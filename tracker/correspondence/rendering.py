"""Papers as files: a PDF from data for a Typst template, and the same words as an editable DOCX."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.conf import settings

from tracker.correspondence.text.printed import missing_characters, printed
from tracker.languages import typesetting
from tracker.languages.known import by_code, speaking
from tracker.languages.typesetting import families_of

Content = Sequence[Mapping[str, Any]]  # `Paper.content`
TEMPLATES = settings.BASE_DIR / "templates" / "correspondence"
SOME_DAY = date(2000, 1, 1)  # the compiler takes one; a file without a date does not show it


def pdf_of(contents: Sequence[Content], day: date | None = None) -> bytes:
    """One PDF/UA-1 of papers, each on pages of its own, in the order given; the same papers give the same bytes.

    Args:
        day: when the file was made, as it says itself: the date of its paper. None for a file of several.
    """
    papers = [list(printed(content)) for content in contents]
    first = papers[0][0]
    last = papers[-1][0]
    data = {
        "title": first.title if len(papers) == 1 else f"{first.reference} – {last.reference}",
        "author": first.office,
        "date": [day.year, day.month, day.day] if day else None,
        "papers": [[as_data(part) for part in parts] for parts in papers],
    }
    with speaking(by_code(first.language.code).code):
        missing = missing_characters()
    return typesetting.pdf(TEMPLATES / "paper.typ", data, day or SOME_DAY, missing=missing)


def docx_of(content: Content) -> bytes:
    """The same words as an editable file."""
    from tracker.correspondence import editable  # python-docx takes a quarter of a second of every start

    return editable.docx_of(printed(content))


def as_data(part: Any) -> dict[str, Any]:
    """A part of a document, a dataclass with a `language`, for a template that sets it by `pages-of`."""
    tag, _hyphen, script = part.language.in_django.partition("-")
    return vars(part) | {
        "language": tag,
        "script": script.capitalize(),
        "direction": part.language.direction,
        "fonts": families_of(part.language.code),
    }
