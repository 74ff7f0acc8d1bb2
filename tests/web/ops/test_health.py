"""Health checks for a load balancer: whether the process lives, and whether it can serve."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from tracker.web.ops import health

pytestmark = pytest.mark.django_db

READY = {"database": "ok", "migrations": "ok", "broker": "not checked, because pages work without it"}


def test_a_process_lives_without_database_and_broker(
    client: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    with django_assert_num_queries(0):
        answer = client.get("/healthz/live")
    assert (answer.status_code, answer.json()) == (200, {"process": "ok"})


def test_it_is_ready_without_a_broker(client: Client, settings: Any, django_assert_num_queries: Any) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    with django_assert_num_queries(2):
        answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()) == (200, READY)


def test_it_is_not_ready_before_all_migrations_are_applied(client: Client) -> None:
    MigrationRecorder.Migration.objects.filter(app="web", name="0006_security_log").delete()
    answer = client.get("/healthz/ready")
    reason = "Run manage.py migrate: web.0006_security_log not applied."
    assert (answer.status_code, answer.json()) == (503, READY | {"migrations": "missing", "reason": reason})


def test_a_database_that_newer_code_has_migrated_is_ready(client: Client) -> None:
    MigrationRecorder.Migration.objects.create(app="web", name="9999_of_the_next_version")
    assert client.get("/healthz/ready").status_code == 200


def test_it_is_not_ready_without_a_database(client: Client, monkeypatch: Any) -> None:
    def away(*args: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(health.MigrationRecorder, "applied_migrations", away)
    answer = client.get("/healthz/ready")
    assert answer.status_code == 503
    assert answer.json() == READY | {
        "database": "no answer",
        "migrations": "not known",
        "reason": "The database does not answer.",
    }


@pytest.mark.parametrize("address", ["/healthz", "/healthz/live", "/healthz/ready"])
def test_whoever_asks_for_health_without_tls_is_answered(address: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    assert client.get(address).status_code == 200
    assert client.get("/").headers["Location"] == "https://testserver/"
    assert client.get(f"{address}/../login/").status_code == 301


def test_health_tells_which_part_does_not_answer(client: Client, settings: Any) -> None:
    never = {"last_scan": None, "last_send": None}
    assert client.get("/healthz").json() == {"database": "ok", "broker": "ok"} | never
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/broker.sock"
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "broker": "no answer"} | never)
