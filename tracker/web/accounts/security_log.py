"""`/security-log/`: sign-ins and changes of accounts, roles and permissions; for administrators."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from tracker.languages.writing import in_words
from tracker.registry.stored import translated
from tracker.web.models import SecurityEvent
from tracker.web.ui.filters import ChipSet, DayFilter
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable


class SecurityTable(ListTable):
    """The security log, newest first."""

    then = ("-at", "-pk")
    at = tables.Column(
        gettext_lazy("When (UTC)"),
        order_by=("at", "pk"),
        attrs={"td": {"class": "day"}, "th": {"class": "day"}},
    )
    kind = tables.Column(gettext_lazy("Event"), attrs={"td": {"class": "wrap"}})
    who = tables.Column(gettext_lazy("User"), empty_values=())
    whom = tables.Column(gettext_lazy("Account or role"))
    address = tables.Column(gettext_lazy("IP address"))
    detail = tables.Column(gettext_lazy("Detail"), orderable=False, attrs={"td": {"class": "wrap"}})

    def render_at(self, value: datetime) -> str:
        shown = value.astimezone(UTC)
        return _("%(day)s, %(time)s") % {"day": in_words(shown.date()), "time": f"{shown:%H:%M:%S}"}

    def value_at(self, value: datetime) -> str:
        return value.isoformat(timespec="seconds")

    def render_who(self, record: Any) -> str:
        if record.who:
            return str(record.who)
        if record.kind in (SecurityEvent.Kind.FAILED, SecurityEvent.Kind.LOCKED_OUT):
            return _("no such account")
        if record.kind == SecurityEvent.Kind.ELSEWHERE_REFUSED:
            return _("no account here")
        return _("a command")

    def render_detail(self, value: str) -> str:
        return translated(value)

    def value_detail(self, value: str) -> str:
        return value

    def value_who(self, record: Any) -> str:
        return str(record.who)


class SecurityFilter(ChipSet):
    """Filters entries by name or address, event and day."""

    q = filters.CharFilter(label=gettext_lazy("Name or address"), method="filter_text")
    kind = filters.ChoiceFilter(label=gettext_lazy("Event"), choices=SecurityEvent.Kind)
    on = DayFilter(label=gettext_lazy("Day"), method="filter_day")

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches names, addresses and details."""
        parts = Q(who__icontains=value) | Q(whom__icontains=value) | Q(detail__icontains=value)
        return queryset.filter(parts | Q(address__icontains=value))

    def filter_day(self, queryset: QuerySet[Any], name: str, value: date) -> QuerySet[Any]:
        """The entries of a day in UTC, as they are shown."""
        begins = datetime.combine(value, time(), UTC)
        return queryset.filter(at__gte=begins, at__lt=begins + timedelta(days=1))


class SecurityLog(PermissionRequiredMixin, ListPage):
    """The security log; read only."""

    permission_required = "web.view_securityevent"
    raise_exception = True
    table_class = SecurityTable
    filterset_class = SecurityFilter
    template_name = "web/accounts/security_log.html"
    export_name = "security-log"

    def get_queryset(self) -> QuerySet[Any]:
        return SecurityEvent.objects.all()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"kept_days": settings.SECURITY_LOG_DAYS}
