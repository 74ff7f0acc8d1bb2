"""The addresses of saved views."""

from django.urls import path

from tracker.web.ui import saved_views

urlpatterns = [
    path("views/", saved_views.save_view, name="save-view"),
    path("views/columns/", saved_views.keep_columns, name="keep-columns"),
    path("views/<uuid:key>/", saved_views.saved_view, name="saved-view"),
    path("views/<uuid:key>/delete/", saved_views.delete_view, name="delete-view"),
]
