"""Which report of a State, and which observations, fall into a session."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.obligations.models import CarriedBy, CommitteeSession, Precision, Review, Submission
from tracker.rules.facts import share_number


def heard_at(
    session: CommitteeSession, reports: Iterable[Submission], reviews: Iterable[Review]
) -> Submission | None:
    """The report of a State whose dialogue fell into a session, else the one on which observations were adopted there.

    Of two, the report under the OPSC itself. A session of which a day is not known says nothing.

    Args:
        reports, reviews: those of the State.
    """
    standing = [one for one in reports if one.withdrawn_on is None and one.revises_id is None]
    adopted = [one for one in reviews if _fits(session, one)]
    heard = [one for one in standing if _was_heard_at(session, one)]
    observed = [
        one for one in standing if any(share_number(one.as_rule(), each.as_rule()) for each in adopted)
    ]
    found = sorted(heard or observed, key=lambda one: one.carried_by != CarriedBy.OWN)
    return found[0] if found else None


def observed_at(
    session: CommitteeSession, report: Submission | None, reviews: Iterable[Review]
) -> Review | None:
    """The observations adopted at a session: on a report, or on the State if its report is not recorded."""
    adopted = (
        one
        for one in reviews
        if _fits(session, one) and (report is None or share_number(report.as_rule(), one.as_rule()))
    )
    return next(adopted, None)


def _fits(session: CommitteeSession, review: Review) -> bool:
    return session.is_bounded and session.includes(review.adopted_on)


def _was_heard_at(session: CommitteeSession, report: Submission) -> bool:
    """Whether the dialogue was at a session; of a month alone, a part of it is enough."""
    last = report.reviewed_on
    if last is None or not session.is_bounded or report.review_precision == Precision.YEAR:
        return False
    first = last.replace(day=1) if report.review_precision == Precision.MONTH else last
    return first <= session.last_day and session.day <= last
