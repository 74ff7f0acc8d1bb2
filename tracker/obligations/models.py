"""What follows from the facts (Obligation), and what answers it or changes it (facts again)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.obligations import checks
from tracker.obligations.querysets import STOOD, CommitteeDateQuerySet, ObligationQuerySet, SubmissionQuerySet
from tracker.registry.languages import said_once
from tracker.registry.models import Language, State, Treaty, TreatyAction
from tracker.rules import facts as rules
from tracker.rules.dates import add_years, end_of_month, in_words
from tracker.rules.due import DueSource
from tracker.rules.entry_into_force import CRC_IN_FORCE, OPSC_ADOPTED, OPSC_IN_FORCE, TreatyCode
from tracker.rules.facts import Carrier, Facts, Outcome, ReportKind, RequestKind
from tracker.rules.schedule import PeriodicRule
from tracker.rules.trail import Step, Trail

MOST_CYCLES = 99
NEXT = rules.NEXT
# The Committee asks for a report at most a few cycles ahead; a later year is mistyped.
MOST_YEARS_AHEAD = 20


class Kind(models.TextChoices):
    """What is owed, as the rules name it."""

    INITIAL = ReportKind.INITIAL.value, _("initial")
    PERIODIC = ReportKind.PERIODIC.value, _("periodic")
    INFORMATION = ReportKind.INFORMATION.value, _("information")


class Asked(models.TextChoices):
    """In which kind of document the Committee asks for further information."""

    LIST_OF_ISSUES = RequestKind.LIST_OF_ISSUES.value, _("list of issues")
    FOLLOW_UP = RequestKind.FOLLOW_UP.value, _("follow-up")
    OTHER = RequestKind.OTHER.value, _("other")


# What decisions and submissions name; a reply to a request is entered with the request.
REPORTS = [kind for kind in Kind.choices if kind[0] != Kind.INFORMATION]


class CarriedBy(models.TextChoices):
    """Whether a report stands alone or is a part of the State's report under the CRC."""

    OWN = Carrier.OWN.value, _("own")
    CRC_REPORT = Carrier.CRC_REPORT.value, _("CRC report")


class Source(models.TextChoices):
    """Where a due date comes from."""

    RULE = DueSource.RULE.value, _("rule")
    COMMITTEE = DueSource.COMMITTEE.value, _("committee")
    PRIOR_TO_REPORTING = DueSource.PRIOR_TO_REPORTING.value, _("list of issues prior to reporting")
    TO_BE_COMMUNICATED = DueSource.TO_BE_COMMUNICATED.value, _("to be communicated")
    TREATY_CALENDAR = DueSource.TREATY_CALENDAR.value, _("treaty calendar")


class Document(models.TextChoices):
    """The kind of document in which the Committee states a date."""

    OBSERVATIONS = rules.DocumentKind.OBSERVATIONS.value, _("concluding observations")
    PRIOR_TO_REPORTING = rules.DocumentKind.PRIOR_TO_REPORTING.value, _("list of issues prior to reporting")
    OTHER = rules.DocumentKind.OTHER.value, _("other decision")


class Precision(models.TextChoices):
    """How exactly a document prints a date; what is missing is filled in by us."""

    DAY = rules.Precision.DAY.value, _("day")
    MONTH = rules.Precision.MONTH.value, _("month")
    YEAR = rules.Precision.YEAR.value, _("year")


class Trust(models.TextChoices):
    """How far a shipped fact was read in its document."""

    DOCUMENT = "document", _("read in the document")
    SECONDARY = "secondary", _("read about it: to be confirmed")
    MEMORY = "memory", _("from memory: to be confirmed")


TO_CONFIRM = (Trust.SECONDARY.value, Trust.MEMORY.value)


def carried_by_on(state: str, kind: str, day: Any) -> str:
    """In which series a State's report stands on a day: its own unless the CRC binds the State."""
    if kind != ReportKind.PERIODIC or one_series():
        return Carrier.OWN.value
    return series_on(actions_of(state), kind, day)


def series_on(facts: Facts, kind: str, day: Any) -> str:
    """The same, for a State whose facts are known."""
    if kind != ReportKind.PERIODIC or one_series() or not facts.is_party(TreatyCode.CRC, day):
        return Carrier.OWN.value
    return Carrier.CRC_REPORT.value


def one_series() -> bool:
    """Whether this installation follows each State's own series alone."""
    return bool(settings.PERIODIC_RULE == PeriodicRule.PLAIN)


def actions_of(state: str) -> Facts:
    """What a State did to the treaties: the facts that others are held against."""
    actions = TreatyAction.objects.filter(state=state).order_by("pk")
    return Facts(tuple(action.as_rule() for action in actions))


class Standing(models.Model):
    """What may change about something owed, as `tracker.rules.due.Due` has it."""

    last_cycle = models.PositiveSmallIntegerField(_("last cycle"), default=0)
    computed_on = models.DateField(_("computed date"))
    due_on = models.DateField(_("due date"), null=True)
    due_source = models.CharField(_("source of the due date"), max_length=40, choices=Source)
    document = models.CharField(_("document"), max_length=100, blank=True)
    decided_on = models.DateField(_("decided on"), null=True)
    year_only = models.BooleanField(_("year only"), default=False)
    waived = models.BooleanField(_("waived"), default=False)
    reviewed_without_on = models.DateField(_("reviewed without a report on"), null=True)
    answered_on = models.DateField(_("answered by"), null=True)
    received_on = models.DateField(_("received on"), null=True)
    awaiting_since = models.DateField(_("awaiting review since"), null=True)
    trail = models.JSONField(_("trail"))

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__isnull=False)
                | Q(waived=True)
                | Q(due_source__in=(DueSource.TO_BE_COMMUNICATED.value, DueSource.TREATY_CALENDAR.value)),
                name="%(class)s_undated_for_a_reason",
            ),
            models.CheckConstraint(
                # Said of null too: "answered_on = received_on" alone lets an empty answer pass.
                condition=Q(received_on=None) | Q(answered_on__isnull=False, answered_on=F("received_on")),
                name="%(class)s_receipt_answers",
            ),
        ]

    @property
    def steps(self) -> Trail:
        """Why it is due on that date."""
        return tuple(Step.read(step) for step in self.trail)


def facts_beside(state: str) -> Facts:
    """What a decision or a review of a State is compared with: its treaty actions and reports."""
    facts = actions_of(state)
    reports = Submission.objects.filter(state=state).order_by("pk")
    return replace(facts, reports=tuple(report.as_rule() for report in reports))


class Obligation(Standing):
    """Something that a State owes, derived from the facts. Written by `sync.py` alone.

    Its identity is the State, the treaty, the kind, the series and the cycle, kept for life: a date
    that changes changes here; a row that is no longer expected stays, with `expected` off. The series
    belongs to it because a State that joins the CRC later has a second cycle 2, 3 and so on. How it stood on an
    earlier day is in its spans.
    """

    state = models.ForeignKey(State, models.PROTECT, related_name="obligations", verbose_name=_("State"))
    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="+", verbose_name=_("treaty"))
    article = models.CharField(_("article"), max_length=4)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    # Said apart, because "further information" alone does not tell a reply from a follow-up, and the trail
    # is for reading, not for asking. No part of the identity: a mistyped kind is corrected in place.
    subject = models.CharField(_("asked in"), max_length=40, choices=Asked, blank=True)
    carried_by = models.CharField(_("carried by"), max_length=10, choices=CarriedBy)
    cycle = models.PositiveSmallIntegerField(_("cycle"))
    arises_on = models.DateField(_("arises on"))
    ceases_on = models.DateField(_("ceases on"), null=True)
    not_received_by = models.DateField(_("not received by"), null=True)
    expected = models.BooleanField(_("expected"), default=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("obligation")
        verbose_name_plural = _("obligations")
        ordering = ("state", "computed_on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "treaty", "kind", "carried_by", "cycle"), name="obligation_identity"
            ),
            *Standing.Meta.constraints,
        ]
        indexes = [
            models.Index(fields=("arises_on", "expected"), name="obligation_arises"),
            # For long lists: each holds all that decides whether a row is in the list, so that rows are
            # counted, and pages found, in the index alone.
            models.Index(
                fields=("due_on", "id", "arises_on", "ceases_on", "computed_on", "state"),
                condition=Q(expected=True),
                name="obligation_list",
            ),
            models.Index(
                fields=("state", "due_on", "id", "arises_on", "ceases_on", "computed_on"),
                condition=Q(expected=True),
                name="obligation_of_state",
            ),
            models.Index(
                fields=(
                    "due_on",
                    "id",
                    "arises_on",
                    "ceases_on",
                    "computed_on",
                    "state",
                    "decided_on",
                    "waived",
                    "not_received_by",
                ),
                condition=Q(expected=True, answered_on=None),
                name="obligation_unanswered",
            ),
            models.Index(
                fields=("state", "due_on"),
                condition=Q(expected=True, kind=ReportKind.INITIAL.value),
                name="obligation_initial",
            ),
            # For counting how all that is owed stands, State by State: with all that decides it.
            models.Index(
                fields=(
                    "state",
                    "kind",
                    "due_on",
                    "answered_on",
                    "received_on",
                    "decided_on",
                    "waived",
                    "not_received_by",
                    "arises_on",
                    "ceases_on",
                    "computed_on",
                    "id",
                ),
                condition=Q(expected=True),
                name="obligation_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.kind} {self.cycle}"

    @property
    def label(self) -> str:
        """What it is, in words: "initial report", "periodic report 3", "report 7 under the CRC", "follow-up"."""
        return report_label(self.kind, self.cycle, self.carried_by, self.subject, self.last_cycle)

    @property
    def then_steps(self) -> Trail:
        """Why it was due on that date on the day of `as_of`."""
        trail = self.then_trail if hasattr(self, "then_trail") else self.trail
        return tuple(Step.read(step) for step in trail)

    def as_it_stood(self) -> Obligation:
        """This row, read by `as_of`, with its columns as they were on that day."""
        if hasattr(self, "then_trail"):
            self.trail = self.then_trail
        for name in STOOD:
            setattr(self, name, getattr(self, f"then_{name}"))
        for name, read in (("due_on", "due"), ("due_source", "source")):
            setattr(self, name, getattr(self, read))
        return self


class Span(Standing):
    """How something owed stood from a day until the next on which a fact changed it. Written by `sync.py` alone."""

    obligation = models.ForeignKey(Obligation, models.CASCADE, related_name="spans")
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True)

    class Meta:
        verbose_name = _("span of an obligation")
        verbose_name_plural = _("spans of obligations")
        default_permissions = ()
        ordering = ("obligation", "since")
        constraints = [
            models.UniqueConstraint(fields=("obligation", "since"), name="span_begins_once"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="span_in_order"),
            *Standing.Meta.constraints,
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id}: {self.since} to {self.until}"


REPLIES: dict[str, Any] = {
    Asked.LIST_OF_ISSUES: _("reply to the list of issues"),
    Asked.FOLLOW_UP: _("follow-up"),
}


@said_once
def report_label(kind: str, cycle: int, carried_by: str, subject: str = "", last_cycle: int = 0) -> str:
    """What a report, or a reply to a request of some kind (the subject), is called in a sentence."""
    if kind == ReportKind.INITIAL:
        return str(_("initial report"))
    if kind == ReportKind.INFORMATION:
        return str(REPLIES.get(subject, _("further information")))
    if carried_by == Carrier.CRC_REPORT:
        if cycle == NEXT:
            return str(_("next report under the CRC"))
        if last_cycle > cycle:
            numbers = {"first": cycle, "last": last_cycle}
            return str(_("reports %(first)d to %(last)d under the CRC")) % numbers
        return str(_("report %(cycle)d under the CRC")) % {"cycle": cycle}
    return str(_("periodic report %(cycle)d")) % {"cycle": cycle}


class CyclesNamed(models.Model):
    """What a decision and a submission share: the State, and the cycles that they name."""

    state = models.ForeignKey(State, models.PROTECT, related_name="%(class)ss", verbose_name=_("State"))
    kind = models.CharField(
        _("kind"),
        max_length=12,
        choices=REPORTS,
        default=Kind.PERIODIC,
        error_messages={
            "invalid_choice": _(
                "Choose initial or periodic; a reply to a request for further information is entered with "
                "that request."
            )
        },
    )
    first_cycle = models.PositiveSmallIntegerField(
        _("first cycle"),
        default=1,
        validators=[MaxValueValidator(MOST_CYCLES)],
        help_text=_("1 for the initial report; 3 for “third and fourth” as well as for “third”."),
    )
    last_cycle = models.PositiveSmallIntegerField(
        _("last cycle"),
        default=1,
        validators=[MaxValueValidator(MOST_CYCLES)],
        help_text=_("4 for “third and fourth”; the same as the first cycle for a single report."),
    )
    carried_by = models.CharField(
        _("carried by"),
        max_length=10,
        choices=CarriedBy,
        blank=True,
        help_text=_("Empty: the CRC report for a periodic report of a State party to the CRC, else its own."),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._settle_series()
        super().save(*args, **kwargs)

    def _settle_series(self) -> None:
        """Fills in the series where it was left empty."""
        if not self.carried_by and self.state_id and (self.kind != Kind.PERIODIC or self.known_on()):
            self.carried_by = carried_by_on(self.state_id, self.kind, self.known_on())

    def known_on(self) -> Any:
        """The day from which the fact counts; None while it is not entered."""
        raise NotImplementedError  # each of the two has its own

    def may_be_unnumbered(self) -> bool:
        """Whether the fact may speak of "the next report" under the CRC without its number."""
        return False

    @property
    def cycles(self) -> str:
        """As documents print it: "3", or "3-4"; empty for the next report, where its number is not known."""
        if self.first_cycle == NEXT:
            return ""
        return (
            str(self.first_cycle)
            if self.first_cycle == self.last_cycle
            else f"{self.first_cycle}-{self.last_cycle}"
        )

    def clean(self) -> None:
        super().clean()
        self._settle_series()  # before the constraints are checked, which speak of it
        if errors := self.problems_of_cycles():
            raise ValidationError(errors)

    def problems_of_cycles(self) -> dict[str, Any]:
        """What is wrong with the cycles and the series, by field."""
        errors: dict[str, Any] = {}
        if self.first_cycle is not None and self.last_cycle is not None:
            if self.last_cycle < self.first_cycle:
                errors["last_cycle"] = _("The last cycle cannot come before the first.")
            elif self.kind == Kind.INITIAL and self.first_cycle != 1:
                errors["first_cycle"] = _("The initial report is cycle 1; choose periodic for later ones.")
            elif self.first_cycle == NEXT and (self.last_cycle != NEXT or not self.may_be_unnumbered()):
                errors["first_cycle"] = _("Enter the number of the report.")
        if self.kind == Kind.INITIAL and self.carried_by == CarriedBy.CRC_REPORT:
            errors["carried_by"] = _("The initial report under the OPSC stands alone.")
        return errors


def cycles_constraints(name: str) -> list[models.BaseConstraint]:
    """What must hold of the cycles that a fact names."""
    return [
        models.CheckConstraint(
            condition=(
                Q(first_cycle__gte=1) & Q(last_cycle__gte=F("first_cycle")) & Q(last_cycle__lte=MOST_CYCLES)
            )
            | Q(first_cycle=NEXT, last_cycle=NEXT, carried_by=Carrier.CRC_REPORT.value),
            name=f"{name}_cycles_in_order",
        ),
        models.CheckConstraint(
            # Combined with the second it may be "1-2".
            condition=~Q(kind=ReportKind.INITIAL.value) | Q(first_cycle=1, carried_by=Carrier.OWN.value),
            name=f"{name}_initial_is_cycle_1",
        ),
    ]


class CommitteeDate(CyclesNamed):
    """A date that the Committee states for one or several cycles; it replaces the computed one."""

    class Outcomes(models.TextChoices):
        """What the document says."""

        DATE = Outcome.DATE.value, _("a date")
        TO_BE_COMMUNICATED = Outcome.TO_BE_COMMUNICATED.value, _("to be communicated")
        WAIVED = Outcome.WAIVED.value, _("no report is asked for")

    outcome = models.CharField(
        _("the Committee states"), max_length=20, choices=Outcomes, default=Outcomes.DATE
    )
    due_on = models.DateField(
        _("due date"),
        null=True,
        blank=True,
        help_text=_("As the concluding observations or the list of issues prior to reporting print it."),
    )
    precision = models.CharField(
        _("printed as"),
        max_length=5,
        choices=Precision,
        default=Precision.DAY,
        help_text=_(
            "If the document prints only a year, enter its 31 December: the report is late only after that day. If "
            "you know the day from elsewhere, it is shown as to be confirmed."
        ),
    )
    document_kind = models.CharField(
        _("kind of document"), max_length=40, choices=Document, default=Document.OBSERVATIONS
    )
    document = models.CharField(
        _("document"),
        max_length=100,
        blank=True,
        help_text=_("Symbol, for example CRC/C/OPSC/USA/CO/2. Empty if it is not known."),
    )
    paragraph = models.CharField(_("paragraph"), max_length=20, blank=True)
    decided_on = models.DateField(
        _("decided on"),
        null=True,
        blank=True,
        help_text=_("Day of adoption, or the close of the session. Empty if the document gives none."),
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    awaits_confirmation = models.BooleanField(
        _("awaits confirmation"),
        default=False,
        editable=False,
        help_text=_("Entered by one person; counts once a second one has confirmed it."),
    )
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("entered by"),
    )
    corrects = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        editable=False,
        related_name="corrections",
        verbose_name=_("corrects"),
        help_text=_("The date in effect that this one takes the place of once it is confirmed."),
    )

    objects = CommitteeDateQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("date stated by the Committee")
        verbose_name_plural = _("dates stated by the Committee")
        permissions = [("confirm_committeedate", "Can confirm a date stated by the Committee")]
        ordering = ("state", "decided_on", "pk")
        constraints = [
            *cycles_constraints("committee_date"),
            models.UniqueConstraint(
                # A correction that awaits confirmation stands beside what it corrects.
                fields=("state", "kind", "carried_by", "first_cycle", "last_cycle", "document"),
                condition=Q(corrects=None),
                name="committee_date_once_per_document",
                violation_error_message=_("This document's date for these cycles is recorded already."),
            ),
            models.UniqueConstraint(
                fields=("corrects",),
                name="committee_date_one_correction",
                violation_error_message=_(
                    "A correction of this date awaits confirmation already; change that one, or remove it."
                ),
            ),
            models.CheckConstraint(
                condition=Q(corrects=None) | Q(awaits_confirmation=True),
                name="committee_date_correction_awaits",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.DATE.value, due_on__isnull=False)
                | (~Q(outcome=Outcome.DATE.value) & Q(due_on=None)),
                name="committee_date_has_date",
                violation_error_message=_(
                    "Enter the due date, or choose another statement of the Committee."
                ),
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) | Q(due_on__gt=OPSC_IN_FORCE),
                name="committee_date_after_entry_into_force",
                violation_error_message=_(
                    "The OPSC entered into force on 18 January 2002; nothing was due before."
                ),
            ),
            models.CheckConstraint(
                condition=Q(decided_on__isnull=False) | Q(due_on__isnull=False),
                name="committee_date_has_a_day",
                violation_error_message=_("Enter the day of the document, or the due date that it states."),
            ),
            models.CheckConstraint(
                condition=~Q(first_cycle=NEXT) | Q(outcome=Outcome.TO_BE_COMMUNICATED.value),
                name="committee_date_numbered",
                violation_error_message=_("Enter the number of the report that the date is for."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.kind} {self.cycles}: {self.document}"

    def known_on(self) -> Any:
        return self.decided_on or self.due_on

    def may_be_unnumbered(self) -> bool:
        return self.carried_by == CarriedBy.CRC_REPORT and self.outcome == self.Outcomes.TO_BE_COMMUNICATED

    def as_rule(self) -> rules.Decision:
        """The decision as the rules take it."""
        return rules.Decision(
            self.kind,
            self.first_cycle,
            self.last_cycle,
            self.carried_by,
            self.outcome,
            self.due_on,
            self.document,
            self.decided_on,
            self.precision,
            self.document_kind,
            self.paragraph,
        )

    def clean(self) -> None:
        super().clean()
        if errors := self.problems(lambda: facts_beside(self.state_id), timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, facts: Callable[[], Facts], today: date) -> dict[str, Any]:
        """What is wrong with the decision, by field.

        Args:
            facts: gives the treaty actions and reports of its State; asked only if nothing else is wrong.
        """
        errors: dict[str, Any] = {}
        if self.decided_on and self.decided_on > today:
            errors["decided_on"] = _("This day lies in the future; enter the decision once it is adopted.")
        if self.outcome == self.Outcomes.DATE and not self.due_on:
            errors["due_on"] = _("Enter the due date, or choose another statement of the Committee.")
        if self.outcome != self.Outcomes.DATE and self.due_on:
            errors["due_on"] = _("Leave the date empty: the Committee states none.")
        if self.due_on and self.decided_on:
            if self.due_on <= self.decided_on:
                errors["due_on"] = _("The Committee asks for a date after its decision (%(day)s).") % {
                    "day": in_words(self.decided_on)
                }
            elif self.due_on > add_years(self.decided_on, MOST_YEARS_AHEAD):
                errors["due_on"] = _(
                    "This lies more than %(years)d years after the decision; check the year."
                ) % {"years": MOST_YEARS_AHEAD}
        if not self.decided_on and self.due_on and self.due_on >= today:
            errors["decided_on"] = _(
                "Enter the day of the document, or of its arrival if it gives none; the date counts from then on."
            )
        if not self.known_on():
            errors.setdefault(
                "decided_on", _("Enter the day of the document, or the due date that it states.")
            )
        if not errors and self.state_id and self.last_cycle is not None:
            errors = checks.of_decision(self.as_rule(), facts(), today)
        return errors


class PrintedDate(CyclesNamed):
    """The year or the day that the UN printed as the due date of a report, kept beside ours, never instead of it."""

    printed = models.CharField(
        _("due as printed by the UN"),
        max_length=10,
        validators=[RegexValidator(r"^\d{4}(-\d\d-\d\d)?\Z", _("Enter a year, or a day as 2015-09-26."))],
        help_text=_("As the cover or the list prints it: a year, or a day as 2015-09-26."),
    )
    document = models.CharField(
        _("document"), max_length=100, blank=True, help_text=_("That prints it: a report's cover, or a list.")
    )
    printed_on = models.DateField(
        _("printed on"),
        help_text=_("Day of that document, or of receipt of that report; it counts from then on."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("printed due date")
        verbose_name_plural = _("printed due dates")
        ordering = ("state", "kind", "first_cycle", "pk")
        constraints = [
            *cycles_constraints("printed_date"),
            models.UniqueConstraint(
                fields=("state", "kind", "carried_by", "first_cycle", "last_cycle"),
                name="printed_date_once",
                violation_error_message=_(
                    "The printed due date of this report is recorded already; correct it there."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.kind} {self.cycles}: {self.printed}"

    def known_on(self) -> Any:
        return self.printed_on

    def differs_from(self, due_on: date | None, *, year_only: bool = False) -> bool:
        """Whether the UN prints another date than the one that counts here; no date here differs from none.

        Args:
            year_only: of our date the year alone is known.
        """
        if due_on is None:
            return False
        ours = f"{due_on.year}" if year_only else due_on.isoformat()
        return not ours.startswith(self.printed[: len(ours)])

    def clean(self) -> None:
        super().clean()
        if errors := self.problems(lambda: actions_of(self.state_id), timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, facts: Callable[[], Facts], today: date) -> dict[str, Any]:
        """What is wrong with the printed date, by field.

        Args:
            facts: gives the treaty actions of its State; asked only if nothing else is wrong.
        """
        errors: dict[str, Any] = {}
        if self.printed_on and self.printed_on > today:
            errors["printed_on"] = _("This day lies in the future; enter the date once it is printed.")
        if self.printed and len(self.printed) == len("2015-09-26"):
            try:
                date.fromisoformat(self.printed)
            except ValueError:
                errors["printed"] = _("There is no such day; enter a year, or a day as 2015-09-26.")
        if not errors and self.state_id and self.carried_by:
            errors = checks.of_party(self.carried_by, facts())
        return errors


class Information(models.TextChoices):
    """Whether a report under the CRC gives information on the OPSC."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    NOT_LOOKED_AT = "not looked", _("not looked at")


class Submission(CyclesNamed):
    """A report received from a State; it answers the obligations of the cycles that it names.

    A revision of an earlier report never moves the first date of receipt.
    """

    received_on = models.DateField(
        _("received on"),
        null=True,
        blank=True,
        help_text=_("Date of receipt printed on the cover. Empty if only the review is known."),
    )
    reviewed_on = models.DateField(
        _("reviewed on"),
        null=True,
        blank=True,
        help_text=_(
            "Day of the constructive dialogue; the last day of the month if only the month is known."
        ),
    )
    review_precision = models.CharField(
        _("review known to the"), max_length=5, choices=Precision, default=Precision.DAY
    )
    known_by = models.DateField(
        _("known by"),
        null=True,
        blank=True,
        help_text=_(
            "Only if neither receipt nor review is known: the day of the source that knows the report."
        ),
    )
    withdrawn_on = models.DateField(
        _("withdrawn on"),
        null=True,
        blank=True,
        help_text=_("Day on which the State withdrew the report; from then on it answers nothing."),
    )
    information = models.CharField(
        _("information on the OPSC in it"),
        max_length=10,
        choices=Information,
        blank=True,
        help_text=_("For a report under the CRC: whether it gives information on the OPSC."),
    )
    information_where = models.CharField(
        _("where"),
        max_length=100,
        blank=True,
        help_text=_("Paragraphs or pages, for example paras. 210-244."),
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    symbol = models.CharField(
        _("symbol"), max_length=60, blank=True, help_text=_("For example CRC/C/OPSC/USA/1.")
    )
    title = models.CharField(_("title"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, blank=True)
    link = models.URLField(_("link"), blank=True)
    revises = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="revisions",
        verbose_name=_("revises"),
        error_messages={
            "invalid": _("The report that this one revises is not recorded; enter that one first.")
        },
        help_text=_("The report that this one supersedes, if it is a revision."),
    )

    objects = SubmissionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ("state", "first_cycle", "pk")
        constraints = [
            *cycles_constraints("submission"),
            models.CheckConstraint(
                condition=Q(received_on__isnull=False)
                | Q(reviewed_on__isnull=False)
                | Q(known_by__isnull=False),
                name="submission_has_a_day",
                violation_error_message=_(
                    "Enter the date of receipt or, if it is not known, that of the review."
                ),
            ),
            models.CheckConstraint(
                condition=Q(received_on=None)
                | Q(received_on__gte=OPSC_ADOPTED)
                | Q(carried_by=Carrier.CRC_REPORT.value, received_on__gte=CRC_IN_FORCE),
                name="submission_not_before_treaty",
                violation_error_message=_("The OPSC was adopted on 25 May 2000; a report on it came later."),
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(received_on=None) | Q(withdrawn_on__gte=F("received_on")),
                name="submission_withdrawn_after_receipt",
                violation_error_message=_("A report is withdrawn after its receipt; check the two days."),
            ),
            models.CheckConstraint(
                condition=Q(information_where="") | Q(information=Information.YES.value),
                name="submission_information_where",
                violation_error_message=_("Say “yes” to say where the information is."),
            ),
            models.CheckConstraint(
                condition=Q(received_on=None) | Q(reviewed_on=None) | Q(reviewed_on__gte=F("received_on")),
                name="submission_reviewed_after_receipt",
                violation_error_message=_("A report is reviewed after its receipt; check the two days."),
            ),
            models.UniqueConstraint(
                fields=("state", "kind", "carried_by", "first_cycle", "last_cycle"),
                condition=Q(revises=None, withdrawn_on=None),
                name="submission_once_per_cycles",
                violation_error_message=_(
                    "A report for these cycles is recorded already; correct it, or enter this one as "
                    "its revision."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.symbol or f"{self.state_id} {self.kind} {self.cycles}"

    def known_on(self) -> Any:
        return self.received_on or self.reviewed_on or self.known_by

    def as_rule(self) -> rules.Report:
        """The report as the rules take it."""
        return rules.Report(
            self.kind,
            self.first_cycle,
            self.last_cycle,
            self.carried_by,
            self.received_on,
            self.reviewed_on,
            self.withdrawn_on,
            self.known_by,
        )

    def clean(self) -> None:
        super().clean()
        original = Submission.objects.filter(pk=self.revises_id).first() if self.revises_id else None
        if errors := self.problems(lambda: actions_of(self.state_id), timezone.localdate(), original):
            raise ValidationError(errors)

    def problems(
        self, facts: Callable[[], Facts], today: date, original: Submission | None = None
    ) -> dict[str, Any]:
        """What is wrong with the report, by field.

        Args:
            facts: gives the treaty actions of its State; asked only if nothing else is wrong.
            original: the report that it revises.
        """
        errors: dict[str, Any] = {}
        if not self.known_on():
            errors["received_on"] = _("Enter the date of receipt or, if it is not known, that of the review.")
        if self.received_on and self.received_on > today:
            errors["received_on"] = _("This day lies in the future; enter the report once it is received.")
        elif self.received_on and self.received_on < OPSC_ADOPTED and self.carried_by != Carrier.CRC_REPORT:
            errors["received_on"] = _("The OPSC was adopted on 25 May 2000; a report on it came later.")
        elif self.received_on and self.received_on < CRC_IN_FORCE:
            errors["received_on"] = _("The CRC entered into force on 2 September 1990; check the day.")
        if self.withdrawn_on and self.withdrawn_on > today:
            errors["withdrawn_on"] = _("This day lies in the future; enter it once the report is withdrawn.")
        elif self.withdrawn_on and self.known_on() and self.withdrawn_on < self.known_on():
            errors["withdrawn_on"] = _("A report is withdrawn after its receipt; check the two days.")
        if self.information_where and self.information != Information.YES:
            errors["information"] = _("Say “yes” to say where the information is.")
        if self.reviewed_on and self.reviewed_on > end_of_month(today.year, today.month):
            errors["reviewed_on"] = _(
                "This day lies in the future; enter the review once it has taken place."
            )
        if message := self._revises_wrongly(original):
            errors["revises"] = message
        if not errors and self.state_id and self.first_cycle and self.last_cycle:
            errors = checks.of_report(self.as_rule(), facts(), today)
        return errors

    def _revises_wrongly(self, original: Submission | None) -> Any:
        """Why this report cannot be a revision of the one that it names, or None."""
        if self.revises_id and self.revises_id == self.pk:
            return _("A report cannot revise itself.")
        if original is None:
            return None  # it is no revision, or the field itself says that there is no such report
        if self.state_id and original.state_id != self.state_id:
            return _("A report revises an earlier one of the same State.")
        if _what(original) != _what(self):
            return _(
                "That report is another one (%(kind)s, cycle %(cycles)s); a revision names the same kind, "
                "series and cycles. Correct them, or leave this field empty if the report stands alone."
            ) % {"kind": original.get_kind_display(), "cycles": original.cycles}
        if self.received_on and original.received_on and self.received_on < original.received_on:
            return _(
                "That report was received later, on %(day)s; a revision comes after what it revises. Check "
                "the two days."
            ) % {"day": in_words(original.received_on)}
        if self.pk and self._is_revised_by(original):
            return _("That report is itself a revision of this one; leave the field empty in one of the two.")
        return None

    def _is_revised_by(self, other: Submission) -> bool:
        """Whether another report goes back to this one, over however many revisions."""
        seen: set[int] = set()
        earlier: Submission | None = other
        while earlier is not None and earlier.pk not in seen:
            if earlier.revises_id == self.pk:
                return True
            seen.add(earlier.pk)
            earlier = earlier.revises
        return False


def _what(report: Submission) -> tuple[str, str, int, int]:
    return report.kind, report.carried_by, report.first_cycle, report.last_cycle


class Review(CyclesNamed):
    """Concluding observations of the Committee on a report, or on a State that sent none.

    The date of the next report that they state is a `CommitteeDate` of the same document.
    """

    document = models.CharField(
        _("symbol"),
        max_length=60,
        help_text=_("Of the concluding observations, for example CRC/C/OPSC/USA/CO/2."),
    )
    adopted_on = models.DateField(
        _("adopted on"), help_text=_("Day of adoption, or the last day of the session.")
    )
    session = models.PositiveSmallIntegerField(
        _("session"), null=True, blank=True, help_text=_("Number of the Committee's session, for example 94.")
    )
    without_report = models.BooleanField(
        _("without a report"),
        default=False,
        help_text=_("The Committee reviewed the State although the report had not come."),
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("state", "adopted_on", "pk")
        constraints = [
            *cycles_constraints("review"),
            models.UniqueConstraint(
                fields=("state", "document"),
                name="review_once_per_document",
                violation_error_message=_(
                    "These concluding observations are recorded already; correct them there."
                ),
            ),
            models.CheckConstraint(
                condition=Q(adopted_on__gte=CRC_IN_FORCE),
                name="review_after_entry_into_force",
                violation_error_message=_("The CRC entered into force on 2 September 1990; check the day."),
            ),
        ]

    def __str__(self) -> str:
        return self.document

    def known_on(self) -> Any:
        return self.adopted_on

    def may_be_unnumbered(self) -> bool:
        return self.carried_by == CarriedBy.CRC_REPORT

    def as_rule(self) -> rules.Review:
        """The review as the rules take it."""
        return rules.Review(
            self.kind,
            self.first_cycle,
            self.last_cycle,
            self.carried_by,
            self.document,
            self.adopted_on,
            self.without_report,
        )

    def clean(self) -> None:
        super().clean()
        if errors := self.problems(lambda: facts_beside(self.state_id), timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, facts: Callable[[], Facts], today: date) -> dict[str, Any]:
        """What is wrong with the review, by field.

        Args:
            facts: gives the treaty actions and reports of its State; asked only if nothing else is wrong.
        """
        errors: dict[str, Any] = {}
        if self.adopted_on and self.adopted_on > today:
            errors["adopted_on"] = _("This day lies in the future; enter the review once it is adopted.")
        elif self.adopted_on and self.adopted_on < CRC_IN_FORCE:
            errors["adopted_on"] = _("The CRC entered into force on 2 September 1990; check the day.")
        if not errors and self.state_id and self.adopted_on and self.last_cycle is not None:
            errors = checks.of_review(self.as_rule(), facts(), today)
        return errors


class InformationRequest(models.Model):
    """A request of the Committee for further information (art. 12(3)), and the reply to it.

    The document gives the date, so that it is typed, never computed. The number stands for the cycle of
    the obligation that follows: given once, and not to another request even if this one is withdrawn.
    """

    state = models.ForeignKey(
        State, models.PROTECT, related_name="information_requests", verbose_name=_("State")
    )
    number = models.PositiveSmallIntegerField(_("number"), blank=True, editable=False)
    kind = models.CharField(_("kind"), max_length=40, choices=Asked, default=Asked.LIST_OF_ISSUES)
    document = models.CharField(
        _("document"), max_length=100, help_text=_("Symbol, for example CRC/C/OPSC/USA/Q/3-4.")
    )
    issued_on = models.DateField(
        _("issued on"), help_text=_("Day of the document; the request counts from then on.")
    )
    due_on = models.DateField(_("reply due on"), help_text=_("As the document prints it."))
    received_on = models.DateField(
        _("reply received on"), null=True, blank=True, help_text=_("Empty until the reply has come.")
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("request for further information")
        verbose_name_plural = _("requests for further information")
        ordering = ("state", "number")
        constraints = [
            models.UniqueConstraint(fields=("state", "number"), name="request_number_once"),
            models.UniqueConstraint(
                fields=("state", "kind", "document"),
                name="request_once_per_document",
                violation_error_message=_("This document's request is recorded already; correct it there."),
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="request_number_from_1"),
            models.CheckConstraint(condition=Q(kind__in=Asked.values), name="request_kind_known"),
            models.CheckConstraint(
                condition=Q(issued_on__gte=OPSC_IN_FORCE),
                name="request_after_entry_into_force",
                violation_error_message=_(
                    "The OPSC entered into force on 18 January 2002; nothing was asked before."
                ),
            ),
            models.CheckConstraint(
                condition=Q(due_on__gt=F("issued_on")),
                name="request_due_after_issue",
                violation_error_message=_("The reply is due after the day of the document; check the two."),
            ),
            models.CheckConstraint(
                condition=Q(received_on=None) | Q(received_on__gte=F("issued_on")),
                name="request_reply_after_issue",
                violation_error_message=_("The reply comes after the day of the document; check the two."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.kind}: {self.document}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self._settle_number()
        super().save(*args, **kwargs)

    def _settle_number(self) -> None:
        """Gives the State's next number where there is none, or where the request moves to another State.

        Two that are entered at once may find the same one: `save_fact` lets them wait for each other, and
        the database refuses the second otherwise.
        """
        if not self.state_id:
            return
        if self.number is None or self._was_of_another_state():
            self.number = next_request_number(self.state_id)

    def _was_of_another_state(self) -> bool:
        return bool(
            self.pk and InformationRequest.objects.filter(pk=self.pk).exclude(state=self.state_id).exists()
        )

    def as_rule(self) -> rules.Request:
        """The request as the rules take it."""
        return rules.Request(
            self.kind, self.number, self.document, self.issued_on, self.due_on, self.received_on
        )

    def clean(self) -> None:
        super().clean()
        self._settle_number()  # before the constraints are checked, which speak of it
        if errors := self.problems(lambda: actions_of(self.state_id), timezone.localdate()):
            raise ValidationError(errors)

    def problems(self, facts: Callable[[], Facts], today: date) -> dict[str, Any]:
        """What is wrong with the request, by field.

        Args:
            facts: gives the treaty actions of its State; asked only if nothing else is wrong.
        """
        errors: dict[str, Any] = {}
        if self.issued_on and self.issued_on > today:
            errors["issued_on"] = _("This day lies in the future; enter the request once it is issued.")
        if self.received_on and self.received_on > today:
            errors["received_on"] = _("This day lies in the future; enter the reply once it is received.")
        elif self.received_on and self.issued_on and self.received_on < self.issued_on:
            errors["received_on"] = _("The reply comes after the document (%(day)s); check the two days.") % {
                "day": in_words(self.issued_on)
            }
        if self.due_on and self.issued_on:
            if self.due_on <= self.issued_on:
                errors["due_on"] = _("The reply is due after the day of the document (%(day)s).") % {
                    "day": in_words(self.issued_on)
                }
            elif self.due_on > add_years(self.issued_on, MOST_YEARS_AHEAD):
                errors["due_on"] = _(
                    "This lies more than %(years)d years after the document; check the year."
                ) % {"years": MOST_YEARS_AHEAD}
            elif self.state_id and not errors:
                errors = checks.of_request(self.as_rule(), facts())
        return errors


class NonReceipt(models.Model):
    """A confirmation, with its source, that a report had not been received by some day.

    It settles a row of “no record”: the report is overdue, on every day up to that of the source as well. The office
    holds everything received from the day on which its records begin, so a source of an earlier day would leave a
    gap.
    """

    state = models.ForeignKey(State, models.PROTECT, related_name="non_receipts", verbose_name=_("State"))
    kind = models.CharField(_("kind"), max_length=12, choices=REPORTS, default=Kind.INITIAL)
    cycle = models.PositiveSmallIntegerField(
        _("cycle"), default=1, validators=[MinValueValidator(1), MaxValueValidator(MOST_CYCLES)]
    )
    carried_by = models.CharField(
        _("carried by"), max_length=10, choices=CarriedBy, default=CarriedBy.OWN.value
    )
    not_received_by = models.DateField(
        _("not received by"), help_text=_("The day that the source speaks of: by then nothing had come.")
    )
    source = models.CharField(
        _("source"), max_length=200, help_text=_("Document, list or letter from which this is known.")
    )
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("confirmation of non-receipt")
        verbose_name_plural = _("confirmations of non-receipt")
        ordering = ("state", "kind", "cycle", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("state", "kind", "carried_by", "cycle"),
                name="non_receipt_once",
                violation_error_message=_(
                    "This report is confirmed as not received already; correct it there."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(kind=ReportKind.INITIAL.value) | Q(cycle=1, carried_by=Carrier.OWN.value),
                name="non_receipt_initial_is_cycle_1",
                violation_error_message=_("The initial report is cycle 1 and stands alone."),
            ),
            models.CheckConstraint(
                condition=Q(not_received_by__gt=OPSC_IN_FORCE), name="non_receipt_after_entry_into_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.kind} {self.cycle}: not received by {self.not_received_by}"

    def as_rule(self) -> rules.NonReceipt:
        """The confirmation as the rules take it."""
        return rules.NonReceipt(self.kind, self.cycle, self.carried_by, self.not_received_by)

    def clean(self) -> None:
        super().clean()
        if not (self.state_id and self.not_received_by):
            return
        if message := self._too_early_or_late():
            raise ValidationError({"not_received_by": message})
        self._clean_obligation()

    def _too_early_or_late(self) -> Any:
        """Why the source's day settles nothing, or None."""
        if self.not_received_by > timezone.localdate():
            return _("This day lies in the future; a source can only speak of what has been.")
        since = self.state.records(self.carried_by).since
        if since and self.not_received_by < since:
            return _(
                "The records begin on %(since)s; a source of an earlier day leaves a gap in which the report may "
                "have come. Use a source of that day or later."
            ) % {"since": in_words(since)}
        return None

    def _clean_obligation(self) -> None:
        """Something must be owed, due before that day, and not be answered."""
        owed = Obligation.objects.filter(
            state=self.state, kind=self.kind, carried_by=self.carried_by, cycle=self.cycle, expected=True
        ).first()
        if owed is None:
            raise ValidationError(
                {"cycle": _("The State owes no such report; check the kind, the series and the cycle.")}
            )
        if owed.answered_on is not None:
            raise ValidationError(
                {"cycle": _("A report for this cycle is recorded; correct or remove that one first.")}
            )
        if owed.due_on is None:
            raise ValidationError(
                {
                    "cycle": _(
                        "This report has no due date here, so nothing is late. Enter the date that the Committee "
                        "states for it first."
                    )
                }
            )
        if self.not_received_by <= owed.due_on:
            raise ValidationError(
                {
                    "not_received_by": _("The report is due only on %(day)s; use a source of a later day.")
                    % {"day": in_words(owed.due_on)}
                }
            )


def next_request_number(state: str) -> int:
    """The number after the State's last one.

    Obligations are asked too: that of a request that was withdrawn keeps its number, and its reminders.
    """
    requests = InformationRequest.objects.filter(state=state).aggregate(last=Max("number"))
    owed = Obligation.objects.filter(state=state, kind=Kind.INFORMATION).aggregate(last=Max("cycle"))
    return max(requests["last"] or 0, owed["last"] or 0) + 1


class Import(models.Model):
    """A file of facts that somebody has handed in: what it would do, and what has become of it.

    The file itself is kept, so that what was saved can be compared with what was handed in.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", _("waiting to be checked")
        CHECKING = "checking", _("being checked")
        CHECKED = "checked", _("checked")
        REFUSED = "refused", _("refused")
        SAVING = "saving", _("being saved")
        SAVED = "saved", _("saved")
        STALE = "stale", _("checked again, because the records have changed")
        FAILED = "failed", _("stopped")

    AT_WORK = (State.WAITING, State.CHECKING, State.SAVING)
    # What can be saved if a row of it adds or changes something.
    READY = (State.CHECKED, State.STALE)

    table = models.CharField(_("table"), max_length=20)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(_("content"))
    chosen = models.JSONField(_("States chosen"), default=dict)  # alpha-3 by spelling
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("handed in by")
    )
    uploaded_at = models.DateTimeField(_("handed in"), default=timezone.now)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    touched_at = models.DateTimeField(_("last sign of life"), default=timezone.now)
    rows_done = models.PositiveIntegerField(_("rows checked"), default=0)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    counts = models.JSONField(_("counts"), default=dict)  # rows by outcome
    about = models.JSONField(
        _("about the file"), default=dict
    )  # columns, note, spellings, effects, fingerprint
    preview = models.JSONField(_("preview"), default=list)  # a row for each of the file
    error = models.TextField(_("why not"), blank=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("saved by")
    )
    saved_at = models.DateTimeField(_("saved"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ()  # the rights to the table that a file is for count
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.file_name}, import {self.pk}"
