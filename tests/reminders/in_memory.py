"""A mail server without a network: smtplib speaks to it through an object in place of a socket.

So the dialogue, and what the tracker makes of each answer, is the product's own; only the far end is a test double.
"""

from __future__ import annotations

import email
import email.policy
import io
import smtplib
from collections.abc import Callable
from typing import Any

from tracker.reminders.backends import AnswerKeepingBackend, _Smtp


class Server:
    """The behaviour of the server, and what it has accepted.

    Attributes:
        moods: how it treats the next mails, one after another; the last one applies to all that follow.
        accepted: called with Message-ID and recipient of each text at the moment it is accepted.
        after_answer: called once the client has the answer to a text.
        before_recipient: called when the client names the recipient of a text.
        doubtful: Message-IDs of texts whose connection broke before the client had the answer.
    """

    MOODS = (
        "well",
        "busy",
        "closing",
        "refuses the sender",
        "full",
        "no such mailbox",
        "refuses the text",
        "breaks before",
        "breaks after",
        "keeps and breaks",
    )

    def __init__(self) -> None:
        self.moods = ["well"]
        self.accepted: Callable[[str, str], object] = lambda message_id, recipient: None
        self.after_answer: Callable[[], object] = lambda: None
        self.before_recipient: Callable[[], object] = lambda: None
        self.doubtful: set[str] = set()

    def next_mood(self) -> str:
        return self.moods.pop(0) if len(self.moods) > 1 else self.moods[0]


class Socket:
    """The client's end of a connection to the server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.answers = io.BytesIO()
        self.mood, self.recipient, self.text = "well", "", False
        self.say("220 ready")

    def say(self, words: str) -> None:
        place = self.answers.tell()
        self.answers.seek(0, io.SEEK_END)
        self.answers.write(f"{words}\r\n".encode())
        self.answers.seek(place)

    def makefile(self, mode: str) -> io.BytesIO:
        return self.answers

    def close(self) -> None:
        pass

    def sendall(self, data: bytes) -> None:
        if self.text:
            self.text = False
            self.take(data)
            return
        command, _, rest = data.decode().strip().partition(" ")
        match command.upper():
            case "MAIL":
                self.mood = self.server.next_mood()
                if self.mood == "breaks before":
                    raise ConnectionResetError("the line broke")
                self.say("550 5.7.1 no" if self.mood == "refuses the sender" else "250 OK")
            case "RCPT":
                self.server.before_recipient()
                self.recipient = rest.partition("<")[2].partition(">")[0]
                refusals = {
                    "busy": "450 4.2.1 busy",
                    "closing": "421 4.3.2 bye",
                    "no such mailbox": "550 5.1.1 unknown",
                }
                self.say(refusals.get(self.mood, "250 OK"))
            case "DATA":
                self.text = True
                self.say("354 go on")
            case "QUIT":
                self.say("221 bye")
            case _:
                self.say("250 OK")

    def take(self, data: bytes) -> None:
        """Accepts or refuses a received text."""
        if self.mood == "full":
            self.say("452 4.3.1 full")
        elif self.mood == "refuses the text":
            self.say("554 5.7.1 no")
        else:
            mail = email.message_from_bytes(data, policy=email.policy.default)
            if self.mood != "breaks after":
                self.server.accepted(str(mail["Message-ID"]), self.recipient)
            if self.mood != "well":
                self.server.doubtful.add(str(mail["Message-ID"]))
                raise ConnectionResetError("the line broke")
            self.say("250 2.0.0 kept")


class Line(_Smtp):
    """The product's own connection, to the current server."""

    server = Server()

    def _get_socket(self, host: Any, port: Any, timeout: Any) -> Any:
        return Socket(self.server)

    def data(self, msg: Any) -> tuple[int, bytes]:
        answer = super().data(msg)
        self.server.after_answer()
        return answer


class InMemoryBackend(AnswerKeepingBackend):
    """The product's own backend on such a connection."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return Line
