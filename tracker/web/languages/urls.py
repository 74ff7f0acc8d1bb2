"""The addresses of the languages."""

from django.urls import path

from tracker.web.languages import choice

urlpatterns = [
    path("language/", choice.choose, name="language"),
]
