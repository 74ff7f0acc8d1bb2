"""The three things that are recorded most: a submission, a date stated by the Committee, an instrument deposited.

Each page shows what would follow before anything is saved. Reports are ticked, not typed as numbers of cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tracker.obligations import sync
from tracker.obligations.actions import save_fact
from tracker.obligations.models import CarriedBy, CommitteeDate, Kind, Obligation, Precision, Submission
from tracker.registry import limits
from tracker.registry.models import Language, State, Treaty, TreatyAction
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode, entry_into_force
from tracker.rules.status import RECEIVED, Status
from tracker.web import cautions, versions
from tracker.web.addresses import ALPHA_3, WHOLE
from tracker.web.effects import Act, Effects, rehearse
from tracker.web.fields import DayField, StateField, states_to_offer
from tracker.web.limits import not_yours
from tracker.web.settling import Settling
from tracker.web.telling import tell
from tracker.web.undo import with_undo
from tracker.web.words import badge

ORDINALS = (
    gettext_lazy("first"), gettext_lazy("second"), gettext_lazy("third"), gettext_lazy("fourth"),
    gettext_lazy("fifth"), gettext_lazy("sixth"), gettext_lazy("seventh"), gettext_lazy("eighth"),
    gettext_lazy("ninth"), gettext_lazy("tenth"), gettext_lazy("eleventh"), gettext_lazy("twelfth"),
)  # fmt: skip

# The fields of the models that the page asks for in another way.
LONGEST_NOTE = 500  # characters that an address may begin a note with
ASKED_AS = dict.fromkeys(("kind", "first_cycle", "last_cycle", "carried_by"), "reports")


# --- which reports -------------------------------------------------------------------------------


def open_reports(state: State) -> QuerySet[Any]:
    """The reports of a State that nothing answers, in their order; replies to requests are entered with those."""
    today = timezone.localdate()
    rows = (
        Obligation.objects.as_of(today, today=today, bands=False)
        .filter(state=state)
        .exclude(kind=Kind.INFORMATION)
    )
    return rows.exclude(status__in=RECEIVED).order_by("computed_on", "pk")


def combined(reports: Sequence[Any]) -> dict[str, Any]:
    """The cycles that some reports stand for together, as fields of the model.

    Raises:
        ValidationError: they cannot be one report.
    """
    if any(one.kind == Kind.INITIAL for one in reports) and len(reports) > 1:
        raise ValidationError(
            _("The initial report stands alone. Leave either it or the periodic reports unticked.")
        )
    if len({one.carried_by for one in reports}) > 1:
        raise ValidationError(
            _(
                "Reports of the State's own and reports under the CRC cannot be combined. Tick those of one kind."
            )
        )
    cycles = sorted(one.cycle for one in reports)
    missing = sorted(set(range(cycles[0], cycles[-1] + 1)) - set(cycles))
    if missing:
        raise ValidationError(
            _(
                "Only reports that follow one another can be combined: between the %(first)s and the %(last)s "
                "lies the %(missing)s. Tick it too, or record the reports one by one."
            )
            % {"first": ordinal(cycles[0]), "last": ordinal(cycles[-1]), "missing": ordinal(missing[0])}
        )
    return {
        "kind": reports[0].kind,
        "carried_by": reports[0].carried_by,
        "first_cycle": cycles[0],
        "last_cycle": cycles[-1],
    }


def ordinal(number: int) -> str:
    """Third; beyond the twelfth the number itself, as UN symbols print it."""
    return str(ORDINALS[number - 1]) if 1 <= number <= len(ORDINALS) else _("no. %(n)d") % {"n": number}


def suggested_title(cycles: dict[str, Any]) -> str:
    """As covers print it: "Combined third and fourth periodic reports"."""
    first, last = cycles["first_cycle"], cycles["last_cycle"]
    if cycles["kind"] == Kind.INITIAL:
        return _("Initial report")
    if first == last:
        return _("%(ordinal)s periodic report") % {"ordinal": ordinal(first).capitalize()}
    pattern = (
        _("Combined %(first)s and %(last)s periodic reports")
        if last == first + 1
        else _("Combined %(first)s to %(last)s periodic reports")
    )
    return pattern % {"first": ordinal(first), "last": ordinal(last)}


def suggested_symbol(state: State, cycles: dict[str, Any]) -> str:
    """By the pattern of UN symbols: CRC/C/OPSC/USA/3-4; a report under the CRC has no protocol in its own."""
    first, last = cycles["first_cycle"], cycles["last_cycle"]
    body = "CRC/C" if cycles["carried_by"] == CarriedBy.CRC_REPORT else "CRC/C/OPSC"
    return f"{body}/{state.pk}/{first}" + (f"-{last}" if last != first else "")


# --- the forms -----------------------------------------------------------------------------------


class RecordForm(forms.Form):
    """What is recorded of a State; `fact` makes it a fact, anew for each attempt."""

    use_required_attribute = False  # the browser would stop a half-filled form before we can help
    label_suffix = ""

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        self.state = state
        super().__init__(*args, **kwargs)

    def fact(self, values: dict[str, Any]) -> Any:
        """The fact that is to be saved."""
        raise NotImplementedError  # each of the three has its own


def _text(label: Any, longest: int, help_text: Any = "", *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=longest, help_text=help_text, required=required)


def _note() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What had to be inferred, and from what."),
    )


class ReportsForm(RecordForm):
    """What names reports: they are ticked among those that are open."""

    reports = forms.MultipleChoiceField(
        label=gettext_lazy("Reports"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Tick the report, or the reports that are combined in one."),
            "invalid_choice": gettext_lazy("One of the reports is not open any more; tick them again."),
        },
    )

    def __init__(self, state: State, *args: Any, **kwargs: Any) -> None:
        super().__init__(state, *args, **kwargs)
        today = timezone.localdate()
        self.open = {str(row.pk): row for row in open_reports(state)}
        field: Any = self.fields["reports"]
        field.choices = [
            (key, _offered(row, badge(row.status, due_on=row.due, received_on=None, day=today).text))
            for key, row in self.open.items()
        ]
        self.cycles: dict[str, Any] = {}

    def clean_reports(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["reports"]
        self.cycles = combined([self.open[key] for key in chosen])
        return chosen


def _offered(row: Any, status: str) -> str:
    """An open report as it is offered: what it is, when it is due, how it stands."""
    what = f"{row.label[:1].upper()}{row.label[1:]}"
    if row.due is None or row.status == Status.NOT_YET_DUE:  # the status itself tells the day then
        return f"{what}: {status}"
    return _("%(what)s, due %(day)s: %(status)s") % {
        "what": what,
        "day": in_words(row.due),
        "status": status,
    }


class SubmissionForm(ReportsForm):
    """A report received."""

    received_on = DayField(
        label=gettext_lazy("Received on"), help_text=gettext_lazy("Date of receipt printed on the cover.")
    )
    title = _text(gettext_lazy("Title"), 200, gettext_lazy("As on the cover; suggested if left empty."))
    symbol = _text(gettext_lazy("Symbol"), 60, gettext_lazy("As on the cover; suggested if left empty."))
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", "—"), *Language.choices],
        required=False,
        help_text=gettext_lazy("The language in which the State wrote it."),
    )
    source = _text(gettext_lazy("Source"), 200, gettext_lazy("Where the document was read."))
    note = _note()

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.cycles and "seen" not in self.data:  # afterwards an empty field is meant to be empty
            data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict, which cannot be changed
            self.data = data
            suggested = {
                "title": suggested_title(self.cycles),
                "symbol": suggested_symbol(self.state, self.cycles),
            }
            for name, text in suggested.items():
                if name in values and not values[name]:
                    data[name] = values[name] = text
        return values

    def fact(self, values: dict[str, Any]) -> Submission:
        named = {name: value for name, value in values.items() if name != "reports"}
        return Submission(state=self.state, **self.cycles, **named)


class StatedDateForm(ReportsForm):
    """A date that the Committee states."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("The Committee states"), choices=CommitteeDate.Outcomes.choices
    )
    due_on = DayField(
        label=gettext_lazy("Due date"),
        required=False,
        help_text=gettext_lazy("As the document prints it; empty if the Committee states none."),
    )
    precision = forms.ChoiceField(
        label=gettext_lazy("Printed as"),
        choices=Precision.choices,
        help_text=gettext_lazy("If only a month or a year is printed, the day is shown as to be confirmed."),
    )
    document = _text(
        gettext_lazy("Document"), 100, gettext_lazy("Symbol, for example CRC/C/OPSC/USA/CO/2."), required=True
    )
    paragraph = _text(gettext_lazy("Paragraph"), 20)
    decided_on = DayField(
        label=gettext_lazy("Decided on"),
        help_text=gettext_lazy("Day of adoption, or the close of the session."),
    )
    source = _text(gettext_lazy("Source"), 200, gettext_lazy("Where the document was read."))
    note = _note()

    def fact(self, values: dict[str, Any]) -> CommitteeDate:
        named = {name: value for name, value in values.items() if name != "reports"}
        return CommitteeDate(state=self.state, **self.cycles, **named)


class DepositForm(RecordForm):
    """An instrument deposited."""

    treaty = forms.ModelChoiceField(
        label=gettext_lazy("Treaty"), queryset=Treaty.objects.order_by("-code"), empty_label=None
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Instrument"),
        choices=[(kind.value, TreatyAction.Kind(kind).label) for kind in JOINING],
        help_text=gettext_lazy("A State that signed ratifies, another one accedes."),
    )
    date = DayField(
        label=gettext_lazy("Deposited on"),
        help_text=gettext_lazy("Day of deposit, as in the depositary notification."),
    )
    effective_on = DayField(
        label=gettext_lazy("Recorded effective date"),
        required=False,
        help_text=gettext_lazy("Only if the depositary states it; empty: computed from the treaty."),
    )
    reference = _text(gettext_lazy("Reference"), 100, gettext_lazy("Depositary notification, C.N. number."))
    source = _text(gettext_lazy("Source"), 200, gettext_lazy("Document or site where the day was read."))
    note = _note()

    def fact(self, values: dict[str, Any]) -> TreatyAction:
        return TreatyAction(state=self.state, **values)


def _suggested_deposit(state: State) -> dict[str, Any]:
    """The treaty that the State has not joined yet, and the instrument that its signature calls for."""
    done = set(state.actions.values_list("treaty", "kind"))
    joined = {treaty for treaty, kind in done if kind in JOINING}
    treaty = next((code.value for code in TreatyCode if code.value not in joined), TreatyCode.OPSC.value)
    signed = (treaty, ActionKind.SIGNATURE.value) in done
    return {"treaty": treaty, "kind": ActionKind.RATIFICATION.value if signed else ActionKind.ACCESSION.value}


# --- the pages -----------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_submission", raise_exception=True)
def record_submission(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a report received: which of the open ones it answers, and when it came."""
    state = _state(request, iso3)
    form = SubmissionForm(state, **_data(request))
    return _record(request, form, _("Record a submission"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.add_committeedate", raise_exception=True)
def record_date(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records a date that the Committee states for one or several reports."""
    state = _state(request, iso3)
    form = StatedDateForm(state, **_data(request))
    return _record(request, form, _("Record a date stated by the Committee"))


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.add_treatyaction", raise_exception=True)
def record_deposit(request: HttpRequest, iso3: str) -> HttpResponse:
    """Records an instrument deposited, and shows when it enters into force."""
    state = _state(request, iso3)
    data = {"data": request.POST} if request.method == "POST" else {"initial": _suggested_deposit(state)}
    return _record(request, DepositForm(state, **data), _("Record an instrument deposited"))


def _state(request: HttpRequest, iso3: str) -> State:
    """The State of an address, for somebody who may change what is recorded of it."""
    if not ALPHA_3.fullmatch(iso3):
        raise Http404
    found: State = get_object_or_404(State, pk=iso3)
    limits.check(request.user, {found.pk})
    return found


def _data(request: HttpRequest) -> dict[str, Any]:
    """What was sent or, at first, the reports and the note that the address names."""
    if request.method == "POST":
        return {"data": request.POST}
    reports = [key for key in request.GET.getlist("obligation") if WHOLE.fullmatch(key)]
    return {"initial": {"reports": reports, "note": request.GET.get("note", "")[:LONGEST_NOTE]}}


def _record(request: HttpRequest, form: RecordForm, title: str) -> HttpResponse:
    """Shows the form, then what follows, and saves what was looked at."""
    state, remarks, saved = form.state, list[str](), list[Any]()

    def act(values: dict[str, Any], by: Any = request.user) -> Act:
        def save() -> sync.Difference:
            fact = form.fact(values)
            try:
                found = save_fact(fact, by=by)
            except ValidationError as error:
                raise _as_asked(error) from error
            saved[:] = [fact]
            remarks[:] = _remarks(fact)
            return found

        return save

    settling = Settling(request, form, act, {state.pk})
    if settling.answer():
        messages.success(request, with_undo(request, _recorded(saved[0]), saved[0]))
        tell(request, state, settling.effects.told if settling.effects else [])
        for remark in remarks:
            messages.warning(request, remark)
        return redirect("state", state.pk)
    waiting = bool(settling.effects and saved and getattr(saved[0], "awaits_confirmation", False))
    then: Effects | None = None
    if waiting:  # a command acts at once, so it shows what the confirmation will bring
        then = rehearse(act(form.cleaned_data, by=None), {state.pk})
    return render(
        request,
        "web/record.html",
        {
            "state": state,
            "form": form,
            "title": title,
            "settling": settling,
            "remarks": remarks if settling.effects and not waiting else [],
            "entry": _entry(saved[0]) if settling.effects and saved else None,
            "waiting": waiting,
            "then": then,
            "nothing_open": isinstance(form, ReportsForm) and not form.open,
        },
    )


def _recorded(fact: Any) -> str:
    """What was recorded, and of which State."""
    what = versions.name_of(fact, versions.Names())
    return _("Recorded for %(state)s: %(what)s.") % {"state": fact.state.name, "what": what}


def _remarks(fact: Any) -> list[str]:
    """What to look at again, of this fact alone."""
    if isinstance(fact, Submission):
        unmatched = {one.pk for one in sync.unmatched([fact.state_id])}
        return [cautions.about_unmatched(fact)] if fact.pk in unmatched else []
    return cautions.about(fact)


def _entry(fact: Any) -> Any:
    """When the treaty enters into force for the State, and why; None for other facts."""
    return entry_into_force(fact.as_rule()) if isinstance(fact, TreatyAction) else None


def _as_asked(error: ValidationError) -> ValidationError:
    """The same error, beside the fields that this page has."""
    if not hasattr(error, "error_dict"):
        return error
    found: dict[str, list[Any]] = {}
    for name, problems in error.error_dict.items():
        found.setdefault(ASKED_AS.get(name, name), []).extend(problems)
    return ValidationError(found)


# --- of which State ------------------------------------------------------------------------------

TASKS = (
    ("record-submission", gettext_lazy("a submission"), "obligations.add_submission"),
    ("record-date", gettext_lazy("a date stated by the Committee"), "obligations.add_committeedate"),
    ("record-deposit", gettext_lazy("an instrument deposited"), "registry.add_treatyaction"),
)


class TaskForm(forms.Form):
    """What is recorded, and of which State."""

    use_required_attribute = False
    label_suffix = ""
    state = StateField(help_text=gettext_lazy("Name or alpha-3 code, for example Norway or NOR."))
    what = forms.ChoiceField(label=gettext_lazy("What is recorded"))

    def __init__(self, tasks: list[tuple[str, Any]], by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        what: Any = self.fields["what"]
        what.choices = tasks

    def clean_state(self) -> State:
        state: State = self.cleaned_data["state"]
        if said := not_yours(self.by, state):
            raise ValidationError(said)
        return state


@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """Asks of which State something is recorded, and leads to the page for it."""
    tasks = [(name, label) for name, label, permission in TASKS if request.user.has_perm(permission)]
    if "state" in request.GET:
        form = TaskForm(tasks, request.user, request.GET)
        if form.is_valid():
            return redirect(form.cleaned_data["what"], form.cleaned_data["state"].pk)
    else:
        form = TaskForm(tasks, request.user, initial={"what": request.GET.get("what", "")})
    context = {"form": form, "tasks": tasks, "states": states_to_offer(request.user)}
    return render(request, "web/record_of.html", context)
