"""The page on which a contact confirms its data, through the link in our mail and without signing in.

Opening it changes nothing, because mail scanners follow links. It shows the data of this contact, as the mail does, and
nothing else. To confirm them records that; any other answer creates a task for staff and changes no record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from tracker.correspondence import address_links
from tracker.correspondence.address_links import Confirmable
from tracker.correspondence.text.address_mails import data_of, desk_of
from tracker.languages.known import ENGLISH, speaking
from tracker.registry import addresses
from tracker.registry.models import Contact, Language
from tracker.reminders.answers import TooMany
from tracker.reminders.models import StaffTask
from tracker.reminders.text.language import ready
from tracker.web.languages import link_pages
from tracker.web.ui.form_fields import PlainForm

RIGHT, CHANGE, OTHER = "right", "change", "other"
ANSWERS = {CHANGE: StaffTask.Answer.DATA, OTHER: StaffTask.Answer.WRONG}
LONGEST = 2000  # characters of a remark
FIELDS = ("name", "office", "email", "language")


class ConfirmForm(PlainForm):
    """A contact's answer: its data are right, or what to change."""

    what = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        widget=forms.RadioSelect,
        choices=[
            (RIGHT, gettext_lazy("These data are right")),
            (CHANGE, gettext_lazy("Please change them as below")),
            (OTHER, gettext_lazy("Please write to somebody else, named below")),
        ],
        error_messages={"required": gettext_lazy("Choose one of the three answers.")},
    )
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=120)
    office = forms.CharField(label=gettext_lazy("Office"), required=False, max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        max_length=254,
        error_messages={
            "invalid": gettext_lazy("Enter an e-mail address in the form of name@ministry.example.")
        },
    )
    language = forms.ChoiceField(label=gettext_lazy("Language of our mails"), required=False)
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Anything else that we should know."),
    )

    def __init__(self, contact: Contact, data: Any = None) -> None:
        self.recorded = {
            "name": contact.name,
            "office": contact.office,
            "email": contact.email,
            "language": contact.language or contact.state.language,
        }
        super().__init__(data, initial=self.recorded)
        self.fields["language"].choices = Language.choices

    def clean_name(self) -> str:
        return link_pages.plain(self.cleaned_data["name"]).replace("\n", " ")

    def clean_office(self) -> str:
        return link_pages.plain(self.cleaned_data["office"]).replace("\n", " ")

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if problem := addresses.problem_of(email) if email else "":
            raise ValidationError(problem)
        return email

    def clean_remark(self) -> str:
        return link_pages.plain(self.cleaned_data["remark"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.errors or values["what"] == RIGHT:
            return values
        if not values["name"]:
            self.add_error("name", _("Enter the name of a person or an office."))
        if not values["email"]:
            self.add_error("email", _("Enter the e-mail address to which we should write."))
        if self.errors:
            return values
        if values["what"] == OTHER and values["email"].lower() == self.recorded["email"].lower():
            self.add_error("email", _("This is the present address. Enter the one of the other person."))
        if values["what"] == CHANGE and not self.proposed() and not values["remark"]:
            self.add_error("what", _("You have changed nothing below. Change a field, or confirm the data."))
        return values

    def proposed(self) -> dict[str, str]:
        """The values that staff should enter: what differs, or all of another person."""
        values = {name: self.cleaned_data.get(name, "") for name in FIELDS}
        if self.cleaned_data.get("what") == OTHER:
            return {name: value for name, value in values.items() if value}
        return {name: value for name, value in values.items() if value != self.recorded[name]}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """`/confirm/…/`: a contact confirms its data, or asks for a change."""
    today = timezone.localdate()
    found = address_links.find(token, today)
    mail = found.request.mail if found else None
    language = link_pages.language_of_link(request, mail.language if mail else "")
    with speaking(language):
        return link_pages.kept_to_itself(_answered(request, found, language))


def _answered(request: HttpRequest, found: Confirmable | None, language: str) -> HttpResponse:
    if found is None:
        return link_pages.say_unknown(request)
    contact = found.contact
    if contact is None:
        return link_pages.say_ended(request, _("Please simply reply to the mail."))
    whom = {"address": desk_of(contact)[1]}
    form = ConfirmForm(contact, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _take(found, contact, form)
        except TooMany:
            return link_pages.say_too_many(request, **whom)
        return link_pages.thanked(language)
    context = {
        "form": form,
        "state": contact.state.shown_name,
        "data": data_of(contact),
        "offered": ready(),
        **whom,
    }
    return render(request, "web/correspondence/confirm.html", context)


def _take(found: Confirmable, contact: Contact, form: ConfirmForm) -> None:
    what = form.cleaned_data["what"]
    if what == RIGHT:
        address_links.confirm(found.request, contact, timezone.localdate())
        return
    proposed = form.proposed()
    address_links.ask_for_change(
        found.request,
        contact,
        answer=ANSWERS[what],
        proposed=proposed,
        said=_said(proposed, form.cleaned_data["remark"]),
    )


def _said(proposed: Mapping[str, str], remark: str) -> str:
    """The answer as our staff read it."""
    with speaking(ENGLISH.code):
        labels = {"name": _("Name"), "office": _("Office"), "email": _("E-mail"), "language": _("Language")}
        lines = [
            _("%(label)s: %(value)s")
            % {
                "label": labels[name],
                "value": (Language(value).label if name == "language" else value) or _("nothing"),
            }
            for name, value in proposed.items()
        ]
    return "\n\n".join(filter(None, ("\n".join(lines), remark)))
