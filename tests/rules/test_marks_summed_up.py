"""One mark for the items of an article."""

import pytest

from tracker.rules.coverage import ItemMark, summed_up

C, P, A, N = ItemMark.COVERED, ItemMark.PARTLY, ItemMark.ABSENT, ItemMark.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], None),
        ([C, C], C),
        ([A, A], A),
        ([P], P),
        ([C, A], P),
        ([C, P], P),
        ([P, A], P),
        ([N], N),
        ([N, C], C),
        ([A, N, A], A),
        (["covered", "absent"], P),
        # Of an item without a mark nobody knows whether it is covered.
        ([""], None),
        ([C, ""], None),
        ([N, ""], None),
        ([A, ""], P),
        ([P, C, ""], P),
    ],
)
def test_items_that_differ_are_partly_covered_and_those_that_do_not_apply_do_not_count(
    marks: list[str], expected: ItemMark | None
) -> None:
    assert summed_up(marks) == expected
