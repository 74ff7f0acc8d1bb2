"""`/follow/`: the regional groups and States that a user follows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker.registry.models import Region, RegionDesk, State
from tracker.web.models import Following


class FollowForm(forms.Form):
    """What to follow: regional groups as a whole, and single States."""

    regions = forms.MultipleChoiceField(choices=Region, required=False)
    states = forms.MultipleChoiceField(
        required=False,
        error_messages={"invalid_choice": gettext_lazy("“%(value)s” is not a State; choose again.")},
    )

    def __init__(self, data: Any, states: list[State]) -> None:
        super().__init__(data)
        field: Any = self.fields["states"]
        field.choices = [(state.pk, state.shown_name) for state in states]


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Shows what the user follows, and saves another choice. Desk officers stay as they are."""
    user: Any = request.user  # the page requires signing in
    states = list(State.objects.all())
    form = FollowForm(request.POST, states) if request.method == "POST" else None
    if form and form.is_valid():
        save(user, form.cleaned_data["regions"], form.cleaned_data["states"])
        messages.success(request, _said(form.cleaned_data["regions"], form.cleaned_data["states"], states))
        return redirect("home")
    chosen = Following.objects.filter(user=user)
    followed = {one.region or one.state_id for one in chosen}
    members = [
        (code, label, [state for state in states if state.region == code])
        for code, label in (*Region.choices, ("", _("No regional group recorded")))
    ]
    return render(
        request,
        "web/today/follow.html",
        {
            "problems": [text for texts in form.errors.values() for text in texts] if form else [],
            "blocks": [
                {
                    "code": code,
                    "label": label,
                    "whole": code in followed,
                    "states": [
                        {"code": state.pk, "name": state.shown_name, "followed": state.pk in followed}
                        for state in own
                    ],
                    "some": any(state.pk in followed for state in own),
                }
                for code, label, own in members
                if own
            ],
            "regions": [
                str(Region(desk.region).label)
                for desk in RegionDesk.objects.filter(officer=user).order_by("region")
            ],
            "assigned": [state.shown_name for state in states if state.desk_officer_id == user.pk],
        },
    )


def save(user: Any, regions: list[str], states: list[str]) -> None:
    """Replaces what a user follows."""
    chosen = Following.objects.filter(user=user)
    with transaction.atomic():
        chosen.exclude(Q(region__in=regions) & Q(state=None) | Q(state__in=states)).delete()
        rows = [Following(user=user, region=region) for region in regions]
        rows += [Following(user=user, state_id=state) for state in states]
        # A second window may have saved some of them.
        Following.objects.bulk_create(rows, ignore_conflicts=True)


def _said(regions: list[str], chosen: list[str], states: list[State]) -> str:
    number = sum(state.region in regions or state.pk in chosen for state in states)
    if not number:
        return _("You have chosen no States to follow.")
    return ngettext("You follow %(n)d State.", "You follow %(n)d States.", number) % {"n": number}
