"""Denmark with a Permanent Mission and an overdue initial report, and papers about it."""

from __future__ import annotations

import pytest

from tests.correspondence.conftest import mission
from tests.web.conftest import TODAY
from tracker.correspondence import due
from tracker.correspondence.models import Paper
from tracker.registry.models import Contact

__all__ = ["mission"]  # a fixture


@pytest.fixture
def note(mission: Contact) -> Paper:
    """The draft about Denmark's initial report, overdue since 2017."""
    (paper,) = due.draft_due(TODAY)
    return paper
