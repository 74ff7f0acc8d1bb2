"""Addresses for monitoring."""

from django.urls import path

from tracker.web.ops import csp_reports, health, metrics

urlpatterns = [
    path("csp-report/", csp_reports.take, name="csp-report"),
    path("healthz", health.healthz, name="healthz"),
    path("healthz/live", health.live, name="healthz-live"),
    path("healthz/ready", health.ready, name="healthz-ready"),
    path("metrics", metrics.metrics_page, name="metrics"),
]
