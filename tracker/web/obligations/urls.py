"""The addresses of obligations: lists, calendar and what if."""

from django.urls import path

from tracker.web.obligations import calendar, calendar_feeds, late, obligation_list, submissions, what_if

urlpatterns = [
    path("obligations/", obligation_list.ObligationList.as_view(), name="obligations"),
    path("obligations/<int:pk>/why/", obligation_list.why, name="why"),
    path("submissions/", submissions.SubmissionList.as_view(), name="submissions"),
    path("calendar/", calendar.calendar_page, name="calendar"),
    path("calendar/feeds/", calendar_feeds.feeds_page, name="calendar-feeds"),
    path("calendar.ics", calendar_feeds.feed, name="calendar-feed"),
    path("states/<str:iso3>/calendar.ics", calendar_feeds.state_calendar, name="state-calendar"),
    path("late/", late.LateList.as_view(), name="late"),
    path("what-if/", what_if.page, name="what-if"),
]
