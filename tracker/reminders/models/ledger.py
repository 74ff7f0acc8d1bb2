"""The ledger of reminders: the rules, the reminders that are due or were sent, and the mails."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, ngettext

from tracker.languages.known import ENGLISH
from tracker.obligations.models import Kind, Obligation
from tracker.registry.models import Contact
from tracker.registry.stored import recognised_by, translated
from tracker.rules.reminding import Offset, in_months

# Covering note are a remark, not a second mail.
COVERING_MOST = 1000


class ReminderRule(models.Model):
    """A stage: how long before or after the due date, for which reports, to whom, with which words."""

    class Audience(models.TextChoices):
        """The recipients."""

        CONTACTS = "contacts", _("the State's contacts")
        DESK = "desk", _("the desk officer")
        BOTH = "both", _("contacts and desk officer")

    months = models.SmallIntegerField(
        _("months"),
        default=0,
        help_text=_("Months from the due date; negative means before. Example: -6."),
    )
    days = models.SmallIntegerField(
        _("days"), default=0, help_text=_("Days in addition to the months; negative means before. Usually 0.")
    )
    repeats = models.PositiveSmallIntegerField(
        _("repeats every … months"), default=0, help_text=_("12 means every year; 0 means once.")
    )
    kind = models.CharField(
        _("kind of report"), max_length=12, choices=Kind, blank=True, help_text=_("Empty: all kinds.")
    )
    audience = models.CharField(_("to"), max_length=8, choices=Audience, default=Audience.CONTACTS)
    wording = models.TextField(
        _("covering note"),
        blank=True,
        help_text=_("A sentence before the list of reports at this stage, in English. Empty: none."),
    )
    wordings = models.JSONField(
        _("covering note in other languages"),
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        help_text=_("By code of the language. Mails in a language without it are English."),
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("reminder rule")
        verbose_name_plural = _("reminder rules")
        ordering = ("months", "days", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("months", "days", "kind"),
                name="reminder_rule_once",
                violation_error_message=_("There is already a rule for this day and kind."),
            ),
        ]

    def __str__(self) -> str:
        label = self.label()
        return (
            gettext("%(stage)s, then every %(months)d months")
            % {
                "stage": label,
                "months": self.repeats,
            }
            if self.repeats
            else label
        )

    def as_rule(self) -> Offset:
        """The stage, as the functions of `rules` take it."""
        return Offset(self.months, self.days, self.repeats)

    def label(self, occurrence: int = 0) -> str:
        """The stage in words: "6 months before", "on the day", "2 years after"."""
        months = self.months + self.repeats * occurrence
        if not months:
            return stage_in_words(abs(self.days), "day", before=self.days < 0)
        return stage_in_words(*in_months(months), before=months < 0, days=self.days)

    def wording_in(self, language: str) -> str:
        """The covering note in a language, by its code; empty if there is none."""
        return self.wording if language == ENGLISH.code else str(self.wordings.get(language, ""))


def stage_in_words(number: int, unit: str, *, before: bool, days: int = 0) -> str:
    """A stage in words: "6 months before", "on the day", "1 year +10 days after".

    Args:
        unit: "day", "month" or "year".
        days: in addition to months or years.
    """
    if not number:
        return gettext("on the day")
    if days:
        span = (
            ngettext("%(n)d year", "%(n)d years", number)
            if unit == "year"
            else ngettext("%(n)d month", "%(n)d months", number)
        ) % {"n": number}
        words = gettext("%(span)s %(days)s before") if before else gettext("%(span)s %(days)s after")
        return words % {
            "span": span,
            "days": ngettext("%(n)+d day", "%(n)+d days", abs(days)) % {"n": days},
        }
    if unit == "year":
        words = (
            ngettext("%(n)d year before", "%(n)d years before", number)
            if before
            else ngettext("%(n)d year after", "%(n)d years after", number)
        )
    elif unit == "month":
        words = (
            ngettext("%(n)d month before", "%(n)d months before", number)
            if before
            else ngettext("%(n)d month after", "%(n)d months after", number)
        )
    else:
        words = (
            ngettext("%(n)d day before", "%(n)d days before", number)
            if before
            else ngettext("%(n)d day after", "%(n)d days after", number)
        )
    return words % {"n": number}


_STAGE = re.compile(r"([0-9]+) (day|month|year)s?(?: ([+-][0-9]+) days?)? (before|after)")


@recognised_by
def _stage_said(text: str) -> str | None:
    """A stored stage in the present language."""
    if text == "on the day":
        return gettext("on the day")
    found = _STAGE.fullmatch(text)
    if found is None:
        return None
    return stage_in_words(int(found[1]), found[2], before=found[4] == "before", days=int(found[3] or 0))


class Mail(models.Model):
    """A mail exactly as it was handed over: to one recipient, about one or several reports."""

    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"))
    calendar = models.TextField(
        _("calendar file"), blank=True, help_text=_("The attached due dates, in iCalendar.")
    )
    message_id = models.CharField(_("Message-ID"), max_length=120, unique=True)
    language = models.CharField(
        _("language"),
        max_length=25,
        default=ENGLISH.code,
        db_default=ENGLISH.code,
        help_text=_("The codes of its languages in their order, for example fr+en."),
    )
    words = models.CharField(
        _("version of the texts"),
        max_length=12,
        blank=True,
        db_default="",
        help_text=_("Identifies the translations that it was written with; empty for English."),
    )
    sent_on = models.DateField(_("day"), help_text=_("The day on which the mail was current."))
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    answer = models.TextField(_("answer of the mail server"), blank=True)
    answers_closed_at = models.DateTimeField(
        _("answers closed at"), null=True, help_text=_("From then on the link in the mail cannot be used.")
    )

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ("-pk",)
        # The search reads it instead of the texts, from the newest mail on.
        indexes = [models.Index(fields=("id", "subject", "recipient"), name="mail_search")]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return f"/reminders/mail/{self.pk}/"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plain text in UTF-8, in hexadecimal."""
        return digest_of(self.text)


class ReminderState(models.TextChoices):
    """The state of a reminder."""

    PLANNED = "planned", _("planned")
    HELD = "held", _("awaits approval")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    RETURNED = "returned", _("came back")
    FAILED = "failed", _("failed, will be tried again")
    DEAD = "dead", _("failed, staff must act")
    CANCELLED = "cancelled", _("cancelled")
    OVERTAKEN = "overtaken", _("overtaken by a later stage")
    UNKNOWN = "unknown", _("not known whether it was sent")


# Accepted by our mail server; some of it came back later.
ACCEPTED = (ReminderState.SENT, ReminderState.RETURNED)
# Still to be sent; these are cancelled or overtaken when the facts change.
WAITING = (ReminderState.PLANNED, ReminderState.HELD, ReminderState.FAILED)


class OutboxAct(models.Model):
    """An act of a user on some reminders: who, when, what and why. Created only by `outbox.act`; never deleted."""

    class What(models.TextChoices):
        """The act, in the past tense."""

        APPROVE = "approve", _("approved")
        HOLD = "hold", _("held")
        CANCEL = "cancel", _("cancelled")
        RESEND = "resend", _("planned again")
        COVER = "covering", _("covering note changed")
        ANOTHER = "another", _("sent to another contact")
        VOID = "void", _("voided")

    what = models.CharField(_("act"), max_length=8, choices=What)
    by = models.CharField(_("by"), max_length=150)
    at = models.DateTimeField(_("at"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    words = models.TextField(
        _("words"), blank=True, help_text=_("The covering note; empty if it was removed.")
    )
    reminders: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "Reminder", related_name="acts", verbose_name=_("reminders")
    )

    class Meta:
        verbose_name = _("outbox act")
        verbose_name_plural = _("outbox acts")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return gettext("%(what)s by %(who)s") % {"what": self.get_what_display(), "who": self.by}


class Reminder(models.Model):
    """The ledger and the outbox: one row for each obligation, stage, recipient and due date.

    The unique key guarantees that nobody is written to twice; a row is never deleted.
    """

    State = ReminderState

    # No index: the unique key below begins with it. Rules and contacts are rarely deleted.
    obligation = models.ForeignKey(
        Obligation,
        models.PROTECT,
        related_name="reminders",
        verbose_name=_("obligation"),
        db_index=False,
    )
    rule = models.ForeignKey(
        ReminderRule, models.PROTECT, related_name="+", verbose_name=_("rule"), db_index=False
    )
    occurrence = models.PositiveSmallIntegerField(_("occurrence"), default=0)
    recipient = models.EmailField(_("recipient"))
    due_on = models.DateField(_("due date in the mail"))

    recipient_name = models.CharField(_("name"), max_length=150, blank=True)
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("contact"),
        help_text=_("Empty for a desk officer."),
        db_index=False,
    )
    stage_on = models.DateField(_("day of the stage"))
    # The name of the stage at that time: the rule may be edited later.
    stage_words = models.CharField(_("stage"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ReminderState, default=ReminderState.PLANNED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    covering = models.TextField(
        _("covering note"),
        blank=True,
        max_length=COVERING_MOST,
        help_text=_("Added by a user to this mail, in plain text."),
    )
    covering_in = models.CharField(
        _("language of the covering note"),
        max_length=25,
        blank=True,
        db_default="",
        help_text=_("That of the mail when the note was written, for example fr+en; the mail stays in it."),
    )
    batch = models.UUIDField(_("planning run"))
    planned_at = models.DateTimeField(_("planned at"), auto_now_add=True)
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True)
    cancelled_by = models.CharField(
        _("cancelled by"),
        max_length=150,
        blank=True,
        help_text=_("The user; the reminder is then never planned again. Empty if a record changed."),
    )
    last_act = models.ForeignKey(
        OutboxAct,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("last act"),
        db_index=False,
    )

    voided = models.PositiveSmallIntegerField(
        _("voided"),
        default=0,
        db_default=0,
        help_text=_("How often it was planned under a wrong clock and voided; part of the key of its mail."),
    )
    claim = models.UUIDField(_("claim"), null=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    handed_over_at = models.DateTimeField(
        _("handed over at"), null=True, help_text=_("From then on the mail server may have it.")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"), null=True)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    sent_on = models.DateField(_("sent on"), null=True)
    answer = models.TextField(_("answer of the mail server"), blank=True)
    mail = models.ForeignKey(
        Mail, models.PROTECT, null=True, related_name="reminders", verbose_name=_("mail"), db_index=False
    )

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("obligation", "rule", "occurrence", "recipient", "due_on"), name="reminder_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False, mail__isnull=False),
                name="reminder_sent_has_proof",
            ),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claim__isnull=False, claimed_at__isnull=False),
                name="reminder_claim_complete",
            ),
        ]
        indexes = [
            models.Index(fields=("state", "recipient"), name="reminder_state"),
            models.Index(fields=("batch",), name="reminder_batch"),
            *(
                models.Index(
                    fields=(name,), condition=Q(**{f"{name}__isnull": False}), name=f"reminder_{name}"
                )
                for name in ("claim", "sent_at", "mail", "last_act")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.stage} {self.recipient}"

    @property
    def may_be_acted_upon(self) -> bool:
        """Whether a user can act on it: it waits, or did not arrive for all we know."""
        return self.state in (*WAITING, ReminderState.DEAD, ReminderState.UNKNOWN, ReminderState.RETURNED)

    @property
    def stage(self) -> str:
        """The name of the stage when the reminder was planned, in the language of the reader."""
        return translated(self.stage_words) or self.rule.label(self.occurrence)

    @property
    def key(self) -> str:
        """The key as text; the Message-ID is made from it."""
        parts: tuple[Any, ...] = (
            self.obligation_id,
            self.rule_id,
            self.occurrence,
            self.recipient,
            self.due_on.isoformat(),
        )
        if self.voided:  # the mail of before was another one
            parts += (self.voided,)
        return "|".join(map(str, parts))


def digest_of(text: str) -> str:
    """SHA-256 in hexadecimal. A secret of 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
