"""Users and their roles. A person is deactivated, never deleted, because the history names people.

With FOUR_EYES, roles wait for a second Administrator (`second_administrator`). What would let an Administrator sign in
as somebody else (a new password or address, a removed second factor, a link, an activation) suspends that person's
roles. Superusers and permissions of roles are then changed by commands alone.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django_otp.plugins.otp_static.admin import StaticDevice
from django_otp.plugins.otp_totp.admin import TOTPDevice

from tracker.web.accounts import audit, password_pages, second_administrator, throttling
from tracker.web.accounts.roles import keep_staff, name_of
from tracker.web.admin.rows import PlainRowAdmin
from tracker.web.models import ElsewhereAccount
from tracker.web.ui.conflicts import VersionedForm

User: Any = get_user_model()
admin.site.unregister(User)
admin.site.unregister(Group)
# Their pages show secrets; a device can only be removed.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)
# One page for everybody; Django has no setting for it.
admin.site.password_change = password_pages.from_the_admin  # type: ignore[method-assign,assignment]


class LinkForm(forms.ModelForm):
    """A link as a row of a person's page."""

    def line(self) -> str:
        """The row in words."""
        return _("linked as %(subject)s") % {"subject": self.instance.subject}


class LinkInline(admin.StackedInline):
    """The organisation’s account by which a person signs in; it can be linked and unlinked."""

    model = ElsewhereAccount
    form = LinkForm
    template = "admin/rows.html"
    fields = ("issuer", "subject")
    verbose_name = gettext_lazy("link to an organisation’s account")
    verbose_name_plural = gettext_lazy("links to an organisation’s account")
    media = forms.Media()  # no script adds rows here

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """One empty row, if the person has no link for the present issuer."""
        issuer = settings.OIDC.issuer if settings.OIDC is not None else ""
        return 0 if self.model.objects.filter(user=obj, issuer=issuer).exists() else 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        if settings.OIDC is not None:
            formset.form.base_fields["issuer"].initial = settings.OIDC.issuer
        return formset

    # Links are part of the account.
    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("auth.change_user")

    has_add_permission = has_delete_permission = has_view_permission

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # another account is another link


class PersonForm(VersionedForm, UserChangeForm):
    """A person, as an Administrator changes it; nothing of the password is shown."""

    password = None  # type: ignore[assignment]  # leaves out the declared field, as Django documents


@admin.register(User)
class PersonAdmin(PlainRowAdmin, UserAdmin):
    """Gives roles; Administrators cannot grant single permissions or make superusers."""

    form = PersonForm
    list_display = ("username", "first_name", "last_name", "email", "roles", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    filter_horizontal = ()
    actions = ("end_lock_out", "remove_second_factor")
    readonly_fields = ("password_link", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password_link")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Roles"), {"fields": ("groups", "is_active")}),
        (gettext_lazy("When"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email")}),
        (gettext_lazy("Roles"), {"fields": ("groups",)}),
    )

    @admin.display(description=gettext_lazy("roles"))
    def roles(self, user: Any) -> str:
        """The person's roles, by name."""
        return ", ".join(name_of(group) for group in user.groups.all()) or "—"

    @admin.display(description=gettext_lazy("password"))
    def password_link(self, user: Any) -> str:
        """The page for a password that is set by hand."""
        return format_html('<a href="../password/">{}</a>', _("Set a password by hand"))

    def get_queryset(self, request: HttpRequest) -> Any:
        people = super().get_queryset(request).prefetch_related("groups")
        # Whoever can change a superuser's password becomes one.
        return people if request.user.is_superuser else people.exclude(is_superuser=True)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name == "groups":
            field.label = _("Roles")
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("End the lock-out"), permissions=["change"])
    def end_lock_out(self, request: HttpRequest, people: Any) -> None:
        """Lets the selected people sign in again at once."""
        for person in people:
            throttling.unlock(person.get_username())
            audit.record(audit.Kind.UNLOCKED, request=request, whom=person.get_username())
        said = ngettext("%(n)d person can sign in again.", "%(n)d people can sign in again.", len(people))
        messages.success(request, said % {"n": len(people)})

    @admin.action(description=gettext_lazy("Remove the second factor (device lost)"), permissions=["change"])
    def remove_second_factor(self, request: HttpRequest, people: Any) -> None:
        """Removes it from others; one's own needs a code, so that nobody can remove it at an unlocked screen."""
        others = [person for person in people if self.has_change_permission(request, person)]
        others = [person for person in others if person.pk != request.user.pk]
        if any(person.pk == request.user.pk for person in people):
            own = _("Your own second factor was not removed; turn it off under Help, with a code.")
            messages.warning(request, own)
        removed = [person for person in others if second_administrator.remove_factor(request, person)]
        said = ngettext(
            "%(n)d second factor removed. Confirm with the person, but not by mail, that the device is lost.",
            "%(n)d second factors removed. Confirm with the people, but not by mail, that the devices are lost.",
            len(removed),
        )
        messages.success(request, said % {"n": len(removed)})

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [LinkInline] if obj is not None and settings.OIDC is not None else []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        whom = form.instance.get_username()
        for made in formset.new_objects:
            audit.record(audit.Kind.LINKED, request=request, whom=whom, detail=made.subject)
        for gone in formset.deleted_objects:
            audit.record(audit.Kind.UNLINKED, request=request, whom=whom, detail=gone.subject)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes another superuser alone."""
        alone = obj is not None and obj.is_superuser and obj.pk != request.user.pk
        return not (alone and second_administrator.is_needed()) and super().has_change_permission(
            request, obj
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The security log knows people by their user names."""
        fixed = ("username",) if obj is not None and second_administrator.is_needed() else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002 - Django names it
        """Sets another person's password; one's own needs the present one."""
        person = self.get_object(request, unquote(id))
        if person is not None and person.pk == request.user.pk:
            return redirect("own-password")
        before = person.password if person is not None else None
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if person is not None and second_administrator.is_needed():
                person.refresh_from_db()
                if person.password != before:
                    second_administrator.tell(request, person, second_administrator.suspend(person))
        return answer

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        person, chosen = form.instance, form.cleaned_data["groups"]
        wait = second_administrator.new_that_wait(person, chosen)
        form.cleaned_data["groups"] = [role for role in chosen if role not in wait]
        super().save_related(request, form, formsets, change)
        keep_staff(person)
        if second_administrator.is_needed():
            if person.pk != request.user.pk and _opens_it_to_another(form, formsets):
                wait += second_administrator.suspend(person)
                if change and second_administrator.is_readdressed(form):
                    second_administrator.close_to_former_address(request, person)
            second_administrator.tell(request, person, wait)


def _opens_it_to_another(form: Any, formsets: Any) -> bool:
    """Whether what was saved lets somebody sign in to the account who could not before.

    The e-mail address counts, because the organisation's sign-in finds an account by it.
    """
    activated = "is_active" in form.changed_data and form.instance.is_active
    linked = any(formset.new_objects for formset in formsets)
    return linked or activated or second_administrator.is_readdressed(form)


@admin.register(Group)
class RoleAdmin(PlainRowAdmin, GroupAdmin):
    """The roles; only a superuser changes their permissions, and nobody where a second person is needed."""

    fields = ("name", "permissions")
    filter_horizontal = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not second_administrator.is_needed() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not second_administrator.is_needed() and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        alone = second_administrator.is_needed() or not request.user.is_superuser
        return not alone and super().has_delete_permission(request, obj)
