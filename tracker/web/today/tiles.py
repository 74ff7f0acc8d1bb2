"""The map of tiles: one tile for each State, coloured by its status."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from django.utils.translation import gettext as _

from tracker.obligations.queries.standings import (
    NOTHING,
    OUTSIDE,
    SIGNATORY,
    STANDINGS,
    Label,
    StandingRow,
    by_state,
    standing_in_words,
    standing_of,
)
from tracker.obligations.wording import STATUS_CLASSES
from tracker.registry.models import Region, State
from tracker.rules.facts import Facts

CLASSES: dict[str, str] = {status.value: f"badge-{css}" for status, css in STATUS_CLASSES.items()} | {
    NOTHING: "tile-nothing",
    SIGNATORY: "tile-signatory",
    OUTSIDE: "tile-outside",
}


@dataclass(frozen=True)
class Tile:
    """A State on the map: every one of the same size."""

    iso3: str
    name: str
    css: str
    says: str


@dataclass(frozen=True)
class Block:
    """The States of a regional group, in the order of their names."""

    code: str
    label: Label
    tiles: list[Tile]


@dataclass(frozen=True)
class Key:
    """An entry of the legend with its number of States."""

    standing: str
    label: Label
    css: str
    count: int


def tile_map(
    states: Sequence[State], rows: Iterable[StandingRow], facts: Mapping[str, Facts], day: date
) -> tuple[list[Block], list[Key]]:
    """The States by regional group, and the legend of the map.

    Args:
        states: in the order in which they are to stand inside a group.
    """
    owed = by_state(rows)
    counted: Counter[str] = Counter()
    members: dict[str, list[Tile]] = {}
    for state in states:
        own = owed.get(state.pk, [])
        standing = standing_of(own, facts.get(state.pk, Facts()), day)
        counted[standing] += 1
        says = standing_in_words(standing, own, day)
        members.setdefault(state.region, []).append(Tile(state.pk, state.shown_name, CLASSES[standing], says))
    groups: list[tuple[str, Label]] = [
        *((region.value, region.label) for region in Region),
        ("", _("No regional group recorded")),
    ]
    blocks = [Block(code, label, members[code]) for code, label in groups if code in members]
    legend = [Key(one, label, CLASSES[one], counted[one]) for one, label in STANDINGS.items() if counted[one]]
    return blocks, legend


def bar_of(legend: Sequence[Key]) -> list[tuple[str, int, int]]:
    """The entries of the legend as parts of one bar: class, begin and length, in States."""
    ends = accumulate(key.count for key in legend)
    return [(key.css, end - key.count, key.count) for key, end in zip(legend, ends, strict=True)]
