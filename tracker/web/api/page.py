"""`/api/`: the description of the API for people; creates, renews and disables the user's token."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from tracker.web.api.parameters import MOST_ROWS, USUAL_LIMIT
from tracker.web.api.resources import RESOURCES
from tracker.web.languages.addresses import API
from tracker.web.models import ApiToken
from tracker.web.ui.addresses import full_address


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("secret")
def api_page(request: HttpRequest) -> HttpResponse:
    """Shows the description of the API; a new token is shown once."""
    user: Any = request.user  # the page requires signing in
    token, secret = ApiToken.objects.filter(user=user).first(), ""
    if request.method == "POST":
        step, scope = request.POST.get("step", ""), request.POST.get("scope", "")
        if step == "off":
            ApiToken.objects.filter(user=user).delete()
            messages.success(request, _("Your token is disabled; programs can no longer use it."))
            return redirect("api")
        if request.POST.get("seen", "") != _mark(token):
            # The page was sent a second time: another token would cut off the one just copied.
            messages.warning(
                request,
                _("Not saved: your token was created or renewed after you opened this page."),
            )
            return redirect("api")
        if scope not in ApiToken.Scope.values:
            messages.error(request, _("Not saved: choose what the token gives access to."))
            return redirect("api")
        secret = ApiToken.renew(user, scope)
        token = ApiToken.objects.get(user=user)
    return render(
        request,
        "web/api/api.html",
        {
            "token": token,
            "secret": secret,
            "seen": _mark(token),
            "scopes": ApiToken.Scope.choices,
            "scope": token.scope if token else ApiToken.Scope.READ,
            "resources": RESOURCES,
            "place": API,
            "base": full_address(request, API),
            "most_requests": settings.API_REQUESTS_PER_MINUTE,
            "usual_rows": USUAL_LIMIT,
            "most_rows": MOST_ROWS,
        },
    )


def _mark(token: ApiToken | None) -> str:
    """A mark in the form that shows which token the user had when the page was opened."""
    return token.renewed_at.isoformat() if token else ""
