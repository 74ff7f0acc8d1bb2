"""HTTP headers of every answer, in addition to those of Django and django-csp."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin

# No page uses these features, so injected code may not either.
WITHOUT = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"),
)
POLICY = ", ".join(f"{name}=()" for name in WITHOUT)


class PolicyMiddleware(MiddlewareMixin):
    """Disables unused browser features and names the address for reports on the content security policy."""

    def process_response(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        answer.headers.setdefault("Permissions-Policy", POLICY)
        answer.headers.setdefault("Reporting-Endpoints", 'csp="/csp-report/"')
        return answer


class NotStoredMiddleware(MiddlewareMixin):
    """Keeps browsers and proxies from storing pages that need signing in: their contents and files are personal.

    Pages for everybody, feeds with a token and the API say themselves how long they may be kept.
    """

    def process_response(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        match = request.resolver_match  # None where there is no such address; that page names the user too
        if match is None or getattr(match.func, "login_required", True):
            patch_cache_control(answer, no_store=True)
        return answer
