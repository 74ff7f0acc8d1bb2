"""A database with every migration applied: created once, then copied by each process of each run.

Migrating takes ten seconds, copying a fraction of one. The result stays in var/tests/ until a migration or a pinned
package changes.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / "var" / "tests"
NAME = "test_tracker"  # Django's name of the tests' database on PostgreSQL
SPARE = "migrated"  # an unused copy of it, to create others from
FILE = "tests.sqlite3"


def copy(engine: str, make: Callable[[Path], None], to: Path | None) -> None:
    """Copies the result of `make` into a folder, with owners and permissions; calls `make` first if there is none.
    Without a folder it only sees to it that there is one.
    """
    KEPT.mkdir(parents=True, exist_ok=True)
    found = _place(engine)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # all processes of a run start at once
        if not found.exists():
            for old in KEPT.glob(f"{engine}-*"):  # of earlier migrations, or incomplete
                shutil.rmtree(old)
            making = KEPT / f"{engine}-making"
            making.mkdir(mode=0o700)
            make(making)
            making.rename(found)
        if to:
            subprocess.run(["cp", "-a", *map(str, found.iterdir()), str(to)], check=True)


def exists(engine: str) -> bool:
    """Whether it has been created already."""
    return _place(engine).exists()


def copy_file(to: Path) -> Path:
    """Copies a migrated SQLite database into a folder."""
    copy("sqlite", lambda folder: migrate(f"sqlite:///{folder}/{FILE}"), to)
    return to / FILE


def migrate(url: str) -> None:
    """Applies all migrations to a database; other settings come from the environment."""
    words = [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity=0"]
    subprocess.run(words, check=True, env=os.environ | {"DATABASE_URL": url})


def _place(engine: str) -> Path:
    return KEPT / f"{engine}-{_mark()}"


def _mark() -> str:
    """Changes with everything that a migrated database depends on."""
    files = [
        *ROOT.glob("tracker/*/migrations/*.py"),
        ROOT / "tracker" / "registry" / "migrating.py",
        *ROOT.glob("requirements*.txt"),
        *(ROOT / "tests" / name for name in ("migrated.py", "services.py")),
    ]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]
