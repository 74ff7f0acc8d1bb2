"""`/correspondence/addresses/`: the mails about addresses: requests to confirm them, and notices of changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tracker.correspondence import addresses, sending
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import ABOUT_ADDRESSES, Dispatch
from tracker.correspondence.text.address_mails import changed_message, confirm_message
from tracker.registry import limits
from tracker.registry.stored import translated
from tracker.reminders.models import WAITING, ReminderState
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.columns import DayColumn, PickColumn, StateColumn, code_or_words
from tracker.web.ui.filters import ChipSet, DeskFilter, StateChoiceFilter, named
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable
from tracker.web.ui.undo import keys_sent, with_undo_at_once

MAY = "correspondence.dispatch_paper"


def rows() -> QuerySet[Dispatch]:
    """The mails about addresses, newest first."""
    mails = Dispatch.objects.filter(what__in=ABOUT_ADDRESSES)
    return mails.select_related("contact__state__desk_officer", "mail").order_by("-planned_on", "-pk")


# --- the list -------------------------------------------------------------------------------------


class AddressPick(PickColumn):
    """A checkbox for a mail to a contact that is still recorded."""

    def render(self, record: Any, table: tables.Table) -> str:
        return "" if record.contact is None else super().render(record, table)


class AddressMailTable(ListTable):
    """Mails about addresses."""

    pick = AddressPick(template_name="web/correspondence/_pick_mail.html", about="contact__state")
    state_of = StateColumn(
        accessor="contact__state", order_by=("contact__state__in_order", "-planned_on", "pk")
    )
    recipient = tables.Column(gettext_lazy("Recipient"), attrs={"td": {"class": "wrap"}})
    what = tables.Column(gettext_lazy("Content"), order_by=("what", "-planned_on", "pk"))
    planned_on = DayColumn(verbose_name=gettext_lazy("Planned on"))
    state = tables.Column(gettext_lazy("Status"), order_by=("state", "-planned_on", "pk"))
    sent_at = DayColumn(verbose_name=gettext_lazy("Sent on"))

    def render_recipient(self, record: Dispatch) -> str:
        shown = format_html('<a href="{}">{}</a>', record.get_absolute_url(), record.recipient)
        name = record.contact.name if record.contact else record.recipient_name
        return format_html("{}<small>{}</small>", shown, name) if name else shown

    def value_recipient(self, record: Dispatch) -> str:
        return record.recipient

    def value_what(self, record: Dispatch) -> str:
        return code_or_words(record.what, record.get_what_display())

    def render_state(self, record: Dispatch) -> str:
        shown = format_html(
            '<span class="ledger ledger-{}">{}</span>', record.state, record.get_state_display()
        )
        return (
            format_html("{}<small>{}</small>", shown, translated(record.reason)) if record.reason else shown
        )

    def value_state(self, record: Dispatch) -> str:
        return code_or_words(record.state, record.get_state_display())


class AddressMailFilter(ChipSet):
    """Filters mails about addresses by desk, status, content, State and text."""

    desk = DeskFilter(to_state="contact__state")
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    state = filters.ChoiceFilter(label=gettext_lazy("Status"), choices=ReminderState)
    what = filters.ChoiceFilter(
        label=gettext_lazy("Content"),
        choices=[(one.value, one.label) for one in ABOUT_ADDRESSES],
    )
    of = StateChoiceFilter(field_name="contact__state")
    phrases = {"state": pgettext_lazy("filter of mails by status", "%(values)s")}

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches the State's name or code, in any spelling, and the recipient's name and address."""
        said = Q(recipient__icontains=value) | Q(recipient_name__icontains=value)
        return queryset.filter(Q(contact__state__in=named(self.request, value)) | said)


class AddressMailList(ListPage):
    """The list, with buttons for those who approve."""

    table_class = AddressMailTable
    filterset_class = AddressMailFilter
    template_name = "web/correspondence/address_list.html"
    export_name = "addresses"

    def get_queryset(self) -> QuerySet[Any]:
        return rows()

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"exclude": () if self.request.user.has_perm(MAY) else ("pick",)}


# --- one mail -------------------------------------------------------------------------------------


@require_safe
def dispatch_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/dispatches/12/`: a mail about an address as it was sent or will be, and what can be done.

    Leads to the paper, if the dispatch is of one.
    """
    every = Dispatch.objects.select_related("contact__state__desk_officer", "mail", "paper")
    row = get_object_or_404(every, pk=pk)
    if row.paper is not None:
        return redirect(row.paper)
    waits = row.state in WAITING and row.contact is not None
    message = None
    if waits:
        write = confirm_message if row.what == Dispatch.What.CONFIRM else changed_message
        message = write(row, timezone.localdate())
    yours = row.contact is not None and limits.may_change(request.user, {row.contact.state_id})
    context = {
        "row": row,
        "contact": row.contact,
        "mail": message,
        "waits": waits,
        "acts": _acts_for(row) if yours and request.user.has_perm(MAY) else (),
    }
    return render(request, "web/correspondence/dispatch.html", context)


def _acts_for(row: Dispatch) -> tuple[str, ...]:
    if row.state == ReminderState.HELD:
        return ("approve", "cancel")
    if row.state in WAITING:
        return ("hold", "cancel")
    if row.state in (ReminderState.UNKNOWN, ReminderState.RETURNED):
        return ("again", "arrived", "drop")
    return ("again", "drop") if row.state == ReminderState.DEAD else ()


# --- acts -----------------------------------------------------------------------------------------

Act = Callable[..., list[int]]
ACTS: dict[str, Act] = {
    "approve": addresses.approve,
    "hold": addresses.hold,
    "cancel": addresses.cancel,
}
# With one mail that failed or came back.
ON_FAILED: dict[str, Callable[..., None]] = {
    "again": sending.send_again,
    "arrived": sending.arrived,
    "drop": sending.take_back,
}


@require_POST
@permission_required(MAY, raise_exception=True)
def address_act(request: HttpRequest) -> HttpResponse:
    """Approves, holds or cancels the selected mails; the button in the message holds approved ones again."""
    name = request.POST.get("do") or request.GET.get("do", "")
    if name not in ACTS and name not in ON_FAILED:
        raise Http404
    keys = [int(raw) for raw in request.POST.getlist("pick") if WHOLE.fullmatch(raw)] or keys_sent(request)
    chosen = Dispatch.objects.filter(pk__in=keys)
    limits.check(
        request.user,
        {state for state in chosen.values_list("contact__state", flat=True).distinct() if state},
    )
    if name in ON_FAILED:
        return _about_failed(request, name, chosen)
    done = ACTS[name](chosen, by=request.user.get_username())
    if not done:
        messages.warning(request, _("No change: select at least one mail that has not been sent."))
    else:
        said = _said(name, len(done))
        if name == "approve":
            address = reverse("address-act", query={"do": "hold"})
            said = with_undo_at_once(request, said, address, done)
        messages.success(request, said)
    return redirect(reverse("addresses", query=QueryDict(request.POST.get("list", ""))))


def _about_failed(request: HttpRequest, name: str, chosen: QuerySet[Dispatch]) -> HttpResponse:
    """Decides about one mail that failed or came back, with a reason for its task."""
    row = get_object_or_404(chosen.filter(what__in=ABOUT_ADDRESSES))
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.warning(request, _("Nothing was done. Enter a reason; the task about this mail keeps it."))
        return redirect(row)
    try:
        ON_FAILED[name](row, by=request.user.get_username(), reason=reason)
    except NotPossible as error:
        messages.warning(request, " ".join(error.messages))
    else:
        said = {
            "again": _("The mail will be sent again with the next run."),
            "arrived": _("It is recorded that the mail arrived."),
            "drop": _("The mail is cancelled."),
        }
        messages.success(request, said[name])
    return redirect(row)


def _said(name: str, count: int) -> str:
    pattern = {
        "approve": ngettext(
            "%(n)d mail is approved; it will be sent with the next run.",
            "%(n)d mails are approved; they will be sent with the next run.",
            count,
        ),
        "hold": ngettext("%(n)d mail awaits approval again.", "%(n)d mails await approval again.", count),
        "cancel": ngettext("%(n)d mail is cancelled.", "%(n)d mails are cancelled.", count),
    }[name]
    return pattern % {"n": count}
