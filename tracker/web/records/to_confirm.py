"""What is uncertain in the records, and how it is settled: each time with a source, its effects shown first.

Three lists: reports of which the office has no record, days that need a better source, and dates stated by
the Committee that await a second person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.changes.desk_guard import is_yours, not_yours
from tracker.changes.effects import Act, Effects, carry_out, rehearse
from tracker.changes.versions import kind_of
from tracker.obligations.actions import confirm_date, save_fact, save_facts, withdraw_fact
from tracker.obligations.fact_lines import line_of
from tracker.obligations.models import CommitteeDate, Kind, NonReceipt, Obligation, Precision, Review, Trust
from tracker.obligations.queries.uncertain import (
    inferred_dates,
    lists,
    stated_along,
    uncertain_actions,
    uncertain_dates,
    uncertain_reports,
    uncertain_reviews,
    waiting_dates,
    without_record,
)
from tracker.obligations.wording import in_a_row
from tracker.registry import limits
from tracker.registry.models import Confidence, Region, TreatyAction
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import ActionKind, TreatyCode
from tracker.rules.status import Status
from tracker.web.ui.addresses import ALPHA_3, WHOLE
from tracker.web.ui.columns import DayColumn, PickColumn, StateColumn
from tracker.web.ui.filters import ChipSet, DeskFilter, named
from tracker.web.ui.form_fields import DayField, PrintedDayField
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import status_badge
from tracker.web.ui.two_steps import FORM_CAN_TAKE, Settling, _told
from tracker.web.ui.undo import linked, way_back, with_undo, with_undo_of_several

# --- no record ----------------------------------------------------------------------------------


class SettlingFilter(ChipSet):
    """Reports without record by desk, State, group and kind."""

    desk = DeskFilter()
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    region = filters.ChoiceFilter(
        label=gettext_lazy("Regional group"), field_name="state__region", choices=Region
    )
    kind = filters.ChoiceFilter(
        label=gettext_lazy("Kind"), choices=[one for one in Kind.choices if one[0] != Kind.INFORMATION]
    )

    class Meta:
        model = Obligation
        fields: list[str] = []

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """In the State's name or code, however spelled."""
        return queryset.filter(state__in=named(self.request, value))


class SettlingTable(tables.Table):
    """Reports of which the office has no record, with what is known about each."""

    pick = PickColumn(template_name="web/records/_pick_report.html", about="state")
    state = StateColumn(order_by=("state__name", "due", "pk"))
    iso3 = tables.Column(
        gettext_lazy("Alpha-3"), accessor="state_id", order_by=("state_id", "due", "pk"), visible=False
    )
    what = tables.Column(
        gettext_lazy("Report"),
        accessor="label",
        order_by=("kind", "cycle", "state__name", "pk"),
        attrs={"td": {"class": "what"}},
    )
    due = DayColumn(gettext_lazy("Due"), order_by=("due", "state__name", "pk"))
    known = tables.Column(
        gettext_lazy("What the records say"),
        empty_values=(),
        orderable=False,
        attrs={"td": {"class": "wrap"}},
    )
    settle = tables.Column(
        gettext_lazy("It came"), empty_values=(), orderable=False, exclude_from_export=True
    )
    told_along = {"state": ("iso3",)}

    class Meta:
        model = Obligation
        fields = ()
        sequence = ("pick", "state", "iso3", "what", "due", "known", "settle")
        order_by = "state"
        attrs = {"class": "rows"}

    def _held(self, record: Any) -> str:
        """What the office holds; a report without record fell due outside of that."""
        return held(record)

    def _noted(self, record: Any) -> list[str]:
        """What the sources note."""
        return [note for note in (record.state.records_note, record.joining_note) if note]

    def render_known(self, record: Any) -> str:
        notes = format_html_join(" ", "<small>{}</small>", ((note,) for note in self._noted(record)))
        return format_html("{} {}", self._held(record), notes)

    def value_known(self, record: Any) -> str:
        return " ".join([self._held(record), *self._noted(record)])

    def render_settle(self, record: Any) -> str:
        if not is_yours(self.request.user, record.state):
            return "—"
        return format_html(
            '<a href="{}?obligation={}">{}<span class="unseen">: {}, {}</span></a>',
            reverse("record-submission", args=[record.state_id]),
            record.pk,
            _("enter it"),
            record.state.name,
            record.label,
        )


def held(row: Any) -> str:
    """For which days the office's records of a report without record are complete."""
    records = row.state.records(row.carried_by)
    if not records.known:
        return _("It is not recorded from which day on the office holds the reports under the CRC.")
    if records.since and records.since == records.until:
        return _("The shipped data end on %(day)s and are not complete for earlier reports.") % {
            "day": in_words(records.until)
        }
    if records.since and row.due < records.since:
        return _("The office holds what was received from %(day)s on.") % {"day": in_words(records.since)}
    return _("The records end on %(day)s.") % {"day": in_words(records.until)}


class RecordsToConfirm(ListPage):
    """`/to-confirm/`: the reports without record; each is entered, or confirmed as not received."""

    table_class = SettlingTable
    filterset_class = SettlingFilter
    template_name = "web/records/to_confirm.html"
    export_name = "records-to-confirm"
    rows_on_a_page = 100

    def get_queryset(self) -> QuerySet[Any]:
        joining = TreatyAction.objects.filter(
            state=OuterRef("state"),
            treaty=TreatyCode.OPSC.value,
            kind__in=("ratification", "accession", "succession"),
        )
        rows = without_record(timezone.localdate()).select_related("state").defer("trail")
        return rows.annotate(joining_note=Subquery(joining.values("note")[:1])).order_by("state__name", "due")

    def get_table_kwargs(self) -> dict[str, Any]:
        user = self.request.user
        left_out = [] if user.has_perm("obligations.add_nonreceipt") else ["pick"]
        left_out += [] if user.has_perm("obligations.add_submission") else ["settle"]
        return {"exclude": left_out}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"lists": lists("to-confirm")}


# --- the form that shows what follows before it saves --------------------------------------------


class NonReceiptForm(forms.Form):
    """From which source, and for which day, it is known that nothing came."""

    not_received_by = DayField(
        label=gettext_lazy("Not received by"),
        help_text=gettext_lazy("The day that the source speaks of."),
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
    """Confirms for the reports that were ticked that nothing had been received."""
    today = timezone.localdate()
    keys = {int(raw) for raw in request.POST.getlist("pick") if WHOLE.fullmatch(raw)}
    rows = list(
        without_record(today).filter(pk__in=keys).select_related("state").order_by("state__name", "due")
    )
    if not rows:
        messages.warning(request, _("Nothing was chosen: tick at least one report without record."))
        return redirect("to-confirm")
    limits.check(request.user, {row.state_id for row in rows})
    if len(rows) > FORM_CAN_TAKE:
        messages.warning(
            request, _("Confirm at most %(n)d reports at once; filter the list.") % {"n": FORM_CAN_TAKE}
        )
        return redirect("to-confirm")
    asked = "step" in request.POST
    form = NonReceiptForm(request.POST) if asked else NonReceiptForm(initial={"not_received_by": today})

    saved: list[NonReceipt] = []

    def act(values: dict[str, Any]) -> Act:
        reason = _("confirmed as not received: %(source)s") % {"source": values["source"]}

        def save() -> Any:
            saved[:] = _confirmations(rows, values)
            return save_facts(saved, by=request.user, reason=reason)

        return save

    settling = Settling(request, form, act, {row.state_id for row in rows})
    if settling.answer():
        n = len(rows)
        done = ngettext(
            "%(n)d report confirmed as not received: %(what)s.",
            "%(n)d reports confirmed as not received: %(what)s.",
            n,
        ) % {"n": n, "what": in_a_row(f"{row.state.name}, {row.label}" for row in rows)}
        said = _told(settling.effects, done)
        messages.success(request, with_undo_of_several(request, said, saved))
        return redirect(*_back_to(request))
    for row in rows:
        row.then = status_badge(Status.OVERDUE, row.due, None, today)
    back = _back_to(request)[1:]
    context = {
        "settling": settling, "form": form, "rows": rows, "lists": lists("to-confirm"),
        "back": back[0] if back else "",
    }  # fmt: skip
    return render(request, "web/records/confirm_non_receipt.html", context)


def _back_to(request: HttpRequest) -> tuple[str, ...]:
    """The page that a person came from: the list, or that of a State."""
    back = request.POST.get("back", "")
    return ("settle-state", back) if ALPHA_3.fullmatch(back) else ("to-confirm",)


def _confirmations(rows: Iterable[Any], values: dict[str, Any]) -> list[NonReceipt]:
    """A fact for each report, checked one by one so that the first that cannot be is named."""
    facts = []
    for row in rows:
        fact = NonReceipt(
            state=row.state, kind=row.kind, carried_by=row.carried_by, cycle=row.cycle, **values
        )
        try:
            fact.full_clean()
        except ValidationError as error:
            who = f"{row.state.name}, {row.label}"
            raise ValidationError(
                {name: [f"{who}: {text}" for text in texts] for name, texts in error.message_dict.items()}
            ) from None
        facts.append(fact)
    return facts


# --- days to be confirmed -------------------------------------------------------------------------


@require_safe
def days_to_confirm(request: HttpRequest) -> HttpResponse:
    """`/to-confirm/days/`: facts that were not read in their document, and days that were inferred."""
    actions = uncertain_actions().select_related("state").order_by("state__name", "treaty", "date")
    reviews = list(uncertain_reviews().select_related("state").order_by("state__name", "adopted_on"))
    along = stated_along(reviews)
    unread = [
        *((review, along[review.pk]) for review in reviews),
        *((stated, []) for stated in uncertain_dates().select_related("state")),
        *((report, []) for report in uncertain_reports().select_related("state")),
    ]
    unread.sort(key=lambda pair: (pair[0].state.name, str(pair[0].known_on())))
    context = {
        "lists": lists("days-to-confirm"),
        "actions": [(action, doubt_about(action)) for action in actions],
        "dates": inferred_dates().select_related("state").order_by("state__name", "decided_on"),
        "unread": [(fact.state, said_of(fact, dates)) for fact, dates in unread],
    }
    return render(request, "web/records/days_to_confirm.html", context)


def said_of(fact: Any, along: Iterable[CommitteeDate] = ()) -> str:
    """What a fact says, in a line, with the dates that the same document states."""
    return "; ".join(line_of(one) for one in (fact, *along))


def doubt_about(action: TreatyAction) -> str:
    """Why the day of an action is to be confirmed."""
    if action.confidence == Confidence.MEMORY:
        return _("The year is confirmed, the day is not.")
    return _("The day on which the succession took effect is not recorded; the day of notification stands.")


class ActionDayForm(forms.Form):
    """The day of an action as a source gives it."""

    date = DayField(label=gettext_lazy("Date"))
    effective_on = DayField(
        label=gettext_lazy("Recorded effective date"),
        required=False,
        help_text=gettext_lazy("Only if the depositary states it; for a succession, the day of effect."),
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("Depositary notification, C.N. number."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Document or site where the day was read."),
    )
    confidence = forms.ChoiceField(
        label=gettext_lazy("Confidence"),
        choices=[one for one in Confidence.choices if one[0] != Confidence.MEMORY],
        initial=Confidence.ONE_SOURCE,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("registry.change_treatyaction", raise_exception=True)
def settle_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirms or corrects the day of a treaty action."""
    action = get_object_or_404(uncertain_actions().select_related("state"), pk=pk)
    limits.check(request.user, {action.state_id})
    now = {name: getattr(action, name) for name in ("date", "effective_on", "reference", "source")}
    form = ActionDayForm(request.POST) if request.method == "POST" else ActionDayForm(initial=now)
    saved: list[TreatyAction] = []

    def act(values: dict[str, Any]) -> Act:
        def save() -> Any:
            fact = TreatyAction.objects.get(pk=pk)  # anew each time: a refused try must leave no trace
            if fact.kind == ActionKind.SUCCESSION and not values["effective_on"]:
                raise ValidationError(
                    {"effective_on": _("Enter the day on which the succession took effect.")}
                )
            for name, value in values.items():
                setattr(fact, name, value)
            found = save_fact(fact, by=request.user, reason=_confirmed(values["source"]))
            saved[:] = [fact]
            return found

        return save

    title = _("%(state)s: %(kind)s of the %(treaty)s") % {
        "state": action.state.name,
        "kind": action.get_kind_display(),
        "treaty": action.treaty_id,
    }
    settling = Settling(request, form, act, {action.state_id})
    return _settle_day(request, settling, action, title, doubt_about(action), saved)


class CommitteeDayForm(forms.Form):
    """The day, or the year alone, that a document of the Committee prints."""

    due_on = PrintedDayField(label=gettext_lazy("Due date"))
    document = forms.CharField(label=gettext_lazy("Document"), max_length=100)
    paragraph = forms.CharField(label=gettext_lazy("Paragraph"), max_length=20, required=False)
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("Where the document was read."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.change_committeedate", raise_exception=True)
def settle_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirms or corrects a day of which the document was thought to print only the year or the month."""
    stated = get_object_or_404(inferred_dates().select_related("state"), pk=pk)
    limits.check(request.user, {stated.state_id})
    now = {name: getattr(stated, name) for name in ("due_on", "document", "paragraph", "source")}
    form = CommitteeDayForm(request.POST) if request.method == "POST" else CommitteeDayForm(initial=now)
    saved: list[CommitteeDate] = []  # where a second person confirms, the correction beside the date

    def act(values: dict[str, Any]) -> Act:
        def save() -> Any:
            fact = CommitteeDate.objects.get(pk=pk)
            for name, value in values.items():
                setattr(fact, name, value)
            due_on: Any = form.fields["due_on"]
            fact.precision = due_on.precision or Precision.DAY.value
            fact.confidence = Trust.DOCUMENT.value
            found = save_fact(fact, by=request.user, reason=_confirmed(values["source"]))
            saved[:] = [fact]
            return found

        return save

    title = _("%(state)s: date stated in %(document)s") % {
        "state": stated.state.name,
        "document": stated.document,
    }
    doubt = doubt_about_day(stated)
    settling = Settling(request, form, act, {stated.state_id})
    return _settle_day(request, settling, stated, title, doubt, saved)


def doubt_about_day(stated: CommitteeDate) -> str:
    """Why a day that the Committee states is to be confirmed."""
    if stated.precision == Precision.MONTH:
        return _("The document prints only the month; the day is inferred.")
    return _("The document prints only the year; the day is inferred.")


def _confirmed(source: str) -> str:
    return _("day confirmed: %(source)s") % {"source": source}


def _settle_day(
    request: HttpRequest,
    settling: Settling,
    fact: TreatyAction | CommitteeDate,
    title: str,
    doubt: str,
    saved: Sequence[Any],
) -> HttpResponse:
    if settling.answer():
        said = _told(settling.effects, _("%(what)s: the day is saved with its source.") % {"what": title})
        messages.success(request, with_undo(request, said, saved[0]))
        if waiting_dates().filter(corrects=fact.pk).exists() and isinstance(fact, CommitteeDate):
            messages.info(request, _("It takes effect once a second person has confirmed it."))
        return redirect("days-to-confirm")
    context = {
        "settling": settling, "form": settling.form, "title": title, "fact": fact, "doubt": doubt,
        "lists": lists("days-to-confirm"),
    }  # fmt: skip
    return render(request, "web/records/settle_day.html", context)


# --- dates that await a second person -------------------------------------------------------------


@require_safe
def dates_to_confirm(request: HttpRequest) -> HttpResponse:
    """`/to-confirm/dates/`: dates stated by the Committee, entered by one person."""
    waiting = waiting_dates().select_related("state", "entered_by", "corrects")
    context = {"lists": lists("dates-to-confirm"), "dates": waiting.order_by("state__name", "decided_on")}
    return render(request, "web/records/dates_to_confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.view_committeedate", raise_exception=True)
def second_look(request: HttpRequest, pk: int) -> HttpResponse:
    """A date that awaits confirmation, what would follow from it, and the two answers: confirm, or remove."""
    beside = ("state", "entered_by", "corrects__state")
    stated = get_object_or_404(waiting_dates().select_related(*beside), pk=pk)
    # A correction may name another State than the date that it takes the place of.
    about = [one.state for one in (stated, stated.corrects) if one is not None]
    states, effects, refusal = {state.pk for state in about}, None, ""
    if request.method == "POST":
        limits.check(request.user, {stated.state_id} if "remove" in request.POST else states)
    elif said := next(filter(None, (not_yours(request.user, state) for state in about)), ""):
        return _second_look(request, stated, None, said)

    def confirm() -> Any:
        return confirm_date(stated, by=request.user)[1]

    if request.method == "POST" and "remove" in request.POST:
        if not _may_remove(request, stated):
            refusal = _("Whoever entered a date removes it, or an approver.")
        else:
            reason = _("removed before it was confirmed")
            key, state = stated.pk, stated.state.name
            carry_out(lambda: withdraw_fact(stated, by=request.user, reason=reason), states)
            said = _("%(state)s: the date stated in %(what)s is removed.") % {
                "state": state,
                "what": stated.document,
            }
            # A correction cannot be brought back by itself: the date itself is changed again instead.
            undo = "" if stated.corrects_id else way_back(request.user, kind_of(stated), key)
            messages.success(request, linked(said, undo))
            return redirect("dates-to-confirm")
    try:
        if request.method == "POST" and not refusal:
            done = _("%(state)s: the date stated in %(what)s is confirmed.") % {
                "state": stated.state.name,
                "what": stated.document,
            }
            messages.success(request, _told(carry_out(confirm, states), done))
            return redirect("dates-to-confirm")
        effects = rehearse(confirm, states)
    except ValidationError as error:
        refusal = refusal or " ".join(error.messages)
    return _second_look(request, stated, effects, refusal)


def _second_look(
    request: HttpRequest, stated: CommitteeDate, effects: Effects | None, refusal: str
) -> HttpResponse:
    context = {
        "stated": stated, "effects": effects, "refusal": refusal, "lists": lists("dates-to-confirm"),
        "review": _review_beside(stated), "may_remove": _may_remove(request, stated),
    }  # fmt: skip
    return render(request, "web/records/second_look.html", context)


def _review_beside(stated: CommitteeDate) -> str:
    """The review in the same document, in words; empty where none is recorded."""
    review = Review.objects.filter(state=stated.state_id, document=stated.document).first()
    if review is None:
        return ""
    said = _("%(document)s, adopted on %(day)s") % {
        "document": review.document,
        "day": in_words(review.adopted_on),
    }
    if review.session:
        said += " " + _("(session %(number)d)") % {"number": review.session}
    if review.without_report:
        return said + ", " + _("without a report")
    if review.kind == Kind.INITIAL:
        return said + ", " + _("about the initial report")
    if not review.cycles:
        return said
    return said + ", " + _("about report %(numbers)s") % {"numbers": review.cycles}


def _may_remove(request: HttpRequest, stated: CommitteeDate) -> bool:
    """Whoever entered it, and every approver, as far as the desks go."""
    if not limits.may_change(request.user, {stated.state_id}):
        return False
    return stated.entered_by_id == request.user.pk or request.user.has_perm(
        "obligations.confirm_committeedate"
    )
