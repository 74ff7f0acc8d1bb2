"""The fields of a person's roles and desk, and saving the desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop

from tracker import changes
from tracker.registry.models import Region, RegionDesk, State
from tracker.registry.stored import StoredText
from tracker.web.accounts.roles import name_of, purpose

DESK_OF = StoredText(gettext_noop("Desk of %(who)s"))


class RolesField(forms.ModelMultipleChoiceField):
    """Roles as checkboxes, each with its purpose."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        super().__init__(Group.objects.order_by("pk"), label=gettext_lazy("Roles"), required=False)

    def label_from_instance(self, role: Any) -> str:
        name, said = name_of(role), purpose(role)
        return _("%(role)s: %(purpose)s") % {"role": name, "purpose": said} if said else name


class DeskFields(forms.Form):
    """What is on a person's desk."""

    regions = forms.MultipleChoiceField(
        choices=Region,
        label=gettext_lazy("Desk: regional groups"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    states = forms.ModelMultipleChoiceField(
        State.objects.all(),
        label=gettext_lazy("Desk: single States"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy(
            "In addition to the regional groups. Hold Ctrl (on a Mac: Cmd) to choose several. A State that is on "
            "another desk moves to this one."
        ),
    )

    def offer_desks(self, person: Any = None) -> None:
        """Names the present officer of each region, if it is another person."""
        officers = {desk.region: desk.officer for desk in RegionDesk.objects.select_related("officer")}
        field: Any = self.fields["regions"]
        field.choices = [
            (
                region.value,
                _("%(region)s (now: %(who)s)")
                % {"region": region.label, "who": officers[region].get_username()}
                if region in officers and officers[region] != person
                else region.label,
            )
            for region in Region
        ]


def stored_desk(person: Any) -> dict[str, list[Any]]:
    """What is on a person's desk, by the names of the fields."""
    regions = RegionDesk.objects.filter(officer=person).order_by("region")
    return {
        "regions": list(regions.values_list("region", flat=True)),
        "states": list(State.objects.filter(desk_officer=person)),
    }


def save_desk(person: Any, regions: Iterable[str], states: Iterable[State], *, by: Any) -> None:
    """Puts exactly these regions and States on a person's desk, taking them from others."""
    wanted, chosen = set(regions), {state.pk: state for state in states}
    RegionDesk.objects.filter(officer=person).exclude(region__in=wanted).delete()
    for region in sorted(wanted):
        RegionDesk.objects.update_or_create(region=region, defaults={"officer": person})
    facts: list[State] = []
    for state in State.objects.filter(desk_officer=person).exclude(pk__in=chosen):
        state.desk_officer = None
        facts.append(state)
    for state in chosen.values():
        if state.desk_officer_id != person.pk:
            state.desk_officer = person
            facts.append(state)
    if facts:
        changes.save(facts, by=by, reason=DESK_OF(who=person.get_username()))
