"""The day of these tests, and a State."""

import pytest

from tests.factories import a_state, joins
from tests.obligations.conftest import today
from tracker.registry.models import State

__all__ = ["today"]


@pytest.fixture
def norway(db: None) -> State:
    """Party to the OPSC from 18 January 2002 on."""
    state = a_state("NOR")
    joins(state, on="2001-10-02")
    return state
