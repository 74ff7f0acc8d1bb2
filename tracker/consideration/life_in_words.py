"""The life of a report in words: its steps, the next one, and who has it since when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from tracker.consideration.coverage import length_in_words
from tracker.languages.writing import in_words, month_in_words, with_semicolons
from tracker.obligations.wording import labelled, span
from tracker.rules.life import Life, LifeEnd, LifeStep, ReportStage, StageFact, StepStatus, Whose

STAGE_LABELS = {
    ReportStage.RECEIVED: gettext_lazy("received"),
    ReportStage.CHECKED: gettext_lazy("checked"),
    ReportStage.LIST_OF_ISSUES: gettext_lazy("list of issues"),
    ReportStage.REPLIES: gettext_lazy("replies"),
    ReportStage.SESSION: gettext_lazy("session"),
    ReportStage.DIALOGUE: gettext_lazy("dialogue"),
    ReportStage.OBSERVATIONS: gettext_lazy("concluding observations"),
    ReportStage.NEXT_DATE: gettext_lazy("next date"),
}
# What a report waits for.
NEXT_LABELS = {
    ReportStage.CHECKED: gettext_lazy("check against the guidelines"),
    ReportStage.LIST_OF_ISSUES: gettext_lazy("list of issues"),
    ReportStage.REPLIES: gettext_lazy("replies to the list of issues"),
    ReportStage.SESSION: gettext_lazy("place on a session"),
    ReportStage.DIALOGUE: gettext_lazy("dialogue"),
    ReportStage.OBSERVATIONS: gettext_lazy("concluding observations"),
    ReportStage.NEXT_DATE: gettext_lazy("record of the next date"),
}
WHOSE_LABELS = {
    Whose.OFFICE: gettext_lazy("the office"),
    Whose.COMMITTEE: gettext_lazy("the Committee"),
    Whose.STATE: gettext_lazy("the State"),
}
END_LABELS = {
    LifeEnd.COMPLETE: gettext_lazy("the next date is known"),
    LifeEnd.WITHDRAWN: gettext_lazy("withdrawn by the State"),
    LifeEnd.REVISED: gettext_lazy("a revision was received"),
}
STATUS_LABELS = {
    StepStatus.NEXT: gettext_lazy("next step"),
    StepStatus.AHEAD: gettext_lazy("ahead"),
    StepStatus.SKIPPED: gettext_lazy("not recorded"),
    StepStatus.ENDED: gettext_lazy("not expected"),
}


def next_in_words(life: Life) -> str:
    """The next step, or “none”."""
    if life.next_stage is None:
        return _("none")
    if life.next_stage == ReportStage.DIALOGUE and life.whose == Whose.OFFICE:
        return _("record of the dialogue")
    return str(NEXT_LABELS[life.next_stage])


def end_in_words(life: Life) -> str:
    """Why there is no next step; empty if there is one."""
    if life.ended == LifeEnd.NOT_RECORDED:
        if life.at(ReportStage.OBSERVATIONS):
            return _("next date not recorded")
        return _("observations not recorded") if life.at(ReportStage.DIALOGUE) else _("review not recorded")
    return str(END_LABELS[life.ended]) if life.ended else ""


def whose_in_words(life: Life) -> str:
    """Who has the next step; empty if there is none."""
    return str(WHOSE_LABELS[life.whose]) if life.whose else ""


def who_and_since(life: Life, day: date) -> str:
    """Who has the next step and for how long: “the Committee, for 4 years 9 months”; empty if there is none."""
    if not life.whose or life.since is None or life.since >= day:
        return whose_in_words(life)
    return _("%(who)s, for %(span)s") % {"who": whose_in_words(life), "span": span(life.since, day)}


def happened_in_words(life: Life) -> str:
    """What has happened, in one line: “received: 5 June 2019; dialogue: 13 May 2024”."""
    return with_semicolons(
        labelled(STAGE_LABELS[one.stage], _when(one.fact))
        for one in life.steps
        if one.fact and one.status == StepStatus.DONE
    )


@dataclass(frozen=True)
class ShownStep:
    """A step of the line.

    Attributes:
        css: of its status.
        when: its day, or its status where there is none.
        note: what else is to be said of the day.
        document: symbol or name of what records it.
        session: the key of the session that it is on, for a link.
    """

    label: str
    css: str
    when: str
    note: str = ""
    document: str = ""
    session: int | None = None


def steps_in_words(life: Life, day: date) -> list[ShownStep]:
    """All steps of the line, as known on a day."""
    return [_in_words(one, life, day) for one in life.steps]


def _in_words(step: LifeStep, life: Life, day: date) -> ShownStep:
    label, fact = str(capfirst(STAGE_LABELS[step.stage])), step.fact
    if fact is None:
        return ShownStep(label, step.status, str(STATUS_LABELS[step.status]))
    at_session = step.stage == ReportStage.SESSION or (
        step.stage == ReportStage.LIST_OF_ISSUES and step.status != StepStatus.DONE
    )
    return ShownStep(
        label,
        step.status,
        _when(fact),
        _note(step, fact, life, day),
        fact.document,
        fact.key if at_session else None,
    )


def _when(fact: StageFact) -> str:
    if fact.stage == ReportStage.NEXT_DATE:
        return in_words(fact.until) if fact.until else _("to be communicated")
    if fact.day is None:
        return _("day not known")
    return month_in_words(fact.day) if fact.month_only else in_words(fact.day)


def _note(step: LifeStep, fact: StageFact, life: Life, day: date) -> str:
    if step.stage == ReportStage.SESSION:
        if fact.until is None or fact.day is None:
            return "" if step.status == StepStatus.DONE else _("planned")
        if step.status == StepStatus.DONE:
            return _("to %(day)s") % {"day": in_words(fact.until)}
        return _("planned, to %(day)s") % {"day": in_words(fact.until)}
    if step.stage == ReportStage.LIST_OF_ISSUES:
        if step.status != StepStatus.DONE:
            return _("planned")
        if life.at(ReportStage.REPLIES) is None and fact.until:
            if fact.until < day:
                return _("replies were due on %(day)s") % {"day": in_words(fact.until)}
            return _("replies due on %(day)s") % {"day": in_words(fact.until)}
        received = life.at(ReportStage.RECEIVED)
        if fact.day and received and received.day and fact.day <= received.day:
            return _("prior to reporting")
    if step.stage == ReportStage.REPLIES:
        return length_in_words(fact.words, fact.limit)
    if step.stage == ReportStage.NEXT_DATE and fact.day:
        return _("stated on %(day)s") % {"day": in_words(fact.day)}
    return ""
