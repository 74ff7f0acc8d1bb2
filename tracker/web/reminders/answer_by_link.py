"""The page on which a State's contact answers a mail, through the link in the mail and without signing in.

Opening it changes nothing, because mail scanners follow links. It shows nothing that the mail does not say. An answer
creates tasks for staff and changes no record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from tracker.languages.known import ENGLISH, speaking
from tracker.languages.typed import as_symbol
from tracker.languages.writing import in_words
from tracker.obligations.models import MOST_YEARS_AHEAD, Precision
from tracker.reminders import answers, wording
from tracker.reminders.models import Reminder, StaffTask
from tracker.reminders.text.language import ready
from tracker.rules.dates import add_years
from tracker.rules.entry_into_force import OPSC_IN_FORCE
from tracker.web.languages import link_pages
from tracker.web.ui.documents import address_of
from tracker.web.ui.form_fields import PlainForm, PrintedDayField

What = StaffTask.Answer
DATED = (What.SENT, What.COMING, What.MORE_TIME, What.NEW_DATE)
LONGEST = 2000  # characters of a remark
ADDRESS = re.compile(r"[^\s,;<>()]+@[^\s,;<>()]+\.[^\s,;<>()]+")
FURTHEST_YEARS = 5  # a later day is a typing error: the next report would be due before it
# The recipient's date may differ from ours by a day: UTC+14 in Kiritimati, UTC-12 at sea.
ELSEWHERE = timedelta(days=1)


class AnswerForm(PlainForm):
    """A recipient's answer, for one or more reports of the mail."""

    reports = forms.MultipleChoiceField(
        label=gettext_lazy("Which reports do you answer for?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Select at least one report."),
            "invalid_choice": gettext_lazy("One of the reports is not in the mail. Select them again."),
        },
    )
    what = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the answers.")},
    )
    day = PrintedDayField(
        label=gettext_lazy("Day"),
        required=False,
        help_text=gettext_lazy(
            "The day on which it was sent, by which it will be sent, until which you ask for more time, or that the "
            "Committee gave."
        ),
    )
    document = forms.CharField(
        label=gettext_lazy("If the Committee gave another date, in which document?"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
        help_text=gettext_lazy(
            "Its symbol, for example CRC/C/OPSC/USA/CO/2. If it has none, describe the document in the remark."
        ),
    )
    instead = forms.CharField(
        label=gettext_lazy("If you are the wrong contact, to whom should we write?"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Name and e-mail address, if you know them."),
    )
    remark = forms.CharField(
        label=gettext_lazy("Remark"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Anything else that we should know."),
    )

    def __init__(self, reminders: Sequence[Reminder], today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reminders, self.today = {str(row.pk): row for row in reminders}, today
        several = len(self.reminders) > 1
        chosen: Any = self.fields["reports"]
        chosen.choices = [(key, _named(row)) for key, row in self.reminders.items()]
        chosen.initial = list(self.reminders)
        if not several:
            del self.fields["reports"]
        self.fields["what"].choices = [
            (
                What.SENT.value,
                _("They were sent on the day below") if several else _("It was sent on the day below"),
            ),
            (
                What.COMING.value,
                _("They will be sent by the day below") if several else _("It will be sent by the day below"),
            ),
            (What.MORE_TIME.value, _("We ask for more time, until the day below")),
            (What.NEW_DATE.value, _("The Committee gave us another date, the one below")),
            (What.WRONG.value, _("I am the wrong contact")),
        ]

    def clean_document(self) -> str:
        # People copy it from texts that are written from right to left, with marks that nobody sees.
        return as_symbol("".join(filter(str.isprintable, self.cleaned_data["document"])).strip())

    def clean_instead(self) -> str:
        return link_pages.plain(self.cleaned_data["instead"])

    def clean_remark(self) -> str:
        return link_pages.plain(self.cleaned_data["remark"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        what = values.get("what", "")
        if what in DATED and "day" in values:
            exact = what == What.NEW_DATE or self.precision == Precision.DAY
            if problem := _wrong_day(what, values["day"] if exact else None, self.today):
                self.add_error("day", problem)
        if what == What.NEW_DATE and "document" in values and "remark" in values:
            symbol = values["document"]
            if not (address_of(symbol) if symbol else values["remark"]):
                self.add_error(
                    "document",
                    _(
                        "Enter the symbol as the document prints it, for example CRC/C/OPSC/USA/CO/2. If it has "
                        "none, leave this empty and describe the document in the remark."
                    ),
                )
        return values

    @property
    def precision(self) -> str:
        """How exactly the day was entered."""
        return self.fields["day"].precision or Precision.DAY.value

    def chosen(self) -> list[Reminder]:
        """The reminders of the selected reports."""
        keys = self.cleaned_data.get("reports", self.reminders)
        return [self.reminders[key] for key in keys]

    def as_answer(self) -> answers.ContactAnswer:
        """The answer, without fields that belong to another answer."""
        values = self.cleaned_data
        what = values["what"]
        said = [values["remark"]]
        if what == What.WRONG and values["instead"]:
            with speaking(ENGLISH.code):  # it is for our staff
                said.insert(0, _("Write instead to: %(whom)s") % {"whom": values["instead"]})
        return answers.ContactAnswer(
            what,
            values["day"] if what in DATED else None,
            "\n\n".join(filter(None, said)),
            self.precision if what in DATED else Precision.DAY.value,
            values["document"] if what == What.NEW_DATE else "",
            _other_contact(values["instead"]) if what == What.WRONG else {},
        )


def _other_contact(text: str) -> dict[str, str]:
    """Name and address in a text such as “Ann Other, ann@example.org”, for the form of a contact; empty without one."""
    found = ADDRESS.search(text)
    if found is None:
        return {}
    name = text.replace(found[0], " ").strip(" \t\n,;:<>()")
    return {"email": found[0]} | ({"name": name[:120]} if name else {})


def _named(row: Reminder) -> str:
    return wording.line(row.obligation.state.shown_name, row.obligation, row.due_on)


def _wrong_day(what: str, day: date | None, today: date) -> str:
    """The error message for the day of an answer; empty if the day is valid."""
    first, last = today - ELSEWHERE, add_years(today, FURTHEST_YEARS)
    if what == What.SENT:
        first, last = OPSC_IN_FORCE, today + ELSEWHERE
        told = _("Enter a day from %(first)s to %(last)s: the day on which it was sent.")
    elif what == What.MORE_TIME:
        first = today + timedelta(days=1)
        told = _("Enter a day from %(first)s to %(last)s: the day until which you ask for more time.")
    elif what == What.NEW_DATE:
        first, last = OPSC_IN_FORCE + timedelta(days=1), add_years(today, MOST_YEARS_AHEAD)
        told = _("Enter a day from %(first)s to %(last)s, or a year: the date that the Committee gave.")
    else:
        told = _("Enter a day from %(first)s to %(last)s: the day by which it will be sent.")
    valid = day is not None and first <= day <= last
    return "" if valid else told % {"first": in_words(first), "last": in_words(last)}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def answer_page(request: HttpRequest, token: str) -> HttpResponse:
    """`/answer/…/`: takes a recipient's answer and creates tasks for staff."""
    today = timezone.localdate()
    found = answers.find(token, today)
    language = link_pages.language_of_link(request, found.mail.language if found else "")
    with speaking(language):
        return link_pages.kept_to_itself(_answered(request, found, today, language))


def _answered(
    request: HttpRequest, found: answers.Answerable | None, today: date, language: str
) -> HttpResponse:
    if found is None:
        return link_pages.say_unknown(request)
    if not found.is_open:
        return link_pages.say_ended(request, link_pages.write_instead(**_whom(found)))
    form = AnswerForm(found.reminders, today, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            answers.take(found.mail, form.chosen(), form.as_answer())
        except answers.TooMany:
            return link_pages.say_too_many(request, **_whom(found))
        return link_pages.thanked(language)
    context = {
        "form": form,
        "opening": wording.answered_for([row.obligation for row in found.reminders]),
        "about": [_named(row) for row in found.reminders],
        "offered": ready(),
        **_whom(found),
    }
    return render(request, "web/reminders/answer.html", context)


@login_not_required
@require_safe
def thanks(request: HttpRequest) -> HttpResponse:
    """`/answer/thanks/`: confirms the answer. The page is the same for everybody and names no mail."""
    with speaking(link_pages.language_of_link(request, "")):
        return link_pages.kept_to_itself(
            link_pages.say(
                request,
                200,
                _("Thank you"),
                [_("We have received your answer and will read it."), _("You can close this page.")],
            )
        )


def _whom(found: answers.Answerable) -> dict[str, str]:
    rows = found.reminders or list(found.mail.reminders.select_related("obligation__state__desk_officer"))
    return {"address": ", ".join(answers.desk_addresses(rows))}
