"""The pictures: numbers that are known, each picture against its table, and what is never shown."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from tests.web.conftest import TODAY
from tests.web.pages import all_of, column, one_of, read, table, words
from tests.web.pictures.reading import ADDRESSES, marks, number_at, rows_of
from tracker.web.pictures.scale import Years


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_picture_weighs_at_most_100_kb(address: str, shipped: None, staff: Client) -> None:
    assert len(staff.get(f"/pictures/{address}/").content) <= 100_000


# --- States parties -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "signatories", "parties"),
    [
        ("2002-12-24", 105, 46),  # fact sheet of the United States: 42, four deposits were too recent for it
        ("2009-05-31", None, 131),
        ("2019-12-31", 121, 176),
        ("2022-12-31", None, 178),
    ],
)
def test_the_last_column_has_the_numbers_that_were_published(
    as_of: str, signatories: int | None, parties: int, shipped: None, staff: Client
) -> None:
    last = rows_of(staff, f"parties/?as_of={as_of}")[0]
    assert (last["Year"], last["States parties"]) == (int(as_of[:4]), parties)
    assert signatories in (None, last["Signatories"])


def test_a_year_that_has_ended_is_the_same_as_of_its_end_and_of_today(shipped: None, staff: Client) -> None:
    today = {row["Year"]: row for row in rows_of(staff, "parties/")}
    assert today[2019] == rows_of(staff, "parties/?as_of=2019-12-31")[0]
    assert today[2019] == {
        "Year": 2019, "Signed in the year": 0, "Joined in the year": 1, "By ratification": 112, "By accession": 63,
        "By succession": 1, "States parties": 176, "Signatories": 121,
    }  # fmt: skip


def test_each_column_says_the_numbers_of_its_row_and_leads_to_its_states(
    shipped: None, staff: Client
) -> None:
    drawn = marks(read(staff.get("/pictures/parties/")))
    said = [
        f"{row['Year']}: {row['States parties']} States parties, {row['Signatories']} signatories"
        for row in reversed(rows_of(staff, "parties/"))
    ]
    assert [one.replace(" 1 State party,", " 1 States parties,") for one in drawn] == said
    address = drawn["2019: 176 States parties, 121 signatories"].attributes["href"]
    assert address == "/states/?participation=party&as_of=2019-12-31"
    assert number_at(staff, address) == 176


def test_a_filter_by_group_is_kept_in_the_links(shipped: None, staff: Client) -> None:
    drawn = marks(read(staff.get("/pictures/parties/?region=WEOG&as_of=2019-12-31")))
    last = list(drawn)[-1]
    address = drawn[last].attributes["href"]
    assert address == "/states/?participation=party&region=WEOG&as_of=2019-12-31"
    assert last.startswith(f"2019: {number_at(staff, address)} States parties")


# --- initial reports ------------------------------------------------------------------------------


def test_each_mark_is_a_row_whose_receipt_or_absence_is_known(shipped: None, staff: Client) -> None:
    page = read(staff.get("/pictures/initial-reports/"))
    drawn = marks(page)
    rows = rows_of(staff, "initial-reports/")
    assert len(rows) == 178
    shown = [row for row in rows if row["Status"] in ("received on time", "received late", "overdue")]
    assert sorted(one.attributes["href"] for one in drawn.values()) == sorted(
        f"/states/{row['Alpha-3']}/" for row in shown
    )
    assert len(shown) == 84
    assert "94 reports are in the table only (no record: 59; received, date unknown: 35)" in words(page)
    assert drawn["Malaysia: overdue 12 years 6 months"].attributes["href"] == "/states/MYS/"


def test_the_longest_delay_is_first_and_every_bar_has_the_days_of_its_row(
    shipped: None, staff: Client
) -> None:
    page = read(staff.get("/pictures/lateness/?per_page=1000"))
    states = column(page, 0)
    assert states[:2] == ["Tunisia TUN", "Panama PAN"]
    # The years above the bars are not the name of a column, which a phone writes before each cell.
    assert not any("2005" in value for value in one_of(page, "table").attributes.values())
    bars = [one_of(row, "svg", role="img") for row in all_of(one_of(page, "tbody"), "tr")]
    rows = rows_of(staff, "lateness/")
    assert len(bars) == len(rows) == 178
    days = [date.fromisoformat(row[name]) for row in rows for name in ("Due", "Received") if row[name]]
    years = Years.around([*days, TODAY], edge=8, wide=15)
    for bar, row in zip(bars, rows, strict=True):
        drawn = all_of(bar, "rect", class_="lateness")
        if row["Status"] not in ("received on time", "received late", "overdue"):
            assert drawn == []
            continue
        due = date.fromisoformat(row["Due"])
        until = date.fromisoformat(row["Received"]) if row["Received"] else TODAY
        assert (until - due).days == row["After the due date"]
        wide = sum(float(one.attributes["width"]) for one in drawn)
        assert wide == pytest.approx(abs(years.at(until) - years.at(due)), abs=0.11)


# --- regional groups ------------------------------------------------------------------------------


def test_the_groups_together_are_the_years_of_the_figures(shipped: None, staff: Client) -> None:
    trend = one_of(read(staff.get("/figures/")), "section", class_="trend")
    totals = {words(one_of(row, "th")): int(words(all_of(row, "td")[-1])) for row in all_of(trend, "tr")[1:]}
    found: dict[str, int] = {}
    for row in rows_of(staff, "regions/"):
        found[str(row["Due in"])] = found.get(str(row["Due in"]), 0) + row["All"]
    assert found == totals
    assert sum(found.values()) == 218


def test_each_small_picture_has_the_numbers_of_its_rows_and_they_share_a_scale(
    shipped: None, staff: Client
) -> None:
    page = read(staff.get("/pictures/regions/"))
    rows = rows_of(staff, "regions/")
    for figure in all_of(page, "figure"):
        label = words(one_of(figure, "figcaption"))
        own = [row for row in rows if label.startswith(row["Regional group"])]
        drawn = {one.attributes["class"]: one.attributes["d"].count("M") for one in all_of(figure, "path")}
        assert drawn.get("stack-on-time", 0) == sum(row["received on time"] > 0 for row in own)
        assert drawn["stack-late"] == sum(row["received late"] > 0 for row in own)
        on_time, due = (sum(row[name] for row in own) for name in ("received on time", "All"))
        assert label.endswith(f"{on_time} of {due} on time")
        assert number_at(staff, one_of(figure, "a").attributes["href"]) == due
    scales = all_of(page, "text", class_="end")
    assert [words(one) for one in scales] == ["0", "5", "10"] * 5


def test_a_count_of_a_group_leads_to_its_reports(shipped: None, staff: Client) -> None:
    page = read(staff.get("/pictures/regions/?per_page=1000&as_of=2009-05-31"))
    row = next(one for one in all_of(one_of(page, "tbody"), "tr") if "African States" in words(one))
    late, unknown, missing = all_of(row, "a")
    assert "status=received+late&due_from=2004-01-01&due_until=2004-12-31" in late.attributes["href"]
    for one in (late, unknown, missing):
        assert number_at(staff, one.attributes["href"]) == int(words(one))


# --- what lies ahead ------------------------------------------------------------------------------


def test_the_months_ahead_lead_to_what_falls_due_in_them(shipped: None, staff: Client) -> None:
    page = read(staff.get("/pictures/ahead/?as_of=2009-05-31"))
    assert "From 31 May 2009 to 30 April 2011, 13 reports fall due." in words(page)
    rows, drawn = table(page), marks(page)
    assert [row[0] for row in rows][:2] == ["May 2009", "June 2009"]
    assert [int(said.split(": ")[1].split()[0]) for said in drawn] == [
        0 if row[-1] == "—" else int(row[-1]) for row in rows
    ]
    address = drawn["March 2010: 2 reports due"].attributes["href"]
    assert address == "/obligations/?due_from=2010-03-01&due_until=2010-03-31&sort=due&as_of=2009-05-31"
    assert number_at(staff, address) == 2
