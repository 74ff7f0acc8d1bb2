"""Facts as one line of text, for a State’s page in the admin and the list of facts to be confirmed."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tracker.languages.writing import in_words, with_commas
from tracker.obligations.models import (
    NEXT,
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
    report_label,
)
from tracker.obligations.wording import labelled
from tracker.registry.models import Contact, TreatyAction


def line_of(fact: Any) -> str:
    """A fact as one line of text; other models by their own name."""
    return LINES.get(type(fact), str)(fact)


def _action(fact: TreatyAction) -> str:
    return _("%(treaty)s: %(kind)s, %(day)s") % {
        "treaty": fact.treaty_id,
        "kind": fact.get_kind_display(),
        "day": in_words(fact.date),
    }


def _contact(fact: Contact) -> str:
    line = with_commas(part for part in (fact.name, fact.office, fact.email) if part)
    return line if fact.active else _("%(contact)s (not active)") % {"contact": line}


def _date(fact: CommitteeDate) -> str:
    if fact.due_on is None:
        date = fact.get_outcome_display()
    else:
        date = str(fact.due_on.year) if fact.as_rule().year_only else in_words(fact.due_on)
    line = _("%(reports)s: %(said)s (%(document)s)") % {
        "reports": fact.label,
        "said": date,
        "document": fact.document or fact.get_document_kind_display(),
    }
    return _("%(date)s, awaits confirmation") % {"date": line} if fact.awaits_confirmation else line


def _request(fact: InformationRequest) -> str:
    values = {"kind": fact.get_kind_display(), "document": fact.document}
    if fact.received_on:
        return _("%(kind)s %(document)s: reply received %(day)s") % (
            values | {"day": in_words(fact.received_on)}
        )
    return _("%(kind)s %(document)s: reply due %(day)s") % (values | {"day": in_words(fact.due_on)})


def _submission(fact: Submission) -> str:
    line = labelled(fact.label, fact.symbol) if fact.symbol else fact.label
    if fact.withdrawn_on is not None:
        return _("%(report)s, withdrawn %(day)s") % {"report": line, "day": in_words(fact.withdrawn_on)}
    if fact.received_on is None:
        return _("%(report)s, date of receipt not known") % {"report": line}
    return _("%(report)s, received %(day)s") % {"report": line, "day": in_words(fact.received_on)}


def _review(fact: Review) -> str:
    values = {"document": fact.document, "day": in_words(fact.adopted_on), "reports": fact.label}
    if fact.first_cycle == NEXT:
        return _("%(document)s, adopted %(day)s") % values
    if fact.without_report:
        return _("%(document)s, adopted %(day)s, without %(reports)s") % values
    return _("%(document)s, adopted %(day)s, on %(reports)s") % values


def _printed(fact: PrintedDate) -> str:
    return _("%(reports)s: printed as due %(printed)s") % {"reports": fact.label, "printed": fact.printed}


def _non_receipt(fact: NonReceipt) -> str:
    return _("%(report)s: not received by %(day)s") % {
        "report": report_label(fact.kind, fact.cycle, fact.carried_by),
        "day": in_words(fact.not_received_by),
    }


LINES: dict[type, Any] = {
    TreatyAction: _action,
    Contact: _contact,
    CommitteeDate: _date,
    InformationRequest: _request,
    Submission: _submission,
    NonReceipt: _non_receipt,
    Review: _review,
    PrintedDate: _printed,
}
