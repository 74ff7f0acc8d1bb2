"""Calendar entries: the sequence rises with each change of a date, and never falls."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from icalendar import Calendar

from tests import factories
from tests.reminders.helpers import TODAY, a_state_owing, a_state_reporting, answered, moved
from tracker.obligations.models import Obligation
from tracker.registry.models import State
from tracker.reminders import tasks
from tracker.reminders.calendar import entries, synchronise, uid, written
from tracker.reminders.models import CalendarEntry, CalendarToken

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    """The text of each event after a synchronisation."""
    synchronise(TODAY)
    rows = CalendarEntry.objects.select_related("obligation").order_by("obligation__state", "pk")
    return [
        f"{row.obligation.state_id} {row.due_on} {row.sequence}{' cancelled' if row.cancelled else ''}"
        for row in rows
    ]


def changed() -> tuple[int, int]:
    """The number of events that a synchronisation created and changed."""
    found = synchronise(TODAY)
    return len(found.new), len(found.changed)


def text(day: date = TODAY) -> str:
    """The whole calendar, its lines unfolded."""
    content = written(
        entries(day), name="Due", day=day, page_of=lambda state: f"https://example.org/{state.pk}"
    )
    return content.decode().replace("\r\n ", "")


def events(day: date = TODAY) -> list[Any]:
    return Calendar.from_ical(text(day)).walk("VEVENT")


# --- the sequence ---------------------------------------------------------------------------------


def test_nothing_changes_a_second_time() -> None:
    a_state_owing("NOR", "2026-06-15")
    assert [changed(), changed()] == [(1, 0), (0, 0)]


def test_a_date_that_changes_raises_the_sequence() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    moved(state, "2026-09-01")
    assert told() == ["NOR 2026-09-01 1"]


def test_an_answer_cancels_the_event_and_raises_the_sequence() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    answered(state)
    assert "NOR 2026-06-15 1 cancelled" in told()


def test_a_cancelled_event_is_cancelled_once() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    factories.decides(state, None, "2025-02-01", "initial", "1", outcome="waived")
    factories.derive("2026-03-16", state)
    assert [told(), told()] == [["NOR 2026-06-15 1 cancelled"]] * 2


def test_an_answer_that_is_taken_back_revives_the_event() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    answered(state)
    synchronise(TODAY)
    state.submissions.get().delete()
    factories.derive("2026-03-16", state)
    assert "NOR 2026-06-15 2" in told()


def test_the_sequence_never_falls_whatever_happens() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    found = []
    for due in ("2026-09-01", None, "2026-06-15", None):
        synchronise(TODAY)
        found.append(CalendarEntry.objects.get().sequence)
        state.committeedates.all().delete()
        if due:
            moved(state, due)
        else:
            factories.derive("2026-03-16", state)
    assert found == [0, 1, 2, 2]  # the last decision names the date that stood already


def test_words_that_change_date_the_event_and_leave_its_sequence(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    before = CalendarEntry.objects.get()
    clock.shift(3600)
    State.objects.filter(pk="NOR").update(name="Kingdom of Norway")
    assert changed() == (0, 1)
    after = CalendarEntry.objects.get()
    assert (after.sequence, after.changed_at > before.changed_at) == (0, True)


def test_the_row_of_an_event_outlives_everything() -> None:
    a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarEntry.objects.create(
            obligation=Obligation.objects.get(), due_on=TODAY, digest="x", changed_at="2026-03-16T09:00Z"
        )


# --- what is told ---------------------------------------------------------------------------------


def test_an_overdue_report_is_told() -> None:
    a_state_owing("NOR", "2017-02-10")
    assert told() == ["NOR 2017-02-10 0"]


def test_nothing_is_told_of_what_nobody_is_called_late_for() -> None:
    a_state_owing("NOR", "2017-02-10", records_from="2020-01-01")
    waived = a_state_owing("SWE", "2026-06-15")
    factories.decides(waived, None, "2025-02-01", "initial", "1", outcome="waived")
    unsaid = a_state_owing("FIN", "2026-06-15")
    factories.decides(unsaid, None, "2025-02-01", "initial", "1", outcome="to be communicated")
    factories.derive("2026-03-16")
    assert told() == []


def test_nothing_is_told_of_a_report_under_the_crc_without_a_date() -> None:
    a_state_reporting("JPN", None)
    a_state_reporting("FRA", None, outcome="to be communicated")
    assert told() == []


def test_the_event_of_a_date_that_no_longer_counts_is_cancelled(settings: Any) -> None:
    settings.PERIODIC_RULE = "treaty-calendar"
    japan, france = a_state_reporting("JPN", None), a_state_reporting("FRA", "2026-06-15")
    State.objects.update(carried_records_from=date(2021, 1, 1))
    # A stated date for the sixth and the seventh; for Japan the days of article 44.
    assert [one for one in told() if " 2031" not in one and " 2036" not in one] == [
        "FRA 2026-06-15 0",
        "FRA 2026-06-15 0",
        "JPN 2021-05-22 0",
        "JPN 2026-05-22 0",
    ]
    settings.PERIODIC_RULE = "article-12-2"
    factories.derive("2026-03-16", japan, france)
    after = told()
    assert [one for one in after if not one.endswith("cancelled")] == ["FRA 2026-06-15 0"]
    assert "JPN 2026-05-22 1 cancelled" in after


def test_a_report_under_the_crc_is_told_by_its_numbers_and_its_year() -> None:
    a_state_reporting("VEN", "2026-12-31", precision="year", name="Venezuela")
    synchronise(TODAY)
    (event,) = events()
    assert event["SUMMARY"] == (
        "Venezuela: combined sixth and seventh reports under article 44 of the CRC due in 2026 (OPSC)"
    )
    assert event.decoded("DTSTART") == date(2026, 12, 31)


def test_what_was_answered_before_any_calendar_could_hold_it_is_not_told() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    answered(state)
    assert "2026-06-15" not in " ".join(told())


def test_a_record_that_turns_out_to_be_missing_cancels_the_event() -> None:
    state = a_state_owing("NOR", "2017-02-10")
    synchronise(TODAY)
    State.objects.filter(pk=state.pk).update(records_from="2020-01-01")
    assert told() == ["NOR 2017-02-10 1 cancelled"]


def test_a_cancelled_event_is_told_for_two_years() -> None:
    state = a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    factories.decides(state, None, "2025-02-01", "initial", "1", outcome="waived")
    factories.derive("2026-03-16", state)
    synchronise(TODAY)
    assert [one["STATUS"] for one in events(date(2028, 3, 16))] == ["CANCELLED"]
    assert events(date(2028, 3, 17)) == []


# --- how it is written ----------------------------------------------------------------------------


def test_an_event_says_what_is_due_when_and_why() -> None:
    a_state_owing("NOR", "2026-06-15", region="WEOG")
    synchronise(TODAY)
    (event,) = events()
    assert event["UID"] == "NOR-initial-own-1@article-12-tracker"
    assert event["SUMMARY"] == "Norway: initial report due (OPSC)"
    assert event.decoded("DTSTART") == date(2026, 6, 15)
    assert "DTEND" not in event
    assert event["DESCRIPTION"] == (
        "Instrument of ratification deposited on 15 May 2024. Article 14(2): In force for the State one month "
        "after the deposit, on 15 June 2024. Article 12(1): Initial report within two years of entry into "
        "force, by 15 June 2026.\n\nhttps://example.org/NOR"
    )
    assert (event["STATUS"], event["TRANSP"], event["SEQUENCE"]) == ("CONFIRMED", "TRANSPARENT", 0)
    assert event["CATEGORIES"].cats == ["Western European and other States"]
    assert event["URL"] == "https://example.org/NOR"


def test_the_calendar_says_who_made_it_and_how_often_to_ask() -> None:
    lines = text().splitlines()
    assert lines[0] == "BEGIN:VCALENDAR"
    assert {
        "VERSION:2.0",
        "PRODID:-//Article 12 tracker//OPSC reports//EN",
        "METHOD:PUBLISH",
        "X-WR-CALNAME:Due",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
    } <= set(lines)


def test_the_name_of_the_calendar_is_escaped() -> None:
    content = written([], name="Due, of A; B\nC", day=TODAY, page_of=str)
    assert b"X-WR-CALNAME:Due\\, of A\\; B\\nC\r\n" in content


@pytest.mark.parametrize(
    ("due", "alarms"),
    [
        pytest.param("2026-06-15", ["-P89DT15H"], id="91 days ahead"),
        pytest.param("2026-06-14", ["-P89DT15H"], id="90 days ahead, rings today"),
        pytest.param("2026-06-13", [], id="89 days ahead, would have rung"),
        pytest.param("2017-02-10", [], id="overdue"),
    ],
)
def test_an_alarm_rings_at_nine_90_days_before_and_never_afterwards(due: str, alarms: list[str]) -> None:
    a_state_owing("NOR", due)
    synchronise(TODAY)
    (event,) = events()
    assert [alarm["TRIGGER"].to_ical().decode() for alarm in event.walk("VALARM")] == alarms


def test_a_cancelled_event_rings_no_more_and_gives_no_reason_for_its_date() -> None:
    state = a_state_owing("NOR", "2026-09-15")
    synchronise(TODAY)
    answered(state)
    synchronise(TODAY)
    event = next(one for one in events() if one["STATUS"] == "CANCELLED")
    assert event.walk("VALARM") == []
    assert event["DESCRIPTION"].startswith("No longer due on this date:")


def test_the_same_rows_make_the_same_octets(clock: Any) -> None:
    a_state_owing("NOR", "2026-06-15")
    synchronise(TODAY)
    first = text()
    clock.shift(3600)
    assert text() == first
    assert "DTSTAMP:20260316T090000Z" in first


def test_two_series_with_the_same_cycle_have_two_names() -> None:
    state = factories.a_state("NOR")
    own = Obligation(state=state, kind="periodic", carried_by="own", cycle=2)
    crc = Obligation(state=state, kind="periodic", carried_by="CRC report", cycle=2)
    assert uid(own) == "NOR-periodic-own-2@article-12-tracker"
    assert uid(crc) == "NOR-periodic-crc-report-2@article-12-tracker"


# --- how much it costs, who may read --------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_a_synchronisation_takes_so_many_queries(number: int, django_assert_num_queries: Any) -> None:
    for iso3 in ("NOR", "SWE", "FIN")[:number]:
        a_state_owing(iso3, "2026-06-15")
    with django_assert_num_queries(8):  # two looks, one of them with all rows locked, within a transaction
        synchronise(TODAY)
    for state in State.objects.all():
        moved(state, "2026-09-01")
    with django_assert_num_queries(8):
        synchronise(TODAY)
    with django_assert_num_queries(2):
        synchronise(TODAY)


def test_the_nightly_task_brings_the_calendar_in_line() -> None:
    a_state_owing("NOR", "2026-06-15")
    tasks.tell_calendars()
    assert CalendarEntry.objects.get().due_on == date(2026, 6, 15)


def test_a_secret_is_kept_as_its_digest_alone() -> None:
    ada = factories.an_officer("ada")
    secret = CalendarToken.renew(ada)
    assert len(secret) == 43
    assert secret not in str(CalendarToken.objects.values().get())
    assert CalendarToken.owner_of(secret) == ada


def test_a_renewed_secret_replaces_the_one_before(clock: Any) -> None:
    ada = factories.an_officer("ada")
    old = CalendarToken.renew(ada)
    clock.shift(60)
    new = CalendarToken.renew(ada)
    assert (CalendarToken.owner_of(old), CalendarToken.owner_of(new)) == (None, ada)
    token = CalendarToken.objects.get()
    assert (token.renewed_at - token.created_at).seconds == 60


@pytest.mark.parametrize("wrong", ["", "x", "\x00", "é" * 5000])
def test_a_wrong_secret_belongs_to_nobody(wrong: str) -> None:
    CalendarToken.renew(factories.an_officer("ada"))
    assert CalendarToken.owner_of(wrong) is None
