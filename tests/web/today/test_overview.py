"""The pictures of the first page: the status of States, the tiles, the years; as functions, and on the shipped data."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import all_of, one_of, read, words
from tracker.obligations.queries import standings
from tracker.obligations.queries.standings import NOTHING, OUTSIDE, SIGNATORY, StandingRow
from tracker.registry.models import State
from tracker.rules.entry_into_force import ActionFact, ActionKind, TreatyCode
from tracker.rules.facts import Facts
from tracker.rules.status import Status
from tracker.web.pictures import trend
from tracker.web.today import tiles

FROM_WORST_TO_BEST = [
    "overdue",
    "no record",
    "due within 12 months",
    "to be communicated",
    "date not recorded",
    "not yet due",
    "received late",
    "received, date unknown",
    "received on time",
    "waived",
]


def a_row(status: str = "overdue", due: str | None = "2020-03-01", **fields: Any) -> StandingRow:
    """An obligation of Norway; `received_on` as ISO text."""
    received = fields.pop("received_on", None)
    given = {"kind": "periodic", "cycle": 2, "carried_by": "own", "subject": "", "band": None} | fields
    return StandingRow(
        state_id="NOR",
        due=date.fromisoformat(due) if due else None,
        status=status,
        received_on=date.fromisoformat(received) if received else None,
        **given,
    )


def acted(*actions: tuple[str, str]) -> Facts:
    """The treaty actions on the OPSC, with their days."""
    return Facts(
        tuple(ActionFact(TreatyCode.OPSC, ActionKind(kind), date.fromisoformat(day)) for kind, day in actions)
    )


PARTY = acted(("signature", "2000-09-06"), ("ratification", "2001-10-02"))


# --- the status of a State ------------------------------------------------------------------------


def test_every_status_has_its_place_in_the_order() -> None:
    assert [
        one for one in standings.STANDINGS if one not in (NOTHING, SIGNATORY, OUTSIDE)
    ] == FROM_WORST_TO_BEST
    assert set(FROM_WORST_TO_BEST) == {status.value for status in Status}
    assert tiles.CLASSES.keys() == standings.STANDINGS.keys()


@pytest.mark.parametrize("at", range(len(FROM_WORST_TO_BEST)))
def test_the_worst_status_stands_for_the_state(at: int) -> None:
    rows = [a_row(status, kind="initial") for status in reversed(FROM_WORST_TO_BEST[at:])]
    assert standings.standing_of(rows, PARTY, TODAY) == FROM_WORST_TO_BEST[at]


def test_a_periodic_report_without_record_does_not_hide_what_is_known() -> None:
    rows = [a_row("no record"), a_row("not yet due", cycle=3)]
    assert standings.standing_of(rows, PARTY, TODAY) == "not yet due"
    assert standings.standing_of(rows[:1], PARTY, TODAY) == "no record"


def test_who_owes_nothing_stands_by_what_it_has_done() -> None:
    left = acted(("ratification", "2001-10-02"), ("denunciation", "2010-03-01"))
    assert standings.standing_of([], Facts(), TODAY) == OUTSIDE
    assert standings.standing_of([], acted(("signature", "2000-09-06")), TODAY) == SIGNATORY
    assert standings.standing_of([], PARTY, TODAY) == NOTHING
    assert standings.standing_of([], left, date(2011, 2, 28)) == NOTHING
    assert standings.standing_of([], left, date(2011, 3, 1)) == OUTSIDE


def test_a_state_that_has_left_stands_by_what_it_still_owes() -> None:
    left = acted(("ratification", "2001-10-02"), ("denunciation", "2010-03-01"))
    assert standings.standing_of([a_row("overdue")], left, TODAY) == "overdue"


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([a_row("overdue", "2014-05-12", kind="initial")], "initial report, overdue 12 years 6 months"),
        (
            [a_row("overdue", "2016-03-01", cycle=3), a_row("overdue", "2021-03-01", cycle=4)],
            "periodic report 3, overdue 10 years 8 months, and 1 more",
        ),
        ([a_row("due within 12 months", "2027-05-22")], "periodic report 2, due in 6 months"),
        ([a_row("no record", "2008-02-07")] * 3, "periodic report 2, no record, and 2 more"),
        (
            [a_row("not yet due", "2030-01-23"), a_row("not yet due", "2035-01-23")],
            "periodic report 2, due 23 January 2030",
        ),
        (
            [
                a_row("received late", "2005-01-23", kind="initial", received_on="2007-05-10"),
                a_row("received late", "2010-01-23", received_on="2010-02-25"),
            ],
            "periodic report 2, received, 1 month late",
        ),
        ([a_row("to be communicated", None)], "periodic report 2, date to be communicated"),
        ([a_row("waived", None)], "periodic report 2, waived"),
    ],
)  # fmt: skip
def test_a_tile_says_how_the_state_stands(rows: list[StandingRow], says: str) -> None:
    standing = standings.standing_of(rows, PARTY, TODAY)
    assert standings.standing_in_words(standing, rows, TODAY) == says


def test_a_tile_of_a_state_outside_says_so() -> None:
    assert standings.standing_in_words(SIGNATORY, [], TODAY) == "signatory, not a party"
    assert standings.standing_in_words(OUTSIDE, [], TODAY) == "neither signatory nor party"


def test_the_map_has_a_block_for_each_group_and_one_for_states_without() -> None:
    states = [State(iso3="NOR", name="Norway", region="WEOG"), State(iso3="XKA", name="Elsewhere", region="")]
    blocks, legend = tiles.tile_map(states, [a_row("overdue")], {"NOR": PARTY}, TODAY)
    assert [(block.code, str(block.label), [tile.iso3 for tile in block.tiles]) for block in blocks] == [
        ("WEOG", "Western European and other States", ["NOR"]),
        ("", "No regional group recorded", ["XKA"]),
    ]
    assert [(str(key.label), key.count) for key in legend] == [
        ("overdue", 1),
        ("neither signatory nor party", 1),
    ]


# --- timeliness by year --------------------------------------------------------------------------


def test_a_report_counts_in_the_year_in_which_it_fell_due() -> None:
    rows = [
        a_row("received on time", "2020-01-01", received_on="2019-11-01"),
        a_row("received late", "2020-12-31", received_on="2022-03-01"),
        a_row("received, date unknown", "2020-06-01"),
        a_row("overdue", "2022-11-22"),
        a_row("no record", "2022-01-01"),
    ]
    years = trend.years_of(rows, TODAY)
    assert [(year.year, list(year.counts.values()), year.total) for year in years] == [
        (2020, [1, 1, 1, 0, 0], 3),
        (2021, [0, 0, 0, 0, 0], 0),
        (2022, [0, 0, 0, 1, 1], 2),
    ]


def test_what_has_not_fallen_due_counts_in_no_year() -> None:
    rows = [
        a_row("due within 12 months", "2026-12-01"),
        a_row("not yet due", "2030-01-23"),
        a_row("received on time", "2027-01-23", received_on="2026-01-02"),
        a_row("to be communicated", None),
        a_row("waived", None),
        a_row("overdue", "2020-03-01", kind="information", subject="follow-up"),
    ]
    assert trend.years_of(rows, TODAY) == []


def test_the_current_year_ends_with_the_day() -> None:
    years = trend.years_of([a_row("overdue", "2025-05-01"), a_row("overdue", "2026-05-01")], TODAY)
    assert [(year.since, year.until) for year in years] == [
        (date(2025, 1, 1), date(2025, 12, 31)),
        (date(2026, 1, 1), TODAY),
    ]


def test_no_report_gives_no_year() -> None:
    assert trend.years_of([], TODAY) == []


def test_only_every_fifth_year_is_named() -> None:
    years = trend.years_of([a_row("no record", f"{year}-03-01") for year in range(2004, 2013)], TODAY)
    assert [one.name for one in trend.columns_of(years) if one.named] == ["2005", "2010"]


def test_each_band_begins_where_the_one_before_ends() -> None:
    rows = [a_row(band="under_1")] * 3 + [a_row(band="from_5_to_10")] * 2 + [a_row("no record")]
    assert [(one["band"], one["start"], one["count"]) for one in trend.bands_of(rows)] == [
        ("under_1", 0, 3),
        ("from_1_to_5", 3, 0),
        ("from_5_to_10", 3, 2),
        ("over_10", 5, 0),
    ]


# --- on the page ---------------------------------------------------------------------------------


@pytest.fixture
def page(shipped: None, staff: Client) -> Any:
    return read(staff.get("/"))


def tiles_on(page: Any) -> dict[str, Any]:
    """The tiles of the map by alpha-3."""
    found = [one for box in all_of(page, "ul", class_="tiles") for one in all_of(box, "a")]
    return {words(one_of(one, "bdi")): one for one in found}


@pytest.mark.django_db
def test_every_state_has_one_tile_in_its_group(page: Any) -> None:
    blocks = {
        words(one_of(block, "h3")): len(all_of(block, "a"))
        for block in all_of(page, "section", class_="block")
    }
    assert blocks == {
        "African States 54": 54,
        "Asia-Pacific States 57": 57,
        "Eastern European States 23": 23,
        "Latin American and Caribbean States 33": 33,
        "Western European and other States 30": 30,
    }
    assert {iso3: one.attributes["href"] for iso3, one in tiles_on(page).items()} == {
        iso3: f"/states/{iso3}/" for iso3 in State.objects.values_list("pk", flat=True)
    }


@pytest.mark.django_db
def test_a_tile_has_the_mark_of_its_status_and_says_it(page: Any) -> None:
    found = tiles_on(page)
    states = ("MYS", "NOR", "GAB", "AFG", "USA", "IRN", "KEN", "BRB")
    assert {iso3: found[iso3].attributes["class"].split()[1] for iso3 in states} == {
        "MYS": "badge-overdue",
        "NOR": "badge-to-be-communicated",
        "GAB": "badge-not-recorded",
        "AFG": "badge-no-record",
        "USA": "badge-not-yet-due",
        "IRN": "badge-late",
        "KEN": "tile-signatory",
        "BRB": "tile-outside",
    }  # fmt: skip
    assert words(found["MYS"]) == "MYS Malaysia: initial report, overdue 12 years 6 months"
    assert words(found["KEN"]) == "KEN Kenya: signatory, not a party"
    assert words(found["GAB"]) == "GAB Gabon: next report under the CRC, date not recorded"
    assert words(found["IRN"]) == (
        "IRN Iran (Islamic Republic of): reports 5-6 under the CRC, received, 1 year 10 months late, awaiting review "
        "since 31 October 2023"
    )


@pytest.mark.django_db
def test_the_tiles_of_a_group_stand_in_the_order_of_the_names(page: Any) -> None:
    block = one_of(page, "section", class_="block-AFR")
    said = [words(one_of(one, "span")).split(":")[0] for one in all_of(block, "a")]
    # Accents do not send a State to the end.
    assert said[:3] == ["Algeria", "Angola", "Benin"]
    assert said.index("Côte d'Ivoire") == said.index("Congo") + 1


@pytest.mark.django_db
def test_the_legend_counts_every_tile(page: Any) -> None:
    legend = all_of(page, "ul", class_="legend")[0]
    assert [words(one) for one in all_of(legend, "li")] == [
        "overdue: 2",
        "no record: 59",
        "to be communicated: 62",
        "date not recorded: 39",
        "not yet due: 1",
        "received late: 11",
        "received, date unknown: 4",
        "signatory, not a party: 8",
        "neither signatory nor party: 11",
    ]
    marks = Counter(one.attributes["class"].split()[1] for one in tiles_on(page).values())
    assert {one.attributes["class"].split()[1] for one in all_of(legend, "span")} == marks.keys()
    # The bar above has a part for each entry, as long as its number says, one after the other.
    bar = [one.attributes for one in all_of(one_of(page, "svg", class_="bar-of-states"), "rect")]
    assert [(part["class"], int(part["x"]), int(part["width"])) for part in bar] == [
        ("badge-overdue", 0, 2),
        ("badge-no-record", 2, 59),
        ("badge-to-be-communicated", 61, 62),
        ("badge-not-recorded", 123, 39),
        ("badge-not-yet-due", 162, 1),
        ("badge-late", 163, 11),
        ("badge-date-unknown", 174, 4),
        ("tile-signatory", 178, 8),
        ("tile-outside", 186, 11),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("day", [date(2009, 5, 31), TODAY])
def test_the_report_that_speaks_for_a_state_is_the_one_found_among_all_its_rows(
    day: date, shipped: None
) -> None:
    every = [
        StandingRow(*one)
        for one in standings.owed_on(day)
        .order_by(F("due").asc(nulls_last=True), "pk")
        .values_list(*standings._COLUMNS)
    ]
    rows = standings.by_state(every)
    speakers = {
        one.state_id: one
        for one in standings.speakers_on(standings.by_state_on(day, today=TODAY), day, today=TODAY)
    }
    assert len(speakers) == len(rows) > 80
    for state, own in rows.items():
        standing = standings.standing_of(own, Facts(), day)
        assert speakers[state].status == standing
        assert standings.standing_in_words(standing, [speakers[state]], day) == standings.standing_in_words(
            standing, own, day
        )


def test_the_map_shows_any_day(shipped: None, staff: Client) -> None:
    found = tiles_on(read(staff.get("/?as_of=2003-01-22")))
    assert len(found) == 197
    assert found["USA"].attributes["href"] == "/states/USA/?as_of=2003-01-22"
    assert words(found["USA"]) == "USA United States of America: initial report, due 23 January 2005"
    assert "tile-outside" in tiles_on(read(staff.get("/?as_of=1999-12-31")))["USA"].attributes["class"]


@pytest.mark.django_db
def test_a_committee_that_has_still_to_state_a_date_is_shown(shipped: None, staff: Client) -> None:
    usa = State.objects.get(pk="USA")
    factories.decides(usa, None, "2024-02-01", cycles="6-9", outcome="to be communicated")
    factories.derive("2026-11-22", usa)
    found = tiles_on(read(staff.get("/")))
    assert words(found["USA"]) == ("USA United States of America: periodic report 6, date to be communicated")


@pytest.mark.django_db
def test_the_bars_have_the_figures_of_the_table(shipped: None, staff: Client) -> None:
    section = one_of(read(staff.get("/figures/")), "section", class_="trend")
    rows = {
        words(one_of(row, "th")): [words(cell) for cell in all_of(row, "td")]
        for row in all_of(section, "tr")[1:]
    }
    assert list(rows) == [str(year) for year in range(2004, 2025)]
    # Malaysia's and Indonesia's initial reports are overdue since then.
    assert rows["2014"][3] == "2"
    # Each outcome is a path with a part for each year that has it.
    drawn = {one.attributes["class"]: one.attributes["d"].count("M") for one in all_of(section, "path")}
    assert drawn == {
        css: sum(row[at] != "—" for row in rows.values())
        for at, css in enumerate(
            ("stack-on-time", "stack-late", "stack-unknown", "stack-overdue", "stack-no-record")
        )
    }
    assert sum(int(row[-1]) for row in rows.values()) == sum(
        int(cell) for row in rows.values() for cell in row[:-1] if cell != "—"
    )


@pytest.mark.django_db
def test_a_day_before_anything_fell_due_shows_no_bars(shipped: None, staff: Client) -> None:
    assert all_of(read(staff.get("/figures/?as_of=2003-01-22")), "section", class_="trend") == []
