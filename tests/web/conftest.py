"""Fixtures for the tests of the web: a fixed clock, signed-in users, the shipped data loaded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import Group
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from tests import factories, shipped as facts
from tests.web.browser import reminders_wait, signed, site, sound, sound_in_every_look
from tracker.correspondence import files, papers
from tracker.correspondence.models import Dispatch, Paper, PaperRun
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.text.subject import PaperSubject
from tracker.languages.texts import key_of
from tracker.obligations.models import Import
from tracker.registry.demonstration import add_contacts
from tracker.registry.models import Amendment, Contact, State
from tracker.reminders import send
from tracker.reminders.models import Mail, Pause, ReceivedMessage, Reminder, StaffTask
from tracker.reminders.plan import plan
from tracker.reminders.watch import Watched
from tracker.web.accounts import sessions
from tracker.web.context import SEEN
from tracker.web.models import SavedView, Visit

__all__ = [
    "reminders_wait",
    "signed",
    "site",
    "sound",
    "sound_in_every_look",
]  # fixtures for the tests with a browser

TODAY = date(2026, 11, 22)
MORNING = datetime.combine(TODAY, time(9), UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """A clock at the morning of 22 November 2026."""
    with time_machine.travel(MORNING) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def pages_know_that_nothing_is_stuck(request: pytest.FixtureRequest, clock: Any) -> None:
    """Without a browser pages have looked already whether a scan or a mail is stuck; to look takes as long as a page.

    `each_page_has_its_own_footer` undoes this. What is kept counts for this day alone.
    """
    if "browser" not in request.fixturenames:
        cache.set(SEEN, (Watched(), None), timeout=None)


@pytest.fixture
def staff(db: None) -> Client:
    """A browser with a superuser signed in."""
    return signed_in(is_superuser=True)


@pytest.fixture
def usa() -> State:
    """The United States: party to the OPSC alone, initial report received in 2007."""
    state = factories.a_state("USA", name="United States of America")
    factories.joins(state, on="2002-12-23")
    factories.receives(state, "2007-05-10", symbol="CRC/C/OPSC/USA/1")
    factories.derive(TODAY.isoformat(), state)
    return state


def a_world(django_db_blocker: Any, make: Callable[[], Any]) -> Iterator[Any]:
    """For a fixture of a module: rows created at the fixed time and shared by all its tests.

    Each test's own changes are rolled back after it, and everything at the end.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(MORNING):
            made = make()
        # Else each test would check the references of all these rows again at its end.
        connection.check_constraints()
        yield made
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def shipped(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The shipped records and their obligations."""
    yield from a_world(django_db_blocker, load_shipped_facts)


@pytest.fixture(scope="module")
def ledger(shipped: None) -> None:
    """Reminders about the shipped records: the first five approved and sent, the others held."""
    write_reminders()
    connection.check_constraints()


@pytest.fixture
def keys(db: None) -> dict[str, Any]:
    return make_keys()


def make_keys() -> dict[str, Any]:
    """Norway with a report ahead, a mail about it, and objects that need action: keys for addresses."""
    norway = factories.a_state("NOR", region="WEOG")
    factories.joins(norway, on="2025-10-22")
    contact = factories.a_contact(norway)
    factories.derive(TODAY.isoformat(), norway)
    mail = Mail.objects.create(
        recipient="mission@example.org",
        subject="Norway: initial report",
        text="Dear Permanent Mission,\n\nthe report …",
        html="<!doctype html><title>Reminder</title><p>Dear Permanent Mission,</p>",
        calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        message_id="<1@example.org>",
        sent_on=TODAY,
    )
    version = State.history.get(iso3="NOR").history_id
    plan(TODAY)
    paper = a_paper(norway.contacts.get())
    finland = factories.a_state("FIN")
    return {
        "mail": mail.pk,
        "paper": paper.pk,
        "run": a_run_with(paper).pk,
        "paper_file": files.keep(paper, "answer.pdf", files.PDF, b"%PDF-", by="ada").pk,
        "contact": contact.pk,
        "contacts_file": Import.objects.create(
            table="contacts",
            file_name="missions.csv",
            content=b"state,name,email\nNOR,Permanent Mission,mission@example.org\n",
            state="saved",
        ).pk,
        "dispatch": Dispatch.objects.create(
            what="confirm",
            key="confirm|1",
            contact=contact,
            recipient=contact.email,
            planned_on=TODAY,
            state="held",
        ).pk,
        "task": StaffTask.objects.create(
            kind="answer", cause="1", state=norway, mail=mail, answer="wrong", said="I have moved"
        ).pk,
        "message": ReceivedMessage.objects.create(
            kind="letter",
            digest="1",
            sender="mission@example.org",
            subject="Re: Norway",
            text="We submitted last week.",
            mail=mail,
            received_at=mail.created_at,
        ).pk,
        "reminder": Reminder.objects.get().pk,
        "amendment": an_amendment(norway).pk,
        "import": Import.objects.create(table="submissions", file_name="reports.csv", content=b"state\n").pk,
        "version": version,
        "text": key_of("", "Save", ""),
        "obligation": norway.obligations.earliest("pk").pk,
        "view": a_view().key,
        "pause": Pause.objects.create(
            state=finland,
            made_on=TODAY,
            until=TODAY + timedelta(days=30),
            reason="Elections",
        ).pk,
        "submission": factories.receives(finland, "2016-03-01").pk,
        "session": factories.a_session(101, "2027-01-11", "2027-01-29", status="planned").pk,
        "action": factories.joins(norway, "CRC", "1991-01-08", confidence="memory").pk,
        "date": factories.decides(norway, "2029-01-23", "2026-02-01", cycles="8", precision="year").pk,
        "review": factories.reviews(norway, "2018-06-01", confidence="memory").pk,
        "waiting": factories.decides(
            norway, "2034-01-23", "2026-02-01", cycles="9", awaits_confirmation=True
        ).pk,
    }


def a_paper(contact: Contact, **more: Any) -> Paper:
    """A draft with words of its own, as plain mail."""
    subject = PaperSubject(contact.state)
    usual: dict[str, Any] = {"typed": {"en": "The office has moved."}, "title": "Move"}
    paper = papers.draft(
        NewPaper("other", more.pop("form", "mail"), contact, subject, **usual | more), by="ada", day=TODAY
    )
    assert paper is not None
    return paper


def a_view() -> SavedView:
    """A view of the list of obligations that its owner shares."""
    return SavedView.objects.create(
        owner=factories.an_officer("olga"),
        page="obligations",
        name="Overdue",
        query="status=overdue",
        shared=True,
    )


def an_amendment(by: State) -> Amendment:
    """An amendment that a State has filed, without positions."""
    day = factories.day("2026-01-15")
    return Amendment.objects.create(
        treaty_id="OPSC", title="Amendment to article 12", proposed_by=by, proposed_on=day
    )


def a_run_with(paper: Paper) -> PaperRun:
    """A finished run, whose only paper this becomes."""
    run = PaperRun.objects.create(
        title="Change of address",
        states=[paper.state_id],
        finished_at=MORNING,
        created_at=MORNING,
        created_by="ada",
    )
    Paper.objects.filter(pk=paper.pk).update(run=run)
    return run


class Browser(Client):
    """Reads a streamed response to its end, as every browser does."""

    def request(self, **request: Any) -> Any:
        answer: Any = super().request(**request)
        if not answer.streaming:
            return answer
        whole = HttpResponse(b"".join(answer), status=answer.status_code, headers=answer.headers)
        for name in ("client", "request", "templates", "context", "resolver_match", "json", "wsgi_request"):
            setattr(whole, name, getattr(answer, name))
        whole.json = partial(self._parse_json, whole)  # type: ignore[attr-defined]
        return whole


def signed_in(username: str = "ada", **fields: Any) -> Client:
    """A browser with a new user signed in.

    The session has begun already: writing all that belongs to its beginning takes as long as a page. A test about that
    signs in through the page or with `force_login`.
    """
    user, client = factories.an_officer(username, **{"last_login": timezone.now()} | fields), Browser()
    Visit.note(user.pk, timezone.now())
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[sessions.BEGAN] = session[sessions.SEEN] = int(timezone.now().timestamp())
    session[sessions.FACTOR] = sessions.NONE
    session.save(must_create=True)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def in_role(role: str, username: str = "rolf") -> Client:
    """A browser with a user of a role signed in."""
    client = signed_in(username, is_staff=role != "Viewer")
    get_user_model().objects.get(username=username).groups.add(Group.objects.get(name=role))
    return client


def load_shipped_facts() -> None:
    """The shipped data and their obligations; entered an hour before the fixed time."""
    facts.load(TODAY, MORNING - timedelta(hours=1))


def write_reminders() -> None:
    """A demonstration contact for each State, the reminders of the day, and five mails sent."""
    with override_settings(REMINDERS_APPROVAL="required"), time_machine.travel(MORNING):
        add_contacts()
        plan(TODAY)
        first = Reminder.objects.order_by("pk").values("pk")[:5]
        send.approve(Reminder.objects.filter(pk__in=list(first.values_list("pk", flat=True))), by="ada")
        send.send_due(TODAY)
