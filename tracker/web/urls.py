"""The addresses of all pages: each wing lists its own."""

from django.urls import include, path

WINGS = (
    "edit",
    "today",
    "search",
    "states",
    "obligations",
    "reminders",
    "records",
    "participation",
    "people",
    "correspondence",
    "consideration",
    "pictures",
    "reports",
    "accounts",
    "help",
    "languages",
    "ops",
    "ui",
    "api",
    "public",
)

urlpatterns = [path("", include(f"tracker.web.{wing}.urls")) for wing in WINGS]
