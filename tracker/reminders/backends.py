"""Two mail backends: SMTP that keeps the answer of the server, and a folder on this machine."""

from __future__ import annotations

import mailbox
import smtplib
import ssl
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils.functional import cached_property

from tracker.registry.addresses import in_ascii
from tracker.reminders.incoming.postbox import with_own_authority

ACCEPTED = 250
GO_ON = 354  # the answer to DATA, and to nothing else


def _nothing() -> None:
    pass


class _KeepsAnswer:
    """Notes when a recipient is named, when the text of a mail is being sent, and the answer of the server."""

    recipient_named = False
    handing_over = False
    answer = ""
    before_text: Callable[[], object] = staticmethod(_nothing)

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        self.recipient_named = True
        return super().rcpt(recip, options)  # type: ignore[misc]  # the other base class has it

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.before_text()
        code, words = super().data(msg)  # type: ignore[misc]  # the other base class has it
        self.answer = f"{code} {words.decode('utf-8', 'replace')}"
        return code, words

    def getreply(self) -> tuple[int, bytes]:
        code, words = super().getreply()  # type: ignore[misc]  # the other base class has it
        if code == GO_ON:
            self.handing_over = True
        return code, words


class _Smtp(_KeepsAnswer, smtplib.SMTP):
    pass


class _SmtpOverTls(_KeepsAnswer, smtplib.SMTP_SSL):
    pass


class AnswerKeepingBackend(EmailBackend):
    """Django's SMTP backend, which otherwise discards the answer of the server.

    The connection stays open from mail to mail until `close()`.

    Attributes:
        before_text: called once the server has accepted the recipient, before it gets the text.
        recipient_named: whether the server was told the recipient of the last mail; an error before that is about us.
        handing_over: whether the server may have the last mail, because its text was being sent.
        answer: of the server to the last mail.
    """

    recipient_named = False
    handing_over = False
    answer = ""
    before_text: Callable[[], object] = staticmethod(_nothing)

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SmtpOverTls if self.use_ssl else _Smtp

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return with_own_authority(super().ssl_context)

    def check(self) -> None:
        """Opens the connection and asks whether our address may send; no mail is sent.

        Raises:
            OSError, smtplib.SMTPException: the server cannot be used.
        """
        self.open()
        line: Any = self.connection
        line.ehlo_or_helo_if_needed()
        sender = in_ascii(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
        code, words = line.mail(sender)
        if code != ACCEPTED:
            raise smtplib.SMTPSenderRefused(code, words, sender)
        line.rset()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.recipient_named, self.handing_over, self.answer = False, False, ""
        self.open()
        return super().send_messages(email_messages)

    def _send(self, email_message: EmailMessage) -> bool:
        line: Any = self.connection
        line.recipient_named, line.handing_over = False, False
        line.answer, line.before_text = "", self.before_text
        try:
            return super()._send(email_message)  # type: ignore[misc]  # the stubs leave it out
        finally:  # copied, because a broken connection is discarded
            self.recipient_named, self.handing_over = line.recipient_named, line.handing_over
            self.answer = line.answer


class MaildirBackend(BaseEmailBackend):
    """Stores each mail in a Maildir folder, which any mail program can open.

    Attributes:
        before_text: called before a mail is stored.
    """

    handing_over = False
    before_text: Callable[[], object] = staticmethod(_nothing)

    def __init__(self, fail_silently: bool = False, file_path: str | None = None, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = str(file_path or settings.EMAIL_FILE_PATH)
        self.answer = ""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for part in ("", "tmp", "new", "cur"):  # two workers may both be the first
            Path(self.folder, part).mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = mailbox.Maildir(self.folder, create=False)
        for message in email_messages:
            self.before_text()
            key = folder.add(message.message().as_bytes())
            self.answer = f"stored as {key}"
        return len(email_messages)
