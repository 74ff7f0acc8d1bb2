"""The reminders that a page showed, so that an act changes these as they were shown, and nothing that came since.

And when reminders are sent next.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from tracker import schedule
from tracker.reminders.models import Reminder, ReminderState

FIELD = "shown"  # of the form
MOST = 200_000  # keys in a form; the ledger is not made for more
TEXT = re.compile(r"(\d{1,18})((?:;[a-z]+:\d{1,18}(?:-\d{1,18})?(?:,\d{1,18}(?:-\d{1,18})?)*)*)", re.ASCII)


def next_run() -> str:
    """The time in UTC at which reminders are sent next: 10:15."""
    return f"{schedule.next_scan(timezone.now()).astimezone(UTC):%H:%M}"


@dataclass(frozen=True)
class ShownReminders:
    """The reminders that a page showed.

    As text, for a hidden field: the last act, then the keys by state, for example `41;held:1-17,20;failed:33`.

    Attributes:
        last_act: the key of the last act on one of them; 0 if there was none. Any later act has a greater key.
        keys: the keys of the reminders by state.
    """

    last_act: int
    keys: Mapping[str, frozenset[int]]

    @classmethod
    def of(cls, rows: Iterable[Reminder], more: Iterable[tuple[int, str, int | None]] = ()) -> ShownReminders:
        """The reminders of a page that is being made.

        Args:
            more: key, state and last act of others.
        """
        last, keys = 0, defaultdict[str, set[int]](set)
        for pk, state, act in (*((row.pk, row.state, row.last_act_id) for row in rows), *more):
            keys[state].add(pk)
            last = max(last, act or 0)
        return cls(last, {state: frozenset(some) for state, some in keys.items()})

    @classmethod
    def sent(cls, request: HttpRequest) -> ShownReminders | None:
        """What the form of such a page has sent; None if it is missing or not understood."""
        found = TEXT.fullmatch(request.POST.get(FIELD, ""))
        if found is None:
            return None
        keys: dict[str, frozenset[int]] = {}
        left = MOST
        for part in found[2].split(";")[1:]:
            state, _colon, ranges = part.partition(":")
            some: set[int] = set()
            for one in ranges.split(","):
                first, _dash, last = one.partition("-")
                begin, end = int(first), int(last or first)
                left -= max(0, end - begin + 1)
                if left < 0:
                    return None
                some.update(range(begin, end + 1))
            keys[state] = frozenset(some)
        return cls(int(found[1]), keys)

    def __str__(self) -> str:
        return ";".join(
            [str(self.last_act), *(f"{state}:{_ranges(keys)}" for state, keys in self.keys.items())]
        )

    def in_state(self, state: ReminderState) -> frozenset[int]:
        """The keys of those that were shown in a state."""
        return self.keys.get(state, frozenset())

    def unchanged(self, rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
        """Those of some reminders that were shown, and have the same state and no later act.

        It is a condition, so an UPDATE asks it again at the moment of the change.
        """
        same = Q(pk__in=())
        for state, keys in self.keys.items():
            same |= Q(state=state, pk__in=keys)
        return rows.filter(same).filter(Q(last_act=None) | Q(last_act__lte=self.last_act))


def _ranges(keys: Iterable[int]) -> str:
    """Numbers in ascending order, with those that follow one another drawn together: 1-17,20."""
    runs: list[list[int]] = []
    for key in sorted(keys):
        if runs and runs[-1][1] == key - 1:
            runs[-1][1] = key
        else:
            runs.append([key, key])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
