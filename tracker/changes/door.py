"""Changes facts: saves or deletes them, derives the obligations, cancels outdated reminders and plans new ones.

Each change is one transaction and returns the effects with warnings. The desks are checked here and nowhere below; a
page also checks them, as it checks permissions, before it shows a form.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.changes import cautions, versions
from tracker.changes.effects import Effects
from tracker.changes.session_effects import about_sessions, stored_sessions
from tracker.changes.versions import KINDS, FactNames, kind_of
from tracker.languages.writing import with_commas
from tracker.obligations import actions, sync
from tracker.obligations.actions import FactInUse, FactRefused
from tracker.obligations.models import CommitteeDate
from tracker.obligations.sync import Difference
from tracker.registry import limits
from tracker.registry.bulk import write
from tracker.registry.models import Amendment, Contact, State
from tracker.reminders.plan import Plan, plan

FACTS = {kind.model for kind in KINDS.values()}
MOST_NAMED = (
    3  # facts named one by one where they keep another from being deleted; more are named by their kind
)
# How far the records of a State reach: by these its reports are overdue or without record.
RECORDS = ("records_from", "records_until", "carried_records_from")

Act = Callable[[], Iterable[Difference] | None]


def save(facts: Iterable[Any], *, by: Any, reason: str = "", delete: Iterable[Any] = ()) -> Effects:
    """Deletes some facts, then saves others, all or none, as one change.

    Args:
        by: the user who does it; None for a command.
        reason: why, kept in the history.

    Raises:
        FactRefused: one of them is not valid, or may not be deleted; nothing is written.
        FactInUse: other records refer to one that is to be deleted; nothing is written.
        NotOnDesk: one of them is about a State that is not on the person's desk; nothing is written.
    """
    facts, gone = list(facts), list(delete)
    _check_desks(by, [*facts, *gone])
    states = _states_of([*facts, *gone])
    with transaction.atomic():
        lock(states)
        _check_recorded([*facts, *gone])
        # Who is written to, or what is overdue, changes without any obligation.
        all_follow = any(isinstance(fact, Contact) for fact in facts) or _reach_changes(facts)
        sessions = stored_sessions(facts)
        effects = carry_out(lambda: _write(facts, gone, by, reason), states, all_follow=all_follow)
        notes = [*_waiting(facts), *about_sessions(facts, sessions)]
        return replace(effects, notes=notes, cautions=cautions.about_all(facts, states))


def save_new(facts: Sequence[Any], *, by: Any, reason: str = "") -> None:
    """Writes many new facts of one kind from which nothing follows, in a constant number of queries.

    The caller has validated them.

    Raises:
        NotOnDesk: as `save`.
    """
    _check_desks(by, facts)
    write(type(facts[0]), facts, [], [], reason, by)


def delete(facts: Sequence[Any], *, by: Any, reason: str = "") -> Effects:
    """Deletes facts together, or none of them; the history keeps what they said.

    Facts that refer to others are deleted first. The effects have a difference for each fact, in the order of `facts`.

    Raises:
        ValidationError: one of them cannot be deleted; the text names it and says why.
        NotOnDesk: one of them is about a State that is not on the person's desk.
    """
    along = {at: goes_along(fact) for at, fact in enumerate(facts)}
    together = [one for at, fact in enumerate(facts) for one in (*along[at], fact)]
    _check_desks(by, together)
    states = _states_of(together)
    differences: dict[int, Difference] = {}

    def act() -> list[Difference]:
        lock(states)
        _check_recorded(together)
        left = list(range(len(facts)))
        while left:
            refused: dict[int, ProtectedError] = {}
            for at in left:
                try:
                    with transaction.atomic():
                        differences[at] = _delete([*along[at], facts[at]], by, reason)
                except ProtectedError as error:
                    refused[at] = error
                except ValidationError as error:
                    raise ValidationError(_not_deleted(facts[at], " ".join(error.messages))) from error
            if len(refused) == len(left):
                raise ValidationError([_in_use(facts[at], error) for at, error in refused.items()])
            left = list(refused)
        return [differences[at] for at in range(len(facts))]

    derived = any(kind_of(fact).derives for fact in facts)
    return replace(carry_out(act, states), cautions=cautions.about_submissions(states) if derived else ())


def confirm_date(waiting: CommitteeDate, *, by: Any) -> Effects:
    """Lets a date stated by the Committee take effect, once a second person has confirmed it.

    Raises:
        ValidationError: the same person entered it, it is confirmed already, or it is not valid any more.
        NotOnDesk: as `save`.
    """
    about = [one for one in (waiting, waiting.corrects) if one is not None]
    _check_desks(by, about)
    return carry_out(lambda: [actions.confirm_date(waiting, by=by)[1]], _states_of(about))


def carry_out(act: Act, states: Iterable[str], *, all_follow: bool = False) -> Effects:
    """Changes the facts of some States, and their reminders accordingly.

    Args:
        act: makes the change, checks the desks, and returns how the obligations changed; None where none could.
        states: alpha-3 codes; reminders of other States are left alone.
        all_follow: whether every reminder that is planned now is an effect of the change.

    Raises:
        whatever `act` raises; nothing is written then.
    """
    today, about = timezone.localdate(), sorted(states)
    with transaction.atomic():
        done = act()
        differences = [] if done is None else list(done)
        planned = plan(today, today=today, states=about) if about else Plan()
        rows = planned.planned if about else []
    # What the hourly run had still to plan for these States is planned along, but is no effect of this.
    changed = {
        row.pk
        for one in differences
        for row in (*one.missing, *(change.obligation for change in one.changed))
    }
    follow = sum(all_follow or done is None or row.obligation_id in changed for row in rows)
    return Effects(differences, planned.cancelled, follow)


def preview(act: Callable[[], Effects]) -> Effects:
    """The effects of a change, shown before it is saved: the change is made and rolled back."""
    with transaction.atomic():
        effects = act()
        transaction.set_rollback(True)
    return effects


def lock(states: Iterable[str]) -> None:
    """Locks the facts of some States: other changes of them wait until the transaction ends."""
    if states := set(states):
        sync.lock(states)


# --- desks and States -------------------------------------------------------------------------------


def _check_desks(by: Any, facts: Iterable[Any]) -> None:
    if not limits.is_limited(by):
        return
    about = [limits.states_of(fact) for fact in facts]
    limits.check(by, None if None in about else {state for states in about for state in states or ()})


def _states_of(facts: Iterable[Any]) -> set[str]:
    """The States that some facts are about, now and as they are to be saved."""
    return {state for fact in facts for state in (limits.states_of(fact) or ())}


def _reach_changes(facts: Iterable[Any]) -> bool:
    """Whether one of the facts changes how far the records of a State reach."""
    states = [fact for fact in facts if isinstance(fact, State)]
    stored = {pk: values for pk, *values in _records([state.pk for state in states])}
    return any(
        stored[state.pk] != [getattr(state, name) for name in RECORDS]
        for state in states
        if state.pk in stored
    )


def _records(keys: list[str]) -> Iterable[Any]:
    return State.objects.filter(pk__in=keys).values_list("pk", *RECORDS) if keys else ()


# --- writing ----------------------------------------------------------------------------------------


def _check_recorded(facts: Iterable[Any]) -> None:
    """Checks that nobody has deleted one of some facts meanwhile: saving it would bring it back.

    Raises:
        FactRefused: somebody has.
    """
    of_model: dict[Any, list[Any]] = {}
    for fact in facts:
        if fact.pk is not None and not fact._state.adding:
            of_model.setdefault(type(fact), []).append(fact)
    for model, those in of_model.items():
        keys = [fact.pk for fact in those]
        known = set(model._base_manager.filter(pk__in=keys).values_list("pk", flat=True))
        for fact in those:
            if fact.pk not in known:
                raise FactRefused(
                    ValidationError(_("Somebody else has deleted this record meanwhile.")), fact
                )


def _write(facts: Sequence[Any], gone: Sequence[Any], by: Any, reason: str) -> list[Difference]:
    for fact in gone:
        if not kind_of(fact).derives:
            _delete_plain(fact, by, reason)
    derived = [fact for fact in facts if kind_of(fact).derives]
    withdrawn = [fact for fact in gone if kind_of(fact).derives]
    differences = []
    if derived or withdrawn:
        differences.append(actions.save_facts(derived, delete=withdrawn, by=by, reason=reason))
    for fact in facts:
        if not kind_of(fact).derives:
            _save_plain(fact, by, reason)
    return differences


def _save_plain(fact: Any, by: Any, reason: str) -> None:
    try:
        fact.full_clean()
    except ValidationError as error:
        raise FactRefused(error, fact) from error
    actions.sign(fact, by, reason)
    fact.save()


def _delete_plain(fact: Any, by: Any, reason: str) -> None:
    actions.sign(fact, by, reason)
    try:
        fact.delete()
    except ProtectedError as error:
        raise FactInUse(error, fact) from error


def _delete(facts: Sequence[Any], by: Any, reason: str) -> Difference:
    """Deletes copies of some facts: a deleted object loses its key, and this may be a preview."""
    differences = _write([], [copy.copy(fact) for fact in facts], by, reason)
    return differences[0] if differences else Difference()


def goes_along(fact: Any) -> list[models.Model]:
    """What is deleted together with a fact: the correction of a date, the positions on an amendment."""
    if isinstance(fact, CommitteeDate):
        return list(fact.corrections.all())
    return list(fact.positions.all()) if isinstance(fact, Amendment) else []


def _waiting(facts: Iterable[Any]) -> list[str]:
    """Which of some facts as saved take effect only once a second person has confirmed them."""
    return [
        _("%(what)s takes effect once a second person has confirmed it.")
        % {"what": capfirst(versions.name_of(fact, FactNames()))}
        for fact in facts
        if isinstance(fact, CommitteeDate) and fact.awaits_confirmation
    ]


def _in_use(fact: Any, error: ProtectedError) -> str:
    """That a fact cannot be deleted, and which records refer to it."""
    others = sorted(error.protected_objects, key=lambda one: (one._meta.label, one.pk))
    if len(others) <= MOST_NAMED and all(type(one) in FACTS for one in others):
        names = FactNames.read(others)
        in_words = [versions.name_of(one, names) for one in others]
    else:
        in_words = list(dict.fromkeys(str(one._meta.verbose_name_plural) for one in others))
    return _("%(what)s cannot be deleted, because other records refer to it: %(others)s.") % {
        "what": capfirst(versions.name_of(fact, FactNames.read([fact]))),
        "others": with_commas(in_words),
    }


def _not_deleted(fact: Any, why: str) -> str:
    what = capfirst(versions.name_of(fact, FactNames.read([fact])))
    return _("%(what)s cannot be deleted. %(why)s") % {"what": what, "why": why}
