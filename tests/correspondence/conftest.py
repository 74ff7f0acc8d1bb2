"""A State with a Permanent Mission, whose initial report fell due on 10 February 2017."""

from __future__ import annotations

from datetime import date

import pytest

from tests import factories
from tracker.registry.models import Contact, ContactKind

TODAY = date(2026, 11, 30)


@pytest.fixture
def mission(db: None) -> Contact:
    """Denmark ratified on 10 January 2015; its initial report was due on 10 February 2017 (OPSC art. 12(1), 14(2))."""
    denmark = factories.a_state("DNK", name="Denmark", records_until=None)
    factories.joins(denmark, "CRC", "1991-07-19")
    factories.joins(denmark, "OPSC", "2015-01-10")
    contact = factories.a_contact(
        denmark,
        "mission.dnk@example.org",
        name="Permanent Mission of Denmark",
        kind=ContactKind.MISSION,
    )
    factories.derive(str(TODAY))
    return contact
