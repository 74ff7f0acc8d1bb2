"""The settings of the product, with short times."""

import os

from tracker.settings import *  # noqa: F403

EMAIL_TIMEOUT = 2  # seconds; with less, a busy machine looks like a server that hangs
# Longer than one mail takes on a busy machine, as in production.
REMINDERS_LEASE_SECONDS = int(os.environ["FAULTS_LEASE"])
# Only the scan, so often that two are always running at the same time.
CELERY_BEAT_SCHEDULE = {
    "scan": {"task": "tracker.reminders.tasks.scan", "schedule": float(os.environ["FAULTS_BEAT"])}
}
# A task that a dead worker held returns while the case still runs.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 5,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
