"""The destination of mail: a server whose answer is stored, or a folder."""

import mailbox
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives

from tests.reminders.helpers import TODAY, a_state_owing, planned, text_of, the_row
from tracker import environment
from tracker.registry.addresses import in_ascii, in_letters
from tracker.reminders.backends import AnswerKeepingBackend, MaildirBackend
from tracker.reminders.send import send_due

BACKENDS = {
    "to_server": "tracker.reminders.backends.AnswerKeepingBackend",
    "to_folder": "tracker.reminders.backends.MaildirBackend",
}


@pytest.fixture
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = BACKENDS["to_folder"]
    settings.EMAIL_FILE_PATH = str(tmp_path / "var" / "mailbox")
    return tmp_path / "var" / "mailbox"


def test_the_folder_keeps_mail_that_any_mail_program_can_read(folder):
    a_state_owing("NOR", "2026-06-15", "mission@example.org", name="Côte d’Ivoire")
    planned()
    assert send_due(TODAY)["sent"] == 1
    (kept,) = mailbox.Maildir(folder, create=False)
    mail = message_from_bytes(kept.as_bytes(), policy=policy.default)
    assert mail["Subject"].strip() == "Côte d’Ivoire: initial report, due 15 June 2026 (OPSC)"
    assert mail["To"].addresses[0].addr_spec == "mission@example.org"
    assert "Due on 15 June 2026." in text_of(mail)
    assert mail.get_body(("html",)).get_content().startswith("<!doctype html>")
    assert the_row().answer.startswith("stored as ")


def test_mail_to_an_international_domain_goes_to_its_punycode_form(folder):
    address, sent_to = "info@münchen.example", "info@xn--mnchen-3ya.example"
    a_state_owing("NOR", "2026-06-15", address)
    planned()
    assert send_due(TODAY)["sent"] == 1
    (kept,) = mailbox.Maildir(folder, create=False)
    mail = message_from_bytes(kept.as_bytes(), policy=policy.default)
    assert mail["To"].addresses[0].addr_spec == sent_to
    assert (in_ascii(address), in_letters(sent_to), in_letters(address)) == (sent_to, address, address)
    assert in_letters("a@xn--.example") == "a@xn--.example"


def test_the_folder_is_closed_to_other_users(folder):
    MaildirBackend(file_path=str(folder)).send_messages([EmailMultiAlternatives("s", "t", to=["a@b.org"])])
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_written_costs_an_attempt(folder):
    folder.parent.mkdir()
    folder.touch()
    a_state_owing("NOR", "2026-06-15", "mission@example.org")
    planned()
    assert send_due(TODAY)["failed"] == 1
    assert the_row().answer.startswith("FileExistsError")


@pytest.mark.parametrize(
    ("url", "values"),
    [
        (
            "smtp://user:p%40ss@mail.example.org:2525",
            {"EMAIL_BACKEND": BACKENDS["to_server"], "EMAIL_HOST_PASSWORD": "p@ss", "EMAIL_PORT": 2525},
        ),
        (
            "smtp+tls://mail.example.org:587",
            {"EMAIL_BACKEND": BACKENDS["to_server"], "EMAIL_HOST": "mail.example.org", "EMAIL_USE_TLS": True},
        ),
        (
            "filemail:///srv/mail%20box",
            {"EMAIL_BACKEND": BACKENDS["to_folder"], "EMAIL_FILE_PATH": "/srv/mail box"},
        ),
    ],
)
def test_the_mail_url_chooses_the_backend(monkeypatch, url, values):
    monkeypatch.setenv("EMAIL_URL", url)
    found = environment.read("EMAIL_URL", environment.mail(**BACKENDS))
    assert {name: found[name] for name in values} == values


def test_the_answer_is_kept_although_the_line_is_closed(sink):
    connection = AnswerKeepingBackend(host="127.0.0.1", port=sink.port, timeout=5)
    assert connection.send_messages([EmailMultiAlternatives("s", "t", to=["a@b.org"])]) == 1
    connection.close()
    assert connection.answer == "250 2.0.0 kept as 42"
    assert connection.handing_over


def test_an_encrypted_line_keeps_the_answer_as_well():
    assert AnswerKeepingBackend(use_ssl=True).connection_class.__mro__[2].__name__ == "SMTP_SSL"


def test_the_shipped_settings_keep_mail_in_a_folder(tmp_path):
    code = "from tracker import settings; print(settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH)"
    environment = {"VAR_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"}
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=Path(__file__).parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout.split() == [BACKENDS["to_folder"], f"{tmp_path}/mailbox"]
