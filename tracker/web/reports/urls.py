"""The addresses of reports in print."""

from django.urls import path

from tracker.web.reports import annual_page, pages as reports

urlpatterns = [
    path("annual-report/", annual_page.annual_report, name="annual-report"),
    path("annual-report.<str:form>", annual_page.annual_report, name="annual-report-file"),
    path("reminders/proof/<str:iso3>/", reports.proof, name="report-proof"),
    path("reminders/proof/<str:iso3>.<str:form>", reports.proof, name="report-proof-file"),
    path("reports/late/", reports.late_states, name="report-late"),
    path("reports/late.<str:form>", reports.late_states, name="report-late-file"),
    path("reports/participation/", reports.participation, name="report-participation"),
    path("reports/participation.<str:form>", reports.participation, name="report-participation-file"),
    path("reports/note/<str:iso3>/", reports.note, name="report-note"),
    path("reports/note/<str:iso3>.<str:form>", reports.note, name="report-note-file"),
    path("reports/dossier/<str:iso3>/", reports.dossier, name="report-dossier"),
    path("reports/dossier/<str:iso3>.<str:form>", reports.dossier, name="report-dossier-file"),
]
