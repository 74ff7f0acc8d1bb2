"""The messages that came into the mailbox of the sender, and what became of each."""

from __future__ import annotations

from typing import Any

import django_filters as filters
import django_tables2 as tables
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_safe

from tracker.languages.writing import with_semicolons
from tracker.registry.stored import translated
from tracker.reminders import attention
from tracker.reminders.models import Bounce, ReceivedMessage, StaffTask
from tracker.web.ui.columns import DayColumn
from tracker.web.ui.filters import ChipSet, named
from tracker.web.ui.lists import ListPage
from tracker.web.ui.tables import ListTable

WAITING, DONE = "waiting", "done"


def outcomes(message: ReceivedMessage) -> list[tuple[str, str]]:
    """What became of a message: addresses and words of its tasks, or one sentence without an address."""
    tasks = [*message.tasks.all(), *(task for bounce in message.bounces.all() for task in bounce.tasks.all())]
    if tasks:
        return [(task.get_absolute_url(), _outcome(task)) for task in tasks]
    sentences = {
        ReceivedMessage.Kind.REFUSED: _("Recorded: a mail server refuses our mail. No contact is to blame."),
        ReceivedMessage.Kind.DELAYED: _("Recorded: the mail server is still trying."),
        ReceivedMessage.Kind.DELIVERED: _("Recorded: the mail was delivered."),
    }
    return [("", sentences.get(ReceivedMessage.Kind(message.kind), _("Recorded.")))]


def _outcome(task: StaffTask) -> str:
    about = task.state.shown_name if task.state is not None else _("no State")
    if task.settled_at is None:
        return _("waits for a person (%(state)s)") % {"state": about}
    return _("%(outcome)s (%(state)s)") % {"outcome": translated(task.outcome), "state": about}


def with_outcomes(messages: QuerySet[ReceivedMessage]) -> QuerySet[ReceivedMessage]:
    """Messages with what `outcomes` reads, in a constant number of queries."""
    tasks = StaffTask.objects.select_related("state")
    bounces = Bounce.objects.prefetch_related(Prefetch("tasks", tasks))
    return messages.select_related("mail").prefetch_related(
        Prefetch("tasks", tasks), Prefetch("bounces", bounces)
    )


class MessageTable(ListTable):
    """Messages, newest first."""

    received = DayColumn(verbose_name=gettext_lazy("Received"), accessor="received_at")
    author = tables.Column(gettext_lazy("From"), accessor="sender", order_by=("sender", "-received_at", "pk"))
    subject = tables.Column(gettext_lazy("Subject"), empty_values=(), attrs={"td": {"class": "wrap"}})
    kind = tables.Column(gettext_lazy("Kind"), order_by=("kind", "-received_at", "pk"))
    mail = tables.Column(
        gettext_lazy("About our mail"), empty_values=(), orderable=False, attrs={"td": {"class": "wrap"}}
    )
    became = tables.Column(
        gettext_lazy("Outcome"), accessor="pk", orderable=False, attrs={"td": {"class": "wrap"}}
    )

    def render_author(self, record: ReceivedMessage) -> str:
        if not record.sender_name:
            return record.author
        return format_html("{}<small>{}</small>", record.sender_name, record.sender)

    def value_author(self, record: ReceivedMessage) -> str:
        return record.sender

    def render_subject(self, record: ReceivedMessage) -> str:
        return format_html(
            '<a href="{}">{}</a>', record.get_absolute_url(), record.subject or _("(no subject)")
        )

    def value_subject(self, record: ReceivedMessage) -> str:
        return record.subject

    def render_mail(self, record: ReceivedMessage) -> str:
        if record.mail is None:
            return "—"
        return format_html('<a href="{}">{}</a>', record.mail.get_absolute_url(), record.mail.subject)

    def value_mail(self, record: ReceivedMessage) -> str | None:
        return record.mail.subject if record.mail else None

    def render_became(self, record: ReceivedMessage) -> str:
        return format_html_join(
            "; ",
            "{}",
            (
                (format_html('<a href="{}">{}</a>', address, words) if address else words,)
                for address, words in outcomes(record)
            ),
        )

    def value_became(self, record: ReceivedMessage) -> str:
        return with_semicolons(words for _address, words in outcomes(record))


class MessageFilter(ChipSet):
    """Filters messages by status, kind and text."""

    q = filters.CharFilter(label=gettext_lazy("Text"), method="filter_text")
    standing = filters.ChoiceFilter(
        label=gettext_lazy("Status"),
        choices=[(WAITING, gettext_lazy("waits for a person")), (DONE, gettext_lazy("done"))],
        method="filter_standing",
    )
    kind = filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=ReceivedMessage.Kind)

    def filter_standing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Those with an open task, or those without."""
        open_tasks = attention.open_tasks()
        waits = Exists(open_tasks.filter(message=OuterRef("pk"))) | Exists(
            open_tasks.filter(bounce__message=OuterRef("pk"))
        )
        return queryset.filter(waits if value == WAITING else ~waits)

    def filter_text(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Searches author, subject and text, and the State that a message is about, in any spelling."""
        words = Q(sender__icontains=value) | Q(sender_name__icontains=value) | Q(subject__icontains=value)
        about = StaffTask.objects.filter(state__in=named(self.request, value))
        states = Q(pk__in=about.values("message")) | Q(bounces__in=about.values("bounce"))
        return queryset.filter(words | Q(text__icontains=value) | states).distinct()


class MessageList(ListPage):
    """`/messages/`: all that came in, by kind, with the outcome of each."""

    table_class = MessageTable
    filterset_class = MessageFilter
    template_name = "web/reminders/message_list.html"
    export_name = "messages"

    def get_queryset(self) -> QuerySet[Any]:
        return with_outcomes(ReceivedMessage.objects.order_by("-received_at", "-pk"))


@require_safe
def message_page(request: HttpRequest, pk: int) -> HttpResponse:
    """`/messages/12/`: a message as plain text, and its outcome."""
    message = get_object_or_404(with_outcomes(ReceivedMessage.objects.all()), pk=pk)
    return render(
        request, "web/reminders/message_detail.html", {"message": message, "outcomes": outcomes(message)}
    )
