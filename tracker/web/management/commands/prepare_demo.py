"""Sets up the demonstration: database, shipped data, obligations, contacts and mails."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.correspondence import scanning
from tracker.obligations import sync
from tracker.obligations.counts import status_counts
from tracker.obligations.load import LOADED, load_folder
from tracker.obligations.models import Submission
from tracker.registry.demonstration import add_contacts
from tracker.registry.models import Contact, State
from tracker.registry.shipped import SHIPPED
from tracker.reminders.scanning import scan

STAFF = "staff"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Command(BaseCommand):
    help = "Prepares the demonstration that `make run` starts; keeps existing data."

    def handle(self, **options: Any) -> None:
        if not settings.EMAIL_FILE_PATH and settings.EMAIL_HOST not in LOOPBACK:
            raise CommandError(
                "EMAIL_URL names a mail server on another machine, and the demonstration sends no mail off this "
                "machine. Unset EMAIL_URL, or start the processes one by one (docs/production.md)."
            )
        to_server = not settings.EMAIL_FILE_PATH
        today = timezone.localdate()
        call_command("migrate", verbosity=0, interactive=False)
        if State.objects.exists():
            sync.synchronise(today)
        else:
            load_folder(SHIPPED, today=today, reason=LOADED())
            if not to_server:
                add_contacts()
        if to_server and Contact.objects.filter(is_demonstration=True, active=True).exists():
            raise CommandError(
                "EMAIL_URL names a mail server, and the contacts of the demonstration have made-up addresses. Unset "
                "EMAIL_URL, set VAR_DIR to an empty folder to begin without them, or deactivate them."
            )
        done = scan(today)  # the worker's own first scan may be an hour away
        drafted = scanning.scan(today, timezone.now()).get("drafted", 0)
        self._staff(settings.VAR_DIR / "staff_password")
        counts = status_counts(today)
        overdue = sum(counts["overdue_bands"].values())
        self.stdout.write(
            f"{State.objects.count()} States, {counts['parties']} of them parties; "
            f"{Submission.objects.count()} reports received, {overdue} overdue, "
            f"{counts['initial']['no_record']} initial reports without record."
        )
        where = (
            f"given to {settings.EMAIL_HOST}:{settings.EMAIL_PORT}, which may pass them on"
            if to_server
            else f"sent to {settings.EMAIL_FILE_PATH} (no mail leaves this machine)"
        )
        self.stdout.write(f"{drafted} notes and letters drafted.")
        self.stdout.write(f"{done.plan.count} reminders planned, {done.sent['sent']} {where}.")

    def _staff(self, kept_in: Path) -> None:
        """Creates the staff user with a generated password, stored in a file on this machine."""
        users = get_user_model().objects
        user = users.filter(username=STAFF).first()
        if user is not None and kept_in.exists() and kept_in.read_text().strip():
            return
        password = secrets.token_urlsafe(9)
        if user is None:
            users.create_superuser(STAFF, "staff@example.org", password)
        else:
            user.set_password(password)
            user.save(update_fields=["password"])
        kept_in.touch(mode=0o600)
        kept_in.write_text(password + "\n")
