"""The addresses of the tracker, and next to them Django's own admin with the obligations in it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.template.utils import EngineHandler
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from tracker.obligations.models import Obligation
from tracker.obligations.queries.standings import owed_on

# Without our templates, which restyle the admin, and without the context of our pages.
STOCK = EngineHandler(
    [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ],
            },
        }
    ]
)


class ObligationAdmin(admin.ModelAdmin):
    """The rows, columns and filters of our list, shown by Django."""

    list_display = ("state", "label", "due", "status", "received", "source", "why")
    list_filter = ("state__region", "kind", "carried_by")
    search_fields = ("state__name", "state__iso3")
    list_select_related = ("state",)
    list_per_page = 200
    ordering = ("due_on", "state__name", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        today = timezone.localdate()
        return owed_on(today, today=today, bands=False)

    def due(self, row: Any) -> Any:
        return row.due

    def status(self, row: Any) -> Any:
        return row.status

    def received(self, row: Any) -> Any:
        return row.received_on

    def source(self, row: Any) -> Any:
        return row.source

    def why(self, row: Any) -> Any:
        return format_html('<a href="{}">{}</a>', reverse("why", args=[row.pk]), "Why?")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        ours, loader.engines = loader.engines, STOCK
        try:
            return super().changelist_view(request, extra_context).render()
        finally:
            loader.engines = ours


site = admin.AdminSite(name="stock")
site.register(Obligation, ObligationAdmin)

urlpatterns = [path("stock/", site.urls), path("", include("tracker.urls"))]
