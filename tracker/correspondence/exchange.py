"""The whole exchange with a State, in and out: papers, mails, messages, answers by link, bounces, confirmations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Subquery, Value
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.correspondence.models import (
    ABOUT_ADDRESSES,
    UNDISPATCHED,
    VOID,
    Confirmation,
    Direction,
    Dispatch,
    Means,
    Occasion,
    Paper,
    PaperFile,
    PaperStatus,
)
from tracker.languages.writing import with_commas
from tracker.registry.models import Contact, State
from tracker.registry.stored import translated
from tracker.reminders.models import (
    ACCEPTED,
    WAITING,
    Bounce,
    Mail,
    ReceivedMessage,
    Reminder,
    ReminderState,
    StaffTask,
)

# The occasions of what is no paper.
REMINDER, ADDRESS = "reminder", "address"
# A delivery that needs no word beside "dispatched".
AS_EXPECTED = (ReminderState.SENT,)
# A mail in these states has not left the office, as far as is known.
NOT_GONE = (*WAITING, ReminderState.CLAIMED, ReminderState.DEAD)


@dataclass(frozen=True)
class Exchanged:
    """One thing that passed between the office and a State, or will.

    Attributes:
        row: the paper, the reminders of a mail in a list, or the row of another table.
        day: of the dispatch or receipt; of a paper not dispatched, its date.
        form: what it is, in words.
        occasion: a code of `Occasion`, or one of this module.
        person: to whom it went, or from whom it came.
        status: in words; `mark` is the state of the ledger that looks like it, and `beside` says more.
        address: its page.
        gone: whether it was dispatched or received.
        text: in addition to subject, reference and person, what a search reads.
    """

    row: Any
    day: date
    direction: str
    form: str
    occasion: str
    person: str
    subject: str
    status: str
    address: str
    reference: str = ""
    beside: str = ""
    mark: str = ""
    files: list[PaperFile] = field(default_factory=list)
    text: str = ""
    gone: bool = True

    @property
    def direction_in_words(self) -> str:
        """Whether it was sent or received; of a paper that waits, that it is to be sent."""
        return str(Direction(self.direction).label) if self.gone else _("to be sent")

    def mentions(self, words: list[str]) -> bool:
        """Whether each of some words, in lower case, is in its texts."""
        said = f"{self.subject} {self.reference} {self.person} {self.form} {self.text}".casefold()
        return all(word in said for word in words)


def occasion_in_words(occasion: str) -> str:
    """The name of an occasion of an exchange."""
    return {REMINDER: _("reminder"), ADDRESS: _("addresses")}.get(occasion) or str(Occasion(occasion).label)


def to_contacts(state: State) -> QuerySet[Reminder]:
    """The reminders about a State to its contacts, including former ones.

    A row whose contact was deleted since has none any more, like a desk officer's: the history of contacts
    tells the two apart.
    """
    once = Contact.history.filter(state=state.pk).order_by().values(address=Lower("email"))
    theirs = Q(contact__isnull=False) | Q(recipient__in=once)
    return Reminder.objects.filter(theirs, obligation__state=state)


class Exchange:
    """The exchange with a State up to a day.

    Args:
        with_texts: whether the texts of the mails are read too, for their hashes.
    """

    def __init__(self, state: State, day: date, *, with_texts: bool = False) -> None:
        self.state, self.day = state, day
        self._unread = ["mail__html"] if with_texts else ["mail__text", "mail__html", "mail__calendar"]

    @property
    def papers(self) -> QuerySet[Paper]:
        """The papers of the State in the register, without those cancelled or withdrawn."""
        return Paper.objects.filter(state=self.state, dated__lte=self.day).exclude(status__in=VOID)

    @property
    def reminders(self) -> QuerySet[Reminder]:
        """The reminders in mails to the contacts that were handed over."""
        accepted = Q(state__in=ACCEPTED, sent_on__lte=self.day)
        unknown = Q(state=ReminderState.UNKNOWN, handed_over_at__date__lte=self.day)
        return to_contacts(self.state).filter(accepted | unknown, mail__isnull=False)

    @property
    def notices(self) -> QuerySet[Dispatch]:
        """Requests to confirm an address, and notices of a change, that were sent."""
        about = Dispatch.objects.filter(contact__state=self.state, what__in=ABOUT_ADDRESSES)
        return about.filter(sent_at__date__lte=self.day)

    @property
    def tasks(self) -> QuerySet[StaffTask]:
        """Answers by link, and messages that people or their programs wrote."""
        written = (ReceivedMessage.Kind.LETTER, ReceivedMessage.Kind.AUTOMATIC)
        return StaffTask.objects.filter(
            Q(kind=StaffTask.Kind.ANSWER, created_at__date__lte=self.day)
            | Q(message__kind__in=written, message__received_at__date__lte=self.day),
            state=self.state,
        )

    @property
    def bounces(self) -> QuerySet[Bounce]:
        """Reports of mail servers about mails to the contacts."""
        ours = (
            Q(mail__in=self.reminders.values("mail"))
            | Q(mail__dispatch__paper__state=self.state)
            | Q(mail__dispatch__contact__state=self.state)
        )
        return Bounce.objects.filter(ours, received_at__date__lte=self.day)

    @property
    def confirmations(self) -> QuerySet[Confirmation]:
        """What contacts have confirmed about their data."""
        return Confirmation.objects.filter(contact__state=self.state, on__lte=self.day)

    def count(self) -> int:
        """The number of rows, in one query."""
        sources = (self.papers, self.notices, self.tasks, self.bounces, self.confirmations)
        numbers = [number_of(rows) for rows in sources] + [number_of(self.reminders, "mail")]
        (counted,) = State.objects.filter(pk=self.state.pk).order_by().values_list(*numbers)
        return sum(number or 0 for number in counted)

    def read(self) -> list[Exchanged]:
        """All rows, newest first, in a constant number of queries."""
        rows = [
            *self._papers(),
            *self._mails(),
            *self._notices(),
            *self._tasks(),
            *self._bounces(),
            *self._confirmations(),
        ]
        # What was read first is newer within a day.
        return sorted(rows, key=lambda one: one.day, reverse=True)

    def _papers(self) -> Iterator[Exchanged]:
        rows = self.papers.defer("content").select_related("dispatch").prefetch_related("files")
        for paper in rows.order_by("-dated", "-pk"):
            status, beside, mark = _how_far(paper, self.day)
            went = _went(paper, self.day)
            yield Exchanged(
                row=paper,
                day=went if went is not None else paper.dated,
                direction=paper.direction,
                form=paper.get_form_display(),
                occasion=paper.occasion,
                person=with_commas((paper.name, paper.office)) or paper.email,
                subject=paper.subject,
                reference=with_commas((paper.reference, paper.their_reference)),
                status=status,
                beside=beside,
                mark=mark,
                address=paper.get_absolute_url(),
                files=[
                    one
                    for one in paper.files.all()
                    if not one.is_removed and timezone.localdate(one.added_at) <= self.day
                ],
                text=f"{paper.summary} {paper.email} {paper.delivery_note} {paper.decision}",
                gone=went is not None and mark not in NOT_GONE,
            )

    @cached_property
    def mails(self) -> list[tuple[Mail, list[Reminder]]]:
        """Each mail with its reminders, the newest mail and the earliest due date first."""
        rows = self.reminders.select_related("obligation", "rule", "mail").defer(*self._unread)
        of_mail: dict[Any, list[Reminder]] = {}
        for row in rows.order_by("-mail", "due_on", "pk"):
            of_mail.setdefault(row.mail, []).append(row)
        return list(of_mail.items())

    @cached_property
    def bounced(self) -> list[Bounce]:
        """The `bounces`, the newest first, with `occasion` and `notice`: those of the paper or dispatch in the mail."""
        rows = self.bounces.annotate(
            occasion=F("mail__dispatch__paper__occasion"), notice=F("mail__dispatch__what")
        )
        return list(rows.select_related("mail").defer(*self._unread).order_by("-received_at", "-pk"))

    def _mails(self) -> Iterator[Exchanged]:
        for mail, reminders in self.mails:
            first = reminders[0]
            worst = next((row for row in reminders if row.state not in AS_EXPECTED), first)
            yield Exchanged(
                row=reminders,
                day=first.sent_on or _day_of(first.handed_over_at),
                direction=Direction.OUT,
                form=_("reminder by mail"),
                occasion=REMINDER,
                person=with_commas((first.recipient_name, mail.recipient)),
                subject=mail.subject,
                status=worst.get_state_display(),
                mark=worst.state,
                address=mail.get_absolute_url(),
            )

    def _notices(self) -> Iterator[Exchanged]:
        for row in self.notices.select_related("mail").defer("mail__text", "mail__html").order_by("-pk"):
            yield Exchanged(
                row=row,
                day=_day_of(row.sent_at),
                direction=Direction.OUT,
                form=row.get_what_display(),
                occasion=ADDRESS,
                person=with_commas((row.recipient_name, row.recipient)),
                subject=row.mail.subject if row.mail else row.get_what_display(),
                status=row.get_state_display(),
                mark=row.state,
                address=row.mail.get_absolute_url() if row.mail else "",
            )

    def _tasks(self) -> Iterator[Exchanged]:
        rows = self.tasks.select_related("message", "mail", "bounce", "contact")
        for task in rows.defer("mail__text", "mail__html", "mail__calendar").order_by("-created_at", "-pk"):
            message = task.message
            settled = task.settled_at is not None and timezone.localdate(task.settled_at) <= self.day
            said = translated(task.outcome) if settled else _("waits for a person")
            yield Exchanged(
                row=task,
                day=_day_of(message.received_at if message else task.created_at),
                direction=Direction.IN,
                form=_form_of(message) if message else task.get_kind_display(),
                occasion=REMINDER if task.mail_id or (message and message.mail_id) else Occasion.OTHER,
                person=message.author if message else _whose(task),
                subject=(message.subject or _("(no subject)")) if message else task.title,
                status=said,
                mark="" if settled else ReminderState.HELD,
                address=message.get_absolute_url() if message else task.get_absolute_url(),
                text=message.text if message else task.said,
            )

    def _bounces(self) -> Iterator[Exchanged]:
        for row in self.bounced:
            row_of: Any = row
            other = REMINDER if row_of.notice is None else ADDRESS
            yield Exchanged(
                row=row,
                day=_day_of(row.received_at),
                direction=Direction.IN,
                form=_("notification of a mail server"),
                occasion=row_of.occasion or other,
                person=row.server or row.recipient,
                subject=row.mail.subject,
                status=row.get_kind_display(),
                beside=translated(row.words),
                mark=ReminderState.FAILED if row.kind == Bounce.Kind.DELAYED else ReminderState.RETURNED,
                address=row.mail.get_absolute_url(),
                text=row.recipient,
            )

    def _confirmations(self) -> Iterator[Exchanged]:
        for row in self.confirmations.select_related("contact").order_by("-on", "-pk"):
            yield Exchanged(
                row=row,
                day=row.on,
                direction=Direction.IN,
                form=_("confirmation of an address"),
                occasion=ADDRESS,
                person=row.contact.name,
                subject=row.email,
                status=row.get_how_display(),
                beside=row.source,
                address=f"{self.state.get_absolute_url()}#h-contacts",
            )


def number_of(rows: QuerySet[Any], column: str = "pk") -> Subquery:
    """How many values of a column rows have, as a column of another query; empty for none."""
    alike = rows.order_by().annotate(alike=Value(1)).values("alike")
    return Subquery(alike.annotate(n=Count(column, distinct=True)).values("n"))


def _day_of(moment: Any) -> date:
    """The day of a moment in the office."""
    return timezone.localdate(moment)


def _whose(task: StaffTask) -> str:
    """Who answered by link: the contact, or the address that the mail went to."""
    return task.contact.name if task.contact else task.mail.recipient if task.mail else ""


def _form_of(message: ReceivedMessage) -> str:
    return _("message") if message.kind == ReceivedMessage.Kind.LETTER else message.get_kind_display()


def _went(paper: Paper, day: date) -> date | None:
    """The day on which a paper was dispatched or received, if that was by a day."""
    went = paper.received_on or paper.dispatched_on
    return went if went is not None and went <= day else None


def _how_far(paper: Paper, day: date) -> tuple[str, str, str]:
    """How far a paper had come by a day in words, details of its delivery, and the state of the ledger for its mark."""
    if paper.is_received:
        return paper.get_status_display(), "", ""
    if _went(paper, day) is None:
        later = paper.status not in UNDISPATCHED
        return (_("not dispatched yet") if later else paper.get_status_display()), "", ReminderState.HELD
    beside, mark = delivery_of(paper), ReminderState.SENT.value
    if paper.means == Means.MAIL and hasattr(paper, "dispatch"):
        mark = paper.dispatch.state
    if paper.acknowledged_on is not None and paper.acknowledged_on <= day:
        return str(PaperStatus.ACKNOWLEDGED.label), beside, ReminderState.SENT
    return str(PaperStatus.DISPATCHED.label), beside, mark


def delivery_of(paper: Paper) -> str:
    """How a dispatched paper was delivered: the means, the note, and the state of its mail if that is not sent."""
    state = getattr(getattr(paper, "dispatch", None), "state", ReminderState.SENT)
    by_mail = paper.means == Means.MAIL and state not in AS_EXPECTED
    parts = (
        paper.get_means_display(),
        paper.delivery_note,
        str(ReminderState(state).label) if by_mail else "",
    )
    return with_commas(parts)
