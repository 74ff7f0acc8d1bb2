"""The rules of reminding. The ledger has its own page; nothing is entered there by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext

from tracker.reminders.models import Reminder, ReminderRule
from tracker.web.admin.facts import refused


@admin.register(ReminderRule)
class ReminderRuleAdmin(admin.ModelAdmin):
    list_display = ("__str__", "kind", "audience", "active")
    list_filter = ("active", "audience", "kind")
    search_fields = ("wording",)
    fieldsets = (
        (None, {"fields": ("months", "days", "repeats", "active")}),
        (None, {"fields": ("kind", "audience", "wording")}),
    )

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        rule = self.get_object(request, unquote(object_id))
        if rule is not None and (used := Reminder.objects.filter(rule=rule).count()):
            why = ngettext(
                "This rule is kept: %(n)d reminder in the ledger was made by it. Switch it off instead.",
                "This rule is kept: %(n)d reminders in the ledger were made by it. Switch it off instead.",
                used,
            ) % {"n": used}
            return refused(request, rule, why)
        return super().delete_view(request, object_id, extra_context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # one by one, so that each can be refused with its reason
        return actions
