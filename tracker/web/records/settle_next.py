"""`/to-confirm/next/`: leads through the facts to be confirmed, State by State, with what each of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from tracker import changes
from tracker.changes import Effects, versions
from tracker.changes.desk_guard import is_yours, not_yours, yours
from tracker.changes.versions import kind_of, stored_values
from tracker.languages.writing import with_commas
from tracker.obligations.models import CommitteeDate, Review, Submission, Trust
from tracker.obligations.queries.uncertain import (
    inferred_dates,
    lists,
    stated_along,
    to_settle,
    uncertain_actions,
    uncertain_dates,
    uncertain_reports,
    uncertain_reviews,
    waiting_dates,
    without_record,
)
from tracker.registry import limits
from tracker.registry.models import State
from tracker.registry.stored import StoredText
from tracker.registry.un_names import names_of_states
from tracker.rules.entry_into_force import JOINING, TreatyCode
from tracker.web.records.facts_to_confirm import doubt_about, doubt_about_day, line_with_dates
from tracker.web.records.to_confirm import records_reach
from tracker.web.ui.addresses import ALPHA_3, state_of
from tracker.web.ui.form_fields import PlainForm
from tracker.web.ui.two_steps import TwoSteps, with_effects
from tracker.web.ui.undo import with_undo

READ_IN = StoredText(gettext_noop("read in the document: %(source)s"))

# What is confirmed by reading its document: by the name of the kind in addresses.
READ = {"review": uncertain_reviews, "committee-date": uncertain_dates, "submission": uncertain_reports}


@dataclass(frozen=True)
class ToSettle:
    """Something to be settled.

    Attributes:
        says: what is recorded, in a line.
        doubt: what is uncertain about it.
        sources: the texts of the sources and the notes.
        needs: what settles it.
        links: labels and addresses of the pages that settle it; none that the person may not open.
        not_received: the key of the report that can be confirmed as not received; None if none can.
    """

    title: str
    says: str
    doubt: str
    sources: list[str]
    needs: str
    links: list[tuple[str, str]]
    not_received: int | None = None


# --- one State after another ---------------------------------------------------------------------


@require_safe
def settle_next(request: HttpRequest) -> HttpResponse:
    """`/to-confirm/next/?after=NOR`: redirects to the next State, by name, with something to settle."""
    rows = _left(request.user)
    if not rows:
        messages.info(request, _("Everything is settled."))
        return redirect("to-confirm")
    after = request.GET.get("after", "")
    every = list(State.objects.values_list("pk", flat=True)) if ALPHA_3.fullmatch(after) else []
    later = set(every[every.index(after) + 1 :]) if after in every else set()
    return redirect("settle-state", next((iso3 for iso3, _name, _count in rows if iso3 in later), rows[0][0]))


def _left(user: Any) -> list[tuple[str, str, int]]:
    """The States with something that a person may settle, by name: alpha-3, name, and how many things."""
    counted = to_settle()
    states = names_of_states(yours(user, State.objects.filter(pk__in=counted)))
    return [(iso3, name, counted[iso3]) for iso3, name in states.items()]


@require_safe
def settle_state(request: HttpRequest, iso3: str) -> HttpResponse:
    """`/to-confirm/states/NOR/`: everything to settle about a State."""
    state = state_of(iso3)
    rows = _left(request.user)
    here = [row for row in rows if row[0] == iso3]
    return render(
        request,
        "web/records/settle_state.html",
        {
            "state": state,
            "things": list(_things(state, request.user)),
            "waiting": waiting_dates().filter(state=state).count(),
            "states_left": len(rows),
            "things_left": sum(count for _iso3, _name, count in rows),
            "others": len(rows) - len(here),
            "lists": lists(),
            "not_yours": not_yours(request.user, state),
        },
    )


def _things(state: State, user: Any) -> Iterator[ToSettle]:
    """Everything to settle about a State, the most important first."""
    may = is_yours(user, state)
    joining = state.actions.filter(treaty=TreatyCode.OPSC.value, kind__in=JOINING).order_by("date").first()
    notes = [
        note for note in (state.records_source, state.records_note, joining.note if joining else "") if note
    ]
    for row in (
        without_record(timezone.localdate()).filter(state=state).select_related("state").order_by("due")
    ):
        links = []
        if may and user.has_perm("obligations.add_submission"):
            address = reverse("record-submission", args=[state.pk])
            links.append((_("Received: record it"), f"{address}?obligation={row.pk}"))
        confirms = may and user.has_perm("obligations.add_nonreceipt")
        yield ToSettle(
            capfirst(row.label),
            _("No record."),
            records_reach(row),
            notes,
            _(
                "The date of receipt, from the cover of the report; or a dated list or letter that says that it was "
                "not received."
            ),
            links,
            row.pk if confirms else None,
        )
    for action in uncertain_actions().filter(state=state).select_related("state").order_by("date", "pk"):
        links = [(_("Enter the day"), reverse("settle-action", args=[action.pk]))]
        yield ToSettle(
            _("Treaty action"),
            line_with_dates(action),
            doubt_about(action),
            _sources(action),
            _("The day, from the depositary notification or the UN Treaty Collection."),
            links if may and user.has_perm("registry.change_treatyaction") else [],
        )
    for stated in inferred_dates().filter(state=state).select_related("state").order_by("decided_on", "pk"):
        links = [(_("Enter the date"), reverse("settle-date", args=[stated.pk]))]
        yield ToSettle(
            _("Date stated by the Committee"),
            line_with_dates(stated),
            doubt_about_day(stated),
            _sources(stated),
            _("The day as the document prints it, or the year alone."),
            links if may and user.has_perm("obligations.change_committeedate") else [],
        )
    reviews = list(uncertain_reviews().filter(state=state).order_by("adopted_on", "pk"))
    along = stated_along(reviews)
    for review in reviews:
        yield _unread(_("Review"), review, along[review.pk], user, may)
    for stated in uncertain_dates().filter(state=state).order_by("decided_on", "pk"):
        yield _unread(_("Date stated by the Committee"), stated, [], user, may)
    for report in uncertain_reports().filter(state=state).order_by("received_on", "pk"):
        yield _unread(_("Submission"), report, [], user, may)


def _unread(title: str, fact: Any, along: list[CommitteeDate], user: Any, may: bool) -> ToSettle:
    """A fact that was not read in its document."""
    links = []
    if may and _may_confirm(user, fact, along):
        links.append((_("Confirm as read in the document"), _address_of(fact)))
    for one in (fact, *along):
        if may and user.is_staff and user.has_perm(kind_of(one).permission("change")):
            options = one._meta
            address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[one.pk])
            what = _("Edit the review") if isinstance(one, Review) else _("Edit the date")
            links.append((_("Edit the submission") if isinstance(one, Submission) else what, address))
    if isinstance(fact, Review) and not along and may and user.has_perm("obligations.add_committeedate"):
        query = {"document": fact.document, "decided_on": fact.adopted_on.isoformat()}
        links.append(
            (
                _("Record the date of the next report"),
                reverse("record-date", args=[fact.state_id], query=query),
            )
        )
    return ToSettle(
        title,
        line_with_dates(fact, along),
        doubt_about_source(fact, along),
        _sources(fact, *along),
        _("The document itself, and what it says about the next report.")
        if isinstance(fact, Review | CommitteeDate)
        else _("The cover of the report."),
        links,
    )


def _may_confirm(user: Any, fact: Any, along: Iterable[CommitteeDate]) -> bool:
    return all(user.has_perm(kind_of(one).permission("change")) for one in (fact, *along))


def _address_of(fact: Any) -> str:
    return reverse("settle-fact", args=[kind_of(fact).slug, fact.pk])


def doubt_about_source(fact: Any, along: Iterable[CommitteeDate] = ()) -> str:
    """Where a fact was read, or that it was not, in a sentence."""
    if isinstance(fact, CommitteeDate) or along:
        return _("What the document says about the next report has not been read for this State.")
    if fact.confidence == Trust.MEMORY:
        return _("Entered from memory: the document was not read.")
    return _("Taken from another source, not from the document itself.")


def _sources(*facts: Any) -> list[str]:
    """The sources and notes of some facts, each once."""
    return list(dict.fromkeys(text for fact in facts for text in (fact.source, fact.note) if text))


# --- read in the document -------------------------------------------------------------------------


class ReadForm(PlainForm):
    """Where a document was read."""

    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("The document itself and where it was read, for example in ODS."),
        error_messages={"required": gettext_lazy("Enter where the document was read.")},
    )
    paragraph = forms.CharField(
        label=gettext_lazy("Paragraph"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("That states the date of the next report."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def settle_fact(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Confirms that a fact was read in its document, together with the date that the same document states."""
    if slug not in READ:
        raise Http404
    fact: Any = get_object_or_404(READ[slug]().select_related("state"), pk=pk)
    along = stated_along([fact])[fact.pk] if isinstance(fact, Review) else []
    if not _may_confirm(request.user, fact, along):
        raise PermissionDenied
    limits.check(request.user, {fact.state_id})
    dates = [*along, *([fact] if isinstance(fact, CommitteeDate) else [])]
    now = {"paragraph": dates[0].paragraph if dates else ""}
    form = ReadForm(request.POST) if request.method == "POST" else ReadForm(initial=now)
    if not dates:
        del form.fields["paragraph"]
    saved: list[Any] = []

    def save(values: Mapping[str, Any]) -> Effects:
        # Read again for each attempt: a refused one must leave no trace.
        saved[:] = [type(one).objects.select_related("state").get(pk=one.pk) for one in (fact, *along)]
        for one in saved:
            one.confidence, one.source = Trust.DOCUMENT.value, values["source"]
            if isinstance(one, CommitteeDate):
                one.paragraph = values["paragraph"]
        return changes.save(saved, by=request.user, reason=READ_IN(source=values["source"]))

    steps = TwoSteps(
        request,
        form,
        save,
        {fact.state_id},
        shows=lambda: [stored_values(one) for one in (fact, *along)],
        edits=[fact, *along],
    )
    if steps.saved():
        _tell(request, fact, saved, steps)
        return redirect(_onward(fact.state_id))
    context = {
        "steps": steps,
        "title": _("Confirm as read in the document"),
        "says": line_with_dates(fact, along),
        "back": (reverse("settle-state", args=[fact.state_id]), fact.state.shown_name),
        "fact": fact,
        "doubt": doubt_about_source(fact, along),
        "sources": _sources(fact, *along),
    }
    return render(request, "web/records/settle_fact.html", context)


def _tell(request: HttpRequest, fact: Any, saved: list[Any], steps: TwoSteps) -> None:
    """Adds a message on what was confirmed, and its effects."""
    names = with_commas(versions.name_of(one, versions.FactNames()) for one in saved)
    done = _("%(state)s: %(what)s, read in the document.") % {"state": fact.state.shown_name, "what": names}
    said = with_effects(done, steps.effects)
    messages.success(request, with_undo(request, said, saved, reverse("settle-state", args=[fact.state_id])))


def _onward(iso3: str) -> str:
    """The next page: the same State while something about it is left, else the next State."""
    if to_settle()[iso3]:
        return reverse("settle-state", args=[iso3])
    return f"{reverse('settle-next')}?after={iso3}"
