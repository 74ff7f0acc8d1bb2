"""Papers received: entered with a number of their own register, corrected, withdrawn; the number stays.

Where a paper received confirms the receipt of one of ours, it is recorded there under its reference; both change
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_noop

from tracker.correspondence import papers, steps
from tracker.correspondence.checks import SECOND_CLICK, NotPossible, stage_of
from tracker.correspondence.models import Direction, Letterhead, Occasion, Paper, PaperForm, PaperStatus
from tracker.correspondence.numbers import locked_year, next_number, reference_of
from tracker.correspondence.steps import What
from tracker.registry.models import State
from tracker.registry.stored import StoredText

BY_MISTAKE = StoredText(gettext_noop("entered by mistake"))


def receive(
    state: State,
    *,
    by: str,
    on: date,
    subject: str,
    name: str = "",
    office: str = "",
    email: str = "",
    their_reference: str = "",
    summary: str = "",
    occasion: str = Occasion.OTHER,
    answers: Paper | None = None,
    form: str = PaperForm.NOTE,
) -> Paper:
    """Enters a paper that came in, with the next number of the register of papers received. A second click, the same
    entry of the same person within minutes, is none."""
    head = Letterhead.get()
    values = {
        "direction": Direction.IN,
        "state": state,
        "occasion": occasion,
        "form": form,
        "name": name,
        "office": office,
        "email": email,
        "their_reference": their_reference,
        "subject": subject,
        "summary": summary,
        "received_on": on,
        "answers": answers,
        "drafted_by": by,
        "status": PaperStatus.RECEIVED,
    }
    with transaction.atomic():
        year = locked_year(Direction.IN, on)
        if twice := Paper.objects.filter(**values, created_at__gt=timezone.now() - SECOND_CLICK).first():
            return twice
        number = next_number(year)
        reference = reference_of(head.pattern_received, on.year, number)
        paper = Paper.objects.create(
            **values,
            year=on.year,
            number=number,
            reference=reference,
            key=f"received|{reference}",
            dated=on,
        )
        undo_to = {"status": PaperStatus.WITHDRAWN, "cancelled_because": BY_MISTAKE()}
        steps.record(paper, What.RECEIVED, by, undo_to=undo_to)
    return paper


def confirmed_by(paper: Paper) -> Paper | None:
    """Our paper whose receipt is confirmed by a paper received; None if there is none."""
    ours = Paper.objects.filter(state=paper.state_id, status=PaperStatus.ACKNOWLEDGED)
    return ours.filter(acknowledged_note=paper.reference).first()


def correct(
    paper: Paper,
    values: Mapping[str, Any],
    *,
    by: str,
    seen: Any,
    reason: str = "",
    confirms: bool | None = None,
) -> list[Paper]:
    """Enters other values for a paper received; the step that this adds says what was there before.

    A paper that is moved to another State answers none of the former one's.

    Args:
        values: the new ones, by field.
        seen: when the paper had last been changed, as the page showed it.
        confirms: whether it confirms the receipt of the paper that it answers; None: as before.

    Returns:
        the papers that were changed: this one first, then ours whose receipt it confirmed or confirms.

    Raises:
        NotPossible: it is withdrawn, somebody has changed it since, or the day is before the dispatch of the paper
            that it confirms.
    """
    with transaction.atomic():
        now = Paper.objects.select_for_update().get(pk=paper.pk)
        if now.status != PaperStatus.RECEIVED:
            raise NotPossible(stage_of(now))
        if now.changed_at != seen:
            raise NotPossible(
                _("Somebody has changed this paper since you opened it. Look at it again, then repeat.")
            )
        before = {name: getattr(now, name) for name in values}
        had = confirmed_by(now)

        def act(now: Paper) -> str:
            for name, value in values.items():
                setattr(now, name, value)
            if now.answers is not None and now.answers.state_id != now.state_id:
                now.answers = None
            if now.received_on is not None:
                now.dated = now.received_on
            now.occasion = now.answers.occasion if now.answers else Occasion.OTHER
            new = {name for name, value in before.items() if getattr(now, name) != value}
            return steps.replaced([(name, before[name]) for name in before if name in new], reason)

        changed = []
        if any(before[name] != value for name, value in values.items()):
            now = steps.change(now, What.CORRECTED, by, [PaperStatus.RECEIVED], act)
            changed.append(now)
        confirms = had is not None if confirms is None else confirms
        changed += _confirm(now, had, now.answers if confirms else None, by)
    return changed


def _confirm(paper: Paper, had: Paper | None, has: Paper | None, by: str) -> Iterator[Paper]:
    """Records which of our papers a paper received confirms.

    Args:
        had: the one that it confirmed before; `has`: the one that it confirms now.
    """
    on = paper.received_on or paper.dated
    if had is not None and had != has:
        yield papers.take_back_receipt(had, by=by, reason=paper.reference)
    if has is not None and (
        has.status == PaperStatus.DISPATCHED or (has == had and has.acknowledged_on != on)
    ):
        yield papers.acknowledge(has, by=by, on=on, note=paper.reference, again=has == had)


def confirm(paper: Paper, *, by: str) -> list[Paper]:
    """Records that a paper received confirms the receipt of the paper that it answers, if nobody has before."""
    return list(_confirm(paper, None, paper.answers, by))


def check_confirmed(changed: Iterable[Paper]) -> None:
    """Refuses that a paper received is said to confirm the receipt of one of ours, and is withdrawn or answers another.

    Args:
        changed: papers after a step was undone.

    Raises:
        NotPossible: one of them is, or is confirmed by, such a paper.
    """
    for paper in changed:
        ours = confirmed_by(paper) if paper.is_received else paper
        if ours is None or ours.status != PaperStatus.ACKNOWLEDGED:
            continue
        theirs = Paper.objects.filter(direction=Direction.IN, reference=ours.acknowledged_note).first()
        if theirs and (
            (theirs.status, theirs.state_id) != (PaperStatus.RECEIVED, ours.state_id)
            or theirs.answers_id not in (None, ours.pk)
        ):
            raise NotPossible(_("Somebody has changed this paper since. Open it again to see."))


def withdraw(paper: Paper, *, by: str, reason: str) -> list[Paper]:
    """Withdraws a paper received that was entered by mistake; it keeps its number.

    Returns:
        the papers that were changed: this one, and ours whose receipt it confirmed.
    """

    def act(now: Paper) -> str:
        now.status, now.cancelled_because = PaperStatus.WITHDRAWN, reason[:200]
        return reason

    with transaction.atomic():
        now = steps.change(paper, What.WITHDRAWN, by, [PaperStatus.RECEIVED], act)
        return [now, *_confirm(now, confirmed_by(now), None, by)]


def reinstate(paper: Paper, *, by: str) -> Paper:
    """Undoes a withdrawal at any time. What the paper confirmed before is to be recorded again."""

    def act(now: Paper) -> None:
        now.status, now.cancelled_because = PaperStatus.RECEIVED, ""

    return steps.change(paper, What.REINSTATED, by, [PaperStatus.WITHDRAWN], act)
