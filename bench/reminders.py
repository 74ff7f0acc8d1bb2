"""Reminders, measured in a scratch PostgreSQL and with a mail server in a process of its own.

Planning over a million obligations beside the bare count of its condition, new rows beside one ORM create for each,
and sending beside smtplib on one open line.
"""

from __future__ import annotations

import multiprocessing
import smtplib
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bench.lists import MANY
from bench.scratch import TODAY, database, empty, fill, shipped, tidy

NEW = 10_000  # reminders that are planned at once
MAILS = 400
ANSWERS_AFTER = 10  # milliseconds: a mail server that writes to its disk before it answers
WORKERS = 2
PLANNED, CREATED, SENT, SHARED = 2.0, 50.0, 0.8, 1.6  # the targets


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def told(what: str, first: tuple[str, float], second: tuple[str, float], ratio: float, target: str) -> None:
    """Two times of one run with their ratio."""
    times = "  ".join(f"{name} {taken:>7.2f} s" for name, taken in (first, second))
    print(f"{what:<44}{times}   {ratio:>6.2f} ×  ({target})")


def contacts() -> None:
    """One for each State that has none."""
    from tracker.registry.models import Contact, State

    Contact.objects.bulk_create(
        Contact(state=state, name=f"Mission of {state.name}"[:120], email=f"{state.pk.lower()}@example.org")
        for state in State.objects.filter(contacts=None)
    )


def all_sent() -> None:
    """What is in the ledger has gone."""
    from django.utils import timezone

    from tracker.reminders.models import Mail, Reminder

    mail, _new = Mail.objects.get_or_create(
        message_id="<bench>", defaults={"recipient": "all@example.org", "subject": "bench", "sent_on": TODAY}
    )
    Reminder.objects.update(state="sent", sent_at=timezone.now(), sent_on=TODAY, mail=mail)


def planning() -> None:
    """A million obligations, all of whose reminders are in the ledger and sent; then ten thousand that are not."""
    from tracker.reminders.ledger import Missing
    from tracker.reminders.models import Reminder
    from tracker.reminders.plan import plan

    contacts()
    first = seconds(lambda: plan(TODAY, today=TODAY))
    print(f"({Reminder.objects.count():,} reminders about {MANY:,} obligations planned in {first:.1f} s)")
    all_sent()
    tidy()
    asked: list[Missing] = []
    enter = Missing.enter

    def noted(self: Missing, batch: uuid.UUID) -> int:
        asked.append(self)
        return enter(self, batch)

    Missing.enter = noted  # type: ignore[method-assign]
    assert plan(TODAY, today=TODAY).count == 0
    Missing.enter = enter  # type: ignore[method-assign]
    taken: dict[str, list[float]] = {"plan": [], "count": []}
    for _ in range(5):
        taken["plan"].append(seconds(lambda: plan(TODAY, today=TODAY)))
        taken["count"].append(seconds(asked[0].count))
    best = {name: min(times) for name, times in taken.items()}
    ratio = best["plan"] / best["count"]
    told(
        f"plan, {MANY:,} obligations, nothing new",
        ("plan", best["plan"]),
        ("bare count", best["count"]),
        ratio,
        f"at most {PLANNED} ×",
    )


def entering() -> None:
    """Ten thousand new rows, beside the same rows one by one through the ORM."""
    from django.db import connection, transaction

    from tracker.reminders.models import Reminder
    from tracker.reminders.plan import plan

    about = list(Reminder.objects.order_by("pk").values_list("obligation", flat=True)[:NEW])
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reminders_reminder CASCADE")
        cursor.execute(
            "CREATE TEMP TABLE chosen AS SELECT * FROM obligations_obligation WHERE id = ANY(%s)", [about]
        )
        cursor.execute("TRUNCATE obligations_obligation CASCADE")
        cursor.execute("INSERT INTO obligations_obligation OVERRIDING SYSTEM VALUE SELECT * FROM chosen")
    tidy()
    once = seconds(lambda: plan(TODAY, today=TODAY))
    rows = list(Reminder.objects.filter(state__in=("planned", "held")))
    assert len(rows) == NEW, len(rows)

    def one_by_one() -> None:
        for row in rows:
            row.pk = None
            row.save(force_insert=True)

    def together() -> None:
        with transaction.atomic():
            one_by_one()

    for what, work in (("each in a transaction", one_by_one), ("all in one transaction", together)):
        Reminder.objects.filter(pk__in=[row.pk for row in rows]).delete()
        taken = seconds(work)
        told(
            f"{NEW:,} new rows planned",
            ("plan", once),
            (f"ORM, {what}", taken),
            taken / once,
            f"at least {CREATED:.0f} ×",
        )


@contextmanager
def a_sink(pause: float) -> Iterator[tuple[int, Callable[[], int]]]:
    """A mail server in a process of its own: its port, and how many mails it took since it was last asked."""
    words = [sys.executable, "-m", "bench.sink", str(pause)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        inside, outside = process.stdin, process.stdout

        def count() -> int:
            inside.write("\n")
            inside.flush()
            return int(outside.readline())

        yield int(outside.readline()), count
        inside.close()


def planned_mails() -> None:
    """A reminder to each of so many people, ready to go."""
    from tracker.reminders.models import Reminder
    from tracker.reminders.plan import plan

    Reminder.objects.all().delete()
    assert plan(TODAY, today=TODAY).count == MAILS


def some_states() -> None:
    """States that owe one report each, with one contact."""
    from bench.__main__ import some_states as made_up
    from tracker.obligations import sync

    names = [state.pk for state in made_up(MAILS, lambda at: TODAY - timedelta(days=1000 + at % 100))]
    sync.synchronise(TODAY, names)
    contacts()
    tidy()


def written() -> list[tuple[str, bytes]]:
    """The mails that are planned, as they go over the line, with whom each is to."""
    from itertools import groupby

    from tracker.reminders import messages, send
    from tracker.reminders.models import Reminder

    rows = list(send.for_mails(Reminder.objects.order_by("recipient", "pk")))
    known = messages.MailFacts.about(rows, TODAY)
    found = []
    for recipient, about in groupby(rows, key=lambda row: row.recipient):
        message, _mail = send.written(list(about), TODAY, known)
        found.append((recipient, message.message().as_bytes(linesep="\r\n")))
    return found


def by_smtplib(port: int, texts: list[tuple[str, bytes]]) -> None:
    """The mails on one line, and nothing is written down."""
    with smtplib.SMTP("127.0.0.1", port) as line:
        for recipient, text in texts:
            line.sendmail("article12@example.org", [recipient], text)


def by_workers(number: int) -> float:
    """The seconds that some workers take together, each a process of its own, from when all are ready."""
    from django.db import connections

    from tracker.reminders.send import send_due

    planned_mails()
    connections.close_all()
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(number + 1)

    def work() -> None:
        connections["default"].ensure_connection()
        ready.wait()
        send_due(TODAY, today=TODAY)

    workers = [context.Process(target=work) for _ in range(number)]
    for worker in workers:
        worker.start()
    ready.wait()
    started = time.perf_counter()
    for worker in workers:
        worker.join()
    return time.perf_counter() - started


def sending(pause: float) -> None:
    """Mails to a mail server: by us, by smtplib that writes none of it down, and by two workers."""
    from django.conf import settings

    with a_sink(pause) as (port, taken):
        settings.EMAIL_BACKEND = "tracker.reminders.backends.AnswerKeepingBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        planned_mails()
        texts = written()
        whole = seconds(lambda: by_smtplib(port, written()))
        at_hand = seconds(lambda: by_smtplib(port, texts))
        assert taken() == 2 * MAILS
        times = {number: by_workers(number) for number in (1, WORKERS)}
        assert taken() == 2 * MAILS
        what, ours = f"{MAILS} mails, each answered after {pause:.0f} ms", ("ours", times[1])
        told(what, ours, ("smtplib, same mails", whole), whole / times[1], f"at least {SENT} ×")
        told("", ours, ("smtplib, mails at hand", at_hand), at_hand / times[1], "")
        shared = times[1] / times[WORKERS]
        told("", ours, (f"{WORKERS} workers", times[WORKERS]), shared, f"at least {SHARED} ×")


def main() -> None:
    with database("few", REMINDERS_APPROVAL="automatic"):
        import django
        import time_machine

        django.setup()
        with time_machine.travel(datetime.combine(TODAY, datetime.min.time(), UTC)):
            trail = shipped()
            empty()
            made_in = fill("default", 0, MANY, trail)
            print(f"({MANY:,} obligations made in {made_in:.0f} s)")
            planning()
            entering()
            empty()
            some_states()
            for pause in (0, ANSWERS_AFTER):
                sending(pause)


if __name__ == "__main__":
    main()
