"""`/people/`: everybody with an account, for Administrators: role, desk, second factor, last sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_otp.plugins.otp_totp.models import TOTPDevice

from tracker.languages.writing import moment
from tracker.registry.models import RegionDesk, State
from tracker.web.accounts import audit, second_administrator, throttling
from tracker.web.accounts.roles import ADMINISTRATOR, name_of, purpose
from tracker.web.people import invitation
from tracker.web.people.fields import DeskFields, RolesField, save_desk, stored_desk
from tracker.web.ui.conflicts import VersionedForm, fingerprint

User: Any = get_user_model()
SEES, CHANGES = "auth.view_user", "auth.change_user"


@dataclass(frozen=True)
class Account:
    """A person's account, as the pages show it.

    Attributes:
        roles: name and purpose of each role.
        regions, states: what is on the person's desk: names of regional groups, and States.
        has_factor: whether a second factor is set up.
    """

    person: Any
    roles: list[tuple[str, str]]
    regions: list[str]
    states: list[State]
    has_factor: bool

    @classmethod
    def of(cls, person: Any) -> Account:
        """The account of one person."""
        return accounts([person])[0]

    @property
    def signed_in(self) -> str:
        """When the person last signed in, in words; empty for never."""
        return moment(self.person.last_login) if self.person.last_login else ""

    @property
    def invited(self) -> bool:
        """Whether the person has never signed in and has no password yet."""
        return self.person.last_login is None and not self.person.has_usable_password()


def accounts(people: Sequence[Any]) -> list[Account]:
    """The accounts of some people, in their order; a constant number of queries."""
    keys = [person.pk for person in people]
    with_factor = set(TOTPDevice.objects.filter(user__in=keys, confirmed=True).values_list("user", flat=True))
    regions: dict[int, list[str]] = {}
    for desk in RegionDesk.objects.filter(officer__in=keys):
        regions.setdefault(desk.officer_id, []).append(desk.get_region_display())
    states: dict[Any, list[State]] = {}
    for state in State.objects.filter(desk_officer__in=keys):
        states.setdefault(state.desk_officer_id, []).append(state)
    return [
        Account(
            person,
            [(name_of(role), purpose(role)) for role in person.groups.all()],
            regions.get(person.pk, []),
            states.get(person.pk, []),
            person.pk in with_factor,
        )
        for person in people
    ]


def visible_to(user: Any) -> Any:
    """The people that a person may see here; superusers are changed by commands and by each other."""
    people = User.objects.order_by("username").prefetch_related("groups")
    return people if user.is_superuser else people.exclude(is_superuser=True)


@require_safe
@permission_required(SEES, raise_exception=True)
def list_page(request: HttpRequest) -> HttpResponse:
    """Everybody, those who may no longer sign in last."""
    everybody = accounts(visible_to(request.user))
    return render(
        request,
        "web/people/people.html",
        {
            "active": [one for one in everybody if one.person.is_active],
            "inactive": [one for one in everybody if not one.person.is_active],
            "roles": [(name_of(role), purpose(role)) for role in Group.objects.order_by("pk")],
        },
    )


class PersonDetailsForm(VersionedForm, DeskFields):
    """Name, address, roles and desk of a person."""

    groups = RolesField()
    field_order = ("first_name", "last_name", "email", "groups", "regions", "states")

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "groups")
        labels = {"email": gettext_lazy("E-mail")}

    def __init__(self, *args: Any, instance: Any, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, instance=instance, initial=stored_desk(instance), **kwargs)
        self.offer_desks(instance)
        self.fields["email"].required = True
        self.by = by

    def stored_version(self) -> str:
        return fingerprint(
            [super().stored_version(), self.initial["regions"], [one.pk for one in self.initial["states"]]]
        )

    def clean_groups(self) -> Any:
        chosen, given_up = self.cleaned_data["groups"], set(self.initial["groups"])
        given_up.difference_update(chosen)
        if self.instance.pk == self.by.pk and any(role.name == ADMINISTRATOR for role in given_up):
            raise ValidationError(
                _("Ask another Administrator to take the role of an Administrator from you.")
            )
        return chosen

    def clean_email(self) -> str:
        return invitation.free_address(self.cleaned_data["email"], self.instance.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CHANGES, raise_exception=True)
def person_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's account: edit it, send a link for a password, take away access."""
    person = get_object_or_404(visible_to(request.user), pk=pk)
    _refuse_superusers_alone(request, person)
    form = PersonDetailsForm(
        request.POST if request.method == "POST" else None, instance=person, by=request.user
    )
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            roles = form.cleaned_data.pop("groups")
            form.save(commit=False).save()
            readdressed = person.pk != request.user.pk and second_administrator.is_readdressed(form)
            second_administrator.set_roles(request, person, roles, readdressed=readdressed)
            save_desk(person, form.cleaned_data["regions"], form.cleaned_data["states"], by=request.user)
        messages.success(request, _("%(who)s: saved.") % {"who": person.get_username()})
        return redirect("person", person.pk)
    stored = User.objects.prefetch_related("groups").get(pk=pk)  # the form has changed `person` already
    return render(
        request,
        "web/people/person.html",
        {
            "one": Account.of(stored),
            "form": form,
            "conflict": form.conflict,
            "is_self": pk == request.user.pk,
        },
    )


def _refuse_superusers_alone(request: HttpRequest, person: Any) -> None:
    """Where two Administrators are needed, nobody changes another superuser."""
    if person.is_superuser and person.pk != request.user.pk and second_administrator.is_needed():
        raise PermissionDenied


@require_POST
@permission_required(CHANGES, raise_exception=True)
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a link, gives or takes away access, ends a lock-out, or removes a second factor."""
    person = get_object_or_404(visible_to(request.user), pk=pk)
    _refuse_superusers_alone(request, person)
    step, who = request.POST.get("step", ""), {"who": person.get_username()}
    if step == "link":
        if person.is_active:
            invitation.send(request, person)
        else:
            messages.error(request, _("No mail sent: give %(who)s access again first.") % who)
    elif step == "unlock":
        throttling.unlock(person.get_username())
        audit.record(audit.Kind.UNLOCKED, request=request, whom=person.get_username())
        messages.success(request, _("%(who)s can sign in again.") % who)
    elif person.pk == request.user.pk:
        messages.error(request, _("Not done: ask another Administrator to do this to your own account."))
    elif step in ("off", "on"):
        with transaction.atomic():
            person = User.objects.select_for_update().get(pk=pk)
            if person.is_active != (step == "on"):  # not a second click, which would suspend the roles again
                person.is_active = step == "on"
                person.save(update_fields=["is_active"])
                if person.is_active:
                    second_administrator.suspend_and_tell(request, person)
        said = _("%(who)s can sign in.") if person.is_active else _("%(who)s can no longer sign in.")
        messages.success(request, said % who)
    elif step == "factor" and second_administrator.remove_factor(request, person):
        messages.success(
            request,
            _(
                "The second factor of %(who)s is removed. Confirm with the person, but not by mail, that the device is "
                "lost."
            )
            % who,
        )
    return redirect("person", person.pk)
