"""The keys of the cache of a process."""

from __future__ import annotations

from django.utils import timezone


def of_today(key: str, prefix: str, version: int) -> str:
    """A key with the day: what was cached under a clock that was ahead would be found until that day."""
    return f"{prefix}:{version}:{timezone.now():%Y-%m-%d}:{key}"
