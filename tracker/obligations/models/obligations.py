"""What States owe (Obligation) and how it stood over time (Span); `sync.py` writes both."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.languages.cached import said_once
from tracker.obligations.models.choices import CarriedBy, Kind, RequestDocument, Source
from tracker.obligations.querysets import STOOD, ObligationQuerySet
from tracker.registry.models import State, Treaty
from tracker.rules.due import DueSource
from tracker.rules.facts import NEXT, Carrier, ReportKind
from tracker.rules.trail import Step, Trail


class Standing(models.Model):
    """The values of an obligation that may change over time; see `tracker.rules.due.Due`."""

    last_cycle = models.PositiveSmallIntegerField(_("last cycle"), default=0)
    computed_on = models.DateField(_("computed date"))
    due_on = models.DateField(_("due date"), null=True)
    due_source = models.CharField(_("source of the due date"), max_length=40, choices=Source)
    document = models.CharField(_("document"), max_length=100, blank=True)
    decided_on = models.DateField(_("decided on"), null=True)
    year_only = models.BooleanField(_("year only"), default=False)
    waived = models.BooleanField(_("waived"), default=False)
    reviewed_without_on = models.DateField(_("reviewed without a report on"), null=True)
    answered_on = models.DateField(_("answered on"), null=True)
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
                # "answered_on = received_on" alone would accept a null answer.
                condition=Q(received_on=None) | Q(answered_on__isnull=False, answered_on=F("received_on")),
                name="%(class)s_receipt_answers",
            ),
        ]

    @property
    def steps(self) -> Trail:
        """The trail of the due date."""
        return tuple(Step.read(step) for step in self.trail)


class Obligation(Standing):
    """A report or reply that a State owes, derived from the facts. Only `sync.py` writes it.

    Its identity is State, treaty, kind, series and cycle, and never changes: a changed date is updated here, and a row
    that is no longer expected stays, with `expected` off. The series is part of it because a State that joins the CRC
    later has a second cycle 2, 3 and so on. Its values on earlier days are in its spans.
    """

    state = models.ForeignKey(State, models.PROTECT, related_name="obligations", verbose_name=_("State"))
    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="+", verbose_name=_("treaty"))
    article = models.CharField(_("article"), max_length=4)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    # Tells a reply from a follow-up. Not part of the identity: a mistyped kind is corrected in place.
    subject = models.CharField(_("requested in"), max_length=40, choices=RequestDocument, blank=True)
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
            # Holds all that decides whether a row is in a list, and in which order: for counting, and for pages.
            models.Index(
                fields=("due_on", "id", "arises_on", "ceases_on", "computed_on", "state"),
                condition=Q(expected=True),
                name="obligation_list",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.kind} {self.cycle}"

    @property
    def label(self) -> str:
        """The name in words: "initial report", "periodic report 3", "report 7 under the CRC", "follow-up"."""
        return report_label(self.kind, self.cycle, self.carried_by, self.subject, self.last_cycle)

    @property
    def then_steps(self) -> Trail:
        """The trail of the due date as known on the day of `as_of`."""
        trail = self.then_trail if hasattr(self, "then_trail") else self.trail
        return tuple(Step.read(step) for step in trail)

    def as_it_stood(self) -> Obligation:
        """This row of `as_of`, with its columns set to their values on that day."""
        if hasattr(self, "then_trail"):
            self.trail = self.then_trail
        for name in STOOD:
            setattr(self, name, getattr(self, f"then_{name}"))
        for name, read in (("due_on", "due"), ("due_source", "source")):
            setattr(self, name, getattr(self, read))
        return self


class Span(Standing):
    """The values of an obligation from one day until a fact changed them. Only `sync.py` writes it."""

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
    RequestDocument.LIST_OF_ISSUES: _("reply to the list of issues"),
    RequestDocument.FOLLOW_UP: _("follow-up"),
}


@said_once
def report_label(kind: str, cycle: int, carried_by: str, subject: str = "", last_cycle: int = 0) -> str:
    """The name of reports, or of a reply to a request (the subject), in a sentence.

    Args:
        last_cycle: of combined reports; else 0 or the same as the cycle.
    """
    several = last_cycle > cycle
    cycles = {"cycles": f"{cycle}-{last_cycle}" if several else cycle}
    if kind == ReportKind.INFORMATION:
        return str(REPLIES.get(subject, _("further information")))
    if kind == ReportKind.INITIAL:
        return str(_("initial and periodic reports %(cycles)s") if several else _("initial report")) % cycles
    if carried_by == Carrier.OWN:
        return str(_("periodic reports %(cycles)s") if several else _("periodic report %(cycles)s")) % cycles
    if cycle == NEXT:
        return str(_("next report under the CRC"))
    return (
        str(_("reports %(cycles)s under the CRC") if several else _("report %(cycles)s under the CRC"))
        % cycles
    )
