"""The outbox: a mail read before it goes, what a person does to reminders, and what is ahead."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from tracker.registry import limits
from tracker.reminders import outbox, send
from tracker.reminders.messages import calendar_name
from tracker.reminders.models import COVERING_MOST, WAITING, Mail, OutboxAct, Reminder, ReminderState
from tracker.reminders.outbox import FROM, What
from tracker.web.reminders.ledger import back_to_the_ledger, whom
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.two_steps import FORM_CAN_TAKE
from tracker.web.ui.undo import keys_sent, with_undo_at_once

log = logging.getLogger(__name__)

MAY = "reminders.change_reminder"


# --- a mail before it goes ------------------------------------------------------------------------


@require_safe
def reminder_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/reminders/12/`: a reminder, the mail exactly as it will go, and what people did to it."""
    return _shown(request, _the_reminder(pk))


def _the_reminder(pk: int) -> Reminder:
    """A reminder with all that its page tells of it."""
    wanted = Reminder.objects.select_related("obligation__state", "rule", "mail")
    found: Reminder = get_object_or_404(wanted, pk=pk)
    return found


def _shown(request: HttpRequest, reminder: Reminder, form: CoveringForm | None = None) -> HttpResponse:
    """The page of a reminder.

    Args:
        form: the covering words as somebody sent them, where they cannot be kept.
    """
    message, mail, rows, problem = _ahead(reminder)
    may = request.user.has_perm(MAY) and limits.may_change(request.user, {reminder.obligation.state_id})
    # The words stand in a mail for all that it speaks of, which may be about several States.
    words = may and limits.may_change(request.user, {row.obligation.state_id for row in rows})
    besides = Reminder.objects.filter(recipient=reminder.recipient, state=ReminderState.HELD)
    context = {
        "reminder": reminder,
        "waits": reminder.state in WAITING,
        "mail": mail,
        "message": message,
        "rows": rows,
        "problem": problem,
        "attachments": [_name_of(one) for one in message.attachments] if message else [],
        "besides": besides.exclude(pk__in=[row.pk for row in rows]).count() if rows else 0,
        "done": OutboxAct.objects.filter(reminders=reminder),
        "acts": [what for what in BUTTONS if reminder.state in FROM[what]] if may else [],
        "covering": (form or CoveringForm(initial={"covering": reminder.covering}))
        if words and rows
        else None,
    }
    return render(request, "web/reminders/reminder_detail.html", context)


@require_safe
def reminder_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part of the mail that will go, alone."""
    _message, mail, _rows, _problem = _ahead(get_object_or_404(Reminder, pk=pk))
    if mail is None:
        raise Http404
    return HttpResponse(mail.html)


@require_safe
def reminder_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The calendar file of the mail that will go."""
    _message, mail, rows, _problem = _ahead(get_object_or_404(Reminder, pk=pk))
    if mail is None:
        raise Http404
    return calendar_file(mail, calendar_name(row.obligation.state_id for row in rows))


def calendar_file(mail: Mail, name: str) -> HttpResponse:
    """What is attached to a mail, under the name that it has there."""
    disposition = content_disposition_header(True, name)
    return HttpResponse(
        mail.calendar,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": str(disposition)},
    )


def _ahead(reminder: Reminder) -> tuple[Any, Mail | None, list[Reminder], str]:
    """The message and the mail that a reminder will go in, its rows, and why it cannot be written, if so."""
    today = timezone.localdate()
    rows = send.to_go(reminder, today) if reminder.state in WAITING else []
    if not rows:
        return None, None, [], ""
    rows.sort(key=lambda row: (row.due_on, row.pk))
    try:
        message, mail = send.written(rows, today)
    except Exception as error:  # the page tells what the sender would meet with
        log.exception("the mail to %s cannot be written", reminder.recipient)
        return None, None, rows, f"{type(error).__name__}: {error}"
    return message, mail, rows, ""


def _name_of(attachment: Any) -> str:
    """The file name of an attachment, in either of the forms in which a mail may hold it."""
    name = attachment[0] if isinstance(attachment, tuple) else attachment.get_filename()
    return str(name or _("without name"))


# --- the words that one mail begins with -----------------------------------------------------------


class PlainText(forms.CharField):
    """Lines of text that a mail can show as they are, its lines ended by line feeds."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            str(value or "").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if found := outbox.unseen(value):
            line, character = found
            said = _(
                "Line %(line)d holds a character that nobody could see (U+%(code)s): delete it, or type the line anew."
            )
            raise forms.ValidationError(said % {"line": line, "code": f"{ord(character):04X}"})


class CoveringForm(forms.Form):
    """What a person puts before one mail."""

    covering = PlainText(
        label=_lazy("Covering words"),
        required=False,
        max_length=COVERING_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_lazy(
            "Plain text, put after the salutation of this one mail, for all that it speaks of. Empty takes the words "
            "out again."
        ),
        error_messages={
            "max_length": _lazy(
                "Shorten the words to %(limit_value)d characters: they are %(show_value)d characters long."
            )
        },
    )


@require_POST
@permission_required(MAY, raise_exception=True)
def cover(request: HttpRequest, pk: int) -> HttpResponse:
    """Keeps the words that the mail of a reminder begins with, for all rows of that mail as long as they wait."""
    reminder = _the_reminder(pk)
    rows = [row.pk for row in send.to_go(reminder, timezone.localdate())]
    limits.check(request.user, outbox.states_of(Reminder.objects.filter(pk__in=[pk, *rows])))
    form = CoveringForm(request.POST)
    if not form.is_valid():
        return _shown(request, reminder, form)
    words = form.cleaned_data["covering"]
    if not outbox.cover(Reminder.objects.filter(pk__in=rows), words, by=request.user.get_username()):
        messages.warning(request, _("Nothing was kept: this mail is just going, has gone, or goes no more."))
    elif words:
        said = _("Kept: the mail to %(whom)s begins with these words.")
        messages.success(request, said % {"whom": reminder.recipient})
    else:
        messages.success(
            request, _("Kept: the mail to %(whom)s has no covering words.") % {"whom": reminder.recipient}
        )
    return redirect("reminder", pk)


# --- what is ahead --------------------------------------------------------------------------------


# --- what a person does ---------------------------------------------------------------------------


class ActForm(forms.Form):
    """Why something is done; for what may have arrived already, that the person knows it."""

    use_required_attribute = False  # the sentences below say more than the browser's own
    reason = forms.CharField(
        label=_lazy("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=_lazy("Kept with each of these reminders, for example who asked for it."),
        error_messages={"required": _lazy("Say why; it is kept with each of these reminders.")},
    )
    knows = forms.BooleanField(
        label=_lazy("I know that the mail may have arrived already"),
        error_messages={
            "required": _lazy(
                "Tick that you know that the mail may have arrived already, or take these reminders out."
            )
        },
    )

    def __init__(self, *args: Any, what: str, unknown: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = what in outbox.NEEDS_REASON
        if what != What.RESEND or not unknown:
            del self.fields["knows"]
            return
        self.fields["knows"].help_text = ngettext(
            "Of %(n)d of these it is not known whether it was sent. Ask the recipient first if you can.",
            "Of %(n)d of these it is not known whether they were sent. Ask the recipients first if you can.",
            unknown,
        ) % {"n": unknown}


@require_POST
@permission_required(MAY, raise_exception=True)
def act_upon(request: HttpRequest) -> HttpResponse:
    """Asks whether something is to be done to the reminders that were ticked, and why; then does it."""
    what = request.POST.get("act", "")
    keys = {int(raw) for raw in request.POST.getlist("pick") if WHOLE.fullmatch(raw)}
    if len(keys) > FORM_CAN_TAKE:
        said = _("Nothing was done: tick at most %(n)d reminders at once.") % {"n": FORM_CAN_TAKE}
        messages.warning(request, said)
        return back_to_the_ledger(request)
    chosen = Reminder.objects.filter(pk__in=keys)
    limits.check(request.user, outbox.states_of(chosen))
    rows = list(
        chosen.filter(state__in=FROM[what] if what in BUTTONS else ())
        .select_related("obligation__state", "rule")
        .order_by("obligation__state__name", "due_on", "recipient", "pk")
    )
    if not rows:
        messages.warning(request, _("Nothing was done: tick at least one reminder that this can be done to."))
        return back_to_the_ledger(request)
    asked = "step" in request.POST
    unknown = sum(row.state == ReminderState.UNKNOWN for row in rows)
    form = ActForm(request.POST if asked else None, what=what, unknown=unknown)
    if asked and form.is_valid():
        # What became unknown since the person was asked is not what she agreed to.
        if what == What.RESEND and "knows" not in form.fields:
            chosen = chosen.exclude(state=ReminderState.UNKNOWN)
        _act(request, what, chosen, len(keys), form.cleaned_data["reason"])
        return back_to_the_ledger(request)
    context = {
        "what": what,
        "title": title_of(what, rows),
        "follows": FOLLOWS[What(what)],
        "button": BUTTONS[What(what)],
        "form": form,
        "rows": rows,
        "left_out": len(keys) - len(rows),
        "list": request.POST.get("list", ""),
    }
    return render(request, "web/reminders/outbox_act.html", context)


def _act(request: HttpRequest, what: str, chosen: QuerySet[Reminder], asked: int, reason: str) -> None:
    """Does it, and says to how many of those asked for and how many had moved on."""
    keys = outbox.act(what, chosen, by=request.user.get_username(), reason=reason)
    if keys:
        said = told(what, len(keys)) % {"n": len(keys), "whom": whom(Reminder.objects.filter(pk__in=keys))}
        if what == What.HOLD:
            said = with_undo_at_once(request, said, reverse("outbox-undo"), keys)
        messages.success(request, said)
    if gone := asked - len(keys):
        said = ngettext(
            "%(n)d reminder had moved on in the meantime and was left as it is.",
            "%(n)d reminders had moved on in the meantime and were left as they are.",
            gone,
        )
        messages.warning(request, said % {"n": gone})


@require_POST
@permission_required(MAY, raise_exception=True)
def undo_hold(request: HttpRequest) -> HttpResponse:
    """Lets go again what was held a moment ago, as far as it is still held."""
    keys = keys_sent(request)
    limits.check(request.user, outbox.states_of(Reminder.objects.filter(pk__in=keys)))
    rows = Reminder.objects.filter(pk__in=keys, last_act__what=What.HOLD)
    mine = Reminder.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
    count = send.approve(mine, by=request.user.get_username())
    if count:
        said = ngettext(
            "%(n)d reminder to %(whom)s goes out with the next run again.",
            "%(n)d reminders to %(whom)s go out with the next run again.",
            count,
        ) % {"n": count, "whom": whom(mine)}
        messages.success(request, said)
    else:
        messages.warning(request, _("Nothing was undone: no reminder that was held just now was named."))
    return back_to_the_ledger(request)


# The acts that are done to reminders that were ticked, with the words of their buttons.
BUTTONS: dict[str, Any] = {
    What.APPROVE: _lazy("Approve"),
    What.HOLD: _lazy("Hold"),
    What.CANCEL: _lazy("Cancel the reminders"),
    What.RESEND: _lazy("Send again"),
}
FOLLOWS = {
    What.APPROVE: _lazy("They go out with the next run."),
    What.HOLD: _lazy("They wait until somebody approves them."),
    What.CANCEL: _lazy("They are never planned again; the later stages of the same reports still are."),
    What.RESEND: _lazy("They go out with the next run, and their attempts are counted anew."),
}


def title_of(what: str, rows: Sequence[Reminder]) -> str:
    """The question, with its counts: “Cancel 12 reminders to 9 States?”."""
    patterns = {
        What.APPROVE: _("Approve %(reminders)s to %(states)s?"),
        What.HOLD: _("Hold %(reminders)s to %(states)s?"),
        What.CANCEL: _("Cancel %(reminders)s to %(states)s?"),
        What.RESEND: _("Send %(reminders)s to %(states)s again?"),
    }
    states = len({row.obligation.state_id for row in rows})
    return patterns[What(what)] % {
        "reminders": ngettext("%(n)d reminder", "%(n)d reminders", len(rows)) % {"n": len(rows)},
        "states": ngettext("%(n)d State", "%(n)d States", states) % {"n": states},
    }


def told(what: str, n: int) -> str:
    """The sentence that it was done, with places for `n` and `whom`."""
    if what == What.HOLD:
        return ngettext(
            "%(n)d reminder to %(whom)s held; it waits for approval.",
            "%(n)d reminders to %(whom)s held; they wait for approval.",
            n,
        )
    if what == What.CANCEL:
        return ngettext("%(n)d reminder to %(whom)s cancelled.", "%(n)d reminders to %(whom)s cancelled.", n)
    if what == What.RESEND:
        return ngettext(
            "%(n)d reminder to %(whom)s planned again; it goes out with the next run.",
            "%(n)d reminders to %(whom)s planned again; they go out with the next run.",
            n,
        )
    return ngettext(
        "%(n)d reminder to %(whom)s approved; it goes out with the next run.",
        "%(n)d reminders to %(whom)s approved; they go out with the next run.",
        n,
    )
