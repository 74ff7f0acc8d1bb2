"""The headers that all our mails share, as they leave the machine."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from typing import Any

import pytest

from tests import factories
from tests.reminders.helpers import TODAY, Sink, a_state_owing, planned
from tracker import environment
from tracker.reminders import digest, send, watch
from tracker.reminders.outgoing import AutomaticMail

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
LETTERS, ASCII = "münchen.example", "xn--mnchen-3ya.example"


def lines_of(message: AutomaticMail) -> list[str]:
    """The lines of a mail's head, as a server gets them."""
    head: bytes = message.message().as_bytes(linesep="\r\n").partition(b"\r\n\r\n")[0]
    return head.decode("ascii").split("\r\n")


def test_every_mail_says_that_a_program_wrote_it(sink: Sink, settings: Any) -> None:
    settings.WATCH_EMAILS = ["help@example.org"]
    watch.mail_administrators([watch.WatchProblem("dead", "One failed.")], NOW)
    officer = factories.an_officer()
    a_state_owing("NOR", "2026-03-20", "mission@example.org", desk_officer=officer)
    planned()
    send.send_due(TODAY)
    digest.send_due(TODAY, NOW)
    assert sorted({mail["To"].addresses[0].addr_spec for mail in sink.mails}) == [
        "ada@example.org", "help@example.org", "mission@example.org",
    ]  # fmt: skip
    for mail in sink.mails:
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["X-Auto-Response-Suppress"] == "DR, RN, NRN, AutoReply"


@pytest.mark.parametrize("domain", ["example.org", LETTERS, f"an-office-with-a-very-long-name.{LETTERS}"])
def test_no_address_in_a_header_is_encoded_or_broken(domain: str, settings: Any) -> None:
    ascii_domain = domain.replace(LETTERS, ASCII)
    settings.DEFAULT_FROM_EMAIL = f"Büro <desk@{domain}>"
    settings.SITE_URL = environment.site.parse(f"https://tracker.{domain}/")
    officer = factories.an_officer(email=f"ada@{domain}")
    lines = lines_of(digest.message_to(officer, digest.content_for(officer, TODAY), "k"))
    (address,) = (line for line in lines if line.startswith("List-Unsubscribe:"))
    assert address.startswith(f"List-Unsubscribe: <https://tracker.{ascii_domain}/digest/off/?token=")
    assert address.endswith(">")
    (number,) = (line for line in lines if line.startswith("Message-ID:"))
    assert number.endswith(f"@{ascii_domain}>")
    sender = email.message_from_string("\n".join(lines), policy=email.policy.default)["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("Büro", f"desk@{ascii_domain}")

    settings.SITE_URL = ""
    lines = lines_of(digest.message_to(officer, digest.content_for(officer, TODAY), "k"))
    assert f"List-Unsubscribe: <mailto:desk@{ascii_domain}?subject=unsubscribe>" in lines


@pytest.mark.parametrize("reply_to", ["", f"office@{LETTERS}"])
def test_answers_go_to_a_domain_in_ascii(reply_to: str, sink: Sink, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = f"Büro <desk@{LETTERS}>"
    settings.REPLY_TO = reply_to
    a_state_owing("NOR", "2026-06-15", "mission@example.org")
    planned()
    assert send.send_due(TODAY)["sent"] == 1
    (mail,) = sink.mails
    assert mail["Reply-To"].addresses[0].addr_spec == f"{'office' if reply_to else 'desk'}@{ASCII}"
    assert mail["Message-ID"].endswith(f"@{ASCII}>")
