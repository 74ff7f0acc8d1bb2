"""The addresses where a fact is edited, and where the last change is undone."""

from django.urls import path

from tracker.web.edit import edit, undo

urlpatterns = [
    path("edit/<str:slug>/<int:pk>/", edit.edit, name="edit"),
    path("undo/", undo.undo, name="undo"),
]
