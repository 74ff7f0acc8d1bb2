"""The rules of reminding. The ledger has its own page; nothing is entered there by hand."""

from __future__ import annotations

from django.contrib import admin

from tracker.reminders.models import ReminderRule


@admin.register(ReminderRule)
class ReminderRuleAdmin(admin.ModelAdmin):
    list_display = ("__str__", "kind", "audience", "active")
    list_filter = ("active", "audience", "kind")
    search_fields = ("wording",)
