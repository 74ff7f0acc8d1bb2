"""The addresses of participation and amendments."""

from django.urls import path

from tracker.web.participation import amendments, participation, positions

urlpatterns = [
    path("participation/", participation.participation_page, name="participation"),
    path("amendments/", amendments.amendment_list, name="amendments"),
    path("amendments/<int:pk>/", amendments.amendment_page, name="amendment"),
    path("amendments/<int:pk>/positions/", positions.positions_page, name="positions"),
]
