"""Compares a list with what is recorded, and proposes what to record."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tracker.registry.depositary.lines import JOINED
from tracker.registry.depositary.participants import Listed, ReadList, slot_of
from tracker.registry.models import Confidence, TreatyAction
from tracker.rules.entry_into_force import ActionKind


@dataclass(frozen=True)
class Proposal:
    """Something that a person may select: to record what the list says.

    Attributes:
        action: what is recorded so far; None if nothing is.
    """

    treaty: str
    listed: Listed
    action: TreatyAction | None

    @property
    def key(self) -> str:
        """What is proposed and what it would replace; it changes when the record changes."""
        now = self.action
        present = f"{now.pk}:{now.kind}:{now.date}:{now.confidence}" if now else "none"
        return f"{self.listed.iso3}:{self.treaty}:{self.listed.kind}:{self.listed.day}:{present}"

    @property
    def changes(self) -> list[str]:
        """Names of the fields in which record and list differ: kind, date."""
        now = self.action
        if now is None:
            return []
        pairs = (("kind", now.kind, self.listed.kind), ("date", now.date, self.listed.day))
        return [name for name, ours, theirs in pairs if ours != theirs]

    def fact(self, source: str) -> TreatyAction:
        """The action as it would be recorded, with the list as its source; not saved."""
        action = copy.copy(self.action) if self.action else TreatyAction()
        action.state_id, action.treaty_id = self.listed.iso3, self.treaty
        action.kind, action.date = self.listed.kind, self.listed.day
        action.source, action.confidence = source, Confidence.ONE_SOURCE
        return action


@dataclass
class ListComparison:
    """How a list differs from the records.

    Attributes:
        lacking: on the list, but not recorded.
        differing: recorded differently.
        unconfirmed: the same, but recorded from a weak source.
        unlisted: recorded, but not on the list.
        agreed: how many days are the same, with the unconfirmed ones.
        agreed_joinings: how many of them are days of joining.
    """

    lacking: list[Proposal] = field(default_factory=list)
    differing: list[Proposal] = field(default_factory=list)
    unconfirmed: list[Proposal] = field(default_factory=list)
    unlisted: list[TreatyAction] = field(default_factory=list)
    agreed: int = 0
    agreed_joinings: int = 0

    @property
    def most_days_differ(self) -> bool:
        """Whether the list is probably of another treaty: more days differ than agree.

        Days of joining decide: many States signed both Optional Protocols of 2000 on one day.
        """
        differing = [one.listed.slot for one in self.differing if "date" in one.changes]
        if self.agreed_joinings or JOINED in differing:
            return differing.count(JOINED) > self.agreed_joinings
        return len(differing) > self.agreed

    @property
    def proposals(self) -> dict[str, Proposal]:
        """All that can be selected, by key."""
        return {one.key: one for one in (*self.lacking, *self.differing, *self.unconfirmed)}


def compare(read: ReadList, recorded: Iterable[TreatyAction], treaty: str) -> ListComparison:
    """Compares a list with the recorded actions of its treaty.

    Denunciations are not compared: the list has them only in its footnotes. For a State that left and joined again
    it prints the last joining.
    """
    ours: dict[tuple[str, str], TreatyAction] = {}
    left: dict[str, date] = {}
    for one in sorted(recorded, key=lambda action: action.date):
        if one.kind == ActionKind.DENUNCIATION:
            left[one.state_id] = one.date
        else:
            ours[one.state_id, slot_of(one.kind)] = one
    found = ListComparison()
    for listed in read.listed:
        present = ours.pop((listed.iso3, listed.slot), None)
        if present and listed.slot == JOINED and present.date <= left.get(listed.iso3, date.min) < listed.day:
            present = None  # the State has left since; by the list it joined again
        proposal = Proposal(treaty, listed, present)
        if proposal.action is None:
            found.lacking.append(proposal)
        elif proposal.changes:
            found.differing.append(proposal)
        else:
            found.agreed += 1
            found.agreed_joinings += listed.slot == JOINED
            if proposal.action.confidence == Confidence.MEMORY:
                found.unconfirmed.append(proposal)
    found.unlisted = [action for slot, action in ours.items() if slot not in read.unread]
    return found
