"""The words of the mails: one function per kind of mail, with templates of the same name."""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Sequence
from datetime import date
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.registry.desks import Desks
from tracker.registry.models import Contact
from tracker.reminders.models import Reminder
from tracker.rules.dates import in_words

LINE = 76  # the longest line of a plain text, except for a word that is longer
NO_BREAK = "\N{NO-BREAK SPACE}"


def reminder(rows: Sequence[Reminder], day: date) -> EmailMultiAlternatives:
    """The one mail to a recipient about all that is to be reminded of, overdue reports first.

    Args:
        rows: reminders to one recipient, with obligation, State, rule and contact.
    """
    rows = sorted(rows, key=lambda row: (row.due_on, row.pk))
    contacts = [row.contact for row in rows if row.contact is not None]
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    answer_to = _officers(rows) if contacts else []
    context = {
        "name": _one_line(rows[0].recipient_name),
        "to_state": bool(contacts),
        "copy": bool(contacts) and all(contact.copy == Contact.Copy.CC for contact in contacts),
        "wordings": list(dict.fromkeys(row.rule.wording for row in rows if row.rule.wording)),
        "items": _items(rows, day, to_state=bool(contacts)),
        "sender": sender[0] or sender[1],
        "answer_to": ", ".join(
            f"{name} <{address}>" if name else address for name, address in answer_to or [sender]
        ),
    }
    message = EmailMultiAlternatives(
        subject=_subject(rows, day),
        body=_wrapped(render_to_string("reminders/reminder.txt", context)),
        to=[formataddr((_one_line(rows[0].recipient_name), rows[0].recipient))],
        reply_to=[formataddr(person) for person in answer_to or [sender]],
        headers={"Message-ID": message_id(rows), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("reminders/reminder.html", context), "text/html")
    return message


def message_id(rows: Sequence[Reminder]) -> str:
    """Made from the ledger keys: the same reminders always make the same Message-ID."""
    keys = "\n".join(sorted(row.key for row in rows))
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(keys.encode()).hexdigest()[:40]}@{domain}>"


def _items(rows: Sequence[Reminder], day: date, *, to_state: bool) -> list[dict[str, Any]]:
    """What the mail lists, report by report."""
    states = {row.obligation.state_id for row in rows}
    with_contact = set(
        Contact.objects.filter(active=True, state__in=states).values_list("state_id", flat=True)
    )
    return [
        {
            "state": _one_line(row.obligation.state.name),
            "what": row.obligation.label,
            "due_on": row.due_on,
            "overdue": row.due_on < day,
            "stage": row.stage,
            "lonely": not to_state and row.obligation.state_id not in with_contact,
            "trail": [f"{step.source}: {step.sentence(_)}" for step in row.obligation.steps],
        }
        for row in rows
    ]


def _officers(rows: Sequence[Reminder]) -> list[tuple[str, str]]:
    """The desk officers of the States, name and address: who answers come to."""
    desks = Desks.read()
    officers = [desks.officer_of(row.obligation.state) for row in rows]
    found = {
        officer.email: (_one_line(officer.get_full_name()), officer.email)
        for officer in officers
        if officer is not None and officer.is_active and officer.email
    }
    return list(found.values())


def _subject(rows: Sequence[Reminder], day: date) -> str:
    states = {row.obligation.state_id for row in rows}
    first = rows[0]
    state = _one_line(first.obligation.state.name)
    if len(rows) == 1:
        pattern = (
            _("%(state)s: %(what)s, due since %(day)s (OPSC)")
            if first.due_on < day
            else _("%(state)s: %(what)s, due on %(day)s (OPSC)")
        )
        return pattern % {"state": state, "what": first.obligation.label, "day": in_words(first.due_on)}
    if len(states) == 1:
        return _("%(state)s: %(count)d reports under the OPSC") % {"state": state, "count": len(rows)}
    return ngettext(
        "%(count)d report under the OPSC", "%(count)d reports under the OPSC of %(states)d States", len(rows)
    ) % {"count": len(rows), "states": len(states)}


def _one_line(text: str) -> str:
    """A name as a header can take it: a line break in it would begin another header."""
    return " ".join(text.split())


def _wrapped(text: str) -> str:
    """A plain text with its long lines wrapped, each under its own beginning; a date stays in one line."""
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
