"""An import in a real browser, from the file to the record: separate, as it needs its own transactions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.obligations.lists import STATES, as_workbook, reports_received
from tests.web.conftest import in_role
from tracker.obligations.models import AgendaItem, Import, Submission
from tracker.registry.models import Treaty

ROWS = (
    "state,kind,cycles,received_on,symbol\n"
    "Norwey,initial,1,03/06/2005,CRC/C/OPSC/NOR/1\n"
    "Turkey,initial,1,3 May 2006,CRC/C/OPSC/TUR/1\n"
)


@pytest.mark.more
@pytest.mark.django_db(transaction=True)
def test_a_file_is_imported_in_a_browser(
    page: Page, sound_in_every_look: Callable[[Page], None], live_server: LiveServer, tmp_path: Path
) -> None:
    for code, days in (("OPSC", ("2000-05-25", "2002-01-18")), ("CRC", ("1989-11-20", "1990-09-02"))):
        adopted, in_force = days
        Treaty.objects.get_or_create(
            code=code, defaults={"title": code, "adopted_on": adopted, "in_force_on": in_force}
        )
    for iso3, name in (("NOR", "Norway"), ("TUR", "Türkiye")):
        factories.joins(factories.a_state(iso3, name=name), on="2001-10-02")
    cookies = in_role("Editor").cookies
    page.context.add_cookies(
        [{"name": "sessionid", "value": cookies["sessionid"].value, "url": live_server.url}]
    )
    file = tmp_path / "reports.csv"

    def look(heading: str) -> None:
        expect(page.locator("h1")).to_have_text(heading)
        sound_in_every_look(page)

    def hand_in(text: str) -> None:
        file.write_text(text, encoding="utf-8")
        page.goto(f"{live_server.url}/imports/")
        page.get_by_label("Kind of rows").select_option("Submissions")
        page.get_by_label("File:", exact=True).set_input_files(file)
        page.get_by_role("button", name="Upload").click()
        expect(page.locator("h1")).to_have_text("reports.csv")

    page.goto(f"{live_server.url}/imports/")
    look("Import")
    hand_in(ROWS)
    look("reports.csv")
    expect(page.get_by_text("“03/06/2005” could be 3 June 2005 or 6 March 2005")).to_have_count(1)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.get_by_label("The day comes first: 3 June 2005").check()
    page.get_by_label("Norwey (1 row)").select_option("NOR")
    page.get_by_role("button", name="Check with these answers").click()
    look("reports.csv")
    expect(page.get_by_text("→ Türkiye", exact=True)).to_be_visible()
    assert not Submission.objects.exists()
    page.get_by_role("button", name="Save 2 added rows").click()
    expect(page.get_by_text("is saved: 2 added rows.")).to_be_visible()
    look("reports.csv")
    assert set(Submission.objects.values_list("symbol", flat=True)) == {
        "CRC/C/OPSC/NOR/1",
        "CRC/C/OPSC/TUR/1",
    }
    Import.objects.filter(state="saved").update(state="saving", rows_done=500, rows_total=1000)
    page.reload()
    expect(page.get_by_label("500 of 1,000 rows checked.")).to_be_visible()


@pytest.mark.more
def test_the_list_of_an_office_is_saved_by_mouse_after_one_upload(
    signed: Page, site: dict[str, Any], sound: Callable[[Page], None], tmp_path: Path
) -> None:
    page = signed
    states = [iso3 for iso3, _name, _written in STATES]
    AgendaItem.objects.filter(state__in=states).delete()
    Submission.objects.filter(state__in=states).delete()
    rows = reports_received(days=("3/6/2008",) * 12)
    rows[6][1], rows[4][2] = "Republic of Lebanan", "some report"
    file = tmp_path / "OPSC - reports received.xlsx"
    file.write_bytes(as_workbook(rows))
    page.goto(f"{site['url']}/imports/?table=submissions")
    page.get_by_label("File:", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("h1")).to_have_text("OPSC - reports received.xlsx")
    sound(page)
    page.get_by_label("The day comes first: 3 June 2008").check()
    page.get_by_label("Republic of Lebanan (1 row)").select_option("Lebanon")
    page.get_by_role("button", name="Check with these answers").click()
    expect(page.get_by_text("1 row is refused")).to_be_visible()
    page.get_by_role("button", name="Leave out the refused row").click()
    sound(page)
    page.locator("summary", has_text="5 lines not read").click()
    expect(page.get_by_text("Left out by hand.")).to_be_visible()
    page.get_by_role("button", name="Save 11 added rows").click()
    expect(page.get_by_text("is saved: 11 added rows.")).to_be_visible()
    sound(page)
    assert Submission.objects.filter(received_on="2008-06-03").count() == 11
