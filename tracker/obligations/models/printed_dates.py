"""Due dates as the United Nations printed them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.obligations import checks
from tracker.obligations.models.cycles import CyclesNamed, cycles_constraints
from tracker.registry.models import TreatyAction
from tracker.rules.facts import Facts


class PrintedDate(CyclesNamed):
    """The year or day that the UN printed as the due date of a report; it never replaces ours."""

    printed = models.CharField(
        _("due as printed by the UN"),
        max_length=10,
        validators=[
            RegexValidator(r"^\d{4}(-\d\d-\d\d)?\Z", _("Enter a year, or a day such as 2015-09-26."))
        ],
        help_text=_("As printed on the cover or in the list: a year, or a day such as 2015-09-26."),
    )
    document = models.CharField(
        _("document"), max_length=100, blank=True, help_text=_("The report or list that prints the date.")
    )
    printed_on = models.DateField(
        _("printed on"),
        help_text=_(
            "Day of that document, or of receipt of that report; the printed date counts from that day."
        ),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("printed due date")
        verbose_name_plural = _("printed due dates")
        ordering = ("state", "kind", "first_cycle", "pk")
        constraints = [
            *cycles_constraints("printed_date"),
            models.UniqueConstraint(
                fields=("state", "kind", "carried_by", "first_cycle", "last_cycle"),
                name="printed_date_once",
                violation_error_message=_(
                    "The printed due date of this report is recorded already; correct it there."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.get_kind_display()} {self.cycles}: {self.printed}"

    def known_on(self) -> Any:
        return self.printed_on

    def differs_from(self, due_on: date | None, *, year_only: bool = False) -> bool:
        """Whether the printed date differs from ours; False if we have none.

        Args:
            year_only: only the year of our date is known.
        """
        if due_on is None:
            return False
        ours = f"{due_on.year}" if year_only else due_on.isoformat()
        return not ours.startswith(self.printed[: len(ours)])

    def clean(self) -> None:
        super().clean()
        if errors := self.problems(
            lambda: TreatyAction.objects.facts_of(self.state_id), timezone.localdate()
        ):
            raise ValidationError(errors)

    def problems(self, facts: Callable[[], Facts], today: date) -> dict[str, Any]:
        """What is wrong with the printed date, by field.

        Args:
            facts: returns the treaty actions of its State; called only if nothing else is wrong.
        """
        errors: dict[str, Any] = {}
        if self.printed_on and self.printed_on > today:
            errors["printed_on"] = _("This day is in the future; enter the date once it is printed.")
        if self.printed and len(self.printed) == len("2015-09-26"):
            try:
                date.fromisoformat(self.printed)
            except ValueError:
                errors["printed"] = _("There is no such day; enter a year, or a day such as 2015-09-26.")
        if not errors and self.state_id and self.carried_by:
            errors = checks.of_party(self.carried_by, facts())
        return errors
