"""Why a report is due on its date: the trail, on a page of its own and below the row of a list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from tracker.obligations.models import Obligation, Submission
from tracker.web.days import day_of


@require_safe
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """`/obligations/12/why/`: each step with its article and date, as known on the day."""
    day = day_of(request)
    row = get_object_or_404(Obligation.objects.as_of(day).select_related("state"), pk=pk)
    answers = Submission.objects.filter(
        state=row.state_id, kind=row.kind, first_cycle__lte=row.cycle, last_cycle__gte=row.cycle
    )
    return render(
        request,
        "web/why.html",
        {
            "row": row,
            "steps": [step for step in row.steps if step.day is None or step.day <= day],
            "received": row.received_on if row.received_on and row.received_on <= day else None,
            "printed": next((one.printed_due for one in answers if one.printed_due), ""),
        },
    )
