"""`make faults`: every case in its long form, on PostgreSQL and on SQLite, with one line for each.

Ends with 1 where a promise was broken, and says which and by which seed. FAULTS_SEED chooses another seed; names given
as arguments, or parts of them, choose cases.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from faults import cases
from faults.judge import Broken, Sum
from faults.place import Failed, Kind, Place
from tracker import embedded

SEED = "14"
LOGS = embedded.ROOT / "var" / "faults"
MACHINE = "tests/reminders/test_ledger_machine.py"
EXAMPLES = 60  # of the ledger's life, each of up to so many steps:
STEPS = 30


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends everything as Ctrl-C does
    seed = os.environ.get("FAULTS_SEED") or SEED
    wanted = sys.argv[1:]
    print(f"seed {seed}; FAULTS_SEED=… for another", flush=True)
    began = time.monotonic()
    shutil.rmtree(LOGS, ignore_errors=True)
    broken: list[str] = []
    for kind in ("postgresql", "sqlite"):
        names = [
            name
            for name in cases.CASES
            if (kind == "postgresql" or name not in cases.NOT_ON_SQLITE)
            and (not wanted or any(word in name for word in wanted))
        ]
        if names:
            broken += on(kind, names, seed)
    if not wanted or any(word in "the life of the ledger" for word in wanted):
        broken += life_of_the_ledger(seed)
    print(f"{time.monotonic() - began:.0f} s in all", flush=True)
    for name in broken:
        print(f"BROKEN with seed {seed}: {name}", file=sys.stderr, flush=True)
    return 1 if broken else 0


def on(kind: Kind, names: list[str], seed: str) -> list[str]:
    """Runs cases on a database; gives the names of those in which a promise was broken."""
    broken = []
    place = Place(kind)
    try:
        for name in names:
            size = cases.LONG
            if name == "workers killed at each point":
                size = cases.MANY if kind == "postgresql" else cases.MANY_IN_A_FILE
            began = time.monotonic()
            try:
                found = cases.CASES[name](place, size, Random(f"{seed} {name}"))  # noqa: S311 - to be repeated
                total = str(found)
            except (Broken, Failed, TimeoutError) as error:
                found, total = Sum(wrong=[str(error)]), "did not come to its end"
            told(f"{kind}: {name}", total, time.monotonic() - began, found.note)
            if found.wrong:
                broken.append(f"{kind}: {name}")
                print("\n".join(f"    {line}" for line in found.wrong[:20]), flush=True)
                print(f"    the logs are in {kept(place.folder, broken[-1])}", flush=True)
    finally:
        place.close()
    return broken


def kept(folder: Path, name: str) -> Path:
    """Copies the logs to where they outlive the run."""
    target = LOGS / name.replace(": ", "-").replace(" ", "-")
    target.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, target)
    return target


def life_of_the_ledger(seed: str) -> list[str]:
    """The state machine of the tests, with many more examples."""
    began = time.monotonic()
    words = ["-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", MACHINE]
    more = {"HYPOTHESIS_PROFILE": "explore", "LEDGER_EXAMPLES": str(EXAMPLES), "LEDGER_STEPS": str(STEPS)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=embedded.ROOT,
        env=os.environ | more,
        check=False,
        capture_output=True,
        text=True,
    )
    name = "the life of the ledger"
    told(name, f"{EXAMPLES} lives of up to {STEPS} steps", time.monotonic() - began)
    if done.returncode:
        print(done.stdout[-6000:], flush=True)
        return [name]
    return []


def told(name: str, what: str, seconds: float, note: str = "") -> None:
    print(f"{name:<58} {what}  {seconds:6.1f} s  {note}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
