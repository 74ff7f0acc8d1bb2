"""The addresses of checklists, sessions, the queue and the figures of the year."""

from django.urls import path

from tracker.web.consideration import report_page, sessions

urlpatterns = [
    path("submissions/<int:pk>/", report_page.report_page, name="report-life"),
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
]
