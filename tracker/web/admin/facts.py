"""The common parts of the admin pages of facts: the reason, saving through `tracker.changes`, and its effects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.contrib.auth import get_permission_codename
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, gettext_lazy as _

from tracker import changes
from tracker.changes import Effects
from tracker.changes.desk_guard import is_yours
from tracker.changes.versions import kind_of
from tracker.obligations.fact_lines import line_of
from tracker.obligations.models import CommitteeDate, CommitteeSession, Precision
from tracker.registry import limits
from tracker.registry.models import Amendment, AmendmentPosition, State
from tracker.registry.names import StateNames
from tracker.web.admin.deletes import TwoStepDeletes
from tracker.web.admin.histories import ReadableHistory
from tracker.web.admin.rows import RowAdmin
from tracker.web.ui.addresses import way_back
from tracker.web.ui.conflicts import VersionedForm, VersionedRows
from tracker.web.ui.form_fields import (
    DayField,
    PrintedDayField,
    StateField,
    WordCountField,
    on_desk,
    states_to_offer,
)
from tracker.web.ui.tables import in_order
from tracker.web.ui.two_steps import link_to, warn
from tracker.web.ui.undo import with_undo_of

# Fields that move a date or a status, in addition to dates and the coverage of the records.
WEIGHTY = {
    "state", "treaty", "kind", "cycle", "first_cycle", "last_cycle", "carried_by", "outcome", "precision",
    "review_precision", "confidence", "active", "revises", "proposed_by", "document_kind", "without_report",
}  # fmt: skip


# On no single desk.
NO_DESK = (State, Amendment, AmendmentPosition, CommitteeSession)


class FormRefused(ValidationError):
    """A fact whose form is valid cannot be saved beside the other facts; all of it is rolled back.

    Attributes:
        prefix: of the fact's form on the page; None for the page's own.
        removing: whether the fact was to be deleted.
    """

    def __init__(self, error: ValidationError, prefix: str | None = None, *, removing: bool = False) -> None:
        super().__init__(error)
        self.prefix = prefix
        self.removing = removing


class FactForm(VersionedForm):
    """A fact and, where a date or a status changes, the reason for the history.

    Attributes:
        beside: the sets of rows on the same page, which share the reason.
        refused: why the last attempt to save failed.
        by: who fills it in.
    """

    reason = forms.CharField(
        label=_("Reason for the change"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"size": "60", "autocomplete": "off"}),
        help_text=_(
            "Kept in the history, for example the document or message. Needed if a date or a status changes."
        ),
    )
    beside: Sequence[Any] = ()
    refused: FormRefused | None = None
    by: Any = None

    def clean_state(self) -> State | None:
        """A State on the person's own desk, where the desks limit."""
        state: State | None = self.cleaned_data["state"]
        return state and on_desk(self.by, state)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        take_precision(self)
        if self.refused is not None and self.refused.prefix == self.prefix:
            add_errors(self, self.refused)
        needing = list(self._needing_a_reason())
        if needing and not self.cleaned_data.get("reason") and "reason" not in self.errors:
            self.add_error(
                "reason",
                gettext("Enter a reason for the history; this change needs one: %(what)s.")
                % {"what": "; ".join(needing)},
            )
        return cleaned

    def _needing_a_reason(self) -> Iterator[str]:
        """The changes of a date or a status, in words."""
        if not self.instance._state.adding:
            yield from weighty(self)
        for formset in self.beside:
            for row in formset.initial_forms:
                if to_be_removed(row):
                    yield gettext("%(what)s (deleted)") % {"what": row.line}
                elif row.has_changed() and (names := weighty(row)):
                    yield f"{row.line} ({', '.join(names)})"


class RowForm(VersionedForm):
    """A fact as a row on the page of its State; an unchanged row is not validated."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Looked up now: the form writes into its fact while it is checked.
        self.line = "" if self.instance._state.adding else line_of(self.instance)
        for field in self.fields.values():
            field.help_text = ""  # shown on the fact's own page; here it would hide the fields

    def show(self, deleted: Any) -> None:
        """Shows a fact that was deleted after the page was opened."""
        self.instance, self.line = deleted, line_of(deleted)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        take_precision(self)
        return cleaned

    def _post_clean(self) -> None:
        if self.instance._state.adding or self.has_changed():
            super()._post_clean()  # type: ignore[misc]  # a method that the stubs leave out


def take_precision(form: Any) -> None:
    """Takes the precision from a due date typed as a year or a month alone."""
    due_on = form.fields.get("due_on")
    written = getattr(due_on, "precision", "")
    if written not in ("", Precision.DAY.value) and "precision" in form.cleaned_data:
        form.cleaned_data["precision"] = written


def weighty(form: Any) -> list[str]:
    """The labels of the changed fields that need a reason."""
    return [
        str(form.fields[name].label).lower()
        for name in form.changed_data
        if name in WEIGHTY or "records_" in name or isinstance(form.fields[name], forms.DateField)
    ]


def to_be_removed(row: Any) -> bool:
    """Whether a row is selected to be deleted."""
    return "DELETE" in row.fields and bool(row["DELETE"].data)


def add_errors(form: Any, error: ValidationError) -> None:
    """Adds errors at their fields, or above the fields where the form has no such field."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, problems in by_field.items():
        form.add_error(name if name in form.fields else None, problems)


class FactFields(BaseModelAdmin):
    """The form fields of facts: days as people write them, a State by code or name, no pop-ups."""

    formfield_overrides = {
        models.DateField: {"form_class": DayField},
        models.URLField: {"assume_scheme": "https"},
        models.TextField: {"widget": forms.Textarea(attrs={"rows": 3, "cols": 60})},
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.ForeignKey) and db_field.remote_field.model is State:
            return db_field.formfield(form_class=StateField, **kwargs)
        if db_field.model is CommitteeDate and db_field.name == "due_on":
            return db_field.formfield(form_class=PrintedDayField, **kwargs)
        if db_field.name == "reply_words":
            return db_field.formfield(form_class=WordCountField, **kwargs)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field


class OfDesk(BaseModelAdmin):
    """Only a person who may change the fact that the page shows may change or delete something there."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and is_theirs(request, obj)


class RowInline(FactFields, OfDesk, admin.StackedInline):
    """Facts as rows of a page: each a line that opens, and one empty row at the end.

    Attributes:
        initial_row: the initial values of the empty row.
    """

    form = RowForm
    formset = VersionedRows
    template = "admin/rows.html"
    extra = 1
    min_num = 0
    show_change_link = True
    initial_row: dict[str, Any] = {}
    media = forms.Media()  # no script adds rows here

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are saved with their page, so the page must be allowed too."""
        page = self.parent_model._meta
        needed = get_permission_codename("change" if obj else "add", page)
        allowed = super().has_add_permission(request, obj) and request.user.has_perm(
            f"{page.app_label}.{needed}"
        )
        return allowed and is_theirs(request, obj)


def is_theirs(request: HttpRequest, fact: Any) -> bool:
    """Whether a fact is on the desk of the person; true if there is no fact yet."""
    return fact is None or is_yours(request.user, fact)


class FactList(ChangeList):
    """A list of facts; those without a value in the sorted column come last, as in the lists of the dashboard."""

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Any:
        terms = super().get_ordering(request, queryset)
        return [in_order(queryset, term) if isinstance(term, str) else term for term in terms]


class FactAdmin(FactFields, OfDesk, RowAdmin, TwoStepDeletes, ReadableHistory):
    """Saves through `tracker.changes`, and shows the effects.

    Attributes:
        help_texts: for fields whose model has none, for example which document to read.
        names_a_state: whether the form has a field for a State, for which the page offers names.
    """

    form = FactForm
    help_texts: dict[str, Any] = {}
    names_a_state = True
    save_on_top = False
    list_select_related: Any = ("state",)
    search_fields: Any = ("state__name", "state__iso3", "document", "note")
    media = forms.Media(js=["admin/js/actions.js"])  # ticking rows of a list; nothing else needs a script

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return FactList

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Finds States by all their names, in every language."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if search_term and (path := self._state_path):
            states = StateNames.recorded().search(search_term)
            found |= queryset.filter(**{f"{path}__in": list(states)})
        return found, has_duplicates

    @property
    def _state_path(self) -> str:
        if self.model is State:
            return "pk"
        return "state" if "state__name" in self.search_fields else ""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, help_texts=self.help_texts, **kwargs)
        form.beside = beside(request)
        form.refused = getattr(request, "refused", None)
        form.by = request.user
        return form

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Somebody limited to a desk adds nothing that is on no single desk."""
        mine = limits.changeable(request.user)
        theirs = mine is None or (bool(mine) and self.model not in NO_DESK)
        return theirs and super().has_add_permission(request)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without the reason for somebody who may only view."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [(name, options) for name, options in fieldsets if "reason" not in options["fields"]]

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        formsets, inlines = super()._create_formsets(request, obj, change)
        if request.method == "POST":
            beside(request)[:] = formsets
            self._refuse_row(formsets, getattr(request, "refused", None))
        return formsets, inlines

    def _refuse_row(self, formsets: Sequence[Any], refused: FormRefused | None) -> None:
        """Adds the errors of saving a row at that row."""
        for formset in formsets:
            for row in formset.forms:
                if refused is None or refused.prefix != row.prefix:
                    continue
                formset.is_valid()  # so that what is added now is not wiped by it
                if refused.removing:  # a row to be deleted is not validated
                    formset.non_form_errors().extend(f"{row.line}: {said}" for said in refused.messages)
                else:
                    add_errors(row, refused)

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        return kwargs | ({"initial": [inline.initial_row]} if getattr(inline, "initial_row", None) else {})

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        offered = {"states": states_to_offer(request.user)} if self.names_a_state else {}
        extra = (extra_context or {}) | offered
        if request.method == "POST":
            self.check_desk(request, object_id)
        try:
            return super().changeform_view(request, object_id, form_url, extra)
        except FormRefused as refused:
            # All of it is rolled back; the page is shown again as it was sent, with the errors.
            request.refused = refused  # type: ignore[attr-defined]  # for the forms that are shown again
            return super().changeform_view(request, object_id, form_url, extra)

    def check_desk(self, request: HttpRequest, object_id: str | None) -> None:
        """Checks the desk of somebody whose role is sufficient.

        Raises:
            NotOnDesk: the fact is another's, or to be made by an Administrator.
        """
        if not limits.is_limited(request.user):
            return
        if object_id is None:
            if super().has_add_permission(request) and not self.has_add_permission(request):
                raise limits.NotOnDesk
            return
        fact = self.get_object(request, unquote(object_id))
        # By the role alone: `OfDesk` would ask for the desk, too, and nothing would say whose the State is.
        if fact is not None and super(OfDesk, self).has_change_permission(request, fact):
            limits.check(request.user, limits.states_of(fact))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        try:
            effects = changes.save([obj], by=request.user, reason=form.cleaned_data.get("reason", ""))
        except ValidationError as error:
            raise FormRefused(error, form.prefix) from error
        request.changed_facts = [(kind_of(obj), obj.pk)]  # type: ignore[attr-defined]  # for the message
        if effects.sentences:
            self.tell_effects(request, getattr(obj, "state", obj), effects)
        warn(request, effects)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Back to the page that a link here named as `next`; else to the list."""
        back = way_back(request)
        return redirect(back) if back else super().response_post_save_add(request, obj)

    def message_user(self, request: HttpRequest, message: Any, *args: Any, **kwargs: Any) -> None:
        """Adds a button that undoes the change, where a fact was saved or deleted."""
        if changed := getattr(request, "changed_facts", None):
            message = with_undo_of(request, message, changed, self.list_address)
        super().message_user(request, message, *args, **kwargs)

    def tell_effects(self, request: HttpRequest, about: Any, effects: Effects) -> None:
        """Adds a message on the effects, with a link to the page of the State or the session."""
        sentences = format_html_join(" ", "{}", ((sentence,) for sentence in effects.sentences))
        messages.info(request, format_html("{}: {}", link_to(about), sentences))


def beside(request: Any) -> list[Any]:
    """The formsets that a request sends."""
    if not hasattr(request, "beside"):
        request.beside = []
    formsets: list[Any] = request.beside
    return formsets


def refused(request: HttpRequest, obj: Any, why: str) -> HttpResponse:
    """Back to the page of something that cannot be deleted, with a message that says why."""
    messages.error(request, why)
    options = obj._meta
    return redirect(f"admin:{options.app_label}_{options.model_name}_change", obj.pk)


def with_reason(*fieldsets: tuple[Any, Any]) -> tuple[tuple[Any, Any], ...]:
    """The field sets of a fact, with the reason at the end."""
    return (*fieldsets, (_("For the history"), {"fields": ("reason",)}))
