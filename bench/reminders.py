"""Measures reminders in a scratch PostgreSQL, with a mail server in another process.

Planning and forecast are measured at the ceiling for which speed is promised; sending is compared with smtplib on one
connection.
"""

from __future__ import annotations

import multiprocessing
import os
import smtplib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.scratch import TODAY, database, empty, fill, shipped, tidy
from harness.process import Talk

OBLIGATIONS, REMINDERS = 20_000, 100_000  # the ceiling
NEW = 1_000  # reminders that are planned at once
MAILS = 400
ANSWERS_AFTER = 10  # milliseconds: a mail server that writes to its disk before it answers
WORKERS = 2
PLANNED, FORECAST, SENT, SHARED = 0.5, 0.5, 0.8, 1.6  # the targets: seconds, and ratios


def seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def print_ratio(
    what: str, first: tuple[str, float], second: tuple[str, float], ratio: float, target: str
) -> None:
    """Prints two times of one run with their ratio."""
    times = "  ".join(f"{name} {taken:>7.2f} s" for name, taken in (first, second))
    print(f"{what:<44}{times}   {ratio:>6.2f} ×  ({target})")


def line(what: str, taken: float, target: str = "") -> None:
    print(f"{what:<44}{taken:>7.2f} s  {target}".rstrip())


def contacts() -> None:
    """Creates a contact for each State without one."""
    from tracker.registry.models import Contact, State

    Contact.objects.bulk_create(
        Contact(state=state, name=f"Mission of {state.name}"[:120], email=f"{state.pk.lower()}@example.org")
        for state in State.objects.filter(contacts=None)
    )


def all_sent() -> None:
    """Marks everything in the ledger as sent."""
    from django.utils import timezone

    from tracker.reminders.models import Mail, Reminder

    mail, _new = Mail.objects.get_or_create(
        message_id="<bench>", defaults={"recipient": "all@example.org", "subject": "bench", "sent_on": TODAY}
    )
    Reminder.objects.update(state="sent", sent_at=timezone.now(), sent_on=TODAY, mail=mail)


def ledger() -> None:
    """Fills a ledger up to the ceiling: for each obligation the newest stage and earlier ones, all sent."""
    from django.db import connection

    from tracker.reminders.models import Reminder
    from tracker.reminders.plan import plan

    contacts()
    first = plan(TODAY, today=TODAY).count
    all_sent()
    Reminder.objects.update(sent_on=TODAY - timedelta(days=30))
    columns = [
        field.column
        for field in Reminder._meta.concrete_fields
        if field.column not in ("id", "occurrence", "stage_on", "sent_on")
    ]
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO reminders_reminder ({names}, occurrence, stage_on, sent_on)
            SELECT {names}, 1000 + n, stage_on - 200 * n, sent_on - 200 * n
            FROM reminders_reminder, generate_series(1, %s) AS n""",  # noqa: S608 - names of our own columns
            [REMINDERS // first - 1],
        )
    tidy()
    print(f"({OBLIGATIONS:,} obligations, {Reminder.objects.count():,} reminders)")


def planning() -> None:
    """Plans an hour with nothing new, and one with a thousand new reminders."""
    from tracker.reminders.models import Reminder
    from tracker.reminders.plan import plan

    assert plan(TODAY, today=TODAY).count == 0
    nothing = min(seconds(lambda: plan(TODAY, today=TODAY)) for _ in range(5))
    line("plan, nothing new", nothing)
    newest = Reminder.objects.filter(occurrence__lt=1000).order_by("pk").values_list("pk", flat=True)
    Reminder.objects.filter(pk__in=list(newest[:NEW])).delete()
    new = seconds(lambda: plan(TODAY, today=TODAY))
    assert Reminder.objects.exclude(state="sent").count() == NEW
    line(f"plan, {NEW:,} new", new, f"at most {PLANNED} s")


def forecasting() -> None:
    """The forecast of the next 90 days and of two years, and the preview of a changed rule."""
    from tracker.registry.models import State
    from tracker.reminders.ahead import ahead
    from tracker.reminders.forecast import of_rules
    from tracker.reminders.models import ReminderRule

    states = list(State.objects.select_related("desk_officer"))
    rules = list(ReminderRule.objects.filter(active=True))
    for what, work in (
        ("forecast of 90 days", lambda: ahead(states, TODAY)),
        ("forecast of two years", lambda: ahead(states, TODAY, 730)),
        ("preview of a changed rule", lambda: of_rules([rules, rules[1:]], TODAY)),
    ):
        line(what, min(seconds(work) for _ in range(3)), f"at most {FORECAST} s")


def planned_mails() -> None:
    """Creates a reminder to each of a number of people, ready to send."""
    from tracker.reminders.models import Reminder
    from tracker.reminders.plan import plan

    Reminder.objects.all().delete()
    assert plan(TODAY, today=TODAY).count == MAILS


def some_states() -> None:
    """Creates States that owe one report each, with one contact."""
    from bench.__main__ import some_states as made_up
    from tracker.obligations import sync

    names = [state.pk for state in made_up(MAILS, lambda at: TODAY - timedelta(days=1000 + at % 100))]
    sync.synchronise(TODAY, names)
    contacts()
    tidy()


def written() -> list[tuple[str, bytes]]:
    """The planned mails as sent, each with its recipient."""
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
    """Sends the mails on one connection and stores nothing."""
    with smtplib.SMTP("127.0.0.1", port) as line:
        for recipient, text in texts:
            line.sendmail("article12@example.org", [recipient], text)


def by_workers(number: int) -> float:
    """The seconds that several workers need together, each a process, from when all are ready."""
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


def sending(pause: float, folder: Path) -> None:
    """Sends mails to a mail server: with the tracker, with smtplib that stores nothing, and with two workers."""
    from django.conf import settings

    server = Talk("harness.smtp", dict(os.environ), folder / "smtp.log")
    server.ask(instructions=[{"at": "answer", "do": "slow", "seconds": pause / 1000}])

    def taken() -> int:
        """The number of mails that the server accepted since the last call."""
        number = len(server.ask()["accepted"])
        server.ask(forget=True)
        return number

    try:
        port = server.first["port"]
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
        print_ratio(what, ours, ("smtplib, same mails", whole), whole / times[1], f"at least {SENT} ×")
        print_ratio("", ours, ("smtplib, mails at hand", at_hand), at_hand / times[1], "")
        shared = times[1] / times[WORKERS]
        print_ratio("", ours, (f"{WORKERS} workers", times[WORKERS]), shared, f"at least {SHARED} ×")
    finally:
        server.close()


def main() -> None:
    with database("few", REMINDERS_APPROVAL="automatic") as folder:
        import django
        import time_machine

        django.setup()
        with time_machine.travel(datetime.combine(TODAY, datetime.min.time(), UTC)):
            trail = shipped()
            empty()
            fill("default", 0, OBLIGATIONS, trail)
            ledger()
            planning()
            forecasting()
            empty()
            some_states()
            for pause in (0, ANSWERS_AFTER):
                sending(pause, folder)


if __name__ == "__main__":
    main()
