"""What would change if a fact were recorded: compares supposed facts with the recorded ones.

Writes nothing. A supposition has the State's facts as they would be, and a sentence that describes it; `compare`
applies the rules to both and returns the differences. Days in the future are allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.writing import in_words
from tracker.obligations import checks
from tracker.obligations.counts import counts_of
from tracker.obligations.derive import DueRow, horizon, rows_of
from tracker.obligations.models import MOST_YEARS_AHEAD, NEXT, CommitteeDate, Review, Submission, report_label
from tracker.registry.models import ADOPTED, State, TreatyAction, order_problem
from tracker.rules.dates import add_years
from tracker.rules.due import Due
from tracker.rules.entry_into_force import ActionFact, ActionKind, TreatyCode
from tracker.rules.facts import DecisionOutcome, Facts


class Impossible(Exception):
    """The supposition is not valid; the message is one sentence for the user.

    Attributes:
        field: the name of the input with the error; empty if it is about the whole form.
    """

    def __init__(self, message: object, field: str = "") -> None:
        super().__init__(str(message))
        self.field = field


@dataclass(frozen=True)
class Supposition:
    """A supposed change to a State's facts.

    Attributes:
        said: the supposition in a sentence.
        facts: the State's facts as they would be.
        since: the day from which it counts; None for as long as the withdrawn fact counted.
        note: a sentence about the fact that it replaces; empty if it replaces none.
    """

    said: str
    facts: Facts
    since: date | None = None
    note: str = ""


# --- suppositions ----------------------------------------------------------------------------


def deposit(state: State, facts: Facts, day: date, kind: str = "") -> Supposition:
    """An instrument for the OPSC deposited on a day, instead of the recorded one.

    Args:
        kind: ratification, accession or succession; empty: ratification after a signature, else accession.

    Raises:
        Impossible: such an action could not be recorded.
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
    # Replaces the last deposit; after a denunciation it is added, because the State joins again.
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
        % {"state": state.shown_name, "kind": TreatyAction.Kind(kind).label, "day": in_words(day)},
        replace(facts, actions=(*kept, ActionFact(opsc.value, kind, day))),
        day,
        note,
    )


def committee_date(facts: Facts, stated: CommitteeDate) -> Supposition:
    """A date stated by the Committee, instead of the recorded one of that day about the same cycles.

    Args:
        stated: unsaved; never saved.

    Raises:
        Impossible: it could not be recorded, apart from being in the future.
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
    names = {"state": stated.state.shown_name, "what": what, "day": in_words(decision.counts_from)}
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
    """Concluding observations, instead of the recorded ones of that day about the same report.

    Args:
        supposed: unsaved; never saved.
        stated: the date of the next report that they state; None if they state none.

    Raises:
        Impossible: they could not be recorded, apart from being in the future; for errors of the stated date, the
            field has the prefix "next_".
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
        "state": supposed.state.shown_name,
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
    """Whether observations on a report request the same report again; only a review without a report may."""
    return (
        not review.without_report
        and NEXT not in (review.first_cycle, stated.first_cycle)
        and (review.kind, review.carried_by) == (stated.kind, stated.carried_by)
        and stated.first_cycle <= review.last_cycle
    )


def withdrawal(facts: Facts, submission: Submission) -> Supposition:
    """The withdrawal of a recorded submission.

    Raises:
        Impossible: the submission has a revision.
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
        % {"state": submission.state.shown_name, "what": submission_label(submission)},
        replace(facts, reports=tuple(reports)),
    )


def receipt(facts: Facts, submission: Submission) -> Supposition:
    """The receipt of a report.

    Args:
        submission: unsaved; never saved; with its date of receipt.

    Raises:
        Impossible: it could not be recorded, apart from being in the future.
    """
    _check(submission, facts, may_be_ahead="received_on")
    report = submission.as_rule()
    what = submission.label
    return Supposition(
        _("Supposed: %(state)s, %(what)s received on %(day)s.")
        % {"state": submission.state.shown_name, "what": what, "day": in_words(report.counts_from)},
        replace(facts, reports=(*facts.reports, report)),
        report.counts_from,
    )


def submission_label(submission: Submission) -> str:
    """A submission in words, unique within its State: symbol, reports and day."""
    what = submission.label
    pattern = (
        _("%(what)s, received on %(day)s") if submission.received_on else _("%(what)s, reviewed by %(day)s")
    )
    told = pattern % {"what": what, "day": in_words(submission.known_on())}
    return f"{submission.symbol} ({told})" if submission.symbol else told


def _check(fact: CommitteeDate | Submission | Review, facts: Facts, *, may_be_ahead: str) -> None:
    """Validates the model; a day in the future is allowed."""
    today = timezone.localdate()
    day = getattr(fact, may_be_ahead)
    ahead = day is not None and day > today
    try:
        fact.full_clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            if not (ahead and name == may_be_ahead):
                raise Impossible(messages[0], "" if name == NON_FIELD_ERRORS else name) from None
    if ahead:  # with that error alone, the model has not checked the State's calendar
        if isinstance(fact, CommitteeDate):
            errors = checks.of_decision(fact.as_rule(), facts, today)
        elif isinstance(fact, Review):
            errors = checks.of_review(fact.as_rule(), facts, today)
        else:
            errors = checks.of_report(fact.as_rule(), facts, today)
        for name, message in errors.items():
            raise Impossible(message, name)


# --- comparison ------------------------------------------------------------------------------


Identity = tuple[str, str, int]


def identity(due: Due) -> Identity:
    """Kind, series and cycle: unique among the obligations of a State."""
    return (str(due.kind), str(due.carried_by), due.cycle)


def label(due: Due) -> str:
    """The name of the report or reply, in words."""
    return report_label(due.kind, due.cycle, due.carried_by, due.subject, due.last_cycle)


# The values of a row that are compared, and how to read them.
COMPARED = {
    "due_on": lambda row: (row.due.due_on, row.due.waived),
    "status": lambda row: row.status,
    "received_on": lambda row: (row.due.received_on, row.due.answered_on),
    "computed_on": lambda row: row.due.computed_on,
    "trail": lambda row: row.due.trail,
}


@dataclass(frozen=True)
class Pair:
    """An obligation before and after; one of the two may be missing, never both."""

    before: DueRow | None
    after: DueRow | None

    @property
    def row(self) -> DueRow:
        """The row after the change; if there is none, the row before it."""
        row = self.after or self.before
        assert row is not None  # noqa: S101 - never both are missing
        return row

    @property
    def label(self) -> str:
        """The name of the report or reply, in words."""
        return label(self.row.due)

    @property
    def changes(self) -> list[str]:
        """The names in COMPARED that would change; empty if a row is added, removed or unchanged."""
        if self.before is None or self.after is None:
            return []
        return [name for name, read in COMPARED.items() if read(self.before) != read(self.after)]

    @property
    def is_same(self) -> bool:
        """Whether nothing would change."""
        return self.before is not None and self.after is not None and not self.changes


@dataclass(frozen=True)
class WhatIfResult:
    """The obligations of a State on a day, as recorded and as supposed.

    Attributes:
        day: the as-of day of both.
        pairs: all obligations of both, in order of their dates.
        rows: the supposed obligations, as in `deadlines`.
        counts_before: the figures of all States, as in `status`.
        state_before, state_after: those of the State alone, as recorded and as supposed.
    """

    state: State
    supposed: Supposition
    day: date
    pairs: list[Pair]
    rows: list[DueRow]
    counts_before: dict[str, Any] = field(default_factory=dict)
    state_before: dict[str, Any] = field(default_factory=dict)
    state_after: dict[str, Any] = field(default_factory=dict)

    @property
    def changed_pairs(self) -> list[Pair]:
        """Only the obligations that would be added, removed or changed."""
        return [pair for pair in self.pairs if not pair.is_same]

    @property
    def changed_counts(self) -> list[tuple[str, int, int]]:
        """Only the figures that would change: name ("initial.overdue"), before, after."""
        total, before, after = map(_flat, (self.counts_before, self.state_before, self.state_after))
        changed = {name: after[name] - before[name] for name in before if after[name] != before[name]}
        return [(name, total[name], total[name] + by) for name, by in changed.items()]


def compare(state: State, facts: Mapping[str, Facts], supposed: Supposition, day: date) -> WhatIfResult:
    """Compares the obligations of a State, and the figures of all States, before and after a supposition.

    Args:
        facts: the recorded facts of all States.
        day: the as-of day; if the supposition counts only later, that later day is used.
    """
    on = max(day, supposed.since or day)
    until = horizon(on)
    before, after = (
        # Farther than is shown: a row that moves beyond the horizon is not removed.
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
    recorded = {state.pk: facts.get(state.pk, Facts())}
    return WhatIfResult(
        state,
        supposed,
        on,
        sorted(pairs, key=lambda pair: (pair.row.due.falls_on, *identity(pair.row.due))),
        list(rows_of(state, supposed.facts, on)),
        counts_of(State.objects.filter(pk__in=facts), facts, on),
        counts_of([state], recorded, on),
        counts_of([state], {state.pk: supposed.facts}, on),
    )


def _flat(counts: dict[str, Any]) -> dict[str, int]:
    """The figures with nested names joined by a point, as in `status`; without the day."""
    return {
        f"{name}.{inner}" if inner else name: value
        for name, outer in counts.items()
        if name != "as_of"
        for inner, value in (outer.items() if isinstance(outer, dict) else (("", outer),))
    }
