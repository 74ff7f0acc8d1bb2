"""Two people who save records of one State at the same moment wait for each other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from tests.factories import day
from tracker.obligations import actions
from tracker.obligations.models import InformationRequest, Obligation, Submission

pytestmark = pytest.mark.django_db(transaction=True)

ON = date(2026, 11, 22)
TOGETHER = 4


def saved_at_once(facts: list) -> list[str]:
    """Saves each fact in a thread of its own, all started together; returns the results."""
    barrier = Barrier(len(facts))

    def save(fact) -> str:
        try:
            barrier.wait(10)
            actions.save_fact(fact, on=ON)
        except ValidationError as error:
            return " ".join(error.messages)
        finally:
            connections.close_all()
        return "saved"

    with ThreadPoolExecutor(len(facts)) as pool:
        return sorted(pool.map(save, facts))


def test_requests_entered_at_once_get_a_number_each(usa):
    asked = [
        InformationRequest(
            state=usa, document=f"Q/{n}", issued_on=day("2012-07-10"), due_on=day("2012-11-15")
        )
        for n in range(TOGETHER)
    ]
    assert saved_at_once(asked) == ["saved"] * TOGETHER
    numbers = InformationRequest.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4]
    owed = Obligation.objects.filter(kind="information", expected=True).order_by("cycle")
    assert list(owed.values_list("cycle", flat=True)) == [1, 2, 3, 4]


def test_a_report_entered_twice_at_once_is_refused_in_words(usa):
    same = [
        Submission(state=usa, kind="initial", received_on=day("2007-05-10"), first_cycle=1, last_cycle=1)
        for _ in range(TOGETHER)
    ]
    told = saved_at_once(same)
    assert told.count("saved") == 1
    assert {words for words in told if words != "saved"} == {
        "A report for these cycles is recorded already; correct it, or enter this one as its revision."
    }
    assert Submission.objects.count() == 1
