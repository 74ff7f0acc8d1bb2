"""Celery's door to this room."""

from celery import shared_task

from tracker.web import importing


@shared_task
def check_file(pk: int) -> None:
    """Checks a file that was handed in and is too long to be checked in the request."""
    importing.check_waiting(pk)


@shared_task
def save_file(pk: int) -> None:
    """Saves a file that a person has confirmed."""
    importing.save_checked(pk)
