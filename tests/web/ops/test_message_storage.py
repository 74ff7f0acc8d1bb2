"""Messages after an action."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.sessions.backends.cache import SessionStore
from django.test import RequestFactory
from django.utils.module_loading import import_string


def test_a_message_is_shown_once_however_often_it_was_added(rf: RequestFactory, settings: object) -> None:
    request = rf.get("/")
    request.session = SessionStore()
    request._messages = import_string(settings.MESSAGE_STORAGE)(request)  # type: ignore[attr-defined]
    for text in ("Saved.", "Check the date.", "Saved."):
        messages.success(request, text)
    messages.warning(request, "Saved.")
    shown = [f"{one.level_tag}: {one}" for one in messages.get_messages(request)]
    assert shown == ["success: Saved.", "success: Check the date.", "warning: Saved."]
