"""Template tags of the dashboard: the status badge, the trail in words, addresses with a changed query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from html import escape
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from tracker.changes.desk_guard import is_yours, not_yours as whose
from tracker.languages import writing
from tracker.languages.writing import in_words, minute_in_words, month_in_words, number
from tracker.obligations import wording
from tracker.obligations.models import Precision, report_label
from tracker.obligations.queries.received import information_in_words
from tracker.obligations.wording import (
    awaiting_in_words,
    badge as badge_of,
    observations_in_words,
    span as span_between,
)
from tracker.registry import limits
from tracker.registry.stored import translated
from tracker.rules.due import Due
from tracker.rules.facts import ends_a_year
from tracker.rules.status import Status
from tracker.rules.trail import Step
from tracker.web.help.terms import by_name
from tracker.web.ui import addresses, documents, filters, tables
from tracker.web.ui.columns import office_day

register = template.Library()
register.filter("translated", translated)
register.filter(number)


@register.inclusion_tag("web/ui/_status_badge.html")
def status_badge(status: str, due_on: date | None, received_on: date | None, day: date) -> dict[str, Any]:
    """A status as a word with a mark, the same everywhere."""
    return {"badge": badge_of(status, due_on=due_on, received_on=received_on, day=day)}


@register.inclusion_tag("web/ui/_status_badge.html")
def badge(row: Any, day: date) -> dict[str, Any]:
    """The status of a row that says how it stood on a day, and since when its report awaits the Committee's review.

    For a date to be communicated, the year in which the Committee's calendar expects the report.
    """
    waits = awaiting_in_words(getattr(row, "awaiting_since", None), row.received_on)
    waits = waits or getattr(row, "expected_in", "")
    return {"badge": wording.badge_of(row, day), "waits": waits}


@register.inclusion_tag("web/ui/_due_cell.html")
def due_cell(row: Any) -> dict[str, Any]:
    """The due date of such a row: as its document prints it, with the computed day and the UN's date beside it."""
    observed = row.due is None and row.status == Status.NOT_RECORDED
    return {
        "cell": wording.due_cell(row),
        "observations": observations_in_words(row.document, row.decided_on) if observed else "",
    }


@register.simple_tag
def due_date(row: Any) -> str:
    """The due date of such a row, which it has, as its document prints it."""
    return wording.due_in_words(row.due, year_only=row.year_only)


@register.filter
def differs(row: Any) -> bool:
    """Whether the United Nations print another due date for a row than the one that counts here."""
    return wording.prints_otherwise(row.printed, row.due, year_only=row.year_only)


@register.filter
def assessed(request: Any, day: date) -> str:
    """What the Committee found of the reply to a request, as known on a day; empty if nothing."""
    return str(request.assessed_by(day))


@register.filter
def trust(fact: Any) -> str:
    """How far a fact is to be trusted, where that is less than fully."""
    return wording.trust_in_words(fact)


@register.filter
def report_name(fact: Any) -> str:
    """What a report is called that a fact names by its cycles, or that is owed."""
    if isinstance(fact, Due):
        return report_label(fact.kind, fact.cycle, fact.carried_by, fact.subject, fact.last_cycle)
    return fact.label


@register.inclusion_tag("web/ui/_stated_date.html")
def stated_date(decision: Any) -> dict[str, Any]:
    """The date that the Committee states: a day, a year alone, or what it says instead."""
    if decision.due_on is None:
        return {"text": decision.get_outcome_display(), "inferred": False}
    year_only = decision.precision == Precision.YEAR and ends_a_year(decision.due_on)
    return {
        "text": wording.due_in_words(decision.due_on, year_only=year_only),
        "inferred": decision.precision != Precision.DAY and not year_only,
    }


@register.filter
def information(report: Any) -> str:
    """Whether a report under the CRC gives information on the OPSC, and where."""
    return information_in_words(report, report.information_where)


@register.inclusion_tag("web/ui/_trail.html")
def trail(steps: Iterable[Step], label: str = "") -> dict[str, Any]:
    """Why a date is that date: a disclosure with numbered sentences."""
    return {
        "label": label,
        "steps": [
            {"source": wording.place(step.source), "sentence": wording.sentence(step), "day": step.end}
            for step in steps
        ],
    }


@register.simple_tag(takes_context=True)
def term(context: RequestContext, name: str, label: str = "") -> str:
    """A term as a button that opens its definition, and leads to all terms; works without script.

    Args:
        name: the term in English.
        label: other words for it on this page, for example in the plural.
    """
    known = by_name()[name]
    request: Any = context["request"]
    request.terms_shown = getattr(request, "terms_shown", 0) + 1  # a page can have the same term twice
    return format_html(
        '<button type="button" class="term" popovertarget="term-{0}">{1}</button>'
        '<span class="definition" id="term-{0}" popover><strong>{2}</strong> {3} <a href="{4}">{5}</a></span>',
        request.terms_shown,
        label or known.label,
        known.label,
        known.says,
        known.address,
        gettext("All terms"),
    )


@register.filter
def place(source: str) -> str:
    """An article or document as the language of the reader writes it."""
    return wording.place(source)


@register.simple_tag
def step_in_words(step: Step) -> str:
    """One step of a trail as a sentence."""
    return wording.sentence(step)


for punctuation in (wording.colon, writing.comma, writing.full_stop):
    register.simple_tag(punctuation)


@register.filter
def shown_rows(table: Any) -> Iterable[str]:
    """The rows of a table's page, each with its number and its cells."""
    return tables.shown_rows(table)


@register.simple_block_tag
def labelled_columns(content: str) -> str:
    """A part of a page whose tables say what their columns are also where rows are stacked."""
    return mark_safe(tables.label_columns(content))  # noqa: S308 - names of columns, escaped already  # nosec B308 B703


@register.simple_tag
def tiles(states: Iterable[Any], place: str, query: str) -> str:
    """The tiles of the map, without a template because there are 200 of them on the first page."""
    place, query = escape(place), escape(query)
    rows = (
        f'<li><a class="tile {one.css}" href="{place}{one.iso3}/{query}">'
        f"<bdi>{one.iso3}</bdi><span> {escape(wording.labelled(one.name, one.says))}</span></a></li>"
        for one in states
    )
    # A class is one of ours, and a code is three capital letters, which the database checks.
    return mark_safe("\n".join(rows))  # noqa: S308 - all else is escaped  # nosec B308 B703


@register.simple_tag
def document(symbol: str, link: str = "") -> str:
    """A document by its symbol, linked to where it can be read."""
    return documents.document(symbol, link)


@register.filter
def day(value: date | None) -> str:
    """23 January 2005; of a moment the day in the office; nothing for no date."""
    return in_words(office_day(value)) if value else ""


@register.filter
def month(value: date) -> str:
    """January 2005."""
    return month_in_words(value)


@register.filter
def minute(value: datetime | None) -> str:
    """22 November 2026, 09:00; in UTC; nothing for no moment."""
    return minute_in_words(value) if value else ""


@register.filter
def open_to(fact: Any, user: Any) -> bool:
    """Whether the desks allow a user to change a State or a record about one; permissions are checked separately."""
    return is_yours(user, fact)


@register.simple_tag(takes_context=True)
def edit_link(context: RequestContext, fact: Any) -> str:
    """A link to the form of a fact, which leads back to this page; empty for a reader who may not edit it."""
    return addresses.edit_link(context["request"], fact)


@register.filter
def limited_to_desk(user: Any) -> bool:
    """Whether somebody changes the States of a desk only, and so nothing that touches them all."""
    return limits.is_limited(user)


@register.simple_tag(takes_context=True)
def not_yours(context: RequestContext, state: Any) -> str:
    """Why the reader changes nothing of a State, and who does."""
    return whose(context["request"].user, state)


@register.filter
def until(start: date, end: date) -> str:
    """The time between two days in words."""
    return span_between(start, end)


@register.simple_tag(takes_context=True)
def here(context: RequestContext, **changes: Any) -> str:
    """The query of this page with some values changed, also to several; an empty one is left out, as is the page."""
    query = context["request"].GET.copy()
    for name in addresses.OF_ONE_ANSWER:
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query.setlist(name, value if isinstance(value, list) else [str(value)])
    encoded = query.urlencode()
    return f"?{encoded}" if encoded else "?"


@register.simple_tag(takes_context=True)
def as_of_query(context: RequestContext, **extra: Any) -> str:
    """A query that carries the as-of day to another page, with other values."""
    values = {name: value for name, value in extra.items() if value not in ("", None)}
    if not context.get("as_of_today", True):
        values["as_of"] = context["as_of"].isoformat()
    return f"?{urlencode(values)}" if values else ""


@register.simple_tag(takes_context=True)
def understood(context: RequestContext, text: str | None) -> list[str]:
    """What a list's text search took for another name of a State, one sentence for each."""
    return filters.understood(context["request"], text) if text else []


@register.simple_tag(takes_context=True)
def leave_out(context: RequestContext, name: str, rest: list[str]) -> str:
    """The query of this page with other values of a name, or none."""
    return here(context, **{name: rest})
