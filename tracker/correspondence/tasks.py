"""The Celery tasks of correspondence."""

import logging

from celery import shared_task
from django.utils import timezone

from tracker.correspondence import runs, scanning, sending
from tracker.correspondence.models import PaperRun
from tracker.reminders import clock

log = logging.getLogger(__name__)


@shared_task
def scan() -> None:
    """Every hour, after the scan of reminders, which looks at the clock."""
    done = scanning.scan(timezone.localdate(), timezone.now())
    log.info("correspondence: %s", ", ".join(f"{name} {what}" for name, what in done.items()))


@shared_task
def send() -> None:
    """Sends what a person has just dispatched, if the days and hours of sending allow it now."""
    now = timezone.now()
    if not clock.in_doubt(now):
        log.info("correspondence: %s", sending.send_due(timezone.localdate(now), at=now))


@shared_task
def carry_on(pk: int) -> None:
    """Drafts the papers of a run; while the clock is in doubt, later, because each has a number of its year."""
    if clock.in_doubt(timezone.now()):
        return
    log.info("run %d: %d papers drafted", pk, runs.carry_on(PaperRun.objects.get(pk=pk)))
