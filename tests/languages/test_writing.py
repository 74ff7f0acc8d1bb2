"""Days in the six languages: written as the documents of the United Nations write them, and read again."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from tests.factories import day
from tracker.languages.known import LANGUAGES, speaking
from tracker.languages.writing import (
    in_words,
    minute_in_words,
    moment,
    month_in_words,
    number,
    read_day,
    read_month,
    sheet_format,
    short_month,
    together,
)
from tracker.obligations.wording import span
from tracker.rules.dates import NotADay


# The patterns are those of CRC/C/OPSC/TGO/CO/1 (fr), CRC/C/OPSC/TKM/CO/1 (ru), CRC/C/OPSC/NPL/CO/1 (zh) and the
# status tables of the Committee (ar).
@pytest.mark.parametrize(
    ("code", "usual", "first", "month"),
    [
        ("en", "23 January 2005", "1 August 2018", "June 2018"),
        ("fr", "23 janvier 2005", "1er août 2018", "juin 2018"),
        ("es", "23 de enero de 2005", "1 de agosto de 2018", "junio de 2018"),
        ("ru", "23 января 2005 года", "1 августа 2018 года", "июнь 2018 года"),
        ("zh", "2005年1月23日", "2018年8月1日", "2018年6月"),
        ("ar", "23 كانون الثاني/يناير 2005", "1 آب/أغسطس 2018", "حزيران/يونيه 2018"),
    ],
)
def test_a_day_is_written_as_each_language_writes_it(code: str, usual: str, first: str, month: str) -> None:
    with speaking(code):
        assert in_words(date(2005, 1, 23)) == usual
        assert in_words(date(2018, 8, 1)) == first
        assert month_in_words(date(2018, 6, 30)) == month


def test_a_moment_is_in_utc_and_says_so() -> None:
    at = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    assert minute_in_words(at) == "22 November 2026, 09:05"
    assert moment(at) == "22 November 2026, 09:05 UTC"
    with speaking("fr"):
        assert minute_in_words(at) == "22 novembre 2026, 09:05"
        assert short_month(at.date()) == "nov. 2026"


@given(st.dates(date(1989, 1, 1), date(2040, 12, 31)), st.sampled_from([one.code for one in LANGUAGES]))
def test_a_day_that_is_written_can_be_read_again(written: date, code: str) -> None:
    with speaking(code):
        text = in_words(written)
    assert read_day(text) == written


@pytest.mark.parametrize("code", [one.code for one in LANGUAGES])
def test_a_month_that_is_written_can_be_read_again(code: str) -> None:
    for value in range(1, 13):
        month = date(2018, value, 1)
        with speaking(code):
            texts = month_in_words(month), short_month(month)
        assert [read_month(text) for text in texts] == [month, month]


@pytest.mark.parametrize("text", ["", "2018", "13 2018", "mai", "Foo 2018", "2018年13月", "3 mai 2018"])
def test_what_names_no_month_is_refused(text: str) -> None:
    with pytest.raises(NotADay):
        read_month(text)


@pytest.mark.parametrize("text", ["23 كانون الثاني 2005", "23 يناير 2005", "\u206823 يناير 2005\u2069"])
def test_one_of_the_two_arabic_names_of_a_month_is_enough(text: str) -> None:
    assert read_day(text) == date(2005, 1, 23)


# --- as people write them ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["2003-01-23", "23 Jan 2003", "23 January 2003", "23 JAN. 2003", "23-Jan-2003", "23/01/2003", "23.01.2003",
     "23/1/2003", "  23  Jan 2003 "],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert read_day(text) == date(2003, 1, 23)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("19 sept 2002", "2002-09-19"),
        ("15 juil. 2009", "2009-07-15"),
        ("22 févr 2001", "2001-02-22"),
        ("1er août 2003", "2003-08-01"),
        ("2 de enero de 2003", "2003-01-02"),
        ("5 dic 2003", "2003-12-05"),
        ("5 мая 2003", "2003-05-05"),
        ("2003-09-25T00:00:00Z", "2003-09-25"),
        ("2003-09-25 00:00:00", "2003-09-25"),
        ("2003-09-25T00:00:00.000+00:00", "2003-09-25"),
        ("25/09/2003 00:00", "2003-09-25"),
    ],
)
def test_months_of_other_languages_and_the_midnight_of_a_database_are_read(text: str, on: str) -> None:
    assert read_day(text) == day(on)


@pytest.mark.parametrize("text", ["9 Sept 2002", "9 Sep 2002", "09/09/2002"])
def test_a_day_that_can_be_only_one_is_read(text: str) -> None:
    assert read_day(text) == date(2002, 9, 9)


def test_a_day_that_could_be_two_is_refused_with_both() -> None:
    with pytest.raises(NotADay) as caught:
        read_day("03/04/2005")
    assert caught.value.candidates == (date(2005, 4, 3), date(2005, 3, 4))


@pytest.mark.parametrize(
    "text",
    ["", "2003", "Jan 2003", "31/02/2003", "2003-13-01", "2003-02-30", "01/23/2003", "23/01/03", "23 Foo 2003", "37644",
     "23/01.2003", "2003-1-2", "٢٣/٠١/٠٣", "23 Jan 2003 a", "0 Jan 2003", "23 Jan 0000", "23 May2003",
     "23 jui 2003", "23 ma 2003", "2003-01-23T23:00:00Z", "2003-01-23T00:00:00+02:00"],
)  # fmt: skip
def test_what_names_no_day_is_refused(text: str) -> None:
    with pytest.raises(NotADay) as caught:
        read_day(text)
    assert caught.value.candidates == ()


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("en", "1,234,567"), ("zh", "1,234,567"), ("ar", "1,234,567"), ("fr", "1\u202f234\u202f567"),
        ("ru", "1\xa0234\xa0567"), ("es", "1\xa0234\xa0567"),
    ],
)  # fmt: skip
def test_thousands_stand_apart_as_each_language_writes_them(code: str, written: str) -> None:
    with speaking(code):
        assert (number(1234567), number(999)) == (written, "999")


@pytest.mark.parametrize(
    ("code", "format_"),
    [
        ("en", "d mmmm yyyy"), ("fr", "d mmmm yyyy"), ("ar", "d mmmm yyyy"), ("es", 'd" de "mmmm" de "yyyy'),
        ("ru", 'd mmmm yyyy" года"'), ("zh", 'yyyy"年"m"月"d"日"'),
    ],
)  # fmt: skip
def test_a_workbook_writes_days_in_the_order_of_the_language(code: str, format_: str) -> None:
    with speaking(code):
        assert sheet_format() == format_


def test_sentences_stand_apart_but_not_in_chinese() -> None:
    assert together(["One.", "", "Two."]) == "One. Two."
    with speaking("zh"):
        assert together(["一。", "二。"]) == "一。二。"
        assert span(date(2020, 1, 1), date(2022, 4, 1)) == "2年3个月"
