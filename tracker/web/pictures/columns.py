"""Stacked columns, one for each year or month, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.obligations.queries.standings import Label
from tracker.web.pictures.scale import Heights

BAR, PITCH, GAP = 18, 26, 4  # width of a column, from one to the next, and before it, in pixels
FEW, ROOMY = 8, 44  # so few columns are all named, and stand so far apart
EDGE, ABOVE, BELOW = 34, 12, 26  # room for the scale at the side, above the columns, and for their names
TALL = 168  # of the highest column


class Layer(NamedTuple):
    """What a part of each column counts, and how it looks.

    Attributes:
        pattern: the pattern that fills it; empty if the CSS class does.
    """

    key: str
    label: Label
    css: str
    pattern: str = ""


class Column(NamedTuple):
    """A column of a picture.

    Attributes:
        name: written under it.
        counts: by the keys of the layers.
        named: whether its name is written although there are many columns.
        href, says: where it leads, and what it shows, in words; empty for a picture without links.
        beside: a number that a line above the columns shows.
    """

    name: str
    counts: Mapping[str, int]
    named: bool = True
    href: str = ""
    says: str = ""
    beside: int = 0


class Piece(NamedTuple):
    """A part of a column, in pixels from the picture's corner."""

    layer: Layer
    x: float
    y: float
    wide: float
    high: float


class HitArea(NamedTuple):
    """The whole place of a column, which leads to its list."""

    x: float
    wide: float
    href: str
    says: str


@dataclass(frozen=True)
class Chart:
    """Stacked columns with a scale.

    Attributes:
        names: what is written under the columns, with the middle of each.
        line: the path of the line above the columns; empty if there is none.
    """

    wide: int
    high: int
    heights: Heights
    pieces: list[Piece]
    names: list[tuple[float, str]]
    hits: list[HitArea]
    line: str
    edge = EDGE  # where the lines of the scale begin

    @property
    def paths(self) -> list[tuple[Layer, str]]:
        """The pieces of each layer as one path, which is a third of as many rectangles."""
        return [
            (layer, "".join(f"M{one.x} {one.y}h{one.wide}v{one.high}h-{one.wide}z" for one in pieces))
            for layer in dict.fromkeys(piece.layer for piece in self.pieces)
            if (pieces := [piece for piece in self.pieces if piece.layer == layer])
        ]


def chart_of(
    columns: Sequence[Column],
    layers: Sequence[Layer],
    *,
    most: int = 0,
    tall: float = TALL,
    bar: int = BAR,
    pitch: int = 0,
) -> Chart:
    """The columns as a picture, their parts from below in the order of the layers.

    Args:
        most: the highest number of the scale, for pictures that are to be compared; 0: the highest of these columns.
        tall: the height of that number, in pixels.
        bar, pitch: the width of a column, and from one to the next; 0: as many columns need.
    """
    roomy = len(columns) <= FEW
    pitch = pitch or (ROOMY if roomy else PITCH)
    totals = [sum(one.counts[layer.key] for layer in layers) for one in columns]
    heights = Heights(most or max([*totals, *(one.beside for one in columns)], default=0), ABOVE, tall)
    pieces, names, hits, line = [], [], [], ""
    for at, one in enumerate(columns):
        x, below = EDGE + at * pitch + GAP, 0
        for layer in layers:
            if count := one.counts[layer.key]:
                top = heights.at(below + count)
                pieces.append(Piece(layer, x, top, bar, round(heights.at(below) - top, 1)))
                below += count
        if one.named or roomy:
            names.append((x + bar / 2, one.name))
        if one.href:
            hits.append(HitArea(x - GAP, pitch, one.href, one.says))
        if one.beside:
            line += f"{'L' if line else 'M'}{x - GAP} {heights.at(one.beside)}h{pitch}"
    return Chart(
        EDGE + len(columns) * pitch + GAP,
        round(ABOVE + tall + BELOW),
        heights,
        pieces,
        names,
        hits,
        line,
    )
