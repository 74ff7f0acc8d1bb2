"""`/states/USA/history/`: every fact entered, changed or deleted about a State, newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, date
from itertools import groupby
from operator import attrgetter
from typing import Any

import django_tables2 as tables
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.changes import versions
from tracker.changes.versions import CREATED, KINDS, REMOVED, FactKind, FactNames
from tracker.registry import limits
from tracker.registry.models import State
from tracker.registry.stored import translated
from tracker.web.ui import exports
from tracker.web.ui.addresses import ALPHA_3
from tracker.web.ui.tables import ListTable

ON_A_PAGE = 50


@dataclass(frozen=True)
class HistoryEntry:
    """A fact entered, changed or deleted.

    Attributes:
        of: alpha-3 of the State of this history.
        row: the row of the history.
        version: the fact as it was then; if it was deleted, its last version.
        before: the version that it replaced; None where there is none, or it had been deleted.
        restores: the row whose version can be restored from here, if any.
        undoes: whether that is the version before this change, and not this one.
        gone: whether the fact is no longer recorded.
        present: the fact, if it is recorded as this change left it.
    """

    kind: FactKind
    of: str
    row: Any
    version: Any
    before: Any | None
    names: FactNames
    restores: int | None = None
    undoes: bool = False
    gone: bool = False
    present: Any | None = None

    @property
    def title(self) -> str:
        """The event in a few words: “The OPSC ratification was changed”."""
        what = str(capfirst(versions.name_of(self.version, self.names)))
        if self.row.history_type == REMOVED:
            return _("%(what)s was deleted") % {"what": what}
        if self.row.history_type == CREATED:
            return _("%(what)s was entered") % {"what": what}
        return _("%(what)s was changed") % {"what": what}

    @cached_property
    def sentences(self) -> list[str]:
        """The values before and after; of a fact entered or deleted all its values."""
        if self.row.history_type == REMOVED:
            values = versions.in_one_sentence(self.version, self.names, of=self.of)
            return [_("It had the values: %(what)s") % {"what": values}]
        if self.before is None:
            return [versions.in_one_sentence(self.version, self.names, of=self.of)]
        return versions.differences(self.version, self.before, self.names) or [_("No change.")]

    @property
    def who(self) -> str:
        """The user, or “system”."""
        user = self.row.history_user
        return user.get_username() if user is not None else _("system")

    @property
    def why(self) -> str:
        """The reason, if one was given."""
        return translated(self.row.history_change_reason) or _("No reason given")

    @property
    def permission(self) -> str:
        """The permission needed to restore it: to add the fact, or to change it."""
        return self.kind.permission("add" if self.gone else "change")

    @property
    def address(self) -> str:
        """The address that restores its version."""
        return reverse("restore", args=[self.kind.slug, self.restores])


def changes_of(iso3: str) -> list[HistoryEntry]:
    """Every change of every fact that was ever about a State, newest first: one query for each kind."""
    by_kind = [(kind, _rows(kind, iso3)) for kind in KINDS.values() if kind.about]
    names = FactNames.read(row.instance for _kind, rows in by_kind for row in rows)
    changes = [
        change
        for kind, rows in by_kind
        for _key, of_one in groupby(rows, key=attrgetter(kind.key))
        for change in _changes(kind, list(of_one), iso3, names)
    ]
    order = list(KINDS)
    return sorted(
        changes,
        key=lambda one: (one.row.history_date, -order.index(one.kind.slug), one.row.history_id),
        reverse=True,
    )


def _rows(kind: FactKind, iso3: str) -> list[Any]:
    """The history of the facts of a kind that are or were about a State, oldest first, fact by fact."""
    history = kind.model.history
    about = history.filter(**{kind.about: iso3}).order_by().values(kind.key)
    rows = history.filter(**{f"{kind.key}__in": about}).select_related("history_user")
    return list(rows.order_by(kind.key, "history_date", "history_id"))


def _changes(kind: FactKind, rows: list[Any], iso3: str, names: FactNames) -> Iterable[HistoryEntry]:
    """The changes of one fact, as far as they concern the State."""
    before: Any = None
    all_versions = [row.instance for row in rows]
    gone = rows[-1].history_type == REMOVED
    for at, (row, version) in enumerate(zip(rows, all_versions, strict=True)):
        if iso3 in (kind.state_of(version), before is not None and kind.state_of(before)):
            restores, undoes = _restorable(rows, all_versions, at)
            present = version if not gone and at == len(rows) - 1 else None
            yield HistoryEntry(kind, iso3, row, version, before, names, restores, undoes, gone, present)
        before = None if row.history_type == REMOVED else version


def _restorable(rows: list[Any], all_versions: list[Any], at: int) -> tuple[int | None, bool]:
    """The row whose version can be restored from a change, and whether that undoes the change."""
    latest = len(rows) - 1
    if getattr(all_versions[at], "corrects_id", None):
        return (
            None,
            False,
        )  # a correction is not restored by itself: the date that it corrected is edited instead
    gone = rows[latest].history_type == REMOVED
    if at == latest:
        if gone:
            return rows[at].history_id, False
        if (
            at
            and rows[at - 1].history_type != REMOVED
            and versions.differing(all_versions[at], all_versions[at - 1])
        ):
            return rows[at - 1].history_id, True
        return None, False
    if rows[at].history_type == REMOVED or (
        not gone and not versions.differing(all_versions[at], all_versions[latest])
    ):
        return None, False
    return rows[at].history_id, False


# --- the page --------------------------------------------------------------------------------


class HistoryTable(ListTable):
    """The changes of the page, for the exports."""

    when = tables.Column(gettext_lazy("When (UTC)"), accessor="row__history_date")
    who = tables.Column(gettext_lazy("Who"))
    kind = tables.Column(gettext_lazy("Kind"), accessor="kind__slug")
    what = tables.Column(gettext_lazy("What"), accessor="title")
    sentences = tables.Column(gettext_lazy("Before and after"))
    why = tables.Column(gettext_lazy("Why"), accessor="row__history_change_reason")

    class Meta:
        orderable = False

    def value_when(self, value: Any) -> str:
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"

    def value_why(self, value: str) -> str:
        return translated(value)

    def value_sentences(self, value: list[str]) -> str:
        return " ".join(value)


@require_safe
def history_page(request: HttpRequest, iso3: str) -> HttpResponseBase:
    """The history of a State, also of one that is no longer recorded."""
    if not ALPHA_3.fullmatch(iso3):
        raise Http404
    if iso3 != iso3.upper():
        return redirect(reverse("state-history", args=[iso3.upper()], query=request.GET), permanent=True)
    chosen = request.GET.get("kind", "")
    if chosen and chosen not in KINDS:
        raise Http404
    format_ = request.GET.get("_export", "")
    exported = exports.is_wanted(format_)
    # The names that the facts point to are read here, in the language of the file.
    with exports.in_its_language(request) if exported else nullcontext():
        changes = changes_of(iso3)
    state = State.objects.filter(pk=iso3).first()
    if state is None and not changes:
        raise Http404
    counted = Counter(change.kind.slug for change in changes)
    shown = [change for change in changes if not chosen or change.kind.slug == chosen]
    if exported:
        with exports.in_its_language(request):
            export = exports.Export(format_, HistoryTable(shown), dataset_kwargs={"title": "history"})
            return export.response(filename=f"history-{iso3}-{timezone.localdate().isoformat()}.{format_}")
    pages = Paginator(shown, ON_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    return render(
        request,
        "web/records/history.html",
        {
            "state": state,
            "iso3": iso3,
            "name": state.shown_name if state else _last_name(changes, iso3),
            "page": page,
            "numbers": pages.get_elided_page_range(page.number),
            "gap": pages.ELLIPSIS,
            "days": _by_day(page.object_list),
            "total": pages.count,
            "all": len(changes),
            "chosen": chosen,
            "chosen_label": KINDS[chosen].label if chosen else "",
            "kinds": [(kind, counted[slug]) for slug, kind in KINDS.items() if counted[slug]],
            "allowed": _allowed(request.user, iso3),
        },
    )


def _last_name(changes: list[HistoryEntry], iso3: str) -> str:
    """The last name of a State that is no longer recorded."""
    return next((change.version.name for change in changes if change.kind.slug == "state"), iso3)


def _by_day(changes: Iterable[HistoryEntry]) -> list[tuple[date, list[HistoryEntry]]]:
    """The changes of each day, in the order of the page."""
    grouped = groupby(changes, key=lambda change: change.row.history_date.astimezone(UTC).date())
    return [(day, list(of_day)) for day, of_day in grouped]


def _allowed(user: Any, iso3: str) -> set[str]:
    """The permissions of a person to add or change facts of a State; only what they allow can be restored."""
    if not limits.may_change(user, {iso3}):
        return set()
    of_the_treaty = ("amendment", "position") if limits.is_limited(user) else ()
    kinds = [kind for kind in KINDS.values() if kind.slug not in of_the_treaty]
    permissions = {kind.permission(act) for kind in kinds for act in ("add", "change")}
    return {permission for permission in permissions if user.has_perm(permission)}
