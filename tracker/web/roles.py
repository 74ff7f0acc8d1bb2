"""Who may do what. The roles themselves are groups, made by a migration of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

VIEWER, EDITOR, APPROVER, ADMINISTRATOR = "Viewer", "Editor", "Approver", "Administrator"
# Whoever holds one of these enters or decides something, and so may open the admin.
AT_WORK = (EDITOR, APPROVER, ADMINISTRATOR)
# Every role has it: without it, an account shows nothing.
READ = "registry.view_state"


class RoleRequiredMiddleware:
    """Shows nothing to somebody who has signed in but been given no role.

    Signing in and out, and the pages that need no sign-in, stay open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        open_to_all = not getattr(view, "login_required", True)
        signing = request.resolver_match is not None and request.resolver_match.url_name in (
            "login",
            "logout",
        )
        if request.user.is_authenticated and not (open_to_all or signing or request.user.has_perm(READ)):
            raise PermissionDenied("no role")
