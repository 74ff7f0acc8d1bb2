"""Each kind of mail in each language, as `tests/reminders/mails/` has it: what a State reads changes only on purpose.

After a change of words or translations: RENEW=1 make test ARGS=tests/reminders/test_golden_mails.py, then read the
difference.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.reminders import samples
from tracker.languages.known import LANGUAGES
from tracker.languages.readiness import Way

FOLDER = Path(__file__).parent / "mails"


@pytest.mark.django_db
def test_every_kind_of_mail_reads_as_it_did_in_each_language(settings: Any) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    officer = samples.a_world()
    ways = [(one.code, one.code, Way.OWN) for one in LANGUAGES] + [("fr+en", "fr", Way.BOTH)]
    found = {
        name: "\n".join(samples.as_text(*one) for one in samples.mails(officer, code, way).items())
        for name, code, way in ways
    }
    for name, text in found.items():
        path = FOLDER / f"{name}.txt"
        if os.environ.get("RENEW"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert text == path.read_text(), f"{path} differs; see the docstring above"
