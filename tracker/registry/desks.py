"""Who follows which State: its desk officer or, if it has none, the officer of its region."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from tracker.registry.models import RegionDesk, State


@dataclass(frozen=True)
class Desks:
    """The desk officers of the regions, read once for any number of States.

    Attributes:
        by_region: the officer of each regional group that has one.
    """

    by_region: Mapping[str, Any]

    @classmethod
    def read(cls) -> Desks:
        """Reads the current officers in one query."""
        return cls({desk.region: desk.officer for desk in RegionDesk.objects.select_related("officer")})

    def officer_of(self, state: State) -> Any | None:
        """The user who follows a State, or None. Select `desk_officer` with the States to save queries."""
        return state.desk_officer or self.by_region.get(state.region)


def on_desk_of(username: str) -> Q:
    """The States that a user follows, as a condition on State; runs no query itself."""
    regions = RegionDesk.objects.filter(officer__username=username).values("region")
    return Q(desk_officer__username=username) | Q(desk_officer=None, region__in=regions)
