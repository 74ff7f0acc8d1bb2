"""The calendar by month and by year, and the calendar feeds, parsed as calendar programs do."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from icalendar import Calendar

from tests import factories
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import Element, all_of, links, messages, one_of, problems, read, words
from tracker.registry.models import RegionDesk, State
from tracker.reminders.models import CalendarEntry, CalendarToken

pytestmark = pytest.mark.django_db


def a_state_due(iso3: str = "NOR", due: str = "2027-01-15", region: str = "WEOG", **fields: Any) -> State:
    """A State whose initial report is due on a day."""
    state = factories.a_state(iso3, region=region, **fields)
    factories.joins(state, on="2024-10-01")
    factories.decides(state, due, on="2025-02-01", kind="initial", cycles="1")
    factories.derive(TODAY.isoformat(), state)
    return state


def page_of(client: Client, query: str = "") -> Element:
    answer = client.get(f"/calendar/{query}", follow=True)
    assert answer.status_code == 200
    return read(answer)


def cells(page: Element) -> dict[str, list[str]]:
    """The reports due on each day of the month's table, without empty days."""
    return {
        one_of(cell, "time").attributes["datetime"]: [words(item) for item in all_of(cell, "li")]
        for cell in all_of(one_of(page, "table", class_="month"), "td")
        if all_of(cell, "li")
    }


# --- the month ------------------------------------------------------------------------------------


def test_a_month_shows_what_falls_due_on_which_day(staff: Client) -> None:
    a_state_due()
    page = page_of(staff, "?on=2027-01")
    assert words(one_of(page, "h1")) == "Due dates in January 2027"
    assert cells(page) == {"2027-01-15": ["Norway NOR initial report due in 1 month"]}
    assert links(one_of(page, "table", class_="month")) == {"Norway": "/states/NOR/"}
    assert words(one_of(page, "p", class_="says")).startswith(
        "1 report due in January 2027, status on 22 November 2026."
    )


def test_a_month_is_a_table_of_weeks_that_begin_on_monday(staff: Client) -> None:
    a_state_due()
    month = one_of(page_of(staff, "?on=2027-01"), "table", class_="month")
    assert [words(one) for one in all_of(month, "th")] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    weeks = [[words(cell) for cell in all_of(row, "td")] for row in all_of(month, "tr")[1:]]
    assert [len(week) for week in weeks] == [7, 7, 7, 7, 7]
    assert weeks[0] == [
        "",
        "",
        "",
        "",
        "Friday 1 January 2027",
        "Saturday 2 January 2027",
        "Sunday 3 January 2027",
    ]


def test_the_calendar_begins_with_the_month_of_the_as_of_day(staff: Client) -> None:
    a_state_due(due="2026-11-30")
    page = page_of(staff)
    assert words(one_of(page, "h1")) == "Due dates in November 2026"
    (today,) = all_of(page, "td", aria_current="date")
    assert words(today) == "Sunday 22 November 2026"
    assert words(one_of(page_of(staff, "?as_of=2026-10-05"), "h1")) == "Due dates in October 2026"


def test_only_what_was_known_on_the_day_counts(staff: Client) -> None:
    a_state_due()  # by rule on 1 November 2026, until the Committee's decision of 1 February 2025
    assert list(cells(page_of(staff, "?as_of=2025-01-31&on=2026-11"))) == ["2026-11-01"]
    assert words(one_of(page_of(staff, "?as_of=2025-01-31&on=2027-01"), "div", class_="nothing")).startswith(
        "No report has a due date in January 2027."
    )


def test_an_answered_report_stays_in_its_month(staff: Client) -> None:
    factories.receives(a_state_due(due="2026-11-02"), "2026-11-01")
    factories.derive(TODAY.isoformat())
    assert cells(page_of(staff)) == {"2026-11-02": ["Norway NOR initial report received on time"]}


def test_the_fullest_day_gets_the_most_room(staff: Client) -> None:
    for iso3 in ("NOR", "SWE", "FIN", "DNK", "ISL", "EST"):
        a_state_due(iso3)
    assert all_of(page_of(staff, "?on=2027-01"), "th", class_="crowded") == []
    a_state_due("LVA")
    assert [words(one) for one in all_of(page_of(staff, "?on=2027-01"), "th", class_="crowded")] == ["Fri"]


def test_one_turns_the_pages_of_the_calendar(staff: Client) -> None:
    a_state_due()
    turn = links(one_of(page_of(staff, "?on=2027-01&kind=initial"), "nav", class_="turn"))
    assert turn == {
        "December 2026, earlier": "?kind=initial&on=2026-12",
        "Today": "?kind=initial",
        "February 2027, later": "?kind=initial&on=2027-02",
        "Month": "?kind=initial&view=month&on=2027-01",
        "Year": "?kind=initial&view=year&on=2027",
    }


def test_the_calendar_ends_where_nothing_can_be(staff: Client) -> None:
    first = links(one_of(page_of(staff, "?on=1989-01"), "nav", class_="turn"))
    last = links(one_of(page_of(staff, "?on=2036-12"), "nav", class_="turn"))
    assert list(first) == ["Today", "February 1989, later", "Month", "Year"]
    assert list(last) == ["November 2036, earlier", "Today", "Month", "Year"]


def test_an_empty_month_says_so_and_leads_on(staff: Client) -> None:
    a_state_due()
    page = page_of(staff, "?on=2027-03&region=WEOG")
    nothing = one_of(page, "div", class_="nothing")
    assert words(nothing).startswith("No report has a due date in March 2027. Remove a filter to see more.")
    assert links(nothing) == {
        "Previous with reports: January 2027": "?region=WEOG&on=2027-01",
        "Next with reports: November 2031": "?region=WEOG&on=2031-11",
    }
    assert all_of(page, "table", class_="month") == []


def test_an_empty_database_says_so(staff: Client) -> None:
    assert (
        words(one_of(page_of(staff), "div", class_="nothing")) == "No report has a due date in November 2026."
    )


# --- the year -------------------------------------------------------------------------------------


def test_a_year_lists_the_months_in_which_something_falls_due(staff: Client) -> None:
    a_state_due("NOR", "2027-01-15")
    a_state_due("SWE", "2027-01-15")
    a_state_due("BEN", "2027-09-02", "AFR")
    page = page_of(staff, "?view=year&on=2027")
    assert words(one_of(page, "h1")) == "Due dates in 2027"
    months = all_of(one_of(page, "div", class_="year"), "section")
    assert [words(one_of(month, "h2")) for month in months] == [
        "January 2027 2 reports",
        "September 2027 1 report",
    ]
    assert [words(one) for one in all_of(months[0], "dt")] == ["15 January 2027"]
    assert list(links(months[0])) == ["January 2027", "Norway", "Sweden"]
    assert links(months[1])["September 2027"] == "?view=month&on=2027-09"


def test_a_year_leads_to_the_years_around_it_and_to_its_months(staff: Client) -> None:
    turn = links(one_of(page_of(staff, "?view=year&on=2026"), "nav", class_="turn"))
    assert turn == {
        "2025, earlier": "?view=year&on=2025",
        "Today": "?view=year",
        "2027, later": "?view=year&on=2027",
        "Month": "?view=month&on=2026-11",
        "Year": "?view=year&on=2026",
    }
    other = links(one_of(page_of(staff, "?view=year&on=2020"), "nav", class_="turn"))
    assert other["Month"] == "?view=month&on=2020-01"


# --- filters --------------------------------------------------------------------------------------


def test_region_and_kind_narrow_the_calendar(staff: Client) -> None:
    a_state_due("NOR")
    a_state_due("BEN", region="AFR")
    factories.asks(State.objects.get(pk="BEN"), "2027-01-20", "2026-07-10")
    factories.derive(TODAY.isoformat())
    assert list(cells(page_of(staff, "?on=2027-01"))) == ["2027-01-15", "2027-01-20"]
    assert cells(page_of(staff, "?on=2027-01&region=AFR&kind=initial")) == {
        "2027-01-15": ["Benin BEN initial report due in 1 month"]
    }
    assert list(cells(page_of(staff, "?on=2027-01&kind=information"))) == ["2027-01-20"]


def test_the_calendar_begins_with_ones_own_desk(db: None) -> None:
    ada = in_role("Editor", "ada")
    RegionDesk.objects.create(region="WEOG", officer=get_user_model().objects.get(username="ada"))
    a_state_due("NOR")
    a_state_due("BEN", region="AFR")
    assert ada.get("/calendar/?on=2027-01").headers["Location"] == "/calendar/?on=2027-01&desk=ada"
    assert cells(page_of(ada, "?on=2027-01")) == {"2027-01-15": ["Norway NOR initial report due in 1 month"]}
    assert len(cells(page_of(ada, "?on=2027-01&desk=all"))["2027-01-15"]) == 2


def test_a_filter_that_cannot_be_is_told_and_shows_nothing(staff: Client) -> None:
    a_state_due()
    page = page_of(staff, "?on=2027-01&region=MOON")
    assert problems(page) == ["Select a valid choice. MOON is not one of the available choices."]
    assert words(one_of(page, "div", class_="nothing")) == "Correct the filter to see reports."


@pytest.mark.parametrize("on", ["2027-13", "1988-12", "2037-01", "²⁰²⁷"])
def test_a_month_that_cannot_be_is_told(on: str, staff: Client) -> None:
    page = page_of(staff, f"?on={on}")
    assert messages(page) == [
        (
            "On: enter a month from 1989-01 to 2036-12, for example 2027-01, or a year. The time around the as-of day "
            "is shown instead."
        )
    ]
    assert words(one_of(page, "h1")) == "Due dates in November 2026"


def test_a_view_that_does_not_exist_is_told(staff: Client) -> None:
    assert messages(page_of(staff, "?view=week")) == [
        "View: choose month or year. The month is shown instead."
    ]


def test_a_year_alone_gives_its_month(staff: Client) -> None:
    assert words(one_of(page_of(staff, "?on=2026"), "h1")) == "Due dates in November 2026"
    assert words(one_of(page_of(staff, "?on=2027"), "h1")) == "Due dates in January 2027"


HOSTILE = ["", "%00", "%FF", "'", "é" * 300, "%ED%A0%80", "-1", "<script>"]


@pytest.mark.parametrize("name", ["view", "on", "as_of", "region", "kind", "desk", "page"])
def test_a_hostile_address_never_breaks_the_calendar(name: str, staff: Client) -> None:
    a_state_due()
    for value in HOSTILE:
        assert staff.get(f"/calendar/?{name}={value}", follow=True).status_code == 200, value


def test_the_calendar_is_found_from_the_lists(staff: Client) -> None:
    a_state_due()
    listed = one_of(read(staff.get("/obligations/?as_of=2026-01-31")), "main")
    assert links(listed)["Due dates in a calendar"] == "/calendar/?as_of=2026-01-31"
    state = one_of(read(staff.get("/states/NOR/")), "main")
    assert links(state)["Due dates as a calendar file"] == "/states/NOR/calendar.ics"
    assert links(state)["Calendar"] == "/calendar/?desk=all&on=2027-01"
    assert list(cells(page_of(staff, "?desk=all&on=2027-01"))) == ["2027-01-15"]
    assert links(one_of(page_of(staff), "main"))["Subscribe in your calendar"] == "/calendar/feeds/"


# --- the page of the feeds ------------------------------------------------------------------------


@pytest.fixture
def ada(db: None) -> Client:
    """A viewer, who follows the African States."""
    client = in_role("Viewer", "ada")
    RegionDesk.objects.create(region="AFR", officer=get_user_model().objects.get(username="ada"))
    return client


def addresses(page: Element) -> dict[str, str]:
    """The feeds on a page, by their labels."""
    found = {}
    for label in all_of(one_of(page, "div", class_="addresses"), "label"):
        found[words(label)] = one_of(page, "input", id=label.attributes["for"]).attributes["value"]
    return found


def press(client: Client, step: str, **more: str) -> Element:
    """Presses a button of the current page."""
    form = one_of(one_of(read(client.get("/calendar/feeds/")), "main"), "form")
    seen = one_of(form, "input", name="seen").attributes["value"]
    return read(client.post("/calendar/feeds/", {"seen": seen, "step": step} | more, follow=True))


def test_addresses_are_shown_once(ada: Client) -> None:
    assert "You have no addresses yet." in words(read(ada.get("/calendar/feeds/")))
    shown = addresses(press(ada, "make"))
    assert list(shown) == [
        "All States", "My desk", "African States", "Asia-Pacific States", "Eastern European States",
        "Latin American and Caribbean States", "Western European and other States",
        "One State, by its alpha-3 code (here Norway)",
    ]  # fmt: skip
    secret = shown["All States"].removeprefix("http://testserver/calendar.ics?token=")
    assert shown["My desk"] == f"http://testserver/calendar.ics?desk=mine&token={secret}"
    again = ada.get("/calendar/feeds/")
    assert secret not in again.content.decode()
    assert "Your addresses were created on 22 November 2026, 09:00 UTC and are active." in words(read(again))


def test_the_page_with_the_addresses_is_kept_nowhere(ada: Client) -> None:
    answer = ada.post("/calendar/feeds/", {"step": "make", "seen": ""})
    assert "no-store" in answer.headers["Cache-Control"]
    assert ada.session.get("_messages") is None


def test_somebody_without_a_desk_is_offered_none(staff: Client) -> None:
    assert "My desk" not in addresses(press(staff, "make"))


def test_every_address_that_is_shown_answers(ada: Client, client: Client) -> None:
    a_state_due()
    for address in addresses(press(ada, "make")).values():
        assert client.get(address).status_code == 200


def test_a_renewed_secret_makes_the_old_one_dead(ada: Client, client: Client, clock: Any) -> None:
    old = addresses(press(ada, "make"))["All States"]
    clock.shift(60)
    new = addresses(press(ada, "renew"))["All States"]
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)


def test_a_page_that_is_sent_twice_changes_nothing(ada: Client, client: Client, clock: Any) -> None:
    shown = read(ada.post("/calendar/feeds/", {"step": "make", "seen": ""}))
    clock.shift(60)
    again = read(ada.post("/calendar/feeds/", {"step": "make", "seen": ""}, follow=True))
    assert messages(again) == [
        "Not saved: your addresses were created or renewed after you opened this page."
    ]
    assert client.get(addresses(shown)["All States"]).status_code == 200


def test_feeds_that_are_switched_off_answer_no_more(ada: Client, client: Client) -> None:
    address = addresses(press(ada, "make"))["All States"]
    page = press(ada, "off")
    assert messages(page) == ["Your calendar feeds are disabled."]
    assert client.get(address).status_code == 404
    assert CalendarToken.objects.count() == 0


# --- the feeds ------------------------------------------------------------------------------------


@pytest.fixture
def secret(ada: Client) -> str:
    """Ada's."""
    return CalendarToken.renew(get_user_model().objects.get(username="ada"))


def fetched(client: Client, secret: str, **query: str) -> Calendar:
    """A feed as a calendar program reads it."""
    answer = client.get("/calendar.ics", {"token": secret} | query)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def told(calendar: Calendar) -> list[str]:
    return [
        f"{event['SUMMARY']}, {event.decoded('DTSTART')}, {event['STATUS']} {event['SEQUENCE']}"
        for event in calendar.walk("VEVENT")
    ]


def test_a_feed_tells_what_is_due_and_where_to_read_of_it(client: Client, secret: str) -> None:
    a_state_due()
    calendar = fetched(client, secret)
    assert told(calendar)[0] == "Norway: initial report due (OPSC), 2027-01-15, CONFIRMED 0"
    first = calendar.walk("VEVENT")[0]
    assert first["URL"] == "http://testserver/states/NOR/"
    assert first["DESCRIPTION"].endswith("\n\nhttp://testserver/states/NOR/")
    assert calendar["X-WR-CALNAME"] == "OPSC reports due"


def test_a_feed_is_in_the_language_of_its_owner(ada: Client, client: Client, secret: str) -> None:
    a_state_due()
    english = client.get("/calendar.ics", {"token": secret})
    ada.post("/language/", {"language": "fr"})
    asked = {"Accept-Language": "es", "If-Modified-Since": english.headers["Last-Modified"]}
    french = client.get("/calendar.ics", {"token": secret}, headers=asked)
    assert (french.status_code, french.headers["Content-Language"]) == (200, "fr")
    calendar = Calendar.from_ical(french.content)
    first, before = calendar.walk("VEVENT")[0], Calendar.from_ical(english.content).walk("VEVENT")[0]
    assert "rapport initial" in first["SUMMARY"]
    assert (first["UID"], first["SEQUENCE"]) == (before["UID"], before["SEQUENCE"])
    assert calendar["X-WR-CALNAME"] != "OPSC reports due"


def test_the_file_of_a_state_is_in_the_language_of_its_reader(staff: Client) -> None:
    a_state_due()
    staff.post("/language/", {"language": "es"})
    first = Calendar.from_ical(staff.get("/states/NOR/calendar.ics").content).walk("VEVENT")[0]
    assert "informe inicial" in first["SUMMARY"]


def test_a_feed_is_narrowed_to_a_region_a_state_or_the_owners_desk(client: Client, secret: str) -> None:
    a_state_due("NOR")
    a_state_due("BEN", region="AFR")
    a_state_due("TGO", region="AFR", desk_officer=factories.an_officer("grace"))
    found = {
        name: (
            {event["SUMMARY"].split(":")[0] for event in calendar.walk("VEVENT")},
            str(calendar["X-WR-CALNAME"]),
        )
        for name, calendar in {
            "region": fetched(client, secret, region="AFR"),
            "state": fetched(client, secret, state="nor"),
            "desk": fetched(client, secret, desk="mine"),
            "both": fetched(client, secret, desk="mine", region="WEOG"),
        }.items()
    }
    assert found == {
        "region": ({"Benin", "Togo"}, "OPSC reports due: African States"),
        "state": ({"Norway"}, "OPSC reports due: Norway"),
        "desk": ({"Benin"}, "OPSC reports due: desk of ada"),
        "both": (set(), "OPSC reports due: Western European and other States · desk of ada"),
    }


def test_another_persons_desk_is_not_reached(client: Client, secret: str) -> None:
    factories.an_officer("grace")
    for desk in ("grace", "ada", "all", "Mine"):
        assert client.get("/calendar.ics", {"token": secret, "desk": desk}).status_code == 404


def test_whoever_has_no_secret_learns_nothing(client: Client, secret: str) -> None:
    answers = [
        client.get("/calendar.ics", query)
        for query in ({}, {"token": ""}, {"token": "x"}, {"token": secret[:-1]}, {"token": secret.swapcase()})
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    for answer in answers:
        del answer.headers["X-Request-ID"]  # random for each request
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


def test_an_owner_who_is_switched_off_or_without_a_role_has_no_feed(client: Client, secret: str) -> None:
    ada = get_user_model().objects.get(username="ada")
    assert client.get("/calendar.ics", {"token": secret}).status_code == 200
    get_user_model().objects.filter(pk=ada.pk).update(is_active=False)
    assert client.get("/calendar.ics", {"token": secret}).status_code == 404
    get_user_model().objects.filter(pk=ada.pk).update(is_active=True)
    ada.groups.clear()
    assert client.get("/calendar.ics", {"token": secret}).status_code == 404
    assert signed_in("nobody").get("/calendar.ics", {"token": secret}).status_code == 404


def test_a_viewer_may_have_a_feed(client: Client) -> None:
    signed = in_role("Viewer")
    assert client.get(addresses(press(signed, "make"))["All States"]).status_code == 200


def test_no_secret_is_written_to_the_log(client: Client, secret: str, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        client.get("/calendar.ics", {"token": secret})
        client.get("/calendar.ics", {"token": secret, "region": "MOON"})
        client.post("/calendar.ics", {"token": secret})
    assert "Not Found: /calendar.ics" in caplog.text
    assert secret not in caplog.text


@pytest.mark.parametrize("name", ["token", "region", "state", "desk"])
def test_a_hostile_address_never_breaks_a_feed(name: str, client: Client, secret: str) -> None:
    for value in HOSTILE:
        known = "" if name == "token" else f"token={secret}&"
        status = client.get(f"/calendar.ics?{known}{name}={value}").status_code
        assert status == (200 if not value and name != "token" else 404), value


# --- repeated requests ----------------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(client: Client, secret: str) -> None:
    a_state_due()
    answer = client.get("/calendar.ics", {"token": secret})
    for header, value in (
        ("If-None-Match", answer.headers["ETag"]),
        ("If-Modified-Since", answer.headers["Last-Modified"]),
    ):
        again = client.get("/calendar.ics", {"token": secret}, headers={header: value})
        assert (again.status_code, again.content) == (304, b""), header
    assert answer.headers["Last-Modified"] == "Sun, 22 Nov 2026 09:00:00 GMT"
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_what_has_changed_is_sent_again(client: Client, secret: str, clock: Any) -> None:
    state = a_state_due()
    answer = client.get("/calendar.ics", {"token": secret})
    clock.shift(3600)
    factories.receives(state, "2026-11-20")
    factories.derive(TODAY.isoformat())
    for header, value in (
        ("If-None-Match", answer.headers["ETag"]),
        ("If-Modified-Since", answer.headers["Last-Modified"]),
    ):
        assert client.get("/calendar.ics", {"token": secret}, headers={header: value}).status_code == 200


def test_a_state_that_leaves_a_region_is_told_to_that_regions_feed(
    client: Client, secret: str, clock: Any
) -> None:
    a_state_due("NOR")
    a_state_due("SWE")
    since = {
        "If-Modified-Since": client.get("/calendar.ics", {"token": secret, "region": "WEOG"}).headers[
            "Last-Modified"
        ]
    }
    clock.shift(3600)
    State.objects.filter(pk="NOR").update(region="EES")
    again = client.get("/calendar.ics", {"token": secret, "region": "WEOG"}, headers=since)
    assert again.status_code == 200
    assert b"Norway" not in again.content


def test_a_desks_feed_is_told_apart_by_its_octets_alone(client: Client, secret: str) -> None:
    state = a_state_due("BEN", region="AFR")
    answer = client.get("/calendar.ics", {"token": secret, "desk": "mine"})
    assert "Last-Modified" not in answer.headers
    state.desk_officer = factories.an_officer("grace")
    state.save()
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/calendar.ics", {"token": secret, "desk": "mine"}, headers=tag).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_a_feed_takes_so_many_queries(
    number: int, client: Client, secret: str, django_assert_num_queries: Any
) -> None:
    for iso3 in ("NOR", "SWE", "FIN")[:number]:
        a_state_due(iso3)
    client.get("/calendar.ics", {"token": secret})
    # The owner, the role, two that compare, the events, and the latest change of any.
    with django_assert_num_queries(6):
        client.get("/calendar.ics", {"token": secret})


# --- how it is written ----------------------------------------------------------------------------


def test_a_name_with_accents_is_folded_between_letters(client: Client, secret: str) -> None:
    state = a_state_due("CIV", region="AFR")
    for length in range(40, 60):
        name = "x" * length + " Côte d’Ivoire, République; “é”"
        State.objects.filter(pk=state.pk).update(name=name)
        event = fetched(client, secret).walk("VEVENT")[0]
        assert event["SUMMARY"] == f"{name}: initial report due (OPSC)"


def test_a_name_cannot_add_lines_of_its_own(client: Client, secret: str) -> None:
    a_state_due("NOR", name="Norway\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:false")
    assert len(fetched(client, secret).walk("VEVENT")) == CalendarEntry.objects.count()


# --- the file of one State ------------------------------------------------------------------------


def test_the_file_of_a_state_holds_its_due_dates(staff: Client) -> None:
    a_state_due("NOR")
    a_state_due("SWE")
    answer = staff.get("/states/NOR/calendar.ics")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="article-12-NOR.ics"'
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert {event["SUMMARY"].split(":")[0] for event in events} == {"Norway"}
    assert events[0].decoded("DTSTART") == date(2027, 1, 15)


def test_a_state_that_does_not_exist_has_no_file(staff: Client) -> None:
    assert staff.get("/states/%00/calendar.ics").status_code == 404


# --- the shipped facts, last: they stay for the rest of the module --------------------------------


def test_of_the_shipped_facts_what_a_rule_or_a_document_dates_is_told(
    shipped: None, client: Client, secret: str
) -> None:
    content = client.get("/calendar.ics", {"token": secret}).content
    assert sorted(event["UID"] for event in Calendar.from_ical(content).walk("VEVENT")) == [
        "IDN-initial-own-1@article-12-tracker",
        "MYS-initial-own-1@article-12-tracker",
        "USA-periodic-own-6@article-12-tracker",
        "USA-periodic-own-7@article-12-tracker",
    ]


def test_lines_are_short_and_end_as_the_standard_asks(
    shipped: None, client: Client, secret: str, settings: Any
) -> None:
    settings.PERIODIC_RULE = "treaty-calendar"  # for more events
    factories.derive("2026-11-22")
    content = client.get("/calendar.ics", {"token": secret}).content
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    events = Calendar.from_ical(content).walk("VEVENT")
    assert len(events) == CalendarEntry.objects.count() == 213
    assert len({event["UID"] for event in events}) == 213
