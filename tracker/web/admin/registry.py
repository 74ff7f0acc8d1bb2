"""States, treaty actions, contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.db.models import PROTECT, OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _, gettext_noop, ngettext

from tracker import changes
from tracker.changes import Effects, FactInUse, FactRefused
from tracker.changes.versions import kind_of
from tracker.languages.writing import in_words
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
)
from tracker.obligations.queries.standings import owed_on
from tracker.registry.models import Contact, RegionDesk, State, Statement, TreatyAction
from tracker.registry.stored import StoredText, translated
from tracker.registry.un_names import StateOrder
from tracker.reminders.incoming import bounced
from tracker.reminders.models import Bounce, StaffTask
from tracker.rules.entry_into_force import TreatyCode
from tracker.web.admin.facts import (
    FactAdmin,
    FactFields,
    FactForm,
    FormRefused,
    RowInline,
    refused,
    to_be_removed,
    with_reason,
)
from tracker.web.admin.rows import PlainRowAdmin
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.two_steps import EFFECT, warn
from tracker.web.ui.undo import with_undo_of

LANGUAGE_CONFIRMED = StoredText(gettext_noop("correspondence language confirmed"))


class ActionInline(RowInline):
    model = TreatyAction
    fields = ("treaty", "kind", "date", "effective_on", "reference", "source", "confidence")
    initial_row = {"treaty": TreatyCode.OPSC.value}


class SubmissionInline(RowInline):
    model = Submission
    fields = (
        "kind", "first_cycle", "last_cycle", "carried_by", "received_on", "reviewed_on", "withdrawn_on",
        "information", "information_where", "symbol", "title", "language", "source",
    )  # fmt: skip


class ReviewInline(RowInline):
    model = Review
    fields = (
        "kind", "first_cycle", "last_cycle", "carried_by", "document", "adopted_on", "session", "without_report",
        "source", "confidence",
    )  # fmt: skip


class PrintedInline(RowInline):
    model = PrintedDate
    fields = (
        "kind", "first_cycle", "last_cycle", "carried_by", "printed", "document", "printed_on", "source",
    )  # fmt: skip


class DateInline(RowInline):
    model = CommitteeDate
    fields = (
        "kind", "first_cycle", "last_cycle", "carried_by", "outcome", "due_on", "precision", "document_kind",
        "document", "paragraph", "decided_on", "source", "confidence",
    )  # fmt: skip


class RequestInline(RowInline):
    model = InformationRequest
    fields = ("kind", "document", "issued_on", "due_on", "received_on", "source")


class NonReceiptInline(RowInline):
    model = NonReceipt
    fields = ("kind", "cycle", "carried_by", "not_received_by", "source")


class ContactInline(RowInline):
    model = Contact
    fields = ("name", "office", "kind", "salutation", "email", "language", "copy", "active")


class StateForm(FactForm):
    """A State. Whoever enters another language has confirmed it."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned is not None and "language" in self.changed_data:
            cleaned["language_is_proposed"] = False
        return cleaned


@admin.register(State)
class StateAdmin(FactAdmin):
    form = StateForm
    list_display = (
        *("shown", "iso3", "region", "written_in", "desk_officer"),
        *("records_from", "carried_records_from", "records_until"),
    )
    list_filter = ("region", "language", "language_is_proposed", "desk_officer")
    actions = ("confirm_languages",)
    list_select_related = ("desk_officer",)
    search_fields = ("name", "iso3", "iso2")
    fieldsets = with_reason(
        (
            None,
            {
                "fields": (
                    "iso3",
                    "iso2",
                    "name",
                    "region",
                    "language",
                    "language_is_proposed",
                    "mails",
                    "desk_officer",
                )
            },
        ),
        (
            _("Coverage of the records"),
            {
                "fields": (
                    "records_from",
                    "carried_records_from",
                    "records_until",
                    "records_evidence_on",
                    "records_source",
                    "records_note",
                )
            },
        ),
    )
    help_texts = {
        "language": _("The language in which the Permanent Mission writes."),
        "records_source": _("Document or site, for example a newspaper or the State's own ministry."),
        "records_note": _("What the document says, in a sentence."),
    }

    inlines = (
        ActionInline,
        SubmissionInline,
        ReviewInline,
        DateInline,
        RequestInline,
        NonReceiptInline,
        PrintedInline,
        ContactInline,
    )
    names_a_state = False

    @admin.display(description=_("name"), ordering=StateOrder())
    def shown(self, state: State) -> str:
        return state.shown_name

    @admin.display(description=_("correspondence language"), ordering="language")
    def written_in(self, state: State) -> str:
        language = str(state.get_language_display())
        if state.language_is_proposed:
            return gettext("%(language)s (to be confirmed)") % {"language": language}
        return language

    @admin.action(description=_("Confirm the correspondence languages"), permissions=["change"])
    def confirm_languages(self, request: HttpRequest, queryset: QuerySet[State]) -> None:
        """Records that somebody knows that the proposed languages are right."""
        if not (states := list(queryset.filter(language_is_proposed=True))):
            messages.info(request, gettext("No change."))
            return
        for state in states:
            state.language_is_proposed = False
        changes.save(states, by=request.user, reason=LANGUAGE_CONFIRMED())
        said = ngettext(
            "The correspondence language of %(n)d State is confirmed.",
            "The correspondence languages of %(n)d States are confirmed.",
            len(states),
        )
        messages.success(request, said % {"n": len(states)})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("iso3",) if obj else ()  # every other record refers to it

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()  # facts are added once the State is saved

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None:
            today = timezone.localdate()
            owed = owed_on(today).filter(state=obj).order_by("due", "computed_on", "pk")
            # One button: whoever saves stays on the page, which shows the effects.
            context |= {
                "state": obj,
                "owed": owed,
                "today": today,
                "show_save_and_continue": False,
                "show_save_and_add_another": False,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)  # a change is saved with the rows of the page

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.save_m2m()
        for formset in formsets:
            formset.save(commit=False)  # finds out what is new, changed or to be deleted
        if change:
            self._save_page(request, form, formsets)

    def _save_page(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """Saves the State and its rows as one change, and shows the effects of all of it together."""
        state, reason = form.instance, form.cleaned_data["reason"]
        own = [state] if set(form.changed_data) - {"reason"} else []
        rows = [row for formset in formsets for row in formset.forms]
        gone = [row.instance for row in rows if to_be_removed(row) and row.instance.pk]
        facts = own + [row.instance for row in rows if row.has_changed() and not to_be_removed(row)]
        if not gone and not facts:
            messages.info(request, gettext("No change."))
            return
        changed = [(kind_of(one), one.pk) for one in gone]
        try:
            effects = changes.save(facts, delete=gone, by=request.user, reason=reason)
        except (FactRefused, FactInUse) as error:
            raise _refused(error, rows, gone) from error
        changed += [(kind_of(one), one.pk) for one in facts]
        self.tell_effects(request, state, effects)
        said = gettext("%(state)s is saved.") % {"state": state}
        back = reverse("admin:registry_state_change", args=[state.pk])
        messages.success(request, with_undo_of(request, said, changed, back))
        warn(request, effects)

    def tell_effects(self, request: HttpRequest, state: State, effects: Effects) -> None:
        for sentence in effects.sentences:
            messages.info(request, sentence, extra_tags=EFFECT)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:registry_state_change", obj.pk)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:registry_state_change", obj.pk)  # its facts are added next

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        state = self.get_object(request, unquote(object_id))
        if state is not None:
            others = [
                str(of.related_model._meta.verbose_name_plural)
                for of in State._meta.related_objects
                if of.on_delete is PROTECT
                and of.related_model._default_manager.filter(**{of.field.name: state}).exists()
            ]
            if others:
                why = gettext("%(state)s cannot be deleted, because other records refer to it: %(what)s.")
                return refused(request, state, why % {"state": state, "what": ", ".join(others)})
        return super().delete_view(request, object_id, extra_context)


def _refused(error: FactRefused | FactInUse, rows: Sequence[Any], gone: Sequence[Any]) -> FormRefused:
    """The same error for the form of the fact that it is about."""
    prefix = next((row.prefix for row in rows if row.instance is error.fact), None)
    why = (
        error
        if isinstance(error, ValidationError)
        else ValidationError(gettext("This cannot be deleted: another record refers to it."))
    )
    return FormRefused(why, prefix, removing=any(one is error.fact for one in gone))


@admin.register(TreatyAction)
class TreatyActionAdmin(FactAdmin):
    list_display = ("state", "treaty", "kind", "date", "effective_on", "confidence", "reference")
    list_filter = ("treaty", "kind", "confidence", "state__region")
    list_select_related = ("state", "treaty")
    search_fields = ("state__name", "state__iso3", "reference", "source", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "treaty", "kind", "date", "effective_on")}),
        (_("Source"), {"fields": ("reference", "source", "confidence", "note")}),
    )
    help_texts = {
        "kind": _("As the depositary notification calls it. A State that signed ratifies; others accede."),
        "confidence": _("“Day to be confirmed” until the day has been read in a depositary notification."),
        "note": _("What a second source says, or what was inferred."),
    }


@admin.register(Statement)
class StatementAdmin(FactAdmin):
    list_display = ("state", "treaty", "kind", "date", "about", "withdrawn_on", "source")
    list_filter = ("treaty", "kind", "state__region")
    list_select_related = ("state", "treaty", "about")
    search_fields = ("state__name", "state__iso3", "about__name", "text", "source", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "treaty", "kind", "date", "about", "text")}),
        (_("Source"), {"fields": ("source", "note")}),
        (_("Withdrawal"), {"fields": ("withdrawn_on", "withdrawal_source")}),
    )
    help_texts = {
        "kind": _("As the depositary publishes it. It changes no due date."),
        "note": _("A partial withdrawal, or what was inferred and from which source."),
    }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"treaty": TreatyCode.OPSC.value} | super().get_changeform_initial_data(request)


class ContactForm(FactForm):
    """A contact.

    Attributes:
        proposed: values that an answer by link proposes, by field; shown until the form is sent.
        answer: the task with that answer.
    """

    answer: StaffTask | None = None
    proposed: Mapping[str, str] = MappingProxyType({})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.update({name: text for name, text in self.proposed.items() if name in self.fields})


@admin.register(Contact)
class ContactAdmin(FactAdmin):
    form = ContactForm
    list_display = (
        "name",
        "state",
        "kind",
        "email",
        "office",
        "copy",
        "active",
        "is_demonstration",
        "came_back",
    )
    list_filter = ("active", "kind", "is_demonstration", "copy", "language", "state__region")
    search_fields = ("name", "email", "office", "state__name", "state__iso3")
    fieldsets = with_reason(
        (None, {"fields": ("state", "name", "office", "kind", "email", "copy", "active")}),
        (_("More"), {"fields": ("language", "salutation", "note", "is_demonstration")}),
    )
    help_texts = {
        "name": _("As in the “Blue Book” of Permanent Missions in Geneva, or in the State's last letter."),
        "email": _("The address that the mission gives for official correspondence."),
        "copy": _("Notes verbales and letters are drafted for contacts in To only."),
    }

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.answer = _task_of(request, obj)
        form.proposed = _proposed(form.answer, obj) if form.answer else {}
        return form

    @admin.display(description=_("mail returned"))
    def came_back(self, contact: Any) -> str:
        """Since when mail is returned, and with which words; a dash if it is not."""
        if contact.returned_at is None:
            return "—"
        words = Bounce(status=contact.returned_status, diagnostic=contact.returned_words).words
        words = translated(words)
        return gettext("since %(day)s: %(words)s") % {
            "day": in_words(timezone.localdate(contact.returned_at)),
            "words": words,
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """With the last open delivery failure of each address, in the same query."""
        failures = bounced.open_failures().filter(recipient=Lower(OuterRef("email"))).order_by("-pk")
        contacts: QuerySet[Contact] = super().get_queryset(request)
        return contacts.annotate(
            returned_at=Subquery(failures.values("received_at")[:1]),
            returned_status=Subquery(failures.values("status")[:1]),
            returned_words=Subquery(failures.values("diagnostic")[:1]),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        contact = context.get("original")
        context["returned"] = bounced.open_about([contact]).get(contact.pk) if contact else None
        return super().render_change_form(request, context, *args, **kwargs)


def _task_of(request: HttpRequest, contact: Contact | None) -> StaffTask | None:
    """The task, named by the address as `?task=12`, whose answer proposes data for a contact or for a new one."""
    key = request.GET.get("task", "")
    task = StaffTask.objects.filter(pk=key).first() if WHOLE.fullmatch(key) else None
    if task is None or not task.proposed or (contact is not None and contact.pk != task.contact_id):
        return None
    return task


def _proposed(task: StaffTask, contact: Contact | None) -> dict[str, str]:
    proposed: dict[str, str] = task.proposed
    return proposed if contact is not None else {"state": task.state_id or "", **proposed}


@admin.register(RegionDesk)
class RegionDeskAdmin(FactFields, PlainRowAdmin, admin.ModelAdmin):
    """The officer for the States of a region that have no desk officer of their own."""

    fields = ("region", "officer")
    list_display = ("region", "officer")
    list_select_related = ("officer",)
    search_fields = ("officer__username", "region")
