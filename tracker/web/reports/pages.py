"""The reports: each as a printable page, as a workbook and as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.consideration.coverage import coverages_of
from tracker.languages.known import LANGUAGES, current, find, speaking
from tracker.obligations.queries import late
from tracker.obligations.queries.dossier import dossier_of
from tracker.registry.desks import Desks
from tracker.registry.models import Region, State
from tracker.registry.un_names import StateOrder
from tracker.registry.values import BadValue, calendar_date
from tracker.reminders.models import ACCEPTED, Reminder
from tracker.web.correspondence.exchange import MAY_READ
from tracker.web.participation.participation import overview_of
from tracker.web.reports import (
    dossier as dossier_report,
    late as late_report,
    note as note_report,
    participation as participation_report,
    pdf,
    proof as proof_report,
)
from tracker.web.reports.document import ReportDocument
from tracker.web.ui.addresses import full_address, state_of
from tracker.web.ui.as_of import day_of, facts_on


def _workbook(report: ReportDocument) -> bytes:
    from tracker.web.reports import workbook  # importing openpyxl takes a tenth of a second of every start

    return workbook.render(report)


# The file formats of a report: type, whether a browser can show it, and the function that writes it.
FORMS: dict[str, tuple[str, bool, Callable[[ReportDocument], bytes]]] = {
    "pdf": ("application/pdf", True, pdf.render),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False, _workbook),
}


def in_the_language_asked(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A file in the language that its address asks for (`?language=fr`); without one in the language of its reader."""

    @wraps(page)
    def in_language(request: HttpRequest, *args: Any, form: str = "", **kwargs: Any) -> HttpResponse:
        asked = request.GET.get("language", "") if form else ""
        if not asked:
            return page(request, *args, form=form, **kwargs)
        if (language := find(asked)) is None:
            raise Http404
        with speaking(asked):
            answer = page(request, *args, form=form, **kwargs)
        answer.headers["Content-Language"] = language.in_django
        return answer

    return in_language


@require_safe
@in_the_language_asked
def late_states(request: HttpRequest, form: str = "") -> HttpResponse:
    """`/reports/late/` and its files: late and non-reporting States, of all or of one regional group."""
    day, region = day_of(request), request.GET.get("region", "")
    if region and region not in Region.values:
        raise Http404
    rows = late.rows_on(day, today=timezone.localdate()).order_by("due", StateOrder("state"), "pk")
    report = late_report.report_of(list(rows.filter(state__region=region) if region else rows), day, region)
    return _answer(request, report, form, back=reverse("late"), region=region)


@require_safe
@in_the_language_asked
def participation(request: HttpRequest, form: str = "") -> HttpResponse:
    """`/reports/participation/` and its files."""
    day = day_of(request)
    found = overview_of(list(State.objects.all()), facts_on(request), day)
    return _answer(request, participation_report.report_of(found, day), form, back=reverse("participation"))


@require_safe
@in_the_language_asked
def dossier(request: HttpRequest, iso3: str, form: str = "") -> HttpResponse:
    """`/reports/dossier/USA/` and its files. Users who may not see contacts or reminders get it without them."""
    state = state_of(iso3.upper(), State.objects.select_related("desk_officer"))
    day = day_of(request)
    may = request.user.has_perm
    sent = Reminder.objects.filter(obligation__state=state, state__in=ACCEPTED, sent_on__lte=day)
    letters = dossier_report.Correspondence(
        reminders=sent.select_related("obligation", "rule").order_by("sent_on", "pk")
        if may("reminders.view_reminder")
        else None,
        contacts=state.contacts.all() if may("registry.view_contact") else None,
        officer=Desks.read().officer_of(state),
    )
    history = full_address(request, reverse("state-history", args=[state.pk]))
    known = dossier_of(state, day, today=timezone.localdate())
    reports = [one.pk for one in known.submissions] if may("consideration.view_checklist") else []
    report = dossier_report.report_of(known, letters, history, coverages_of(reports, day))
    return _answer(request, report, form, back=state.get_absolute_url())


@require_safe
@in_the_language_asked
def note(request: HttpRequest, iso3: str, form: str = "") -> HttpResponse:
    """`/reports/note/USA/` and `.pdf`: what a State owes, on one page, to hand over."""
    state = state_of(iso3.upper())
    known = dossier_of(state, day_of(request), today=timezone.localdate())
    return _answer(request, note_report.report_of(known), form, back=state.get_absolute_url())


@require_safe
@in_the_language_asked
@permission_required("reminders.view_reminder", raise_exception=True)
def proof(request: HttpRequest, iso3: str, form: str = "") -> HttpResponse:
    """`/reminders/proof/USA/` and its files: the correspondence with a State in print, as proof of notice."""
    state = state_of(iso3.upper())
    with_papers = request.user.has_perms(MAY_READ)
    report = proof_report.report_of(state, day_of(request), with_papers=with_papers)
    back = reverse("state-correspondence", args=[state.pk]) if with_papers else state.get_absolute_url()
    return _answer(request, report, form, back=back)


def _answer(
    request: HttpRequest, report: ReportDocument, form: str, *, back: str, region: str = ""
) -> HttpResponse:
    """The report as a page, or as the requested file.

    Args:
        back: the page with the same content for daily work.
    """
    forms = ("pdf",) if report.one_page else tuple(FORMS)
    if not form:
        whole = request.path.rstrip("/")
        context = {
            "report": report,
            "back": back,
            "region": region,
            "files": [(form.upper(), f"{whole}.{form}") for form in forms],
            "others": [one for one in LANGUAGES if one != current()],
        }
        return render(request, "web/reports/report.html", context)
    if form not in forms:
        raise Http404
    return file_of(request, report, form)


def file_of(request: HttpRequest, report: ReportDocument, form: str) -> HttpResponse:
    """The report as one of `FORMS`."""
    if not day_is_understood(request):
        return to_the_page(request, form)
    kind, shows, write = FORMS[form]
    name = f"{report.name}-{report.day.isoformat()}.{form}"
    way = "inline" if shows else "attachment"
    return HttpResponse(
        write(report), content_type=kind, headers={"Content-Disposition": f'{way}; filename="{name}"'}
    )


def to_the_page(request: HttpRequest, form: str) -> HttpResponse:
    """To the page of a file: a file cannot show a message, and a record of the wrong day is worse than none."""
    page = request.path.removesuffix(f".{form}")
    return redirect(f"{page}/?{request.GET.urlencode()}")


def day_is_understood(request: HttpRequest) -> bool:
    """Whether the report is for the requested day, and not for today because that was invalid."""
    asked = request.GET.get("as_of", "").strip()
    try:
        return not asked or calendar_date(asked) == day_of(request)
    except BadValue:
        return False
