"""The WSGI entry point: `gunicorn tracker.wsgi`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from tracker.frames import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")

try:
    application = with_room(get_wsgi_application())
except ImproperlyConfigured as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(3)  # by which gunicorn knows that no worker will start
