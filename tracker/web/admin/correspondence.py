"""The rules and texts of papers, and the letterhead. Papers have their own pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from tracker.correspondence.due import subjects_of
from tracker.correspondence.models import (
    BY_DUE_DATE,
    WITH_TEXT,
    ConfirmationRule,
    Direction,
    Languages,
    Letterhead,
    Occasion,
    PaperForm,
    PaperRule,
    PaperText,
)
from tracker.correspondence.numbers import reference_ahead, taken
from tracker.correspondence.text import filling
from tracker.correspondence.text.subject import PaperSubject, has_come
from tracker.correspondence.text.words import NAMES_OF_PARTS, shipped
from tracker.correspondence.text.writing import (
    WITH_OBSERVERS,
    Addressee,
    Words,
    language_for,
    parts_of,
    write,
)
from tracker.languages.known import ENGLISH, LANGUAGES, by_code, speaking
from tracker.obligations.models import Obligation
from tracker.registry.models import Contact, ContactKind, State
from tracker.rules.entry_into_force import CRC_ADOPTED
from tracker.web.admin.keys import could_be_key
from tracker.web.admin.rows import PlainRowAdmin, Previewed
from tracker.web.correspondence.paper_page import pages_of
from tracker.web.ui.conflicts import VersionedForm

NO_SAMPLE = gettext_lazy("There is no record yet that such a paper could be about.")
NAMES_OF_OFFICE = {f"name_{one.code}": one for one in LANGUAGES if one != ENGLISH}


class RowsWithVersions(PlainRowAdmin, SimpleHistoryAdmin):
    """Rows that are no facts, whose history is read and not restored."""

    object_history_list_template = "admin/fact_history.html"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keeps the first version of a row that a migration made, which has no history."""
        if change and not obj.history.exists():
            stored = self.model.objects.get(pk=obj.pk)
            stored._history_user = None
            self.model.history.bulk_history_create([stored])
        super().save_model(request, obj, form, change)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        if not could_be_key(self.model, unquote(object_id)):
            raise Http404
        return super().history_view(request, object_id, {"revert_disabled": True} | (extra_context or {}))

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Redirects to the history; the package would restore the version at once."""
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_history", object_id)


# --- samples ---------------------------------------------------------------------------------------------


def sample_subject(occasion: str) -> PaperSubject | None:
    """Facts that a paper of an occasion could be about: of the first State that has some."""
    today = timezone.localdate()
    if occasion in (*BY_DUE_DATE, Occasion.REVIEW_NOTICE):
        reports = (
            Obligation.objects.still_open(today, today=today).select_related("state").order_by("due", "pk")
        )
        true = (one for one in reports if has_come(occasion, one.due, today))
        return next((PaperSubject(one.state, one, one.due) for one in true), None)
    if occasion in WITH_TEXT:
        return next(subjects_of(occasion, CRC_ADOPTED, today, Q()), None)
    state = State.objects.order_by("pk").first()
    return PaperSubject(state) if state is not None else None


def sample_contact(kind: str, state: State) -> Contact:
    """The first active contact of a kind in a State, or one made up."""
    mine = Contact.objects.filter(state=state, kind=kind, active=True).first()
    return mine or Contact(
        state=state, kind=kind, name=str(ContactKind(kind).label), email="contact@example.org", salutation=""
    )


def sample_pages(
    occasion: str,
    kind: str,
    form: str,
    languages: str,
    words: Words,
    code: str = "",
    subject: PaperSubject | None = None,
    head: Letterhead | None = None,
) -> dict[str, Any]:
    """A paper as it would read, for the template.

    Args:
        code: of the only language; empty for those that follow from the contact.
        subject: None for a sample.
        head: None for the letterhead as it is stored.
    """
    subject = subject or sample_subject(occasion)
    if subject is None:
        return {"nothing": NO_SAMPLE}
    contact, head, today = sample_contact(kind, subject.state), head or Letterhead.get(), timezone.localdate()
    parts = parts_of(form, kind, occasion, subject.state.pk)
    codes = [code] if code else language_for(contact, subject, languages, parts, words, head).parts
    written = write(
        codes,
        form,
        occasion,
        subject,
        Addressee.of(contact),
        reference_ahead(head.pattern, today.year),
        today,
        head,
        words,
    )
    return {"state": subject.state, "pages": pages_of([one.as_dict() for one in written])}


# --- rules -----------------------------------------------------------------------------------------------


@admin.register(PaperRule)
class PaperRuleAdmin(Previewed, RowsWithVersions):
    list_display = ("__str__", "time", "languages", "active")
    list_filter = ("active", "occasion", "to", "form")
    search_fields = ("occasion", "to")
    fields = ("occasion", "months", "to", "form", "languages", "active")

    @admin.display(description=gettext_lazy("When"), ordering="months", empty_value="—")
    def time(self, rule: Any) -> str:
        """The time from the due date."""
        return str(rule.when)

    def preview_of(self, form: Any) -> dict[str, Any]:
        """A paper of the rule."""
        rule = form.instance
        return sample_pages(rule.occasion, rule.to, rule.form, rule.languages, Words.read())


# --- texts -----------------------------------------------------------------------------------------------


class TextForm(VersionedForm):
    """The office's words for a part."""

    part = forms.ChoiceField(label=gettext_lazy("part"), choices=tuple(NAMES_OF_PARTS.items()))


@admin.register(PaperText)
class PaperTextAdmin(Previewed, RowsWithVersions):
    form = TextForm
    list_display = ("name", "language", "words")
    list_filter = ("language",)
    search_fields = ("part", "words")
    fields = ("part", "language", "words")

    @admin.display(description=gettext_lazy("part"), ordering="part")
    def name(self, text: Any) -> str:
        """The part in words."""
        return str(NAMES_OF_PARTS.get(text.part, text.part))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "words":
            field.widget = forms.Textarea(attrs={"rows": 12, "dir": "auto"})
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The shipped words of the part and language that the address names, to begin with."""
        initial = super().get_changeform_initial_data(request)
        if found := shipped_words(initial.get("part"), initial.get("language")):
            initial.setdefault("words", found)
        return initial

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if "language" in form.fields:
            part, language = form["part"].value(), form["language"].value()
        else:  # who may only look has no fields
            part, language = form.instance.part, form.instance.language
        if found := shipped_words(part, language):
            known = by_code(language)
            context["shipped"] = {
                "words": filling.paragraphs_of(found),
                "lang": known.in_django,
                "dir": known.direction,
                "names": [f"{{{name}}}" for name in filling.NAMES[part]],
            }
        context["parts"] = [
            (label, f"{reverse('admin:correspondence_papertext_add')}?part={part}&language={ENGLISH.code}")
            for part, label in NAMES_OF_PARTS.items()
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def preview_of(self, form: Any) -> dict[str, Any]:
        """A paper with these words."""
        text = form.instance
        words = Words({**Words.read().own, (text.part, text.language): text.words})
        opening, _dot, rest = text.part.partition(".")
        occasion = text.part if text.part in WITH_TEXT else Occasion.DUE
        if opening == "cover":
            return _cover(text)
        form_of_paper = opening if opening in PaperForm.values else PaperForm.NOTE
        kind = KINDS_OF_FORMS[form_of_paper]
        if rest.startswith("ministry"):
            kind = ContactKind.MINISTRY
        subject = None
        if rest.startswith("observer"):
            observer = State.objects.filter(pk__in=WITH_OBSERVERS).first()
            subject, occasion = PaperSubject(observer) if observer else None, Occasion.OTHER
        return sample_pages(occasion, kind, form_of_paper, Languages.AUTOMATIC, words, text.language, subject)


def _cover(text: PaperText) -> dict[str, Any]:
    """The first line of a mail, which is no part of the paper."""
    subject, head = sample_subject(Occasion.DUE), Letterhead.get()
    if subject is None:
        return {"nothing": NO_SAMPLE}
    with speaking(text.language):
        facts = subject.in_words(timezone.localdate())
        facts |= {
            "reference": reference_ahead(head.pattern, timezone.localdate().year),
            "office": head.name_in(text.language),
            "name": "",
        }
        return {"state": subject.state, "line": filling.filled(text.words, facts)}


# To whom a sample of a form is written.
KINDS_OF_FORMS: dict[str, str] = {
    PaperForm.NOTE: ContactKind.MISSION,
    PaperForm.LETTER: ContactKind.DIGNITARY,
    PaperForm.MAIL: ContactKind.FOCAL_POINT,
}


def shipped_words(part: str | None, language: str | None) -> str:
    """The shipped words of a part in a language; empty for what is none."""
    if part not in NAMES_OF_PARTS or language not in {one.code for one in LANGUAGES}:
        return ""
    with speaking(str(language)):
        return shipped(str(part))


# --- the letterhead --------------------------------------------------------------------------------------


class LetterheadForm(VersionedForm):
    """The office, with its name in each language."""

    def __init__(self, *args: Any, instance: Any = None, initial: Any = None, **kwargs: Any) -> None:
        stored = instance.names if instance else {}
        names = {field: stored.get(one.code, "") for field, one in NAMES_OF_OFFICE.items()}
        super().__init__(*args, instance=instance, initial=names | (initial or {}), **kwargs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.instance.names = {
            one.code: said
            for field, one in NAMES_OF_OFFICE.items()
            if (said := (cleaned.get(field) or "").strip())
        }
        for name, direction in (("pattern", Direction.OUT), ("pattern_received", Direction.IN)):
            if reference := taken(cleaned.get(name) or "", direction):
                self.add_error(
                    name, _("This pattern gives a reference again: %(reference)s.") % {"reference": reference}
                )
        return cleaned


FormWithNames: Any = type(
    "FormWithNames",
    (LetterheadForm,),
    {
        field: forms.CharField(
            label=one.name,
            required=False,
            max_length=200,
            widget=forms.TextInput(attrs={"size": 60, "lang": one.in_django, "dir": "auto"}),
        )
        for field, one in NAMES_OF_OFFICE.items()
    },
)


@admin.register(Letterhead)
class LetterheadAdmin(Previewed, RowsWithVersions):
    form = FormWithNames
    list_display = ("name", "place", "pattern", "signed_by")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "address", "place", "signed_by", "title")}),
        (
            gettext_lazy("Name of the office in other languages"),
            {
                "fields": tuple(NAMES_OF_OFFICE),
                "description": gettext_lazy("Papers in a language without it are English."),
            },
        ),
        (gettext_lazy("References"), {"fields": ("pattern", "pattern_received")}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "address":
            field.widget = forms.Textarea(attrs={"rows": 4})
        elif field is not None and db_field.name == "name":
            field.widget.attrs["size"] = 60
        return field

    def preview_of(self, form: Any) -> dict[str, Any]:
        """A letter, which has the signatory too."""
        return sample_pages(
            Occasion.OTHER,
            ContactKind.DIGNITARY,
            PaperForm.LETTER,
            Languages.AUTOMATIC,
            Words.read(),
            head=form.instance,
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one row."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """There is one row."""
        return False


@admin.register(ConfirmationRule)
class ConfirmationRuleAdmin(PlainRowAdmin, admin.ModelAdmin):
    """How often contacts are asked to confirm their data."""

    fields = ("kind", "months", "active")
    list_display = ("kind", "months", "active")
    list_filter = ("active",)
    search_fields = ("kind",)
