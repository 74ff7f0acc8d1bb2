"""The filters of the lists; their whole state is the address of the page."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import CarriedBy, Kind, Obligation, Submission
from tracker.registry.models import Region, State
from tracker.reminders.models import Reminder, ReminderState
from tracker.rules.dates import in_words
from tracker.web.words import BAND_LABELS, STATUS_LABELS


def day_input() -> forms.DateInput:
    """A date field that the browser helps with, written as ISO."""
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ChipSet(filters.FilterSet):
    """A filter set that can say what it filters by, one removable chip for each value."""

    @property
    def chips(self) -> list[dict[str, str]]:
        """Label, value in words, and the name to leave out of the address to be rid of it."""
        if not self.form.is_valid():
            return []
        found = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            words = str(dict(getattr(field, "choices", ())).get(value, value))
            if hasattr(value, "isoformat"):
                words = in_words(value)
            found.append({"name": name, "label": str(field.label), "value": words})
        return found


class ObligationFilter(ChipSet):
    """Obligations by State, group, kind, status, due date and text."""

    q = filters.CharFilter(label=_("Text"), method="filter_text")
    state = filters.ModelChoiceFilter(label=_("State"), queryset=State.objects.all())
    region = filters.ChoiceFilter(label=_("Regional group"), field_name="state__region", choices=Region)
    kind = filters.ChoiceFilter(label=_("Kind"), choices=Kind)
    carried_by = filters.ChoiceFilter(label=_("Carried by"), choices=CarriedBy)
    status = filters.ChoiceFilter(
        label=_("Status"), choices=[(status.value, label) for status, label in STATUS_LABELS.items()]
    )
    band = filters.ChoiceFilter(
        label=_("Overdue for"), choices=[(band.value, label) for band, label in BAND_LABELS.items()]
    )
    due_from = filters.DateFilter(
        label=_("Due from"), field_name="due", lookup_expr="gte", widget=day_input()
    )
    due_until = filters.DateFilter(
        label=_("Due until"), field_name="due", lookup_expr="lte", widget=day_input()
    )

    class Meta:
        model = Obligation
        fields: list[str] = []

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, or the number of a document that answers."""
        return queryset.filter(
            Q(state__name__icontains=value)
            | Q(state__iso3__iexact=value)
            | Exists(Submission.objects.filter(state=OuterRef("state"), symbol__icontains=value))
        )


class StateFilter(ChipSet):
    """States by name and group."""

    q = filters.CharFilter(label=_("Text"), method="filter_text")
    region = filters.ChoiceFilter(label=_("Regional group"), choices=Region)

    class Meta:
        model = State
        fields: list[str] = []

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the name, or the code as a whole."""
        return queryset.filter(Q(name__icontains=value) | Q(iso3__iexact=value))


class ReminderFilter(ChipSet):
    """The ledger by where a row stands, State and recipient."""

    q = filters.CharFilter(label=_("Text"), method="filter_text")
    state = filters.ChoiceFilter(label=_("Where it stands"), choices=ReminderState)
    of = filters.ModelChoiceFilter(
        label=_("State"), field_name="obligation__state", queryset=State.objects.all()
    )

    class Meta:
        model = Reminder
        fields: list[str] = []

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or the recipient's address."""
        return queryset.filter(Q(obligation__state__name__icontains=value) | Q(recipient__icontains=value))
