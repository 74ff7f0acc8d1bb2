"""The pages of amendments: status, thresholds, and the States for which an amendment is in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from tracker.languages.writing import in_words
from tracker.registry.models import Amendment, AmendmentPosition, State
from tracker.rules import amendments as rules
from tracker.rules.amendments import (
    ARTICLES,
    AmendmentStage,
    AmendmentStanding,
    PartyPeriod,
    PositionKind,
    Share,
    Vote,
    standing,
)
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.facts import Facts
from tracker.web.ui.as_of import day_of, facts_on

STAGE_LABELS = {
    AmendmentStage.PROPOSED: gettext_lazy("proposed"),
    AmendmentStage.COMMUNICATED: gettext_lazy("communicated"),
    AmendmentStage.CONVENED: gettext_lazy("conference to be convened"),
    AmendmentStage.LAPSED: gettext_lazy("lapsed"),
    AmendmentStage.CONFERENCE: gettext_lazy("conference held"),
    AmendmentStage.ADOPTED: gettext_lazy("adopted"),
    AmendmentStage.APPROVED: pgettext_lazy("amendment", "approved"),
    AmendmentStage.IN_FORCE: gettext_lazy("in force"),
}
# The first sentence of the page; %(on)s is the as-of day.
STAGE_SENTENCES = {
    AmendmentStage.PROPOSED: gettext_lazy(
        "On %(on)s the proposal had been filed, but not yet communicated to the States parties."
    ),
    AmendmentStage.COMMUNICATED: gettext_lazy(
        "On %(on)s the proposal had been communicated to the States parties. They can favour a conference until "
        "%(deadline)s."
    ),
    AmendmentStage.CONVENED: gettext_lazy(
        "On %(on)s enough States parties had favoured a conference; the Secretary-General convenes it."
    ),
    AmendmentStage.LAPSED: gettext_lazy(
        "On %(on)s the proposal had lapsed: by %(deadline)s too few States parties had favoured a conference."
    ),
    AmendmentStage.CONFERENCE: gettext_lazy("On %(on)s the conference had met; no adoption is recorded."),
    AmendmentStage.ADOPTED: gettext_lazy(
        "On %(on)s the conference had adopted the amendment; it awaited approval by the General Assembly."
    ),
    AmendmentStage.APPROVED: gettext_lazy(
        "On %(on)s the General Assembly had approved the amendment, but too few States parties had accepted it "
        "for entry into force."
    ),
    AmendmentStage.IN_FORCE: gettext_lazy(
        "On %(on)s the amendment was in force for the States parties that had accepted it."
    ),
}


@dataclass(frozen=True)
class ListedPosition:
    """A position as the page lists it.

    Attributes:
        left_out: why it does not count; empty if it counts.
    """

    state: State
    date: date
    source: str
    left_out: str


def parties_to(treaty: str, facts: dict[str, Facts]) -> list[PartyPeriod]:
    """The periods of membership of every State that has joined a treaty."""
    return [
        PartyPeriod(state, found.joined.day, found.in_force.day, found.ends_on)
        for state, one in facts.items()
        for found in one.memberships(treaty)
    ]


@require_safe
def amendment_list(request: HttpRequest) -> HttpResponse:
    """`/amendments/`: the amendments proposed by the as-of day, with their status."""
    day = day_of(request)
    rows = []
    for amendment in (
        Amendment.objects.filter(proposed_on__lte=day)
        .select_related("proposed_by")
        .prefetch_related("positions")
    ):
        found = amendment_standing(request, amendment, amendment.positions.all(), day)
        if found is not None:
            rows.append(
                {
                    "amendment": amendment,
                    "stage": STAGE_LABELS[found.stage],
                    "sentences": [*conference_sentences(found, day)[:1], *acceptance_sentences(found)[:1]],
                    "bound": len(found.bound),
                }
            )
    return render(request, "web/participation/amendment_list.html", {"rows": rows})


@require_safe
def amendment_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/amendments/1/`: the thresholds, the positions of States, and for which States it is in force and why."""
    day = day_of(request)
    amendment = get_object_or_404(Amendment.objects.select_related("proposed_by", "treaty"), pk=pk)
    positions = list(amendment.positions.filter(date__lte=day).select_related("state"))
    found = amendment_standing(request, amendment, positions, day)
    known = amendment.as_rule().as_of(day)
    context: dict[str, object] = {"amendment": amendment, "known": known}
    if found is not None:
        parties = {one.state: one for one in parties_to(amendment.treaty_id, facts_on(request))}
        states = {position.state_id: position.state for position in positions}
        context |= {
            "found": found,
            "stage": STAGE_LABELS[found.stage],
            "says": STAGE_SENTENCES[found.stage]
            % {"on": in_words(day), "deadline": in_words(found.deadline) if found.deadline else ""},
            "vote": vote_sentence(known.vote, amendment.treaty_id) if known.vote else "",
            "doubt_of_vote": doubt_of_vote(known),
            "doubt_of_force": doubt_of_force(found),
            "conference": conference_sentences(found, day),
            "acceptance": acceptance_sentences(found),
            "positions": len(positions),
            "favouring": [
                _answer(position, parties, min(found.deadline or day, day))
                for position in positions
                if position.kind == PositionKind.FAVOURS
            ],
            "accepting": [
                _answer(position, parties, day)
                for position in positions
                if position.kind == PositionKind.ACCEPTS
            ],
            "bound": [{"state": states[one.state], "since": one.since} for one in found.bound],
        }
    return render(request, "web/participation/amendment_detail.html", context)


def amendment_standing(
    request: HttpRequest, amendment: Amendment, positions: Iterable[AmendmentPosition], day: date
) -> AmendmentStanding | None:
    """The status of an amendment on a day; None before it was proposed."""
    parties = parties_to(amendment.treaty_id, facts_on(request))
    return standing(amendment.as_rule(), parties, [position.as_rule() for position in positions], day)


def _answer(position: AmendmentPosition, parties: dict[str, PartyPeriod], on: date) -> ListedPosition:
    """A position with the reason if it does not count on a day."""
    party = parties.get(position.state_id)
    left_out = ""
    if position.date > on:
        left_out = _("not counted: after the four months")
    elif party is None or not party.counts(on):
        left_out = _("not counted: not a State party")
    return ListedPosition(position.state, position.date, position.source, left_out)


def vote_sentence(vote: Vote, treaty: str) -> str:
    """The vote of the conference, and whether it was a majority of those present and voting."""
    said = (
        _(
            "%(for)d in favour, %(against)d against, %(abstaining)d abstaining: a majority of the States parties "
            "present and voting (%(article)s)."
        )
        if vote.is_majority
        else _(
            "%(for)d in favour, %(against)d against, %(abstaining)d abstaining: no majority of the States parties "
            "present and voting (%(article)s)."
        )
    )
    return said % {
        "for": vote.in_favour,
        "against": vote.against,
        "abstaining": vote.abstaining,
        "article": f"{ARTICLES[TreatyCode(treaty)]}(1)",
    }


def doubt_of_vote(known: rules.AmendmentFact) -> str:
    """What to check if an adoption is recorded without a majority; else empty."""
    if known.vote is None or known.adopted_on is None or known.vote.is_majority:
        return ""
    return _(
        "The adoption is recorded, but the vote was not a majority. Check the numbers and the date of adoption."
    )


def doubt_of_force(found: AmendmentStanding) -> str:
    """What to check if the depositary's date of entry into force differs from the computed one; else empty."""
    if not found.differs:
        return ""
    days = {
        "recorded": in_words(found.in_force_on) if found.in_force_on else "",
        "computed": in_words(found.computed_on) if found.computed_on else "",
    }
    if found.in_force_on is None:
        said = _(
            "The acceptances recorded here give %(computed)s as the date of entry into force. The depositary records "
            "another date, which prevails."
        )
    elif found.computed_on is None:
        said = _(
            "The depositary records %(recorded)s, but fewer acceptances than needed are recorded here. The "
            "depositary’s date prevails; check that all acceptances are entered."
        )
    else:
        said = _(
            "The depositary records %(recorded)s, but the acceptances recorded here give %(computed)s. The "
            "depositary’s date prevails; check the dates of the acceptances."
        )
    return said % days


def conference_sentences(found: AmendmentStanding, day: date) -> list[str]:
    """How many States favoured a conference and how many were needed; empty before the communication."""
    if found.third is None or found.deadline is None:
        return []
    numbers = {"reached": found.third.reached, "needed": found.third.needed}
    if day > found.deadline:
        said = [
            _("%(reached)d of the %(needed)d needed favoured a conference by %(deadline)s.")
            % (numbers | {"deadline": in_words(found.deadline)})
        ]
    else:
        said = [
            _(
                "%(reached)d of the %(needed)d needed have favoured a conference; the last day is %(deadline)s."
            )
            % (numbers | {"deadline": in_words(found.deadline)})
        ]
    if found.convened_on is not None:
        said.append(_("The number was reached on %(on)s.") % {"on": in_words(found.convened_on)})
    said.append(
        _("One third of the %(parties)d States parties on the day of communication, %(on)s, is needed.")
        % _share(found.third)
    )
    if found.third_at_deadline is not None:
        said.append(
            _(
                "On the last day, %(on)s, there were %(parties)d States parties; one third of them is %(needed)d. "
                "The tracker counts by the day of communication."
            )
            % _share(found.third_at_deadline)
        )
    if found.convened_on is None and found.stage in AFTER_A_CONFERENCE:
        said.append(
            _(
                "However, a later step is recorded. Check that all States that favoured a conference are entered."
            )
        )
    return said


AFTER_A_CONFERENCE = (
    AmendmentStage.CONFERENCE,
    AmendmentStage.ADOPTED,
    AmendmentStage.APPROVED,
    AmendmentStage.IN_FORCE,
)


def acceptance_sentences(found: AmendmentStanding) -> list[str]:
    """How many States accepted the amendment and how many are needed; empty before the adoption."""
    if found.two_thirds is None:
        return []
    said = [
        _("%(reached)d of the %(needed)d needed had accepted the amendment on %(on)s.")
        % _share(found.two_thirds),
        _("Two thirds of the %(parties)d States parties on that day are needed.") % _share(found.two_thirds),
    ]
    if found.differs:
        return said  # the page shows both dates
    if found.in_force_on is not None:
        said.append(
            _("It entered into force on %(on)s, the first day with both the approval and enough acceptances.")
            % {"on": in_words(found.in_force_on)}
        )
    elif found.two_thirds.met:
        said.append(_("It awaits approval by the General Assembly."))
    return said


def _share(share: Share) -> dict[str, object]:
    return {
        "reached": share.reached,
        "needed": share.needed,
        "parties": share.parties,
        "on": in_words(share.on),
    }
