"""`/amendments/1/positions/`: the positions of States on an amendment, and a form that adds many at once."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker import changes
from tracker.languages.writing import with_commas
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import Amendment, AmendmentPosition, State, TreatyAction
from tracker.registry.names import StateNames
from tracker.registry.un_names import StateOrder
from tracker.web.ui.as_of import day_of
from tracker.web.ui.form_fields import DayField, PlainForm, recognised
from tracker.web.ui.undo import with_undo

MOST_AT_ONCE = 500  # positions entered or undone with one request; there are some 200 States
CODES = re.compile(r"[A-Z]{3}(?:[\s,]+[A-Z]{3})+")
ADD = "registry.add_amendmentposition"


class StatesField(forms.CharField):
    """Several States: one per line by name or alpha-3 code, or codes in a row such as “NOR, SWE, FIN”."""

    widget = forms.Textarea(attrs={"rows": 6, "autocomplete": "off"})

    def to_python(self, value: Any) -> Any:
        """The alpha-3 codes in the order of the text.

        Raises:
            ValidationError: names each unknown name, or says that there are too many.
        """
        texts = _split(super().to_python(value) or "")
        if len(texts) > MOST_AT_ONCE:
            raise ValidationError(
                _("Enter at most %(n)d States at once, or upload a file.") % {"n": MOST_AT_ONCE}
            )
        names, found, problems = StateNames.recorded(), [], []
        for text in texts:
            try:
                found.append(recognised(text, names))
            except ValidationError as error:
                problems += error.messages
        if problems:
            raise ValidationError(problems)
        return list(dict.fromkeys(found))

    def run_validators(self, value: Any) -> None:
        """Runs none: the base class checks a text, and this value is a list."""


def _split(text: str) -> list[str]:
    """The names of States in a text; a comma separates codes only, because some names contain one."""
    lines = (line.strip(" \t\r,") for line in re.split(r"[\n;]", text))
    return [
        name
        for line in lines
        if line
        for name in (re.split(r"[\s,]+", line) if CODES.fullmatch(line) else [line])
    ]


class PositionsForm(PlainForm):
    """The position of one or more States on a day."""

    kind = forms.ChoiceField(label=gettext_lazy("Position"), choices=AmendmentPosition.Kind.choices)
    date = DayField(
        label=gettext_lazy("Date"),
        help_text=gettext_lazy("The day on which the positions were received or the acceptances deposited."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Note verbale, or depositary notification (C.N. number)."),
    )
    states = StatesField(
        label=gettext_lazy("States"),
        help_text=gettext_lazy(
            "One State per line, by name or alpha-3 code. Codes can also be in one line: NOR, SWE, FIN."
        ),
        error_messages={"required": gettext_lazy("Enter at least one State by name or alpha-3 code.")},
    )

    def __init__(self, *args: Any, amendment: Amendment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.amendment = amendment

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors:
            self._check(values)
        return values

    def facts(self) -> list[AmendmentPosition]:
        """The positions entered."""
        values = self.cleaned_data
        states = State.objects.in_bulk(values["states"])
        return [
            AmendmentPosition(
                amendment=self.amendment,
                state=states[iso3],
                kind=values["kind"],
                date=values["date"],
                source=values["source"],
            )
            for iso3 in values["states"]
        ]

    def _check(self, values: dict[str, Any]) -> None:
        """Adds errors for the date and for some of the States, with a constant number of queries."""
        facts = self.facts()
        # First checks the date alone.
        if early := facts[0].problems(lambda: True, timezone.localdate()):
            self.add_error("date", early["date"])
            return
        recorded = self._recorded(values["kind"])
        if twice := [fact.state.shown_name for fact in facts if fact.state_id in recorded]:
            self.add_error(
                "states",
                _("This position is already recorded for: %(names)s. Remove them here, or edit them below.")
                % {"names": with_commas(twice)},
            )
        parties = self._parties(values["date"])
        if strangers := [fact.state.shown_name for fact in facts if fact.state_id not in parties]:
            said = _(
                "Not parties to the %(treaty)s on this date: %(names)s. Remove them, correct the date, or first "
                "enter the ratification, accession or succession."
            )
            self.add_error(
                "states", said % {"treaty": self.amendment.treaty_id, "names": with_commas(strangers)}
            )

    def _recorded(self, kind: str) -> set[str]:
        return set(self.amendment.positions.filter(kind=kind).values_list("state", flat=True))

    def _parties(self, on: dt.date) -> set[str]:
        """The parties to the treaty on a day."""
        treaty = self.amendment.treaty_id
        facts = TreatyAction.objects.facts(treaty=treaty)
        return {state for state, done in facts.items() if done.is_party(treaty, on)}


@require_http_methods(["GET", "HEAD", "POST"])
def positions_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The positions on an amendment up to the as-of day, and the form to add some."""
    amendment = get_object_or_404(Amendment.objects.select_related("treaty"), pk=pk)
    may_add = request.user.has_perm(ADD) and limits.may_change(request.user, None)
    if request.method == "POST":
        if not request.user.has_perm(ADD):
            raise PermissionDenied
        limits.check(request.user, None)
        form = PositionsForm(request.POST, amendment=amendment)
        if saved := _saved(request, form):
            _tell(request, saved)
            return redirect("positions", pk)
    else:
        form = PositionsForm(amendment=amendment, initial=_suggested(amendment))
    day = day_of(request)
    rows = list(
        amendment.positions.filter(date__lte=day)
        .select_related("state")
        .order_by("kind", StateOrder("state"), "pk")
    )
    kinds = [
        {"kind": kind.value, "label": kind.label, "rows": [row for row in rows if row.kind == kind]}
        for kind in AmendmentPosition.Kind
    ]
    context = {"amendment": amendment, "form": form, "may_add": may_add, "kinds": kinds, "total": len(rows)}
    return render(request, "web/participation/positions.html", context)


def _suggested(amendment: Amendment) -> dict[str, str]:
    """The likely position: acceptance after the adoption, before it a conference."""
    kinds = AmendmentPosition.Kind
    return {"kind": kinds.ACCEPTS if amendment.adopted_on else kinds.FAVOURS}


def _saved(request: HttpRequest, form: PositionsForm) -> list[AmendmentPosition]:
    """Saves all positions of the form, or none if it is invalid."""
    with transaction.atomic():
        # A second form sent at the same moment waits here, then sees what is already recorded.
        Amendment.objects.select_for_update().get(pk=form.amendment.pk)
        if not form.is_valid():
            return []
        facts = form.facts()
        changes.save_new(facts, by=request.user)
    return facts


def _tell(request: HttpRequest, saved: list[AmendmentPosition]) -> None:
    """Says what was saved, with a button to undo it."""
    said = ngettext("%(n)d position saved: %(names)s.", "%(n)d positions saved: %(names)s.", len(saved)) % {
        "n": len(saved),
        "names": in_a_row(fact.state.shown_name for fact in saved),
    }
    back = reverse("positions", args=[saved[0].amendment_id])
    messages.success(request, with_undo(request, said, saved, back))
