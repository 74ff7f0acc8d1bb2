"""States, treaty actions, contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import PROTECT, OuterRef, QuerySet, Subquery
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from tracker.changes import cautions
from tracker.changes.versions import kind_of
from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
)
from tracker.obligations.queries.standings import owed_on
from tracker.obligations.sync import Difference
from tracker.registry.models import Contact, RegionDesk, State, Statement, TreatyAction
from tracker.reminders import bounces
from tracker.reminders.models import Bounce
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import TreatyCode
from tracker.web.admin.facts import (
    FactAdmin,
    FactFields,
    FactForm,
    RowInline,
    refused,
    to_be_removed,
    with_reason,
)
from tracker.web.admin.keys import FoundByKey
from tracker.web.admin.together import changed_rows, in_all, save_rows
from tracker.web.ui.two_steps import EFFECT
from tracker.web.ui.undo import linked, way_back


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
    fields = ("name", "office", "email", "language", "copy", "active")


@admin.register(State)
class StateAdmin(FactAdmin):
    list_display = (
        "name", "iso3", "region", "language", "desk_officer", "records_from", "carried_records_from", "records_until",
    )  # fmt: skip
    list_filter = ("region", "language", "desk_officer")
    list_select_related = ("desk_officer",)
    search_fields = ("name", "iso3", "iso2")
    fieldsets = with_reason(
        (None, {"fields": ("iso3", "iso2", "name", "region", "language", "desk_officer")}),
        (
            _("How far the records reach"),
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("iso3",) if obj else ()  # the code is the key that everything else hangs on

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else ()  # facts are entered once there is a State to enter them for

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
            # One button: whoever saves stays on the page, and reads there what followed.
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
            super().save_model(request, obj, form, change)  # a change is saved along with the rows beside it

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        form.save_m2m()
        for formset in formsets:
            formset.save(commit=False)  # finds out what is new, changed or to be removed
        if change:
            self._save_page(request, form, formsets)

    def _save_page(self, request: HttpRequest, form: Any, formsets: Any) -> None:
        """Saves the State and its rows as one change, and tells what followed from all of it together."""
        state, reason = form.instance, form.cleaned_data["reason"]
        own = state if set(form.changed_data) - {"reason"} else None
        rows = list(changed_rows(formsets))
        if own is None and not rows:
            messages.info(request, _g("Nothing was changed, so nothing is saved."))
            return

        def act() -> Difference:
            return in_all(state, lambda: save_rows(own, rows, request.user, reason))

        removed = [(kind_of(row.instance), row.instance.pk) for row in rows if to_be_removed(row)]
        self.tell(request, state, act)
        kept = [one for one in (own, *(row.instance for row in rows if not to_be_removed(row))) if one]
        changed = [*removed, *((kind_of(one), one.pk) for one in kept)]
        said = _g("%(state)s is saved.") % {"state": state}
        messages.success(request, linked(said, *_back(request.user, state, changed)))
        for row in rows:
            if not to_be_removed(row):
                for caution in cautions.about(row.instance):
                    messages.warning(request, caution)

    def tell_effects(self, request: HttpRequest, state: State, told: list[str]) -> None:
        for sentence in told:
            messages.info(request, sentence, extra_tags=EFFECT)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:registry_state_change", obj.pk)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return redirect("admin:registry_state_change", obj.pk)  # its facts are entered next

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        state = self.get_object(request, unquote(object_id))
        if state is not None:
            resting = [
                str(of.related_model._meta.verbose_name_plural)
                for of in State._meta.related_objects
                if of.on_delete is PROTECT
                and of.related_model._default_manager.filter(**{of.field.name: state}).exists()
            ]
            if resting:
                why = _g("%(state)s is kept, because other records rest on it: %(what)s.")
                return refused(request, state, why % {"state": state, "what": ", ".join(resting)})
        return super().delete_view(request, object_id, extra_context)


def _back(user: Any, state: State, changed: list[tuple[Any, Any]]) -> tuple[str, str]:
    """Where what was saved together is taken back: one fact on its page, several in the State's history."""
    if len(changed) == 1:
        return way_back(user, *changed[0]), ""
    return reverse("state-history", args=[state.pk]), _g("Undo in the history …")


@admin.register(TreatyAction)
class TreatyActionAdmin(FactAdmin):
    list_display = ("state", "treaty", "kind", "date", "effective_on", "confidence", "reference")
    list_filter = ("treaty", "kind", "confidence", "state__region")
    list_select_related = ("state", "treaty")
    search_fields = ("state__name", "state__iso3", "reference", "source", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "treaty", "kind", "date", "effective_on")}),
        (_("Where it is from"), {"fields": ("reference", "source", "confidence", "note")}),
    )
    help_texts = {
        "kind": _("As the depositary notification calls it. A State that signed ratifies; others accede."),
        "confidence": _("“Day to be confirmed” until the day has been read in a depositary notification."),
        "note": _("What a second source says, or what had to be inferred."),
    }


@admin.register(Statement)
class StatementAdmin(FactAdmin):
    list_display = ("state", "treaty", "kind", "date", "about", "withdrawn_on", "source")
    list_filter = ("treaty", "kind", "state__region")
    list_select_related = ("state", "treaty", "about")
    search_fields = ("state__name", "state__iso3", "about__name", "text", "source", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "treaty", "kind", "date", "about", "text")}),
        (_("Where it is from"), {"fields": ("source", "note")}),
        (_("If it was withdrawn"), {"fields": ("withdrawn_on", "withdrawal_source")}),
    )
    help_texts = {
        "kind": _("As the depositary publishes it. It changes no due date."),
        "note": _("A partial withdrawal, or what had to be inferred and from what."),
    }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"treaty": TreatyCode.OPSC.value} | super().get_changeform_initial_data(request)


class ContactForm(FactForm):
    class Meta:
        model = Contact
        fields = "__all__"


@admin.register(Contact)
class ContactAdmin(FactAdmin):
    form = ContactForm
    list_display = ("name", "state", "email", "office", "copy", "active", "is_demonstration", "came_back")
    list_filter = ("active", "is_demonstration", "copy", "language", "state__region")
    list_select_related = ("state",)
    search_fields = ("name", "email", "office", "state__name", "state__iso3")
    fieldsets = with_reason(
        (None, {"fields": ("state", "name", "office", "email", "copy", "active")}),
        (_("Further"), {"fields": ("language", "note", "is_demonstration")}),
    )
    help_texts = {
        "name": _("As in the “Blue Book” of Permanent Missions in Geneva, or in the State's last letter."),
        "email": _("The address that the mission gives for official correspondence."),
    }

    @admin.display(description=_("mail comes back"))
    def came_back(self, contact: Any) -> str:
        """Since when, and with which words; a dash where it does not."""
        if contact.returned_at is None:
            return "—"
        said = Bounce(status=contact.returned_status, diagnostic=contact.returned_words).words
        return _g("since %(day)s: %(words)s") % {"day": in_words(contact.returned_at.date()), "words": said}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """With the last open failure of each address, in the same query."""
        theirs = bounces.open_failures().filter(recipient=Lower(OuterRef("email"))).order_by("-pk")
        found: QuerySet[Contact] = super().get_queryset(request)
        return found.annotate(
            returned_at=Subquery(theirs.values("received_at")[:1]),
            returned_status=Subquery(theirs.values("status")[:1]),
            returned_words=Subquery(theirs.values("diagnostic")[:1]),
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        contact = context.get("original")
        context["returned"] = bounces.open_about([contact]).get(contact.pk) if contact else None
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._history_user = request.user
        obj._change_reason = form.cleaned_data.get("reason") or None
        # Nothing is derived from a contact, but reminders to it may be due by now.
        self.tell(request, obj, obj.save)


@admin.register(RegionDesk)
class RegionDeskAdmin(FactFields, FoundByKey, admin.ModelAdmin):
    """Who follows the States of a region that have no desk officer of their own."""

    list_display = ("region", "officer")
    list_select_related = ("officer",)
    search_fields = ("officer__username", "region")
