"""The template context of every page: navigation, as-of day and footer."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.db.models import Count, QuerySet, Subquery, Value
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from tracker import proxies
from tracker.languages import texts
from tracker.languages.catalogues import BadCatalogue
from tracker.languages.known import ENGLISH, LANGUAGES, current
from tracker.obligations.models import Kind, Obligation
from tracker.registry.models import Treaty
from tracker.reminders import watch
from tracker.reminders.attention import open_tasks
from tracker.reminders.models import Mail
from tracker.rules.status import Status
from tracker.web.accounts.roles import READ
from tracker.web.help.tour import band
from tracker.web.ui.addresses import OF_ONE_ANSWER
from tracker.web.ui.as_of import day_of, values_without
from tracker.web.ui.display import display_of
from tracker.web.ui.filters import EVERY_DESK
from tracker.web.ui.shortcuts import addresses_of_shortcuts

PLACES = (
    ("home", _("Today")),
    ("obligations", _("Obligations")),
    ("states", _("States")),
    ("sessions", _("Sessions")),
    ("reminders", _("Reminders")),
    ("participation", _("Participation")),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of base.html. The footer's figures are only queried if a page shows the footer."""
    user = getattr(request, "user", None)
    for_everybody = {
        "display": display_of(request),
        "languages": LANGUAGES,
        "speaks": current(),
        "public_view": settings.PUBLIC_VIEW,
    }
    if user is None or not user.is_authenticated or not user.has_perm(READ):
        return for_everybody | {"offers_elsewhere": settings.OIDC is not None}
    match = request.resolver_match
    day = day_of(request)
    here = match.url_name if match else ""
    return for_everybody | {
        "shortcuts_lead_to": addresses_of_shortcuts(),
        "places": [
            {"name": name, "label": label, "here": name == here or here in PAGES_OF_A_PLACE[name]}
            for name, label in PLACES
        ],
        "page_name": here,
        "tour": band(request),
        "at_tasks": here in ("tasks", "task"),
        "reviewed": SimpleLazyObject(_review),
        "as_of": day,
        "as_of_today": day == timezone.localdate(),
        "kept": values_without(request, "as_of", *OF_ONE_ANSWER),
        "footer": SimpleLazyObject(partial(_footer, request)),
    }


# Pages that highlight another page's entry of the navigation.
PAGES_OF_A_PLACE = {
    "home": {"figures", "follow", "pictures"},
    "obligations": {
        *("to-confirm", "confirm-non-receipt", "days-to-confirm", "settle-action", "settle-date"),
        *("settle-fact", "settle-next", "settle-state", "keep-records", "dates-to-confirm", "second-look"),
        *("picture-initial-reports", "picture-lateness", "picture-regions", "picture-ahead", "late"),
        *("submissions", "report-life", "report-late", "calendar", "why", "calendar-feeds"),
    },
    "states": {
        *("imports", "import-upload", "import", "state", "record", "record-submission", "record-date"),
        *("record-review", "record-prior-to-reporting", "record-withdrawal", "record-deposit"),
        *("pause-state", "pause-report", "state-history", "state-correspondence", "restore", "edit"),
        *("what-if", "report-dossier", "report-note"),
    },
    "sessions": {
        *("check-report", "compare-checklists", "queue", "coverage", "draft-issues", "draft-issues-file"),
        *("annual-report", "expected-years", "add-expected-years", "follow-up", "session", "new-session"),
        *("edit-session", "add-to-session"),
    },
    "reminders": {
        *("mail", "reminder", "covering", "digest", "outbox-act", "forecast", "clock", "report-proof"),
        *("correspondence", "paper", "runs", "run", "new-run", "paper-act", "attach-files", "edit-paper"),
        *("last-numbers", "write-paper", "receive-paper", "act-on-papers", "addresses", "dispatch"),
        "unreachable",
    },
    "participation": {
        *("picture-parties", "report-participation", "amendments", "amendment", "positions"),
        "reconciliation",
    },
}


def _review() -> dict[str, Any]:
    """How far people have confirmed the texts of the reader's language; empty for English and without a catalogue."""
    language = current()
    if language == ENGLISH:
        return {}
    try:
        return {"code": language.code, "percent": texts.percent_confirmed(language)}
    except BadCatalogue:
        return {}


# The key of the cache entry: what changes within hours is not looked up for every page.
SEEN = "watched"
MANAGES_USERS = "auth.change_user"
COUNTED, COUNTED_FOR = "counted", 5  # seconds: records without record, open tasks


def _footer(request: HttpRequest) -> dict[str, Any]:
    """Uncertain records, the last scan and mail, and what is stuck; in one query."""
    today, now = timezone.localdate(), timezone.now()
    kept: tuple[watch.Watched, Any] | None = cache.get(SEEN)
    # A page with a message follows a change: it shows the counts after it.
    counted: tuple[Any, Any] | None = None if len(get_messages(request)) else cache.get(COUNTED)
    columns: dict[str, Any] = {}
    if counted is None:
        columns |= {"to_confirm": Subquery(_without_record(today)), "tasks": Subquery(_open_tasks())}
    if kept is None:
        columns |= {
            "last_mail": Subquery(Mail.objects.order_by("-pk").values("created_at")[:1]),
            **watch.figures(now),
        }
    # On any one row: a treaty is always there.
    row = (
        Treaty.objects.annotate(**columns).order_by("pk").values(*columns).first() if columns else None
    ) or {}
    if counted is None:
        counted = (row.get("to_confirm"), row.get("tasks"))
        if settings.WATCH_KEPT_FOR:
            cache.set(COUNTED, counted, COUNTED_FOR)
    if kept is None:
        kept = (watch.watched_in(row), row.get("last_mail"))
        if settings.WATCH_KEPT_FOR:
            cache.set(SEEN, kept, settings.WATCH_KEPT_FOR)
    (to_confirm, tasks), (seen, last_mail) = counted, kept
    return {
        "to_confirm": to_confirm,
        "tasks": tasks or 0,
        "last_mail": last_mail,
        "last_scan": seen.scan_ended,
        "problems": [
            {"text": problem.text, "address": problem.page or _rows(problem.state)}
            for problem in watch.problems(seen, now)
        ],
        "proxy": proxies.sentence() if request.user.has_perm(MANAGES_USERS) else "",
    }


def _without_record(today: date) -> QuerySet[Any]:
    """How many initial reports are without record, as one row, or none for none."""
    missing = Obligation.objects.standing(Status.NO_RECORD, today, today=today).filter(kind=Kind.INITIAL)
    return missing.order_by().values("kind").annotate(n=Count("pk")).values("n")


def _open_tasks() -> QuerySet[Any]:
    """How many tasks are open, as one row, or none for none."""
    return open_tasks().order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")


def _rows(state: str) -> str:
    """The address of the reminders with a status, on every desk because everybody sees the notice; empty for none."""
    if not state:
        return ""
    query = QueryDict(mutable=True)
    query.update({"state": state, "desk": EVERY_DESK})
    return f"{reverse('reminders')}?{query.urlencode()}"
