"""The Celery application: `celery --app tracker worker` and `celery --app tracker beat`.

Configuration is read from the CELERY_ names in settings.py; the schedule stands at its bottom.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

app = Celery("tracker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["tracker.obligations", "tracker.reminders", "tracker.web"])
