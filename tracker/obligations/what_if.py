"""What would follow if something were recorded that is not: facts supposed, compared with those there are.

Nothing here writes. A supposition is the State's facts as they would be, with the sentence that says so;
`compare` runs the rules over both and tells the difference. Days in the future are welcome: that is what
one asks "what if" for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.obligations import checks
from tracker.obligations.counts import counts_of
from tracker.obligations.derive import DueRow, horizon, rows_of
from tracker.obligations.models import (
    MOST_YEARS_AHEAD,
    NEXT,
    CommitteeDate,
    Review,
    Submission,
    report_label,
)
from tracker.registry.models import ADOPTED, State, TreatyAction, order_problem
from tracker.rules.dates import add_years, in_words
from tracker.rules.due import Due
from tracker.rules.entry_into_force import ActionFact, ActionKind, TreatyCode
from tracker.rules.facts import DecisionOutcome, Facts


class Impossible(Exception):
    """What is supposed cannot be; in one sentence for the person who supposes it.

    Attributes:
        field: the name of the input that it is about; empty if it is about the whole.
    """

    def __init__(self, message: object, field: str = "") -> None:
        super().__init__(str(message))
        self.field = field


@dataclass(frozen=True)
class Supposition:
    """A change to a State's facts that nobody has recorded.

    Attributes:
        said: what is supposed, in a sentence.
        facts: the State's facts as they would be.
        since: the day from which it counts; None: for as long as the fact that it takes away did.
        note: what it replaces, in a sentence; empty if it replaces nothing.
    """

    said: str
    facts: Facts
    since: date | None = None
    note: str = ""


# --- what can be supposed --------------------------------------------------------------------


def deposit(state: State, facts: Facts, day: date, kind: str = "") -> Supposition:
    """An instrument for the OPSC, deposited on a day, in place of the one that is recorded.

    Args:
        kind: ratification, accession or succession; empty: what the State's signature calls for.

    Raises:
        Impossible: such an action could not be recorded either.
    """
    opsc = TreatyCode.OPSC
    signed_on = facts.signed_on(opsc)
    kind = kind or (ActionKind.ACCESSION.value if signed_on is None else ActionKind.RATIFICATION.value)
    if day < ADOPTED[opsc]:
        raise Impossible(
            _("The %(treaty)s was adopted on %(day)s; enter a day from then on.")
            % {"treaty": opsc.value, "day": in_words(ADOPTED[opsc])},
            "day",
        )
    # In place of the last deposit; after a denunciation, beside it: the State joins again.
    period = facts.membership(opsc)
    recorded = period.joined if period is not None and period.notice_on is None else None
    others = [a for a in facts.actions if a.treaty == opsc and a != recorded]
    if message := order_problem(others, ActionFact(opsc.value, kind, day)):
        raise Impossible(message, "day")
    note = ""
    if recorded is not None:
        note = _("It replaces the %(kind)s recorded on %(day)s.") % {
            "kind": TreatyAction.Kind(recorded.kind).label,
            "day": in_words(recorded.day),
        }
    kept = tuple(action for action in facts.actions if action != recorded)
    return Supposition(
        _("Supposed: %(state)s, %(kind)s, on %(day)s.")
        % {"state": state.name, "kind": TreatyAction.Kind(kind).label, "day": in_words(day)},
        replace(facts, actions=(*kept, ActionFact(opsc.value, kind, day))),
        day,
        note,
    )


def committee_date(facts: Facts, stated: CommitteeDate) -> Supposition:
    """A date that the Committee states, in place of what it stated that day about the same cycles.

    Args:
        stated: not saved, and never to be.

    Raises:
        Impossible: it could not be recorded either, but for lying in the future.
    """
    stated.document = stated.document or _("Supposed decision")
    _check(stated, facts, may_be_ahead="decided_on")
    decision = stated.as_rule()
    about = (decision.kind, decision.carried_by, decision.first_cycle, decision.last_cycle)
    recorded = next(
        (
            d
            for d in facts.decisions
            if (d.kind, d.carried_by, d.first_cycle, d.last_cycle) == about
            and d.decided_on == decision.decided_on
        ),
        None,
    )
    what = stated.label
    names = {"state": stated.state.name, "what": what, "day": in_words(decision.counts_from)}
    if decision.due_on is not None:
        said = _("Supposed: %(state)s, the Committee asks on %(day)s for %(what)s by %(due)s.") % (
            names | {"due": in_words(decision.due_on)}
        )
    elif decision.outcome == DecisionOutcome.WAIVED:
        said = _("Supposed: %(state)s, the Committee asks on %(day)s for no %(what)s.") % names
    else:
        said = (
            _(
                "Supposed: %(state)s, the Committee says on %(day)s that it will communicate the date of %(what)s."
            )
            % names
        )
    note = ""
    if recorded is not None:
        note = _("It replaces the date recorded for that day: %(document)s.") % {
            "document": recorded.document
        }
    kept = tuple(d for d in facts.decisions if d is not recorded)
    return Supposition(said, replace(facts, decisions=(*kept, decision)), decision.counts_from, note)


def review(facts: Facts, supposed: Review, stated: CommitteeDate | None = None) -> Supposition:
    """Concluding observations, in place of what is recorded of that day about the same report.

    Args:
        supposed: not saved, and never to be.
        stated: the date of the next report that they state; None if they state none.

    Raises:
        Impossible: they could not be recorded either, but for lying in the future; of the date that they state, the
            field is named with "next_" before it.
    """
    supposed.document = supposed.document or _("Supposed observations")
    _check(supposed, facts, may_be_ahead="adopted_on")
    fact = supposed.as_rule()
    about = (fact.kind, fact.carried_by, fact.first_cycle, fact.last_cycle, fact.adopted_on)
    kept = tuple(
        one
        for one in facts.reviews
        if (one.kind, one.carried_by, one.first_cycle, one.last_cycle, one.adopted_on) != about
    )
    reviewed = replace(facts, reviews=(*kept, fact))
    names = {
        "state": supposed.state.name,
        "what": supposed.label,
        "day": in_words(fact.adopted_on),
    }
    said = (
        _("Supposed: %(state)s, reviewed on %(day)s without a report.")
        if fact.without_report
        else _("Supposed: %(state)s, %(what)s reviewed on %(day)s.")
    ) % names
    if stated is None:
        return Supposition(said, reviewed, fact.adopted_on)
    stated.document = supposed.document
    if repeats(supposed, stated):
        raise Impossible(REPEATED, "next_first_cycle")
    try:
        along = committee_date(reviewed, stated)
    except Impossible as error:
        raise Impossible(error, f"next_{error.field}" if error.field else "") from None
    return Supposition(f"{said} {along.said}", along.facts, fact.adopted_on, along.note)


REPEATED = gettext_lazy("This is the report that was reviewed. Enter the number of the next one.")


def repeats(review: Review, stated: CommitteeDate) -> bool:
    """Whether observations on a report ask for the same report again; without a report they may."""
    return (
        not review.without_report
        and NEXT not in (review.first_cycle, stated.first_cycle)
        and (review.kind, review.carried_by) == (stated.kind, stated.carried_by)
        and stated.first_cycle <= review.last_cycle
    )


def withdrawal(facts: Facts, submission: Submission) -> Supposition:
    """A submission that is recorded, taken back.

    Raises:
        Impossible: a revision rests on it.
    """
    if submission.revisions.exists():
        raise Impossible(
            _("A revision of this report is recorded; withdraw the revision first."),
            "submission",
        )
    reports = list(facts.reports)
    reports.remove(submission.as_rule())
    return Supposition(
        _("Supposed: %(state)s, the submission %(what)s is withdrawn.")
        % {"state": submission.state.name, "what": submission_label(submission)},
        replace(facts, reports=tuple(reports)),
    )


def receipt(facts: Facts, submission: Submission) -> Supposition:
    """A report received.

    Args:
        submission: not saved, and never to be; with its date of receipt.

    Raises:
        Impossible: it could not be recorded either, but for lying in the future.
    """
    _check(submission, facts, may_be_ahead="received_on")
    report = submission.as_rule()
    what = submission.label
    return Supposition(
        _("Supposed: %(state)s, %(what)s received on %(day)s.")
        % {"state": submission.state.name, "what": what, "day": in_words(report.counts_from)},
        replace(facts, reports=(*facts.reports, report)),
        report.counts_from,
    )


def submission_label(submission: Submission) -> str:
    """A submission as people tell it from the State's others: what it is, its symbol, its day."""
    what = submission.label
    pattern = (
        _("%(what)s, received on %(day)s") if submission.received_on else _("%(what)s, reviewed by %(day)s")
    )
    told = pattern % {"what": what, "day": in_words(submission.known_on())}
    return f"{submission.symbol} ({told})" if submission.symbol else told


def _check(fact: CommitteeDate | Submission | Review, facts: Facts, *, may_be_ahead: str) -> None:
    """Lets the model say what is wrong; only that a day lies in the future is no objection here."""
    today = timezone.localdate()
    day = getattr(fact, may_be_ahead)
    ahead = day is not None and day > today
    try:
        fact.full_clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            if not (ahead and name == may_be_ahead):
                raise Impossible(messages[0], "" if name == NON_FIELD_ERRORS else name) from None
    if ahead:  # with that objection alone, the model has not looked at the State's calendar
        if isinstance(fact, CommitteeDate):
            errors = checks.of_decision(fact.as_rule(), facts, today)
        elif isinstance(fact, Review):
            errors = checks.of_review(fact.as_rule(), facts, today)
        else:
            errors = checks.of_report(fact.as_rule(), facts, today)
        for name, message in errors.items():
            raise Impossible(message, name)


# --- what would follow -----------------------------------------------------------------------


Identity = tuple[str, str, int]


def identity(due: Due) -> Identity:
    """What tells an obligation from the State's others."""
    return (str(due.kind), str(due.carried_by), due.cycle)


def label(due: Due) -> str:
    """What is owed, in words."""
    return report_label(due.kind, due.cycle, due.carried_by, due.subject, due.last_cycle)


# What can be another in a row, and how it is read.
COMPARED = {
    "due_on": lambda row: (row.due.due_on, row.due.waived),
    "status": lambda row: row.status,
    "received_on": lambda row: (row.due.received_on, row.due.answered_on),
    "computed_on": lambda row: row.due.computed_on,
    "trail": lambda row: row.due.trail,
}


@dataclass(frozen=True)
class Pair:
    """An obligation as it is and as it would be; one of the two may be missing, never both."""

    before: DueRow | None
    after: DueRow | None

    @property
    def row(self) -> DueRow:
        """The one that would be; where there would be none, the one that is."""
        row = self.after or self.before
        assert row is not None  # noqa: S101 - never both are missing
        return row

    @property
    def label(self) -> str:
        """What it is, in words."""
        return label(self.row.due)

    @property
    def changes(self) -> list[str]:
        """What would be another: names out of COMPARED; none where a row is added, gone or the same."""
        if self.before is None or self.after is None:
            return []
        return [name for name, read in COMPARED.items() if read(self.before) != read(self.after)]

    @property
    def is_same(self) -> bool:
        """Whether nothing at all would be another."""
        return self.before is not None and self.after is not None and not self.changes


@dataclass(frozen=True)
class WhatIfResult:
    """What a State owes on a day as recorded, and as supposed.

    Attributes:
        day: both are told as of it.
        pairs: every obligation of either, in the order of falling due.
        rows: what would be owed, as `deadlines` gives it.
        counts_before, counts_after: the figures of all States, as `status` gives them.
    """

    state: State
    supposed: Supposition
    day: date
    pairs: list[Pair]
    rows: list[DueRow]
    counts_before: dict[str, Any] = field(default_factory=dict)
    counts_after: dict[str, Any] = field(default_factory=dict)

    @property
    def changed_pairs(self) -> list[Pair]:
        """Only what would be added, gone or another."""
        return [pair for pair in self.pairs if not pair.is_same]

    @property
    def changed_counts(self) -> list[tuple[str, int, int]]:
        """Only the figures that would be others: name ("initial.overdue"), what it is, what it would be."""
        before, after = _flat(self.counts_before), _flat(self.counts_after)
        return [(name, before[name], after[name]) for name in before if before[name] != after[name]]


def compare(state: State, facts: Mapping[str, Facts], supposed: Supposition, day: date) -> WhatIfResult:
    """What would be another for a State, and in the figures of all.

    Args:
        facts: the recorded facts of all States.
        day: tell it as of this day; where the supposition counts only later, as of then.
    """
    on = max(day, supposed.since or day)
    until = horizon(on)
    before, after = (
        # Farther than is shown: what only moves beyond the horizon is not gone.
        {
            identity(row.due): row
            for row in rows_of(state, known, on, until=add_years(until, MOST_YEARS_AHEAD))
        }
        for known in (facts.get(state.pk, Facts()), supposed.facts)
    )
    pairs = [Pair(before.get(key), after.get(key)) for key in {**before, **after}]
    pairs = [
        pair for pair in pairs if any(row.due.falls_on <= until for row in (pair.before, pair.after) if row)
    ]
    would_be = {**facts, state.pk: supposed.facts}
    states = list(State.objects.filter(pk__in=would_be))
    return WhatIfResult(
        state,
        supposed,
        on,
        sorted(pairs, key=lambda pair: (pair.row.due.falls_on, *identity(pair.row.due))),
        list(rows_of(state, supposed.facts, on)),
        counts_of(states, facts, on),
        counts_of(states, would_be, on),
    )


def _flat(counts: dict[str, Any]) -> dict[str, int]:
    """The figures with nested names joined by a point, as `status` prints them; without the day."""
    return {
        f"{name}.{inner}" if inner else name: value
        for name, outer in counts.items()
        if name != "as_of"
        for inner, value in (outer.items() if isinstance(outer, dict) else (("", outer),))
    }
