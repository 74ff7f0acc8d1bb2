"""The last numbers that were used before a restore, which an Approver confirms; and the numbers skipped since."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.correspondence import numbers
from tracker.correspondence.models import Direction, Letterhead, RegisterYear
from tracker.web.correspondence.acts import MAY_DISPATCH
from tracker.web.ui.form_fields import PlainForm, put_the_focus

MOST_SKIPPED = 100_000  # more is a mistake in typing


class LastNumbersForm(PlainForm):
    """The last number of each year and direction that awaits it."""

    def __init__(self, held: Iterable[RegisterYear], data: Any = None) -> None:
        super().__init__(data)
        self.years = {f"last_{row.pk}": row for row in held}
        for name, row in self.years.items():
            label = (
                _("Last number of the papers sent in %(year)d")
                if row.direction == Direction.OUT
                else _("Last number of the papers received in %(year)d")
            )
            self.fields[name] = forms.IntegerField(
                label=label % {"year": row.year},
                min_value=row.last,
                max_value=row.last + MOST_SKIPPED,
                help_text=_("The last number known here is %(number)d.") % {"number": row.last},
                error_messages={
                    "required": gettext_lazy("Enter the last number that was used."),
                    "min_value": _("Enter %(number)d or a higher number.") % {"number": row.last},
                },
            )


@require_http_methods(["GET", "HEAD", "POST"])
def last_numbers(request: HttpRequest) -> HttpResponse:
    """`/correspondence/numbers/`: asks for the last numbers after a restore, and names those that were skipped.

    They belong to no State, so that limits of desks do not matter.
    """
    may = request.user.has_perm(MAY_DISPATCH)
    if request.method == "POST" and not may:
        raise PermissionDenied
    years = list(RegisterYear.objects.order_by("year", "-direction"))
    held = [row for row in years if row.restored_from is not None]
    form = LastNumbersForm(held, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        for name, row in form.years.items():
            numbers.confirm_last(row, form.cleaned_data[name], by=request.user.get_username())
        messages.success(request, _("Papers get numbers again."))
        return redirect("correspondence")
    if held and may:
        put_the_focus(form)
    context = {
        "form": form if held and may else None,
        "backup": held[0].restored_from if held else None,
        "skipped": skipped_numbers(years),
    }
    return render(request, "web/correspondence/last_numbers.html", context)


def skipped_numbers(years: Iterable[RegisterYear]) -> list[dict[str, Any]]:
    """The ranges that were skipped, as references, with who entered them and when."""
    head, found = Letterhead.get(), []
    for row in years:
        pattern = head.pattern if row.direction == Direction.OUT else head.pattern_received
        found += [
            one
            | {name: numbers.reference_of(pattern, row.year, one[name]) for name in ("first", "last")}
            | {name: datetime.fromisoformat(one[name]) for name in ("at", "backup")}
            for one in row.skipped
        ]
    return found
