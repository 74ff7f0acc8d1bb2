"""Amendments, and the positions of States on them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from tracker.registry.models import Amendment, AmendmentPosition
from tracker.rules.entry_into_force import TreatyCode
from tracker.web.admin.facts import FactAdmin, with_reason
from tracker.web.participation.amendments import amendment_standing, doubt_of_force, doubt_of_vote


@admin.register(Amendment)
class AmendmentAdmin(FactAdmin):
    """An amendment; its positions have a page of their own, as there are more than one form can send."""

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
    readonly_fields = ("positions_entered",)
    fieldsets = with_reason(
        (None, {"fields": ("treaty", "title", "proposed_by", "proposed_on")}),
        (
            _("Stage"),
            {
                "fields": (
                    "communicated_on",
                    "conference_on",
                    "adopted_on",
                    ("votes_for", "votes_against", "abstentions"),
                    "approved_on",
                    "resolution",
                    "in_force_on",
                )
            },
        ),
        (_("Positions of States"), {"fields": ("positions_entered",)}),
        (_("Source"), {"fields": ("document", "source", "note")}),
    )
    help_texts = {
        "treaty": _("The treaty that it would amend: OPSC article 16, CRC article 50."),
        "source": _("Document or site where these days were read, for example the UN Treaty Collection."),
        "note": _("What it would change, in a sentence, and what is uncertain."),
    }

    @admin.display(description=_("positions"))
    def positions_entered(self, amendment: Any) -> str:
        """The number of positions, with a link to their page."""
        if amendment.pk is None:
            return gettext("Save the amendment first; then add positions on a separate page.")
        count = amendment.positions.count()
        label = ngettext("%(n)d position", "%(n)d positions", count) % {"n": count}
        address = reverse("positions", args=[amendment.pk])
        return format_html('<a href="{}">{}</a>', address, label)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"treaty": TreatyCode.OPSC.value} | super().get_changeform_initial_data(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        standing = amendment_standing(request, obj, obj.positions.all(), timezone.localdate())
        for doubt in (doubt_of_vote(obj.as_rule()), doubt_of_force(standing) if standing else ""):
            if doubt:
                messages.warning(request, doubt)


@admin.register(AmendmentPosition)
class PositionAdmin(FactAdmin):
    """One position; the page of an amendment's positions links here to edit or delete it."""

    list_display = ("state", "amendment", "kind", "date", "source")
    list_filter = ("kind", "amendment")
    list_select_related = ("state", "amendment")
    search_fields = ("state__name", "state__iso3", "amendment__title", "source")
    fieldsets = with_reason((None, {"fields": ("amendment", "state", "kind", "date", "source")}))
    help_texts = {"kind": _("A State can favour a conference, and later accept the amendment.")}
