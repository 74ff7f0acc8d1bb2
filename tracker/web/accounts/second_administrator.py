"""Roles take effect once a second Administrator confirms them (FOUR_EYES); `/second-administrator/…/` is where.

One Administrator alone makes nobody able to do more: neither by a role, nor by signing in as somebody who has one.
Nothing is stored meanwhile: the request is a signed address, which the first Administrator passes on. It is void after
a week, and as soon as roles, e-mail address or activation of the account change.

Commands act at once. People who can run them on the server need no role.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import Group
from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from tracker.languages.writing import with_commas
from tracker.web.accounts import audit, second_factor
from tracker.web.accounts.roles import VIEWER, keep_staff, name_of
from tracker.web.models import SecurityEvent
from tracker.web.ui.addresses import full_address

User: Any = get_user_model()
MAY = "auth.change_user"
SALT = "tracker.web.accounts.second_administrator"
VALID_DAYS = 7


@dataclass(frozen=True)
class RoleRequest:
    """Roles that an Administrator asks for, for an account."""

    asked_by: Any
    person: Any
    roles: list[Group]

    @property
    def names(self) -> str:
        """The roles in words."""
        return with_commas(map(name_of, self.roles))


def is_needed() -> bool:
    """Whether pages wait for a second Administrator."""
    return bool(settings.FOUR_EYES)


def waiting(roles: Iterable[Group]) -> list[Group]:
    """Those of some roles that a second Administrator confirms: all but Viewer, which only reads."""
    return [role for role in roles if role.name != VIEWER]


def new_that_wait(person: Any, roles: Iterable[Group]) -> list[Group]:
    """The roles that an account would get and a second Administrator has to confirm."""
    if not is_needed():
        return []
    before = set(person.groups.all())
    return [role for role in waiting(roles) if role not in before]


def suspend(person: Any) -> list[Group]:
    """Takes the roles from an account whose owner another person could now pretend to be; returns them."""
    roles = waiting(person.groups.all())
    person.groups.remove(*roles)
    keep_staff(person)
    return roles


def suspend_and_tell(request: HttpRequest, person: Any) -> None:
    """Suspends the roles of an account where two Administrators are needed, with the address for the second one."""
    if is_needed():
        tell(request, person, suspend(person))


def remove_factor(request: HttpRequest, person: Any) -> bool:
    """Removes the second factor of another person; returns whether there was one."""
    removed = second_factor.remove(person)
    if removed:
        audit.record(audit.Kind.FACTOR_REMOVED, request=request, whom=person.get_username())
        suspend_and_tell(request, person)
    return removed


def is_readdressed(form: Any) -> bool:
    """Whether a form of an account changes its e-mail address, beyond capitals."""
    return form.initial.get("email", "").casefold() != form.cleaned_data["email"].casefold()


def close_to_former_address(request: HttpRequest, person: Any) -> None:
    """Takes away by what the owner of another address could sign in, also once the right one is put back.

    That is a password set by a link that was mailed there, and links to an organisation's account.
    """
    who = person.get_username()
    if person.has_usable_password():
        person.set_unusable_password()
        person.save(update_fields=["password"])
        audit.record(audit.Kind.PASSWORD_CHANGED, request=request, whom=who)
        said = _("%(who)s has a new address, so the old password is void. Send a link for a new password.")
        messages.warning(request, said % {"who": who})
    for link in person.elsewhere.all():
        audit.record(audit.Kind.UNLINKED, request=request, whom=who, detail=link.subject)
        link.delete()


def set_roles(
    request: HttpRequest, person: Any, roles: Iterable[Group], *, readdressed: bool = False
) -> None:
    """Gives an account exactly these roles; where two Administrators are needed, new ones wait for the second.

    Args:
        readdressed: whether somebody else has given the account another e-mail address. Another person could now sign
            in to it, so its roles are suspended.
    """
    wait = new_that_wait(person, roles)
    person.groups.set([role for role in roles if role not in wait])
    if is_needed() and readdressed:
        wait += suspend(person)
        close_to_former_address(request, person)
    keep_staff(person)
    tell(request, person, wait)


def tell(request: HttpRequest, person: Any, roles: list[Group]) -> None:
    """Adds a message with the address to pass on, if there is something to confirm."""
    if not roles:
        return
    told = {"p": person.pk, "r": [role.pk for role in roles], "a": request.user.pk, "s": _standing(person)}
    address = reverse("second-administrator", args=[signing.dumps(told, salt=SALT)])
    said = _(
        "%(roles)s: waits for a second Administrator. Pass this address on to one; it is valid for %(n)d days:"
    )
    said %= {"roles": with_commas(map(name_of, roles)), "n": VALID_DAYS}
    messages.warning(
        request, format_html('{} <a href="{}">{}</a>', said, address, full_address(request, address))
    )
    if not User.objects.with_perm(MAY).exclude(pk__in=[request.user.pk, person.pk]).exists():
        none = _("There is no second Administrator yet. “manage.py createsuperuser” on the server makes one.")
        messages.warning(request, none)


def _standing(person: Any) -> str:
    """A digest of what must stay the same until a request is confirmed; confirming changes it: it works once."""
    name, kind = person.get_username(), SecurityEvent.Kind
    # What has been taken away again must not come back by a request that was used, or made before it.
    turns = (kind.ROLE_GIVEN, kind.ROLE_TAKEN, kind.ACCOUNT_ON, kind.ACCOUNT_OFF)
    about = SecurityEvent.objects.filter(Q(whom=name) | Q(who=name, whom=""), kind__in=turns)
    last = about.values_list("pk", flat=True).first()
    now = [sorted(person.groups.values_list("pk", flat=True)), person.is_active, person.email, last]
    return salted_hmac(SALT, repr(now)).hexdigest()[:20]


@sensitive_variables("token")
def _read(token: str) -> RoleRequest | None:
    """The request in an address; None if it is forged, too old, or no longer true."""
    try:
        told = signing.loads(token, salt=SALT, max_age=VALID_DAYS * 86400)
    except signing.BadSignature:
        return None
    person = User.objects.select_for_update().filter(pk=told["p"], is_active=True).first()
    asked_by = User.objects.filter(pk=told["a"], is_active=True).first()
    roles = list(Group.objects.filter(pk__in=told["r"]).order_by("name"))
    if person is None or asked_by is None or not roles or not asked_by.has_perm(MAY):
        return None
    return RoleRequest(asked_by, person, roles) if _standing(person) == told["s"] else None


def _obstacle(asked: RoleRequest, by: Any) -> str:
    """Why a person cannot confirm a request; empty if they can."""
    if by.pk == asked.asked_by.pk:
        return _("You asked for this yourself. Another Administrator confirms it.")
    if by.pk == asked.person.pk:
        return _("These are roles of your own account. Another Administrator confirms them.")
    if setter := _knows_the_password(asked.person):
        return _(
            "%(setter)s set the password of %(person)s. Ask %(person)s to change it under Help, “Password”, and open "
            "this address again."
        ) % {"setter": setter, "person": asked.person.get_username()}
    return ""


def _knows_the_password(person: Any) -> str:
    """Who else set the present password on a page; empty if the owner has changed it since."""
    name, kind = person.get_username(), SecurityEvent.Kind
    if not person.has_usable_password():
        return ""
    by_others = Q(kind__in=(kind.ACCOUNT_MADE, kind.PASSWORD_CHANGED), whom=name)
    last = SecurityEvent.objects.filter(by_others | Q(kind=kind.PASSWORD_CHANGED, who=name, whom="")).first()
    return last.who if last is not None and last.whom else ""


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY, raise_exception=True)
@transaction.atomic
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Shows who asks for which roles for whom, and gives them."""
    asked = _read(token)
    obstacle = _obstacle(asked, request.user) if asked else ""
    if asked is None or obstacle or request.method != "POST":
        return render(
            request, "web/accounts/second_administrator.html", {"asked": asked, "obstacle": obstacle}
        )
    asked.person.asked_by = asked.asked_by.get_username()  # for the security log
    asked.person.groups.add(*asked.roles)
    keep_staff(asked.person)
    said = _("%(person)s now has: %(roles)s.") % {"person": asked.person.get_username(), "roles": asked.names}
    messages.success(request, said)
    return redirect("admin:auth_user_change", asked.person.pk)
