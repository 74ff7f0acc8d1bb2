"""Settling records, one State after another; and the office that takes over the records."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import all_of, links, messages, one_of, problems, read, version_shown, words
from tracker.obligations.actions import save_fact
from tracker.obligations.models import CommitteeDate, NonReceipt, Obligation, Review, Submission
from tracker.obligations.queries.uncertain import lists, to_settle
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

NEXT, KEEP = "/to-confirm/next/", "/to-confirm/keep-records/"


def page_of(iso3: str) -> str:
    return f"/to-confirm/states/{iso3}/"


@pytest.fixture
def world(db: None) -> None:
    """Benin lacks a record; Fiji's day is from memory; of Gabon a review and its date were not read."""
    benin = factories.a_state("BEN", records_from="2025-12-04", records_note="not on the list of 2015")
    factories.joins(benin, on="2005-01-31", note="C.N.84.2005")
    fiji = factories.a_state("FJI")
    factories.joins(fiji, on="2025-03-29", confidence="memory", note="the day is unconfirmed")
    gabon = factories.a_state("GAB")
    factories.joins(gabon, "CRC", "1994-02-09")
    factories.joins(gabon, on="2007-10-01")
    factories.receives(gabon, "2010-01-15")
    factories.reviews(
        gabon, "2022-06-03", cycles="3", document="CRC/C/GAB/CO/3", confidence="memory", carried_by="CRC report",
        source="list of session 90",
    )  # fmt: skip
    factories.decides(
        gabon, None, "2022-06-03", cycles="0", document="CRC/C/GAB/CO/3", confidence="memory",
        carried_by="CRC report", outcome="to be communicated", note="standing formula, not read",
    )  # fmt: skip
    factories.derive(TODAY.isoformat())


def told(page: Any) -> list[tuple[str, str]]:
    """Title and reason of each record to be settled."""
    return [
        (words(one_of(section, "h2")), words(all_of(section, "dd")[0])) for section in all_of(page, "section")
    ]


def hidden(answer: Any, name: str) -> str:
    return one_of(read(answer), "input", name=name).attributes["value"]


def test_each_thing_is_counted_once(world: None) -> None:
    # Gabon's review and the date that it states count as one: one document is read.
    assert to_settle() == {"BEN": 4, "FJI": 1, "GAB": 1}
    assert [(one["label"], one["count"]) for one in lists()] == [
        ("No record", 4), ("Records with a weak source", 2), ("Dates that await a second person", 0),
    ]  # fmt: skip


def test_it_leads_from_state_to_state_and_round(world: None, staff: Client) -> None:
    for after, expected in (
        ("", "BEN"),
        ("BEN", "FJI"),
        ("FJI", "GAB"),
        ("GAB", "BEN"),
        ("%00", "BEN"),
    ):
        assert staff.get(f"{NEXT}?after={after}").headers["Location"] == page_of(expected)


def test_the_page_of_a_state_says_what_the_sources_say(world: None, staff: Client) -> None:
    page = read(staff.get(page_of("BEN")))
    assert words(one_of(page, "p", class_="says")) == (
        "4 records to settle for this State. 6 records in all, for 3 States."
    )
    section = all_of(page, "section")[0]
    assert [words(one) for one in all_of(section, "dd")] == [
        "The records are complete from 4 December 2025 on.",
        "not on the list of 2015 C.N.84.2005",
        (
            "The date of receipt, from the cover of the report; or a dated list or letter that says that it was not "
            "received."
        ),
    ]
    key = Obligation.objects.get(state="BEN", cycle=1).pk
    assert links(section)["Received: record it: No record."] == (
        f"/states/BEN/record-submission/?obligation={key}"
    )
    assert links(page)["Next State"] == f"{NEXT}?after=BEN"


def test_non_receipt_leads_back_to_the_state(world: None, staff: Client) -> None:
    key = Obligation.objects.get(state="BEN", cycle=1).pk
    sent = {"pick": key, "back": "BEN", "not_received_by": "2026-11-20", "source": "Letter", "note": ""}
    looked = staff.post("/to-confirm/non-receipt/", sent | {"step": "look"})
    assert hidden(looked, "back") == "BEN"
    answer = staff.post("/to-confirm/non-receipt/", sent | {"step": "save", "seen": hidden(looked, "seen")})
    assert answer.headers["Location"] == page_of("BEN")
    assert NonReceipt.objects.count() == 1


def test_one_document_is_confirmed_in_one_act(world: None, staff: Client) -> None:
    page = read(staff.get(page_of("GAB")))
    assert told(page) == [
        ("Review", "What the document says about the next report has not been read for this State.")
    ]
    assert "list of session 90 standing formula, not read" in words(all_of(page, "dd")[1])
    review = Review.objects.get()
    address = f"/to-confirm/fact/review/{review.pk}/"
    assert address in links(page).values()
    shown = version_shown(staff, address)
    assert problems(read(staff.post(address, shown | {"source": "", "step": "look"}))) == [
        "Enter where the document was read."
    ]
    sent = shown | {"source": "ODS, read 22 November 2026", "paragraph": "49"}
    looked = staff.post(address, sent | {"step": "look"})
    answer = staff.post(address, sent | {"step": "save", "seen": hidden(looked, "seen")})
    assert answer.headers["Location"] == f"{NEXT}?after=GAB"
    review.refresh_from_db()
    date = CommitteeDate.objects.get()
    assert (review.confidence, review.source, date.confidence, date.source, date.paragraph) == (
        "document", "ODS, read 22 November 2026", "document", "ODS, read 22 November 2026", "49",
    )  # fmt: skip
    assert review.history.first().history_change_reason == "read in the document: ODS, read 22 November 2026"
    assert to_settle() == {"BEN": 4, "FJI": 1}
    assert staff.get(address).status_code == 404


def test_a_confirmed_date_waits_for_a_second_person_and_is_settled(
    world: None, staff: Client, settings: Any
) -> None:
    settings.FOUR_EYES = True
    address = f"/to-confirm/fact/review/{Review.objects.get().pk}/"
    sent = version_shown(staff, address) | {"source": "ODS", "paragraph": ""}
    looked = staff.post(address, sent | {"step": "look"})
    staff.post(address, sent | {"step": "save", "seen": hidden(looked, "seen")})
    assert CommitteeDate.objects.get(awaits_confirmation=True).confidence == "document"
    assert to_settle()["GAB"] == 0
    assert [one["count"] for one in lists()] == [4, 1, 1]


def test_a_report_and_a_date_alone_are_listed_too(world: None, staff: Client) -> None:
    gabon = State.objects.get(pk="GAB")
    Review.objects.all().delete()
    Submission.objects.update(confidence="secondary")
    assert told(read(staff.get(page_of("GAB")))) == [
        (
            "Date stated by the Committee",
            "What the document says about the next report has not been read for this State.",
        ),
        ("Submission", "Taken from another source, not from the document itself."),
    ]
    assert to_settle()[gabon.pk] == 2


def test_a_year_alone_is_not_inferred(world: None) -> None:
    gabon = State.objects.get(pk="GAB")
    factories.decides(
        gabon, "2027-12-31", "2026-06-03", cycles="4", precision="year", carried_by="CRC report"
    )
    assert to_settle()["GAB"] == 1
    CommitteeDate.objects.filter(precision="year").update(due_on=factories.day("2027-06-03"))
    assert to_settle()["GAB"] == 2


def test_nothing_left_is_said(staff: Client) -> None:
    answer = staff.get(NEXT, follow=True)
    assert messages(read(answer)) == ["Everything is settled."]
    factories.a_state("NOR")
    assert "Everything about this State is settled." in words(one_of(read(staff.get(page_of("NOR"))), "main"))


def test_a_viewer_reads_and_settles_nothing(world: None) -> None:
    viewer = in_role("Viewer")
    page = read(viewer.get(page_of("GAB")))
    assert not any(
        "fact" in address or "admin" in address for address in links(one_of(page, "main")).values()
    )
    assert not all_of(one_of(page, "main"), "form")


def test_a_state_takes_a_constant_number_of_queries(world: None, django_assert_max_num_queries: Any) -> None:
    staff = signed_in(is_superuser=True)
    with django_assert_max_num_queries(26):
        staff.get(page_of("BEN"))


# --- the office keeps the records ---------------------------------------------------------------------


@pytest.fixture
def shipped_until(db: None) -> None:
    """Benin's and Gabon's shipped records end on 4 December 2025; a report of each fell due on a day after that."""
    benin = factories.a_state("BEN", records_until="2025-12-04", region="AFR")
    factories.joins(benin, on="2024-01-31")
    gabon = factories.a_state("GAB", records_until="2025-12-04", region="AFR")
    factories.joins(gabon, "CRC", "1994-02-09")
    factories.joins(gabon, on="2007-10-01")
    factories.receives(gabon, "2010-01-15")
    factories.decides(gabon, "2026-03-08", "2022-06-03", cycles="4", carried_by="CRC report")
    factories.derive(TODAY.isoformat())


def statuses() -> dict[str, str]:
    rows = Obligation.objects.as_of(TODAY, today=TODAY).filter(due__lt=TODAY, then_answered_on=None)
    return {row.state_id: row.status for row in rows}


def keep(client: Client, **values: str) -> Any:
    """Previews, then saves."""
    sent = {"whose": "all", "named": "", "carried_from": "", "reason": "registry checked"} | values
    looked = client.post(KEEP, sent | {"step": "look"})
    return client.post(KEEP, sent | {"step": "save", "seen": hidden(looked, "seen")}, follow=True)


def test_what_becomes_overdue_is_shown_first(shipped_until: None, staff: Client) -> None:
    assert statuses() == {"BEN": "no record", "GAB": "no record"}
    sent = {"whose": "all", "reason": "registry checked", "carried_from": "2010-01-01", "step": "look"}
    page = read(staff.post(KEEP, sent))
    section = one_of(page, "section", class_="effects")
    assert [words(one) for one in all_of(section, "li")][:2] == [
        "The office keeps the records of 2 States from now on.", "2 reports become overdue: Benin; Gabon.",
    ]  # fmt: skip
    assert statuses() == {"BEN": "no record", "GAB": "no record"}


def test_the_office_keeps_the_records_of_all(shipped_until: None, staff: Client) -> None:
    answer = keep(staff)
    assert messages(read(answer)) == [
        "The office keeps the records of 2 States from now on. 1 report becomes overdue: Benin."
    ]
    # It is still not known from which day Gabon's reports under the CRC are complete.
    assert statuses() == {"BEN": "overdue", "GAB": "no record"}
    state = State.objects.get(pk="BEN")
    assert state.records_until is None
    assert state.history.first().history_change_reason == "registry checked"
    page = read(staff.post(KEEP, {"whose": "all", "reason": "again", "step": "look"}))
    assert "No change: the office keeps these records already." in words(one_of(page, "main"))


def test_of_named_states_with_their_reports_under_the_crc(shipped_until: None, staff: Client) -> None:
    keep(staff, whose="named", named="Gabon", carried_from="1 Jan 2010")
    assert statuses() == {"BEN": "no record", "GAB": "overdue"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reason": ""}, "Enter a reason; it is kept in the history."),
        ({"carried_from": "2027-01-01"},
         "This day is in the future; enter the day from which the records are complete."),
        ({"whose": "named", "named": ""}, "Enter the States, for example NOR, Benin."),
        ({"whose": "named", "named": "Atlantis"},
         ("“Atlantis” is not a recorded State. Enter its name or its alpha-3 code, for example NOR.")),
        ({"named": "BEN"}, "Leave this empty, or choose “States named here”."),
        ({"whose": "WEOG"}, "No State that you may change is in this group."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(
    values: dict[str, str], said: str, shipped_until: None, staff: Client
) -> None:
    sent = {"whose": "all", "named": "", "carried_from": "", "reason": "checked", "step": "look"}
    assert problems(read(staff.post(KEEP, sent | values))) == [said]
    assert State.objects.filter(records_until=None).count() == 0


# --- non-receipt ------------------------------------------------------------------------------------------


def test_a_report_under_the_crc_is_confirmed_as_not_received(shipped_until: None) -> None:
    fact = NonReceipt(
        state_id="GAB", kind="periodic", carried_by="CRC report", cycle=4, source="OHCHR's list",
        not_received_by=factories.day("2026-10-01"),
    )  # fmt: skip
    save_fact(fact)
    assert statuses()["GAB"] == "overdue"
    earlier = factories.day("2026-05-30")
    row = Obligation.objects.as_of(earlier).get(state="GAB", carried_by="CRC report", cycle=4)
    assert row.status == "overdue"


def test_a_report_without_a_date_is_not_confirmed_as_not_received(world: None) -> None:
    fact = NonReceipt(
        state_id="GAB", kind="periodic", carried_by="CRC report", cycle=0, source="OHCHR's list",
        not_received_by=factories.day("2026-10-01"),
    )  # fmt: skip
    with pytest.raises(Exception, match="This report has no due date here"):
        fact.clean()
    assert "GAB" not in {
        row.state_id for row in Obligation.objects.as_of(TODAY).with_status("no record", TODAY)
    }
