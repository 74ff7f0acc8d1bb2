"""Who follows which State: its own desk officer or, where none is named, the officer of its region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from tracker.registry.models import RegionDesk, State


@dataclass(frozen=True)
class Desks:
    """The officers of the regions; read once and asked for many States.

    Attributes:
        by_region: the officer of each regional group that has one.
    """

    by_region: Mapping[str, Any]

    @classmethod
    def read(cls) -> Desks:
        """As recorded now, in one query."""
        return cls({desk.region: desk.officer for desk in RegionDesk.objects.select_related("officer")})

    def officer_of(self, state: State) -> Any | None:
        """The user who follows a State, or None; ask for States with `desk_officer` selected along."""
        return state.desk_officer or self.by_region.get(state.region)


def on_desk_of(username: str) -> Q:
    """The States that a user follows, as a condition on State; it asks the database nothing by itself."""
    regions = RegionDesk.objects.filter(officer__username=username).values("region")
    return Q(desk_officer__username=username) | Q(desk_officer=None, region__in=regions)
