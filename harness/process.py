"""Processes that are given orders in lines of JSON on standard input and answer each with one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from tracker import embedded


class Failed(Exception):
    """A process ended badly; the text is the end of its log."""


class Talk:
    """A module of ours, run as such a process.

    Attributes:
        first: what it said when it was ready.
    """

    def __init__(self, module: str, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=embedded.ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
                preexec_fn=embedded.tied_to_this_process(signal.SIGKILL),  # noqa: PLW1509 - one thread
                text=True,
            )
        self.log = log
        self.first = self.answer()

    def answer(self) -> dict[str, Any]:
        """The next line that it says.

        Raises:
            Failed: it has ended.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{self.log.name}: {self.log.read_text(errors='replace')[-2000:]}")
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, **order: Any) -> dict[str, Any]:
        """Gives an order; returns the answer."""
        assert self.process.stdin is not None
        print(json.dumps(order), file=self.process.stdin, flush=True)
        return self.answer()

    def close(self) -> None:
        """Kills it."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(BrokenPipeError):
                pipe.close()
