"""The one door through which papers are written, changed, initialled, dispatched, acknowledged and cancelled.

`steps.py` carries out each step. A number of the register is drawn in the transaction that enters its paper: if the
process dies, neither is there.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tracker.correspondence import files, ledger, rendering, steps
from tracker.correspondence.checks import (
    NotPossible,
    check_delivery,
    check_facts,
    check_form,
    check_not_initialled,
    check_record,
    check_typed,
    stage_of,
    subject_of,
)
from tracker.correspondence.models import (
    GONE,
    TYPED,
    UNDISPATCHED,
    Direction,
    Languages,
    Letterhead,
    Occasion,
    Paper,
    PaperForm,
    PaperRule,
    PaperRun,
    PaperStatus,
)
from tracker.correspondence.numbers import locked_year, next_number, reference_ahead, reference_of
from tracker.correspondence.steps import What
from tracker.correspondence.text.subject import PaperSubject, has_come
from tracker.correspondence.text.writing import (
    Addressee,
    Words,
    clean,
    in_register,
    language_for,
    parts_of,
    write,
)
from tracker.languages.known import ENGLISH
from tracker.obligations.models import Obligation
from tracker.registry.models import Contact

LONGEST_SUBJECT: int = Paper._meta.get_field("subject").max_length or 0


@dataclass(frozen=True)
class NewPaper:
    """A paper that is to be drafted.

    Attributes:
        languages: see `PaperRule.languages`.
        typed: the paragraphs of a circular or another paper, by code of the language.
        title: what such a paper is about, in English; `titles` in other languages, by code.
        key: beside it no paper has the same one; empty for a paper that may be written more than once.
    """

    occasion: str
    form: str
    contact: Contact
    subject: PaperSubject
    languages: str = Languages.AUTOMATIC
    typed: Mapping[str, str] = field(default_factory=dict)
    title: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    run: PaperRun | None = None
    key: str = ""

    @property
    def usual_key(self) -> str:
        """One paper for each occasion, subject and contact; of a run, one for each contact."""
        about = f"run:{self.run.pk}" if self.run else self.subject.key
        if self.occasion == Occasion.OTHER and not self.run:
            about = uuid.uuid4().hex  # as many as a person writes
        return f"{self.occasion}|{about}|{self.contact.pk}"


def draft(
    new: NewPaper, *, by: str, day: date, words: Words | None = None, head: Letterhead | None = None
) -> Paper | None:
    """Enters a draft in the register; None if a paper with its key is there already.

    Args:
        by: the user name; empty for the program.
        day: the date of the paper.
        words, head: what was read for several papers.

    Raises:
        NotPossible: the form is not for this kind of contact, or the typed words name what is no fact.
    """
    check_form(new.form, new.contact)
    words, head = words or Words.read(), head or Letterhead.get()
    key = new.key or new.usual_key
    with transaction.atomic():
        year = locked_year(Direction.OUT, day)
        if Paper.objects.filter(key=key).exists():
            return None
        number = next_number(year)
        reference = reference_of(head.pattern, day.year, number)
        paper = _new_paper(new, key, number, reference, by, day)
        _write_into(paper, new.languages, words, head, new)
        paper.save()
        steps.record(paper, What.DRAFTED, by)
    return paper


def _new_paper(new: NewPaper, key: str, number: int, reference: str, by: str, day: date) -> Paper:
    contact, subject = new.contact, new.subject
    return Paper(
        direction=Direction.OUT,
        year=day.year,
        number=number,
        reference=reference,
        key=key,
        state=subject.state,
        occasion=new.occasion,
        form=new.form,
        run=new.run,
        obligation=subject.obligation,
        due_on=subject.due_on,
        submission=subject.submission,
        request=subject.request,
        review=subject.review,
        committee_date=subject.committee_date,
        decision=subject.decision,
        contact=contact,
        kind=contact.kind,
        name=contact.name,
        office=contact.office,
        email=contact.email,
        dated=day,
        drafted_by=by,
    )


def _write_into(
    paper: Paper,
    languages: str,
    words: Words,
    head: Letterhead,
    new: NewPaper | None = None,
) -> None:
    """Writes the content of a draft from the facts as they are.

    Args:
        new: with the words and titles that a person typed; None for a paper without any.
    """
    typed, title, titles = (new.typed, new.title, new.titles) if new else ({}, "", {})
    check_typed(typed, {ENGLISH.code: title, **titles})
    subject = subject_of(paper)
    contact = paper.contact
    if contact is None:
        raise NotPossible(_("The contact of this paper has been deleted. Edit the paper, or cancel it."))
    parts = parts_of(paper.form, paper.kind, paper.occasion, paper.state_id)
    language = language_for(contact, subject, languages, parts, words, head)
    if typed and not typed.get(language.parts[0]):
        language = type(language)(ENGLISH.code)
    written = write(
        language.parts,
        paper.form,
        paper.occasion,
        subject,
        Addressee.of(contact),
        paper.reference,
        paper.dated,
        head,
        words,
        typed,
        {ENGLISH.code: title, **titles},
    )
    paper.language = language.code
    paper.content = [one.as_dict() for one in written]
    paper.subject = clean(in_register(written[0], subject.state, title))[:LONGEST_SUBJECT]
    paper.facts = subject.fingerprint()
    paper.words = words.version(language.parts[0])


def preview(new: NewPaper, *, day: date) -> Paper:
    """The paper as it would be drafted, not stored; its reference has no number yet."""
    head = Letterhead.get()
    paper = _new_paper(new, "", 0, reference_ahead(head.pattern, day.year), "", day)
    _write_into(paper, new.languages, Words.read(), head, new)
    return paper


# --- steps ---------------------------------------------------------------------------------------------


def edit(paper: Paper, paragraphs: Mapping[str, Sequence[str]], *, by: str, seen: Any) -> Paper:
    """Replaces the paragraphs of a draft by hand.

    Args:
        paragraphs: by code of the language.
        seen: when the paper had last been changed, as the page showed it.

    Raises:
        NotPossible: it is no draft, or somebody has changed it since.
    """

    def act(now: Paper) -> None:
        if now.changed_at != seen:
            raise NotPossible(
                _("Somebody has changed this paper since. Open it again and repeat your change.")
            )
        check_not_initialled(now)
        for one in now.content:
            if one["language"] in paragraphs:
                one["paragraphs"] = clean(paragraphs[one["language"]])

    return steps.change(paper, What.EDITED, by, [PaperStatus.DRAFT], act)


def rewrite(paper: Paper, *, by: str, day: date) -> Paper:
    """Rewrites a draft from the records and the words of today; changes by hand are lost."""

    def act(now: Paper) -> None:
        if now.contact is None or now.occasion in TYPED:
            raise NotPossible(_("This paper cannot be rewritten; edit it."))
        now.dated = day
        _readdress(now)
        _refresh(now)
        _write_into(now, _languages_of(now), Words.read(), Letterhead.get())

    return steps.change(paper, What.REWRITTEN, by, [PaperStatus.DRAFT], act)


def _readdress(paper: Paper) -> None:
    """Takes kind, name, office and address of its contact as they are now.

    Raises:
        NotPossible: a first person has initialled it, or the contact gets no paper of this form any more.
    """
    check_not_initialled(paper)
    check_form(paper.form, paper.contact)
    if (contact := paper.contact) is not None and contact.state_id == paper.state_id:
        paper.kind, paper.name, paper.office = contact.kind, contact.name, contact.office
        paper.email = contact.email


def _refresh(paper: Paper) -> None:
    """Takes the due date of its report as it is now, which its key names too.

    Raises:
        NotPossible: its record is gone, the report no longer awaited, or the paper would say what is not true.
    """
    check_record(paper)
    if paper.obligation is None or paper.contact is None:
        return
    open_now = Obligation.objects.still_open(paper.dated, today=paper.dated)
    report = open_now.filter(pk=paper.obligation.pk).first()
    if report is None or not has_come(paper.occasion, report.due, paper.dated):
        raise NotPossible(_("The report is no longer awaited, or its due date has moved. Cancel this paper."))
    paper.obligation, paper.due_on = report, report.due
    paper.key = NewPaper(paper.occasion, paper.form, paper.contact, subject_of(paper)).usual_key
    if Paper.objects.filter(key=paper.key).exclude(pk=paper.pk).exists():
        raise NotPossible(_("Another paper says this already. Cancel this one."))


def _languages_of(paper: Paper) -> str:
    rule = PaperRule.objects.filter(occasion=paper.occasion, to=paper.kind).first()
    return rule.languages if rule else Languages.AUTOMATIC


def decide(paper: Paper, decision: str, *, by: str) -> Paper:
    """Records the document of the decision that a notice of review carries out, and rewrites the draft."""

    def act(now: Paper) -> str:
        now.decision = decision.strip()
        _readdress(now)
        _refresh(now)
        _write_into(now, _languages_of(now), Words.read(), Letterhead.get())
        return now.decision

    return steps.change(paper, What.REWRITTEN, by, [PaperStatus.DRAFT], act)


def initial(paper: Paper, *, by: str) -> Paper:
    """Initials a draft, or a second time where two people have to. With the last initials its PDF is filed;
    plain mail has none.

    Raises:
        NotPossible: it is no draft, the facts have changed since it was written, the decision is missing, or the
            same person would initial it twice.
    """
    first = not (paper.needs_second and paper.initialled_by)

    def act(now: Paper) -> None:
        if first != (not (now.needs_second and now.initialled_by)):
            raise NotPossible(stage_of(now))
        check_facts(now)
        check_form(now.form, now.contact)
        if now.needs_second and not now.decision:
            raise NotPossible(_("Enter the document of the decision first."))
        if first:
            now.initialled_by = by
        elif by == now.initialled_by:
            raise NotPossible(_("You initialled this notice. Someone else must initial it too."))
        else:
            now.seconded_by = by
        if not now.needs_second or now.seconded_by:
            now.status = PaperStatus.INITIALLED
            if now.form != PaperForm.MAIL:
                pdf = rendering.pdf_of([now.content], now.dated)
                now.filed = files.keep(now, files.name_of(now, "pdf"), files.PDF, pdf, by="").content_id

    return steps.change(paper, What.INITIALLED if first else What.SECONDED, by, [PaperStatus.DRAFT], act)


def return_to_draft(paper: Paper, *, by: str, reason: str = "") -> Paper:
    """Takes back the initials of a paper that was not dispatched; the filed PDF stays in its history."""

    def act(now: Paper) -> str:
        now.status, now.initialled_by, now.seconded_by = PaperStatus.DRAFT, "", ""
        if now.contact is not None:  # a paper with typed words is not rewritten; its mail goes there
            now.email = now.contact.email
        return reason

    return steps.change(
        paper,
        What.RETURNED,
        by,
        UNDISPATCHED,
        act,
    )


def dispatch(paper: Paper, means: str, *, by: str, day: date, note: str = "") -> Paper:
    """Dispatches an initialled paper: plans its mail, or records the courier or the delivery by hand.

    Args:
        day: of the dispatch; for a mail today.

    Raises:
        NotPossible: it is not initialled, the facts have changed since, or it has no address for a mail.
    """

    def act(now: Paper) -> str:
        check_facts(now)
        check_delivery(now, means)
        if day < now.dated:
            raise NotPossible(_("The paper is dated later than this day; check the two days."))
        now.status, now.means = PaperStatus.DISPATCHED, means
        now.dispatched_on, now.dispatched_by, now.delivery_note = day, by, note.strip()
        ledger.plan(now, day)
        return ledger.note_of(means, note.strip())

    return steps.change(paper, What.DISPATCHED, by, [PaperStatus.INITIALLED], act)


def recall(paper: Paper, *, by: str, reason: str) -> Paper:
    """Makes a dispatched paper one that is initialled and not dispatched: its mail did not go, or did not arrive."""

    def act(now: Paper) -> str:
        now.status, now.means, now.dispatched_on, now.dispatched_by = PaperStatus.INITIALLED, "", None, ""
        return reason

    return steps.change(paper, What.RECALLED, by, [PaperStatus.DISPATCHED], act)


def acknowledge(paper: Paper, *, by: str, on: date, note: str = "", again: bool = False) -> Paper:
    """Records that the recipient has confirmed the receipt of a paper.

    Args:
        again: also if that was recorded before, with another day.
    """

    def act(now: Paper) -> str:
        if now.dispatch.state not in ledger.MAY_BE_THERE:
            raise NotPossible(
                _(
                    "The mail with this paper has not been sent. Take it back, then dispatch the paper the way it went."
                )
            )
        if now.dispatched_on and on < now.dispatched_on:
            raise NotPossible(_("The paper was dispatched later than this day; check the two days."))
        now.status, now.acknowledged_on, now.acknowledged_note = PaperStatus.ACKNOWLEDGED, on, note.strip()
        return note.strip()

    return steps.change(paper, What.ACKNOWLEDGED, by, GONE if again else [PaperStatus.DISPATCHED], act)


def take_back_receipt(paper: Paper, *, by: str, reason: str) -> Paper:
    """Takes back that the receipt of a paper is confirmed; the history keeps the day and how it was confirmed."""

    def act(now: Paper) -> str:
        names = ("acknowledged_on", "acknowledged_note")
        note = steps.replaced([(name, getattr(now, name)) for name in names], reason)
        now.status, now.acknowledged_on, now.acknowledged_note = PaperStatus.DISPATCHED, None, ""
        return note

    return steps.change(paper, What.UNCONFIRMED, by, [PaperStatus.ACKNOWLEDGED], act)


def cancel(paper: Paper, *, by: str, reason: str) -> Paper:
    """Cancels a paper that was not dispatched; it keeps its number."""

    def act(now: Paper) -> str:
        now.status, now.cancelled_because = PaperStatus.CANCELLED, reason[:200]
        return reason

    return steps.change(
        paper,
        What.CANCELLED,
        by,
        UNDISPATCHED,
        act,
    )


def revive(paper: Paper, *, by: str) -> Paper:
    """Undoes a cancellation: the paper is a draft again."""

    def act(now: Paper) -> None:
        now.status, now.cancelled_because = PaperStatus.DRAFT, ""
        now.initialled_by = now.seconded_by = ""

    return steps.change(paper, What.REVIVED, by, [PaperStatus.CANCELLED], act)
