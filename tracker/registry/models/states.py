"""States, and who follows them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.registry.un_names import StateOrder, formal_name, place, shown_name
from tracker.registry.values import unadorned
from tracker.rules.facts import Carrier
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


class MailWay(models.TextChoices):
    """Which languages the mails to a State's contacts have."""

    AUTOMATIC = "automatic", _("as far as the texts are confirmed")
    BOTH = "both", _("the language of the contact, then English")
    ENGLISH = "english", _("English only")


class SortKey(models.CharField):
    """A name as lists are sorted by it: lower case and without accents, so that Côte d'Ivoire comes before Croatia.

    Written with each save, also of many rows. Databases sort by code point or by the rules of some language; this is
    the same everywhere.
    """

    def pre_save(self, model_instance: Any, add: bool) -> str:
        key = unadorned(model_instance.name)
        setattr(model_instance, self.attname, key)
        return key


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
    sort_name = SortKey(_("name to sort by"), max_length=250, editable=False, db_default="")
    region = models.CharField(
        _("regional group"), max_length=6, choices=Region, blank=True, help_text=_("UN regional group.")
    )
    language = models.CharField(
        _("correspondence language"), max_length=2, choices=Language, default=Language.ENGLISH
    )
    language_is_proposed = models.BooleanField(
        _("language to be confirmed"),
        default=False,
        db_default=False,
        help_text=_(
            "The language was proposed by the program, from the official languages of the State. Clear this once "
            "you know in which language its Permanent Mission writes."
        ),
    )
    mails = models.CharField(
        _("language of mails"),
        max_length=9,
        choices=MailWay,
        default=MailWay.AUTOMATIC,
        db_default=MailWay.AUTOMATIC.value,
        help_text=_(
            "“As far as the texts are confirmed”: in the language of the contact, with the English text below it until "
            "a person has confirmed all texts in that language. A mail is English if a text is missing."
        ),
    )
    desk_officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("desk officer"),
        help_text=_("Follows this State, and receives its reminders as well as its contacts."),
    )
    records_from = models.DateField(
        _("records from"),
        null=True,
        blank=True,
        help_text=_(
            "The office has every report received from this day on. A report due earlier that is not "
            "recorded shows as “no record”, never as overdue. Empty: the records are complete from "
            "the start."
        ),
    )
    carried_records_from = models.DateField(
        _("records of reports under the CRC from"),
        null=True,
        blank=True,
        help_text=_(
            "The office has every report under the CRC received from this day on. Empty: it is not "
            "known how complete these records are, so no such report counts as overdue."
        ),
    )
    records_until = models.DateField(
        _("records until"),
        null=True,
        blank=True,
        help_text=_(
            "For data shipped with the program: the last day for which the records are complete. A "
            "report due later that is not recorded shows as “no record”. Clear this once the office "
            "has every report received since that day."
        ),
    )
    records_evidence_on = models.DateField(
        _("date of the evidence"),
        null=True,
        blank=True,
        help_text=_("Date of the document that shows that nothing was received."),
    )
    records_source = models.CharField(_("source of the evidence"), max_length=200, blank=True)
    records_note = models.TextField(_("note on the records"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("State")
        verbose_name_plural = _("States")
        ordering = (StateOrder(), "pk")
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
        return self.shown_name

    def get_absolute_url(self) -> str:
        """The path of the State's page, which is an interface (`/states/USA/`)."""
        return f"/states/{self.pk}/"

    @property
    def shown_name(self) -> str:
        """Its name in the active language, for pages and mails; `name` is English."""
        return shown_name(self.pk, self.name)

    @property
    def formal_name(self) -> str:
        """Its formal name in the active language, with its article; empty if it is not known."""
        return formal_name(self.pk)

    @property
    def in_order(self) -> str | int:
        """What sorts rows in Python in the order of the active language; `StateOrder` sorts those of a query."""
        return place(self.pk, self.sort_name)

    def records(self, carried_by: str) -> Records:
        """The due dates for which the office's records of a series are complete."""
        if carried_by == Carrier.CRC_REPORT:
            since = self.carried_records_from
            return Records(since, self.records_until, known=since is not None)
        return Records(self.records_from, self.records_until)


class RegionDesk(models.Model):
    """The officer of the States of a regional group that have no desk officer of their own."""

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
