"""Warnings about facts that can be saved but may be wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from tracker.changes.versions import kind_of
from tracker.languages.writing import in_words
from tracker.obligations import sync
from tracker.obligations.models import NEXT, Review, Submission
from tracker.registry.models import TreatyAction
from tracker.rules.entry_into_force import JOINING, ActionKind, entry_into_force
from tracker.rules.facts import share_number


def about_all(facts: Iterable[Any], states: Iterable[str]) -> list[str]:
    """The warnings about some facts as saved, and about submissions of their States that answer nothing, each once."""
    facts = list(facts)
    said = [caution for fact in facts for caution in about(fact)]
    if any(kind_of(fact).derives for fact in facts):
        said += about_submissions(states)
    return list(dict.fromkeys(said))


def about_submissions(states: Iterable[str]) -> list[str]:
    """Which submissions of some States answer no obligation."""
    return [_about_unmatched(submission) for submission in sync.unmatched(states)]


def about(fact: Any) -> list[str]:
    """The warnings about one fact that has just been saved."""
    if isinstance(fact, TreatyAction):
        return _about_action(fact)
    if isinstance(fact, Review):
        return _about_review(fact)
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
    said = []
    if action.kind == ActionKind.ACCESSION and (signature := _signature_before(action)) is not None:
        said.append(
            _(
                "The State signed the %(treaty)s on %(day)s, and a State that has signed usually ratifies. It is saved "
                "as an accession; compare it with the depositary notification."
            )
            % {"treaty": action.treaty_id, "day": in_words(signature.date)}
        )
    entry = entry_into_force(action.as_rule())
    if not (entry.differs and entry.computed and entry.recorded):
        return said
    return [
        *said,
        _(
            "The recorded entry into force (%(recorded)s) differs from the one that the treaty gives "
            "(%(computed)s). The recorded day prevails; compare it with the depositary notification."
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
    """A review of a report that is not recorded shows that the report was received, on an unknown day."""
    if review.without_report or review.first_cycle == NEXT:
        return []
    reports = Submission.objects.filter(state=review.state_id, kind=review.kind)
    if any(share_number(report.as_rule(), review.as_rule()) for report in reports):
        return []
    return [
        _(
            "Report %(cycles)s of this State is not recorded. The review shows that it was received; record it too, so "
            "that its date of receipt is known."
        )
        % {"cycles": review.cycles}
    ]


def _about_unmatched(submission: Submission) -> str:
    """That a submission answers no obligation: it names a cycle that does not exist, or not yet."""
    return _("%(what)s answers no obligation: there is no %(kind)s report of cycle %(cycles)s. Check it.") % {
        "what": submission,
        "kind": submission.get_kind_display(),
        "cycles": submission.cycles,
    }
