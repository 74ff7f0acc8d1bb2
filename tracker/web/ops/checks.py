"""What `manage.py check --deploy` says of this installation, beside Django's own checks."""

from __future__ import annotations

from typing import Any

from django.core import checks

from tracker import proxies


@checks.register(checks.Tags.security, deploy=True)
def check_proxies(app_configs: Any, **more: Any) -> list[checks.CheckMessage]:
    """Warns of a proxy that PROXIES does not count."""
    line = proxies.sentence()
    return [checks.Warning(line, id="tracker.W001")] if line else []
