"""Helpers for reviews of the Committee and due dates printed by the United Nations."""

from __future__ import annotations

from typing import Any

from tests.factories import day
from tracker.obligations.models import PrintedDate, Review
from tracker.registry.models import State


def reviews(
    state: State, document: str, on: str, cycles: str = "1", kind: str = "initial", **fields: Any
) -> Review:
    """Concluding observations adopted on a day, about the report of these cycles."""
    return Review.objects.create(
        state=state, document=document, adopted_on=day(on), kind=kind, **_cycles(cycles), **fields
    )


def prints(
    state: State,
    printed: str,
    on: str = "2007-05-10",
    cycles: str = "1",
    kind: str = "initial",
    **fields: Any,
) -> PrintedDate:
    """A due date as the United Nations printed it on a day."""
    return PrintedDate.objects.create(
        state=state, printed=printed, printed_on=day(on), kind=kind, **_cycles(cycles), **fields
    )


def _cycles(text: str) -> dict[str, int]:
    first, _, last = text.partition("-")
    return {"first_cycle": int(first), "last_cycle": int(last or first)}
