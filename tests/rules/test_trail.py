"""The steps of a trail: as sentences, stored and read back."""

from datetime import date

import pytest

from tracker.rules.trail import Step, for_export, place, place_in_full

IN_FORCE = Step(
    "OPSC art. 14(2)", date(2002, 12, 23), date(2003, 1, 23), "In force for the State, on %(end)s."
)
ASKED = Step(
    "CRC/C/OPSC/USA/CO/2",
    date(2015, 1, 23),
    date(2016, 1, 23),
    "The Committee, on %(day)s, asks for reports %(first)s to %(last)s.",
    day=date(2013, 2, 1),
    first=3,
    last=4,
)
OPEN = Step(
    "CRC/C/OPSC/USA/CO/2", date(2015, 1, 23), None, "None is due.", day=date(2013, 2, 1), first=3, last=3
)
YEARS = Step("OPSC art. 12(2)", date(2005, 1, 23), date(2010, 1, 23), "%(years)s years later.", years=5)


def test_a_sentence_shows_its_dates_in_words():
    assert IN_FORCE.sentence() == "In force for the State, on 23 January 2003."
    assert ASKED.sentence() == "The Committee, on 1 February 2013, asks for reports 3 to 4."
    assert YEARS.sentence() == "5 years later."


def test_a_sentence_can_be_translated_and_shown_otherwise():
    said = IN_FORCE.sentence(lambda text: text.replace("In force", "En vigueur"), date.isoformat)
    assert said == "En vigueur for the State, on 2003-01-23."


@pytest.mark.parametrize("step", [IN_FORCE, ASKED, OPEN, YEARS])
def test_what_is_stored_is_read_back_unchanged(step):
    assert Step.read(step.stored()) == step


def test_a_trail_is_exported_as_source_from_to_and_text():
    assert for_export((IN_FORCE, OPEN)) == [
        {
            "source": "OPSC art. 14(2)",
            "from": "2002-12-23",
            "to": "2003-01-23",
            "text": "In force for the State, on 23 January 2003.",
        },
        {"source": "CRC/C/OPSC/USA/CO/2", "from": "2015-01-23", "to": None, "text": "None is due."},
    ]


@pytest.mark.parametrize(
    ("source", "short", "in_words"),
    [
        ("OPSC art. 12(2)", "OPSC art. 12(2)", "Article 12(2)"),
        ("OPSC art. 16", "OPSC art. 16", "Article 16"),
        ("CRC art. 44(1)(b)", "CRC art. 44(1)(b)", "Article 44(1)(b) of the Convention"),
        (
            "CRC/C/OPSC/USA/CO/3-4, para. 50",
            "CRC/C/OPSC/USA/CO/3-4, para. 50",
            "CRC/C/OPSC/USA/CO/3-4, para. 50",
        ),
        ("Charter art. 3", "Charter art. 3", "Charter art. 3"),
        ("Depositary", "Depositary", ""),
    ],
)
def test_an_article_is_data_that_each_language_writes_in_its_way(
    source: str, short: str, in_words: str
) -> None:
    assert place(source) == short
    assert place_in_full(source) == in_words
    french = {
        "OPSC art. %(article)s(%(paragraph)s)": "OPSC, art. %(article)s, par. %(paragraph)s",
        "Depositary": "Dépositaire",
    }
    written = place(source, lambda text: french.get(text, text))
    assert written == {"OPSC art. 12(2)": "OPSC, art. 12, par. 2", "Depositary": "Dépositaire"}.get(
        source, source
    )
