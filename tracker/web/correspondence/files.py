"""Files of papers, as downloads only: a browser never shows one as a page of ours. And the field that uploads them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from tracker.correspondence.models import PaperFile

# If a browser opens it all the same: no scripts, no forms, no address of ours.
ALONE = "sandbox; default-src 'none'; frame-ancestors 'none'"


@require_safe
@permission_required("correspondence.view_paper", raise_exception=True)
def download(request: HttpRequest, paper: int, pk: int) -> HttpResponse:
    """A file of a paper."""
    file = get_object_or_404(PaperFile.objects.select_related("content"), pk=pk, paper=paper)
    return as_download(file.name, file.type, bytes(file.content.data))


def as_download(name: str, kind: str, data: bytes) -> HttpResponse:
    """Bytes that a browser stores under a name, and never shows."""
    return HttpResponse(
        data,
        content_type=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        headers={
            "Content-Disposition": str(content_disposition_header(True, name)),
            "Content-Security-Policy": ALONE,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


class FilesInput(forms.ClearableFileInput):
    """Any number of files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The uploaded files, as a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each file, checked as one."""
        if not data and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(one, initial) for one in data or []]
