"""The addresses of checklists, sessions, the queue and the figures of the year."""

from typing import Any

urlpatterns: list[Any] = []
