"""What stands in the way of a step of a paper: the records, its contact, or the initials it has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from tracker.correspondence.models import (
    MAY_GET_NOTES,
    WITH_TEXT,
    Means,
    Paper,
    PaperFile,
    PaperForm,
    PaperStatus,
)
from tracker.correspondence.text.filling import OWN_WORDS, braces_problem
from tracker.correspondence.text.subject import PaperSubject
from tracker.languages.writing import in_words
from tracker.registry.models import Contact

# The same entry of the same person within this time is no second one.
SECOND_CLICK = timedelta(minutes=10)


class NotPossible(ValidationError):
    """A step that the paper does not allow now; the message says why and what to do."""


def stage_of(paper: Paper) -> str:
    """How far a paper has come, in a sentence: why it does not allow a step."""
    texts = {
        PaperStatus.DRAFT: _("%(reference)s is a draft and not initialled."),
        PaperStatus.INITIALLED: _("%(reference)s is initialled and not dispatched."),
        PaperStatus.DISPATCHED: _("%(reference)s was dispatched on %(day)s."),
        PaperStatus.ACKNOWLEDGED: _("%(reference)s was dispatched on %(day)s, and its receipt is confirmed."),
        PaperStatus.CANCELLED: _("%(reference)s is cancelled."),
        PaperStatus.RECEIVED: _("%(reference)s is a paper received."),
        PaperStatus.WITHDRAWN: _("%(reference)s is withdrawn."),
    }
    day = in_words(paper.dispatched_on) if paper.dispatched_on else ""
    return texts[PaperStatus(paper.status)] % {"reference": paper.reference, "day": day}


def subject_of(paper: Paper) -> PaperSubject:
    """The facts that a paper speaks of, as they are now."""
    return PaperSubject(
        paper.state,
        paper.obligation,
        paper.due_on,
        paper.submission,
        paper.request,
        paper.review,
        paper.committee_date,
        paper.decision,
    )


def is_outdated(paper: Paper) -> bool:
    """Whether a paper no longer says what the records say."""
    return bool(paper.facts) and subject_of(paper).fingerprint() != paper.facts


def check_facts(paper: Paper) -> None:
    """Refuses a step of a paper that no longer says what the records say.

    Raises:
        NotPossible: it does not.
    """
    if is_outdated(paper):
        raise NotPossible(
            _(
                "The records have changed since this paper was written. Rewrite it from the records, or cancel it."
            )
        )


def check_record(paper: Paper) -> None:
    """Refuses to rewrite a paper without the record that it was about.

    Raises:
        NotPossible: the record has been deleted.
    """
    if paper.occasion in WITH_TEXT and subject_of(paper).is_state_alone:
        raise NotPossible(_("The record that this paper was about has been deleted. Cancel this paper."))


def check_not_initialled(paper: Paper) -> None:
    """Refuses to change the words of a draft that a first person has initialled.

    Raises:
        NotPossible: somebody has.
    """
    if paper.initialled_by:
        raise NotPossible(_("Only drafts can be edited. Return the paper to draft first."))


def check_typed(words: Mapping[str, str], titles: Mapping[str, str]) -> None:
    """Refuses words of one's own that name in braces what is no fact, and titles that name anything.

    Raises:
        NotPossible: they do; the message names the first such word.
    """
    problems = [braces_problem(text, OWN_WORDS) for text in words.values()]
    problems += [braces_problem(text) for text in titles.values()]
    if problem := next(filter(None, problems), ""):
        raise NotPossible(problem)


def may_get(paper: Paper, contact: Contact) -> bool:
    """Whether a contact, as it is now, belongs to the State of a paper and gets papers of its form."""
    return contact.state_id == paper.state_id and (
        paper.form != PaperForm.NOTE or contact.kind in MAY_GET_NOTES
    )


def check_form(form: str, contact: Contact | None) -> None:
    """Refuses a note verbale to anybody but Permanent Missions and ministries, as the contact is now.

    Raises:
        NotPossible: it is a note to somebody else.
    """
    if form == PaperForm.NOTE and contact is not None and contact.kind not in MAY_GET_NOTES:
        raise NotPossible(notes_to_states_only())


def notes_to_states_only() -> str:
    """Why a contact gets no note verbale."""
    return _("A note verbale goes to Permanent Missions and ministries only. Choose a letter or plain mail.")


def check_delivery(paper: Paper, means: str) -> None:
    """Refuses to dispatch a paper to a contact that is no longer the one it was written to.

    Raises:
        NotPossible: it would be a note to somebody who gets none, or a mail to another State or another address, or
            without the enclosures that it names.
    """
    contact = paper.contact
    check_form(paper.form, contact)
    if means != Means.MAIL:
        return
    if contact is None or not contact.active or contact.state_id != paper.state_id:
        raise NotPossible(
            _("The contact is no longer active. Cancel the paper, or dispatch it by courier or by hand.")
        )
    if contact.email.lower() != paper.email.lower():
        raise NotPossible(
            _("The address of the contact has changed. Return the paper to draft and rewrite it.")
        )
    if (named := enclosures_of(paper)) and not attached_to(paper).exists():
        raise NotPossible(
            _("Attach the enclosures first; the mail takes them along: %(names)s.")
            % {"names": "; ".join(named)}
        )


def attached_to(paper: Paper) -> QuerySet[PaperFile]:
    """The files that people attached to a paper and left there."""
    return paper.files.filter(origin=PaperFile.Origin.UPLOADED, is_removed=False, mistake="")


def enclosures_of(paper: Paper) -> list[str]:
    """The enclosures that a paper names, in its first language."""
    return list(paper.content[0].get("enclosures", ())) if paper.content else []
