"""`/help/`: what a page is for, the shortcuts, the display settings, the tour and the first steps; `/help/terms/`."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.web.help import first_steps, tour
from tracker.web.help.purposes import PURPOSES
from tracker.web.help.terms import TERMS
from tracker.web.ui import display
from tracker.web.ui.addresses import way_back
from tracker.web.ui.shortcuts import GO_TO, SHORTCUTS


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Shows the help; stores colours and contrast, and whether the first steps are shown."""
    back = way_back(request)
    if request.method == "POST":
        return _chosen(request, back)
    return render(
        request,
        "web/help/help.html",
        {
            "shortcuts": SHORTCUTS,
            "go_to": GO_TO,
            "choices": [
                {
                    "name": name,
                    "label": {"theme": _("Colours"), "contrast": _("Contrast")}[name],
                    "options": options,
                    "chosen": display.display_of(request)[name],
                }
                for name, options in display.CHOICES.items()
            ],
            "purpose": PURPOSES.get(request.GET.get("page", "")),
            "tour_starts": tour.start(),
            "steps": first_steps.steps_for(request.user),
            "back": back,
        },
    )


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The glossary."""
    return render(request, "web/help/terms.html", {"groups": [(_(group), those) for group, those in TERMS]})


def _chosen(request: HttpRequest, back: str) -> HttpResponse:
    """Stores the choice and redirects back."""
    answer = redirect(back or reverse("help"))
    if "guide" in request.POST:
        display.keep(answer, first_steps.COOKIE, first_steps.DISMISSED)
        messages.success(request, _("The first steps are hidden; they remain under Help."))
        return answer
    kept = display.choose(answer, request.POST.dict())
    messages.success(
        request,
        _("Colours: %(theme)s. Contrast: %(contrast)s.")
        % {name: _in_a_sentence(dict(display.CHOICES[name])[value]) for name, value in kept.items()},
    )
    return answer


def _in_a_sentence(label: Any) -> str:
    text = str(label)
    return text[:1].lower() + text[1:]
