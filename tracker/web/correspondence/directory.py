"""`/correspondence/directory/12/`: what an imported directory confirms, and which contacts are no longer in it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker import changes
from tracker.changes import import_jobs
from tracker.correspondence import addresses
from tracker.correspondence.models import Confirmation
from tracker.obligations.imports.sheet import UnreadableFile
from tracker.obligations.models import Import
from tracker.registry import limits
from tracker.registry.models import Contact
from tracker.registry.stored import translated
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.undo import with_undo


class DirectoryForm(forms.Form):
    """The name of the directory, kept as the source of what it confirms."""

    use_required_attribute = False
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
    """The contacts of the file as they are recorded now; nothing is deactivated that was not ticked."""
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
