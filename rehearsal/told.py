"""One line for each thing that was looked at."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


class Wrong(Exception):
    """It is not as it ought to be; the text says what was found."""


@dataclass
class Report:
    """What was looked at, and what was wrong."""

    wrong: list[str] = field(default_factory=list)

    @contextmanager
    def check(self, what: str) -> Iterator[list[str]]:
        """Prints a line with the seconds it took and what is added to the list; an exception makes it a bad one."""
        began, notes = time.monotonic(), list[str]()
        mark, reason = "ok  ", ""
        try:
            yield notes
        except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are made all the same
            mark, reason = "BAD ", f"\n      {type(error).__name__}: {error}"
            self.wrong.append(what)
        note = f"; {', '.join(notes)}" if notes else ""
        print(f"{mark}{what}{note} ({time.monotonic() - began:.1f} s){reason}", flush=True)


def holds(true: object, found: object) -> None:
    """Raises:
    Wrong: it does not hold, with what was found instead.
    """
    if not true:
        raise Wrong(f"found {found}")
