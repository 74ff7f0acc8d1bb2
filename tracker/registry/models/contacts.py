"""The people to whom mail for a State is sent."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.registry import addresses
from tracker.registry.models.states import Language, State


class ContactKind(models.TextChoices):
    """Who a contact is; the form in which one writes to it follows from it."""

    MISSION = "mission", _("Permanent Mission")
    MINISTRY = "ministry", _("ministry")
    DIGNITARY = "dignitary", _("minister or other dignitary")
    FOCAL_POINT = "focal point", _("focal point")
    OTHER = "other", _("non-governmental organization or other")


# They get reminders as plain mail. The others are written to by notes verbales and letters (`tracker.correspondence`).
BY_PLAIN_MAIL = (ContactKind.FOCAL_POINT, ContactKind.OTHER)


class Contact(models.Model):
    """A person or an office to whom mail for a State is sent."""

    class Copy(models.TextChoices):
        """How the mail is addressed."""

        TO = "to", _("To")
        CC = "cc", _("Cc")

    state = models.ForeignKey(State, models.PROTECT, related_name="contacts", verbose_name=_("State"))
    name = models.CharField(_("name"), max_length=120)
    office = models.CharField(
        _("office"), max_length=200, blank=True, help_text=_("For example: Permanent Mission in Geneva.")
    )
    kind = models.CharField(
        _("kind of contact"),
        max_length=11,
        choices=ContactKind,
        default=ContactKind.FOCAL_POINT,
        db_default=ContactKind.FOCAL_POINT,
        help_text=_(
            "Permanent Missions and ministries receive notes verbales, ministers letters, all others plain mail."
        ),
    )
    salutation = models.CharField(
        _("form of address"),
        max_length=100,
        blank=True,
        db_default="",
        help_text=_("At the beginning of a letter, in its language. Empty: “Excellency”."),
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
    active = models.BooleanField(_("active"), default=True, help_text=_("Only active contacts receive mail."))
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

    def problems(self) -> dict[str, str]:
        """What is wrong with the address, by field."""
        problem = addresses.problem_of(self.email)
        return {"email": problem} if problem else {}

    def clean(self) -> None:
        """Refuses the same address in other capitals; mail servers treat it as the same."""
        if problems := self.problems():
            raise ValidationError(problems)
        same = Contact.objects.filter(state=self.state_id, email__iexact=self.email).exclude(pk=self.pk)
        if same.exists():
            raise ValidationError({"email": _("This State has a contact with this address already.")})
