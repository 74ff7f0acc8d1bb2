"""States, treaty actions, contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import PROTECT
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from tracker.registry.models import Contact, State, TreatyAction
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import JOINING, entry_into_force
from tracker.web.admin.facts import FactAdmin, FactForm, refused, with_reason
from tracker.web.effects import Act


@admin.register(State)
class StateAdmin(FactAdmin):
    list_display = ("name", "iso3", "region", "language", "desk_officer", "records_from")
    list_filter = ("region", "language", "desk_officer")
    list_select_related = ("desk_officer",)
    search_fields = ("name", "iso3", "iso2")
    fieldsets = with_reason(
        (None, {"fields": ("iso3", "iso2", "name", "region", "language", "desk_officer")}),
        (
            _("How far the records reach"),
            {"fields": ("records_from", "records_evidence_on", "records_source", "records_note")},
        ),
    )
    help_texts = {
        "language": _("The language in which the Permanent Mission writes."),
        "records_source": _("Document or site, for example a newspaper or the State's own ministry."),
        "records_note": _("What the document says, in a sentence."),
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("iso3",) if obj else ()  # the code is the key that everything else hangs on

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
        "note": _("Reservations, declarations, or what a second source says."),
    }

    def tell(self, request: HttpRequest, obj: Any, act: Act) -> None:
        super().tell(request, obj, act)
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
    fieldsets = with_reason(
        (None, {"fields": ("state", "name", "office", "email", "copy", "active")}),
        (_("Further"), {"fields": ("language", "note", "is_demonstration")}),
    )
    help_texts = {
        "name": _("As in the “Blue Book” of Permanent Missions in Geneva, or in the State's last letter."),
        "email": _("The address that the mission gives for official correspondence."),
    }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._history_user = request.user
        obj._change_reason = form.cleaned_data.get("reason") or None
        obj.save()  # nothing is derived from a contact

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        obj.delete()
