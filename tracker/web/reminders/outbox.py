"""The outbox: previews of mails, and the actions on reminders."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from email.header import decode_header, make_header
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from tracker.correspondence.addresses import doubts_about
from tracker.registry import limits
from tracker.registry.models import Contact
from tracker.registry.un_names import StateOrder
from tracker.reminders import outbox, send
from tracker.reminders.messages import MailFacts, calendar_name
from tracker.reminders.models import COVERING_MOST, WAITING, Mail, OutboxAct, Reminder, ReminderState
from tracker.reminders.outbox import FROM, What
from tracker.reminders.text.language import MailLanguage
from tracker.web.reminders.ledger import back_to_the_ledger, warn_of_changed, whom
from tracker.web.reminders.preview import asked_for, offered
from tracker.web.reminders.shown import ShownReminders, next_run
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.conflicts import VERSION, VersionField, compare, fingerprint
from tracker.web.ui.documents import as_download
from tracker.web.ui.form_fields import PlainForm
from tracker.web.ui.two_steps import FORM_CAN_TAKE
from tracker.web.ui.undo import keys_sent, with_undo_at_once

log = logging.getLogger(__name__)

MAY = "reminders.change_reminder"


# --- a mail before it goes ------------------------------------------------------------------------


@require_safe
def reminder_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/reminders/12/`: a reminder, the mail exactly as it will be sent, and the actions of staff on it."""
    return _shown(request, _the_reminder(pk))


def _the_reminder(pk: int) -> Reminder:
    """A reminder with the related rows that its page shows."""
    wanted = Reminder.objects.select_related("obligation__state", "rule", "mail", "contact")
    found: Reminder = get_object_or_404(wanted, pk=pk)
    return found


def _doubt(reminder: Reminder) -> str:
    """Why the address of a mail that waits is doubtful, in a sentence; empty if it is not."""
    if reminder.contact is None or reminder.state not in WAITING:
        return ""
    return doubts_about([reminder.contact]).get(reminder.contact.pk, "")


def _shown(request: HttpRequest, reminder: Reminder, form: CoveringForm | None = None) -> HttpResponse:
    """The page of a reminder.

    Args:
        form: the submitted covering note, if it is invalid.
    """
    message, mail, rows, problem, language = _ahead(reminder, asked_for(request))
    may = request.user.has_perm(MAY) and limits.may_change(request.user, {reminder.obligation.state_id})
    # The covering note belongs to the whole mail, which may be about several States.
    words = may and limits.may_change(request.user, {row.obligation.state_id for row in rows})
    besides = Reminder.objects.filter(recipient=reminder.recipient, state=ReminderState.HELD)
    context = offered(request) | {
        "reminder": reminder,
        "mail_language": language,
        "waits": reminder.state in WAITING,
        "doubt": _doubt(reminder),
        "next_run": next_run(),
        "mail": mail,
        "to": _decoded(message.to) if message else [],
        "reply_to": _decoded(message.reply_to) if message else [],
        "rows": rows,
        "problem": problem,
        "attachments": [_name_of(one) for one in message.attachments] if message else [],
        "besides": besides.exclude(pk__in=[row.pk for row in rows]).count() if rows else 0,
        "done": OutboxAct.objects.filter(reminders=reminder),
        "others": _other_contacts(reminder) if may and reminder.state in outbox.NOT_ARRIVED else None,
        "acts": [what for what in BUTTONS if reminder.state in FROM[what]] if may else [],
        "covering": (form or CoveringForm(reminder)) if words and rows else None,
    }
    return render(request, "web/reminders/reminder_detail.html", context)


@require_safe
def reminder_html(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part of the mail that will be sent."""
    _message, mail, *_rest = _ahead(get_object_or_404(Reminder, pk=pk), asked_for(request))
    if mail is None:
        raise Http404
    return HttpResponse(mail.html)


@require_safe
def reminder_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The calendar file of the mail that will be sent."""
    _message, mail, rows, *_rest = _ahead(get_object_or_404(Reminder, pk=pk), asked_for(request))
    if mail is None:
        raise Http404
    name = calendar_name(row.obligation.state_id for row in rows)
    return as_download(name, "text/calendar", mail.calendar)


def _ahead(
    reminder: Reminder, asked: str
) -> tuple[Any, Mail | None, list[Reminder], str, MailLanguage | None]:
    """The message and mail of a waiting reminder, the mail's rows, and the error if it cannot be written.

    Args:
        asked: the code of a language to write it in; empty for the one in which it will be sent.

    Returns:
        last, the language in which it will be sent.
    """
    today = timezone.localdate()
    rows = send.to_go(reminder, today) if reminder.state in WAITING else []
    if not rows:
        return None, None, [], "", None
    rows.sort(key=lambda row: (row.due_on, row.pk))
    language = None
    try:
        known = MailFacts.about(rows, today)
        language = known.language_of(rows)
        message, mail = send.written(rows, today, known, MailLanguage(asked) if asked else language)
    except Exception as error:  # the page shows the error that sending would meet
        log.exception("the mail to %s cannot be written", reminder.recipient)
        return None, None, rows, f"{type(error).__name__}: {error}", language
    return message, mail, rows, "", language


def _decoded(addresses: Sequence[str]) -> list[str]:
    """Addresses with their names in letters, which headers encode (RFC 2047)."""
    return [str(make_header(decode_header(address))) for address in addresses]


def _name_of(attachment: Any) -> str:
    """The file name of an attachment, which Django stores in one of two forms."""
    name = attachment[0] if isinstance(attachment, tuple) else attachment.get_filename()
    return str(name or _("unnamed"))


# --- the covering note of one mail -----------------------------------------------------------------


class PlainText(forms.CharField):
    """Plain text for a mail, with line feeds as line ends and no invisible characters."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            str(value or "").replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if found := outbox.unseen(value):
            line, character = found
            said = _(
                "Line %(line)d contains an invisible character (U+%(code)s). Delete it, or type the line again."
            )
            raise forms.ValidationError(said % {"line": line, "code": f"{ord(character):04X}"})


class CoveringForm(forms.Form):
    """The covering note of one mail, compared with the stored one before it is saved."""

    version = VersionField()
    covering = PlainText(
        label=gettext_lazy("Covering note"),
        required=False,
        max_length=COVERING_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Plain text after the salutation of this mail only. Write it in the language of the mail, which then stays "
            "as it is now. Leave it empty to remove the note."
        ),
        error_messages={
            "max_length": gettext_lazy(
                "Shorten the note to %(limit_value)d characters; it has %(show_value)d."
            )
        },
    )

    def __init__(self, reminder: Reminder, data: Any = None) -> None:
        words = reminder.covering
        super().__init__(data, initial={"covering": words, VERSION: fingerprint(words)})
        self.conflict = data and compare(
            self, fingerprint(words), {"covering": words}, lambda: _last_cover(reminder)
        )

    def clean(self) -> None:
        if self.conflict:
            self.add_error(None, self.conflict.said)


def _last_cover(reminder: Reminder) -> tuple[str, datetime | None]:
    """Who last saved the covering note of a reminder, and when."""
    act = OutboxAct.objects.filter(reminders=reminder, what=What.COVER).order_by("-at", "-pk").first()
    return (act.by, act.at) if act else ("", None)


@require_POST
@permission_required(MAY, raise_exception=True)
@transaction.atomic
def cover(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves the covering note of a reminder's mail, for all rows of the mail that are still waiting."""
    list(Reminder.objects.select_for_update().filter(pk=pk).values_list("pk"))  # one after the other
    reminder = _the_reminder(pk)
    today = timezone.localdate()
    going = send.to_go(reminder, today)
    rows = [row.pk for row in going]
    limits.check(request.user, outbox.states_of(Reminder.objects.filter(pk__in=[pk, *rows])))
    form = CoveringForm(reminder, request.POST)
    if rows and not form.is_valid():
        return _shown(request, reminder, form)
    words = form.cleaned_data["covering"] if rows else ""
    # The note belongs to the words that its author saw.
    language = MailFacts.about(going, today).language_of(going).code if words else ""
    by = request.user.get_username()
    if not outbox.cover(Reminder.objects.filter(pk__in=rows), words, by=by, language=language):
        messages.warning(request, _("Not saved: this mail is being sent, was sent, or was cancelled."))
    elif words:
        said = _("Saved: the mail to %(whom)s now has this covering note.")
        messages.success(request, said % {"whom": reminder.recipient})
    else:
        messages.success(
            request, _("Saved: the mail to %(whom)s has no covering note.") % {"whom": reminder.recipient}
        )
    return redirect("reminder", pk)


# --- another contact ------------------------------------------------------------------------------


def _other_contacts(reminder: Reminder) -> QuerySet[Contact]:
    """The active contacts of a reminder's State with another address than its recipient."""
    theirs = Contact.objects.filter(state=reminder.obligation.state_id, active=True)
    return theirs.exclude(email__iexact=reminder.recipient)


@require_POST
@permission_required(MAY, raise_exception=True)
def to_another(request: HttpRequest, pk: int) -> HttpResponse:
    """Sends a reminder that did not arrive to another contact of its State."""
    reminder = _the_reminder(pk)
    limits.check(request.user, {reminder.obligation.state_id})
    key = request.POST.get("contact", "")
    contact = _other_contacts(reminder).filter(pk=int(key)).first() if WHOLE.fullmatch(key) else None
    if reminder.state not in outbox.NOT_ARRIVED:
        messages.warning(request, _("Nothing was done: this reminder has changed in the meantime."))
    elif contact is None:
        messages.warning(request, _("Nothing was done. Select an active contact."))
    else:
        try:
            new = outbox.send_to_another(
                reminder, contact, by=request.user.get_username(), day=timezone.localdate()
            )
        except outbox.AlreadyWritten:
            said = _(
                "Nothing was done: %(whom)s has this reminder, or another mail about this report, already."
            )
            messages.warning(request, said % {"whom": contact.email})
        else:
            said = _("The reminder will be sent to %(whom)s with the next run, at %(time)s UTC.")
            messages.success(request, said % {"whom": contact.email, "time": next_run()})
            return redirect("reminder", new.pk)
    return redirect("reminder", pk)


# --- actions on reminders -------------------------------------------------------------------------


class ActForm(PlainForm):
    """The reason of an action; to send again what may have arrived, also a confirmation."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=200,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=gettext_lazy("Recorded with each of these reminders, for example who asked for it."),
        error_messages={
            "required": gettext_lazy("Enter a reason. It is recorded with each of these reminders.")
        },
    )
    knows = forms.BooleanField(
        label=gettext_lazy("I know that the mail may have arrived already"),
        error_messages={
            "required": gettext_lazy(
                "Confirm that you know that the mail may have arrived already, or deselect these reminders."
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
            "It is not known whether %(n)d of these was sent. If you can, ask the recipient first.",
            "It is not known whether %(n)d of these were sent. If you can, ask the recipients first.",
            unknown,
        ) % {"n": unknown}


@require_POST
@permission_required(MAY, raise_exception=True)
def act_upon(request: HttpRequest) -> HttpResponse:
    """Asks for the reason of an action on the selected reminders, then carries it out."""
    what = request.POST.get("act", "")
    keys = {int(raw) for raw in request.POST.getlist("pick") if WHOLE.fullmatch(raw)}
    if len(keys) > FORM_CAN_TAKE:
        said = _("Nothing was done. Select at most %(n)d reminders at once.") % {"n": FORM_CAN_TAKE}
        messages.warning(request, said)
        return back_to_the_ledger(request)
    chosen = Reminder.objects.filter(pk__in=keys)
    limits.check(request.user, outbox.states_of(chosen))
    rows = list(
        chosen.filter(state__in=FROM[what] if what in BUTTONS else ())
        .select_related("obligation__state", "rule")
        .order_by(StateOrder("obligation__state"), "due_on", "recipient", "pk")
    )
    if not rows and "step" in request.POST and chosen.exists():
        warn_of_changed(request, keys)
        return back_to_the_ledger(request)
    if not rows:
        messages.warning(
            request, _("Nothing was done. Select at least one reminder that allows this action.")
        )
        return back_to_the_ledger(request)
    asked = "step" in request.POST
    unknown = sum(row.state == ReminderState.UNKNOWN for row in rows)
    form = ActForm(request.POST if asked else None, what=what, unknown=unknown)
    if asked and form.is_valid():
        shown = ShownReminders.sent(request) or ShownReminders.of(rows)
        # The person did not confirm reminders whose sending became unknown meanwhile.
        if what == What.RESEND and "knows" not in form.fields:
            chosen = chosen.exclude(state=ReminderState.UNKNOWN)
        _act(request, what, shown.unchanged(chosen), keys, form.cleaned_data["reason"])
        return back_to_the_ledger(request)
    context = {
        "what": what,
        "title": title_of(what, rows),
        "follows": FOLLOWS[What(what)] % {"time": next_run()},
        "button": BUTTONS[What(what)],
        "form": form,
        "rows": rows,
        "shown": ShownReminders.of(rows),
        "left_out": len(keys) - len(rows),
        "list": request.POST.get("list", ""),
    }
    return render(request, "web/reminders/outbox_act.html", context)


def _act(request: HttpRequest, what: str, chosen: QuerySet[Reminder], asked: set[int], reason: str) -> None:
    """Carries out an action; says which reminders it changed and which had changed meanwhile."""
    keys = outbox.act(what, chosen, by=request.user.get_username(), reason=reason)
    if keys:
        said = message_of(what, len(keys)) % {
            "n": len(keys),
            "whom": whom(Reminder.objects.filter(pk__in=keys)),
            "time": next_run(),
        }
        if what == What.HOLD:
            said = with_undo_at_once(request, said, reverse("outbox-undo"), keys)
        messages.success(request, said)
    warn_of_changed(request, asked - set(keys))


@require_POST
@permission_required(MAY, raise_exception=True)
def undo_hold(request: HttpRequest) -> HttpResponse:
    """Undoes a hold, for the reminders that are still held."""
    keys = keys_sent(request)
    limits.check(request.user, outbox.states_of(Reminder.objects.filter(pk__in=keys)))
    by = request.user.get_username()
    rows = Reminder.objects.filter(pk__in=keys, last_act__what=What.HOLD, last_act__by=by)
    mine = Reminder.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
    count = send.approve(mine, by=by)
    if count:
        said = ngettext(
            "%(n)d reminder to %(whom)s will be sent with the next run, at %(time)s UTC.",
            "%(n)d reminders to %(whom)s will be sent with the next run, at %(time)s UTC.",
            count,
        ) % {"n": count, "whom": whom(mine), "time": next_run()}
        messages.success(request, said)
    else:
        messages.warning(request, _("Nothing was undone: these reminders are no longer held."))
    return back_to_the_ledger(request)


# The actions on selected reminders, with the labels of their buttons.
BUTTONS: dict[str, Any] = {
    What.APPROVE: gettext_lazy("Approve"),
    What.HOLD: gettext_lazy("Hold"),
    What.CANCEL: gettext_lazy("Cancel reminders"),
    What.RESEND: gettext_lazy("Send again"),
}
FOLLOWS = {
    What.APPROVE: gettext_lazy("They will be sent with the next run, at %(time)s UTC."),
    What.HOLD: gettext_lazy("They wait until somebody approves them."),
    What.CANCEL: gettext_lazy("They are never planned again. Later stages of the same reports still are."),
    What.RESEND: gettext_lazy(
        "They will be sent with the next run, at %(time)s UTC. Attempts are counted from zero."
    ),
}


def title_of(what: str, rows: Sequence[Reminder]) -> str:
    """The question with its counts, for example “Cancel 12 reminders to 9 States?”."""
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


def message_of(what: str, n: int) -> str:
    """The message after an action, with placeholders `n`, `whom` and `time`."""
    if what == What.HOLD:
        return ngettext(
            "%(n)d reminder to %(whom)s is held until it is approved.",
            "%(n)d reminders to %(whom)s are held until they are approved.",
            n,
        )
    if what == What.CANCEL:
        return ngettext("%(n)d reminder to %(whom)s cancelled.", "%(n)d reminders to %(whom)s cancelled.", n)
    if what == What.RESEND:
        return ngettext(
            "%(n)d reminder to %(whom)s will be sent again with the next run, at %(time)s UTC.",
            "%(n)d reminders to %(whom)s will be sent again with the next run, at %(time)s UTC.",
            n,
        )
    return ngettext(
        "%(n)d reminder to %(whom)s approved; it will be sent with the next run, at %(time)s UTC.",
        "%(n)d reminders to %(whom)s approved; they will be sent with the next run, at %(time)s UTC.",
        n,
    )
