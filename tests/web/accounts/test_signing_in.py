"""Signing in and out."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.web.pages import one_of, read, words

pytestmark = pytest.mark.django_db


def test_signing_out_leads_to_the_sign_in(staff: Client) -> None:
    assert staff.post("/logout/").headers["Location"] == "/login/"
    assert staff.get("/").status_code == 302


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client) -> None:
    factories.an_officer("ada", password="a-long-password-12")
    right = {"username": "ada", "password": "a-long-password-12", "next": "/states/NOR/?as_of=2009-05-31"}
    assert client.post("/login/", right).headers["Location"] == "/states/NOR/?as_of=2009-05-31"


def test_signing_in_leads_to_no_other_site(client: Client) -> None:
    factories.an_officer("ada", password="a-long-password-12")
    right = {"username": "ada", "password": "a-long-password-12", "next": "https://example.org/"}
    assert client.post("/login/", right).headers["Location"] == "/"


def test_a_wrong_password_is_told(client: Client) -> None:
    factories.an_officer("ada", password="a-long-password-12")
    page = read(client.post("/login/", {"username": "ada", "password": "wrong"}))
    assert words(one_of(page, "p", role="alert")) == (
        "Wrong user name or password. Check capital and small letters."
    )


def test_a_form_that_was_open_too_long_is_explained() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/login/", {"username": "ada", "password": "x"})
    assert answer.status_code == 403
    assert words(one_of(read(answer), "h1")) == "Please send the form again"
