"""What a person should look at again although it could be saved: warnings, which never stand in the way."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tracker.obligations import sync
from tracker.obligations.models import NEXT, CommitteeDate, Review, Submission
from tracker.registry.models import TreatyAction
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, ActionKind, entry_into_force


def about(fact: Any) -> list[str]:
    """What is to be said of a fact that has just been saved."""
    if isinstance(fact, TreatyAction):
        return _about_action(fact)
    if isinstance(fact, Review):
        return _about_review(fact)
    if isinstance(fact, CommitteeDate) and fact.awaits_confirmation:
        return [
            _("%(what)s takes effect once a second person has confirmed it.")
            % {"what": fact.document or _("The date")}
        ]
    return []


def _about_action(action: TreatyAction) -> list[str]:
    if action.kind == ActionKind.SIGNATURE:
        joined = TreatyAction.objects.filter(
            state=action.state_id, treaty=action.treaty_id, kind__in=JOINING, date__gte=action.date
        ).order_by("date", "pk")
        first = joined.first()
        return _about_action(first) if first is not None and first.kind == ActionKind.ACCESSION else []
    if action.kind not in JOINING:
        return []
    found = []
    if action.kind == ActionKind.ACCESSION and (signature := _signature_before(action)) is not None:
        found.append(
            _(
                "The State signed the %(treaty)s on %(day)s, and a State that signed usually ratifies. It is saved as "
                "an accession; check it against the depositary notification."
            )
            % {"treaty": action.treaty_id, "day": in_words(signature.date)}
        )
    entry = entry_into_force(action.as_rule())
    if not (entry.differs and entry.computed and entry.recorded):
        return found
    return [
        *found,
        _(
            "The recorded entry into force (%(recorded)s) differs from the one that the treaty gives "
            "(%(computed)s). The recorded day stands; check it against the depositary notification."
        )
        % {"recorded": in_words(entry.recorded), "computed": in_words(entry.computed)},
    ]


def _signature_before(action: TreatyAction) -> TreatyAction | None:
    """The State's signature of the treaty, if it came first and no earlier deposit has followed it."""
    others = TreatyAction.objects.filter(
        state=action.state_id, treaty=action.treaty_id, date__lte=action.date
    ).exclude(pk=action.pk)
    signature = others.filter(kind=ActionKind.SIGNATURE.value).first()
    return None if others.filter(kind__in=JOINING).exists() else signature


def _about_review(review: Review) -> list[str]:
    """A review of a numbered report that is not recorded here proves that the report came, on an unknown day."""
    if review.without_report or review.first_cycle == NEXT:
        return []
    reports = Submission.objects.filter(
        state=review.state_id,
        kind=review.kind,
        carried_by=review.carried_by,
        first_cycle__lte=review.last_cycle,
        last_cycle__gte=review.first_cycle,
    )
    if reports.exists():
        return []
    return [
        _(
            "No report with the number %(cycles)s is recorded of this State. The review shows that it came; record "
            "the report too, so that its date of receipt is known."
        )
        % {"cycles": review.cycles}
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
