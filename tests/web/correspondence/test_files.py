"""Files of papers are downloads, for those who may see papers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from tests.web.conftest import TODAY, in_role, signed_in
from tracker.correspondence import files, received
from tracker.correspondence.models import PaperFile
from tracker.registry.models import State

pytestmark = pytest.mark.django_db
PAGE = b"<script>alert(1)</script>"


@pytest.fixture
def page(keys: dict[str, Any]) -> PaperFile:
    """A file that would act if a browser showed it; `files.accept` would refuse it."""
    paper = received.receive(State.objects.get(pk="NOR"), by="ada", on=TODAY, subject="Answer")
    return files.keep(paper, "Réponse “1”.txt", "text/plain", PAGE, by="ada")


def test_a_file_is_a_download_and_never_a_page(page: PaperFile) -> None:
    answer = in_role("Viewer").get(page.get_absolute_url())
    assert answer.content == PAGE
    assert {
        name: answer.headers[name] for name in answer.headers if name.startswith(("Content", "X-", "Cross"))
    } == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Disposition": "attachment; filename*=utf-8''R%C3%A9ponse%20%E2%80%9C1%E2%80%9D.txt",
        "Content-Length": "25",
        "Content-Language": "en",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Request-ID": answer.headers["X-Request-ID"],
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_user_without_a_role_gets_no_file(page: PaperFile) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("nobody"))
    answer = client.get(page.get_absolute_url())
    assert answer.status_code == 403
    assert PAGE not in answer.content


def test_whoever_reads_the_records_alone_gets_no_paper(page: PaperFile, keys: dict[str, Any]) -> None:
    client = signed_in("pat")
    pat = get_user_model().objects.get(username="pat")
    pat.user_permissions.set(Permission.objects.filter(codename="view_state"))
    assert client.get("/states/NOR/").status_code == 200
    paper = f"/correspondence/{keys['paper']}/"
    for address in (
        "/correspondence/",
        paper,
        f"{paper}paper.pdf",
        f"{paper}paper.docx",
        page.get_absolute_url(),
    ):
        assert client.get(address).status_code == 403, address


def test_who_is_not_signed_in_is_sent_to_sign_in(page: PaperFile) -> None:
    answer = Client().get(page.get_absolute_url())
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/login/")


def test_a_file_is_found_under_its_own_paper_alone(page: PaperFile, keys: dict[str, Any]) -> None:
    assert in_role("Viewer").get(f"/correspondence/{keys['paper']}/files/{page.pk}/").status_code == 404
    assert in_role("Editor", "edith").post(page.get_absolute_url()).status_code == 405
