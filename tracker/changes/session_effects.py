"""What a changed session means for the States on it, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _, ngettext

from tracker.languages.writing import in_words, with_commas
from tracker.obligations.models import CommitteeSession, SessionStatus
from tracker.obligations.queries.sessions import waiting_again


def stored_sessions(facts: Iterable[object]) -> dict[int, CommitteeSession]:
    """The sessions among some facts as they are stored, by key; those that are new have none."""
    keys = [fact.pk for fact in facts if isinstance(fact, CommitteeSession) and fact.pk is not None]
    return CommitteeSession.objects.in_bulk(keys) if keys else {}


def about_sessions(facts: Iterable[object], before: dict[int, CommitteeSession]) -> list[str]:
    """What changes for the States on sessions that have just been saved.

    Args:
        before: the sessions as they were stored.
    """
    sessions = [fact for fact in facts if isinstance(fact, CommitteeSession) and fact.pk in before]
    return [sentence for session in sessions for sentence in _about(before[session.pk], session)]


def _about(before: CommitteeSession, now: CommitteeSession) -> Iterator[str]:
    states = [item.state.shown_name for item in waiting_again(now).select_related("state")]
    names = {"n": len(states), "states": with_commas(states)}
    was, is_now = (one.status == SessionStatus.CANCELLED for one in (before, now))
    if states and is_now and not was:
        yield (
            ngettext(
                "%(n)d State waits again: %(states)s.", "%(n)d States wait again: %(states)s.", len(states)
            )
            % names
        )
    if states and was and not is_now:
        yield (
            ngettext(
                "%(n)d State is on the session again: %(states)s.",
                "%(n)d States are on the session again: %(states)s.",
                len(states),
            )
            % names
        )
    if before.day == now.day:
        return
    yield (
        _("The first day moves from %(before)s to %(now)s.")
        % {"before": in_words(before.day), "now": in_words(now.day)}
    )
    if states and not is_now:
        yield (
            ngettext(
                "%(n)d State moves with it: %(states)s.",
                "%(n)d States move with it: %(states)s.",
                len(states),
            )
            % names
        )
