"""How deep the tests go: `make test` proves each promise once, `make test-more` all examples and looks.

`make test-more` runs the tests marked `more`, which `make test` leaves out, and again, with more examples, those
marked `hypothesis` (generated examples) and `looks` (pages in a browser). The generated examples are the same in every
run, so that a failure is that of the change at hand; `TRACKER_TESTS=new make test-more` generates new ones.
"""

import os
from collections.abc import Iterable
from typing import Any

import pytest

NEW = os.environ.get("TRACKER_TESTS") == "new"
MORE = NEW or os.environ.get("TRACKER_TESTS") == "more"


def examples(number: int) -> int:
    """How many examples to generate: an eighth of a number in `make test`, all of them in `make test-more`."""
    return number if MORE else -(-number // 8)


def first(number: int, values: Iterable[Any]) -> list[pytest.ParameterSet]:
    """Parameters of a test, of which `make test` takes the first ones only; a tuple holds several arguments."""
    found = [pytest.ParameterSet.extract_from(one, force_tuple=not isinstance(one, tuple)) for one in values]
    return [
        one if at < number else pytest.param(*one.values, marks=[*one.marks, pytest.mark.more], id=one.id)
        for at, one in enumerate(found)
    ]
