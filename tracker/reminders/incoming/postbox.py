"""The mailbox of the sender, which receives returned mail and answers: a Maildir folder, or IMAP."""

from __future__ import annotations

import imaplib
import mailbox
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings

from tracker.reminders.models import MailServer

Cause = MailServer.Cause
# The beginning of a notification holds all that we need; the returned mail in it may be of any size.
MOST_BYTES = 1_000_000
# In one run; it begins with the newest, so that a flood does not keep out what matters now.
MOST_MESSAGES = 1_000
TIMEOUT = 30  # seconds
FULL_AT = 95  # per cent of the quota
SEEN = r"(\Seen)"
# The connection to the server can no longer be used.
CONNECTION_BROKE = (imaplib.IMAP4.error, ssl.SSLError, ConnectionError, TimeoutError)
_USED = re.compile(rb"\b(?:STORAGE|MESSAGE) (\d+) (\d+)")


class Unavailable(Exception):
    """The mailbox cannot be opened or read; the text says why and never contains the password.

    Attributes:
        cause: what has to be mended.
    """

    def __init__(self, text: str, cause: MailServer.Cause = Cause.OTHER) -> None:
        super().__init__(text)
        self.cause = cause


class Full(Unavailable):
    """All messages were read, but the mailbox takes no more, or hardly any."""

    def __init__(self, text: str) -> None:
        super().__init__(text, Cause.FULL)


def with_own_authority(context: ssl.SSLContext) -> ssl.SSLContext:
    """Also trusts the certificate authority in MAIL_CA, for SMTP and IMAP."""
    if settings.MAIL_CA:
        context.load_verify_locations(settings.MAIL_CA)
    return context


class UnreadMessage:
    """A message that nobody has read yet.

    Attributes:
        name: to find it in the mailbox.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self) -> bytes:
        """Returns its first million bytes; it stays unread.

        Raises:
            OSError: it cannot be read.
        """
        raise NotImplementedError

    def done(self) -> None:
        """Marks it as read."""
        raise NotImplementedError


@contextmanager
def unread(where: Mapping[str, Any]) -> Iterator[Iterator[UnreadMessage]]:
    """The unread messages of a mailbox in the order of arrival; only the newest thousand if there are more.

    Args:
        where: see `environment.bounces`.

    Raises:
        Unavailable: the mailbox cannot be opened, or the server closes the connection.
        Full: after the last message.
    """
    if folder := where.get("folder"):
        yield iter(_in_folder(Path(folder)))
        return
    try:
        connection = _connect(where)
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise Unavailable(_message(error), _cause(error)) from None
    try:
        yield _on_server(connection, str(where["box"]))
    except CONNECTION_BROKE as error:
        raise Unavailable(_message(error), Cause.UNREACHABLE) from None
    finally:
        with suppress(imaplib.IMAP4.error, OSError):  # the server may have closed it before
            connection.logout()


def _message(error: Exception) -> str:
    words = error.args[0] if error.args else ""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(error)
    return " ".join(text.split()) or type(error).__name__


def _cause(error: Exception) -> MailServer.Cause:
    """The cause of an error before a mailbox is selected."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Cause.CERTIFICATE
    if isinstance(error, imaplib.IMAP4.abort) or "[UNAVAILABLE]" in _message(error):
        return Cause.UNREACHABLE
    if isinstance(error, _LoginRefused):
        return Cause.LOGIN
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return Cause.UNREACHABLE
    return Cause.OTHER


# --- a folder ------------------------------------------------------------------------------------


class _InFolder(UnreadMessage):
    def __init__(self, path: Path) -> None:
        super().__init__(path.name)
        self.path = path

    def read(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(MOST_BYTES)

    def done(self) -> None:
        """Moves it to `cur` with the flag S, as a mail program does."""
        base, _, flags = self.path.name.partition(":2,")
        name = f"{base}:2,{''.join(sorted({*flags, 'S'}))}"
        with suppress(FileNotFoundError):  # another run has just done it
            self.path.rename(self.path.parent.parent / "cur" / name)


def _in_folder(folder: Path) -> list[UnreadMessage]:
    try:
        # Only the names: the class of the standard library reads whole messages, however large.
        found = [path for part in ("new", "cur") for path in (folder / part).iterdir() if _is_unread(path)]
        found.sort(key=lambda path: (path.lstat().st_mtime, path.name))
    except OSError as error:
        raise Unavailable(f"{error.strerror}: {error.filename}", Cause.UNREACHABLE) from None
    return [_InFolder(path) for path in found[-MOST_MESSAGES:]]


def _is_unread(path: Path) -> bool:
    flags = path.name.partition(mailbox.Maildir.colon + "2,")[2]
    return not path.name.startswith(".") and path.is_file() and "S" not in flags


# --- a server ------------------------------------------------------------------------------------


class _OnServer(UnreadMessage):
    def __init__(self, connection: imaplib.IMAP4, uid: str) -> None:
        super().__init__(f"UID {uid}")
        self.connection, self.uid = connection, uid

    def read(self) -> bytes:
        kind, data = self.connection.uid("FETCH", self.uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        for part in data:
            if kind == "OK" and isinstance(part, tuple):
                return bytes(part[1])
        raise OSError("the server did not return it")

    def done(self) -> None:
        self.connection.uid("STORE", self.uid, "+FLAGS.SILENT", SEEN)


class _LoginRefused(imaplib.IMAP4.error):
    pass


def _connect(where: Mapping[str, Any]) -> imaplib.IMAP4:
    """Connects to the server and signs in."""
    host, port, security = where["host"], where["port"], where["security"]
    trusted = with_own_authority(ssl.create_default_context())
    connection: imaplib.IMAP4
    if security == "ssl":
        connection = imaplib.IMAP4_SSL(host, port, ssl_context=trusted, timeout=TIMEOUT)
    else:
        connection = imaplib.IMAP4(host, port, timeout=TIMEOUT)
    try:
        if security == "tls":
            connection.starttls(trusted)
        user, password = where["user"], where["password"]
        try:
            if "AUTH=PLAIN" in connection.capabilities:  # takes every character, which LOGIN does not
                connection.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
            else:
                connection.login(user, password)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise _LoginRefused(*error.args) from None
    except (imaplib.IMAP4.error, OSError, ValueError):
        with suppress(OSError):  # a broken start of TLS has closed it, and its reason counts
            connection.shutdown()
        raise
    return connection


def _on_server(connection: imaplib.IMAP4, box: str) -> Iterator[UnreadMessage]:
    kind, data = connection.select(f'"{box}"')
    if kind != "OK":
        raise Unavailable(_message(Exception(*data)))
    _kind, found = connection.uid("SEARCH", "UNSEEN")
    uids = (found[0] or b"").decode("ascii").split()
    for uid in uids[-MOST_MESSAGES:]:
        yield _OnServer(connection, uid)
    _check_quota(connection, box)


def _check_quota(connection: imaplib.IMAP4, box: str) -> None:
    """Raises Full if the mailbox is nearly full, for servers that know quotas (RFC 9208)."""
    _kind, offers = connection.capability()
    if b"QUOTA" not in (offers[0] or b"").upper().split():
        return
    _kind, (_roots, limits) = connection.getquotaroot(f'"{box}"')
    for used, limit in _USED.findall(b" ".join(words for words in limits if words)):
        if int(used) * 100 >= int(limit) * FULL_AT:
            raise Full(f"{int(used) * 100 // max(int(limit), 1)} % of its quota is used")
