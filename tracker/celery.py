"""The Celery application: `celery --app tracker worker` and `celery --app tracker beat`.

Configuration is read from the CELERY_ names in settings.py; the schedule stands at its bottom.
"""

import logging
import os
from logging.config import dictConfig
from typing import Any

from celery import Celery, signals

from tracker import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
REQUEST = "tracker_request_id"  # the header of a message that says which request gave the task

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["tracker.obligations", "tracker.reminders", "tracker.web"])


@signals.setup_logging.connect
def set_up_logging(loglevel: int | str = "INFO", **kwargs: Any) -> None:
    """Worker and beat write the same lines as the web server; `--loglevel` is that of Celery's own.

    With a receiver of this signal Celery adds no handlers, and redirects no output.
    """
    from django.conf import settings  # not before the configuration has been read

    dictConfig(settings.LOGGING)
    logging.getLogger("celery").setLevel(loglevel)


@signals.before_task_publish.connect
def send_request_along(headers: dict[str, Any], **kwargs: Any) -> None:
    """A task knows the request, or the task, that it was given by."""
    if number := logs.asked().request_id:
        headers[REQUEST] = number


@signals.task_prerun.connect
def task_begins(task_id: str, task: Any, **kwargs: Any) -> None:
    """From here on the lines of this thread are about a task."""
    number = getattr(task.request, REQUEST, None) or ""
    logs.begin(logs.Asked(request_id=number, task_id=task_id, task=task.name))


@signals.task_postrun.connect
def task_ends(**kwargs: Any) -> None:
    """And from here on no longer."""
    logs.begin(None)
