"""The cases: each breaks something while reminders are planned and sent, and returns the result.

Their sizes are `LONG` and `SHORT`; the short ones run with the tests.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from faults.jobs import POINTS
from faults.judge import Broken, Sum, judge
from faults.place import Case, Place, later, wait_until

HOURS, DAYS = timedelta(hours=1), timedelta(days=1)
# Longer than all pauses between the attempts of a mail.
A_WEEK = 7 * DAYS
LOCKED = 40.0  # seconds; twice as long as a statement waits for SQLite


@dataclass(frozen=True)
class Size:
    """The size of a case.

    Attributes:
        states, contacts: their product is the number of reminders.
        kills: the number of workers killed at each point.
        patience: seconds until a case counts as stuck.
    """

    states: int
    contacts: int
    kills: int = 1
    patience: float = 60


LONG, SHORT = Size(14, 6, 4, 120), Size(6, 2)
MANY = Size(200, 10, 20, 900)  # two thousand mails
MANY_IN_A_FILE = Size(60, 5, 5, 300)


# --- killed workers -------------------------------------------------------------------------------


def killed_at_each_point(place: Place, size: Size, chance: Random) -> Sum:
    """Workers kill themselves at each of the four points, at the n-th mail."""
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts)
        note = place.folder / f"kills-{case.database.rpartition('/')[2]}"
        points = list(POINTS) * size.kills
        chance.shuffle(points)
        # Spread over the mails, so that there is a mail for each kill even in the worst case.
        most = max(1, int(1.2 * size.states * size.contacts / len(points)))
        case.beat()

        def lives() -> None:
            """Starts workers that will kill themselves and, once all have, some that will not."""
            doomed = [one for one in case.running.values() if one["kind"] == "doomed"]
            for _ in range(workers_of(place, 2) - len(doomed)):
                if points:
                    point = points.pop()
                    # Several mails may be claimed at once, so only the first claim is certain to come.
                    nth = 1 if point == "before the claim" else chance.randint(1, most)
                    case.worker(kill={"point": point, "nth": nth, "note": str(note)})
            if not points and not doomed and len(case.running) == 1:
                for _ in range(workers_of(place, 2)):
                    case.worker()

        def done() -> bool:
            lives()
            return not points and len(killed(note)) == len(POINTS) * size.kills and case.settled()

        try:
            case.until(done, "every kill, and the mails after it", size.patience)
        except Broken as error:
            raise Broken(f"{error}; killed at {Counter(killed(note))}, not yet at {points}") from None
        found = case.sum()
        if Counter(killed(note)) != dict.fromkeys(POINTS, size.kills):
            found.wrong.append(f"killed at {Counter(killed(note))}")
        # Each death between the server's answer and the commit leaves an unknown mail.
        if found.unknown < 2 * size.kills:
            found.wrong.append(f"{2 * size.kills} mails were doubtful, and {found.unknown} are shown to be")
        found.note = f"{len(killed(note))} kills"
        return found


def killed(note: Any) -> list[str]:
    """The points at which workers killed themselves."""
    return note.read_text().splitlines() if note.exists() else []


def killed_from_outside(place: Place, size: Size, chance: Random) -> Sum:
    """Workers are killed at random moments."""
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts)
        case.beat()
        for _ in range(workers_of(place, 2)):
            case.worker()
        for _ in range(4 * size.kills):
            time.sleep(chance.uniform(0.05, 1.0))
            workers = [process for process, one in case.running.items() if one["kind"] == "worker"]
            case.kill(chance.choice(workers))
            case.revive()
            if case.settled():
                break
        case.until_settled(size.patience)
        found = case.sum()
        found.note = f"{case.deaths} deaths"
        return found


def workers_of(place: Place, number: int) -> int:
    """SQLite has one worker, as in the embedded default."""
    return number if place.kind == "postgresql" else 1


# --- broker, database, several beats ----------------------------------------------------------------


def broker_lost(place: Place, size: Size, chance: Random) -> Sum:
    """The broker is killed and restarted with its data and without, and emptied while it runs."""
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts)
        case.instruct({"at": "answer", "do": "slow", "seconds": 0.05})  # so that work takes long enough
        case.beat()
        for _ in range(workers_of(place, 2)):
            case.worker()
        # Emptied is last: clients reconnect to a broker that was restarted, but not to one that was emptied.
        for how in ("restarted", "restarted empty", "emptied"):
            case.until(more_than(case, len(case.accepted())), f"mail before the broker is {how}")
            if how == "emptied":
                place.empty_broker()
            else:
                place.stop_broker(keep=how == "restarted")
                time.sleep(chance.uniform(0.2, 1))
                place.start_broker()
        heard_again(case)
        case.until_settled(size.patience)
        return case.sum()


def more_than(case: Case, sent: int) -> Callable[[], bool]:
    """Whether another text has been accepted, or none is left."""
    return lambda: len(case.accepted()) > sent or case.settled()


def heard_again(case: Case) -> None:
    """Waits until more scans have ended than were running."""
    before = case.place.run("scans", database=case.database)["ended"]
    case.until(
        lambda: case.place.run("scans", database=case.database)["ended"] > before + 2,
        "scans after the broker was lost",
    )


def database_lost(place: Place, size: Size, chance: Random) -> Sum:
    """PostgreSQL is restarted while mails are planned and handed over: in fast and in immediate mode."""
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts)
        case.instruct({"at": "answer", "do": "slow", "seconds": 0.05})
        case.beat()
        for _ in range(2):
            case.worker()
        for how in (signal.SIGINT, signal.SIGQUIT):
            sent = len(case.accepted())
            case.until(more_than(case, sent), "mail")
            time.sleep(chance.uniform(0, 0.3))
            place.restart_database(how)
        case.until_settled(size.patience)
        return case.sum()


def database_locked(place: Place, size: Size, chance: Random) -> Sum:
    """Another process locks the ledger while mails are handed over; nobody waits so long for SQLite at once."""
    return sum_after(place, size, lambda case: place.run("lock", database=case.database, seconds=LOCKED))


def disk_full(place: Place, size: Size, chance: Random) -> Sum:
    """The disk of the ledger is full for a while."""

    def fill(case: Case) -> None:
        filler = disk / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        time.sleep(LOCKED / 2)
        filler.unlink()

    log = place.folder / "worker.log"
    before = log.stat().st_size if log.exists() else 0
    with place.small_disk(megabytes=24) as disk:
        found = sum_after(place, size, fill, disk)
        if b"the database cannot be written to, trying again" not in log.read_bytes()[before:]:
            found.wrong.append("no worker met a full disk")
        return found


def sum_after(place: Place, size: Size, happens: Callable[[Case], object], folder: Path | None = None) -> Sum:
    """Something happens to the database while mails are handed over, and nobody dies of it: no mail is doubtful."""
    with place.case(folder) as case:
        case.lease = 600  # as in production; here it must outlast what happens
        case.make(states=size.states, contacts=size.contacts)
        if folder and place.kind == "postgresql":
            place.run("move_ledger", database=case.database, folder=str(folder))
        case.instruct({"at": "answer", "do": "slow", "seconds": 0.05})
        case.beat()
        for _ in range(workers_of(place, 2)):
            case.worker()
        case.until(more_than(case, len(case.accepted())), "mail")
        happens(case)
        case.until_settled(size.patience)
        deaths = case.deaths
        found = case.sum(may_be=("sent",))
        if deaths:
            found.wrong.append(f"{deaths} processes died")
        return found


def crowd(place: Place, size: Size, chance: Random) -> Sum:
    """Two beats and four workers at once."""
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts, shared=2)
        for _ in range(2):
            case.beat()
        for _ in range(4):
            case.worker()
        case.until_settled(size.patience)
        found = case.sum()
        if found.unknown:
            found.wrong.append("nothing was broken, but some are unknown")
        return found


# --- time -----------------------------------------------------------------------------------------


def beat_away(place: Place, size: Size, chance: Random, days: int) -> Sum:
    """Nothing runs for some days in which one or two stages are reached; only the newest is sent, once."""
    with place.case() as case:
        # Beat stops twenty days after the first scan. Then the stage "1 month before" is reached a day later; or the
        # due date three days later, and "1 month after".
        first = case.today + timedelta(days=1 if days < 30 else 23)
        due = first + timedelta(days=50) if days < 30 else first
        words = "1 month before" if days < 30 else "1 month after"
        case.make(states=size.states, contacts=size.contacts, due=[due])
        for after in (timedelta(), 20 * DAYS):
            until_scanned(place, case, after)
        case.planned *= 2
        until_scanned(place, case, (20 + days) * DAYS)
        found = case.sum()
        stages = Counter(row["stage"] for row in case.ledger())
        if len(stages) != 2 or stages[words] != case.planned // 2:
            found.wrong.append(f"the stages written about are {dict(stages)}")
        return found


def until_scanned(place: Place, case: Case, after: timedelta) -> None:
    """Runs a beat and workers with their clocks ahead until all due mail is sent, and one more scan."""
    clock = later(after)
    scans = place.run("scans", database=case.database)["ended"]
    case.beat(clock=clock)
    for _ in range(workers_of(place, 2)):
        case.worker(clock=clock)
    case.until(
        lambda: place.run("scans", database=case.database)["ended"] > scans + 1 and case.settled(),
        "two scans and all mails",
    )
    case.stop()


def clock_set_back(place: Place, size: Size, chance: Random) -> Sum:
    """The clock goes back an hour, between two scans and while another worker is sending.

    Also two machines whose clocks differ by an hour: the claims of one look expired to the other.
    """
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts)
        half = (size.states * size.contacts) // 2
        for at, clock in enumerate((timedelta(), -HOURS, timedelta())):
            case.instruct({"at": "answer", "do": "slow", "seconds": 0.3 if at else 0.02})
            sent = len(case.accepted())
            case.beat(clock=later(clock))
            case.worker(clock=later(clock))
            if place.kind == "postgresql":  # and one whose clock is right
                case.worker(clock=later(-HOURS - clock))
            case.until(more_than(case, sent), "a mail")
            if len(case.accepted()) < half:
                case.stop()
        case.instruct()
        case.beat()
        case.worker()
        case.until_settled(size.patience)
        return case.sum()


def clock_three_years_ahead(place: Place, size: Size, chance: Random) -> Sum:
    """One scan under a clock three years ahead: afterwards the same mails go as without it."""
    days = (30, 70, 90, 130, 170, 200)
    told = []
    for jump in (False, True):
        with place.case() as case:
            case.make(
                states=size.states, contacts=size.contacts, due=[case.today + n * DAYS for n in (-10, 20, 95)]
            )
            case.scan("")
            first = len(case.accepted())
            if jump:
                case.scan(later(1096 * DAYS))
                case.scan("")
                if len(case.accepted()) != first:
                    raise Broken("mails were sent under the wrong clock")
                place.run("confirm_clock", database=case.database)
            for day in days:
                case.scan(later(day * DAYS))
            told.append(Counter((one["recipient"], tuple(one["about"])) for one in case.accepted()))
            found = case.sum(planned=len(case.ledger()), may_be=("sent", "cancelled", "overtaken"))
    if told[0] != told[1]:
        found.wrong.append(f"{told[0]} were to be expected, and {told[1]} were sent")
    return found


def new_year(place: Place, size: Size, chance: Random) -> Sum:
    """New Year on machines in the zones of Kiritimati (UTC+14) and Los Angeles (UTC-8); the days are those of UTC."""
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts, due=[date(2027, 1, 1)])
        mails = case.planned
        seen = [
            (case.scan(clock, zone), len(case.accepted()))
            for clock, zone in (
                ("2026-12-01T12:00:00+00:00", "UTC"),
                ("2026-12-31T10:30:00+00:00", "Pacific/Kiritimati"),
                ("2026-12-31T23:59:00+00:00", "Pacific/Kiritimati"),
                ("2027-01-01T00:01:00+00:00", "America/Los_Angeles"),
                ("2027-01-01T11:00:00+00:00", "Pacific/Kiritimati"),
            )
        ]
        found = case.sum(planned=2 * mails)
        wanted = [
            ("2026-12-01", mails),
            ("2027-01-01", mails),
            ("2027-01-01", mails),
            ("2026-12-31", 2 * mails),
            ("2027-01-02", 2 * mails),
        ]
        days = Counter(row["sent_on"] for row in case.ledger())
        if seen != wanted or days != {"2026-12-01": mails, "2027-01-01": mails}:
            found.wrong.append(f"by the machines' days {seen}, by the ledger's {dict(days)}")
        return found


# --- the mail server ------------------------------------------------------------------------------

HALF = r"^desk\d*[02468]\."  # every second contact of a State, from the first on

SERVERS: dict[str, tuple[dict[str, Any], ...]] = {
    "421 at the greeting": ({"at": "greeting", "do": "answer", "words": "421 4.3.2 busy"},),
    "450 to recipients": ({"at": "rcpt", "do": "answer", "words": "450 4.2.1 busy"},),
    "452 to texts": ({"at": "answer", "do": "answer", "words": "452 4.3.1 full"},),
    "421 to texts": ({"at": "answer", "do": "answer", "words": "421 4.3.2 shutting down"},),
    "550 to half of the recipients": (
        {"at": "rcpt", "do": "answer", "words": "550 5.1.1 unknown", "to": HALF},
    ),
    "450 to half of the recipients": ({"at": "rcpt", "do": "answer", "words": "450 4.2.1 busy", "to": HALF},),
    "554 to texts": ({"at": "answer", "do": "answer", "words": "554 5.6.0 no", "times": 5},),
    "hanging at the greeting": ({"at": "greeting", "do": "hang", "times": 3},),
    "hanging before the text": ({"at": "rcpt", "do": "hang", "times": 3},),
    "hanging after the text": (
        {"at": "answer", "do": "hang", "times": 2},
        {"at": "answer", "do": "keep and hang", "times": 2},
    ),
    "closing at the greeting": ({"at": "greeting", "do": "close", "times": 5},),
    "closing before the text": ({"at": "mail", "do": "close", "times": 5},),
    "closing during the text": ({"at": "text", "do": "close", "times": 5},),
    "closing after the text": (
        {"at": "answer", "do": "close", "times": 3},
        {"at": "answer", "do": "keep and close", "times": 3},
    ),
    "in every trouble": (
        {"at": "greeting", "do": "answer", "words": "421 4.3.2 busy", "times": 1},
        {"at": "greeting", "do": "close", "times": 1},
        {"at": "mail", "do": "close", "times": 1},
        {"at": "rcpt", "do": "answer", "words": "450 4.2.1 busy", "times": 1},
        {"at": "rcpt", "do": "answer", "words": "550 5.1.1 unknown", "times": 1},
        {"at": "rcpt", "do": "hang", "times": 1},
        {"at": "text", "do": "close", "times": 1},
        {"at": "answer", "do": "answer", "words": "452 4.3.1 full", "times": 1},
        {"at": "answer", "do": "answer", "words": "554 5.6.0 no", "times": 1},
        {"at": "answer", "do": "keep and close", "times": 1},
        {"at": "answer", "do": "keep and hang", "times": 1},
    ),
}
# The number of mails by final state, if not all are sent.
ENDS: dict[str, Callable[[int], dict[str, int]]] = {
    "550 to half of the recipients": lambda mails: {"dead": mails // 2},
    "554 to texts": lambda mails: {"dead": 5},
    "hanging after the text": lambda mails: {"unknown": 4},
    "closing during the text": lambda mails: {"unknown": 5},
    "closing after the text": lambda mails: {"unknown": 6},
    "in every trouble": lambda mails: {"unknown": 3, "dead": 2},
}


def mail_server(place: Place, size: Size, chance: Random, trouble: str) -> Sum:
    """The mail server misbehaves, and works again some hours later."""
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts)
        if trouble == "refusing":
            place.sink.ask(listen=False)
        else:
            case.instruct(*(dict(one) for one in SERVERS[trouble]))
        try:
            case.beat()
            for _ in range(workers_of(place, 2)):
                case.worker()
            case.until(
                lambda: all_tried(case) or failed(place, case), "an attempt at every mail", size.patience
            )
        finally:
            if trouble == "refusing":
                place.sink.ask(listen=True)
        case.stop()
        after = 5 * HOURS  # longer than a server that failed is left alone
        # A run ends at each failure of the server, so several runs meet all of them.
        limit = sum(one.get("times", 0) for one in SERVERS.get(trouble, ()))
        while place.sink.ask()["obeyed"] < limit and after < 30 * 5 * HOURS:
            case.scan(later(after))
            after += 5 * HOURS
        case.instruct()
        until_scanned(place, case, after)
        found = case.sum(may_be=("sent", "unknown", "dead"))
        ends = ENDS.get(trouble, lambda mails: {})(case.planned)
        wanted = {"unknown": 0, "dead": 0} | ends
        if (found.unknown, found.dead) != (wanted["unknown"], wanted["dead"]):
            found.wrong.append(f"{wanted} were to be expected")
        return found


def failed(place: Place, case: Case) -> bool:
    """Whether the mail server has ended a run."""
    return bool(place.run("server_fails", database=case.database))


def all_tried(case: Case) -> bool:
    now = case.counts()
    return now.total() == case.planned and not now["planned"] and not now["claimed"]


def poison(place: Place, size: Size, chance: Random) -> Sum:
    """A report whose mail cannot be written, and an invalid address: staff are told about both.

    All others are sent by the first scan.
    """
    with place.case() as case:
        case.make(states=size.states, contacts=size.contacts)
        spoilt = chance.randrange(1, size.states)
        place.run("spoil", database=case.database, state=spoilt, address="a\nb@example.org")
        case.beat()
        for _ in range(workers_of(place, 2)):
            case.worker()
        case.until(lambda: all_tried(case), "an attempt at every mail", size.patience)
        case.stop()
        good = case.counts()["sent"]
        wanted = case.planned - size.contacts - 1
        tries = 0
        while any(case.counts()[state] for state in ("planned", "failed")) and tries < 10:
            tries += 1
            case.scan(later(tries * A_WEEK / 3))
        found = case.sum(may_be=("sent", "dead"))
        if good != wanted:
            found.wrong.append(f"{wanted} good mails should have gone at once, and {good} did")
        dead = [row for row in case.ledger() if row["state"] == "dead"]
        if len(dead) != size.contacts + 1 or not all(row["why"] for row in dead):
            found.wrong.append(f"staff are told of {[row['why'] for row in dead]}")
        return found


# --- papers ---------------------------------------------------------------------------------------


def papers_drafted(place: Place, size: Size, chance: Random) -> Sum:
    """Two processes draft one run of papers and are killed at random moments: no number is missing or given twice."""
    with place.case() as case:
        states = 2 * size.states * size.contacts
        run = place.run("make_missions", database=case.database, states=states)
        deaths = 0
        for _ in range(100):
            work = [
                place.start("carry_on", "carry_on.log", database=case.database, run=run)
                for _ in range(workers_of(place, 2))
            ]
            if deaths < 3 * size.kills:
                time.sleep(chance.uniform(0.05, 0.3))
                for process in work:
                    case.kill(process)
                deaths += len(work)
            for process in work:
                wait_until(lambda one=process: place.code(one) is not None, "the end of a process")
            found = place.run("register", database=case.database)
            if found["finished"]:
                break
        numbers = [one["number"] for one in found["papers"]]
        total = Sum(states, note=f"{len(numbers)} papers, {deaths} kills")
        if not found["finished"]:
            total.wrong.append("the run is not finished")
        if numbers != list(range(1, states + 1)) or found["last"] != states:
            total.wrong.append(f"the numbers are {numbers}, and the last one drawn is {found['last']}")
        for name in ("reference", "contact"):
            if len({one[name] for one in found["papers"]}) != states:
                total.wrong.append(f"not each paper has a {name} of its own")
        return total


def notes_sent(place: Place, size: Size, chance: Random) -> Sum:
    """The processes that send dispatched notes kill themselves at each of the four points."""
    with place.case() as case:
        states = 2 * size.states
        run = place.run("make_missions", database=case.database, states=states)
        case.planned = place.run("dispatch_notes", database=case.database, run=run)
        note = place.folder / f"kills-{case.database.rpartition('/')[2]}"
        points = list(POINTS) * size.kills
        chance.shuffle(points)
        for point in [*points, ""]:
            kill = {"kill": {"point": point, "nth": 1, "note": str(note)}} if point else {}
            work = [
                place.start("send_notes", "send_notes.log", database=case.database, **options)
                for options in [kill, {}][: workers_of(place, 2) if not point else 1]
            ]
            for process in work:
                wait_until(lambda one=process: place.code(one) is not None, "the end of a sender")
        found = judge(place.run("notes", database=case.database), case.accepted(), planned=case.planned)
        found.note = f"{len(killed(note))} kills"
        if Counter(killed(note)) != Counter(points):
            found.wrong.append(f"killed at {Counter(killed(note))}")
        # Each death between the server's answer and the commit leaves an unknown mail, and no other does.
        if found.unknown != 2 * size.kills:
            found.wrong.append(f"{2 * size.kills} mails were doubtful, and {found.unknown} are shown to be")
        return found


Run = Callable[[Place, Size, Random], Sum]


def _away(days: int) -> Run:
    return lambda place, size, chance: beat_away(place, size, chance, days)


def _server(trouble: str) -> Run:
    return lambda place, size, chance: mail_server(place, size, chance, trouble)


CASES: dict[str, Run] = {
    "workers killed at each point": killed_at_each_point,
    "workers killed from outside": killed_from_outside,
    "broker emptied and restarted": broker_lost,
    "database restarted": database_lost,
    "database locked for 40 s": database_locked,
    "disk full": disk_full,
    "two beats and four workers": crowd,
    "beat absent for 3 days": _away(3),
    "beat absent for 40 days": _away(40),
    "clock one hour back": clock_set_back,
    "clock three years ahead": clock_three_years_ahead,
    "New Year in Kiritimati and Los Angeles": new_year,
    "poison rows": poison,
    "papers drafted by killed processes": papers_drafted,
    "papers sent by killed processes": notes_sent,
    **{f"mail server {trouble}": _server(trouble) for trouble in ("refusing", *SERVERS)},
}
# The embedded default has no database server, and one worker.
NOT_ON_SQLITE = ("database restarted", "two beats and four workers")
