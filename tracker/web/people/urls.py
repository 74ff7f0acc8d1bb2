"""The addresses of people and of the own account."""

from django.urls import path

from tracker.web.people import account, invitation, people

urlpatterns = [
    path("people/", people.list_page, name="people"),
    path("people/invite/", invitation.invite_page, name="invite"),
    path("people/<int:pk>/", people.person_page, name="person"),
    path("people/<int:pk>/act/", people.act, name="person-act"),
    path("account/", account.page, name="account"),
    path("welcome/<uidb64>/<token>/", invitation.SetPasswordPage.as_view(), name="set-password"),
]
