from django.contrib.auth import views as auth
from django.urls import path

from tracker.web import amendments, late, views, what_if

urlpatterns = [
    path("", views.home, name="home"),
    path("obligations/", views.ObligationList.as_view(), name="obligations"),
    path("states/", views.StateList.as_view(), name="states"),
    path("states/<str:iso3>/", views.state_page, name="state"),
    path("reminders/", views.ReminderList.as_view(), name="reminders"),
    path("reminders/approve/", views.approve_reminders, name="approve-reminders"),
    path("reminders/mail/<int:pk>/", views.mail_page, name="mail"),
    path("reminders/mail/<int:pk>/html/", views.mail_html, name="mail-html"),
    path("participation/", views.participation_page, name="participation"),
    path("amendments/", amendments.amendment_list, name="amendments"),
    path("amendments/<int:pk>/", amendments.amendment_page, name="amendment"),
    path("late/", late.late_page, name="late"),
    path("what-if/", what_if.page, name="what-if"),
    path("healthz", views.healthz, name="healthz"),
    path("login/", auth.LoginView.as_view(), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
]
