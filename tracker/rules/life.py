"""The life of a report, from its receipt to the date of the next one, as dated steps. Pure: from facts and a day.

received → checked → list of issues → replies → session → dialogue → observations → next date
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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


WHOSE = {
    ReportStage.CHECKED: Whose.OFFICE,
    ReportStage.LIST_OF_ISSUES: Whose.COMMITTEE,
    ReportStage.REPLIES: Whose.STATE,
    ReportStage.SESSION: Whose.COMMITTEE,
    ReportStage.DIALOGUE: Whose.COMMITTEE,
    ReportStage.OBSERVATIONS: Whose.COMMITTEE,
    ReportStage.NEXT_DATE: Whose.COMMITTEE,
}


@dataclass(frozen=True)
class StageFact:
    """A stage of a report as it is recorded.

    Attributes:
        day: on which it happened or, for a session and a list of issues still ahead, is planned; None if the stage is
            known to have happened and its day is not.
        document: symbol or name of what records it.
        until: the day by which replies are due, or the last day of the session.
        month_only: whether only the month of the day is known.
    """

    stage: ReportStage
    day: date | None
    document: str = ""
    until: date | None = None
    month_only: bool = False


@dataclass(frozen=True)
class Life:
    """How far a report has come on a day.

    Attributes:
        steps: one for each stage, in order; None where nothing is recorded.
        next_stage: the first stage that has not happened after the last one that has; None once the next date is known
            or if the report was withdrawn.
        since: the day of the last stage that happened: from then on the report waits for the next one.
        skipped: stages that later ones have overtaken without a record; they are no longer expected.
    """

    steps: tuple[tuple[ReportStage, StageFact | None], ...]
    next_stage: ReportStage | None
    since: date | None
    skipped: tuple[ReportStage, ...]

    @property
    def whose(self) -> Whose | None:
        """Who has to take the next step."""
        return WHOSE[self.next_stage] if self.next_stage else None

    def at(self, stage: ReportStage) -> StageFact | None:
        """What is recorded of a stage."""
        return dict(self.steps)[stage]


def life_of(happened: Iterable[StageFact], day: date, *, withdrawn_on: date | None = None) -> Life:
    """The life of a report as known on a day.

    A session ahead is part of the line, but the report still waits for its dialogue: what is planned has not happened.
    A list of issues is not needed for a dialogue, nor are a check and replies: a later stage makes them *skipped*.

    Args:
        happened: at most one for each stage, only those known on the day.
        withdrawn_on: the day on which the State withdrew the report.
    """
    known = {one.stage: one for one in happened}
    steps = tuple((stage, known.get(stage)) for stage in ReportStage)
    done = [
        stage
        for stage in ReportStage
        if (one := known.get(stage)) is not None
        and (one.day is None or one.day <= day or stage in (ReportStage.SESSION, ReportStage.NEXT_DATE))
    ]
    last = list(ReportStage).index(done[-1]) if done else -1
    if ReportStage.SESSION in done and ReportStage.DIALOGUE not in done and done[-1] == ReportStage.SESSION:
        # On a session: the list of issues and the replies are still expected before it.
        before: list[ReportStage] = [
            stage for stage in (ReportStage.LIST_OF_ISSUES, ReportStage.REPLIES) if stage not in done
        ]
        last_before: list[ReportStage] = [stage for stage in done if stage != ReportStage.SESSION]
    else:
        before, last_before = [], done
    since = next((known[stage].day for stage in reversed(last_before) if known[stage].day), None)
    if withdrawn_on is not None and withdrawn_on <= day:
        return Life(steps, None, since, ())
    ahead = [*before, *[stage for stage in list(ReportStage)[last + 1 :] if stage not in done]]
    skipped = tuple(
        stage for stage in list(ReportStage)[: last + 1] if stage not in done and stage not in before
    )
    return Life(steps, ahead[0] if ahead else None, since, skipped)
