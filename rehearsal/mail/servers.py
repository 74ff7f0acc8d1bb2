"""Postfix and Dovecot with virtual users, configured by the files of this folder; nothing leaves the machine."""

from __future__ import annotations

import base64
import email
import email.policy
import shutil
import smtplib
import socket
import socketserver
import ssl
import subprocess
import threading
from collections import Counter
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

from rehearsal.programs import Programs
from rehearsal.servers import HOST, free_port, password
from tests import services
from tracker import embedded

FILES = Path(__file__).parent
QUEUES = ("incoming", "active", "deferred", "maildrop", "hold", "corrupt")
MORE_QUEUES = ("bounce", "defer", "flush", "trace", "saved", "pid", "private", "public")
POSTFIX, MAIL = "list", "mail"  # accounts of every Debian: Postfix's own, and the owner of all mailboxes


class Policy:
    """Postfix's policy service: says of a mail to an address what it is told, once or always.

    Attributes:
        requests: how often it was asked about each address.
    """

    def __init__(self, actions: dict[str, str]) -> None:
        """Starts it.

        Args:
            actions: by address; a temporary refusal (4xx) is of the first mail only, as in greylisting.
        """
        self.requests: Counter[str] = Counter()
        self.actions = actions
        policy = self

        class Question(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                fields: dict[str, str] = {}
                for line in self.rfile:
                    name, _, value = line.decode().rstrip("\n").partition("=")
                    fields[name] = value
                    if not name:
                        self.wfile.write(f"action={policy.action(fields['recipient'])}\n\n".encode())

        self.server = socketserver.ThreadingTCPServer((HOST, 0), Question)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def action(self, recipient: str) -> str:
        self.requests[recipient] += 1
        action = self.actions.get(recipient, "DUNNO")
        return "DUNNO" if action.startswith("4") and self.requests[recipient] > 1 else action

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class MailServers:
    """The server of the office, and that of the States.

    Attributes:
        urls: the settings of the tracker for them.
    """

    def __init__(
        self,
        folder: Path,
        programs: Programs,
        certificate: tuple[Path, Path],
        users: dict[str, str],
        forwards: dict[str, str],
        actions: dict[str, str],
    ) -> None:
        """Writes their files; `start` starts them.

        Args:
            users: addresses with their Sieve scripts; one with the text "full" has a mailbox without room.
            forwards: addresses without a mailbox, and where their mail goes.
            actions: of the policy service of the States' server, by address; see `Policy`.
        """
        self.folder, self.programs, self.users, self.password = folder, programs, list(users), password()
        self.submission, self.imap, self.mx = free_port(), free_port(), free_port()
        self.policy = Policy(actions)
        folder.mkdir()
        folder.chmod(0o755)
        self._make_folders(users)
        secret = base64.b64encode(self.password.encode()).decode()
        (folder / "boxes").write_text("".join(f"{user} any\n" for user in users))
        (folder / "forwards").write_text("".join(f"{old} {new}\n" for old, new in forwards.items()))
        (folder / "users").write_text(
            "".join(
                f"{user}:{{PLAIN.b64}}{secret}::::::{'userdb_quota_rule=*:bytes=1' if script == 'full' else ''}\n"
                for user, script in users.items()
            )
        )
        values = {
            "folder": folder,
            "submission": self.submission,
            "imap": self.imap,
            "mx": self.mx,
            "policy": self.policy.server.server_address[1],
            "certificate": certificate[0],
            "key": certificate[1],
        }
        for name in ("main.cf", "master.cf", "dovecot.conf"):
            (folder / name).write_text((FILES / name).read_text().format_map(values))
        self.processes: list[subprocess.Popen[bytes]] = []
        login = f"{quote('article12@example.org', safe='')}:{quote(self.password, safe='')}@{HOST}"
        self.urls = {
            "EMAIL_URL": f"smtp+tls://{login}:{self.submission}",
            "BOUNCES_URL": f"imap+tls://{login}:{self.imap}/INBOX",
        }

    def start(self) -> None:
        dovecot = ["/usr/sbin/dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]
        self._start("Dovecot", self.imap, [*self.programs.in_place(), *dovecot])
        postfix = ["/usr/lib/postfix/sbin/master", "-d", "-c", str(self.folder)]
        self._start("Postfix", self.submission, [*self.programs.in_place(), *postfix])

    def _start(self, name: str, port: int, words: list[str]) -> None:
        log = self.folder / f"{name.lower()}.log"
        process = embedded.spawn(words, log)
        self.processes.append(process)
        services.wait_for(name, process, lambda: _greets(port), log)

    def _make_folders(self, users: dict[str, str]) -> None:
        for name in ("data", "run", "queue", "homes", *(f"queue/{one}" for one in (*QUEUES, *MORE_QUEUES))):
            (self.folder / name).mkdir()
        for name in ("data", *(f"queue/{one}" for one in (*QUEUES, *MORE_QUEUES) if one != "pid")):
            shutil.chown(self.folder / name, POSTFIX)
        for user, script in users.items():
            home = self.folder / "homes" / user
            home.mkdir()
            if script and script != "full":
                (home / ".dovecot.sieve").write_text(script)
            shutil.chown(home, MAIL, MAIL)

    def is_idle(self) -> bool:
        """Whether Postfix has delivered or returned everything."""
        return not any(
            file.is_file() for queue in QUEUES for file in (self.folder / "queue" / queue).rglob("*")
        )

    def mails(self, user: str) -> list[EmailMessage]:
        """What is in a mailbox."""
        found = [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for part in ("new", "cur")
            for file in sorted((self.folder / "homes" / user / "Maildir" / part).glob("*"))
        ]
        return [one for one in found if isinstance(one, EmailMessage)]

    def answers(self, user: str) -> list[str]:
        """The subjects of what Sieve has written to a user."""
        mails = self.mails(user)
        return [str(mail["Subject"]) for mail in mails if "dovecot" in str(mail["Message-ID"])]

    def send(self, user: str, message: EmailMessage, trust: Path, sender: str) -> None:
        """Sends a mail as a user does, with a sender in the envelope that may be empty."""
        with smtplib.SMTP(HOST, self.submission, timeout=10) as line:
            line.starttls(context=ssl.create_default_context(cafile=str(trust)))
            line.login(user, self.password)
            line.send_message(message, from_addr=sender)

    def close(self) -> None:
        for process in reversed(self.processes):
            embedded.stop(process)
        self.policy.close()


def _greets(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1) as line:
        return bool(line.recv(1))
    return False
