"""`/states/NOR/record-deposit/`: an instrument deposited, and when the treaty enters into force for the State."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.registry.models import State, Treaty, TreatyAction
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode
from tracker.web.records.record import record_page, state_to_record
from tracker.web.records.record_form import RecordForm, note_field, text_field
from tracker.web.ui.form_fields import DayField


class RecordDepositForm(RecordForm):
    """An instrument deposited."""

    treaty = forms.ModelChoiceField(
        label=gettext_lazy("Treaty"), queryset=Treaty.objects.order_by("-code"), empty_label=None
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Instrument"),
        choices=[(kind.value, TreatyAction.Kind(kind).label) for kind in JOINING],
        help_text=gettext_lazy("A State that has signed ratifies; others accede."),
    )
    date = DayField(
        label=gettext_lazy("Deposited on"),
        help_text=gettext_lazy("Day of deposit, as in the depositary notification."),
    )
    effective_on = DayField(
        label=gettext_lazy("Recorded effective date"),
        required=False,
        help_text=gettext_lazy(
            "Only if the depositary states it; otherwise it is calculated from the treaty."
        ),
    )
    reference = text_field(
        gettext_lazy("Reference"), 100, gettext_lazy("Depositary notification, C.N. number.")
    )
    source = text_field(gettext_lazy("Source"), 200, gettext_lazy("Document or site where the day was read."))
    note = note_field()

    def facts(self, values: Mapping[str, Any]) -> list[Any]:
        return [TreatyAction(state=self.state, **values)]


def _suggested_deposit(state: State) -> dict[str, Any]:
    """The treaty that the State has not joined, and ratification or accession, depending on its signature."""
    done = set(state.actions.values_list("treaty", "kind"))
    joined = {treaty for treaty, kind in done if kind in JOINING}
    treaty = next((code.value for code in TreatyCode if code.value not in joined), TreatyCode.OPSC.value)
    signed = (treaty, ActionKind.SIGNATURE.value) in done
    return {"treaty": treaty, "kind": ActionKind.RATIFICATION.value if signed else ActionKind.ACCESSION.value}


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.add_treatyaction", raise_exception=True)
def record_deposit(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records an instrument deposited, and shows when it enters into force."""
    state = state_to_record(request, iso3)
    data = {"data": request.POST} if request.method == "POST" else {"initial": _suggested_deposit(state)}
    return record_page(request, RecordDepositForm(state, **data), _("Record an instrument deposited"))
