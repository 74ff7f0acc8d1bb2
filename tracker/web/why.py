"""Why a report is due on its date: the trail, on a page of its own and below the row of a list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.obligations.models import Obligation
from tracker.rules.due import DueSource
from tracker.web.ui.as_of import day_of

# Where a document of the Committee speaks of the date.
STATED = (DueSource.COMMITTEE, DueSource.PRIOR_TO_REPORTING, DueSource.TO_BE_COMMUNICATED)


@require_safe
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """`/obligations/12/why/`: each step with its article and date, as known on the day."""
    day = day_of(request)
    owed = Obligation.objects.as_of(day, today=timezone.localdate()).with_printed(day)
    row = get_object_or_404(owed.select_related("state"), pk=pk).as_it_stood()
    return render(
        request,
        "web/why.html",
        {
            "row": row,
            "steps": row.steps,
            "stated": row.source in STATED,
        },
    )
