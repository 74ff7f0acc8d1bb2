"""Delivery-status notifications in the shapes in which mail servers send them, about a mail of ours."""

from __future__ import annotations

from pathlib import Path

OURS = "<" + "a1" * 20 + "@example.org>"
TO = "mission@example.org"
# The answer link in a mail is returned with it, but must not be stored.
RETURNED = f"""From: Article 12 desk <article12@example.org>
To: Permanent Mission <{TO}>
Subject: Norway: initial report
Message-ID: {OURS}

the report"""
DATE = "Mon, 16 Mar 2026 08:30:00 +0100"

POSTFIX = f"""Return-Path: <>
Date: {DATE}
From: MAILER-DAEMON@mail.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: article12@example.org
Message-Id: <20260316073000.4ABCD@mail.example.org>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="4ABCD.1/mail.example.org"

This is a MIME-encapsulated message.

--4ABCD.1/mail.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

<{TO}>: host mx.example.org[192.0.2.7] said: 550 5.1.1
    <{TO}>: Recipient address rejected: User unknown (in reply to RCPT TO command)

--4ABCD.1/mail.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
X-Postfix-Queue-ID: 4ABCD
Arrival-Date: {DATE}

Final-Recipient: rfc822; {TO}
Original-Recipient: rfc822;{TO}
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 5.1.1 <{TO}>: Recipient address
    rejected: User unknown

--4ABCD.1/mail.example.org
Content-Description: Undelivered Message
Content-Type: message/rfc822

{RETURNED}

--4ABCD.1/mail.example.org--
"""

EXCHANGE = f"""From: <postmaster@example.org>
To: <article12@example.org>
Date: {DATE}
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_000_abc_"
Content-Language: en-US
Message-ID: <7f1b6c4e-9d0a@exchange.example.org>
In-Reply-To: {OURS}
References: {OURS}
Subject: Undeliverable: Norway: initial report
MIME-Version: 1.0

--_000_abc_
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="_001_abc_"

--_001_abc_
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PGI+RGVsaXZlcnkgaGFzIGZhaWxlZDwvYj4=

--_001_abc_--

--_000_abc_
Content-Type: message/delivery-status

Reporting-MTA: dns;exchange.example.org
Received-From-MTA: dns;mail.example.org

Final-Recipient: rfc822;{TO}
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full
X-Display-Name: Permanent Mission

--_000_abc_--
"""

EXIM = f"""Date: {DATE}
From: Mail Delivery System <Mailer-Daemon@exim.example.org>
To: article12@example.org
Message-Id: <E1abcd-000@exim.example.org>
Subject: Mail delivery failed: returning message to sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=1773646200-eximdsn-1

--1773646200-eximdsn-1
Content-type: text/plain; charset=us-ascii

This message was created automatically by mail delivery software.

--1773646200-eximdsn-1
Content-type: message/delivery-status

Reporting-MTA: dns; exim.example.org

Action: failed
Final-Recipient: rfc822;{TO}
Status: 5.0.0
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; 550 No such user here

--1773646200-eximdsn-1
Content-type: text/rfc822-headers

{RETURNED.partition(chr(10) * 2)[0]}

--1773646200-eximdsn-1--
"""

OUT_OF_OFFICE = f"""From: Permanent Mission <{TO}>
To: article12@example.org
Subject: Automatic reply: Norway: initial report
Auto-Submitted: auto-replied
In-Reply-To: {OURS}
Message-ID: <away@example.org>

I am out of the office. 550 5.1.1 is my room.
"""


def nested(notification: str) -> str:
    """A notification inside a forwarded message."""
    return f"""From: grace@example.org
To: article12@example.org
Subject: Fwd: Undelivered
Message-ID: <forwarded@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=forward

--forward
Content-Type: text/plain

See below.

--forward
Content-Type: message/rfc822

{notification}
--forward--
"""


def put(folder: Path, *texts: str | bytes) -> None:
    """Puts messages into a Maildir folder as a mail server does."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    at = len(list((folder / "new").iterdir()))
    for number, text in enumerate(texts, at):
        raw = text if isinstance(text, bytes) else text.encode()
        (folder / "new" / f"17736462{number:02d}.M1P2.mail").write_bytes(raw)


def names(folder: Path, part: str) -> list[str]:
    """The messages in a part of a Maildir folder."""
    return sorted(path.name for path in (folder / part).iterdir())
