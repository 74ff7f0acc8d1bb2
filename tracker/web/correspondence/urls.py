"""The addresses of correspondence."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
