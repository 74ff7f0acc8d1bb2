"""Prints one line for each check."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class Wrong(Exception):
    """A check failed; the text says what was found."""


@dataclass
class Report:
    """The checks of a part and their failures."""

    part: str
    wrong: list[str] = field(default_factory=list)

    @contextmanager
    def check(self, what: str) -> Iterator[list[str]]:
        """Prints a line with the seconds of the check and the notes added to the list; an exception makes it fail."""
        began, notes = time.monotonic(), list[str]()
        mark, reason = "ok  ", ""
        try:
            yield notes
        except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are made all the same
            mark, reason = "BAD ", f"\n      {type(error).__name__}: {error}"
            self.wrong.append(what)
        note = f"; {', '.join(notes)}" if notes else ""
        print(f"{mark}{self.part}: {what}{note} ({time.monotonic() - began:.1f} s){reason}", flush=True)


def holds(true: object, found: object) -> None:
    """Checks a condition.

    Raises:
        Wrong: it is false; with what was found instead.
    """
    if not true:
        raise Wrong(f"found {found}")
