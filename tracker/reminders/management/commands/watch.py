"""Shows whether scans run and mail goes out."""

import smtplib
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker import proxies
from tracker.registry.commands import TrackerCommand
from tracker.reminders import watch
from tracker.reminders.models import ScanRun


class Command(TrackerCommand):
    help = (
        "Shows the last scan, the oldest unsent reminder, failed and unknown ones. Exits with 1 if something is "
        "stuck. Saves only when it last sent a mail."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--mail",
            action="store_true",
            help="send a mail to the administrators (WATCH_EMAILS), at most one a day about the same problem",
        )

    def handle(self, *, mail: bool, form: str, **options: Any) -> None:
        if mail and not settings.WATCH_EMAILS:
            raise CommandError("There is no recipient; set WATCH_EMAILS or ADMINISTRATOR_EMAIL.")
        now = timezone.now()
        seen = watch.look(now)
        found = watch.problems(seen, now)
        self.show_one(
            {
                "stuck": bool(found),
                "last_scan": _scan(ScanRun.objects.order_by("-pk").first()),
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
        if line := proxies.sentence():
            self.tell(line)
        if seen.scan_began is None:
            self.tell("There has been no scan yet.")
        if mail:
            self._mail(found, now)
        if found:
            raise SystemExit(1)

    def _mail(self, found: list[watch.WatchProblem], now: datetime) -> None:
        try:
            mailed = watch.mail_administrators(found, now)
        except (smtplib.SMTPException, OSError) as error:
            raise CommandError(
                f"The mail to the administrators could not be sent: {type(error).__name__}: {error}"
            ) from error
        if mailed:
            self.tell(f"Mail sent to {', '.join(settings.WATCH_EMAILS)}.")


def _scan(run: ScanRun | None) -> dict[str, Any]:
    """The latest scan; without an end it is still running, or was stopped by an error."""
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
