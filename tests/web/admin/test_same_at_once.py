"""Two people who add the same at the same moment: one row is saved, and the other form says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import connections
from django.db.models import F, UniqueConstraint
from django.db.models.signals import pre_save
from django.test import Client

from tests import factories
from tests.audit.conftest import rows_of_every_model
from tests.web.pages import all_of, fields_of, read
from tracker.changes.versions import KINDS
from tracker.correspondence.models import Letterhead
from tracker.obligations.models import NonReceipt, Submission
from tracker.registry.models import Amendment, Contact, State
from tracker.reminders.models import CalendarToken, DigestOff
from tracker.web.models import ApiToken, SavedView

pytestmark = pytest.mark.django_db(transaction=True)

TOGETHER = 2
APART = 0.3  # seconds that the first waits for the second, which may be waiting for a lock of the first
PASSWORD = {"usable_password": "true", "password1": "the-committee-meets", "password2": "the-committee-meets"}
# What the form of a new row asks in addition, or asks of another row.
NEW = {State: {"iso3": "SWE"}, get_user_model(): {"username": "heidi"} | PASSWORD}
# Forms of the person's own rows, which replace what is there.
OWN = {
    SavedView: ("/views/", {"page": "obligations", "name": "Mine", "query": "status=overdue"}),
    ApiToken: ("/api/", {"step": "new", "scope": "read"}),
    CalendarToken: ("/calendar/feeds/", {"step": "new", "seen": ""}),
    DigestOff: ("/digest/", {"step": "off"}),
}


def has_a_unique_rule(model: Any) -> bool:
    fields = [one for one in model._meta.concrete_fields if one.unique and not one.primary_key]
    rules = [one for one in model._meta.constraints if isinstance(one, UniqueConstraint)]
    return model is State or bool(fields or rules or model._meta.unique_together)


@contextmanager
def meeting(model: Any) -> Iterator[None]:
    """Both have checked their rows before one of them is saved."""
    barrier = Barrier(TOGETHER)

    def wait(**_sent: Any) -> None:
        with suppress(BrokenBarrierError):
            barrier.wait(APART)

    pre_save.connect(wait, sender=model)
    yield
    pre_save.disconnect(wait, sender=model)


def sent_at_once(model: Any, clients: list[Client], address: str, sent: dict[str, Any]) -> list[Any]:
    """The responses to a form that all send together."""
    start = Barrier(len(clients))

    def send(client: Client) -> Any:
        start.wait(10)
        try:
            return client.post(address, sent)
        finally:
            connections.close_all()

    with meeting(model), ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(send, clients))


@pytest.fixture
def clients() -> list[Client]:
    """Two browsers of one person."""
    sue = factories.an_officer("sue", is_superuser=True)
    both = [Client(raise_request_exception=False) for _ in range(TOGETHER)]
    for client in both:
        client.force_login(sue)
    return both


# Two facts of one State wait for each other at the lock of the State, so most are left to `make test-more`.
WAITING = {kind.model for kind in KINDS.values()} - {State, Contact}
UNIQUE = [model for model in admin.site._registry if has_a_unique_rule(model)]


@pytest.mark.parametrize(
    "models",
    [
        pytest.param([model for model in UNIQUE if model not in WAITING], id="others"),
        pytest.param([model for model in UNIQUE if model in WAITING], id="facts", marks=pytest.mark.more),
    ],
)
def test_one_of_two_rows_alike_is_saved_and_the_other_form_says_why(
    models: list[Any], clients: list[Client]
) -> None:
    rows = rows_of_every_model()
    Amendment.objects.update(communicated_on=F("proposed_on"))
    NonReceipt.objects.update(kind="periodic", cycle=2)  # the initial report was received
    factories.derive("2026-11-22")
    # Two amendments may be alike, and of the letterhead there is one row, which nobody adds.
    assert set(UNIQUE) == set(rows) - {Amendment, Letterhead}
    outcomes = {}
    for model in models:
        row = rows[model]
        address = f"/admin/{model._meta.label_lower.replace('.', '/')}/"
        forms = all_of(read(clients[0].get(f"{address}{row.pk}/change/")), "form", method="post")
        sent = next(fields for fields in map(fields_of, forms) if fields.pop("version", ""))
        if model is not get_user_model():
            row.delete()
        before = model._default_manager.count()
        answers = sent_at_once(model, clients, f"{address}add/", sent | NEW.get(model, {}))
        said = [
            dict(answer.context["adminform"].form.errors) for answer in answers if answer.status_code == 200
        ]
        outcomes[model._meta.label] = (
            sorted(answer.status_code for answer in answers),
            model._default_manager.count() - before,
            bool(said and all(said)),
        )
    assert outcomes == {model._meta.label: ([200, 302], 1, True) for model in models}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_what_one_saves_twice_at_once_is_saved_once(model: Any, clients: list[Client]) -> None:
    address, sent = OWN[model]
    answers = sent_at_once(model, clients, address, sent)
    assert {answer.status_code for answer in answers} <= {200, 302}
    assert model.objects.count() == 1


def test_an_invitation_sent_twice_at_once_makes_one_account(clients: list[Client]) -> None:
    grace = {"first_name": "Grace", "last_name": "Hopper", "email": "grace@example.org"}
    answers = sent_at_once(get_user_model(), clients, "/people/invite/", grace)
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert get_user_model().objects.filter(email="grace@example.org").count() == 1
    assert len(mail.outbox) == 1


def test_a_change_undone_twice_at_once_is_undone_once(clients: list[Client]) -> None:
    norway = factories.a_state("NOR")
    factories.joins(norway, on="2002-12-23")
    report = factories.receives(norway, "2010-05-03")
    report.received_on, report._history_user = factories.day("2010-05-05"), get_user_model().objects.get()
    report.save()
    sent = {"changes": f"submission.{report.history.latest().history_id}"}
    answers = sent_at_once(Submission, clients, "/undo/", sent)
    assert {answer.status_code for answer in answers} == {302}
    report.refresh_from_db()
    assert str(report.received_on) == "2010-05-03"
    assert report.history.count() == 3
