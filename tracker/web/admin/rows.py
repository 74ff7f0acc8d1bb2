"""The common parts of all tables of the admin: keys in addresses, and two people who save at the same time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tracker import changes
from tracker.registry import limits
from tracker.web.ui.conflicts import VERSION, VersionedForm, once_more, version_of


class RowAdmin:
    """Saves a row only as the version that the form shows, and refuses a second row like another in words."""

    form: Any = VersionedForm

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Accepts an address with an empty field name, which passes Django's check and then fails."""
        # The other base class has it.
        row: Any = super().get_object(request, object_id, from_field or None)  # type: ignore[misc]
        return row

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        def act() -> Any:
            if request.method == "POST" and object_id:
                self.lock(request, object_id)
            return super(RowAdmin, self).changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]

        return once_more(act)

    def lock(self, request: HttpRequest, object_id: str) -> Any:
        """Locks a row, and the facts of its State, until the transaction ends; returns the row."""
        row = self.get_object(request, unquote(object_id))
        if row is not None:
            changes.lock(limits.states_of(row) or ())
            list(type(row)._base_manager.select_for_update().filter(pk=row.pk).values_list("pk"))
        return row


class PlainRowAdmin(RowAdmin):
    """Rows that are no facts: they are deleted one by one, each as the version that the page shows."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        with transaction.atomic():
            self.lock(request, object_id)
            row = self.get_object(request, unquote(object_id))
            # Others are refused by Django, whatever they send.
            may = row is not None and self.has_delete_permission(request, row)  # type: ignore[attr-defined]
            version = version_of(row) if may else ""
            if may and request.method == "POST" and request.POST.get(VERSION) != version:
                said = _(
                    "Nothing was deleted: %(what)s was changed after you opened this page. Check it again."
                )
                messages.error(request, said % {"what": row})
                return redirect(request.path)
            context = (extra_context or {}) | {"version": version}
            answer: HttpResponse = super().delete_view(request, object_id, context)  # type: ignore[misc]
            return answer

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]
        actions.pop("delete_selected", None)
        return actions
