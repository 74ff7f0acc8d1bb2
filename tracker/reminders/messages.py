"""The words of the mails: one function per kind of mail, with templates of the same name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.reminders.models import Reminder
from tracker.rules.dates import in_words


def reminder(rows: Sequence[Reminder], day: date) -> EmailMultiAlternatives:
    """The one mail to a recipient about all that is to be reminded of, overdue reports first.

    Args:
        rows: reminders to one recipient, with obligation, State and rule.
    """
    answer_to = _answer_to(rows)
    rows = sorted(rows, key=lambda row: (row.due_on, row.pk))
    context = {
        "day": day,
        "name": rows[0].recipient_name,
        "to_state": rows[0].contact_id is not None,
        "wordings": list(dict.fromkeys(row.rule.wording for row in rows if row.rule.wording)),
        "items": [
            {
                "state": row.obligation.state,
                "what": row.obligation.label,
                "due_on": row.due_on,
                "overdue": row.due_on < day,
                "stage": row.stage,
                "trail": [step.sentence(_) for step in row.obligation.steps],
                "article": row.obligation.article,
            }
            for row in rows
        ],
        "officer": rows[0].obligation.state.desk_officer,
        "sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or settings.DEFAULT_FROM_EMAIL,
        "answer_to": answer_to,
    }
    message = EmailMultiAlternatives(
        subject=_subject(rows, day),
        body=render_to_string("reminders/reminder.txt", context),
        to=[formataddr((rows[0].recipient_name, rows[0].recipient))],
        reply_to=[answer_to],
        headers={"Message-ID": message_id(rows), "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("reminders/reminder.html", context), "text/html")
    return message


def message_id(rows: Sequence[Reminder]) -> str:
    """Made from the ledger keys: the same reminders always make the same Message-ID."""
    keys = "\n".join(sorted(row.key for row in rows))
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(keys.encode()).hexdigest()[:40]}@{domain}>"


def _answer_to(rows: Sequence[Reminder]) -> str:
    officer = rows[0].obligation.state.desk_officer
    if officer is not None and officer.email:
        return formataddr((officer.get_full_name(), officer.email))
    return settings.DEFAULT_FROM_EMAIL


def _subject(rows: Sequence[Reminder], day: date) -> str:
    states = {row.obligation.state_id: row.obligation.state.name for row in rows}
    first = rows[0]
    if len(rows) == 1:
        pattern = (
            _("%(state)s: %(what)s under the OPSC, due since %(day)s")
            if first.due_on < day
            else _("%(state)s: %(what)s under the OPSC, due on %(day)s")
        )
        return pattern % {
            "state": first.obligation.state.name,
            "what": first.obligation.label,
            "day": in_words(first.due_on),
        }
    if len(states) == 1:
        return _("%(state)s: %(count)d reports under the OPSC") % {
            "state": first.obligation.state.name,
            "count": len(rows),
        }
    return ngettext(
        "%(count)d report under the OPSC", "%(count)d reports under the OPSC of %(states)d States", len(rows)
    ) % {"count": len(rows), "states": len(states)}
