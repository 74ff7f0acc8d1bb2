"""Reads settings from the environment and checks each value at the start.

`setting` reads a value and adds the setting to SETTINGS, from which docs/reference.md is made. A wrong value raises
ImproperlyConfigured with one line that names the setting and says what to write. The line does not repeat the value,
because it may contain a password.
"""

from __future__ import annotations

import os
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.utils.encoding import punycode

Value = TypeVar("Value")


@dataclass(frozen=True)
class Syntax(Generic[Value]):
    """How a value is written.

    Attributes:
        parse: makes the value from the text; raises ValueError, LookupError or ValidationError for a wrong one.
        expected: what to write, as the end of the sentence "NAME is not understood; write …".
    """

    parse: Callable[[str], Value]
    expected: str

    def value(self, name: str, raw: str) -> Value:
        """The parsed value of a setting.

        Raises:
            ImproperlyConfigured: if the value is wrong.
        """
        try:
            return self.parse(raw)
        except (ValueError, LookupError, TypeError, ValidationError, ImproperlyConfigured):
            raise ImproperlyConfigured(f"{name} is not understood; write {self.expected}.") from None


def expects(text: str) -> Callable[[Callable[[str], Value]], Syntax[Value]]:
    """Makes a kind of value from a parser."""
    return lambda parse: Syntax(parse, text)


@dataclass(frozen=True)
class Setting:
    """A row of the table in docs/reference.md."""

    name: str
    meaning: str
    default: str
    example: str


SETTINGS: dict[str, Setting] = {}


def read(name: str, kind: Syntax[Value], default: str = "") -> Value:
    """The value of a setting; the default if it is unset or empty."""
    return kind.value(name, os.environ.get(name, "").strip() or default)


def setting(
    name: str, kind: Syntax[Value], default: str = "", *, meaning: str, example: str, shown: str = ""
) -> Value:
    """Reads a setting and enters it into the table of settings.

    Args:
        shown: the default in words, if it depends on the machine or on another setting.
    """
    SETTINGS[name] = Setting(name, meaning, shown or (f"`{default}`" if default else "none"), example)
    return read(name, kind, default)


# --- kinds of values -------------------------------------------------------------------------

text = Syntax(str, "text")
folder = Syntax(Path, "a folder")
TRUE = ("1", "true", "on", "yes")
FALSE = ("0", "false", "off", "no")
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@expects("on or off")
def flag(raw: str) -> bool:
    return (TRUE + FALSE).index(raw.lower()) < len(TRUE)


def choice(*allowed: str) -> Syntax[str]:
    """One of some words."""
    return Syntax(lambda raw: allowed[allowed.index(raw)], " or ".join(allowed))


def number(least: int = 1) -> Syntax[int]:
    """A whole number, from zero or one."""

    def parse(raw: str) -> int:
        if int(raw) < least:
            raise ValueError
        return int(raw)

    return Syntax(parse, f"a whole number, {('zero', 'one')[least]} or more")


@expects("a port number from 1 to 65535")
def port(raw: str) -> int:
    if not 1 <= int(raw) <= 65535:
        raise ValueError
    return int(raw)


def _weekdays(raw: str) -> frozenset[int]:
    found: set[int] = set()
    for part in raw.lower().split(","):
        first, _, last = part.strip().partition("-")
        start, end = WEEK.index(first.strip()), WEEK.index((last or first).strip())
        found |= {(start + n) % 7 for n in range((end - start) % 7 + 1)}
    return frozenset(found)


weekdays = Syntax(_weekdays, "days such as mon-fri, sun-thu or mon,wed,fri")  # Monday is 0


@expects("days and States, such as sun-thu:EGY,JOR;sat-wed:IRN")
def weekdays_of_states(raw: str) -> dict[str, frozenset[int]]:
    """Working days by alpha-3 code."""
    found: dict[str, frozenset[int]] = {}
    for part in filter(None, (part.strip() for part in raw.split(";"))):
        days, _, states = part.partition(":")
        for code in map(str.strip, states.split(",")):
            if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
                raise ValueError
            found[code] = _weekdays(days)
    return found


@expects("a time zone such as Europe/Zurich or America/New_York")
def time_zone(raw: str) -> str:
    """A name of the IANA database."""
    try:
        return ZoneInfo(raw).key
    except OSError:  # the name of a folder
        raise ValueError from None


@expects("two hours from 0 to 24, the earlier first, such as 6-18")
def hours(raw: str) -> tuple[int, int]:
    """From the first hour until before the second."""
    first, last = (int(hour) for hour in raw.split("-"))
    if not 0 <= first < last <= 24:
        raise ValueError
    return first, last


def _words(raw: str) -> list[str]:
    return [word.strip() for word in raw.split(",") if word.strip()]


words = Syntax(_words, "names separated by commas")


@expects("an e-mail address such as desk@example.org")
def mailbox(raw: str) -> str:
    if raw:
        validate_email(raw)
    return raw


@expects("e-mail addresses separated by commas, such as desk@example.org")
def mailboxes(raw: str) -> list[str]:
    for address in _words(raw):
        validate_email(address)
    return _words(raw)


@expects("20 or more random characters, without spaces")
def token(raw: str) -> str:
    """A secret that another program sends; or nothing."""
    if raw and (len(raw) < 20 or not raw.isascii() or not raw.isprintable() or " " in raw):
        raise ValueError
    return raw


def _plain_address(raw: str) -> SplitResult:
    """A URL with a host, without user, query and fragment."""
    url = urlsplit(raw)
    _ = url.port  # raises ValueError if it is no number
    if not url.hostname or url.query or url.fragment or url.username is not None:
        raise ValueError
    return url


@expects("an address such as https://tracker.example.org")
def site(raw: str) -> str:
    """The address of the site without a slash at its end; or nothing."""
    if raw:
        url = _plain_address(raw)
        if url.scheme not in ("http", "https") or url.path not in ("", "/"):
            raise ValueError
        raw = url._replace(netloc=punycode(url.netloc)).geturl()
    return raw.rstrip("/")


@expects("the provider's issuer, such as https://login.example.org/realms/office")
def issuer(raw: str) -> str:
    """The issuer of an OpenID Connect provider; or nothing."""
    if raw:
        url = _plain_address(raw)
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOOPBACK):
            raise ValueError
    return raw


@expects("sqlite:////folder/file.sqlite3 or postgresql://user:password@host:5432/name")
def database(raw: str) -> dict[str, Any]:
    """Django's settings of a database.

    SQLite is opened in WAL mode with IMMEDIATE transactions: readers never wait for the worker, and a transaction
    that writes waits for its turn at its start instead of failing later. Each commit is on the disk before the program
    goes on: a power cut must not make the ledger forget that a mail was handed over.

    PostgreSQL is read without server-side cursors: behind a pooler in transaction mode, clients would read each
    other's rows.
    """
    config: dict[str, Any] = dict(environ.Env.db_url_config(raw))
    engine = config.get("ENGINE", "")
    if engine not in ("django.db.backends.sqlite3", "django.db.backends.postgresql") or not config.get(
        "NAME"
    ):
        raise ValueError
    if engine.endswith("sqlite3"):
        config.setdefault("OPTIONS", {}).update(
            transaction_mode="IMMEDIATE",
            timeout=20,
            init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        )
        return config
    usual = {"CONN_MAX_AGE": 60, "DISABLE_SERVER_SIDE_CURSORS": True, "OPTIONS": {}}
    return {**usual, **config, "CONN_HEALTH_CHECKS": True}


TLS_OPTIONS = {"ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"}
CERTIFICATE = ("required", "optional", "none")


@expects(
    "redis://host:6379/0, rediss://user:password@host:6379/0?ssl_ca_certs=/folder/ca.crt "
    "or redis+socket:///folder/broker.sock"
)
def broker(raw: str) -> str:
    """The URL of a Redis or Valkey.

    With `rediss` the server has to show a certificate, unless the URL says otherwise: Celery would accept any.
    """
    url = urlsplit(raw)
    _ = url.port  # raises ValueError if it is no number
    if url.scheme not in ("redis", "rediss", "redis+socket") or not (url.hostname or url.path):
        raise ValueError
    if url.scheme != "rediss":
        return raw
    options = dict(parse_qsl(url.query, strict_parsing=bool(url.query), keep_blank_values=True))
    if not options.keys() <= TLS_OPTIONS or options.get("ssl_cert_reqs", CERTIFICATE[0]) not in CERTIFICATE:
        raise ValueError
    if "ssl_cert_reqs" in options:
        return raw
    return f"{raw}{'&' if url.query else '?'}ssl_cert_reqs={CERTIFICATE[0]}"


def mail(*, to_server: str, to_folder: str) -> Syntax[dict[str, Any]]:
    """Django's mail settings, for an SMTP server or a folder on this machine.

    Args:
        to_server: dotted path of the backend for `smtp://host`.
        to_folder: dotted path of the backend for `filemail:///folder`, which only stores mail.
    """

    def parse(raw: str) -> dict[str, Any]:
        url = urlsplit(raw)
        if url.scheme == "filemail" and len(url.path) > 1:
            return {"EMAIL_BACKEND": to_folder, "EMAIL_FILE_PATH": unquote(url.path)}
        if url.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl") or not url.hostname:
            raise ValueError
        return {**environ.Env.email_url_config(raw), "EMAIL_BACKEND": to_server}

    return Syntax(parse, "smtp://user:password@host:587 or filemail:///folder")


@expects("the file of a certificate authority, such as /etc/ssl/office-ca.pem")
def authority(raw: str) -> str:
    """The file of a certificate authority in PEM; or nothing."""
    if raw:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(raw)
        except OSError:  # also ssl.SSLError: it holds no certificate
            raise ValueError from None
    return raw


BOUNCE_SECURITY = {"imaps": ("ssl", 993), "imap": ("", 143), "imap+tls": ("tls", 143)}


@expects("maildir:///folder or imaps://user:password@host/INBOX")
def bounces(raw: str) -> dict[str, Any]:
    """The mailbox to which undelivered mail returns.

    Returns:
        `folder` of a Maildir; or `host`, `port`, `security` ("ssl", "tls" or nothing), `user`, `password` and `box`
        of an IMAP server; or nothing.
    """
    if not raw:
        return {}
    url = urlsplit(raw)
    if url.scheme == "maildir":
        if url.netloc or len(url.path) < 2:
            raise ValueError
        return {"folder": unquote(url.path)}
    security, usual_port = BOUNCE_SECURITY[url.scheme]
    box = unquote(url.path.strip("/")) or "INBOX"
    if not (url.hostname and url.username and url.password) or url.query or url.fragment:
        raise ValueError
    if not (box.isascii() and box.isprintable()) or {'"', "\\"} & set(box):
        raise ValueError
    return {
        "host": url.hostname,
        "port": url.port or usual_port,
        "security": security,
        "user": unquote(url.username),
        "password": unquote(url.password),
        "box": box,
    }


# --- values that rest on more than one setting, or on this machine ---------------------------


@dataclass(frozen=True)
class Provider:
    """An OpenID Connect provider, and the client that the tracker is there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


def provider(**values: str) -> Provider | None:
    """The provider made of three settings, given by their names; None if none is set.

    Raises:
        ImproperlyConfigured: if only some are set.
    """
    missing = [name for name, value in values.items() if not value]
    if len(missing) == len(values):
        return None
    if missing:
        first, second, third = values
        raise ImproperlyConfigured(
            f"{' and '.join(missing)} not set; set {first}, {second} and {third} together, or none of them."
        )
    return Provider(*values.values())


# A weaker key can be found by trying; the words are those of examples.
SHORTEST_SECRET, FEWEST_CHARACTERS = 50, 10
OF_EXAMPLES = (
    "django-insecure",
    "changeme",
    "change-me",
    "change_me",
    "secret-key",
    "secretkey",
    "example",
    "your-",
)


def secret_key(given: str, kept_in: Path, *, any_will_do: bool = False) -> str:
    """The given signing key; else one that is generated once and stored in a file.

    Several machines that serve together need the same key, so there it has to be set.

    Args:
        any_will_do: accept a weak key, as on a developer's machine.

    Raises:
        ImproperlyConfigured: if the key is weak, or none is given and the file cannot be written.
    """
    if given:
        short = len(given) < SHORTEST_SECRET or len(set(given)) < FEWEST_CHARACTERS
        if not any_will_do and (short or any(word in given.lower() for word in OF_EXAMPLES)):
            raise ImproperlyConfigured(
                f"SECRET_KEY is easy to guess; set at least {SHORTEST_SECRET} random characters, such as the "
                f"output of: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
            )
        return given
    try:
        if not kept_in.exists():
            kept_in.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(kept_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with os.fdopen(descriptor, "w") as file:
                    file.write(secrets.token_urlsafe(64))
            except OSError:  # on a full disk; the next start has to find no empty file
                kept_in.unlink()
                raise
        return kept_in.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"SECRET_KEY is not set, and one cannot be stored in {kept_in} ({error.strerror}); set SECRET_KEY."
        ) from None
