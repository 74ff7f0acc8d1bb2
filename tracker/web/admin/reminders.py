"""The reminder rules. Reminders have their own pages; none is entered by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.utils import unquote
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.languages.known import ENGLISH, LANGUAGES
from tracker.reminders.forecast import DAYS_OF_A_RULE, of_rules
from tracker.reminders.models import Reminder, ReminderRule
from tracker.web.admin.facts import refused
from tracker.web.admin.rows import PlainRowAdmin
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
class ReminderRuleAdmin(PlainRowAdmin, admin.ModelAdmin):
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

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        previews = request.method == "POST" and "_preview" in request.POST
        page = self.previewed(request, object_id) if previews else None
        return page or super().changeform_view(request, object_id, form_url, extra_context)

    def previewed(self, request: HttpRequest, object_id: str | None) -> HttpResponse | None:
        """The form with a preview of the change; nothing is saved.

        Returns:
            None if the form is not valid, or the person may not change the rule.
        """
        rule = self.get_object(request, unquote(object_id)) if object_id else None
        missing = object_id is not None and rule is None
        may = self.has_change_permission(request, rule) if rule else self.has_add_permission(request)
        if missing or not may:
            return None
        original = ReminderRule.objects.get(pk=rule.pk) if rule else None
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        if not form.is_valid():
            return None
        fieldsets: Any = self.get_fieldsets(request, rule)
        page = AdminForm(form, fieldsets, {}, (), model_admin=self)
        title = _("Change %s") if original else _("Add %s")
        context = {
            **self.admin_site.each_context(request),
            "title": title % self.opts.verbose_name,
            "adminform": page,
            "original": original,
            "object_id": object_id,
            "is_popup": False,
            "media": self.media + page.media,
            "inline_admin_formsets": [],
            "preview": _preview(form.instance),
        }
        return self.render_change_form(
            request, context, add=original is None, change=original is not None, obj=original
        )

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
