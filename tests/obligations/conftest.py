"""The shipped data, loaded once for a module and removed after it."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection, transaction

from tests import shipped as facts
from tracker.obligations.load import Loaded

LOADED_ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def shipped(django_db_setup: None, django_db_blocker) -> Iterator[Loaded]:
    """The shipped records and their obligations; each test's own changes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        loaded = facts.load(LOADED_ON)
        connection.check_constraints()  # else each test would check all these rows again at its end
        yield loaded
        transaction.set_rollback(True)
