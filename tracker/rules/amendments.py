"""The progress of a proposed amendment: OPSC art. 16, and CRC art. 50 for the Convention.

Two shares of the States parties decide:

- A *conference* is convened if, within four months of the communication, at least one third of the States parties
  favour it (paragraph 1). The article does not say on which day the parties are counted. We count on the day of
  communication: the Secretary-General asks the States that are parties then, and the number needed is known from the
  first day and does not change. If the last day of the four months gives another number, both are shown.
- An amendment *enters into force* on the first day on which the General Assembly has approved it and at least two
  thirds of the parties on that day have accepted it (paragraph 2). It binds the States that accepted it; later ones
  from their own acceptance (paragraph 3).

Shares are rounded up: one third of 178 is 60. As the UN counts, a State is a party from its deposit until its
denunciation takes effect; positions of other States do not count. An amendment in force stays in force.

In between the conference votes: an amendment is adopted by a majority of the States parties present and voting
(paragraph 1); abstentions do not count. Recorded facts are not questioned: an adoption without a majority counts, and
the day of entry into force that the depositary records replaces the computed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from tracker.rules.dates import add_months
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.trail import Step, Trail, gettext_noop

MONTHS_TO_FAVOUR = 4
ARTICLES = {TreatyCode.OPSC: "OPSC art. 16", TreatyCode.CRC: "CRC art. 50"}


class PositionKind(StrEnum):
    """The positions of a State on an amendment."""

    FAVOURS = "favours"
    ACCEPTS = "accepts"


class AmendmentStage(StrEnum):
    """The stages of an amendment."""

    PROPOSED = "proposed"
    COMMUNICATED = "communicated"
    CONVENED = "conference to be convened"
    LAPSED = "lapsed"
    CONFERENCE = "conference held"
    ADOPTED = "adopted"
    APPROVED = "approved"
    IN_FORCE = "in force"


@dataclass(frozen=True, slots=True)
class PartyPeriod:
    """A period of a State as a party to the treaty.

    Attributes:
        since: the day of its deposit.
        bound_from: the treaty's entry into force for it.
        until: the day on which its denunciation takes effect; None if there is none.
    """

    state: str
    since: date
    bound_from: date
    until: date | None = None

    def counts(self, on: date) -> bool:
        """Whether it is a party on a day."""
        return self.since <= on and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Position:
    """A State favours a conference, or accepts the amendment."""

    state: str
    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class Vote:
    """The vote of the conference, in States parties."""

    in_favour: int
    against: int
    abstaining: int

    @property
    def is_majority(self) -> bool:
        """Whether a majority of those present and voting was in favour; abstentions do not count."""
        return self.in_favour > self.against


@dataclass(frozen=True, slots=True)
class AmendmentFact:
    """The recorded days of an amendment; None: not yet.

    Attributes:
        conference_on: the first day of the conference.
        resolution: of the General Assembly, which approves the amendment.
        vote: of the conference; None if not recorded.
        recorded_on: the day of entry into force that the depositary records.
    """

    treaty: str
    proposed_on: date
    communicated_on: date | None = None
    conference_on: date | None = None
    adopted_on: date | None = None
    approved_on: date | None = None
    resolution: str = ""
    vote: Vote | None = None
    recorded_on: date | None = None

    def as_of(self, day: date) -> AmendmentFact:
        """The amendment as known on a day."""

        def known(on: date | None) -> date | None:
            return on if on is not None and on <= day else None

        return AmendmentFact(
            self.treaty,
            self.proposed_on,
            known(self.communicated_on),
            known(self.conference_on),
            known(self.adopted_on),
            known(self.approved_on),
            self.resolution if known(self.approved_on) else "",
            self.vote if known(self.adopted_on or self.conference_on) else None,
            known(self.recorded_on),
        )


@dataclass(frozen=True, slots=True)
class Share:
    """The number of parties on a day, the number needed, and the number reached."""

    on: date
    parties: int
    needed: int
    reached: int

    @property
    def met(self) -> bool:
        """Whether enough States parties are reached; never if there are no parties."""
        return self.parties > 0 and self.reached >= self.needed


@dataclass(frozen=True, slots=True)
class Bound:
    """A State for which the amendment is in force, and since when."""

    state: str
    since: date


@dataclass(frozen=True, slots=True)
class AmendmentStanding:
    """The stage of an amendment on a day, and its trail.

    Attributes:
        deadline: the last day on which States can favour a conference; None before the communication.
        third: States favouring a conference, compared with one third of the parties on the day of communication.
        third_at_deadline: the same, compared with the parties on the last day; None before that day has passed
            and if both numbers needed are equal.
        convened_on: the day on which the third was reached; None if it was not.
        two_thirds: States that accepted, compared with two thirds of the parties on the day of entry into force,
            before that on the as-of day; None before the adoption.
        in_force_on: the recorded day, else the computed one; None while it is not in force.
        computed_on: the day according to paragraph 2; None if there is none yet.
        differs: whether the recorded and the computed day differ on the as-of day; then both are shown.
        bound: the States for which it is in force, in order.
    """

    stage: AmendmentStage
    deadline: date | None
    third: Share | None
    third_at_deadline: Share | None
    convened_on: date | None
    two_thirds: Share | None
    in_force_on: date | None
    bound: tuple[Bound, ...]
    trail: Trail = ()
    computed_on: date | None = None
    differs: bool = False


def one_third(parties: int) -> int:
    """The smallest whole number that is at least one third."""
    return -(-parties // 3)


def two_thirds(parties: int) -> int:
    """The smallest whole number that is at least two thirds."""
    return -(-2 * parties // 3)


def last_day_to_favour(communicated_on: date) -> date:
    """The last day of the four months; an answer on that day still counts."""
    return add_months(communicated_on, MONTHS_TO_FAVOUR)


def standing(
    amendment: AmendmentFact, parties: Iterable[PartyPeriod], positions: Iterable[Position], day: date
) -> AmendmentStanding | None:
    """The stage of an amendment on a day, from facts dated up to it; None before it was proposed.

    Args:
        parties: every State that has joined the treaty, as known on the day.
        positions: at most one of each kind per State.
    """
    if amendment.proposed_on > day:
        return None
    known = amendment.as_of(day)
    joined = {party.state: party for party in parties}
    said = [position for position in positions if position.day <= day]
    favour = {p.state: p.day for p in said if p.kind == PositionKind.FAVOURS}
    accept = {p.state: p.day for p in said if p.kind == PositionKind.ACCEPTS}

    deadline, third, at_deadline, convened_on = _conference(known, joined, favour, day)
    computed_on = _in_force_on(known, joined, accept, day)
    # A recorded day counts on earlier days too: the amendment was not yet in force, whatever paragraph 2 gives.
    in_force_on = computed_on if amendment.recorded_on is None else known.recorded_on
    accepted = None
    if known.adopted_on is not None:
        accepted = _two_thirds_on(in_force_on or day, joined, accept)
    found = AmendmentStanding(
        _stage(known, deadline, convened_on, in_force_on, day),
        deadline,
        third,
        at_deadline,
        convened_on,
        accepted,
        in_force_on,
        _bound(in_force_on, joined, accept, day),
        computed_on=computed_on,
        differs=amendment.recorded_on is not None and computed_on != in_force_on,
    )
    return replace(found, trail=_trail(known, found, day))


def _count(on: date, joined: dict[str, PartyPeriod], said: dict[str, date]) -> tuple[int, int]:
    """The number of parties on a day, and of those with a position by then."""
    parties = [party.state for party in joined.values() if party.counts(on)]
    return len(parties), sum(state in said and said[state] <= on for state in parties)


def _conference(
    known: AmendmentFact, joined: dict[str, PartyPeriod], favour: dict[str, date], day: date
) -> tuple[date | None, Share | None, Share | None, date | None]:
    """The deadline, the third on the first and (if it differs) on the last day, the day on which it was reached."""
    if known.communicated_on is None:
        return None, None, None, None
    deadline = last_day_to_favour(known.communicated_on)
    asked, _ = _count(known.communicated_on, joined, favour)
    last = min(deadline, day)
    at_last, reached = _count(last, joined, favour)
    third = Share(known.communicated_on, asked, one_third(asked), reached)
    later = Share(last, at_last, one_third(at_last), reached)
    shown = later if day >= deadline and later.needed != third.needed else None

    convened_on = None
    changes = {known.communicated_on, *favour.values(), *(party.since for party in joined.values())}
    for on in sorted(on for on in changes if known.communicated_on <= on <= last):
        if Share(on, asked, third.needed, _count(on, joined, favour)[1]).met:
            convened_on = on
            break
    return deadline, third, shown, convened_on


def _two_thirds_on(on: date, joined: dict[str, PartyPeriod], accept: dict[str, date]) -> Share:
    parties, reached = _count(on, joined, accept)
    return Share(on, parties, two_thirds(parties), reached)


def _in_force_on(
    known: AmendmentFact, joined: dict[str, PartyPeriod], accept: dict[str, date], day: date
) -> date | None:
    """The first day on which the amendment is approved and accepted by two thirds.

    Only days with an event are candidates: the approval, an acceptance, a deposit of a State that had accepted before,
    and the effect of a denunciation, which lowers the number needed.
    """
    if known.approved_on is None:
        return None
    changes = {known.approved_on, *accept.values()}
    for party in joined.values():
        changes.add(party.since)
        if party.until is not None:
            changes.add(party.until)
    for on in sorted(on for on in changes if known.approved_on <= on <= day):
        if _two_thirds_on(on, joined, accept).met:
            return on
    return None


def _bound(
    in_force_on: date | None, joined: dict[str, PartyPeriod], accept: dict[str, date], day: date
) -> tuple[Bound, ...]:
    """Paragraph 3: the parties that accepted, from the day on which amendment and treaty are in force for them."""
    if in_force_on is None:
        return ()
    found = [
        Bound(state, max(in_force_on, accepted_on, joined[state].bound_from))
        for state, accepted_on in accept.items()
        if state in joined and joined[state].counts(day)
    ]
    return tuple(sorted((one for one in found if one.since <= day), key=lambda one: (one.since, one.state)))


def _stage(
    known: AmendmentFact, deadline: date | None, convened_on: date | None, in_force_on: date | None, day: date
) -> AmendmentStage:
    """The latest stage reached; a later recorded step counts even if earlier ones are missing."""
    for reached, stage in (
        (in_force_on, AmendmentStage.IN_FORCE),
        (known.approved_on, AmendmentStage.APPROVED),
        (known.adopted_on, AmendmentStage.ADOPTED),
        (known.conference_on, AmendmentStage.CONFERENCE),
        (convened_on, AmendmentStage.CONVENED),
    ):
        if reached is not None:
            return stage
    if deadline is None:
        return AmendmentStage.PROPOSED
    return AmendmentStage.LAPSED if deadline < day else AmendmentStage.COMMUNICATED


def _trail(known: AmendmentFact, found: AmendmentStanding, day: date) -> Trail:
    """The steps up to the day, each with its paragraph."""
    article = ARTICLES[TreatyCode(known.treaty)]
    first, second, third = f"{article}(1)", f"{article}(2)", f"{article}(3)"
    filed = gettext_noop("Filed with the Secretary-General on %(start)s.")
    steps = [Step(first, known.proposed_on, known.proposed_on, filed)]
    steps += _asked(first, found, day)
    met = gettext_noop("The conference of States parties met on %(end)s.")
    adopted = gettext_noop("Adopted by the conference on %(end)s.")
    approved = gettext_noop("Approved by the General Assembly on %(end)s.")
    if known.conference_on is not None:
        steps.append(Step(first, known.conference_on, known.conference_on, met))
    steps += _voted(first, known)
    if known.adopted_on is not None:
        steps.append(Step(first, known.adopted_on, known.adopted_on, adopted))
    if known.approved_on is not None:
        steps.append(Step(known.resolution or second, known.approved_on, known.approved_on, approved))
    steps += _answered(second, found)
    if found.in_force_on is not None:
        bound = gettext_noop(
            "In force for the States parties that have accepted it; for one that accepts after %(start)s, "
            "from the day of its acceptance."
        )
        steps.append(Step(third, found.in_force_on, found.in_force_on, bound))
    return tuple(steps)


def _asked(source: str, found: AmendmentStanding, day: date) -> Iterator[Step]:
    """Paragraph 1: the question of a conference, the number needed, the result."""
    if found.third is None or found.deadline is None:
        return
    asked_on = found.third.on
    yield Step(
        source,
        asked_on,
        found.deadline,
        gettext_noop(
            "Communicated to the States parties on %(start)s; the four months in which they can favour a "
            "conference end on %(end)s."
        ),
    )
    yield Step(
        source,
        asked_on,
        asked_on,
        gettext_noop(
            "Parties on the day of communication, %(start)s: %(first)s. One third of them, rounded up: "
            "%(last)s."
        ),
        first=found.third.parties,
        last=found.third.needed,
    )
    if found.third_at_deadline is not None:
        yield Step(
            source,
            found.third_at_deadline.on,
            found.third_at_deadline.on,
            gettext_noop(
                "Parties on the last day, %(start)s: %(first)s. One third of them would be %(last)s; the day "
                "of communication counts."
            ),
            first=found.third_at_deadline.parties,
            last=found.third_at_deadline.needed,
        )
    if found.convened_on is not None:
        end = found.convened_on
        text = gettext_noop("On %(end)s the %(last)s needed favoured a conference: it is convened.")
    elif found.deadline < day:
        end = found.deadline
        text = gettext_noop(
            "By %(end)s %(first)s of the %(last)s needed favoured a conference: none is convened."
        )
    else:
        end = day
        text = gettext_noop("By %(end)s %(first)s of the %(last)s needed had favoured a conference.")
    yield Step(source, asked_on, end, text, first=found.third.reached, last=found.third.needed)


def _voted(source: str, known: AmendmentFact) -> Iterator[Step]:
    """Paragraph 1: the vote of the conference."""
    on = known.adopted_on or known.conference_on
    if known.vote is None or on is None:
        return
    if known.vote.is_majority:
        text = gettext_noop(
            "The conference voted: %(first)s States parties in favour, %(last)s against, which is a majority of those "
            "present and voting."
        )
    else:
        text = gettext_noop(
            "The conference voted: %(first)s States parties in favour, %(last)s against, which is no majority of those "
            "present and voting."
        )
    yield Step(source, on, on, text, first=known.vote.in_favour, last=known.vote.against)


def _answered(source: str, found: AmendmentStanding) -> Iterator[Step]:
    """Paragraph 2: the number of acceptances needed and reached."""
    share = found.two_thirds
    if share is None:
        return
    yield Step(
        source,
        share.on,
        share.on,
        gettext_noop("Parties on %(start)s: %(first)s. Two thirds of them, rounded up: %(last)s."),
        first=share.parties,
        last=share.needed,
    )
    if found.differs:
        text = gettext_noop("Accepted by %(first)s of the %(last)s needed on %(start)s.")
    elif found.in_force_on is not None:
        text = gettext_noop(
            "Accepted by %(first)s of the %(last)s needed, and approved: in force from %(end)s."
        )
    elif share.met:
        text = gettext_noop(
            "Accepted by %(first)s of the %(last)s needed on %(start)s; the approval by the General Assembly "
            "is awaited."
        )
    else:
        text = gettext_noop("Accepted by %(first)s of the %(last)s needed on %(start)s: not in force yet.")
    end = None if found.differs else found.in_force_on
    yield Step(source, share.on, end, text, first=share.reached, last=share.needed)
    if found.differs:
        yield _recorded(found, share.on)


def _recorded(found: AmendmentStanding, on: date) -> Step:
    """The recorded day of entry into force, if it is not the day according to paragraph 2."""
    if found.in_force_on is None:
        text = gettext_noop(
            "The paragraph gives %(start)s as the day of entry into force. The depositary records another day, "
            "which prevails."
        )
    elif found.computed_on is None:
        text = gettext_noop(
            "The depositary records entry into force on %(end)s, although fewer acceptances than needed are "
            "recorded here. The recorded day prevails."
        )
    else:
        text = gettext_noop(
            "The depositary records entry into force on %(end)s, where the paragraph gives %(start)s. The "
            "recorded day prevails."
        )
    return Step("Depositary", found.computed_on or on, found.in_force_on, text)
