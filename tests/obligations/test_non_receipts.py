"""A confirmation of non-receipt, with its source, makes a report without record overdue."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from tests.factories import a_state, day, derive, joins, receives, the_obligation, withdraw_fact
from tests.obligations.readings import by_rules, by_sql
from tracker.obligations.actions import save_fact
from tracker.obligations.models import NonReceipt, Obligation
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

TODAY = day("2026-11-22")


@pytest.fixture
def benin() -> State:
    """Its initial report fell due on 28 February 2007; the office's records begin on 4 December 2025."""
    state = a_state("BEN", records_from="2025-12-04")
    joins(state, on="2005-01-31")
    derive("2026-11-22", state)
    return state


def a_confirmation(state: State, by: str = "2026-06-30", **fields: object) -> NonReceipt:
    return NonReceipt(
        state=state, **{"not_received_by": day(by), "source": "List of the secretariat"} | fields
    )


def status(on: str) -> str:
    """The initial report's, the same by the rules and in SQL."""
    row = Obligation.objects.as_of(day(on)).get(kind="initial")
    assert by_rules(day(on)) == by_sql(day(on))
    return row.status


def refused(fact: NonReceipt) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        save_fact(fact, on=TODAY)
    assert not NonReceipt.objects.exists()
    return caught.value.message_dict


def test_a_confirmed_report_is_overdue_on_every_day_up_to_that_of_the_source_as_well(benin: State) -> None:
    assert status("2026-11-22") == "no record"
    found = save_fact(a_confirmation(benin), on=TODAY)
    assert [change.before for change in found.changed] == [{"not_received_by": None}]
    assert [status(on) for on in ("2007-02-28", "2007-03-01", "2021-05-30", "2026-06-30", "2026-11-22")] == [
        "due within 12 months",
        "overdue",
        "overdue",
        "overdue",
        "overdue",
    ]


def test_confirmed_today_for_algeria_it_was_overdue_on_the_day_of_the_published_list() -> None:
    # Algeria acceded on 27 December 2006 (participation.csv): in force 27 January 2007, due 27 January 2009.
    algeria = a_state("DZA", records_from="2025-12-04")
    joins(algeria, on="2006-12-27", kind="accession")
    derive("2026-11-22", algeria)
    assert status("2021-05-30") == "no record"
    save_fact(a_confirmation(algeria, "2026-11-22"), on=TODAY)
    row = Obligation.objects.as_of(day("2021-05-30")).get(kind="initial")
    assert (row.due, row.status, row.band) == (day("2009-01-27"), "overdue", "over_10")
    assert status("2021-05-30") == "overdue"


def test_a_confirmation_that_is_withdrawn_leaves_no_record(benin: State) -> None:
    fact = a_confirmation(benin)
    save_fact(fact, on=TODAY)
    withdraw_fact(fact, on=TODAY)
    assert status("2026-11-22") == "no record"


def test_a_report_that_turns_up_counts_all_the_same(benin: State) -> None:
    save_fact(a_confirmation(benin), on=TODAY)
    receives(benin, "2015-03-02")
    derive("2026-11-22", benin)
    assert status("2026-11-22") == "received late"


def test_only_the_report_that_is_named_is_settled(settings: Any) -> None:
    norway = a_state("NOR", records_from="2025-12-04")
    joins(norway, "CRC", "1991-01-08")
    joins(norway, on="2001-10-02")
    receives(norway, "2005-06-03")
    settings.PERIODIC_RULE = "treaty-calendar"
    State.objects.update(carried_records_from="2025-12-04")
    derive("2026-11-22", norway)
    reports = Obligation.objects.as_of(TODAY).filter(kind="periodic", status="no record").order_by("cycle")
    cycle = reports[0].cycle
    others = reports.count() - 1
    save_fact(a_confirmation(norway, kind="periodic", carried_by="CRC report", cycle=cycle), on=TODAY)
    found = dict(Obligation.objects.as_of(TODAY).filter(kind="periodic").values_list("cycle", "status"))
    assert found[cycle] == "overdue"
    assert list(found.values()).count("no record") == others > 0


def test_a_source_older_than_the_records_leaves_a_gap(benin: State) -> None:
    assert refused(a_confirmation(benin, "2021-05-30")) == {
        "not_received_by": [
            (
                "The records begin on 4 December 2025; the report may have been received between an "
                "earlier source and that day. Use a source of that day or later."
            )
        ]
    }


def test_a_source_does_not_speak_of_the_future(benin: State) -> None:
    found = refused(a_confirmation(benin, "2100-01-01"))
    assert found == {"not_received_by": ["This day is in the future; enter a day that has passed."]}


def test_a_report_that_is_not_due_yet_cannot_be_missing() -> None:
    norway = a_state("NOR")
    joins(norway, on="2026-03-01")
    derive("2026-11-22", norway)
    assert refused(a_confirmation(norway)) == {
        "not_received_by": ["The report is due only on 1 April 2028; use a source of a later day."]
    }


def test_a_report_that_is_there_cannot_be_missing(benin: State) -> None:
    receives(benin, "2015-03-02")
    derive("2026-11-22", benin)
    assert refused(a_confirmation(benin)) == {
        "cycle": ["A report for this cycle is recorded; correct or delete that one first."]
    }


def test_what_is_not_owed_cannot_be_missing(benin: State) -> None:
    assert refused(a_confirmation(benin, kind="periodic", cycle=9)) == {
        "cycle": ["The State owes no such report; check the kind, the series and the cycle."]
    }


def test_a_confirmation_names_its_source(benin: State) -> None:
    assert refused(a_confirmation(benin, source="")) == {"source": ["This field cannot be blank."]}


def test_the_same_report_is_confirmed_once(benin: State) -> None:
    save_fact(a_confirmation(benin), on=TODAY)
    with pytest.raises(ValidationError, match="confirmed as not received already"):
        save_fact(a_confirmation(benin, "2026-07-31"), on=TODAY)
    assert the_obligation(benin).not_received_by == day("2026-06-30")
