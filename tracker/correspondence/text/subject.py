"""What a paper is about: its facts in words, and their hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _, pgettext

from tracker.correspondence.models.choices import TRUE_SINCE, Occasion
from tracker.languages.writing import in_words, month_in_words
from tracker.obligations.models import (
    CommitteeDate,
    Document,
    InformationRequest,
    Kind,
    Obligation,
    Precision,
    RequestDocument,
    Review,
    Submission,
)
from tracker.obligations.wording import span
from tracker.registry.models import State
from tracker.reminders import wording
from tracker.rules.dates import add_months


@dataclass
class _Report:
    """A report as a fact names it, in the form that `wording.name` takes."""

    kind: str
    carried_by: str
    cycle: int
    last_cycle: int
    subject: str = ""

    @classmethod
    def of(cls, fact: Any) -> _Report:
        return cls(fact.kind, fact.carried_by, fact.first_cycle, fact.last_cycle)


def has_come(occasion: str, due: date, day: date) -> bool:
    """Whether the words of an occasion are true on a day about a report that is awaited by a due date."""
    if occasion == Occasion.AHEAD:
        return day < due
    return add_months(due, TRUE_SINCE[Occasion(occasion)]) <= day


@dataclass(frozen=True)
class PaperSubject:
    """The facts that a paper speaks of: a State, and one of the others at most.

    Attributes:
        due_on: the due date of the report (`obligation`).
        decision: the document of the decision that the paper carries out.
    """

    state: State
    obligation: Obligation | None = None
    due_on: date | None = None
    submission: Submission | None = None
    request: InformationRequest | None = None
    review: Review | None = None
    committee_date: CommitteeDate | None = None
    decision: str = ""

    @property
    def key(self) -> str:
        """The subject in the key of a paper, for example obligation:12:2027-01-23."""
        if self.obligation is not None:
            return f"obligation:{self.obligation.pk}:{self.due_on}"
        for name in ("submission", "request", "review", "committee_date"):
            if (fact := getattr(self, name)) is not None:
                return f"{name}:{fact.pk}"
        return f"state:{self.state.pk}"

    @property
    def is_state_alone(self) -> bool:
        """Whether it has no record beside the State."""
        return self.key.startswith("state:")

    def fingerprint(self) -> str:
        """SHA-256 of the facts: another one after each change that the paper would have to say, or that ends it."""
        facts: list[Any] = [self.state.pk, self.decision]
        if self.obligation is not None:
            one = self.obligation
            facts += [
                one.kind,
                one.carried_by,
                one.cycle,
                one.last_cycle,
                one.due_on,
                one.year_only,
                one.document,
                one.answered_on,
                one.waived,
                one.expected,
            ]
        if self.submission is not None:
            facts += [_Report.of(self.submission), self.submission.received_on, self.submission.symbol]
        if self.request is not None:
            facts += [self.request.document, self.request.issued_on, self.request.due_on]
        if self.review is not None:
            facts += [_Report.of(self.review), self.review.document, self.review.adopted_on]
        if self.committee_date is not None:
            dated = self.committee_date
            facts += [_Report.of(dated), dated.due_on, dated.precision, dated.document]
        return hashlib.sha256(json.dumps(facts, default=str).encode()).hexdigest()

    def in_words(self, day: date) -> dict[str, str]:
        """The facts in the active language, by the names that words of papers use.

        Args:
            day: the date of the paper.
        """
        found = {
            "state": self.state.formal_name or self.state.shown_name,
            "state_name": self.state.shown_name,
        }
        if self.decision:
            found["decision"] = self.decision
        if self.obligation is not None and self.due_on is not None:
            found |= _of_obligation(self.obligation, self.due_on, day)
        if self.submission is not None:
            one = self.submission
            found["report"] = wording.name(_Report.of(one))
            found["received"] = in_words(one.received_on) if one.received_on else _("not recorded")
            found["symbol"] = one.symbol or pgettext("the symbol of a document", "to be assigned")
        if self.request is not None:
            found["symbol"] = self.request.document
            found["issued"] = in_words(self.request.issued_on)
            found["reply_due"] = in_words(self.request.due_on)
        if self.review is not None:
            found["report"] = wording.name(_Report.of(self.review))
            found["symbol"] = self.review.document
            found["adopted"] = in_words(self.review.adopted_on)
        if self.committee_date is not None:
            found |= _of_committee_date(self.committee_date)
        return found

    def enclosures(self) -> list[str]:
        """The documents that go with the paper, in the active language."""
        if self.request is not None:
            symbol = self.request.document
            is_list = self.request.kind == RequestDocument.LIST_OF_ISSUES
            return [_("List of issues %(symbol)s") % {"symbol": symbol} if is_list else symbol]
        if (
            self.committee_date is not None
            and self.committee_date.document_kind == Document.PRIOR_TO_REPORTING
        ):
            return [
                _("List of issues prior to reporting %(symbol)s") % {"symbol": self.committee_date.document}
            ]
        if self.review is not None:
            return [_("Concluding observations %(symbol)s") % {"symbol": self.review.document}]
        return []


def _of_committee_date(dated: CommitteeDate) -> dict[str, str]:
    due = dated.due_on
    if due is None:
        return {}
    exactly = {Precision.YEAR: lambda day: str(day.year), Precision.MONTH: month_in_words}
    said = exactly.get(Precision(dated.precision), in_words)(due)
    return {
        "report": wording.name(_Report.of(dated)),
        "due": said,
        "reply_due": said,
        "document": dated.document,
        "symbol": dated.document,
        "issued": in_words(dated.decided_on) if dated.decided_on else _("not recorded"),
    }


def _of_obligation(obligation: Obligation, due_on: date, day: date) -> dict[str, str]:
    year_only = wording.in_year_alone(obligation, due_on)
    return {
        "basis": _basis(obligation),
        "report": wording.name(obligation),
        "due": str(due_on.year) if year_only else in_words(due_on),
        "overdue": span(due_on, day) if due_on < day else "",
        "document": wording.stated_in(obligation, due_on) or _("Optional Protocol, article 12"),
    }


def _basis(obligation: Obligation) -> str:
    """The rule under which a report is due, in a sentence."""
    if obligation.kind == Kind.INFORMATION:
        return _(
            "Under article 12, paragraph 3, of the Optional Protocol, the Committee may request from States parties "
            "further information relevant to its implementation."
        )
    if obligation.kind == Kind.INITIAL:
        return _(
            "Under article 12, paragraph 1, of the Optional Protocol, each State party submits a report to the "
            "Committee within two years following the entry into force of the Protocol for that State party."
        )
    if wording.is_carried(obligation):
        return _(
            "Under article 12, paragraph 2, of the Optional Protocol, each State party includes further information "
            "on its implementation in the reports that it submits to the Committee under article 44 of the Convention."
        )
    return _(
        "Under article 12, paragraph 2, of the Optional Protocol, States parties to the Protocol that are not parties "
        "to the Convention submit a report every five years."
    )
