"""The reminder rules. Reminders have their own pages; none is entered by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext

from tracker.languages.known import ENGLISH, LANGUAGES
from tracker.reminders.forecast import DAYS_OF_A_RULE, of_rules
from tracker.reminders.models import Reminder, ReminderRule
from tracker.web.admin.facts import refused
from tracker.web.admin.rows import PlainRowAdmin, Previewed
from tracker.web.ui.conflicts import VersionedForm

# The languages other than English, by the field for the covering note in them.
NOTES = {f"wording_{one.code}": one for one in LANGUAGES if one != ENGLISH}


class RuleForm(VersionedForm):
    """A rule, with its covering note in each language."""

    def __init__(self, *args: Any, instance: Any = None, initial: Any = None, **kwargs: Any) -> None:
        stored = instance.wordings if instance else {}
        notes = {name: stored.get(language.code, "") for name, language in NOTES.items()}
        super().__init__(*args, instance=instance, initial=notes | (initial or {}), **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        notes = {
            language.code: said for name, language in NOTES.items() if (said := cleaned.get(name, "").strip())
        }
        if notes and not cleaned.get("wording", "").strip():
            said = _("Enter the note in English too: other mails are in English, or in two languages.")
            self.add_error("wording", said)
        self.instance.wordings = notes
        return cleaned


FormWithNotes: Any = type(
    "FormWithNotes",
    (RuleForm,),
    {
        name: forms.CharField(
            label=one.name,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3, "lang": one.in_django, "dir": "auto"}),
        )
        for name, one in NOTES.items()
    },
)


@admin.register(ReminderRule)
class ReminderRuleAdmin(Previewed, PlainRowAdmin, admin.ModelAdmin):
    form = FormWithNotes
    list_display = ("__str__", "kind", "audience", "active")
    list_filter = ("active", "audience", "kind")
    search_fields = ("wording",)
    fieldsets = (
        (None, {"fields": ("months", "days", "repeats", "active")}),
        (None, {"fields": ("kind", "audience", "wording")}),
        (
            gettext_lazy("Covering note in other languages"),
            {
                "fields": tuple(NOTES),
                "description": gettext_lazy(
                    "A mail in a language in which the note of its rule is missing is sent in English."
                ),
            },
        ),
    )

    def preview_of(self, form: Any) -> dict[str, Any]:
        """The number of reminders with the rule and without it."""
        return _preview(form.instance)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        rule = self.get_object(request, unquote(object_id))
        if rule is not None and (used := Reminder.objects.filter(rule=rule).count()):
            why = ngettext(
                "This rule cannot be deleted: %(n)d reminder was planned by it. Deactivate it instead.",
                "This rule cannot be deleted: %(n)d reminders were planned by it. Deactivate it instead.",
                used,
            ) % {"n": used}
            return refused(request, rule, why)
        return super().delete_view(request, object_id, extra_context)


def _preview(rule: ReminderRule) -> dict[str, Any]:
    """How many reminders would be written in the next days, as the rules stand and with this one as supposed."""
    today = timezone.localdate()
    as_they_are = list(ReminderRule.objects.filter(active=True))
    if rule._state.adding:
        # The key that it would be given: of two stages on one day the younger rule counts.
        rule.pk = (ReminderRule.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    supposed = [one for one in as_they_are if one.pk != rule.pk] + ([rule] if rule.active else [])
    before, after = of_rules([as_they_are, supposed], today)
    return {
        "before": before,
        "after": after,
        "days": DAYS_OF_A_RULE,
        "start": today,
        "end": today + timedelta(days=DAYS_OF_A_RULE),
    }
