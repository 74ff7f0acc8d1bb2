"""What every answer says to browsers besides what Django and django-csp say."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

# Nothing here asks for any of them, so no page of ours may, whatever is slipped into it.
WITHOUT = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media"),
    *("fullscreen", "geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment"),
    *("picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "usb", "xr-spatial-tracking"),
)
POLICY = ", ".join(f"{name}=()" for name in WITHOUT)


class PolicyMiddleware:
    """Forbids what no page needs, and says where breaches of the content security policy are told."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        answer.headers.setdefault("Permissions-Policy", POLICY)
        answer.headers.setdefault("Reporting-Endpoints", 'csp="/csp-report/"')
        return answer
