"""The addresses of the first page and of the help."""

from django.urls import path

from tracker.web.today import help as help_page
from tracker.web.today import home

urlpatterns = [
    path("", home.home, name="home"),
    path("help/", help_page.page, name="help"),
]
