"""Messages after an action, each shown once."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.fallback import FallbackStorage


class OnceStorage(FallbackStorage):
    """Leaves out repetitions: several rows or steps of an action may add the same sentence."""

    def __iter__(self) -> Iterator[Message]:
        shown: list[Message] = []
        for message in super().__iter__():
            if message not in shown:
                shown.append(message)
        return iter(shown)
