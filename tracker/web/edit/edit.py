"""`/edit/submission/12/`: edits a fact where a person saw it, with a preview of the effects, and leads back there.

`?field=reviewed_on` opens the form at that field.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.admin import site
from django.contrib.admin.utils import flatten
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker import changes
from tracker.changes import Effects, versions
from tracker.changes.versions import KINDS, FactKind, FactNames, stored_values
from tracker.registry import limits
from tracker.registry.models import Contact
from tracker.web.ui.addresses import EDITED_ELSEWHERE, page_before, way_back
from tracker.web.ui.conflicts import VERSION, version_of
from tracker.web.ui.form_fields import StateField, put_the_focus, states_to_offer
from tracker.web.ui.two_steps import TwoSteps, tell
from tracker.web.ui.undo import with_undo


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The form of a fact, its effects, and saving what was previewed; a contact, which has none, is saved at once."""
    kind = KINDS.get(slug)
    if kind is None or slug in EDITED_ELSEWHERE:
        raise Http404
    if not request.user.has_perm(kind.permission("change")):
        raise PermissionDenied
    fact = get_object_or_404(kind.model.objects.select_related("state"), pk=pk)
    limits.check(request.user, {fact.state_id})
    state = fact.state
    form, groups = _form_of(request, kind, fact)
    said, saved = list[str](), list[Any]()

    def save(values: Mapping[str, Any]) -> Effects:
        before, now = copy.copy(fact), copy.copy(fact)  # as `shows` has just read it
        if version_of(before) != form.data.get(VERSION):
            raise ValidationError(_("Nothing was saved: somebody else saved this record at the same moment."))
        for one in kind.fields():
            if one.name in values:
                setattr(now, one.name, values[one.name])
        said[:] = versions.differences(now, before, FactNames.read([now, before]))
        if not said:
            raise ValidationError(_("Nothing to save: you have changed no field."))
        saved[:] = [now]
        return changes.save(saved, by=request.user, reason=values["reason"])

    steps = TwoSteps(
        request,
        form,
        save,
        {state.pk},
        shows=lambda: stored_values(fact),
        at_once=isinstance(fact, Contact),
    )
    back = way_back(request) or ("" if steps.sent else page_before(request))
    if steps.saved():
        what = _("%(state)s: %(what)s") % {"state": state.shown_name, "what": " ".join(said)}
        messages.success(request, with_undo(request, what, saved, back))
        tell(request, state, steps.effects)
        return redirect(back or state)
    steps.conflict = form.conflict
    context = {
        "steps": steps,
        "form": form,
        "groups": groups,
        "next": back,
        "cancel": back or state.get_absolute_url(),
        "title": _("Edit %(what)s") % {"what": versions.name_of(fact, FactNames())},
        "says": state.shown_name if steps.at_once else _preview_first(state.shown_name),
        "back": (state.get_absolute_url(), state.shown_name),
        "states": _offered(request, form),
        "elsewhere": _admin_page(fact),
    }
    return render(request, "web/edit/edit.html", context)


def _preview_first(name: str) -> str:
    return _("%(state)s. You will see the effects before anything is saved.") % {"state": name}


def _form_of(request: HttpRequest, kind: FactKind, fact: Any) -> tuple[Any, list[dict[str, Any]]]:
    """The form that the admin has for a fact, without its State, and its fields in groups."""
    admin = site.get_model_admin(kind.model)
    given = admin.get_readonly_fields(request, fact)
    names = [
        (title, [name for name in flatten(options["fields"]) if name != "state" and name not in given])
        for title, options in admin.get_fieldsets(request, fact)
    ]
    form_class: Any = admin.get_form(
        request, fact, change=True, fields=[name for _title, some in names for name in some]
    )
    form_class.use_required_attribute = False  # our own messages say more than the browser's
    form: Any = form_class(request.POST if request.method == "POST" else None, instance=copy.copy(fact))
    for field in form.fields.values():
        if (choices := getattr(field, "choices", None)) and not hasattr(field, "queryset"):
            field.choices = [(value, label if value else "—") for value, label in choices]
        others: Any = getattr(field, "queryset", None)
        if others is not None and hasattr(others.model, "state"):
            field.queryset = others.filter(state=fact.state_id)  # else all reports of all States
    put_the_focus(form, request.GET.get("field", ""))
    return form, [
        {"title": title, "visible_fields": [form[name] for name in some]} for title, some in names if some
    ]


def _offered(request: HttpRequest, form: Any) -> list[tuple[str, str]]:
    """The States to suggest, if the form asks for one."""
    asks = any(isinstance(field, StateField) for field in form.fields.values())
    return states_to_offer() if asks else []


def _admin_page(fact: Any) -> str:
    """The page of the admin, where a fact is deleted or moved to another State."""
    options = fact._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[fact.pk])
