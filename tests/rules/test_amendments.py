"""OPSC art. 16: thresholds in whole numbers, the four months, entry into force and for whom."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from tests.factories import day
from tracker.rules.amendments import (
    AmendmentFact,
    AmendmentStage,
    AmendmentStanding,
    Bound,
    PartyPeriod,
    Position,
    Vote,
    last_day_to_favour,
    one_third,
    standing,
    two_thirds,
)

COMMUNICATED = "2027-03-04"
DEADLINE = "2027-07-04"


def parties(
    many: int, since: str = "2005-01-01", first: int = 1, until: str | None = None
) -> list[PartyPeriod]:
    return [
        PartyPeriod(f"S{number:03}", day(since), day(since), day(until) if until else None)
        for number in range(first, first + many)
    ]


def say(kind: str, many: int, on: str, first: int = 1) -> list[Position]:
    return [Position(f"S{number:03}", kind, day(on)) for number in range(first, first + many)]


def favour(many: int, on: str = "2027-05-01", first: int = 1) -> list[Position]:
    return say("favours", many, on, first)


def accept(many: int, on: str = "2029-01-10", first: int = 1) -> list[Position]:
    return say("accepts", many, on, first)


def an_amendment(**days: str) -> AmendmentFact:
    """Proposed and communicated; further days by their names."""
    known = {"proposed_on": "2027-01-15", "communicated_on": COMMUNICATED} | days
    return AmendmentFact("OPSC", **{name: day(on) for name, on in known.items()})


def approved(**days: str) -> AmendmentFact:
    return an_amendment(
        **({"conference_on": "2028-02-01", "adopted_on": "2028-02-04", "approved_on": "2028-12-20"} | days)
    )


def stands(
    amendment: AmendmentFact, joined: list[PartyPeriod], said: list[Position], on: str
) -> AmendmentStanding:
    found = standing(amendment, joined, said, day(on))
    assert found is not None
    return found


# --- whole numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "third", "thirds"),
    [
        (178, 60, 119),
        (177, 59, 118),
        (176, 59, 118),
        (179, 60, 120),
        (1, 1, 1),
        (2, 1, 2),
        (3, 1, 2),
        (0, 0, 0),
    ],
)
def test_a_share_is_the_smallest_number_that_reaches_it(count, third, thirds):
    assert (one_third(count), two_thirds(count)) == (third, thirds)


# --- the conference -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("communicated", "deadline"),
    [
        ("2027-03-04", "2027-07-04"),
        pytest.param("2026-10-31", "2027-02-28", id="clipped to the end of February"),
        pytest.param("2027-10-31", "2028-02-29", id="of a leap year"),
        pytest.param("2027-11-30", "2028-03-30", id="over the new year"),
    ],
)
def test_four_months_run_from_the_communication(communicated, deadline):
    assert last_day_to_favour(day(communicated)) == day(deadline)


def test_one_third_convenes_a_conference_and_one_less_does_not():
    joined = parties(178)
    reached = stands(an_amendment(), joined, favour(60), "2027-07-05")
    short = stands(an_amendment(), joined, favour(59), "2027-07-05")
    assert (reached.stage, reached.convened_on) == (AmendmentStage.CONVENED, date(2027, 5, 1))
    assert (reached.third.parties, reached.third.needed, reached.third.reached) == (178, 60, 60)
    assert (short.stage, short.convened_on) == (AmendmentStage.LAPSED, None)
    assert not short.third.met


@pytest.mark.parametrize(
    ("last_answer", "stage"),
    [
        pytest.param("2027-07-03", AmendmentStage.CONVENED, id="the day before the last"),
        pytest.param(DEADLINE, AmendmentStage.CONVENED, id="the last day"),
        pytest.param("2027-07-05", AmendmentStage.LAPSED, id="the day after"),
    ],
)
def test_the_last_day_of_the_four_months_is_within_them(last_answer, stage):
    said = favour(59) + favour(1, last_answer, first=60)
    assert stands(an_amendment(), parties(178), said, "2027-12-31").stage == stage


@pytest.mark.parametrize(
    ("on", "stage"),
    [
        ("2027-01-15", AmendmentStage.PROPOSED),
        ("2027-03-03", AmendmentStage.PROPOSED),
        (COMMUNICATED, AmendmentStage.COMMUNICATED),
        (DEADLINE, AmendmentStage.COMMUNICATED),
        ("2027-07-05", AmendmentStage.LAPSED),
    ],
)
def test_a_proposal_that_few_favour_lapses_after_the_last_day(on, stage):
    assert stands(an_amendment(), parties(178), favour(59), on).stage == stage


def test_before_it_was_proposed_it_stands_nowhere():
    assert standing(an_amendment(), parties(178), [], day("2027-01-14")) is None


def test_a_proposal_has_no_threshold_before_it_is_communicated():
    found = stands(an_amendment(), parties(178), [], "2027-02-01")
    assert (found.deadline, found.third, found.two_thirds, found.bound) == (None, None, None, ())


def test_the_day_of_communication_counts_and_another_number_is_told_beside():
    # 177 parties need 59; the 178th joins within the four months.
    joined = parties(177) + parties(1, "2027-06-01", first=178)
    found = stands(an_amendment(), joined, favour(59), DEADLINE)
    assert (found.third.needed, found.stage) == (59, AmendmentStage.CONVENED)
    assert (found.third_at_deadline.on, found.third_at_deadline.parties) == (day(DEADLINE), 178)
    assert found.third_at_deadline.needed == 60
    assert stands(an_amendment(), joined, favour(59), "2027-07-03").third_at_deadline is None


def test_the_same_number_on_the_last_day_is_not_told_twice():
    joined = parties(175) + parties(1, "2027-06-01", first=176)
    assert stands(an_amendment(), joined, favour(3), "2027-12-31").third_at_deadline is None


def test_a_state_that_joins_within_the_four_months_may_favour():
    joined = parties(177) + parties(1, "2027-06-01", first=178)
    said = favour(58) + favour(1, "2027-06-02", first=178)
    assert stands(an_amendment(), joined, said, "2027-07-05").convened_on == date(2027, 6, 2)


def test_who_is_no_party_does_not_count():
    left = parties(1, first=1, until="2027-04-30") + parties(177, first=2)
    assert stands(an_amendment(), left, favour(60), "2027-07-05").stage == AmendmentStage.LAPSED
    assert stands(an_amendment(), left, favour(61), "2027-07-05").stage == AmendmentStage.CONVENED
    stranger = [*favour(59), Position("XXX", "favours", day("2027-05-01"))]
    assert stands(an_amendment(), parties(178), stranger, "2027-07-05").third.reached == 59


def test_a_conference_once_convened_stays_so():
    left = parties(1, first=1, until="2027-06-30") + parties(177, first=2)
    found = stands(an_amendment(), left, favour(60), "2027-07-05")
    assert (found.stage, found.third.reached) == (AmendmentStage.CONVENED, 59)


def test_nobody_convenes_a_conference_of_no_parties():
    assert stands(an_amendment(), [], [], "2027-07-05").stage == AmendmentStage.LAPSED


# --- entry into force -----------------------------------------------------------------------------


def test_two_thirds_and_the_approval_bring_it_into_force():
    joined = parties(178)
    reached = stands(approved(), joined, accept(119), "2029-01-10")
    short = stands(approved(), joined, accept(118), "2029-01-10")
    assert (reached.stage, reached.in_force_on) == (AmendmentStage.IN_FORCE, date(2029, 1, 10))
    assert len(reached.bound) == 119
    assert (short.stage, short.in_force_on, short.bound) == (AmendmentStage.APPROVED, None, ())
    assert (short.two_thirds.needed, short.two_thirds.reached) == (119, 118)


def test_acceptances_wait_for_the_general_assembly():
    said = accept(119, "2028-06-01")
    waiting = stands(approved(), parties(178), said, "2028-12-19")
    assert (waiting.stage, waiting.two_thirds.met, waiting.in_force_on) == (
        AmendmentStage.ADOPTED,
        True,
        None,
    )
    assert "awaited" in waiting.trail[-1].sentence()
    found = stands(approved(), parties(178), said, "2028-12-20")
    assert (found.stage, found.in_force_on) == (AmendmentStage.IN_FORCE, date(2028, 12, 20))
    assert {one.since for one in found.bound} == {date(2028, 12, 20)}


def test_a_state_that_joins_in_between_raises_the_number():
    # 118 of 177 were enough; of 178 it takes 119.
    joined = parties(177) + parties(1, "2029-01-05", first=178)
    assert stands(approved(), joined, accept(118, "2029-01-04"), "2029-02-01").in_force_on == date(2029, 1, 4)
    late = stands(approved(), joined, accept(118, "2029-01-05"), "2029-02-01")
    assert (late.stage, late.two_thirds.needed) == (AmendmentStage.APPROVED, 119)
    more = accept(118, "2029-01-05") + accept(1, "2029-01-20", first=119)
    assert stands(approved(), joined, more, "2029-02-01").in_force_on == date(2029, 1, 20)


def test_a_state_that_leaves_lowers_the_number_on_the_day_it_leaves():
    joined = parties(177) + parties(1, first=178, until="2029-03-01")
    assert stands(approved(), joined, accept(118), "2029-02-28").in_force_on is None
    assert stands(approved(), joined, accept(118), "2029-03-01").in_force_on == date(2029, 3, 1)


def test_what_is_in_force_stays_so_when_states_join_or_leave():
    joined = parties(177) + parties(30, "2029-06-01", first=178) + parties(1, first=300)
    joined[0] = PartyPeriod("S001", day("2005-01-01"), day("2005-01-01"), day("2029-09-01"))
    found = stands(approved(), joined, accept(119), "2030-01-01")
    assert (found.stage, found.in_force_on) == (AmendmentStage.IN_FORCE, date(2029, 1, 10))
    assert (found.two_thirds.on, found.two_thirds.parties) == (date(2029, 1, 10), 178)
    assert len(found.bound) == 118  # without the one that left


def test_a_later_acceptance_binds_from_its_own_day():
    said = accept(119) + accept(1, "2030-05-05", first=120)
    assert Bound("S120", date(2030, 5, 5)) not in stands(approved(), parties(178), said, "2030-05-04").bound
    found = stands(approved(), parties(178), said, "2030-05-05")
    assert found.bound[-1] == Bound("S120", date(2030, 5, 5))
    assert found.bound[0] == Bound("S001", date(2029, 1, 10))


def test_no_state_is_bound_before_the_treaty_binds_it():
    newcomer = PartyPeriod("S500", day("2030-05-05"), day("2030-06-05"))
    said = [*accept(119), Position("S500", "accepts", day("2030-05-05"))]
    joined = [*parties(178), newcomer]
    assert len(stands(approved(), joined, said, "2030-06-04").bound) == 119
    assert stands(approved(), joined, said, "2030-06-05").bound[-1] == Bound("S500", date(2030, 6, 5))


# --- what is recorded, and why --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "stage"),
    [
        ("2028-01-31", AmendmentStage.LAPSED),
        ("2028-02-01", AmendmentStage.CONFERENCE),
        ("2028-02-04", AmendmentStage.ADOPTED),
        ("2028-12-19", AmendmentStage.ADOPTED),
        ("2028-12-20", AmendmentStage.APPROVED),
    ],
)
def test_a_recorded_step_is_believed_from_its_day_even_where_answers_are_missing(on, stage):
    assert stands(approved(), parties(178), [], on).stage == stage


def test_the_trail_says_each_step_with_its_numbers():
    amendment = approved()
    found = stands(amendment, parties(178), favour(60) + accept(119), "2029-02-01")
    assert [(step.source, step.sentence()) for step in found.trail] == [
        ("OPSC art. 16(1)", "Filed with the Secretary-General on 15 January 2027."),
        (
            "OPSC art. 16(1)",
            (
                "Communicated to the States parties on 4 March 2027; the four months in which they can favour a "
                "conference end on 4 July 2027."
            ),
        ),
        (
            "OPSC art. 16(1)",
            "Parties on the day of communication, 4 March 2027: 178. One third of them, rounded up: 60.",
        ),
        ("OPSC art. 16(1)", "On 1 May 2027 the 60 needed favoured a conference: it is convened."),
        ("OPSC art. 16(1)", "The conference of States parties met on 1 February 2028."),
        ("OPSC art. 16(1)", "Adopted by the conference on 4 February 2028."),
        ("OPSC art. 16(2)", "Approved by the General Assembly on 20 December 2028."),
        ("OPSC art. 16(2)", "Parties on 10 January 2029: 178. Two thirds of them, rounded up: 119."),
        (
            "OPSC art. 16(2)",
            "Accepted by 119 of the 119 needed, and approved: in force from 10 January 2029.",
        ),
        (
            "OPSC art. 16(3)",
            (
                "In force for the States parties that have accepted it; for one that accepts after 10 January 2029, "
                "from the day of its acceptance."
            ),
        ),
    ]


def test_the_trail_tells_a_lapse_and_the_other_count():
    joined = parties(177) + parties(1, "2027-06-01", first=178)
    told = [step.sentence() for step in stands(an_amendment(), joined, favour(3), "2027-12-31").trail]
    assert told[3:] == [
        (
            "Parties on the last day, 4 July 2027: 178. One third of them would be 60; the day of communication counts."
        ),
        "By 4 July 2027 3 of the 59 needed favoured a conference: none is convened.",
    ]


def test_the_convention_has_an_article_of_its_own():
    found = standing(AmendmentFact("CRC", day("1995-06-01")), [], [], day("1996-01-01"))
    assert [step.source for step in found.trail] == ["CRC art. 50(1)"]


def test_a_resolution_is_named_once_it_is_there():
    amendment = AmendmentFact(
        "OPSC",
        *map(day, ("2027-01-15", COMMUNICATED, "2028-02-01", "2028-02-04", "2028-12-20")),
        "A/RES/83/1",
    )
    assert "A/RES/83/1" in [step.source for step in stands(amendment, [], [], "2028-12-20").trail]
    assert "A/RES/83/1" not in [step.source for step in stands(amendment, [], [], "2028-12-19").trail]
    assert amendment.as_of(day("2028-12-19")).resolution == ""


DAYS = st.dates(date(2027, 1, 1), date(2030, 12, 31))


@given(
    joined=st.lists(st.tuples(DAYS, st.none() | st.integers(1, 900)), max_size=12),
    said=st.lists(st.tuples(st.integers(0, 11), st.sampled_from(["favours", "accepts"]), DAYS), max_size=30),
    on=DAYS,
)
def test_nothing_dated_later_changes_a_day_and_force_is_what_two_thirds_gave(joined, said, on):
    known = [
        PartyPeriod(str(at), since, since, since + timedelta(days=stay) if stay else None)
        for at, (since, stay) in enumerate(joined)
    ]
    unique = {(str(at), kind): when for at, kind, when in said}
    positions = [Position(state, kind, when) for (state, kind), when in unique.items()]
    found = standing(approved(), known, positions, on)
    earlier = standing(approved(), known, [one for one in positions if one.day <= on], on)
    assert found == earlier
    if found is None:
        return
    if found.in_force_on is not None:
        share = found.two_thirds
        assert share.on == found.in_force_on <= on
        assert 3 * share.reached >= 2 * share.parties > 0
        assert all(one.since >= found.in_force_on for one in found.bound)
        assert standing(approved(), known, positions, found.in_force_on).stage == AmendmentStage.IN_FORCE
        before = standing(approved(), known, positions, found.in_force_on - timedelta(days=1))
        assert before is None or before.in_force_on is None
    else:
        assert found.bound == ()
    if found.convened_on is not None:
        assert day(COMMUNICATED) <= found.convened_on <= min(on, day(DEADLINE))


# --- the vote, and the recorded day ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("in_favour", "against", "majority"),
    [(1, 0, True), (60, 59, True), (60, 60, False), (59, 60, False), (0, 0, False)],
)
def test_a_majority_is_of_those_who_vote_for_or_against(in_favour, against, majority):
    assert Vote(in_favour, against, abstaining=500).is_majority is majority


@pytest.mark.parametrize(
    ("vote", "said"),
    [
        (
            Vote(100, 20, 9),
            (
                "The conference voted: 100 States parties in favour, 20 against, which is a majority of those present "
                "and voting."
            ),
        ),
        (
            Vote(20, 100, 9),
            (
                "The conference voted: 20 States parties in favour, 100 against, which is no majority of those present "
                "and voting."
            ),
        ),
    ],
)
def test_the_trail_tells_the_vote_from_its_day_on(vote, said):
    amendment = replace(an_amendment(conference_on="2028-02-01", adopted_on="2028-02-04"), vote=vote)
    assert said in sentences(stands(amendment, parties(9), [], "2028-02-04"))
    assert said not in sentences(stands(amendment, parties(9), [], "2028-02-03"))
    none_adopted = replace(an_amendment(conference_on="2028-02-01"), vote=vote)
    assert said in sentences(stands(none_adopted, parties(9), [], "2028-02-01"))


def sentences(found: AmendmentStanding) -> list[str]:
    return [step.sentence() for step in found.trail]


def test_the_recorded_day_of_entry_into_force_wins_over_the_computed_one():
    recorded = replace(approved(), recorded_on=day("2029-02-01"))
    found = stands(recorded, parties(9), accept(6), "2029-02-01")
    assert (found.in_force_on, found.computed_on, found.differs) == (
        date(2029, 2, 1),
        date(2029, 1, 10),
        True,
    )
    assert found.bound[0] == Bound("S001", date(2029, 2, 1))
    assert sentences(found)[-3:-1] == [
        "Accepted by 6 of the 6 needed on 1 February 2029.",
        (
            "The depositary records entry into force on 1 February 2029, where the paragraph gives 10 January 2029. "
            "The recorded day prevails."
        ),
    ]


def test_before_the_recorded_day_it_was_not_in_force_whatever_the_paragraph_gives():
    recorded = replace(approved(), recorded_on=day("2029-02-01"))
    found = stands(recorded, parties(9), accept(6), "2029-01-31")
    assert (found.stage, found.in_force_on, found.computed_on) == (
        AmendmentStage.APPROVED,
        None,
        date(2029, 1, 10),
    )
    assert (found.differs, found.bound) == (True, ())
    assert sentences(found)[-1] == (
        "The paragraph gives 10 January 2029 as the day of entry into force. The depositary records another "
        "day, which prevails."
    )
    before = stands(recorded, parties(9), accept(6), "2029-01-09")
    assert (before.in_force_on, before.computed_on, before.differs) == (None, None, False)


def test_a_recorded_day_stands_without_enough_acceptances():
    recorded = replace(approved(), recorded_on=day("2029-02-01"))
    found = stands(recorded, parties(9), accept(5), "2030-01-01")
    assert (found.stage, found.in_force_on, found.computed_on) == (
        AmendmentStage.IN_FORCE,
        date(2029, 2, 1),
        None,
    )
    assert found.differs
    assert sentences(found)[-2] == (
        "The depositary records entry into force on 1 February 2029, although fewer acceptances than needed are "
        "recorded here. The recorded day prevails."
    )


def test_a_recorded_day_that_is_the_computed_one_changes_nothing():
    recorded = replace(approved(), recorded_on=day("2029-01-10"))
    for on in ("2029-01-09", "2029-01-10", "2030-01-01"):
        assert stands(recorded, parties(9), accept(6), on) == stands(approved(), parties(9), accept(6), on)


def test_a_day_recorded_before_the_computed_one_counts_from_itself():
    recorded = replace(approved(), recorded_on=day("2029-01-05"))
    early = stands(recorded, parties(9), accept(6), "2029-01-05")
    assert (early.in_force_on, early.computed_on, early.differs) == (date(2029, 1, 5), None, True)
    late = stands(recorded, parties(9), accept(6), "2029-01-10")
    assert (late.in_force_on, late.computed_on, late.differs) == (date(2029, 1, 5), date(2029, 1, 10), True)
