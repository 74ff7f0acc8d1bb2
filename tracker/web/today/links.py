"""Addresses of lists with their filters."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse


def list_of(name: str, **filters: str) -> str:
    """The address of a list with those of its filters that are not empty."""
    given = {key: value for key, value in filters.items() if value}
    return f"{reverse(name)}?{urlencode(given)}" if given else reverse(name)
