"""The addresses of States."""

from django.urls import path

from tracker.web.states import state_list, state_page

urlpatterns = [
    path("states/", state_list.StateList.as_view(), name="states"),
    path("states/<str:iso3>/", state_page.state_page, name="state"),
]
