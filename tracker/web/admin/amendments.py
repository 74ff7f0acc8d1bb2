"""Amendments, and what States say to them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tracker.registry.models import Amendment, AmendmentPosition
from tracker.rules.entry_into_force import TreatyCode
from tracker.web.admin.facts import FactAdmin, FactForm, RowInline, with_reason


class PositionInline(RowInline):
    model = AmendmentPosition
    fields = ("state", "kind", "date", "source")
    ordering = ("kind", "date", "pk")
    show_change_link = False
    extra = 3  # answers come several at a time

    def get_queryset(self, request: HttpRequest) -> Any:
        # Each row tells its State's name, and is checked beside its amendment.
        return super().get_queryset(request).select_related("state", "amendment")


class AmendmentForm(FactForm):
    class Meta:
        model = Amendment
        fields = "__all__"


@admin.register(Amendment)
class AmendmentAdmin(FactAdmin):
    """Nothing is derived from an amendment into other tables, so it is saved as it is."""

    form = AmendmentForm
    inlines = (PositionInline,)
    list_display = (
        "title",
        "treaty",
        "proposed_by",
        "proposed_on",
        "communicated_on",
        "adopted_on",
        "approved_on",
    )
    list_filter = ("treaty",)
    list_select_related = ("treaty", "proposed_by")
    search_fields = ("title", "proposed_by__name", "proposed_by__iso3", "document", "resolution", "note")
    fieldsets = with_reason(
        (None, {"fields": ("treaty", "title", "proposed_by", "proposed_on")}),
        (
            _("How far it has come"),
            {"fields": ("communicated_on", "conference_on", "adopted_on", "approved_on", "resolution")},
        ),
        (_("Where it is from"), {"fields": ("document", "source", "note")}),
    )
    help_texts = {
        "treaty": _("The treaty that it would amend: OPSC article 16, CRC article 50."),
        "source": _("Document or site where these days were read, for example the UN Treaty Collection."),
        "note": _("What it would change, in a sentence, and what is uncertain."),
    }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"treaty": TreatyCode.OPSC.value} | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        _sign(obj, request, form)
        obj.save()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        positions = formset.save(commit=False)
        for position in formset.deleted_objects:
            _sign(position, request, form)
            position.delete()
        for position in positions:
            _sign(position, request, form)
            position.save()
        formset.save_m2m()


def _sign(fact: Any, request: HttpRequest, form: Any) -> None:
    """Who changes it and why, for the history."""
    fact._history_user = request.user
    fact._change_reason = form.cleaned_data.get("reason") or None
