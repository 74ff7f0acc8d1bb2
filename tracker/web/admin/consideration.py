"""Sessions and the States on them, the Committee's calendar, guidelines and the questions that follow from gaps."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.consideration.models import GuidelineItem, Guidelines, ItemQuestion
from tracker.obligations.models import AgendaItem, CommitteeSession, ExpectedYear, SessionDeadline
from tracker.web.admin.correspondence import RowsWithVersions
from tracker.web.admin.facts import FactAdmin, with_reason


@admin.register(AgendaItem)
class AgendaItemAdmin(FactAdmin):
    list_display = ("state", "session", "purpose", "held_on", "postponed_on", "rapporteurs")
    list_filter = ("purpose", "confidence", "state__region")
    list_select_related = ("state", "session")
    search_fields = ("state__name", "state__iso3", "session__number", "rapporteurs", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "session", "purpose", "submission", "without_report", "decision")}),
        (_("On the session"), {"fields": ("decided_on", "held_on", "postponed_on", "rapporteurs")}),
        (_("Documents"), {"fields": ("request", "review")}),
        (_("Source"), {"fields": ("source", "confidence", "note")}),
    )


@admin.register(ExpectedYear)
class ExpectedYearAdmin(FactAdmin):
    list_display = ("state", "year", "calendar", "document", "decided_on")
    list_filter = ("year", "confidence", "state__region")
    search_fields = ("state__name", "state__iso3", "document", "calendar", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "year", "calendar", "document", "decided_on")}),
        (_("Source"), {"fields": ("source", "confidence", "note")}),
    )


@admin.register(CommitteeSession)
class CommitteeSessionAdmin(FactAdmin):
    names_a_state = False
    fieldsets = with_reason(
        (None, {"fields": ("kind", "number", "status", "status_on")}),
        (_("Days"), {"fields": ("starts_on", "ends_on", "moved_from", "dialogues")}),
        (_("Source"), {"fields": ("document", "source", "confidence", "note")}),
    )
    list_display = ("__str__", "status", "starts_on", "ends_on", "dialogues")
    list_filter = ("kind", "status")
    list_select_related = False
    search_fields = ("number", "document", "note")
    ordering = ("-number", "kind")


@admin.register(SessionDeadline)
class SessionDeadlineAdmin(RowsWithVersions):
    fields = ("what", "kind", "weeks", "source", "confidence")
    list_display = ("what", "kind", "weeks", "source")
    list_filter = ("kind",)
    search_fields = ("what", "source")


@admin.register(Guidelines)
class GuidelinesAdmin(RowsWithVersions):
    fields = ("treaty", "document", "title", "valid_from", "valid_until", "source", "confidence", "note")
    list_display = ("document", "treaty", "title", "valid_from", "valid_until")
    search_fields = ("document", "title")


@admin.register(GuidelineItem)
class GuidelineItemAdmin(RowsWithVersions):
    fields = (
        "guidelines", "position", "code", "section", "asks", "anchor", "article", "applies_to", "confidence",
    )  # fmt: skip
    list_display = ("code", "asks", "anchor", "section", "applies_to")
    list_filter = ("guidelines", "section", "applies_to")
    search_fields = ("code", "asks")


@admin.register(ItemQuestion)
class ItemQuestionAdmin(RowsWithVersions):
    fields = ("item", "language", "words")
    list_display = ("item", "language", "words")
    list_filter = ("language",)
    search_fields = ("item__code", "words")
