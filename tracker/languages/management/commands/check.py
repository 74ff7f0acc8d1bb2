"""`manage.py check`: Django's, which also reads all catalogues of translations."""

from __future__ import annotations

from typing import Any

from django.core import checks
from django.core.management.commands import check

from tracker.languages.checks import check_texts


class Command(check.Command):
    help = "Checks the settings, the models and the catalogues of translations. " + check.Command.help

    def handle(self, *app_labels: list[str], **options: Any) -> None:
        checks.register(check_texts, checks.Tags.translation)
        super().handle(*app_labels, **options)
