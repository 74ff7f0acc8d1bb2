"""What all our mails have in common: the headers of automatic mail, and addresses in ASCII."""

from __future__ import annotations

from email.policy import Compat32
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from tracker.registry.addresses import in_ascii

# RFC 3834, and the same for Exchange; docs/mail.md says what servers do with them. Not "All": that would also suppress
# returned mail and "out of office", from which staff learn that nobody has read a reminder.
AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "DR, RN, NRN, AutoReply"}


class _WholeWords(Compat32):
    """Writes a header of one word, such as an address in angle brackets, into one line.

    Python would put a word that is too long for the line below the name of the header, where some mail programs do not
    find it.
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        if isinstance(value, str) and value.isascii() and len(value.split()) == 1:
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


class AutomaticMail(EmailMultiAlternatives):
    """A mail that the program wrote; mail programs must not answer it."""

    def __init__(self, *args: Any, headers: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, headers=(headers or {}) | AUTOMATIC, **kwargs)

    def message(self) -> Any:  # type: ignore[override]  # the stubs are of a later Django
        message = super().message()
        message.policy = _WholeWords()
        return message


def sender() -> tuple[str, str]:
    """Name and address of the sender of all mail, with the domain as mail servers take it."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return name, in_ascii(address)


def to_person(name: str, address: str) -> str:
    """A name and an address for a header."""
    return formataddr((name, in_ascii(address)))
