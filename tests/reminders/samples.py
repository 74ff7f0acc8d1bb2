"""One mail of each kind, about literal data, in any language."""

from __future__ import annotations

import re
from datetime import date
from email.message import Message
from typing import Any

from icalendar import Calendar

from tests import factories
from tests.reminders.helpers import TODAY, a_state_owing, a_state_reporting, planned
from tracker.languages.readiness import Way
from tracker.obligations.models import PrintedDate
from tracker.registry.models import State
from tracker.reminders import digest, messages
from tracker.reminders.models import Mail, Reminder, ReminderRule
from tracker.reminders.text.language import MailLanguage

SECRET = re.compile(r"(answer/|token=)[^/\s\"]+")


def a_world() -> Any:
    """Recipients of every kind of mail, by the names in `TO_STATES`; returns their desk officer."""
    ada = factories.an_officer(first_name="Zoë", last_name="Okafor")
    mission = {"name": "Permanent Mission"}
    factories.a_contact(a_state_owing("NOR", "2026-06-15"), "one@example.org", **mission)
    factories.a_contact(a_state_owing("DNK", "2017-02-10"), "late@example.org", **mission)
    for iso3, due in (("ISL", "2016-02-10"), ("FIN", "2026-06-15")):
        factories.a_contact(a_state_owing(iso3, due), "several@example.org", **mission)
    japan = a_state_reporting("JPN", "2024-11-21", "crc@example.org", "mixed@example.org")
    PrintedDate.objects.create(
        state=japan, kind="periodic", carried_by="CRC report", first_cycle=6, last_cycle=7, printed="2021-05-22",
        printed_on=date(2019, 2, 1),
    )  # fmt: skip
    factories.a_contact(a_state_owing("SWE", "2026-06-15"), "mixed@example.org", **mission)
    year = {"precision": "year", "document": "CRC/C/LVA/CO/3-5"}
    a_state_reporting("LVA", "2026-12-31", "year@example.org", **year)
    prior = {"document": "CRC/C/QAT/QPR/5-6", "document_kind": "list of issues prior to reporting"}
    a_state_reporting("QAT", "2026-06-15", "asked@example.org", cycles="5-5", **prior)
    chile = a_state_owing("CHL", "2012-06-15", "replies@example.org")
    factories.receives(chile, "2012-06-01")
    factories.asks(chile, "2026-03-10", "2025-12-10")
    factories.asks(chile, "2026-04-10", "2025-10-10", "follow-up", document="CRC/C/OPSC/CHL/CO/1")
    factories.derive("2026-03-16", chile)
    for iso3, address in (("ESP", "second@example.org"), ("PER", "third@example.org")):
        factories.a_contact(a_state_owing(iso3, "2026-04-15"), address, **mission)
    factories.a_contact(a_state_owing("EST", "2026-06-15"), "copy@example.org", copy="cc", **mission)
    a_state_owing("AUT", "2026-06-15")  # without a contact
    State.objects.update(desk_officer=ada)
    planned()
    earlier = (("second", -3, "2026-01-15"), ("third", -6, "2025-10-15"), ("third", -3, "2026-01-15"))
    for number, (name, months, on) in enumerate(earlier):
        row = Reminder.objects.get(recipient=f"{name}@example.org", state__in=("held", "planned"))
        Reminder.objects.create(
            obligation_id=row.obligation_id, rule=ReminderRule.objects.get(months=months), due_on=row.due_on,
            recipient=row.recipient, stage_on=on, batch=row.batch, state="sent", sent_on=on, sent_at=f"{on}T09:00Z",
            mail=Mail.objects.create(message_id=f"<{number}@example.org>", recipient=row.recipient, sent_on=on),
        )  # fmt: skip
    return ada


# What the mail to each of them is about.
TO_STATES = {
    "one": "a report that is ahead",
    "late": "a report that has been overdue for years",
    "several": "reports of two States",
    "crc": "combined reports under the Convention, of which the United Nations give another date",
    "mixed": "reports under both treaties",
    "year": "a report of which only the year is known",
    "asked": "a report that a list of issues asks for",
    "replies": "a reply to a list of issues, and a follow-up",
    "second": "a second reminder",
    "third": "a third reminder",
    "copy": "a copy",
}
TO_STAFF = {"desk": "reminders to the desk officer", "digest": "the weekly digest"}


def rows_to(address: str) -> list[Reminder]:
    waiting = Reminder.objects.filter(recipient=address, state__in=("held", "planned"))
    return list(waiting.select_related("obligation__state__desk_officer", "rule", "contact"))


def mails(officer: Any, code: str, way: Way = Way.OWN) -> dict[str, Any]:
    """Each kind of mail in a language, by its name."""
    language = MailLanguage(code, way)
    found = {
        name: messages.reminder(rows_to(f"{name}@example.org"), TODAY, language=language)
        for name in TO_STATES
    }
    found["desk"] = messages.reminder(rows_to(officer.email), TODAY, language=language)
    found["digest"] = digest.message_to(officer, digest.content_for(officer, TODAY, code), "digest|1")
    return found


def as_text(name: str, message: Any) -> str:
    """A mail as it is compared: without keys of rows and secrets."""
    events = [
        part
        for attached in message.attachments
        if isinstance(attached, Message)
        for part in Calendar.from_ical(attached.get_payload(decode=True)).walk("VEVENT")  # type: ignore[arg-type]  # bytes
    ]
    calendar = [f"{one['SUMMARY']}\n{one['DESCRIPTION']}" for one in events]
    parts = [
        f"=== {(TO_STATES | TO_STAFF)[name]}",
        f"Subject: {message.subject}",
        str(message.body),
        *calendar,
    ]
    return (
        re.sub(r"/(reminders|tasks)/\d+/", r"/\1/…/", SECRET.sub(r"\1…", "\n\n".join(parts))).strip() + "\n"
    )
