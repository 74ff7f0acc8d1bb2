"""The life of the ledger of dispatches: people, time, failures and deaths in any order, and what must hold after each.

As in tests/reminders/test_ledger_machine.py the test keeps its own account, at the moment at which the mail server
accepts a text.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests import factories
from tests.correspondence.conftest import TODAY
from tests.depth import examples
from tests.reminders.helpers import Died
from tests.reminders.in_memory import Line, Server
from tracker.correspondence import papers, rendering, sending
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Dispatch, Means, Paper, PaperStatus
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.registry.models import Contact, ContactKind
from tracker.reminders import delivery
from tracker.reminders.messages import message_id_of
from tracker.reminders.models import Bounce, StaffTask

MOODS = st.just(["well"]) | st.lists(st.sampled_from(Server.MOODS), min_size=1, max_size=3)
AFTER = st.sampled_from([timedelta(minutes=n) for n in (0, 6, 11)] + [timedelta(days=n) for n in (1, 3)])
# What a statement writes when the process dies: a claim, the hand-over, the outcome.
POINTS = ('"claim" = %s', '"handed_over_at" = %s', "after the answer", '"attempts" = (')
NTH = st.integers(0, 5)


def _die() -> None:
    raise Died


class Deliveries(RuleBasedStateMachine):
    """One life."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(datetime.combine(TODAY, time(9), UTC), tick=False)
        self.traveller = self.clock.start()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.server = Line.server = Server()
        self.server.accepted = self.accept
        self.accepted: Counter[str] = Counter()  # by Message-ID
        self.of_paper: Counter[int] = Counter()
        self.asked: Counter[int] = Counter()  # how often a person had a paper sent, first or again
        self.found: set[int] = set()  # papers that a person found to have arrived
        self.wrong: list[str] = []
        self.contacts = [
            factories.a_contact(
                factories.a_state(code), f"{code.lower()}@example.org", kind=ContactKind.MISSION
            )
            for code in ("NOR", "ISL")
        ]

    def teardown(self) -> None:
        try:
            self.in_the_end_each_note_has_gone_or_staff_know_why_not()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            self.clock.stop()

    @property
    def today(self) -> date:
        return timezone.localdate()

    # What happens

    @rule(which=st.integers(0, 1))
    def a_note_is_dispatched(self, which: int) -> None:
        contact = Contact.objects.get(pk=self.contacts[which].pk)
        key = f"note {Paper.objects.count()}"
        new = NewPaper("circular", "note", contact, PaperSubject(contact.state), typed={"en": "x"}, key=key)
        paper = papers.draft(new, by="ada", day=self.today)
        assert paper is not None
        self.dispatch(papers.initial(paper, by="bob"))

    @rule(nth=NTH)
    def a_note_that_did_not_go_is_dispatched_again(self, nth: int) -> None:
        waiting = list(Paper.objects.filter(status=PaperStatus.INITIALLED).order_by("pk"))
        if waiting:
            self.dispatch(waiting[nth % len(waiting)])

    def dispatch(self, paper: Paper) -> None:
        try:
            papers.dispatch(paper, Means.MAIL, by="bob", day=self.today)
        except NotPossible:  # the contact is no longer active
            return
        self.asked[paper.pk] += 1

    @rule(after=AFTER, moods=MOODS)
    def a_run(self, after: timedelta, moods: list[str]) -> None:
        self.traveller.shift(after)
        self.server.moods = list(moods)
        sending.send_due(self.today)

    @rule(after=AFTER, point=st.sampled_from(POINTS))
    def a_run_dies(self, after: timedelta, point: str) -> None:
        self.traveller.shift(after)
        self.server.moods = ["well"]

        def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith('UPDATE "correspondence_dispatch"') and point in sql:
                raise Died
            return execute(sql, params, many, context)

        if point == "after the answer":
            self.server.after_answer = _die
        try:
            with connection.execute_wrapper(die):
                sending.send_due(self.today)
        except Died:
            pass
        finally:
            self.server.after_answer = lambda: None

    @rule(act=st.sampled_from((sending.send_again, sending.arrived, sending.take_back)), nth=NTH)
    def a_person_decides(self, act: Any, nth: int) -> None:
        rows = list(Dispatch.objects.order_by("pk"))
        if not rows:
            return
        row = rows[nth % len(rows)]
        try:
            act(row, by="bob", reason="asked")
        except NotPossible:
            return
        if act is sending.send_again:
            self.asked[row.paper_id] += 1
        if act is sending.arrived:
            self.found.add(row.paper_id)

    @rule(which=st.integers(0, 1))
    def a_contact_goes_or_comes_back(self, which: int) -> None:
        contact = Contact.objects.get(pk=self.contacts[which].pk)
        contact.active = not contact.active
        contact.save()

    @rule(nth=NTH)
    def a_mail_comes_back(self, nth: int) -> None:
        rows = list(Dispatch.objects.filter(state="sent", mail__isnull=False).order_by("pk"))
        if rows:
            row = rows[nth % len(rows)]
            bounce = Bounce(kind="failed", mail=row.mail, diagnostic="no such mailbox")
            sending.mark_returned(mail=row.mail, bounce=bounce)

    # What must hold

    def accept(self, message_id: str, recipient: str) -> None:
        """The server accepts a text."""
        rows = [row for row in Dispatch.objects.all() if message_id_of(row.mail_key) == message_id]
        if len(rows) != 1 or rows[0].paper is None or rows[0].contact is None:
            self.wrong.append(f"a mail to {recipient} that nobody knows")
            return
        (row,) = rows
        self.accepted[message_id] += 1
        self.of_paper[rows[0].paper.pk] += 1
        for holds, what in (
            (row.state == "claimed", f"is {row.state}"),
            (row.recipient == recipient == rows[0].contact.email, "to another"),
            (rows[0].contact.active, "to a contact that has gone"),
            (rows[0].paper.status == PaperStatus.DISPATCHED, "not to be dispatched"),
        ):
            if not holds:
                self.wrong.append(f"{row.key}: {what}")

    @invariant()
    def nothing_was_accepted_that_should_not_have_been(self) -> None:
        assert self.wrong == []

    @invariant()
    def each_note_went_at_most_as_often_as_a_person_asked(self) -> None:
        for paper, times in self.of_paper.items():
            assert times <= self.asked[paper], (paper, times, self.asked[paper])

    @invariant()
    def what_is_sent_was_accepted_or_a_person_said_so(self) -> None:
        for row in Dispatch.objects.filter(state="sent"):
            assert row.paper_id in self.found or self.accepted[message_id_of(row.mail_key)], row.key

    @invariant()
    def a_paper_is_dispatched_exactly_while_its_delivery_is_not_given_up(self) -> None:
        for row in Dispatch.objects.select_related("paper"):
            assert row.paper is not None
            assert (row.state == "cancelled") == (row.paper.status == PaperStatus.INITIALLED), row.key

    def in_the_end_each_note_has_gone_or_staff_know_why_not(self) -> None:
        self.server.moods = ["well"]
        Contact.objects.update(active=True)
        for days in (1, 3, 3):
            self.traveller.shift(timedelta(days=days))
            sending.send_due(self.today)
        sending.about_stuck(Dispatch.objects.all())
        self.nothing_was_accepted_that_should_not_have_been()
        self.each_note_went_at_most_as_often_as_a_person_asked()
        self.what_is_sent_was_accepted_or_a_person_said_so()
        for row in Dispatch.objects.all():
            assert row.state in ("sent", "returned", "cancelled", "dead", "unknown"), (row.key, row.state)
            if row.state in ("dead", "unknown"):
                open_tasks = StaffTask.objects.filter(page=row.get_absolute_url(), settled_at=None)
                assert open_tasks.exists(), row.key


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_whatever_happens_each_note_goes_once_or_staff_know_why_not(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "tests.reminders.in_memory.InMemoryBackend"
    monkeypatch.setattr(delivery, "TRY_AGAIN_AFTER", 0)
    monkeypatch.setattr(rendering, "pdf_of", lambda contents, day: b"%PDF")
    run_state_machine_as_test(Deliveries, settings=HOW_MUCH)


HOW_MUCH = settings(
    max_examples=examples(60),
    phases=[Phase.generate],
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
