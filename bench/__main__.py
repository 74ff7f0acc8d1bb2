"""`make bench`: measures the promised speeds in one run, in a scratch database.

Times depend on the machine; compare only the ratios within one run. Nothing outside a temporary folder is changed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from itertools import islice, product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

TODAY = date(2026, 11, 22)
MANY_STATES, CYCLES = 1000, 40
IMPORTED = 10_000


def timed(work: Callable[[], object], repeats: int = 5) -> float:
    """The shortest of several runs, in seconds; the others were disturbed."""
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    return best


def line(what: str, seconds: float, note: str = "") -> None:
    unit, factor = ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)
    print(f"{what:<62}{seconds * factor:>9.1f} {unit}  {note}".rstrip())


def rules() -> None:
    """Derives all obligations of one State, in Python alone."""
    from tracker.obligations.derive import facts_of, horizon
    from tracker.rules.schedule import schedule

    facts = facts_of()
    until = horizon(TODAY)
    for state, what in (("USA", "own series, two decisions"), ("NOR", "CRC reports")):
        one = facts[state]

        def derive(one: object = one) -> None:
            for _ in range(100):
                schedule(one, until=until)  # type: ignore[arg-type]

        line(f"derive one State ({state}: {what})", timed(derive) / 100)
    every = timed(lambda: [schedule(one, until=until) for one in facts.values()])
    line(f"derive all {len(facts)} States", every)


def loading() -> None:
    """Loads the shipped registry into an empty database, then again without changes."""
    from tracker.obligations.load import load_folder
    from tracker.registry.shipped import SHIPPED

    first = timed(lambda: load_folder(SHIPPED, today=TODAY, reason="bench"), repeats=1)
    again = timed(lambda: load_folder(SHIPPED, today=TODAY, reason="bench"), repeats=1)
    line("load 197 States and derive everything", first)
    line("load them again, nothing changed", again, f"{again / first:.2f} × the first")


def importing() -> None:
    """Checks a file of ten thousand submissions, with its effects, and saves it."""
    import resource

    from django.contrib.auth import get_user_model

    from tracker.changes.import_jobs import begin_saving, upload
    from tracker.obligations import sync
    from tracker.obligations.models import Import

    names = [state.pk for state in some_states(IMPORTED // 5, lambda _at: date(2002, 1, 20))]
    sync.synchronise(TODAY, names)
    rows = [
        f"{name},{'initial' if cycle == 1 else 'periodic'},{cycle},{1999 + 5 * cycle}-03-01,CRC/C/OPSC/{name}/{cycle}"
        for name in names
        for cycle in range(1, 6)
    ]
    content = "\n".join(["state,kind,cycles,received_on,symbol", *rows]).encode()
    ada = get_user_model().objects.create_user("ada")
    # There is no broker, so both run in this process, as in a worker.
    preview = timed(lambda: upload("submissions", "bench.csv", content, ada), repeats=1)
    seen = Import.objects.get().about["fingerprint"]
    applied = timed(lambda: begin_saving(Import.objects.get(), ada, seen), repeats=1)
    row = Import.objects.get()
    assert (row.state, row.counts["added"]) == (Import.State.SAVED, IMPORTED)
    line(f"check a file of {IMPORTED} submissions and what follows", preview)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line("check it again and save it", applied, f"the process at most {most} MB")


def some_states(count: int, joined: Callable[[int], date]) -> list[Any]:
    """Made-up States, each a party to the OPSC alone from a day."""
    from tracker.registry.models import State, TreatyAction

    known = set(State.objects.values_list("pk", flat=True))
    codes = ("".join(letters) for letters in product("JQUXZ", ascii_uppercase, ascii_uppercase))
    states = [
        State(iso3=code, name=f"State {code}") for code in islice((c for c in codes if c not in known), count)
    ]
    State.objects.bulk_create(states)
    TreatyAction.objects.bulk_create(
        TreatyAction(state=state, treaty_id="OPSC", kind="accession", date=joined(at))
        for at, state in enumerate(states)
    )
    return states


def synchronising() -> None:
    """Synchronises a thousand States with forty cycles and no changes; the number of queries must not depend on the
    States.
    """
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tracker.obligations import sync

    states = some_states(MANY_STATES, lambda at: date(2003, 1, 1) + timedelta(days=at))
    settings.HORIZON_YEARS = 2003 + 2 + 5 * CYCLES - TODAY.year
    names = [state.pk for state in states]
    sync.synchronise(TODAY, names)
    queries = []
    for count in (1, MANY_STATES):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            found = sync.synchronise(TODAY, names[:count])
        queries.append(len(seen))
        assert not found, "the second synchronisation changed something"
    rows = found.unchanged
    line(
        f"synchronise {MANY_STATES} States, {rows} rows, nothing changed",
        timed(lambda: sync.synchronise(TODAY, names), repeats=2),
        f"{queries[0]} queries for 1 State, {queries[1]} for {MANY_STATES}",
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        (Path(folder) / "staticfiles").mkdir()
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "VAR_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "EMAIL_URL": f"filemail://{folder}/mailbox",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        loading()
        rules()
        importing()
        synchronising()
    # In other processes, because their settings name another database.
    for part in ("bench.lists", "bench.reminders", "bench.papers", "bench.queue"):
        subprocess.run([sys.executable, "-m", part], check=True)


if __name__ == "__main__":
    main()
