"""The schedule of the recurring tasks, for Celery beat.

No task waits in the broker for its day: each run asks the database what is due. Times are UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from celery.schedules import crontab

SCAN_MINUTE = 15  # of each hour


def next_scan(now: datetime) -> datetime:
    """When reminders are planned and sent next."""
    this_hour = now.replace(minute=SCAN_MINUTE, second=0, microsecond=0)
    return this_hour if now < this_hour else this_hour + timedelta(hours=1)


def of_beat(*, reads_bounces: bool) -> dict[str, dict[str, Any]]:
    """The tasks and their times; bounces are read only where a mailbox for them is set."""
    found = {
        "synchronise obligations every night": {
            "task": "tracker.obligations.tasks.synchronise",
            "schedule": crontab(minute="5", hour="0"),
        },
        "delete old rows every night": {
            "task": "tracker.web.tasks.forget",
            "schedule": crontab(minute="45", hour="0"),
        },
        "update the calendar feeds every night": {
            "task": "tracker.reminders.tasks.tell_calendars",
            "schedule": crontab(minute="25", hour="0"),
        },
        "plan and send reminders every hour": {
            "task": "tracker.reminders.tasks.scan",
            "schedule": crontab(minute=str(SCAN_MINUTE)),
        },
        "draft and send papers every hour": {
            "task": "tracker.correspondence.tasks.scan",
            "schedule": crontab(minute=str(SCAN_MINUTE + 5)),
        },
        # The hourly scan sends what this run could not.
        "weekly digest": {
            "task": "tracker.reminders.tasks.send_digests",
            "schedule": crontab(minute="30", hour="6", day_of_week="mon"),
        },
    }
    if reads_bounces:
        found["read returned mail every hour"] = {
            "task": "tracker.reminders.tasks.read_bounces",
            "schedule": crontab(minute="45"),
        }
    return found
