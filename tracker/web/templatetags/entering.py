"""Template tags of the admin: its first page, and what a State's page tells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from tracker.web.ui.two_steps import EFFECT

register = template.Library()

ROOMS = ("registry", "obligations", "reminders", "auth")


@register.filter
def by_room(apps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tables in the order of the rooms: facts first, people last; what has no place stands at the end."""
    order = {label: at for at, label in enumerate(ROOMS)}
    return sorted(apps, key=lambda app: order.get(app["app_label"], len(order)))


@register.filter
def effects(messages: Iterable[Any]) -> list[Any]:
    """The messages that tell what followed from the last change."""
    return [message for message in messages if message.extra_tags == EFFECT]


@register.filter
def remarks(messages: Iterable[Any]) -> list[Any]:
    """All other messages: first what was done, then what to look at again."""
    found = [message for message in messages if message.extra_tags != EFFECT]
    return sorted(found, key=lambda message: message.level_tag != "success")
