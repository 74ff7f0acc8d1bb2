"""Tells a person, once something is saved, what followed from it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest
from django.utils.html import format_html

from tracker.changes import cautions
from tracker.registry.models import State


def tell(request: HttpRequest, state: State, told: Sequence[str]) -> None:
    """What followed for a State, with a link to its page, and which of its submissions to look at again."""
    if told:
        link = format_html('<a href="{}">{}</a>', state.get_absolute_url(), state.name)
        messages.info(request, format_html("{}: {}", link, " ".join(told)))
    for caution in cautions.about_submissions(state.pk):
        messages.warning(request, caution)
