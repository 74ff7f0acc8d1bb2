"""States, treaty actions, contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from tracker.obligations import sync
from tracker.registry.models import Contact, State, TreatyAction
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, entry_into_force
from tracker.web.admin.facts import FactAdmin, FactForm, with_reason


@admin.register(State)
class StateAdmin(FactAdmin):
    list_display = ("name", "iso3", "region", "language", "desk_officer", "records_from")
    list_filter = ("region", "language", "desk_officer")
    list_select_related = ("desk_officer",)
    search_fields = ("name", "iso3", "iso2")
    autocomplete_fields = ("desk_officer",)
    fieldsets = with_reason(
        (None, {"fields": ("iso3", "iso2", "name", "region", "language", "desk_officer")}),
        (
            _("How far the records reach"),
            {"fields": ("records_from", "records_evidence_on", "records_source", "records_note")},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("iso3",) if obj else ()  # the code is the key that everything else hangs on


@admin.register(TreatyAction)
class TreatyActionAdmin(FactAdmin):
    list_display = ("state", "treaty", "kind", "date", "effective_on", "confidence", "reference")
    list_filter = ("treaty", "kind", "confidence", "state__region")
    list_select_related = ("state", "treaty")
    search_fields = ("state__name", "state__iso3", "reference", "source", "note")
    autocomplete_fields = ("state",)
    fieldsets = with_reason(
        (None, {"fields": ("state", "treaty", "kind", "date", "effective_on")}),
        (_("Where it is from"), {"fields": ("reference", "source", "confidence", "note")}),
    )

    def tell(self, request: HttpRequest, obj: Any, found: sync.Difference) -> None:
        super().tell(request, obj, found)
        if isinstance(obj, TreatyAction) and obj.kind in JOINING:
            entry = entry_into_force(obj.as_rule())
            if entry.differs and entry.computed and entry.recorded:
                messages.warning(
                    request,
                    _g(
                        "The recorded entry into force (%(recorded)s) differs from the one that the treaty gives "
                        "(%(computed)s). The recorded day stands; check it against the depositary notification."
                    )
                    % {"recorded": in_words(entry.recorded), "computed": in_words(entry.computed)},
                )


class ContactForm(FactForm):
    class Meta:
        model = Contact
        fields = "__all__"


@admin.register(Contact)
class ContactAdmin(FactAdmin):
    form = ContactForm
    list_display = ("name", "state", "email", "office", "copy", "active", "is_demonstration")
    list_filter = ("active", "is_demonstration", "copy", "language", "state__region")
    list_select_related = ("state",)
    search_fields = ("name", "email", "office", "state__name", "state__iso3")
    autocomplete_fields = ("state",)
    fieldsets = with_reason(
        (None, {"fields": ("state", "name", "office", "email", "copy", "active")}),
        (_("Further"), {"fields": ("language", "note", "is_demonstration")}),
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._history_user = request.user
        obj._change_reason = form.cleaned_data.get("reason") or None
        obj.save()  # nothing is derived from a contact

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        obj.delete()
