"""The mailbox to which mail servers return what they could not deliver: a Maildir folder, or IMAP."""

from __future__ import annotations

import imaplib
import mailbox
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# The head of a notification says all that is read of it; what it returns of our own mail may be as large as it likes.
MOST_BYTES = 1_000_000
# What nobody has read and is no notification stays unread, so it must not keep the new ones out.
MOST_LETTERS = 1_000
TIMEOUT = 30  # seconds
SEEN = r"(\Seen)"
# What says that the line to the server is of no use any more.
LINE_BROKE = (imaplib.IMAP4.error, ssl.SSLError, ConnectionError, TimeoutError)


class Unavailable(Exception):
    """The mailbox cannot be opened or read; the text says why, and holds no password."""


class Letter:
    """A message that nobody has read yet.

    Attributes:
        name: by which a person finds it in the mailbox.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def read(self) -> bytes:
        """Its first million bytes; it stays unread.

        Raises:
            OSError: this one cannot be read.
        """
        raise NotImplementedError  # each of the two kinds has its own

    def done(self) -> None:
        """Marks it as read."""
        raise NotImplementedError  # as above


@contextmanager
def unread(where: Mapping[str, Any]) -> Iterator[Iterator[Letter]]:
    """The messages of a mailbox that nobody has read, as they came; the newest thousand where there are more.

    Args:
        where: as `environment.bounces` reads it.

    Raises:
        Unavailable: the mailbox cannot be opened, or the server hangs up.
    """
    if folder := where.get("folder"):
        yield iter(_in_folder(Path(folder)))
        return
    try:
        line = _line(where)
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise Unavailable(_told(error)) from None
    try:
        yield _on_server(line, str(where["box"]))
    except LINE_BROKE as error:
        raise Unavailable(_told(error)) from None
    finally:
        with suppress(imaplib.IMAP4.error, OSError):  # it may have hung up before
            line.logout()


def _told(error: Exception) -> str:
    words = error.args[0] if error.args else ""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(error)
    return " ".join(text.split()) or type(error).__name__


# --- a folder ------------------------------------------------------------------------------------


class _Kept(Letter):
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
        self.path.rename(self.path.parent.parent / "cur" / name)


def _in_folder(folder: Path) -> list[Letter]:
    try:
        # Named alone: the standard library's own class reads a message whole, however large.
        found = [path for part in ("new", "cur") for path in (folder / part).iterdir() if _is_unread(path)]
        found.sort(key=lambda path: (path.lstat().st_mtime, path.name))
    except OSError as error:
        raise Unavailable(f"{error.strerror}: {error.filename}") from None
    return [_Kept(path) for path in found[-MOST_LETTERS:]]


def _is_unread(path: Path) -> bool:
    flags = path.name.partition(mailbox.Maildir.colon + "2,")[2]
    return not path.name.startswith(".") and path.is_file() and "S" not in flags


# --- a server ------------------------------------------------------------------------------------


class _OnServer(Letter):
    def __init__(self, line: imaplib.IMAP4, uid: str) -> None:
        super().__init__(f"UID {uid}")
        self.line, self.uid = line, uid

    def read(self) -> bytes:
        kind, data = self.line.uid("FETCH", self.uid, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
        for part in data:
            if kind == "OK" and isinstance(part, tuple):
                return bytes(part[1])
        raise OSError("the server does not hand it over")

    def done(self) -> None:
        self.line.uid("STORE", self.uid, "+FLAGS.SILENT", SEEN)


def _line(where: Mapping[str, Any]) -> imaplib.IMAP4:
    """A line to the server on which somebody has signed in."""
    host, port, security = where["host"], where["port"], where["security"]
    trusted = ssl.create_default_context()
    line: imaplib.IMAP4
    if security == "ssl":
        line = imaplib.IMAP4_SSL(host, port, ssl_context=trusted, timeout=TIMEOUT)
    else:
        line = imaplib.IMAP4(host, port, timeout=TIMEOUT)
    try:
        if security == "tls":
            line.starttls(trusted)
        user, password = where["user"], where["password"]
        if "AUTH=PLAIN" in line.capabilities:  # takes every character, which LOGIN does not
            line.authenticate("PLAIN", lambda _challenge: f"\0{user}\0{password}".encode())
        else:
            line.login(user, password)
    except (imaplib.IMAP4.error, OSError, ValueError):
        line.shutdown()
        raise
    return line


def _on_server(line: imaplib.IMAP4, box: str) -> Iterator[Letter]:
    kind, data = line.select(f'"{box}"')
    if kind != "OK":
        raise Unavailable(_told(Exception(*data)))
    _kind, found = line.uid("SEARCH", "UNSEEN")
    uids = (found[0] or b"").decode("ascii").split()
    for uid in uids[-MOST_LETTERS:]:
        yield _OnServer(line, uid)
