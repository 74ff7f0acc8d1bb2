"""A process that imports the product once and forks workers and beats.

Otherwise a worker that is killed eighty times would spend most of its time on imports. Each fork opens its own
connections to database, broker and mail server. Orders are lines of JSON (see `harness.process`):
`{"start": job, "options": {…}, "log": file}` is answered with the process id, `{"ended": true}` with the processes that
have ended since the last time, and their exit codes.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from faults import jobs
from tracker.embedded import tied_to_this_process


def main() -> None:
    jobs.read_the_product()
    gc.freeze()  # memory pages stay shared
    print(json.dumps({"ready": os.getpid()}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "start" in order:
            print(json.dumps({"process": start(order)}), flush=True)
        else:
            print(json.dumps({"ended": ended()}), flush=True)


def start(order: dict[str, Any]) -> int:
    """Forks a process that does one job."""
    tie = tied_to_this_process(signal.SIGKILL)
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        tie()
        os.setsid()
        nothing, log = (
            os.open(os.devnull, os.O_RDONLY),
            os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT),
        )
        for descriptor, number in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(descriptor, number)
        result = getattr(jobs, order["start"])(**order["options"])
        if "result" in order:
            place = Path(order["result"])
            place.with_suffix(".part").write_text(json.dumps(result))
            place.with_suffix(".part").replace(place)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - in no case may it continue as a second nursery
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def ended() -> dict[int, int]:
    """Exit codes by process id; negative is the signal that ended it."""
    found: dict[int, int] = {}
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if not process:
            return found
        found[process] = os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
