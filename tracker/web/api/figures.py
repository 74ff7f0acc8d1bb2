"""The counts of a day, as the API returns them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.obligations.counts import CARRIED, COUNTED, participation, status_counts
from tracker.obligations.queries import standings
from tracker.registry.models import TreatyAction
from tracker.rules.entry_into_force import TreatyCode
from tracker.rules.status import Band, Status
from tracker.web.api.parameters import AS_OF
from tracker.web.api.schemas import COUNT, DAY, fields
from tracker.web.models import ApiToken

Cells = dict[str, Any]

FIGURES = fields(
    as_of=DAY,
    signatories=COUNT,
    parties=COUNT,
    signatories_not_parties=COUNT,
    initial=fields(**dict.fromkeys(COUNTED, COUNT)),
    own_periodic=fields(**dict.fromkeys(COUNTED, COUNT)),
    carried=fields(**dict.fromkeys(CARRIED, COUNT), awaiting_review=COUNT),
    overdue_bands=fields(**{band.value: COUNT for band in Band}),
)


def figures(day: date) -> Cells:
    """The figures of `manage.py status`, counted by the database in two queries.

    For a future day they are derived, because stored obligations reach ten years from today and no further.
    """
    today = timezone.localdate()
    if day > today:
        return status_counts(day)
    owed = standings.owed_on(day, today=today)
    columns = ("kind", "carried_by", "status", "band")
    rows = list(
        owed.order_by().values_list(*columns).annotate(n=Count("pk"), waiting=Count("then_awaiting_since"))
    )
    counted: Counter[tuple[str, str]] = Counter()
    bands: Counter[str] = Counter()
    for kind, carried_by, status, band, n, _waiting in rows:
        series = standings.series_of(kind, carried_by)
        counted[series, status] += n
        if band and series in (standings.INITIAL, standings.OWN_PERIODIC):
            bands[band] += n

    def by_status(series: str, names: Mapping[str, Status]) -> dict[str, int]:
        return {name: counted[series, status] for name, status in names.items()}

    return {
        "as_of": day,
        **vars(participation(TreatyAction.objects.facts(treaty=TreatyCode.OPSC, until=day).values(), day)),
        "initial": by_status(standings.INITIAL, COUNTED),
        "own_periodic": by_status(standings.OWN_PERIODIC, COUNTED),
        "carried": by_status(standings.CARRIED, CARRIED)
        | {"awaiting_review": sum(waiting for *_columns, waiting in rows)},
        "overdue_bands": {band.value: bands[band.value] for band in Band},
    }


@dataclass(frozen=True)
class Figures:
    """The counts of a day, which have no pages."""

    name = "status"
    says = _(
        "Numbers of States by participation, of reports by series and status, and of overdue reports under the "
        "OPSC by lateness."
    )
    parameters = (AS_OF,)
    row = FIGURES
    scopes = (ApiToken.Scope.READ, ApiToken.Scope.FIGURES)
