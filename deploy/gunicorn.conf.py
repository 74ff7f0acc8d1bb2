"""gunicorn in production: `gunicorn --config deploy/gunicorn.conf.py tracker.wsgi`, as deploy/systemd starts it.

A socket that systemd passes on wins over WEB_BIND. gunicorn itself reads FORWARDED_ALLOW_IPS. Each thread holds a
connection to the database: PostgreSQL's `max_connections` must hold workers times threads of all hosts, and the
processes of Celery.
"""

import gc
import os

from django.core.exceptions import ImproperlyConfigured

from tracker import environment
from tracker.environment import setting
from tracker.logs import configuration

worker_class = "gthread"
try:
    bind = setting(
        "WEB_BIND",
        environment.text,
        "127.0.0.1:8000",
        meaning="Where gunicorn listens: address and port, or a Unix socket.",
        example="unix:/run/tracker/web.sock",
    )
    workers = setting(
        "WEB_WORKERS",
        environment.number(),
        str(len(os.sched_getaffinity(0)) + 1),
        shown="cores + 1",
        meaning="Processes of gunicorn.",
        example="3",
    )
    threads = setting(
        "WEB_THREADS", environment.number(), "4", meaning="Threads of each gunicorn process.", example="8"
    )
    log_format = environment.read("LOG_FORMAT", environment.choice("line", "json"), "line")
except ImproperlyConfigured as error:
    raise SystemExit(str(error)) from None
if log_format == "json":
    logconfig_dict = configuration(log_format)

# Seconds after which a silent worker is killed; the longest export takes far less.
timeout = 60
# Seconds for running requests after a stop. TimeoutStopSec of the unit is longer.
graceful_timeout = 30
# nginx opens a connection for each request. On a kept one it could send a form just when it is closed here, and nobody
# would know whether the form was read.
keepalive = 0

# The code is loaded once, before the workers are forked: they start at once and share its memory. Loading opens no
# connection to the database. New code needs a restart, not SIGHUP; with the socket of systemd no request is lost.
preload_app = True

# No max_requests: the memory of a worker stays flat, and each restart costs time.
# The tracker itself logs requests, not gunicorn.
accesslog = None
control_socket_disable = True


def on_starting(server: object) -> None:
    """Loads what the first request needs before the workers are forked, so that they share it."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    gc.freeze()
