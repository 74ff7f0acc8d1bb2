"""The addresses of checklists, sessions, the queue and the figures of the year."""

from django.urls import path

from tracker.web.consideration import (
    act_on_agenda,
    add_to_session,
    add_years,
    check_report,
    compare,
    draft_issues,
    expected_years,
    follow_up,
    matrix,
    queue,
    report_page,
    session_form,
    session_page,
    sessions,
)

urlpatterns = [
    path("queue/", queue.queue, name="queue"),
    path("submissions/<int:pk>/", report_page.report_page, name="report-life"),
    path("submissions/<int:pk>/issues/", draft_issues.draft_issues, name="draft-issues"),
    path("submissions/<int:pk>/issues.<str:form>", draft_issues.draft_issues_file, name="draft-issues-file"),
    path("coverage/", matrix.CoverageList.as_view(), name="coverage"),
    path("submissions/<int:pk>/check/", check_report.check_report, name="check-report"),
    path("submissions/<int:pk>/compare/", compare.compare_checklists, name="compare-checklists"),
    path("sessions/", sessions.SessionList.as_view(), name="sessions"),
    path("calendar/years/", expected_years.ExpectedYearList.as_view(), name="expected-years"),
    path("calendar/years/add/", add_years.add_years, name="add-expected-years"),
    path("follow-up/", follow_up.FollowUpList.as_view(), name="follow-up"),
    path("sessions/new/", session_form.new_session, name="new-session"),
    path("sessions/<int:pk>/", session_page.session_page, name="session"),
    path("sessions/<int:pk>/edit/", session_form.edit_session, name="edit-session"),
    path("sessions/<int:pk>/held/", session_form.hold_session, name="session-held"),
    path("sessions/<int:pk>/add/", add_to_session.add_to_session, name="add-to-session"),
    path("sessions/<int:pk>/act/", act_on_agenda.act_on_agenda, name="act-on-agenda"),
]
