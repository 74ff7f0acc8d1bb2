"""The life of the ledger: facts, users, time and failures in any order, and what must hold after each step.

The test keeps its own account of what happened, so that an error in the product cannot hide itself. It is compared at
the moment at which the mail server accepts a text, because then it is too late to take it back.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
import time_machine
from django.conf import settings as product
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from faults.jobs import writes
from tests import factories
from tests.depth import examples
from tests.factories import withdraw_fact
from tests.reminders.helpers import TODAY, Died, a_state_owing
from tests.reminders.in_memory import Line, Server
from tracker.obligations.actions import save_fact
from tracker.obligations.models import CommitteeDate, Submission
from tracker.registry.models import Contact, State
from tracker.reminders import delivery, outbox, pauses, scanning
from tracker.reminders.models import WAITING, Pause, Reminder, ReminderRule
from tracker.reminders.plan import plan, still_open
from tracker.reminders.send import send_due
from tracker.rules.reminding import newest_stage
from tracker.rules.status import OPEN, Records, Status, status_of

EXAMPLES = int(os.environ.get("LEDGER_EXAMPLES") or examples(10))
STEPS = int(os.environ.get("LEDGER_STEPS") or 25)

# Norway has a contact of its own, one that it shares with Denmark, and a desk officer.
DUE = {"NOR": "2026-04-20", "DNK": "2017-02-10"}
OFFICER = "ada@example.org"
ADDRESSES = ("mission@example.org", "ministry@example.org", "both@example.org", OFFICER)
POINTS = ("claim", "the recipient", "handed_over_at", "after the answer", "attempts")
MOODS = st.just(["well"]) | st.lists(st.sampled_from(Server.MOODS), min_size=1, max_size=4)
AFTER = st.sampled_from(
    [timedelta(minutes=n) for n in (0, 6, 11)] + [timedelta(days=n) for n in (1, 5, 13, 14, 31)]
)
CHANGES = (
    "date", "date", "date", "report", "the rule", "to be communicated", "waived", "records", "contact", "contact",
    "address", "pause", "pause of the State", "switch",
)  # fmt: skip
# How often the database is locked when a column of the ledger is to be written.
LOCKS = st.dictionaries(st.sampled_from(("claim", "handed_over_at", "attempts")), st.integers(1, 3))
NAMES = st.sampled_from(sorted(DUE))
CHANGE = st.none() | st.tuples(st.sampled_from(CHANGES), NAMES, st.integers(0, 400))
QUIET = timedelta(days=product.REMINDERS_QUIET_DAYS)


@dataclass
class Known:
    """What is known about a State outside the product."""

    state: State
    due: date
    decision: CommitteeDate | None = None
    report: Submission | None = None
    pauses: list[Pause] = field(default_factory=list)

    def status(self, day: date) -> Status:
        outcome = self.decision.outcome if self.decision else "date"
        due = self.decision.due_on if self.decision else self.due
        on = self.report.received_on if self.report else None
        return status_of(
            due_on=due, source="committee" if due else outcome, waived=outcome == "waived", answered_on=on,
            received_on=on, records=Records(self.state.records_from), day=day,
        )  # fmt: skip

    def is_paused(self, day: date) -> bool:
        return any(one.made_on <= day < (one.ended_on or one.until) for one in self.pauses)


@dataclass(frozen=True)
class Accepted:
    """A text that the server has accepted, about one of its reminders."""

    row: int
    about: str
    recipient: str
    mail: str
    day: date
    resent: int  # how often a person had asked to send this row again by then


class Ledger(RuleBasedStateMachine):
    """One life."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(datetime.combine(TODAY, time(9), UTC), tick=False)
        self.traveller = self.clock.start()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.server = Line.server = Server()
        self.server.accepted = self.accept
        self.accepted: list[Accepted] = []
        self.resent: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.officer = factories.an_officer("ada")
        self.known = {
            iso3: Known(a_state_owing(iso3, due, *people, desk_officer=officer), date.fromisoformat(due))
            for (iso3, due), people, officer in zip(
                DUE.items(),
                [("mission@example.org", "both@example.org"), ("both@example.org",)],
                [self.officer, None],
                strict=True,
            )
        }

    def teardown(self) -> None:
        try:
            self.in_the_end_everybody_was_written_to()
        finally:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            self.clock.stop()

    @property
    def today(self) -> date:
        return timezone.localdate()

    # What happens

    @rule(after=AFTER, change=CHANGE, approve=st.booleans(), moods=MOODS, locks=LOCKS)
    def a_scan(
        self, after: timedelta, change: Any, approve: bool, moods: list[str], locks: dict[str, int]
    ) -> None:
        """A scan some time later, under a locked database; a person may have approved all that waits."""
        self.later(after, change, approve=approve)
        self.server.moods = list(moods)
        left = dict(locks)

        def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            for column in [name for name, times in left.items() if times and writes(sql, name)]:
                left[column] -= 1
                raise OperationalError("database is locked")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(refuse):
            scanning.scan(self.today, at=timezone.now())

    @rule(after=AFTER, change=CHANGE, planning=st.booleans(), moods=MOODS)
    def a_day_at_the_desk(self, after: timedelta, change: Any, planning: bool, moods: list[str]) -> None:
        """Some time later all that waits is approved and sent by hand, with or without planning first."""
        self.traveller.shift(after)
        if planning:
            plan(self.today)
        self.later(timedelta(), change, approve=True)
        self.server.moods = list(moods)
        send_due(self.today)

    @rule(
        after=AFTER,
        change=CHANGE,
        point=st.sampled_from(POINTS),
        nth=st.integers(1, 2),
    )
    def a_scan_dies(self, after: timedelta, change: Any, point: str, nth: int) -> None:
        """The process is killed before a statement, or while it speaks to the server."""
        self.traveller.shift(after)
        plan(self.today)
        self.later(timedelta(), change, approve=True)
        self.server.moods = ["well"]
        left = nth

        def here() -> None:
            nonlocal left
            left -= 1
            if not left:
                raise Died

        def die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if writes(sql, point):
                here()
            return execute(sql, params, many, context)

        accepted = len(self.accepted)
        if point == "after the answer":
            self.server.after_answer = here
        if point == "the recipient":
            self.server.before_recipient = here
        try:
            with connection.execute_wrapper(die):
                scanning.scan(self.today, at=timezone.now())
        except Died:
            # Only a text that the server may have is doubtful.
            if point in ("after the answer", "attempts"):
                self.server.doubtful.update(text.mail for text in self.accepted[accepted:][-1:])
        finally:
            self.server.after_answer = self.server.before_recipient = lambda: None

    @rule(change=st.tuples(st.sampled_from(CHANGES), NAMES, st.integers(0, 400)))
    def something_changes(self, change: Any) -> None:
        """One rule for all facts, so that they do not outnumber the scans."""
        self.change(*change)

    def change(self, what: str, name: str, number: int) -> None:
        known = self.known[name]
        if what == "report":
            self.a_report_comes_or_is_withdrawn(known)
        elif what in ("date", "to be communicated", "waived", "the rule"):
            self.the_committee_states(known, what, number - 150)
        elif what == "records":
            known.state.records_from = (None, TODAY, self.today + timedelta(days=30))[number % 3]
            save_fact(known.state, on=self.today)
        elif what == "contact":
            self.a_contact_is_added_or_switched(known.state, ADDRESSES[number % len(ADDRESSES)])
        elif what == "address":
            self.a_contact_has_another_address(known.state, ADDRESSES[number % len(ADDRESSES)])
        elif what in ("pause", "pause of the State"):
            self.a_pause_is_made_or_ended(known, number % 60 + 1, of_state=what != "pause")
        else:
            one = ReminderRule.objects.get(months=(-3, -1, 0, 1, 3, 6, 12)[number % 7])
            one.active = not one.active
            one.save()

    def a_report_comes_or_is_withdrawn(self, known: Known) -> None:
        if known.report is None:
            known.report = Submission(
                state=known.state, kind="initial", first_cycle=1, last_cycle=1, received_on=self.today
            )
            save_fact(known.report, on=self.today)
        else:
            withdraw_fact(known.report, on=self.today)
            known.report = None

    def the_committee_states(self, known: Known, outcome: str, days: int) -> None:
        """A date some days from now, or none; or the stated date is withdrawn."""
        if outcome == "the rule":
            if known.decision is not None:
                withdraw_fact(known.decision, on=self.today)
                known.decision = None
            return
        decision = known.decision or CommitteeDate(
            state=known.state, kind="initial", first_cycle=1, last_cycle=1, document="CRC/C/OPSC/CO/1",
            decided_on=date(2025, 2, 1),
        )  # fmt: skip
        decision.outcome = outcome
        decision.due_on = self.today + timedelta(days=days) if outcome == "date" else None
        save_fact(decision, on=self.today)
        known.decision = decision

    def a_contact_is_added_or_switched(self, state: State, address: str) -> None:
        contact = Contact.objects.filter(state=state, email=address).first()
        if contact is None:
            factories.a_contact(state, address)
        else:
            contact.active = not contact.active
            contact.save()

    def a_contact_has_another_address(self, state: State, address: str) -> None:
        contact = Contact.objects.filter(state=state).order_by("pk").first()
        if contact is not None and not Contact.objects.filter(state=state, email=address).exists():
            contact.email = address
            contact.save()

    def a_pause_is_made_or_ended(self, known: Known, days: int, *, of_state: bool) -> None:
        for one in known.pauses:
            if one.is_in_force(self.today):
                pauses.end(one, by=self.officer, on=self.today)
                one.refresh_from_db()
                return
        about = known.state if of_state else factories.the_obligation(known.state)
        until = self.today + timedelta(days=days)
        known.pauses.append(pauses.pause(about, until=until, reason="asked", by=self.officer, on=self.today))

    @rule(
        what=st.sampled_from(("approve", "approve", "hold", "cancel", "resend")),
        which=st.sampled_from((1, 2, 3)),
    )
    def a_person_acts(self, what: str, which: int) -> None:
        """On all rows, or on every second or third; a key itself differs when a life is repeated."""
        self.act(what, self.all_keys()[::which])

    @precondition(lambda self: self.accepted or self.resent)
    @rule(nth=st.integers(0, 10))
    def a_person_sends_one_again(self, nth: int) -> None:
        if keys := self.all_keys(state__in=outbox.FROM["resend"]):
            self.act("resend", [keys[nth % len(keys)]])

    @staticmethod
    def all_keys(**conditions: Any) -> list[int]:
        return list(Reminder.objects.filter(**conditions).order_by("pk").values_list("pk", flat=True))

    def act(self, what: str, keys: list[int]) -> None:
        done = outbox.act(what, Reminder.objects.filter(pk__in=keys), by="ada", reason="asked")
        if what == "resend":
            self.resent.update(done)

    def later(self, after: timedelta, change: Any = None, *, approve: bool) -> None:
        """Time has passed, something has changed, and a person has approved all that waits."""
        self.traveller.shift(after)
        if change is not None:
            self.change(*change)
        if approve:
            self.act("approve", self.all_keys())

    # What must hold

    def accept(self, message_id: str, recipient: str) -> None:
        """The server accepts a text: it is compared with what is known at this moment."""
        day = self.today
        rows = list(
            Reminder.objects.filter(mail__message_id=message_id, state="claimed").select_related("rule")
        )
        self.check(bool(rows), f"a mail to {recipient} of which the ledger knows nothing")
        for row in rows:
            name = row.obligation.state_id
            known = self.known[name]
            said = f"{name} to {recipient} on {day}"
            self.check(row.recipient == recipient, f"{said}: another's reminder")
            self.check(recipient in self.people(name, row.rule), f"{said}: nobody to be written to")
            self.check(row.contact_id is None or bool(row.approved_by), f"{said}: nobody approved it")
            # A life can last until the next report comes near; what is known here is of the first.
            if row.obligation.kind == "initial":
                self.check(known.status(day) in OPEN, f"{said}: is {known.status(day)}")
                self.check(not known.is_paused(day), f"{said}: is paused")
                due = known.decision.due_on if known.decision else known.due
                self.check(row.due_on == due, f"{said}: old date")
            else:
                owed = still_open(day).filter(pauses.not_paused(day), pk=row.obligation_id, due=row.due_on)
                self.check(owed.exists(), f"{said}: another report that nobody is to be reminded of")
            about = f"{name} {row.obligation_id}"
            for before in self.accepted:
                if (before.about, before.recipient) != (about, recipient) or before.mail == message_id:
                    continue
                asked = self.resent[row.pk] > 0 or self.resent[before.row] > 0
                self.check(asked or day - before.day >= QUIET, f"{said}: and before on {before.day}")
            self.accepted.append(Accepted(row.pk, about, recipient, message_id, day, self.resent[row.pk]))

    def check(self, holds: bool, what: str) -> None:
        """Noted here and raised by the invariant: the product treats an exception of the server as a failure."""
        if not holds:
            self.wrong.append(what)

    def people(self, name: str, rule: ReminderRule) -> set[str]:
        """The people to whom a rule writes about a State."""
        found = set()
        if rule.audience != "desk":
            found |= set(Contact.objects.filter(state=name, active=True).values_list("email", flat=True))
        if rule.audience != "contacts" and self.known[name].state.desk_officer:
            found.add(OFFICER)
        return found if rule.active else set()

    @invariant()
    def nothing_was_accepted_that_should_not_have_been(self) -> None:
        assert self.wrong == []

    @invariant()
    def the_ledger_says_what_the_server_has(self) -> None:
        had: defaultdict[int, list[Accepted]] = defaultdict(list)
        for text in self.accepted:
            had[text.row].append(text)
        for row in Reminder.objects.select_related("mail").defer("mail__text", "mail__html"):
            times, asked = len(had[row.pk]), self.resent[row.pk]
            said = (row.pk, row.state, times, asked)
            assert times <= 1 + asked, said
            assert len({text.resent for text in had[row.pk]}) == times, said  # between two, a person asked
            if row.state == "sent":
                assert times >= 1, said
                assert had[row.pk][-1].mail == row.mail.message_id, said
            never = row.state in ("planned", "held", "failed", "overtaken", "dead")
            if not asked and (never or (row.state == "cancelled" and row.handed_over_at is None)):
                assert times == 0, said

    @invariant()
    def only_a_text_that_the_server_may_have_is_unknown(self) -> None:
        unknown = Reminder.objects.filter(state="unknown").values_list("mail__message_id", flat=True)
        assert set(unknown) <= self.server.doubtful

    def in_the_end_everybody_was_written_to(self) -> None:
        """Nothing is paused, the server works, everything is approved, and the scans go on."""
        plan(self.today)  # a row that was cancelled for a reason must be revived when the reason ends
        for known in self.known.values():
            if known.report is not None:
                self.a_report_comes_or_is_withdrawn(known)
            if known.is_paused(self.today):
                self.a_pause_is_made_or_ended(known, 1, of_state=False)
        self.server.moods = ["well"]
        for days in (15, 3, 1):
            self.traveller.shift(timedelta(days=days))
            plan(self.today)
            self.later(timedelta(), approve=True)
            send_due(self.today)
        self.nothing_was_accepted_that_should_not_have_been()
        self.the_ledger_says_what_the_server_has()
        assert not Reminder.objects.filter(state__in=(*WAITING, "claimed")).exists()
        rules = {one.pk: one for one in ReminderRule.objects.filter(active=True)}
        for name, known in self.known.items():
            due = known.decision.due_on if known.decision else known.due
            if known.status(self.today) not in OPEN or known.is_paused(self.today) or due is None:
                continue
            stage = newest_stage(due, [(key, one.as_rule()) for key, one in rules.items()], self.today)
            if stage is None:
                continue
            for recipient in self.people(name, rules[stage.key]):
                about = Reminder.objects.filter(obligation__state=name, recipient=recipient)
                assert self.is_explained(about, due, stage.day), (name, recipient, due, stage)

    def is_explained(self, about: Any, due: date, stage_on: date) -> bool:
        """Whether a mail was sent, or a row says why not: staff must act, or it was too early."""
        for row in about:
            of_stage = row.due_on == due and row.stage_on >= stage_on
            by_person = row.state == "cancelled" and bool(row.cancelled_by)
            if of_stage and (row.state in ("sent", "unknown", "dead") or by_person):
                return True
            left = row.sent_on or (row.handed_over_at and row.handed_over_at.date())
            if left is not None and self.today - left < QUIET:
                return True
        return False


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_whatever_happens_each_reminder_goes_once_or_staff_know_why_not(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMAIL_BACKEND = "tests.reminders.in_memory.InMemoryBackend"
    settings.REMINDERS_APPROVAL = "required"
    monkeypatch.setattr(delivery, "TRY_AGAIN_AFTER", 0)
    run_state_machine_as_test(Ledger, settings=HOW_MUCH)


HOW_MUCH = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
