"""The addresses of correspondence."""

from django.urls import URLPattern, path

from tracker.web.correspondence import exchange

urlpatterns: list[URLPattern] = [
    path("states/<str:iso3>/correspondence/", exchange.ExchangePage.as_view(), name="state-correspondence"),
]
