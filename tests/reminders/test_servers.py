"""A mail server that fails, servers that refuse our mail, and a mailbox that cannot be read."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from tests import factories
from tests.reminders.helpers import (
    TODAY,
    Sink,
    a_state_owing,
    free_port,
    greeting_with,
    ledger,
    planned,
    the_row,
)
from tracker import environment
from tracker.registry.models import State
from tracker.reminders import digest, servers, watch
from tracker.reminders.incoming import postbox
from tracker.reminders.models import Bounce, Digest, MailServer, Reminder, SenderRefusal, StaffTask
from tracker.reminders.send import RESULTS, send_due
from tracker.reminders.tasks import read_bounces, scan

NOR, ISL = "mission@example.org", "ministry@example.org"
HOUR = timedelta(hours=1)
NOTHING = dict.fromkeys(RESULTS, 0)
Use, Cause = MailServer.Use, MailServer.Cause


def problems() -> dict[str, str]:
    """What `watch` says about mail, by kind."""
    now = timezone.now()
    mine = (watch.MAIL_SERVER, "mail refused", "mailbox")
    return {one.kind: one.text for one in watch.problems(watch.look(now), now) if one.kind in mine}


def the_server(use: str = Use.SENDING) -> MailServer:
    return MailServer.objects.get(use=use)


def run(*, by_hand: bool = False) -> dict[str, int]:
    return send_due(TODAY, at=None if by_hand else timezone.now())


# --- the mail server fails -------------------------------------------------------------------------


def away(sink: Sink, settings: Any) -> None:
    settings.EMAIL_PORT = free_port()


def wrong_password(sink: Sink, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "desk", "wrong"


def without_encryption(sink: Sink, settings: Any) -> None:
    settings.EMAIL_USE_TLS = True


def answers_to_sender(words: str) -> Callable[[Sink, Any], None]:
    return lambda sink, settings: setattr(sink, "at_mail", words)


@pytest.mark.parametrize(
    ("fails", "cause", "error"),
    [
        (away, Cause.UNREACHABLE, "ConnectionRefusedError"),
        (wrong_password, Cause.OTHER, "SMTPNotSupportedError: SMTP AUTH"),
        (without_encryption, Cause.OTHER, "SMTPNotSupportedError: STARTTLS"),
        (answers_to_sender("550 5.7.1 sender not allowed"), Cause.SENDER, "550 5.7.1 sender not allowed"),
        (answers_to_sender("451 4.3.0 try later"), Cause.OTHER, "451 4.3.0 try later"),
        (answers_to_sender("hang up"), Cause.UNREACHABLE, "SMTPServerDisconnected"),
    ],
    ids=["away", "password", "tls", "sender", "busy", "line"],
)
def test_a_failing_server_ends_the_run_counts_no_attempt_and_sends_all_once_it_works(
    fails: Callable[[Sink, Any], None], cause: str, error: str, sink: Sink, settings: Any, clock: Any
) -> None:
    usual = {name: getattr(settings, name) for name in ("EMAIL_PORT", "EMAIL_USE_TLS", "EMAIL_HOST_USER")}
    a_state_owing("NOR", "2026-06-15", NOR, ISL)
    planned()
    fails(sink, settings)
    assert run() == NOTHING
    assert sink.connections <= 1
    assert set(Reminder.objects.values_list("state", "attempts", "claim", "handed_over_at")) == {
        ("planned", 0, None, None)
    }
    row = the_server()
    assert (row.cause, row.failures) == (cause, 1)
    assert row.error.startswith(error)
    assert error in problems()[watch.MAIL_SERVER]

    sink.at_mail = ""
    for name, value in usual.items():
        setattr(settings, name, value)
    assert run() == NOTHING  # not before the pause is over
    clock.shift(timedelta(minutes=6))
    assert run() == NOTHING | {"sent": 2}
    assert problems() == {}


@pytest.mark.parametrize("greeting", [b"554 no service here\r\n", b"421 busy\r\n", b"good morning\r\n", b""])
def test_a_server_that_will_not_talk_to_us_is_tried_again(
    norway: State, settings: Any, sink: Sink, greeting: bytes
) -> None:
    with greeting_with(greeting) as settings.EMAIL_PORT:
        assert run() == NOTHING
    assert (the_row().state, the_row().attempts) == ("planned", 0)
    assert the_server().failures == 1


@pytest.mark.parametrize(
    "answers", [{"refuses": {"b@example.org": "421 4.3.2 closing"}}, {"at_data": "421 4.3.2 shutting down"}]
)
def test_a_server_that_closes_in_the_middle_gives_the_others_back(
    answers: dict[str, Any], sink: Sink, clock: Any
) -> None:
    a_state_owing("NOR", "2026-06-15", "a@example.org", "b@example.org", "c@example.org")
    planned()
    if "at_data" in answers:
        sink.before_answer = lambda mail: setattr(
            sink, "at_data", "250 OK" if "a@example.org" in mail["To"] else answers["at_data"]
        )
    sink.refuses = answers.get("refuses", {})
    assert run() == NOTHING | {"sent": 1}
    assert [row.rpartition(": ")[2] for row in ledger()] == ["sent", "planned", "planned"]
    assert not Reminder.objects.filter(attempts__gt=0).exclude(state="sent").exists()
    sink.before_answer, sink.at_data, sink.refuses = lambda mail: None, "250 OK", {}
    clock.shift(HOUR)
    assert run() == NOTHING | {"sent": 2}
    assert sorted(sink.recipients[-2:]) == ["b@example.org", "c@example.org"]
    assert problems() == {}


def test_a_recipient_at_whom_each_run_ends_keeps_nobody_else_waiting(sink: Sink, clock: Any) -> None:
    addresses = [f"{letter}@example.org" for letter in "abcde"]
    a_state_owing("NOR", "2026-06-15", *addresses)
    planned()
    sink.refuses = dict.fromkeys(("b@example.org", "d@example.org"), "421 4.7.0 not now")
    for _ in range(4):
        run()
        clock.shift(5 * HOUR)
    assert sorted(sink.recipients) == ["a@example.org", "c@example.org", "e@example.org"]
    assert "421 4.7.0 not now" in problems()[watch.MAIL_SERVER]


def test_an_unknown_mail_ends_the_run_too(sink: Sink, clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", "a@example.org", "b@example.org")
    planned()
    sink.at_data = "hang up"
    assert run() == NOTHING
    assert [row.rpartition(": ")[2] for row in ledger()] == ["unknown", "planned"]
    sink.at_data = "250 OK"
    clock.shift(HOUR)
    assert run() == NOTHING | {"sent": 1}
    assert sink.recipients == ["b@example.org"]


def test_a_line_that_breaks_at_a_recipient_costs_that_recipient_an_attempt(sink: Sink) -> None:
    a_state_owing("NOR", "2026-06-15", "a@example.org", "b@example.org")
    planned()
    sink.refuses = {"a@example.org": "hang up"}
    assert run() == NOTHING | {"failed": 1, "sent": 1}
    assert sink.recipients == ["b@example.org"]
    assert problems() == {}


def test_a_mail_that_is_too_big_for_the_server_is_its_own_trouble(norway: State, sink: Sink) -> None:
    sink.at_mail = "552 5.3.4 message too big"
    assert run() == NOTHING | {"dead": 1}
    assert problems() == {}


def test_the_pauses_grow_to_four_hours_and_a_person_need_not_wait(
    norway: State, sink: Sink, settings: Any, clock: Any
) -> None:
    sink.at_mail = "451 4.3.0 try later"
    tried = []
    for hour in range(24):
        before = sink.connections
        run()
        if sink.connections > before:
            tried.append(hour)
        clock.shift(HOUR)
    assert tried == [0, 1, 2, 3, 5, 9, 13, 17, 21]
    (told,) = problems().values()
    assert told == (
        "The mail server has failed since 16 March 2026, 09:00 UTC (9 attempts): 451 4.3.0 try later. Check port "
        "and encryption in EMAIL_URL, and the log of the server. No reminder is lost: they wait and go once the "
        "server works; it is tried again after 17 March 2026, 09:50 UTC. Mail to administrators may wait with them."
    )
    out = StringIO()
    call_command("send_reminders", stdout=StringIO(), stderr=out)
    assert out.getvalue().startswith(
        "The mail server has failed since 16 March 2026, 09:00 UTC (10 attempts)"
    )
    sink.at_mail = ""
    assert run(by_hand=True) == NOTHING | {"sent": 1}


def test_a_pause_set_by_a_clock_that_was_ahead_is_not_waited_for(
    norway: State, sink: Sink, clock: Any
) -> None:
    sink.at_mail = "451 4.3.0 try later"
    run()
    MailServer.objects.update(next_try_at=timezone.now() + timedelta(days=1000))
    sink.at_mail = ""
    assert run() == NOTHING | {"sent": 1}


def test_a_server_that_works_again_is_noticed_although_nothing_is_to_be_sent(sink: Sink, clock: Any) -> None:
    servers.sending_failed(servers.ServerFailed(Cause.UNREACHABLE, "OSError: away"), sent_before=False)
    assert run() == NOTHING
    assert watch.MAIL_SERVER in problems()
    clock.shift(HOUR)
    run()
    assert problems() == {}
    assert sink.accepted == []


def test_digests_wait_as_reminders_do(sink: Sink, clock: Any) -> None:
    monday = timezone.now()
    for name, iso3 in (("ada", "NOR"), ("bob", "SWE")):
        officer = factories.an_officer(name, email=f"{name}@example.org")
        a_state_owing(iso3, "2026-03-20", desk_officer=officer)
    sink.at_mail = "550 5.7.1 sender not allowed"
    assert digest.send_due(TODAY, monday) == {}
    assert set(Digest.objects.values_list("state", "attempts", "claim")) == {("planned", 0, None)}
    assert sink.connections == 1
    sink.at_mail = ""
    clock.shift(HOUR)
    assert digest.send_due(TODAY, timezone.now()) == {"sent": 2}
    assert problems() == {}


@pytest.mark.more
def test_after_a_week_without_the_server_each_reminder_goes_once_and_only_the_newest_stage(
    sink: Sink, settings: Any, clock: Any
) -> None:
    a_state_owing("NOR", "2026-03-20", NOR)  # the stage of the day comes while the server is away
    a_state_owing("SWE", "2026-06-15", "swe@example.org")
    failed = a_state_owing("DNK", "2026-06-15", "dnk@example.org")
    planned()
    # As an earlier version has left it: after attempts that the server has failed.
    Reminder.objects.filter(obligation__state=failed).update(
        state="failed", attempts=6, next_attempt_at=timezone.now(), answer="ConnectionRefusedError"
    )
    settings.EMAIL_PORT = free_port()
    for _ in range(7 * 2):
        scan()
        assert watch.MAIL_SERVER in problems()
        clock.shift(12 * HOUR)
    assert not Reminder.objects.filter(state__in=("dead", "sent", "unknown", "claimed")).exists()
    assert not StaffTask.objects.exists()
    settings.EMAIL_PORT = sink.port
    for _ in range(2):
        scan()
        clock.shift(12 * HOUR)
    assert sorted(sink.recipients) == ["dnk@example.org", NOR, "swe@example.org"]
    assert ledger() == [
        "DNK 3 months before, dnk@example.org: sent",
        "NOR 1 month before, mission@example.org: overtaken",
        "SWE 3 months before, swe@example.org: sent",
        "NOR on the day, mission@example.org: sent",
    ]
    assert problems() == {}


def test_a_folder_raises_no_alarm(settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_BACKEND = "tracker.reminders.backends.MaildirBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mailbox")
    (tmp_path / "mailbox").touch()
    a_state_owing("NOR", "2026-06-15", NOR)
    planned()
    assert run() == NOTHING | {"failed": 1}
    assert problems() == {}


# --- servers refuse our mail -----------------------------------------------------------------------


def test_a_refusal_of_us_is_one_alarm_and_tried_again(norway: State, sink: Sink, clock: Any) -> None:
    sink.at_data = "550 5.7.26 unauthenticated mail is not accepted from this domain: SPF and DKIM"
    assert run() == NOTHING | {"failed": 1}
    assert not StaffTask.objects.exists()
    assert problems() == {
        "mail refused": (
            "Mail servers refuse our mail because of its sender since 16 March 2026, 09:00 UTC: 127.0.0.1. Check SPF, "
            "DKIM and DMARC of our domain and whether our server is on a block list. This ends seven days after "
            "the last refusal."
        )
    }
    sink.at_data = "250 OK"
    clock.shift(HOUR)
    assert run() == NOTHING | {"sent": 1}
    clock.shift(timedelta(days=7))
    assert problems() == {}


def test_refusals_of_several_servers_are_one_alarm_since_the_first() -> None:
    now = timezone.now()
    for server, days in (("mx.b.example", 9), ("mx.b.example", 4), ("MX.a.example", 2), ("old.example", 8)):
        servers.refused_by(server, now - timedelta(days=days))
    (told,) = problems().values()
    assert "since 7 March 2026, 09:00 UTC: mx.a.example, mx.b.example." in told
    servers.refused_by("mx.b.example", now + timedelta(days=8))  # after a week of peace it begins anew
    assert SenderRefusal.objects.get(server="mx.b.example").since == now + timedelta(days=8)
    assert Bounce.objects.count() == 0


# --- the mailbox -----------------------------------------------------------------------------------


@pytest.fixture
def mailbox(settings: Any, tmp_path: Any) -> Any:
    """A mailbox in a folder."""
    for part in ("new", "cur"):
        (tmp_path / part).mkdir()
    settings.BOUNCES = {"folder": str(tmp_path)}
    return tmp_path


def test_a_mailbox_that_nobody_reads_is_an_alarm_after_two_hours(
    mailbox: Any, clock: Any, settings: Any
) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    assert problems() == {}
    clock.shift(timedelta(minutes=121))
    assert problems()["mailbox"].startswith("The mailbox for returned mail has never been read. ")
    read_bounces()
    assert problems() == {}
    clock.shift(timedelta(minutes=121))
    assert problems()["mailbox"].startswith(
        "The mailbox for returned mail was last read on 16 March 2026, 11:01 UTC; "
    )
    settings.BOUNCES = {}
    assert problems() == {}


def test_a_mailbox_that_cannot_be_read_is_an_alarm_until_it_is_read(mailbox: Any, clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    read_bounces()
    (mailbox / "new").rename(mailbox / "away")
    clock.shift(HOUR)
    read_bounces()
    assert problems()["mailbox"].startswith(
        "The mailbox for returned mail cannot be read since 16 March 2026, 10:00 UTC: No such file or directory: "
    )
    with pytest.raises(CommandError):
        call_command("read_bounces", stdout=StringIO())
    assert the_server(Use.MAILBOX).failures == 2
    (mailbox / "away").rename(mailbox / "new")
    call_command("read_bounces", stdout=StringIO())
    assert problems() == {}


def test_another_mailbox_read_by_hand_says_nothing_about_the_own(mailbox: Any) -> None:
    call_command("read_bounces", f"maildir://{mailbox}", stdout=StringIO())
    assert not MailServer.objects.exists()


def test_a_mailbox_that_was_read_but_is_full_is_an_alarm(mailbox: Any) -> None:
    with pytest.raises(postbox.Full), servers.reading_mailbox():
        raise postbox.Full("98 % of its quota is used")
    assert problems()["mailbox"] == (
        "The mailbox for returned mail is full since 16 March 2026, 09:00 UTC: 98 % of its quota is used. Delete "
        "or move old messages, or raise the quota: a full mailbox takes no new ones."
    )
    assert the_server(Use.MAILBOX).read_at is not None


class Imap(threading.Thread):
    """An IMAP server of one connection, with a certificate of its own authority and a mailbox that is nearly full."""

    def __init__(self, certificate: Path, key: Path) -> None:
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.start()

    def run(self) -> None:
        line, _address = self.socket.accept()
        line.sendall(b"* OK ready\r\n")
        with suppress(OSError):
            while words := line.recv(4096).split(maxsplit=2):
                tag, command = words[0], words[1].upper()
                line.sendall(ANSWERS.get(command, b"") + tag + b" OK done\r\n")
                if command == b"STARTTLS":
                    line = self.tls.wrap_socket(line, server_side=True)
        line.close()
        self.socket.close()


ANSWERS = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS QUOTA\r\n",
    b"SELECT": b"* 0 EXISTS\r\n",
    b"UID": b"* SEARCH\r\n",
    b"GETQUOTAROOT": b'* QUOTAROOT INBOX "User quota"\r\n* QUOTA "User quota" (STORAGE 980 1000)\r\n',
    b"LOGOUT": b"* BYE\r\n",
}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: Any) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that only itself vouches for, and its key."""
    folder = tmp_path_factory.mktemp("authority")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the office")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    begins = datetime(2026, 1, 1, tzinfo=UTC)  # OpenSSL knows nothing of the fixed clock
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins - timedelta(days=3650))
        .not_valid_after(begins + timedelta(days=36500))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "ca.pem", folder / "key.pem"


@pytest.mark.parametrize("trusted", [False, True])
def test_the_mailbox_is_read_over_tls_only_if_its_authority_is_trusted(
    trusted: bool, authority: tuple[Path, Path], settings: Any
) -> None:
    settings.MAIL_CA = str(authority[0]) if trusted else ""
    server = Imap(*authority)
    url = f"imap+tls://desk:secret@127.0.0.1:{server.port}/INBOX"
    settings.BOUNCES = environment.bounces.value("BOUNCES_URL", url)
    read_bounces()
    server.join(5)
    row = the_server(Use.MAILBOX)
    if trusted:
        assert (row.cause, row.error) == (Cause.FULL, "98 % of its quota is used")
    else:
        assert row.cause == Cause.CERTIFICATE
        assert "certificate verify failed" in row.error
        assert "name its file in MAIL_CA" in problems()["mailbox"]


@pytest.mark.parametrize("trusted", [False, True])
def test_mail_goes_over_tls_only_if_the_authority_is_trusted(
    trusted: bool, authority: tuple[Path, Path], settings: Any
) -> None:
    settings.MAIL_CA = str(authority[0]) if trusted else ""
    settings.EMAIL_BACKEND = "tracker.reminders.backends.AnswerKeepingBackend"
    settings.EMAIL_USE_SSL, settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = True, "127.0.0.1", 5
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*authority)
    a_state_owing("NOR", "2026-06-15", NOR)
    planned()
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_PORT = server.getsockname()[1]

        def turn_away() -> None:
            with suppress(OSError), tls.wrap_socket(server.accept()[0], server_side=True) as line:
                line.sendall(b"554 5.3.2 closed today\r\n")

        threading.Thread(target=turn_away, daemon=True).start()
        run()
    row = the_server()
    assert (row.cause, row.error[:15]) == (
        (Cause.OTHER, "554 5.3.2 close") if trusted else (Cause.CERTIFICATE, "SSLCertVerifica")
    )


def test_the_file_of_an_authority_is_checked_at_the_start(
    authority: tuple[Path, Path], monkeypatch: Any
) -> None:
    for raw, right in ((str(authority[0]), True), (str(authority[1]), False), ("/nowhere.pem", False)):
        monkeypatch.setenv("MAIL_CA", raw)
        if right:
            assert environment.read("MAIL_CA", environment.authority) == raw
        else:
            with pytest.raises(ImproperlyConfigured, match="MAIL_CA is not understood; write the file"):
                environment.read("MAIL_CA", environment.authority)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ssl.SSLCertVerificationError("unknown authority"), Cause.CERTIFICATE),
        (ssl.SSLError("wrong version number"), Cause.OTHER),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 no"), Cause.LOGIN),
        (smtplib.SMTPSenderRefused(550, b"5.7.1 no", "desk@example.org"), Cause.SENDER),
        (smtplib.SMTPSenderRefused(452, b"4.3.1 full", "desk@example.org"), Cause.OTHER),
        (smtplib.SMTPConnectError(554, b"no"), Cause.OTHER),
        (smtplib.SMTPServerDisconnected("closed"), Cause.UNREACHABLE),
        (TimeoutError("timed out"), Cause.UNREACHABLE),
    ],
)
def test_each_error_names_what_has_to_be_mended(error: Exception, cause: str) -> None:
    assert servers.cause_of(error) == cause
    assert cause in watch.MEND_SENDING
    assert set(watch.MEND_MAILBOX) >= set(watch.MEND_SENDING)
