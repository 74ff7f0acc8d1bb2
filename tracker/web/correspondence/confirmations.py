"""Confirmations that staff enter: of one contact, or of all that an imported directory has."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tracker import changes
from tracker.changes import import_jobs
from tracker.correspondence import addresses
from tracker.correspondence.models import Confirmation
from tracker.correspondence.text.address_mails import data_of
from tracker.languages.writing import in_words
from tracker.obligations.imports.sheet import UnreadableFile
from tracker.obligations.models import Import
from tracker.registry import limits
from tracker.registry.models import Contact
from tracker.registry.stored import translated
from tracker.web.ui.addresses import WHOLE, page_before, way_back
from tracker.web.ui.form_fields import DayField, PlainForm, put_the_focus
from tracker.web.ui.undo import UNDO_FOR, keys_sent, with_undo, with_undo_at_once

MAY = "correspondence.add_confirmation"
BY_STAFF = (Confirmation.How.PHONE, Confirmation.How.WRITING, Confirmation.How.DIRECTORY)


class ConfirmationForm(PlainForm):
    """How, when and by whom the data of a contact were confirmed."""

    how = forms.ChoiceField(
        label=gettext_lazy("How it was confirmed"),
        widget=forms.RadioSelect,
        choices=[(one.value, one.label) for one in BY_STAFF],
        error_messages={"required": gettext_lazy("Choose how it was confirmed.")},
    )
    on = DayField(label=gettext_lazy("Day"))
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=gettext_lazy("Who said so, or which document or directory."),
        error_messages={"required": gettext_lazy("Enter who said so, or which document.")},
    )

    def __init__(self, today: date, data: Any = None) -> None:
        super().__init__(data, initial={"on": today})
        self.today = today

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError(_("This day is in the future. Enter the day on which it was confirmed."))
        return on


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY, raise_exception=True)
def confirm_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/contacts/12/confirm/`: somebody confirmed a contact by telephone or in writing."""
    contact = get_object_or_404(Contact.objects.select_related("state"), pk=pk)
    limits.check(request.user, {contact.state_id})
    today = timezone.localdate()
    sent = request.method == "POST"
    form = ConfirmationForm(today, request.POST if sent else None)
    back = way_back(request) or ("" if sent else page_before(request))
    if sent and form.is_valid():
        values = form.cleaned_data
        known = addresses.confirm(contact, **values, by=request.user.get_username())
        said = _("%(name)s: the address %(email)s is confirmed as of %(day)s.") % {
            "name": contact.name,
            "email": contact.email,
            "day": in_words(values["on"]),
        }
        messages.success(request, with_undo_at_once(request, said, reverse("undo-confirmation"), [known.pk]))
        return redirect(back or contact.state)
    put_the_focus(form)
    context = {
        "form": form,
        "contact": contact,
        "data": data_of(contact),
        "earlier": contact.confirmations.all()[:20],
        "next": back,
        "cancel": back or contact.state.get_absolute_url(),
    }
    return render(request, "web/correspondence/confirm_contact.html", context)


@require_POST
@permission_required(MAY, raise_exception=True)
def undo_confirmation(request: HttpRequest) -> HttpResponse:
    """Deletes the confirmation that the person has just entered."""
    mine = Confirmation.objects.filter(
        pk__in=keys_sent(request),
        by=request.user.get_username(),
        at__gte=timezone.now() - UNDO_FOR,
    ).exclude(how=Confirmation.How.LINK)
    rows = list(mine.select_related("contact__state"))
    limits.check(request.user, {row.contact.state_id for row in rows})
    for row in rows:
        row.delete()
    if not rows:
        messages.warning(
            request, _("Nothing was undone: only your own entry of the last ten minutes can be.")
        )
        return redirect("unreachable")
    messages.success(request, _("Undone: the confirmation is no longer recorded."))
    return redirect(rows[0].contact.state)


# --- of a directory --------------------------------------------------------------------------------


class DirectoryForm(PlainForm):
    """The name of the directory, kept as the source of what it confirms."""

    source = forms.CharField(
        label=gettext_lazy("Name of the directory"),
        max_length=200,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=gettext_lazy("With its edition, for example “Missions in Geneva, November 2026”."),
        error_messages={"required": gettext_lazy("Enter the name of the directory.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(("correspondence.add_confirmation", "registry.change_contact"), raise_exception=True)
def directory(request: HttpRequest, pk: int) -> HttpResponse:
    """`/correspondence/directory/12/`: what an imported directory confirms, and which contacts are no longer in it.

    Nothing is deactivated that was not ticked.
    """
    row = get_object_or_404(Import.objects.filter(table="contacts"), pk=pk)
    named, missing, differing = _compared(row, request.user)
    form = DirectoryForm(
        request.POST if request.method == "POST" else None, initial={"source": translated(row.file_name)}
    )
    if request.method == "POST" and form.is_valid():
        ticked = {int(raw) for raw in request.POST.getlist("gone") if WHOLE.fullmatch(raw)}
        gone = [one for one in missing if one.pk in ticked]
        _save(request, named, gone, form.cleaned_data["source"])
        return redirect(reverse("import", args=[row.pk]))
    context = {
        "row": row,
        "form": form,
        "named": named,
        "missing": missing,
        "differing": differing,
    }
    return render(request, "web/correspondence/directory.html", context)


def _compared(row: Import, user: Any) -> tuple[list[Contact], list[Contact], int]:
    """The contacts that the file has as they are recorded, the active ones of the same kinds that it has not, and the
    number of its rows that are not recorded so; only of States that the user may change."""
    checked = import_jobs.compare_again(row, user)
    rows = [] if isinstance(checked, UnreadableFile) else checked.rows
    keys = {one.fact.pk for one in rows if one.outcome == "unchanged" and one.fact is not None}
    mine = limits.changeable(user)
    contacts = Contact.objects.select_related("state").order_by("state__sort_name", "name", "pk")
    if mine is not None:
        contacts = contacts.filter(state__in=mine)
    named = list(contacts.filter(pk__in=keys, active=True))
    kinds = {one.kind for one in named}
    missing = list(contacts.filter(active=True, kind__in=kinds).exclude(pk__in=keys))
    return named, missing, sum(one.outcome != "unchanged" for one in rows)


def _save(request: HttpRequest, named: list[Contact], gone: list[Contact], source: str) -> None:
    today, by = timezone.localdate(), request.user.get_username()
    for contact in named:
        addresses.confirm(contact, how=Confirmation.How.DIRECTORY, on=today, source=source, by=by)
    said = ngettext("%(n)d address is confirmed.", "%(n)d addresses are confirmed.", len(named)) % {
        "n": len(named)
    }
    if gone:
        for contact in gone:
            contact.active = False
        changes.save(gone, by=request.user, reason=(_("not in %(source)s") % {"source": source})[:100])
        more = ngettext(
            "%(n)d contact is no longer active.", "%(n)d contacts are no longer active.", len(gone)
        )
        said = with_undo(request, f"{said} {more % {'n': len(gone)}}", gone)
    messages.success(request, said)
