"""The Celery application: `celery --app tracker worker` and `celery --app tracker beat`.

Its configuration is in the CELERY_ names of settings.py, the schedule at the end.
"""

import logging
import os
import sys
from logging.config import dictConfig
from typing import Any

from celery import Celery, signals
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from tracker import logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
REQUEST = "tracker_request_id"  # message header with the id of the request that started the task

try:
    settings.INSTALLED_APPS  # noqa: B018 - reads the settings, so that a bad one is told in one line
except ImproperlyConfigured as error:
    sys.exit(f"celery: {error}")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["tracker.obligations", "tracker.reminders", "tracker.correspondence", "tracker.web"])


@signals.setup_logging.connect
def set_up_logging(loglevel: int | str = "INFO", **kwargs: Any) -> None:
    """Gives worker and beat the log lines of the web server; `--loglevel` is for Celery's own lines.

    With a receiver of this signal Celery adds no handlers and redirects no output.
    """
    dictConfig(settings.LOGGING)
    logging.getLogger("celery").setLevel(loglevel)


@signals.before_task_publish.connect
def send_request_along(headers: dict[str, Any], **kwargs: Any) -> None:
    """Sends the id of the current request along with a task."""
    if number := logs.current().request_id:
        headers[REQUEST] = number


@signals.task_prerun.connect
def task_begins(task_id: str, task: Any, **kwargs: Any) -> None:
    """Adds the task to the log lines of this thread."""
    number = getattr(task.request, REQUEST, None) or ""
    logs.begin(logs.LogContext(request_id=number, task_id=task_id, task=task.name))


@signals.task_postrun.connect
def task_ends(**kwargs: Any) -> None:
    """Removes the task from the log lines of this thread."""
    logs.begin(None)
