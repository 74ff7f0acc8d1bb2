"""The addresses of checklists, sessions, the queue and the figures of the year."""

from django.urls import path

from tracker.web.consideration import queue, report_page, sessions

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("submissions/<int:pk>/", report_page.report_page, name="report-life"),
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
]
