"""The status rule exists in Python and in SQL: both are driven through the same table of cases."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest
from django.db import transaction

from tests.depth import first
from tests.factories import a_state, day
from tracker.obligations.models import Obligation, Span
from tracker.registry.models import State
from tracker.rules.status import OPEN, Band, Status, band_of, status_of

pytestmark = pytest.mark.django_db

TODAY = day("2026-02-28")
# Both sides of every boundary: today, in twelve months, one, five and ten years ago (29 February too).
DUES = [
    day(text)
    for text in (
        "2015-11-30",
        "2016-02-27",
        "2016-02-28",
        "2016-02-29",
        "2016-03-01",
        "2021-02-28",
        "2021-03-01",
        "2025-02-28",
        "2025-03-01",
        "2026-02-27",
        "2026-02-28",
        "2026-03-01",
        "2027-02-28",
        "2027-03-01",
    )
]
# (source, waived): without and with a date; reviewed without a report it is waived and keeps its date.
UNDATED = [
    ("to be communicated", False),
    ("treaty calendar", False),
    ("treaty calendar", True),
    ("committee", True),
]
DATED = [
    ("rule", False),
    ("committee", False),
    ("list of issues prior to reporting", False),
    ("committee", True),
]
# (answered on, received on): nothing came, receipt known, only the review known.
ANSWERS = [
    (None, None),
    *((on, on) for on in (day("2016-02-29"), day("2026-02-27"), day("2026-02-28"), day("2026-03-01"))),
    *((on, None) for on in (day("2026-02-28"), day("2026-03-01"))),
]
SERIES = ("own", "CRC report")
# (records from, of reports under the CRC from, until, confirmed as not received by)
RECORDS = {
    "NOR": (None, None, None, None),
    "SWE": (day("2016-03-01"), day("2021-03-01"), None, None),
    "FIN": (day("2026-02-28"), day("2016-02-29"), day("2026-02-28"), None),
    "DNK": (day("2027-01-01"), None, None, None),
    "ISL": (day("2026-02-28"), None, None, day("2026-02-28")),
    "EST": (day("2027-01-01"), day("2027-01-01"), day("2027-02-01"), day("2027-02-01")),
    "LVA": (None, day("1990-01-01"), day("2016-02-28"), None),
    "LTU": (day("2016-02-29"), day("2016-02-29"), day("2025-03-01"), None),
}
LATEST = day("2026-03-01")  # no answer or decision above is younger
DAYS = [
    TODAY + timedelta(days=apart)
    for apart in (-4000, -3653, -1827, -1826, -366, -365, -1, 0, 1, 365, 366, 4000)
]
CASES = [
    (due, source, waived, answered, received)
    for due, (source, waived), (answered, received) in [
        *product(DUES, DATED, ANSWERS),
        *product([None], UNDATED, ANSWERS),
    ]
]
# Until this day each had the values of another case; in the year before that it was not owed.
TURNED = day("2021-02-28")
NOT_OWED = day("2020-02-28")
Case = tuple[date | None, str, bool, date | None, date | None]


def stood(number: int) -> list[tuple[date, date | None, Case]]:
    """The history of a numbered case: from when, until when, and with which values.

    It had the values of another case before, so that every column differs; an answer counts from its day on.
    """
    found: list[tuple[date, date | None, Case]] = []
    another = CASES[(number + len(CASES) // 2 + 1) % len(CASES)]
    for since, until, case in ((day("2000-09-06"), NOT_OWED, another), (TURNED, None, CASES[number])):
        *rest, answered, _received = case
        unanswered: Case = (*rest, None, None)
        if answered is None or answered <= since:
            found.append((since, until, case))
        elif until is not None and until <= answered:
            found.append((since, until, unanswered))
        else:
            found += [(since, answered, unanswered), (answered, until, case)]
    return found


def standing(case: Case) -> dict:
    due, source, waived, answered, received = case
    return {
        "computed_on": due or day("2020-01-01"),
        "due_on": due,
        "due_source": source,
        "waived": waived,
        "decided_on": None if source == "rule" else day("2001-01-01"),
        "answered_on": answered,
        "received_on": received,
        "trail": [],
    }


@pytest.fixture(scope="module")
def every_case(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """An obligation for each case, series and State, written directly: only reading is tested."""
    with django_db_blocker.unblock(), transaction.atomic():
        for iso3, (own, carried, until, not_received_by) in RECORDS.items():
            state = a_state(iso3, records_from=own, carried_records_from=carried, records_until=until)
            rows = [
                Obligation(
                    state=state,
                    treaty_id="OPSC",
                    article="12.2",
                    kind="periodic",
                    carried_by=series,
                    cycle=number,
                    arises_on=day("2000-09-06"),
                    not_received_by=not_received_by,
                    **standing(case),
                )
                for series in SERIES
                for number, case in enumerate(CASES)
            ]
            Obligation.objects.bulk_create(rows)
            Span.objects.bulk_create(
                Span(obligation=row, since=since, until=until, **standing(case))
                for row in rows
                for since, until, case in stood(row.cycle)
            )
        yield
        transaction.set_rollback(True)


def by_python(today: date) -> dict[tuple, tuple]:
    """The status of every case on a day by the Python rule."""
    expected = {}
    for state in State.objects.filter(pk__in=RECORDS):
        for series, number in product(SERIES, range(len(CASES))):
            then = [
                case
                for since, until, case in stood(number)
                if since <= today and (until is None or today < until)
            ]
            if not then:
                continue
            ((due, source, waived, answered, received),) = then
            status = status_of(
                due_on=due,
                source=source,
                waived=waived,
                answered_on=answered,
                received_on=received,
                records=state.records(series),
                day=today,
                not_received_by=RECORDS[state.pk][-1],
            )
            band = band_of(due, today) if status == Status.OVERDUE else None
            expected[state.pk, series, number] = (due, source, str(status), band and str(band))
    return expected


@pytest.mark.parametrize("today", first(1, DAYS), ids=str)
def test_status_and_band_are_the_same_in_python_and_in_sql(every_case, today):
    expected = by_python(today)
    for way in (Obligation.objects.as_of(today), Obligation.objects.as_of(today, today=LATEST)):
        assert read(way) == expected
        by_status = {key: str(status) for status in Status for key in keys(way.with_status(status, today))}
        by_band = {key: str(band) for band in Band for key in keys(way.with_any_band([band], today))}
        assert by_status == {key: status for key, (_, _, status, _) in expected.items()}
        assert by_band == {key: band for key, (*_, band) in expected.items() if band}
        # Each has one status: a row with two would be counted twice.
        assert way.count() == sum(way.with_status(status, today).count() for status in Status)
    for status in Status:
        counted = Obligation.objects.standing(status, today, today=LATEST)
        assert set(keys(counted)) == {key for key, values in expected.items() if values[2] == status}
    still_open = Obligation.objects.still_open(today, today=LATEST)
    assert set(keys(still_open)) == {key for key, values in expected.items() if values[2] in OPEN}
    past = Obligation.objects.as_of(today).past_due(today)
    assert set(keys(past)) == {
        key for key, values in expected.items() if values[2] in (Status.OVERDUE, Status.NO_RECORD)
    }


def read(rows):
    found = rows.values_list("state_id", "carried_by", "cycle", "due", "source", "status", "band")
    return {
        tuple(key): tuple(values)
        for *key, due, source, status, band in found
        for values in [(due, source, status, band)]
    }


def keys(rows):
    return rows.values_list("state_id", "carried_by", "cycle")


def test_only_from_today_on_the_stored_dates_are_taken_as_they_stand():
    def sorts_by_column(on: str) -> bool:
        rows = Obligation.objects.as_of(day(on), today=LATEST).order_by("due").values("pk")
        return str(rows.query).endswith('ORDER BY "obligations_obligation"."due_on" ASC')

    assert [sorts_by_column(on) for on in ("2026-02-28", "2026-03-01", "2026-03-02")] == [False, True, True]


def test_the_table_reaches_every_status_and_band(every_case):
    seen = {
        value
        for today in DAYS
        for value in Obligation.objects.as_of(today).values_list("status", "band").distinct()
    }
    assert {status for status, _ in seen} == {status.value for status in Status}
    assert {band for _, band in seen} == {None, "under_1", "from_1_to_5", "from_5_to_10", "over_10"}
