"""Measures the forecast of the queue, and replays it from what was known on earlier days.

`python -m bench.queue --write` writes the figures that the page of the forecast shows. They come from the shipped data
and a fixed seed, so that they are the same on every machine.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import date, timedelta
from typing import Any

from bench.reminders import line, seconds
from bench.scratch import TODAY, database, shipped

RUNS, YEARS, PROMISED = 1000, 20, 2.0  # seconds, in one process
STATES = 60


def main() -> None:
    with database("queue"):
        import django

        django.setup()
        logging.getLogger("tracker").setLevel(logging.ERROR)  # there is no broker
        shipped()
        drawing()
        replaying("--write" in sys.argv)


def drawing() -> None:
    """A forecast of a long queue, and the same with a session cancelled."""
    from tracker.rules.queue import Assumptions, Forecast, QueuedState, changed, sessions_ahead

    waiting = [QueuedState(f"S{at}", TODAY - timedelta(40 * at + 30)) for at in range(STATES)]
    assumed = Assumptions(unsure=70, lost=10, others=STATES, runs=RUNS, years=YEARS)
    sessions = sessions_ahead(TODAY, (), assumed)
    forecast = Forecast(TODAY, waiting, assumed)
    what = f"forecast {STATES} of {2 * STATES} reports, {RUNS:,} runs, {YEARS} years"
    line(what, seconds(lambda: forecast.outlooks(sessions)), f"at most {PROMISED:.0f} s")
    cancelled = changed(sessions, cancel=sessions[0].key)
    line("the same with a session cancelled", seconds(lambda: forecast.outlooks(cancelled)))


def replaying(write: bool) -> None:
    """Forecasts of earlier days, compared with what followed."""
    from tracker.consideration.forecast import REPLAYED

    found = replays()
    for row in found:
        print(
            f"replay of {row['day']}: {row['considered']} of {row['states']} considered since, {row['inside']} within "
            f"the range, median error {row['median_error']} months (bias {row['bias']}); {row['waiting']} not known to "
            f"have been considered, {row['passed']} of them beyond their range"
        )
    text = json.dumps(found, indent=1) + "\n"
    if write:
        REPLAYED.write_text(text, encoding="utf-8")
    elif REPLAYED.read_text(encoding="utf-8") != text:
        print("These figures differ from those on the page: run python -m bench.queue --write.")


def replays() -> list[dict[str, Any]]:
    """The figures of each replay, up to the newest session recorded."""
    from tracker.consideration.forecast import REPLAYED_DAYS, replay, sessions_on
    from tracker.rules.dates import end_of_month

    newest = max((one.last_day for one in sessions_on(TODAY) if one.last_day <= TODAY), default=TODAY)
    # Of some dialogues the month alone is recorded.
    until = end_of_month(newest.year, newest.month)
    return [_figures(replay(day, until, RUNS), until) for day in REPLAYED_DAYS]


def _figures(found: Any, until: date) -> dict[str, Any]:
    return {
        "day": found.day.isoformat(),
        "until": until.isoformat(),
        "states": found.states,
        "considered": len(found.errors),
        "median_error": found.median_error,
        "bias": found.bias,
        "inside": found.inside,
        "waiting": found.waiting,
        "passed": found.passed,
    }


if __name__ == "__main__":
    main()
