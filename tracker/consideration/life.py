"""Which recorded facts belong to the life of a report, as known on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from tracker.consideration.models import Checklist
from tracker.consideration.queue import CONFIRM_AFTER, dialogues_planned, waits_on, with_consideration
from tracker.obligations.models import (
    AgendaItem,
    AgendaPurpose,
    CarriedBy,
    CommitteeDate,
    CommitteeSession,
    Document,
    InformationRequest,
    Precision,
    RequestDocument,
    Review,
    SessionStatus,
    Submission,
)
from tracker.obligations.queries.dossier import Dossier
from tracker.obligations.queries.follow_up import requests_on
from tracker.obligations.querysets import SubmissionQuerySet
from tracker.rules.dates import add_years
from tracker.rules.facts import share_number
from tracker.rules.life import Life, LifeEnd, ReportStage, StageFact, life_of
from tracker.rules.status import Status

# A session takes three weeks; the dates that the Committee states are decided at its close.
SESSION_LASTS = timedelta(days=21)


def lives_of(
    submissions: Iterable[Any], day: date, *, today: date | None = None, dossier: Dossier | None = None
) -> dict[int, Life]:
    """The life of each report as known on a day, by the key of the report; the number of queries is constant.

    Args:
        submissions: reports known on the day.
        today: a State on a session without the day of that decision is on it on this day and later; else from the
            first day of the session.
        dossier: of their State and of the day, if it is read already.
    """
    submissions = list(submissions)
    if not submissions:
        return {}
    known = _read({one.state_id for one in submissions}, day, today, dossier)
    return {one.pk: known[one.state_id].life(one.pk, day) for one in submissions}


def life_with_requests(submission: Any, day: date, *, today: date | None = None) -> tuple[Life, list[Any]]:
    """The life of a report, and the requests of the Committee about it: each with `replied_on`, the earliest first.

    Args:
        today: see `lives_of`.
    """
    known = _read({submission.state_id}, day, today)[submission.state_id]
    return known.life(submission.pk, day), known.requests_about(submission.pk)


def reports_to_check(today: date) -> QuerySet[Any]:
    """The reports whose next step today is a check, as rows to count."""
    return _with_checks(Submission.objects.known_on(today), today, today).filter(to_check=True)


def _with_checks(reports: SubmissionQuerySet, day: date, today: date | None) -> QuerySet[Any]:
    """Adds to rows of `known_on` the day of the first check, whether a check is the next step, and `is_past`.

    The office checks what it receives or enters, not what the shipped records hold; while the report waits, until the
    Committee issues a list of issues or the session begins.
    """
    of_state, known = {"state": OuterRef("state")}, OuterRef("known")
    by_hand = Submission.history.filter(
        id=OuterRef("pk"), history_type="+", history_user__isnull=False
    ).order_by()
    finished = Checklist.objects.finished_by(day).filter(submission=OuterRef("pk")).order_by("finished_on")
    issues = InformationRequest.objects.filter(
        kind=RequestDocument.LIST_OF_ISSUES, issued_on__gt=known, issued_on__lte=day, **of_state
    )
    begun = dialogues_planned(day, today=today).filter(submission=OuterRef("pk"), known_first__lte=day)
    revised = Submission.objects.known_on(day).filter(revises=OuterRef("pk"))
    ours = Q(state__records_from=None) | Q(known__gt=F("state__records_from")) | Exists(by_hand)
    return (
        with_consideration(reports, day, today=today)
        .annotate(checked_on=Subquery(finished.values("finished_on")[:1]))
        .annotate(
            to_check=Case(
                When(
                    waits_on(day) & ours & ~Exists(issues) & ~Exists(begun) & ~Exists(revised),
                    checked_on=None,
                    then=Value(True),
                ),
                default=Value(False),
                output_field=BooleanField(),
            )
        )
    )


@dataclass
class _Recorded:
    """What is recorded of one State, as known on a day."""

    reports: list[Any] = field(default_factory=list)
    reviews: list[Any] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    agenda: list[Any] = field(default_factory=list)
    dates: list[Any] = field(default_factory=list)

    def life(self, pk: int, day: date) -> Life:
        """The life of one of the reports."""
        report = next(one for one in self.reports if one.pk == pk)
        revised = any(one.revises_id == pk for one in self.reports)
        ended = LifeEnd.WITHDRAWN if report.withdrawn else LifeEnd.REVISED if revised else None
        asked = self._list_of_issues(pk)
        return life_of(
            self._stages(report, day),
            day,
            to_check=report.to_check,
            to_reply=asked is None or asked.status != Status.NO_RECORD,
            overtaken=report.is_past or report.known < add_years(day, -CONFIRM_AFTER),
            ended=ended,
        )

    def _stages(self, report: Any, day: date) -> Iterator[StageFact]:
        yield StageFact(ReportStage.RECEIVED, report.received_on, report.symbol)
        if report.checked_on:
            yield StageFact(ReportStage.CHECKED, report.checked_on)
        yield from self._issues(report)
        review = self._review_of(report)
        placed = self._placed(report, review, day)
        if placed is not None:
            session = placed.session
            first = session.first_by(day)
            moved_later = first != session.day and first > day
            yield StageFact(
                ReportStage.SESSION,
                first,
                str(session),
                None if moved_later else session.last_day,
                key=session.pk,
            )
        elif review and review.session:
            yield StageFact(ReportStage.SESSION, None, str(CommitteeSession(number=review.session)))
        held = placed.held_on if placed and placed.held_on and placed.held_on <= day else None
        if report.reviewed_on and report.reviewed_on <= day:
            month = report.review_precision == Precision.MONTH and held is None
            yield StageFact(ReportStage.DIALOGUE, held or report.reviewed_on, month_only=month)
        elif held:
            yield StageFact(ReportStage.DIALOGUE, held)
        if review:
            yield StageFact(ReportStage.OBSERVATIONS, review.adopted_on, review.document, key=review.pk)
        if found := self._next_date(report, review):
            yield StageFact(
                ReportStage.NEXT_DATE, found.decided_on, found.document, found.due_on, key=found.pk
            )

    def _review_of(self, report: Any) -> Any:
        """The concluding observations on a report: linked to it on a session, else the first that name its cycles."""
        linked = {one.review_id for one in self.agenda if one.submission_id == report.pk and one.review_id}
        return next((one for one in self.reviews if one.pk in linked), None) or next(
            (
                one
                for one in self.reviews
                if not one.without_report and one.kind == report.kind and share_number(one, report)
            ),
            None,
        )

    def _placed(self, report: Any, review: Any, day: date) -> Any:
        """The report, its observations, or its dialogue beside that of another report, on a session.

        Of several the next one ahead, as in the queue, else the latest.
        """
        days = [report.reviewed_on] if report.reviewed_on and report.reviewed_on <= day else []
        days += [review.adopted_on] if review else []
        found = [
            one
            for one in self.agenda
            if one.purpose == AgendaPurpose.DIALOGUE
            and (
                one.submission_id == report.pk
                or (
                    report.revises_id
                    and one.submission_id == report.revises_id
                    and one.session.last_day >= report.known
                )
                or (review and one.review_id == review.pk)
                or any(one.session.is_bounded and one.session.includes(on) for on in days)
            )
        ]
        ahead = [one for one in found if one.session.last_day > day]
        return next(iter(ahead or found[-1:]), None)

    def _issues(self, report: Any) -> Iterator[StageFact]:
        """The list of issues and the replies: prior to reporting, after the receipt, or planned for a session."""
        asked = self._list_of_issues(report.pk)
        prior = next(
            (
                one
                for one in reversed(self.dates)
                if one.document_kind == Document.PRIOR_TO_REPORTING
                and share_number(one, report)
                and (report.received_on is None or one.known_on() <= report.received_on)
            ),
            None,
        )
        planned = next(
            (
                one.session
                for one in reversed(self.agenda)
                if one.purpose == AgendaPurpose.LIST_OF_ISSUES and one.submission_id == report.pk
            ),
            None,
        )
        if asked:
            yield StageFact(
                ReportStage.LIST_OF_ISSUES, asked.issued_on, asked.document, asked.due_on, key=asked.pk
            )
            if asked.replied_on:
                yield StageFact(
                    ReportStage.REPLIES,
                    asked.replied_on,
                    asked.document,
                    key=asked.pk,
                    words=asked.reply_words,
                    limit=asked.word_limit,
                )
        elif prior:
            yield StageFact(ReportStage.LIST_OF_ISSUES, prior.known_on(), prior.document, prior.due_on)
            yield StageFact(ReportStage.REPLIES, report.received_on, report.symbol)
        elif planned:
            yield StageFact(
                ReportStage.LIST_OF_ISSUES, planned.day, str(planned), planned.last_day, key=planned.pk
            )

    def _list_of_issues(self, pk: int) -> Any:
        """The first list of issues about one of the reports."""
        return next(iter(self.requests_about(pk, RequestDocument.LIST_OF_ISSUES)), None)

    def requests_about(self, pk: int, kind: str = "") -> list[Any]:
        """The requests about one of the reports, the earliest first."""
        return [one for one in self.requests if kind in ("", one.kind) and self._about(one) == pk]

    def _about(self, request: Any) -> int | None:
        """The key of the report that a request is about: linked to it on a session, else the one before the Committee.

        If reports of both series are, one with “OPSC” in its symbol is about the State's own.
        """
        for one in self.agenda:
            if one.request_id == request.pk and one.submission_id:
                return int(one.submission_id)
        follows = request.kind != RequestDocument.LIST_OF_ISSUES
        there = [
            one
            for one in self.reports
            if one.known <= request.issued_on and not one.withdrawn and (follows or self._waits(one, request))
        ]
        if follows:  # what was considered last
            there = [one for one in there if not self._waits(one, request)]
        series = CarriedBy.OWN if "OPSC" in request.document else CarriedBy.CRC_REPORT
        there = [one for one in there if one.carried_by == series] or there
        latest = max(there, key=lambda one: (one.known, one.pk), default=None)
        return latest.pk if latest else None

    def _waits(self, report: Any, request: Any) -> bool:
        """Whether the dialogue on a report was still to come when a request was issued."""
        review = self._review_of(report)
        days = [one for one in (report.reviewed_on, review and review.adopted_on) if one]
        return not days or request.issued_on <= min(days)

    def _next_date(self, report: Any, review: Any) -> Any:
        """The date of the next report: stated in the observations on this one, or at the close of the same session."""
        if review:
            begins = ends = review.adopted_on
        elif report.reviewed_on:
            month = report.review_precision == Precision.MONTH
            begins = report.reviewed_on.replace(day=1) if month else report.reviewed_on
            ends = report.reviewed_on + SESSION_LASTS
        else:
            return None
        stated = [
            one
            for one in self.dates
            if one.document_kind != Document.PRIOR_TO_REPORTING and not share_number(one, report)
        ]
        same = [one for one in stated if review and one.document == review.document]
        same = same or [one for one in stated if one.decided_on and begins <= one.decided_on <= ends]
        # Of two, that of the report's own series.
        return next((one for one in same if one.carried_by == report.carried_by), next(iter(same), None))


def _read(
    states: Iterable[str], day: date, today: date | None, dossier: Dossier | None = None
) -> dict[str, _Recorded]:
    """What is recorded of some States, as known on a day."""
    found: dict[str, _Recorded] = defaultdict(_Recorded)
    reports = _with_checks(Submission.objects.known_on(day).filter(state__in=states), day, today)
    for one in reports.order_by("known", "pk"):
        one.withdrawn = bool(one.withdrawn_on and one.withdrawn_on <= day)
        found[one.state_id].reports.append(one)
    reviews: Iterable[Any]
    requests: Iterable[Any]
    dates: Iterable[Any]
    if dossier:
        reviews, requests, dates = dossier.reviews, dossier.requests, dossier.decisions
    else:
        reviews = Review.objects.filter(state__in=states, adopted_on__lte=day).order_by()
        requests = requests_on(day, today=today).filter(state__in=states).order_by()
        stated = CommitteeDate.objects.in_effect().filter(state__in=states).order_by()
        dates = [one for one in stated if one.known_on() <= day]
    for one in sorted(reviews, key=lambda one: (one.adopted_on, one.pk)):
        found[one.state_id].reviews.append(one)
    for one in sorted(requests, key=lambda one: (one.issued_on, one.pk)):
        one.replied_on = one.reply
        found[one.state_id].requests.append(one)
    for one in _on_agenda(states, day, today):
        found[one.state_id].agenda.append(one)
    for one in sorted(dates, key=lambda one: (one.known_on(), one.pk)):
        found[one.state_id].dates.append(one)
    return found


def _on_agenda(states: Iterable[str], day: date, today: date | None) -> list[Any]:
    """The items of the agenda known on a day, not postponed nor on a session that was cancelled by then."""
    items = AgendaItem.objects.filter(
        Q(postponed_on=None) | Q(postponed_on__gt=day), state__in=states
    ).select_related("session")
    known = [
        one
        for one in items
        if one.is_known_by(day, today) and one.session.status_by(day) != SessionStatus.CANCELLED
    ]
    return sorted(known, key=lambda one: (one.session.day, one.pk))
