"""Cells of a list that say only that they are as the one above: ″, idem, 同上.

They are filled in where the row above is read too, and a note says so: in a sorted list they would mean another row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import ngettext, pgettext

from tracker.languages.cached import until_texts_change
from tracker.languages.known import in_each
from tracker.languages.typed import COMMA, bare
from tracker.obligations.imports.cells import text_of
from tracker.obligations.imports.sheet import SheetRow

_MARKS = frozenset({"″", '"', "“", "”", "〃", "''", "’’", "„", "״"})


def fill_in(
    lines: Sequence[SheetRow], columns: Collection[int], headings: Sequence[str], left_out: Collection[int]
) -> tuple[list[SheetRow], list[str]]:
    """The rows with the cells filled in, and a note for each column in which there are any.

    Args:
        columns: the places of those that are read.
        left_out: numbers of the rows that are not read; a cell below one of them stays as it is.
    """
    filled: list[SheetRow] = []
    found: dict[int, list[tuple[int, str]]] = {}
    for line in lines:
        cells = list(line.cells)
        above = filled[-1] if filled else None
        if above and not any(number in left_out for number in range(above.number + 1, line.number)):
            for at in columns:
                if says_as_above(text_of(cells[at])) and text_of(above.cells[at]):
                    found.setdefault(at, []).append((line.number, text_of(cells[at])))
                    cells[at] = above.cells[at]
        filled.append(SheetRow(line.number, cells, line.problem))
    notes = [
        ngettext(
            "%(column)s: “%(text)s” in row %(row)d is read as the cell above it.",
            "%(column)s: “%(text)s” in %(n)d rows, first in row %(row)d, is read as the cell above it.",
            len(rows),
        )
        % {"column": headings[at], "text": rows[0][1], "row": rows[0][0], "n": len(rows)}
        for at, rows in sorted(found.items())
    ]
    return filled, notes


def says_as_above(text: str) -> bool:
    """Whether a cell only says that it is as the one above."""
    return text.strip() in _MARKS or bare(text).strip(" .") in _words()


@until_texts_change
def _words() -> frozenset[str]:
    words = (one for said in in_each(_said) for one in COMMA.split(said))
    return frozenset(bare(one).strip(" .") for one in words if one.strip())


def _said() -> str:
    # Translators: what people write into a cell that is as the one above. Commas stand between the words.
    return pgettext("in a cell of a list", "as above, same as above, ditto, idem")
