"""`make faults`: runs every case in its long form, on PostgreSQL and on SQLite, and the generated tests of `make test`
with many more examples; two of these four side by side, as each waits for much of its time.

Exits with 1 if a case failed, and names it and the seed. FAULTS_SEED sets another seed; arguments select cases by parts
of their names.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

from faults import cases
from faults.judge import Broken, LeftOut, Sum
from faults.place import Failed, Kind, Place
from tracker import embedded

SEED = "14"
LOGS = embedded.ROOT / "var" / "faults"
KINDS: tuple[Kind, ...] = ("postgresql", "sqlite")
PART = "--part"  # before the name of a part, to the process that runs it
LANES = 2
# Generated tests: their file, the number of examples in words, and the settings for it.
LONG_FORMS = {
    "the life of the ledger": (
        "tests/reminders/test_ledger_machine.py",
        "45 lives of up to 30 steps",
        {"LEDGER_EXAMPLES": "45", "LEDGER_STEPS": "30"},
    ),
    "generated requests": (
        "tests/audit/test_generated_requests.py",
        "10,000 requests",
        {"GENERATED_REQUESTS": "10000"},
    ),
}


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # like Ctrl-C
    seed = os.environ.get("FAULTS_SEED") or SEED
    if sys.argv[1:2] == [PART]:
        return one_part(sys.argv[2], sys.argv[3:], seed)
    print(f"seed {seed}; FAULTS_SEED=… for another", flush=True)
    began = time.monotonic()
    shutil.rmtree(LOGS, ignore_errors=True)
    wrong = side_by_side([name for name in (*KINDS, *LONG_FORMS) if cases_of(name, sys.argv[1:])])
    print(f"{time.monotonic() - began:.0f} s in all", flush=True)
    return wrong


def side_by_side(names: list[str]) -> int:
    """Runs parts in processes of their own, two at a time; returns 1 if a case failed in one."""
    running: list[subprocess.Popen[bytes]] = []

    def run(name: str) -> int:
        running.append(subprocess.Popen([sys.executable, "-m", "faults", PART, name, *sys.argv[1:]]))
        return running[-1].wait()

    lanes = ThreadPoolExecutor(LANES)
    try:
        return int(any(list(lanes.map(run, names))))
    finally:
        lanes.shutdown(wait=False, cancel_futures=True)
        for process in running:
            process.terminate()


def one_part(name: str, wanted: list[str], seed: str) -> int:
    """Runs the cases of one part, and names those that failed."""
    broken = long_form(name, seed) if name in LONG_FORMS else on(name, cases_of(name, wanted), seed)
    for case in broken:
        print(f"FAILED with seed {seed}: {case}", file=sys.stderr, flush=True)
    return 1 if broken else 0


def cases_of(part: str, wanted: list[str]) -> list[str]:
    """The cases of a part that the words select; without words all."""
    all_of_it = [part] if part in LONG_FORMS else [*cases.CASES]
    return [
        name
        for name in all_of_it
        if (part != "sqlite" or name not in cases.NOT_ON_SQLITE)
        and (not wanted or any(word in name for word in wanted))
    ]


def on(kind: Kind, names: list[str], seed: str) -> list[str]:
    """Runs cases on a database; returns the names of those that failed."""
    broken = []
    place = Place(kind)
    try:
        for name in names:
            size = cases.LONG
            if name == "workers killed at each point":
                size = cases.MANY if kind == "postgresql" else cases.MANY_IN_A_FILE
            began = time.monotonic()
            try:
                found = cases.CASES[name](place, size, Random(f"{seed} {name}"))  # noqa: S311 - repeatable
                total = str(found)
            except LeftOut as error:
                found, total = Sum(), f"LEFT OUT: {error}"
            except (Broken, Failed, TimeoutError) as error:
                found, total = Sum(wrong=[str(error)]), "did not finish"
            report(f"{kind}: {name}", total, time.monotonic() - began, found.note)
            if found.wrong:
                broken.append(f"{kind}: {name}")
                print("\n".join(f"    {line}" for line in found.wrong[:20]), flush=True)
                print(f"    the logs are in {save_logs(place.folder, broken[-1])}", flush=True)
    finally:
        place.close()
    return broken


def save_logs(folder: Path, name: str) -> Path:
    """Copies the logs to a folder that is kept after the run."""
    target = LOGS / name.replace(": ", "-").replace(" ", "-")
    target.mkdir(parents=True, exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, target)
    return target


def long_form(name: str, seed: str) -> list[str]:
    """Runs a generated test with many more examples than in `make test`; returns its name if it failed."""
    file, what, more = LONG_FORMS[name]
    began = time.monotonic()
    words = ["-q", "-p", "no:cacheprovider", f"--hypothesis-seed={seed}", file]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=embedded.ROOT,
        env=os.environ | {"TRACKER_TESTS": "more"} | more,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
    )
    report(name, what, time.monotonic() - began)
    if done.returncode:
        print(done.stdout[-6000:], flush=True)
        return [name]
    return []


def report(name: str, what: str, seconds: float, note: str = "") -> None:
    print(f"{name:<58} {what}  {seconds:6.1f} s  {note}".rstrip(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
