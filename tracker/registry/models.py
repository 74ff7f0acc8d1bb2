"""The facts that people enter, each with its source: States, treaties, treaty actions, contacts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.rules import amendments
from tracker.rules import entry_into_force as rules
from tracker.rules.dates import add_years, in_words
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode
from tracker.rules.facts import Carrier, Facts
from tracker.rules.status import Records


class Region(models.TextChoices):
    """The UN regional groups (General Assembly, groups of Member States)."""

    AFRICA = "AFR", _("African States")
    ASIA_PACIFIC = "APS", _("Asia-Pacific States")
    EASTERN_EUROPE = "EES", _("Eastern European States")
    LATIN_AMERICA = "GRULAC", _("Latin American and Caribbean States")
    WESTERN = "WEOG", _("Western European and other States")


class Language(models.TextChoices):
    """The six official languages of the United Nations."""

    ARABIC = "ar", _("Arabic")
    CHINESE = "zh", _("Chinese")
    ENGLISH = "en", _("English")
    FRENCH = "fr", _("French")
    RUSSIAN = "ru", _("Russian")
    SPANISH = "es", _("Spanish")


class State(models.Model):
    """A State, named as the United Nations names it and keyed by ISO 3166 alpha-3."""

    iso3 = models.CharField(
        _("alpha-3"),
        max_length=3,
        primary_key=True,
        validators=[
            RegexValidator(r"^[A-Z]{3}\Z", _("Enter the three capital letters of ISO 3166 alpha-3."))
        ],
        help_text=_("ISO 3166 alpha-3, for example NOR."),
    )
    iso2 = models.CharField(
        _("alpha-2"),
        max_length=2,
        unique=True,
        null=True,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Enter the two capital letters of ISO 3166 alpha-2."))],
        help_text=_("ISO 3166 alpha-2, for example NO."),
    )
    name = models.CharField(
        _("name"),
        max_length=120,
        unique=True,
        help_text=_("As in the UN Terminology Database, for example Viet Nam."),
    )
    region = models.CharField(
        _("regional group"), max_length=6, choices=Region, blank=True, help_text=_("UN regional group.")
    )
    language = models.CharField(
        _("correspondence language"), max_length=2, choices=Language, default=Language.ENGLISH
    )
    desk_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("desk officer"),
        help_text=_("Who follows this State, and is written to beside its contacts."),
    )
    records_from = models.DateField(
        _("records from"),
        null=True,
        blank=True,
        help_text=_(
            "The office holds everything received from this day on. A report that fell due earlier and is "
            "not here counts as “no record”, never as overdue. Empty: the records are complete from the "
            "start."
        ),
    )
    carried_records_from = models.DateField(
        _("records of reports under the CRC from"),
        null=True,
        blank=True,
        help_text=_(
            "The office holds every report under the CRC received from this day on. Empty: it is not known how "
            "complete these records are, so that no such report counts as overdue."
        ),
    )
    records_until = models.DateField(
        _("records until"),
        null=True,
        blank=True,
        help_text=_(
            "The last day of which the records are complete, for data that came with the program. What fell due "
            "later and is not here counts as “no record”. Empty it once the office holds everything received "
            "since that day."
        ),
    )
    records_evidence_on = models.DateField(
        _("evidence of"),
        null=True,
        blank=True,
        help_text=_("Date of the document from which it is known that nothing was received."),
    )
    records_source = models.CharField(_("source of the evidence"), max_length=200, blank=True)
    records_note = models.TextField(_("note on the records"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("State")
        verbose_name_plural = _("States")
        ordering = ("name",)
        constraints = [
            models.CheckConstraint(condition=Q(iso3__regex=r"^[A-Z]{3}$"), name="state_iso3_is_alpha3"),
            *(
                models.CheckConstraint(
                    condition=Q(records_until=None) | Q((name, None)) | Q(records_until__gte=F(name)),
                    name=f"state_{name}_before_until",
                    violation_error_message=_(
                        "The records end before they begin. Empty “records until” if the office keeps them now."
                    ),
                )
                for name in ("records_from", "carried_records_from")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The State's page. The path is an interface (`/states/USA/`), so it needs no reverse lookup."""
        return f"/states/{self.pk}/"

    def records(self, carried_by: str) -> Records:
        """For which due dates the office's records of a series are complete."""
        if carried_by == Carrier.CRC_REPORT:
            since = self.carried_records_from
            return Records(since, self.records_until, known=since is not None)
        return Records(self.records_from, self.records_until)


class RegionDesk(models.Model):
    """Who follows the States of a regional group that have no desk officer of their own."""

    region = models.CharField(_("regional group"), max_length=6, choices=Region, unique=True)
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="region_desks", verbose_name=_("desk officer")
    )

    class Meta:
        verbose_name = _("desk of a region")
        verbose_name_plural = _("desks of regions")
        ordering = ("region",)

    def __str__(self) -> str:
        return f"{self.get_region_display()}: {self.officer}"


class Treaty(models.Model):
    """A treaty whose participation is followed: the OPSC and, for its calendar, the CRC."""

    code = models.CharField(_("code"), max_length=8, primary_key=True)
    title = models.CharField(_("title"), max_length=200)
    adopted_on = models.DateField(_("adopted on"))
    in_force_on = models.DateField(_("in force on"))

    class Meta:
        verbose_name = _("treaty")
        verbose_name_plural = _("treaties")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Confidence(models.TextChoices):
    """How far the sources of a shipped day agree."""

    TWO_SOURCES = "two-sources", _("two sources agree")
    ONE_SOURCE = "one-source", _("one source")
    MEMORY = "memory", _("day to be confirmed")


class TreatyAction(models.Model):
    """What a State did to a treaty, on which day: signature, ratification, accession, and so on.

    A State is counted as a party from its deposit; its duties run from the entry into force.
    """

    class Kind(models.TextChoices):
        """The kinds of action, as the rules name them."""

        SIGNATURE = ActionKind.SIGNATURE.value, _("signature")
        RATIFICATION = ActionKind.RATIFICATION.value, _("ratification")
        ACCESSION = ActionKind.ACCESSION.value, _("accession")
        SUCCESSION = ActionKind.SUCCESSION.value, _("succession")
        DENUNCIATION = ActionKind.DENUNCIATION.value, _("denunciation")

    state = models.ForeignKey(State, models.PROTECT, related_name="actions", verbose_name=_("State"))
    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="actions", verbose_name=_("treaty"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    date = models.DateField(
        _("date"),
        help_text=_(
            "Day of signature, of deposit of the instrument, or of receipt of the notification, as in the "
            "depositary notification or the UN Treaty Collection. For example 2003-01-23."
        ),
    )
    effective_on = models.DateField(
        _("recorded effective date"),
        null=True,
        blank=True,
        help_text=_(
            "Only if the depositary notification states the day of entry into force or of effect. Leave it "
            "empty to have it computed from the treaty."
        ),
    )
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("Depositary notification, C.N. number.")
    )
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Document or site where the day was read.")
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Confidence, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("treaty action")
        verbose_name_plural = _("treaty actions")
        ordering = ("state", "treaty", "date", "pk")
        constraints = [
            models.UniqueConstraint(
                # A State may leave a treaty and join it again; `clean` keeps the order.
                fields=("state", "treaty", "kind", "date"),
                name="action_once_a_day",
                violation_error_message=_("This action is recorded already."),
            ),
            models.UniqueConstraint(
                fields=("state", "treaty"),
                condition=Q(kind=ActionKind.SIGNATURE),
                name="action_one_signature",
                violation_error_message=_("This State's signature is recorded already; correct it there."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ActionKind]), name="action_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(treaty="OPSC") | Q(date__gte=rules.OPSC_ADOPTED),
                name="action_not_before_opsc",
                violation_error_message=_("The OPSC was adopted on 25 May 2000; enter a day from then on."),
            ),
            models.CheckConstraint(
                condition=Q(date__gte=rules.CRC_ADOPTED),
                name="action_not_before_crc",
                violation_error_message=_(
                    "The CRC was adopted on 20 November 1989; enter a day from then on."
                ),
            ),
            models.CheckConstraint(
                # A succession takes effect on the day of State succession, before its notification.
                condition=Q(effective_on=None)
                | Q(kind=ActionKind.SUCCESSION)
                | (Q(effective_on__gte=F("date")) & ~Q(kind=ActionKind.SIGNATURE)),
                name="action_effective_after_deposit",
                violation_error_message=_(
                    "An effective date lies on or after the day of deposit, and a signature has none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.treaty_id} {self.kind} {self.date}"

    @property
    def to_be_confirmed(self) -> bool:
        """Whether the day on screen needs a better source."""
        return self.confidence == Confidence.MEMORY or (
            self.kind == ActionKind.SUCCESSION and self.effective_on is None
        )

    def as_rule(self) -> rules.Action:
        """The action as the rules take it."""
        return rules.Action(
            self.treaty_id,
            self.kind,
            self.date,
            self.effective_on,
            self.confidence == Confidence.MEMORY,
        )

    def clean(self) -> None:
        """Errors on the field for the person typing; the constraints hold the same for everybody."""
        super().clean()
        if errors := self.problems(self._others, timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, others: Callable[[], Sequence[rules.Action]] | None, today: dt.date) -> dict[str, Any]:
        """What is wrong with the action, by field.

        Args:
            others: gives the State's other actions for the treaty; None: whether it can stand beside them is not
                asked.
        """
        errors: dict[str, Any] = {}
        if self.date:
            if self.date > today:
                errors["date"] = _("This day lies in the future; enter an action once it has happened.")
            elif self.treaty_id in ADOPTED and self.date < ADOPTED[self.treaty_id]:
                errors["date"] = _("The %(treaty)s was adopted on %(day)s; enter a day from then on.") % {
                    "treaty": self.treaty_id,
                    "day": in_words(ADOPTED[self.treaty_id]),
                }
            elif message := self._out_of_order(others):
                errors["date"] = message
            if self.effective_on and self.effective_on > latest_effect(self.date):
                errors["effective_on"] = _(
                    "This lies more than two years after the day of the action; check the year."
                )
        return errors

    def _out_of_order(self, others: Callable[[], Sequence[rules.Action]] | None) -> Any:
        """What is wrong with the day beside the State's other actions for the treaty, or None."""
        if others is None or not (self.state_id and self.treaty_id):
            return None
        return order_problem(others(), self.as_rule())

    def _others(self) -> list[rules.Action]:
        """The State's other actions for the treaty."""
        others = TreatyAction.objects.filter(state=self.state_id, treaty=self.treaty_id).exclude(pk=self.pk)
        return [action.as_rule() for action in others]


ADOPTED: dict[str, dt.date] = {
    TreatyCode.OPSC: rules.OPSC_ADOPTED,
    TreatyCode.CRC: rules.CRC_ADOPTED,
}


def latest_effect(action_on: dt.date) -> dt.date:
    """The last day that is believed as the effective date of an action; the treaties need a year or less.

    The longest wait was for the OPSC itself: from its adoption to 18 January 2002.
    """
    return add_years(action_on, 2)


def order_problem(others: Iterable[rules.Action], about: rules.Action) -> Any:
    """Why an action cannot stand beside the State's others for the same treaty, or None.

    A State signs, joins, may leave, and may join again once its denunciation has taken effect.

    Args:
        about: the action being entered, which the sentence speaks of.
    """
    last = (ActionKind.DENUNCIATION,)
    together = sorted([*others, about], key=lambda a: (a.day, a.kind in last, a.kind != ActionKind.SIGNATURE))
    joined: rules.Action | None = None  # since when it is a party, while it is one
    left: rules.Action | None = None
    for action in together:
        concerned = about in (action, joined, left)
        if action.kind == ActionKind.SIGNATURE:
            first = joined or left
            if first is not None and (concerned or about.kind in JOINING):
                deposit = next(a for a in together if a.kind in JOINING)
                return _("The signature (%(signed)s) cannot come after the deposit (%(joined)s).") % {
                    "signed": in_words(action.day),
                    "joined": in_words(deposit.day),
                }
        elif action.kind == ActionKind.DENUNCIATION:
            if joined is None and concerned:
                return _(
                    "Only a State party can denounce the treaty; enter its ratification, accession or succession "
                    "first."
                )
            joined, left = None, action
        else:
            if joined is not None and concerned:
                other = joined if action == about else action
                return _(
                    "The State's %(kind)s of %(day)s is recorded, and no denunciation between the two. Correct that "
                    "one, or enter the denunciation by which the State left first."
                ) % {"kind": TreatyAction.Kind(other.kind).label, "day": in_words(other.day)}
            if left is not None and concerned and action.day < rules.denunciation_effective(left):
                return _(
                    "The State's denunciation takes effect on %(ended)s; it can join again from that day on. Enter "
                    "such a day, or correct the denunciation."
                ) % {"ended": in_words(rules.denunciation_effective(left))}
            joined, left = action, None
    return None


class Contact(models.Model):
    """Somebody who is written to for a State."""

    class Copy(models.TextChoices):
        """How the mail is addressed."""

        TO = "to", _("To")
        CC = "cc", _("Cc")

    state = models.ForeignKey(State, models.PROTECT, related_name="contacts", verbose_name=_("State"))
    name = models.CharField(_("name"), max_length=120)
    office = models.CharField(
        _("office"), max_length=200, blank=True, help_text=_("For example: Permanent Mission in Geneva.")
    )
    email = models.EmailField(_("e-mail"))
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=Language,
        blank=True,
        help_text=_("Empty: the State's correspondence language."),
    )
    copy = models.CharField(_("addressed as"), max_length=2, choices=Copy, default=Copy.TO)
    active = models.BooleanField(
        _("active"), default=True, help_text=_("Only active contacts are written to.")
    )
    is_demonstration = models.BooleanField(
        _("demonstration"),
        default=False,
        help_text=_("Made for the demonstration; the address does not exist."),
    )
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("state", "name", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "email"),
                name="contact_email_once_per_state",
                violation_error_message=_("This State has a contact with this address already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


# --- amendments ------------------------------------------------------------------------------


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
        help_text=_("Of the General Assembly, for example A/RES/50/155."),
    )
    document = models.CharField(
        _("document"),
        max_length=100,
        blank=True,
        help_text=_("That holds its text: depositary notification (C.N. number) or UN symbol."),
    )
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Where these days were read.")
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
        ]

    def __str__(self) -> str:
        return f"{self.treaty_id}: {self.title}"

    def get_absolute_url(self) -> str:
        """The amendment's page; like a State's, its path is an interface."""
        return f"/amendments/{self.pk}/"

    def as_rule(self) -> amendments.Amendment:
        """The amendment as the rules take it."""
        return amendments.Amendment(
            self.treaty_id,
            self.proposed_on,
            self.communicated_on,
            self.conference_on,
            self.adopted_on,
            self.approved_on,
            self.resolution,
        )

    def clean(self) -> None:
        """Errors on the field for the person typing; the constraints hold the order for everybody."""
        super().clean()
        errors: dict[str, Any] = {}
        today = timezone.localdate()
        needed: tuple[str, dt.date | None, Any] | None = None  # the step before, its day, what lacks it
        for field, lacking in STEPS_OF_AN_AMENDMENT:
            on = getattr(self, field)
            if on is not None and on > today:
                errors[field] = _("This day lies in the future; enter it once it has happened.")
            elif on is not None and needed is not None:
                before, earlier, why = needed
                if earlier is None and not errors.get(before):
                    errors[field] = why
                elif earlier is not None and on < earlier:
                    errors[field] = _("This lies before the day of the step before it (%(day)s).") % {
                        "day": in_words(earlier)
                    }
            if field != "conference_on" or on is not None:  # a conference need not be recorded
                needed = (field, on, lacking)
        if self.resolution and self.approved_on is None:
            errors["approved_on"] = _("A resolution is named: enter the day on which it was adopted.")
        if self.proposed_on and not errors.get("proposed_on") and self.treaty_id and self.proposed_by_id:
            if self.treaty_id not in amendments.ARTICLES:
                errors["treaty"] = _("Amendments are followed for the OPSC and the CRC.")
            elif not is_party(self.proposed_by_id, self.treaty_id, self.proposed_on):
                errors["proposed_by"] = _(
                    "Only a State party can propose an amendment, and on %(day)s %(state)s was none. Check the "
                    "day, or enter its ratification, accession or succession first."
                ) % {"day": in_words(self.proposed_on), "state": self.proposed_by}
        if errors:
            raise ValidationError(errors)


# Each step of an amendment, and what is said of a later one where this one is missing.
STEPS_OF_AN_AMENDMENT: tuple[tuple[str, Any], ...] = (
    ("proposed_on", _("Enter first the day on which it was filed.")),
    ("communicated_on", _("Enter first the day on which it was communicated to the States parties.")),
    ("conference_on", ""),
    ("adopted_on", _("Enter first the day on which the conference adopted it.")),
    ("approved_on", ""),
)


def is_party(state: str, treaty: str, on: dt.date) -> bool:
    """Whether a State is a party on a day, by the actions recorded."""
    actions = TreatyAction.objects.filter(state=state, treaty=treaty, date__lte=on)
    return Facts(tuple(action.as_rule() for action in actions)).is_party(treaty, on)


class AmendmentPosition(models.Model):
    """What a State said to an amendment: that it favours a conference, or that it accepts."""

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
            "Day on which the Secretary-General received the answer, or the instrument of acceptance was deposited."
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
        return f"{self.state_id} {self.kind} {self.date}"

    def as_rule(self) -> amendments.Position:
        """The position as the rules take it."""
        return amendments.Position(self.state_id, self.kind, self.date)

    def clean(self) -> None:
        """A position answers something, on a day that has come, and a State party gives it."""
        super().clean()
        if not (self.date and self.state_id):
            return
        message = self._too_early()
        if self.date > timezone.localdate():
            message = _("This day lies in the future; enter it once it has happened.")
        elif not message and not is_party(self.state_id, self.amendment.treaty_id, self.date):
            message = _("%(state)s was not a party to the %(treaty)s on this day.") % {
                "state": self.state,
                "treaty": self.amendment.treaty_id,
            }
        if message:
            raise ValidationError({"date": message})

    def _too_early(self) -> Any:
        """What the position answers was not there yet on its day: why, or nothing."""
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
