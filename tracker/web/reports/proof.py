"""Proof of notice: the print of a State's correspondence up to a day, with the delivery data of each paper and mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _, ngettext

from tracker.correspondence.exchange import Exchange
from tracker.languages.writing import in_words, second_in_words, with_semicolons
from tracker.registry.models import State
from tracker.registry.stored import translated
from tracker.reminders import wording
from tracker.reminders.models import ACCEPTED, Bounce, Mail, Reminder, ReminderState, digest_of
from tracker.web.reports import proof_papers
from tracker.web.reports.document import (
    DocumentColumn,
    DocumentGroup,
    DocumentRow,
    DocumentSection,
    DocumentTable,
    ReportDocument,
    table_of,
)


@dataclass(frozen=True)
class Notice:
    """A mail with the State's reminders in it, the earliest due date first, and its bounces."""

    mail: Mail
    reminders: Sequence[Reminder]
    bounces: Sequence[Bounce]


def notices_of(exchange: Exchange) -> list[Notice]:
    """The mails to the contacts that the mail server accepted, the earliest first."""
    came_back: dict[int, list[Bounce]] = {}
    for bounce in reversed(exchange.bounced):
        came_back.setdefault(bounce.mail_id, []).append(bounce)
    each = [(mail, [row for row in rows if row.state in ACCEPTED]) for mail, rows in exchange.mails]
    found = [Notice(mail, rows, came_back.get(mail.pk, [])) for mail, rows in each if rows]
    return sorted(found, key=_order)


def _order(one: Notice) -> Any:
    at = one.reminders[0].sent_at
    return at is None, at, one.mail.pk


def report_of(state: State, day: date, *, with_papers: bool) -> ReportDocument:
    """The proof of notice for a State as of a day: the print of its correspondence.

    Args:
        with_papers: whether the reader may see more than the mails of reminders.
    """
    exchange = Exchange(state, day, with_texts=True)
    notices = notices_of(exchange)
    rows = proof_papers.certain(exchange) if with_papers else []
    unknown = sum(any(row.state == ReminderState.UNKNOWN for row in those) for _mail, those in exchange.mails)
    return ReportDocument(
        name=f"proof-of-notice-{state.pk}",
        title=_("Proof of notice: %(name)s (%(code)s)") % {"name": state.shown_name, "code": state.pk},
        day=day,
        says=(
            *proof_papers.says(rows, day),
            *_says(notices, unknown, day),
        ),
        sections=(*proof_papers.sections(rows, day), _mails(notices), _particulars(notices)),
    )


def _says(notices: Sequence[Notice], unknown: int, day: date) -> Iterable[str]:
    n = len(notices)
    if n:
        yield ngettext(
            "%(n)d mail with reminders to the contacts of the State was accepted by the mail server up to %(on)s.",
            "%(n)d mails with reminders to the contacts of the State were accepted by the mail server up to %(on)s.",
            n,
        ) % {"n": n, "on": in_words(day)}
    else:
        yield _(
            "No mail with reminders to the contacts of the State had been accepted by the mail server up to %(on)s."
        ) % {"on": in_words(day)}
    if back := sum(any(_did_not_arrive(bounce) for bounce in one.bounces) for one in notices):
        yield ngettext(
            "%(n)d of them was returned by a later mail server.",
            "%(n)d of them were returned by later mail servers.",
            back,
        ) % {"n": back}
    if unknown:
        yield ngettext(
            "Of %(n)d further mail it is not known whether it was sent; it is not listed.",
            "Of %(n)d further mails it is not known whether they were sent; they are not listed.",
            unknown,
        ) % {"n": unknown}


def _mails(notices: Sequence[Notice]) -> DocumentSection:
    rows: list[DocumentRow] = [
        (
            number,
            _moment(one),
            _whom(one),
            with_semicolons(f"{wording.name(row.obligation)}, {row.stage}" for row in one.reminders),
        )
        for number, one in enumerate(notices, 1)
    ]
    columns = (
        DocumentColumn(_("No."), end=True),
        DocumentColumn(_("Sent, UTC"), share=4),
        DocumentColumn(_("To"), share=5),
        DocumentColumn(_("Reports and stages"), share=6),
    )
    says = () if rows else (_("None."),)
    return DocumentSection("mails", _("Reminders by mail"), says, table_of(columns, rows))


def _particulars(notices: Sequence[Notice]) -> DocumentSection:
    """One group for each mail, as a Message-ID and a hash are too wide for columns side by side."""
    heading = _("Details of each reminder")
    if not notices:
        return DocumentSection("particulars", heading, (_("None."),))
    groups = tuple(
        DocumentGroup(
            (
                (_("Sent, UTC"), _moment(one)),
                (_("To"), _whom(one)),
                (_("Subject"), one.mail.subject),
                (_("Language"), proof_papers.language_of(one.mail)),
                *((_("Reports"), _spoken(row)) for row in one.reminders),
                (_("Message-ID"), one.mail.message_id),
                (_("Answer of the server"), one.mail.answer),
                (_("SHA-256 of the text"), one.mail.fingerprint),
                *(
                    ((_("Calendar file, SHA-256"), digest_of(one.mail.calendar)),)
                    if one.mail.calendar
                    else ()
                ),
                *((_("Returned, UTC"), _returned(bounce)) for bounce in one.bounces),
            ),
            _("Mail %(n)d") % {"n": number},
        )
        for number, one in enumerate(notices, 1)
    )
    notes = (
        _(
            "The answer is that of the office’s mail server when it accepted the mail. The SHA-256 is "
            "calculated from the stored plain text in UTF-8, with lines that end in a line feed: the same text "
            "always gives the same value."
        ),
    )
    return DocumentSection(
        "particulars",
        heading,
        (),
        DocumentTable((DocumentColumn(_("What")), DocumentColumn(_("As recorded"), share=1)), groups),
        notes,
    )


def _moment(one: Notice) -> str:
    """The time at which the server accepted it, to the second."""
    at = one.reminders[0].sent_at
    return second_in_words(at) if at else ""


def _did_not_arrive(bounce: Bounce) -> bool:
    return bounce.kind != Bounce.Kind.DELAYED


def _returned(bounce: Bounce) -> str:
    """When and how a later mail server reported that it could not deliver the mail."""
    return _("%(at)s, %(kind)s: %(words)s") % {
        "at": second_in_words(bounce.received_at),
        "kind": bounce.get_kind_display(),
        "words": translated(bounce.words),
    }


def _whom(one: Notice) -> str:
    name = one.reminders[0].recipient_name
    return f"{name}, {one.mail.recipient}" if name else one.mail.recipient


def _spoken(row: Reminder) -> str:
    pattern = (
        _("%(report)s, due in %(year)d: %(stage)s (rule %(rule)d)")
        if wording.in_year_alone(row.obligation, row.due_on)
        else _("%(report)s, due on %(due)s: %(stage)s (rule %(rule)d)")
    )
    return pattern % {
        "report": wording.name(row.obligation),
        "due": in_words(row.due_on),
        "year": row.due_on.year,
        "stage": row.stage,
        "rule": row.rule_id,
    }
