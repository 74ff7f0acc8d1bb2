"""The timeline of a State: its content, its shapes, the page, and the link to the next State."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY
from tests.web.pages import Element, all_of, links, one_of, read, words
from tracker.obligations.models import Obligation
from tracker.registry.models import State
from tracker.reminders.models import Mail, Reminder
from tracker.rules.status import Status
from tracker.web.states import timeline, timeline_picture
from tracker.web.states.timeline import Happened, ReminderDay, TimelineObligation


def a_day(text: str) -> date:
    return date.fromisoformat(text)


def owed(
    status: str = "not yet due",
    on: str = "2030-01-23",
    *,
    until: str | None = None,
    says: str = "due 23 January 2030",
    due: bool = True,
    key: int = 1,
    year_only: bool = False,
    waits: str = "",
) -> TimelineObligation:
    """Periodic report 6, on 22 November 2026."""
    css = status.replace(" ", "-")
    end = a_day(until) if until else None
    return TimelineObligation(
        a_day(on), due, "periodic report 6", status, css, says, end, key, year_only, waits
    )


# --- shapes --------------------------------------------------------------------------------------


def test_nothing_gives_no_picture() -> None:
    assert timeline_picture.picture_of([], [], TODAY) is None


def test_the_axis_reaches_from_the_first_year_beyond_the_last() -> None:
    picture = timeline_picture.picture_of([Happened(a_day("2002-12-23"), "ratification")], [owed()], TODAY)
    assert picture is not None
    assert picture.years.ticks[0] == 14
    assert len(picture.years.ticks) == 2031 - 2002 + 1
    assert [year for _, year in picture.years.named] == [2005, 2010, 2015, 2020, 2025, 2030]
    assert [later - earlier for earlier, later in pairwise(picture.years.ticks)] == pytest.approx(
        [26] * 29, abs=0.2
    )


def test_the_as_of_day_lies_on_the_axis_even_after_all_else() -> None:
    picture = timeline_picture.picture_of([Happened(a_day("2002-12-23"), "signature")], [], TODAY)
    assert picture is not None
    assert picture.day_x == pytest.approx(14 + (2026 - 2002 + 325 / 365) * 26, abs=0.3)
    assert picture.years.ticks[-2] < picture.day_x < picture.years.end < picture.wide


def test_words_that_would_overlap_stand_in_rows_of_their_own() -> None:
    rows = timeline_picture._flag_rows([(0, 100), (30, 100), (60, 20), (200, 50)])
    assert rows == [2, 1, 0, 0]


def test_a_flag_stands_above_all_whose_stems_come_up_under_its_words() -> None:
    flags = [(float(x), 90.0) for x in (0, 10, 10, 50, 120, 130, 260)]
    rows = timeline_picture._flag_rows(flags)
    for at, (stem, wide) in enumerate(flags):
        for other in range(at + 1, len(flags)):
            if flags[other][0] < stem + wide:
                assert rows[other] < rows[at]


def test_a_lane_is_used_again_once_it_is_free() -> None:
    assert timeline_picture._lanes([(0, 100), (50, 120), (100, 140), (110, 200), (121, 130)]) == [
        0,
        1,
        0,
        2,
        1,
    ]


def test_no_two_bars_of_a_lane_touch() -> None:
    rows = [owed(on=f"20{year:02}-03-01", key=year) for year in range(3, 33, 2)]
    picture = timeline_picture.picture_of([], rows, TODAY)
    assert picture is not None
    for one, other in pairwise(sorted(picture.bars, key=lambda bar: (bar.y, bar.x))):
        if one.y == other.y:
            assert one.text_x + timeline_picture._wide(one.text) <= other.x


def test_an_overdue_report_runs_to_the_as_of_day() -> None:
    late = owed("overdue", "2014-05-12", until="2026-11-22", says="overdue 12 years 6 months")
    picture = timeline_picture.picture_of([], [late], TODAY)
    assert picture is not None
    (bar,) = picture.bars
    assert bar.at == picture.day_x
    assert bar.x + bar.wide == pytest.approx(picture.day_x)
    assert bar.title == "12 May 2014: periodic report 6: overdue 12 years 6 months"


def test_what_was_not_late_has_no_bar() -> None:
    picture = timeline_picture.picture_of([], [owed()], TODAY)
    assert picture is not None
    assert (picture.bars[0].wide, picture.bars[0].at) == (0, picture.bars[0].x)


# --- reminders -----------------------------------------------------------------------------------


def a_reminder(state: str, on: str, recipient: str = "a@example.org", **fields: Any) -> Reminder:
    """About the initial report; sent on a day, or to be sent for the stage of a day."""
    obligation = Obligation(pk=1, kind="initial", cycle=1, carried_by="own")
    days = {"stage_on": a_day(on)} | ({"sent_on": a_day(on)} if state in ("sent", "returned") else {})
    return Reminder(pk=7, obligation=obligation, state=state, recipient=recipient, **(days | fields))


def test_the_reminders_of_a_day_are_one_entry() -> None:
    sent = [
        a_reminder("sent", "2025-03-01", "a@example.org", mail=Mail(pk=4)),
        a_reminder("returned", "2025-03-01", "b@example.org"),
        a_reminder("cancelled", "2025-03-01"),
    ]
    assert timeline.notices_of(sent, TODAY, today=TODAY) == [
        ReminderDay(
            a_day("2025-03-01"),
            "reminder sent: initial report",
            "a@example.org; b@example.org",
            True,
            "/reminders/mail/4/",
        )
    ]


def test_a_reminder_that_waits_is_drawn_at_its_stage_but_not_before_today() -> None:
    held = [a_reminder("held", "2026-09-22"), a_reminder("planned", "2027-01-01")]
    assert [
        (one.day, one.what, one.sent, one.address) for one in timeline.notices_of(held, TODAY, today=TODAY)
    ] == [
        (TODAY, "reminder waits to be sent: initial report", False, "/reminders/7/"),
        (a_day("2027-01-01"), "reminder waits to be sent: initial report", False, "/reminders/7/"),
    ]


def test_an_earlier_day_knows_neither_later_nor_waiting_reminders() -> None:
    some = [
        a_reminder("sent", "2025-03-01"),
        a_reminder("sent", "2024-03-01"),
        a_reminder("held", "2026-09-22"),
    ]
    found = timeline.notices_of(some, a_day("2024-12-31"), today=TODAY)
    assert [one.day for one in found] == [a_day("2024-03-01")]


def test_reminders_lie_between_the_years_and_the_due_dates() -> None:
    late = owed("overdue", "2014-05-12", until="2026-11-22", says="overdue 12 years 6 months")
    notices = timeline.notices_of([a_reminder("sent", "2025-03-01")], TODAY, today=TODAY)
    without, picture = (timeline_picture.picture_of([], [late], TODAY, some) for some in ((), notices))
    assert without is not None
    assert picture is not None
    assert picture.axis + 26 < picture.notices_y < picture.bars[0].y
    assert picture.bars[0].y - without.bars[0].y == 20
    (mark,) = picture.notices
    assert (mark.x, mark.title) == (
        picture.years.at(a_day("2025-03-01")),
        "1 March 2025: reminder sent: initial report",
    )
    assert picture.sent == "reminders sent on 1 day"


@pytest.mark.django_db
def test_a_reminder_on_the_timeline_leads_to_its_mail(shipped: None, ledger: None, staff: Client) -> None:
    page = the_page(staff, "/states/MYS/")
    (mark,) = [one for one in all_of(page, "a") if one.attributes.get("class") == "notice sent"]
    assert words(one_of(mark, "title")) == "22 November 2026: reminder sent: initial report"
    assert staff.get(mark.attributes["href"]).status_code == 200
    assert ["22 November 2026", "reminder sent: initial report"] in [row[:2] for row in beside(page)]


# --- the page ------------------------------------------------------------------------------------


def the_page(staff: Client, address: str) -> Element:
    return read(staff.get(address))


def flags(page: Element) -> list[str]:
    """The entries above the axis, with their days."""
    return [words(one_of(one, "title")) for one in all_of(page, "g", class_="flag")]


def dues(page: Element) -> dict[str, Any]:
    """The entries below the axis, by their texts."""
    return {words(one_of(one, "text")): one for one in all_of(page, "g", class_="due")}


def beside(page: Element) -> list[list[str]]:
    """The table next to the picture."""
    body = one_of(one_of(page, "section", aria_labelledby="h-time"), "tbody")
    return [[words(cell) for cell in all_of(row, "td")] for row in all_of(body, "tr")]


@pytest.mark.django_db
def test_the_timeline_of_the_united_states(shipped: None, staff: Client) -> None:
    page = the_page(staff, "/states/USA/")
    assert flags(page) == [
        "5 July 2000: signature",
        "23 December 2002: ratification",
        "23 January 2003: entry into force",
        "10 May 2007: initial report received",
        "22 May 2008: initial report reviewed",
        "25 January 2010: periodic report 2 received",
        "16 January 2013: periodic report 2 reviewed",
        "1 February 2013: date stated: periodic reports 3-4",
        "22 January 2016: periodic reports 3-4 received",
        "16 May 2017: periodic reports 3-4 reviewed",
        "2 June 2017: date stated: periodic report 5",
        "23 January 2022: periodic report 5 received",
    ]
    found = dues(page)
    assert list(found) == [
        "initial report: received, 2 years 3 months late",
        "periodic report 2: received, 2 days late",
        "periodic report 3: received on time",
        "periodic report 4: received on time",
        "periodic report 5: received on time",
        "periodic report 6: due 23 January 2030",
        "periodic report 7: due 23 January 2035",
    ]
    late = one_of(found["initial report: received, 2 years 3 months late"], "rect", class_="lateness")
    assert float(late.attributes["width"]) == pytest.approx(2.29 * 26, abs=0.2)
    assert all_of(found["periodic report 6: due 23 January 2030"], "rect", class_="lateness") == []


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/states/USA/", "/states/NOR/", "/states/MNE/", "/states/KEN/"])
def test_the_table_beside_holds_the_same_as_the_picture(address: str, shipped: None, staff: Client) -> None:
    page = the_page(staff, address)
    told = [(row[0], row[1]) for row in beside(page)]
    drawn = [tuple(said.split(": ", 1)) for said in flags(page)]
    for said, one in dues(page).items():
        day, what = words(one_of(one, "title")).split(": ")[0], said.split(": ")[0]
        drawn.append(("no date", what) if day == what else (day, f"{what} due"))
    assert sorted(told) == sorted(drawn)


@pytest.mark.django_db
def test_each_due_date_leads_to_its_row_and_on_to_its_trail(shipped: None, staff: Client) -> None:
    page = the_page(staff, "/states/USA/")
    section = one_of(page, "section", aria_labelledby="h-time")
    rows = {f"#{row.attributes['id']}": row for row in all_of(page, "tr") if "id" in row.attributes}
    led = {said: rows[address] for said, address in links(section).items()}
    assert len(led) == 7
    for said, row in led.items():
        assert said == f"{words(all_of(row, 'td')[0])} due"
        assert words(all_of(row, "td")[-1]).startswith(f"Why? {words(all_of(row, 'td')[0])}")


@pytest.mark.django_db
def test_an_earlier_day_knows_nothing_of_what_came_after(shipped: None, staff: Client) -> None:
    page = the_page(staff, "/states/USA/?as_of=2012-12-31")
    assert flags(page)[-1] == "25 January 2010: periodic report 2 received"
    assert list(dues(page))[2:] == [
        "periodic report 3: due 23 January 2015",
        "periodic report 4: due 23 January 2020",
    ]
    assert words(one_of(page, "text", class_="today-day")) == "31 December 2012"


@pytest.mark.django_db
def test_an_entry_into_force_that_lies_ahead_is_drawn(shipped: None, staff: Client) -> None:
    assert flags(the_page(staff, "/states/USA/?as_of=2003-01-02"))[-1] == "23 January 2003: entry into force"


@pytest.mark.django_db
def test_what_is_uncertain_is_said_in_the_table(shipped: None, staff: Client) -> None:
    rows = {row[1]: row for row in beside(the_page(staff, "/states/MNE/"))}
    assert rows["succession"] == ["23 October 2006", "succession", "Depositary; to be confirmed"]
    assert rows["entry into force"][2].endswith("; to be confirmed")


@pytest.mark.django_db
def test_malaysia_is_overdue_to_the_day(shipped: None, staff: Client) -> None:
    page = the_page(staff, "/states/MYS/")
    (due,) = dues(page).values()
    bar = one_of(due, "rect", class_="lateness")
    today = one_of(page, "line", class_="today").attributes["x1"]
    end = float(bar.attributes["x"]) + float(bar.attributes["width"])
    assert end == pytest.approx(float(today), abs=0.11)
    assert bar.attributes["fill"] == "url(#late-hatch)"


@pytest.mark.django_db
def test_requests_denunciation_revision_and_non_receipt_have_their_place(
    shipped: None, staff: Client
) -> None:
    norway = State.objects.get(pk="NOR")
    first = factories.receives(norway, "2012-02-01", kind="periodic", cycles="4", carried_by="CRC report")
    factories.receives(
        norway, "2013-02-01", kind="periodic", cycles="4", carried_by="CRC report", revises=first
    )
    factories.asks(norway, due="2015-03-01", on="2014-12-01", received_on="2015-02-20")
    norway.non_receipts.create(
        kind="periodic",
        cycle=8,
        carried_by="CRC report",
        not_received_by=a_day("2026-01-05"),
        source="Letter",
    )
    factories.decides(
        norway, None, "2026-02-01", cycles="9-10", outcome="to be communicated", carried_by="CRC report"
    )
    factories.denounces(norway, on="2026-03-01")
    factories.derive("2026-11-22", norway)
    page = the_page(staff, "/states/NOR/")
    for said in (
        "1 February 2012: report 4 under the CRC received",
        "1 February 2013: report 4 under the CRC revised",
        "1 December 2014: list of issues",
        "20 February 2015: reply received",
        "5 January 2026: confirmed as not received: report 8 under the CRC",
        "1 February 2026: date stated: reports 9-10 under the CRC",
        "30 May 2025: concluding observations",
        "1 March 2026: denunciation",
        "1 March 2027: denunciation takes effect",
    ):
        assert said in flags(page)
    # Once the State has left, nothing is owed that would fall due later.
    page = the_page(staff, "/states/NOR/?as_of=2026-02-28")
    undated = dues(page)["reports 9-10 under the CRC: date to be communicated"]
    assert words(one_of(undated, "title")) == "reports 9-10 under the CRC: date to be communicated"
    assert ["no date", "reports 9-10 under the CRC", "date to be communicated"] in beside(page)


@pytest.mark.django_db
def test_a_report_without_a_recorded_date_is_not_drawn_as_due(shipped: None, staff: Client) -> None:
    page = the_page(staff, "/states/GAB/")
    undated = dues(page)["next report under the CRC: date not recorded"]
    assert words(one_of(undated, "title")) == "next report under the CRC: date not recorded"
    assert len(all_of(undated, "path", class_="gap")) == 1
    # It is open today, and no other day is set.
    today = float(one_of(page, "line", class_="today").attributes["x1"])
    place = next(one for one in all_of(undated, "g") if "transform" in one.attributes).attributes["transform"]
    assert float(place.removeprefix("translate(").split()[0]) == pytest.approx(today, abs=0.11)
    assert ["no date", "next report under the CRC", "date not recorded"] in beside(page)
    assert ["3 June 2016", "concluding observations", "CRC/C/GAB/CO/2"] in beside(page)


@pytest.mark.django_db
def test_a_report_that_awaits_its_review_says_so(shipped: None, staff: Client) -> None:
    page = the_page(staff, "/states/IRN/")
    (title,) = (
        words(one_of(one, "title")) for said, one in dues(page).items() if said.startswith("reports 5")
    )
    assert title == (
        "2021: reports 5-6 under the CRC: received, 1 year 10 months late, awaiting review since 31 October 2023"
    )


@pytest.mark.django_db
def test_a_report_that_was_withdrawn_is_an_event(shipped: None, staff: Client) -> None:
    iran = State.objects.get(pk="IRN")
    iran.submissions.filter(symbol="CRC/C/IRN/5-6").update(withdrawn_on=a_day("2026-03-01"))
    factories.derive("2026-11-22", iran)
    page = the_page(staff, "/states/IRN/")
    assert "1 March 2026: reports 5-6 under the CRC withdrawn by the State" in flags(page)
    assert flags(the_page(staff, "/states/IRN/?as_of=2026-02-28"))[-1] == (
        "31 October 2023: reports 5-6 under the CRC received"
    )


@pytest.mark.django_db
def test_a_state_to_which_nothing_has_happened_has_no_timeline(shipped: None, staff: Client) -> None:
    page = the_page(staff, "/states/BRB/")
    assert all_of(page, "section", aria_labelledby="h-time") == []


@pytest.mark.django_db
def test_a_month_that_is_all_that_is_known_of_a_review_is_said(shipped: None, staff: Client) -> None:
    rows = {row[1]: row[2] for row in beside(the_page(staff, "/states/AGO/"))}
    assert rows["initial report reviewed"] == "only the month is known: May 2018"


def test_every_status_has_its_mark_in_the_picture() -> None:
    from tracker.obligations.wording import STATUS_CLASSES

    assert STATUS_CLASSES.keys() == set(Status)


# --- the way to the next State -------------------------------------------------------------------


def neighbours(page: Element) -> dict[str, str]:
    return links(one_of(page, "nav", class_="neighbours"))


@pytest.mark.django_db
def test_the_next_state_is_the_next_by_name(shipped: None, staff: Client) -> None:
    assert neighbours(the_page(staff, "/states/NOR/?as_of=2012-12-31")) == {
        "States": "/states/?as_of=2012-12-31",
        "Previous: North Macedonia": "/states/MKD/?as_of=2012-12-31",
        "Next: Oman": "/states/OMN/?as_of=2012-12-31",
    }


@pytest.mark.django_db
def test_the_first_and_the_last_state_have_one_neighbour(shipped: None, staff: Client) -> None:
    assert list(neighbours(the_page(staff, "/states/AFG/"))) == ["States", "Next: Albania"]
    assert list(neighbours(the_page(staff, "/states/ZWE/"))) == ["States", "Previous: Zambia"]


@pytest.mark.django_db
def test_the_list_that_one_came_from_is_gone_through(shipped: None, staff: Client) -> None:
    listed = read(staff.get("/states/?region=WEOG&participation=party&as_of=2012-12-31"))
    address = next(where for said, where in links(one_of(listed, "tbody")).items() if said == "Norway")
    assert address == "/states/NOR/?as_of=2012-12-31&list=region%3DWEOG%26participation%3Dparty"
    page = the_page(staff, address)
    onward = neighbours(page)
    assert list(onward) == ["States", "Previous: New Zealand", "Next: Portugal"]
    assert onward["States"] == "/states/?region=WEOG&participation=party&as_of=2012-12-31"
    assert "list=region%3DWEOG%26participation%3Dparty" in onward["Next: Portugal"]
    assert words(one_of(one_of(page, "nav", class_="neighbours"), "bdi")) == "20 of 28"
    again = neighbours(the_page(staff, onward["Next: Portugal"]))
    assert list(again)[1] == "Previous: Norway"


@pytest.mark.django_db
def test_a_list_without_the_state_or_in_no_order_leads_through_all(shipped: None, staff: Client) -> None:
    for nonsense in ("region%3DAFR", "region%3DXYZ", "%26%3D%00", "page%3D3"):
        page = the_page(staff, f"/states/NOR/?list={nonsense}")
        assert list(neighbours(page)) == ["States", "Previous: North Macedonia", "Next: Oman"]


@pytest.mark.django_db
def test_a_desk_is_gone_through(shipped: None, staff: Client) -> None:
    grace = factories.an_officer("grace")
    State.objects.filter(pk__in=("NOR", "SWE", "FIN")).update(desk_officer=grace)
    assert neighbours(the_page(staff, "/states/NOR/?desk=grace")) == {
        "States": "/states/?desk=grace",
        "Previous: Finland": "/states/FIN/?desk=grace",
        "Next: Sweden": "/states/SWE/?desk=grace",
    }
    assert list(neighbours(the_page(staff, "/states/NOR/?desk=all")))[1:] == [
        "Previous: North Macedonia",
        "Next: Oman",
    ]
