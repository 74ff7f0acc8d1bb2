"""Where one day decides: equal dates on both sides of each rule."""

from tests.rules.build import CRC, GRID, carried, crc, decision, dues, facts, opsc, report, spans

# The United States: deposit 23 December 2002, in force 23 January 2003, not party to the CRC.
USA = opsc("2002-12-23")


def test_the_last_day_asked_for_is_included():
    assert [row.cycle for row in dues(facts(USA), until="2010-01-23")] == [1, 2]
    assert [row.cycle for row in dues(facts(USA), until="2010-01-22")] == [1]


def test_a_report_put_off_to_the_last_day_asked_for_is_included():
    put_off = facts(USA, decision("2016-01-23", "2013-02-01", "3-4"))
    assert [row.cycle for row in dues(put_off, until="2016-01-23")] == [1, 2, 3, 4]
    assert [row.cycle for row in dues(put_off, until="2016-01-22")] == [1, 2]


def test_a_report_put_off_beyond_the_last_day_is_kept_by_its_computed_day():
    put_off = facts(USA, decision("2016-01-23", "2013-02-01", "3"))
    assert spans(put_off, 3, until="2015-01-23") == [("2002-12-23", "2013-02-01"), ("2013-02-01", None)]
    assert spans(put_off, 3, until="2015-01-22") == []


def test_a_crc_report_due_on_the_day_a_crc_denunciation_takes_effect_is_still_carried():
    # CRC in force 7 February 1991 (Norway): report 4 due 7 February 2008.
    norway = (opsc("2001-10-02"), crc("1991-01-08"), report("2005-01-01"))
    left_on_the_day = facts(*norway, crc("2007-02-07", "denunciation"))
    left_a_day_before = facts(*norway, crc("2007-02-06", "denunciation"))
    assert [row.cycle for row in carried(left_on_the_day, periodic_rule=GRID)] == [4]
    assert carried(left_a_day_before, periodic_rule=GRID) == []


def test_a_report_that_ceased_on_the_day_it_arose_was_never_owed():
    # Carried reports arise with the initial report; here the denunciation is received on that very day.
    norway = (opsc("2001-10-02"), crc("1991-01-08"), opsc("2009-01-23", "denunciation"))
    on_the_day = facts(*norway, report("2009-01-23"))
    a_day_before = facts(*norway, report("2009-01-22"))
    assert spans(on_the_day, 5, CRC, periodic_rule=GRID) == []
    assert spans(a_day_before, 5, CRC, periodic_rule=GRID) == [("2009-01-22", "2009-01-23")]
