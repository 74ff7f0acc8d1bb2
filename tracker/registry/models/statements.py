"""Declarations, reservations, objections and territorial applications."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words
from tracker.registry.models.states import State
from tracker.registry.models.treaty_actions import ADOPTED, Treaty, TreatyAction
from tracker.rules import entry_into_force as rules


class Statement(models.Model):
    """A declaration, a reservation, an objection or a territorial application: a dated text with its source.

    No deadline depends on it.
    """

    class Kind(models.TextChoices):
        """The kinds of statement, as the depositary publishes them."""

        DECLARATION = "declaration", _("declaration")
        RESERVATION = "reservation", _("reservation")
        OBJECTION = "objection", _("objection")
        TERRITORIAL = "territorial application", _("territorial application")

    state = models.ForeignKey(State, models.PROTECT, related_name="statements", verbose_name=_("State"))
    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="statements", verbose_name=_("treaty"))
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    date = models.DateField(
        _("date"),
        help_text=_(
            "Day of the signature or deposit with which it was made, or of receipt of the notification. For example "
            "2003-01-23."
        ),
    )
    about = models.ForeignKey(
        State,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="objections",
        verbose_name=_("objects to the statement of"),
        help_text=_("Only for an objection: the State whose declaration or reservation it answers."),
    )
    text = models.TextField(_("text"), help_text=_("As the depositary published it, in whole or in part."))
    source = models.CharField(
        _("source"),
        max_length=200,
        help_text=_("Depositary notification (C.N. number), or document or site where the text was read."),
    )
    withdrawn_on = models.DateField(
        _("withdrawn on"),
        null=True,
        blank=True,
        help_text=_(
            "Day on which the depositary received the withdrawal. A partial withdrawal goes in the note."
        ),
    )
    withdrawal_source = models.CharField(
        _("source of the withdrawal"),
        max_length=200,
        blank=True,
        help_text=_(
            "Depositary notification (C.N. number), or document or site where the withdrawal was read."
        ),
    )
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("declaration, reservation or objection")
        verbose_name_plural = _("declarations, reservations and objections")
        ordering = ("state", "treaty", "date", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "treaty", "kind", "date"),
                condition=Q(about=None),
                name="statement_once_a_day",
                violation_error_message=_(
                    "A statement of this kind and day is recorded for this State and treaty already; add the text "
                    "to that one."
                ),
            ),
            models.UniqueConstraint(
                fields=("state", "treaty", "kind", "date", "about"),
                condition=Q(about__isnull=False),
                name="statement_objection_once_a_day",
                violation_error_message=_(
                    "An objection of this day to the same State is recorded already; add the text to that one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["declaration", "reservation", "objection", "territorial application"]),
                name="statement_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(treaty="OPSC") | Q(date__gte=rules.OPSC_ADOPTED),
                name="statement_not_before_opsc",
                violation_error_message=_("The OPSC was adopted on 25 May 2000; enter a day from then on."),
            ),
            models.CheckConstraint(
                condition=Q(date__gte=rules.CRC_ADOPTED),
                name="statement_not_before_crc",
                violation_error_message=_(
                    "The CRC was adopted on 20 November 1989; enter a day from then on."
                ),
            ),
            models.CheckConstraint(
                condition=Q(kind="objection", about__isnull=False) | (~Q(kind="objection") & Q(about=None)),
                name="statement_objection_names_a_state",
                violation_error_message=_("An objection names the State objected to; other kinds name none."),
            ),
            models.CheckConstraint(
                condition=Q(about=None) | ~Q(about=F("state")),
                name="statement_objects_to_another",
                violation_error_message=_(
                    "A State does not object to its own statement; enter the State objected to."
                ),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("date")),
                name="statement_withdrawn_after_made",
                violation_error_message=_("A statement is withdrawn on or after the day it was made."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.treaty_id} {self.get_kind_display()} {self.date}"

    @property
    def label(self) -> str:
        """The kind in words; for an objection, also the State objected to."""
        if self.about is None:
            return str(self.get_kind_display())
        return gettext("objection to the statement of %(state)s") % {"state": self.about.shown_name}

    def is_withdrawn(self, on: dt.date) -> bool:
        """Whether it had been withdrawn by a day."""
        return self.withdrawn_on is not None and self.withdrawn_on <= on

    def clean(self) -> None:
        """Reports errors by field; the constraints check the same."""
        super().clean()
        if errors := self.problems(self._acted, timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, acted: Callable[[], bool], today: dt.date) -> dict[str, Any]:
        """What is wrong with the statement, by field.

        Args:
            acted: whether the State had signed or joined the treaty by the day of the statement.
        """
        errors: dict[str, Any] = self._problems_of_about()
        if self.date:
            if self.date > today:
                errors["date"] = _("This day is in the future; enter a statement once it has been made.")
            elif self.treaty_id in ADOPTED and self.date < ADOPTED[self.treaty_id]:
                errors["date"] = _("The %(treaty)s was adopted on %(day)s; enter a day from then on.") % {
                    "treaty": self.treaty_id,
                    "day": in_words(ADOPTED[self.treaty_id]),
                }
            elif self.state_id and self.treaty_id and not acted():
                errors["date"] = _(
                    "By this day the State had neither signed nor joined the %(treaty)s. Check the State and the "
                    "day, or enter its treaty action first."
                ) % {"treaty": self.treaty_id}
        return errors | self._problems_of_withdrawal(today)

    def _problems_of_about(self) -> dict[str, Any]:
        """What is wrong with the State objected to: only an objection names one."""
        if self.kind == self.Kind.OBJECTION:
            if self.about_id is None:
                return {
                    "about": _("Enter the State whose declaration or reservation this objection answers.")
                }
            if self.about_id == self.state_id:
                return {
                    "about": _("A State does not object to its own statement; enter the State objected to.")
                }
        elif self.kind and self.about_id is not None:
            return {
                "about": _("Only an objection names another State; leave this empty, or choose objection.")
            }
        return {}

    def _problems_of_withdrawal(self, today: dt.date) -> dict[str, Any]:
        """What is wrong with the withdrawal: it is later than the statement and has a source."""
        if self.withdrawn_on is None:
            if self.withdrawal_source:
                return {
                    "withdrawn_on": _("A source of the withdrawal is given; enter the day of withdrawal.")
                }
            return {}
        if self.withdrawn_on > today:
            return {
                "withdrawn_on": _("This day is in the future; enter a withdrawal once it has been received.")
            }
        if self.date and self.withdrawn_on < self.date:
            return {
                "withdrawn_on": _("The statement was made on %(day)s; enter a day from then on.")
                % {"day": in_words(self.date)}
            }
        if not self.withdrawal_source:
            return {"withdrawal_source": _("Enter where the withdrawal was read.")}
        return {}

    def _acted(self) -> bool:
        """Whether the State had signed or joined the treaty by the day."""
        actions = TreatyAction.objects.filter(state=self.state_id, treaty=self.treaty_id, date__lte=self.date)
        return actions.exists()
