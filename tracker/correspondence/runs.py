"""Papers to many States in one run, drafted by workers; a person initials and dispatches each.

A run can be stopped and go on, two workers may draft it at once, and one may be killed: a paper and its number are
entered in one transaction, and its key allows no second one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.correspondence import checks, numbers, papers
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.due import contacts_of, find_due
from tracker.correspondence.later import soon
from tracker.correspondence.models import (
    MAY_GET_NOTES,
    WITH_TEXT,
    Direction,
    Languages,
    Letterhead,
    Occasion,
    Paper,
    PaperForm,
    PaperRun,
    PaperStatus,
)
from tracker.correspondence.numbers import locked_year
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.correspondence.text.writing import Words
from tracker.languages.known import ENGLISH
from tracker.registry.models import ContactKind, State

WHAT_IS_SENT = ("occasion", "to", "form", "title", "titles", "words", "states")


def begin(run: PaperRun) -> PaperRun:
    """Stores a prepared run, and has a worker draft it; the same run of the same person within minutes is one."""
    lately = PaperRun.objects.filter(
        created_by=run.created_by, created_at__gt=timezone.now() - checks.SECOND_CLICK
    )
    with transaction.atomic():
        locked_year(Direction.OUT, timezone.localdate())  # two clicks at once wait for each other
        for earlier in lately:
            if all(getattr(earlier, name) == getattr(run, name) for name in WHAT_IS_SENT):
                return earlier
        run.save()
        soon("carry_on", run.pk)
    return run


def prepare(
    *,
    by: str,
    title: str,
    states: Collection[str],
    words: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
    occasion: str = Occasion.CIRCULAR,
    to: str = ContactKind.MISSION,
    form: str = PaperForm.NOTE,
    day: date | None = None,
) -> PaperRun:
    """A run that is not stored yet, for a preview.

    Args:
        by: the user name.
        title: what a circular is about; of another occasion the name of the run.
        states: alpha-3 codes, in the order of the numbers. Of an occasion with a rule, only those for which it is due
            are written to.
        words: the paragraphs of a circular by code of the language; English is needed.
        titles: what it is about in other languages, by their codes.
        day: today, if not that of the clock.

    Raises:
        NotPossible: the title, the words or the States are missing, the form is not for these contacts, or no numbers
            are given out after a restore.
    """
    day = day or timezone.localdate()
    numbers.check(Direction.OUT, day)
    words, titles = (
        {code: text.strip() for code, text in (texts or {}).items() if text.strip()}
        for texts in (words, titles)
    )
    if not title.strip():
        raise NotPossible(_("Enter what these papers are about."))
    if form == PaperForm.NOTE and to not in MAY_GET_NOTES:
        raise NotPossible(checks.notes_to_states_only())
    if occasion in WITH_TEXT:
        due = {one.subject.state.pk for one in find_due(day, states=states, occasion=occasion, to=to)}
        wanted = [code for code in dict.fromkeys(states) if code in due]
        if not wanted:
            raise NotPossible(_("This occasion has come for none of these States. Choose others."))
    else:
        if not words.get(ENGLISH.code):
            raise NotPossible(_("Enter the words in English; States whose language is missing get these."))
        checks.check_typed(words, {ENGLISH.code: title, **titles})
        there = set(State.objects.filter(pk__in=list(states)).values_list("pk", flat=True))
        wanted = [code for code in dict.fromkeys(states) if code in there]
        if not wanted:
            raise NotPossible(_("Choose at least one State."))
    reached = {state for state, kind in contacts_of(wanted) if kind == to}
    return PaperRun(
        occasion=occasion,
        to=to,
        form=form,
        title=title.strip(),
        titles=titles,
        words=words,
        states=wanted,
        left_out=[code for code in wanted if code not in reached],
        created_by=by,
    )


def carry_on(run: PaperRun, *, day: date | None = None) -> int:
    """Drafts the papers that a run lacks, until it is stopped or finished; returns how many this process drafted.

    Args:
        day: the date of the papers, if not today.
    """
    day = day or timezone.localdate()
    if numbers.is_held(Direction.OUT, day):
        return 0  # a later scan carries on
    words, head, drafted = Words.read(), Letterhead.get(), 0
    for new in _missing(run, day):
        if not unfinished().filter(pk=run.pk).exists():
            return drafted
        if papers.draft(new, by=run.created_by, day=day, words=words, head=head) is not None:
            drafted += 1
    unfinished().filter(pk=run.pk).update(finished_at=timezone.now())
    return drafted


def unfinished() -> QuerySet[PaperRun]:
    """The runs that go on."""
    return PaperRun.objects.filter(finished_at=None, stopped=False)


def stop(run: PaperRun) -> None:
    """Stops a run; a worker may still enter the paper that it is writing."""
    PaperRun.objects.filter(pk=run.pk, finished_at=None).update(stopped=True)


def resume(run: PaperRun) -> None:
    """Lets a stopped run go on."""
    if PaperRun.objects.filter(pk=run.pk, stopped=True).update(stopped=False):
        soon("carry_on", run.pk)


def progress(run: PaperRun) -> tuple[int, int]:
    """How many papers of a run are in the register, and how many there will be."""
    done = Paper.objects.filter(run=run).count()
    if run.finished_at is not None:
        return done, done
    return done, done + sum(1 for _new in _missing(run, timezone.localdate(), only_look=True))


def _missing(run: PaperRun, day: date, *, only_look: bool = False) -> Iterator[NewPaper]:
    """The papers of a run that are not in the register, in the order of its States.

    Drafts that are there for the occasion already become papers of the run.
    """
    every = list(planned(run, day))
    keys = [new.key or new.usual_key for new in every]
    if not only_look:
        _take(run, keys)
    there = set(Paper.objects.filter(key__in=keys).values_list("key", flat=True))
    return (new for new, key in zip(every, keys, strict=True) if key not in there)


def _take(run: PaperRun, keys: Collection[str]) -> None:
    """Adds drafts that are in the register already to a run, unless they are in another."""
    Paper.objects.filter(key__in=keys, run=None, status=PaperStatus.DRAFT).update(run=run)


def planned(run: PaperRun, day: date) -> Iterator[NewPaper]:
    """The papers of a run, whether they are in the register or not, in the order of its States."""
    contacts = contacts_of(run.states)
    if run.occasion not in WITH_TEXT:
        states = State.objects.in_bulk(run.states)
        for code in run.states:
            for contact in contacts[code, run.to]:
                yield NewPaper(
                    run.occasion,
                    run.form,
                    contact,
                    PaperSubject(states[code]),
                    Languages.AUTOMATIC,
                    run.words,
                    run.title,
                    run.titles,
                    run,
                )
        return
    order = {code: number for number, code in enumerate(run.states)}
    due = find_due(day, states=run.states, occasion=run.occasion, to=run.to)
    for one in sorted(due, key=lambda one: order[one.subject.state.pk]):
        for contact in contacts[one.subject.state.pk, run.to]:
            new = NewPaper(run.occasion, run.form, contact, one.subject, one.rule.languages)
            # The key of a paper without a run: whoever drafts it, it is there once.
            yield replace(new, run=run, key=new.usual_key)
