"""The mails about reminders, from the templates of the same name."""

from __future__ import annotations

import hashlib
import re
import textwrap
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from email.mime.text import MIMEText
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.languages.writing import in_words
from tracker.obligations.models import Obligation
from tracker.obligations.wording import OF_REMINDERS, cited, ordinal
from tracker.registry.desks import Desks
from tracker.registry.models import Contact
from tracker.reminders import calendar, links, wording
from tracker.reminders.models import CalendarEntry, Reminder, ReminderState
from tracker.reminders.outgoing import AutomaticMail, sender, to_person
from tracker.rules.dates import add_years

LINE = 76  # characters in a line of plain text; only a longer word exceeds it
NO_BREAK = "\N{NO-BREAK SPACE}"
LATEST = 5  # earlier mails in References, beside the first


@dataclass(frozen=True)
class MailFacts:
    """Data that mails need in addition to their reminders; read once for many mails.

    Attributes:
        with_contact: the States that have an active contact.
        before: the days of earlier reminders by recipient, obligation and due date, earliest first.
        mails: obligation and Message-ID of earlier reminders by recipient, earliest first.
        entries: the calendar entries by obligation.
        printed: the due date in UN documents by obligation, if one is recorded.
    """

    desks: Desks
    with_contact: set[str]
    before: dict[tuple[str, int, date], list[date]]
    mails: dict[str, list[tuple[int, str]]]
    entries: dict[int, CalendarEntry]
    printed: dict[int, str]

    @classmethod
    def about(cls, rows: Sequence[Reminder], day: date) -> MailFacts:
        """Reads what the mails about some reminders need, in five queries."""
        states = {row.obligation.state_id for row in rows}
        contacts = Contact.objects.filter(active=True, state__in=states)
        obligations = {row.obligation_id for row in rows}
        sent = Reminder.objects.filter(
            state=ReminderState.SENT,
            recipient__in={row.recipient for row in rows},
            obligation__in=obligations,
        ).exclude(pk__in=[row.pk for row in rows])
        before: dict[tuple[str, int, date], list[date]] = defaultdict(list)
        mails: dict[str, list[tuple[int, str]]] = defaultdict(list)
        columns = ("recipient", "obligation", "due_on", "sent_on", "mail__message_id")
        for recipient, obligation, due_on, sent_on, mail in sent.order_by("sent_at", "pk").values_list(
            *columns
        ):
            if sent_on:
                before[recipient, obligation, due_on].append(sent_on)
            if mail:
                mails[recipient].append((obligation, mail))
        printed = Obligation.objects.filter(pk__in=obligations).order_by().with_printed(day)
        return cls(
            Desks.read(),
            set(contacts.values_list("state_id", flat=True)),
            before,
            mails,
            calendar.entries_of(obligations),
            dict(printed.exclude(printed="").values_list("pk", "printed")),
        )


def reminder(rows: Sequence[Reminder], day: date, known: MailFacts | None = None) -> AutomaticMail:
    """The mail to one recipient about all their reminders, overdue reports first.

    The same reminders on the same day give the same text, HTML, Message-ID and calendar file, unless another reminder
    was sent in between.

    Args:
        rows: reminders to one recipient, with obligation, State, rule and contact.
        known: what was read for several mails; None to read it for this one.
    """
    known = known or MailFacts.about(rows, day)
    rows = sorted(rows, key=lambda row: (row.due_on, row.pk))
    contacts = [row.contact for row in rows if row.contact is not None]
    answer_to = (_officers(rows, known.desks) if contacts else []) or [desk_mailbox()]
    items = _items(rows, day, known, to_state=bool(contacts))
    key = message_id(rows)
    context = {
        "name": one_line(rows[0].recipient_name),
        "to_state": bool(contacts),
        "copy": bool(contacts) and all(contact.copy == Contact.Copy.CC for contact in contacts),
        "coverings": list(dict.fromkeys(row.covering for row in rows if row.covering)),
        "wordings": list(dict.fromkeys(row.rule.wording for row in rows if row.rule.wording)),
        "opening": wording.opening([row.obligation for row in rows], to_state=bool(contacts)),
        "items": items,
        "sender": sender()[0] or sender()[1],
        "answer_to": ", ".join(f"{name} <{address}>" if name else address for name, address in answer_to),
        "answer_link": links.answer_link(key, rows, day),
    }
    message = AutomaticMail(
        subject=_subject(rows, items[0]["number"]),
        body=wrapped(render_to_string("reminders/reminder.txt", context)),
        to=[to_person(one_line(rows[0].recipient_name), rows[0].recipient)],
        reply_to=[to_person(name, address) for name, address in answer_to],
        headers={"Message-ID": key} | _thread(rows, key, known),
    )
    message.attach_alternative(render_to_string("reminders/reminder.html", context), "text/html")
    message.attach(_calendar_file(rows, day, known))
    return message


def message_id(rows: Sequence[Reminder]) -> str:
    """The Message-ID, made from the ledger keys: the same reminders always have the same one."""
    return message_id_of("\n".join(sorted(row.key for row in rows)))


def message_id_of(key: str) -> str:
    """The Message-ID for a key of a ledger."""
    domain = sender()[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def _thread(rows: Sequence[Reminder], key: str, known: MailFacts) -> dict[str, str]:
    """The headers by which mail programs show a mail below the earlier ones to its recipient about its reports."""
    about = {row.obligation_id for row in rows}
    earlier = known.mails.get(rows[0].recipient, [])
    ids = [mail for obligation, mail in earlier if obligation in about and mail != key and mail.isascii()]
    ids = list(dict.fromkeys(ids))
    if not ids:
        return {}
    return {"In-Reply-To": ids[-1], "References": " ".join(dict.fromkeys([ids[0], *ids[-LATEST:]]))}


def calendar_name(states: Iterable[str]) -> str:
    """The name of the calendar file; with the State's code if the mail is about one State."""
    about = set(states)
    return f"article-12-{about.pop()}.ics" if len(about) == 1 else "due-dates.ics"


def calendar_of(message: EmailMessage) -> str:
    """The calendar file of a mail as text; empty if it has none."""
    for part in message.attachments:
        if isinstance(part, MIMEText):
            content: Any = part.get_payload(decode=True)
            return str(content.decode())
    return ""


def _calendar_file(rows: Sequence[Reminder], day: date, known: MailFacts) -> MIMEText:
    """The due dates as an attachment; in base64, which preserves line ends."""
    part = MIMEText(calendar.attached(rows, day, known.entries), "calendar", "utf-8")
    part.set_param("method", "PUBLISH")  # as in the file: an announcement, not an invitation
    name = calendar_name(row.obligation.state_id for row in rows)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def _which(before: Sequence[date], due_on: date, day: date) -> str:
    """A sentence: which reminder about the report this is on a day, after those sent on these days.

    A report that is long overdue may have been the subject of letters that the tracker does not know.
    """
    if not before and add_years(due_on, 1) < day:
        return _("This is the first reminder about this report that this system sends.")
    if not before:
        return _("This is the first reminder about this report.")
    if len(before) == 1:
        pattern = _("This is the %(which)s reminder about this report; the first was sent on %(first)s.")
    else:
        pattern = _(
            "This is the %(which)s reminder about this report; the first was sent on %(first)s, the latest on "
            "%(latest)s."
        )
    return pattern % {
        "which": ordinal(len(before) + 1, OF_REMINDERS),
        "number": len(before) + 1,
        "first": in_words(before[0]),
        "latest": in_words(before[-1]),
    }


def _items(rows: Sequence[Reminder], day: date, known: MailFacts, *, to_state: bool) -> list[dict[str, Any]]:
    """The list of reports in the mail, as the templates need it."""
    before = {row: known.before.get((row.recipient, row.obligation_id, row.due_on), []) for row in rows}
    return [
        {
            "number": len(before[row]) + 1,
            "which": _which(before[row], row.due_on, day),
            "state": one_line(row.obligation.state.shown_name),
            "what": wording.name(row.obligation),
            "due": wording.due(row.obligation, row.due_on, day),
            "printed": wording.printed_otherwise(
                known.printed.get(row.obligation_id, ""), row.obligation, row.due_on
            ),
            "overdue": row.due_on < day,
            "in_year": wording.in_year_alone(row.obligation, row.due_on),
            "stage": row.stage,
            "without_contact": not to_state and row.obligation.state_id not in known.with_contact,
            "trail": [cited(step) for step in wording.reasons(row.obligation)],
        }
        for row in rows
    ]


def desk_mailbox() -> tuple[str, str]:
    """Name and address of the mailbox for answers about States without a desk officer."""
    name, address = sender()
    return name, settings.REPLY_TO or address


def _officers(rows: Sequence[Reminder], desks: Desks) -> list[tuple[str, str]]:
    """Names and addresses of the desk officers of the States, who receive the answers."""
    officers = [desks.officer_of(row.obligation.state) for row in rows]
    found = {
        officer.email: (one_line(officer.get_full_name()), officer.email)
        for officer in officers
        if officer is not None and officer.is_active and officer.email
    }
    return list(found.values())


def _subject(rows: Sequence[Reminder], number: int) -> str:
    """The subject; if it is about one report, with the number of the reminder from the second on.

    All subjects about one report begin alike, before and after its due date, so that they sort together. "Re:" is for
    answers, and filters distrust it in a mail that answers nothing.
    """
    states = {row.obligation.state_id for row in rows}
    state = one_line(rows[0].obligation.state.shown_name)
    if len(rows) == 1:
        subject = _subject_of_one(rows[0], state)
        if number == 1:
            return subject
        return _("%(subject)s, %(which)s reminder") % {
            "subject": subject,
            "which": ordinal(number, OF_REMINDERS),
            "number": number,
        }
    counted = {"state": state, "count": len(rows), "states": len(states)}
    carried = [wording.is_carried(row.obligation) for row in rows]
    if not any(carried):
        return (
            _("%(state)s: %(count)d reports under the OPSC")
            if len(states) == 1
            else ngettext(
                "%(count)d report under the OPSC",
                "%(count)d reports under the OPSC of %(states)d States",
                len(rows),
            )
        ) % counted
    if all(carried):
        return (
            _("%(state)s: %(count)d reports under the CRC, with information on the OPSC")
            if len(states) == 1
            else _("%(count)d reports under the CRC of %(states)d States, with information on the OPSC")
        ) % counted
    return (
        _("%(state)s: %(count)d reports under the OPSC and the CRC")
        if len(states) == 1
        else _("%(count)d reports under the OPSC and the CRC of %(states)d States")
    ) % counted


def _subject_of_one(row: Reminder, state: str) -> str:
    if wording.in_year_alone(row.obligation, row.due_on):
        pattern = _("%(state)s: %(what)s, due in %(year)d (OPSC)")
    else:
        pattern = _("%(state)s: %(what)s, due %(day)s (OPSC)")
    return pattern % {
        "state": state,
        "what": wording.name(row.obligation),
        "day": in_words(row.due_on),
        "year": row.due_on.year,
    }


def one_line(text: str) -> str:
    """A text without line breaks and control characters, which are not allowed in a header."""
    return " ".join(
        "".join(" " if unicodedata.category(one) in ("Cc", "Cs") else one for one in text).split()
    )


def wrapped(text: str) -> str:
    """A plain text with long lines wrapped, indented like their beginning; dates are not split."""
    lines = []
    for line in text.splitlines():
        beginning = re.match(r" *(?:[*-] )?", line)
        under = " " * len(beginning[0]) if beginning else ""
        glued = re.sub(r"(?<=\d) (?=\w)|(?<=\w) (?=\d)", NO_BREAK, line)
        lines.append(
            textwrap.fill(
                glued, LINE, subsequent_indent=under, break_long_words=False, break_on_hyphens=False
            ).replace(NO_BREAK, " ")
        )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"
