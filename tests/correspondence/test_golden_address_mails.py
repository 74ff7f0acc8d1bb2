"""The mails about addresses in each language, as `tests/correspondence/mails/` has them: words change only on purpose.

After a change of words or translations: RENEW=1 make test ARGS=tests/correspondence/test_golden_address_mails.py, then
read the difference.
"""

from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests import factories
from tracker.correspondence.models import Dispatch
from tracker.correspondence.text import address_mails
from tracker.languages.known import LANGUAGES
from tracker.languages.readiness import Way
from tracker.reminders.text.language import MailLanguage

FOLDER = Path(__file__).parent / "mails"
DAY = date(2026, 11, 30)
WRITERS = {
    "request to confirm an address": ("confirm", {}, address_mails.confirm_message),
    "notice of a change, to the new address": ("changed", {"part": "new"}, address_mails.changed_message),
    "notice of a change, to the old address": ("changed", {"part": "old"}, address_mails.changed_message),
}


@pytest.mark.django_db
def test_the_mails_about_addresses_read_as_they_did(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    officer = factories.an_officer(first_name="Zoë", last_name="Okafor")
    norway = factories.a_state("NOR", desk_officer=officer)
    contact = factories.a_contact(norway, "lie@example.org", name="Ms Lie", office="Ministry of Families")
    for language in LANGUAGES:
        contact.language = language.code
        monkeypatch.setattr(
            address_mails, "of_contact", lambda *_of, code=language.code: MailLanguage(code, Way.OWN)
        )
        mails = [
            f"=== {name}\n\n{_text(write(_dispatch(contact, what, about), DAY))}"
            for name, (what, about, write) in WRITERS.items()
        ]
        text, path = "\n".join(mails), FOLDER / f"{language.code}.txt"
        if os.environ.get("RENEW"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert text == path.read_text(), f"{path} differs; see the docstring above"


def _dispatch(contact: Any, what: str, about: dict[str, str]) -> Dispatch:
    return Dispatch(
        pk=1,
        what=what,
        key=what,
        about=about,
        contact=contact,
        recipient=contact.email,
        recipient_name=contact.name,
    )


def _text(message: Any) -> str:
    """Subject and body, without the secret of the link."""
    body = re.sub(r"(/confirm/)[^/\s]+", r"\1…", message.body)
    return f"Subject: {message.subject}\n\n{body.strip()}\n"
