"""Notes, letters and papers received, as the search finds them by their references and subjects; in one query."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tracker.correspondence.models import Paper
from tracker.languages.writing import in_words
from tracker.web.search.hits import MOST_COUNTED, Hit, contains, is_part


def find_papers(text: str, user: Any) -> list[Hit]:
    """The papers with each word of a text in a reference, the sender's or ours, or the subject; newest first.

    Nothing without permission.
    """
    if not is_part(text) or not user.has_perm("correspondence.view_paper"):
        return []
    found = Paper.objects.filter(contains(text, "reference", "their_reference", "subject"))
    columns = ("pk", "reference", "their_reference", "subject", "dated", "status", "state_id")
    rows = list(found.order_by("-pk").only(*columns)[: MOST_COUNTED + 1])
    return [_hit(paper, text) for paper in rows]


def _hit(paper: Paper, text: str) -> Hit:
    note = _("%(subject)s, %(day)s, %(status)s") % {
        "subject": paper.subject,
        "day": in_words(paper.dated),
        "status": paper.get_status_display(),
    }
    if paper.their_reference:
        note = f"{paper.their_reference} · {note}"
    exact = paper.reference.casefold() == text.casefold()
    return Hit(paper.reference, paper.get_absolute_url(), note, paper.state_id, exact)
