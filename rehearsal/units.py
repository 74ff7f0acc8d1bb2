"""The units of `deploy/systemd`, read and started as systemd would start them."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from configparser import ConfigParser
from contextlib import suppress
from pathlib import Path

from rehearsal.servers import DEPLOY, HOST, free_port
from tracker import embedded

UNITS = DEPLOY / "systemd"
# systemd passes the first socket as descriptor 3, and names the process that it is for.
HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ["LISTEN_PID"] = str(os.getpid())
os.execvp(sys.argv[2], sys.argv[2:])
"""


def placed(text: str, state: Path) -> str:
    """The text of a unit with the folders of this run in place of an installation's."""
    text = text.replace("/srv/tracker/.venv/bin", str(Path(sys.executable).parent))
    return text.replace("/srv/tracker", str(embedded.ROOT)).replace("/var/lib/tracker", str(state))


def service(name: str, state: Path) -> dict[str, list[str]]:
    """The lines of a unit's [Service], by name; those of the shared drop-in come first."""
    found: dict[str, list[str]] = {}
    for path in (UNITS / "tracker-.service.d" / "common.conf", UNITS / f"{name}.service"):
        section = ""
        for line in placed(path.read_text(), state).splitlines():
            if line.startswith("["):
                section = line
            elif section == "[Service]" and "=" in line and not line.startswith("#"):
                key, _, value = line.partition("=")
                found.setdefault(key, []).append(value)
    return found


def command(name: str, state: Path, environment: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The words of a unit's ExecStart, and its environment.

    As in systemd, the installation's environment file overrides what the unit sets.
    """
    lines = service(name, state)
    own = dict(word.split("=", 1) for line in lines["Environment"] for word in shlex.split(line))
    whole = own | dict(environment)
    text = re.sub(r"\$\{(\w+)\}", lambda found: shlex.quote(whole[found[1]]), lines["ExecStart"][-1])
    return shlex.split(text.replace("%%", "%")), whole


def seconds(name: str, state: Path, key: str) -> float:
    """The seconds of a time span in a unit, such as `TimeoutStopSec=30min`."""
    number, kind = re.fullmatch(r"(\d+)(min)?", service(name, state)[key][-1]).groups()  # type: ignore[union-attr]
    return int(number) * (60 if kind else 1)


class Service:
    """A process of a unit; only its first process is told to stop, as `KillMode=mixed` says."""

    def __init__(
        self, unit: str, state: Path, environment: Mapping[str, str], log: Path, more: tuple[str, ...] = ()
    ) -> None:
        self.unit, self.state, self.log = unit, state, log
        self.words, self.environment = command(unit, state, environment)
        self.words += more
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = embedded.spawn(self.words, self.log, environment=self.environment)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> float:
        """Tells it to stop; returns the seconds that it took.

        Raises:
            TimeoutError: it took longer than its unit allows, or than two minutes.
        """
        assert self.process is not None
        began = time.monotonic()
        self.process.terminate()
        patience = min(120.0, seconds(self.unit, self.state, "TimeoutStopSec"))
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{self.unit} did not stop in {patience:.0f} s") from None
        embedded.stop(self.process, grace=0)  # the rest of its group
        return time.monotonic() - began

    def kill(self) -> None:
        if self.process is not None:
            embedded.stop(self.process, grace=0)

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to it and its children: SIGKILL, SIGSTOP, SIGCONT."""
        assert self.process is not None
        os.killpg(self.process.pid, number)


class Web(Service):
    """A web process. Its socket is held here, as systemd does, and it notifies when it is ready."""

    def __init__(self, state: Path, environment: Mapping[str, str], log: Path) -> None:
        super().__init__("tracker-web@", state, environment, log)
        options = ConfigParser(interpolation=None, strict=False)
        options.read(UNITS / "tracker-web@.socket")
        self.port = free_port()
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((HOST, self.port))
        self.socket.listen(options.getint("Socket", "Backlog"))
        assert options["Socket"]["ListenStream"] == "127.0.0.1:%i"
        self.notices = state / f"notify-{self.port}"
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(str(self.notices))
        self.environment |= {"LISTEN_FDS": "1", "NOTIFY_SOCKET": str(self.notices)}

    def start(self, patience: float = 30) -> float:
        """Returns the seconds until it was ready.

        Raises:
            TimeoutError: it did not say so.
        """
        began = time.monotonic()
        number = self.socket.fileno()
        words = [sys.executable, "-IS", "-c", HAND_OVER, str(number), *self.words]
        self.process = embedded.spawn(words, self.log, keep=[number], environment=self.environment)
        self.listener.settimeout(0.2)
        while time.monotonic() < began + patience and self.runs:
            with suppress(TimeoutError):
                if b"READY=1" in self.listener.recv(4096):
                    return time.monotonic() - began
        raise TimeoutError(f"the web process did not get ready: {self.log.read_text()[-1500:]}")

    def restart(self) -> float:
        """Restarts as `systemctl restart` does; returns the seconds during which no process served the socket."""
        return self.stop() + self.start()

    def close(self) -> None:
        self.kill()
        self.socket.close()
        self.listener.close()
