"""`/account/`: what the signed-in person may do, and their own settings."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.web.accounts.roles import administrators
from tracker.web.people.people import Account


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The own role in words, desk and second factor."""
    person: Any = request.user
    return render(
        request, "web/people/account.html", {"one": Account.of(person), "administrators": administrators()}
    )
