"""The mails about reminders, from the templates of the same name."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from email.mime.text import MIMEText
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _, ngettext

from tracker.languages.known import by_code, speaking
from tracker.languages.models import Reader
from tracker.languages.writing import in_words, with_commas, without_isolates
from tracker.obligations.models import Obligation
from tracker.obligations.wording import OF_REMINDERS, cited, ordinal
from tracker.registry.desks import Desks
from tracker.registry.models import Contact, State
from tracker.reminders import calendar, links, wording
from tracker.reminders.models import CalendarEntry, Mail, Reminder, ReminderState
from tracker.reminders.outgoing import AutomaticMail, sender, to_person
from tracker.reminders.text.language import MailLanguage, of_contacts, of_staff
from tracker.reminders.text.lines import one_line, wrapped
from tracker.rules.dates import add_years

LONGEST_SUBJECT: int = Mail._meta.get_field("subject").max_length or 0
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
        readers: the languages of the desk officers, by their keys.
    """

    desks: Desks
    with_contact: set[str]
    before: dict[tuple[str, int, date], list[date]]
    mails: dict[str, list[tuple[int, str]]]
    entries: dict[int, CalendarEntry]
    printed: dict[int, str]
    readers: dict[int, str]

    @classmethod
    def about(cls, rows: Sequence[Reminder], day: date) -> MailFacts:
        """Reads what the mails about some reminders need, in five queries; one more, if some are to desk officers."""
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
        desks = Desks.read()
        officers = [desks.officer_of(row.obligation.state) for row in rows if row.contact is None]
        keys = {officer.pk for officer in officers if officer is not None}
        return cls(
            desks,
            set(contacts.values_list("state_id", flat=True)),
            before,
            mails,
            calendar.entries_of(obligations),
            dict(printed.exclude(printed="").values_list("pk", "printed")),
            Reader.languages_of(keys) if keys else {},
        )

    def language_of(self, rows: Sequence[Reminder]) -> MailLanguage:
        """In which language the mail about some reminders to one recipient is written."""
        if any(row.contact is not None for row in rows):
            return of_contacts(rows)
        officer = self.desks.officer_of(rows[0].obligation.state)
        return of_staff(self.readers.get(officer.pk, "") if officer is not None else "")


@dataclass(frozen=True)
class MailPart:
    """The text of a mail in one of its languages.

    Attributes:
        lang: its language, as HTML names it.
        html: the content of its page.
    """

    lang: str
    direction: str
    subject: str
    text: str
    html: SafeString


def reminder(
    rows: Sequence[Reminder],
    day: date,
    known: MailFacts | None = None,
    language: MailLanguage | None = None,
) -> AutomaticMail:
    """The mail to one recipient about all their reminders, overdue reports first.

    The same reminders on the same day give the same text, HTML, Message-ID and calendar file, unless another reminder
    was sent in between. The Message-ID is the same in all languages.

    Args:
        rows: reminders to one recipient, with obligation, State, rule and contact.
        known: what was read for several mails; None to read it for this one.
        language: None for the one of the recipient.
    """
    known = known or MailFacts.about(rows, day)
    rows = sorted(rows, key=lambda row: (row.due_on, row.pk))
    codes = (language or known.language_of(rows)).parts
    contacts = [row.contact for row in rows if row.contact is not None]
    about = [row.obligation.state for row in rows] if contacts else []
    answer_to = answers_to(about, known.desks)
    key = message_id(rows)
    context = {
        "name": one_line(rows[0].recipient_name),
        "to_state": bool(contacts),
        "copy": bool(contacts) and all(contact.copy == Contact.Copy.CC for contact in contacts),
        "sender": sender()[0] or sender()[1],
        "answer_to": with_commas(f"{name} <{address}>" if name else address for name, address in answer_to),
        "answer_link": links.answer_link(key, rows, day),
    }
    parts = [_part(rows, day, known, context, codes, number) for number in range(len(codes))]
    with speaking(codes[0]):
        html = render_to_string("reminders/reminder.html", {"parts": parts})
    languages = {"Content-Language": ", ".join(part.lang for part in parts)} if codes != ("en",) else {}
    message = AutomaticMail(
        subject=joined_subject([(part.direction, part.subject) for part in parts]),
        body="\n".join(wrapped(part.text, part.direction) for part in parts),
        to=[to_person(one_line(rows[0].recipient_name), rows[0].recipient)],
        reply_to=[to_person(name, address) for name, address in answer_to],
        headers={"Message-ID": key} | _thread(rows, key, known) | languages,
    )
    message.attach_alternative(html, "text/html")
    message.attach(_calendar_file(rows, day, known, codes))
    return message


def _part(
    rows: Sequence[Reminder],
    day: date,
    known: MailFacts,
    context: dict[str, Any],
    codes: Sequence[str],
    number: int,
) -> MailPart:
    """One of the parts of a mail in several languages."""
    code, to_state = codes[number], context["to_state"]
    language = by_code(code)
    with speaking(code):
        items = _items(rows, day, known, to_state=to_state)
        wordings = [row.rule.wording_in(code) or row.rule.wording for row in rows]
        opening = wording.opening([row.obligation for row in rows], to_state=to_state)
        if len(items) == 1:
            # Translators: one sentence after another; some languages write no space between them.
            opening = _("%(first)s %(second)s") % {"first": opening, "second": items[0]["which"]}
        context = context | {
            # A note of a person is there once, in the part above.
            "coverings": list(dict.fromkeys(row.covering for row in rows if row.covering and not number)),
            "wordings": list(dict.fromkeys(filter(None, wordings))),
            "opening": opening,
            "rtl": language.direction == "rtl",
            "items": items,
            "is_followed": number + 1 < len(codes),
        }
        page = render_to_string("reminders/reminder_part.html", context).strip()
        return MailPart(
            lang=language.in_django,
            direction=language.direction,
            subject=without_isolates(_subject(rows, items[0]["number"])),
            text=render_to_string("reminders/reminder.txt", context),
            html=mark_safe(page),  # noqa: S308 - a template wrote it  # nosec B308 B703
        )


def joined_subject(parts: Sequence[tuple[str, str]]) -> str:
    """The subject in the language of the reader, with the English one after it.

    Without it if both would run in different directions, or the ledger has no place for both.

    Args:
        parts: the direction and the subject in each language.
    """
    both = " / ".join(subject for _direction, subject in parts)
    if len({direction for direction, _subject in parts}) > 1 or len(both) > LONGEST_SUBJECT:
        return parts[0][1]
    return both


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


def _calendar_file(
    rows: Sequence[Reminder], day: date, known: MailFacts, languages: Sequence[str]
) -> MIMEText:
    """The due dates as an attachment; in base64, which preserves line ends."""
    part = MIMEText(calendar.attached(rows, day, known.entries, languages), "calendar", "utf-8")
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
            "report": _("%(state)s: %(what)s")
            % {"state": one_line(row.obligation.state.shown_name), "what": wording.name(row.obligation)},
            "due": wording.due(row.obligation, row.due_on, day),
            "printed": wording.printed_otherwise(
                known.printed.get(row.obligation_id, ""), row.obligation, row.due_on
            ),
            "overdue": row.due_on < day,
            "in_year": wording.in_year_alone(row.obligation, row.due_on),
            "stage": "" if to_state else row.stage,
            "without_contact": not to_state and row.obligation.state_id not in known.with_contact,
            "trail": [cited(step) for step in wording.reasons(row.obligation)],
        }
        for row in rows
    ]


def desk_mailbox() -> tuple[str, str]:
    """Name and address of the mailbox for answers about States without a desk officer."""
    name, address = sender()
    return name, settings.REPLY_TO or address


def answers_to(states: Iterable[State], desks: Desks) -> list[tuple[str, str]]:
    """Names and addresses for answers about some States: their desk officers, or else the mailbox of the desk."""
    officers = [desks.officer_of(state) for state in states]
    found = {
        officer.email: (one_line(officer.get_full_name()), officer.email)
        for officer in officers
        if officer is not None and officer.is_active and officer.email
    }
    return list(found.values()) or [desk_mailbox()]


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
