"""Errors on the right field, and refusals by the database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tests.factories import a_contact, a_state, an_officer, day, denounces, joins, signs
from tracker.registry import bulk
from tracker.registry.models import Contact, State, Treaty, TreatyAction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def norway() -> State:
    return a_state("NOR")


def an_action(
    state: State, on: str, kind: str = "ratification", treaty: str = "OPSC", **fields
) -> TreatyAction:
    return TreatyAction(state=state, treaty_id=treaty, kind=kind, date=day(on), **fields)


def refused(fact) -> dict[str, list[str]]:
    """The errors of full_clean, by field."""
    with pytest.raises(ValidationError) as error:
        fact.full_clean()
    return error.value.message_dict


def saved_against(name: str, fact) -> None:
    """The database itself refuses the row; by the constraint of that name, if it says so."""
    with pytest.raises(IntegrityError), transaction.atomic():
        fact.save_base(force_insert=fact._state.adding)
    constraint = next(c for c in type(fact)._meta.constraints if c.name == name)
    with pytest.raises(ValidationError):
        constraint.validate(type(fact), fact)


# --- State ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("iso3", ["nor", "NO", "NO1", "N R", "NOR\n", ""])
def test_a_state_is_keyed_by_three_capital_letters(iso3):
    assert "iso3" in refused(State(iso3=iso3, name="Norway"))


@pytest.mark.parametrize("iso3", ["nor", "NO", "N0R"])
def test_the_database_refuses_any_other_key(iso3):
    saved_against("state_iso3_is_alpha3", State(iso3=iso3, name="Norway"))


@pytest.mark.parametrize("iso2", ["no", "N", "N1"])
def test_an_alpha_2_code_is_two_capital_letters(iso2):
    assert "iso2" in refused(State(iso3="NOR", name="Norway", iso2=iso2))


@pytest.mark.parametrize(
    ("field", "value"),
    [("iso3", "NOR"), ("iso2", "NO"), ("name", "Norway")],
)
def test_a_state_is_recorded_once(norway, field, value):
    other = State(**({"iso3": "SWE", "iso2": "SE", "name": "Sweden"} | {field: value}))
    assert list(refused(other)) == [field]
    with pytest.raises(IntegrityError), transaction.atomic():
        other.save(force_insert=True)


def test_two_states_may_have_no_alpha_2_code():
    State.objects.create(iso3="AAX", name="One")
    State.objects.create(iso3="ABX", name="Another")
    assert State.objects.filter(iso2=None).count() == 2


def test_a_state_needs_only_code_and_name():
    state = State(iso3="NOR", name="Norway")
    state.full_clean()
    state.save()
    state.refresh_from_db()
    assert (state.language, state.region, state.desk_officer, state.records_from) == ("en", "", None, None)
    assert str(state) == "Norway"
    assert state.get_absolute_url() == "/states/NOR/"


def test_a_state_outlives_its_desk_officer(norway):
    norway.desk_officer = an_officer("ada")
    norway.save()
    norway.desk_officer.delete()
    norway.refresh_from_db()
    assert norway.desk_officer is None


def test_a_change_of_a_state_is_remembered(norway):
    norway.records_from = day("2025-12-04")
    norway.save()
    assert list(norway.history.values_list("records_from", flat=True)) == [date(2025, 12, 4), None]


# --- Treaty ---------------------------------------------------------------------------------------


def test_both_treaties_are_there_with_their_days():
    # GA resolutions 44/25 and 54/263; CRC art. 49(1), OPSC art. 14(1).
    assert list(Treaty.objects.values_list("code", "adopted_on", "in_force_on")) == [
        ("CRC", date(1989, 11, 20), date(1990, 9, 2)),
        ("OPSC", date(2000, 5, 25), date(2002, 1, 18)),
    ]


# --- TreatyAction ---------------------------------------------------------------------------------


def test_a_ratification_needs_no_signature(norway):
    an_action(norway, "2001-10-02").full_clean()


def test_signature_ratification_and_denunciation_stand_together(norway):
    signs(norway, on="2000-06-13")
    joins(norway, on="2001-10-02")
    an_action(norway, "2012-05-15", "denunciation").full_clean()
    denounces(norway, on="2012-05-15")
    assert norway.actions.count() == 3


def test_the_two_treaties_do_not_disturb_each_other(norway):
    joins(norway, on="2001-10-02")
    an_action(norway, "1991-01-08", treaty="CRC").full_clean()
    joins(norway, "CRC", on="1991-01-08")
    assert norway.actions.count() == 2


def test_one_signature_is_recorded(norway):
    signs(norway, on="2000-06-13")
    second = an_action(norway, "2000-06-14", "signature")
    assert refused(second)["__all__"] == ["This State's signature is recorded already; correct it there."]
    saved_against("action_one_signature", second)


def test_an_action_is_recorded_once_a_day(norway):
    joins(norway, on="2001-10-02")
    second = an_action(norway, "2001-10-02")
    assert list(refused(second)) == ["date"]
    saved_against("action_once_a_day", second)


@pytest.mark.parametrize("kind", ["ratification", "accession", "succession"])
@pytest.mark.parametrize("on", ["2001-10-02", "2002-01-01"])
def test_a_party_does_not_join_again(norway, kind, on):
    joins(norway, on="2001-10-02")
    assert refused(an_action(norway, on, kind))["date"] == [
        (
            "This State has been a party since its ratification of 2 October 2001. Correct that one, or enter the "
            "denunciation by which it left first."
        )
    ]


@pytest.mark.parametrize(("first", "second"), [("signature", "accession"), ("accession", "signature")])
def test_an_accession_after_a_signature_is_doubted_and_not_refused(norway, first, second):
    days = {"signature": "2000-06-13", "accession": "2001-10-02"}
    joins(norway, on=days[first], kind=first)
    an_action(norway, days[second], second).full_clean()


# --- leaving, and joining again -------------------------------------------------------------------


def test_a_state_leaves_and_joins_again(norway):
    joins(norway, on="2001-10-02")
    denounces(norway, on="2010-03-01")
    an_action(
        norway, "2011-03-01", "accession"
    ).full_clean()  # the day on which the denunciation takes effect
    joins(norway, on="2015-06-01", kind="accession")
    an_action(norway, "2020-01-01", "denunciation").full_clean()


def test_a_state_joins_again_once_its_denunciation_has_taken_effect(norway):
    joins(norway, on="2001-10-02")
    denounces(norway, on="2010-03-01")
    assert refused(an_action(norway, "2011-02-28", "accession"))["date"] == [
        "The State's denunciation takes effect on 1 March 2011; it can join again from that day on."
    ]


def test_the_recorded_day_of_effect_of_a_denunciation_counts(norway):
    joins(norway, on="2001-10-02")
    denounces(norway, on="2010-03-01", effective_on="2011-06-01")
    assert "1 June 2011" in refused(an_action(norway, "2011-03-01", "accession"))["date"][0]
    an_action(norway, "2011-06-01", "accession").full_clean()


def test_a_state_denounces_once_in_each_period(norway):
    joins(norway, on="2001-10-02")
    denounces(norway, on="2010-03-01")
    for on in ("2009-01-01", "2012-01-01"):
        assert refused(an_action(norway, on, "denunciation"))["date"] == [
            (
                "The denunciation of 1 March 2010 is recorded already, and the State did not join in between; correct "
                "that one."
            )
        ]


def test_a_denunciation_takes_effect_before_the_state_joins_again(norway):
    joins(norway, on="2001-10-02")
    leaving = denounces(norway, on="2010-03-01")
    joins(norway, on="2015-06-01", kind="accession")
    leaving.date = day("2014-06-02")
    assert refused(leaving)["date"] == [
        (
            "The State joined again on 1 June 2015, before this denunciation takes effect on 2 June 2015; check the "
            "days."
        )
    ]
    leaving.date = day("2014-06-01")
    leaving.full_clean()


def test_an_earlier_period_is_entered_in_the_order_that_the_refusal_names(norway):
    recorded = joins(norway, on="2015-06-01", kind="accession")
    assert refused(an_action(norway, "2001-10-02"))["date"] == [
        (
            "The accession of 1 June 2015 is recorded already. Correct that one to the earlier day; if the State left "
            "and joined again, enter the denunciation next, and the later joining last."
        )
    ]
    recorded.date, recorded.kind = day("2001-10-02"), "ratification"
    recorded.full_clean()
    recorded.save()
    leaving = an_action(norway, "2010-03-01", "denunciation")
    leaving.full_clean()
    leaving.save()
    an_action(norway, "2015-06-01", "accession").full_clean()


def test_joining_after_ones_own_denunciation_is_an_error_in_one_of_the_two_days(norway):
    deposit = joins(norway, on="2001-10-02")
    denounces(norway, on="2010-03-01")
    deposit.date = day("2010-03-02")
    assert refused(deposit)["date"] == [
        "A denunciation was received on 1 March 2010, before this day; correct one of the two."
    ]


def test_on_one_day_a_state_signs_joins_and_leaves_in_this_order(norway):
    signs(norway, on="2001-10-02")
    joins(norway, on="2001-10-02")
    an_action(norway, "2001-10-02", "denunciation").full_clean()


def test_an_unknown_kind_is_refused(norway):
    wrong = an_action(norway, "2001-10-02", "approval")
    assert "kind" in refused(wrong)
    saved_against("action_kind_known", wrong)


def test_nothing_happens_before_the_opsc_is_adopted(norway):
    an_action(norway, "2000-05-25", "signature").full_clean()
    early = an_action(norway, "2000-05-24", "signature")
    assert refused(early)["date"] == ["The OPSC was adopted on 25 May 2000; enter a day from then on."]
    saved_against("action_not_before_opsc", early)


def test_nothing_happens_before_the_crc_is_adopted(norway):
    an_action(norway, "1989-11-20", treaty="CRC").full_clean()
    early = an_action(norway, "1989-11-19", treaty="CRC")
    assert refused(early)["date"] == ["The CRC was adopted on 20 November 1989; enter a day from then on."]
    saved_against("action_not_before_crc", early)


def test_an_action_is_entered_once_it_has_happened(norway):
    an_action(norway, "2026-11-22").full_clean()
    assert refused(an_action(norway, "2026-11-23")) == {
        "date": ["This day is in the future; enter an action once it has happened."]
    }


def test_a_signature_does_not_come_after_the_deposit(norway):
    joins(norway, on="2001-10-02")
    an_action(norway, "2001-10-02", "signature").full_clean()
    assert refused(an_action(norway, "2001-10-03", "signature")) == {
        "date": ["The signature (3 October 2001) cannot come after the deposit (2 October 2001)."]
    }


def test_a_deposit_does_not_come_before_the_signature(norway):
    signs(norway, on="2001-10-03")
    assert list(refused(an_action(norway, "2001-10-02"))) == ["date"]


def test_correcting_an_action_is_not_held_against_its_own_earlier_day(norway):
    signs(norway, on="2000-06-13")
    deposit = joins(norway, on="2000-06-14")
    deposit.date = day("2001-10-02")
    deposit.full_clean()


@pytest.mark.parametrize(
    ("joined", "why"),
    [
        (
            None,
            "Only a State party can denounce the treaty; enter its ratification, accession or succession first.",
        ),
        (
            "2013-01-01",
            "The State joined the treaty on 1 January 2013, after this denunciation; check the two days.",
        ),
    ],
)
def test_only_a_party_denounces(norway, joined, why):
    if joined:
        joins(norway, on=joined)
    assert refused(an_action(norway, "2012-05-15", "denunciation")) == {"date": [why]}


def test_a_recorded_day_lies_on_or_after_the_deposit(norway):
    an_action(norway, "2001-10-02", effective_on=day("2001-10-02")).full_clean()
    wrong = an_action(norway, "2001-10-02", effective_on=day("2001-10-01"))
    assert "An effective date lies on or after the day of deposit, and a signature has none." in str(
        refused(wrong)
    )
    saved_against("action_effective_after_deposit", wrong)


def test_a_signature_has_no_effective_date(norway):
    wrong = an_action(norway, "2000-06-13", "signature", effective_on=day("2002-01-18"))
    assert "a signature has none" in str(refused(wrong))
    saved_against("action_effective_after_deposit", wrong)


def test_a_succession_may_take_effect_before_its_notification():
    montenegro = a_state("MNE")
    action = an_action(montenegro, "2006-10-23", "succession", effective_on=day("2006-06-03"))
    action.full_clean()
    action.save()


def test_a_mistyped_year_of_effect_is_noticed(norway):
    an_action(norway, "2001-10-02", effective_on=day("2002-01-18")).full_clean()
    wrong = an_action(norway, "2001-10-02", effective_on=day("2020-01-18"))
    assert refused(wrong) == {
        "effective_on": ["This is more than two years after the day of the action; check the year."]
    }


@pytest.mark.parametrize("missing", ["state", "treaty", "kind", "date"])
def test_an_action_without_one_of_its_facts_is_told_so_on_that_field(norway, missing):
    fields = {"state": norway, "treaty_id": "OPSC", "kind": "ratification", "date": day("2001-10-02")}
    del fields["treaty_id" if missing == "treaty" else missing]
    assert missing in refused(TreatyAction(**fields))


@pytest.mark.parametrize(
    ("kind", "confidence", "effective", "expected"),
    [
        ("accession", "memory", None, True),
        ("accession", "one-source", None, False),
        ("succession", "two-sources", None, True),
        ("succession", "two-sources", "2006-06-03", False),
    ],
)
def test_a_weak_day_is_to_be_confirmed(norway, kind, confidence, effective, expected):
    action = an_action(
        norway, "2006-10-23", kind, confidence=confidence, effective_on=day(effective) if effective else None
    )
    assert action.to_be_confirmed is expected


def test_an_action_is_handed_to_the_rules_as_it_is(norway):
    rule = joins(norway, on="2001-10-02", effective_on="2002-01-18", confidence="memory").as_rule()
    assert (rule.treaty, rule.kind, rule.day, rule.recorded, rule.to_be_confirmed) == (
        "OPSC",
        "ratification",
        date(2001, 10, 2),
        date(2002, 1, 18),
        True,
    )


# --- Contact --------------------------------------------------------------------------------------


def test_a_contact_needs_only_state_name_and_address(norway):
    contact = Contact(state=norway, name="Permanent Mission", email="mission@example.org")
    contact.full_clean()
    contact.save()
    assert (contact.copy, contact.active, contact.language, contact.office) == ("to", True, "", "")


@pytest.mark.parametrize("missing", ["state", "name", "email"])
def test_a_contact_without_one_of_these_is_refused(norway, missing):
    fields = {"state": norway, "name": "Permanent Mission", "email": "mission@example.org"}
    del fields[missing]
    assert list(refused(Contact(**fields))) == [missing]


@pytest.mark.parametrize(
    "email", ["mission", "mission@", "a b@example.org", "mission@example.org\nBcc: x@y.org"]
)
def test_an_address_that_is_none_is_refused(norway, email):
    assert list(refused(Contact(state=norway, name="Permanent Mission", email=email))) == ["email"]


def test_an_address_stands_once_for_a_state(norway):
    a_contact(norway)
    again = Contact(state=norway, name="Somebody else", email="mission@example.org")
    assert refused(again) == {"email": ["This State has a contact with this address already."]}
    saved_against("contact_email_once_per_state", again)


def test_one_address_may_serve_two_states(norway):
    a_contact(norway)
    a_contact(a_state("SWE"))
    assert Contact.objects.count() == 2


def test_the_facts_of_a_day_are_the_actions_up_to_it(norway):
    signs(norway, on="2000-06-13")
    joins(norway, on="2001-10-02")
    joins(norway, "CRC", "1991-01-08")
    facts = TreatyAction.objects.facts(treaty="OPSC", until=day("2001-10-01"))
    assert [action.kind for action in facts["NOR"].actions] == ["signature"]
    assert TreatyAction.objects.facts(until=day("1990-12-31")) == {}
    assert TreatyAction.objects.facts_of("NOR").is_party("CRC", day("1991-01-08"))
    assert TreatyAction.objects.facts_of("SWE").actions == ()


def test_states_are_listed_by_name_without_regard_to_accents_and_capitals():
    names = {
        "CIV": "Côte d'Ivoire",
        "HRV": "Croatia",
        "ALA": "Åland Islands",
        "ZWE": "Zimbabwe",
        "CYP": "cyprus",
    }
    for iso3, name in names.items():
        State.objects.create(iso3=iso3, name=name)
    State.objects.bulk_create([State(iso3="ESP", name="España")])
    assert list(State.objects.values_list("iso3", flat=True)) == ["ALA", "CIV", "HRV", "CYP", "ESP", "ZWE"]


def test_a_state_with_a_new_name_changes_its_place(norway: State):
    a_state("SWE")
    norway.name = "Żorway"
    norway.save()
    assert list(State.objects.values_list("iso3", "sort_name")) == [("SWE", "sweden"), ("NOR", "zorway")]


def test_a_name_changed_with_many_changes_the_place_too(norway: State):
    a_state("SWE")
    norway.name = "Ünited"
    bulk.write(State, [], [norway], ["name"], "renamed")
    assert list(State.objects.values_list("iso3", "sort_name")) == [("SWE", "sweden"), ("NOR", "united")]
