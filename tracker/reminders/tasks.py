"""The Celery tasks of reminders."""

import logging

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from tracker.reminders import calendar, clock, digest, scanning, servers
from tracker.reminders.incoming import postbox, recording

log = logging.getLogger(__name__)


@shared_task
def scan() -> None:
    """Every hour: plans the reminders that are due, and sends what may go at this hour.

    Then sends the weekly digests that are still to be sent, even if the scan failed.
    """
    try:
        done = scanning.scan(timezone.localdate(), at=timezone.now())
    finally:
        send_digests()
    log.info("planned %d; %s", done.plan.count, ", ".join(f"{n} {k}" for k, n in done.sent.items()))
    if done.plan.without_contact:
        log.warning(
            "no contact or desk officer for %s", ", ".join(state.pk for state in done.plan.without_contact)
        )


@shared_task
def send_digests() -> None:
    """On Mondays and with every scan: sends the weekly digests. Errors are logged and stop nothing else.

    As reminders, none is sent while the clock is in doubt.
    """
    if clock.in_doubt(timezone.now()):
        return
    try:
        counts = digest.send_due(timezone.localdate(), timezone.now())
    except Exception:
        log.exception("the weekly digests were stopped by an error")
    else:
        log.info("digests: %s", ", ".join(f"{n} {state}" for state, n in counts.items()) or "none to send")


@shared_task
def tell_calendars() -> None:
    """Every night, after the obligations: updates the calendar feeds."""
    if clock.in_doubt(timezone.now()):
        return
    found = calendar.synchronise(timezone.localdate())
    log.info("calendar: %d new, %d changed", len(found.new), len(found.changed))


@shared_task
def read_bounces() -> None:
    """Every hour, if BOUNCES_URL is set: reads the notifications about undeliverable mail."""
    try:
        with servers.reading_mailbox():
            counts = recording.collect(settings.BOUNCES)
    except postbox.Unavailable as error:
        log.error("the mailbox for bounces cannot be read: %s", error)  # noqa: TRY400 - the text says it all
        return
    log.info("mailbox for bounces: %s", ", ".join(f"{counts[kind]} {kind}" for kind in recording.RESULTS))
