"""Catalogues for translators who work in a program of their own: download, upload, preview, save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tracker.languages import exchange, texts
from tracker.languages.exchange import FileRows, UnusableFile
from tracker.languages.known import Locale
from tracker.web.languages.desk import CONFIRMS, language_or_404, save
from tracker.web.ui.documents import as_download

SALT, HOURS = "languages.upload", 12  # for which a preview can be saved
MOST_SHOWN = 200  # rows of a preview


class CatalogueUpload(forms.Form):
    """A catalogue that was edited elsewhere."""

    file = forms.FileField(label=gettext_lazy("File"), allow_empty_file=True)
    note = forms.CharField(
        label=gettext_lazy("Note, for example who translated it"), required=False, max_length=500
    )
    same = forms.BooleanField(
        label=gettext_lazy("Also confirm what the file leaves unchanged"),
        help_text=gettext_lazy("Only if a person has read all texts of the file."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = ".po"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > exchange.MOST_BYTES:
            raise forms.ValidationError(str(exchange.too_large()))
        return file


@require_safe
def export(request: HttpRequest, code: str) -> HttpResponse:
    """`/languages/fr/catalogue.po`: the catalogue with what people have confirmed, origins and glossary."""
    language = language_or_404(code)
    content = exchange.exported(language)
    return as_download(f"article-12-tracker-{code}.po", "text/x-gettext-translation", content)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(CONFIRMS, raise_exception=True)
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """`/languages/fr/upload/`: each difference is shown before all of them are saved, or none."""
    language = language_or_404(code)
    if request.method == "POST" and request.POST.get("step") == "save":
        return _save(request, language)
    form = CatalogueUpload(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"locale": language, "form": form}
    if request.method == "POST" and form.is_valid():
        try:
            rows = exchange.read(form.cleaned_data["file"].read(), language)
        except UnusableFile as error:
            form.add_error("file", str(error))
        else:
            context |= _preview(
                language, rows, same=form.cleaned_data["same"], note=form.cleaned_data["note"]
            )
    return render(request, "web/languages/upload.html", context)


def _preview(language: Locale, rows: FileRows, *, same: bool, note: str) -> dict[str, Any]:
    # What already stands in the database is not sent along: the translation is the one that is shown.
    wanted: list[list[Any]] = [
        [row.text.key, row.forms, row.text.version] for row in rows.changed if row.text
    ]
    if same:
        wanted += [[row.text.key, None, row.text.version] for row in rows.same if row.text]
    return {
        "rows": rows,
        "changed": rows.changed[:MOST_SHOWN],
        "more_changed": len(rows.changed[MOST_SHOWN:]),
        "refused": rows.refused[:MOST_SHOWN],
        "more_refused": len(rows.refused[MOST_SHOWN:]),
        "to_save": 0 if rows.refused else len(wanted),
        "signed": ""
        if rows.refused
        else signing.dumps([language.code, note, wanted], salt=SALT, compress=True),
    }


def _save(request: HttpRequest, language: Locale) -> HttpResponse:
    try:
        code, note, rows = signing.loads(request.POST.get("signed", ""), salt=SALT, max_age=HOURS * 3600)
    except signing.BadSignature:
        code, note, rows = "", "", []
    every = texts.texts_of(language)
    if code != language.code or any(key not in every for key, _forms, _seen in rows):
        messages.error(request, _("Nothing was saved: the preview is too old. Upload the file again."))
        return redirect("upload-texts", language.code)
    wanted = {key: (forms or every[key].forms, seen) for key, forms, seen in rows}
    if wanted and save(request, language, wanted, note):
        return redirect("texts", language.code)
    return redirect("upload-texts", language.code)
