"""Amendments: errors on the right field, and refusals by the database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from tests.factories import a_state, an_officer, day, denounces, joins, signs
from tests.registry.test_models import refused, saved_against
from tracker.registry.models import Amendment, AmendmentPosition, State
from tracker.rules import amendments as rules

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

ALL_DAYS = {
    "proposed_on": "2025-01-15",
    "communicated_on": "2025-03-04",
    "conference_on": "2026-02-02",
    "adopted_on": "2026-02-06",
    "approved_on": "2026-10-20",
}


def an_amendment(by: State, **fields) -> Amendment:
    """An amendment with all its days; pass None for one that is missing."""
    days = {
        name: day(on) if isinstance(on, str) else on
        for name, on in (ALL_DAYS | fields).items()
        if name in ALL_DAYS
    }
    rest = {name: value for name, value in fields.items() if name not in ALL_DAYS}
    return Amendment(**({"treaty_id": "OPSC", "title": "Article 12", "proposed_by": by} | days | rest))


def saved(by: State, **fields) -> Amendment:
    amendment = an_amendment(by, **fields)
    amendment.full_clean()
    amendment.save()
    return amendment


def a_position(
    amendment: Amendment, state: State, on: str = "2025-05-01", kind: str = "favours"
) -> AmendmentPosition:
    return AmendmentPosition(amendment=amendment, state=state, kind=kind, date=day(on))


# --- the amendment --------------------------------------------------------------------------------


def test_an_amendment_with_all_its_days_stands(norway):
    amendment = saved(norway, resolution="A/RES/81/1")
    assert str(amendment) == "OPSC: Article 12"
    assert amendment.get_absolute_url() == f"/amendments/{amendment.pk}/"
    assert amendment.as_rule() == rules.AmendmentFact("OPSC", *map(day, ALL_DAYS.values()), "A/RES/81/1")


def test_an_amendment_needs_only_its_proposal(norway):
    amendment = saved(norway, communicated_on=None, conference_on=None, adopted_on=None, approved_on=None)
    assert amendment.as_rule() == rules.AmendmentFact("OPSC", date(2025, 1, 15))


def test_a_conference_need_not_be_recorded(norway):
    saved(norway, conference_on=None)


def test_two_steps_may_fall_on_one_day(norway):
    one_day = dict.fromkeys(ALL_DAYS, "2025-01-15")
    saved(norway, **one_day)


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        ("amendment_communicated_after_proposed", {"communicated_on": "2025-01-14"}),
        ("amendment_conference_after_communicated", {"conference_on": "2025-03-03"}),
        ("amendment_adopted_after_conference", {"adopted_on": "2026-02-01"}),
        ("amendment_adopted_after_conference", {"conference_on": None, "adopted_on": "2025-03-03"}),
        ("amendment_approved_after_adopted", {"approved_on": "2026-02-05"}),
    ],
)
def test_the_steps_follow_one_another(norway, constraint, wrong):
    field = [name for name, on in wrong.items() if on][-1]
    told = refused(an_amendment(norway, **wrong))
    assert list(told) == [field]
    assert told[field][0].startswith("This is before the day of the previous step (")
    saved_against(constraint, an_amendment(norway, **wrong))


@pytest.mark.parametrize(
    ("constraint", "missing", "field", "message"),
    [
        (
            "amendment_conference_after_communicated",
            {"communicated_on": None, "adopted_on": None, "approved_on": None},
            "conference_on",
            "First enter the day on which it was communicated to the States parties.",
        ),
        (
            "amendment_adopted_after_conference",
            {"communicated_on": None, "conference_on": None, "approved_on": None},
            "adopted_on",
            "First enter the day on which it was communicated to the States parties.",
        ),
        (
            "amendment_approved_after_adopted",
            {"adopted_on": None},
            "approved_on",
            "First enter the day on which the conference adopted it.",
        ),
    ],
)
def test_no_step_is_left_out(norway, constraint, missing, field, message):
    assert refused(an_amendment(norway, **missing)) == {field: [message]}
    saved_against(constraint, an_amendment(norway, **missing))


@pytest.mark.parametrize("field", ALL_DAYS)
def test_no_step_lies_in_the_future(norway, field):
    told = refused(an_amendment(norway, **{field: "2026-11-23"}))
    assert told[field] == ["This day is in the future; enter it once it has happened."]


def test_today_is_not_the_future(norway):
    saved(norway, approved_on="2026-11-22")


def test_a_resolution_has_a_day(norway):
    told = refused(an_amendment(norway, approved_on=None, resolution="A/RES/81/1"))
    assert told == {"approved_on": ["A resolution is entered; enter the day on which it was adopted too."]}


@pytest.mark.parametrize("fields", [{"title": ""}, {"proposed_on": None}, {"treaty_id": None}])
def test_what_every_amendment_has_is_asked_for(norway, fields):
    assert {name.removesuffix("_id") for name in fields} <= refused(an_amendment(norway, **fields)).keys()


def test_only_a_state_party_proposes(norway):
    somalia, sweden = a_state("SOM"), a_state("SWE")
    signs(somalia, on="2005-05-09")
    joins(sweden, on="2007-01-19")
    denounces(sweden, on="2010-03-01")
    told = refused(an_amendment(somalia))
    assert told == {
        "proposed_by": [
            (
                "Only a State party can propose an amendment, and Somalia was not a State party on 15 January 2025. "
                "Check the day, or enter its ratification, accession or succession first."
            )
        ]
    }
    assert list(refused(an_amendment(sweden))) == ["proposed_by"]
    assert list(refused(an_amendment(norway, treaty_id="CRC"))) == ["proposed_by"]


def test_a_state_that_proposed_is_kept(norway):
    saved(norway)
    norway.actions.all().delete()
    with pytest.raises(ProtectedError):
        norway.delete()


# --- the vote, and the recorded day ---------------------------------------------------------------

VOTE = {"votes_for": 100, "votes_against": 20, "abstentions": 0}


def test_a_vote_and_a_recorded_day_are_part_of_the_amendment(norway):
    amendment = saved(norway, **VOTE, in_force_on=day("2026-11-01"))
    assert amendment.as_rule() == rules.AmendmentFact(
        "OPSC", *map(day, ALL_DAYS.values()), "", rules.Vote(100, 20, 0), date(2026, 11, 1)
    )


def test_a_vote_that_adopted_nothing_is_recorded_with_the_conference(norway):
    saved(norway, adopted_on=None, approved_on=None, votes_for=20, votes_against=100, abstentions=3)


@pytest.mark.parametrize("missing", VOTE)
def test_a_vote_has_three_numbers(norway, missing):
    half = an_amendment(norway, **(VOTE | {missing: None}))
    assert refused(half) == {
        missing: ["Enter all three numbers of the vote; enter 0 where no State voted that way."]
    }
    saved_against("amendment_vote_is_whole", half)


def test_a_vote_has_a_day(norway):
    told = refused(an_amendment(norway, conference_on=None, adopted_on=None, approved_on=None, **VOTE))
    assert told == {"votes_for": ["First enter the day of the conference, or of the adoption."]}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"in_force_on": date(2026, 10, 19)},
            "This is before the day of the previous step (20 October 2026).",
        ),
        (
            {"in_force_on": date(2026, 11, 1), "approved_on": None},
            "First enter the day on which the General Assembly approved it.",
        ),
    ],
)
def test_an_amendment_enters_into_force_after_its_approval(norway, fields, message):
    wrong = an_amendment(norway, **fields)
    assert refused(wrong) == {"in_force_on": [message]}
    saved_against("amendment_in_force_after_approved", wrong)


def test_a_recorded_entry_into_force_does_not_lie_in_the_future(norway):
    told = refused(an_amendment(norway, in_force_on=date(2026, 11, 23)))
    assert told == {"in_force_on": ["This day is in the future; enter it once it has happened."]}


# --- the positions --------------------------------------------------------------------------------


def test_a_position_is_taken_once_of_each_kind(norway):
    amendment = saved(norway)
    a_position(amendment, norway).save()
    a_position(amendment, norway, "2026-05-01", "accepts").save()
    again = a_position(amendment, norway, "2025-06-01")
    assert refused(again) == {"__all__": ["This State's position of this kind is recorded already."]}
    saved_against("amendment_position_once", again)
    saved(norway, title="Another").positions.create(state=norway, kind="favours", date=day("2025-05-01"))


def test_a_position_of_no_known_kind_is_refused(norway):
    wrong = a_position(saved(norway), norway, kind="opposes")
    assert "kind" in refused(wrong)
    saved_against("amendment_position_kind_known", wrong)


@pytest.mark.parametrize(
    ("kind", "on", "message"),
    [
        (
            "favours",
            "2025-03-03",
            "States favour a conference from the day on which the proposal is communicated to them.",
        ),
        ("accepts", "2026-02-05", "An amendment can be accepted from the day of its adoption by the conference."),
        ("favours", "2026-11-23", "This day is in the future; enter it once it has happened."),
        ("accepts", "2026-11-23", "This day is in the future; enter it once it has happened."),
    ],
)  # fmt: skip
def test_a_position_answers_what_was_there(norway, kind, on, message):
    assert refused(a_position(saved(norway), norway, on, kind)) == {"date": [message]}


@pytest.mark.parametrize(
    ("kind", "on"), [("favours", "2025-03-04"), ("favours", "2025-12-31"), ("accepts", "2026-02-06")]
)
def test_an_answer_of_the_first_day_counts_and_a_late_one_is_kept(norway, kind, on):
    a_position(saved(norway), norway, on, kind).full_clean()


def test_only_a_state_party_takes_a_position(norway):
    somalia = a_state("SOM")
    joins(somalia, on="2025-06-01")
    amendment = saved(norway)
    assert refused(a_position(amendment, somalia, "2025-05-31")) == {
        "date": [
            (
                "Somalia was not a party to the OPSC on this day. Check the State and the day, or enter its "
                "ratification, accession or succession first."
            )
        ]
    }
    a_position(amendment, somalia, "2025-06-01").full_clean()


def test_positions_go_with_their_amendment_and_the_history_stays(norway):
    amendment = saved(norway)
    position = a_position(amendment, norway)
    position.save()
    assert str(position) == "NOR favours 2025-05-01"
    with pytest.raises(ProtectedError), transaction.atomic():
        norway.delete()
    amendment.delete()
    assert not AmendmentPosition.objects.exists()
    assert AmendmentPosition.history.count() == 2
    assert Amendment.history.count() == 2


def test_the_history_says_who_and_why(norway):
    amendment = saved(norway)
    amendment.note = "Read again."
    amendment._history_user = an_officer()
    amendment._change_reason = "C.N.12.2026"
    amendment.save()
    last = amendment.history.first()
    assert (last.history_user.username, last.history_change_reason) == ("ada", "C.N.12.2026")


def test_an_empty_position_is_no_error_of_ours(norway):
    with pytest.raises(ValidationError) as error:
        AmendmentPosition(amendment=saved(norway)).full_clean()
    assert set(error.value.message_dict) == {"state", "kind", "date"}


def test_the_database_asks_for_the_proposal(norway):
    with pytest.raises(IntegrityError), transaction.atomic():
        an_amendment(norway, proposed_on=None).save()
