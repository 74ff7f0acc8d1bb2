"""The security log: a line for each sign-in and each change of permissions, and nothing secret in it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.web.conftest import in_role, signed_in
from tests.web.pages import column, read, table, version_shown
from tracker.web.models import SecurityEvent
from tracker.web.tasks import forget

pytestmark = pytest.mark.django_db

RIGHT = "the-committee-meets-in-geneva"


@pytest.fixture(autouse=True)
def empty(db: None) -> None:
    """Deletes what earlier tests with transactions of their own left."""
    SecurityEvent.objects.all().delete()


def lines() -> list[tuple[str, str, str, str]]:
    """Kind, who, whom and detail, the oldest first."""
    return list(SecurityEvent.objects.order_by("pk").values_list("kind", "who", "whom", "detail"))


def test_signing_in_and_out_leaves_a_line_each_with_the_address(client: Client) -> None:
    factories.an_officer("ada", password=RIGHT)
    SecurityEvent.objects.all().delete()
    said = {"username": "ada", "password": RIGHT}
    client.post("/login/", said, REMOTE_ADDR="192.0.2.1")
    client.post("/logout/", REMOTE_ADDR="192.0.2.1")
    assert lines() == [("signed_in", "ada", "", ""), ("signed_out", "ada", "", "")]
    assert set(SecurityEvent.objects.values_list("address", flat=True)) == {"192.0.2.1"}


def test_failures_leave_a_line_each_until_the_lock_and_none_after_it(client: Client) -> None:
    factories.an_officer("ada", password=RIGHT)
    SecurityEvent.objects.all().delete()
    for _ in range(9):
        client.post("/login/", {"username": "ada", "password": "wrong"})
    assert lines() == [("failed", "ada", "", "")] * 4 + [("locked_out", "ada", "", "")]


def test_a_name_that_is_no_account_is_not_kept_as_it_may_be_a_password(client: Client) -> None:
    client.post("/login/", {"username": RIGHT, "password": "ada"})
    assert lines() == [("failed", "", "", "")]


def test_roles_and_accounts_changed_in_the_admin_name_who_did_it() -> None:
    root = signed_in("root", is_superuser=True, is_staff=True)
    SecurityEvent.objects.all().delete()
    editor, viewer = (Group.objects.get(name=name).pk for name in ("Editor", "Viewer"))
    made = {"username": "mary", "usable_password": "true", "password1": RIGHT, "password2": RIGHT}
    root.post("/admin/auth/user/add/", made | {"groups": [editor]})
    mary = factories.get_user_model().objects.get(username="mary")
    address = f"/admin/auth/user/{mary.pk}/change/"
    root.post(address, version_shown(root, address) | {"username": "mary", "groups": [viewer]})
    assert lines() == [
        ("account_made", "root", "mary", ""),
        ("role_given", "root", "mary", "Editor"),
        ("account_off", "root", "mary", ""),
        ("role_taken", "root", "mary", "Editor"),
        ("role_given", "root", "mary", "Viewer"),
    ]


def test_changes_by_command_are_kept_too() -> None:
    mary, viewer = factories.an_officer("mary"), Group.objects.get(name="Viewer")
    look = Permission.objects.get(codename="view_user")
    SecurityEvent.objects.all().delete()
    viewer.user_set.add(mary)
    viewer.permissions.add(look)
    mary.user_permissions.add(look)
    mary.user_permissions.clear()
    mary.is_superuser = True
    mary.set_password("another-long-word-77")
    mary.save()
    mary.save()
    assert lines() == [
        ("role_given", "", "mary", "Viewer"),
        ("right_given", "", "Viewer", "view_user"),
        ("right_given", "", "mary", "view_user"),
        ("right_taken", "", "mary", "view_user"),
        ("superuser_made", "", "mary", ""),
        ("password_changed", "", "mary", ""),
    ]


def test_administrators_read_it_and_nobody_else(staff: Client) -> None:
    assert [in_role(role, role).get("/security-log/").status_code for role in ("Viewer", "Approver")] == [
        403,
        403,
    ]
    administrator = in_role("Administrator")
    administrator.force_login(factories.get_user_model().objects.get(username="rolf"))
    page = read(administrator.get("/security-log/?q=rolf"))
    assert table(page) == [
        ["22 November 2026, 09:00:00", "signed in", "rolf", "—", "—", "—"],
        ["22 November 2026, 09:00:00", "role added", "a command", "rolf", "—", "Administrator"],
        ["22 November 2026, 09:00:00", "account created", "a command", "rolf", "—", "—"],
    ]
    assert column(read(staff.get("/security-log/?kind=signed_in&q=rolf&on=2026-11-22")), 1) == ["signed in"]
    assert "2026-11-22T09:00:00+00:00" in staff.get("/security-log/?_export=csv").content.decode()


def test_old_lines_are_forgotten_and_new_ones_kept(settings: Any) -> None:
    settings.SECURITY_LOG_DAYS = 30
    now = timezone.now()
    for days in (29, 31):
        SecurityEvent.objects.create(kind="failed", at=now - timedelta(days=days))
    AccessAttempt.objects.create(username="old", attempt_time=now, failures_since_start=1)
    AccessAttempt.objects.update(attempt_time=now - timedelta(minutes=31))
    AccessAttempt.objects.create(username="new", failures_since_start=1)
    forget()
    assert [one.username for one in AccessAttempt.objects.all()] == ["new"]
    assert [(now - one.at).days for one in SecurityEvent.objects.all()] == [29]
