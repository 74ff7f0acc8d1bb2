"""Sentences that name a value as somebody wrote it."""

from __future__ import annotations

import pytest

from tracker.obligations.wording import numbered, one_full_stop


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("“Note” changed from nothing to “Sent by post.”.", "“Note” changed from nothing to “Sent by post.”"),
        ("Source: U.N..", "Source: U.N."),
        ("Title: “Why?”.", "Title: “Why?”"),
        ("550 no such user.. Check the address.", "550 no such user. Check the address."),
        ("Paragraph: 3.5.", "Paragraph: 3.5."),
        ("It goes on ....", "It goes on ...."),
    ],
)
def test_a_sentence_ends_with_one_full_stop(text: str, said: str) -> None:
    assert one_full_stop(text) == said


def test_a_translation_may_say_the_number_of_a_report_instead_of_its_ordinal() -> None:
    values = numbered(5, 12)
    ours, theirs = (
        "%(first)s to %(last)s reports",
        "rapports nº %(first_number)d à %(last_number)d (%(number)d)",
    )
    assert (ours % values, theirs % values) == ("fifth to 12th reports", "rapports nº 5 à 12 (5)")
