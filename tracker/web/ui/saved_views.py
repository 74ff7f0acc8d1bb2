"""Saved views of lists: with a name, to open again and to share by link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tracker.web.models import SavedView
from tracker.web.ui.addresses import OF_ONE_ANSWER, full_address

# The lists with saved views: the names of their addresses, and their titles.
PAGES = {
    "obligations": gettext_lazy("Obligations"),
    "states": gettext_lazy("States"),
    "submissions": gettext_lazy("Submissions"),
    "sessions": gettext_lazy("Sessions"),
    "coverage": gettext_lazy("Coverage"),
    "reminders": gettext_lazy("Reminders"),
    "forecast": gettext_lazy("Forecast of reminders"),
    "correspondence": gettext_lazy("Correspondence"),
    "late": gettext_lazy("Late and non-reporting States"),
    "picture-parties": gettext_lazy("States parties over time"),
    "picture-initial-reports": gettext_lazy("From deposit to initial report"),
    "picture-lateness": gettext_lazy("From due date to receipt"),
    "picture-regions": gettext_lazy("Timeliness by regional group"),
    "picture-ahead": gettext_lazy("The next 24 months"),
    "to-confirm": gettext_lazy("Records to confirm"),
    "expected-years": gettext_lazy("Calendar of years"),
    "follow-up": gettext_lazy("Follow-up"),
    "tasks": gettext_lazy("Tasks"),
    "addresses": gettext_lazy("Mails about addresses"),
    "unreachable": gettext_lazy("States we cannot reach"),
    "security-log": gettext_lazy("Security log"),
}
MOST = 50  # saved views of a list for one user
KEPT_UNNAMED = ("column", "per_page")


@dataclass(frozen=True)
class Bookmark:
    """A saved view that its owner shows on Today.

    Attributes:
        label: its name.
        of: the title of its list.
        address: of the list as it was saved.
    """

    label: str
    of: str
    address: str


def views_of(user: Any) -> list[Bookmark]:
    """The saved views that a user shows on Today, by name; in one query."""
    rows = SavedView.objects.filter(owner_id=user.pk, on_today=True).exclude(name="")
    return [Bookmark(row.name, str(PAGES[row.page]), row.address()) for row in rows if row.page in PAGES]


class ViewForm(forms.Form):
    """A view to save."""

    page = forms.ChoiceField(choices=[(name, name) for name in PAGES])
    query = forms.CharField(required=False, max_length=2000)
    name = forms.CharField(
        max_length=80,
        error_messages={
            "required": gettext_lazy("Enter a name for the view."),
            "max_length": gettext_lazy("Enter a name of at most 80 characters."),
        },
    )
    shared = forms.BooleanField(required=False)
    on_today = forms.BooleanField(required=False)


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Saves a view of a list under a name; the same name again replaces it."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        too_long = [_("This view cannot be saved: its address is too long.")]
        for problem in form.errors.get("name", too_long):
            messages.error(request, str(problem))
        return redirect(_back(request))
    data = form.cleaned_data
    query = QueryDict(data["query"], mutable=True)
    for name in OF_ONE_ANSWER:
        query.pop(name, None)
    mine = SavedView.objects.filter(owner_id=request.user.pk, page=data["page"])
    with transaction.atomic():
        known = mine.filter(name=data["name"]).exists()
        if not known and mine.exclude(name="").count() >= MOST:
            messages.error(
                request,
                _("You have %(n)d saved views of this list; delete one before you save another.")
                % {"n": MOST},
            )
            return redirect(_back(request))
        view, _made = SavedView.objects.update_or_create(
            owner_id=request.user.pk,
            page=data["page"],
            name=data["name"],
            defaults={"query": query.urlencode(), "shared": data["shared"], "on_today": data["on_today"]},
        )
    link = format_html(
        '<a href="{}">{}</a>', view.get_absolute_url(), full_address(request, view.get_absolute_url())
    )
    said = _("View “%(name)s” updated.") if known else _("View “%(name)s” saved.")
    told = said % {"name": view.name}
    if view.shared:
        told = format_html("{} {} {}", told, _("Other users can open it with this link:"), link)
    messages.success(request, told)
    return redirect(view.address())


@require_POST
def keep_columns(request: HttpRequest) -> HttpResponse:
    """Saves the shown columns and rows per page as the user's default view of a list, or resets it."""
    page = request.POST.get("page", "")
    if page not in PAGES:
        raise Http404
    asked = QueryDict(request.POST.get("query", "")[:2000])
    kept = QueryDict(mutable=True)
    if "reset" not in request.POST:
        for name in KEPT_UNNAMED:
            if asked.getlist(name):
                kept.setlist(name, asked.getlist(name))
    mine = SavedView.objects.filter(owner_id=request.user.pk, page=page, name="")
    if kept:
        SavedView.objects.update_or_create(
            owner_id=request.user.pk, page=page, name="", defaults={"query": kept.urlencode()}
        )
        messages.success(request, _("Saved as your default view."))
    else:
        mine.delete()
        messages.success(request, _("Your default view is reset."))
    rest = asked.copy()
    for name in KEPT_UNNAMED:
        rest.pop(name, None)
    return redirect(f"{reverse(page)}?{rest.urlencode()}" if rest else reverse(page))


@require_safe
def saved_view(request: HttpRequest, key: Any) -> HttpResponse:
    """Opens a view: the user's own, or one that its owner shares. For any other the response is 404."""
    view = get_object_or_404(SavedView.objects.exclude(name=""), key=key)
    if view.owner_id != request.user.pk and not view.shared:
        raise Http404
    return redirect(view.address())


@require_POST
def show_on_today(request: HttpRequest, key: Any) -> HttpResponse:
    """Shows one of the user's own views on Today, or shows it there no more (`off`)."""
    view = get_object_or_404(SavedView.objects.exclude(name=""), key=key, owner_id=request.user.pk)
    view.on_today = "off" not in request.POST
    view.save()
    said = (
        _("View “%(name)s” is shown on Today.")
        if view.on_today
        else _("View “%(name)s” is no longer shown on Today.")
    )
    messages.success(request, said % {"name": view.name})
    return redirect(_back(request))


@require_POST
def delete_view(request: HttpRequest, key: Any) -> HttpResponse:
    """Deletes one of the user's own views; the message links to its list as it was."""
    view = get_object_or_404(SavedView.objects.exclude(name=""), key=key, owner_id=request.user.pk)
    view.delete()
    messages.success(
        request,
        format_html(
            '{} <a href="{}">{}</a>',
            _("View “%(name)s” deleted.") % {"name": view.name},
            view.address(),
            _("Open the deleted view"),
        ),
    )
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The list that the person came from."""
    page, query = request.POST.get("page", ""), request.POST.get("query", "")[:2000]
    where = reverse(page if page in PAGES else "home")
    return f"{where}?{QueryDict(query).urlencode()}" if query and page in PAGES else where
