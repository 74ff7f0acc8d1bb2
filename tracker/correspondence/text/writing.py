"""Writes papers: puts the words of a form and an occasion around the facts, in each language of the paper."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from tracker.correspondence.models import Languages, Letterhead, Occasion, PaperForm, PaperText
from tracker.correspondence.text.filling import filled, in_braces, paragraphs_of
from tracker.correspondence.text.printed import enclosures_line, reference_line
from tracker.correspondence.text.subject import PaperSubject
from tracker.correspondence.text.words import GENEVA, SHIPPED, SUBJECTS, WITH_TITLE, WITHOUT_TITLE, shipped
from tracker.languages.known import ENGLISH, by_code, speaking
from tracker.languages.readiness import Way, version_of, way_of
from tracker.languages.typesetting import isolated, without_controls
from tracker.languages.writing import in_words, without_isolates
from tracker.registry.models import Contact, ContactKind, State
from tracker.reminders.text.language import MailLanguage, language_of, of_contact

# The Holy See and the State of Palestine are observers at the United Nations, and so are their missions.
WITH_OBSERVERS = ("VAT", "PSE")


@dataclass(frozen=True)
class WrittenPaper:
    """A paper in one of its languages, as it is printed; stored in `Paper.content` as a dict of the same fields.

    Attributes:
        language: a code of `tracker.languages.known`.
        office, address: the head.
        to: the lines of the addressee.
        salutation: empty in a note.
        signature: the lines under the closing; in a note none, there is room for initials and stamp.
    """

    language: str
    form: str
    office: str
    address: list[str]
    to: list[str]
    subject: str
    salutation: str
    paragraphs: list[str]
    closing: str
    signature: list[str]
    place_and_date: str
    reference: str
    enclosures: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """As it is stored: without characters that no file can hold, or that would reverse a text."""
        return {name: clean(value) for name, value in asdict(self).items()}


def clean(words: Any) -> Any:
    """A text, or each of several, without control characters."""
    return without_controls(words) if isinstance(words, str) else [without_controls(one) for one in words]


@dataclass(frozen=True)
class Addressee:
    """To whom a paper is written, as the contact was at that time.

    Attributes:
        language: the code of the language of the form of address; it begins no letter in another one.
    """

    kind: str
    name: str
    office: str
    salutation: str = ""
    language: str = ENGLISH.code

    @classmethod
    def of(cls, contact: Contact) -> Addressee:
        spoken = language_of(contact, contact.state)
        return cls(contact.kind, contact.name, contact.office, contact.salutation, spoken)


class Words:
    """The words of the parts: those the office has changed, else the shipped ones. Read once for many papers."""

    def __init__(self, own: Mapping[tuple[str, str], str]) -> None:
        self.own = own

    @classmethod
    def read(cls) -> Words:
        """Reads the office's words, in one query."""
        rows = PaperText.objects.values_list("part", "language", "words")
        return cls({(part, language): words for part, language, words in rows})

    def of(self, part: str, language: str) -> str:
        """The words of a part, in the active language, which has this code."""
        return self.own.get((part, language)) or shipped(part)

    def lacks(self, parts: Sequence[str], language: str) -> bool:
        """Whether the office has its own words of a part in English, and none in this language."""
        return any((part, ENGLISH.code) in self.own and (part, language) not in self.own for part in parts)

    def version(self, language: str) -> str:
        """Identifies the words that papers in a language are written with: twelve hexadecimal digits."""
        mine = sorted((part, words) for (part, code), words in self.own.items() if code == language)
        english = [str(SHIPPED[part]) for part in SHIPPED] if language == ENGLISH.code else []
        with speaking(ENGLISH.code):
            text = repr((mine, english, version_of(language)))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def parts_of(form: str, kind: str, occasion: str, state: str) -> list[str]:
    """The parts whose words a paper to a State, by its alpha-3 code, is made of."""
    opening = f"note.{_of_note(kind, state)}" if form == PaperForm.NOTE else form
    parts = [opening, f"{opening}.closing"]
    if form != PaperForm.NOTE:
        parts.append(f"{form}.salutation")
    return [*parts, occasion] if occasion in SHIPPED else parts


def _of_note(kind: str, state: str) -> str:
    if kind == ContactKind.MINISTRY:
        return "ministry"
    return "observer" if state in WITH_OBSERVERS else "mission"


def language_for(
    contact: Contact,
    subject: PaperSubject,
    languages: str,
    parts: Sequence[str],
    words: Words,
    head: Letterhead,
) -> MailLanguage:
    """In which languages a paper to a contact is written: those that have all its words and a name of the office."""
    found = of_contact(contact, subject.state)
    reader = language_of(contact, subject.state)
    if languages == Languages.ENGLISH:
        found = MailLanguage(reader, Way.ENGLISH)
    elif languages == Languages.BOTH and reader != ENGLISH.code and way_of(reader) != Way.ENGLISH:
        found = MailLanguage(reader, Way.BOTH)
    first = found.parts[0]
    if words.lacks(parts, first) or (first != ENGLISH.code and not head.names.get(first)):
        return MailLanguage(reader, Way.ENGLISH)
    return found


def write(
    codes: Sequence[str],
    form: str,
    occasion: str,
    subject: PaperSubject,
    to: Addressee,
    reference: str,
    day: date,
    head: Letterhead,
    words: Words,
    typed: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> list[WrittenPaper]:
    """A paper in each of its languages.

    Args:
        typed: the paragraphs of a circular or another paper, by code of the language; English is there.
        titles: what such a paper is about, by code of the language; without one the subject is a general one.
    """
    written = []
    for code in codes:
        mine = (titles or {}).get(code, "")
        with speaking(code):
            written.append(
                _write(code, form, occasion, subject, to, reference, day, head, words, typed or {}, mine)
            )
    return written


def _write(
    code: str,
    form: str,
    occasion: str,
    subject: PaperSubject,
    to: Addressee,
    reference: str,
    day: date,
    head: Letterhead,
    words: Words,
    typed: Mapping[str, str],
    title: str,
) -> WrittenPaper:
    office = head.name_in(code)
    facts = subject.in_words(day) | {"office": office, "reference": reference, "name": to.name or to.office}

    def said(part: str) -> str:
        return filled(words.of(part, code), facts)

    opening, closing, *rest = parts_of(form, to.kind, occasion, subject.state.pk)
    body = (
        said(occasion)
        if occasion in SHIPPED
        else filled(typed.get(code) or typed.get(ENGLISH.code, ""), facts)
    )
    paragraphs = [_capital(one) for one in (*paragraphs_of(said(opening)), *paragraphs_of(body))]
    salutation = ""
    if form != PaperForm.NOTE:
        own = form == PaperForm.LETTER and to.language == code
        salutation = (to.salutation if own else "") or said(rest[0])
    return WrittenPaper(
        language=code,
        form=form,
        office=_capital(office),
        address=head.address.splitlines(),
        to=[line for line in (to.name, to.office) if line],
        subject=without_isolates(subject_line(occasion, facts, title)),
        salutation=salutation,
        paragraphs=paragraphs,
        closing=_capital(said(closing)),
        signature=[]
        if form == PaperForm.NOTE
        else [line for line in (head.signed_by, head.title) if line] or [_capital(office)],
        place_and_date=_("%(place)s, %(date)s") % {"place": _place(head), "date": in_words(day)},
        reference=reference,
        enclosures=subject.enclosures(),
    )


def _place(head: Letterhead) -> str:
    return str(GENEVA) if head.place == "Geneva" else head.place


def subject_line(occasion: str, facts: Mapping[str, str], title: str) -> str:
    """What a paper is about, in one line."""
    pattern = WITH_TITLE if title else SUBJECTS.get(occasion, WITHOUT_TITLE)
    return filled(in_braces(str(pattern)), {**facts, "state": facts["state_name"], "what": title})


def in_register(first: WrittenPaper, state: State, title: str) -> str:
    """The subject of a paper in the register: as in its first language, or in English what a person has typed."""
    if not title:
        return first.subject
    with speaking(ENGLISH.code):
        return without_isolates(subject_line(Occasion.OTHER, {"state_name": state.shown_name}, title))


def _capital(text: str) -> str:
    """The text with its first letter as a capital; marks of direction may stand before it."""
    for at, sign in enumerate(text):
        if sign.isalpha():
            return text[:at] + sign.upper() + text[at + 1 :]
        if sign.isdigit():
            return text
    return text


def blocks_of(one: Mapping[str, Any]) -> list[list[str]]:
    """A stored paper in one of its languages as blocks of lines, in that language: as printed, without the layout.

    A plain mail has neither head nor addressee nor date: its envelope says so.
    """
    with speaking(by_code(one["language"]).code):
        on_paper = one["form"] != PaperForm.MAIL
        blocks = [[one["office"]], [isolated(line) for line in one["to"]]] if on_paper else []
        blocks.append([one["salutation"]])
        blocks += [[paragraph] for paragraph in (*one["paragraphs"], one["closing"])]
        blocks.append([isolated(line) for line in one["signature"]])
        if on_paper:
            blocks.append([one["place_and_date"]])
        blocks += [[reference_line(one["reference"])], [enclosures_line(one["enclosures"])]]
    return [block for block in blocks if any(block)]


def as_text(content: Sequence[Mapping[str, Any]]) -> str:
    """A stored paper as plain text: the same words as on paper."""
    pages = ("\n\n".join("\n".join(block) for block in blocks_of(one)) for one in content)
    return "\n\n\n".join(pages) + "\n"
