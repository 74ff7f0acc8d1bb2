"""The addresses of the pictures."""

from django.urls import path

from tracker.web.pictures import ahead, initial_reports, page, parties, regions

urlpatterns = [
    path("pictures/", page.contents_page, name="pictures"),
    path("pictures/parties/", parties.PartiesPage.as_view(), name="picture-parties"),
    path(
        "pictures/initial-reports/",
        initial_reports.InitialReportsPage.as_view(),
        name="picture-initial-reports",
    ),
    path("pictures/lateness/", initial_reports.LatenessPage.as_view(), name="picture-lateness"),
    path("pictures/regions/", regions.RegionsPage.as_view(), name="picture-regions"),
    path("pictures/ahead/", ahead.AheadPage.as_view(), name="picture-ahead"),
]
