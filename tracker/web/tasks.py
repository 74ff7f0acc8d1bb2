"""Celery's door to this room."""

import logging

from celery import shared_task
from django.utils import timezone

from tracker.web import importing, retention

log = logging.getLogger(__name__)


@shared_task
def check_file(pk: int) -> None:
    """Checks a file that was handed in and is too long to be checked in the request."""
    importing.check_waiting(pk)


@shared_task
def save_file(pk: int) -> None:
    """Saves a file that a person has confirmed."""
    importing.save_checked(pk)


@shared_task
def forget() -> None:
    """Every night: forgets what is older than the settings say (`retention.py`)."""
    found = retention.forget(timezone.now())
    log.info("forgotten: %s", ", ".join(f"{n} {name}" for name, n in found.items() if n) or "nothing")
