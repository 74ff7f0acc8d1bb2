"""Several runs at once: each officer's digest is sent once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import factories
from tests.reminders.helpers import TODAY, Sink, a_state_owing
from tests.reminders.test_concurrency import at_once
from tracker.reminders import digest
from tracker.reminders.models import Digest

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_runs_at_once_send_each_digest_once(sink: Sink) -> None:
    for iso3 in ("NOR", "ISL", "DNK"):
        a_state_owing(iso3, "2026-03-10", desk_officer=factories.an_officer(iso3.lower()))
    found = at_once(4, lambda: digest.send_due(TODAY, datetime(2026, 3, 16, 9, tzinfo=UTC)))
    assert sum(counts.get("sent", 0) for counts in found) == 3
    assert sorted(sink.recipients) == ["dnk@example.org", "isl@example.org", "nor@example.org"]
    assert set(Digest.objects.values_list("state", "attempts")) == {("sent", 1)}
