"""`/digest/`: a preview of the weekly digest, turning it on and off; and the address that unsubscribes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from tracker.languages.known import by_code, current, speaking
from tracker.languages.models import Reader
from tracker.reminders import digest
from tracker.reminders.models import Digest, DigestOff
from tracker.web.reminders.preview import asked_for, offered

ON, OFF = "on", "off"
CHOICES = {
    ON: gettext_lazy("Your weekly digest is on."),
    OFF: gettext_lazy("Your weekly digest is off."),
}
SHOWN = 8  # past digests, about two months


@require_http_methods(["GET", "HEAD", "POST"])
def digest_page(request: HttpRequest) -> HttpResponse:
    """Shows the user's next digest and the last ones; turns the digest on or off."""
    user: Any = request.user  # the page requires signing in
    if request.method == "POST":
        if said := CHOICES.get(request.POST.get("step", "")):
            digest.switch(user, on=request.POST["step"] == ON)
            messages.success(request, said)
        return redirect("digest")
    content = digest.content_for(user, timezone.localdate(), asked_for(request))
    context = offered(request) | {
        "off": DigestOff.objects.filter(user=user).first(),
        "content": content,
        "mail": digest.message_to(user, content, "preview"),
        "mail_language": by_code(content.language),
        "sent": Digest.objects.filter(officer=user)[:SHOWN],
    }
    return render(request, "web/reminders/digest.html", context)


@require_safe
def digest_html(request: HttpRequest) -> HttpResponse:
    """The HTML part of the user's next digest."""
    user: Any = request.user
    content = digest.content_for(user, timezone.localdate(), asked_for(request))
    (html, _kind), *_others = digest.message_to(user, content, "preview").alternatives
    return HttpResponse(html)


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@csrf_exempt  # mail programs send this form; the token allows nothing else
@never_cache
@sensitive_variables("token")
def switch_off(request: HttpRequest) -> HttpResponse:
    """`/digest/off/?token=…`: asks for confirmation, then unsubscribes the holder of the token, without sign-in.

    Opening it changes nothing, because mail scanners follow links. Mail programs and the page's button send the
    one-click form of RFC 8058. The page is in the language of the digest.
    """
    token = request.GET.get("token", "")
    officer = digest.officer_of(token)
    if officer is None:
        raise Http404
    done = request.method == "POST" and request.POST.get("List-Unsubscribe") == "One-Click"
    if done:
        digest.switch(officer, on=False)
    with speaking(Reader.language_of(officer.pk)):
        page = render(
            request, "web/reminders/digest_off.html", {"officer": officer, "done": done, "token": token}
        )
        page.headers["Content-Language"] = current().in_django
    return page
