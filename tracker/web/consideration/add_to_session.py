"""`/sessions/101/add/`: puts a State on a session, for a report that waits or without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker import changes
from tracker.changes import Effects
from tracker.consideration.queue import Waiting, waiting_on
from tracker.languages.writing import in_words
from tracker.obligations.models import AgendaItem, AgendaPurpose, CommitteeSession, SessionKind
from tracker.registry import limits
from tracker.registry.names import StateNames
from tracker.web.ui.form_fields import DayField, PlainForm, StateField, put_the_focus, states_to_offer
from tracker.web.ui.two_steps import TwoSteps, tell
from tracker.web.ui.undo import with_undo

MAY_ADD = "obligations.add_agendaitem"


class AgendaForm(PlainForm):
    """A State on a session.

    Args:
        waiting: who waits today, to choose from.
    """

    report = forms.ChoiceField(
        label=gettext_lazy("Report"),
        required=False,
        help_text=gettext_lazy("Those that wait for the Committee, the longest first."),
    )
    state = StateField(
        required=False, help_text=gettext_lazy("Only if no report is chosen: the State without a report.")
    )
    purpose = forms.ChoiceField(label=gettext_lazy("For"), choices=AgendaPurpose.choices)
    decision = forms.CharField(
        label=gettext_lazy("Decision"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Only without a report: the document of the decision to review the State."),
    )
    decided_on = DayField(label=gettext_lazy("Placed on the agenda on"))
    rapporteurs = forms.CharField(
        label=gettext_lazy("Country rapporteurs"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Names, with commas between them."),
    )
    source = forms.CharField(label=gettext_lazy("Source"), max_length=200, required=False)

    def __init__(
        self, session: CommitteeSession, waiting: Waiting, user: Any, *args: Any, **kwargs: Any
    ) -> None:
        kwargs["initial"] = {
            "decided_on": timezone.localdate(),
            "purpose": AgendaPurpose.LIST_OF_ISSUES.value
            if session.kind == SessionKind.PRE_SESSIONAL
            else AgendaPurpose.DIALOGUE.value,
        }
        super().__init__(*args, **kwargs)
        state: Any = self.fields["state"]
        state.names = SimpleLazyObject(StateNames.recorded)  # else those read for the first form would stay
        mine = limits.changeable(user)
        self.reports = {
            str(report.pk): report
            for one in (*waiting.states, *waiting.to_confirm)
            for report in one.reports
            if mine is None or report.state_id in mine
        }
        self.fields["report"].choices = [("", "—"), *_choices(self.reports)]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        report = self.reports.get(values.get("report") or "")
        state = values.get("state")
        if report is None and state is None and not self.errors:
            self.add_error("report", _("Choose the report, or enter the State below."))
        elif report is not None and state is not None and state.pk != report.state_id:
            self.add_error("state", _("The report is of another State. Leave one of the two empty."))
        return values

    def item(self, session: CommitteeSession, values: Mapping[str, Any]) -> AgendaItem:
        """The State on the session, as a new object for each attempt."""
        report = self.reports.get(values["report"])
        return AgendaItem(
            session=session,
            state=report.state if report else values["state"],
            submission=report,
            without_report=report is None and values["purpose"] != AgendaPurpose.PRIOR_TO_REPORTING,
            **{name: values[name] for name in ("purpose", "decision", "decided_on", "rapporteurs", "source")},
        )


def _choices(reports: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, report in reports.items():
        about = {"state": report.state.shown_name, "what": report.label}
        if report.received_on is None:
            yield key, _("%(state)s: %(what)s") % about
        else:
            received = {"day": in_words(report.received_on)}
            yield key, _("%(state)s: %(what)s, received on %(day)s") % (about | received)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_ADD, raise_exception=True)
def add_to_session(request: HttpRequest, pk: int) -> HttpResponse:
    """The form, and saving what it says."""
    session = get_object_or_404(CommitteeSession, pk=pk)
    today = timezone.localdate()
    data = request.POST if request.method == "POST" else None
    form = AgendaForm(session, waiting_on(today, today=today), request.user, data)
    saved: list[AgendaItem] = []

    def save(values: Mapping[str, Any]) -> Effects:
        saved[:] = [form.item(session, values)]
        return changes.save(saved, by=request.user)

    steps = TwoSteps(request, form, save, (), at_once=True)
    put_the_focus(form, "report")
    if steps.saved():
        (item,) = saved
        said = _("%(state)s is on %(session)s.") % {"state": item.state.shown_name, "session": session}
        messages.success(request, with_undo(request, said, saved, session.get_absolute_url()))
        tell(request, item.state, steps.effects)
        return redirect(session)
    context = {
        "steps": steps,
        "cancel": session.get_absolute_url(),
        "title": _("Put a State on %(session)s") % {"session": session},
        "says": _("Choose a report that waits, or enter a State that is reviewed without one."),
        "back": (session.get_absolute_url(), capfirst(str(session))),
        "states": states_to_offer(request.user),
    }
    return render(request, "web/consideration/add_to_session.html", context)
