"""The book of mails and papers: every kind in each language, as one PDF to read and to check. `make book` makes it.

It prints the files in `tests/reminders/mails/`, `tests/correspondence/mails/` and `tests/correspondence/papers/`, which
the tests compare with what the program writes.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import typst

from tracker.languages.known import LANGUAGES
from tracker.languages.typesetting import families_of, fonts

ROOT = Path(__file__).resolve().parent.parent
# With what the chapters of each are called beside the language.
FOLDERS = {
    ROOT / "tests" / "reminders" / "mails": "",
    ROOT / "tests" / "correspondence" / "mails": ": mails about addresses",
    ROOT / "tests" / "correspondence" / "papers": ": notes verbales and letters",
}
TEMPLATE = ROOT / "tools" / "book.typ"
BOOK = ROOT / "docs" / "book-of-mails.pdf"
BEGINS, SUBJECT = "=== ", "Subject: "
MADE_ON = datetime(2026, 3, 16, tzinfo=UTC)  # the day of the mails, so that the same mails make the same book


def chapters() -> list[dict[str, Any]]:
    """The mails of each language, last those in two; then its papers."""
    found = []
    for one, (folder, kind) in product(LANGUAGES, FOLDERS.items()):
        for path in sorted(folder.glob(f"{one.code}*.txt"), key=lambda path: len(path.stem)):
            both = "+" in path.stem
            found.append(
                {
                    "name": (f"{one.name} + English" if both else one.name) + kind,
                    "lang": one.code,
                    "direction": one.direction,
                    "fonts": families_of(one.code),
                    "mails": mails(path.read_text()),
                }
            )
    return found


def mails(text: str) -> list[dict[str, str]]:
    """The mails of one file: what each is about, its subject, and the rest as lines."""
    found = []
    for part in f"\n{text}".split(f"\n{BEGINS}")[1:]:
        about, _blank, rest = part.partition("\n\n")
        subject, _blank, body = rest.partition("\n\n")
        found.append({"about": about, "subject": subject.removeprefix(SUBJECT), "body": body.strip()})
    return found


def main() -> None:
    BOOK.write_bytes(
        typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=fonts(),
            sys_inputs={"chapters": json.dumps(chapters(), ensure_ascii=False)},
            format="pdf",
            timestamp=MADE_ON,
        )
    )


if __name__ == "__main__":
    main()
