"""`/undo/`: undoes what a person has just saved or deleted, in one click; see `tracker.web.ui.undo`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from tracker import changes
from tracker.changes import Effects, FactInUse, FactRefused, versions
from tracker.changes.versions import CHANGED, CREATED, KINDS, FactKind, FactNames
from tracker.languages.writing import moment
from tracker.registry.models import State
from tracker.registry.stored import StoredText
from tracker.web.records.restore import Restoration, in_sentences
from tracker.web.ui.addresses import WHOLE, way_back
from tracker.web.ui.conflicts import once_more
from tracker.web.ui.two_steps import warn, with_effects
from tracker.web.ui.undo import MOST_TOGETHER, UNDO_FOR, may_undo, with_undo_of

UNDONE = StoredText(gettext_noop("Undone."))

IN_USE = gettext_lazy("Other records refer to it by now.")


@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Deletes what was entered, restores what was changed or deleted, all or none of it, and leads back."""
    rows = list(_rows_sent(request.POST.get("changes", "")))
    try:
        _check_person(request.user, rows)
        effects: Effects = once_more(lambda: _undo(request.user, rows))
    except ValidationError as error:
        messages.error(request, _("Nothing was undone. %(why)s") % {"why": " ".join(error.messages)})
        return redirect(_back(request, rows))
    what = _("Undone: %(what)s") % {"what": " ".join(_sentences(rows))}
    changed = [(kind, getattr(row, kind.key)) for kind, row in rows]
    back = _back(request, rows)
    messages.success(request, with_undo_of(request, with_effects(what, effects), changed, back, _("Redo")))
    warn(request, effects)
    return redirect(back)


def _rows_sent(sent: str) -> Iterator[tuple[FactKind, Any]]:
    """The rows of the history that the button names, the last change first; invalid ones are left out."""
    keys: dict[str, list[int]] = {}
    for one in sent.split(",")[:MOST_TOGETHER]:
        slug, _dot, key = one.partition(".")
        if slug in KINDS and WHOLE.fullmatch(key):
            keys.setdefault(slug, []).append(int(key))
    rows = [
        (KINDS[slug], row)
        for slug, of_kind in keys.items()
        for row in KINDS[slug].model.history.filter(history_id__in=of_kind)
    ]
    # What was entered last may refer to what was entered before it, and what was deleted first to what came after.
    yield from sorted(rows, key=lambda pair: (pair[1].history_date, pair[1].history_id), reverse=True)


def _check_person(user: Any, rows: list[tuple[FactKind, Any]]) -> None:
    """Checks that a person has just made all these changes, and may undo them.

    Raises:
        ValidationError: somebody else made one, or the time is over.
        PermissionDenied: the role does not allow it any more.
    """
    if not rows:
        raise ValidationError(_("The change is no longer recorded."))
    if any(row.history_user_id != user.pk for _kind, row in rows):
        raise ValidationError(
            _("Only the person who saved it can undo it with this button; use the history instead.")
        )
    if any(timezone.now() - row.history_date > UNDO_FOR for _kind, row in rows):
        raise ValidationError(
            _("More than ten minutes have passed. Restore the earlier version in the history instead.")
        )
    if not all(may_undo(user, kind, row) for kind, row in rows):
        raise PermissionDenied


def _undo(user: Any, rows: list[tuple[FactKind, Any]]) -> Effects:
    """Undoes the changes, within a transaction.

    Raises:
        ValidationError: somebody has changed one of the facts since, or refers to it.
    """
    about = {kind.state_of(row) for kind, row in rows}
    changes.lock(state for state in about if state)
    for kind, row in rows:
        kind.lock(getattr(row, kind.key))
    last = versions.last_rows((kind, getattr(row, kind.key)) for kind, row in rows)
    facts, gone = list[Any](), list[Any]()
    for (kind, row), now in zip(rows, last, strict=True):
        if now.history_id != row.history_id:
            raise ValidationError(
                _("%(who)s has changed or deleted %(what)s since (%(when)s).")
                % {
                    "who": now.history_user or _("the system"),
                    "what": _name(row),
                    "when": moment(now.history_date),
                }
            )
        if row.history_type == CREATED:
            gone.append(kind.model._default_manager.get(pk=getattr(row, kind.key)))
            if changes.goes_along(gone[-1]):
                raise ValidationError(IN_USE)
            continue
        restoration = Restoration.of(kind, _version_before(kind, row))
        if obstacle := restoration.obstacle([(type(fact), fact.pk) for fact in facts]):
            raise ValidationError(obstacle)
        facts.append(restoration.restored())
    try:
        return changes.save(facts, delete=gone, by=user, reason=UNDONE())
    except FactInUse as error:
        raise ValidationError(IN_USE) from error
    except FactRefused as error:
        raise ValidationError(list(in_sentences(error, versions.kind_of(error.fact)))) from error


def _sentences(rows: list[tuple[FactKind, Any]]) -> Iterator[str]:
    """What was undone, once it is."""
    for kind, row in rows:
        if row.history_type == CREATED:
            yield _("%(what)s is deleted.") % {"what": capfirst(_name(row))}
        elif row.history_type == CHANGED:
            before = versions.last_version(kind.model, getattr(row, kind.key))
            yield from versions.differences(before, row.instance, FactNames.read([before, row.instance]))
        else:
            yield _("%(what)s is recorded again.") % {"what": capfirst(_name(row))}


def _name(row: Any) -> str:
    return versions.name_of(row.instance, FactNames.read([row.instance]))


def _version_before(kind: FactKind, row: Any) -> Any:
    """The row with the version to restore: of a deleted fact its last one, of a changed one that before the change."""
    if row.history_type != CHANGED:
        return row
    others = kind.model.history.filter(**{kind.key: getattr(row, kind.key)}).exclude(
        history_id=row.history_id
    )
    return others.order_by("-history_date", "-history_id").first() or row


def _back(request: HttpRequest, rows: list[tuple[FactKind, Any]]) -> str:
    """Where the person was; else the page of the State, or the first page."""
    if address := way_back(request):
        return address
    about = {kind.state_of(row) for kind, row in rows}
    state = State.objects.filter(pk__in=about).first() if len(about) == 1 else None
    return state.get_absolute_url() if state else reverse("home")
