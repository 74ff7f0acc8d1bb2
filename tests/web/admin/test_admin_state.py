"""A State's page in the admin: its records as rows saved as one change, effects shown once, reasons required."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, signed_in
from tests.web.pages import all_of, links, messages, one_of, read, words
from tracker.obligations.models import CommitteeDate, InformationRequest, NonReceipt, Obligation, Submission
from tracker.registry.models import Contact, State, TreatyAction
from tracker.reminders.models import Reminder
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

PAGE = "/admin/registry/state/USA/change/"
ROWS = {
    TreatyAction: "actions",
    Submission: "submissions",
    CommitteeDate: "committeedates",
    InformationRequest: "information_requests",
    NonReceipt: "non_receipts",
    Contact: "contacts",
}


@pytest.fixture
def usa() -> State:
    """The United States: party to the OPSC alone, initial report received, a contact."""
    state = factories.a_state("USA", name="United States of America", region="WEOG")
    factories.joins(state, on="2002-12-23")
    factories.receives(state, "2007-05-10", symbol="CRC/C/OPSC/USA/1")
    factories.a_contact(state)
    factories.derive(TODAY.isoformat(), state)
    return state


def as_shown(client: Client, address: str = PAGE) -> dict[str, Any]:
    """All fields of the page as the browser would send them."""
    context = client.get(address).context
    forms = [context["adminform"].form]
    for one in context["inline_admin_formsets"]:
        forms += [one.formset.management_form, *one.formset.forms]
    values = {}
    for form in forms:
        for name, field in form.fields.items():
            value = form.get_initial_for_field(field, name)
            if value is not False:
                values[form.add_prefix(name)] = "" if value is None else value
    return values


def save(client: Client, address: str = PAGE, **changes: str) -> Any:
    """Opens the page, changes some fields and saves."""
    return client.post(address, as_shown(client, address) | changes, follow=True)


def followed(answer: Any) -> list[str]:
    """The effects shown on the page."""
    page = read(answer)
    boxes = all_of(page, "section", aria_labelledby="h-followed")
    return [words(item) for box in boxes for item in all_of(box, "li")]


def wrong(answer: Any) -> dict[str, list[str]]:
    """The errors, field by field, on the page and its rows."""
    assert answer.redirect_chain == []
    found = dict(answer.context["adminform"].form.errors)
    for one in answer.context["inline_admin_formsets"]:
        for form in one.formset.forms:
            found |= {form.add_prefix(name): problems for name, problems in form.errors.items()}
        if one.formset.non_form_errors():
            found[one.formset.prefix] = one.formset.non_form_errors()
    return {name: list(map(str, problems)) for name, problems in found.items()}


def due(state: State) -> list[str]:
    rows = Obligation.objects.filter(state=state, expected=True).order_by("computed_on")
    return [row.due_on.isoformat() for row in rows]


# --- what the page shows --------------------------------------------------------------------------


def test_the_page_shows_every_kind_of_fact_as_a_line(usa: State, staff: Client) -> None:
    factories.decides(usa, "2016-01-23")
    factories.asks(usa)
    factories.reviews(usa, "2008-06-06", kind="initial", cycles="1", document="CRC/C/OPSC/USA/CO/1")
    page = read(staff.get(PAGE))
    lines = [words(one) for one in all_of(page, "summary")]
    assert [line for line in lines if line not in ("Menu", "Why?", "Filter") and not line.startswith("Why?")] == [
        "OPSC: ratification, 23 December 2002", "Add a treaty action",
        "Initial report: CRC/C/OPSC/USA/1, received 10 May 2007", "Add a submission",
        "CRC/C/OPSC/USA/CO/1, adopted 6 June 2008, on initial report", "Add a review",
        "Periodic reports 3-4: 23 January 2016 (CRC/C/OPSC/USA/CO/1)", "Add a date stated by the Committee",
        "List of issues CRC/C/OPSC/USA/Q/2: reply due 15 November 2012", "Add a request for further information",
        "Add a confirmation of non-receipt", "Add a printed due date",
        "Permanent Mission, mission@example.org", "Add a contact",
    ]  # fmt: skip


def test_the_page_shows_what_is_derived_and_offers_no_field_for_it(usa: State, staff: Client) -> None:
    page = read(staff.get(PAGE))
    owed = one_of(page, "section", aria_labelledby="h-owed")
    first = words(all_of(owed, "li")[0])
    assert first.startswith(
        "Initial report 23 January 2005 received, 2 years 3 months late Why? initial report"
    )
    assert "Depositary: Instrument of ratification deposited on 23 December 2002." in first
    assert not [one for one in owed if one.name in ("input", "select", "textarea", "button")]


def test_the_page_leads_to_what_is_recorded_most(usa: State, staff: Client) -> None:
    for address in (PAGE, "/states/USA/"):
        bar = one_of(read(staff.get(address)), "ul", aria_label="Record")
        assert links(bar) == {
            "Record a submission": "/states/USA/record-submission/",
            "Record concluding observations": "/states/USA/record-review/",
            "Record a list of issues prior to reporting": "/states/USA/record-prior-to-reporting/",
            "Record another date stated by the Committee": "/states/USA/record-date/",
            "Record the withdrawal of a report": "/states/USA/record-withdrawal/",
            "Record an instrument deposited": "/states/USA/record-deposit/",
        }


def test_a_person_sees_only_what_that_person_may_record(usa: State) -> None:
    reader = signed_in("grace")
    give(reader, "view_state", "add_submission", "view_contact")
    assert list(links(one_of(read(reader.get("/states/USA/")), "ul", class_="tasks"))) == [
        "Record a submission"
    ]
    page = read(reader.get(PAGE))
    assert [words(one) for one in all_of(page, "summary") if not words(one).startswith("Why?")] == [
        "Menu", "Permanent Mission, mission@example.org",
    ]  # fmt: skip
    assert not all_of(page, "input", id="id_reason")
    assert "For the history" not in words(one_of(page, "main"))
    assert reader.post(PAGE, {"name": "Elsewhere"}).status_code == 403


def test_a_new_state_leads_to_its_page_where_its_facts_are_entered(staff: Client) -> None:
    answer = save(staff, "/admin/registry/state/add/", iso3="NOR", name="Norway")
    assert answer.redirect_chain == [("/admin/registry/state/NOR/change/", 302)]
    answer = save(
        staff, "/admin/registry/state/NOR/change/",
        **{"actions-0-kind": "ratification", "actions-0-date": "2 Oct 2026"},
    )  # fmt: skip
    assert followed(answer) == [
        "Initial report due 2 November 2028.", "Periodic report 2 due 2 November 2033.",
    ]  # fmt: skip


def test_a_new_state_has_no_rows_yet(staff: Client) -> None:
    page = read(staff.get("/admin/registry/state/add/"))
    assert [words(one) for one in all_of(page, "h2")] == ["Coverage of the records", "For the history"]


# --- saving rows ------------------------------------------------------------------------------------


def test_a_row_is_corrected_and_its_effect_is_told_on_the_same_page(usa: State, staff: Client) -> None:
    plan(TODAY)
    waiting = Reminder.objects.exclude(state="sent").count()
    answer = save(staff, **{"actions-0-date": "23/11/2002", "reason": "C.N.1.2003 read again"})
    assert answer.redirect_chain == [(PAGE, 302)]
    assert followed(answer)[:2] == [
        "Initial report now due 23 December 2004, was 23 January 2005.",
        "Periodic report 2 now due 23 December 2009, was 23 January 2010.",
    ]
    assert waiting == 4
    assert followed(answer)[-2:] == ["4 reminders cancelled.", "4 reminders planned."]
    assert messages(read(answer)) == ["United States of America is saved. Undo"]
    latest = TreatyAction.history.first()
    assert (latest.date.isoformat(), latest.history_change_reason) == ("2002-11-23", "C.N.1.2003 read again")
    assert latest.history_user.username == "ada"


def test_facts_of_every_kind_are_added_at_once(usa: State, staff: Client) -> None:
    answer = save(
        staff,
        **{
            "actions-1-kind": "signature", "actions-1-date": "5 Jul 2000",
            "submissions-1-first_cycle": "2", "submissions-1-last_cycle": "2",
            "submissions-1-received_on": "25 Jan 2010", "submissions-1-symbol": "CRC/C/OPSC/USA/2",
            "committeedates-0-first_cycle": "3", "committeedates-0-last_cycle": "4",
            "committeedates-0-due_on": "2016-01-23", "committeedates-0-document": "CRC/C/OPSC/USA/CO/2",
            "committeedates-0-decided_on": "2013-02-01",
            "information_requests-0-document": "CRC/C/OPSC/USA/Q/2",
            "information_requests-0-issued_on": "2012-07-10", "information_requests-0-due_on": "15/11/2012",
            "non_receipts-0-kind": "periodic", "non_receipts-0-cycle": "5",
            "non_receipts-0-not_received_by": "2025-01-31", "non_receipts-0-source": "CRC/C/98/2",
            "contacts-1-name": "Ms Lie", "contacts-1-email": "lie@example.org",
        },
    )  # fmt: skip
    assert followed(answer)[:3] == [
        "Periodic report 2 is answered.",
        "Periodic report 3 now due 23 January 2016, was 23 January 2015.",
        "Periodic report 4 now due 23 January 2016, was 23 January 2020.",
    ]
    assert [model.objects.filter(state=usa).count() for model in ROWS] == [2, 2, 1, 1, 1, 2]


def test_a_date_that_moves_twice_is_told_once(usa: State, staff: Client) -> None:
    """The deposit moves it to 2011, then the Committee to 2012: the message says only from 2010 to 2012."""
    answer = save(
        staff,
        **{
            "actions-0-date": "2003-12-23", "reason": "C.N.1.2004",
            "committeedates-0-first_cycle": "2", "committeedates-0-last_cycle": "2",
            "committeedates-0-due_on": "2012-05-01", "committeedates-0-document": "CRC/C/OPSC/USA/CO/1",
            "committeedates-0-decided_on": "2008-06-06",
        },
    )  # fmt: skip
    about_2 = [sentence for sentence in followed(answer) if sentence.startswith("Periodic report 2")]
    assert about_2 == ["Periodic report 2 now due 1 May 2012, was 23 January 2010."]


def test_nothing_is_told_or_kept_where_nothing_was_changed(usa: State, staff: Client) -> None:
    answer = save(staff, reason="looked through")
    assert followed(answer) == []
    assert messages(read(answer)) == ["No change."]
    assert State.history.count() == 1
    assert TreatyAction.history.count() == 1


def test_a_recorded_entry_into_force_that_differs_warns_and_is_saved(usa: State, staff: Client) -> None:
    answer = save(staff, **{"actions-0-effective_on": "2003-03-23", "reason": "C.N.1.2003"})
    assert messages(read(answer))[1].startswith(
        "The recorded entry into force (23 March 2003) differs from the one that the treaty gives "
    )
    assert due(usa)[0] == "2005-03-23"


# --- reasons ----------------------------------------------------------------------------------------


def test_a_changed_day_of_a_row_needs_a_reason_and_says_which(usa: State, staff: Client) -> None:
    answer = save(staff, **{"actions-0-date": "2003-12-23", "submissions-0-received_on": "2007-05-11"})
    assert wrong(answer) == {
        "reason": [
            (
                "Enter a reason for the history; this change needs one: OPSC: ratification, 23 December 2002 "
                "(date); initial report: CRC/C/OPSC/USA/1, received 10 May 2007 (received on)."
            )
        ]
    }
    assert due(usa)[0] == "2005-01-23"
    assert TreatyAction.history.count() == 1


def test_what_was_entered_is_still_there_when_the_reason_is_missing(usa: State, staff: Client) -> None:
    answer = save(staff, **{"actions-0-date": "23 Dec 2003", "contacts-1-name": "Ms Lie"})
    values = {
        one.attributes.get("name"): one.attributes.get("value") for one in all_of(read(answer), "input")
    }
    assert (values["actions-0-date"], values["contacts-1-name"]) == ("23 Dec 2003", "Ms Lie")


def test_a_row_is_removed_with_a_reason_only(usa: State, staff: Client) -> None:
    assert wrong(save(staff, **{"submissions-0-DELETE": "on"})) == {
        "reason": [
            (
                "Enter a reason for the history; this change needs one: initial report: CRC/C/OPSC/USA/1, "
                "received 10 May 2007 (deleted)."
            )
        ]
    }
    answer = save(staff, **{"submissions-0-DELETE": "on", "reason": "of another State"})
    assert followed(answer) == ["Initial report is no longer answered.", *followed(answer)[1:]]
    assert not Submission.objects.exists()
    assert Submission.history.first().history_change_reason == "of another State"


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"records_from": "2025-12-04"}, "records from"),
        ({"records_note": "A newspaper says so."}, "note on the records"),
        ({"contacts-0-active": ""}, "Permanent Mission, mission@example.org (active)"),
        ({"actions-0-confidence": "memory"}, "OPSC: ratification, 23 December 2002 (confidence)"),
    ],
)
def test_a_changed_status_needs_a_reason(
    changes: dict[str, str], what: str, usa: State, staff: Client
) -> None:
    assert wrong(save(staff, **changes)) == {
        "reason": [f"Enter a reason for the history; this change needs one: {what}."]
    }
    assert State.history.count() == Contact.history.count() == TreatyAction.history.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "United States"},
        {"contacts-0-office": "Geneva"},
        {"actions-0-source": "UN Treaty Collection"},
    ],
)
def test_another_change_needs_no_reason(changes: dict[str, str], usa: State, staff: Client) -> None:
    assert save(staff, **changes).redirect_chain == [(PAGE, 302)]


@pytest.mark.parametrize(
    ("address", "changes", "what"),
    [
        ("registry/treatyaction", {"date": "2002-12-24"}, "date"),
        ("obligations/submission", {"received_on": "2007-05-11", "kind": "periodic"}, "kind, received on"),
        ("registry/contact", {"active": ""}, "active"),
    ],
)
def test_the_page_of_a_fact_needs_the_reason_too(
    address: str, changes: dict[str, str], what: str, usa: State, staff: Client
) -> None:
    model = {"treatyaction": TreatyAction, "submission": Submission, "contact": Contact}
    row = model[address.partition("/")[2]].objects.get()  # type: ignore[attr-defined]
    answer = save(staff, f"/admin/{address}/{row.pk}/change/", **changes)
    told = wrong(answer)["reason"]
    assert told == [f"Enter a reason for the history; this change needs one: {what.replace(', ', '; ')}."]
    assert row.history.count() == 1


# --- what is refused ----------------------------------------------------------------------------------


def test_what_is_wrong_stands_at_its_field_of_its_row_and_nothing_is_saved(usa: State, staff: Client) -> None:
    answer = save(
        staff,
        **{
            "name": "United States", "reason": "letter",
            "actions-0-date": "03/04/2002", "contacts-1-name": "Ms Lie", "contacts-1-email": "lie",
            "submissions-0-received_on": "2003-01-22",
        },
    )  # fmt: skip
    assert wrong(answer) == {
        "actions-0-date": ["“03/04/2002” could be 3 April 2002 or 4 March 2002; write 2002-04-03."],
        "contacts-1-email": ["Enter a valid email address."],
        "submissions-0-received_on": [
            (
                "The OPSC entered into force for the State on 23 January 2003; no report under it was received "
                "before. Check the day."
            )
        ],
    }
    assert State.objects.get().name == "United States of America"
    assert Contact.objects.count() == 1
    opened = [
        words(one) for one in all_of(read(answer), "details", class_="fact") if "open" in one.attributes
    ]
    assert len(opened) == 3


def test_two_rows_that_cannot_stand_together_are_refused_at_the_second(usa: State, staff: Client) -> None:
    """Each is valid alone; only saving the second after the first shows the error."""
    new = {
        "submissions-TOTAL_FORMS": "3",
        "submissions-1-kind": "periodic", "submissions-1-first_cycle": "2", "submissions-1-last_cycle": "2",
        "submissions-1-received_on": "2010-01-25", "submissions-1-symbol": "CRC/C/OPSC/USA/2",
        "submissions-2-kind": "periodic", "submissions-2-first_cycle": "2", "submissions-2-last_cycle": "2",
        "submissions-2-received_on": "2010-01-26", "submissions-2-symbol": "CRC/C/OPSC/USA/2/Rev.1",
    }  # fmt: skip
    answer = save(staff, name="United States", **new)
    assert wrong(answer) == {
        "submissions-2-__all__": [
            "A report for these cycles is recorded already; correct it, or enter this one as its revision."
        ]
    }
    assert State.objects.get().name == "United States of America"
    assert Submission.objects.count() == 1
    values = {
        one.attributes.get("name"): one.attributes.get("value") for one in all_of(read(answer), "input")
    }
    assert values["submissions-2-symbol"] == "CRC/C/OPSC/USA/2/Rev.1"


def test_a_row_that_nobody_touched_stands_in_nobody_s_way(usa: State, staff: Client) -> None:
    """An unchanged row is not checked: a confirmation whose report was received since would be refused today."""
    NonReceipt.objects.create(state=usa, kind="initial", cycle=1, not_received_by=TODAY, source="a list")
    assert save(staff, name="United States").redirect_chain == [(PAGE, 302)]
    assert State.objects.get().name == "United States"


def test_a_report_that_another_one_revises_is_not_removed(usa: State, staff: Client) -> None:
    first = Submission.objects.get()
    factories.receives(usa, "2007-06-01", symbol="CRC/C/OPSC/USA/1/Rev.1", revises=first)
    answer = save(staff, **{"submissions-0-DELETE": "on", "reason": "mistake"})
    assert "CRC/C/OPSC/USA/1/Rev.1" in " ".join(wrong(answer)["submissions"])
    assert Submission.objects.count() == 2


# --- a second person ------------------------------------------------------------------------------------


def test_a_date_of_the_committee_waits_for_a_second_person(usa: State, staff: Client, settings: Any) -> None:
    settings.FOUR_EYES = True
    answer = save(
        staff,
        **{
            "committeedates-0-first_cycle": "3", "committeedates-0-last_cycle": "4",
            "committeedates-0-due_on": "2016-01-23", "committeedates-0-document": "CRC/C/OPSC/USA/CO/2",
            "committeedates-0-decided_on": "2013-02-01",
        },
    )  # fmt: skip
    assert followed(answer) == [
        (
            "The Committee’s date in CRC/C/OPSC/USA/CO/2 for periodic report 3-4 takes effect once a second person has "
            "confirmed it."
        )
    ]
    lines = [words(one) for one in all_of(read(answer), "summary")]
    assert "Periodic reports 3-4: 23 January 2016 (CRC/C/OPSC/USA/CO/2), awaits confirmation" in lines


def test_a_second_correction_of_the_same_date_is_refused_at_its_row(
    usa: State, staff: Client, settings: Any
) -> None:
    factories.decides(usa, "2016-01-23")
    settings.FOUR_EYES = True
    assert save(staff, **{"committeedates-0-due_on": "2017-01-23", "reason": "CO"}).redirect_chain
    answer = save(staff, **{"committeedates-0-due_on": "2018-01-23", "reason": "CO"})
    assert wrong(answer) == {
        "committeedates-0-__all__": [
            "A correction of this date awaits confirmation already; edit or delete that one."
        ]
    }


def test_a_second_correction_on_the_page_of_the_date_is_refused_there(
    usa: State, staff: Client, settings: Any
) -> None:
    stated = factories.decides(usa, "2016-01-23")
    settings.FOUR_EYES = True
    address = f"/admin/obligations/committeedate/{stated.pk}/change/"
    save(staff, address, due_on="2017-01-23", reason="CO")
    assert wrong(save(staff, address, due_on="2018-01-23", reason="CO")) == {
        "__all__": ["A correction of this date awaits confirmation already; edit or delete that one."]
    }


def test_only_a_second_person_removes_a_date_in_effect(usa: State, settings: Any) -> None:
    factories.decides(usa, "2016-01-23")
    settings.FOUR_EYES = True
    editor = signed_in("grace")
    give(
        editor, "view_state", "change_state", "view_committeedate", "change_committeedate",
        "delete_committeedate",
    )  # fmt: skip
    answer = save(editor, **{"committeedates-0-DELETE": "on", "reason": "mistake"})
    assert wrong(answer) == {
        "committeedates": [
            (
                "periodic reports 3-4: 23 January 2016 (CRC/C/OPSC/USA/CO/1): Only an approver can "
                "confirm or withdraw a date stated by the Committee. Ask an approver."
            )
        ]
    }
    assert CommitteeDate.objects.count() == 1


def give(client: Client, *codes: str) -> None:
    """Gives the signed-in user some permissions."""
    user = factories.get_user_model().objects.get(pk=client.session["_auth_user_id"])
    user.user_permissions.add(*Permission.objects.filter(codename__in=codes))


# --- fields ---------------------------------------------------------------------------------------------


def test_a_day_is_taken_as_people_write_it(staff: Client) -> None:
    factories.a_state("NOR")
    address = "/admin/registry/treatyaction/add/"
    save(staff, address, state="NOR", treaty="OPSC", kind="ratification", date=" 23.1.2003 ")
    assert TreatyAction.objects.get().date.isoformat() == "2003-01-23"


def test_a_day_is_shown_as_iso_in_a_text_field(usa: State, staff: Client) -> None:
    action = TreatyAction.objects.get()
    page = read(staff.get(f"/admin/registry/treatyaction/{action.pk}/change/"))
    field = one_of(page, "input", id="id_date")
    assert (field.attributes["type"], field.attributes["value"]) == ("text", "2002-12-23")
    assert words(one_of(page, "small", id="id_date_helptext")).endswith(
        "Write it as 2003-01-23, 23 Jan 2003, 23/01/2003 or yesterday."
    )


def test_a_state_is_recognised_as_people_write_it(staff: Client) -> None:
    factories.a_state("CIV")
    address = "/admin/registry/contact/add/"
    answer = save(staff, address, state=" Ivory Coast ", name="Mission", email="mission@example.org")
    assert answer.redirect_chain
    assert Contact.objects.get().state_id == "CIV"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("Norwey", "“Norwey” is not a recorded State. Did you mean one of these: Norway (NOR)? Enter its code."),
        ("", "Enter a State, by its name or its alpha-3 code, for example NOR."),
    ],
)  # fmt: skip
def test_a_state_that_is_not_recognised_is_never_guessed(written: str, told: str, staff: Client) -> None:
    factories.a_state("NOR")
    factories.a_state("SWE")
    answer = save(
        staff, "/admin/registry/contact/add/", state=written, name="Mission", email="mission@example.org"
    )
    (said,) = wrong(answer)["state"]
    assert said.startswith(told)
    assert not Contact.objects.exists()
    assert one_of(read(answer), "input", id="id_state").attributes.get("value", "") == written


def test_the_browser_is_offered_every_state_once(usa: State, staff: Client) -> None:
    factories.a_state("NOR")
    page = read(staff.get("/admin/registry/statement/add/"))
    offered = one_of(page, "datalist", id="states")
    assert [one.attributes["value"] for one in all_of(offered, "option")] == [
        "NOR - Norway", "USA - United States of America",
    ]  # fmt: skip
    fields = [one for one in all_of(page, "input") if one.attributes.get("list") == "states"]
    assert [one.attributes["name"] for one in fields] == ["state", "about"]

    shown = read(staff.get("/admin/obligations/submission/add/?state=USA"))
    assert one_of(shown, "input", id="id_state").attributes["value"] == "USA - United States of America"


# --- the first page and the others ----------------------------------------------------------------------


def test_the_first_page_begins_with_the_tasks(staff: Client) -> None:
    page = read(staff.get("/admin/"))
    assert [words(one) for one in all_of(page, "h2")] == [
        "Most used", "Registry", "Obligations", "Reminders", "People", "Consideration of reports",
        "Correspondence",
    ]  # fmt: skip
    assert list(links(one_of(page, "ul", class_="tasks")))[:3] == [
        "Record a submission", "Record a date stated by the Committee", "Record an instrument deposited",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "address", ["/admin/", PAGE, "/admin/registry/state/", "/admin/registry/treatyaction/add/"]
)
def test_the_admin_has_the_frame_of_all_pages(address: str, usa: State, staff: Client) -> None:
    page = read(staff.get(address))
    assert list(links(one_of(page, "nav", aria_label="Main"))) == [
        "Today", "Obligations", "States", "Sessions", "Reminders", "Participation",
    ]  # fmt: skip
    assert len(all_of(page, "h1")) == len(all_of(page, "main")) == len(all_of(page, "footer")) == 1
    sheets = [one.attributes["href"] for one in all_of(page, "link", rel="stylesheet")]
    names = ["variables", "base", "dashboard", "pictures", "comfort", "phone", "contrast", "print", "admin"]
    assert sheets == [f"/static/css/{name}.css" for name in names]
    assert not all_of(page, "input", id="as_of")  # what is entered is entered today


def test_somebody_who_enters_nothing_is_told_so_by_the_sign_in_of_the_admin() -> None:
    reader = signed_in("grace", is_staff=False)
    page = read(reader.get("/admin/login/?next=/admin/"))
    assert words(one_of(page, "p", role="alert")).startswith(
        "You are signed in as grace. This account cannot enter data"
    )
