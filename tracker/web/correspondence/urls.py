"""The addresses of correspondence."""

from django.urls import path

from tracker.web.correspondence import exchange, files

urlpatterns = [
    path("states/<str:iso3>/correspondence/", exchange.ExchangePage.as_view(), name="state-correspondence"),
    path("correspondence/<int:paper>/files/<int:pk>/", files.download, name="paper-file"),
]
