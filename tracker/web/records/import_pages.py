"""`/imports/`: files of facts are uploaded, checked row by row, and saved; templates and exports to download.

A file may be checked and saved by a worker, so its preview and its fingerprint are stored with it and not in a form.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, gettext_noop, ngettext
from django.views.decorators.http import require_POST, require_safe

from tracker.changes import import_jobs
from tracker.languages import writing
from tracker.languages.writing import with_commas, with_semicolons
from tracker.obligations.imports import export
from tracker.obligations.imports.check import RowOutcome
from tracker.obligations.imports.files import too_large
from tracker.obligations.imports.layout import labels_of
from tracker.obligations.imports.tables import TABLES, ImportTable
from tracker.obligations.models import Import
from tracker.registry.stored import StoredText, translated
from tracker.web.records.import_answers import ANSWERS, reading_context
from tracker.web.ui.documents import as_download

PER_PAGE = 100
PASTED = StoredText(gettext_noop("pasted rows"))
SECONDS = 2  # between two looks at a file that is at work
OUTCOMES = {
    RowOutcome.ADDED: gettext_lazy("added"),
    RowOutcome.CHANGED: gettext_lazy("changed"),
    RowOutcome.UNCHANGED: gettext_lazy("unchanged"),
    RowOutcome.REFUSED: gettext_lazy("refused"),
}
FORMS = (("csv", "CSV"), ("xlsx", "XLSX"))


class UploadForm(forms.Form):
    """A file or pasted rows, and their kind."""

    table = forms.ChoiceField(label=gettext_lazy("Kind of rows"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
    )
    # No CharField: that would cut off the tabs at the ends.
    text = forms.Field(
        label=gettext_lazy("or the rows, pasted"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("Copy the cells of your spreadsheet with their headings."),
    )

    def __init__(self, *args: Any, tables: list[type[ImportTable]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        table_field: Any = self.fields["table"]
        table_field.choices = [(table.name, table.label) for table in tables]
        self.fields["file"].widget.attrs["accept"] = ".csv,.xlsx"
        self.fields["file"].help_text = _("CSV or XLSX, at most %(mb)s MB and %(rows)s rows.") % {
            "mb": f"{settings.IMPORT_MAX_BYTES / 1_000_000:g}",
            "rows": writing.number(settings.IMPORT_MAX_ROWS),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), str(cleaned.get("text") or "")
        if file and text.strip():
            self.add_error("text", _("Choose a file or paste the rows, not both."))
        elif not file and not text.strip():
            self.add_error("file", _("Choose a file, CSV or XLSX, or paste the rows."))
        elif (file.size if file else len(text.encode(errors="replace"))) > settings.IMPORT_MAX_BYTES:
            self.add_error("file" if file else "text", str(too_large(settings.IMPORT_MAX_BYTES)))
        return cleaned

    def content(self) -> tuple[str, bytes]:
        """Name and bytes of the file; pasted rows become one."""
        if file := self.cleaned_data["file"]:
            return file.name, file.read()
        return PASTED(), self.cleaned_data["text"].encode(errors="replace")


# --- the list, and uploading ------------------------------------------------------------------------


@require_safe
def import_list(request: HttpRequest) -> HttpResponse:
    """`/imports/`: the form, the templates and exports, and the uploads."""
    mine = Import.objects.filter(uploaded_by=request.user.pk).values_list("table", flat=True)
    initial = {"table": request.GET.get("table") or mine.first() or "submissions"}
    return _list(request, UploadForm(tables=_tables(request.user, "add", "change"), initial=initial))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Stores a file, and redirects to its preview."""
    tables = _tables(request.user, "add", "change")
    if not tables:
        raise PermissionDenied
    form = UploadForm(request.POST, request.FILES, tables=tables)
    if not form.is_valid():
        return _list(request, form)
    row = import_jobs.upload(form.cleaned_data["table"], *form.content(), request.user)
    return redirect("import", row.pk)


def _list(request: HttpRequest, form: UploadForm) -> HttpResponse:
    readable = _tables(request.user, "view")
    if not readable:
        raise PermissionDenied
    entered = {table.name for table in _tables(request.user, "add", "change")}
    rows = (
        Import.objects.filter(table__in=[table.name for table in readable])
        .select_related("uploaded_by", "saved_by")
        .defer("content", "preview", "about")
    )
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "web/records/import_list.html",
        {
            "form": form,
            "may_enter": bool(entered),
            "tables": [
                {"name": table.name, "label": table.label, "columns": table.columns()} for table in readable
            ],
            "forms": FORMS,
            "page": page,
            "rows": [
                {
                    "row": row,
                    "label": TABLES[row.table].label,
                    "may_open": row.table in entered,
                    "outcome": outcome_sentence(row),
                }
                for row in page
            ],
        },
    )


def _tables(user: Any, *what: str) -> list[type[ImportTable]]:
    """The kinds of rows for which a person has these permissions."""
    return [table for table in TABLES.values() if user.has_perms(table.rights(*what))]


def outcome_sentence(row: Import) -> str:
    """The outcome of a file, in a few words."""
    if import_jobs.is_stopped(row):
        return _("stopped")
    if row.state == Import.State.SAVED:
        said = _("saved: %(what)s") % {"what": counts_sentence(row.counts)}
        return with_semicolons((said, left_out_sentence(row.counts)))
    if row.state == Import.State.REFUSED and row.counts:
        refused = row.counts[RowOutcome.REFUSED]
        return ngettext("%(n)d row refused, nothing saved", "%(n)d rows refused, nothing saved", refused) % {
            "n": refused
        }
    if row.state in Import.READY and not _has_something(row):
        return _("nothing to save")
    if row.state in Import.READY:
        return _("not saved: %(what)s") % {"what": counts_sentence(row.counts)}
    return str(row.get_state_display())


def counts_sentence(counts: dict[str, int]) -> str:
    """12 added and 3 changed rows."""
    added, changed = counts.get(RowOutcome.ADDED, 0), counts.get(RowOutcome.CHANGED, 0)
    if added and changed:
        return _("%(added)s added and %(changed)s changed rows") % {
            "added": writing.number(added),
            "changed": writing.number(changed),
        }
    if added:
        return ngettext("%(n)s added row", "%(n)s added rows", added) % {"n": writing.number(added)}
    return ngettext("%(n)s changed row", "%(n)s changed rows", changed) % {"n": writing.number(changed)}


def left_out_sentence(counts: dict[str, int]) -> str:
    """4 lines not read; empty if all are."""
    n = counts.get("left_out", 0)
    return ngettext("%(n)s line not read", "%(n)s lines not read", n) % {"n": writing.number(n)} if n else ""


def _has_something(row: Import) -> bool:
    return bool(row.counts.get(RowOutcome.ADDED) or row.counts.get(RowOutcome.CHANGED))


# --- one file --------------------------------------------------------------------------------------


@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/imports/1/`: the progress of a file, then the outcome of each row."""
    row = _row(request, pk)
    stopped = import_jobs.is_stopped(row)
    at_work = row.state in Import.AT_WORK and not stopped
    context: dict[str, Any] = {
        "row": row,
        "label": TABLES[row.table].label,
        "at_work": at_work,
        "stopped": stopped,
        "untouched": stopped and row.state == Import.State.WAITING,
        "progress": progress_sentence(row),
    }
    if not at_work:
        context |= _preview(request, row)
    answer = render(request, "web/records/import_detail.html", context)
    if at_work:
        answer.headers["Refresh"] = str(SECONDS)
    return answer


def progress_sentence(row: Import) -> str:
    """The progress of a file, in a sentence."""
    numbers = {"done": writing.number(row.rows_done), "total": writing.number(row.rows_total)}
    if row.state == Import.State.WAITING:
        return _("The file is waiting for a worker.")
    if not row.rows_total:
        return _("The file is being read.")
    if row.state == Import.State.SAVING and row.rows_done and row.rows_total - row.rows_done < ALMOST:
        return _("All %(total)s rows are checked again and are being saved.") % numbers
    return _("%(done)s of %(total)s rows checked.") % numbers


ALMOST = ImportTable.EVERY  # the last rows are not reported one by one


def _preview(request: HttpRequest, row: Import) -> dict[str, Any]:
    """The rows of a file, or those with one outcome."""
    chosen = request.GET.get("outcome") or (
        RowOutcome.REFUSED if row.counts.get(RowOutcome.REFUSED) else "all"
    )
    if chosen != "all" and chosen not in OUTCOMES:
        raise Http404
    columns = row.about.get("columns", [])
    labels = labels_of(TABLES[row.table])
    shown = [one for one in row.preview if chosen in ("all", one[1])]
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    ready = row.state in Import.READY
    return {
        "outcome": chosen,
        "outcomes": [
            (value, label, row.counts.get(value, 0)) for value, label in OUTCOMES.items() if row.counts
        ],
        "total": sum(row.counts.get(value, 0) for value in OUTCOMES),
        "columns": [labels.get(name, name) for name in columns],
        "page": page,
        "rows": [_shown(one, columns, labels, row.about.get("understood", {})) for one in page],
        "problems": row.error.split("\n") if row.state == Import.State.REFUSED and row.error else [],
        "effects": row.about.get("told", []),
        "note": row.about.get("note", ""),
        "understood": row.about.get("understood", {}),
        "seen": row.about.get("fingerprint", ""),
        "may_save": ready and _has_something(row),
        "nothing_to_save": ready and not _has_something(row),
        "what_to_save": counts_sentence(row.counts),
        "left_out": left_out_sentence(row.counts),
        "kinds": [(table.name, table.label) for table in _tables(request.user, "add", "change")],
        "kind": next(iter(row.about.get("kinds", ())), row.table),
        "waits_for_second": row.table == "committee-dates" and settings.FOUR_EYES,
        **reading_context(row),
    }


def _shown(
    one: list[Any], columns: list[str], labels: dict[str, str], understood: dict[str, str]
) -> dict[str, Any]:
    """A row of the preview as the template needs it."""
    number, outcome, texts, before, why, *doubt = one  # an import of an earlier release kept no doubt
    cells = []
    for name, text in zip(columns, texts, strict=True):
        cells.append(
            {
                "name": name,
                "text": text,
                "changed": name in before,
                "before": before.get(name, ""),
                "why": why.get(name, ""),
                "means": understood.get(text, "") if name in ("state", "about") else "",
            }
        )
    return {
        "number": number,
        "outcome": outcome,
        "label": OUTCOMES[outcome],
        "cells": cells,
        "why": [text for name, text in why.items() if name not in columns],
        "doubt": "".join(doubt),
        # On a narrow screen the cell itself is out of sight.
        "about": with_commas(labels.get(name, name) for name in columns if name in why or name in before),
    }


@require_POST
def import_act(request: HttpRequest, pk: int) -> HttpResponse:
    """Saves a checked file, has it checked again, or takes what a person answers about it."""
    row = _row(request, pk)
    action = request.POST.get("do")
    if action == "save":
        done = import_jobs.begin_saving(row, request.user, request.POST.get("seen", ""))
    elif action == "check":
        done = import_jobs.check_again(row)
    elif action in ANSWERS:
        done = ANSWERS[action](request, row)
    else:
        raise Http404
    row.refresh_from_db(fields=("state", "counts"))
    if not done:
        messages.warning(
            request,
            _(
                "%(file)s: changed by someone else, or still being processed; the page shows its current state."
            )
            % {"file": translated(row.file_name)},
        )
    elif row.state == Import.State.STALE:
        messages.warning(
            request,
            _(
                "%(file)s: nothing was saved, because the records have changed since the preview. Check the new "
                "preview, then save."
            )
            % {"file": translated(row.file_name)},
        )
    elif row.state == Import.State.SAVED:
        said = _("%(file)s is saved: %(what)s.")
        messages.success(
            request, said % {"file": translated(row.file_name), "what": counts_sentence(row.counts)}
        )
    return redirect("import", row.pk)


def _row(request: HttpRequest, pk: int) -> Import:
    """A file, for somebody who may enter its rows."""
    rows = Import.objects.select_related("uploaded_by", "saved_by").defer("content")
    row = get_object_or_404(rows, pk=pk)
    if row.table not in TABLES:
        raise Http404
    if not request.user.has_perms(TABLES[row.table].rights("add", "change")):
        raise PermissionDenied
    return row


# --- files to download -----------------------------------------------------------------------------


@require_safe
def template(request: HttpRequest, table: str, form: str) -> HttpResponse:
    """`/imports/template/actions.csv`: a file to fill in."""
    kind = _kind_to_download(request, table, form)
    return as_download(f"{table}-template.{form}", kind, export.template(table, form))


@require_safe
def export_table(request: HttpRequest, table: str, form: str) -> HttpResponse:
    """`/imports/export/actions.csv`: all records, to be edited and uploaded."""
    kind = _kind_to_download(request, table, form)
    return as_download(f"{table}-{timezone.localdate().isoformat()}.{form}", kind, export.export(table, form))


def _kind_to_download(request: HttpRequest, table: str, form: str) -> str:
    """The content type of a table's file, for somebody who may read its rows."""
    if table not in TABLES or form not in export.CONTENT_TYPES:
        raise Http404
    if not request.user.has_perms(TABLES[table].rights("view")):
        raise PermissionDenied
    return export.CONTENT_TYPES[form]
