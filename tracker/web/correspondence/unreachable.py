"""`/correspondence/unreachable/`: the States that the office cannot reach, why, and what to do."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from tracker.correspondence.reach import Gap, UnreachableState, reporting, unreachable
from tracker.registry import limits
from tracker.registry.models import State
from tracker.web.ui.columns import RegionColumn, StateColumn, code_or_words
from tracker.web.ui.filters import ChipSet, DeskFilter, RegionFilter, SeveralFilter, StateChoiceFilter, named
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable

WHAT_TO_DO = {
    Gap.NO_CONTACT: gettext_lazy(
        "Look for an address in a directory of Permanent Missions and add a contact."
    ),
    Gap.RETURNED: gettext_lazy("Look for the present address and edit the contact, or add another."),
    Gap.UNCONFIRMED: gettext_lazy("Ask by telephone or in writing, and enter the confirmation."),
    Gap.NO_MISSION: gettext_lazy(
        "Add the Permanent Mission or the ministry, so that notes verbales can be sent."
    ),
}


class UnreachableTable(ListTable):
    """States, the worst reason first."""

    state = StateColumn(order_by=("state__in_order",))
    region = RegionColumn("state__in_order")
    gap = tables.Column(gettext_lazy("Reason"), order_by=("gap", "state__in_order"))
    contacts = tables.Column(
        gettext_lazy("Active contacts"),
        order_by=("contacts", "state__in_order"),
        attrs={"td": {"class": "number"}, "th": {"class": "number"}},
    )
    to_do = tables.Column(
        gettext_lazy("What to do"), accessor="gap", orderable=False, attrs={"td": {"class": "wrap"}}
    )
    links = tables.Column(
        gettext_lazy("Actions"),
        accessor="pk",
        orderable=False,
        exclude_from_export=True,
        attrs={"td": {"class": "what"}},
    )

    def render_gap(self, value: Gap) -> str:
        return str(value.label)

    def value_gap(self, value: Gap) -> str:
        return code_or_words(value, value.label)

    def render_to_do(self, value: Gap) -> str:
        return str(WHAT_TO_DO[value])

    def render_links(self, record: UnreachableState) -> str:
        state, user = record.state, self.request.user
        page = reverse("state", args=[state.pk]) + "#h-contacts"
        contacts = format_html(
            '<a href="{}">{}<span class="unseen">: {}</span></a>', page, _("Contacts"), state.shown_name
        )
        if not user.has_perm("registry.add_contact") or not limits.may_change(user, {state.pk}):
            return contacts
        add = format_html(
            '<a href="{}?state={}">{}<span class="unseen">: {}</span></a>',
            reverse("admin:registry_contact_add"),
            state.pk,
            _("Add a contact"),
            state.shown_name,
        )
        return format_html("{} · {}", contacts, add)


class UnreachableFilter(ChipSet):
    """Filters States by desk, reason, regional group, State and text."""

    desk = DeskFilter(to_state="")
    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    gap = SeveralFilter(label=gettext_lazy("Reason"), choices=Gap, method="unchanged")
    region = RegionFilter(field_name="region")
    of = StateChoiceFilter(field_name="pk")

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches the State's name or code, in any spelling."""
        return queryset.filter(pk__in=named(self.request, value))


class UnreachableList(ListPage):
    """The States that the office cannot reach today."""

    table_class = UnreachableTable
    filterset_class = UnreachableFilter
    template_name = "web/correspondence/unreachable.html"
    export_name = "unreachable"
    rows_on_a_page = 100

    def get_queryset(self) -> QuerySet[State]:
        return reporting()

    @cached_property
    def found(self) -> list[UnreachableState]:
        """The rows that the filters leave; the worst first, then by name."""
        wanted = self.filterset.form.cleaned_data.get("gap") if self.filterset.is_valid() else None
        rows = unreachable(self.object_list, timezone.localdate())
        order = list(Gap)
        return sorted(
            (row for row in rows if not wanted or row.gap.value in wanted),
            key=lambda row: order.index(row.gap),
        )

    def get_table_data(self) -> list[UnreachableState]:
        return self.found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        counted = [(gap, sum(row.gap == gap for row in self.found)) for gap in Gap]
        return context | {"gaps": [(gap.value, gap.label, n) for gap, n in counted if n]}
