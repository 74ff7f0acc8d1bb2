"""Lines of the log: one JSON object each, tied to request and task, and nothing secret in them."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.test import Client
from django.utils.functional import SimpleLazyObject

from tests import factories
from tests.web.conftest import in_role, signed_in
from tracker import environment, logs
from tracker.celery import app
from tracker.outages import InOneLine
from tracker.reminders.models import CalendarToken
from tracker.web.models import ApiToken

pytestmark = pytest.mark.django_db

PASSWORD = "the-committee-meets-in-geneva"
KNOWN = {"time", "level", "logger", "message", "request_id", "task_id", "task", "user_id", "exception",
    "method", "path", "status", "milliseconds"}  # fmt: skip


class Lines:
    """What was written so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.split("\n") if line]

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.objects if line["logger"] == logger]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The log as `LOG_FORMAT=json` writes it, and down to what is only for debugging."""
    written, made, root = Lines(), logs.configuration("json"), logging.getLogger()
    assert made["handlers"]["console"]["filters"] == ["outages in one line", "no links"]
    handler = logging.StreamHandler(written.stream)
    handler.setFormatter(logs.JsonFormatter())
    handler.addFilter(InOneLine())
    handler.addFilter(logs.WithoutLinks())
    requests, level = logging.getLogger("tracker.web.ops.requests"), root.level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    requests.setLevel(made["loggers"]["tracker.web.ops.requests"]["level"])
    yield written
    requests.setLevel("WARNING")
    root.setLevel(level)
    root.removeHandler(handler)


def test_each_request_has_one_line_without_its_query(lines: Lines) -> None:
    client = signed_in("ada", is_superuser=True)
    answer = client.get("/states/?q=somebody")
    (line,) = lines.of("tracker.web.ops.requests")
    assert line.pop("milliseconds") > 0
    assert re.fullmatch(r"2026-11-22T09:0\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line == {
        "level": "INFO",
        "logger": "tracker.web.ops.requests",
        "message": "GET /states/ 200",
        "request_id": answer.headers["X-Request-ID"],
        "user_id": int(client.session["_auth_user_id"]),
        "method": "GET",
        "path": "/states/",
        "status": 200,
    }


def test_nobody_can_begin_a_line_of_ones_own(client: Client, lines: Lines) -> None:
    client.get("/x%0A%7B%22level%22:%20%22INFO%22%7D/%E2%80%A8y%C2%85z%ED%A0%80")
    (line,) = lines.of("tracker.web.ops.requests")
    assert line["path"].startswith('/x\n{"level": "INFO"}/\u2028y\x85z')
    assert len(lines.text.splitlines()) == len(lines.objects)


def test_machines_that_ask_for_health_leave_no_line(client: Client, lines: Lines) -> None:
    client.get("/healthz")
    assert lines.of("tracker.web.ops.requests") == []


def test_a_line_asks_nobody_who_somebody_is() -> None:
    request = HttpRequest()
    request.user = SimpleLazyObject(lambda: pytest.fail("asked"))  # type: ignore[assignment]
    assert logs.user_of(request) is None
    request.user = AnonymousUser()
    assert logs.user_of(request) is None


def test_no_secret_is_ever_in_a_line(lines: Lines) -> None:
    ada = factories.an_officer("ada-lovelace", password=PASSWORD, email="ada@example.org", is_superuser=True)
    norway = factories.a_state("NOR")
    factories.a_contact(norway)
    calendar, token = CalendarToken.renew(ada), ApiToken.renew(ada, "read")
    client = Client()
    client.get(f"/calendar.ics?token={calendar}")
    client.get("/calendar.ics?token=some-older-secret")
    client.get("/answer/a-link-that-lets-in/")
    client.post("/answer/a-link-that-lets-in/", {"answer": "wrong", "said": "my-new-number"})
    client.get("/nowhere/answer/a-link-that-lets-in/?q=looked-for")
    for said in ("not-my-password", PASSWORD):
        client.post("/login/?next=/states/%3Fq=looked-for", {"username": "ada-lovelace", "password": said})
    assert client.get("/states/?q=looked-for").status_code == 200
    client.get("/", headers={"host": "elsewhere.example.org"})
    programs = Client(headers={"authorization": f"Bearer {token}"})
    assert programs.get("/api/v1/states?name=looked-for").status_code in (200, 400)
    assert programs.get("/api/v1/nowhere?name=looked-for").status_code == 404
    secrets = [calendar, token, "some-older-secret", "a-link-that-lets-in", "my-new-number", "looked-for", PASSWORD,
        "not-my-password", "ada@example.org", "ada-lovelace", "mission@example.org",
        *(cookie.value for cookie in client.cookies.values())]  # fmt: skip
    assert [secret for secret in secrets if secret in lines.text] == []
    assert len(lines.of("tracker.web.ops.requests")) == 11
    assert {name for line in lines.objects for name in line} <= KNOWN


def test_a_failure_is_one_line_with_its_traceback(lines: Lines, monkeypatch: Any) -> None:
    client = in_role("Viewer")
    client.raise_request_exception = False

    def fail(*args: Any) -> None:
        raise RuntimeError("at /answer/a-link-that-lets-in/ of\nsomebody")

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", fail)
    answer = client.get("/states/")
    assert answer.status_code == 500
    (line,) = [line for line in lines.of("django.request") if line["level"] == "ERROR"]
    assert line["message"] == "Internal Server Error: /states/"
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["exception"].endswith("RuntimeError: at /answer/…/ of\nsomebody")


def test_what_django_says_of_a_refusal_bears_the_number_of_its_request(lines: Lines) -> None:
    client = in_role("Viewer")
    answer = client.get("/nowhere/")
    (line,) = lines.of("django.request")
    assert (line["message"], line["request_id"]) == ("Not Found: /nowhere/", answer.headers["X-Request-ID"])
    assert line["user_id"] == int(client.session["_auth_user_id"])


@pytest.mark.parametrize(
    ("proxies", "given", "believed"),
    [
        (1, "7f3a-12", True),
        (1, "x" * 64, True),
        (0, "7f3a-12", False),
        (1, "x" * 65, False),
        (1, "a b", False),
        (1, "é", False),
        (1, "<b>1</b>", False),
        (1, "", False),
    ],
)
def test_only_a_proxy_of_ones_own_gives_a_request_its_id(
    proxies: int, given: str, believed: bool, settings: Any, client: Client
) -> None:
    settings.PROXIES = proxies
    got = client.get("/healthz", headers={"x-request-id": given}).headers["X-Request-ID"]
    assert got == given if believed else re.fullmatch("[0-9a-f]{16}", got)


def test_two_requests_have_two_ids(client: Client) -> None:
    assert len({client.get("/healthz").headers["X-Request-ID"] for _ in range(3)}) == 3


def test_a_task_knows_the_request_that_it_was_given_by() -> None:
    queue = f"logs-{uuid4().hex}"
    with logs.about(logs.LogContext(request_id="7f3a-12")):
        app.send_task("tracker.web.tasks.check_file", (1,), queue=queue)
    with app.connection_for_read() as line:
        message = line.default_channel.basic_get(queue, no_ack=True)
        line.default_channel.queue_delete(queue)
    assert message.headers["tracker_request_id"] == "7f3a-12"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Error handling request /answer/secret/?q=1", "Error handling request /answer/…/?q=1"),
        ("Not Found: /answer//secret/", "Not Found: /answer//…/"),
        ("GET /welcome/MQ/secret/ 302", "GET /welcome/MQ/…/ 302"),
        ("/calendar.ics?token=secret&x=/y broke", "/calendar.ics?… broke"),
        ("'/digest/off/?token=secret'", "'/digest/off/?…'"),
        ("/states/?q=Norway", "/states/?q=Norway"),
    ],
)
def test_secrets_are_blanked_in_what_others_write(said: str, kept: str) -> None:
    record = logging.makeLogRecord({"msg": "%s", "args": (said,)})
    assert logs.WithoutLinks().filter(record)
    assert record.getMessage() == kept


def test_a_line_that_a_library_words_wrongly_is_written_and_breaks_nothing() -> None:
    record = logging.makeLogRecord({"msg": "%d of %s", "args": ("/answer/secret/",)})
    assert logs.WithoutLinks().filter(record)
    assert json.loads(logs.JsonFormatter().format(record))["message"] == "%d of %s ('/answer/…/',)"


def test_a_line_for_people_blanks_secrets_in_a_traceback_too() -> None:
    try:
        raise RuntimeError("at /answer/a-link-that-lets-in/")
    except RuntimeError:
        record = logging.makeLogRecord({"msg": "broken off", "exc_info": sys.exc_info()})
    assert logs.LineFormatter("%(message)s").format(record).endswith("RuntimeError: at /answer/…/")


def test_a_line_for_people_holds_the_number_that_the_page_shows() -> None:
    line = logs.LineFormatter("%(levelname)s %(name)s%(about)s: %(message)s")
    record = logging.makeLogRecord({"name": "tracker", "levelname": "ERROR", "msg": "broken off"})
    assert line.format(record) == "ERROR tracker: broken off"
    with logs.about(logs.LogContext(request_id="7f3a-12")):
        assert line.format(record) == "ERROR tracker [7f3a-12]: broken off"
    record.request = HttpRequest()
    record.request.request_id = "7f3a-13"
    assert line.format(record) == "ERROR tracker [7f3a-13]: broken off"


def test_another_form_of_the_log_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match=r"^LOG_FORMAT is not understood; write line or json\.$"):
        environment.read("LOG_FORMAT", environment.choice("line", "json"))


@pytest.mark.parametrize("page", ["answer", "confirm", "welcome"])
def test_the_web_server_leaves_the_same_secrets_out(page: str) -> None:
    """Each link of a mail to people without an account is shortened in its log, and asked for a few times at once."""
    server = (settings.BASE_DIR / "deploy" / "nginx" / "tracker.conf").read_text()
    assert logs.without_secrets(f"/{page}/a/secret") != f"/{page}/a/secret"
    assert f'"~^/{page}/." "/{page}/…";' in server
    (place,) = re.findall(rf"location [~^]+ \^?/\(?[a-z|]*{page}[a-z|]*\)?/ {{(.*?)}}", server, re.DOTALL)
    assert "limit_req" in place
    assert "error_log /dev/null" in place
