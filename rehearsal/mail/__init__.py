"""An installation whose mail goes through Postfix and Dovecot: what becomes of each mail, and what comes back.

Each case is a State with one contact; `CASES` says how its mail ends.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage

import psycopg

from faults.judge import LeftOut
from faults.place import wait_until
from rehearsal.checks import SETTINGS, closed, query
from rehearsal.installation import Installation
from rehearsal.mail.servers import MailServers
from rehearsal.report import Report, holds

OURS = "article12@example.org"
DUE = "2026-01-05"
AWAY = 'require ["vacation"];\nvacation "I am out of the office until Monday.";\n'
REJECTS = 'require ["reject"];\nreject "I have left this post.";\n'


@dataclass(frozen=True)
class Case:
    """How a mail ends.

    Attributes:
        state: of the reminder once it was sent.
        tasks: for staff about it.
        status: of the bounce; empty without one.
        kind: of the bounce.
        copies: in the mailboxes, all together.
        script: the Sieve script of the recipient, see `MailServers`; None if there is no such mailbox.
    """

    state: str = "sent"
    tasks: tuple[str, ...] = ()
    status: str = ""
    kind: str = "failed"
    copies: int = 1
    script: str | None = ""


CASES = {
    "delivered@state.example.org": Case(),
    "greylisted@state.example.org": Case(),
    "full@state.example.org": Case(tasks=("bounce",), status="5.2.2", copies=0, script="full"),
    "unknown@state.example.org": Case(tasks=("bounce",), status="5.1.1", copies=0, script=None),
    # It says nothing about the recipient, so nobody is asked for another address.
    "distrusts@state.example.org": Case(status="5.7.1", kind="refused", copies=0),
    # The server of the office knows all addresses of its own domain.
    "refused@example.org": Case(state="dead", tasks=("dead",), copies=0, script=None),
    # It was forwarded to an address that exists no more, and the notification names only that one.
    "former@example.org": Case(tasks=("bounce",), status="5.1.1", copies=0, script=None),
    # Both scripts leave automatic mail (RFC 3834) unanswered; Dovecot discards what "reject" refuses of it.
    "away@state.example.org": Case(script=AWAY),
    "rejects@state.example.org": Case(copies=0, script=REJECTS),
    # Both answer.
    "person@state.example.org": Case(tasks=("message",)),
    "robot@state.example.org": Case(tasks=("message",)),
}
POLICY = {
    "greylisted@state.example.org": "450 4.7.1 Greylisted, try again later",
    "distrusts@state.example.org": "550 5.7.1 Message rejected due to: SPF fail - not authorized",
}
# Address, kind and text of each answer.
ANSWERS = [
    ("person@state.example.org", "letter", "We submitted our report last week."),
    ("robot@state.example.org", "automatic", "I have left this post. Write to delivered@state.example.org."),
]
FORWARDS = {"former@example.org": "unknown@state.example.org"}


def run(report: Report) -> None:
    """Runs all cases at once, on one day."""
    if os.geteuid():
        print("LEFT OUT: Postfix needs root", flush=True)
        return
    what = "an installation"
    with report.check(what):
        installation = Installation(SETTINGS)
    if what in report.wrong:
        return
    try:
        installation.programs.in_place()
        with report.check("Postfix and Dovecot with virtual users"):
            servers = _servers(installation)
        if not report.wrong:
            _cases(report, installation, servers)
    except LeftOut as error:
        print(f"LEFT OUT: {error}", flush=True)
    finally:
        closed(report, installation, "mail")


def _servers(installation: Installation) -> MailServers:
    """Starts the servers, and points the tracker at them; it does not trust their authority yet."""
    servers = MailServers(
        installation.folder / "mail",
        installation.programs,
        installation.of_servers,
        {OURS: ""} | {address: case.script for address, case in CASES.items() if case.script is not None},
        FORWARDS,
        POLICY,
    )
    installation.parts.append(servers)
    servers.start()
    installation.first.environment |= servers.urls
    return servers


def _cases(report: Report, installation: Installation, servers: MailServers) -> None:
    host = installation.first
    with report.check("a server whose authority is not trusted gets neither password nor mail"):
        for words in (("sendtestemail", OURS), ("read_bounces",)):
            done = host.manage(*words)
            holds(done.returncode and "certificate verify failed" in done.stderr, done.stderr[-500:])
        host.environment["MAIL_CA"] = str(installation.authority.certificate)

    with report.check("STARTTLS with login: a wrong password is refused"):
        wrong = {
            name: url.replace("%40example.org:", "%40example.org:wrong") for name, url in servers.urls.items()
        }
        for words in (("sendtestemail", OURS), ("read_bounces",)):
            done = host.manage(*words, **wrong)
            holds(done.returncode and "authentication failed" in done.stderr.lower(), done.stderr[-500:])
        holds(not servers.mails(OURS), servers.mails(OURS))
        watched = host.manage("watch").stdout
        holds("Check user and password in BOUNCES_URL." in watched, watched)

    with report.check("every reminder goes out once, however the mail server treats it") as notes:
        _plan(installation)
        notes.append(_send(installation, servers))
        found = {
            recipient: (state, attempts)
            for recipient, state, attempts in query(
                installation, "SELECT recipient, state, attempts FROM reminders_reminder"
            )
        }
        holds(found == {address: (case.state, 1) for address, case in CASES.items()}, found)
        times = servers.policy.requests["greylisted@state.example.org"]
        holds(times == 2, f"{times} attempts at a server that greylists")
        _counts_copies(installation, servers)

    with report.check("what comes back is a bounce and a task of the right State"):
        _answer(installation, servers)
        done = host.manage("read_bounces", "--format", "json")
        holds(done.returncode == 0, done.stderr[-500:])
        _ends(installation)
        watched = host.manage("watch").stdout
        holds("BOUNCES_URL" not in watched, watched)
        holds("Mail servers refuse our mail because of its sender" in watched, watched)

    with report.check("Sieve answers a person's mail, and leaves ours unanswered"):
        _writes(installation, servers)

    with report.check("sent and read again: nothing goes twice, nothing is recorded twice"):
        _send(installation, servers)
        done = host.manage("read_bounces")
        holds(done.returncode == 0, done.stderr[-500:])
        _counts_copies(installation, servers)
        _ends(installation)


def _plan(installation: Installation) -> None:
    """One State and one contact for each case."""
    planned = installation.run("make", database="ledger", states=len(CASES), contacts=1, due=[DUE], on=DUE)
    holds(planned == len(CASES), planned)
    with psycopg.connect(installation.first.environment["DATABASE_URL"]) as line:
        contacts = line.execute("SELECT id FROM registry_contact ORDER BY id").fetchall()
        for (key,), address in zip(contacts, CASES, strict=True):
            line.execute("UPDATE registry_contact SET email = %s WHERE id = %s", (address, key))
    done = installation.first.manage("plan_reminders")
    holds(done.returncode == 0, done.stderr[-500:])


def _send(installation: Installation, servers: MailServers) -> str:
    """Sends what is planned, and waits until Postfix has nothing left."""
    done = installation.first.manage("send_reminders")
    holds(done.returncode == 0, done.stderr[-500:])
    wait_until(servers.is_idle, "an empty queue of Postfix", patience=20)
    return " ".join(done.stdout.split())


def _counts_copies(installation: Installation, servers: MailServers) -> None:
    """Checks that each mail is in the mailboxes as often as its case says."""
    copies = Counter(str(mail["Message-ID"]) for user in servers.users for mail in servers.mails(user))
    rows = query(
        installation,
        "SELECT recipient, message_id FROM reminders_mail",
    )
    found = {recipient: copies[number] for recipient, number in rows}
    holds(len(rows) == len(CASES), rows)
    holds(found == {address: case.copies for address, case in CASES.items()}, found)


def _answer(installation: Installation, servers: MailServers) -> None:
    """A person replies, and so does a program that ignores that our mail is automatic."""
    for user, kind, text in ANSWERS:
        (mail,) = servers.mails(user)
        reply = EmailMessage()
        reply["From"], reply["To"] = user, mail["Reply-To"] or mail["From"]
        reply["Subject"] = f"Re: {mail['Subject']}"
        reply["Message-ID"] = f"<answer-{user}>"
        reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
        if kind == "automatic":
            reply["Auto-Submitted"] = "auto-replied"
        reply.set_content(text)
        servers.send(user, reply, installation.authority.certificate, "" if kind == "automatic" else user)
    wait_until(servers.is_idle, "an empty queue of Postfix", patience=20)


def _ends(installation: Installation) -> None:
    """Checks bounces, states and tasks of all cases."""
    states = query(installation, "SELECT recipient, state FROM reminders_reminder ORDER BY recipient")
    came_back = [
        (address, "returned" if case.status else case.state) for address, case in sorted(CASES.items())
    ]
    holds(states == came_back, states)
    bounces = query(installation, "SELECT recipient, kind, status FROM reminders_bounce ORDER BY recipient")
    expected = [(address, case.kind, case.status) for address, case in sorted(CASES.items()) if case.status]
    holds(bounces == expected, bounces)
    tasks = query(
        installation,
        "SELECT contact.email, task.kind FROM reminders_stafftask task"
        " JOIN registry_contact contact ON contact.state_id = task.state_id ORDER BY contact.email, task.kind",
    )
    wanted = [(address, task) for address, case in sorted(CASES.items()) for task in case.tasks]
    holds(tasks == wanted, tasks)
    messages = query(
        installation,
        "SELECT message.sender, message.kind, message.text, mail.recipient FROM reminders_receivedmessage message"
        " JOIN reminders_mail mail ON mail.id = message.mail_id WHERE message.kind IN ('letter', 'automatic')"
        " ORDER BY message.sender",
    )
    answers = [(user, kind, text, user) for user, kind, text in sorted(ANSWERS)]
    holds(messages == answers, messages)


def _writes(installation: Installation, servers: MailServers) -> None:
    holds(not servers.answers(OURS), servers.answers(OURS))
    person = "person@state.example.org"
    for name in ("away", "rejects"):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = person, f"{name}@state.example.org", "Are you there?"
        mail.set_content("Good morning")
        servers.send(person, mail, installation.authority.certificate, person)
    wait_until(servers.is_idle, "an empty queue of Postfix", patience=20)
    holds(len(servers.answers(person)) == 2, servers.answers(person))
