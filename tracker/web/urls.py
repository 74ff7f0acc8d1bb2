"""The addresses of all pages: each wing lists its own."""

from django.urls import include, path

from tracker.web.api import views as api
from tracker.web.public import views as public

WINGS = (
    "today",
    "states",
    "obligations",
    "reminders",
    "records",
    "participation",
    "reports",
    "accounts",
    "ops",
    "ui",
)

urlpatterns = [
    *(path("", include(f"tracker.web.{wing}.urls")) for wing in WINGS),
    *api.addresses,
    *public.addresses,
]
