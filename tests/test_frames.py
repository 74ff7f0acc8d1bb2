"""The room for frames of nested calls."""

import resource
import threading
from collections.abc import Callable

from tracker.frames import with_room


def pages_asked_for(start: Callable[[Callable[[], None]], None]) -> int:
    """How often the system is asked for memory while functions call another one again and again, at many depths."""
    asked: list[int] = []

    def nothing() -> None:
        pass

    def descend(depth: int) -> None:
        for _ in range(50):
            nothing()
        if depth:
            descend(depth - 1)

    def count() -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        start(lambda: descend(400))
        asked.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

    thread = threading.Thread(target=count)  # the frames of this one have pieces already
    thread.start()
    thread.join()
    return asked[0]


def test_calls_inside_find_room_for_their_frames() -> None:
    assert pages_asked_for(lambda run: run()) > 100
    assert pages_asked_for(with_room(lambda run: run())) < 50


def test_the_function_stays_the_same() -> None:
    def joined(one: str, *, other: str = "b") -> str:
        return one + other

    assert with_room(joined)("a") == "ab"
    assert with_room(joined)("a", other="c") == "ac"
