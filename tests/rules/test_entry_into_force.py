"""OPSC art. 14, CRC art. 49 and succession, compared with what the depositary recorded."""

import csv
from datetime import date

import pytest
from hypothesis import given, strategies as st

from tests.factories import day
from tests.rules.build import action, crc, opsc
from tracker.registry.shipped import SHIPPED
from tracker.rules.entry_into_force import JOINING, denunciation_effective, entry_into_force

# Deposit and entry into force as the depositary recorded them: participation.csv, sources in its rows.
OPSC_CASES = [
    pytest.param("2000-09-06", "2002-01-18", id="Bangladesh: before the tenth deposit"),
    pytest.param("2002-01-23", "2002-02-23", id="Belarus: the first days of the Protocol"),
    pytest.param("2002-12-23", "2003-01-23", id="United States of America (also a US fact sheet)"),
    pytest.param("2005-01-31", "2005-02-28", id="Benin: the 31st, clipped to February"),
    pytest.param("2006-03-31", "2006-04-30", id="Burkina Faso: the 31st, clipped to April"),
]
# As article 14 gives it; nobody has recorded these (data/README.md, "What is uncertain").
OPSC_BY_RULE = [
    pytest.param("2001-12-20", "2002-01-18", id="Viet Nam: less than a month before 18 January 2002"),
    pytest.param("2001-10-18", "2002-01-18", id="Romania: the tenth deposit"),
    pytest.param("2002-01-18", "2002-01-18", id="on the day of entry into force itself"),
    pytest.param("2002-01-19", "2002-02-19", id="the day after"),
    pytest.param("2004-01-31", "2004-02-29", id="31 January of a leap year"),
]
CRC_CASES = [
    pytest.param("1990-02-28", "1990-09-02", id="Viet Nam: before the twentieth deposit, art. 49(1)"),
    pytest.param("1990-05-02", "1990-09-02", id="Belize: before the Convention, art. 49(1)"),
    pytest.param("1990-08-03", "1990-09-02", id="Benin: the thirtieth day is 2 September itself"),
    pytest.param("1990-08-31", "1990-09-30", id="Burkina Faso: days, not months"),
    pytest.param("1991-01-08", "1991-02-07", id="Norway"),
    pytest.param("1996-02-01", "1996-03-02", id="over a leap year's February"),
]


def shipped_rows() -> list[dict[str, str]]:
    with (SHIPPED / "participation.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("deposited", "in_force"), OPSC_CASES + OPSC_BY_RULE)
def test_opsc_enters_into_force_with_the_protocol_or_one_month_after_deposit(deposited, in_force):
    found = entry_into_force(opsc(deposited))
    assert (found.day, found.computed, found.recorded) == (day(in_force), day(in_force), None)


@pytest.mark.parametrize(("deposited", "in_force"), CRC_CASES)
def test_crc_enters_into_force_on_the_thirtieth_day_never_before_the_convention(deposited, in_force):
    assert entry_into_force(crc(deposited)).day == day(in_force)


def test_opsc_rule_agrees_with_every_entry_into_force_that_the_depositary_recorded():
    recorded = {
        row["iso3"]: (row["opsc_action_date"], row["opsc_entry_into_force"])
        for row in shipped_rows()
        if row["opsc_entry_into_force"]
    }
    computed = {
        iso3: (deposited, entry_into_force(opsc(deposited)).day.isoformat())
        for iso3, (deposited, _) in recorded.items()
    }
    assert len(recorded) == 49
    assert computed == recorded


def test_crc_rule_agrees_with_every_day_that_the_file_derived():
    derived = {
        row["iso3"]: (row["crc_action_date"], row["crc_entry_into_force"])
        for row in shipped_rows()
        if "crc-eif-derived" in row["sources"].split(";")
    }
    computed = {
        iso3: (deposited, entry_into_force(crc(deposited)).day.isoformat())
        for iso3, (deposited, _) in derived.items()
    }
    assert len(derived) == 187
    assert computed == derived


@pytest.mark.parametrize("kind", ["ratification", "accession"])
def test_ratification_and_accession_count_alike(kind):
    assert entry_into_force(opsc("2002-12-23", kind)).day == date(2003, 1, 23)


def test_a_recorded_day_wins_and_both_show_where_they_differ():
    found = entry_into_force(opsc("2001-12-20", recorded="2002-01-20"))
    assert (found.day, found.computed, found.recorded) == (
        date(2002, 1, 20),
        date(2002, 1, 18),
        date(2002, 1, 20),
    )
    assert found.differs
    assert [step.source for step in found.trail] == ["Depositary", "OPSC art. 14(1)", "Depositary"]
    assert found.trail[-1].sentence() == (
        "The depositary records entry into force on 20 January 2002, where the article gives 18 January "
        "2002; the recorded day prevails."
    )


def test_a_recorded_day_that_agrees_needs_no_further_step():
    found = entry_into_force(opsc("2005-01-31", recorded="2005-02-28"))
    assert not found.differs
    assert [(step.source, step.start, step.end) for step in found.trail] == [
        ("Depositary", date(2005, 1, 31), date(2005, 1, 31)),
        ("OPSC art. 14(2)", date(2005, 1, 31), date(2005, 2, 28)),
    ]


def test_an_unrecorded_day_does_not_differ():
    assert not entry_into_force(opsc("2005-01-31")).differs


@pytest.mark.parametrize(
    ("found", "source", "sentence"),
    [
        (
            opsc("2001-12-20"),
            "OPSC art. 14(1)",
            "In force for the State with the Protocol itself, on 18 January 2002.",
        ),
        (
            opsc("2002-12-23"),
            "OPSC art. 14(2)",
            "In force for the State one month after the deposit, on 23 January 2003.",
        ),
        (
            crc("1990-05-02"),
            "CRC art. 49(1)",
            "Convention in force for the State with the Convention itself, on 2 September 1990.",
        ),
        (
            crc("1991-01-08"),
            "CRC art. 49(2)",
            "Convention in force for the State on the thirtieth day after the deposit, 7 February 1991.",
        ),
    ],
)
def test_the_trail_names_the_article_that_gives_the_day(found, source, sentence):
    step = entry_into_force(found).trail[-1]
    assert (step.source, step.sentence()) == (source, sentence)


def test_a_succession_without_recorded_day_counts_from_its_notification_to_be_confirmed():
    # Montenegro, notified 2006-10-23 (CRC/C/MNE/1); no entry into force is recorded.
    found = entry_into_force(opsc("2006-10-23", "succession"))
    assert (found.day, found.computed, found.to_be_confirmed) == (date(2006, 10, 23), None, True)
    assert found.trail[-1].sentence() == (
        "No day of effect is recorded for the succession; the day of notification is used, to be confirmed."
    )


def test_a_succession_takes_effect_on_the_day_that_the_depositary_records():
    found = entry_into_force(opsc("2006-10-23", "succession", recorded="2006-06-03"))
    assert (found.day, found.computed, found.to_be_confirmed, found.differs) == (
        date(2006, 6, 3),
        None,
        False,
        False,
    )


@pytest.mark.parametrize("kind", ["ratification", "succession"])
def test_a_day_from_a_weak_source_is_to_be_confirmed(kind):
    found = entry_into_force(opsc("2006-10-23", kind, recorded="2006-11-23", weak=True))
    assert found.to_be_confirmed


def test_a_computed_day_needs_no_confirmation():
    assert not entry_into_force(opsc("2006-10-23")).to_be_confirmed


def test_a_signature_brings_nothing_into_force():
    with pytest.raises(KeyError):
        entry_into_force(opsc("2000-07-05", "signature"))


@pytest.mark.parametrize(
    ("received", "recorded", "effective"),
    [
        pytest.param("2010-03-01", None, "2011-03-01", id="one year after receipt, art. 15"),
        pytest.param("2008-02-29", None, "2009-02-28", id="29 February"),
        pytest.param("2010-03-01", "2011-03-02", "2011-03-02", id="as the depositary records"),
    ],
)
def test_a_denunciation_takes_effect_one_year_after_its_receipt(received, recorded, effective):
    assert denunciation_effective(opsc(received, "denunciation", recorded=recorded)) == day(effective)


@given(
    treaty=st.sampled_from(["OPSC", "CRC"]),
    deposited=st.dates(date(2000, 5, 25), date(2100, 12, 31)),
    kind=st.sampled_from(JOINING),
    recorded=st.none() | st.dates(date(2000, 5, 25), date(2101, 12, 31)),
)
def test_the_trail_begins_with_the_deposit_and_ends_on_the_day(treaty, deposited, kind, recorded):
    found = entry_into_force(
        action(treaty, deposited.isoformat(), kind, recorded=recorded.isoformat() if recorded else None)
    )
    assert found.trail[0].start == deposited
    assert found.trail[-1].end == found.day
    assert found.day == (recorded or found.computed or deposited)
