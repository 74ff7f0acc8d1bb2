"""One site for each module: some of everything, a user with each role, a superuser, and a stranger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from tests import factories
from tests.audit.addresses import ROLES
from tests.web.conftest import (
    Browser,
    a_world,
    an_amendment,
    clock,
    in_role,
    keys,
    ledger,
    make_keys,
    pages_know_that_nothing_is_stuck,
    shipped,
    signed_in,
    staff,
)
from tracker.consideration.models import GuidelineItem, Guidelines, ItemQuestion
from tracker.correspondence.models import ConfirmationRule, Letterhead, PaperRule, PaperText
from tracker.obligations.models import (
    AgendaItem,
    CommitteeDate,
    CommitteeSession,
    ExpectedYear,
    Import,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    SessionDeadline,
    Submission,
)
from tracker.registry.models import (
    Amendment,
    AmendmentPosition,
    Contact,
    RegionDesk,
    State,
    Statement,
    TreatyAction,
)
from tracker.reminders.models import ReminderRule

__all__ = ["clock", "keys", "ledger", "pages_know_that_nothing_is_stuck", "shipped", "staff"]  # fixtures


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The site: keys for addresses, a row of each model of the admin, and the users' sessions."""
    yield from a_world(django_db_blocker, make_site)


def make_site() -> dict[str, Any]:
    made: dict[str, Any] = make_keys()
    norway = State.objects.get(pk="NOR")
    made |= {
        "version": norway.actions.order_by("pk")[0].history.get().history_id,
        "import": Import.objects.create(table="submissions", file_name="reports.csv", content=b"state\n").pk,
        "state_type": ContentType.objects.get_for_model(State).pk,
        "user": get_user_model().objects.create_user("mary").pk,
    }
    people = {letter: in_role(role, role.lower()) for letter, role in ROLES.items()}
    people["superuser"] = signed_in("sue", is_superuser=True)
    name = settings.SESSION_COOKIE_NAME
    sessions = {who: client.cookies[name].value for who, client in people.items()}
    return {"keys": made, "sessions": sessions, "rows": rows_of_every_model()}


@pytest.fixture
def places(world: dict[str, Any], db: None) -> dict[str, Any]:
    """The keys in the addresses."""
    return dict(world["keys"])


@pytest.fixture
def rows(world: dict[str, Any], db: None) -> dict[type, Any]:
    """A row of each model of the admin."""
    return dict(world["rows"])


@pytest.fixture
def people(world: dict[str, Any], db: None) -> dict[str, Client]:
    """A user with each role, by its letter; a superuser and a stranger."""
    return {who: _browser(session) for who, session in world["sessions"].items()} | {"stranger": Browser()}


@pytest.fixture
def everybody(people: dict[str, Client]) -> dict[str, Client]:
    """The users with exactly one role."""
    return {letter: people[letter] for letter in ROLES}


@pytest.fixture
def superuser(people: dict[str, Client]) -> Client:
    return people["superuser"]


def _browser(session: str) -> Client:
    client = Browser()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def rows_of_every_model() -> dict[type, Any]:
    """A row of each model of the admin that no other row refers to."""
    denmark, grace = factories.a_state("DNK"), factories.an_officer("grace")
    guidelines = Guidelines.objects.create(
        treaty_id="CRC", document="CRC/C/58/Rev.3", title="Guidelines", valid_from=factories.day("2015-03-03")
    )
    letterhead = Letterhead.get()
    deadline = SessionDeadline.objects.get(what="issues")
    for row in (letterhead, deadline):
        row.save()  # a migration made it, which writes no history
    return {
        State: factories.a_state("SWE"),
        TreatyAction: factories.joins(denmark, on="2001-10-02"),
        Contact: factories.a_contact(denmark),
        Amendment: an_amendment(denmark),
        AmendmentPosition: factories.answers(factories.proposes(denmark), denmark, "2025-05-01"),
        Statement: factories.declares(denmark),
        Submission: factories.receives(denmark, "2005-06-03"),
        CommitteeDate: factories.decides(denmark),
        Review: factories.reviews(denmark),
        PrintedDate: PrintedDate.objects.create(
            state=denmark, kind="initial", printed="2004", printed_on=factories.day("2005-06-03")
        ),
        InformationRequest: factories.asks(denmark),
        ReminderRule: ReminderRule.objects.create(months=-9),
        RegionDesk: RegionDesk.objects.create(region="AFR", officer=grace),
        NonReceipt: NonReceipt.objects.create(
            state=denmark, not_received_by=factories.day("2026-06-30"), source="a list"
        ),
        get_user_model(): grace,
        Group: Group.objects.create(name="Desk"),
        PaperRule: PaperRule.objects.create(occasion="ahead", to="other", form="mail", months=-3),
        PaperText: PaperText.objects.create(part="due", language="en", words="The report is due."),
        Letterhead: letterhead,
        ConfirmationRule: ConfirmationRule.objects.create(kind="other"),
        AgendaItem: factories.on_the_agenda(denmark, factories.a_session(95, "2024-01-15", "2024-02-02")),
        ExpectedYear: factories.expects(denmark),
        CommitteeSession: factories.a_session(),
        SessionDeadline: deadline,
        Guidelines: guidelines,
        GuidelineItem: GuidelineItem.objects.create(
            guidelines=GuidelineItem.objects.get(code="A1").guidelines,
            position=41,
            code="Z1",
            section="Process",
            asks="how it was prepared",
        ),
        ItemQuestion: ItemQuestion.objects.create(
            item=GuidelineItem.objects.get(code="A1"), language="fr", words="Veuillez décrire la loi."
        ),
    }
