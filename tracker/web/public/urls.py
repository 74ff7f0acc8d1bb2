"""The addresses under /public/, and /robots.txt."""

from django.urls import path, re_path

from tracker.web.public import views

urlpatterns = [
    path("public/", views.overview, name="public"),
    path("public/late/", views.late, name="public-late"),
    path("public/states/<str:iso3>/", views.state, name="public-state"),
    path("public/data/", views.data_page, name="public-data"),
    path("public/data/<str:table>.<str:form>", views.file, name="public-data-file"),
    re_path(r"^public/(?P<rest>[\s\S]*/)$", views.nowhere, name="public-nowhere"),
    path("robots.txt", views.robots, name="robots"),
]
