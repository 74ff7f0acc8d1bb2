"""Celery's door to this room."""

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from tracker.web import audit, importing, throttling


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
    """Every night: deletes what of the security log is too old, old failures, and the sessions that have ended."""
    now = timezone.now()
    audit.forget(now)
    throttling.forget(now)
    call_command("clearsessions")
