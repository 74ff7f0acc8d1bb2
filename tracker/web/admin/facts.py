"""What the admin pages of all facts share: a reason, one door to save through, effects told at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin

from tracker.obligations import sync
from tracker.obligations.actions import save_fact, withdraw_fact
from tracker.reminders.models import Reminder
from tracker.reminders.plan import cancel_outdated
from tracker.web.effects import sentences


class FactForm(forms.ModelForm):
    """A fact and, where it changes, the reason for the history."""

    reason = forms.CharField(
        label=_("Reason for the change"),
        required=False,
        max_length=100,
        help_text=_("Kept in the history: which document or message it rests on."),
    )


class FactAdmin(SimpleHistoryAdmin):
    """Saves through `actions`, so that what follows from a fact is there at once, and says what it is."""

    form = FactForm
    history_list_display = ("history_change_reason",)
    save_on_top = False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        found = save_fact(obj, by=request.user, reason=form.cleaned_data.get("reason", ""))
        self.tell(request, obj, found)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        state = getattr(obj, "state", obj)
        found = withdraw_fact(obj, by=request.user, reason=_g("deleted in the admin"))
        self.tell(request, state, found)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            try:
                self.delete_model(request, obj)
            except ProtectedError:
                messages.error(request, _g("%(what)s is kept: something else rests on it.") % {"what": obj})

    def tell(self, request: HttpRequest, obj: Any, found: sync.Difference) -> None:
        """Says what changed, with a link to the State's page."""
        state = getattr(obj, "state", obj)
        cancelled = cancel_outdated(timezone.localdate(), Reminder.objects.filter(obligation__state=state.pk))
        told = sentences(found)
        if cancelled:
            told.append(
                ngettext("%(n)d reminder cancelled.", "%(n)d reminders cancelled.", cancelled)
                % {"n": cancelled}
            )
        if told:
            effects = format_html_join(" ", "{}", ((sentence,) for sentence in told))
            messages.info(
                request,
                format_html('<a href="{}">{}</a>: {}', state.get_absolute_url(), state.name, effects),
            )
        for submission in sync.unmatched([state.pk]):
            messages.warning(
                request,
                _g(
                    "%(what)s answers no obligation: there is no %(kind)s report of cycle %(cycles)s. Check it."
                )
                % {"what": submission, "kind": submission.get_kind_display(), "cycles": submission.cycles},
            )


def with_reason(*fieldsets: tuple[Any, dict[str, Any]]) -> tuple[tuple[Any, dict[str, Any]], ...]:
    """The field sets of a fact, the reason at the end."""
    return (*fieldsets, (_("For the history"), {"fields": ("reason",)}))
