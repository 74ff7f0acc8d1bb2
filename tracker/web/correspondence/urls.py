"""The addresses of correspondence."""

from django.urls import path

from tracker.web.correspondence import (
    acts,
    edit_paper,
    exchange,
    files,
    paper_page,
    printing,
    receive,
    register,
    write,
)

urlpatterns = [
    path("states/<str:iso3>/correspondence/", exchange.ExchangePage.as_view(), name="state-correspondence"),
    path("correspondence/<int:paper>/files/<int:pk>/", files.download, name="paper-file"),
    path("correspondence/", register.PaperList.as_view(), name="correspondence"),
    path("correspondence/act/", acts.act_on_many, name="act-on-papers"),
    path("correspondence/undo/", acts.undo, name="undo-papers"),
    path("correspondence/write/", write.write_paper, name="write-paper"),
    path("correspondence/receive/", receive.receive_paper, name="receive-paper"),
    path("correspondence/<int:pk>/", paper_page.paper_page, name="paper"),
    path("correspondence/<int:pk>/act/", paper_page.paper_act, name="paper-act"),
    path("correspondence/<int:pk>/edit/", edit_paper.edit_paper, name="edit-paper"),
    path("correspondence/<int:pk>/paper.pdf", printing.paper_pdf, name="paper-pdf"),
    path("correspondence/<int:pk>/paper.docx", printing.paper_docx, name="paper-docx"),
]
