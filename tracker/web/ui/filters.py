"""The filters of the lists; their whole state is the address of the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import django_filters as filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import SimpleLazyObject, cached_property, lazy
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from tracker.languages.writing import full_stop, in_words, with_commas
from tracker.obligations.models import CarriedBy
from tracker.registry.desks import on_desk_of
from tracker.registry.models import Region, State
from tracker.registry.names import StateNames
from tracker.registry.un_names import shown_name
from tracker.web.models import Following
from tracker.web.ui.form_fields import DayField, MomentField, recognised


class DayFilter(filters.DateFilter):
    """A filter by a day, written as in any form."""

    field_class = DayField

    @property
    def field(self) -> Any:
        """The field without its help, for which a filter has no room; the placeholder shows how to write a day."""
        field = super().field
        field.help_text = ""
        return field


class MomentFilter(filters.Filter):
    """A filter by a moment in UTC, or by the beginning of a day."""

    field_class = MomentField


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


MOST_EXPLAINED = 3  # spellings; of more, the table shows the States


def understood(request: Any, text: str) -> list[str]:
    """The States that a text means without containing their names: “Ivory Coast” is Côte d'Ivoire."""
    names = names_of(request)
    otherwise = [(spelling, names.names[iso3]) for iso3, spelling in names.search(text).items() if spelling]
    if len(otherwise) > MOST_EXPLAINED:
        return []
    return [
        gettext("“%(spelling)s” is %(name)s.") % {"spelling": spelling, "name": name}
        for spelling, name in otherwise
    ]


def values_sent(data: Any, name: str) -> list[str]:
    """The values of a name in a query, without empty ones: a form without script sends those too."""
    found = data.getlist(name) if hasattr(data, "getlist") else [data.get(name)]
    return [value for value in found if value]


BETWEEN_STATES = "; "


class StatesInput(forms.TextInput):
    """A text field for several States; an address may also name each on its own."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return BETWEEN_STATES.join(values_sent(data, name))


def _example() -> str:
    return BETWEEN_STATES.join((shown_name("NOR", "Norway"), shown_name("FIN", "Finland")))


_two_states = lazy(_example, str)


class WrittenStates(forms.CharField):
    """States as typed text; a list of all States would be larger than most tables."""

    widget = StatesInput(
        attrs={"size": "20", "autocomplete": "off", "spellcheck": "false", "placeholder": _two_states()}
    )
    names: StateNames  # of the page

    def clean(self, value: Any) -> list[str]:
        """Alpha-3 of each State."""
        written = [text.strip() for text in super().clean(value).split(BETWEEN_STATES.strip())]
        return list(dict.fromkeys(recognised(text, self.names) for text in written if text))


class AnyOfFilter(filters.Filter):
    """The rows that have one of several values."""

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        """All rows for no value."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class StateChoiceFilter(AnyOfFilter):
    """The rows of some States, by code or by any name that the text search knows."""

    field_class = WrittenStates

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


def followed_by(username: str) -> Q:
    """The States on a user's desk: those assigned to the user and those the user chose to follow; runs no query.

    A condition on State.
    """
    chosen = Following.objects.filter(user__username=username)
    regions, states = chosen.filter(state=None).values("region"), chosen.exclude(state=None).values("state")
    return on_desk_of(username) | Q(region__in=regions) | Q(pk__in=states)


def desks(request: Any) -> list[tuple[str, str]]:
    """The people by whose desk a list can be filtered; read once for a page.

    These are all desk officers of a State or a region and, of the people who only chose what to follow, the user and
    whomever the address names.
    """
    known: list[tuple[str, str]] | None = getattr(request, "desks", None)
    if known is None:
        # No user has a NUL in the name, and PostgreSQL accepts none.
        in_address = [name for name in request.GET.getlist("desk") if "\0" not in name]
        known = request.desks = _desks([request.user.get_username(), *in_address])
    return known


def _desks(named: list[str]) -> list[tuple[str, str]]:
    users = get_user_model().objects
    officers = users.filter(
        Exists(State.objects.filter(desk_officer=OuterRef("pk")))
        | Q(region_desks__isnull=False)
        | (Q(username__in=named) & Exists(Following.objects.filter(user=OuterRef("pk"))))
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
        on_desk = followed_by(value)
        if not self.to_state:
            return qs.filter(on_desk)
        return qs.filter(**{f"{self.to_state}__in": State.objects.filter(on_desk)})


class Checkboxes(forms.CheckboxSelectMultiple):
    """A checkbox for each choice."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return values_sent(data, name)


class SeveralField(forms.MultipleChoiceField):
    """Any number of choices."""

    widget = Checkboxes


class SeveralFilter(AnyOfFilter):
    """The rows of some choices: `?status=overdue&status=waived`. A method is called with the list of them."""

    field_class = SeveralField


MOST_YEARS = 99


class YearsFilter(filters.NumberFilter):
    """A number of years."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        # Browsers let people type other numbers too; the field says what is allowed.
        super().__init__(min_value=0, max_value=MOST_YEARS, **kwargs)


class RegionFilter(SeveralFilter):
    """The States of some regional groups.

    Args:
        field_name: the path from a row to the group of its State.
    """

    def __init__(self, *, field_name: str = "state__region") -> None:
        super().__init__(label=_("Regional group"), field_name=field_name, choices=Region)


@dataclass(frozen=True)
class ChosenValue:
    """One value of a filter in words.

    Attributes:
        before: what separates it from the value before it.
        rest: the values of the filter without this one, for the address that removes it.
    """

    before: str
    text: str
    rest: list[str]


@dataclass(frozen=True)
class ChosenFilter:
    """A filter in use, as a part of a sentence: words, values, words."""

    name: str
    before: str
    values: list[ChosenValue]
    after: str

    def __str__(self) -> str:
        return self.before + "".join(one.before + one.text for one in self.values) + self.after


PHRASES = {
    "q": _("with “%(values)s” in the text"),
    "state": _("of %(values)s"),
    "of": _("of %(values)s"),
    "region": _("in %(values)s"),
    "desk": _("on the desk of %(values)s"),
}


class ChipSet(filters.FilterSet):
    """A filter set that says its active filters as a sentence, in which each value can be removed."""

    # The words of each filter, in the order of the sentence; then `PHRASES`. What has none comes first, with its label.
    phrases: ClassVar[dict[str, Any]] = {}

    @cached_property
    def chips(self) -> list[ChosenFilter]:
        """The filters in use, in the order of the sentence."""
        if not self.form.is_valid():
            return []
        order = list({**self.phrases, **PHRASES})
        names = sorted(self.form.fields, key=lambda name: order.index(name) if name in order else -1)
        found = [self._chosen(name, first=False) for name in names if self._values(name)]
        if found:
            found[0] = self._chosen(found[0].name, first=True)
        return found

    @property
    def sentence(self) -> str:
        """The filters in use as one sentence; empty without any."""
        return f"{with_commas(map(str, found))}{full_stop()}" if (found := self.chips) else ""

    def unchanged(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """All rows: the method of a filter that the page applies in another way."""
        return queryset

    def _values(self, name: str) -> list[Any]:
        value = self.form.cleaned_data.get(name)
        if value in (None, "") or (name, value) == ("desk", EVERY_DESK):
            return []
        return value if isinstance(value, list) else [value]

    def _chosen(self, name: str, *, first: bool) -> ChosenFilter:
        field, values = self.form.fields[name], self._values(name)
        phrase = (PHRASES | self.phrases).get(
            name, gettext("%(label)s: %(value)s") % {"label": field.label, "value": "%(values)s"}
        )
        before, after = str(phrase).split("%(values)s")
        texts = [_value_in_words(field, value) for value in values]
        if first:
            before = capfirst(before)
            texts[0] = texts[0] if before else capfirst(texts[0])
        between = ["", *[", "] * (len(texts) - 2), gettext(" or ")]
        # A list opens with the user's own desk; removing that filter means every desk.
        instead = [EVERY_DESK] if name == "desk" else []
        return ChosenFilter(
            name,
            before,
            [
                ChosenValue(between[at], text, [str(one) for one in values if one != values[at]] or instead)
                for at, text in enumerate(texts)
            ],
            after,
        )


def _value_in_words(field: forms.Field, value: Any) -> str:
    if isinstance(value, date):
        return in_words(value)
    if isinstance(field, forms.IntegerField):
        return ngettext("%(n)d year", "%(n)d years", value) % {"n": value}
    return str(dict(getattr(field, "choices", ())).get(value, value))


# The reports of a State under the OPSC itself, and those that its reports under the CRC carry.
SERIES = [
    (CarriedBy.OWN.value, _("its own reports under the OPSC")),
    (CarriedBy.CRC_REPORT.value, _("reports under the CRC")),
]
