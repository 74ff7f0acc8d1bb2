"""The mails that carry papers: a line, the text of the paper, and its PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string

from tracker.correspondence.checks import subject_of
from tracker.correspondence.files import PDF, enclosed, filed_pdf
from tracker.correspondence.models import Dispatch, Paper, PaperForm
from tracker.correspondence.text.filling import filled
from tracker.correspondence.text.writing import Words, as_text, blocks_of
from tracker.languages.known import by_code, speaking
from tracker.registry.desks import Desks
from tracker.reminders.messages import LONGEST_SUBJECT, answers_to, joined_subject
from tracker.reminders.outgoing import AutomaticMail, to_person
from tracker.reminders.text.lines import one_line, wrapped

LINE = "-" * 20  # between the line above and the paper


@dataclass(frozen=True)
class PaperMailPart:
    """A mail with a paper in one of its languages.

    Attributes:
        lang: as HTML names it.
        cover: the line above the paper; empty if the mail is the paper.
        blocks: the paper, see `blocks_of`.
    """

    lang: str
    direction: str
    cover: str
    blocks: list[list[str]]
    text: str


def paper_message(dispatch: Dispatch, day: date) -> AutomaticMail:
    """The mail of a paper. The same dispatch gives the same mail on any day.

    Raises:
        LookupError: the PDF that was filed at the initials is missing.
    """
    paper = dispatch.paper
    if paper is None:
        raise LookupError(f"{dispatch.key} has no paper")
    words = Words.read()
    parts = [_part(paper, one, words) for one in paper.content]
    subjects = [(part.direction, one["subject"]) for part, one in zip(parts, paper.content, strict=True)]
    with speaking(by_code(paper.content[0]["language"]).code):
        html = render_to_string("correspondence/mail.html", {"parts": parts, "reference": paper.reference})
    message = AutomaticMail(
        subject=one_line(f"{paper.reference}: {joined_subject(subjects)}")[:LONGEST_SUBJECT],
        body="\n\n".join(wrapped(part.text, part.direction) for part in parts),
        to=[to_person(one_line(dispatch.recipient_name), dispatch.recipient)],
        reply_to=[to_person(name, address) for name, address in answers_to([paper.state], Desks.read())],
        headers={"Content-Language": ", ".join(part.lang for part in parts)},
    )
    message.attach_alternative(html, "text/html")
    if paper.form != PaperForm.MAIL:
        message.attach(*_filed(paper), PDF)
    for file in enclosed(paper):
        message.attach(file.name, bytes(file.content.data), file.type)
    return message


def _part(paper: Paper, one: dict[str, object], words: Words) -> PaperMailPart:
    language = by_code(str(one["language"]))
    cover, text = "", as_text([one])
    if paper.form != PaperForm.MAIL:
        with speaking(language.code):
            facts = subject_of(paper).in_words(paper.dated) | {
                "office": str(one["office"]),
                "reference": paper.reference,
                "name": paper.name or paper.office,
            }
            cover = filled(words.of(f"cover.{paper.form}", language.code), facts)
        text = f"{cover}\n\n{LINE}\n\n{text}"
    return PaperMailPart(language.in_django, language.direction, cover, blocks_of(one), text)


def _filed(paper: Paper) -> tuple[str, bytes]:
    """Name and bytes of the PDF that was filed at the last initials."""
    file = filed_pdf(paper)
    if file is None:
        raise LookupError(f"the filed PDF of {paper.reference} is missing")
    return file.name, bytes(file.content.data)
