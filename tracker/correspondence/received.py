"""Papers received: entered with a number of their own register, and corrected; the number stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.correspondence.checks import SECOND_CLICK, NotPossible
from tracker.correspondence.models import (
    Direction,
    Letterhead,
    Occasion,
    Paper,
    PaperForm,
    PaperStatus,
    PaperStep,
)
from tracker.correspondence.numbers import locked_year, next_number, reference_of
from tracker.languages.known import ENGLISH, speaking
from tracker.registry.models import State

LONGEST_NOTE: int = PaperStep._meta.get_field("note").max_length or 0


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
    }
    with transaction.atomic():
        year = locked_year(Direction.IN, on)
        if twice := Paper.objects.filter(**values, created_at__gt=timezone.now() - SECOND_CLICK).first():
            return twice
        number = next_number(year)
        reference = reference_of(head.pattern_received, on.year, number)
        paper = Paper.objects.create(
            **values,
            status=PaperStatus.RECEIVED,
            year=on.year,
            number=number,
            reference=reference,
            key=f"received|{reference}",
            dated=on,
        )
        PaperStep.objects.create(paper=paper, what=PaperStep.What.RECEIVED, by=by)
    return paper


def correct(paper: Paper, values: Mapping[str, Any], *, by: str, seen: Any) -> Paper:
    """Enters other values for a paper received; the step that this adds says what was there before.

    Args:
        values: the new ones, by field.
        seen: when the paper had last been changed, as the page showed it.

    Raises:
        NotPossible: somebody has changed it since.
    """
    with transaction.atomic():
        now = Paper.objects.select_for_update().get(pk=paper.pk, status=PaperStatus.RECEIVED)
        if now.changed_at != seen:
            raise NotPossible(
                _("Somebody has changed this paper since you opened it. Look at it again, then repeat.")
            )
        before = {name: getattr(now, name) for name, value in values.items() if getattr(now, name) != value}
        if not before:
            return now
        for name in before:
            setattr(now, name, values[name])
        if now.received_on is not None:
            now.dated = now.received_on
        now.occasion = now.answers.occasion if now.answers else Occasion.OTHER
        now.changed_at = timezone.now()
        now.save()
        PaperStep.objects.create(paper=now, what=PaperStep.What.CORRECTED, by=by, note=_note(before))
    return now


def _note(before: Mapping[str, Any]) -> str:
    """The values that were replaced, for the history, which is kept in English."""
    fields: dict[str, Any] = {field.name: field for field in Paper._meta.fields}
    with speaking(ENGLISH.code):
        parts = [
            _("%(label)s: %(value)s") % {"label": fields[name].verbose_name, "value": value or _("nothing")}
            for name, value in before.items()
        ]
    return "; ".join(parts)[:LONGEST_NOTE]
