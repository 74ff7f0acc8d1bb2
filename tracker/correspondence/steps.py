"""A step of a paper: carried out on the row as it is stored, recorded in the history, and undone.

A step locks its paper and checks how far it has come, so that two people at once do not undo each other's work.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.correspondence.checks import NotPossible, stage_of
from tracker.correspondence.models import Paper, PaperStep
from tracker.languages.known import ENGLISH, speaking
from tracker.registry.stored import recognised_by

What = PaperStep.What
LONGEST_NOTE: int = PaperStep._meta.get_field("note").max_length or 0
# The person who made one of these may undo it, while nothing else has happened to the paper.
UNDOABLE = frozenset(
    (
        What.INITIALLED,
        What.SECONDED,
        What.ACKNOWLEDGED,
        What.UNCONFIRMED,
        What.CANCELLED,
        What.CORRECTED,
        What.WITHDRAWN,
    )
)
ABOUT_FILES = (What.FILED, What.REMOVED, What.MISTAKEN)
# The columns of a paper that a step may change and undoing it sets back.
_FIELDS: dict[str, Any] = {one.attname: one for one in Paper._meta.concrete_fields}
_COLUMNS = _FIELDS.keys() - {"content", "changed_at"}


def record(paper: Paper, what: str, by: str, note: str = "", undo_to: dict[str, Any] | None = None) -> None:
    """Adds a step to the history of a paper.

    Args:
        undo_to: see `PaperStep.undo_to`.
    """
    PaperStep.objects.create(
        paper_id=paper.pk, what=what, by=by, note=note[:LONGEST_NOTE], undo_to=undo_to or {}
    )


def change(
    paper: Paper, what: str, by: str, allowed: Collection[str], act: Callable[[Paper], str | None]
) -> Paper:
    """Carries out a step on the paper as it is stored now; `act` returns a note for its history.

    Raises:
        NotPossible: it is in none of the allowed states any more; the message says in which it is.
    """
    with transaction.atomic():
        now = Paper.objects.select_for_update().get(pk=paper.pk)
        if now.status not in allowed:
            raise NotPossible(stage_of(now))
        before = {name: getattr(now, name) for name in _COLUMNS}
        note = act(now)
        now.changed_at = timezone.now()
        now.save()
        changed = {name: value for name, value in before.items() if value != getattr(now, name)}
        record(now, what, by, note or "", changed if what in UNDOABLE else None)
    return now


def undo(step: PaperStep, *, by: str) -> Paper:
    """Sets the paper back to what it was before a step, its last one beside those about files.

    Raises:
        NotPossible: something has happened to the paper since, or the step cannot be undone.
    """
    with transaction.atomic():
        now = Paper.objects.select_for_update().get(pk=step.paper_id)
        if now.steps.exclude(what__in=ABOUT_FILES).last() != step or not step.undo_to:
            raise NotPossible(_("Somebody has changed this paper since. Open it again to see."))
        for name, value in step.undo_to.items():
            setattr(now, name, _FIELDS[name].to_python(value))
        now.changed_at = timezone.now()
        now.save()
        record_undone(step, by)
    return now


def last_of(papers: Iterable[Paper]) -> list[int]:
    """The key of the last step of each of some papers, beside those about files."""
    rows = PaperStep.objects.filter(paper__in=list(papers)).exclude(what__in=ABOUT_FILES)
    return list(rows.order_by().values("paper").annotate(last=Max("pk")).values_list("last", flat=True))


def last_about_files(paper: Paper, number: int) -> list[int]:
    """The keys of the last steps of a paper about files."""
    rows = paper.steps.filter(what__in=ABOUT_FILES).order_by("-pk")
    return list(rows.values_list("pk", flat=True)[:number])


def record_undone(step: PaperStep, by: str) -> None:
    """Adds to the history that a step was undone."""
    with speaking(ENGLISH.code):
        record(step.paper, What.UNDONE, by, step.get_what_display())


@recognised_by
def _step_in_words(text: str) -> str | None:
    with speaking(ENGLISH.code):
        what = next((one for one in What if str(one.label) == text), None)
    return str(what.label) if what is not None else None


def replaced(values: Iterable[tuple[str, Any]], reason: str = "") -> str:
    """Values of a paper, by field, that a step has replaced, with its reason: a note for the history, in English."""
    fields: dict[str, Any] = {field.name: field for field in Paper._meta.fields}
    with speaking(ENGLISH.code):
        parts = [
            _("%(label)s: %(value)s") % {"label": fields[name].verbose_name, "value": value or _("nothing")}
            for name, value in values
        ]
    return "; ".join([*parts, reason] if reason else parts)
