"""What people type in their language: days counted from today, and the digits of other scripts."""

import pytest

from tests.factories import day
from tracker.languages import cached, typed
from tracker.languages.known import LANGUAGES, speaking
from tracker.languages.typed import bare, closed_figures, figures, relative_day
from tracker.languages.writing import read_day
from tracker.web.ui.form_fields import HOW_TO_WRITE_A_DAY

TODAY = day("2026-11-30")


@pytest.mark.parametrize(
    ("on", "texts"),
    [
        ("2026-11-29", "yesterday|Yesterday|hier|Ayer|вчера|昨天|أمس|امس"),
        ("2026-11-30", "today|aujourd’hui|aujourd'hui|hoy|сегодня|今天|اليوم"),
        ("2026-12-01", " tomorrow |demain|mañana|manana|Завтра|明天|غدًا|غدا"),
        ("2027-02-28", "in 3 months|dans 3 mois|en 3 meses|dentro de 3 meses|через 3 месяца"),
        ("2027-02-28", "3个月后|3 个月之后|三个月后|بعد 3 أشهر|بعد ٣ اشهر"),
        ("2026-12-07", "in a week|dans une semaine|en una semana|через неделю|через 1 неделю|一周后|بعد أسبوع"),
        ("2026-12-14", "in 2 weeks|через 2 недели|两星期后|بعد أسبوعين"),
        ("2024-11-30", "2 years ago|il y a 2 ans|Hace 2 años|2 года назад|2 года тому назад|2年前|منذ سنتين|قبل سنتين"),
        ("2026-11-20", "10 days ago|il y a 10 jours|hace 10 días|10 дней назад|10天前"),
        ("2026-11-20", "１０天前|منذ 10 أيام|قبل ١٠ أيام"),
        ("2026-11-09", "21 days ago|21 день назад|منذ 21 يوماً"),
    ],
)  # fmt: skip
def test_a_day_can_be_counted_from_today_in_each_language(on: str, texts: str) -> None:
    understood = {text: relative_day(text, TODAY) for text in texts.split("|")}
    assert understood == dict.fromkeys(understood, day(on))
    with speaking("zh"):
        assert {text: relative_day(text, TODAY) for text in understood} == understood


@pytest.mark.parametrize(
    "text",
    [
        "", "3 months", "3 mois", "месяц", "in 3 months ago", "last week", "in 1000 years", "2003-01-23", "in weeks",
        "in 1 0 days", "hier soir", "3月后", "через", "dans 3", "في 3 أشهر مضت", "999 years ago ago",
    ],
)  # fmt: skip
def test_what_says_neither_before_nor_after_today_is_not_counted(text: str) -> None:
    assert relative_day(text, TODAY) is None


def test_a_day_before_all_calendars_is_none() -> None:
    assert relative_day("999 years ago", day("0998-01-01")) is None


@pytest.mark.parametrize("code", [one.code for one in LANGUAGES])
def test_the_hint_under_a_field_offers_a_word_that_is_understood(code: str) -> None:
    with speaking(code):
        hint = str(HOW_TO_WRITE_A_DAY).rstrip(".。»\xa0")
    offered = max(
        (hint.rpartition(mark)[2] for mark in (" ", "或", "«\xa0")),
        key=lambda word: bool(relative_day(word, TODAY)),
    )
    assert relative_day(offered, TODAY) == day("2026-11-29"), hint
    assert ("yesterday" in hint) == (code == "en")


@pytest.mark.parametrize(
    "text",
    [
        "٢٠٠٣-٠١-٢٣",
        "۲۰۰۳-۰۱-۲۳",
        "２００３－０１－２３",
        "２３／０１／２００３",
        "٢٣ يناير ٢٠٠٣",
        "２００３年１月２３日",
    ],
)
def test_days_in_the_digits_of_other_scripts_are_read(text: str) -> None:
    assert read_day(text) == day("2003-01-23")


def test_only_whole_digits_become_figures() -> None:
    assert figures("٣ and ³, ½, Ⅲ, ３／４") == "3 and ³, ½, Ⅲ, 3/4"


@pytest.mark.parametrize(
    ("one", "other"),
    [("متأخِّرة", "متاخره"), ("إِلى", "الي"), ("الـتـقـرير", "التقرير"), ("Счёт", "счет"), ("L’État", "letat")],
)
def test_letters_that_people_write_for_each_other_are_the_same(one: str, other: str) -> None:
    assert bare(one) == bare(other)


def test_a_list_of_words_with_slips_is_read_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    slips = {
        "week, weeks": "week=x, weeks,, week=²",
        "in %(n)s %(unit)s": "later, in %(n)s %(unit)s, %(n)s %(n)s %(unit)s, %(unit)s",
    }
    monkeypatch.setattr(typed, "pgettext", lambda _context, text: slips.get(text, text))
    cached.forget()
    try:
        assert relative_day("in 2 weeks", day("2026-11-30")) == day("2026-12-14")
        assert relative_day("later", day("2026-11-30")) is None
    finally:
        cached.forget()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("31,800", "31800"), ("31 800", "31800"), ("31\u202f800 ", "31800"),
        ("31.800", "31800"), ("1’234’567", "1234567"),
        ("٣١٨٠٠", "31800"), ("9.5", "9.5"), ("10,7", "10,7"), ("31,8000", "31,8000"),
    ],
)  # fmt: skip
def test_signs_are_dropped_before_three_figures_alone(text: str, number: str) -> None:
    assert closed_figures(text) == number
