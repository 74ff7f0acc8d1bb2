"""`/to-confirm/`: the reports without record; each is recorded, or confirmed as not received, with a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop, ngettext
from django.views.decorators.http import require_POST

from tracker import changes
from tracker.changes import Effects, FactRefused
from tracker.changes.desk_guard import is_yours
from tracker.languages.writing import in_words
from tracker.obligations.models import Kind, NonReceipt
from tracker.obligations.queries.uncertain import lists, without_record
from tracker.obligations.wording import in_a_row, labelled
from tracker.registry import limits
from tracker.registry.models import TreatyAction
from tracker.registry.stored import StoredText
from tracker.registry.un_names import StateOrder
from tracker.rules.entry_into_force import JOINING, TreatyCode
from tracker.rules.status import Status
from tracker.web.ui.addresses import ALPHA_3, WHOLE
from tracker.web.ui.columns import PickColumn, ReportColumn
from tracker.web.ui.filters import ChipSet, DeskFilter, RegionFilter, SeveralFilter, named
from tracker.web.ui.form_fields import DayField
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ReportTable, status_badge
from tracker.web.ui.two_steps import FORM_CAN_TAKE, TwoSteps, with_effects
from tracker.web.ui.undo import with_undo

NOT_RECEIVED = StoredText(gettext_noop("confirmed as not received: %(source)s"))

# --- the list ----------------------------------------------------------------------------------


class ToConfirmFilter(ChipSet):
    """Reports without record by desk, State, group and kind."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    region = RegionFilter()
    kind = SeveralFilter(
        label=gettext_lazy("Kind"), choices=[one for one in Kind.choices if one[0] != Kind.INFORMATION]
    )
    phrases: ClassVar[dict[str, Any]] = {"kind": gettext_lazy("of the kind %(values)s")}

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however spelled."""
        return queryset.filter(state__in=named(self.request, value))


class ToConfirmTable(ReportTable):
    """Reports without record, with what the records and sources say about each."""

    pick = PickColumn(template_name="web/records/_pick_report.html", about="state")
    what = ReportColumn(accessor="label", order_by=("kind", "cycle", "state__in_order", "pk"))
    known = tables.Column(
        gettext_lazy("Records and sources"),
        empty_values=(),
        orderable=False,
        attrs={"td": {"class": "wrap"}},
    )
    settle = tables.Column(
        gettext_lazy("Received"), empty_values=(), orderable=False, exclude_from_export=True
    )

    class Meta:
        sequence = ("pick", "state", "iso3", "what", "due", "known", "settle")
        order_by = "state"

    def _notes(self, record: Any) -> list[str]:
        """The notes of the sources."""
        return [note for note in (record.state.records_note, record.joining_note) if note]

    def render_known(self, record: Any) -> str:
        notes = format_html_join(" ", "<small>{}</small>", ((note,) for note in self._notes(record)))
        return format_html("{} {}", records_reach(record), notes)

    def value_known(self, record: Any) -> str:
        return " ".join([records_reach(record), *self._notes(record)])

    def render_settle(self, record: Any) -> str:
        if not is_yours(self.request.user, record.state):
            return "—"
        return format_html(
            '<a href="{}?obligation={}">{}<span class="unseen">: {}, {}</span></a>',
            reverse("record-submission", args=[record.state_id]),
            record.pk,
            _("record it"),
            record.state.shown_name,
            record.label,
        )


def records_reach(row: Any) -> str:
    """The days for which the office's records are complete, for a report without record, in a sentence."""
    records = row.state.records(row.carried_by)
    if not records.known:
        return _("It is not known from which day the records of reports under the CRC are complete.")
    if records.since and records.since == records.until:
        return _("The shipped data end on %(day)s and are incomplete for earlier reports.") % {
            "day": in_words(records.until)
        }
    if records.since and row.due < records.since:
        return _("The records are complete from %(day)s on.") % {"day": in_words(records.since)}
    return _("The records end on %(day)s.") % {"day": in_words(records.until)}


class RecordsToConfirm(ListPage):
    """The list of reports without record."""

    table_class = ToConfirmTable
    filterset_class = ToConfirmFilter
    template_name = "web/records/to_confirm.html"
    export_name = "records-to-confirm"
    rows_on_a_page = 100

    def get_queryset(self) -> QuerySet[Any]:
        joining = TreatyAction.objects.filter(
            state=OuterRef("state"),
            treaty=TreatyCode.OPSC.value,
            kind__in=JOINING,
        )
        rows = without_record(timezone.localdate()).select_related("state").defer("trail")
        return rows.annotate(joining_note=Subquery(joining.values("note")[:1])).order_by(
            StateOrder("state"), "due", "pk"
        )

    def get_table_kwargs(self) -> dict[str, Any]:
        user = self.request.user
        left_out = [] if user.has_perm("obligations.add_nonreceipt") else ["pick"]
        left_out += [] if user.has_perm("obligations.add_submission") else ["settle"]
        return {"exclude": left_out}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"lists": lists("to-confirm")}


# --- confirming that nothing was received ---------------------------------------------------------


class NonReceiptForm(forms.Form):
    """The source that says that a report was not received, and its day."""

    not_received_by = DayField(
        label=gettext_lazy("Not received by"),
        help_text=gettext_lazy("The day to which the source refers."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Document, list or letter, for example the Committee’s list of late reports."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


@require_POST
@permission_required("obligations.add_nonreceipt", raise_exception=True)
def confirm_non_receipt(request: HttpRequest) -> HttpResponse:
    """Confirms that the selected reports were not received."""
    today = timezone.localdate()
    keys = {int(raw) for raw in request.POST.getlist("pick") if WHOLE.fullmatch(raw)}
    rows: list[Any] = list(
        without_record(today)
        .filter(pk__in=keys)
        .select_related("state")
        .order_by(StateOrder("state"), "due", "pk")
    )
    if not rows:
        messages.warning(request, _("Select at least one report without record."))
        return redirect("to-confirm")
    states = {row.state_id for row in rows}
    limits.check(request.user, states)
    if len(rows) > FORM_CAN_TAKE:
        messages.warning(
            request, _("Confirm at most %(n)d reports at once; filter the list.") % {"n": FORM_CAN_TAKE}
        )
        return redirect("to-confirm")
    sent = "step" in request.POST
    form = NonReceiptForm(request.POST) if sent else NonReceiptForm(initial={"not_received_by": today})
    facts: list[NonReceipt] = []

    def save(values: Mapping[str, Any]) -> Effects:
        facts[:] = [_non_receipt(row, values) for row in rows]
        reason = NOT_RECEIVED(source=values["source"])
        try:
            return changes.save(facts, by=request.user, reason=reason)
        except FactRefused as error:
            raise _named(error, rows[facts.index(error.fact)]) from error

    steps = TwoSteps(request, form, save, states, shows=lambda: [row.pk for row in rows])
    if steps.saved():
        done = ngettext(
            "%(n)d report confirmed as not received: %(what)s.",
            "%(n)d reports confirmed as not received: %(what)s.",
            len(rows),
        ) % {"n": len(rows), "what": in_a_row(f"{row.state.shown_name}, {row.label}" for row in rows)}
        name, *args = _back_to(request)
        back = reverse(name, args=args)
        messages.success(request, with_undo(request, with_effects(done, steps.effects), facts, back))
        return redirect(back)
    for row in rows:
        row.new_status = status_badge(Status.OVERDUE, row.due, None, today)
    context = {
        "steps": steps,
        "title": _("Confirm as not received"),
        "back": (reverse("to-confirm"), _("Records to confirm")),
        "rows": rows,
        "from_state": next(iter(_back_to(request)[1:]), ""),
    }
    return render(request, "web/records/confirm_non_receipt.html", context)


def _back_to(request: HttpRequest) -> tuple[str, ...]:
    """The page that a person came from: the list, or that of a State."""
    back = request.POST.get("back", "")
    return ("settle-state", back) if ALPHA_3.fullmatch(back) else ("to-confirm",)


def _non_receipt(row: Any, values: Mapping[str, Any]) -> NonReceipt:
    return NonReceipt(state=row.state, kind=row.kind, carried_by=row.carried_by, cycle=row.cycle, **values)


def _named(error: FactRefused, row: Any) -> ValidationError:
    """The same error, which names the report."""
    name = f"{row.state.shown_name}, {row.label}"
    return ValidationError(
        {field: [labelled(name, text) for text in texts] for field, texts in error.message_dict.items()}
    )
