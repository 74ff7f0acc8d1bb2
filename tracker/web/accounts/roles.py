"""Roles and permissions. The roles are groups; a migration of this app creates them."""

from __future__ import annotations

from typing import Any

from axes.backends import AxesBackend
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from tracker.registry import limits

VIEWER, EDITOR, APPROVER, ADMINISTRATOR = "Viewer", "Editor", "Approver", "Administrator"
NAMES = {
    VIEWER: pgettext_lazy("role", "Viewer"),
    EDITOR: pgettext_lazy("role", "Editor"),
    APPROVER: pgettext_lazy("role", "Approver"),
    ADMINISTRATOR: pgettext_lazy("role", "Administrator"),
}
# What each of them is for, in a sentence.
PURPOSES = {
    VIEWER: _("Reads everything and changes nothing."),
    EDITOR: _("Enters and corrects the records: reports, treaty actions, dates, contacts; uploads files."),
    APPROVER: _(
        "Approves, holds, cancels and pauses reminders, and confirms dates that somebody else entered."
    ),
    ADMINISTRATOR: _("Invites people, gives roles and desks, and edits the reminder rules."),
}
# The roles that may open the admin: they enter or decide something.
AT_WORK = (EDITOR, APPROVER, ADMINISTRATOR)
# Every role has this permission; without it, no page opens.
READ = "registry.view_state"
NO_ROLE = "no role"  # why a page is refused to a person without it


def name_of(role: Any) -> str:
    """The name of a role in the language of the reader; of a role that an office made, as it was typed."""
    return str(NAMES.get(role.name, role.name))


def purpose(role: Any) -> str:
    """What a role is for, in a sentence; empty for a role that an office made."""
    return str(PURPOSES.get(role.name, ""))


def administrators() -> list[Any]:
    """The active people who can give roles, by user name."""
    return list(get_user_model()._default_manager.with_perm("auth.change_user").order_by("username"))


def keep_staff(person: Any) -> None:
    """Opens the admin to a person with a role for it, and closes it to others."""
    at_work = person.is_superuser or person.groups.filter(name__in=AT_WORK).exists()
    if person.is_staff != at_work:
        person.is_staff = at_work
        person.save(update_fields=["is_staff"])


class RoleBackend(AxesBackend):
    """Django's backend, with the permissions of roles and of the person read in one query instead of two.

    A locked account is refused before the password is checked.
    """

    def authenticate(self, request: Any, username: Any = None, password: Any = None, **kwargs: Any) -> Any:
        """The user with this password, or None."""
        super().authenticate(
            request, username=username, password=password, **kwargs
        )  # raises if the account is locked
        return ModelBackend.authenticate(self, request, username=username, password=password, **kwargs)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the role allows it and, for a given row, the desk too; viewing is not limited by desk."""
        if not super().has_perm(user_obj, perm):
            return False
        looks = perm.partition(".")[2].startswith("view_")
        return obj is None or looks or limits.may_change(user_obj, limits.states_of(obj))

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """The permissions as "registry.view_state"; none for an inactive account."""
        if user_obj.is_superuser or not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user_obj, "_perm_cache"):
            given = Permission.objects.filter(Q(user=user_obj) | Q(group__user=user_obj)).order_by()
            names = given.values_list("content_type__app_label", "codename").distinct()
            user_obj._perm_cache = {f"{app}.{codename}" for app, codename in names}
        known: set[str] = user_obj._perm_cache
        return known


class RoleRequiredMiddleware(MiddlewareMixin):
    """Refuses all pages to a signed-in user without a role.

    Signing in and out, the own password, and the pages that need no sign-in stay open.
    """

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        open_to_all = not getattr(view, "login_required", True)
        signing = request.resolver_match is not None and request.resolver_match.url_name in (
            "login",
            "logout",
            "own-password",
        )
        if open_to_all or signing:  # without reading the user
            return
        if request.user.is_authenticated and not request.user.has_perm(READ):
            raise PermissionDenied(NO_ROLE)
