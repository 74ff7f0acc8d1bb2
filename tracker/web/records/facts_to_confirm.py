"""`/to-confirm/days/` and `/to-confirm/dates/`: facts not read in their document, and dates that await a second person.

Each is confirmed with a source, and its effects are shown before it is saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from tracker import changes
from tracker.changes import Effects
from tracker.changes.desk_guard import not_yours
from tracker.changes.versions import kind_of, stored_values
from tracker.languages.writing import in_words, with_semicolons
from tracker.obligations.fact_lines import line_of
from tracker.obligations.models import CommitteeDate, Kind, Precision, Review, Trust
from tracker.obligations.queries.uncertain import (
    inferred_dates,
    lists,
    stated_along,
    uncertain_actions,
    uncertain_dates,
    uncertain_reports,
    uncertain_reviews,
    waiting_dates,
)
from tracker.obligations.second_person import CONFIRM
from tracker.registry import limits
from tracker.registry.models import Confidence, TreatyAction
from tracker.registry.stored import StoredText
from tracker.registry.un_names import StateOrder
from tracker.rules.entry_into_force import ActionKind
from tracker.web.ui.conflicts import VERSION, version_of
from tracker.web.ui.form_fields import DayField, PrintedDayField
from tracker.web.ui.two_steps import TwoSteps, with_effects
from tracker.web.ui.undo import with_undo, with_undo_of

DAY_CONFIRMED = StoredText(gettext_noop("day confirmed: %(source)s"))
NEVER_CONFIRMED = StoredText(gettext_noop("deleted before it was confirmed"))

# --- days to be confirmed -------------------------------------------------------------------------


@require_safe
def days_to_confirm(request: HttpRequest) -> HttpResponse:
    """Lists facts that were not read in their document, and days that were inferred."""
    actions = (
        uncertain_actions().select_related("state").order_by(StateOrder("state"), "treaty", "date", "pk")
    )
    reviews = list(
        uncertain_reviews().select_related("state").order_by(StateOrder("state"), "adopted_on", "pk")
    )
    along = stated_along(reviews)
    unread = [
        *((review, along[review.pk]) for review in reviews),
        *((stated, []) for stated in uncertain_dates().select_related("state")),
        *((report, []) for report in uncertain_reports().select_related("state")),
    ]
    unread.sort(key=lambda pair: (pair[0].state.in_order, str(pair[0].known_on())))
    context = {
        "lists": lists("days-to-confirm"),
        "actions": [(action, doubt_about(action)) for action in actions],
        "dates": inferred_dates().select_related("state").order_by(StateOrder("state"), "decided_on", "pk"),
        "unread": [(fact.state, line_with_dates(fact, dates)) for fact, dates in unread],
    }
    return render(request, "web/records/days_to_confirm.html", context)


def line_with_dates(fact: Any, along: Iterable[CommitteeDate] = ()) -> str:
    """A fact in a line, with the dates that the same document states."""
    return with_semicolons(line_of(one) for one in (fact, *along))


def doubt_about(action: TreatyAction) -> str:
    """Why the day of an action is to be confirmed."""
    if action.confidence == Confidence.MEMORY:
        return _("The year is confirmed, the day is not.")
    return _("The day on which the succession took effect is not recorded; the day of notification counts.")


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

    def changed(fact: TreatyAction, values: Mapping[str, Any]) -> None:
        if fact.kind == ActionKind.SUCCESSION and not values["effective_on"]:
            raise ValidationError({"effective_on": _("Enter the day on which the succession took effect.")})
        for name, value in values.items():
            setattr(fact, name, value)

    title = _("%(state)s: %(kind)s of the %(treaty)s") % {
        "state": action.state.shown_name,
        "kind": action.get_kind_display(),
        "treaty": action.treaty_id,
    }
    return _settle_day(request, action, form, changed, title, doubt_about(action))


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
    """Confirms or corrects a date of which the document was thought to print only the year or the month."""
    stated = get_object_or_404(inferred_dates().select_related("state"), pk=pk)
    limits.check(request.user, {stated.state_id})
    now = {name: getattr(stated, name) for name in ("due_on", "document", "paragraph", "source")}
    form = CommitteeDayForm(request.POST) if request.method == "POST" else CommitteeDayForm(initial=now)

    def changed(fact: CommitteeDate, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            setattr(fact, name, value)
        due_on: Any = form.fields["due_on"]
        fact.precision = due_on.precision or Precision.DAY.value
        fact.confidence = Trust.DOCUMENT.value

    title = _("%(state)s: date stated in %(document)s") % {
        "state": stated.state.shown_name,
        "document": stated.document,
    }
    return _settle_day(request, stated, form, changed, title, doubt_about_day(stated))


def doubt_about_day(stated: CommitteeDate) -> str:
    """Why a day that the Committee states is to be confirmed."""
    if stated.precision == Precision.MONTH:
        return _("The document prints only the month; the day is inferred.")
    return _("The document prints only the year; the day is inferred.")


def _settle_day(
    request: HttpRequest,
    fact: Any,
    form: forms.Form,
    change: Callable[[Any, Mapping[str, Any]], None],
    title: str,
    doubt: str,
) -> HttpResponse:
    """Shows the form for a day, then the effects, and saves what was previewed.

    Args:
        change: writes the values of the form into the fact.
    """
    saved: list[Any] = []  # where a second person confirms, the correction beside the date

    def save(values: Mapping[str, Any]) -> Effects:
        saved[:] = [type(fact).objects.get(pk=fact.pk)]  # read again: a refused attempt must leave no trace
        change(saved[0], values)
        return changes.save(saved, by=request.user, reason=DAY_CONFIRMED(source=values["source"]))

    steps = TwoSteps(request, form, save, {fact.state_id}, shows=lambda: stored_values(fact), edits=[fact])
    if steps.saved():
        done = _("%(what)s: the day is saved with its source.") % {"what": title}
        back = reverse("days-to-confirm")
        messages.success(request, with_undo(request, with_effects(done, steps.effects), saved, back))
        return redirect(back)
    context = {
        "steps": steps,
        "title": title,
        "says": " ".join(filter(None, (doubt, fact.note, _("Enter the day as the source gives it.")))),
        "back": (reverse("days-to-confirm"), _("Records with a weak source")),
    }
    return render(request, "web/ui/two_steps.html", context)


# --- dates that await a second person -------------------------------------------------------------


@require_safe
def dates_to_confirm(request: HttpRequest) -> HttpResponse:
    """Lists dates stated by the Committee that one person has entered and a second one has to confirm."""
    waiting = waiting_dates().select_related("state", "entered_by", "corrects")
    context = {
        "lists": lists("dates-to-confirm"),
        "dates": waiting.order_by(StateOrder("state"), "decided_on", "pk"),
    }
    return render(request, "web/records/dates_to_confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("obligations.view_committeedate", raise_exception=True)
def second_look(request: HttpRequest, pk: int) -> HttpResponse:
    """A date that awaits confirmation, with the effects of confirming it; it can be confirmed or deleted."""
    beside = ("state", "entered_by", "corrects__state")
    stated = get_object_or_404(waiting_dates().select_related(*beside), pk=pk)
    # A correction may name another State than the date that it takes the place of.
    about = [one.state for one in (stated, stated.corrects) if one is not None]
    states, refusal = {state.pk for state in about}, ""
    if request.method == "POST":
        limits.check(request.user, {stated.state_id} if "remove" in request.POST else states)
    else:
        refusal = next(filter(None, (not_yours(request.user, state) for state in about)), "")
    if "remove" in request.POST:
        if _may_delete(request, stated):
            return _delete_waiting(request, stated)
        refusal = _("Only the person who entered a date, or an approver, can delete it.")
    steps = TwoSteps(
        request,
        forms.Form(request.POST if request.method == "POST" else None),
        lambda _values: changes.confirm_date(stated, by=request.user),
        states,
        shows=lambda: [stored_values(one) for one in (stated, stated.corrects) if one is not None],
        reason_only=True,
        save_label=_("Confirm"),
    )
    if not refusal and steps.saved():
        done = _("%(state)s: the date stated in %(what)s is confirmed.") % {
            "state": stated.state.shown_name,
            "what": stated.document,
        }
        messages.success(request, with_effects(done, steps.effects))
        return redirect("dates-to-confirm")
    refusal, steps.problems = refusal or " ".join(steps.problems), []
    context = {
        "steps": steps,
        "title": _("%(state)s: date stated by the Committee") % {"state": stated.state.shown_name},
        "back": (reverse("dates-to-confirm"), _("Dates that await a second person")),
        "stated": stated,
        "refusal": refusal,
        "review": _review_beside(stated),
        "may_delete": _may_delete(request, stated),
        "version": version_of(stated),
    }
    return render(request, "web/records/second_look.html", context)


def _delete_waiting(request: HttpRequest, stated: CommitteeDate) -> HttpResponse:
    """Deletes a date that awaits confirmation; it has no effect yet, so there is no preview."""
    key, state = stated.pk, stated.state.shown_name
    try:
        with transaction.atomic():
            changes.lock({stated.state_id})
            stated.refresh_from_db()
            if request.POST.get(VERSION) != version_of(stated):
                messages.error(
                    request, _("Nothing was deleted: the date has changed since you opened this page.")
                )
                return redirect("second-look", key)
            changes.delete([stated], by=request.user, reason=NEVER_CONFIRMED())
    except CommitteeDate.DoesNotExist:
        messages.error(request, _("Nothing was deleted: somebody else has deleted this date already."))
        return redirect("dates-to-confirm")
    except ValidationError as error:  # it was confirmed at this moment
        messages.error(request, " ".join(error.messages))
        return redirect("dates-to-confirm")
    said = _("%(state)s: the date stated in %(what)s is deleted.") % {"state": state, "what": stated.document}
    back = reverse("dates-to-confirm")
    # A correction cannot be brought back by itself: the date itself is changed again instead.
    changed = [] if stated.corrects_id else [(kind_of(stated), key)]
    messages.success(request, with_undo_of(request, said, changed, back))
    return redirect(back)


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


def _may_delete(request: HttpRequest, stated: CommitteeDate) -> bool:
    """Whether somebody entered a date or is an approver, and its State is on the desk."""
    if not limits.may_change(request.user, {stated.state_id}):
        return False
    return stated.entered_by_id == request.user.pk or request.user.has_perm(CONFIRM)
