"""Denmark with a Permanent Mission and an overdue initial report, and papers about it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.correspondence.conftest import mission
from tests.web.conftest import TODAY
from tracker.correspondence import due, papers
from tracker.correspondence.models import Occasion, Paper
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.registry.models import Contact

__all__ = ["mission"]  # a fixture


@pytest.fixture
def note(mission: Contact) -> Paper:
    """The draft about Denmark's initial report, overdue since 2017."""
    (paper,) = due.draft_due(TODAY)
    return paper


def a_circular(mission: Contact, words: str = "The office has moved.", **more: Any) -> Paper:
    """A draft with words of its own."""
    new = NewPaper(
        Occasion.OTHER,
        "note",
        mission,
        PaperSubject(mission.state),
        typed={"en": words},
        title="Move",
        **more,
    )
    paper = papers.draft(new, by="ada", day=TODAY)
    assert paper is not None
    return paper
