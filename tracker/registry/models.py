"""The facts that people enter, each with its source: States, treaties, treaty actions, contacts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.rules import entry_into_force as rules
from tracker.rules.dates import add_years, in_words
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode


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
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The State's page. The path is an interface (`/states/USA/`), so it needs no reverse lookup."""
        return f"/states/{self.pk}/"


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
                fields=("state", "treaty", "kind"),
                name="action_once_per_kind",
                violation_error_message=_("This State has an action of this kind for the treaty already."),
            ),
            models.UniqueConstraint(
                fields=("state", "treaty"),
                condition=Q(kind__in=JOINING),
                name="action_one_joining",
                violation_error_message=_(
                    "This State has joined the treaty already: correct the ratification, accession or "
                    "succession that is there."
                ),
            ),
            models.UniqueConstraint(
                fields=("state", "treaty"),
                condition=Q(kind__in=(ActionKind.SIGNATURE, ActionKind.ACCESSION)),
                name="action_accession_excludes_signature",
                violation_error_message=_(
                    "A State that signed ratifies; it does not accede. Enter a ratification, or remove the "
                    "signature."
                ),
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
        errors: dict[str, Any] = {}
        if self.date:
            today = timezone.localdate()
            if self.date > today:
                errors["date"] = _("This day lies in the future; enter an action once it has happened.")
            elif self.treaty_id in ADOPTED and self.date < ADOPTED[self.treaty_id]:
                errors["date"] = _("The %(treaty)s was adopted on %(day)s; enter a day from then on.") % {
                    "treaty": self.treaty_id,
                    "day": in_words(ADOPTED[self.treaty_id]),
                }
            elif message := self._out_of_order():
                errors["date"] = message
            if self.effective_on and self.effective_on > latest_effect(self.date):
                errors["effective_on"] = _(
                    "This lies more than two years after the day of the action; check the year."
                )
        if errors:
            raise ValidationError(errors)

    def _out_of_order(self) -> Any:
        """What is wrong with the day beside the State's other actions for the treaty, or None."""
        if not (self.state_id and self.treaty_id):
            return None
        others = TreatyAction.objects.filter(state=self.state_id, treaty=self.treaty_id).exclude(pk=self.pk)
        by_kind = dict(others.values_list("kind", "date"))
        return order_problem(by_kind | {self.kind: self.date}, about=self.kind)


ADOPTED: dict[str, dt.date] = {
    TreatyCode.OPSC: rules.OPSC_ADOPTED,
    TreatyCode.CRC: rules.CRC_ADOPTED,
}


def latest_effect(action_on: dt.date) -> dt.date:
    """The last day that is believed as the effective date of an action; the treaties need a year or less.

    The longest wait was for the OPSC itself: from its adoption to 18 January 2002.
    """
    return add_years(action_on, 2)


def order_problem(by_kind: dict[str, dt.date], about: str) -> Any:
    """Why these actions of one State for one treaty cannot stand together, or None.

    Args:
        by_kind: the day of each kind of action.
        about: the kind being entered, which the sentence speaks of.
    """
    signed = by_kind.get(ActionKind.SIGNATURE)
    joined = next((by_kind[kind] for kind in JOINING if kind in by_kind), None)
    left = by_kind.get(ActionKind.DENUNCIATION)
    if signed and joined and signed > joined:
        return _("The signature (%(signed)s) cannot come after the deposit (%(joined)s).") % {
            "signed": in_words(signed),
            "joined": in_words(joined),
        }
    if left and (joined is None or left < joined) and about in (ActionKind.DENUNCIATION, *JOINING):
        return _(
            "Only a State party can denounce the treaty; enter its ratification, accession or succession "
            "first."
        )
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
