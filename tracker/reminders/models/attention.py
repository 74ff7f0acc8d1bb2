"""Messages that came in, bounces, and tasks for staff."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, gettext_noop

from tracker.obligations.models import Obligation, Precision
from tracker.obligations.queries.received import known_day
from tracker.registry.models import Contact, State
from tracker.registry.stored import StoredText
from tracker.reminders.models.ledger import Mail, Reminder

BY_STATUS = StoredText(gettext_noop("status %(status)s"))
NO_REASON = StoredText(gettext_noop("no reason given"))


class ReceivedMessage(models.Model):
    """A message that came into the mailbox of the sender. Written only by `incoming/`.

    The message itself, with its attachments, stays in the mailbox.
    """

    class Kind(models.TextChoices):
        """What a message is."""

        LETTER = "letter", _("written by a person")
        AUTOMATIC = "automatic", _("automatic answer")
        RETURNED = "returned", _("returned mail")
        REFUSED = "refused", _("mail refused because of the sender")
        DELAYED = "delayed", _("delayed mail")
        DELIVERED = "delivered", _("mail delivered")

    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    digest = models.CharField(_("digest of the message"), max_length=64, unique=True)
    sender = models.CharField(_("address"), max_length=320, blank=True)
    sender_name = models.CharField(_("name"), max_length=320, blank=True)
    subject = models.TextField(_("subject"), blank=True)
    text = models.TextField(_("text"), blank=True)
    mail = models.ForeignKey(
        Mail, models.PROTECT, null=True, related_name="messages", verbose_name=_("about our mail")
    )
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-received_at", "-pk")

    def __str__(self) -> str:
        return f"{self.sender}: {self.subject}"

    def get_absolute_url(self) -> str:
        return f"/messages/{self.pk}/"

    @property
    def author(self) -> str:
        """Name or address of who wrote it, for use in a sentence."""
        return self.sender_name or self.sender or gettext("somebody without an address")


class Bounce(models.Model):
    """A mail server's report about a mail of ours that it could not deliver. Written only by `incoming/`."""

    class Kind(models.TextChoices):
        """How the delivery failed."""

        FAILED = "failed", _("returned")
        GIVEN_UP = "given up", _("given up after several attempts")
        REFUSED = "refused", _("refused because of the sender")  # it says nothing about the recipient
        DELAYED = "delayed", _("delayed")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    mail = models.ForeignKey(Mail, models.PROTECT, related_name="bounces", verbose_name=_("mail"))
    message = models.ForeignKey(
        ReceivedMessage, models.PROTECT, null=True, related_name="bounces", verbose_name=_("message")
    )
    # In lower case, to compare addresses.
    recipient = models.EmailField(_("recipient"), db_index=True)
    status = models.CharField(
        _("status"), max_length=12, blank=True, help_text=_("By RFC 3463, for example 5.1.1.")
    )
    diagnostic = models.TextField(_("text of the mail server"), blank=True)
    server = models.CharField(_("mail server"), max_length=255, blank=True, db_default="")
    # Of the notification and the mail, so that reading it twice makes one row.
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
        """The text of the server or, without one, the status; as it is stored, see `tracker.registry.stored`."""
        if self.diagnostic:
            return self.diagnostic.removesuffix(".")
        return BY_STATUS(status=self.status) if self.status else NO_REASON()


class StaffTask(models.Model):
    """Something that staff have to check. Written only by `attention.py`; never deleted.

    A cause has one task for each State that it concerns; a message that concerns no State has one without a State.
    """

    class Kind(models.TextChoices):
        """The origin of a task."""

        ANSWER = "answer", _("answer by link")
        BOUNCE = "bounce", _("returned mail")
        DEAD = "dead", _("mail that failed permanently")
        UNKNOWN = "unknown", _("mail that may not have been sent")
        MESSAGE = "message", _("message")

    class Answer(models.TextChoices):
        """An answer by link."""

        SENT = "sent", _("it was sent")
        COMING = "coming", _("it will be sent")
        MORE_TIME = "more", _("more time is asked for")
        NEW_DATE = "date", _("the Committee gave another date")
        WRONG = "wrong", _("wrong contact")
        DATA = "data", _("other data of the contact")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    state = models.ForeignKey(State, models.PROTECT, null=True, related_name="tasks", verbose_name=_("State"))
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
    message = models.ForeignKey(
        ReceivedMessage, models.PROTECT, null=True, related_name="tasks", verbose_name=_("message")
    )
    page = models.CharField(
        _("page"),
        max_length=200,
        blank=True,
        db_default="",
        help_text=_("Where a person acts, for a mail that is no reminder; an address of the tracker."),
    )
    answer = models.CharField(_("answer"), max_length=6, choices=Answer, blank=True)
    told_on = models.DateField(_("day in the answer"), null=True)
    precision = models.CharField(
        _("precision of that day"),
        max_length=5,
        choices=Precision,
        default=Precision.DAY,
        db_default=Precision.DAY.value,
    )
    document = models.CharField(
        _("document in the answer"), max_length=100, blank=True, default="", db_default=""
    )
    obligations: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        Obligation, related_name="+", verbose_name=_("reports in the answer")
    )
    # Values for the form of a contact, by field, as somebody with the link has typed them.
    proposed = models.JSONField(
        _("proposed data"), default=dict, blank=True, db_default=Value({}, models.JSONField())
    )
    said = models.TextField(_("text"), blank=True)
    created_at = models.DateTimeField(_("since"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True)
    settled_by = models.CharField(_("settled by"), max_length=150, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=("kind", "cause", "state"), name="task_once_for_a_cause"),
            models.UniqueConstraint(
                fields=("kind", "cause"), condition=Q(state=None), name="task_once_without_a_state"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by="", outcome="")
                | Q(settled_at__isnull=False) & ~Q(settled_by="") & ~Q(outcome=""),
                name="task_settled_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(kind="answer", mail__isnull=False) & ~Q(answer="")
                | Q(kind="bounce", mail__isnull=False, bounce__isnull=False, answer="")
                | Q(kind__in=("dead", "unknown"), answer="") & (Q(reminder__isnull=False) | ~Q(page=""))
                | Q(kind="message", message__isnull=False, answer=""),
                name="task_names_its_cause",
            ),
        ]
        indexes = [
            models.Index(fields=("state",), name="task_open", condition=Q(settled_at=None)),
        ]

    def __str__(self) -> str:
        return self.heading

    def get_absolute_url(self) -> str:
        return f"/tasks/{self.pk}/"

    @property
    def heading(self) -> str:
        """The title, after the name of the State if there is one."""
        return f"{self.state.shown_name}: {self.title}" if self.state is not None else self.title

    @property
    def about_states(self) -> set[str]:
        """The alpha-3 code of the State; none for a task without one."""
        return {self.state_id} if self.state_id else set()

    @property
    def title(self) -> str:
        """A sentence: what happened."""
        if self.kind == self.Kind.DEAD:
            return (
                gettext("A reminder failed permanently.")
                if self.reminder_id
                else gettext("A mail was not sent.")
            )
        if self.kind == self.Kind.UNKNOWN:
            return gettext("It is not known whether a mail was sent.")
        if self.message is not None:
            pattern = (
                gettext("Automatic answer from %(who)s: %(subject)s")
                if self.message.kind == ReceivedMessage.Kind.AUTOMATIC
                else gettext("Returned mail that names no mail of ours: %(subject)s")
                if self.message.kind in (ReceivedMessage.Kind.RETURNED, ReceivedMessage.Kind.REFUSED)
                else gettext("%(who)s writes: %(subject)s")
            )
            return pattern % {"who": self.message.author, "subject": self.message.subject[:100]}
        if self.bounce is not None:
            if self.bounce.kind == Bounce.Kind.GIVEN_UP:
                return gettext("A mail could not be delivered after several attempts.")
            return gettext("A mail was returned.")
        if self.answer == self.Answer.DATA:
            return gettext("The recipient answers: please change our data.")
        if self.answer == self.Answer.WRONG or self.told_on is None:
            return gettext("The recipient answers: I am the wrong contact.")
        patterns = {
            self.Answer.SENT: gettext("The recipient answers: it was sent on %(day)s."),
            self.Answer.COMING: gettext("The recipient answers: it will be sent by %(day)s."),
            self.Answer.MORE_TIME: gettext("The recipient answers: we ask for more time until %(day)s."),
            self.Answer.NEW_DATE: gettext(
                "The recipient answers: the Committee gave us another date, %(day)s (%(document)s)."
            )
            if self.document
            else gettext("The recipient answers: the Committee gave us another date, %(day)s."),
        }
        said = {"day": known_day(self.told_on, self.precision), "document": self.document}
        return patterns[self.Answer(self.answer)] % said
