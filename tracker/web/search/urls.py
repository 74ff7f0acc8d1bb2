"""The addresses of the search."""

from django.urls import path

from tracker.web.search import views

urlpatterns = [
    path("search/", views.results, name="search"),
    path("search/suggest/", views.suggest, name="suggest"),
]
