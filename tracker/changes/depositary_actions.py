"""Records treaty actions from a list of the depositary, State by State, with the list as source and reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_noop

from tracker.changes.door import carry_out, lock
from tracker.changes.effects import Effects
from tracker.obligations.actions import save_fact
from tracker.obligations.sync import Difference
from tracker.registry import limits
from tracker.registry.depositary import SIGNED, Proposal
from tracker.registry.stored import StoredText

DEPOSITARY_LIST = StoredText(gettext_noop("Depositary list: %(source)s"))

Propose = Callable[[], Mapping[str, Proposal]]


@dataclass
class RecordedActions:
    """The result of recording some proposals.

    Attributes:
        differences: how the obligations of each State changed.
        refused: why a proposal cannot be recorded, by its key.
        done: the proposals recorded.
    """

    differences: dict[str, list[Difference]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    done: list[Proposal] = field(default_factory=list)


class ProposalsOutdated(Exception):
    """Proposals that do not exist any more: the records have changed since the comparison was shown.

    Attributes:
        keys: of those proposals.
    """

    def __init__(self, keys: list[str]) -> None:
        super().__init__()
        self.keys = keys


def states_of(keys: Iterable[str]) -> set[str]:
    """Alpha-3 of the States of some proposals, by their keys."""
    return {key.partition(":")[0] for key in keys}


def record(
    keys: Iterable[str], propose: Propose, *, source: str, by: object
) -> tuple[RecordedActions, Effects]:
    """Records proposals; those that are not valid beside the other facts are left out and named.

    Args:
        keys: of the proposals.
        propose: compares the list with the records as they are now, and returns the proposals by their keys.
        source: the name of the list.

    Raises:
        ProposalsOutdated: some of them do not exist any more; nothing is written.
        NotOnDesk: one is about a State that is not on the person's desk; nothing is written.
    """
    selected = list(dict.fromkeys(keys))
    states = states_of(selected)
    limits.check(by, states)
    recorded = RecordedActions()

    def act() -> list[Difference]:
        lock(states)
        proposals = propose()
        if outdated := [key for key in selected if key not in proposals]:
            raise ProposalsOutdated(outdated)
        by_state: dict[str, list[Proposal]] = {}
        for key in selected:
            by_state.setdefault(proposals[key].listed.iso3, []).append(proposals[key])
        for iso3 in sorted(by_state):
            _record_state(by_state[iso3], source, by, recorded)
        return [one for differences in recorded.differences.values() for one in differences]

    return recorded, carry_out(act, states)


def _record_state(proposals: list[Proposal], source: str, by: object, recorded: RecordedActions) -> None:
    """Records the proposals of one State in the order in which they are valid together.

    Signature and joining may only be valid when both have moved: then one has to be saved before the other.
    """
    order = sorted(proposals, key=lambda one: one.listed.slot == SIGNED, reverse=True)
    point = transaction.savepoint()
    attempt = _attempt(order, source, by)
    if attempt.refused and len(order) > 1:
        transaction.savepoint_rollback(point)
        point = transaction.savepoint()
        other = _attempt(order[::-1], source, by)
        if len(other.refused) < len(attempt.refused):
            attempt = other
        else:
            transaction.savepoint_rollback(point)
            point = transaction.savepoint()
            attempt = _attempt(order, source, by)
    transaction.savepoint_commit(point)
    recorded.differences.update(attempt.differences)
    recorded.refused.update(attempt.refused)
    recorded.done += attempt.done


def _attempt(proposals: Iterable[Proposal], source: str, by: object) -> RecordedActions:
    attempt = RecordedActions()
    reason = DEPOSITARY_LIST(source=source)
    for one in proposals:
        try:
            difference = save_fact(one.fact(source), by=by, reason=reason)
        except ValidationError as error:
            attempt.refused[one.key] = " ".join(error.messages)
        else:
            attempt.done.append(one)
            attempt.differences.setdefault(one.listed.iso3, []).append(difference)
    return attempt
