"""An installation: its servers, its hosts with their units, and a user who can sign in."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from faults.place import Kind, Place
from harness.process import Talk
from rehearsal import programs
from rehearsal.programs import DOWNLOADS
from rehearsal.servers import DEPLOY, HOST, SITE, Authority, Nginx, Pooler, PostgreSQL, Redis
from rehearsal.units import Service, Web
from tests import services
from tracker import embedded

EXAMPLE = DEPLOY / "environment.example"


class Host:
    """A machine of the installation: its settings, its folder, and its units."""

    def __init__(self, installation: Installation, name: str, database: int, broker: int) -> None:
        """On loopback, with ports of its own for the connections to database and broker."""
        self.installation, self.name = installation, name
        self.state = installation.folder / name
        self.state.mkdir()
        self.environment = installation.environment(database, broker, self.state)

    def log(self, unit: str) -> Path:
        return self.installation.folder / f"{self.name}-{unit.strip('@')}.log"

    def web(self) -> Web:
        return Web(self.state, self.environment, self.log("web"))

    def worker(self) -> Service:
        more = ("--hostname", f"{self.name}@%h")  # on separate machines the names differ anyway
        return Service("tracker-worker", self.state, self.environment, self.log("worker"), more)

    def beat(self) -> Service:
        return Service("tracker-beat", self.state, self.environment, self.log("beat"))

    def manage(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs `manage.py` with the settings of the host."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=embedded.ROOT,
            env=self.environment | more,
            check=False,
            capture_output=True,
            text=True,
        )
        with self.log("manage").open("a") as log:
            log.write(f"{' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}\n")
        return done


class Installation(Place):
    """The servers of an office; creates data and reads the ledger as the cases of `faults` do."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        """Starts PostgreSQL, Redis and a mail server, and prepares the database.

        Args:
            settings: differences from `deploy/environment.example`, apart from passwords and paths.
        """
        self.kind: Kind = "postgresql"
        self.cases = 0
        self.settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="rehearsal-"))
        self.folder.chmod(0o755)  # nginx and PostgreSQL run as other users
        self.talks: list[Talk] = []
        self.jobs: dict[int, int | None] = {}
        self.parts: list[PostgreSQL | Pooler | Redis | Nginx | Web] = []
        self.services: list[Service] = []
        self.password = secrets.token_urlsafe(24)
        try:
            self.programs = programs.found()
            self.authority = Authority(self.folder / "keys", self.programs)
            self.of_servers = of_servers = self.authority.issue("servers", f"IP:{HOST}")
            self.database = PostgreSQL(self.programs, of_servers)
            self.parts.append(self.database)
            self.redis = Redis(self.folder / "redis", self.programs, of_servers, self.authority.certificate)
            self.parts.append(self.redis)
            self.sink = self._talk("harness.smtp", dict(os.environ), "smtp.log")
            self.first = self.host("first")
            self.prepare()
            self.nursery = self._talk("faults.nursery", self.first.environment, "nursery.log")
            static = self.first.state / "staticfiles"
            self.nginx = Nginx(
                self.folder / "nginx", self.programs, self.authority.issue("web", f"DNS:{SITE}"), static
            )
        except BaseException:
            self.close()
            raise

    def host(self, name: str, database: int | None = None, broker: int | None = None) -> Host:
        return Host(self, name, database or self.database.port, broker or self.redis.port)

    def prepare(self) -> None:
        """Creates tables, static files and a superuser."""
        who = {"DJANGO_SUPERUSER_PASSWORD": self.password}
        account = ["createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.org"]
        with ThreadPoolExecutor(2) as both:
            gathered = both.submit(self.first.manage, "collectstatic", "--noinput", "--verbosity", "0")
            done = [self.first.manage("migrate", "--verbosity", "0"), self.first.manage(*account, **who)]
            done.append(gathered.result())
        if wrong := [one.stderr[-1500:] for one in done if one.returncode]:
            raise RuntimeError("\n".join(wrong))

    def environment(self, database: int, broker: int, state: Path) -> dict[str, str]:
        """The shipped example, filled in as it says; no other settings of ours."""
        text = EXAMPLE.read_text()
        given = dict(
            line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#")
        )
        filled = {
            "SECRET_KEY": lambda _: self.secret_key,
            "DATABASE_URL": lambda url: _filled(url, "clerk", self.database.role, database).replace(
                "/tracker?", "/ledger?"
            ),
            "REDIS_URL": lambda url: _filled(url, "clerk", self.redis.password, broker),
            "EMAIL_URL": lambda _: f"smtp://{HOST}:{self.sink.first['port']}",
        }
        given = {name: filled.get(name, str)(value) for name, value in given.items()}
        given = {
            name: value.replace("/etc/tracker/ca.crt", str(self.authority.certificate))
            for name, value in given.items()
        }
        ours = {"DATABASE_URL", "REDIS_URL", "TRACKER_TEST_DATABASE", *given, *services.NOT_OURS}
        inherited = {name: value for name, value in os.environ.items() if name not in ours}
        django = {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "VAR_DIR": str(state),
            "PYTHONUNBUFFERED": "1",
        }
        return inherited | given | django | dict(self.settings)

    @property
    def secret_key(self) -> str:
        """The key, the same on every host."""
        if not hasattr(self, "_key"):
            self._key = secrets.token_urlsafe(64)
        return self._key

    def open_nginx(self, *upstream: int) -> None:
        """Starts nginx in front of web processes."""
        if wrong := self.nginx.test(upstream):
            raise AssertionError(wrong)
        self.nginx.start()
        self.parts.append(self.nginx)

    def open_pooler(self) -> Pooler:
        """Starts pgBouncer before PostgreSQL."""
        found = Pooler(
            self.folder / "pooler", self.programs, self.of_servers, self.authority.certificate, self.database
        )
        self.parts.append(found)
        return found

    def keep(self, *units: Service) -> None:
        """Registers units that end with the installation."""
        self.services += units

    def keep_logs(self, part: str) -> Path:
        """Copies all logs to a folder that is kept after the run."""
        target = DOWNLOADS / "logs" / part
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for log in (
            *self.folder.glob("*.log"),
            *self.folder.glob("nginx/log/*"),
            *self.folder.glob("mail/*.log"),
            self.redis.folder / "redis.log",
        ):
            shutil.copy(log, target)
        shutil.copy(self.database.log, target / "postgresql.log")
        return target

    def close(self) -> None:
        for unit in self.services:
            unit.close() if isinstance(unit, Web) else unit.kill()
        for talk in reversed(self.talks):
            talk.close()
        for part in reversed(self.parts):
            part.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _filled(url: str, user: str, password: str, port: int) -> str:
    """An address of the example with a name, a password and a host of this run."""
    filled, times = re.subn(
        r"//\w+:PASSWORD@[\w.]+:\d+/", f"//{user}:{quote(password, safe='')}@{HOST}:{port}/", url
    )
    assert times == 1, f"{url} is not as expected in deploy/environment.example"
    return filled
