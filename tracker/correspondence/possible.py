"""The papers that can be written to a State: the occasions that have come, each with its subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.correspondence.due import subjects_of
from tracker.correspondence.models import (
    MAY_GET_NOTES,
    TRUE_SINCE,
    WITH_TEXT,
    Languages,
    Occasion,
    PaperForm,
    PaperRule,
)
from tracker.correspondence.text.subject import PaperSubject, has_come
from tracker.languages.writing import in_words
from tracker.obligations.models import Obligation
from tracker.registry.models import ContactKind, State
from tracker.reminders import wording
from tracker.rules.entry_into_force import CRC_ADOPTED

MOST = 20  # facts of one occasion that are offered, the latest


@dataclass(frozen=True)
class PossiblePaper:
    """An occasion and its subject."""

    occasion: str
    subject: PaperSubject

    @property
    def key(self) -> str:
        """As it stands in addresses and forms."""
        return f"{self.occasion}|{self.subject.key}"

    @property
    def label(self) -> str:
        """The subject in words, without the State."""
        subject = self.subject
        if subject.obligation is not None and subject.due_on is not None:
            return _("%(report)s, due %(day)s") % {
                "report": wording.name(subject.obligation),
                "day": in_words(subject.due_on),
            }
        facts = subject.in_words(date.min)
        parts = (facts.get(name) for name in ("report", "symbol", "due"))
        return ", ".join(dict.fromkeys(part for part in parts if part)) or _("words of your own")


def possible_papers(state: State, day: date) -> list[PossiblePaper]:
    """The papers that can be written to a State on a day, in the order of the occasions."""
    found = [*_about_reports(state, day), *_about_facts(state, day)]
    order = list(Occasion)
    found.sort(key=lambda one: order.index(Occasion(one.occasion)))
    return [*found, PossiblePaper(Occasion.OTHER, PaperSubject(state))]


def _about_reports(state: State, day: date) -> Iterator[PossiblePaper]:
    for report in Obligation.objects.still_open(day, today=day).filter(state=state).order_by("due", "pk"):
        report.state = state  # read already
        subject = PaperSubject(state, report, report.due)
        for occasion in (Occasion.AHEAD, *TRUE_SINCE):
            if has_come(occasion, report.due, day):
                yield PossiblePaper(occasion, subject)


def _about_facts(state: State, day: date) -> Iterator[PossiblePaper]:
    about = Q(state=state)
    for occasion in WITH_TEXT:
        facts: Iterable[PaperSubject] = subjects_of(occasion, CRC_ADOPTED, day, about)
        newest = sorted(facts, key=lambda one: int(one.key.rpartition(":")[2]), reverse=True)
        yield from (PossiblePaper(occasion, one) for one in islice(newest, MOST))


def usual_form(kind: str) -> str:
    """In which form one writes to a contact of a kind without a rule."""
    if kind in MAY_GET_NOTES:
        return PaperForm.NOTE
    return PaperForm.LETTER if kind == ContactKind.DIGNITARY else PaperForm.MAIL


def form_for(rules: Iterable[PaperRule], occasion: str, kind: str) -> tuple[str, str]:
    """The form and the languages of a paper to a contact of a kind: by its rule, else the usual ones."""
    for rule in rules:
        if (rule.occasion, rule.to) == (occasion, kind):
            return rule.form, rule.languages
    return usual_form(kind), Languages.AUTOMATIC
