"""What a person should look at again although it could be saved: warnings, which never stand in the way."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tracker.obligations import sync
from tracker.obligations.models import CommitteeDate, Submission
from tracker.registry.models import TreatyAction
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, entry_into_force


def about(fact: Any) -> list[str]:
    """What is to be said of a fact that has just been saved."""
    if isinstance(fact, TreatyAction):
        return _about_action(fact)
    if isinstance(fact, CommitteeDate) and fact.awaits_confirmation:
        return [
            _("%(what)s takes effect once a second person has confirmed it.")
            % {"what": fact.document or _("The date")}
        ]
    return []


def _about_action(action: TreatyAction) -> list[str]:
    if action.kind not in JOINING:
        return []
    entry = entry_into_force(action.as_rule())
    if not (entry.differs and entry.computed and entry.recorded):
        return []
    return [
        _(
            "The recorded entry into force (%(recorded)s) differs from the one that the treaty gives "
            "(%(computed)s). The recorded day stands; check it against the depositary notification."
        )
        % {"recorded": in_words(entry.recorded), "computed": in_words(entry.computed)}
    ]


def about_submissions(state: str) -> list[str]:
    """Which submissions of a State answer nothing."""
    return [about_unmatched(submission) for submission in sync.unmatched([state])]


def about_unmatched(submission: Submission) -> str:
    """A submission that answers nothing (`sync.unmatched`): a cycle that does not exist, or not yet."""
    return _("%(what)s answers no obligation: there is no %(kind)s report of cycle %(cycles)s. Check it.") % {
        "what": submission,
        "kind": submission.get_kind_display(),
        "cycles": submission.cycles,
    }
