"""The servers from Debian's packages: installed on this machine, or downloaded and unpacked into a temporary folder.

Nothing is installed: no service is started or enabled, no account is created, apt's lists do not change, and only
Postfix needs root. The servers in the Python packages of the tests cannot be used here, because they have no TLS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from faults.judge import LeftOut
from tests import services
from tracker import embedded

# The package that holds each program.
PACKAGES = {
    "nginx": "nginx",
    "redis-server": "redis-server",
    "postgres": "postgresql",
    "initdb": "postgresql",
    "pg_dump": "postgresql-client",
    "pgbouncer": "pgbouncer",
    "promtool": "prometheus",
    "openssl": "openssl",
    "systemd-analyze": "systemd",
    "postfix": "postfix",
    "dovecot": "dovecot-core",
    "imap": "dovecot-imapd",
    "lmtp": "dovecot-lmtpd",
    "sievec": "dovecot-sieve",
}
MAIL = ["postfix", "dovecot-core", "dovecot-imapd", "dovecot-lmtpd", "dovecot-sieve"]
FOLDERS = ("usr/sbin", "usr/bin", "bin", "sbin", "usr/lib/postgresql/*/bin", "usr/lib/dovecot")
DOWNLOADS = embedded.ROOT / "var" / "rehearsal"


class Missing(Exception):
    """A program is missing and cannot be downloaded; the text says what to install."""


class Programs:
    """The paths of the programs, and what they need to run."""

    def __init__(self) -> None:
        """Finds all programs, and unpacks the missing ones into a folder that every user can read."""
        self.unpacked = Path(tempfile.mkdtemp(prefix="rehearsal-programs-"))
        self.unpacked.chmod(0o755)
        services.at_exit(shutil.rmtree, self.unpacked, ignore_errors=True)
        self.libraries = ""
        missing = [name for name in PACKAGES if not _found(name, Path("/"))]
        if missing:
            self._unpack(sorted({PACKAGES[name] for name in missing}))
        self.paths = {name: _found(name, Path("/")) or _found(name, self.unpacked) for name in PACKAGES}
        if absent := [name for name, path in self.paths.items() if not path]:
            raise Missing(_told(f"{', '.join(absent)} is not in the packages", list(PACKAGES.values())))

    def path(self, name: str) -> Path:
        found = self.paths[name]
        assert found is not None
        return found

    def words(self, name: str) -> list[str]:
        """The command that starts a program, with the path of its own libraries."""
        return [
            *(["env", f"LD_LIBRARY_PATH={self.libraries}"] if self.libraries else []),
            str(self.path(name)),
        ]

    def in_place(self) -> list[str]:
        """The beginning of a command for a program with fixed paths: it alone sees the unpacked files in /usr.

        Raises:
            LeftOut: they are not installed, and this user may not mount, as in many containers.
        """
        if all(_found(name, Path("/")) for name, package in PACKAGES.items() if package in MAIL):
            return []
        mount = f"mount -t overlay overlay -o lowerdir={self.unpacked}/usr:/usr /usr"
        words = ["unshare", "--mount", "sh", "-ec", f'{mount}; exec "$@"', "sh"]
        done = subprocess.run([*words, "true"], check=False, capture_output=True, text=True)
        if done.returncode:
            raise LeftOut(_told(f"It needs the right to mount: {done.stderr.strip()}", MAIL))
        return words

    def environment(self) -> dict[str, str]:
        """The environment for a program that is started in another way."""
        return dict(os.environ) | ({"LD_LIBRARY_PATH": self.libraries} if self.libraries else {})

    def file(self, name: str) -> Path:
        """A file of a package, by its path on an installed machine."""
        here = Path(name)
        return here if here.exists() else self.unpacked / name.lstrip("/")

    def _unpack(self, packages: list[str]) -> None:
        if not shutil.which("apt-get"):
            raise Missing(_told("There is no apt-get here", packages))
        archives = DOWNLOADS / "archives"
        for part in (DOWNLOADS / "lists" / "partial", archives / "partial"):
            part.mkdir(parents=True, exist_ok=True)
        print(f"downloading {', '.join(packages)} into {DOWNLOADS}; nothing is installed", flush=True)
        # apt writes only into our own folders, so it needs no lock of the system and changes nothing there.
        own = {
            "Dir::State::lists": DOWNLOADS / "lists",
            "Dir::Cache::archives": archives,
            "Dir::Cache::pkgcache": "",
            "Dir::Cache::srcpkgcache": "",
            "Debug::NoLocking": "1",
            "APT::Sandbox::User": "",
        }
        apt = ["apt-get", "-qq", *(word for name, value in own.items() for word in ("-o", f"{name}={value}"))]
        download = ["install", "--yes", "--no-install-recommends", "--download-only", *packages]
        for words in (["update"], download):
            done = subprocess.run([*apt, *words], check=False, capture_output=True, text=True)
            if done.returncode:
                raise Missing(_told(done.stderr.strip()[-500:], packages))
        for package in archives.glob("*.deb"):
            subprocess.run(["dpkg-deb", "--extract", package, self.unpacked], check=True)
        wanted = ("usr/lib/*-linux-gnu*", "lib/*-linux-gnu*", "usr/lib/*-linux-gnu*/systemd")
        self.libraries = ":".join(str(found) for part in wanted for found in self.unpacked.glob(part))


@cache
def found() -> Programs:
    """The programs of this run, for all its installations.

    Raises:
        Missing: one is missing and cannot be downloaded.
    """
    return Programs()


def _found(name: str, root: Path) -> Path | None:
    places = [place for folder in FOLDERS for place in sorted(root.glob(f"{folder}/{name}"))]
    return places[-1] if places else None


def _told(why: str, packages: list[str]) -> str:
    return f"{why}. Install what is missing: apt-get install --no-install-recommends {' '.join(sorted(set(packages)))}"
