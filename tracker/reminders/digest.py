"""The weekly digest to each desk officer: reports that became due or will be, reminders, and open tasks.

It is sent on Mondays, or by a later hourly run of the week. There is one row for each officer and week, delivered as
`delivery.py` describes.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.languages import texts
from tracker.languages.known import ENGLISH, current, speaking
from tracker.languages.models import Reader
from tracker.languages.writing import in_words, without_isolates
from tracker.registry.desks import Desks
from tracker.registry.models import State
from tracker.reminders import attention, delivery, servers, wording
from tracker.reminders.delivery import ClaimLost, Delivery, DeliveryOutcome, until_written
from tracker.reminders.messages import message_id_of
from tracker.reminders.models import Digest, DigestOff, DigestState, Reminder, ReminderState, StaffTask
from tracker.reminders.outgoing import AutomaticMail, sender, to_person
from tracker.reminders.plan import still_open
from tracker.reminders.servers import ServerFailed
from tracker.reminders.text.lines import one_line, wrapped
from tracker.rules.reminding import Window

log = logging.getLogger(__name__)

WEEK = timedelta(days=7)
AHEAD = 4 * WEEK
FROM_ON = time(6, 30)  # on Monday, in the office
MOST = 40  # lines in a section; the linked page shows all
STUCK = (ReminderState.FAILED, ReminderState.DEAD, ReminderState.UNKNOWN)
OPEN = (DigestState.PLANNED, DigestState.FAILED)
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058
SIGNER = Signer(sep="~", salt="tracker.reminders.digest")


@dataclass(frozen=True)
class DigestLine:
    """One line of a digest.

    Attributes:
        page: the full address of its page; empty if SITE_URL is not set.
    """

    text: str
    page: str


@dataclass(frozen=True)
class DigestSection:
    """The lines of one kind.

    Attributes:
        none: a sentence to show if there are no lines.
        page: the full address of the whole list; empty if there is none or SITE_URL is not set.
    """

    title: str
    none: str
    page: str
    all_lines: tuple[DigestLine, ...]

    @property
    def lines(self) -> tuple[DigestLine, ...]:
        """The lines in the mail."""
        return self.all_lines[:MOST]

    @property
    def more(self) -> int:
        """The number of lines that are left out."""
        return len(self.all_lines) - len(self.lines)


@dataclass(frozen=True)
class Content:
    """The content of one officer's digest.

    Attributes:
        week: its Monday; the past is that of the seven days before it.
        states: the number of States that the officer follows.
        language: the code of its language.
    """

    week: date
    states: int
    sections: tuple[DigestSection, ...]
    language: str = ENGLISH.code

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to report, so that no mail is sent."""
        return not any(section.all_lines for section in self.sections)


def monday_of(day: date) -> date:
    """The first day of the week of a day."""
    return day - timedelta(days=day.weekday())


# --- content --------------------------------------------------------------------------------------


def desks() -> dict[Any, frozenset[str]]:
    """The States that each officer follows; in two queries. Users who follow no State are left out."""
    regions = Desks.read()
    found: dict[Any, set[str]] = defaultdict(set)
    for state in State.objects.select_related("desk_officer"):
        if (officer := regions.officer_of(state)) is not None:
            found[officer].add(state.pk)
    return {officer: frozenset(states) for officer, states in found.items()}


def contents(
    week: date, day: date, following: Mapping[Any, Collection[str]], language: str = ""
) -> dict[Any, Content]:
    """The content of the digests of a week, by officer; the number of queries is constant.

    The periods are the seven days before the Monday and the four weeks from it, whatever day the mail is sent, so that
    no day is reported twice. Reports received by the day are left out; states of reminders are the current ones.

    Args:
        week: a Monday.
        day: today; nothing recorded is later.
        following: the States by officer.
        language: the code of the language of all of them; empty for that of each officer.
    """
    since, until = week - WEEK, week + AHEAD
    every = {state for states in following.values() for state in states}
    owed = still_open(day, today=day).filter(state__in=every, due__gte=since, due__lt=until)
    due = _by_state(owed.select_related("state").defer("trail"), lambda row: row.state_id)
    rows = Reminder.objects.filter(obligation__state__in=every).select_related("obligation__state", "rule")
    rows = rows.defer("obligation__trail", "answer")
    sent = rows.filter(state=ReminderState.SENT, sent_on__gte=since, sent_on__lt=week)
    went = _by_state(sent, lambda row: row.obligation.state_id)
    standing = rows.filter(Q(state__in=STUCK) | Q(state=ReminderState.HELD))
    waits = _by_state(standing, lambda row: row.obligation.state_id)
    open_tasks = attention.open_tasks().filter(state__in=every).select_related("state", "bounce", "message")
    tasks = _by_state(open_tasks, lambda task: task.state_id)
    found = {}
    readers = Reader.languages_of(officer.pk for officer in following)
    for officer, states in following.items():
        spoken = language or readers.get(officer.pk, ENGLISH.code)
        with speaking(spoken):
            owing = sorted(_of(due, states), key=lambda row: (row.due, row.state.in_order, row.pk))
            waiting = sorted(_of(waits, states), key=lambda row: (row.due_on, row.pk))
            found[officer] = Content(
                week,
                len(states),
                (
                    _due(
                        _("Reports that became due from %(first)s to %(last)s") % _days(since, week),
                        _("No report became due."),
                        officer,
                        (row for row in owing if row.due < week),
                    ),
                    _due(
                        _("Reports due from %(first)s to %(last)s") % _days(week, until),
                        _("No report is due."),
                        officer,
                        (row for row in owing if row.due >= week),
                    ),
                    _sent(
                        sorted(_of(went, states), key=lambda row: (row.sent_at, row.pk)), since, week, officer
                    ),
                    _stuck([row for row in waiting if row.state != ReminderState.HELD]),
                    _held([row for row in waiting if row.state == ReminderState.HELD], officer),
                    _open_tasks(sorted(_of(tasks, states), key=lambda task: task.pk), officer),
                ),
                spoken,
            )
    return found


def content_for(user: Any, day: date, language: str = "") -> Content:
    """The current content of this week's digest for a user, even if the user follows no State.

    Args:
        language: its code; empty for the one of the user.
    """
    week = monday_of(day)
    return contents(week, day, {user: desks().get(user, frozenset())}, language)[user]


def _by_state(rows: Iterable[Any], state_of: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[state_of(row)].append(row)
    return found


def _of(rows: Mapping[str, list[Any]], states: Iterable[str]) -> list[Any]:
    return [row for state in states for row in rows.get(state, ())]


def _days(first: date, after: date) -> dict[str, str]:
    return {"first": in_words(first), "last": in_words(after - timedelta(days=1))}


def _due(title: str, none: str, officer: Any, rows: Iterable[Any]) -> DigestSection:
    return DigestSection(
        title,
        none,
        _address("obligations", desk=officer.get_username()),
        tuple(
            DigestLine(
                wording.line(one_line(row.state.shown_name), row, row.due), _address("state", row.state_id)
            )
            for row in rows
        ),
    )


def _sent(rows: Collection[Reminder], since: date, week: date, officer: Any) -> DigestSection:
    return DigestSection(
        _("Reminders sent from %(first)s to %(last)s: %(n)d") % (_days(since, week) | {"n": len(rows)}),
        _("No reminder was sent."),
        _address("reminders", state=ReminderState.SENT.value, desk=officer.get_username()),
        tuple(
            DigestLine(
                _("%(reminder)s, on %(day)s")
                % {"reminder": _in_words(row), "day": in_words(row.sent_on) if row.sent_on else ""},
                _address("reminder", row.pk),
            )
            for row in rows
        ),
    )


def _stuck(rows: Iterable[Reminder]) -> DigestSection:
    return DigestSection(
        _("Reminders that failed or may not have been sent"),
        _("No reminder has failed."),
        "",  # the list shows one state at a time
        tuple(
            DigestLine(
                _("%(reminder)s: %(status)s")
                % {"reminder": _in_words(row), "status": row.get_state_display()},
                _address("reminder", row.pk),
            )
            for row in rows
        ),
    )


def _held(rows: Iterable[Reminder], officer: Any) -> DigestSection:
    return DigestSection(
        _("Reminders awaiting approval"),
        _("No reminder awaits approval."),
        _address("reminders", state=ReminderState.HELD.value, desk=officer.get_username()),
        tuple(DigestLine(_in_words(row), _address("reminder", row.pk)) for row in rows),
    )


def _open_tasks(tasks: Iterable[StaffTask], officer: Any) -> DigestSection:
    return DigestSection(
        _("Open tasks: returned mail, answers and messages"),
        _("No task is open."),
        _address("tasks", standing="open", desk=officer.get_username()),
        tuple(DigestLine(one_line(task.heading), _address("task", task.pk)) for task in tasks),
    )


def _in_words(row: Reminder) -> str:
    return _("%(state)s: %(what)s, %(stage)s, to %(whom)s") % {
        "state": one_line(row.obligation.state.shown_name),
        "what": wording.name(row.obligation),
        "stage": row.stage,
        "whom": row.recipient,
    }


def _address(name: str, *args: Any, **query: str) -> str:
    """The full address of a page; empty if SITE_URL is not set."""
    if not settings.SITE_URL:
        return ""
    return settings.SITE_URL + str(reverse(name, args=args, query=query or None))


# --- the mail -------------------------------------------------------------------------------------


def message_to(officer: Any, content: Content, key: str) -> AutomaticMail:
    """The digest as a mail in text and HTML, in the language of its content; the same content gives the same mail.

    Args:
        key: of its row in the ledger, for the Message-ID.
    """
    with speaking(content.language):
        return _message_to(officer, content, key)


def _message_to(officer: Any, content: Content, key: str) -> AutomaticMail:
    name = one_line(officer.get_full_name() or officer.get_username())
    write_to = sender()[1]
    off = _off_address(officer)
    context = {
        "name": name,
        "content": content,
        "off": off,
        "choice": _address("digest"),
        "sender": sender()[0] or write_to,
        "write_to": write_to,
    }
    message = AutomaticMail(
        subject=without_isolates(
            _("Article 12 tracker: your week of %(day)s") % {"day": in_words(content.week)}
        ),
        body=wrapped(render_to_string("reminders/digest.txt", context), current().direction),
        to=[to_person(name, officer.email)],
        headers={"Message-ID": message_id_of(key)} | _unsubscribe(off, write_to),
    )
    message.attach_alternative(render_to_string("reminders/digest.html", context), "text/html")
    return message


def _off_address(officer: Any) -> str:
    """The address that turns the digest off without signing in; empty if SITE_URL is not set."""
    return _address("digest-off", token=SIGNER.sign(str(officer.pk)))


def _unsubscribe(address: str, write_to: str) -> dict[str, str]:
    """The headers of RFC 2369 and, for an https address, of RFC 8058 (one-click unsubscribe in mail programs)."""
    if not address:
        return {"List-Unsubscribe": f"<mailto:{write_to}?subject=unsubscribe>"}
    headers = {"List-Unsubscribe": f"<{address}>"}
    if address.startswith("https:"):
        headers["List-Unsubscribe-Post"] = ONE_CLICK
    return headers


def officer_of(token: str) -> Any | None:
    """The user a signed unsubscribe link belongs to, or None."""
    try:
        key = int(SIGNER.unsign(token))
    except (BadSignature, ValueError):
        return None
    return get_user_model().objects.filter(pk=key).first()


def switch(user: Any, *, on: bool) -> None:
    """Turns the digest of a user on or off."""
    if on:
        DigestOff.objects.filter(user=user).delete()
    else:
        DigestOff.objects.get_or_create(user=user)


# --- sending --------------------------------------------------------------------------------------


def send_due(day: date, at: datetime) -> dict[str, int]:
    """Sends the digests of this week that have not been sent yet, from Monday 06:30 on in the office.

    Respects the days and hours of sending, and waits while the mail server fails. Digests of past weeks are not sent.

    Args:
        at: the time in UTC.

    Returns:
        the number of digests by their new state; see `DigestState`.
    """
    week = monday_of(day)
    window = Window(settings.REMINDERS_DAYS, settings.REMINDERS_DAYS_OF, settings.REMINDERS_HOURS)
    open_now = window.is_open(timezone.localtime(at)) and window.is_working_day(day)
    if not open_now or not _has_begun(week, at):
        return {}
    texts.refresh()
    delivery.free_expired_claims(Digest.objects.all(), at)
    following = _subscribers()
    known = set(Digest.objects.filter(week=week).values_list("officer", flat=True))
    new = [
        Digest(officer=officer, week=week, recipient=officer.email)
        for officer in following
        if officer.pk not in known
    ]
    if new:
        Digest.objects.bulk_create(new, ignore_conflicts=True)
    rows = list(Digest.objects.filter(week=week, state__in=OPEN, officer__in=list(following)))
    if not rows:
        return {}
    officers = {officer.pk: officer for officer in following}
    content_of = contents(
        week, day, {officers[row.officer_id]: following[officers[row.officer_id]] for row in rows}
    )
    counts: Counter[str] = Counter()

    def send(connection: Any) -> None:
        for row in rows:
            officer = officers[row.officer_id]
            _send(row, officer, content_of[officer], connection, counts)

    delivery.run(send, at, counts)
    return dict(counts)


def _has_begun(week: date, at: datetime) -> bool:
    """Whether the digests of a week are being sent at a time."""
    return at >= timezone.make_aware(datetime.combine(week, FROM_ON))


def take_for_sent(at: datetime) -> None:
    """After a restore: marks digests that may already have been sent as "unknown", including those of this week.

    Args:
        at: now, in UTC.
    """
    Digest.objects.filter(state__in=(*OPEN, DigestState.CLAIMED)).update(state=DigestState.UNKNOWN)
    week = monday_of(timezone.localdate(at))
    if _has_begun(week, at):
        Digest.objects.bulk_create(
            (
                Digest(officer=officer, week=week, recipient=officer.email, state=DigestState.UNKNOWN)
                for officer in _subscribers()
            ),
            ignore_conflicts=True,
        )


def _subscribers() -> dict[Any, frozenset[str]]:
    """The officers who receive a digest, with the States that they follow."""
    off = set(DigestOff.objects.values_list("user", flat=True))
    return {
        officer: states
        for officer, states in desks().items()
        if officer.is_active and officer.email and officer.pk not in off
    }


def _send(row: Digest, officer: Any, content: Content, connection: Any, counts: Counter[str]) -> None:
    """Claims, writes and sends the digest of one officer, unless another run has it.

    Args:
        counts: the number of digests by their new state; this one is added.

    Raises:
        ServerFailed: the mail server failed; the digest waits if the server cannot have it.
    """
    sendable = Digest.objects.filter(pk=row.pk, state__in=OPEN)
    claimed = Delivery.of(sendable, timezone.now(), recipient=officer.email)
    if claimed is None:
        return
    if content.is_empty:
        claimed.rows.update(state=DigestState.NOTHING)
        counts[DigestState.NOTHING.value] += 1
        return
    try:
        message = message_to(officer, content, row.key)
        message.message()  # raises if a header is invalid
    except Exception as error:  # one bad digest must not stop the others
        log.exception("the digest to %s could not be written", officer.email)
        outcome = DeliveryOutcome.not_written(error)
    else:
        try:
            outcome = delivery.hand_over(message, connection, partial(claimed.begin, 1))
        except ClaimLost:
            return  # the lease expired and another process has decided
    if outcome.state == ReminderState.PLANNED:
        claimed.give_back()
    else:
        until_written(partial(claimed.record, outcome))
        counts[outcome.state.value] += 1
    if outcome.refuses_us:
        until_written(partial(servers.refused_by, settings.EMAIL_HOST, timezone.now()))
    if outcome.state in (ReminderState.DEAD, ReminderState.UNKNOWN):
        log.warning("the digest to %s is %s: %s", officer.email, outcome.state.value, outcome.answer)
    if outcome.fault:
        raise ServerFailed(outcome.fault, outcome.answer, officer.email)
