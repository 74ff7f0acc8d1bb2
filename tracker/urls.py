"""The addresses of the tracker. Those of the pages are an interface: bookmarks and mails hold them."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("tracker.web.urls")),
]

# What went wrong, in words and with a way on.
handler400 = "tracker.web.errors.bad_request"
handler403 = "tracker.web.errors.permission_denied"
handler404 = "tracker.web.errors.not_found"
handler500 = "tracker.web.errors.server_error"
