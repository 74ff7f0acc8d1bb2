"""The addresses of saved views, and of the day in words."""

from django.urls import path

from tracker.web.ui import form_fields, saved_views

urlpatterns = [
    path("read-day/", form_fields.read_day, name="read-day"),
    path("views/", saved_views.save_view, name="save-view"),
    path("views/columns/", saved_views.keep_columns, name="keep-columns"),
    path("views/<uuid:key>/", saved_views.saved_view, name="saved-view"),
    path("views/<uuid:key>/today/", saved_views.show_on_today, name="view-on-today"),
    path("views/<uuid:key>/delete/", saved_views.delete_view, name="delete-view"),
]
