"""The filters of the lists; their whole state is the address of the page."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import CarriedBy
from tracker.registry.desks import on_desk_of
from tracker.registry.models import Region, State
from tracker.registry.names import StateNames
from tracker.rules.dates import in_words
from tracker.web.ui.form_fields import DayField, recognised


class DayFilter(filters.DateFilter):
    """A filter by a day, written as in any form."""

    field_class = DayField


def names_of(request: Any) -> StateNames:
    """The names of all States; read once for a page, for its text search and its choice of States."""
    known: StateNames | None = getattr(request, "names", None)
    if known is None:
        known = request.names = StateNames.recorded()
    return known


def named(request: Any, text: str) -> list[str]:
    """Alpha-3 of the States that a text may mean, in any known spelling.

    Compared here and not in the database: SQLite can ignore neither accents nor the case of all letters, and there
    are only some 200 names.
    """
    return list(names_of(request).search(text))


MOST_TOLD = 3  # for more, the table shows what was found


def understood(request: Any, text: str) -> list[str]:
    """The States that a text means without containing their names: “Ivory Coast” is Côte d'Ivoire."""
    names = names_of(request)
    otherwise = [(spelling, names.names[iso3]) for iso3, spelling in names.search(text).items() if spelling]
    if len(otherwise) > MOST_TOLD:
        return []
    return [
        gettext("“%(spelling)s” is %(name)s.") % {"spelling": spelling, "name": name}
        for spelling, name in otherwise
    ]


class WrittenState(forms.CharField):
    """A State as typed text; a list of all States would be larger than most tables."""

    widget = forms.TextInput(attrs={"size": "20", "autocomplete": "off", "spellcheck": "false"})
    names: StateNames  # of the page

    def clean(self, value: Any) -> str:
        """Alpha-3 of the State, or None."""
        text: str = super().clean(value)
        return recognised(text, self.names) if text else ""


class StateChoiceFilter(filters.CharFilter):
    """The rows of one State, by its code or by any name that the text search knows."""

    field_class = WrittenState

    def __init__(self, *, field_name: str = "state") -> None:
        super().__init__(label=_("State"), field_name=field_name)

    @property
    def field(self) -> Any:
        """The field with the current States, read on first use."""
        field = super().field
        field.names = SimpleLazyObject(lambda: names_of(self.parent.request))
        field.choices = SimpleLazyObject(lambda: list(names_of(self.parent.request).names.items()))
        return field


EVERY_DESK = "all"


def desks(request: Any) -> list[tuple[str, str]]:
    """The officers by whose desk a list can be filtered: all those of a State or a region; read once for a page."""
    known: list[tuple[str, str]] | None = getattr(request, "desks", None)
    if known is None:
        known = request.desks = _desks()
    return known


def _desks() -> list[tuple[str, str]]:
    users = get_user_model().objects
    officers = users.filter(
        Exists(State.objects.filter(desk_officer=OuterRef("pk"))) | Q(region_desks__isnull=False)
    ).distinct()
    names = [(user.get_username(), user.get_full_name() or user.get_username()) for user in officers]
    return sorted(names, key=lambda one: one[1].casefold())


def has_desk(request: Any) -> bool:
    """Whether the user follows any State or region."""
    return request.user.get_username() in dict(desks(request))


class DeskFilter(filters.ChoiceFilter):
    """The States of one officer; by user name in the address, so that a link shows the same to everybody.

    Args:
        to_state: the path from a row to its State; empty if the row is a State.
    """

    def __init__(self, *, to_state: str = "state") -> None:
        self.to_state = to_state
        super().__init__(label=_("Desk"), choices=())

    @property
    def field(self) -> Any:
        """The field with the current officers."""
        self.extra["choices"] = [(EVERY_DESK, _("every desk")), *desks(self.parent.request)]
        return super().field

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows of the officer's States; all of them for no officer in particular."""
        if not value or value == EVERY_DESK:
            return qs
        on_desk = on_desk_of(value)
        if not self.to_state:
            return qs.filter(on_desk)
        return qs.filter(**{f"{self.to_state}__in": State.objects.filter(on_desk)})


class RegionFilter(filters.ChoiceFilter):
    """The States of one regional group.

    Args:
        field_name: the path from a row to the group of its State.
    """

    def __init__(self, *, field_name: str = "state__region") -> None:
        super().__init__(label=_("Regional group"), field_name=field_name, choices=Region)


class ChipSet(filters.FilterSet):
    """A filter set that lists its active filters, one removable chip for each value."""

    @property
    def chips(self) -> list[dict[str, str]]:
        """Label, value in words, and the name to remove from the address to remove the filter."""
        if not self.form.is_valid():
            return []
        found = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if value in (None, "", []) or (name, value) == ("desk", EVERY_DESK):
                continue
            words = str(dict(getattr(field, "choices", ())).get(value, value))
            if hasattr(value, "isoformat"):
                words = in_words(value)
            # A list opens with the user's own desk; removing that filter means every desk.
            instead = EVERY_DESK if name == "desk" else ""
            found.append({"name": name, "label": str(field.label), "value": words, "instead": instead})
        return found


# The reports of a State under the OPSC itself, and those that its reports under the CRC carry.
SERIES = [
    (CarriedBy.OWN.value, _("its own reports under the OPSC")),
    (CarriedBy.CRC_REPORT.value, _("reports under the CRC")),
]
