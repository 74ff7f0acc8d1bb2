"""The trail as running text, as `explain` and the exports print it."""

from tests.rules.build import GRID, crc, dues, facts, opsc, report, the_row
from tracker.rules.trail import in_full


def test_a_diplomat_can_read_why_the_initial_report_is_due():
    (initial, *_) = dues(facts(opsc("2002-12-23")))
    assert in_full(initial.trail) == (
        "Instrument of ratification deposited on 23 December 2002. Article 14(2): In force for the State one "
        "month after the deposit, on 23 January 2003. Article 12(1): Initial report within two years of entry "
        "into force, by 23 January 2005."
    )


def test_a_report_under_the_convention_names_the_convention_s_articles():
    found = facts(opsc("2001-10-02"), crc("1991-01-08"), report("2005-01-01"))
    assert in_full(the_row(dues(found, periodic_rule=GRID), 4, "CRC report").trail) == (
        "Instrument of ratification deposited on 8 January 1991. Article 49(2) of the Convention: Convention in "
        "force for the State on the thirtieth day after the deposit, 7 February 1991. Article 12(2): The initial "
        "report was received on 1 January 2005; from then on each report under the Convention carries the "
        "information on the Protocol. Article 44(1) of the Convention: Report 4 under the Convention: two years "
        "after its entry into force and every five years from then, here 17 years, by 7 February 2008."
    )


def test_a_succession_with_a_recorded_day_says_which():
    (initial, *_) = dues(facts(opsc("2006-10-23", "succession", recorded="2006-06-03")))
    assert in_full(initial.trail) == (
        "Succession notified on 23 October 2006. The depositary records that the succession took effect on 3 June "
        "2006. Article 12(1): Initial report within two years of entry into force, by 3 June 2008."
    )
