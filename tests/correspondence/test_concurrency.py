"""Several processes and people at once: numbers have no gap, and each mail goes once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import factories
from tests.correspondence.conftest import TODAY
from tests.correspondence.test_runs import a_run, missions
from tests.correspondence.test_sending import dispatched, sink
from tests.reminders.helpers import Sink
from tests.reminders.test_concurrency import at_once, while_uncommitted
from tracker.correspondence import addresses, papers, received, runs, sending
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Dispatch, Paper, PaperRun
from tracker.registry.models import Contact, ContactKind

__all__ = ["sink"]
pytestmark = pytest.mark.django_db(transaction=True)

CODES = ("DNK", "EST", "FIN", "ISL", "LTU", "LVA", "NOR", "SWE")


@pytest.fixture
def run() -> Iterator[PaperRun]:
    missions(*CODES)
    return a_run(*CODES)


def test_four_workers_carry_on_a_run_without_a_gap_or_a_double(run: PaperRun) -> None:
    drafted = at_once(4, lambda: runs.carry_on(run, day=TODAY))
    assert sum(drafted) == 8
    assert list(Paper.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 9))
    assert sorted(Paper.objects.values_list("state", flat=True)) == list(CODES)
    run.refresh_from_db()
    assert run.finished_at is not None


def test_a_person_enters_a_paper_while_a_worker_draws_numbers(run: PaperRun) -> None:
    mission = factories.a_contact(factories.a_state("FRA"), "fra@example.org", kind=ContactKind.MISSION)
    with while_uncommitted(lambda: runs.carry_on(run, day=TODAY)) as found:
        papers.initial(_a_note(mission), by="bob")
    assert found == [8]
    assert list(Paper.objects.order_by("number").values_list("number", flat=True)) == list(range(1, 10))
    assert Paper.objects.get(state="FRA").number == 1


def _a_note(contact: Contact) -> Paper:
    subject = papers.PaperSubject(contact.state)
    paper = papers.draft(
        papers.NewPaper("circular", "note", contact, subject, typed={"en": "x"}), by="ada", day=TODAY
    )
    assert paper is not None
    return paper


def test_four_senders_at_once_send_each_note_once(sink: Sink) -> None:
    missions(*CODES)
    for contact in Contact.objects.order_by("pk"):
        dispatched(contact, key=str(contact.pk))
    counts = at_once(4, lambda: sending.send_due(TODAY))
    assert sum(count["sent"] for count in counts) == 8
    assert sorted(sink.recipients) == [f"mission.{code.lower()}@example.org" for code in CODES]
    assert set(Dispatch.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_a_mail_that_a_person_takes_back_while_a_worker_claims_it_is_not_sent(mailoutbox: Any) -> None:
    missions("NOR")
    dispatched(Contact.objects.get())
    with while_uncommitted(lambda: sending.send_due(TODAY)["sent"]) as found:
        sending.take_back(Dispatch.objects.get(), by="bob", reason="wrong")
    assert found == [0]
    assert mailoutbox == []
    assert Paper.objects.get().status == "initialled"


def test_a_mail_that_a_worker_has_claimed_is_not_taken_back() -> None:
    missions("NOR")
    dispatched(Contact.objects.get())

    def take_back() -> str:
        try:
            sending.take_back(Dispatch.objects.get(), by="bob", reason="wrong")
        except NotPossible as error:
            return error.messages[0]
        return "taken back"

    with while_uncommitted(take_back) as found:
        Dispatch.objects.update(
            state="claimed", claim="11111111-1111-1111-1111-111111111111", claimed_at="2026-11-30T09:00Z"
        )
    assert found == [
        "This mail is being sent, was sent, or somebody has decided about it. Open it again to see."
    ]
    assert Paper.objects.get().status == "dispatched"


def test_two_people_who_dispatch_a_paper_at_once_make_one_delivery(mailoutbox: Any) -> None:
    missions("NOR")
    paper = papers.initial(_a_note(Contact.objects.get()), by="bob")

    def dispatch() -> bool:
        try:
            papers.dispatch(paper, "mail", by="bob", day=TODAY)
        except NotPossible:
            return False
        return True

    assert sorted(at_once(2, dispatch)) == [False, True]
    assert Dispatch.objects.count() == 1


def test_clicks_at_once_confirm_an_address_once() -> None:
    contact = factories.a_contact(factories.a_state("FRA"), "fra@example.org", kind=ContactKind.MISSION)
    confirmed = at_once(4, lambda: addresses.confirm(contact, how="link", on=TODAY).pk)
    assert len(set(confirmed)) == 1


def test_clicks_at_once_begin_one_run_and_enter_one_paper() -> None:
    missions("FRA")
    state = Contact.objects.get().state
    entered = at_once(4, lambda: received.receive(state, by="ada", on=TODAY, subject="Answer").pk)
    assert (len(set(entered)), len({run.pk for run in at_once(4, lambda: a_run("FRA"))})) == (1, 1)
