"""Celery tasks of the web app."""

import logging

from celery import shared_task
from django.utils import timezone

from tracker.obligations import sync

log = logging.getLogger(__name__)


@shared_task
def synchronise() -> None:
    """Runs every night, because the horizon moves with the day."""
    found = sync.synchronise(timezone.localdate())
    log.info(
        "synchronised: %d new, %d changed, %d no longer expected, %d unchanged",
        len(found.missing),
        len(found.changed),
        len(found.obsolete),
        found.unchanged,
    )
