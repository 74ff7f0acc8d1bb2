"""Reads the environment: every value is checked once, at the start, and named when it is wrong.

The names are those an operator sets (README, "Settings"). A malformed value raises
ImproperlyConfigured with one line that says which name, what is wrong and what to write instead;
the value itself is not repeated, for it may hold a password.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

log = logging.getLogger(__name__)

Value = TypeVar("Value")

BROKER_SCHEMES = ("redis", "rediss", "redis+socket")
TRUE = ("1", "true", "on", "yes")
FALSE = ("0", "false", "off", "no")


def read(
    name: str, default: str, parse: Callable[[str], Value], expected: str, *, given: str | None = None
) -> Value:
    """The parsed value of a name, or of its default where the name is unset or empty.

    Args:
        given: the value itself, where it does not come from the environment.
    """
    raw = os.environ.get(name, "").strip() or default if given is None else given
    try:
        return parse(raw)
    except (ValueError, LookupError, TypeError, ImproperlyConfigured):
        raise ImproperlyConfigured(f"{name} is not understood; write {expected}.") from None


def flag(name: str, *, default: bool) -> bool:
    """A yes or no."""

    def parse(raw: str) -> bool:
        word = raw.lower()
        if word not in TRUE + FALSE:
            raise ValueError
        return word in TRUE

    return read(name, "on" if default else "off", parse, "on or off")


def choice(name: str, allowed: Sequence[str]) -> str:
    """One of some words; the first is the default."""

    def parse(raw: str) -> str:
        if raw not in allowed:
            raise ValueError
        return raw

    return read(name, allowed[0], parse, " or ".join(allowed))


def port(name: str, default: int) -> int:
    """A TCP port, 1 to 65535."""

    def parse(raw: str) -> int:
        number = int(raw)
        if not 1 <= number <= 65535:
            raise ValueError
        return number

    return read(name, str(default), parse, "a port number from 1 to 65535")


def number(name: str, default: int, *, least: int = 1) -> int:
    """A whole number, one or more; or from another least one, nought or one."""

    def parse(raw: str) -> int:
        found = int(raw)
        if found < least:
            raise ValueError
        return found

    return read(name, str(default), parse, f"a whole number, {('nought', 'one')[least]} or more")


WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def weekdays(name: str, default: str) -> frozenset[int]:
    """Days of the week, 0 for Monday: a span such as mon-fri or sun-thu, or single days with commas."""
    return read(name, default, _weekdays, "days such as mon-fri, sun-thu or mon,wed,fri")


def weekdays_of_states(name: str) -> dict[str, frozenset[int]]:
    """Days of the week by alpha-3 code of a State: sun-thu:EGY,JOR;sat-wed:IRN. Empty for none."""

    def parse(raw: str) -> dict[str, frozenset[int]]:
        found: dict[str, frozenset[int]] = {}
        for part in filter(None, (part.strip() for part in raw.split(";"))):
            days, _, states = part.partition(":")
            for state in states.split(","):
                code = state.strip()
                if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
                    raise ValueError
                found[code] = _weekdays(days)
        return found

    return read(name, "", parse, "days and States, such as sun-thu:EGY,JOR;sat-wed:IRN")


def hours(name: str, default: str) -> tuple[int, int]:
    """A span of hours of a day, such as 6-18: from six o'clock until before eighteen."""

    def parse(raw: str) -> tuple[int, int]:
        first, last = (int(hour) for hour in raw.split("-"))
        if not 0 <= first < last <= 24:
            raise ValueError
        return first, last

    return read(name, default, parse, "two hours from 0 to 24, the earlier first, such as 6-18")


def _weekdays(raw: str) -> frozenset[int]:
    found: set[int] = set()
    for part in raw.lower().split(","):
        first, _, last = part.strip().partition("-")
        start, end = WEEK.index(first.strip()), WEEK.index((last or first).strip())
        found |= {(start + n) % 7 for n in range((end - start) % 7 + 1)}
    return frozenset(found)


def words(name: str, default: str) -> list[str]:
    """A list separated by commas."""
    return read(
        name,
        default,
        lambda raw: [word.strip() for word in raw.split(",") if word.strip()],
        "names separated by commas",
    )


def mailbox(name: str) -> str:
    """An e-mail address, or nothing."""

    def parse(raw: str) -> str:
        try:
            if raw:
                validate_email(raw)
        except ValidationError:
            raise ValueError from None
        return raw

    return read(name, "", parse, "an e-mail address such as desk@example.org")


def mailboxes(name: str, default: str) -> list[str]:
    """E-mail addresses separated by commas; none is allowed."""

    def parse(raw: str) -> list[str]:
        found = [word.strip() for word in raw.split(",") if word.strip()]
        try:
            for address in found:
                validate_email(address)
        except ValidationError:
            raise ValueError from None
        return found

    return read(name, default, parse, "e-mail addresses separated by commas, such as desk@example.org")


def site(name: str) -> str:
    """Where people reach the pages, such as https://tracker.example.org, without a slash at its end; or nothing."""

    def parse(raw: str) -> str:
        url = urlsplit(raw)
        if raw and not (url.scheme in ("http", "https") and url.hostname and url.path in ("", "/")):
            raise ValueError
        if url.query or url.fragment or url.username is not None:
            raise ValueError
        _ = url.port  # raises ValueError where it is no number
        return raw.rstrip("/")

    return read(name, "", parse, "an address such as https://tracker.example.org")


LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Provider:
    """Where people of an organisation sign in, after OpenID Connect, and as what the tracker is known there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


def provider(issuer: str, client_id: str, client_secret: str) -> Provider | None:
    """The three names together, or none of them.

    Args:
        issuer: the name under which the provider's issuer stands; likewise the other two.
    """

    def parse(raw: str) -> str:
        url = urlsplit(raw)
        safe = url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)
        if not (safe and url.hostname) or url.query or url.fragment or url.username is not None:
            raise ValueError
        _ = url.port  # raises ValueError where it is no number
        return raw

    names = (issuer, client_id, client_secret)
    missing = [name for name in names if not os.environ.get(name, "").strip()]
    if len(missing) == len(names):
        return None
    if missing:
        raise ImproperlyConfigured(
            f"{' and '.join(missing)} not set; set {issuer}, {client_id} and {client_secret} together, or none of them."
        )
    where = read(issuer, "", parse, "the provider's issuer, such as https://login.example.org/realms/office")
    return Provider(where, os.environ[client_id].strip(), os.environ[client_secret].strip())


def database(name: str, default: str) -> dict[str, Any]:
    """A database URL, as django-environ reads it, tuned for the engine.

    SQLite is opened in WAL with IMMEDIATE transactions: readers never wait for the worker, and a
    transaction that will write says so at its start instead of failing half-way.
    """

    def parse(raw: str) -> dict[str, Any]:
        config: dict[str, Any] = dict(environ.Env.db_url_config(raw))
        engine = config.get("ENGINE", "")
        if engine not in ("django.db.backends.sqlite3", "django.db.backends.postgresql"):
            raise ValueError
        if not config.get("NAME"):
            raise ValueError
        options = config.setdefault("OPTIONS", {})
        if engine.endswith("sqlite3"):
            options |= {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            }
        else:
            config.setdefault("CONN_MAX_AGE", 60)
            config["CONN_HEALTH_CHECKS"] = True
        return config

    return read(
        name,
        default,
        parse,
        "sqlite:////folder/file.sqlite3 or postgresql://user:password@host:5432/name",
    )


# What may be said of TLS in the address of a broker, and what of the server's certificate.
OF_TLS = {"ssl_cert_reqs", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"}
CERTIFICATE = ("required", "optional", "none")


def broker(name: str, default: str) -> str:
    """A Redis or Valkey URL; with `rediss` the server's certificate is asked for, unless another word says it.

    Celery would take any certificate where the address says nothing of it.
    """

    def parse(raw: str) -> str:
        url = urlsplit(raw)
        if url.scheme not in BROKER_SCHEMES or not (url.hostname or url.path):
            raise ValueError
        _ = url.port  # raises ValueError where it is no number
        if url.scheme != "rediss":
            return raw
        told = dict(parse_qsl(url.query, strict_parsing=bool(url.query), keep_blank_values=True))
        if not told.keys() <= OF_TLS or told.get("ssl_cert_reqs", CERTIFICATE[0]) not in CERTIFICATE:
            raise ValueError
        if "ssl_cert_reqs" in told:
            return raw
        return f"{raw}{'&' if url.query else '?'}ssl_cert_reqs={CERTIFICATE[0]}"

    return read(
        name,
        default,
        parse,
        "redis://host:6379/0, rediss://user:password@host:6379/0?ssl_ca_certs=/folder/ca.crt "
        "or redis+socket:///folder/broker.sock",
    )


def mail(name: str, default: str, *, to_server: str, to_folder: str) -> dict[str, Any]:
    """A mail URL as Django's settings: an SMTP server, or a folder on this machine.

    Args:
        to_server: dotted path of the backend for `smtp://host`.
        to_folder: dotted path of the backend for `filemail:///folder`, which only keeps mail.
    """

    def parse(raw: str) -> dict[str, Any]:
        url = urlsplit(raw)
        if url.scheme == "filemail":
            if len(url.path) < 2:
                raise ValueError
            return {"EMAIL_BACKEND": to_folder, "EMAIL_FILE_PATH": unquote(url.path)}
        if url.scheme not in ("smtp", "smtps", "smtp+tls", "smtp+ssl") or not url.hostname:
            raise ValueError
        config: Mapping[str, Any] = environ.Env.email_url_config(raw)
        return {**config, "EMAIL_BACKEND": to_server}

    return read(name, default, parse, "smtp://user:password@host:587 or filemail:///folder")


BOUNCE_SECURITY = {"imaps": ("ssl", 993), "imap": ("", 143), "imap+tls": ("tls", 143)}


def bounces(name: str, *, given: str | None = None) -> dict[str, Any]:
    """The mailbox to which mail comes back: a Maildir folder, or one on an IMAP server; empty for none.

    Args:
        given: the address itself, as a command takes it.

    Returns:
        `folder`, or `host`, `port`, `security` ("ssl", "tls" or nothing), `user`, `password` and `box`.
    """

    def parse(raw: str) -> dict[str, Any]:
        if not raw:
            return {}
        url = urlsplit(raw)
        if url.scheme == "maildir":
            if url.netloc or len(url.path) < 2:
                raise ValueError
            return {"folder": unquote(url.path)}
        security, port = BOUNCE_SECURITY[url.scheme]
        box = unquote(url.path.strip("/")) or "INBOX"
        if not (url.hostname and url.username and url.password) or url.query or url.fragment:
            raise ValueError
        if not (box.isascii() and box.isprintable()) or {'"', "\\"} & set(box):
            raise ValueError
        return {
            "host": url.hostname,
            "port": url.port or port,
            "security": security,
            "user": unquote(url.username),
            "password": unquote(url.password),
            "box": box,
        }

    return read(name, "", parse, "maildir:///folder or imaps://user:password@host/INBOX", given=given)


# Below this a key could be found by trying; a word of an example in it says that nobody chose one.
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


def secret(name: str, kept_in: Path, *, any_will_do: bool = False) -> str:
    """The signing key: from the environment, else one generated once and kept on this machine.

    Several machines that serve together must share one, so there it has to be set.

    Args:
        any_will_do: whether one that can be guessed is taken too, as on a developer's machine.
    """
    value = os.environ.get(name, "").strip()
    if value:
        if not any_will_do and _can_be_guessed(value):
            raise ImproperlyConfigured(
                f"{name} can be guessed; set at least {SHORTEST_SECRET} characters made by chance, such as those "
                "that this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
            )
        return value
    try:
        if not kept_in.exists():
            kept_in.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(kept_in, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(64))
        return kept_in.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} is not set, and one cannot be kept in {kept_in} ({error.strerror}); set {name}."
        ) from None


SHORTEST_TOKEN = 20


def token(name: str) -> str:
    """A secret that another program sends along, of 20 characters or more without spaces; or nothing."""

    def parse(raw: str) -> str:
        if raw and (len(raw) < SHORTEST_TOKEN or not raw.isascii() or not raw.isprintable() or " " in raw):
            raise ValueError
        return raw

    return read(name, "", parse, f"{SHORTEST_TOKEN} characters or more made by chance, without spaces")


LEAST_ROOM = 1_000_000  # bytes; the files of a process take a part of it


def has_room(folder: Path) -> bool:
    """Whether counts can be written to a folder: prometheus_client maps files, and a full disk kills who does that."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >= LEAST_ROOM


def counts_folder(name: str, default: Path, *, wanted: bool) -> Path | None:
    """The folder in which the processes of this host keep their counts, made where it is absent; None on a full disk.

    It is told on to prometheus_client, which reads it from the environment under this very name.

    Args:
        wanted: whether anybody reads the counts, also where the name is not set.
    """
    given = os.environ.get(name, "").strip()
    if not (given or wanted):
        return None
    folder = Path(given or default).absolute()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}: {folder} cannot be made ({error.strerror}); name a folder that this user may write to."
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):  # made by root, for one
        raise ImproperlyConfigured(
            f"{name}: {folder} belongs to another account; name a folder that this user may write to."
        )
    if not has_room(folder):
        said = "%s: the disk of %s is full; this process keeps no counts there until it is started again."
        log.warning(said, name, folder)
        os.environ.pop(name, None)
        return None
    os.environ[name] = str(folder)
    return folder


def _can_be_guessed(value: str) -> bool:
    plain = value.lower()
    short = len(value) < SHORTEST_SECRET or len(set(value)) < FEWEST_CHARACTERS
    return short or any(word in plain for word in OF_EXAMPLES)
