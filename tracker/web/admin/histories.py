"""The history of one fact in the admin: it cannot be edited, and an earlier version is restored on its own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from simple_history.admin import SimpleHistoryAdmin

from tracker.changes import versions
from tracker.changes.desk_guard import is_yours
from tracker.changes.versions import REMOVED, FactNames, kind_of
from tracker.registry import limits
from tracker.web.admin.keys import could_be_key


class ReadableHistory(SimpleHistoryAdmin):
    """Shows each change in words, and links to the page that restores a version."""

    object_history_list_template = "admin/fact_history.html"

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not could_be_key(self.model, unquote(object_id)):
            raise Http404
        kind = kind_of(self.model)
        return super().history_view(
            request,
            object_id,
            {
                "revert_disabled": True,  # the package would restore without showing the effects
                "slug": kind.slug,
                "may_restore": {
                    act
                    for act in ("add", "change")
                    if request.user.has_perm(kind.permission(act)) and self.is_theirs(request, object_id)
                },
            }
            | (extra_context or {}),
        )

    def is_theirs(self, request: HttpRequest, object_id: str) -> bool:
        """Whether a fact is on the desk of the person; of one no longer recorded, its last version."""
        if not limits.is_limited(request.user):
            return True
        kind = kind_of(self.model)
        last = self.model.history.filter(**{kind.key: unquote(object_id)}).order_by("-history_date").first()
        return last is not None and is_yours(request.user, last.instance)

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Sequence[Any], foreign_keys_are_objs: bool = True
    ) -> None:
        """The changes of each row, in words, and whether its version can be restored."""
        rows = list(historical_records)
        all_versions = [row.instance for row in rows]
        names = FactNames.read(all_versions)
        present = self.model._default_manager.filter(pk=all_versions[0].pk).first() if rows else None
        for at, row in enumerate(rows):
            row.restorable = ""
            if present is None:
                row.restorable = "add"
            elif row.history_type != REMOVED and versions.differing(all_versions[at], present):
                row.restorable = "change"
            if at + 1 < len(rows) and row.history_type != REMOVED:
                now, before = all_versions[at], all_versions[at + 1]
                row.history_delta_changes = [
                    {
                        "field": versions.label_of(one),
                        "old": versions.value_of(before, one, names),
                        "new": versions.value_of(now, one, names),
                    }
                    for one in versions.differing(now, before)
                ]

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Redirects to our page; the package would restore the version at once."""
        history = self.model.history
        if not could_be_key(history.model, version_id):
            raise Http404
        row = get_object_or_404(history.all(), history_id=version_id)
        return redirect("restore", kind_of(self.model).slug, row.history_id)
