"""What the admin pages of all facts share: a reason, one door to save through, effects told at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.db.models import ProtectedError, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin

from tracker.obligations import sync
from tracker.obligations.actions import save_fact, withdraw_fact
from tracker.web.effects import Act, carry_out
from tracker.web.filters import day_input


class FactForm(forms.ModelForm):
    """A fact and, where it changes, the reason for the history."""

    reason = forms.CharField(
        label=_("Reason for the change"),
        required=False,
        max_length=100,
        help_text=_("Kept in the history: which document or message it rests on."),
    )


class DayField(forms.DateField):
    """A day as the browser's own calendar gives it: never 03/04/2005, which could be two days."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"widget": day_input(), "input_formats": ["%Y-%m-%d"]})


class FactAdmin(SimpleHistoryAdmin):
    """Saves through `actions`, so that what follows from a fact is there at once, and says what it is.

    A State is chosen from a plain list: it has a label, answers to the keyboard, and needs no script.

    Attributes:
        help_texts: for fields whose model has none to say, which document to look at.
    """

    form = FactForm
    formfield_overrides = {
        models.DateField: {"form_class": DayField},
        models.URLField: {"assume_scheme": "https"},
    }
    help_texts: dict[str, Any] = {}
    object_history_list_template = "admin/fact_history.html"
    save_on_top = False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change=change, help_texts=self.help_texts, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        reason = form.cleaned_data.get("reason", "")
        self.tell(request, obj, lambda: save_fact(obj, by=request.user, reason=reason))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        state = getattr(obj, "state", obj)
        self.tell(
            request, state, lambda: withdraw_fact(obj, by=request.user, reason=_g("deleted in the admin"))
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            try:
                self.delete_model(request, obj)
            except ProtectedError:
                messages.error(request, _g("%(what)s is kept: something else rests on it.") % {"what": obj})

    def tell(self, request: HttpRequest, obj: Any, act: Act) -> None:
        """Carries a change out and says what follows from it, with a link to the State's page."""
        state = getattr(obj, "state", obj)
        if told := carry_out(act, [state.pk]).told:
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


def refused(request: HttpRequest, obj: Any, why: str) -> HttpResponse:
    """Back to the page of something that cannot be deleted, with the reason in words."""
    messages.error(request, why)
    options = obj._meta
    return redirect(f"admin:{options.app_label}_{options.model_name}_change", obj.pk)


def with_reason(*fieldsets: tuple[Any, dict[str, Any]]) -> tuple[tuple[Any, dict[str, Any]], ...]:
    """The field sets of a fact, the reason at the end."""
    return (*fieldsets, (_("For the history"), {"fields": ("reason",)}))
