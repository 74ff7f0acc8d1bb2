"""`explain`: what a State owes and why, in sentences."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError

from tests.obligations.readings import as_json, run
from tracker.rules.trail import Step, in_full

DEPOSIT = "Instrument of ratification deposited on 23 December 2002."
IN_FORCE = "Article 14(2): In force for the State one month after the deposit, on 23 January 2003."
INITIAL = "Article 12(1): Initial report within two years of entry into force, by 23 January 2005."


@pytest.mark.django_db
@pytest.mark.usefixtures("shipped", "today")
class TestCommand:
    def test_the_initial_report_of_the_usa(self):
        out, err = run("explain", "USA", "--as-of", "2004-01-01")
        assert out.splitlines()[:2] == [
            "Initial report, due on 23 January 2005: not yet due.",
            f"  {DEPOSIT} {IN_FORCE} {INITIAL}",
        ]
        assert err == ""

    def test_the_committees_word_is_told_with_its_document(self):
        lines = run("explain", "usa")[0].splitlines()
        assert lines[8] == "Periodic report 5, due on 23 January 2022: received on time."
        assert lines[9].endswith(
            "Article 12(2): Every five years from then: 20 years later, report 5 by 23 January 2025. "
            "CRC/C/OPSC/USA/CO/3-4: The Committee, on 2 June 2017, asks for report 5 by 23 January 2022; "
            "the document prints no exact day, so the day is inferred, to be confirmed."
        )

    def test_as_json(self):
        rows = as_json("explain", "USA")
        assert len(rows) == 7
        assert rows[0] == {
            "state": "USA",
            "kind": "initial",
            "cycle": 1,
            "due_on": "2005-01-23",
            "status": "received late",
            "text": f"{DEPOSIT} {IN_FORCE} {INITIAL}",
        }

    def test_as_csv(self):
        rows = list(csv.DictReader(StringIO(run("explain", "NOR", "--format", "csv")[0])))
        assert (rows[1]["cycle"], rows[1]["due_on"], rows[1]["status"]) == (
            "5",
            "2016-12-31",
            "received on time",
        )
        assert (
            "CRC/C/NOR/CO/4: The Committee, on 29 January 2010, asks for reports 5 to 6 combined in the year that ends "
            "on 31 December 2016; the document prints the year alone, so the report is late only after that day."
        ) in rows[1]["text"]

    def test_who_owes_nothing_is_told(self):
        out, err = run("explain", "IRL", "--format", "json")
        assert out == "[]\n"
        assert err == "IRL owes no report on 22 November 2026: it had not joined the OPSC.\n"

    def test_a_year_alone_and_what_awaits_review_are_told(self):
        *_, heading, text = run("explain", "IRN")[0].splitlines()
        assert heading == "Reports 5-6 under the CRC, due in 2021: received late."
        assert text.endswith(
            "Practice of the Committee: The report was received on 31 October 2023 and awaits the Committee's "
            "review; no later report is due until the Committee sets its date."
        )

    def test_a_date_not_recorded_is_told_with_the_last_observations(self):
        *_, heading, text = run("explain", "GAB")[0].splitlines()
        assert heading == "Next report under the CRC: date not recorded."
        assert text.endswith(
            "CRC/C/GAB/CO/2: The last concluding observations known here were adopted on 3 June 2016. Article "
            "44(1)(b) of the Convention: No document with the date of the next report is recorded here, so no date "
            "counts. The five-year calendar of article 44(1)(b) alone would give 11 March 2021."
        )
        assert as_json("explain", "GAB")[1]["cycle"] is None

    def test_a_printed_date_that_differs_is_told(self):
        (initial, *_) = as_json("explain", "DNK")
        assert initial["due_on"] == "2005-08-24"
        assert initial["text"].endswith(" The United Nations print another due date: 2004.")
        assert "United Nations" not in as_json("explain", "USA")[0]["text"]

    def test_a_state_has_to_be_named(self):
        with pytest.raises(CommandError, match="required: ISO3"):
            run("explain")


def test_a_trail_in_full_can_be_translated():
    step = Step("OPSC art. 14(2)", date(2002, 12, 23), date(2003, 1, 23), "In force on %(end)s.")
    french = {
        "Article %(article)s(%(paragraph)s)": "Article %(article)s, paragraphe %(paragraph)s",
        "%(source)s: %(sentence)s": "%(source)s : %(sentence)s",
        "In force on %(end)s.": "En vigueur le %(end)s.",
    }
    said = "Article 14, paragraphe 2 : En vigueur le 2003-01-23."
    assert in_full((step,), french.__getitem__, date.isoformat) == said
    assert in_full(()) == ""
