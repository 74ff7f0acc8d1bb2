"""Proposed amendments, and the States' positions on them."""

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
from tracker.registry.models.treaty_actions import Treaty, TreatyAction
from tracker.rules import amendments


class Amendment(models.Model):
    """A proposed amendment to a treaty and how far it has come (OPSC art. 16, CRC art. 50)."""

    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="amendments", verbose_name=_("treaty"))
    title = models.CharField(
        _("title"),
        max_length=200,
        help_text=_("What it would change, for example “Amendment to article 12, paragraph 2”."),
    )
    proposed_by = models.ForeignKey(
        State,
        models.PROTECT,
        related_name="proposed_amendments",
        verbose_name=_("proposed by"),
        help_text=_("The State party that filed it with the Secretary-General."),
    )
    proposed_on = models.DateField(
        _("proposed on"),
        help_text=_("Day on which it was filed, as in the depositary notification. For example 2027-01-15."),
    )
    communicated_on = models.DateField(
        _("communicated on"),
        null=True,
        blank=True,
        help_text=_(
            "Date of the depositary notification that communicates it to the States parties; the four months "
            "run from it."
        ),
    )
    conference_on = models.DateField(
        _("conference on"),
        null=True,
        blank=True,
        help_text=_("First day of the conference of States parties, once it has begun."),
    )
    adopted_on = models.DateField(
        _("adopted on"),
        null=True,
        blank=True,
        help_text=_("Day of the vote, as in the final act or report of the conference."),
    )
    votes_for = models.PositiveSmallIntegerField(
        _("votes in favour"),
        null=True,
        blank=True,
        help_text=_("States parties that voted in favour at the conference; empty if no vote was taken."),
    )
    votes_against = models.PositiveSmallIntegerField(_("votes against"), null=True, blank=True)
    abstentions = models.PositiveSmallIntegerField(_("abstentions"), null=True, blank=True)
    approved_on = models.DateField(
        _("approved on"),
        null=True,
        blank=True,
        help_text=_("Day on which the General Assembly adopted the resolution that approves it."),
    )
    resolution = models.CharField(
        _("resolution"),
        max_length=60,
        blank=True,
        help_text=_("Resolution of the General Assembly, for example A/RES/50/155."),
    )
    in_force_on = models.DateField(
        _("recorded entry into force"),
        null=True,
        blank=True,
        help_text=_(
            "Only if the depositary notification states the day. Leave it empty to have it computed from the "
            "acceptances."
        ),
    )
    document = models.CharField(
        _("document"),
        max_length=100,
        blank=True,
        help_text=_("Document with its text: depositary notification (C.N. number) or UN symbol."),
    )
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Document or site where these days were read.")
    )
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering = ("-proposed_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(communicated_on=None) | Q(communicated_on__gte=F("proposed_on")),
                name="amendment_communicated_after_proposed",
                violation_error_message=_("A proposal is communicated on or after the day it was filed."),
            ),
            models.CheckConstraint(
                condition=Q(conference_on=None)
                | Q(communicated_on__isnull=False, conference_on__gte=F("communicated_on")),
                name="amendment_conference_after_communicated",
                violation_error_message=_("A conference meets after the proposal has been communicated."),
            ),
            models.CheckConstraint(
                condition=Q(adopted_on=None)
                | (
                    Q(communicated_on__isnull=False, adopted_on__gte=F("communicated_on"))
                    & (Q(conference_on=None) | Q(adopted_on__gte=F("conference_on")))
                ),
                name="amendment_adopted_after_conference",
                violation_error_message=_(
                    "An amendment is adopted after its communication, at the conference or later."
                ),
            ),
            models.CheckConstraint(
                condition=Q(approved_on=None) | Q(adopted_on__isnull=False, approved_on__gte=F("adopted_on")),
                name="amendment_approved_after_adopted",
                violation_error_message=_(
                    "The General Assembly approves an amendment on or after its adoption by the conference."
                ),
            ),
            models.CheckConstraint(
                condition=Q(votes_for=None, votes_against=None, abstentions=None)
                | Q(votes_for__isnull=False, votes_against__isnull=False, abstentions__isnull=False),
                name="amendment_vote_is_whole",
                violation_error_message=_("A vote has three numbers: in favour, against, abstaining."),
            ),
            models.CheckConstraint(
                condition=Q(in_force_on=None)
                | Q(approved_on__isnull=False, in_force_on__gte=F("approved_on")),
                name="amendment_in_force_after_approved",
                violation_error_message=_(
                    "An amendment enters into force on or after its approval by the General Assembly."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.treaty_id}: {self.title}"

    def get_absolute_url(self) -> str:
        """The path of the amendment's page, which is an interface like that of a State's page."""
        return f"/amendments/{self.pk}/"

    def as_rule(self) -> amendments.AmendmentFact:
        """The amendment as the rules take it."""
        return amendments.AmendmentFact(
            self.treaty_id,
            self.proposed_on,
            self.communicated_on,
            self.conference_on,
            self.adopted_on,
            self.approved_on,
            self.resolution,
            self.vote,
            self.in_force_on,
        )

    @property
    def vote(self) -> amendments.Vote | None:
        """The vote of the conference, if one is recorded."""
        if self.votes_for is None or self.votes_against is None or self.abstentions is None:
            return None
        return amendments.Vote(self.votes_for, self.votes_against, self.abstentions)

    def clean(self) -> None:
        """Reports errors by field; the constraints check the order of the days too."""
        super().clean()
        errors: dict[str, Any] = {}
        today = timezone.localdate()
        needed: tuple[str, dt.date | None, Any] | None = (
            None  # the step before, its day, the error if it is missing
        )
        for field, lacking in STEPS_OF_AN_AMENDMENT:
            on = getattr(self, field)
            if on is not None and on > today:
                errors[field] = _("This day is in the future; enter it once it has happened.")
            elif on is not None and needed is not None:
                before, earlier, why = needed
                if earlier is None and not errors.get(before):
                    errors[field] = why
                elif earlier is not None and on < earlier:
                    errors[field] = _("This is before the day of the previous step (%(day)s).") % {
                        "day": in_words(earlier)
                    }
            if field != "conference_on" or on is not None:  # a conference need not be recorded
                needed = (field, on, lacking)
        if self.resolution and self.approved_on is None:
            errors["approved_on"] = _("A resolution is entered; enter the day on which it was adopted too.")
        errors |= self._problems_of_vote()
        if self.proposed_on and not errors.get("proposed_on") and self.treaty_id and self.proposed_by_id:
            if self.treaty_id not in amendments.ARTICLES:
                errors["treaty"] = _("Amendments can be recorded for the OPSC and the CRC only.")
            elif not TreatyAction.objects.facts_of(self.proposed_by_id).is_party(
                self.treaty_id, self.proposed_on
            ):
                errors["proposed_by"] = _(
                    "Only a State party can propose an amendment, and %(state)s was not a State "
                    "party on %(day)s. Check the day, or enter its ratification, accession or "
                    "succession first."
                ) % {"day": in_words(self.proposed_on), "state": self.proposed_by}
        if errors:
            raise ValidationError(errors)

    def _problems_of_vote(self) -> dict[str, Any]:
        """What is wrong with the vote: it has three numbers and a day."""
        numbers = {name: getattr(self, name) for name in VOTES}
        missing = [name for name, number in numbers.items() if number is None]
        if len(missing) == len(VOTES):
            return {}
        if missing:
            return dict.fromkeys(
                missing, _("Enter all three numbers of the vote; enter 0 where no State voted that way.")
            )
        if self.conference_on is None and self.adopted_on is None:
            return {"votes_for": _("First enter the day of the conference, or of the adoption.")}
        return {}


VOTES = ("votes_for", "votes_against", "abstentions")
# Each step of an amendment, and the error of a later step if this one is missing.
STEPS_OF_AN_AMENDMENT: tuple[tuple[str, Any], ...] = (
    ("proposed_on", _("First enter the day on which it was filed.")),
    ("communicated_on", _("First enter the day on which it was communicated to the States parties.")),
    ("conference_on", ""),
    ("adopted_on", _("First enter the day on which the conference adopted it.")),
    ("approved_on", _("First enter the day on which the General Assembly approved it.")),
    ("in_force_on", ""),
)


class AmendmentPosition(models.Model):
    """The position of a State on an amendment: it favours a conference, or it accepts the amendment."""

    class Kind(models.TextChoices):
        """The kinds of position, as the rules name them."""

        FAVOURS = amendments.PositionKind.FAVOURS.value, _("favours a conference")
        ACCEPTS = amendments.PositionKind.ACCEPTS.value, _("accepts the amendment")

    amendment = models.ForeignKey(
        Amendment, models.CASCADE, related_name="positions", verbose_name=_("amendment")
    )
    state = models.ForeignKey(
        State, models.PROTECT, related_name="amendment_positions", verbose_name=_("State")
    )
    kind = models.CharField(_("position"), max_length=8, choices=Kind)
    date = models.DateField(
        _("date"),
        help_text=_(
            "Day on which the Secretary-General received the position, or the instrument of acceptance was deposited."
        ),
    )
    source = models.CharField(
        _("source"),
        max_length=200,
        blank=True,
        help_text=_("Note verbale, or depositary notification (C.N. number)."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("position on an amendment")
        verbose_name_plural = _("positions on amendments")
        ordering = ("amendment", "kind", "date", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("amendment", "state", "kind"),
                name="amendment_position_once",
                violation_error_message=_("This State's position of this kind is recorded already."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in amendments.PositionKind]),
                name="amendment_position_kind_known",
            ),
        ]

    def __str__(self) -> str:
        pattern = (
            gettext("%(state)s favours %(day)s")
            if self.kind == amendments.PositionKind.FAVOURS
            else gettext("%(state)s accepts %(day)s")
        )
        return pattern % {"state": self.state_id, "day": self.date}

    def as_rule(self) -> amendments.Position:
        """The position as the rules take it."""
        return amendments.Position(self.state_id, self.kind, self.date)

    def clean(self) -> None:
        """Reports errors by field."""
        super().clean()
        if errors := self.problems(self._is_party, timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, party: Callable[[], bool], today: dt.date) -> dict[str, Any]:
        """What is wrong with the position, by field.

        Args:
            party: whether the State is a party to the treaty on the day of the position.
        """
        if not (self.date and self.state_id and self.amendment_id):
            return {}
        message = self._too_early()
        if self.date > today:
            message = _("This day is in the future; enter it once it has happened.")
        elif not message and not party():
            message = _(
                "%(state)s was not a party to the %(treaty)s on this day. Check the State and the day, or enter its "
                "ratification, accession or succession first."
            ) % {"state": self.state, "treaty": self.amendment.treaty_id}
        return {"date": message} if message else {}

    def _is_party(self) -> bool:
        return TreatyAction.objects.facts_of(self.state_id).is_party(self.amendment.treaty_id, self.date)

    def _too_early(self) -> Any:
        """Why the position is too early for the amendment, or None."""
        if self.kind == amendments.PositionKind.FAVOURS:
            asked_on = self.amendment.communicated_on
            if asked_on is None or self.date < asked_on:
                return _(
                    "States favour a conference from the day on which the proposal is communicated to them."
                )
        elif self.kind == amendments.PositionKind.ACCEPTS:
            adopted_on = self.amendment.adopted_on
            if adopted_on is None or self.date < adopted_on:
                return _("An amendment can be accepted from the day of its adoption by the conference.")
        return None
