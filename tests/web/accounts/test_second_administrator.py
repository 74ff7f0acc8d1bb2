"""With FOUR_EYES, one Administrator alone makes nobody able to do more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from tests import factories
from tests.web.conftest import in_role, signed_in
from tests.web.pages import all_of, messages, one_of, problems, read, version_shown, words
from tracker.web.models import ElsewhereAccount, SecurityEvent

pytestmark = pytest.mark.django_db

User: Any = get_user_model()
PEOPLE = "/admin/auth/user/"
RIGHT, NEW = "the-committee-meets-in-geneva", "and-again-in-january-2027"


@pytest.fixture(autouse=True)
def four_eyes(settings: Any) -> None:
    settings.FOUR_EYES = True


@pytest.fixture
def ada() -> Client:
    return in_role("Administrator", "ada")


@pytest.fixture
def bob() -> Client:
    return in_role("Administrator", "bob")


def group(*names: str) -> list[int]:
    return [Group.objects.get(name=name).pk for name in names]


def roles(username: str) -> list[str]:
    return sorted(User.objects.get(username=username).groups.values_list("name", flat=True))


def form(person: Any, *names: str, **changes: str) -> dict[str, Any]:
    active = {"is_active": "on"} if person.is_active else {}
    return {"email": person.email, "groups": group(*names)} | active | changes


def save(client: Client, whom: str, *names: str, **changes: str) -> str:
    """Saves the form of a person with these roles; returns the address to pass on, if any."""
    person = User.objects.get(username=whom)
    address = f"{PEOPLE}{person.pk}/change/"
    sent = form(person, *names, **changes) | version_shown(client, address)
    return passed_on(client.post(address, sent, follow=True))


def passed_on(answer: Any) -> str:
    found = re.search(r"/second-administrator/[^/\s]+/", " ".join(messages(read(answer))))
    return found[0] if found else ""


def refusal(client: Client, address: str) -> str:
    return " ".join(problems(read(client.post(address))))


def test_nobody_gives_a_role_to_oneself_and_a_second_administrator_gives_it(ada: Client, bob: Client) -> None:
    address = save(ada, "ada", "Administrator", "Approver", "Editor")
    assert roles("ada") == ["Administrator"]
    assert refusal(ada, address) == "You asked for this yourself. Another Administrator confirms it."
    assert [in_role(role, role.lower()).post(address).status_code for role in ("Viewer", "Approver")] == [
        403,
        403,
    ]
    page = read(bob.get(address))
    assert [words(one) for one in all_of(one_of(page, "dl", class_="facts"), "dd")] == [
        "ada, ada@example.org", "Approver, Editor", "ada", "22 November 2026",
    ]  # fmt: skip
    assert roles("ada") == ["Administrator"]
    assert messages(read(bob.post(address, follow=True))) == ["ada now has: Approver, Editor."]
    assert roles("ada") == ["Administrator", "Approver", "Editor"]
    line = SecurityEvent.objects.get(who="bob", whom="ada")
    assert (line.kind, line.who, line.whom, line.detail) == (
        "role_given", "bob", "ada", "Approver, Editor; asked by ada",
    )  # fmt: skip
    assert refusal(bob, address).startswith("This address is no longer valid")


def test_a_second_account_gets_a_role_once_its_owner_has_a_password_of_their_own(
    ada: Client, bob: Client
) -> None:
    made = {
        "username": "mary",
        "email": "mary@example.org",
        "usable_password": "true",
        "password1": RIGHT,
        "password2": RIGHT,
    }
    address = passed_on(
        ada.post(f"{PEOPLE}add/", made | {"groups": group("Viewer", "Approver")}, follow=True)
    )
    mary = User.objects.get(username="mary")
    assert (roles("mary"), mary.is_staff) == (["Viewer"], False)
    assert refusal(bob, address).startswith("ada set the password of mary. Ask mary to change it")
    own = Client()
    own.post("/login/", {"username": "mary", "password": RIGHT})
    own.post("/password/", {"old_password": RIGHT, "new_password1": NEW, "new_password2": NEW})
    bob.post(address)
    mary.refresh_from_db()
    assert (roles("mary"), mary.is_staff) == (["Approver", "Viewer"], True)


def test_whoever_sets_the_password_of_a_second_administrator_cannot_use_it(ada: Client, bob: Client) -> None:
    pk = User.objects.get(username="bob").pk
    answer = ada.post(
        f"{PEOPLE}{pk}/password/", {"usable_password": "true", "password1": RIGHT, "password2": RIGHT,
                                    "set-password": "1"}, follow=True,
    )  # fmt: skip
    address = passed_on(answer)
    assert roles("bob") == []
    as_bob = Client()
    as_bob.post("/login/", {"username": "bob", "password": RIGHT})
    assert as_bob.post(address).status_code == 403
    assert "There is no second Administrator yet." in " ".join(messages(read(answer)))
    carol = in_role("Administrator", "carol")
    assert refusal(carol, address).startswith("ada set the password of bob.")


@pytest.mark.parametrize("changes", [{"email": "ada2@example.org"}, {"is_active": "on"}])
def test_an_account_that_another_person_may_now_open_loses_its_roles(
    changes: dict[str, str], ada: Client, bob: Client
) -> None:
    grace = factories.an_officer("grace", is_active="is_active" not in changes, is_staff=True)
    grace.groups.set(group("Viewer", "Approver"))
    address = save(ada, "grace", "Viewer", "Approver", **changes)
    assert roles("grace") == ["Viewer"]
    bob.post(address)
    assert roles("grace") == ["Approver", "Viewer"]


def test_a_removed_second_factor_suspends_the_roles(ada: Client, bob: Client) -> None:
    from django_otp.plugins.otp_totp.models import TOTPDevice

    grace = User.objects.get(username="bob")
    TOTPDevice.objects.create(user=grace, name="app", confirmed=True)
    ada.post(PEOPLE, {"action": "remove_second_factor", "_selected_action": [grace.pk]})
    assert (roles("bob"), TOTPDevice.objects.count()) == ([], 0)


def test_a_role_is_taken_at_once_and_the_last_administrator_gives_himself_nothing(
    ada: Client, bob: Client
) -> None:
    assert save(ada, "bob", "Viewer") == ""
    assert roles("bob") == ["Viewer"]
    address = save(ada, "ada", "Administrator", "Approver")
    assert refusal(ada, address) == "You asked for this yourself. Another Administrator confirms it."
    assert bob.post(address).status_code == 403
    assert roles("ada") == ["Administrator"]


def test_a_request_ends_with_the_roles_of_who_asked_and_after_a_week(
    ada: Client, bob: Client, clock: Any
) -> None:
    factories.an_officer("grace")
    address = save(ada, "grace", "Editor")
    User.objects.get(username="ada").groups.clear()
    assert refusal(bob, address).startswith("This address is no longer valid")
    User.objects.get(username="ada").groups.set(group("Administrator"))
    clock.shift(7 * 86400 + 1)
    in_role("Administrator", "carol")
    client = Client()
    client.force_login(User.objects.get(username="carol"))
    assert refusal(client, address).startswith("This address is no longer valid")
    assert refusal(client, address.replace("/second-administrator/", "/second-administrator/x")) != ""
    assert roles("grace") == []


def test_a_role_that_was_taken_again_does_not_come_back_by_the_old_request(ada: Client, bob: Client) -> None:
    factories.an_officer("grace")
    address = save(ada, "grace", "Editor")
    bob.post(address)
    assert roles("grace") == ["Editor"]
    save(ada, "grace")
    assert refusal(bob, address).startswith("This address is no longer valid")
    assert roles("grace") == []


def test_a_password_set_through_a_wrong_address_is_void_once_the_right_one_is_put_back(
    ada: Client, bob: Client
) -> None:
    grace = factories.an_officer("grace")
    save(ada, "grace", email="ada2@example.org")
    grace.set_password(RIGHT)  # by the link that was mailed to ada2
    grace.save(update_fields=["password"])
    save(ada, "grace", email=grace.email)
    bob.post(save(ada, "grace", "Approver"))
    assert roles("grace") == ["Approver"]
    assert not User.objects.get(username="grace").has_usable_password()
    line = SecurityEvent.objects.get(kind="password_changed", who="ada")
    assert line.whom == "grace"


def test_no_page_changes_another_superuser_or_the_permissions_of_a_role(ada: Client) -> None:
    root = signed_in("root", is_superuser=True, is_staff=True)
    other = factories.an_officer("other", is_superuser=True, is_staff=True)
    assert root.post(f"{PEOPLE}{other.pk}/change/", {"username": "x"}).status_code == 403
    assert root.get(f"{PEOPLE}{other.pk}/password/").status_code == 403
    own = User.objects.get(username="root")
    assert root.get(f"{PEOPLE}{own.pk}/password/").headers["Location"] == "/password/"
    right = Permission.objects.get(codename="confirm_committeedate")
    (administrator,) = group("Administrator")
    for client in (root, ada):
        sent = {"name": "Administrator", "permissions": [right.pk]}
        assert client.post(f"/admin/auth/group/{administrator}/change/", sent).status_code == 403
        assert client.post("/admin/auth/group/add/", sent | {"name": "New"}).status_code == 403
    for field in ("is_superuser", "is_staff", "user_permissions"):
        save(ada, "ada", "Administrator", **{field: str(right.pk)})
    person = User.objects.get(username="ada")
    assert (person.is_superuser, person.user_permissions.count(), right.group_set.filter(pk=administrator).count()) == (
        False, 0, 0,
    )  # fmt: skip


def test_without_the_setting_one_administrator_is_enough(ada: Client, settings: Any) -> None:
    settings.FOUR_EYES = False
    factories.an_officer("grace")
    assert save(ada, "grace", "Editor", username="grace") == ""
    assert roles("grace") == ["Editor"]


def test_another_address_takes_away_the_links_through_which_a_stranger_would_still_sign_in(
    ada: Client,
) -> None:
    grace = factories.an_officer("grace")
    ElsewhereAccount.objects.create(user=grace, issuer="https://login.example.org", subject="somebody")
    save(ada, "grace", email=grace.email)
    assert grace.elsewhere.exists()
    save(ada, "grace", email="other@example.org")
    assert not grace.elsewhere.exists()
    line = SecurityEvent.objects.get(kind="unlinked")
    assert (line.who, line.whom, line.detail) == ("ada", "grace", "somebody")
