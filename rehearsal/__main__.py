"""`make rehearsal`: prints one line for each check; exits with 1 if one failed.

Arguments select parts: one, hosts, mail.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time

from rehearsal import checks, hosts, mail, programs
from rehearsal.programs import Missing
from rehearsal.report import Report

PARTS = {"one": checks.run, "hosts": hosts.run, "mail": mail.run}


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends everything as Ctrl-C does
    began = time.monotonic()
    names = [name for name in PARTS if name in sys.argv[1:] or not sys.argv[1:]]
    try:
        programs.found()  # for all parts
    except Missing as error:
        print(error, file=sys.stderr, flush=True)
        return 2
    # Beside one host, as both wait for most of their time; nothing disturbs the people at work on several.
    beside = ["mail"] if {"one", "mail"} <= set(names) else []
    children = [
        multiprocessing.get_context("fork").Process(target=_exit_with, args=(name,)) for name in beside
    ]
    wrong = 0
    try:
        for child in children:
            child.start()
        for name in names:
            if name == "hosts":
                wrong |= _ended(children)
            if name not in beside:
                wrong |= run(name)
        wrong |= _ended(children)
    finally:
        for child in children:
            child.terminate()
    print(f"{time.monotonic() - began:.0f} s in all", flush=True)
    return wrong


def run(name: str) -> int:
    """Runs a part; returns 1 if a check failed."""
    report, began = Report(name), time.monotonic()
    print(f"--- {name}", flush=True)
    PARTS[name](report)
    print(f"    {name}: {time.monotonic() - began:.0f} s", flush=True)
    for what in report.wrong:
        print(f"BAD: {name}: {what}", file=sys.stderr, flush=True)
    return 1 if report.wrong else 0


def _exit_with(name: str) -> None:
    sys.exit(run(name))


def _ended(children: list[multiprocessing.context.ForkProcess]) -> int:
    """Waits for the parts that run beside; returns 1 if one failed."""
    for child in children:
        child.join()
    return int(any(child.exitcode for child in children))


if __name__ == "__main__":
    sys.exit(main())
