"""Corrects what was entered of a paper received; its number stays, and so does its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Occasion, Paper, PaperStatus, PaperStep
from tracker.languages.known import ENGLISH, speaking

LONGEST_NOTE: int = PaperStep._meta.get_field("note").max_length or 0


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
