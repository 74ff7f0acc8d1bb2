"""Undoing what somebody else is just editing."""

from __future__ import annotations

import pytest

from tests import factories
from tests.reminders.test_concurrency import while_uncommitted
from tests.web.conftest import signed_in
from tests.web.pages import messages, press_undo, read
from tracker import changes


@pytest.mark.django_db(transaction=True)
def test_undoing_a_session_waits_for_whoever_edits_it_and_leaves_their_change() -> None:
    session, ada = factories.a_session(status="planned"), signed_in(is_superuser=True)
    held = ada.post(f"/sessions/{session.pk}/held/", follow=True)
    with while_uncommitted(lambda: press_undo(ada, held)) as found:
        session.refresh_from_db()
        session.note = "Minutes: CRC/C/SR.2700"
        changes.save([session], by=None)
    assert "Nothing was undone. the system has changed or deleted session 96" in messages(read(found[0]))[0]
    session.refresh_from_db()
    assert (session.status, session.note) == ("held", "Minutes: CRC/C/SR.2700")
