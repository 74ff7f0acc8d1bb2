"""The servers of Debian's packages: those of this machine, else downloaded and unpacked into a temporary folder.

Nothing is installed: no service is started or enabled, no account made, no list of apt's changed, and nobody has to be
root for it. The servers in the wheels of the tests cannot be used here, for they have no TLS.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tracker import embedded

# The package that holds each program.
PACKAGES = {
    "nginx": "nginx",
    "redis-server": "redis-server",
    "postgres": "postgresql",
    "initdb": "postgresql",
    "pg_dump": "postgresql-client",
    "openssl": "openssl",
    "systemd-analyze": "systemd",
}
FOLDERS = ("usr/sbin", "usr/bin", "bin", "sbin", "usr/lib/postgresql/*/bin")
DOWNLOADS = embedded.ROOT / "var" / "rehearsal"


class Missing(Exception):
    """A program is not there and cannot be had; the text says what to install."""


class Programs:
    """Where each program is, and what it needs besides."""

    def __init__(self, folder: Path) -> None:
        """Looks for all of them, and unpacks what is missing into a folder that every user may read."""
        self.unpacked = folder / "unpacked"
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
        """What starts a program; its libraries are named to it alone."""
        return [
            *(["env", f"LD_LIBRARY_PATH={self.libraries}"] if self.libraries else []),
            str(self.path(name)),
        ]

    def environment(self) -> dict[str, str]:
        """For a program that is started in another way."""
        return dict(os.environ) | ({"LD_LIBRARY_PATH": self.libraries} if self.libraries else {})

    def file(self, name: str) -> Path:
        """A file that a package brings along, by its path on an installed machine."""
        here = Path(name)
        return here if here.exists() else self.unpacked / name.lstrip("/")

    def _unpack(self, packages: list[str]) -> None:
        if not shutil.which("apt-get"):
            raise Missing(_told("There is no apt-get here", packages))
        archives = DOWNLOADS / "archives"
        for part in (DOWNLOADS / "lists" / "partial", archives / "partial"):
            part.mkdir(parents=True, exist_ok=True)
        print(f"downloading {', '.join(packages)} into {DOWNLOADS}; nothing is installed", flush=True)
        # Our own folders for all that apt writes, so that it needs no lock of the system's and changes nothing there.
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


def _found(name: str, root: Path) -> Path | None:
    places = [place for folder in FOLDERS for place in sorted(root.glob(f"{folder}/{name}"))]
    return places[-1] if places else None


def _told(why: str, packages: list[str]) -> str:
    return f"{why}. Install what is missing: apt-get install --no-install-recommends {' '.join(sorted(set(packages)))}"
