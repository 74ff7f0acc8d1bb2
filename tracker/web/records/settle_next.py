"""Leads through what is to be settled, one State after another: what the sources say, and what each thing needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tracker.changes import versions
from tracker.changes.desk_guard import is_yours, not_yours, yours
from tracker.changes.effects import Act
from tracker.changes.versions import kind_of
from tracker.obligations.actions import save_facts
from tracker.obligations.models import CommitteeDate, Review, Submission, Trust
from tracker.obligations.queries.uncertain import (
    inferred_dates,
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
from tracker.rules.entry_into_force import JOINING, TreatyCode
from tracker.web.records.to_confirm import doubt_about, doubt_about_day, held, lists, said_of
from tracker.web.ui.addresses import ALPHA_3
from tracker.web.ui.two_steps import Settling
from tracker.web.ui.undo import linked, with_undo

# What is confirmed by reading its document: by the name of the kind in addresses.
READ = {"review": uncertain_reviews, "committee-date": uncertain_dates, "submission": uncertain_reports}


@dataclass(frozen=True)
class Open:
    """A thing to be settled.

    Attributes:
        says: what is recorded, in a line; of a report without record, what it is.
        doubt: what is uncertain about it.
        sources: what the sources say.
        needs: what settles it.
        links: words and addresses of the pages that settle it; none that the person may not open.
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
    """`/to-confirm/next/?after=NOR`: the next State by name of which something is to be settled."""
    rows = _left(request.user)
    if not rows:
        messages.info(request, _("Nothing is left to settle."))
        return redirect("to-confirm")
    names = [name for _iso3, name, _count in rows]
    after = _name_of(request.GET.get("after", ""))
    at = next((n for n, name in enumerate(names) if after is not None and name > after), 0)
    return redirect("settle-state", rows[at][0])


def _name_of(iso3: str) -> str | None:
    """The name of a State; None where the address names none."""
    if not ALPHA_3.fullmatch(iso3):
        return None
    return State.objects.filter(pk=iso3).values_list("name", flat=True).first()


def _left(user: Any) -> list[tuple[str, str, int]]:
    """The States of which somebody may settle something, by name: alpha-3, name, how many things."""
    counted = to_settle()
    states = yours(user, State.objects.filter(pk__in=counted)).order_by("name")
    return [(iso3, name, counted[iso3]) for iso3, name in states.values_list("pk", "name")]


@require_safe
def settle_state(request: HttpRequest, iso3: str) -> HttpResponse:
    """`/to-confirm/states/NOR/`: all that is to be settled of a State."""
    if not ALPHA_3.fullmatch(iso3):
        raise Http404
    state = get_object_or_404(State, pk=iso3)
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


def _things(state: State, user: Any) -> Iterator[Open]:
    """What is to be settled of a State, in the order in which it matters."""
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
            links.append((_("It came: record it"), f"{address}?obligation={row.pk}"))
        confirms = may and user.has_perm("obligations.add_nonreceipt")
        yield Open(
            capfirst(row.label),
            _("No record."),
            held(row),
            notes,
            _(
                "Its date of receipt, from the cover of the report; or the day and the title of a list or letter that "
                "says that it had not been received."
            ),
            links,
            row.pk if confirms else None,
        )
    for action in uncertain_actions().filter(state=state).select_related("state").order_by("date", "pk"):
        links = [(_("Enter the day"), reverse("settle-action", args=[action.pk]))]
        yield Open(
            _("Treaty action"),
            said_of(action),
            doubt_about(action),
            _sources(action),
            _("The day, from the depositary notification or the UN Treaty Collection."),
            links if may and user.has_perm("registry.change_treatyaction") else [],
        )
    for stated in inferred_dates().filter(state=state).select_related("state").order_by("decided_on", "pk"):
        links = [(_("Enter the date"), reverse("settle-date", args=[stated.pk]))]
        yield Open(
            _("Date stated by the Committee"),
            said_of(stated),
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


def _unread(title: str, fact: Any, along: list[CommitteeDate], user: Any, may: bool) -> Open:
    """A fact that was not read in its document."""
    links = []
    if may and _may_confirm(user, fact, along):
        links.append((_("Confirm as read in the document"), _address_of(fact)))
    for one in (fact, *along):
        if may and user.is_staff and user.has_perm(kind_of(one).permission("change")):
            options = one._meta
            address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[one.pk])
            what = _("Correct the review") if isinstance(one, Review) else _("Correct the date")
            links.append((_("Correct the submission") if isinstance(one, Submission) else what, address))
    if isinstance(fact, Review) and not along and may and user.has_perm("obligations.add_committeedate"):
        asked = {"document": fact.document, "decided_on": fact.adopted_on.isoformat()}
        links.append(
            (
                _("Record what it says of the next report"),
                reverse("record-date", args=[fact.state_id], query=asked),
            )
        )
    return Open(
        title,
        said_of(fact, along),
        doubt_about_source(fact, along),
        _sources(fact, *along),
        _("The document itself, and what it says of the next report.")
        if isinstance(fact, Review | CommitteeDate)
        else _("The cover of the report."),
        links,
    )


def _may_confirm(user: Any, fact: Any, along: Iterable[CommitteeDate]) -> bool:
    return all(user.has_perm(kind_of(one).permission("change")) for one in (fact, *along))


def _address_of(fact: Any) -> str:
    return reverse("settle-fact", args=[kind_of(fact).slug, fact.pk])


def doubt_about_source(fact: Any, along: Iterable[CommitteeDate] = ()) -> str:
    """How far a fact was read, in a sentence."""
    if isinstance(fact, CommitteeDate) or along:
        return _("What the document says of the next report was not read for this State: to be confirmed.")
    if fact.confidence == Trust.MEMORY:
        return _("From memory: the document was not read.")
    return _("Read about, not in the document itself.")


def _sources(*facts: Any) -> list[str]:
    """What the sources of some facts say, each once."""
    return list(dict.fromkeys(text for fact in facts for text in (fact.source, fact.note) if text))


# --- read in the document -------------------------------------------------------------------------


class ReadForm(forms.Form):
    """Where a document was read."""

    use_required_attribute = False
    label_suffix = ""
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

    def act(values: dict[str, Any]) -> Act:
        def save() -> Any:
            # Read again for each attempt: a refused one must leave no trace.
            facts = [type(one).objects.select_related("state").get(pk=one.pk) for one in (fact, *along)]
            for one in facts:
                one.confidence, one.source = Trust.DOCUMENT.value, values["source"]
                if isinstance(one, CommitteeDate):
                    one.paragraph = values["paragraph"]
            reason = _("read in the document: %(source)s") % {"source": values["source"]}
            found = save_facts(facts, by=request.user, reason=reason)
            saved[:] = facts
            return found

        return save

    settling = Settling(request, form, act, {fact.state_id})
    if settling.answer():
        _tell(request, fact, saved, settling)
        return redirect(_onward(fact.state_id))
    context = {
        "fact": fact,
        "says": said_of(fact, along),
        "doubt": doubt_about_source(fact, along),
        "sources": _sources(fact, *along),
        "form": form,
        "settling": settling,
        "waits": any(getattr(one, "awaits_confirmation", False) for one in saved),
    }
    return render(request, "web/records/settle_fact.html", context)


def _tell(request: HttpRequest, fact: Any, saved: list[Any], settling: Settling) -> None:
    """What was confirmed, and what followed."""
    names = ", ".join(versions.name_of(one, versions.Names()) for one in saved)
    told = settling.effects.told if settling.effects else []
    said = " ".join(
        [_("%(state)s: %(what)s, read in the document.") % {"state": fact.state.name, "what": names}, *told]
    )
    if len(saved) == 1:
        messages.success(request, with_undo(request, said, saved[0]))
    else:
        history = reverse("state-history", args=[fact.state_id])
        messages.success(request, linked(said, history, _("Undo in the history …")))
    if any(getattr(one, "awaits_confirmation", False) for one in saved):
        messages.info(request, _("The date takes effect once a second person has confirmed it."))


def _onward(iso3: str) -> str:
    """Where a person goes on: to the same State while something of it is left, else to the next."""
    if to_settle()[iso3]:
        return reverse("settle-state", args=[iso3])
    return f"{reverse('settle-next')}?after={iso3}"
