"""The security headers of every response, and the reports that browsers send about them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tracker.web.ops import csp_reports

REPORT = {
    "csp-report": {
        "effective-directive": "script-src-elem",
        "blocked-uri": "https://evil.example.org/x.js?stolen=1",
        "document-uri": "https://tracker.example.org/answer/the-secret/?q=private",
        "script-sample": "alert(1)",
    }
}


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csp_reports, "budget", csp_reports.Budget())


def send(client: Client, body: Any) -> int:
    sent = body if isinstance(body, bytes | str) else json.dumps(body)
    return int(client.post("/csp-report/", sent, content_type="application/csp-report").status_code)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.name == "tracker.web.ops.csp_reports"]


def test_every_answer_forbids_what_no_page_needs_and_says_where_to_report(client: Client) -> None:
    headers = client.get("/csp-report/").headers
    assert "camera=(), " in headers["Permissions-Policy"]
    assert headers["Reporting-Endpoints"] == 'csp="/csp-report/"'
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "report-uri /csp-report/" in policy
    assert "report-to csp" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("scope", "subdomains", "preload"),
    [("", False, False), ("subdomains", True, False), ("preload", True, True)],
)
def test_browsers_keep_https_for_this_host_alone_unless_more_is_set(
    scope: str, subdomains: bool, preload: bool
) -> None:
    """`make check` proves that Django's check of a deployment has no hints."""
    program = (
        "from tracker import settings as s\n"
        "print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
    )
    given = os.environ | {"HTTPS_ONLY": "on"} | ({"HSTS_SCOPE": scope} if scope else {})
    done = subprocess.run(
        [sys.executable, "-c", program], env=given, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["31536000", str(subdomains), str(preload)]


@pytest.mark.django_db
def test_a_page_that_names_the_user_is_not_stored_even_where_there_is_none(client: Client) -> None:
    client.force_login(factories.an_officer("ada", is_superuser=True))
    for address in ("/states/NOR/", "/nowhere/", "/admin/", "/obligations/?_export=json"):
        assert "no-store" in client.get(address).headers["Cache-Control"], address
    assert "Cache-Control" not in Client().get("/robots.txt").headers


@pytest.mark.django_db
def test_cookies_are_kept_from_scripts_and_other_sites(client: Client) -> None:
    factories.an_officer("ada", password="the-committee-meets-in-geneva")
    client.get("/login/")
    client.post("/login/", {"username": "ada", "password": "the-committee-meets-in-geneva"})
    cookies = [client.cookies["csrftoken"], client.cookies["sessionid"]]
    assert [one["httponly"] for one in cookies] == [True, True]
    assert [one["samesite"] for one in cookies] == ["Lax", "Lax"]


def test_a_report_is_one_line_without_queries_samples_and_links_for_answers(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert send(Client(enforce_csrf_checks=True), REPORT) == 204
    modern = [{"type": "csp-violation", "body": {"effectiveDirective": "style-src-attr", "blockedURL": "inline",
               "documentURL": "http://localhost/states/NOR/?as_of=2020-01-01"}}]  # fmt: skip
    assert send(client, modern) == 204
    assert told(caplog) == [
        "refused by the policy: script-src-elem of https://evil.example.org on /answer/…/",
        "refused by the policy: style-src-attr of inline on /states/NOR/",
    ]


def test_a_report_cannot_forge_a_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    forged = {
        "effective-directive": "x\n2026 ERROR all is lost\x1b[2J",
        "blocked-uri": 7,
        "document-uri": "http://[",
    }
    assert send(client, {"csp-report": forged}) == 204
    assert told(caplog) == ["refused by the policy: x2026ERRORallislost[2J of ? on ?"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"\xff\xfe", 400), (b"[]", 400), (b"7", 400), (b'{"csp-report": 7}', 400),
     (b"[" * 15_000, 400), (b" " * 16_385, 413)],
)  # fmt: skip
def test_what_is_no_report_is_refused(body: bytes, status: int, client: Client) -> None:
    assert send(client, body) == status


def test_of_many_reports_only_twenty_are_logged_in_a_minute(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = json.dumps([{"body": {"effectiveDirective": "img-src"}}] * 50)
    assert [send(client, many) for _ in range(6)] == [204] * 6
    assert len(told(caplog)) == 20
    csp_reports.budget.began -= 61
    send(client, REPORT)
    assert len(told(caplog)) == 21


# --- the signing key ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "debug", "starts"),
    [("short", "off", False), ("ab" * 40, "off", False), ("django-insecure-" + "a1B2c3D4e5F6g7H8" * 4, "off", False),
     ("short", "on", True), ("Zq3v9Xw1Lk7Rt5Yb2Nc8Mj4Hg6Fd0Sa-PoIuYtReWqZxCvBnM_", "off", True)],
)  # fmt: skip
def test_a_key_that_can_be_guessed_stops_the_start_with_one_line(key: str, debug: str, starts: bool) -> None:
    import os

    done = subprocess.run(
        [sys.executable, "-c", "import tracker.settings"],
        env=os.environ | {"SECRET_KEY": key, "DEBUG": debug},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is starts
    if not starts:
        last = done.stderr.strip().splitlines()[-1]
        assert "SECRET_KEY is easy to guess; set at least 50 random characters" in last
        assert key not in last
