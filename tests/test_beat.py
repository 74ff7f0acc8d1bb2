"""Beat goes on after a clock that was years ahead, running and restarted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tracker.beat import Scheduler
from tracker.celery import app

NOW = datetime(2026, 3, 16, 9, 14, 30, tzinfo=UTC)


HOURLY, NIGHTLY = "plan and send reminders every hour", "delete old rows every night"


def a_scheduler(folder: Path, ran: list[str]) -> Any:
    """Beat with the schedule of the product; tasks are noted instead of sent."""
    made = Scheduler(app=app, schedule_filename=str(folder / "schedule"), lazy=True)
    made.apply_async = lambda entry, **options: ran.append(entry.name)
    made.setup_schedule()
    return made


@pytest.mark.parametrize("restarted", [False, True])
def test_beat_runs_on_after_a_clock_years_ahead(tmp_path: Path, restarted: bool) -> None:
    ran: list[str] = []
    with time_machine.travel(NOW, tick=False) as clock:
        beat = a_scheduler(tmp_path, ran)
        beat.tick()
        clock.shift(timedelta(days=1096))
        for _ in range(10):
            beat.tick()
        assert {HOURLY, NIGHTLY} <= set(ran)
        clock.move_to(NOW, tick=False)
        if restarted:
            beat.close()
            beat = a_scheduler(tmp_path, ran)
        ran.clear()
        for minutes in range(0, 25 * 60, 5):
            clock.move_to(NOW + timedelta(minutes=minutes), tick=False)
            for _ in range(5):
                beat.tick()
        beat.close()
    assert (ran.count(HOURLY), ran.count(NIGHTLY)) == (25, 1)
