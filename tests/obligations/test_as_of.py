"""What was owed on a day, from facts and from stored obligations."""

from datetime import date, timedelta

import pytest

from tests.depth import first
from tests.factories import a_state, asks, day, decides, denounces, derive, joins, receives, signs
from tests.obligations.conftest import LOADED_ON
from tests.obligations.readings import by_rules, by_sql
from tracker.obligations.models import Obligation
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

# --- made-up States: what was owed on a day ----------------------------------------------


def a_world() -> None:
    """States in which everything happens that makes the past differ from the present, and what they owe."""
    usa = a_state("USA", name="United States of America")
    signs(usa, on="2000-07-05")
    joins(usa, on="2002-12-23", effective_on="2003-01-23")
    receives(usa, "2007-05-10")
    receives(usa, "2010-01-25", "periodic", "2")
    receives(usa, "2016-01-22", "periodic", "3-4")
    decides(usa, "2016-01-23", on="2013-02-01", cycles="3-4", document="CO/2")
    decides(usa, "2022-01-23", on="2017-06-02", cycles="5", document="CO/3-4")
    asks(usa, "2012-11-15", on="2012-07-10", received_on="2012-12-28", document="Q/2")  # a late reply
    asks(usa, "2014-02-01", on="2013-02-01", kind="follow-up", document="CO/2")  # none
    asks(usa, "2027-03-01", on="2026-11-22", kind="other", document="NV/2026")
    asks(usa, "2040-01-01", on="2025-09-01", kind="other", document="beyond the horizon")

    waits = a_state("SOM", name="Somalia")  # to be communicated, then a date, then waived
    joins(waits, on="2004-03-31")
    decides(waits, None, on="2010-06-11", cycles="2", outcome="to be communicated", document="CO/1")
    decides(waits, "2014-03-01", on="2012-02-03", cycles="2", document="LOIPR/2")
    decides(waits, None, on="2015-06-05", cycles="2", outcome="waived", document="NV/2015")

    twice = a_state("FRA", name="France")  # two decisions on one day: the one entered last counts
    joins(twice, on="2003-02-05")
    decides(twice, "2012-01-01", on="2009-06-12", cycles="2", document="CO/1")
    decides(twice, "2013-01-01", on="2009-06-12", cycles="2", document="CO/1/Corr.1")
    decides(twice, "2014-01-01", on="2012-06-15", cycles="2", document="LOIPR/2")

    leaver = a_state("PRK", name="a State that left")
    joins(leaver, on="2003-06-01")
    receives(leaver, "2006-02-28")
    denounces(leaver, on="2012-05-15")
    asks(leaver, "2013-05-15", on="2012-02-03", document="before it took effect")
    asks(leaver, "2013-05-16", on="2012-02-03", document="after it took effect")
    asks(leaver, "2013-05-16", on="2012-05-15", document="after the notice")

    late = a_state("SSD", name="South Sudan")  # its own series, then the CRC's
    joins(late, on="2005-01-31")
    receives(late, None, reviewed_on="2009-10-02")
    joins(late, "CRC", on="2015-01-23", kind="accession")
    receives(late, "2016-05-01", "periodic", "2", carried_by="CRC report")

    norway = a_state("NOR", name="Norway", records_from="2007-01-01")
    joins(norway, on="2001-10-02")
    asks(norway, "2005-01-15", on="2004-10-01", document="before the records begin")
    asks(norway, "2008-01-15", on="2007-10-01", received_on="2008-01-15", document="Q")
    joins(norway, "CRC", on="1991-01-08")
    receives(norway, None, reviewed_on="2005-06-03")
    # Computed 2003-02-07, before the initial report was known; moved past it, twice.
    decides(norway, "2006-06-01", on="2005-09-30", cycles="3", document="CRC/C/15/Add.263")
    decides(norway, "2008-02-07", on="2006-01-27", cycles="3", document="CRC/C/NOR/CO/3")
    decides(norway, None, on="2018-06-01", cycles="6", outcome="to be communicated", document="CO/5-6")
    decides(norway, "2040-01-01", on="2025-09-01", cycles="7", document="LOIPR/7")  # beyond the horizon

    revised = a_state("AUT", name="Austria")
    joins(revised, on="2004-05-06")
    first = receives(revised, "2008-01-15")
    receives(revised, "2007-02-20", revises=first)
    decides(revised, "2007-12-31", on="2006-02-01", kind="initial", cycles="1")

    montenegro = a_state("MNE", name="Montenegro")
    joins(montenegro, on="2006-10-23", kind="succession", effective_on="2006-06-03")
    joins(montenegro, "CRC", on="2006-10-23", kind="succession", effective_on="2006-06-03")
    receives(montenegro, "2010-05-25")
    derive("2026-11-22")


# The days on which something happens in that world, each with the day before.
TURNS = [
    "2002-12-23",
    "2004-03-31",
    "2005-06-03",
    "2005-09-30",
    "2006-01-27",
    "2006-10-23",
    "2007-02-20",
    "2009-06-12",
    "2009-10-02",
    "2010-06-11",
    "2012-02-03",
    "2012-05-15",
    "2012-07-10",
    "2012-11-16",
    "2012-12-28",
    "2013-02-01",
    "2013-05-15",
    "2013-05-17",
    "2015-01-23",
    "2015-06-05",
    "2017-06-02",
    "2018-06-01",
    "2025-09-01",
    "2026-11-22",
]


@pytest.mark.parametrize("rule", first(1, ["article-12-2", "plain"]))
def test_every_turn_of_the_facts_reads_alike_from_facts_and_from_stored_obligations(settings, rule):
    settings.PERIODIC_RULE = rule
    a_world()
    for turn in TURNS:
        for today in (day(turn) - timedelta(days=1), day(turn)):
            expected = by_rules(today)
            assert by_sql(today) == expected, today
            assert by_sql(today, day("2026-11-22")) == expected, today


def the_state_of(iso3: str, cycle: int, today: str) -> tuple[str | None, str, str] | None:
    row = Obligation.objects.as_of(day(today)).filter(state=iso3, kind="periodic", cycle=cycle).first()
    return row and (row.due and row.due.isoformat(), row.source, row.status)


def test_a_decision_counts_from_its_day_on_and_the_one_before_it_until_then():
    a_world()
    assert [
        the_state_of("SOM", 2, on) for on in ("2010-06-10", "2010-06-11", "2012-02-03", "2015-06-05")
    ] == [
        ("2011-04-30", "rule", "due within 12 months"),
        (None, "to be communicated", "to be communicated"),
        ("2014-03-01", "committee", "not yet due"),
        (None, "committee", "waived"),
    ]


def the_reply_of(iso3: str, number: int, today: str) -> tuple[str, str, str] | None:
    row = Obligation.objects.as_of(day(today)).filter(state=iso3, kind="information", cycle=number).first()
    return row and (row.due.isoformat(), row.source, row.status)


def test_a_request_is_read_from_its_issue_on_and_its_reply_from_its_receipt_on():
    a_world()
    days = ("2012-07-09", "2012-07-10", "2012-11-15", "2012-11-16", "2012-12-27", "2012-12-28")
    assert [the_reply_of("USA", 1, on) for on in days] == [
        None,
        ("2012-11-15", "committee", "due within 12 months"),
        ("2012-11-15", "committee", "due within 12 months"),
        ("2012-11-15", "committee", "overdue"),
        ("2012-11-15", "committee", "overdue"),
        ("2012-11-15", "committee", "received late"),
    ]
    assert the_reply_of("NOR", 1, "2026-11-22") == ("2005-01-15", "committee", "no record")
    assert the_reply_of("NOR", 2, "2026-11-22") == ("2008-01-15", "committee", "received on time")


def test_a_request_is_owed_no_more_from_the_notice_of_a_denunciation_on():
    a_world()
    read = {
        on: [the_reply_of("PRK", number, on) for number in (1, 2, 3)] for on in ("2012-05-14", "2012-05-15")
    }
    open_until = [("2013-05-15", "committee", "not yet due"), ("2013-05-16", "committee", "not yet due")]
    assert read == {
        "2012-05-14": [*open_until, None],
        "2012-05-15": [("2013-05-15", "committee", "due within 12 months"), None, None],
    }


def test_what_a_state_owes_no_more_is_gone_from_the_day_of_its_notice():
    a_world()
    assert the_state_of("PRK", 3, "2012-05-14") == ("2015-07-01", "rule", "not yet due")
    assert the_state_of("PRK", 3, "2012-05-15") is None
    assert the_state_of("PRK", 2, "2026-11-22") == ("2010-07-01", "rule", "overdue")


def test_overdue_lists_the_longest_first():
    old, new = a_state("BEN"), a_state("BFA")
    joins(old, on="2005-01-31")
    joins(new, on="2006-03-31")
    derive("2026-11-22")
    found = Obligation.objects.overdue(on=date(2008, 5, 1))
    assert [(row.state_id, row.due) for row in found] == [
        ("BEN", day("2007-02-28")),
        ("BFA", day("2008-04-30")),
    ]


def test_due_soon_lists_the_soonest_first():
    soon, later = a_state("BEN"), a_state("BFA")
    joins(later, on="2006-03-31")
    joins(soon, on="2006-02-28")
    derive("2026-11-22")
    found = Obligation.objects.due_soon(on=date(2007, 5, 1))
    assert [row.state_id for row in found] == ["BEN", "BFA"]


def test_an_obligation_that_is_not_expected_is_nowhere():
    state = a_state("BEN")
    joins(state, on="2005-01-31")
    derive("2026-11-22")
    Obligation.objects.update(expected=False)
    assert not Obligation.objects.as_of(LOADED_ON).exists()


def test_records_from_is_read_as_it_stands():
    state = a_state("BEN")
    joins(state, on="2005-01-31")
    derive("2026-11-22")
    State.objects.update(records_from=day("2025-12-04"))
    row = Obligation.objects.as_of(LOADED_ON).get(kind="initial")
    assert (row.status, row.band) == ("no record", None)
