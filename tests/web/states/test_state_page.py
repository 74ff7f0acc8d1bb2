"""The page of a State: records, obligations and reasons, on the shipped data."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.web import committee
from tests.web.conftest import in_role
from tests.web.pages import Element, all_of, links, one_of, read, table, words
from tracker.registry.models import Contact, State

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

DEPOSIT = "Depositary: Instrument of ratification deposited on 23 December 2002."
FORCE = "OPSC art. 14(2): In force for the State one month after the deposit, on 23 January 2003."
INITIAL = "OPSC art. 12(1): Initial report within two years of entry into force, by 23 January 2005."
DECISION = (
    "CRC/C/OPSC/USA/CO/2: The Committee, on 1 February 2013, asks for reports 3 to 4 combined by 23 January "
    "2016; the document prints no exact day, so the day is inferred, to be confirmed."
)


NOT_IN_THE_CRC = (
    "The State is not a party to the Convention, so its periodic reports are due every five years (OPSC art. 12(2), "
    "last sentence)."
)
IN_THE_CRC = (
    "The State is a party to the Convention, so the information is a part of its reports under the Convention (OPSC "
    "art. 12(2)), and the Committee sets their dates (rule “article-12-2”). At most one report is open: the next one."
)
NOT_COMPLETE = (
    "The data end on 4 December 2025 and are not complete; a report that is not recorded shows as "
    "“no record” until the office keeps the records itself."
)
CARRIED_NOT_KNOWN = (
    "It is not known how complete the records of reports under the Convention are, so none of these "
    "reports counts as overdue."
)
NO_DEADLINE = (
    "The five-year calendar of CRC art. 44(1)(b). None of these days is a deadline: the Committee sets the "
    "dates."
)


def the_page(staff: Client, iso3: str, as_of: str = "") -> Element:
    return read(staff.get(f"/states/{iso3}/", {"as_of": as_of} if as_of else {}))


def owed(page: Element) -> dict[str, list[str]]:
    """Article, due, status, received and UN-printed date by report."""
    return {row[0]: row[1:6] for row in table(page, "h-owed")}


def why(staff: Client, page: Element, report: str) -> list[str]:
    """The trail of a report, sentence by sentence: on the page for the one that is awaited, else a link away."""
    section = one_of(page, "section", aria_labelledby="h-owed")
    for one in all_of(section, "details"):
        if words(all_of(one, "summary")[0]) == f"Why? {report}":
            return [words(sentence) for sentence in all_of(one, "li")]
    trail = read(staff.get(links(section)[f"Why? {report}"]))
    return [words(sentence) for sentence in all_of(one_of(trail, "ol"), "li")]


def answer(page: Element) -> dict[str, str]:
    """The lines on top of the page."""
    section = one_of(page, "section", class_="answer")
    return {words(one_of(line, "dt")): words(one_of(line, "dd")) for line in all_of(section, "div")}


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
    assert why(staff, page, "initial report") == [DEPOSIT, FORCE, INITIAL]
    assert why(staff, page, "periodic report 2") == [
        DEPOSIT,
        FORCE,
        INITIAL,
        "OPSC art. 12(2): Every five years from then: 5 years later, report 2 by 23 January 2010.",
    ]
    assert why(staff, page, "periodic report 3") == [
        DEPOSIT,
        FORCE,
        INITIAL,
        "OPSC art. 12(2): Every five years from then: 10 years later, report 3 by 23 January 2015.",
        DECISION,
    ]


def test_three_lines_answer_why_a_state_is_listed_and_lead_to_the_reasons(staff: Client) -> None:
    page = the_page(staff, "IDN")
    assert answer(page) == {
        "Awaited": (
            "Initial report, due on 24 October 2014: overdue 12 years. OPSC art. 12(1): Initial report within two "
            "years of entry into force, by 24 October 2014. Why this date"
        ),
        "Last received": (
            "No report under the OPSC is recorded here. Last concluding observations: CRC/C/IDN/CO/5-6 of 30 May 2025."
        ),
        "What ends it": (
            "The receipt of the initial report; a report under the Convention does not replace it. The Committee may "
            "also state another date."
        ),
        "Next reminder": "None: nobody is recorded to whom it could go. It would be due on 22 November 2026.",
    }
    report = State.objects.get(pk="IDN").obligations.get()
    assert links(one_of(page, "section", class_="answer")) == {
        "Why this date": f"/obligations/{report.pk}/why/",
        "Correspondence (0)": "/states/IDN/correspondence/",
        "Write a paper": "/correspondence/write/?state=IDN",
        "note as PDF": "/reports/note/IDN.pdf",
        "note as page": "/reports/note/IDN/",
    }
    # Reminders have no other day than today.
    assert list(answer(the_page(staff, "IDN", as_of="2015-01-01"))) == [
        "Awaited",
        "Last received",
        "What ends it",
    ]


def test_only_the_report_that_is_awaited_has_its_trail_on_the_page(staff: Client) -> None:
    page = the_page(staff, "USA")
    section = one_of(page, "section", aria_labelledby="h-owed")
    assert [words(all_of(one, "summary")[0]) for one in all_of(section, "details")] == [
        "Why? periodic report 6"
    ]
    assert [said for said in links(section) if said.startswith("Why? ")] == [
        "Why? initial report", "Why? periodic report 2", "Why? periodic report 3", "Why? periodic report 4",
        "Why? periodic report 5", "Why? periodic report 7",
    ]  # fmt: skip


def test_sources_are_cited_in_full_in_a_fold(staff: Client) -> None:
    (fold,) = (one for one in all_of(the_page(staff, "VAT"), "details") if words(one).startswith("Sources"))
    cited = {words(one_of(line, "dt")): words(one_of(line, "dd")) for line in all_of(fold, "div")}
    assert (
        cited["crc-c-opsc-vat-1"]
        == "Initial report of the Holy See, United Nations document CRC/C/OPSC/VAT/1"
    )
    assert cited["OPSC"].endswith("(New York, 25 May 2000), United Nations, Treaty Series, vol. 2171, p. 227")
    assert "docstore.ohchr.org" in cited


def test_the_depositary_notification_is_named_where_the_action_is(staff: Client) -> None:
    ratified = State.objects.get(pk="NOR").actions.filter(kind="ratification", treaty="OPSC")
    ratified.update(reference="C.N.1.2001")
    page = the_page(staff, "NOR")
    shown = ["OPSC", "ratificationC.N.1.2001", "2 October 2001"]
    assert shown in [row[:3] for row in table(page, "h-actions")]
    assert ["2 October 2001", "ratification", "Depositary, C.N.1.2001"] in table(page, "h-time")


def test_facts_and_documents_of_the_united_states(staff: Client) -> None:
    page = the_page(staff, "USA")
    assert [row[:4] for row in table(page, "h-actions")] == [
        ["OPSC", "signature", "5 July 2000", "—"],
        ["OPSC", "ratification", "23 December 2002", "23 January 2003"],
    ]
    assert [row[:4] for row in table(page, "h-reports")] == [
        ["CRC/C/OPSC/USA/1", "initial report", "10 May 2007", "22 May 2008"],
        ["CRC/C/OPSC/USA/2", "periodic report 2", "25 January 2010", "16 January 2013"],
        ["CRC/C/OPSC/USA/3-4", "periodic reports 3-4", "22 January 2016", "16 May 2017"],
        ["CRC/C/OPSC/USA/5", "periodic report 5", "23 January 2022", "—"],
    ]
    assert [row[:4] for row in table(page, "h-dates")] == [
        ["CRC/C/OPSC/USA/CO/2", "periodic reports 3-4", "23 January 2016day inferred, to be confirmed",
         "1 February 2013"],
        ["CRC/C/OPSC/USA/CO/3-4", "periodic report 5", "23 January 2022day inferred, to be confirmed", "2 June 2017"],
    ]  # fmt: skip
    assert notes(page) == [NOT_IN_THE_CRC, NOT_COMPLETE]


def test_the_united_states_as_of_the_end_of_2012(staff: Client) -> None:
    page = the_page(staff, "USA", as_of="2012-12-31")
    assert {report: cells[1:4] for report, cells in owed(page).items()} == {
        "initial report": ["23 January 2005", "received, 2 years 3 months late", "10 May 2007"],
        "periodic report 2": ["23 January 2010", "received, 2 days late", "25 January 2010"],
        "periodic report 3": ["23 January 2015", "due 23 January 2015", "—"],
        "periodic report 4": ["23 January 2020", "due 23 January 2020", "—"],
    }
    assert why(staff, page, "periodic report 3") == [
        DEPOSIT,
        FORCE,
        INITIAL,
        "OPSC art. 12(2): Every five years from then: 10 years later, report 3 by 23 January 2015.",
    ]
    assert all_of(page, "section", aria_labelledby="h-dates") == []
    # The dialogue of 16 January 2013 is in the future too.
    assert table(page, "h-reports")[1][:4] == [
        "CRC/C/OPSC/USA/2",
        "periodic report 2",
        "25 January 2010",
        "—",
    ]


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
    assert [row[:6] for row in table(the_page(staff, "USA"), "h-requests")] == [shown]
    earlier = table(the_page(staff, "USA", as_of="2012-11-19"), "h-requests")
    assert [row[:6] for row in earlier] == [[*shown[:4], "—", "—"]]
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


def test_norway_owes_what_the_committee_asks_for(staff: Client) -> None:
    page = the_page(staff, "NOR")
    assert owed(page) == {
        "initial report": ["12.1", "18 January 2004", "received, date unknown", "—", "—"],
        "reports 5-6 under the CRC": [
            "12.2", "2016treaty calendar: 7 February 2008", "received on time", "6 October 2016", "—",
        ],
        "report 8 under the CRC": [
            "12.2", "none yettreaty calendar: 7 February 2028", "date to be communicated", "—", "—",
        ],
    }  # fmt: skip
    assert why(staff, page, "report 8 under the CRC") == [
        "Depositary: Instrument of ratification deposited on 8 January 1991.",
        "CRC art. 49(2): Convention in force for the State on the thirtieth day after the deposit, 7 February 1991.",
        (
            "OPSC art. 12(2): The initial report was received by 3 June 2005, the day of its review, at the latest; "
            "from then on each report under the Convention carries the information on the Protocol."
        ),
        "CRC/C/NOR/CO/7: The last concluding observations known here were adopted on 30 May 2025.",
        (
            "CRC/C/NOR/CO/7: The Committee, on 30 May 2025, will communicate the date of report 8; until then none "
            "is due."
        ),
    ]
    assert answer(page)["Next reminder"] == "None: the report has no due date yet."
    assert notes(page) == [IN_THE_CRC, NOT_COMPLETE, CARRIED_NOT_KNOWN, NO_DEADLINE]


def test_the_calendar_of_the_treaty_stays_visible_and_is_no_deadline(staff: Client) -> None:
    fold = next(
        one
        for one in all_of(the_page(staff, "NOR"), "details", class_="aside")
        if words(all_of(one, "summary")[0]) == "Treaty calendar, indicative"
    )
    rows = [[words(cell) for cell in all_of(row, "td")][:2] for row in all_of(fold, "tr")[1:]]
    assert rows == [
        ["report 4 under the CRC", "7 February 2008"],
        ["report 5 under the CRC", "7 February 2013"],
        ["report 6 under the CRC", "7 February 2018"],
        ["report 7 under the CRC", "7 February 2023"],
        ["report 8 under the CRC", "7 February 2028"],
        ["report 9 under the CRC", "7 February 2033"],
    ]
    assert words(all_of(all_of(fold, "li")[-1], "cite")[0]) == "CRC art. 44(1):"


def test_a_date_not_recorded_shows_the_last_concluding_observations(staff: Client) -> None:
    page = the_page(staff, "GAB")
    assert owed(page) == {
        "initial report": ["12.1", "1 November 2009", "received, date unknown", "—", "—"],
        "next report under the CRC": [
            "12.2",
            "not recordedtreaty calendar: 11 March 2021last observations: CRC/C/GAB/CO/2, 3 June 2016",
            "date not recorded", "—", "—",
        ],
    }  # fmt: skip
    assert answer(page)["Awaited"].startswith(
        "Next report under the CRC: date not recorded. CRC art. 44(1)(b): "
    )
    assert [row[:4] for row in table(page, "h-reviews")] == [
        ["CRC/C/GAB/CO/2", "report 2 under the CRC", "3 June 2016", "—"]
    ]


@pytest.mark.parametrize(
    ("iso3", "report", "due", "status", "says"),
    [
        (
            "IRN", "reports 5-6 under the CRC", "2021treaty calendar: 12 August 2021",
            "received, 1 year 10 months lateawaiting review since 31 October 2023",
            "No report is awaited. Reports 5-6 under the CRC: awaiting review since 31 October 2023.",
        ),
        (
            "KAZ", "reports 5-6 under the CRC", "not recorded",
            "received, date unknownawaiting review since 4 December 2025 at the latest",
            "No report is awaited. Reports 5-6 under the CRC: awaiting review since 4 December 2025 at the latest.",
        ),
    ],
)  # fmt: skip
def test_a_state_that_awaits_its_review_is_told_so_first(
    iso3: str, report: str, due: str, status: str, says: str, staff: Client
) -> None:
    page = the_page(staff, iso3)
    assert answer(page)["Awaited"] == says
    assert owed(page)[report][1:3] == [due, status]


def test_how_far_a_fact_is_to_be_trusted_stands_beside_it(staff: Client) -> None:
    # The standing formula is in use, but its text was not read for this State.
    (row,) = (row for row in table(the_page(staff, "GEO"), "h-dates") if row[0] == "CRC/C/GEO/CO/5-6")
    assert row[2] == "to be communicated"
    assert row[4].endswith("clause not read for this State: to be confirmed")
    (review,) = (row for row in table(the_page(staff, "AFG"), "h-reviews") if row[0] == "CRC/C/AFG/CO/1")
    assert review[4].endswith("from memory: to be confirmed")


def test_a_report_under_the_convention_says_whether_the_information_is_in_it(staff: Client) -> None:
    report = State.objects.get(pk="IRN").submissions.get(symbol="CRC/C/IRN/5-6")
    assert [row[5] for row in table(the_page(staff, "IRN"), "h-reports")] == ["—", "not looked at"]
    report.information, report.information_where = "yes", "paras. 210-244"
    report.withdrawn_on = factories.day("2026-03-01")
    report.save()
    initial, carried = table(the_page(staff, "IRN"), "h-reports")
    assert carried[1:6:4] == [
        "reports 5-6 under the CRCwithdrawn by the State on 1 March 2026",
        "yes, paras. 210-244",
    ]
    assert initial[1] == "initial report"


def test_a_review_without_a_report_is_said_and_not_called_a_waiver(staff: Client) -> None:
    norway = State.objects.get(pk="NOR")
    factories.decides(
        norway, "2026-01-31", "2025-06-01", cycles="8", carried_by="CRC report", document="CRC/C/NOR/QPR/8"
    )
    committee.reviews(
        norway, "CRC/C/NOR/CO/8", "2026-09-18", "8", "periodic", carried_by="CRC report", without_report=True,
        session=102,
    )  # fmt: skip
    factories.derive("2026-11-22", norway)
    page = the_page(staff, "NOR")
    assert owed(page)["report 8 under the CRC"][2] == "reviewed without a report"
    assert table(page, "h-reviews")[-1][:4] == [
        "CRC/C/NOR/CO/8", "report 8 under the CRCreviewed without a report", "18 September 2026", "102",
    ]  # fmt: skip
    before = owed(the_page(staff, "NOR", as_of="2026-09-17"))
    assert before["report 8 under the CRC"][2] != "reviewed without a report"


def test_a_printed_date_that_differs_is_marked(staff: Client) -> None:
    # Denmark is printed 2004 where the rule gives 24 August 2005.
    assert owed(the_page(staff, "DNK"))["initial report"][1::3] == ["24 August 2005", "2004differs"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (
            "treaty-calendar",
            (
                "Every date of the five-year calendar of CRC art. 44(1)(b) counts here (rule "
                "“treaty-calendar”), unless the Committee has stated another."
            ),
        ),
        (
            "plain",
            (
                "Every State has a five-year series of its own here (rule “plain”); reports under "
                "the Convention do not count."
            ),
        ),
    ],
)
def test_the_page_says_which_rule_is_in_force(rule: str, says: str, settings: Any, staff: Client) -> None:
    settings.PERIODIC_RULE = rule
    page = the_page(staff, "NOR")
    assert notes(page)[0] == says
    assert "Treaty calendar, indicative" not in words(page)


def test_a_state_that_left_and_joined_again_has_two_periods(staff: Client) -> None:
    norway = State.objects.get(pk="NOR")
    factories.denounces(norway, on="2010-03-01")
    factories.joins(norway, on="2015-06-01", kind="accession")
    factories.derive("2026-11-22", norway)
    page = the_page(staff, "NOR")
    periods = [words(one) for one in all_of(one_of(page, "section", aria_labelledby="h-actions"), "dd")]
    assert periods[0].startswith("18 January 2002 until 1 March 2011, when its denunciation takes effect")
    assert periods[1].startswith("1 July 2015 Why?")
    assert words(one_of(page, "p", class_="says")).endswith("State party to the OPSC.")


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
        "Western European and other States. No longer a party to the OPSC since 1 March 2011: reports that "
        "fell due before are still owed."
    )


def test_indonesia_is_overdue_on_evidence(staff: Client) -> None:
    page = the_page(staff, "IDN")
    assert owed(page) == {"initial report": ["12.1", "24 October 2014", "overdue 12 years", "—", "—"]}
    assert notes(page) == [
        IN_THE_CRC,
        (
            "The periodic reports begin with the initial report: information under the OPSC is then a part of "
            "each report under the Convention (art. 12(2))."
        ),
        (
            "The records end on 4 December 2025; a report due later that is not recorded shows as "
            "“no record” until the office keeps the records itself."
        ),
        (
            "Ministry still preparing it; newspaper Kompas said plainly on 23 November 2017 that none was sent "
            "(ham.go.id, 7 November 2019)"
        ),
    ]


def test_a_state_without_contact_asks_for_one(staff: Client) -> None:
    contacts = one_of(the_page(staff, "NOR"), "section", aria_labelledby="h-contacts")
    assert words(contacts) == (
        "Contacts No contact is recorded. Add a contact "
        "Correspondence language: English. to be confirmed Confirm or change the language"
    )
    assert links(contacts) == {
        "Add a contact": "/admin/registry/contact/add/?state=NOR&next=/states/NOR/",
        "Confirm or change the language": "/admin/registry/state/NOR/change/#id_language",
    }


def test_the_formal_name_is_shown(staff: Client) -> None:
    assert words(one_of(the_page(staff, "NOR"), "p", class_="formal")) == "Formal name: the Kingdom of Norway"
    assert all_of(the_page(staff, "TUR"), "p", class_="formal") == []  # it is not known


def test_contacts_and_desk_officer_are_shown(staff: Client) -> None:
    norway = State.objects.get(pk="NOR")
    factories.a_contact(norway, "geneva@example.org", name="Ms Lie", office="Permanent Mission")
    factories.a_contact(norway, "old@example.org", name="Mr Dahl", active=False)
    norway.desk_officer = factories.an_officer("grace")
    norway.save()
    contacts = one_of(the_page(staff, "NOR"), "section", aria_labelledby="h-contacts")
    assert [words(one) for one in all_of(contacts, "li")] == [
        "Mr Dahl: old@example.org focal point not active Edit: the contact Mr Dahl",
        "Ms Lie, Permanent Mission: geneva@example.org focal point Edit: the contact Ms Lie · Confirm: Ms Lie",
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
        "Edit the State": "/admin/registry/state/NOR/change/",
        "Record a request for further information": (
            "/admin/obligations/informationrequest/add/?state=NOR&next=/states/NOR/"
        ),
        "What if …": "/what-if/?state=NOR",
        "History": "/states/NOR/history/",
    }


def test_a_viewer_is_led_to_no_place_of_entry() -> None:
    page = the_page(in_role("Viewer"), "NOR")
    assert list(links(one_of(page, "p", class_="edit"))) == ["What if …", "History"]
    assert not [address for address in links(one_of(page, "main")).values() if address.startswith("/admin/")]
    assert "Enter data" not in links(page)


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("iso3", ["USA", "NOR", "MNE", "KEN", "BRB", "IDN", "AND", "VAT"])
def test_every_kind_of_state_takes_the_same_number_of_queries(
    iso3: str, staff: Client, django_assert_num_queries: object
) -> None:
    # The next reminder is looked for where a report with a date is awaited, and the expected year where a date is to be
    # communicated; without obligations there is no ledger, without reports no progress of them.
    taken = {"USA": 26, "NOR": 25, "AND": 25, "IDN": 23, "KEN": 20, "BRB": 20}.get(iso3, 24)
    with django_assert_num_queries(taken):  # type: ignore[operator]
        assert staff.get(f"/states/{iso3}/").status_code == 200


def test_the_reasons_show_what_the_un_printed_for_this_series_and_by_this_day(staff: Client) -> None:
    state = factories.a_state("QAA")  # its own third report; another is printed for a report under the CRC
    factories.joins(state, on="2002-12-23")
    factories.derive("2026-11-22")
    committee.prints(state, "2016", "2016-01-22", "3", "periodic", carried_by="own")
    committee.prints(state, "1999", "2001-01-01", "3", "periodic", carried_by="CRC report")
    address = f"/obligations/{factories.the_obligation(state, 3).pk}/why/"

    def printed(query: str) -> list[str]:
        terms = all_of(read(staff.get(address + query)), "dt")
        return [words(one) for one in terms if words(one) == "Printed by the UN"]

    assert (printed(""), printed("?as_of=2016-01-21")) == (["Printed by the UN"], [])
    said = words(all_of(read(staff.get(address)), "dl", class_="facts")[0])
    assert "2016" in said
    assert "1999" not in said
