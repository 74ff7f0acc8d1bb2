"""Celery's door to this room."""

import logging

from celery import shared_task
from django.utils import timezone

from tracker.reminders import calendar, plan, send

log = logging.getLogger(__name__)


@shared_task
def scan() -> None:
    """Every hour: plans what is due to be written by now, and sends what may go."""
    today = timezone.localdate()
    planned = plan.plan(today)
    counts = send.send_due(today)
    log.info("planned %d; %s", len(planned.planned), ", ".join(f"{n} {k}" for k, n in counts.items()))
    if planned.without_contact:
        log.warning("nobody to write to for %s", ", ".join(state.pk for state in planned.without_contact))


@shared_task
def tell_calendars() -> None:
    """Every night, after the obligations: what the calendar feeds say of them."""
    found = calendar.synchronise(timezone.localdate())
    log.info("calendar: %d new, %d changed", len(found.new), len(found.changed))
