"""Which papers are to be drafted on a day, and which drafts are outdated.

As with reminders, everything that is due by now and not in the register yet is drafted: a run that was missed is made
up for by the next one, and a second run finds nothing to do. Of the occasions that depend on a due date, only the
latest one is drafted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop

from tracker.correspondence import numbers, papers
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import (
    BY_DUE_DATE,
    UNDISPATCHED,
    Direction,
    Letterhead,
    Occasion,
    Paper,
    PaperRule,
    PaperStatus,
)
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject, has_come
from tracker.correspondence.text.writing import Words
from tracker.obligations.models import (
    CommitteeDate,
    Document,
    InformationRequest,
    Obligation,
    RequestDocument,
    Review,
    Submission,
)
from tracker.registry.models import Contact
from tracker.registry.stored import StoredText
from tracker.reminders.pauses import not_paused
from tracker.rules.dates import add_months

# Facts older than this were answered before the office wrote its papers here.
RECENT = timedelta(days=90)
NO_LONGER_DUE = StoredText(gettext_noop("the report is no longer due on this date"))
LATER_ONE = StoredText(gettext_noop("a later paper about this report has been drafted"))


@dataclass(frozen=True)
class DuePaper:
    """A paper that is due, and the rule that asks for it."""

    rule: PaperRule
    subject: PaperSubject


def find_due(
    day: date, *, states: Iterable[str] | None = None, occasion: str = "", to: str = ""
) -> Iterator[DuePaper]:
    """The occasions that have come by a day, whether their papers are in the register or not.

    Args:
        states: only about these; None for all.
        occasion, to: only this occasion, and contacts of this kind; empty for all.
    """
    rules = [one for one in PaperRule.objects.filter(active=True) if to in ("", one.to)]
    about = Q() if states is None else Q(state__in=list(states))
    by_due_date = [one for one in rules if one.occasion in BY_DUE_DATE]
    if by_due_date and (not occasion or occasion in BY_DUE_DATE):
        # Found with all rules: an earlier occasion than the latest one is past.
        latest = _by_due_date(by_due_date, day, about)
        yield from (one for one in latest if occasion in ("", one.rule.occasion))
    # Read once for the rules of all kinds of contacts.
    by_fact = {one.occasion for one in rules if occasion in ("", one.occasion)}
    recent = {name: list(subjects_of(name, day - RECENT, day, about)) for name in by_fact}
    for rule in rules:
        for subject in recent.get(rule.occasion, ()):
            yield DuePaper(rule, subject)


def _by_due_date(rules: list[PaperRule], day: date, about: Q) -> Iterator[DuePaper]:
    last = add_months(day, -min(rule.months or 0 for rule in rules)) + timedelta(days=3)
    owed = Obligation.objects.still_open(day, today=day).filter(about, not_paused(day), due__lte=last)
    of_kind: dict[str, list[PaperRule]] = defaultdict(list)
    for rule in rules:
        of_kind[rule.to].append(rule)
    for obligation in owed.select_related("state").order_by("state__sort_name", "due", "pk"):
        due = obligation.due
        for mine in of_kind.values():
            reached = [
                rule
                for rule in mine
                if add_months(due, rule.months or 0) <= day and has_come(rule.occasion, due, day)
            ]
            if reached:
                latest = max(reached, key=lambda rule: rule.months or 0)
                yield DuePaper(latest, PaperSubject(obligation.state, obligation, due))


def subjects_of(occasion: str, since: date, day: date, about: Q) -> Iterator[PaperSubject]:
    """The subjects of an occasion that depends on a fact, with facts of some days."""
    if occasion == Occasion.RECEIPT:
        found = Submission.objects.filter(
            about, received_on__range=(since, day), withdrawn_on=None, revises=None
        )
        yield from (PaperSubject(one.state, submission=one) for one in found.select_related("state"))
    elif occasion == Occasion.LIST_OF_ISSUES:
        asked = InformationRequest.objects.filter(
            about, kind=RequestDocument.LIST_OF_ISSUES, issued_on__range=(since, day)
        )
        yield from (PaperSubject(one.state, request=one) for one in asked.select_related("state"))
    elif occasion == Occasion.OBSERVATIONS:
        adopted = Review.objects.filter(about, adopted_on__range=(since, day))
        yield from (PaperSubject(one.state, review=one) for one in adopted.select_related("state"))
    elif occasion in (Occasion.NEXT_DATE, Occasion.PRIOR_TO_REPORTING):
        # The list asks for the next report itself: its date is recorded as the Committee's.
        by_list = Q(document_kind=Document.PRIOR_TO_REPORTING)
        decided = CommitteeDate.objects.filter(
            about,
            by_list if occasion == Occasion.PRIOR_TO_REPORTING else ~by_list,
            decided_on__range=(since, day),
            due_on__isnull=False,
            awaits_confirmation=False,
        )
        yield from (PaperSubject(one.state, committee_date=one) for one in decided.select_related("state"))


def draft_due(day: date, *, states: Iterable[str] | None = None, by: str = "") -> list[Paper]:
    """Drafts the papers that are due and not in the register, one for each contact of the kind that its rule names.

    None while numbers are held after a restore.
    """
    if numbers.is_held(Direction.OUT, day):
        return []
    due = list(find_due(day, states=states))
    contacts = contacts_of({one.subject.state.pk for one in due})
    words, head = Words.read(), Letterhead.get()
    every = [
        NewPaper(one.rule.occasion, one.rule.form, contact, one.subject, one.rule.languages)
        for one in due
        for contact in contacts[one.subject.state.pk, one.rule.to]
    ]
    there = set(Paper.objects.filter(key__in=[new.usual_key for new in every]).values_list("key", flat=True))
    missing = [new for new in every if new.usual_key not in there]
    drafted = [papers.draft(new, by=by, day=day, words=words, head=head) for new in missing]
    return [paper for paper in drafted if paper is not None]


def contacts_of(states: Iterable[str]) -> dict[tuple[str, str], list[Contact]]:
    """The active contacts of some States to whom papers are addressed, by State and kind.

    Those in Cc get none: each paper has one addressee and a number of its own.
    """
    found: dict[tuple[str, str], list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(active=True, copy=Contact.Copy.TO, state__in=list(states)).order_by(
        "pk"
    ):
        found[contact.state_id, contact.kind].append(contact)
    return found


def cancel_outdated(day: date) -> int:
    """Cancels papers that were not dispatched and speak of a date on which the report is no longer due, or that a
    later paper about the same report has overtaken; returns how many."""
    waiting = Paper.objects.filter(direction=Direction.OUT, status__in=UNDISPATCHED, occasion__in=BY_DUE_DATE)
    owed = Obligation.objects.still_open(day, today=day).filter(
        pk=OuterRef("obligation"), due=OuterRef("due_on")
    )
    later = Paper.objects.filter(
        obligation=OuterRef("obligation"),
        contact=OuterRef("contact"),
        occasion__in=BY_DUE_DATE,
        pk__gt=OuterRef("pk"),
    )
    count = 0
    for rows, reason in (
        (waiting.exclude(Exists(owed)), NO_LONGER_DUE),
        (waiting.filter(Exists(later.exclude(status=PaperStatus.CANCELLED))), LATER_ONE),
    ):
        for paper in rows.order_by("pk"):
            try:
                papers.cancel(paper, by="", reason=reason())
            except NotPossible:  # somebody dispatched it in the meantime
                continue
            count += 1
    return count
