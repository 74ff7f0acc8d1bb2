"""Links and buttons that undo the last change, added to its message.

A link leads to the page that undoes the change after a preview: a changed or deleted fact is restored from its history,
a new one is deleted. It is shown only to a person who may do that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracker.changes.versions import CREATED, REMOVED, FactKind, kind_of
from tracker.web.ui.addresses import WHOLE


def with_undo(request: HttpRequest, said: str, fact: Any) -> str:
    """A message that a fact was saved, with a link that undoes it."""
    return linked(said, way_back(request.user, kind_of(fact), fact.pk))


def linked(said: str, address: str, label: str = "") -> str:
    """A message with a link; without an address, the message alone.

    Args:
        label: of the link; “Undo …” if empty.
    """
    if not address:
        return said
    return format_html('{} <a class="undo" href="{}">{}</a>', said, address, label or _("Undo …"))


def way_back(user: Any, kind: FactKind, key: Any) -> str:
    """The address of the page that undoes the last change of a fact; empty for a person who may not do that."""
    rows = list(kind.model.history.filter(**{kind.key: key}).order_by("-history_date", "-history_id")[:2])
    if not rows:
        return ""
    if rows[0].history_type == CREATED:
        return _delete_page(user, kind, key)
    # A deleted fact is restored from the row of its deletion, a changed one from the version before.
    row, act = (rows[0], "add") if rows[0].history_type == REMOVED else (rows[-1], "change")
    return reverse("restore", args=[kind.slug, row.history_id]) if user.has_perm(kind.permission(act)) else ""


def _delete_page(user: Any, kind: FactKind, key: Any) -> str:
    options = kind.model._meta
    may = user.is_staff and user.has_perm(kind.permission("delete"))
    if not (may and admin.site.is_registered(kind.model)):
        return ""
    return reverse(f"admin:{options.app_label}_{options.model_name}_delete", args=[key])


def with_undo_of_several(request: HttpRequest, said: str, facts: Sequence[Any]) -> str:
    """A message that new facts of one kind were saved, with a button that leads to the page that deletes them."""
    if len(facts) == 1:
        return with_undo(request, said, facts[0])
    kind = kind_of(facts[0])
    if not _delete_page(request.user, kind, facts[0].pk):
        return said
    options = kind.model._meta
    return format_html(
        "{} {}",
        said,
        _form(
            request,
            reverse(f"admin:{options.app_label}_{options.model_name}_changelist"),
            [("action", "delete_selected"), *(("_selected_action", fact.pk) for fact in facts)],
            _("Undo …"),
        ),
    )


def with_undo_at_once(request: HttpRequest, said: str, address: str, keys: Iterable[int]) -> str:
    """A message with a button that undoes the change at once, as it has no other effects."""
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
