"""The addresses of the first page."""

from django.urls import path

from tracker.web.today import home

urlpatterns = [path("", home.home, name="home")]
