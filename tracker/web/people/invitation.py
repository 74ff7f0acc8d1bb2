"""Invitations: an account with role and desk, and a mail with a link to set the password.

The link is Django's for a forgotten password: signed, valid for `PASSWORD_RESET_TIMEOUT`, and void once the person has
signed in or the password, the address or the activation has changed.
"""

from __future__ import annotations

import re
import smtplib
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.html import format_html
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.languages.known import speaking
from tracker.languages.models import Reader
from tracker.languages.writing import without_isolates
from tracker.registry.addresses import in_ascii, in_letters, problem_of
from tracker.reminders.outgoing import AutomaticMail, to_person
from tracker.reminders.text.lines import one_line
from tracker.web.accounts import second_administrator
from tracker.web.accounts.roles import name_of, purpose
from tracker.web.people.fields import DeskFields, RolesField, save_desk
from tracker.web.ui.addresses import full_address
from tracker.web.ui.filters import EVERY_DESK
from tracker.web.ui.form_fields import put_the_focus

User: Any = get_user_model()
DAYS = settings.PASSWORD_RESET_TIMEOUT // 86400
LONGEST_NAME = 30  # of a user name that is made of an address


class InvitationTokens(PasswordResetTokenGenerator):
    """Tokens of links to set a password; taking away access makes them void."""

    key_salt = "tracker.web.people.invitation"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"


tokens = InvitationTokens()


def free_address(address: str, own: int | None = None) -> str:
    """An e-mail address that no other account has, also not with its domain in punycode or in letters.

    Raises:
        ValidationError: another account has it, or mail servers do not take it; the text says which.
    """
    if problem := problem_of(address):
        raise ValidationError(problem)
    alike = Q(email__iexact=in_ascii(address)) | Q(email__iexact=in_letters(address))
    other = User.objects.filter(alike).exclude(pk=own).first()
    if other is not None:
        raise ValidationError(
            _("%(who)s has an account with this address already.") % {"who": other.get_username()}
        )
    return address


def free_name(address: str) -> str:
    """A user name made of the part of an address before the @; with a number if it is taken."""
    name = re.sub(r"[^a-z0-9._-]", "", address.partition("@")[0].lower())[:LONGEST_NAME] or "person"
    taken = {
        one.lower()
        for one in User.objects.filter(username__istartswith=name).values_list("username", flat=True)
    }
    taken.add(EVERY_DESK)  # in addresses it names no person's desk
    return next(
        one for n in range(1, len(taken) + 2) if (one := name if n == 1 else f"{name}{n}") not in taken
    )


class InvitationForm(DeskFields):
    """Name, address, roles and desk of a new person."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    groups = RolesField()
    field_order = ("first_name", "last_name", "email", "groups", "regions", "states")

    def clean_email(self) -> str:
        return free_address(self.cleaned_data["email"])


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("auth.add_user", raise_exception=True)
def invite_page(request: HttpRequest) -> HttpResponse:
    """Makes an account with role and desk, and sends the invitation."""
    form = InvitationForm(request.POST if request.method == "POST" else None)
    form.offer_desks()
    if person := _create_account(request, form):
        send(request, person)
        return redirect("person", person.pk)
    put_the_focus(form)
    return render(request, "web/people/invite.html", {"form": form, "days": DAYS})


def _create_account(request: HttpRequest, form: InvitationForm) -> Any:
    """The new account, with role and desk; None if the form is invalid or was not sent."""
    with transaction.atomic():
        if form.is_bound:
            # A second form sent at the same moment waits here, then finds the address taken.
            list(Group.objects.select_for_update(no_key=True).order_by("pk"))
        if not form.is_valid():
            return None
        typed = form.cleaned_data
        person = User(username=free_name(typed["email"]))
        person.first_name, person.last_name, person.email = (
            typed[one] for one in ("first_name", "last_name", "email")
        )
        person.set_unusable_password()
        person.save()
        second_administrator.set_roles(request, person, typed["groups"])
        save_desk(person, typed["regions"], typed["states"], by=request.user)
    return person


# --- the mail ----------------------------------------------------------------------------------------


def send(request: HttpRequest, person: Any) -> None:
    """Sends a person the way to sign in, and says in a message what became of it.

    Where two Administrators are needed, nobody but the person sees the link; otherwise it is shown if the mail failed.
    """
    sender: Any = request.user
    link = "" if settings.OIDC is not None else _link(request, person)
    about = {"who": person.get_username(), "address": person.email}
    if not person.email:
        messages.error(request, _("No mail sent: %(who)s has no e-mail address.") % about)
        return
    name = one_line(person.get_full_name())
    context = {
        "name": name or person.get_username(),
        "who": person.get_username(),
        "by": one_line(sender.get_full_name()) or sender.get_username(),
        "link": link,
        "site": full_address(request, reverse("login")),
        "days": DAYS,
        "invited": person.last_login is None,
    }
    with speaking(Reader.language_of(person.pk)):
        mail = AutomaticMail(
            subject=without_isolates(
                _("Your account in the Article 12 tracker")
                if context["invited"]
                else _("A new password for the Article 12 tracker")
            ),
            body=render_to_string(
                "web/people/invitation.txt",
                context | {"roles": [(name_of(role), purpose(role)) for role in person.groups.all()]},
            ),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[to_person(name, person.email)],
        )
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        said = _("The mail to %(address)s could not be sent: %(error)s. Send it again later.")
        messages.error(request, said % (about | {"error": error}))
        if link and not second_administrator.is_needed():
            text = (
                _("You can also give %(who)s this link yourself. Anyone who has it can set the password:")
                % about
            )
            messages.warning(request, format_html('{} <a href="{}">{}</a>', text, link, link))
        return
    messages.success(request, _("A mail to %(address)s says how %(who)s signs in.") % about)


def _link(request: HttpRequest, person: Any) -> str:
    key = urlsafe_base64_encode(force_bytes(person.pk))
    return full_address(request, reverse("set-password", args=[key, tokens.make_token(person)]))


class SetPasswordPage(PasswordResetConfirmView):
    """`/welcome/…/`: the invited person sets the password; the secret moves from the address into the session."""

    token_generator = tokens
    user: Any  # set by Django; None if the link names nobody
    template_name = "web/people/set_password.html"
    success_url = reverse_lazy("login")
    http_method_names = ["get", "head", "post"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if context["form"]:  # none where the link is not valid
            put_the_focus(context["form"])
        return context | {"person": self.user, "another": self._is_another(), "days": DAYS}

    def form_valid(self, form: Any) -> HttpResponse:
        if self._is_another():
            return self.render_to_response(self.get_context_data(form=form))
        self.request.user = self.user  # the security log names who set the password
        answer: HttpResponse = super().form_valid(form)
        said = _("Your password is set. Sign in as %(who)s.") % {"who": self.user.get_username()}
        messages.success(self.request, said)
        return answer

    def _is_another(self) -> bool:
        """Whether somebody else is signed in in this browser."""
        return self.request.user.is_authenticated and self.request.user != self.user
