"""Reads the page of a session."""

from __future__ import annotations

from typing import Any

from tests.web.pages import table


def rows_of(page: Any) -> dict[str, list[str]]:
    """The cells of each State on a session, by its name and code."""
    rows = [row[1:] if row[0] == "" else row for row in table(page, "h-agenda")]  # without the checkbox
    return {row[0]: row[1:] for row in rows}
