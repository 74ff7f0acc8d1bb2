"""Users and their roles. A person is switched off, never deleted: the history names who did what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tracker.web.roles import AT_WORK

User: Any = get_user_model()
admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(UserAdmin):
    """Roles are given here; single permissions and superusers are beyond what an administrator can grant."""

    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Roles"), {"fields": ("groups", "is_active")}),
        (_("When"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email")}),
        (_("Roles"), {"fields": ("groups",)}),
    )

    @admin.display(description=_("roles"))
    def roles(self, user: Any) -> str:
        """The person's roles, by name."""
        return ", ".join(group.name for group in user.groups.all()) or "—"

    def get_queryset(self, request: HttpRequest) -> Any:
        people = super().get_queryset(request).prefetch_related("groups")
        # Whoever could change a superuser's password would be one.
        return people if request.user.is_superuser else people.exclude(is_superuser=True)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        person = form.instance
        at_work = person.is_superuser or person.groups.filter(name__in=AT_WORK).exists()
        if person.is_staff != at_work:  # who enters or decides something may open these pages
            person.is_staff = at_work
            person.save(update_fields=["is_staff"])


@admin.register(Group)
class RoleAdmin(GroupAdmin):
    """The roles as they are; what each may do is for a superuser to change."""

    filter_horizontal = ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser) and super().has_delete_permission(request, obj)
