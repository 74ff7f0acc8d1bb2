"""The addresses of checklists, sessions, the queue and the figures of the year."""

from django.urls import path

from tracker.web.consideration import sessions

urlpatterns = [
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
]
