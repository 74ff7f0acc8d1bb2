"""The common parts of all tables of the admin: keys in addresses, and two people who save at the same time."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
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
        show: Any = super().changeform_view  # type: ignore[misc]  # the other base class has it
        if request.method != "POST":
            return show(request, object_id, form_url, extra_context)

        def save() -> Any:
            if object_id:
                self.locked(request, object_id)
            return show(request, object_id, form_url, extra_context)

        return once_more(save)

    def locked(self, request: HttpRequest, object_id: str) -> Any:
        """Locks a row, and the facts of its State, until the transaction ends; returns it as it is stored now."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return None
        changes.lock(limits.states_of(row) or ())
        list(type(row)._base_manager.select_for_update().filter(pk=row.pk).values_list("pk"))
        return self.get_object(request, unquote(object_id))


class PlainRowAdmin(RowAdmin):
    """Rows that are no facts: they are deleted one by one, each as the version that the page shows."""

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        show: Any = super().delete_view  # type: ignore[misc]  # the other base class has it
        if request.method != "POST":
            row = self.get_object(request, unquote(object_id))
            version = version_of(row) if row is not None else ""
            return show(request, object_id, (extra_context or {}) | {"version": version})
        with transaction.atomic():
            row = self.locked(request, object_id)
            # Who may not delete it is refused by Django. The other base class has the method.
            may = row is not None and self.has_delete_permission(request, row)  # type: ignore[attr-defined]
            if may and request.POST.get(VERSION) != version_of(row):
                said = _(
                    "Nothing was deleted: %(what)s was changed after you opened this page. Check it again."
                )
                messages.error(request, said % {"what": row})
                return redirect(request.path)
            return show(request, object_id, extra_context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)  # type: ignore[misc]  # the other base class has it
        actions.pop("delete_selected", None)
        return actions


class Previewed:
    """A second button shows what a change would mean; nothing is saved."""

    def preview_of(self, form: Any) -> dict[str, Any]:
        """What the template shows of the row in a valid form."""
        raise NotImplementedError  # each page of the admin has its own

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        previews = request.method == "POST" and "_preview" in request.POST
        page = self.previewed(request, object_id) if previews else None
        return page or super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[misc]  # of ModelAdmin, the other base class

    def previewed(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """The form with a preview of the change.

        Returns:
            None if the form is not valid, or the person may not change the row.
        """
        admin: Any = self
        row = admin.get_object(request, unquote(object_id)) if object_id else None
        missing = object_id is not None and row is None
        may = admin.has_change_permission(request, row) if row else admin.has_add_permission(request)
        if missing or not may:
            return None
        original = admin.model.objects.get(pk=row.pk) if row else None
        form = admin.get_form(request, row, change=row is not None)(request.POST, instance=row)
        if not form.is_valid():
            return None
        fieldsets = admin.get_fieldsets(request, row)
        page = AdminForm(form, fieldsets, {}, admin.get_readonly_fields(request, row), model_admin=admin)
        title = _("Change %s") if original else _("Add %s")
        context = {
            **admin.admin_site.each_context(request),
            "title": title % admin.opts.verbose_name,
            "adminform": page,
            "original": original,
            "object_id": object_id,
            "is_popup": False,
            "media": admin.media + page.media,
            "inline_admin_formsets": [],
            "preview": self.preview_of(form),
        }
        shown: HttpResponse = admin.render_change_form(
            request, context, add=original is None, change=original is not None, obj=original
        )
        return shown
