"""Screenshots of the main pages on 22 November 2026, with the data of the demonstration.

`make screenshots` writes them to docs/screenshots/. Everything else is made in a temporary folder. Nothing is written
unless each page is the expected one and responds without an error.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import time_machine
from playwright.sync_api import Browser, Error, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
MORNING = datetime(2026, 11, 22, 9, tzinfo=UTC)
MOST_OF_ONE, MOST_OF_ALL = 300_000, 3_000_000  # bytes
TALLEST = {1440: 1000, 360: 2600}  # pixels, by the width: of a longer page, its beginning
# In the order in which a browser is looked for (tests/conftest.py).
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Shot:
    """A page to show: the name of the picture, the page's address and heading, and its display settings."""

    name: str
    address: str
    heading: str
    scheme: Any = "light"
    width: int = 1440


SHOTS = [
    Shot("home", "/", "Today"),
    Shot("home-dark", "/", "Today", scheme="dark"),
    Shot("home-360", "/", "Today", width=360),
    Shot("obligations", "/obligations/?per_page=25", "Obligations"),
    Shot("submissions", "/submissions/?per_page=25", "Submissions"),
    Shot("states", "/states/?per_page=25", "States"),
    Shot("state", "/states/USA/", "United States of America USA"),
    Shot("dossier", "/reports/dossier/USA/", "Dossier: United States of America (USA)"),
    Shot("calendar", "/calendar/?view=month&on=2027-09", "Due dates in September 2027"),
    Shot("late", "/late/", "Late and non-reporting States"),
    Shot("participation", "/participation/", "Participation"),
    Shot("reminders", "/reminders/?per_page=25", "Reminders"),
    Shot("mail", "/reminders/mail/{mail}/", "{subject}"),
    Shot("what-if", "/what-if/", "What if"),
    Shot("admin-state", "/admin/registry/state/USA/change/", "United States of America USA"),
]


class Unfit(Exception):
    """A screenshot cannot be taken; the text says which, and why."""


@contextmanager
def demonstration() -> Iterator[dict[str, Any]]:
    """A server with the data of the demonstration at a fixed time, and the session of a user."""
    os.environ |= {"TRACKER_TEST_DATABASE": "sqlite", "DJANGO_SETTINGS_MODULE": "tracker.settings"}
    from tests import services

    services.set_environment()
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client
    from pytest_django.live_server_helper import LiveServer

    from tracker.reminders.models import Mail

    with time_machine.travel(MORNING, tick=False):
        with redirect_stdout(io.StringIO()):
            call_command("prepare_demo")
        client = Client()
        client.force_login(get_user_model().objects.get(username="staff"))
        mail = Mail.objects.earliest("pk")
        server = LiveServer("127.0.0.1")
        try:
            yield {
                "url": server.url,
                "session": client.cookies["sessionid"].value,
                "mail": mail.pk,
                "subject": mail.subject,
            }
        finally:
            server.stop()


def take(browser: Browser, shot: Shot, site: dict[str, Any]) -> bytes:
    """The screenshot of a page, or of the top of a long one.

    Raises:
        Unfit: the page is not the expected one, is incomplete, or its picture is too large.
    """
    wanted = shot.heading.format(**site)
    faults: list[str] = []
    context = browser.new_context(
        locale="en-GB",
        timezone_id="UTC",
        color_scheme=shot.scheme,
        viewport={"width": shot.width, "height": 900},
    )
    try:
        context.add_cookies([{"name": "sessionid", "value": site["session"], "url": site["url"]}])
        context.clock.set_fixed_time(MORNING)
        context.on(
            "response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 400 else None
        )
        page = context.new_page()
        page.goto(site["url"] + shot.address.format(**site), wait_until="networkidle")
        heading = page.locator("h1").last
        found = " ".join(heading.inner_text().split()) if heading.count() else "no heading"
        if faults:
            raise Unfit(f"{shot.name}: the page answers {', '.join(faults)}.")
        if found != wanted:
            raise Unfit(f"{shot.name}: the page at {shot.address} is “{found}”, and “{wanted}” was meant.")
        full = page.evaluate("document.documentElement.scrollHeight")
        seen = {"x": 0, "y": 0, "width": shot.width, "height": min(full, TALLEST[shot.width])}
        picture = page.screenshot(full_page=True, clip=seen, animations="disabled")
    except Error as error:
        raise Unfit(f"{shot.name}: {error.message.splitlines()[0]}") from error
    finally:
        context.close()
    if len(picture) > MOST_OF_ONE:
        raise Unfit(f"{shot.name}: {len(picture):,} bytes; at most {MOST_OF_ONE:,} are kept.")
    return picture


def main() -> int:
    """Takes all screenshots, and writes them if all succeeded."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not program:
        sys.stderr.write("The pictures need Chromium: install it, or name it with CHROMIUM=/path/to/it.\n")
        return 2
    try:
        with demonstration() as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--lang=en-GB"])
            pictures = {shot.name: take(browser, shot, site) for shot in SHOTS}
            browser.close()
        size = sum(map(len, pictures.values()))
        if size > MOST_OF_ALL:
            raise Unfit(f"All pictures: {size:,} bytes; at most {MOST_OF_ALL:,} are kept.")
    except Unfit as unfit:
        sys.stderr.write(f"{unfit} No picture was written.\n")
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, picture in pictures.items():
        (FOLDER / f"{name}.png").write_bytes(picture)
    sys.stdout.write(f"{len(pictures)} pictures in {FOLDER}, {size:,} bytes.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
