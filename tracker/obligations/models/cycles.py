"""The fields shared by all facts about reports: State, kind, series and cycles."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models.choices import REPORTS, CarriedBy, Kind
from tracker.obligations.models.obligations import report_label
from tracker.registry.models import State, TreatyAction
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import NEXT, Carrier, Facts, ReportKind
from tracker.rules.schedule import PeriodicRule

MOST_CYCLES = 99
# The Committee requests reports at most a few cycles ahead; a later year is a typing error.
MOST_YEARS_AHEAD = 20


def series_on(facts: Facts, kind: str, day: Any) -> str:
    """The series of a State's report on a day: its own unless the State is a party to the CRC."""
    if kind != ReportKind.PERIODIC or one_series() or not facts.is_party(TreatyCode.CRC, day):
        return Carrier.OWN.value
    return Carrier.CRC_REPORT.value


def has_crc_series(facts: Facts) -> bool:
    """Whether a State ever had reports under the CRC that count here."""
    return not one_series() and bool(facts.memberships(TreatyCode.CRC))


def one_series() -> bool:
    """Whether this installation follows only the States' own series."""
    return PeriodicRule(settings.PERIODIC_RULE).one_series


class CyclesNamed(models.Model):
    """Base of the facts about reports: the State, and the cycles that the fact names."""

    state = models.ForeignKey(State, models.PROTECT, related_name="%(class)ss", verbose_name=_("State"))
    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=REPORTS,
        default=Kind.PERIODIC,
        error_messages={
            "invalid_choice": _(
                "Choose initial or periodic; a reply to a request for further information is entered with "
                "that request."
            )
        },
    )
    first_cycle = models.PositiveSmallIntegerField(
        _("first cycle"),
        default=1,
        validators=[MaxValueValidator(MOST_CYCLES)],
        help_text=_("1 for the initial report; 3 for “third and fourth” as well as for “third”."),
    )
    last_cycle = models.PositiveSmallIntegerField(
        _("last cycle"),
        default=1,
        validators=[MaxValueValidator(MOST_CYCLES)],
        help_text=_("4 for “third and fourth”; the same as the first cycle for a single report."),
    )
    carried_by = models.CharField(
        _("carried by"),
        max_length=10,
        choices=CarriedBy,
        blank=True,
        help_text=_(
            "Empty: “report under the CRC” for a periodic report of a State party to the CRC, otherwise “own”."
        ),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._settle_series()
        super().save(*args, **kwargs)

    def _settle_series(self) -> None:
        """Fills in an empty series."""
        if not self.carried_by and self.state_id and (self.kind != Kind.PERIODIC or self.known_on()):
            periodic = self.kind == Kind.PERIODIC
            facts = TreatyAction.objects.facts_of(self.state_id) if periodic else Facts()
            self.carried_by = series_on(facts, self.kind, self.known_on())

    def known_on(self) -> Any:
        """The day from which the fact counts; None until it is entered."""
        raise NotImplementedError  # every subclass has its own

    def may_be_unnumbered(self) -> bool:
        """Whether the fact may be about "the next report" under the CRC, without a number."""
        return False

    @property
    @admin.display(description=_("Cycles"))
    def cycles(self) -> str:
        """The numbers as documents print them: "3" or "3-4"; empty for a next report without a number."""
        if self.first_cycle == NEXT:
            return ""
        return (
            str(self.first_cycle)
            if self.first_cycle == self.last_cycle
            else f"{self.first_cycle}-{self.last_cycle}"
        )

    @property
    def label(self) -> str:
        """The reports that it names, in words: "periodic reports 3-4"."""
        return report_label(self.kind, self.first_cycle, self.carried_by, last_cycle=self.last_cycle)

    def clean(self) -> None:
        super().clean()
        self._settle_series()  # before the constraints on it are checked
        if errors := self.problems_of_cycles():
            raise ValidationError(errors)

    def problems_of_cycles(self) -> dict[str, Any]:
        """What is wrong with the cycles and the series, by field."""
        errors: dict[str, Any] = {}
        if self.first_cycle is not None and self.last_cycle is not None:
            if self.last_cycle < self.first_cycle:
                errors["last_cycle"] = _("The last cycle cannot come before the first.")
            elif self.kind == Kind.INITIAL and self.first_cycle != 1:
                errors["first_cycle"] = _("The initial report is cycle 1; choose periodic for later ones.")
            elif self.first_cycle == NEXT and (self.last_cycle != NEXT or not self.may_be_unnumbered()):
                errors["first_cycle"] = _("Enter the number of the report.")
        if self.kind == Kind.INITIAL and self.carried_by == CarriedBy.CRC_REPORT:
            errors["carried_by"] = _(
                "The initial report is never part of a report under the CRC. Choose “own”."
            )
        return errors


def cycles_constraints(name: str) -> list[models.BaseConstraint]:
    """The constraints on the cycles that a fact names."""
    return [
        models.CheckConstraint(
            condition=(
                Q(first_cycle__gte=1) & Q(last_cycle__gte=F("first_cycle")) & Q(last_cycle__lte=MOST_CYCLES)
            )
            | Q(first_cycle=NEXT, last_cycle=NEXT, carried_by=Carrier.CRC_REPORT.value),
            name=f"{name}_cycles_in_order",
        ),
        models.CheckConstraint(
            # May be "1-2", combined with the second.
            condition=~Q(kind=ReportKind.INITIAL.value) | Q(first_cycle=1, carried_by=Carrier.OWN.value),
            name=f"{name}_initial_is_cycle_1",
        ),
    ]
