"""The addresses where records are entered, confirmed, restored and imported."""

from django.urls import path

from tracker.web.records import (
    depositary_list,
    facts_to_confirm,
    history,
    import_pages,
    keep_records,
    record,
    record_date,
    record_deposit,
    record_review,
    record_submission,
    restore,
    settle_next,
    to_confirm,
)

urlpatterns = [
    path(
        "states/<str:iso3>/record-submission/", record_submission.record_submission, name="record-submission"
    ),
    path("states/<str:iso3>/record-date/", record_date.record_date, name="record-date"),
    path("states/<str:iso3>/record-review/", record_review.record_review, name="record-review"),
    path(
        "states/<str:iso3>/record-prior-to-reporting/",
        record_date.record_prior_to_reporting,
        name="record-prior-to-reporting",
    ),
    path(
        "states/<str:iso3>/record-withdrawal/", record_submission.record_withdrawal, name="record-withdrawal"
    ),
    path("states/<str:iso3>/record-deposit/", record_deposit.record_deposit, name="record-deposit"),
    path("record/", record.record, name="record"),
    path("states/<str:iso3>/history/", history.history_page, name="state-history"),
    path("history/<str:model>/<int:pk>/restore/", restore.restore_page, name="restore"),
    path("reconciliation/", depositary_list.page, name="reconciliation"),
    path("imports/", import_pages.import_list, name="imports"),
    path("imports/upload/", import_pages.upload, name="import-upload"),
    path("imports/<int:pk>/", import_pages.import_page, name="import"),
    path("imports/<int:pk>/act/", import_pages.import_act, name="import-act"),
    path("imports/template/<str:table>.<str:form>", import_pages.template, name="import-template"),
    path("imports/export/<str:table>.<str:form>", import_pages.export_table, name="import-export"),
    path("to-confirm/", to_confirm.RecordsToConfirm.as_view(), name="to-confirm"),
    path("to-confirm/non-receipt/", to_confirm.confirm_non_receipt, name="confirm-non-receipt"),
    path("to-confirm/days/", facts_to_confirm.days_to_confirm, name="days-to-confirm"),
    path("to-confirm/days/action/<int:pk>/", facts_to_confirm.settle_action, name="settle-action"),
    path("to-confirm/days/date/<int:pk>/", facts_to_confirm.settle_date, name="settle-date"),
    path("to-confirm/fact/<str:slug>/<int:pk>/", settle_next.settle_fact, name="settle-fact"),
    path("to-confirm/next/", settle_next.settle_next, name="settle-next"),
    path("to-confirm/states/<str:iso3>/", settle_next.settle_state, name="settle-state"),
    path("to-confirm/keep-records/", keep_records.keep_records, name="keep-records"),
    path("to-confirm/dates/", facts_to_confirm.dates_to_confirm, name="dates-to-confirm"),
    path("to-confirm/dates/<int:pk>/", facts_to_confirm.second_look, name="second-look"),
]
