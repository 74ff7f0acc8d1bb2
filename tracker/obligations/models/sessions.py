"""Sessions of the Committee, and the States on their agenda."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words
from tracker.obligations.models.choices import AgendaPurpose, SessionKind, SessionStatus, Trust
from tracker.obligations.models.cycles import MOST_YEARS_AHEAD
from tracker.obligations.models.information_requests import InformationRequest
from tracker.obligations.models.reviews import Review
from tracker.obligations.models.submissions import Submission
from tracker.registry.models import State
from tracker.rules.dates import add_years
from tracker.rules.entry_into_force import CRC_IN_FORCE


class CommitteeSession(models.Model):
    """A session of the Committee or of its pre-sessional working group.

    A moved session has its new days, and in `moved_from` the first day once planned.
    """

    kind = models.CharField(
        _("kind"), max_length=12, choices=SessionKind, default=SessionKind.SESSION, db_default="session"
    )
    number = models.PositiveSmallIntegerField(
        _("number"),
        validators=[MinValueValidator(1)],
        help_text=_(
            "As the Committee counts, for example 94; of a working group, that of the session it prepares."
        ),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=SessionStatus, default=SessionStatus.PLANNED
    )
    status_on = models.DateField(
        _("decided on"),
        null=True,
        blank=True,
        help_text=_("Of a cancelled or moved session: the day on which that became known."),
    )
    starts_on = models.DateField(
        _("first day"), null=True, blank=True, help_text=_("Empty if it is not known.")
    )
    ends_on = models.DateField(_("last day"), null=True, blank=True, help_text=_("Empty if it is not known."))
    moved_from = models.DateField(
        _("first planned for"),
        null=True,
        blank=True,
        help_text=_("Of a moved session: its first day before."),
    )
    dialogues = models.PositiveSmallIntegerField(
        _("dialogues"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many States can be considered; empty if it is not known."),
    )
    document = models.CharField(_("document"), max_length=100, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("number", "kind")
        constraints = [
            models.UniqueConstraint(
                fields=("kind", "number"),
                name="session_once",
                violation_error_message=_("This session is recorded already; edit it there."),
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="session_number_from_1",
                violation_error_message=_("Sessions are counted from 1."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=False) | Q(ends_on__isnull=False),
                name="session_has_a_day",
                violation_error_message=_("Enter the first or the last day."),
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="session_ends_after_start",
                violation_error_message=_("The session ends before it starts. Check the two days."),
            ),
            models.CheckConstraint(
                condition=Q(dialogues=None) | Q(dialogues__gte=1),
                name="session_dialogues_from_1",
                violation_error_message=_(
                    "A session has at least one dialogue. Leave the number empty if it is not known."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[SessionStatus.CANCELLED.value, SessionStatus.MOVED.value])
                | Q(status_on__isnull=False),
                name="session_status_has_a_day",
                violation_error_message=_(
                    "Enter the day on which it became known that the session was cancelled or moved."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(status=SessionStatus.MOVED.value) | Q(moved_from__isnull=False),
                name="session_moved_from",
                violation_error_message=_("Enter the day for which the session was planned first."),
            ),
        ]

    def __str__(self) -> str:
        if self.kind == SessionKind.PRE_SESSIONAL:
            return gettext("pre-sessional working group for session %(n)d") % {"n": self.number or 0}
        return gettext("session %(n)d") % {"n": self.number or 0}

    def get_absolute_url(self) -> str:
        return f"/sessions/{self.pk}/"

    @property
    def day(self) -> date:
        """The day by which sessions are ordered: the first one, or the last if only that is known."""
        return self.starts_on or self.ends_on  # type: ignore[return-value]  # a constraint: one of them is known

    @property
    def last_day(self) -> date:
        """The last day, or the first if only that is known."""
        return self.ends_on or self.starts_on  # type: ignore[return-value]  # the same

    @property
    def weeks(self) -> int | None:
        """Its length in weeks, begun ones included; None if one of the days is not known."""
        if self.starts_on is None or self.ends_on is None:
            return None
        return (self.ends_on - self.starts_on).days // 7 + 1

    @property
    def is_bounded(self) -> bool:
        """Whether both of its days are known."""
        return self.starts_on is not None and self.ends_on is not None

    def in_days(self) -> dict[str, Any]:
        """Its name and its days, for a sentence."""
        return {"session": str(self), "first": in_words(self.day), "last": in_words(self.last_day)}

    def status_by(self, day: date) -> SessionStatus:
        """The status as it was known on a day: what was held, cancelled or moved later was planned then."""
        if self.status == SessionStatus.HELD and self.last_day > day:
            return SessionStatus.PLANNED
        if self.status_on is not None and self.status_on > day and self.status != SessionStatus.HELD:
            return SessionStatus.PLANNED
        return SessionStatus(self.status)

    def is_written_by(self, day: date) -> bool:
        """Whether the note may be shown as of a day: of a past session it says what became known later."""
        return self.last_day <= day or timezone.localdate() <= day

    def first_by(self, day: date) -> date:
        """The first day as it was known on a day: of one moved later, the day for which it was planned."""
        moved_later = self.moved_from is not None and self.status_on is not None and self.status_on > day
        return self.moved_from if moved_later else self.day  # type: ignore[return-value]  # it is not None then

    def includes(self, day: date) -> bool:
        """Whether a day is one of the session's; a session of which one end is not known includes it up to there."""
        return (self.starts_on or day) <= day <= (self.ends_on or day)

    def clean(self) -> None:
        super().clean()
        others = type(self).objects.filter(kind=self.kind).exclude(pk=self.pk)
        days = [one for those in self.days_recorded(self).values() for one in those]
        elsewhere = self.reports_elsewhere([self]).get(self.pk)
        if errors := self.problems(others, timezone.localdate(), days, elsewhere):
            raise ValidationError(errors)

    @classmethod
    def days_recorded(cls, session: Self | None = None) -> dict[tuple[str, int], list[tuple[date, str]]]:
        """The days that are recorded as days of sessions, each with its document or State, by kind and number.

        In two queries.

        Args:
            session: the one that is asked about; None for all.
        """
        reviews = Review.objects.filter(session__isnull=False)
        items = AgendaItem.objects.filter(Q(held_on__isnull=False) | Q(review__isnull=False))
        if session is not None:
            numbered = session.number if session.kind == SessionKind.SESSION else None
            reviews, items = reviews.filter(session=numbered), items.filter(session_id=session.pk)
        found: dict[tuple[str, int], list[tuple[date, str]]] = defaultdict(list)
        for number, document, on in reviews.values_list("session", "document", "adopted_on"):
            found[SessionKind.SESSION.value, number or 0].append((on, document))
        for item in items.select_related("session", "state", "review"):
            those = [(item.held_on, item.state.name)] if item.held_on else []
            those += [(item.review.adopted_on, item.review.document)] if item.review else []
            found[item.session.kind, item.session.number] += those
        return found

    @classmethod
    def reports_elsewhere(cls, now: Iterable[Self]) -> dict[int, AgendaItem]:
        """Of each session cancelled no longer, by key, a State whose report is on another one, as its item there.

        Args:
            now: sessions as they are to be saved.
        """
        to_save, held = {one.pk: one for one in now}, defaultdict[Any, dict[Any, AgendaItem]](dict)
        items = AgendaItem.objects.filter(purpose=AgendaPurpose.DIALOGUE, submission__isnull=False)
        for item in items.select_related("session", "state"):
            was, item.session = item.session, to_save.get(item.session_id, item.session)
            if item.holds_report:
                held[item.submission_id][was] = item
        return {
            was.pk: other
            for items_of in held.values()
            for was in items_of
            for at, other in items_of.items()
            if was.status == SessionStatus.CANCELLED and at != was
        }

    def problems(
        self,
        others: Iterable[Self],
        today: date,
        days: Iterable[tuple[date, str]] = (),
        elsewhere: AgendaItem | None = None,
    ) -> dict[str, Any]:
        """What is wrong with the session, by field.

        Args:
            others: the other sessions of its kind.
            days: what is recorded as one of its days (`days_recorded`).
            elsewhere: where a report on it is by now, if it was cancelled and no longer is (`reports_elsewhere`).
        """
        errors: dict[str, Any] = {}
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            errors["ends_on"] = _("The session ends before it starts. Check the two days.")
        elif not (self.starts_on or self.ends_on):
            errors["starts_on"] = _("Enter the first or the last day.")
        elif self.status == SessionStatus.HELD and self.last_day > today:
            errors["status"] = _("The session has not ended yet. Choose “planned” until it has.")
        elif self.day < CRC_IN_FORCE:
            errors["starts_on"] = _("The CRC entered into force on 2 September 1990; check the day.")
        elif self.last_day > add_years(today, MOST_YEARS_AHEAD):
            errors["ends_on" if self.ends_on else "starts_on"] = _(
                "This is more than %(years)d years ahead; check the year."
            ) % {"years": MOST_YEARS_AHEAD}
        if self.status in (SessionStatus.CANCELLED, SessionStatus.MOVED) and not self.status_on:
            errors["status_on"] = _(
                "Enter the day on which it became known that the session was cancelled or moved."
            )
        elif self.status_on and self.status_on > today:
            errors["status_on"] = _("This day is in the future; enter it once it is known.")
        if self.status == SessionStatus.MOVED and not self.moved_from:
            errors["moved_from"] = _("Enter the day for which the session was planned first.")
        if not errors and self.status != SessionStatus.CANCELLED:
            for other in others:
                if other.status != SessionStatus.CANCELLED and self._overlaps(other):
                    errors["starts_on"] = (
                        _("These days overlap with %(session)s (%(first)s to %(last)s).") % other.in_days()
                    )
                    break
        if not errors and self.status == SessionStatus.CANCELLED and (of := next(iter(days), None)):
            errors["status"] = _(
                "%(what)s is recorded for %(day)s, so the session was held. Check that day first."
            ) % {"what": of[1], "day": in_words(of[0])}
        if not errors and elsewhere is not None:
            errors["status"] = _(
                "The report of %(state)s is on %(session)s by now. Enter there first that it was postponed."
            ) % {"state": elsewhere.state.shown_name, "session": elsewhere.session}
        if not errors and (outside := next((one for one in days if not self.includes(one[0])), None)):
            on, what = outside
            errors["starts_on" if on < self.day else "ends_on"] = _(
                "%(what)s is recorded for %(day)s, which would be outside the session. Check that day first."
            ) % {"what": what, "day": in_words(on)}
        return errors

    def _overlaps(self, other: Self) -> bool:
        return self.day <= other.last_day and other.day <= self.last_day


class AgendaItem(models.Model):
    """A State on the agenda of a session: for the dialogue on a report, or for a list of issues.

    A dialogue needs the report, the observations adopted after it, or a decision to review the State without a report.
    """

    session = models.ForeignKey(
        CommitteeSession, models.PROTECT, related_name="agenda", verbose_name=_("session")
    )
    state = models.ForeignKey(State, models.PROTECT, related_name="agenda_items", verbose_name=_("State"))
    purpose = models.CharField(
        _("purpose"), max_length=10, choices=AgendaPurpose, default=AgendaPurpose.DIALOGUE
    )
    submission = models.ForeignKey(
        Submission,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agenda_items",
        verbose_name=_("report"),
    )
    without_report = models.BooleanField(
        _("without a report"),
        default=False,
        help_text=_("The Committee decided to review the State although it had not received the report."),
    )
    decision = models.CharField(
        _("decision"),
        max_length=100,
        blank=True,
        help_text=_("Document of the decision to review the State without a report."),
    )
    decided_on = models.DateField(
        _("placed on the agenda on"),
        null=True,
        blank=True,
        help_text=_("Day on which it became known; empty if it is not known."),
    )
    held_on = models.DateField(
        _("held on"),
        null=True,
        blank=True,
        help_text=_("First day of the dialogue, or day of the list of issues; empty until then."),
    )
    postponed_on = models.DateField(
        _("postponed on"),
        null=True,
        blank=True,
        help_text=_("Day on which the Committee took the State off this session; its report waits again."),
    )
    request = models.ForeignKey(
        InformationRequest,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agenda_items",
        verbose_name=_("list of issues"),
    )
    review = models.ForeignKey(
        Review,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agenda_items",
        verbose_name=_("concluding observations"),
    )
    rapporteurs = models.CharField(
        _("country rapporteurs"), max_length=200, blank=True, help_text=_("Names, with commas between them.")
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    confidence = models.CharField(_("confidence"), max_length=12, choices=Trust, blank=True)
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("State on a session")
        verbose_name_plural = _("States on sessions")
        ordering = ("session", "state", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("session", "state", "purpose"),
                name="agenda_once",
                violation_error_message=_(
                    "This State is on the session for this purpose already; edit it there."
                ),
            ),
            models.CheckConstraint(
                condition=Q(purpose=AgendaPurpose.PRIOR_TO_REPORTING.value)
                | Q(submission__isnull=False)
                | Q(review__isnull=False)
                | (Q(without_report=True) & ~Q(decision="")),
                name="agenda_has_a_report",
                violation_error_message=_(
                    "Choose the report, or enter the decision to review the State without one."
                ),
            ),
            models.CheckConstraint(
                condition=Q(held_on=None) | Q(postponed_on=None),
                name="agenda_held_or_postponed",
                violation_error_message=_(
                    "It was either held or postponed; leave one of the two days empty."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.get_purpose_display()}"

    def known_on(self) -> Any:
        """The day from which the fact counts; None if it counts from the day of its session."""
        return self.decided_on

    def is_known_by(self, day: date, today: date | None = None) -> bool:
        """Whether the State was known on a day to be on the session.

        Without the day of the decision it counts from the first day of the session; if that is ahead, from today.
        """
        if self.decided_on:
            return self.decided_on <= day
        return self.session.day <= day or (today is not None and day >= today)

    def clean(self) -> None:
        super().clean()
        errors = self.problems(timezone.localdate())
        if not errors and self.holds_report:
            others = AgendaItem.objects.filter(submission=self.submission_id).exclude(pk=self.pk)
            errors = self.on_another(others.select_related("session"))
        if errors:
            raise ValidationError(errors)

    @property
    def holds_report(self) -> bool:
        """Whether its report is on this session for the dialogue: not postponed, and the session not cancelled."""
        return (
            self.submission_id is not None
            and self.session_id is not None
            and self.purpose == AgendaPurpose.DIALOGUE
            and self.postponed_on is None
            and self.session.status != SessionStatus.CANCELLED
        )

    def on_another(self, others: Iterable[AgendaItem]) -> dict[str, Any]:
        """That its report is on another session for the dialogue, by field; empty if it is not.

        Args:
            others: the other items of the same report, with their sessions.
        """
        other = next((one for one in others if one.holds_report), None)
        if other is None or not self.holds_report:
            return {}
        said = _("This report is on %(session)s already. Enter there first that it was postponed.")
        return {"submission": said % {"session": other.session}}

    def problems(self, today: date) -> dict[str, Any]:
        """What is wrong with the item, by field."""
        errors: dict[str, Any] = {}
        if self.purpose != AgendaPurpose.PRIOR_TO_REPORTING:
            if not (self.submission_id or self.review_id or self.without_report):
                errors["submission"] = _(
                    "Choose the report, or enter the decision to review the State without one."
                )
            elif self.without_report and not self.decision:
                errors["decision"] = _(
                    "Enter the document of the decision to review the State without a report."
                )
            elif self.without_report and self.submission_id:
                errors["without_report"] = _("A report is chosen. Untick this, or leave the report empty.")
        for name in ("submission", "request", "review"):
            chosen = getattr(self, name) if getattr(self, f"{name}_id") else None
            if chosen is not None and chosen.state_id != self.state_id:
                errors[name] = _("This document is of another State.")
        for name in ("decided_on", "held_on", "postponed_on"):
            if (chosen := getattr(self, name)) and chosen > today:
                errors[name] = _("This day is in the future; enter it once it has come.")
        if self.held_on and self.postponed_on:
            errors["postponed_on"] = _("It was either held or postponed; leave one of the two days empty.")
        if self.session_id and not errors:
            errors |= self._beside_session()
        return errors

    def _beside_session(self) -> dict[str, Any]:
        """What does not fit the days of the session, by field."""
        session = self.session
        days = session.in_days()
        if session.status == SessionStatus.CANCELLED and (self.held_on or self.review_id):
            said = _("%(session)s was cancelled. Check the day or the session.")
            return {"held_on" if self.held_on else "review": said % {"session": capfirst(str(session))}}
        if session.kind == SessionKind.PRE_SESSIONAL and self.purpose == AgendaPurpose.DIALOGUE:
            return {
                "purpose": _("A working group holds no dialogue. Choose a list of issues, or the session.")
            }
        if self.held_on and not session.includes(self.held_on):
            return {"held_on": _("This day is outside %(session)s (%(first)s to %(last)s).") % days}
        if self.review_id and self.review and not session.includes(self.review.adopted_on):
            return {
                "review": _("These observations were adopted outside %(session)s (%(first)s to %(last)s).")
                % days
            }
        report = self.submission if self.submission_id else None
        if report and report.received_on and report.received_on > session.last_day:
            return {"submission": _("This report was received after %(session)s.") % days}
        if report and report.withdrawn_on and not (self.held_on or self.postponed_on or self.review_id):
            said = _("The State withdrew this report on %(day)s.")
            return {"submission": said % {"day": in_words(report.withdrawn_on)}}
        return {}
