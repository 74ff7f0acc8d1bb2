#!/usr/bin/env python
"""Django's command line for the Article 12 tracker."""

import gc
import os
import sys


def main() -> None:
    # What a command builds lasts until it ends; looking through it for garbage takes a sixth of migrating.
    gc.set_threshold(50_000, 20, 100)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(f"{error}. Run `make setup` first, then use .venv/bin/python.")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads the settings, so that a bad one is told in one line
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    except Exception as error:
        from tracker.outages import explain

        if line := explain(error):
            sys.exit(f"manage.py: {line}")
        raise


if __name__ == "__main__":
    main()
