"""The addresses of the languages."""

from django.urls import path

from tracker.web.languages import choice, desk, files, one_text

urlpatterns = [
    path("language/", choice.choose, name="language"),
    path("languages/", desk.overview, name="languages"),
    path("languages/undo/", one_text.undo, name="undo-texts"),
    path("languages/<str:code>/", desk.text_list, name="texts"),
    path("languages/<str:code>/confirm/", desk.confirm, name="confirm-texts"),
    path("languages/<str:code>/catalogue.po", files.export, name="texts-file"),
    path("languages/<str:code>/upload/", files.upload, name="upload-texts"),
    path("languages/<str:code>/<str:key>/", one_text.page, name="text"),
]
