"""A backup of a million obligations and its way back, beside pg_dump and pg_restore, in a scratch PostgreSQL."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.lists import MANY, TODAY, fill

TARGETS = {"backup": 3.0, "restore": 3.0}  # at most so many times as long as PostgreSQL's own program


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def told(what: str, ours: float, theirs: float | None) -> None:
    if theirs is None:
        print(f"{what} of {MANY:,} obligations{ours:>12.1f} s   (no program of PostgreSQL to compare with)")
        return
    ratio, most = ours / theirs, TARGETS[what]
    met = "met" if ratio <= most else "not met"
    print(
        f"{what + f' of {MANY:,} obligations':<34}ours {ours:>6.1f} s   PostgreSQL’s own {theirs:>6.1f} s"
        f"   {ratio:>5.2f} ×  (at most {most} ×: {met})"
    )


def own(program: Path, *words: str) -> float | None:
    """How long a program of PostgreSQL's own takes; None where it is not there."""
    if not program.is_file():
        return None
    return seconds(lambda: subprocess.run([str(program), *words], check=True))


def measure(folder: Path, programs: Path, url: str) -> None:
    """Everything, in the database that is set up and another of the same server."""
    from django.core.management import call_command
    from django.db import connection, connections
    from django.utils import timezone

    from tracker.obligations.load import load_folder
    from tracker.obligations.models import Obligation
    from tracker.registry.load import SHIPPED
    from tracker.web.backups.restoring import restore
    from tracker.web.backups.taking import take

    def quiet(_text: str) -> None:
        pass

    call_command("migrate", verbosity=0)
    load_folder(SHIPPED, today=TODAY, reason="bench")
    trail = Obligation.objects.filter(kind="periodic").order_by("pk")[0].trail
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE obligations_obligation CASCADE")
    fill("default", 0, MANY, trail)
    file, dump = folder / "backup", folder / "dump"
    taken: list[dict[str, Any]] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours = seconds(lambda: taken.extend(take(file, replace=False, at=timezone.now(), tell=quiet)))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    told("backup", ours, own(programs / "pg_dump", "--format=custom", "--compress=1", f"--file={dump}", url))
    sizes = ", ".join(f"{path.name} {path.stat().st_size >> 20} MB" for path in (file, dump) if path.exists())
    print(f"({sizes}; the process grew by {grown} MB)")

    _another(connections, "copy")
    call_command("migrate", verbosity=0)
    put: list[dict[str, Any]] = []
    ours = seconds(
        lambda: put.extend(restore(file, replace=False, hold=True, now=timezone.now(), tell=quiet))
    )
    names = ("table", "rows", "sha256")
    assert [{name: one[name] for name in names} for one in taken] == put, "the checksums differ"
    assert Obligation.objects.count() == MANY
    _another(connections, "theirs")
    connections.close_all()
    other = url.rsplit("/", 1)[0] + "/theirs"
    told(
        "restore", ours, own(programs / "pg_restore", f"--dbname={other}", "--single-transaction", str(dump))
    )
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    print(f"(equal checksums of {len(put)} tables; the process grew by {grown} MB in all)")


def _another(connections: Any, name: str) -> None:
    """Leads the default connection to a new, empty database of the same server."""
    from bench.lists import made

    made(name)
    connections["default"].close()
    connections["default"].settings_dict["NAME"] = name


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as name:
        (Path(name) / "staticfiles").mkdir()
        from tests import services

        server = services.PostgreSQL(services.OF_NO_VALUE)
        server.start()
        base = server.url.rsplit("/", 1)[0]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "VAR_DIR": name,
            "SERVER": f"{base}/postgres",
            "DATABASE_URL": f"{base}/source",
            "EMAIL_URL": f"filemail://{name}/mailbox",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
        }
        from bench.lists import made

        made("source")
        import django

        django.setup()
        measure(Path(name), server.programs / "bin", f"{base}/source")


if __name__ == "__main__":
    main()
