"""The day of these tests, two States, and the shipped data, loaded once for a module and removed after it."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from tests import shipped as facts
from tests.factories import a_state, joins
from tracker.obligations.load import Loaded
from tracker.registry.models import State

LOADED_ON = date(2026, 11, 22)


@pytest.fixture
def today(time_machine: Any) -> None:
    time_machine.move_to(LOADED_ON)


@pytest.fixture
def usa(db: None) -> State:
    """Party to the OPSC from 23 January 2003 on, not to the CRC."""
    state = a_state("USA")
    joins(state, on="2002-12-23")
    return state


@pytest.fixture
def norway(db: None) -> State:
    """Party to the OPSC from 18 January 2002 on, and to the CRC from 7 February 1991 on."""
    state = a_state("NOR")
    joins(state, "CRC", "1991-01-08")
    joins(state, on="2001-10-02")
    return state


@pytest.fixture(scope="module")
def shipped(django_db_setup: None, django_db_blocker) -> Iterator[Loaded]:
    """The shipped records and their obligations; each test's own changes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        loaded = facts.load(LOADED_ON)
        connection.check_constraints()  # else each test would check all these rows again at its end
        yield loaded
        transaction.set_rollback(True)
