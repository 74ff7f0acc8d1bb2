"""The register: every paper that went out or came in, and the files of each."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from tracker.correspondence.models.choices import (
    ENTERED,
    GONE,
    MAY_GET_NOTES,
    Direction,
    Means,
    Occasion,
    PaperForm,
    PaperStatus,
)
from tracker.obligations.models import CommitteeDate, InformationRequest, Obligation, Review, Submission
from tracker.registry.models import Contact, ContactKind, State


class RegisterYear(models.Model):
    """The last number given out in a year; locked while a number is drawn, so that none is missing or given twice."""

    direction = models.CharField(_("direction"), max_length=3, choices=Direction)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)
    restored_from = models.DateTimeField(
        _("restored from a backup of"),
        null=True,
        help_text=_("Until somebody has confirmed the last number, none is given out."),
    )
    # Numbers that may have been given out after a backup: first, last, by, at, backup.
    skipped = models.JSONField(_("skipped numbers"), default=list, db_default=Value([], models.JSONField()))

    class Meta:
        verbose_name = _("year of the register")
        verbose_name_plural = _("years of the register")
        constraints = [models.UniqueConstraint(fields=("direction", "year"), name="register_year_once")]

    def __str__(self) -> str:
        return f"{self.direction} {self.year}: {self.last}"


class PaperRun(models.Model):
    """Papers to many States at once: of one occasion, or a circular with words of its own."""

    occasion = models.CharField(_("occasion"), max_length=14, choices=Occasion, default=Occasion.CIRCULAR)
    to = models.CharField(_("to"), max_length=11, choices=ContactKind, default=ContactKind.MISSION)
    form = models.CharField(_("form"), max_length=6, choices=PaperForm, default=PaperForm.NOTE)
    title = models.CharField(_("about"), max_length=200)
    titles = models.JSONField(
        _("about, in other languages"),
        default=dict,
        blank=True,
        db_default=Value({}, models.JSONField()),
        help_text=_("By code of the language."),
    )
    words = models.JSONField(
        _("words"), default=dict, blank=True, help_text=_("By code of the language; English is needed.")
    )
    states = models.JSONField(_("States"), default=list)  # alpha-3 codes, in order
    left_out = models.JSONField(_("States without a suitable address"), default=list)
    stopped = models.BooleanField(_("stopped"), default=False)
    finished_at = models.DateTimeField(_("finished"), null=True)
    created_at = models.DateTimeField(_("begun"), default=timezone.now)
    created_by = models.CharField(_("by"), max_length=150)

    class Meta:
        verbose_name = _("run of papers")
        verbose_name_plural = _("runs of papers")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/correspondence/runs/{self.pk}/"


class Paper(models.Model):
    """An entry of the register. Never deleted: a draft that is not sent is cancelled, a paper received that was
    entered by mistake is withdrawn, and each keeps its number.

    Written only by `papers.py`, which checks each step.
    """

    direction = models.CharField(_("direction"), max_length=3, choices=Direction, default=Direction.OUT)
    year = models.PositiveSmallIntegerField(_("year"))
    number = models.PositiveIntegerField(_("number"))
    reference = models.CharField(_("reference"), max_length=80, unique=True)
    key = models.CharField(
        _("key"),
        max_length=120,
        unique=True,
        help_text=_("Occasion, subject and recipient: nothing is drafted twice."),
    )
    state = models.ForeignKey(State, models.PROTECT, related_name="papers", verbose_name=_("State"))
    occasion = models.CharField(_("occasion"), max_length=14, choices=Occasion)
    form = models.CharField(_("form"), max_length=6, choices=PaperForm, default=PaperForm.NOTE)
    run = models.ForeignKey(
        PaperRun, models.PROTECT, null=True, related_name="papers", verbose_name=_("run"), db_index=False
    )

    # What it is about; at most one of them beside the report.
    obligation = models.ForeignKey(
        Obligation, models.SET_NULL, null=True, related_name="papers", verbose_name=_("report")
    )
    due_on = models.DateField(_("due date in the paper"), null=True)
    submission = models.ForeignKey(
        Submission,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("report received"),
        db_index=False,
    )
    request = models.ForeignKey(
        InformationRequest,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("request"),
        db_index=False,
    )
    review = models.ForeignKey(
        Review, models.SET_NULL, null=True, related_name="+", verbose_name=_("review"), db_index=False
    )
    committee_date = models.ForeignKey(
        CommitteeDate, models.SET_NULL, null=True, related_name="+", verbose_name=_("date"), db_index=False
    )
    decision = models.CharField(
        _("decision"),
        max_length=200,
        blank=True,
        help_text=_("The document of the decision that it carries out."),
    )

    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="papers", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind of contact"), max_length=11, choices=ContactKind, blank=True)
    # As they were when it was written; the contact may change later. Of a paper received, the sender.
    name = models.CharField(_("name"), max_length=200, blank=True)
    office = models.CharField(_("office"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)

    language = models.CharField(
        _("language"), max_length=25, default="en"
    )  # as in the ledger of mails: fr+en
    subject = models.CharField(_("subject"), max_length=250)
    content = models.JSONField(_("content"), default=list)  # one `WrittenPaper` for each language
    facts = models.CharField(_("hash of the facts"), max_length=64, blank=True)
    words = models.CharField(_("version of the texts"), max_length=12, blank=True)
    dated = models.DateField(_("date"))

    status = models.CharField(_("status"), max_length=12, choices=PaperStatus, default=PaperStatus.DRAFT)
    drafted_by = models.CharField(_("drafted by"), max_length=150, blank=True)
    created_at = models.DateTimeField(_("entered at"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)
    initialled_by = models.CharField(_("initialled by"), max_length=150, blank=True)
    seconded_by = models.CharField(_("initialled second by"), max_length=150, blank=True)
    filed = models.CharField(
        _("SHA-256 of the filed PDF"),
        max_length=64,
        blank=True,
        db_default="",
        help_text=_("Of the PDF made at the last initials; this one is sent, whatever was filed before."),
    )
    means = models.CharField(_("by"), max_length=7, choices=Means, blank=True)
    dispatched_on = models.DateField(_("dispatched on"), null=True)
    dispatched_by = models.CharField(_("dispatched by"), max_length=150, blank=True)
    delivery_note = models.CharField(
        _("note on the delivery"),
        max_length=200,
        blank=True,
        help_text=_("For example the number of the courier."),
    )
    acknowledged_on = models.DateField(_("acknowledged on"), null=True)
    acknowledged_note = models.CharField(_("how"), max_length=200, blank=True)
    cancelled_because = models.CharField(_("reason"), max_length=200, blank=True)

    # Of papers received.
    received_on = models.DateField(_("received on"), null=True)
    their_reference = models.CharField(_("their reference"), max_length=100, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    answers = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="answered_by", verbose_name=_("answers")
    )

    class Meta:
        verbose_name = _("paper")
        verbose_name_plural = _("papers")
        ordering = ("-pk",)
        permissions = (("dispatch_paper", "Can initial and dispatch papers"),)
        constraints = [
            models.UniqueConstraint(fields=("direction", "year", "number"), name="paper_number_once"),
            models.CheckConstraint(
                condition=~Q(direction=Direction.OUT, form=PaperForm.NOTE) | Q(kind__in=MAY_GET_NOTES),
                name="paper_note_to_state",
            ),
            models.CheckConstraint(
                condition=Q(direction=Direction.IN, status__in=ENTERED, received_on__isnull=False)
                | Q(direction=Direction.OUT, received_on__isnull=True) & ~Q(status__in=ENTERED),
                name="paper_received_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=GONE)
                | Q(dispatched_on__isnull=False) & ~Q(means="") & ~Q(initialled_by=""),
                name="paper_dispatched_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status=PaperStatus.ACKNOWLEDGED) | Q(acknowledged_on__isnull=False),
                name="paper_acknowledged_complete",
            ),
            models.CheckConstraint(
                condition=~Q(
                    occasion=Occasion.REVIEW_NOTICE,
                    status__in=GONE,
                )
                | ~Q(decision="") & ~Q(seconded_by="") & ~Q(seconded_by=F("initialled_by")),
                name="paper_review_notice_needs_two",
            ),
        ]
        indexes = [
            models.Index(fields=("state", "-id"), name="paper_state"),
            models.Index(fields=("status",), name="paper_status"),
            models.Index(fields=("run",), condition=Q(run__isnull=False), name="paper_run"),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return f"/correspondence/{self.pk}/"

    @property
    def is_received(self) -> bool:
        """Whether it came in."""
        return self.direction == Direction.IN

    @property
    def needs_second(self) -> bool:
        """Whether a second person has to initial it."""
        return self.occasion == Occasion.REVIEW_NOTICE


class PaperStep(models.Model):
    """What a person or the program did with a paper; never deleted."""

    class What(models.TextChoices):
        """The step, in the past tense."""

        DRAFTED = "drafted", _("drafted")
        EDITED = "edited", _("edited")
        REWRITTEN = "rewritten", _("rewritten from the records")
        INITIALLED = "initialled", _("initialled")
        SECONDED = "seconded", _("initialled by a second person")
        RETURNED = "returned", _("returned to draft")
        DISPATCHED = "dispatched", _("dispatched")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        CANCELLED = "cancelled", _("cancelled")
        REVIVED = "revived", _("cancellation undone")
        RECEIVED = "received", _("entered")
        FILED = "filed", _("file attached")
        CORRECTED = "corrected", _("corrected")
        SENT = "sent", _("accepted by the mail server")
        BOUNCED = "bounced", _("the mail came back")
        RESENT = "resent", _("to be sent again")
        ARRIVED = "arrived", _("found to have arrived")
        RECALLED = "recalled", _("not sent; awaits dispatch again")
        UNCONFIRMED = "unconfirmed", _("acknowledgement taken back")
        WITHDRAWN = "withdrawn", pgettext_lazy("a paper", "withdrawn")
        REINSTATED = "reinstated", _("withdrawal undone")
        REMOVED = "removed", _("file removed")
        MISTAKEN = "mistaken", _("file marked as attached by mistake")
        UNDONE = "undone", _("undone")

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="steps", verbose_name=_("paper"))
    what = models.CharField(_("step"), max_length=12, choices=What)
    by = models.CharField(_("by"), max_length=150, blank=True, help_text=_("Empty: the program."))
    at = models.DateTimeField(_("at"), default=timezone.now)
    note = models.CharField(_("note"), max_length=300, blank=True)
    undo_to = models.JSONField(
        _("undoing sets"),
        default=dict,
        blank=True,
        db_default=Value({}, models.JSONField()),
        encoder=DjangoJSONEncoder,
        help_text=_("Values by field; of a step about a file its key. Empty if the step is not undone."),
    )

    class Meta:
        verbose_name = _("step of a paper")
        verbose_name_plural = _("steps of papers")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.paper_id} {self.what}"


class FileContent(models.Model):
    """The bytes of a file, once for equal files. In the database, so that backups and all hosts have them."""

    sha256 = models.CharField(_("SHA-256"), max_length=64, primary_key=True)
    data: Any = models.BinaryField(_("content"))

    class Meta:
        verbose_name = _("content of a file")
        verbose_name_plural = _("contents of files")

    def __str__(self) -> str:
        return self.sha256


class PaperFile(models.Model):
    """A file of a paper. What was filed is never replaced: another version is another row."""

    class Origin(models.TextChoices):
        """Where it comes from."""

        MADE = "made", _("made by the program")
        UPLOADED = "uploaded", _("uploaded")

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="files", verbose_name=_("paper"))
    name = models.CharField(_("name"), max_length=150)
    type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"), help_text=_("In bytes."))
    content = models.ForeignKey(FileContent, models.PROTECT, related_name="+", verbose_name=_("content"))
    origin = models.CharField(_("origin"), max_length=8, choices=Origin)
    added_by = models.CharField(_("by"), max_length=150, blank=True)
    added_at = models.DateTimeField(_("at"), default=timezone.now)
    mistake = models.CharField(
        _("attached by mistake"), max_length=200, blank=True, db_default="", help_text=_("The reason.")
    )
    is_removed = models.BooleanField(
        _("removed"),
        default=False,
        db_default=False,
        help_text=_("It is neither shown nor sent. A file of a dispatched paper stays."),
    )

    class Meta:
        verbose_name = _("file of a paper")
        verbose_name_plural = _("files of papers")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("paper", "name", "content"), name="paper_file_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/correspondence/{self.paper_id}/files/{self.pk}/"

    @property
    def is_attached(self) -> bool:
        """Whether somebody attached it and it is still there; in SQL: `checks.attached_to`."""
        return self.origin == self.Origin.UPLOADED and not self.is_removed and not self.mistake
