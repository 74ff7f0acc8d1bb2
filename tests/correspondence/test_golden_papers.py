"""Each kind of paper in each language, as `tests/correspondence/papers/` has it: words change only on purpose.

After a change of words or translations: RENEW=1 make test ARGS=tests/correspondence/test_golden_papers.py, then read
the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.correspondence import samples
from tracker.languages.known import LANGUAGES, Locale

FOLDER = Path(__file__).parent / "papers"


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_every_paper_reads_as_it_did(language: Locale) -> None:
    text, path = samples.golden(language.code), FOLDER / f"{language.code}.txt"
    if os.environ.get("RENEW"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(), f"{path} differs; see the docstring above"
