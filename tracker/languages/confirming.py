"""Saving what people confirm or correct, and undoing it. Two people at once never overwrite each other unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from tracker.languages import texts
from tracker.languages.known import Locale
from tracker.languages.models import ConfirmedText
from tracker.languages.texts import ShownText

CREATED, REMOVED = "+", "-"  # as the history has it
_SAVED = ("forms", "by", "on", "note")


class TextsChanged(Exception):
    """Somebody else has changed some of the texts since they were shown; nothing was saved.

    Attributes:
        keys: of these texts.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(", ".join(keys))
        self.keys = list(keys)


def confirm(
    language: Locale,
    wanted: Mapping[str, tuple[Sequence[str], str]],
    *,
    by: Any,
    on: date,
    note: str = "",
) -> list[int]:
    """Saves translations as confirmed, all or none.

    Args:
        wanted: by the key of the text its translation, checked by the caller, and the version that was shown.
        by: the person.

    Returns:
        the numbers of the changes, for `undo`.

    Raises:
        TextsChanged: a text is no longer as it was shown.
    """
    texts.refresh()
    shown = texts.texts_of(language)
    _compare(language, wanted, shown)
    name = by.get_full_name() or by.get_username()
    try:
        with transaction.atomic():
            rows = _stored(language, wanted)
            # Confirmed under another plural rule.
            hidden = {row.pk for row in texts.outdated(language)}
            if other := [key for key in wanted if not _is_shown(rows.get(key), shown[key], hidden)]:
                raise TextsChanged(other)  # saved by another process since the refresh
            for key, (forms, _seen) in wanted.items():
                text = shown[key]
                row = rows.setdefault(key, ConfirmedText(language=language.code, key=key))
                row.context, row.english, row.plural = text.context, text.english, text.plural
                row.forms, row.by, row.on, row.note = list(forms), name, on, note
            new = [row for row in rows.values() if row.pk is None]
            known = [row for row in rows.values() if row.pk is not None]
            if new:
                bulk_create_with_history(new, ConfirmedText, default_user=by)
            if known:
                bulk_update_with_history(known, ConfirmedText, _SAVED, default_user=by)
            newest = ConfirmedText.history.filter(language=language.code, key__in=wanted).order_by(
                "history_id"
            )
            changes = dict(newest.values_list("key", "history_id"))
    except IntegrityError:
        raise TextsChanged(list(wanted)) from None
    texts.refresh()
    return sorted(changes.values())


def withdraw(language: Locale, key: str, seen: str, *, by: Any) -> list[int]:
    """Goes back to the translation of the catalogue; nothing if it is shown already.

    Raises:
        TextsChanged: the text is no longer as it was shown.
    """
    texts.refresh()
    text = texts.texts_of(language).get(key)
    if text:
        _compare(language, {key: ((), seen)}, texts.texts_of(language))
    with transaction.atomic():
        rows = _stored(language, [key])
        hidden = {row.pk for row in texts.outdated(language)}
        if text and not _is_shown(rows.get(key), text, hidden):
            raise TextsChanged([key])  # saved by another process since the refresh
        for row in rows.values():
            _signed(row, by).delete()
        newest = ConfirmedText.history.filter(language=language.code, key=key).order_by("-history_id")
        changes = list(newest.values_list("history_id", flat=True)[:1]) if rows else []
    texts.refresh()
    return changes


def undo(changes: Collection[int], *, by: Any) -> int:
    """Undoes changes of a person's own, each if nobody has changed the text since; returns how many."""
    asked = ConfirmedText.history.filter(history_id__in=changes, history_user=by)
    try:
        with transaction.atomic():
            undone = _undo(changes, set(asked.values_list("language", "key")), by)
    except IntegrityError:  # of what was taken back, somebody has confirmed a text meanwhile
        undone = 0
    texts.refresh()
    return undone


def _undo(changes: Collection[int], keys: Collection[tuple[str, str]], by: Any) -> int:
    undone = 0
    of_text: dict[tuple[str, str], list[Any]] = {}
    only = {"key__in": {key for _language, key in keys}}
    # Before the history is read: who waits here for somebody else's change has to see it.
    stored = {
        (row.language, row.key): row for row in ConfirmedText.objects.select_for_update().filter(**only)
    }
    for row in ConfirmedText.history.filter(**only).order_by("history_id"):
        of_text.setdefault((row.language, row.key), []).append(row)
    for name in keys:
        last = of_text[name][-1]
        if last.history_id not in changes:
            continue  # somebody has changed it since
        if last.history_type == REMOVED:
            values = {one.attname: getattr(last, one.attname) for one in _fields()}
            _signed(ConfirmedText(**values), by).save(force_insert=True)
        elif last.history_type == CREATED:
            _signed(stored[name], by).delete()
        else:
            before, row = of_text[name][-2], stored[name]
            for one in _SAVED:
                setattr(row, one, getattr(before, one))
            _signed(row, by).save()
        undone += 1
    return undone


def _signed(row: Any, by: Any) -> Any:
    """The row, whose history names the person."""
    row._history_user = by
    return row


def _fields() -> list[Any]:
    return [one for one in ConfirmedText._meta.concrete_fields if not one.primary_key]


def _stored(language: Locale, keys: Collection[str]) -> dict[str, ConfirmedText]:
    rows = ConfirmedText.objects.select_for_update().filter(language=language.code, key__in=list(keys))
    return {row.key: row for row in rows}


def _compare(
    language: Locale, wanted: Mapping[str, tuple[Sequence[str], str]], shown: Mapping[str, ShownText]
) -> None:
    """Raises TextsChanged if the person was shown something else."""
    other = [key for key, (_forms, seen) in wanted.items() if key not in shown or shown[key].version != seen]
    if other:
        raise TextsChanged(other)


def _is_shown(row: ConfirmedText | None, text: ShownText, hidden: Collection[int]) -> bool:
    """Whether a row, as it is stored now, is the one that was shown; or is not shown, and may be replaced."""
    if row is None or text.confirmed is None:
        return text.confirmed is None and (row is None or row.pk in hidden)
    return [getattr(row, one) for one in _SAVED] == [getattr(text.confirmed, one) for one in _SAVED]
