"""When a treaty enters into force for a State, computed from its treaty action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tracker.rules.dates import add_months, add_years, nth_day_after
from tracker.rules.trail import Step, Trail, gettext_noop

OPSC_ADOPTED = date(2000, 5, 25)  # General Assembly resolution 54/263
CRC_ADOPTED = date(1989, 11, 20)  # General Assembly resolution 44/25
OPSC_IN_FORCE = date(2002, 1, 18)  # three months after the tenth deposit, Romania, 18 October 2001
CRC_IN_FORCE = date(1990, 9, 2)  # the thirtieth day after the twentieth deposit


class TreatyCode(StrEnum):
    """The two treaties that the tracker follows."""

    OPSC = "OPSC"
    CRC = "CRC"


class ActionKind(StrEnum):
    """What a State can do to a treaty."""

    SIGNATURE = "signature"
    RATIFICATION = "ratification"
    ACCESSION = "accession"
    SUCCESSION = "succession"
    DENUNCIATION = "denunciation"


# Each of these makes the State a party.
JOINING = (ActionKind.RATIFICATION, ActionKind.ACCESSION, ActionKind.SUCCESSION)

DEPOSITED = {
    ActionKind.RATIFICATION: gettext_noop("Instrument of ratification deposited on %(start)s."),
    ActionKind.ACCESSION: gettext_noop("Instrument of accession deposited on %(start)s."),
    ActionKind.SUCCESSION: gettext_noop("Succession notified on %(start)s."),
}


@dataclass(frozen=True, slots=True)
class ActionFact:
    """A treaty action as the depositary circulated it.

    Attributes:
        day: of signature, deposit or notification.
        recorded: the effective date that the depositary records, if it is known.
        to_be_confirmed: the day has only a weak source.
    """

    treaty: str
    kind: str
    day: date
    recorded: date | None = None
    to_be_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class EntryIntoForce:
    """The day on which a treaty binds a State, and why.

    Attributes:
        day: the day that counts: the recorded day, else the computed one.
        computed: the day that the article gives; None for a succession, for which there is no article.
        recorded: the day that the depositary records; None if not known.
        to_be_confirmed: the day has only a weak source or, for a succession, only the notification.
    """

    day: date
    computed: date | None
    recorded: date | None
    to_be_confirmed: bool
    trail: Trail

    @property
    def differs(self) -> bool:
        """Whether the recorded and the computed day differ; then both are shown."""
        return self.recorded is not None and self.computed is not None and self.recorded != self.computed


def entry_into_force(action: ActionFact) -> EntryIntoForce:
    """When the treaty of a joining action enters into force for the State (OPSC art. 14, CRC art. 49)."""
    deposited = Step("Depositary", action.day, action.day, DEPOSITED[ActionKind(action.kind)])
    if action.kind == ActionKind.SUCCESSION:
        return _succession(action, deposited)
    rule = _opsc(action.day) if action.treaty == TreatyCode.OPSC else _crc(action.day)
    computed = rule.end
    assert computed is not None  # noqa: S101 - both rules give a date
    trail: Trail = (deposited, rule)
    if action.recorded is not None and action.recorded != computed:
        trail += (
            Step(
                "Depositary",
                computed,
                action.recorded,
                gettext_noop(
                    "The depositary records entry into force on %(end)s, where the article gives %(start)s; "
                    "the recorded day prevails."
                ),
            ),
        )
    return EntryIntoForce(
        action.recorded or computed, computed, action.recorded, action.to_be_confirmed, trail
    )


def _succession(action: ActionFact, notified: Step) -> EntryIntoForce:
    """Practice: the effective date that the depositary records, else the day of notification, to be confirmed."""
    if action.recorded is not None:
        effect = Step(
            "Depositary",
            action.day,
            action.recorded,
            gettext_noop("The depositary records that the succession took effect on %(end)s."),
        )
    else:
        effect = Step(
            "Depositary",
            action.day,
            action.day,
            gettext_noop(
                "No day of effect is recorded for the succession; the day of notification is used, to be confirmed."
            ),
        )
    unconfirmed = action.recorded is None or action.to_be_confirmed
    return EntryIntoForce(
        action.recorded or action.day, None, action.recorded, unconfirmed, (notified, effect)
    )


def _opsc(deposited_on: date) -> Step:
    """OPSC art. 14: with the Protocol itself, or one month after a later deposit."""
    if deposited_on <= OPSC_IN_FORCE:
        return Step(
            "OPSC art. 14(1)",
            deposited_on,
            OPSC_IN_FORCE,
            gettext_noop("In force for the State with the Protocol itself, on %(end)s."),
        )
    return Step(
        "OPSC art. 14(2)",
        deposited_on,
        add_months(deposited_on, 1),
        gettext_noop("In force for the State one month after the deposit, on %(end)s."),
    )


def _crc(deposited_on: date) -> Step:
    """CRC art. 49: with the Convention itself, or on the thirtieth day after a later deposit."""
    thirtieth_day = nth_day_after(deposited_on, 30)
    if thirtieth_day <= CRC_IN_FORCE:
        return Step(
            "CRC art. 49(1)",
            deposited_on,
            CRC_IN_FORCE,
            gettext_noop("Convention in force for the State with the Convention itself, on %(end)s."),
        )
    return Step(
        "CRC art. 49(2)",
        deposited_on,
        thirtieth_day,
        gettext_noop("Convention in force for the State on the thirtieth day after the deposit, %(end)s."),
    )


def denunciation_effective(action: ActionFact) -> date:
    """When a denunciation takes effect: one year after its receipt (OPSC art. 15, CRC art. 52)."""
    return action.recorded or add_years(action.day, 1)
