"""The addresses of correspondence."""

from django.urls import path

from tracker.web.correspondence import (
    acts,
    address_list,
    confirm_by_link,
    confirm_contact,
    directory,
    edit_paper,
    exchange,
    files,
    new_run,
    paper_page,
    printing,
    receive,
    register,
    runs,
    unreachable,
    write,
)

urlpatterns = [
    path("states/<str:iso3>/correspondence/", exchange.ExchangePage.as_view(), name="state-correspondence"),
    path("correspondence/<int:paper>/files/<int:pk>/", files.download, name="paper-file"),
    path("correspondence/runs/", runs.run_list, name="runs"),
    path("correspondence/runs/new/", new_run.new_run, name="new-run"),
    path("correspondence/runs/<int:pk>/", runs.run_page, name="run"),
    path("correspondence/runs/<int:pk>/act/", runs.run_act, name="run-act"),
    path("correspondence/runs/<int:pk>/papers.pdf", printing.run_pdf, name="run-pdf"),
    path("correspondence/runs/<int:pk>/papers.zip", printing.run_docx, name="run-docx"),
    path("correspondence/", register.PaperList.as_view(), name="correspondence"),
    path("correspondence/act/", acts.act_on_many, name="act-on-papers"),
    path("correspondence/undo/", acts.undo, name="undo-papers"),
    path("correspondence/write/", write.write_paper, name="write-paper"),
    path("correspondence/receive/", receive.receive_paper, name="receive-paper"),
    path("correspondence/<int:pk>/", paper_page.paper_page, name="paper"),
    path("correspondence/<int:pk>/act/", paper_page.paper_act, name="paper-act"),
    path("correspondence/<int:pk>/attach/", paper_page.attach_files, name="attach-files"),
    path("correspondence/<int:pk>/edit/", edit_paper.edit_paper, name="edit-paper"),
    path("correspondence/<int:pk>/paper.pdf", printing.paper_pdf, name="paper-pdf"),
    path("correspondence/<int:pk>/paper.docx", printing.paper_docx, name="paper-docx"),
    path("correspondence/addresses/", address_list.AddressMailList.as_view(), name="addresses"),
    path("correspondence/addresses/act/", address_list.address_act, name="address-act"),
    path("correspondence/dispatches/<int:pk>/", address_list.dispatch_page, name="dispatch"),
    path("correspondence/unreachable/", unreachable.UnreachableList.as_view(), name="unreachable"),
    path(
        "correspondence/contacts/<int:pk>/confirm/", confirm_contact.confirm_contact, name="confirm-contact"
    ),
    path("correspondence/directory/<int:pk>/", directory.directory, name="directory"),
    path("correspondence/contacts/undo/", confirm_contact.undo_confirmation, name="undo-confirmation"),
    path("confirm/<str:token>/", confirm_by_link.confirm_page, name="confirm"),
]
