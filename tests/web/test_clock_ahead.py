"""What a clock three years ahead left behind locks nobody out and hides nothing newer, once the clock is right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import one_of, read, words
from tracker.changes.import_jobs import is_stopped
from tracker.obligations.models import Import
from tracker.reminders import calendar
from tracker.reminders.models import CalendarEntry, CalendarToken, ScanRun
from tracker.web.accounts import second_factor
from tracker.web.models import ApiToken

pytestmark = pytest.mark.django_db

THREE_YEARS = timedelta(days=1096)
RIGHT = "the-committee-meets-in-geneva"


def sign_in(password: str) -> int:
    said = {"username": "ada", "password": password}
    return Client().post("/login/", said, REMOTE_ADDR="192.0.2.1").status_code


def test_wrong_passwords(clock: Any) -> None:
    factories.an_officer("ada", password=RIGHT, is_superuser=True)
    clock.shift(THREE_YEARS)
    assert [sign_in("wrong") for _ in range(5)][-1] == 429
    clock.shift(-THREE_YEARS)
    assert sign_in(RIGHT) == 302


def test_wrong_codes_of_the_second_factor(clock: Any) -> None:
    user = factories.an_officer("ada")
    second_factor.begin(user)
    clock.shift(THREE_YEARS)
    second_factor.check(user, "000000", confirmed=False)
    clock.shift(-THREE_YEARS)
    assert second_factor.check(user, "000000", confirmed=False).wait_until is None


def test_the_requests_of_a_token(clock: Any, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 1
    in_role("Viewer", "vera")
    secret = ApiToken.renew(get_user_model().objects.get(username="vera"), "read")
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    clock.shift(THREE_YEARS)
    assert [program.get("/api/v1/status").status_code for _ in range(2)] == [200, 429]
    clock.shift(-THREE_YEARS)
    assert [program.get("/api/v1/status").status_code for _ in range(2)] == [200, 429]


def test_a_file_that_nobody_works_on_any_more(clock: Any) -> None:
    row = Import(state=Import.State.CHECKING, touched_at=timezone.now())
    assert not is_stopped(row)
    row.touched_at += THREE_YEARS
    assert is_stopped(row)


def test_what_a_process_has_cached(clock: Any) -> None:
    clock.shift(THREE_YEARS)
    cache.set("unreachable", True, 60)
    assert cache.get("unreachable")
    clock.shift(-THREE_YEARS)
    assert cache.get("unreachable") is None


def test_what_calendars_have_read(clock: Any) -> None:
    state = factories.a_state("NOR")
    factories.joins(state, on="2025-04-10")
    factories.derive(TODAY.isoformat(), state)
    calendar.synchronise(TODAY)
    CalendarEntry.objects.update(changed_at=timezone.now() + THREE_YEARS)
    second = factories.a_state("FIN")
    factories.joins(second, on="2025-04-10")
    factories.derive(TODAY.isoformat(), second)
    calendar.synchronise(TODAY)
    signed_in("grace", is_superuser=True)
    secret = CalendarToken.renew(get_user_model().objects.get(username="grace"))
    feed = Client().get(f"/calendar.ics?token={secret}")
    assert feed.headers["Last-Modified"] == "Sun, 22 Nov 2026 09:00:00 GMT"


@pytest.mark.usefixtures("each_page_has_its_own_footer")
def test_the_footer_shows_the_last_scan_by_its_place_and_not_by_its_date(clock: Any, staff: Client) -> None:
    for at in (timezone.now() + THREE_YEARS, timezone.now()):
        ScanRun.objects.create(started_at=at, finished_at=at)
    assert "Last scan 22 November 2026, 09:00 UTC." in words(one_of(read(staff.get("/")), "footer"))
