"""The addresses of the first page, its figures, and what a user follows."""

from django.urls import path

from tracker.web.today import figures, follow, home

urlpatterns = [
    path("", home.home, name="home"),
    path("figures/", figures.page, name="figures"),
    path("follow/", follow.page, name="follow"),
]
