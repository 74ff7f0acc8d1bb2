"""States, contacts, and mails in and out, as the search finds them; one query for each of the three."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.languages.writing import in_words
from tracker.registry.models import Contact, ContactKind
from tracker.registry.names import StateNames, unadorned
from tracker.reminders.models import WAITING, Mail, ReceivedMessage, Reminder, ReminderState
from tracker.web.search.hits import MOST_COUNTED, Hit, contains, is_part
from tracker.web.ui.columns import office_day

# What has not been sent and is not over; what was sent is a mail.
UNSENT = (*WAITING, ReminderState.CLAIMED, ReminderState.DEAD, ReminderState.UNKNOWN)


def find_states(text: str, names: StateNames) -> list[Hit]:
    """The States that a text may mean by name or code; if there are none, those with similar names."""
    whole, found = names.in_full(text), names.search(text)
    if not found:
        # The name of a successor says which former State it is found for.
        return [
            _state(iso3, name, _("similar name") if name == names.names[iso3] else "")
            for iso3, name in names.near(text)
        ]
    begun = unadorned(text)
    hits = [
        _state(iso3, names.names[iso3], f"“{spelling}”" if spelling else "", exact=iso3 == whole)
        for iso3, spelling in found.items()
    ]
    return sorted(hits, key=lambda hit: (not hit.exact, not unadorned(hit.title).startswith(begun)))


def _state(iso3: str, name: str, note: str, *, exact: bool = False) -> Hit:
    return Hit(name, reverse("state", args=[iso3]), note, iso3, exact)


def find_contacts(text: str, names: StateNames, user: Any) -> list[Hit]:
    """The contacts with each word of a text in their name, office, kind, address or State; none without permission.

    Compared here and not in the database, which cannot ignore accents; there are some hundred.
    """
    if not is_part(text) or not user.has_perm("registry.view_contact"):
        return []
    words = unadorned(text).split()
    rows = Contact.objects.order_by("-active", "name", "pk")
    kinds = {value: str(label) for value, label in ContactKind.choices}
    hits = []
    for name, office, kind, email, iso3, active in rows.values_list(
        "name", "office", "kind", "email", "state_id", "active"
    ):
        state = names.names.get(iso3, iso3)
        known = unadorned(f"{name} {office} {kinds.get(kind, kind)} {email} {state}")
        if all(word in known for word in words):
            pattern = _("%(state)s: %(email)s") if active else _("%(state)s: %(email)s, not active")
            note = pattern % {"state": state, "email": email}
            hits.append(Hit(name, reverse("state", args=[iso3]) + "#h-contacts", note))
    return hits


def find_correspondence(text: str, user: Any) -> list[Hit]:
    """Mails, reminders not yet sent, and messages with each word of a text in subject, name or address; newest first.

    The texts of mails are not searched: that would read the whole ledger. Nothing without permission.
    """
    if not is_part(text) or not user.has_perm("reminders.view_mail"):
        return []
    # Found in the index alone, from the newest on, before the others join them.
    newest = Mail.objects.filter(contains(text, "subject", "recipient")).order_by("-pk")[: MOST_COUNTED + 1]
    mails = Mail.objects.filter(pk__in=newest.values("pk"))
    unsent = Reminder.objects.filter(
        contains(text, "recipient", "recipient_name"), state__in=UNSENT, mail=None
    )
    messages = ReceivedMessage.objects.filter(contains(text, "subject", "sender", "sender_name"))
    rows = (
        _rows("mail", mails, subject=F("subject"), person=F("recipient"), at=F("created_at"))
        .union(
            _rows(
                "reminder", unsent, subject=Value("", CharField()), person=F("recipient"), at=F("planned_at")
            ),
            _rows("message", messages, subject=F("subject"), person=F("sender"), at=F("received_at")),
            all=True,
        )
        .order_by("-at", "record", "-row")[: MOST_COUNTED + 1]
    )
    return [_hit(row) for row in rows]


def _rows(record: str, rows: QuerySet[Any], *, subject: Any, person: Any, at: Any) -> QuerySet[Any, Any]:
    return rows.order_by().values(record=Value(record), row=F("pk"), heading=subject, person=person, at=at)


def _hit(row: dict[str, Any]) -> Hit:
    notes = {
        "mail": _("mail to %(person)s, %(day)s"),
        "reminder": _("not yet sent, planned on %(day)s"),
        "message": _("message from %(person)s, %(day)s"),
    }
    values = {
        "person": row["person"] or _("somebody without an address"),
        "day": in_words(office_day(row["at"])),
    }
    title = row["heading"] or (
        _("Reminder to %(person)s") % values if row["record"] == "reminder" else _("(no subject)")
    )
    return Hit(title, reverse(row["record"], args=[row["row"]]), notes[row["record"]] % values)
