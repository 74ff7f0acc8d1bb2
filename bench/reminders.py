"""Reminders, measured in a scratch PostgreSQL and with a mail server in a process of its own.

Planning over a million obligations beside the bare count of its condition, new rows beside one ORM create each, and
sending beside smtplib on one open line.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.lists import MANY, TODAY, fill, made

NEW = 10_000


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def shortest(works: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """The shortest time of each work, which are done in turn; all are warmed up first."""
    for work in works.values():
        work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            taken[name].append(seconds(work))
    return {name: min(times) for name, times in taken.items()}


def planning() -> None:
    """A million obligations, all of whose reminders are in the ledger and sent."""
    from django.utils import timezone

    from tracker.registry.models import Contact, State
    from tracker.reminders import plan as planner
    from tracker.reminders.ledger import Missing
    from tracker.reminders.models import Mail, Reminder

    Contact.objects.bulk_create(
        Contact(state=state, name=f"Mission of {state.name}"[:120], email=f"{state.pk.lower()}@example.org")
        for state in State.objects.all()
    )
    first = seconds(lambda: planner.plan(TODAY))
    rows = Reminder.objects.count()
    print(f"({rows:,} reminders about {MANY:,} obligations planned in {first:.1f} s)")
    mail = Mail.objects.create(recipient="all@example.org", subject="bench", message_id="<bench>", sent_on=TODAY)
    Reminder.objects.update(state="sent", sent_at=timezone.now(), sent_on=TODAY, mail=mail)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    asked: list[Missing] = []
    enter = Missing.enter

    def kept(self: Missing, batch: Any) -> int:
        asked.append(self)
        return enter(self, batch)

    Missing.enter = kept  # type: ignore[method-assign]
    assert planner.plan(TODAY).count == 0
    times = shortest({"plan": lambda: planner.plan(TODAY), "count": asked[0].count}, 5)
    print(times, times["plan"] / times["count"])


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tracker-bench-") as folder:
        (Path(folder) / "staticfiles").mkdir()
        from tests import services

        server = services.start_postgresql().rsplit("/", 1)[0]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "VAR_DIR": folder,
            "SERVER": f"{server}/postgres",
            "DATABASE_URL": f"{server}/few",
            "EMAIL_URL": f"filemail://{folder}/mailbox",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
        }
        made("few")
        import django
        import time_machine

        django.setup()
        from django.core.management import call_command

        from tracker.obligations.load import load_folder
        from tracker.obligations.models import Obligation
        from tracker.registry.load import SHIPPED

        call_command("migrate", verbosity=0)
        with time_machine.travel(datetime.combine(TODAY, datetime.min.time(), UTC)):
            load_folder(SHIPPED, today=TODAY, reason="bench")
            trail = Obligation.objects.filter(kind="periodic").order_by("pk")[0].trail
            from django.db import connection
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE obligations_obligation CASCADE")
            print(fill("default", 0, MANY, trail))
            planning()


if __name__ == "__main__":
    main()
