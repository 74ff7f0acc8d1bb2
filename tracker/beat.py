"""Celery beat's own memory of its last runs, which a clock that was ahead must not stop."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler

from tracker.rules.dates import CLOCKS_DIFFER


class Scheduler(PersistentScheduler):
    """Counts from now on where the last run of a task is recorded for a day to come.

    Otherwise beat would do nothing until that day, also after a restart.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        for entry in self.schedule.values():
            last, now = entry.last_run_at, entry.default_now()
            if last is not None and last > now + CLOCKS_DIFFER:
                entry.last_run_at = now
                self._heap = None  # made again from the entries
        seconds: float = super().tick(*args, **kwargs)
        return seconds
