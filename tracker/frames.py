"""Room for the frames of deeply nested calls, taken at once.

CPython keeps the frames of a thread in pieces of 16 kB. It asks the system for a piece when a call needs one more,
and gives it back when that call ends. In a loop at the edge of a piece it does so at each turn, which takes longer than
most calls; the calls behind a page are so deep that this happens thousands of times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# The piece for a call is as large as its frame, rounded up to a power of two. 70,000 words of eight bytes need more
# than half a megabyte, so the piece has one, and the rest is for the calls inside. The unused costs no memory.
WORDS = 70_000


def with_room(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """The same function; the calls inside find room for their frames."""

    def inner(*args: Parameters.args, **named: Parameters.kwargs) -> Result:
        return function(*args, **named)

    inner.__code__ = inner.__code__.replace(co_stacksize=WORDS)
    return inner
