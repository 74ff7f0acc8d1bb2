"""The page of a State: facts, what follows from them, and why, on the shipped data."""

from __future__ import annotations

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import in_role
from tests.web.pages import Element, all_of, links, one_of, read, table, words
from tracker.registry.models import Contact, State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

DEPOSIT = "Depositary: Instrument of ratification deposited on 23 December 2002."
FORCE = "OPSC art. 14(2): In force for the State one month after the deposit, on 23 January 2003."
INITIAL = "OPSC art. 12(1): Initial report within two years of entry into force, by 23 January 2005."
DECISION = (
    "CRC/C/OPSC/USA/CO/2: The Committee, on 1 February 2013, asks for reports 3 to 4 combined by 23 January "
    "2016 instead; the document prints no exact day, so the day is inferred, to be confirmed."
)


def the_page(staff: Client, iso3: str, as_of: str = "") -> Element:
    return read(staff.get(f"/states/{iso3}/", {"as_of": as_of} if as_of else {}))


def owed(page: Element) -> dict[str, list[str]]:
    """Article, due, status, received and UN-printed date by report."""
    return {row[0]: row[1:6] for row in table(page, "h-owed")}


def why(page: Element, report: str) -> list[str]:
    """The trail of a report, sentence by sentence."""
    for one in all_of(one_of(page, "section", aria_labelledby="h-owed"), "details"):
        if words(all_of(one, "summary")[0]) == f"Why? {report}":
            return [words(sentence) for sentence in all_of(one, "li")]
    raise AssertionError(report)


def notes(page: Element) -> list[str]:
    return [words(one) for one in all_of(page, "p", class_="note")]


def test_what_the_united_states_owe(staff: Client) -> None:
    page = the_page(staff, "USA")
    assert words(one_of(page, "h1")) == "United States of America USA"
    assert words(one_of(page, "p", class_="says")) == (
        "Western European and other States. State party to the OPSC."
    )
    assert owed(page) == {
        "initial report": ["12.1", "23 January 2005", "received, 2 years 3 months late", "10 May 2007", "2005"],
        "periodic report 2": ["12.2", "23 January 2010", "received, 2 days late", "25 January 2010", "2010"],
        "periodic report 3": [
            "12.2", "23 January 2016by rule 23 January 2015", "received on time", "22 January 2016", "2016",
        ],
        "periodic report 4": [
            "12.2", "23 January 2016by rule 23 January 2020", "received on time", "22 January 2016", "2016",
        ],
        "periodic report 5": [
            "12.2", "23 January 2022by rule 23 January 2025", "received on time", "23 January 2022", "2022",
        ],
        "periodic report 6": ["12.2", "23 January 2030", "due 23 January 2030", "—", "—"],
        "periodic report 7": ["12.2", "23 January 2035", "due 23 January 2035", "—", "—"],
    }  # fmt: skip


def test_each_date_of_the_united_states_says_why(staff: Client) -> None:
    page = the_page(staff, "USA")
    assert why(page, "initial report") == [DEPOSIT, FORCE, INITIAL]
    assert why(page, "periodic report 2") == [
        DEPOSIT,
        FORCE,
        INITIAL,
        "OPSC art. 12(2): Every five years from then: 5 years later, report 2 by 23 January 2010.",
    ]
    assert why(page, "periodic report 3") == [
        DEPOSIT,
        FORCE,
        INITIAL,
        "OPSC art. 12(2): Every five years from then: 10 years later, report 3 by 23 January 2015.",
        DECISION,
    ]


def test_facts_and_documents_of_the_united_states(staff: Client) -> None:
    page = the_page(staff, "USA")
    assert [row[:4] for row in table(page, "h-actions")] == [
        ["OPSC", "signature", "5 July 2000", "—"],
        ["OPSC", "ratification", "23 December 2002", "23 January 2003"],
    ]
    assert [row[:5] for row in table(page, "h-reports")] == [
        ["CRC/C/OPSC/USA/1", "initial", "1", "10 May 2007", "22 May 2008"],
        ["CRC/C/OPSC/USA/2", "periodic", "2", "25 January 2010", "16 January 2013"],
        ["CRC/C/OPSC/USA/3-4", "periodic", "3-4", "22 January 2016", "16 May 2017"],
        ["CRC/C/OPSC/USA/5", "periodic", "5", "23 January 2022", "—"],
    ]
    assert [row[:4] for row in table(page, "h-dates")] == [
        ["CRC/C/OPSC/USA/CO/2", "3-4", "23 January 2016day inferred, to be confirmed", "1 February 2013"],
        ["CRC/C/OPSC/USA/CO/3-4", "5", "23 January 2022day inferred, to be confirmed", "2 June 2017"],
    ]


def test_the_united_states_as_of_the_end_of_2012(staff: Client) -> None:
    page = the_page(staff, "USA", as_of="2012-12-31")
    assert {report: cells[1:4] for report, cells in owed(page).items()} == {
        "initial report": ["23 January 2005", "received, 2 years 3 months late", "10 May 2007"],
        "periodic report 2": ["23 January 2010", "received, 2 days late", "25 January 2010"],
        "periodic report 3": ["23 January 2015", "due 23 January 2015", "—"],
        "periodic report 4": ["23 January 2020", "due 23 January 2020", "—"],
    }
    assert why(page, "periodic report 3") == [
        DEPOSIT,
        FORCE,
        INITIAL,
        "OPSC art. 12(2): Every five years from then: 10 years later, report 3 by 23 January 2015.",
    ]
    assert all_of(page, "section", aria_labelledby="h-dates") == []
    # The dialogue of 16 January 2013 lies ahead as well.
    assert table(page, "h-reports")[1][:5] == ["CRC/C/OPSC/USA/2", "periodic", "2", "25 January 2010", "—"]


def test_a_request_of_the_committee_is_shown_with_its_reply(staff: Client) -> None:
    usa = State.objects.get(pk="USA")
    factories.asks(usa, received_on="2012-11-20")
    factories.derive("2026-11-22", usa)
    shown = [
        "CRC/C/OPSC/USA/Q/2",
        "list of issues",
        "10 July 2012",
        "15 November 2012",
        "20 November 2012",
        "—",
    ]
    assert table(the_page(staff, "USA"), "h-requests") == [shown]
    assert table(the_page(staff, "USA", as_of="2012-11-19"), "h-requests") == [[*shown[:4], "—", "—"]]
    assert all_of(the_page(staff, "USA", as_of="2012-07-09"), "section", aria_labelledby="h-requests") == []
    assert [row[1:4] for row in table(the_page(staff, "USA"), "h-owed") if row[1] == "12.3"] == [
        ["12.3", "15 November 2012", "received, 5 days late"]
    ]


def test_before_its_deposit_the_united_states_owe_nothing(staff: Client) -> None:
    page = the_page(staff, "USA", as_of="2002-12-22")
    assert words(one_of(page, "p", class_="says")) == (
        "Western European and other States. Signatory of the OPSC since 5 July 2000, not a party: it owes no report."
    )
    assert table(page, "h-owed") == []


def test_norway_begins_under_the_convention_after_its_initial_report(staff: Client) -> None:
    page = the_page(staff, "NOR")
    reports = owed(page)
    assert reports["initial report"] == ["12.1", "18 January 2004", "received, date unknown", "—", "—"]
    assert list(reports)[1] == "report 4 under the CRC"
    assert reports["report 4 under the CRC"] == ["12.2", "7 February 2008", "no record", "—", "—"]
    assert why(page, "report 4 under the CRC") == [
        "Depositary: Instrument of ratification deposited on 8 January 1991.",
        "CRC art. 49(2): Convention in force for the State on the thirtieth day after the deposit, 7 February 1991.",
        (
            "OPSC art. 12(2): The initial report was received by 3 June 2005, the day of its review, at the latest; "
            "from then on each report under the Convention carries the information on the Protocol."
        ),
        (
            "CRC art. 44(1): Report 4 under the Convention: two years after its entry into force and every five "
            "years from then, here 17 years, by 7 February 2008."
        ),
    ]
    assert notes(page) == [
        (
            "The office holds what was received from 4 December 2025 on; what fell due earlier and is not here "
            "shows as “no record”."
        )
    ]


def test_a_succession_without_recorded_effect_is_to_be_confirmed(staff: Client) -> None:
    page = the_page(staff, "MNE")
    assert [row[2] for row in table(page, "h-actions")] == ["23 October 2006to be confirmed"] * 2
    assert [words(one) for one in all_of(page, "p", class_="warning")] == ["To be confirmed."] * 2


def test_a_recorded_entry_into_force_that_differs_is_told(staff: Client) -> None:
    norway = State.objects.get(pk="NOR")
    norway.actions.filter(treaty="OPSC", kind="ratification").update(effective_on=factories.day("2002-02-02"))
    page = the_page(staff, "NOR")
    assert [words(one) for one in all_of(page, "p", class_="warning")] == [
        "The recorded day differs from the one that the treaty gives; both are shown."
    ]


def test_a_signatory_owes_nothing(staff: Client) -> None:
    page = the_page(staff, "KEN")
    assert words(one_of(page, "p", class_="says")) == (
        "African States. Signatory of the OPSC since 8 September 2000, not a party: it owes no report."
    )
    assert table(page, "h-owed") == []
    assert notes(page) == []


def test_a_state_outside_owes_nothing(staff: Client) -> None:
    says = words(one_of(the_page(staff, "BRB"), "p", class_="says"))
    assert says == "Latin American and Caribbean States. Not a party to the OPSC: it owes no report."


def test_a_state_that_left_is_told(staff: Client) -> None:
    factories.denounces(State.objects.get(pk="NOR"), on="2010-03-01")
    factories.derive("2026-11-22")
    says = words(one_of(the_page(staff, "NOR"), "p", class_="says"))
    assert says == (
        "Western European and other States. No longer a party to the OPSC since 1 March 2011: what fell due "
        "before stays owed."
    )


def test_indonesia_is_overdue_on_evidence(staff: Client) -> None:
    page = the_page(staff, "IDN")
    assert owed(page) == {"initial report": ["12.1", "24 October 2014", "overdue 12 years", "—", "—"]}
    assert notes(page) == [
        (
            "The periodic reports begin with the initial report: information under the OPSC is then a part of "
            "each report under the Convention (art. 12(2))."
        ),
        (
            "Ministry still preparing it; newspaper Kompas said plainly on 23 November 2017 that none was sent "
            "(ham.go.id, 7 November 2019)"
        ),
    ]


def test_a_state_without_contact_asks_for_one(staff: Client) -> None:
    contacts = one_of(the_page(staff, "NOR"), "section", aria_labelledby="h-contacts")
    assert words(contacts) == "Contacts Nobody to write to is recorded. Add a contact"
    assert links(contacts) == {"Add a contact": "/admin/registry/contact/add/?state=NOR"}


def test_contacts_and_desk_officer_are_shown(staff: Client) -> None:
    norway = State.objects.get(pk="NOR")
    factories.a_contact(norway, "geneva@example.org", name="Ms Lie", office="Permanent Mission in Geneva")
    factories.a_contact(norway, "old@example.org", name="Mr Dahl", active=False)
    norway.desk_officer = factories.an_officer("grace")
    norway.save()
    contacts = one_of(the_page(staff, "NOR"), "section", aria_labelledby="h-contacts")
    assert [words(one) for one in all_of(contacts, "li")] == [
        "Mr Dahl: old@example.org not active",
        "Ms Lie, Permanent Mission in Geneva: geneva@example.org",
    ]
    assert words(all_of(contacts, "p")[-1]) == "Desk officer: grace."
    assert Contact.objects.count() == 2


def test_the_reminders_of_a_state_lead_to_their_mails(ledger: None, staff: Client) -> None:
    from tracker.reminders.models import Reminder

    sent = Reminder.objects.filter(state="sent").select_related("obligation", "mail")[0]
    section = one_of(the_page(staff, sent.obligation.state_id), "section", aria_labelledby="h-mails")
    assert links(section) == {f"read: {sent.mail.subject}": f"/reminders/mail/{sent.mail_id}/"}


def test_the_page_leads_to_the_places_of_entry(staff: Client) -> None:
    assert links(one_of(the_page(staff, "NOR"), "p", class_="edit")) == {
        "Correct the State": "/admin/registry/state/NOR/change/",
        "Record a request for further information": "/admin/obligations/informationrequest/add/?state=NOR",
        "What if …": "/what-if/?state=NOR",
        "History": "/states/NOR/history/",
    }


def test_a_viewer_is_led_to_no_place_of_entry() -> None:
    page = the_page(in_role("Viewer"), "NOR")
    assert list(links(one_of(page, "p", class_="edit"))) == ["What if …", "History"]
    assert not [address for address in links(one_of(page, "main")).values() if address.startswith("/admin/")]
    assert "Enter data" not in links(page)


@pytest.mark.parametrize("iso3", ["USA", "NOR", "MNE", "KEN", "BRB", "IDN", "AND", "VAT"])
def test_every_kind_of_state_takes_the_same_number_of_queries(
    iso3: str, staff: Client, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(23):  # type: ignore[operator]
        assert staff.get(f"/states/{iso3}/").status_code == 200
