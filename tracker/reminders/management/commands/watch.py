"""Tells whether the machinery is alive."""

import smtplib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.registry.commands import TrackerCommand
from tracker.reminders import watch
from tracker.reminders.models import ScanRun


class Command(TrackerCommand):
    help = (
        "Is the machinery alive: last scan, oldest unsent, failed and doubtful reminders. "
        "Ends with 1 if something is stuck; writes nothing but the memory of its mails."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mail",
            action="store_true",
            help="write to the administrators (WATCH_EMAILS), once a day about the same trouble",
        )

    def handle(self, *, mail: bool, form: str, **options: Any) -> None:
        if mail and not settings.WATCH_EMAILS:
            raise CommandError("There is nobody to write to; set WATCH_EMAILS or ADMINISTRATOR_EMAIL.")
        now = timezone.now()
        seen = watch.look(now)
        found = watch.problems(seen, now)
        self.show_one(
            {
                "stuck": bool(found),
                "last_scan": _scan(ScanRun.objects.first()),
                "last_ended": _iso(seen.scan_ended),
                "last_send": _iso(seen.last_sent),
                "oldest_unsent": _iso(seen.oldest_unsent),
                "failing": seen.failing or 0,
                "dead": seen.dead or 0,
                "unknown": seen.unknown or 0,
                "problems": [{"kind": problem.kind, "text": problem.text} for problem in found],
            },
            form,
        )
        if seen.scan_began is None:
            self.tell("There has been no scan yet.")
        if mail:
            self._mail(found, now)
        if found:
            raise SystemExit(1)

    def _mail(self, found: list[watch.Problem], now: datetime) -> None:
        try:
            told = watch.mail_administrators(found, now)
        except (smtplib.SMTPException, OSError) as error:
            raise CommandError(
                f"The administrators could not be written to: {type(error).__name__}: {error}"
            ) from error
        if told:
            self.tell(f"Written to {', '.join(settings.WATCH_EMAILS)}.")


def _scan(run: ScanRun | None) -> dict[str, Any]:
    """The scan that began last; its end is empty while it is under way, or where it was broken off."""
    return {
        "began": _iso(run.started_at if run else None),
        "ended": _iso(run.finished_at if run else None),
        **{
            name: getattr(run, name) if run else None
            for name in ("planned", "sent", "failed", "dead", "error")
        },
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
