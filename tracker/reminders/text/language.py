"""In which language a mail is written: in one alone, or in two, the whole text in each.

A contact reads its own language, else that of the State, else English, as far as the texts of the language may go to a
State (`tracker.languages.readiness`) and as the desk has chosen for the State. What people have typed for the mail must
be there in the language too: otherwise the whole mail is English, and never a part of it in another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.known import ENGLISH, LANGUAGES, Locale, by_code
from tracker.languages.readiness import Way, way_of
from tracker.registry.models import Contact, Language, MailWay, State
from tracker.reminders.models import Reminder

# From the language alone to none of it.
_LESS_AND_LESS = (Way.OWN, Way.BOTH, Way.ENGLISH)
_CHOSEN = {MailWay.BOTH: Way.BOTH, MailWay.ENGLISH: Way.ENGLISH}


class Because(StrEnum):
    """Why a mail is not in the language of its reader alone."""

    CHOSEN = "chosen"
    UNCONFIRMED = "unconfirmed"
    NOT_READY = "not ready"
    NO_NOTE = "no note"
    SEVERAL = "several"
    TYPED = "typed"


_REASONS = {
    Because.CHOSEN: gettext_lazy("so chosen for the State"),
    Because.UNCONFIRMED: gettext_lazy("because nobody has confirmed the texts in %(language)s yet"),
    Because.NOT_READY: gettext_lazy(
        "because texts in %(language)s are missing, or were translated by a machine and not confirmed"
    ),
    Because.NO_NOTE: gettext_lazy("because the covering note of the rule is not recorded in %(language)s"),
    Because.SEVERAL: gettext_lazy("because the reports are of States with different languages"),
    Because.TYPED: gettext_lazy("because its covering note was written for it so"),
}


@dataclass(frozen=True, slots=True)
class MailLanguage:
    """The language or languages of a mail.

    Attributes:
        reader: the language of the recipient, a code of `tracker.languages.known`.
        way: how the mail is written.
        because: why not in the reader's language alone.
    """

    reader: str = ENGLISH.code
    way: Way = Way.OWN
    because: Because | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The languages of its parts, in their order."""
        if self.way == Way.ENGLISH or self.reader == ENGLISH.code:
            return (ENGLISH.code,)
        return (self.reader,) if self.way == Way.OWN else (self.reader, ENGLISH.code)

    @property
    def code(self) -> str:
        """As the ledger keeps it: "fr", "fr+en", "en"."""
        return "+".join(self.parts)

    def __str__(self) -> str:
        """French, then English, because …"""
        said = in_words(self.code)
        if self.because is None:
            return said
        why = str(_REASONS[self.because]) % {"language": in_words(self.reader)}
        return _("%(languages)s, %(why)s") % {"languages": said, "why": why}


def in_words(code: str) -> str:
    """The languages of a mail: "French", "French, then English"."""
    first, *then = (str(Language(one).label) if one in Language.values else one for one in code.split("+"))
    return _("%(first)s, then %(second)s") % {"first": first, "second": then[0]} if then else first


def first_of(code: str) -> str:
    """The language of the first part of a mail; English for an unknown one."""
    return by_code(code.partition("+")[0]).code


def ready() -> list[Locale]:
    """The languages whose texts may go to a State."""
    return [one for one in LANGUAGES if way_of(one.code) != Way.ENGLISH]


def of_staff(language: str) -> MailLanguage:
    """How a mail to staff is written: always in their own language, as the pages are."""
    return MailLanguage(by_code(language).code)


def of_contact(contact: Contact, state: State) -> MailLanguage:
    """How mails to a contact are written, where nobody has typed anything for one."""
    return _usual({language_of(contact, state)}, [MailWay(state.mails)])


def of_contacts(rows: Sequence[Reminder]) -> MailLanguage:
    """How a mail to a contact is written.

    Args:
        rows: its reminders, with contact, State and rule; those of a desk officer with the same address do not count.
    """
    rows = [row for row in rows if row.contact is not None]
    typed = {code for row in rows if row.covering for code in (row.covering_in or ENGLISH.code).split("+")}
    found = (
        _typed_for(rows, typed)
        if typed
        else _usual(
            {language_of(row.contact, row.obligation.state) for row in rows},
            [MailWay(row.obligation.state.mails) for row in rows],
        )
    )
    first = found.parts[0]
    if any(row.rule.wording and not row.rule.wording_in(first) for row in rows):
        return MailLanguage(first, Way.ENGLISH, Because.NO_NOTE)
    return found


def _usual(readers: set[str], chosen: Sequence[MailWay]) -> MailLanguage:
    """How one mail to readers of some languages is written.

    Args:
        chosen: what the desk has chosen for each of its States.
    """
    if len(readers) > 1:
        return MailLanguage(ENGLISH.code, Way.ENGLISH, Because.SEVERAL)
    reader = next(iter(readers))
    if reader == ENGLISH.code:
        return MailLanguage()
    ready = way_of(reader)
    if ready == Way.ENGLISH:
        return MailLanguage(reader, ready, Because.NOT_READY)
    wanted = _most_english(_CHOSEN.get(one, Way.OWN) for one in chosen)
    way = _most_english((ready, wanted))
    why = None if way == Way.OWN else Because.CHOSEN if wanted == way else Because.UNCONFIRMED
    return MailLanguage(reader, way, why)


def language_of(contact: Contact | None, state: State) -> str:
    """The language of a contact: its own, else that of the State."""
    return by_code((contact and contact.language) or state.language).code


def _typed_for(rows: Sequence[Reminder], typed: set[str]) -> MailLanguage:
    """A covering note stays beside the words that its author saw, unless these may go to no State any more.

    Args:
        typed: the languages of the notes in the mail; several were perhaps written on different days.
    """
    others = sorted(map(first_of, typed - {ENGLISH.code}))
    reader = others[0] if others else ENGLISH.code
    ready = way_of(reader)
    if ready == Way.ENGLISH:
        return MailLanguage(reader, Way.ENGLISH, Because.NOT_READY)
    way = _most_english((ready, Way.BOTH if len(typed) > 1 else Way.OWN))
    usual = reader == ENGLISH.code and all(
        language_of(row.contact, row.obligation.state) == reader for row in rows
    )
    return MailLanguage(reader, way, None if usual else Because.TYPED)


def _most_english(ways: Iterable[Way]) -> Way:
    return max(ways, key=_LESS_AND_LESS.index)
