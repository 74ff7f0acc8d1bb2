"""Gives work to a worker once a transaction is committed. Without a broker the hourly scan does it."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction
from kombu.exceptions import OperationalError

from tracker.broker import broker_answers
from tracker.celery import app

log = logging.getLogger(__name__)


def soon(task: str, *about: int) -> None:
    """Asks for a task of `tasks.py`, by its name, when the present transaction has been committed."""
    transaction.on_commit(partial(_ask, task, about), robust=True)


def _ask(task: str, about: tuple[int, ...]) -> None:
    try:
        if broker_answers():
            app.send_task(f"tracker.correspondence.tasks.{task}", about, retry=False)
            return
    except OperationalError:
        pass
    log.warning("no broker answers; the next scan will %s", task)
