"""The addresses of the API."""

from django.urls import path, re_path

from tracker.web.api import views
from tracker.web.api.page import api_page
from tracker.web.api.resources import LISTINGS

urlpatterns = [
    path("api/", api_page, name="api"),
    path("api/v1/openapi.json", views.openapi, name="api-openapi"),
    *(path(f"api/v1/{one.name}", views.listing_view(one), name=f"api-{one.name}") for one in LISTINGS),
    path("api/v1/status", views.status, name="api-status"),
    re_path(r"^api/v1/", views.nowhere, name="api-nowhere"),
]
