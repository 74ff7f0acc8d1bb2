"""The scan of correspondence: what is due is drafted and sent, and what was broken off goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime

from tracker.correspondence import addresses, due, runs, sending
from tracker.correspondence.models import Dispatch
from tracker.reminders import clock

log = logging.getLogger(__name__)


def scan(day: date, at: datetime) -> dict[str, object]:
    """Carries out each step; an error in one is logged and stops no other. Nothing while the clock is in doubt.

    Args:
        day: today.
        at: now, in UTC.

    Returns:
        the results by step; one that failed is left out.
    """
    if clock.in_doubt(at):
        log.warning("no paper is drafted or sent while the clock is in doubt; see manage.py watch")
        return {}
    steps: dict[str, Callable[[], object]] = {
        "cancelled": lambda: due.cancel_outdated(day),
        "drafted": lambda: len(due.draft_due(day)),
        "in runs": lambda: sum(runs.carry_on(run, day=day) for run in runs.unfinished().order_by("pk")),
        "notices": lambda: addresses.plan(day),
        "mails": lambda: sending.send_due(day, at=at),
        "tasks": lambda: sending.about_stuck(Dispatch.objects.all()),
    }
    done = {}
    for name, step in steps.items():
        try:
            done[name] = step()
        except Exception:
            log.exception("the scan of correspondence: “%s” was stopped by an error", name)
    return done
