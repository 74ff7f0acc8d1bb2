"""`/metrics` for Prometheus: the counters of all processes, and figures of the reminders read at each scrape."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from datetime import datetime

import django
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from tracker import VERSION, metrics
from tracker.correspondence.models import Dispatch
from tracker.reminders import attention, watch
from tracker.reminders.models import Reminder, ReminderState


@require_safe
@login_not_required
def metrics_page(request: HttpRequest) -> HttpResponse:
    """The metrics, for clients with the token of `METRICS_TOKEN`; 404 if none is set."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    # Compares the whole header at once; the scheme is case-sensitive here.
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    answer = HttpResponse(text(timezone.now()), content_type=CONTENT_TYPE_PLAIN_0_0_4)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def text(now: datetime) -> bytes:
    """All metrics in the text format of Prometheus, for the page and `manage.py metrics`."""
    with metrics.counted() as counted:
        registry = CollectorRegistry()
        registry.register(_Both(counted, Ledger(now)))
        return generate_latest(registry)


class _Both(Collector):
    """Joins two collectors and reads them only when scraped."""

    def __init__(self, *sources: Collector) -> None:
        self.sources = sources

    def collect(self) -> Iterable[Metric]:
        for source in self.sources:
            yield from source.collect()

    def describe(self) -> Iterable[Metric]:
        return ()


class Ledger(Collector):
    """Figures from the database in four queries, and the version of this build.

    An age is left out while nothing has happened yet. `tracker_stuck` follows `manage.py watch`.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        build = GaugeMetricFamily(
            "tracker_build_info", "Always 1; labels give the build.", labels=["version", "django", "python"]
        )
        build.add_metric([VERSION, django.get_version(), platform.python_version()], 1)
        yield build
        try:
            found = list(self._ledger())
        except DatabaseError:  # the counters of the processes are still reported
            found = []
        yield GaugeMetricFamily(
            "tracker_database_up", "Whether the database answered.", value=1 if found else 0
        )
        yield from found

    def _ledger(self) -> Iterable[Metric]:
        for model, name, words in (
            (Reminder, "tracker_reminders", "Reminders by state."),
            (Dispatch, "tracker_dispatches", "Dispatches of correspondence by state."),
        ):
            states = dict(model._default_manager.order_by().values_list("state").annotate(n=Count("pk")))
            rows = GaugeMetricFamily(name, words, labels=["state"])
            for state in ReminderState.values:
                rows.add_metric([state], states.get(state, 0))
            yield rows
        yield GaugeMetricFamily(
            "tracker_tasks_of_staff_open",
            "Open tasks for staff.",
            value=attention.open_tasks().count(),
        )
        seen = watch.look(self.now)
        for name, words, since in (
            ("tracker_scan_age_seconds", "Seconds since the last scan ended.", seen.scan_ended),
            (
                "tracker_mail_age_seconds",
                "Seconds since a mail server last accepted a reminder.",
                seen.last_sent,
            ),
            (
                "tracker_oldest_unsent_seconds",
                "Seconds since the oldest unsent reminder was due to be sent.",
                seen.oldest_unsent,
            ),
        ):
            if since:
                yield GaugeMetricFamily(name, words, value=(self.now - since).total_seconds())
        stuck = {problem.kind for problem in watch.problems(seen, self.now)}
        told = GaugeMetricFamily("tracker_stuck", "1 if something is stuck, by kind.", labels=["kind"])
        for kind in watch.all_kinds():
            told.add_metric([kind], float(kind in stuck))
        yield told
