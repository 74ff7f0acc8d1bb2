"""Celery's door to this room."""

import logging

from celery import shared_task
from django.utils import timezone

from tracker.reminders import calendar, scanning

log = logging.getLogger(__name__)


@shared_task
def scan() -> None:
    """Every hour: plans what is due to be written by now, and sends what may go at this hour."""
    done = scanning.scan(timezone.localdate(), at=timezone.now())
    log.info("planned %d; %s", done.plan.count, ", ".join(f"{n} {k}" for k, n in done.sent.items()))
    if done.plan.without_contact:
        log.warning("nobody to write to for %s", ", ".join(state.pk for state in done.plan.without_contact))


@shared_task
def tell_calendars() -> None:
    """Every night, after the obligations: what the calendar feeds say of them."""
    found = calendar.synchronise(timezone.localdate())
    log.info("calendar: %d new, %d changed", len(found.new), len(found.changed))
