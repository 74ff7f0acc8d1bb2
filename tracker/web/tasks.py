"""Celery tasks of the web app."""

import logging

from celery import shared_task
from django.utils import timezone

from tracker.changes import import_jobs
from tracker.reminders import clock
from tracker.web.ops import retention

log = logging.getLogger(__name__)


@shared_task
def check_file(pk: int) -> None:
    """Checks an uploaded file that is too long to be checked in the request."""
    import_jobs.check_waiting(pk)


@shared_task
def save_file(pk: int) -> None:
    """Saves an uploaded file after confirmation."""
    import_jobs.save_checked(pk)


@shared_task
def forget() -> None:
    """Deletes old data every night (`retention.py`); nothing while the clock is in doubt."""
    if clock.in_doubt(timezone.now()):
        log.warning("nothing is forgotten while the clock is in doubt; see manage.py watch")
        return
    found = retention.forget(timezone.now())
    log.info("forgotten: %s", ", ".join(f"{n} {name}" for name, n in found.items() if n) or "nothing")
