"""A button that undoes the last change, added to its message: one click, for ten minutes, for the person who made it.

`tracker.web.edit.undo` undoes what the button names. Changes of reminders have buttons and pages of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracker.changes.versions import CHANGED, CREATED, REMOVED, FactKind, kind_of, last_rows
from tracker.web.ui.addresses import WHOLE

UNDO_FOR = timedelta(minutes=10)
MOST_TOGETHER = 500  # facts that one button undoes
# The permission needed to undo a change, by its kind.
UNDONE_BY = {CREATED: "delete", CHANGED: "change", REMOVED: "add"}


def with_undo(request: HttpRequest, said: str, facts: Iterable[Any], back: str = "") -> str:
    """A message that facts were saved, with a button that undoes all of it.

    Args:
        back: the address to which undoing leads; that of the State if empty.
    """
    return with_undo_of(request, said, [(kind_of(fact), fact.pk) for fact in facts], back)


def with_undo_of(
    request: HttpRequest, said: str, changed: Sequence[tuple[FactKind, Any]], back: str = "", label: str = ""
) -> str:
    """The same for facts by kind and key, as deleted ones have no key any more.

    A person who may not undo all of it gets the message alone, as does one who changed too many facts.
    """
    rows = last_rows(changed)
    kinds = [kind_of(row.instance) for row in rows]
    if not 0 < len(rows) <= MOST_TOGETHER or not all(
        may_undo(request.user, kind, row) for kind, row in zip(kinds, rows, strict=True)
    ):
        return said
    named = ",".join(f"{kind.slug}.{row.history_id}" for kind, row in zip(kinds, rows, strict=True))
    sent = [("changes", named), ("next", back)]
    return format_html("{} {}", said, _form(request, reverse("undo"), sent, label or _("Undo")))


def may_undo(user: Any, kind: FactKind, row: Any) -> bool:
    """Whether the role of a person allows to undo the change of a row of the history."""
    return bool(user.has_perm(kind.permission(UNDONE_BY[row.history_type])))


def with_undo_at_once(request: HttpRequest, said: str, address: str, keys: Iterable[int]) -> str:
    """A message with a button that undoes a change of reminders or tasks."""
    return format_html(
        "{} {}", said, _form(request, address, [("keys", ",".join(map(str, keys)))], _("Undo"))
    )


def keys_sent(request: HttpRequest) -> list[int]:
    """The keys that such a button has sent; invalid ones are ignored."""
    return [int(raw) for raw in request.POST.get("keys", "").split(",") if WHOLE.fullmatch(raw)]


def _form(request: HttpRequest, address: str, hidden: Iterable[tuple[str, Any]], label: str) -> SafeString:
    fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', hidden)
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}'
        '<button class="plain">{}</button></form>',
        address,
        get_token(request),
        fields,
        label,
    )
