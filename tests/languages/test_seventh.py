"""A further language costs one folder in `locale/` and one line in `tracker.languages.known`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tracker.languages.known import LOCALE

CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

# origin: machine
#: templates/registration/login.html
msgid "Sign in"
msgstr "Xin sig"

#: tracker/languages/writing.py
msgctxt "date"
msgid "%(day)d %(month)s %(year)d"
msgstr "%(year)d x %(number)d x %(day)d"

#: templates/reminders/reminder.txt
msgid "Yours faithfully,"
msgstr "Xours xaithfully,"
"""
# The line is added as if it stood in the module; nothing else is told of the language.
PROGRAM = """
import re
import sys
from datetime import date
from pathlib import Path
from tracker.languages import known

known.LOCALE = Path(sys.argv[1])
known.LANGUAGES += (known.Locale("xx", "Xenish"),)

import django
from django.conf import settings

settings.LOCALE_PATHS = [known.LOCALE]
settings.CONFIRMED_TEXTS_READ_EVERY = None
django.setup()
from django.test import Client
from tracker.languages import catalogues, readiness, writing

catalogues.compile_one(known.by_code("xx"))
client = Client()
client.cookies["language"] = "xx"
page = client.get("/login/", headers={"accept": "text/html"}).content.decode()
assert '<html lang="xx" dir="ltr"' in page
assert "Xin sig" in page
assert re.search('<button[^>]* value="xx"[^>]*>Xenish</button>', page)
with known.speaking("xx"):
    assert writing.in_words(date(2005, 1, 23)) == "2005 x 1 x 23"
assert writing.read_day("2005 x 1 x 23") == date(2005, 1, 23)
assert readiness.way_of("xx") == readiness.Way.ENGLISH
"""


def test_a_seventh_language_is_offered_shown_and_read(tmp_path: Path) -> None:
    folder = tmp_path / "xx" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE)
    environment = os.environ | {
        "DATABASE_URL": "sqlite://:memory:",
        "ALLOWED_HOSTS": "testserver",
        "DEBUG": "on",
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=LOCALE.parent,
        env=environment | {"DJANGO_SETTINGS_MODULE": "tracker.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
