"""The four roles: their permissions, and that an account without a role sees nothing."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.test import Client

from tests import factories, shipped
from tests.audit.addresses import ROLES
from tests.web.conftest import in_role, signed_in
from tests.web.pages import all_of, one_of, read, version_shown, words

pytestmark = pytest.mark.django_db

User: Any = get_user_model()
PEOPLE = "/admin/auth/user/"


# What drafting papers and entering those received takes.
DRAFTS = {
    "correspondence.add_paper",
    "correspondence.change_paper",
    "correspondence.add_paperfile",
    "correspondence.add_paperrun",
    "correspondence.change_paperrun",
}

CHECKS = {
    f"consideration.{verb}_{model}"
    for verb in ("add", "change", "delete")
    for model in ("checklist", "checkeditem")
}


def may(role: str) -> set[str]:
    """The permissions of a role beyond viewing."""
    names = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{room}.{name}" for room, name in names if not name.startswith("view_")}


def test_a_viewer_changes_nothing() -> None:
    assert may("Viewer") == set()


def test_an_editor_enters_facts_and_decides_nothing() -> None:
    facts = ("registry.{}_treatyaction", "registry.{}_contact", "registry.{}_amendment",
             "registry.{}_amendmentposition", "registry.{}_statement",
             "obligations.{}_committeedate", "obligations.{}_informationrequest",
             "obligations.{}_submission", "obligations.{}_nonreceipt", "obligations.{}_review",
             "obligations.{}_printeddate", "obligations.{}_committeesession", "obligations.{}_agendaitem",
             "obligations.{}_expectedyear", "consideration.{}_itemquestion")  # fmt: skip
    expected = {fact.format(verb) for fact in facts for verb in ("add", "change", "delete")}
    assert (
        may("Editor")
        == expected
        | {
            "registry.add_state",
            "registry.change_state",
            "reminders.change_stafftask",
            "languages.change_confirmedtext",
            "correspondence.add_confirmation",
        }
        | DRAFTS
        | CHECKS
    )


def test_an_approver_releases_mail_and_confirms_dates() -> None:
    assert (
        may("Approver")
        == {
            "reminders.change_reminder",
            "reminders.add_pause",
            "reminders.change_pause",
            "reminders.change_stafftask",
            "obligations.confirm_committeedate",
            "obligations.delete_committeedate",
            "correspondence.dispatch_paper",
        }
        | DRAFTS
        | CHECKS
    )


def test_an_administrator_keeps_people_rules_and_desks() -> None:
    rules = {f"reminders.{verb}_reminderrule" for verb in ("add", "change", "delete")}
    desks = {f"registry.{verb}_regiondesk" for verb in ("add", "change", "delete")}
    states = {f"registry.{verb}_state" for verb in ("add", "change", "delete")}
    papers = {
        f"correspondence.{verb}_{model}"
        for verb in ("add", "change", "delete")
        for model in ("paperrule", "papertext", "confirmationrule")
    }
    reports = {
        f"{room}.{verb}_{model}"
        for verb in ("add", "change", "delete")
        for room, model in (
            ("consideration", "guidelines"),
            ("consideration", "guidelineitem"),
            ("consideration", "itemquestion"),
            ("obligations", "sessiondeadline"),
        )
    }
    assert may("Administrator") == rules | desks | states | papers | reports | {
        "correspondence.change_letterhead",
        "auth.add_user",
        "auth.change_user",
        "languages.change_confirmedtext",
    }


def test_giving_the_roles_again_takes_nothing_away() -> None:
    roles = importlib.import_module("tracker.web.migrations.0001_roles")
    from django.apps import apps
    from django.contrib.auth.models import Permission

    viewer = Group.objects.get(name="Viewer")
    viewer.permissions.add(Permission.objects.get(codename="add_contact"))
    roles.give_roles(apps)
    assert may("Viewer") == {"registry.add_contact"}
    assert Group.objects.count() == 4


def test_the_roles_are_put_back_as_the_migrations_gave_them() -> None:
    def given() -> dict[str, set[str]]:
        return {one.name: may(one.name) for one in Group.objects.all()}

    before = given()
    Group.objects.all().delete()
    shipped.start_again()
    assert given() == before


@pytest.mark.parametrize(
    "address", ["/", "/obligations/", "/states/", "/reminders/", "/participation/", "/admin/"]
)
def test_an_account_without_a_role_sees_nothing(address: str) -> None:
    answer = signed_in("grace").get(address)
    page = read(answer)
    assert answer.status_code == 403
    assert words(one_of(page, "main")) == (
        "You do not have permission for this page Your account has no role yet. Ask an Administrator to give you "
        "one: Viewer, Editor or Approver. Sign out"
    )
    assert all_of(page, "nav") == []


def test_an_account_without_a_role_can_sign_out() -> None:
    assert signed_in("grace").post("/logout/").headers["Location"] == "/login/"


# --- people ---------------------------------------------------------------------------------------


def roles_of(username: str) -> list[str]:
    return list(User.objects.get(username=username).groups.values_list("name", flat=True))


def a_person(**fields: Any) -> dict[str, Any]:
    """The form data of a new user."""
    password = "the-committee-meets-in-geneva"
    return {
        "username": "grace",
        "usable_password": "true",
        "password1": password,
        "password2": password,
    } | fields


def test_an_administrator_gives_a_role_and_with_it_the_admin() -> None:
    editor = Group.objects.get(name="Editor")
    answer = in_role("Administrator").post(f"{PEOPLE}add/", a_person(groups=[editor.pk]))
    assert answer.status_code == 302
    assert (roles_of("grace"), User.objects.get(username="grace").is_staff) == (["Editor"], True)


def test_a_viewer_does_not_enter_the_admin() -> None:
    viewer = Group.objects.get(name="Viewer")
    in_role("Administrator").post(f"{PEOPLE}add/", a_person(groups=[viewer.pk]))
    assert not User.objects.get(username="grace").is_staff
    client = Client()
    client.force_login(User.objects.get(username="grace"))
    assert client.get("/states/").status_code == 200
    assert client.get("/admin/").headers["Location"] == "/admin/login/?next=/admin/"


@pytest.mark.parametrize("field", ["is_superuser", "is_staff", "user_permissions"])
def test_an_administrator_cannot_make_a_superuser(field: str) -> None:
    grace = factories.an_officer("grace", is_staff=False)
    changes = {"username": "grace", field: "1", "is_active": "on"}
    administrator, address = in_role("Administrator"), f"{PEOPLE}{grace.pk}/change/"
    answer = administrator.post(address, changes | version_shown(administrator, address))
    assert answer.status_code == 302
    grace.refresh_from_db()
    assert (grace.is_superuser, grace.is_staff, grace.user_permissions.count()) == (False, False, 0)


@pytest.mark.parametrize("page", ["change", "password", "history", "delete"])
def test_an_administrator_does_not_reach_a_superuser(page: str) -> None:
    root = factories.an_officer("root", is_superuser=True, password="the-committee-meets-in-geneva")
    new = {"password1": "another-long-word-77", "password2": "another-long-word-77", "username": "root"}
    answer = in_role("Administrator").post(f"{PEOPLE}{root.pk}/{page}/", new)
    assert answer.status_code in (302, 403, 404)
    root.refresh_from_db()
    assert root.check_password("the-committee-meets-in-geneva")
    assert root.is_superuser


def test_nobody_deletes_a_person(staff: Client) -> None:
    grace = factories.an_officer("grace")
    assert staff.post(f"{PEOPLE}{grace.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(username="grace").exists()


def test_the_groups_are_the_four_roles() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES.values())
