"""Reads the picture and the table of a page."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.web.pages import Element, all_of, one_of, words

ADDRESSES = ["parties", "initial-reports", "lateness", "regions", "ahead"]


def rows_of(staff: Client, address: str) -> list[dict[str, Any]]:
    """The table below a picture, as exported."""
    sign = "&" if "?" in address else "?"
    found: list[dict[str, Any]] = staff.get(f"/pictures/{address}{sign}_export=json").json()
    return found


def number_at(staff: Client, address: str) -> int:
    """The number of rows of the list that an address leads to."""
    return len(staff.get(f"{address}&_export=json").json())


def marks(page: Element) -> dict[str, Element]:
    """The links in a picture by what they say."""
    return {words(one_of(one, "title")): one for one in all_of(page, "a") if all_of(one, "title")}
