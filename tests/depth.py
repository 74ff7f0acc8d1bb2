"""How deep the tests go: `make test` proves each promise once, `make test-more` all examples and looks.

`make test-more` runs the tests marked `more`, which `make test` leaves out, and again, with more examples, those
marked `hypothesis` (generated examples) and `looks` (pages in a browser). The generated examples are the same in every
run, so that a failure is that of the change at hand; `TRACKER_TESTS=new make test-more` generates new ones.
"""

import os

NEW = os.environ.get("TRACKER_TESTS") == "new"
MORE = NEW or os.environ.get("TRACKER_TESTS") == "more"


def examples(number: int) -> int:
    """How many examples to generate: a quarter of a number in `make test`, all of them in `make test-more`."""
    return number if MORE else -(-number // 4)
