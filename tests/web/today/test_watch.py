"""The messages about reminders in the frame of every page, and the answers for a monitor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.web.conftest import MORNING, TODAY, signed_in
from tests.web.pages import Element, all_of, links, one_of, read, table, words
from tracker.reminders.models import Reminder, ScanRun
from tracker.reminders.plan import plan
from tracker.reminders.scanning import scan
from tracker.web.context import COUNTED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("each_page_has_its_own_footer")]


@pytest.fixture
def norway() -> Any:
    """A State with a mail to be sent."""
    state = factories.a_state("NOR", desk_officer=factories.an_officer("olga"))
    factories.joins(state, on="2001-10-02")
    factories.a_contact(state)
    factories.derive(TODAY.isoformat())
    return state


def banner(page: Element) -> list[str]:
    """The text of the banner; empty if there is none."""
    return [words(item) for band in all_of(page, "div", class_="stuck") for item in all_of(band, "li")]


def test_where_all_is_well_there_is_no_banner(norway: Any, staff: Client) -> None:
    scan(TODAY)
    page = read(staff.get("/"))
    assert all_of(page, "div", class_="stuck") == []
    assert "Last scan 22 November 2026, 09:00 UTC. " in words(one_of(page, "footer"))


@pytest.mark.parametrize(
    "address",
    ["/", "/states/NOR/", "/help/", "/admin/", "/admin/registry/state/", "/?as_of=2020-01-01", "/nowhere/"],
)
def test_every_page_says_that_the_scans_have_stopped(address: str, norway: Any, clock: Any) -> None:
    scan(TODAY)
    clock.shift(timedelta(hours=3))
    page = read(signed_in(is_superuser=True).get(address))
    band = one_of(page, "div", class_="stuck")
    assert band.attributes["role"] == "status"
    assert words(one_of(band, "strong")) == "There is a problem with the reminders."
    (said,) = banner(page)
    assert said.startswith(
        "The last scan ended on 22 November 2026, 09:00 UTC; there should be one every hour."
    )


def test_the_banner_leads_to_the_rows_on_whatever_desk(norway: Any, client: Client) -> None:
    plan(TODAY)
    Reminder.objects.filter(pk=Reminder.objects.earliest("pk").pk).update(state="dead")
    grace = factories.an_officer("grace", is_superuser=True)
    factories.a_state("SWE", desk_officer=grace)  # whose lists begin with her own desk
    client.force_login(grace)
    page = read(client.get("/"))
    (said,) = banner(page)
    assert said == "1 reminder has failed permanently. Staff must act."
    address = links(one_of(page, "div", class_="stuck"))[said]
    assert address == "/reminders/?state=dead&desk=all"
    assert [row[1] for row in table(read(client.get(address)))] == ["Norway NOR"]


def test_a_stranger_and_an_account_without_a_role_are_told_nothing(
    norway: Any, clock: Any, client: Client
) -> None:
    clock.shift(timedelta(hours=3))
    assert banner(read(client.get("/login/"))) == []
    assert banner(read(signed_in("nobody").get("/"))) == []


def test_health_says_when_the_last_scan_ended_and_the_last_mail_went(
    norway: Any, clock: Any, client: Client
) -> None:
    scan(TODAY)
    clock.shift(timedelta(hours=5))
    ScanRun.objects.create(started_at=timezone.now())
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "database": "ok",
            "broker": "ok",
            "last_scan": "2026-11-22T09:00:00+00:00",
            "last_send": "2026-11-22T09:00:00+00:00",
        },
    )


def test_a_page_goes_for_half_a_minute_by_what_was_seen(staff: Client, settings: Any) -> None:
    settings.WATCH_KEPT_FOR = 30
    try:
        before = staff.get("/help/").content
        ScanRun.objects.create(started_at=MORNING, finished_at=MORNING)
        assert b"No scan yet." in before
        assert b"No scan yet." in staff.get("/help/").content
        cache.clear()
        assert b"Last scan" in staff.get("/help/").content
    finally:
        cache.clear()


def test_a_record_that_is_settled_is_no_longer_counted_after_some_seconds(
    staff: Client, settings: Any
) -> None:
    benin = factories.a_state("BEN", records_from="2025-12-04")
    factories.joins(benin, on="2002-12-23")
    factories.derive(TODAY.isoformat())
    settings.WATCH_KEPT_FOR = 30
    try:
        for _ in range(2):  # read with all the other figures, then alone
            assert "1 initial report without record" in words(one_of(read(staff.get("/help/")), "footer"))
        factories.receives(benin, "2005-06-03")
        factories.derive(TODAY.isoformat())
        cache.delete(COUNTED)  # as after five seconds
        assert "without record" not in words(one_of(read(staff.get("/help/")), "footer"))
    finally:
        cache.clear()
