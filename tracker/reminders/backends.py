"""Two mail backends: SMTP that keeps the server's answer, and a folder on this machine."""

from __future__ import annotations

import mailbox
import smtplib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend


class _KeepsAnswer:
    """Notes that the text of a mail is being handed over, and what the server said to it."""

    handing_over = False
    answer = ""

    def mail(self, *args: Any, **kwargs: Any) -> Any:
        self.handing_over, self.answer = False, ""
        return super().mail(*args, **kwargs)  # type: ignore[misc]

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.handing_over = True
        code, words = super().data(msg)  # type: ignore[misc]
        self.answer = f"{code} {words.decode('utf-8', 'replace')}"
        return code, words


class _Smtp(_KeepsAnswer, smtplib.SMTP):
    pass


class _SmtpOverTls(_KeepsAnswer, smtplib.SMTP_SSL):
    pass


class AnswerKeepingBackend(EmailBackend):
    """Django's SMTP backend, which otherwise forgets what the server answered."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _SmtpOverTls if self.use_ssl else _Smtp

    @property
    def answer(self) -> str:
        """The server's answer to the last mail."""
        return getattr(self.connection, "answer", "")

    @property
    def handing_over(self) -> bool:
        """Whether the server may have the last mail: its text was under way."""
        return getattr(self.connection, "handing_over", False)


class MaildirBackend(BaseEmailBackend):
    """Keeps each mail as a file of a Maildir folder, which any mail program can open."""

    handing_over = False

    def __init__(self, fail_silently: bool = False, file_path: str | None = None, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.folder = str(file_path or settings.EMAIL_FILE_PATH)
        self.answer = ""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = mailbox.Maildir(self.folder, create=True)
        for message in email_messages:
            key = folder.add(message.message().as_bytes())
            self.answer = f"kept as {key}"
        return len(email_messages)
