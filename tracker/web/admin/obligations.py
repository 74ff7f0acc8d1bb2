"""Dates stated by the Committee, and submissions. Obligations themselves are derived, never entered."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import CommitteeDate, Submission
from tracker.web.admin.facts import FactAdmin, with_reason


@admin.register(CommitteeDate)
class CommitteeDateAdmin(FactAdmin):
    list_display = ("state", "kind", "cycles", "outcome", "due_on", "precision", "document", "decided_on")
    list_filter = ("outcome", "kind", "precision", "state__region")
    list_select_related = ("state",)
    search_fields = ("state__name", "state__iso3", "document", "note")
    autocomplete_fields = ("state",)
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "first_cycle", "last_cycle", "carried_by")}),
        (
            _("What the Committee states"),
            {"fields": ("outcome", "due_on", "precision", "document", "paragraph", "decided_on")},
        ),
        (_("Where it is from"), {"fields": ("source", "note")}),
    )


@admin.register(Submission)
class SubmissionAdmin(FactAdmin):
    list_display = ("symbol", "state", "kind", "cycles", "received_on", "reviewed_on", "printed_due")
    list_display_links = ("symbol", "state")
    list_filter = ("kind", "carried_by", "language", "state__region")
    list_select_related = ("state",)
    search_fields = ("state__name", "state__iso3", "symbol", "title", "note")
    autocomplete_fields = ("state", "revises")
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "first_cycle", "last_cycle", "carried_by")}),
        (_("When"), {"fields": ("received_on", "reviewed_on", "review_precision", "printed_due")}),
        (
            _("The document"),
            {"fields": ("symbol", "title", "language", "link", "concluding_observations", "revises")},
        ),
        (_("Where it is from"), {"fields": ("source", "note")}),
    )
