"""The pages for recording: a preview first, and only what the preview showed is saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, signed_in
from tests.web.pages import Element, all_of, focus_of, links, messages, one_of, problems, read, words
from tracker.obligations.models import CommitteeDate, Obligation, Submission
from tracker.registry.models import State, TreatyAction
from tracker.reminders.models import Reminder

pytestmark = pytest.mark.django_db

SUBMISSION = "/states/USA/record-submission/"
DATE = "/states/USA/record-date/"
DEPOSIT = "/states/NOR/record-deposit/"


@pytest.fixture
def norway() -> State:
    """Norway has signed the OPSC and is party to the CRC."""
    state = factories.a_state("NOR")
    factories.joins(state, "CRC", "1991-01-08")
    factories.signs(state, on="2000-06-13")
    return state


def report(state: State, cycle: int, carried_by: str = "own") -> str:
    return str(Obligation.objects.get(state=state, cycle=cycle, carried_by=carried_by).pk)


def look(client: Client, address: str, **values: Any) -> Element:
    """The page after “Preview”."""
    return read(client.post(address, values | {"step": "look"}))


def save(client: Client, address: str, **values: Any) -> Any:
    """Previews, then saves the form as the page shows it."""
    looked = client.post(address, values | {"step": "look"})
    form = looked.context["form"]
    seen = one_of(read(looked), "input", name="seen").attributes["value"]
    sent = {name: form[name].value() or "" for name in form.fields}
    return client.post(address, sent | {"step": "save", "seen": seen}, follow=True)


def told(page: Element) -> list[str]:
    """The effects in the preview."""
    boxes = all_of(page, "section", aria_labelledby="h-effects")
    return [words(item) for box in boxes for item in all_of(box, "li")]


def shown(page: Element, name: str) -> str:
    return one_of(page, "input", name=name).attributes.get("value", "")


# --- a submission -------------------------------------------------------------------------------


def test_the_open_reports_are_offered_in_their_order(usa: State, staff: Client) -> None:
    page = read(staff.get(SUBMISSION))
    assert [words(one) for one in all_of(one_of(page, "fieldset"), "label")] == [
        "Periodic report 2, due 23 January 2010: overdue 16 years 9 months",
        "Periodic report 3, due 23 January 2015: overdue 11 years 9 months",
        "Periodic report 4, due 23 January 2020: overdue 6 years 9 months",
        "Periodic report 5, due 23 January 2025: overdue 1 year 9 months",
        "Periodic report 6: due 23 January 2030",
        "Periodic report 7: due 23 January 2035",
    ]  # fmt: skip
    assert not [one for one in all_of(page, "input", type="checkbox") if "checked" in one.attributes]


def test_the_report_that_the_address_names_is_ticked(usa: State, staff: Client) -> None:
    page = read(staff.get(f"{SUBMISSION}?obligation={report(usa, 3)}&obligation=x"))
    ticked = [one for one in all_of(page, "input", type="checkbox") if "checked" in one.attributes]
    assert [one.attributes["value"] for one in ticked] == [report(usa, 3)]


def test_third_and_fourth_are_combined_and_what_follows_is_shown_before_anything_is_saved(
    usa: State, staff: Client
) -> None:
    factories.a_contact(usa)
    chosen = [report(usa, 3), report(usa, 4)]
    page = look(staff, SUBMISSION, reports=chosen, received_on="22 Jan 2016")
    assert told(page)[:2] == ["Periodic report 3 is answered.", "Periodic report 4 is answered."]
    assert shown(page, "title") == "Combined third and fourth periodic reports"
    assert shown(page, "symbol") == "CRC/C/OPSC/USA/3-4"
    assert Submission.objects.count() == 1
    assert not Reminder.objects.exists()


def test_what_was_looked_at_is_saved(usa: State, staff: Client) -> None:
    answer = save(
        staff, SUBMISSION, reports=[report(usa, 3), report(usa, 4)], received_on="22/01/2016", language="en"
    )
    assert answer.redirect_chain == [("/states/USA/", 302)]
    assert messages(read(answer)) == [
        "Recorded for United States of America: the submission CRC/C/OPSC/USA/3-4. Undo",
        "United States of America: Periodic report 3 is answered. Periodic report 4 is answered.",
    ]
    found = Submission.objects.get(first_cycle=3)
    assert (found.kind, found.cycles, found.carried_by, found.title, found.language) == (
        "periodic", "3-4", "own", "Combined third and fourth periodic reports", "en",
    )  # fmt: skip
    assert found.received_on.isoformat() == "2016-01-22"
    assert found.history.get().history_user.username == "ada"


def test_what_is_changed_after_the_look_is_looked_at_again(usa: State, staff: Client) -> None:
    values = {"reports": [report(usa, 2)], "received_on": "2010-01-25"}
    seen = shown(look(staff, SUBMISSION, **values), "seen")
    changed = values | {"reports": [report(usa, 3)], "step": "save", "seen": seen}
    page = read(staff.post(SUBMISSION, changed))
    assert told(page) == ["Periodic report 3 is answered."]
    assert Submission.objects.count() == 1


def test_a_suggestion_that_is_cleared_stays_cleared(usa: State, staff: Client) -> None:
    values = {"reports": [report(usa, 2)], "received_on": "2010-01-25"}
    seen = shown(look(staff, SUBMISSION, **values), "seen")
    page = read(staff.post(SUBMISSION, values | {"step": "save", "seen": seen, "title": "", "symbol": ""}))
    assert (shown(page, "title"), shown(page, "symbol")) == ("", "")
    answer = {"step": "save", "seen": shown(page, "seen"), "title": "", "symbol": ""}
    staff.post(SUBMISSION, values | answer)
    assert Submission.objects.get(first_cycle=2).symbol == ""


def test_title_and_symbol_follow_the_pattern_of_covers(usa: State, staff: Client) -> None:
    chosen = [report(usa, cycle) for cycle in (3, 4, 5)]
    page = look(staff, SUBMISSION, reports=chosen, received_on="2020-01-22")
    assert (shown(page, "title"), shown(page, "symbol")) == (
        "Combined third to fifth periodic reports", "CRC/C/OPSC/USA/3-5",
    )  # fmt: skip


def test_an_initial_report_and_a_report_under_the_crc_have_symbols_of_their_own(
    norway: State, staff: Client
) -> None:
    factories.joins(norway, on="2001-10-02")
    factories.derive(TODAY.isoformat(), norway)
    address = "/states/NOR/record-submission/"
    page = look(staff, address, reports=[report(norway, 1)], received_on="2005-06-03")
    assert (shown(page, "title"), shown(page, "symbol")) == ("Initial report", "CRC/C/OPSC/NOR/1")
    factories.receives(norway, "2005-06-03")
    factories.derive(TODAY.isoformat(), norway)
    values = {"reports": [report(norway, 0, "CRC report")], "received_on": "2016-10-04", "information": "yes"}
    page = look(staff, address, numbers="5-6", **values)
    assert (shown(page, "title"), shown(page, "symbol")) == (
        "Combined fifth and sixth periodic reports", "CRC/C/NOR/5-6",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cycles", "said"),
    [
        ([], "Select the report, or the reports that are combined in one."),
        ([2, 4], ("Only consecutive reports can be combined: between the second and the fourth is "
                  "the third. Select it too, or record the reports one by one.")),
    ],
)  # fmt: skip
def test_reports_that_cannot_be_one_are_refused_in_words(
    cycles: list[int], said: str, usa: State, staff: Client
) -> None:
    chosen = [report(usa, cycle) for cycle in cycles]
    page = look(staff, SUBMISSION, reports=chosen, received_on="2020-01-22")
    assert problems(page) == [said]
    assert told(page) == []


def test_an_initial_report_combined_with_the_second_answers_both(staff: Client) -> None:
    state = factories.a_state("USA", name="United States of America")
    factories.joins(state, on="2002-12-23")
    factories.derive(TODAY.isoformat(), state)
    chosen = [report(state, 1), report(state, 2)]
    page = look(staff, SUBMISSION, reports=chosen, received_on="2010-01-22")
    assert told(page) == ["Initial report is answered.", "Periodic report 2 is answered."]
    assert (shown(page, "title"), shown(page, "symbol")) == (
        "Combined initial and second periodic reports", "CRC/C/OPSC/USA/1-2",
    )  # fmt: skip
    save(staff, SUBMISSION, reports=chosen, received_on="2010-01-22")
    found = Submission.objects.get()
    assert (found.kind, found.cycles) == ("initial", "1-2")


def test_an_initial_report_of_a_party_to_the_crc_may_be_1_2(norway: State, staff: Client) -> None:
    factories.joins(norway, on="2001-10-02")
    factories.derive(TODAY.isoformat(), norway)
    address = "/states/NOR/record-submission/"
    values = {"reports": [report(norway, 1)], "received_on": "2005-06-03"}
    save(staff, address, numbers="1-2", **values)
    found = Submission.objects.get()
    assert (found.kind, found.cycles, found.carried_by) == ("initial", "1-2", "own")
    Submission.objects.all().delete()
    factories.derive(TODAY.isoformat(), norway)
    assert problems(look(staff, address, numbers="3", **values)) == [
        "The initial report is number 1, or 1-2 where it is combined with the second."
    ]


def test_reports_of_two_series_are_not_combined(usa: State, staff: Client) -> None:
    factories.joins(usa, "CRC", "2012-06-01")
    factories.derive(TODAY.isoformat(), usa)
    chosen = [report(usa, 2), report(usa, 0, "CRC report")]
    page = look(staff, SUBMISSION, reports=chosen, received_on="2020-01-22")
    assert problems(page) == [
        "The State’s own reports and reports under the CRC cannot be combined. Select reports of one kind."
    ]


def test_a_day_that_cannot_be_is_told_at_its_field(usa: State, staff: Client) -> None:
    page = look(staff, SUBMISSION, reports=[report(usa, 2)], received_on="2003-01-22")
    assert words(one_of(page, "div", id="id_received_on_error")) == (
        "The OPSC entered into force for the State on 23 January 2003; no report under it was received before. Check "
        "the day."
    )
    assert Submission.objects.count() == 1


def test_a_state_without_open_reports_is_told_so(staff: Client) -> None:
    factories.a_state("NOR")
    page = read(staff.get("/states/NOR/record-submission/"))
    assert words(one_of(page, "div", class_="nothing")) == (
        "This State has no open report: it owes none, or each is answered. Edit the records of this State"
    )


# --- a date stated by the Committee -----------------------------------------------------------------


STATED = {
    "outcome": "date", "due_on": "23 Jan 2016", "document_kind": "concluding observations",
    "document": "CRC/C/OPSC/USA/CO/2", "decided_on": "2013-02-01",
}  # fmt: skip


def test_a_date_stated_for_third_and_fourth_replaces_both(usa: State, staff: Client) -> None:
    answer = save(staff, DATE, reports=[report(usa, 3), report(usa, 4)], **STATED)
    assert messages(read(answer))[1] == (
        "United States of America: Periodic report 3 now due 23 January 2016, was 23 January 2015. "
        "Periodic report 4 now due 23 January 2016, was 23 January 2020."
    )
    assert CommitteeDate.objects.get().cycles == "3-4"


def test_a_date_that_needs_a_second_person_says_so_and_shows_what_it_will_bring(
    usa: State, staff: Client, settings: Any
) -> None:
    settings.FOUR_EYES = True
    page = look(staff, DATE, reports=[report(usa, 3)], **STATED)
    waits = (
        "The Committee’s date in CRC/C/OPSC/USA/CO/2 for periodic report 3 takes effect once a second person has "
        "confirmed it."
    )
    assert told(page) == [waits]
    assert words(one_of(page, "div", class_="note")) == (
        "Once it is confirmed: Periodic report 3 now due 23 January 2016, was 23 January 2015."
    )
    assert not CommitteeDate.objects.exists()
    answer = save(staff, DATE, reports=[report(usa, 3)], **STATED)
    assert messages(read(answer))[1] == f"United States of America: {waits}"
    assert CommitteeDate.objects.get().awaits_confirmation


def test_a_date_before_its_decision_is_refused_at_its_field(usa: State, staff: Client) -> None:
    page = look(staff, DATE, reports=[report(usa, 3)], **STATED | {"due_on": "2012-01-23"})
    assert words(one_of(page, "div", id="id_due_on_error")) == (
        "The due date must be after the decision (1 February 2013)."
    )


# --- an instrument deposited ---------------------------------------------------------------------


def test_the_instrument_is_suggested_from_the_signature(norway: State, staff: Client) -> None:
    form = staff.get(DEPOSIT).context["form"]
    assert (form["treaty"].value(), form["kind"].value()) == ("OPSC", "ratification")
    factories.a_state("SWE")
    form = staff.get("/states/SWE/record-deposit/").context["form"]
    assert (form["treaty"].value(), form["kind"].value()) == ("OPSC", "accession")


def test_the_entry_into_force_is_shown_before_the_deposit_is_saved(norway: State, staff: Client) -> None:
    values = {"treaty": "OPSC", "kind": "ratification", "date": "31 Jan 2005"}
    page = look(staff, DEPOSIT, **values)
    assert words(all_of(page, "p", class_="note")[0]).startswith(
        "In force for the State on 28 February 2005."
    )
    assert told(page) == ["Initial report due 28 February 2007."]
    assert TreatyAction.objects.filter(treaty="OPSC").count() == 1
    answer = save(staff, DEPOSIT, **values)
    assert messages(read(answer)) == [
        "Recorded for Norway: the OPSC ratification. Undo", "Norway: Initial report due 28 February 2007.",
    ]  # fmt: skip


def test_an_accession_after_a_signature_is_doubted_and_saved(norway: State, staff: Client) -> None:
    values = {"treaty": "OPSC", "kind": "accession", "date": "2005-01-31"}
    doubt = (
        "The State signed the OPSC on 13 June 2000, and a State that has signed usually ratifies. It is saved as an "
        "accession; compare it with the depositary notification."
    )
    page = look(staff, DEPOSIT, **values)
    assert words(one_of(page, "p", class_="warning")) == f"Please check: {doubt}"
    assert problems(page) == []
    assert messages(read(save(staff, DEPOSIT, **values)))[2] == doubt
    assert TreatyAction.objects.get(kind="accession").date.isoformat() == "2005-01-31"


# --- who, and of which State ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "permission"),
    [(SUBMISSION, "add_submission"), (DATE, "add_committeedate"),
     ("/states/USA/record-deposit/", "add_treatyaction")],
)  # fmt: skip
def test_only_who_may_add_it_records_it(address: str, permission: str, usa: State) -> None:
    client = signed_in("grace")
    grace = factories.get_user_model().objects.get(username="grace")
    grace.user_permissions.add(Permission.objects.get(codename="view_state"))
    assert client.get(address).status_code == client.post(address).status_code == 403
    grace.user_permissions.add(Permission.objects.get(codename=permission))
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("iso3", ["usa", "%00"])
def test_an_unknown_state_gives_a_page_that_helps(iso3: str, usa: State, staff: Client) -> None:
    assert staff.get(f"/states/{iso3}/record-submission/").status_code == 404


def test_the_state_is_asked_for_where_none_is_named(usa: State, staff: Client) -> None:
    page = read(staff.get("/record/?what=record-date"))
    chosen = [one for one in all_of(page, "option") if "selected" in one.attributes]
    assert [one.attributes["value"] for one in chosen] == ["record-date"]
    answer = staff.get("/record/?what=record-date&state=united+states+of+america")
    assert answer.headers["Location"] == DATE
    assert problems(read(staff.get("/record/?what=record-date&state=Atlantis"))) == [
        "“Atlantis” is not a recorded State. Enter its name or its alpha-3 code, for example NOR."
    ]
    assert "Continue" not in words(one_of(read(signed_in("grace").get("/record/")), "main"))


def test_a_state_that_was_entered_just_now_is_known(usa: State, staff: Client) -> None:
    staff.get("/record/?what=record-date&state=usa")
    factories.a_state("ISL")
    answer = staff.get("/record/?what=record-date&state=Iceland")
    assert answer.headers["Location"] == "/states/ISL/record-date/"


def test_the_pages_lead_back_to_the_state(usa: State, staff: Client) -> None:
    page = read(staff.get(SUBMISSION))
    assert links(one_of(page, "p", class_="back")) == {"United States of America": "/states/USA/"}


def test_the_form_opens_at_the_day_unless_a_report_is_still_to_be_selected(usa: State, staff: Client) -> None:
    assert focus_of(read(staff.get(SUBMISSION))) == []
    assert focus_of(read(staff.get(f"{SUBMISSION}?obligation={report(usa, 2)}"))) == ["received_on"]
    assert focus_of(read(staff.get("/record/"))) == ["state"]


def test_an_error_has_the_focus(usa: State, staff: Client) -> None:
    page = look(staff, SUBMISSION, reports=report(usa, 2), received_on="tomorrow's report")
    assert focus_of(page) == ["received_on"]
