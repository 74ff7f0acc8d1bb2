"""Stacked columns and their scale, without a database."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.web.pictures.columns import Column, Layer, chart_of
from tracker.web.pictures.scale import Heights, Years

LAYERS = (Layer("good", "good", "is-good"), Layer("bad", "bad", "is-bad", "hatch"))


def a_column(name: str, good: int, bad: int = 0, **more: object) -> Column:
    return Column(name, {"good": good, "bad": bad}, **more)  # type: ignore[arg-type]  # any of its fields


def test_the_parts_are_stacked_from_the_ground_and_fill_the_picture() -> None:
    chart = chart_of([a_column("2020", 3, 1), a_column("2021", 0, 1)], LAYERS)
    first, second, third = chart.pieces
    assert (first.layer.css, first.y + first.high) == ("is-good", 180)
    assert (second.layer.css, second.y, second.y + second.high) == ("is-bad", 12, first.y)
    assert first.high == 3 * second.high
    assert third.x - first.x == 44
    assert chart.names == [(47, "2020"), (91, "2021")]


def test_a_layer_is_one_path() -> None:
    chart = chart_of([a_column("2020", 2, 2), a_column("2021", 0, 2)], LAYERS)
    assert [(layer.css, path) for layer, path in chart.paths] == [
        ("is-good", "M38 96.0h18v84.0h-18z"),
        ("is-bad", "M38 12.0h18v84.0h-18zM82 96.0h18v84.0h-18z"),
    ]


def test_many_columns_stand_closer_and_only_some_are_named() -> None:
    columns = [a_column(str(year), 1, named=year % 5 == 0) for year in range(2004, 2013)]
    few, many = (chart_of(some, LAYERS) for some in (columns[:8], columns))
    assert [name for _x, name in few.names] == [str(year) for year in range(2004, 2012)]
    assert few.pieces[1].x - few.pieces[0].x == 44
    assert [name for _x, name in many.names] == ["2005", "2010"]
    assert many.pieces[1].x - many.pieces[0].x == 26


def test_only_columns_with_an_address_are_links() -> None:
    chart = chart_of([a_column("2020", 1, href="/states/", says="2020: 1"), a_column("2021", 1)], LAYERS)
    assert [(one.x, one.href, one.says) for one in chart.hits] == [(34, "/states/", "2020: 1")]


def test_the_line_above_the_columns_has_their_scale() -> None:
    chart = chart_of([a_column("2020", 1, beside=2), a_column("2021", 2, beside=4)], LAYERS, tall=100)
    assert chart.line == "M34 62.0h44L78 12.0h44"


def test_pictures_that_are_compared_share_a_scale() -> None:
    chart = chart_of([a_column("2020", 5)], LAYERS, most=10, tall=100)
    assert chart.pieces[0].high == 50
    assert [n for _y, n in chart.heights.lines] == [0, 2, 4, 6, 8, 10]


def test_no_columns_give_no_pieces() -> None:
    assert chart_of([], LAYERS).pieces == []


@pytest.mark.parametrize(
    ("most", "lines"),
    [(0, [0, 1]), (1, [0, 1]), (4, [0, 1, 2, 3, 4]), (11, [0, 5, 10]), (437, [0, 100, 200, 300, 400])],
)
def test_a_scale_has_few_lines_however_high_the_numbers(most: int, lines: list[int]) -> None:
    assert [n for _y, n in Heights(most, 12, 168).lines] == lines


def test_a_year_is_as_wide_as_it_says_and_every_fifth_is_named() -> None:
    years = Years.around([date(2003, 5, 1), date(2011, 1, 1)], edge=10, wide=20)
    assert (years.first, years.last, years.at(date(2003, 1, 1)), years.end) == (2003, 2012, 10, 190)
    assert years.named == [(50, 2005), (150, 2010)]
