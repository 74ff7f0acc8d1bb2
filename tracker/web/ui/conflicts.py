"""Nobody overwrites unseen what somebody else has saved: each form of a record sends back the version that it shows.

The version is a fingerprint of the stored values, in a hidden field. If the record has changed when the form is sent,
nothing is saved: the page keeps what was typed, shows it beside the stored values, and asks which of them to save.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from tracker.changes import versions
from tracker.languages.writing import in_words, moment, with_commas

VERSION, CHOICE = "version", "save_version"  # the names of the fields
TYPED, STORED = "typed", "stored"
MOST_DIGITS = 19  # of a key in the database
# Changed by signing in, and by no form of the person.
CHANGED_BY_SIGNING_IN = {"last_login", "password"}


@dataclass(frozen=True)
class Conflict:
    """A record that was saved, deleted or moved by somebody else after a form of it was opened.

    Attributes:
        choice: the name of the field in which the person chooses the version to save.
        version: of what is stored now; empty if the record is no longer here.
        by: who changed it, in words; empty if nobody is recorded.
        at: when; None if it is not recorded.
        rows: label, typed text and stored text of each field in which they differ.
    """

    choice: str
    version: str
    by: str
    at: datetime | None
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Why nothing was saved, in a sentence."""
        if self.at is None:
            return (
                _("Not saved: somebody else saved this record after you opened the form.")
                if self.version
                else _("Not saved: somebody else deleted or moved this record after you opened the form.")
            )
        about = {"who": self.by or _("the system"), "when": moment(self.at)}
        if self.version:
            return _("Not saved: %(who)s saved this record after you opened the form (%(when)s).") % about
        return (
            _("Not saved: %(who)s deleted or moved this record after you opened the form (%(when)s).") % about
        )


def fingerprint(shown: Any) -> str:
    """A short mark of a page's content; it differs if anything in the content does."""
    text = json.dumps(shown, default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def version_of(*records: models.Model) -> str:
    """A fingerprint of some records as they were read from the database, with what they have several of."""
    return fingerprint([list(_values(record)) for record in records])


def _values(record: models.Model) -> Iterator[Any]:
    for one in record._meta.concrete_fields:
        if one.name not in CHANGED_BY_SIGNING_IN:
            yield one.value_from_object(record)
    for several in record._meta.many_to_many:
        yield sorted(other.pk for other in several.value_from_object(record))


def last_change(record: Any) -> tuple[str, datetime | None]:
    """Who last saved or deleted a record, and when, by its history or by the log of the admin."""
    if hasattr(record, "history"):
        return versions.last_change(record)
    about = {"content_type": ContentType.objects.get_for_model(record), "object_id": str(record.pk)}
    entry = LogEntry.objects.filter(**about).select_related("user").first()
    return (str(entry.user), entry.action_time) if entry else ("", None)


def compare(
    form: Any, version: str, stored: Mapping[str, Any], changed: Callable[[], tuple[str, datetime | None]]
) -> Conflict | None:
    """Compares the version that a form was shown with to the stored one; returns a conflict that is not resolved.

    A chosen version is put into the form's data: the typed values stay, or the stored ones take their place.

    Args:
        form: as it was sent.
        version: of what is stored now.
        stored: the stored values, by the names of the form's fields.
        changed: returns who saved it last, and when.
    """
    if form.data.get(form.add_prefix(VERSION)) == version:
        return None
    name = form.add_prefix(CHOICE)
    chosen = form.data.get(name)
    if chosen not in (f"{TYPED}-{version}", f"{STORED}-{version}"):
        return Conflict(name, version, *changed(), rows=list(_differing(form, stored)))
    form.data = form.data.copy()
    form.data[form.add_prefix(VERSION)] = version
    if chosen == f"{STORED}-{version}":
        form.data.pop(form.add_prefix("DELETE"), None)
        for one, value in stored.items():
            form.data.setlist(form.add_prefix(one), _as_sent(form.fields[one], value))
    return None


def once_more(act: Callable[[], Any]) -> Any:
    """Acts in a transaction; once more if a unique rule refuses it, because somebody has saved the same meanwhile.

    The second time, the checks before saving see what the other person saved, and the form says so at its field.
    """
    try:
        with transaction.atomic():
            return act()
    except IntegrityError:
        with transaction.atomic():
            return act()


# --- forms of rows ----------------------------------------------------------------------------------


class VersionField(forms.CharField):
    """The hidden field with the version that a form shows; it is no part of the record."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class VersionedForm(forms.ModelForm):
    """A form of a row; of a new row it has no version.

    Attributes:
        conflict: a change by somebody else, for which the person has not chosen the version to save.
    """

    version = VersionField()
    conflict: Conflict | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            del self.fields[VERSION]
            return
        self.initial[VERSION] = self.stored_version()
        if self.is_bound:
            stored = {
                name: [getattr(one, "pk", one) for one in value] if isinstance(value, list) else value
                for name, value in self.initial.items()
                if name in self.fields and name != VERSION and not self.fields[name].disabled
            }
            self.conflict = compare(self, self.initial[VERSION], stored, lambda: last_change(self.instance))

    def stored_version(self) -> str:
        """The version of all that the form changes."""
        return version_of(self.instance)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.conflict is not None:
            self.add_error(None, self.conflict.said)
        return cleaned


class VersionedRows(forms.BaseInlineFormSet):
    """Rows on the page of another record: also a row to be deleted, or deleted or moved meanwhile, is compared."""

    def get_queryset(self) -> Any:
        """The rows beside their forms; a row deleted meanwhile has its place among them."""
        if self.is_bound and "forms" in vars(self):
            return [row.instance for row in self.initial_forms]
        return super().get_queryset()

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        row = super()._construct_form(i, **kwargs)  # type: ignore[misc]  # a method that the stubs leave out
        if self.is_bound and i < self.initial_form_count() and row.instance._state.adding:
            self._compare_deleted(row)
        return row

    def _compare_deleted(self, row: Any) -> None:
        """Shows the last version of a row that is no longer here; it is left out if the person agrees."""
        key = row.data.get(row.add_prefix("id"), "")
        known = key.isdecimal() and len(key) < MOST_DIGITS
        last = versions.last_version(self.model, int(key)) if known else None
        if last is None:
            return  # a forged key, which its field refuses
        if getattr(last, self.fk.attname) == self.instance.pk:
            row.show(last)
        agreed = row.data.get(row.add_prefix(CHOICE)) == f"{STORED}-"
        if agreed or row.add_prefix("DELETE") in row.data:
            row.data = row.data.copy()
            row.data.pop(row.add_prefix("DELETE"), None)
            row.empty_permitted, row.changed_data = True, []
        else:
            row.conflict = Conflict(row.add_prefix(CHOICE), "", *last_change(last))

    def clean(self) -> None:
        super().clean()
        rows: list[Any] = self.initial_forms
        for row in rows:
            if row.conflict is not None:
                raise ValidationError(row.conflict.said)


# --- texts and values -------------------------------------------------------------------------------


def _differing(form: Any, stored: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, value in stored.items():
        one = form[name]
        typed, now = _text(one.field, one.data), _text(one.field, value)
        if typed != now and not one.is_hidden:
            yield capfirst(str(one.label)), typed, now


def _text(one: forms.Field, value: Any) -> str:
    """A value of a field, in words."""
    try:
        value = one.to_python(value)
    except ValidationError:
        return str(value)  # as it was typed
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(one, forms.ChoiceField) and not isinstance(one, forms.ModelChoiceField):
        names = {str(key): str(label) for key, label in _flat(one.choices)}
        several = value if isinstance(value, list) else [value]
        value = value and with_commas(names.get(str(part), str(part)) for part in several)
    if isinstance(value, date):
        return in_words(value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        value = with_commas(str(part) for part in value)
    return _("nothing") if value in (None, "") else str(value)


def _flat(choices: Any) -> Iterator[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield key, label


def _as_sent(one: forms.Field, value: Any) -> list[str]:
    """A stored value as the browser sends it back unchanged."""
    if isinstance(one, forms.BooleanField):
        return ["on"] if value else []
    shown: Any = one.widget.format_value(one.prepare_value(value))
    if isinstance(shown, list | tuple):
        return [str(part) for part in shown]
    return [] if shown is None else [str(shown)]
