"""Writes the tables of docs/reference.md, from the settings and the management commands themselves.

`make reference` runs it. A test fails if the page is not up to date.
"""

from __future__ import annotations

import argparse
import os
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference.md"


def table(*rows: tuple[str, ...]) -> str:
    """A Markdown table; the first row has the headings."""
    head, *rest = rows
    lines = [head, ("---",) * len(head), *rest]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def settings_table() -> str:
    from tracker import environment

    runpy.run_path(str(ROOT / "deploy" / "gunicorn.conf.py"))  # adds the settings that gunicorn reads
    rows = (
        (f"`{one.name}`", one.meaning, one.default, one.example if "`" in one.example else f"`{one.example}`")
        for one in environment.SETTINGS.values()
    )
    return table(("name", "meaning", "default", "example"), *rows)


def commands() -> Iterator[tuple[str, str]]:
    """Each management command of the tracker: its usage and the first sentence of its help."""
    from django.core.management import get_commands, load_command_class

    for name, app in sorted(get_commands().items()):
        if isinstance(app, str) and app.startswith("tracker."):
            command = load_command_class(app, name)
            own = argparse.ArgumentParser(
                name, add_help=False, formatter_class=lambda prog: argparse.HelpFormatter(prog, width=1000)
            )
            command.add_arguments(own)
            usage = own.format_usage().removeprefix("usage: ").strip()
            yield f"`{usage}`", re.split(r"(?<=\.)\s", str(command.help), maxsplit=1)[0]


def current(page: str) -> str:
    """The page with up-to-date tables between its markers."""
    for name, content in (
        ("settings", settings_table()),
        ("commands", table(("command", "what it does"), *commands())),
    ):
        begin, end = f"<!-- {name}: made by `make reference` -->\n", f"<!-- end of {name} -->\n"
        before, found, rest = page.partition(begin)
        _, also_found, after = rest.partition(end)
        if not (found and also_found):
            raise ValueError(f"docs/reference.md has no markers for {name}.")
        page = f"{before}{begin}\n{content}\n\n{end}{after}"
    return page


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    import django

    django.setup()
    PAGE.write_text(current(PAGE.read_text()))


if __name__ == "__main__":
    main()
