"""What to look at before a paper goes: its address may not work, or reminders about its report are paused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from tracker.correspondence.addresses import doubts_about
from tracker.languages.writing import in_words
from tracker.obligations.models import Obligation
from tracker.registry.models import Contact
from tracker.reminders.models import Pause


def doubts_before(papers: Iterable[tuple[Contact | None, Obligation | None]], day: date) -> list[list[str]]:
    """Sentences about each of some papers, in their order; they forbid nothing. In three queries at most.

    Args:
        papers: for each the contact and the report that it is about.
    """
    those = list(papers)
    of_address = doubts_about({one.pk: one for one, _report in those if one is not None}.values(), day)
    paused = _paused([report for _one, report in those if report is not None], day)
    found = []
    for contact, report in those:
        said = [paused[report.pk]] if report is not None and report.pk in paused else []
        if contact is not None and contact.pk in of_address:
            about = {"address": contact.email, "doubt": of_address[contact.pk]}
            said.insert(0, _("%(address)s: %(doubt)s") % about)
        found.append(said)
    return found


def _paused(reports: list[Obligation], day: date) -> dict[int, str]:
    """That reminders about a report are paused, by its key; of several pauses the longest."""
    if not reports:
        return {}
    about = Q(obligation__in=reports) | Q(state__in={one.state_id for one in reports})
    rows = list(Pause.objects.in_force(day).filter(about).order_by("until", "pk"))
    found = {}
    for report in reports:
        for row in rows:
            if report.pk == row.obligation_id or report.state_id == row.state_id:
                found[report.pk] = _("Reminders about this report are paused until %(day)s: %(reason)s") % {
                    "day": in_words(row.until),
                    "reason": row.reason,
                }
    return found
