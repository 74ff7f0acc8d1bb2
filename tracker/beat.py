"""Celery beat's own memory of its last runs, which a clock that was ahead must not stop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery.beat import PersistentScheduler

# Longer than the clocks of two hosts differ; a task that is due every hour is missed twice at most.
AHEAD = timedelta(hours=2)


class Scheduler(PersistentScheduler):
    """Counts from now on where the last run of a task is recorded for a day to come.

    Otherwise beat would do nothing until that day, also after a restart.
    """

    def tick(self, *args: Any, **kwargs: Any) -> float:
        for entry in self.schedule.values():
            last, now = entry.last_run_at, entry.default_now()
            if last is not None and last > now + AHEAD:
                entry.last_run_at = now
                self._heap = None  # made again from the entries
        seconds: float = super().tick(*args, **kwargs)
        return seconds
