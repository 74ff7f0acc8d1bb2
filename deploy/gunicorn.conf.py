"""gunicorn in production: `gunicorn --config deploy/gunicorn.conf.py tracker.wsgi`, as deploy/systemd starts it.

From the environment: WEB_BIND (an address with a port, or `unix:/run/tracker/web.sock`; a socket that systemd hands
over goes before it), WEB_WORKERS and WEB_THREADS. gunicorn itself reads FORWARDED_ALLOW_IPS. Each thread keeps a line
to the database open: PostgreSQL's `max_connections` has to hold workers times threads of all hosts, and the workers
of Celery beside them.
"""

import gc
import os

from django.core.exceptions import ImproperlyConfigured

from tracker import environment
from tracker.logs import configuration

bind = os.environ.get("WEB_BIND") or "127.0.0.1:8000"
worker_class = "gthread"
try:
    workers = environment.number("WEB_WORKERS", len(os.sched_getaffinity(0)) + 1)
    threads = environment.number("WEB_THREADS", 4)
    # Its own lines have the form of all others.
    form = environment.choice("LOG_FORMAT", ("line", "json"))
except ImproperlyConfigured as error:
    raise SystemExit(str(error)) from None
if form == "json":
    logconfig_dict = configuration(form)

# A worker that says nothing for so long is killed; the longest export stays far below.
timeout = 60
# Told to stop, it answers what it has begun. TimeoutStopSec of the unit is longer.
graceful_timeout = 30
# nginx asks by a connection of its own each time: on one that is kept it could send a form at the very moment at
# which it is closed here, and nobody could tell whether the form was read.
keepalive = 0

# The product is read once, before the workers are forked: they start at once and share what was read. Nothing that is
# read then speaks to the database. New code therefore needs a restart, not SIGHUP; with the socket of systemd no
# request is lost by it.
preload_app = True

# No max_requests: the memory of a worker stays flat, and an end that nobody asked for costs a start.
# Lines of requests are written by the tracker itself, not here.
accesslog = None
control_socket_disable = True


def on_starting(server: object) -> None:
    """What the first request would read is read before the workers are forked, and stays shared."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns
    gc.freeze()
