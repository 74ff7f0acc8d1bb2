"""When we write (ReminderRule), what we owe to write and wrote (Reminder), and the mails themselves."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.obligations.models import Kind, Obligation
from tracker.registry.models import Contact, State
from tracker.rules.dates import add_years, in_words
from tracker.rules.reminding import Offset, in_months

# A longer pause is a slip of the pen, and would silence a State for good.
PAUSE_MOST_YEARS = 3
# What a person puts before a mail is a word of its own, not another letter.
COVERING_MOST = 1000


class ReminderRule(models.Model):
    """A stage: so long before or after the due date, for which reports, to whom, with which words."""

    class Audience(models.TextChoices):
        """Who is written to."""

        CONTACTS = "contacts", _("the State's contacts")
        DESK = "desk", _("the desk officer")
        BOTH = "both", _("contacts and desk officer")

    months = models.SmallIntegerField(
        _("months"),
        default=0,
        help_text=_("Months from the due date; negative is before it. For example -6."),
    )
    days = models.SmallIntegerField(
        _("days"), default=0, help_text=_("Days besides the months; negative is before. Usually 0.")
    )
    repeats = models.PositiveSmallIntegerField(
        _("repeats every … months"), default=0, help_text=_("12 writes again every year; 0 writes once.")
    )
    kind = models.CharField(
        _("for reports of kind"), max_length=12, choices=Kind, blank=True, help_text=_("Empty: all kinds.")
    )
    audience = models.CharField(_("to"), max_length=8, choices=Audience, default=Audience.CONTACTS)
    wording = models.TextField(
        _("covering words"),
        blank=True,
        help_text=_("A sentence put before the list of reports at this stage. Empty: none."),
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
                violation_error_message=_("There is a rule for this day and kind already."),
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
        """The stage as the rules take it."""
        return Offset(self.months, self.days, self.repeats)

    def label(self, occurrence: int = 0) -> str:
        """The stage in words: "6 months before", "on the day", "2 years after"."""
        months = self.months + self.repeats * occurrence
        if self.days and not months:
            span = ngettext("%(n)d day", "%(n)d days", abs(self.days)) % {"n": abs(self.days)}
            return (gettext("%s before") if self.days < 0 else gettext("%s after")) % span
        if not months:
            return gettext("on the day")
        number, unit = in_months(months)
        span = (
            ngettext("%(n)d year", "%(n)d years", number)
            if unit == "year"
            else ngettext("%(n)d month", "%(n)d months", number)
        ) % {"n": number}
        if self.days:
            span += " " + ngettext("%(n)+d day", "%(n)+d days", abs(self.days)) % {"n": self.days}
        return (gettext("%s before") if months < 0 else gettext("%s after")) % span


class Mail(models.Model):
    """A mail exactly as it was handed over: one to a recipient and run, about one or several reports."""

    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"))
    calendar = models.TextField(
        _("calendar file"), blank=True, help_text=_("The due dates as they were attached, in iCalendar.")
    )
    message_id = models.CharField(_("Message-ID"), max_length=120, unique=True)
    sent_on = models.DateField(_("day"), help_text=_("The day that the mail counts from."))
    created_at = models.DateTimeField(_("written at"), auto_now_add=True)
    answer = models.TextField(_("answer of the mail server"), blank=True)
    answers_closed_at = models.DateTimeField(
        _("answers closed at"), null=True, help_text=_("From here on its link for answers leads nowhere.")
    )

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return f"/reminders/mail/{self.pk}/"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the plain text, encoded as UTF-8, in hexadecimal: the same text always has the same."""
        return digest_of(self.text)


class ReminderState(models.TextChoices):
    """Where a reminder stands."""

    PLANNED = "planned", _("planned")
    HELD = "held", _("awaits approval")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again")
    DEAD = "dead", _("failed, staff must act")
    CANCELLED = "cancelled", _("cancelled")
    OVERTAKEN = "overtaken", _("overtaken by a later stage")
    UNKNOWN = "unknown", _("not known whether it was sent")


# Not sent yet, and still to be: these are cancelled or overtaken when the facts move on.
WAITING = (ReminderState.PLANNED, ReminderState.HELD, ReminderState.FAILED)


class OutboxAct(models.Model):
    """What a person did to some reminders: who, when, what and why. Written by `outbox.act` alone, and kept."""

    class What(models.TextChoices):
        """What was done, as it is told of a reminder."""

        APPROVE = "approve", _("approved")
        HOLD = "hold", _("held")
        CANCEL = "cancel", _("cancelled")
        RESEND = "resend", _("planned again")
        COVER = "covering", _("covering words written")

    what = models.CharField(_("act"), max_length=8, choices=What)
    by = models.CharField(_("by"), max_length=150)
    at = models.DateTimeField(_("at"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    words = models.TextField(
        _("words"), blank=True, help_text=_("What was put before the mail; empty where it was taken out.")
    )
    reminders: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        "Reminder", related_name="acts", verbose_name=_("reminders")
    )

    class Meta:
        verbose_name = _("act of the outbox")
        verbose_name_plural = _("acts of the outbox")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return gettext("%(what)s by %(who)s") % {"what": self.get_what_display(), "who": self.by}


class Reminder(models.Model):
    """The ledger and the outbox: one row for an obligation, stage, recipient and due date.

    The unique key is the promise that nobody is written to twice; a row is never deleted.
    """

    State = ReminderState

    # The unique key below begins with it. A rule or a contact is rarely removed, and every index is paid for by
    # every new row; so are those of columns that a new row leaves empty, which list only what is there.
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
    due_on = models.DateField(_("due date it speaks of"))

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
    # A rule may be edited after the mail has gone; what the stage was called then stays.
    stage_words = models.CharField(_("stage"), max_length=100, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ReminderState, default=ReminderState.PLANNED)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    covering = models.TextField(
        _("covering words"),
        blank=True,
        max_length=COVERING_MOST,
        help_text=_("What a person put before this one mail, in plain text."),
    )
    batch = models.UUIDField(_("planning run"))
    planned_at = models.DateTimeField(_("planned at"), auto_now_add=True)
    approved_by = models.CharField(_("approved by"), max_length=150, blank=True)
    cancelled_by = models.CharField(
        _("cancelled by"),
        max_length=150,
        blank=True,
        help_text=_("A person; it is then never planned again. Empty where the facts moved on."),
    )
    last_act = models.ForeignKey(
        OutboxAct,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("last act"),
        db_index=False,
    )

    claim = models.UUIDField(_("claim"), null=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    handed_over_at = models.DateTimeField(
        _("handed over at"), null=True, help_text=_("From here on the mail server may have it.")
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
        """Whether a person can do anything to it: it has not gone, is not just going, and still matters."""
        return self.state in (*WAITING, ReminderState.DEAD, ReminderState.UNKNOWN)

    @property
    def stage(self) -> str:
        """The stage in words, as it was called when the reminder was planned."""
        return self.stage_words or self.rule.label(self.occurrence)

    @property
    def key(self) -> str:
        """The ledger key as text; the Message-ID is made from it."""
        parts: tuple[Any, ...] = (
            self.obligation_id,
            self.rule_id,
            self.occurrence,
            self.recipient,
            self.due_on.isoformat(),
        )
        return "|".join(map(str, parts))


class PauseQuerySet(models.QuerySet):
    """Pauses, as they are on a day."""

    def in_force(self, day: date) -> PauseQuerySet:
        """Those that hold reminders back on a day."""
        return self.filter(made_on__lte=day, until__gt=day).filter(Q(ended_on=None) | Q(ended_on__gt=day))

    def about(self, state: str) -> PauseQuerySet:
        """Those of a State and of what it owes."""
        return self.filter(Q(state=state) | Q(obligation__state=state))


class Pause(models.Model):
    """No reminders until a day, with a reason: about one obligation, or to a State about all of them.

    Written by `pauses.py` alone. A row is never deleted: a pause that is ended early keeps both its days.
    """

    state = models.ForeignKey(
        State, models.PROTECT, null=True, blank=True, related_name="pauses", verbose_name=_("State")
    )
    obligation = models.ForeignKey(
        Obligation, models.PROTECT, null=True, blank=True, related_name="pauses", verbose_name=_("obligation")
    )
    made_on = models.DateField(_("from"))
    until = models.DateField(
        _("until"), help_text=_("From this day on reminders are written again; the day itself counts.")
    )
    reason = models.CharField(_("reason"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    ended_on = models.DateField(_("ended early on"), null=True, blank=True)

    objects = PauseQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        ordering = ("-made_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__isnull=True, obligation__isnull=False)
                | Q(state__isnull=False, obligation__isnull=True),
                name="pause_of_a_state_or_an_obligation",
                violation_error_message=_("A pause is about one obligation or about a State, not both."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="pause_has_a_reason",
                violation_error_message=_("Enter why no reminders are to be written."),
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("made_on")),
                name="pause_ends_after_it_begins",
                violation_error_message=_(
                    "Enter a later day: a pause ends after the day on which it is made."
                ),
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("made_on"), ended_on__lte=F("until")),
                name="pause_ended_within_its_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id or self.obligation_id} {self.made_on} to {self.until}"

    @property
    def whose(self) -> State:
        """The State that is written to no more."""
        found: Any = self.obligation.state if self.obligation else self.state
        return found

    def is_in_force(self, day: date) -> bool:
        """Whether it holds reminders back on a day; in SQL: `PauseQuerySet.in_force`."""
        return self.made_on <= day < min(self.until, self.ended_on or self.until)

    def clean(self) -> None:
        super().clean()
        if not (self.made_on and self.until):
            return
        if self.until <= self.made_on:
            raise ValidationError(
                {
                    "until": gettext("Enter a day after %(day)s: a pause ends in the future.")
                    % {"day": in_words(self.made_on)}
                }
            )
        latest = add_years(self.made_on, PAUSE_MOST_YEARS)
        if self.until > latest:
            raise ValidationError(
                {
                    "until": gettext(
                        "A pause lasts at most %(n)d years: enter a day up to %(day)s, and renew it then."
                    )
                    % {"n": PAUSE_MOST_YEARS, "day": in_words(latest)}
                }
            )


class CalendarEntry(models.Model):
    """What the calendar feeds last said about an obligation. Written by `calendar.py` alone.

    A calendar believes an event with a higher sequence and ignores one with a lower, so the row is never
    deleted and its sequence never falls: it rises when the date changes, and when the event is cancelled
    or revived.
    """

    obligation = models.OneToOneField(
        Obligation, models.PROTECT, related_name="calendar_entry", verbose_name=_("obligation")
    )
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    due_on = models.DateField(_("date last told"))
    cancelled = models.BooleanField(_("cancelled"), default=False)
    # Of all that the event says besides its date, so that a change of words alone is dated as well.
    digest = models.CharField(_("digest of the words"), max_length=64)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("calendar entry")
        verbose_name_plural = _("calendar entries")
        ordering = ("due_on", "pk")

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.due_on} ({self.sequence})"


class CalendarToken(models.Model):
    """Who may read the calendar feeds without signing in: one secret for each user, kept as its digest."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_token", verbose_name=_("user")
    )
    digest = models.CharField(_("digest of the secret"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    renewed_at = models.DateTimeField(_("renewed at"))

    class Meta:
        verbose_name = _("calendar token")
        verbose_name_plural = _("calendar tokens")

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def renew(cls, user: Any) -> str:
        """Gives a user a new secret, which replaces an earlier one; told here, and never again."""
        secret, now = secrets.token_urlsafe(32), timezone.now()
        values = {"digest": digest_of(secret), "renewed_at": now}
        cls.objects.update_or_create(user=user, defaults=values, create_defaults=values | {"created_at": now})
        return secret

    @classmethod
    def owner_of(cls, secret: str) -> Any | None:
        """The user whose secret it is, or None.

        The database compares digests: how long that takes tells nothing about the secret. A missing one
        is looked up like a wrong one.
        """
        found = cls.objects.select_related("user").filter(digest=digest_of(secret)).first()
        return found.user if found else None


class DigestState(models.TextChoices):
    """Where a weekly digest stands."""

    PLANNED = "planned", _("planned")
    CLAIMED = "claimed", _("being sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed, will be tried again with the next run")
    DEAD = "dead", _("refused by the mail server")
    UNKNOWN = "unknown", _("not known whether it was sent")
    NOTHING = "nothing", _("not sent, as there was nothing to tell")


class Digest(models.Model):
    """The ledger of the weekly digests: one row for an officer and week. Written by `digest.py` alone."""

    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digests", verbose_name=_("desk officer")
    )
    week = models.DateField(_("week"), help_text=_("Its Monday."))
    state = models.CharField(_("state"), max_length=8, choices=DigestState, default=DigestState.PLANNED)
    recipient = models.EmailField(_("recipient"))
    claim = models.UUIDField(_("claim"), null=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    answer = models.TextField(_("answer of the mail server"), blank=True)

    class Meta:
        verbose_name = _("weekly digest")
        verbose_name_plural = _("weekly digests")
        ordering = ("-week", "pk")
        constraints = [
            models.UniqueConstraint(fields=("officer", "week"), name="digest_once"),
            models.CheckConstraint(
                condition=~Q(state="claimed") | Q(claim__isnull=False, claimed_at__isnull=False),
                name="digest_claim_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.week} {self.recipient}"

    @property
    def key(self) -> str:
        """The key of the ledger as text; the Message-ID is made from it."""
        return f"digest|{self.officer_id}|{self.week.isoformat()}"


class DigestOff(models.Model):
    """Who wants no weekly digest; without a row, a desk officer gets one."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_off", verbose_name=_("user")
    )
    at = models.DateTimeField(_("since"), default=timezone.now)

    class Meta:
        verbose_name = _("digest switched off")
        verbose_name_plural = _("digests switched off")

    def __str__(self) -> str:
        return str(self.user)


class ScanRun(models.Model):
    """An hourly scan: when it began and ended, and what it did. Written by `scanning.py` alone.

    One without an end is under way, or was broken off.
    """

    started_at = models.DateTimeField(_("began"), db_index=True)
    finished_at = models.DateTimeField(_("ended"), null=True)
    planned = models.PositiveIntegerField(_("planned"), default=0)
    sent = models.PositiveIntegerField(_("sent"), default=0)
    failed = models.PositiveIntegerField(_("failed, will be tried again"), default=0)
    dead = models.PositiveIntegerField(_("failed, staff must act"), default=0)
    error = models.TextField(_("what broke it off"), blank=True)

    class Meta:
        verbose_name = _("scan")
        verbose_name_plural = _("scans")
        ordering = ("-started_at",)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}"


class Alarm(models.Model):
    """When the administrators were last written to about a trouble of this kind. Written by `watch.py` alone."""

    kind = models.CharField(_("kind"), max_length=20, unique=True)
    mailed_at = models.DateTimeField(_("last mail about it"))

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")

    def __str__(self) -> str:
        return self.kind


class Bounce(models.Model):
    """What a mail server said about a mail of ours that it could not deliver. Written by `bounces.py` alone."""

    class Kind(models.TextChoices):
        """How far the mail servers came."""

        FAILED = "failed", _("came back")
        GIVEN_UP = "given up", _("given up after several attempts")
        DELAYED = "delayed", _("delayed")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    mail = models.ForeignKey(Mail, models.PROTECT, related_name="bounces", verbose_name=_("mail"))
    # In small letters, so that one address is one address.
    recipient = models.EmailField(_("recipient"), db_index=True)
    status = models.CharField(_("status"), max_length=12, blank=True, help_text=_("By RFC 3463: 5.1.1."))
    diagnostic = models.TextField(_("words of the mail server"), blank=True)
    # Of the notification and the recipient, so that reading it twice makes one row.
    digest = models.CharField(_("digest of the notification"), max_length=64, unique=True)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("bounce")
        verbose_name_plural = _("bounces")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.recipient} {self.status}".strip()

    @property
    def words(self) -> str:
        """The status and what the server said, as one sentence can carry them."""
        if self.diagnostic:
            return self.diagnostic
        return (
            gettext("status %(status)s") % {"status": self.status}
            if self.status
            else gettext("no reason given")
        )


class StaffTask(models.Model):
    """Something that a person has to look at. Written by `attention.py` alone; never deleted.

    The same cause makes one task for each State that it concerns, however often it is told.
    """

    class Kind(models.TextChoices):
        """What it came from."""

        ANSWER = "answer", _("answer by link")
        BOUNCE = "bounce", _("mail that came back")
        DEAD = "dead", _("reminder that failed for good")

    class Answer(models.TextChoices):
        """What somebody answered by link."""

        SENT = "sent", _("it was sent")
        COMING = "coming", _("it will be sent")
        WRONG = "wrong", _("wrong contact")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.ForeignKey(State, models.PROTECT, related_name="tasks", verbose_name=_("State"))
    cause = models.CharField(_("cause"), max_length=80)
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact")
    )
    mail = models.ForeignKey(Mail, models.PROTECT, null=True, related_name="tasks", verbose_name=_("mail"))
    reminder = models.ForeignKey(
        Reminder, models.PROTECT, null=True, related_name="tasks", verbose_name=_("reminder")
    )
    bounce = models.ForeignKey(
        Bounce, models.PROTECT, null=True, related_name="tasks", verbose_name=_("bounce")
    )
    answer = models.CharField(_("answer"), max_length=6, choices=Answer, blank=True)
    told_on = models.DateField(_("day that was told"), null=True)
    obligations: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        Obligation, related_name="+", verbose_name=_("reports that were answered for")
    )
    said = models.TextField(_("what was said"), blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.CharField(_("settled by"), max_length=150, blank=True)
    outcome = models.CharField(_("what was done"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("kind", "cause", "state"), name="task_once_for_a_cause"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="", outcome="")
                | Q(settled_at__isnull=False) & ~Q(settled_by="") & ~Q(outcome=""),
                name="task_settled_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(kind="answer", mail__isnull=False) & ~Q(answer="")
                | Q(kind="bounce", mail__isnull=False, bounce__isnull=False, answer="")
                | Q(kind="dead", reminder__isnull=False, answer=""),
                name="task_names_its_cause",
            ),
        ]
        indexes = [
            models.Index(fields=("state",), name="task_open", condition=Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.state_id}: {self.title}"

    def get_absolute_url(self) -> str:
        return f"/tasks/{self.pk}/"

    @property
    def title(self) -> str:
        """What happened, in a sentence."""
        if self.kind == self.Kind.DEAD:
            return gettext("A reminder failed for good.")
        if self.bounce is not None:
            if self.bounce.kind == Bounce.Kind.GIVEN_UP:
                return gettext("A mail could not be delivered in several attempts.")
            return gettext("A mail came back.")
        if self.answer == self.Answer.WRONG or self.told_on is None:
            return gettext("The recipient answers: I am the wrong contact.")
        pattern = (
            gettext("The recipient answers: it was sent on %(day)s.")
            if self.answer == self.Answer.SENT
            else gettext("The recipient answers: it will be sent by %(day)s.")
        )
        return pattern % {"day": in_words(self.told_on)}


def digest_of(text: str) -> str:
    """SHA-256 in hexadecimal. A secret of 256 random bits needs no salt and no slow hash."""
    return hashlib.sha256(text.encode()).hexdigest()
