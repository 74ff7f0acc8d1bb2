"""`/password/`: a person changes their own password. All other sessions of the person end with the old one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _


class OwnPasswordForm(PasswordChangeForm):
    """The present password and the new one, twice.

    A wrong present password counts like one at signing in, so that nobody can try many at an unlocked screen.
    """

    use_required_attribute = False

    def __init__(self, user: Any, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        person = authenticate(self.request, username=self.user.get_username(), password=password)
        if person is None or person.pk != self.user.pk:
            raise ValidationError(_("This is not your present password."), code="password_incorrect")
        return password


class OwnPasswordPage(PasswordChangeView):
    """Changes the password. If the account signs in through its organisation, the page says to change it there."""

    form_class = OwnPasswordForm
    template_name = "registration/own_password.html"
    success_url = reverse_lazy("help")
    http_method_names = ["get", "head", "post"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self._has_one() else self._elsewhere()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self._has_one() else self._elsewhere()

    def _has_one(self) -> bool:
        person: Any = self.request.user
        return bool(person.has_usable_password())

    def _elsewhere(self) -> HttpResponse:
        return render(self.request, self.template_name, {"elsewhere": True})

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        messages.success(
            self.request, _("Your password is changed. Elsewhere you are signed out; this session goes on.")
        )
        return answer


def from_the_admin(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    """Redirects from the admin's own page for this, which would not count wrong passwords."""
    return redirect("own-password")
