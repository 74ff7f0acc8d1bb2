"""The life of a report, from its receipt to the date of the next one, as dated steps. Pure: from facts and a day.

received → checked → list of issues → replies → session → dialogue → observations → next date
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.rules.dates import whole_months


class ReportStage(StrEnum):
    """The stages of a report, in their order."""

    RECEIVED = "received"
    CHECKED = "checked"
    LIST_OF_ISSUES = "list of issues"
    REPLIES = "replies"
    SESSION = "session"
    DIALOGUE = "dialogue"
    OBSERVATIONS = "observations"
    NEXT_DATE = "next date"


class Whose(StrEnum):
    """Who has to take the next step."""

    OFFICE = "office"
    COMMITTEE = "committee"
    STATE = "State"


class StepStatus(StrEnum):
    """How far a stage has come: *skipped* ones were overtaken without a record, *ended* ones are not expected."""

    DONE = "done"
    NEXT = "next"
    AHEAD = "ahead"
    SKIPPED = "skipped"
    ENDED = "ended"


class LifeEnd(StrEnum):
    """Why a report has no next step."""

    COMPLETE = "complete"
    NOT_RECORDED = "not recorded"
    WITHDRAWN = "withdrawn"
    REVISED = "revised"


# The Committee adopts observations, with the next date, at the end of the session of the dialogue. What is
# not recorded this many months later is missing in our records; nobody waits for it.
RECORDED_WITHIN_MONTHS = 3

BEFORE_SESSION = (ReportStage.RECEIVED, ReportStage.LIST_OF_ISSUES, ReportStage.REPLIES)
AT_SESSION = (ReportStage.DIALOGUE, ReportStage.OBSERVATIONS, ReportStage.NEXT_DATE)


@dataclass(frozen=True)
class StageFact:
    """A stage of a report as it is recorded.

    Attributes:
        day: on which it happened or, for a session and a list of issues still ahead, is planned; None if the stage is
            known to have happened and its day is not. Of the next date: the day on which it was stated.
        document: symbol or name of what records it.
        until: the day by which replies are due, the last day of the session, or the next date; None for a next date
            that is to be communicated.
        month_only: whether only the month of the day is known.
        key: of the record, for a link.
        words, limit: of replies: how many words they have and may have; None if nobody has counted them, or there is
            no limit.
    """

    stage: ReportStage
    day: date | None
    document: str = ""
    until: date | None = None
    month_only: bool = False
    key: int | None = None
    words: int | None = None
    limit: int | None = None


@dataclass(frozen=True)
class LifeStep:
    """A stage, what is recorded of it (a session may be planned), and how far it has come."""

    stage: ReportStage
    fact: StageFact | None
    status: StepStatus


@dataclass(frozen=True)
class Life:
    """How far a report has come on a day.

    Attributes:
        steps: one for each stage, in order.
        next_stage: the stage that the report waits for; None if it has `ended`.
        whose: who has to take that step.
        since: the day from which the report waits for it; None if that is not known.
        ended: why there is no next step.
        waits_since: the day of receipt, while the report waits and is on no session; None if it does not wait for one,
            or that day is not known.
    """

    steps: tuple[LifeStep, ...]
    next_stage: ReportStage | None
    whose: Whose | None
    since: date | None
    ended: LifeEnd | None
    waits_since: date | None = None

    def at(self, stage: ReportStage) -> StageFact | None:
        """What is recorded of a stage."""
        return next(one.fact for one in self.steps if one.stage == stage)


def life_of(
    recorded: Iterable[StageFact],
    day: date,
    *,
    to_check: bool = True,
    to_reply: bool = True,
    overtaken: bool = False,
    ended: LifeEnd | None = None,
) -> Life:
    """The life of a report as known on a day.

    A session ahead is part of the line, but the report still waits for its dialogue: what is planned has not happened.
    A list of issues is not needed for a dialogue, nor are a check and replies: a later stage makes them *skipped*.

    Args:
        recorded: at most one for each stage, only those known on the day.
        to_check: whether the office is to check this report now.
        to_reply: whether replies to a list of issues are expected; not if our records do not reach back to their day.
        overtaken: whether later observations of the State are known, so that a review of this report is missing in our
            records; a report on a session is not overtaken.
        ended: the State has withdrawn or revised the report.
    """
    facts = {one.stage: one for one in recorded}
    done = {stage for stage, one in facts.items() if one.day is None or one.day <= day}
    session = facts.get(ReportStage.SESSION)
    considered = [stage for stage in AT_SESSION if stage in done]
    since = _latest(facts, [stage for stage in BEFORE_SESSION if stage in done])
    next_stage: ReportStage | None = None
    whose: Whose | None = Whose.COMMITTEE
    if ended is not None:
        pass
    elif considered:
        since = _latest(facts, considered)
        if ReportStage.NEXT_DATE in done:
            ended = LifeEnd.COMPLETE
        elif since is None or whole_months(since, day) >= RECORDED_WITHIN_MONTHS:
            ended = LifeEnd.NOT_RECORDED
        elif ReportStage.OBSERVATIONS in done:
            next_stage, whose = ReportStage.NEXT_DATE, Whose.OFFICE  # the observations say it
        else:
            next_stage = ReportStage.OBSERVATIONS
    elif session is not None and ReportStage.SESSION in done:
        next_stage = ReportStage.DIALOGUE
        if session.until is None or session.until < day:
            whose, since = Whose.OFFICE, session.until or session.day  # to be recorded
    elif overtaken and session is None:
        ended = LifeEnd.NOT_RECORDED
    else:
        next_stage = _before_session(facts, done, to_check=to_check, to_reply=to_reply)
        whose = {ReportStage.CHECKED: Whose.OFFICE, ReportStage.REPLIES: Whose.STATE}.get(next_stage, whose)
    received = facts.get(ReportStage.RECEIVED)
    waits = ended is None and session is None and not considered
    return Life(
        tuple(
            LifeStep(stage, facts.get(stage), _status(stage, facts, done, next_stage, ended))
            for stage in ReportStage
        ),
        next_stage,
        whose if next_stage else None,
        since if next_stage else None,
        ended,
        received.day if waits and received else None,
    )


def _before_session(
    facts: dict[ReportStage, StageFact], done: set[ReportStage], *, to_check: bool, to_reply: bool
) -> ReportStage:
    """The first stage that is still expected before the dialogue."""
    if to_check and ReportStage.CHECKED not in done:
        return ReportStage.CHECKED
    if ReportStage.REPLIES not in done:
        if ReportStage.LIST_OF_ISSUES not in done:
            return ReportStage.LIST_OF_ISSUES
        if to_reply:
            return ReportStage.REPLIES
    return ReportStage.DIALOGUE if ReportStage.SESSION in facts else ReportStage.SESSION


def _latest(facts: dict[ReportStage, StageFact], stages: Iterable[ReportStage]) -> date | None:
    return max((known for stage in stages if (known := facts[stage].day)), default=None)


def _status(
    stage: ReportStage,
    facts: dict[ReportStage, StageFact],
    done: set[ReportStage],
    next_stage: ReportStage | None,
    ended: LifeEnd | None,
) -> StepStatus:
    if stage in done:
        return StepStatus.DONE
    if stage == next_stage:
        return StepStatus.NEXT
    if next_stage is None:
        return StepStatus.ENDED if ended in (LifeEnd.WITHDRAWN, LifeEnd.REVISED) else StepStatus.SKIPPED
    order = list(ReportStage)
    overtaken = (
        order.index(stage) < order.index(next_stage) and stage not in facts
    )  # a session may be planned
    return StepStatus.SKIPPED if overtaken else StepStatus.AHEAD
