"""Compares the ledger with what the mail server accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# The states in which the server may have the mail.
GONE, DOUBTFUL = "sent", "unknown"


class Broken(Exception):
    """A case failed; the text says why."""


class LeftOut(Exception):
    """This machine does not allow what a case needs; the text says what."""


@dataclass
class Sum:
    """The result of a case, in numbers of reminders.

    Attributes:
        lost: neither sent nor shown to staff, although they were due.
        doubled: accepted by the mail server more than once.
        wrong: the errors as sentences; empty if all is well.
    """

    planned: int = 0
    sent: int = 0
    unknown: int = 0
    dead: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)
    note: str = ""

    def __str__(self) -> str:
        figures = ("planned", "sent", "unknown", "dead", "lost", "doubled")
        return ", ".join(f"{name} {getattr(self, name)}" for name in figures)


def judge(
    ledger: Sequence[Mapping[str, Any]],
    accepted: Sequence[Mapping[str, Any]],
    *,
    planned: int,
    may_be: Collection[str] = (GONE, DOUBTFUL),
) -> Sum:
    """Compares the two.

    Args:
        ledger: its rows: `state, recipient, about` (the State's name), `id` (the Message-ID), `why`.
        accepted: the texts that the server accepted: `id, recipient, about` (the States in it).
        planned: the expected number of reminders.
        may_be: the states in which a reminder of this case may end.
    """
    states = Counter(row["state"] for row in ledger)
    found = Sum(len(ledger), states["sent"], states["unknown"], states["dead"])
    left = [row for row in ledger if row["state"] not in may_be]
    found.wrong += [f"{_row(row)} is {row['state']} at the end ({row['why']})" for row in left]
    if found.planned != planned:
        found.wrong.append(f"{planned} reminders should have been planned, and {found.planned} were")

    texts = Counter((text["id"], text["recipient"]) for text in accepted)
    twice = {key: number for key, number in texts.items() if number > 1}
    found.wrong += [f"the server accepted {key} {number} times" for key, number in twice.items()]
    # The same reminder in mails of different Message-IDs would be no better.
    told = Counter((text["recipient"], name) for text in accepted for name in text["about"])
    gone = Counter((row["recipient"], row["about"]) for row in ledger if row["state"] == GONE)
    doubtful = Counter((row["recipient"], row["about"]) for row in ledger if row["state"] == DOUBTFUL)
    too_often = {key: told[key] - gone[key] - doubtful[key] for key in told}
    too_often = {key: extra for key, extra in too_often.items() if extra > 0}
    found.wrong += [
        f"{key[0]} was told {extra} times too often about {key[1]}" for key, extra in too_often.items()
    ]
    found.doubled = max(sum(number - 1 for number in twice.values()), sum(too_often.values()))

    too_seldom = {key: gone[key] - told[key] for key in gone if told[key] < gone[key]}
    found.wrong += [f"the ledger says that {key[0]} was told about {key[1]}" for key in too_seldom]
    waiting = [row for row in left if row["state"] != "dead"]
    found.lost = len(waiting) + sum(too_seldom.values()) + max(0, planned - found.planned)

    of_sent = {(row["id"], row["recipient"]) for row in ledger if row["state"] == GONE}
    of_doubtful = {(row["id"], row["recipient"]) for row in ledger if row["state"] == DOUBTFUL}
    found.wrong += [
        f"the server does not have {key}, which is sent" for key in sorted(of_sent - texts.keys())
    ]
    strange = texts.keys() - of_sent - of_doubtful
    found.wrong += [f"the server has {key}, of which the ledger does not say so" for key in sorted(strange)]
    return found


def _row(row: Mapping[str, Any]) -> str:
    return f"the reminder to {row['recipient']} about {row['about']}"
