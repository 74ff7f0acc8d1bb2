"""The pages of sessions in a browser, in each way in which a page is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tracker.obligations.models import CommitteeSession


@pytest.mark.more
@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/sessions/", "Sessions"),
        ("/sessions/{}/", "Session 96"),
        ("/sessions/{}/edit/", "Edit session 96"),
        ("/sessions/{}/add/", "Put a State on session 96"),
    ],
)
def test_the_pages_of_sessions_are_sound_in_every_look(
    address: str, heading: str, signed: Page, site: dict[str, Any], sound_in_every_look: Callable[..., None]
) -> None:
    session = CommitteeSession.objects.get(kind="session", number=96)
    signed.goto(site["url"] + address.format(session.pk))
    expect(signed.get_by_role("heading", level=1)).to_have_text(heading)
    sound_in_every_look(signed)
