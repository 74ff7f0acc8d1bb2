"""The addresses of the tracker. Those of the pages are an interface: bookmarks and mails hold them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("tracker.web.urls")),
]
