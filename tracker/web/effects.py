"""What a saved fact changed, said in sentences for the person who saved it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.obligations.sync import Difference
from tracker.rules.dates import in_words

MOST = 4  # sentences told one by one; the rest is counted


def sentences(found: Difference) -> list[str]:
    """Each changed obligation in a sentence, the most telling first."""
    told: list[str] = []
    for change in found.changed:
        row, before = change.obligation, change.before
        what = _capitalised(row.label)
        if "due_on" in before:
            told.append(
                _("%(what)s now due %(now)s, was %(before)s.")
                % {"what": what, "now": _day(row.due_on), "before": _day(before["due_on"])}
            )
        elif "answered_on" in before:
            told.append(
                _("%(what)s is answered.") % {"what": what}
                if row.answered_on
                else _("%(what)s is no longer answered.") % {"what": what}
            )
        elif "ceases_on" in before:
            told.append(
                _("%(what)s is owed no more.") % {"what": what}
                if row.ceases_on
                else _("%(what)s is owed again.") % {"what": what}
            )
        elif before.get("expected") is False:
            told.append(_("%(what)s is expected again.") % {"what": what})
    told += [
        _("%(what)s due %(day)s.") % {"what": _capitalised(row.label), "day": _day(row.due_on)}
        for row in found.missing
    ]
    told += [
        _("%(what)s is no longer expected.") % {"what": _capitalised(row.label)} for row in found.obsolete
    ]
    if len(told) > MOST:
        rest = len(told) - MOST
        told = [
            *told[:MOST],
            ngettext("%(n)d more date changed.", "%(n)d more dates changed.", rest) % {"n": rest},
        ]
    return told


def _day(value: Any) -> str:
    return in_words(value) if isinstance(value, date) else _("to be communicated")


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
