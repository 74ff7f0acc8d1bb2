"""A draft list of issues: numbered requests to a State about its report, as a PDF and as an editable document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.correspondence import rendering
from tracker.correspondence.models import Letterhead
from tracker.correspondence.text.filling import paragraphs_of
from tracker.correspondence.text.printed import missing_characters
from tracker.languages import typesetting
from tracker.languages.known import Locale, by_code, speaking
from tracker.languages.typesetting import isolated, without_controls
from tracker.languages.writing import full_stop, in_words, number
from tracker.obligations.models import Submission
from tracker.rules.coverage import WORD_LIMITS
from tracker.rules.facts import ReportKind


@dataclass(frozen=True)
class IssuesPart:
    """The draft in one language, every line as text.

    Attributes:
        mark: says that it is a draft.
        about: lines about the report: the treaty, the symbol, the day of receipt.
        reference, page: at the foot of each page; see `EditablePart`.
    """

    language: Locale
    mark: str
    office: str
    title: str
    about: list[str]
    opening: str
    requests: list[str]
    reference: str
    page: str


def draft_of(
    report: Submission, requests: Mapping[str, Sequence[tuple[str, str]]], day: date
) -> list[IssuesPart]:
    """The draft about a report, in each of some languages.

    Args:
        requests: the words of each request and its place in the Protocol, by code of the language.
        day: of the draft.
    """
    head = Letterhead.get()
    parts = []
    for code, those in requests.items():
        with speaking(code):
            parts.append(_part(by_code(code), head.name_in(code), report, those, day))
    return parts


def _part(
    language: Locale, office: str, report: Submission, requests: Sequence[tuple[str, str]], day: date
) -> IssuesPart:
    title = _("List of issues: %(state)s, %(report)s") % {
        "state": report.state.shown_name,
        "report": report.label,
    }
    received = report.received_on and _("Received on %(day)s") % {"day": in_words(report.received_on)}
    about = (
        _(
            "Optional Protocol to the Convention on the Rights of the Child on the sale of children, child "
            "prostitution and child pornography"
        ),
        report.symbol,
        received,
    )
    return IssuesPart(
        language=language,
        mark=_("Draft of %(day)s by the secretariat; not adopted by the Committee") % {"day": in_words(day)},
        office=capfirst(without_controls(office)),
        title=without_controls(title),
        about=[isolated(without_controls(line)) for line in about if line],
        opening=_(
            "The State party is requested to reply to the following in writing, in %(words)s words at most."
        )
        % {"words": number(WORD_LIMITS[ReportKind.INFORMATION])},
        requests=[in_document(words, place) for words, place in requests],
        reference=without_controls(_("%(reference)s (draft)") % {"reference": title}),
        page=_("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
    )


def in_document(words: str, place: str) -> str:
    """A request with its place, before the full stop if there is one: “… and provide the numbers (art. 9(4)).”"""
    said, end = without_controls(" ".join(paragraphs_of(words))), full_stop()
    if said.endswith(end):
        return isolated(_("%(words)s (%(place)s).") % {"words": said.removesuffix(end), "place": place})
    return isolated(_("%(words)s (%(place)s)") % {"words": said, "place": place})


def pdf_of(parts: Sequence[IssuesPart], day: date) -> bytes:
    """The draft as PDF/UA-1.

    Args:
        day: of the draft, as the file says itself.
    """
    first = parts[0]
    data = {
        "title": first.reference,
        "author": first.office,
        "date": [day.year, day.month, day.day],
        "parts": [rendering.as_data(part) for part in parts],
    }
    with speaking(first.language.code):
        missing = missing_characters()
    return typesetting.pdf(rendering.TEMPLATES / "list_of_issues.typ", data, day, missing=missing)


def docx_of(parts: Sequence[IssuesPart]) -> bytes:
    """The same words as an editable document; the word processor numbers the requests."""
    from tracker.correspondence import editable  # python-docx takes a quarter of a second of every start

    return editable.document_of(parts, _write)


def _write(writer: Any, part: IssuesPart) -> None:
    writer.paragraph(part.mark, size=10, bold=True)
    writer.paragraph(part.office, size=9)
    writer.paragraph(part.title, size=13, bold=True)
    writer.lines(part.about, size=10)
    writer.paragraph(part.opening)
    writer.numbered(part.requests)
