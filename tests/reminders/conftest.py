"""Fixtures for the tests of reminders: a fixed clock, a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import pytest
import time_machine
from django.db import connection

from harness.smtp import running
from tests.reminders.helpers import TODAY, Sink, a_state_owing, planned
from tracker.registry.models import State


@pytest.fixture(autouse=True)
def only_on_postgresql(request: pytest.FixtureRequest, db: None) -> None:
    if request.node.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.fail("needs PostgreSQL; on SQLite leave it out: -m 'not postgres'")


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """A clock at the morning of 16 March 2026; `clock.shift(…)` advances it."""
    with time_machine.travel(datetime.combine(TODAY, time(9), UTC)) as traveller:
        yield traveller


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    """A mail server on this machine, which the tracker sends to."""
    sink = Sink()
    with running(sink):
        settings.EMAIL_BACKEND = "tracker.reminders.backends.AnswerKeepingBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_TIMEOUT = 5
        yield sink


@pytest.fixture
def norway(clock: Any) -> State:
    """A State that owes its initial report by 15 June 2026; the reminder of three months before waits."""
    state = a_state_owing("NOR", "2026-06-15", "mission@example.org")
    planned()
    return state
