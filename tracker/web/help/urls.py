"""The addresses of the help."""

from django.urls import path

from tracker.web.help import page

urlpatterns = [
    path("help/", page.page, name="help"),
    path("help/terms/", page.terms, name="terms"),
]
