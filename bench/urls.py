"""The addresses of the tracker, and beside them Django's admin as it comes, with the obligations in it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.template.utils import EngineHandler
from django.urls import include, path
from django.utils import timezone

from tracker.obligations.models import Obligation
from tracker.web.overview import owed_on

# Without our folder of templates, which dresses the admin too, and without what our pages' frame asks for.
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
    """The rows and the columns of our list, shown by Django."""

    list_display = ("state", "label", "article", "due", "status")
    list_select_related = ("state",)
    list_per_page = 50
    ordering = ("due_on", "state__name", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        today = timezone.localdate()
        return owed_on(today, today=today)

    def due(self, row: Any) -> Any:
        return row.due

    def status(self, row: Any) -> Any:
        return row.status

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        ours, loader.engines = loader.engines, STOCK
        try:
            return super().changelist_view(request, extra_context).render()
        finally:
            loader.engines = ours


site = admin.AdminSite(name="stock")
site.register(Obligation, ObligationAdmin)

urlpatterns = [path("stock/", site.urls), path("", include("tracker.urls"))]
