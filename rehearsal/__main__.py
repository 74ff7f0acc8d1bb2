"""`make rehearsal`: prints one line for each check; exits with 1 if one failed.

Arguments select parts: one, hosts, mail.
"""

from __future__ import annotations

import signal
import sys
import time

from rehearsal import checks, hosts, mail
from rehearsal.programs import Missing
from rehearsal.report import Report

PARTS = {"one": checks.run, "hosts": hosts.run, "mail": mail.run}


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends everything as Ctrl-C does
    began, report = time.monotonic(), Report()
    for name, part in PARTS.items():
        if name in sys.argv[1:] or not sys.argv[1:]:
            print(f"--- {name}", flush=True)
            started = time.monotonic()
            try:
                part(report)
            except Missing as error:
                print(error, file=sys.stderr, flush=True)
                return 2
            print(f"    {time.monotonic() - started:.0f} s", flush=True)
    print(f"{time.monotonic() - began:.0f} s in all", flush=True)
    for what in report.wrong:
        print(f"BAD: {what}", file=sys.stderr, flush=True)
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
