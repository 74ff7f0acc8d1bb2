"""Celery tasks of the web app."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tracker.reminders import bounces, calendar, digest, postbox, scanning

log = logging.getLogger(__name__)


@shared_task
def scan() -> None:
    """Every hour: plans what is due to be written by now, and sends what may go at this hour.

    Then the digests of the week to whom they have not gone yet, also where the scan was broken off.
    """
    try:
        done = scanning.scan(timezone.localdate(), at=timezone.now())
    finally:
        send_digests()
    log.info("planned %d; %s", done.plan.count, ", ".join(f"{n} {k}" for k, n in done.sent.items()))
    if done.plan.without_contact:
        log.warning("nobody to write to for %s", ", ".join(state.pk for state in done.plan.without_contact))


@shared_task
def send_digests() -> None:
    """On Mondays and with every scan: the weekly digests. What breaks it off is logged, and stops nothing else."""
    try:
        counts = digest.send_due(timezone.localdate(), timezone.now())
    except Exception:
        log.exception("the weekly digests were broken off")
    else:
        log.info("digests: %s", ", ".join(f"{n} {state}" for state, n in counts.items()) or "none to send")


@shared_task
def tell_calendars() -> None:
    """Every night, after the obligations: what the calendar feeds say of them."""
    found = calendar.synchronise(timezone.localdate())
    log.info("calendar: %d new, %d changed", len(found.new), len(found.changed))


@shared_task
def read_bounces() -> None:
    """Every hour, where BOUNCES_URL is set: what mail servers say that they could not deliver."""
    try:
        counts = bounces.collect(settings.BOUNCES)
    except postbox.Unavailable as error:
        log.error("the mailbox of what comes back cannot be read: %s", error)  # noqa: TRY400 - its text says it all
        return
    log.info(
        "mailbox of what comes back: %s", ", ".join(f"{counts[kind]} {kind}" for kind in bounces.RESULTS)
    )
