"""The addresses of checklists, sessions, the queue and the figures of the year."""

from django.urls import path

from tracker.web.consideration import (
    add_years,
    draft_issues,
    expected_years,
    follow_up,
    matrix,
    queue,
    report_page,
    sessions,
)

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("submissions/<int:pk>/", report_page.report_page, name="report-life"),
    path("submissions/<int:pk>/issues/", draft_issues.draft_issues, name="draft-issues"),
    path("submissions/<int:pk>/issues.<str:form>", draft_issues.draft_issues_file, name="draft-issues-file"),
    path("coverage/", matrix.CoverageList.as_view(), name="coverage"),
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
    path("calendar/years/", expected_years.ExpectedYearList.as_view(), name="expected-years"),
    path("calendar/years/add/", add_years.add_years, name="add-expected-years"),
    path("follow-up/", follow_up.FollowUpList.as_view(), name="follow-up"),
]
