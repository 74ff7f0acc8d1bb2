"""Compares a participation list of the depositary with what is recorded: reads and compares, writes nothing.

A list is read as the UN Treaty Collection prints it: participant, day of signature, day and kind of joining
("12 Dec 2002", "19 Sep 2002 a"). It may be pasted with its tabs, with columns that have collapsed into
spaces, or come as CSV. No line is dropped silently: it is understood, asked about, reported as a problem with
its number, or shown as a heading or other furniture of the page.

`text` decodes a list, `lines` reads it line by line, `participants` says what it says of each State, and
`comparison` compares that with the records.
"""

from tracker.registry.depositary.comparison import ListComparison, Proposal, compare
from tracker.registry.depositary.lines import SIGNED
from tracker.registry.depositary.participants import (
    LEFT_OUT,
    MOST_ASKED,
    Listed,
    ReadList,
    UnclearName,
    read_list,
)
from tracker.registry.depositary.text import LARGEST_FILE, BadList, check_size, checked, decoded
