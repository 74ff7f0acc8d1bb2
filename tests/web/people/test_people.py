"""People: the list, an account, invitations, and the link to set a password."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.web.conftest import in_role, signed_in
from tests.web.pages import all_of, links, messages, one_of, problems, read, version_shown, words
from tracker.registry.models import RegionDesk, State
from tracker.web.models import ElsewhereAccount, SecurityEvent

pytestmark = pytest.mark.django_db

User: Any = get_user_model()
PASSWORD = "the-committee-meets-in-geneva"
GRACE = {"first_name": "Grace", "last_name": "Hopper", "email": "Grace.Hopper@example.org"}


@pytest.fixture
def ada() -> Client:
    client = in_role("Administrator", "ada")
    User.objects.filter(username="ada").update(first_name="Ada", last_name="Lovelace")
    return client


@pytest.fixture
def norway() -> State:
    return factories.a_state(iso3="NOR", name="Norway", region="WEOG")


def roles(*names: str) -> list[int]:
    return [Group.objects.get(name=name).pk for name in names]


def invite(client: Client, **typed: Any) -> Any:
    return client.post("/people/invite/", GRACE | {"groups": roles("Editor")} | typed, follow=True)


def link() -> str:
    """The link of the last mail."""
    found = re.search(r"http://testserver(/welcome/\S+)", str(mail.outbox[-1].body))
    assert found is not None
    return found[1]


def open_link(client: Client, address: str) -> Any:
    """The page behind a link, after Django has moved the secret into the session."""
    return client.get(address, follow=True)


def set_password(client: Client, address: str) -> Any:
    shown = open_link(client, address)
    where = shown.redirect_chain[-1][0] if shown.redirect_chain else address
    typed = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    return client.post(where, typed, follow=True)


def test_an_invited_person_is_at_work_with_role_and_desk(ada: Client, norway: State) -> None:
    page = read(invite(ada, regions=["AFR"], states=["NOR"]))
    assert messages(page) == ["A mail to Grace.Hopper@example.org says how grace.hopper signs in."]
    person = User.objects.get(username="grace.hopper")
    assert [role.name for role in person.groups.all()] == ["Editor"]
    assert State.objects.get(pk="NOR").desk_officer == person
    assert RegionDesk.objects.get(region="AFR").officer == person
    assert "Last sign-ininvited" in words(one_of(page, "main"))

    browser = Client()
    assert messages(read(set_password(browser, link()))) == ["Your password is set. Sign in as grace.hopper."]
    browser.post("/login/", {"username": "grace.hopper", "password": PASSWORD})
    assert browser.get("/record/").status_code == 200
    shown = words(one_of(read(browser.get("/account/")), "main"))
    assert "Editor: Enters and corrects the records" in shown
    assert "DeskAfrican States, Norway" in shown
    assert "For another role or desk, ask an Administrator: ada." in shown


def test_the_mail_says_who_invites_and_what_the_person_may_do(ada: Client) -> None:
    invite(ada)
    sent = mail.outbox[-1]
    assert sent.subject == "Your account in the Article 12 tracker"
    assert sent.to == ["Grace Hopper <Grace.Hopper@example.org>"]
    assert sent.extra_headers["Auto-Submitted"] == "auto-generated"
    assert str(sent.body).replace(link(), "LINK") == (
        "Dear Grace Hopper,\n\n"
        "Ada Lovelace has opened an account for you in the Article 12 tracker, with which our office follows States’ "
        "reporting duties under the OPSC.\n\n"
        "Set your password within 7 days:\nhttp://testserverLINK\n\n"
        "Then sign in as grace.hopper:\nhttp://testserver/login/\n\n"
        "What you may do:\n"
        "- Editor: Enters and corrects the records: reports, treaty actions, dates, contacts; uploads files.\n\n"
        "After signing in, “Help” shows the first steps.\n\n"
        "If you do not expect this mail, do nothing and tell the sender.\n\n"
    )


def test_with_the_organisations_sign_in_the_mail_has_no_link(ada: Client, settings: Any) -> None:
    settings.OIDC = type("Provider", (), {"issuer": "https://sso.example.org"})()
    invite(ada)
    assert "/welcome/" not in str(mail.outbox[-1].body)
    assert "Sign in with your organisation’s account:\nhttp://testserver/login/" in str(mail.outbox[-1].body)


def test_an_address_that_has_an_account_is_refused_and_nothing_is_lost(ada: Client) -> None:
    factories.an_officer("bob", email="grace.hopper@EXAMPLE.org")
    page = read(invite(ada))
    assert problems(page) == ["bob has an account with this address already."]
    assert one_of(page, "input", name="last_name").attributes["value"] == "Hopper"
    assert not User.objects.filter(username="grace.hopper").exists()


def test_an_address_is_the_same_in_punycode_and_in_letters(ada: Client) -> None:
    factories.an_officer("bob", email="bob@bücher.example")
    for typed in ("bob@xn--bcher-kva.example", "BOB@BÜCHER.example"):
        assert problems(read(invite(ada, email=typed))) == ["bob has an account with this address already."]


def test_an_address_that_no_mail_server_takes_is_refused(ada: Client) -> None:
    assert problems(read(invite(ada, email="grace@" + "ü" * 60 + ".example"))) == [
        "After the @ this is not the name of a mail server; a part of it may be too long."
    ]
    assert not User.objects.filter(first_name="Grace").exists()


def test_a_taken_user_name_gets_a_number(ada: Client) -> None:
    factories.an_officer("grace.hopper", email="other@example.org")
    invite(ada)
    assert User.objects.filter(username="grace.hopper2", email=GRACE["email"]).exists()


def test_nobody_is_called_like_the_filter_for_every_desk(ada: Client) -> None:
    invite(ada, email="all@example.org")
    assert User.objects.get(email="all@example.org").get_username() == "all2"


def test_a_link_works_once(ada: Client) -> None:
    invite(ada)
    address = link()
    set_password(Client(), address)
    said = words(one_of(read(open_link(Client(), address)), "main"))
    assert "This link is no longer valid: it is older than 7 days, or was used or replaced." in said


def test_a_link_ends_after_seven_days(ada: Client, clock: Any) -> None:
    invite(ada)
    clock.shift(timedelta(days=7, minutes=1))
    assert "no longer valid" in words(one_of(read(open_link(Client(), link())), "main"))


def test_a_withdrawn_invitation_is_void_until_it_is_given_again(ada: Client) -> None:
    invite(ada)
    person, address = User.objects.get(username="grace.hopper"), link()
    page = read(ada.post(f"/people/{person.pk}/act/", {"step": "off"}, follow=True))
    assert messages(page) == ["grace.hopper can no longer sign in."]
    assert "no longer valid" in words(one_of(read(open_link(Client(), address)), "main"))


def test_a_link_opened_by_somebody_else_who_is_signed_in_changes_nothing(ada: Client) -> None:
    invite(ada)
    said = words(one_of(read(set_password(ada, link())), "main"))
    assert (
        "You are signed in as ada, and this link is for grace.hopper. Sign out, then open the link again."
        in said
    )
    assert not User.objects.get(username="grace.hopper").has_usable_password()


def test_a_mail_that_fails_is_said_and_the_link_can_be_given(ada: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", refuse)
    said = " ".join(messages(read(invite(ada))))
    assert "could not be sent: Connection refused. Send it again later." in said
    assert "/welcome/" in said


def test_with_four_eyes_the_role_waits_and_nobody_else_sees_the_link(
    ada: Client, monkeypatch: Any, settings: Any
) -> None:
    settings.FOUR_EYES = True
    monkeypatch.setattr(
        "django.core.mail.EmailMultiAlternatives.send", lambda self: (_ for _ in ()).throw(OSError("no"))
    )
    said = " ".join(messages(read(invite(ada, groups=roles("Viewer", "Editor")))))
    assert "Editor: waits for a second Administrator." in said
    assert "/welcome/" not in said
    assert [role.name for role in User.objects.get(username="grace.hopper").groups.all()] == ["Viewer"]


def test_a_name_cannot_break_the_mail(ada: Client) -> None:
    page = read(invite(ada, first_name="Grace\r\nBcc: other@example.org"))
    assert messages(page) == ["A mail to Grace.Hopper@example.org says how grace.hopper signs in."]
    sent = mail.outbox[-1]
    assert sent.to == ['"Grace Bcc: other@example.org Hopper" <Grace.Hopper@example.org>']
    assert sent.message()["Bcc"] is None
    assert str(sent.body).startswith("Dear Grace Bcc: other@example.org Hopper,\n\nAda Lovelace has opened")


def test_the_owner_of_the_password_is_in_the_security_log(ada: Client) -> None:
    invite(ada)
    set_password(Client(), link())
    last = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.PASSWORD_CHANGED).first()
    assert last is not None
    assert (last.who, last.whom) == ("grace.hopper", "")


def refuse(self: Any) -> None:
    raise ConnectionRefusedError("Connection refused")


def edit(client: Client, person: Any, **typed: Any) -> Any:
    address = f"/people/{person.pk}/"
    now = {"first_name": person.first_name, "last_name": person.last_name, "email": person.email}
    return client.post(address, now | version_shown(client, address) | typed, follow=True)


def test_roles_and_desk_are_edited_together(ada: Client, norway: State) -> None:
    bob = factories.an_officer("bob", email="bob@example.org")
    norway.desk_officer = bob
    norway.save()
    edit(ada, bob, groups=roles("Approver"), regions=["WEOG"])
    bob.refresh_from_db()
    assert ([role.name for role in bob.groups.all()], bob.is_staff) == (["Approver"], True)
    assert State.objects.get(pk="NOR").desk_officer is None
    assert RegionDesk.objects.get(region="WEOG").officer == bob
    assert State.objects.get(pk="NOR").history.first().history_change_reason == "Desk of bob"


def test_an_account_saved_by_somebody_else_meanwhile_is_not_saved_over(ada: Client) -> None:
    bob = factories.an_officer("bob", email="bob@example.org")
    shown = version_shown(ada, f"/people/{bob.pk}/")
    User.objects.filter(pk=bob.pk).update(last_name="Stored")
    page = read(ada.post(f"/people/{bob.pk}/", {"last_name": "Typed", "email": "bob@example.org"} | shown))
    assert "Stored" in words(one_of(page, "section", **{"class": "conflict"}))
    assert User.objects.get(pk=bob.pk).last_name == "Stored"


def test_a_desk_changed_by_somebody_else_meanwhile_is_not_saved_over(ada: Client, norway: State) -> None:
    bob = factories.an_officer("bob", email="bob@example.org")
    shown = version_shown(ada, f"/people/{bob.pk}/")
    State.objects.filter(pk="NOR").update(desk_officer=bob)
    RegionDesk.objects.create(region="AFR", officer=bob)
    typed = GRACE | {"regions": ["AFR", "WEOG"]} | shown
    page = read(ada.post(f"/people/{bob.pk}/", typed))
    assert problems(page) == ["Not saved: somebody else saved this record after you opened the form."]
    rows = words(one_of(page, "section", **{"class": "conflict"}))
    assert "Desk: regional groupsAfrican States, Western European and other StatesAfrican States" in rows
    assert "Desk: single StatesnothingNorway" in rows
    assert State.objects.get(pk="NOR").desk_officer == bob
    _typed, stored = (one.attributes["value"] for one in all_of(page, "input", name="save_version"))
    ada.post(f"/people/{bob.pk}/", typed | {"save_version": stored})
    assert State.objects.get(pk="NOR").desk_officer == bob
    assert [desk.region for desk in RegionDesk.objects.filter(officer=bob)] == ["AFR"]


def test_a_new_address_suspends_roles_where_two_administrators_are_needed(ada: Client, settings: Any) -> None:
    settings.FOUR_EYES = True
    in_role("Approver", "bob")
    bob = User.objects.get(username="bob")
    edit(ada, bob, groups=roles("Approver"), email="BOB@example.org")
    assert [role.name for role in bob.groups.all()] == ["Approver"]
    edit(ada, bob, groups=roles("Approver"), email="else@example.org")
    assert not bob.groups.exists()


def test_a_new_address_takes_away_the_links_of_a_stranger_there_too(ada: Client, settings: Any) -> None:
    settings.FOUR_EYES = True
    bob = factories.an_officer("bob", email="bob@example.org")
    ElsewhereAccount.objects.create(user=bob, issuer="https://login.example.org", subject="somebody")
    edit(ada, bob, last_name="Berg")
    assert bob.elsewhere.exists()
    edit(ada, bob, email="else@example.org")
    assert not bob.elsewhere.exists()
    assert SecurityEvent.objects.get(kind="unlinked").detail == "somebody"


def test_nobody_locks_oneself_out(ada: Client) -> None:
    own = User.objects.get(username="ada")
    page = read(ada.post(f"/people/{own.pk}/act/", {"step": "off"}, follow=True))
    assert messages(page) == ["Not done: ask another Administrator to do this to your own account."]
    assert User.objects.get(pk=own.pk).is_active


def test_nobody_gives_up_the_own_right_to_give_roles(ada: Client) -> None:
    own = User.objects.get(username="ada")
    page = read(edit(ada, own, first_name="Ada", last_name="Lovelace", groups=roles("Viewer")))
    assert problems(page) == ["Ask another Administrator to take the role of an Administrator from you."]
    assert [role.name for role in own.groups.all()] == ["Administrator"]
    edit(ada, own, first_name="Ada", last_name="Lovelace", groups=roles("Administrator", "Viewer"))
    assert [role.name for role in own.groups.order_by("name")] == ["Administrator", "Viewer"]


def test_a_second_click_suspends_no_roles(ada: Client, settings: Any) -> None:
    settings.FOUR_EYES = True
    in_role("Approver", "bob")
    bob = User.objects.get(username="bob")
    page = read(ada.post(f"/people/{bob.pk}/act/", {"step": "on"}, follow=True))
    assert messages(page) == ["bob can sign in."]
    assert [role.name for role in bob.groups.all()] == ["Approver"]


def test_whoever_has_no_access_gets_no_link(ada: Client) -> None:
    bob = factories.an_officer("bob", is_active=False)
    page = read(ada.post(f"/people/{bob.pk}/act/", {"step": "link"}, follow=True))
    assert messages(page) == ["No mail sent: give bob access again first."]
    assert mail.outbox == []


def test_superusers_are_not_shown_to_administrators(ada: Client) -> None:
    root = factories.an_officer("root", is_superuser=True)
    assert "root" not in words(one_of(read(ada.get("/people/")), "main"))
    assert ada.get(f"/people/{root.pk}/").status_code == 404
    assert ada.post(f"/people/{root.pk}/act/", {"step": "link"}).status_code == 404


def test_the_list_says_who_may_do_what_and_who_was_here(ada: Client, norway: State) -> None:
    bob = factories.an_officer("bob", email="bob@example.org", last_login=timezone.now() - timedelta(days=1))
    bob.groups.add(*roles("Viewer"))
    norway.desk_officer = bob
    norway.save()
    said = words(one_of(read(ada.get("/people/")), "main"))
    assert "2 people can sign in." in said
    assert "bobbob · bob@example.org Viewer Norway not set up 21 November 2026, 09:00 UTC" in said


def test_whoever_has_no_role_learns_whom_to_ask_and_can_sign_out(ada: Client) -> None:
    page = read(signed_in("bob").get("/"))
    assert "Administrators: ada." in words(one_of(page, "main"))
    assert one_of(page, "form", action="/logout/")


def test_the_admin_shows_no_hash_of_a_password(ada: Client) -> None:
    bob = factories.an_officer("bob", password=PASSWORD)
    page = read(ada.get(f"/admin/auth/user/{bob.pk}/change/"))
    assert "algorithm" not in words(one_of(page, "main")).lower()
    assert links(page)["Set a password by hand"] == "../password/"


def test_the_link_names_the_site_as_mails_do_however_the_browser_names_it(ada: Client, settings: Any) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    invite(ada)
    assert "https://tracker.example.org/welcome/" in str(mail.outbox[-1].body)
    assert "testserver" not in str(mail.outbox[-1].body)
