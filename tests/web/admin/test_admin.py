"""Records entered and edited in the admin: errors, effects, and the history."""

from __future__ import annotations

from typing import Any

import pytest
from django.forms import Form, model_to_dict
from django.test import Client

from tests import factories
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import all_of, in_two_steps, links, messages, one_of, read, table, version_shown, words
from tracker.obligations.models import CommitteeDate, Obligation, PrintedDate, Review, Submission
from tracker.registry.models import Contact, State, TreatyAction
from tracker.reminders.models import Reminder, ReminderRule
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

ACTION = "/admin/registry/treatyaction/"
SUBMISSION = "/admin/obligations/submission/"
DECISION = "/admin/obligations/committeedate/"
REVIEW, PRINTED = "/admin/obligations/review/", "/admin/obligations/printeddate/"


def filled_in(form: Form) -> dict[str, Any]:
    """The form data as the browser would send them."""
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: "" if value is None else value for name, value in values.items() if value is not False}


def send(staff: Client, address: str, **changes: str) -> Any:
    """Opens a form, changes some fields and saves; inline rows are sent unchanged."""
    context = staff.get(address).context
    values = filled_in(context["adminform"].form)
    for formset in context["inline_admin_formsets"]:
        for form in (formset.formset.management_form, *formset.formset.forms):
            values |= {form.add_prefix(name): value for name, value in filled_in(form).items()}
    return staff.post(address, values | changes, follow=True)


def told(answer: Any) -> list[str]:
    return messages(read(answer))


def errors(answer: Any) -> dict[str, list[str]]:
    """The errors, field by field."""
    assert answer.redirect_chain == []
    return {field: list(map(str, found)) for field, found in answer.context["adminform"].form.errors.items()}


def due(state: State) -> list[str]:
    return [row.due_on.isoformat() for row in Obligation.objects.filter(state=state, expected=True)]


# --- effects --------------------------------------------------------------------------------------


def test_a_corrected_deposit_moves_every_date_at_once_and_says_so(usa: State, staff: Client) -> None:
    action = TreatyAction.objects.get(state=usa)
    answer = send(staff, f"{ACTION}{action.pk}/change/", date="2003-12-23", reason="C.N.1.2004")
    assert told(answer)[0] == (
        "United States of America: Initial report now due 23 January 2006, was 23 January 2005. "
        "Periodic report 2 now due 23 January 2011, was 23 January 2010. "
        "Periodic report 3 now due 23 January 2016, was 23 January 2015. "
        "Periodic report 4 now due 23 January 2021, was 23 January 2020. 3 more dates changed."
    )
    assert due(usa)[:2] == ["2006-01-23", "2011-01-23"]
    assert links(one_of(read(answer), "ul", class_="messages"))["United States of America"] == "/states/USA/"


def test_a_new_ratification_creates_what_is_owed(staff: Client) -> None:
    norway = factories.a_state("NOR")
    answer = send(staff, f"{ACTION}add/", state="NOR", treaty="OPSC", kind="ratification", date="2026-10-02")
    assert told(answer)[0] == (
        "Norway: Initial report due 2 November 2028. Periodic report 2 due 2 November 2033."
    )
    assert due(norway) == ["2028-11-02", "2033-11-02"]


def test_the_history_keeps_who_and_why(usa: State) -> None:
    ada = signed_in("grace", is_superuser=True)
    action = TreatyAction.objects.get(state=usa)
    send(ada, f"{ACTION}{action.pk}/change/", date="2003-12-23", reason="C.N.1.2004 read again")
    latest, first = action.history.all()
    assert (latest.history_user.username, latest.history_change_reason) == ("grace", "C.N.1.2004 read again")
    assert (first.history_user, first.date.isoformat()) == (None, "2002-12-23")
    page = read(ada.get(f"{ACTION}{action.pk}/history/"))
    (row, _) = all_of(one_of(one_of(page, "table", id="change-history"), "tbody"), "tr")
    assert [words(cell) for cell in all_of(row, "td")] == [
        "22 November 2026, 09:00 UTC",
        "Changed",
        "grace",
        "C.N.1.2004 read again",
        "Date: 23 December 2002 → 23 December 2003",
        "—",
    ]


def test_an_earlier_version_can_be_taken_back(usa: State, staff: Client) -> None:
    action = TreatyAction.objects.get(state=usa)
    send(staff, f"{ACTION}{action.pk}/change/", date="2003-12-23", reason="C.N.1.2004")
    first = action.history.last()
    leads_to = links(read(staff.get(f"{ACTION}{action.pk}/history/")))["Restore… 22 November 2026, 09:00"]
    assert leads_to == f"/history/treaty-action/{first.pk}/restore/"
    answer = in_two_steps(staff, leads_to, reason="C.N.1.2003")
    assert told(answer)[1].startswith(
        "United States of America: Initial report now due 23 January 2005, was 23 January 2006."
    )


def test_a_submission_answers_at_once_and_cancels_what_waits(
    usa: State, staff: Client, settings: Any
) -> None:
    settings.REMINDERS_APPROVAL = "required"
    factories.a_contact(usa)
    plan(TODAY)
    waiting = Reminder.objects.filter(state="held").count()
    answer = send(
        staff, f"{SUBMISSION}add/", state="USA", kind="periodic", first_cycle="2", last_cycle="5",
        received_on="2026-11-20", symbol="CRC/C/OPSC/USA/2-5",
    )  # fmt: skip
    assert told(answer)[0] == (
        "United States of America: Periodic report 2 is answered. Periodic report 3 is answered. "
        f"Periodic report 4 is answered. Periodic report 5 is answered. {waiting} reminders cancelled."
    )
    assert waiting == 4
    assert Reminder.objects.filter(state="held").count() == 0


def test_a_deleted_submission_leaves_its_report_owed(usa: State, staff: Client) -> None:
    submission = Submission.objects.get(state=usa)
    answer = in_two_steps(staff, f"{SUBMISSION}{submission.pk}/delete/", reason="sent back")
    assert told(answer)[0] == "United States of America: Initial report is no longer answered."
    assert not Submission.objects.exists()
    assert Submission.history.first().history_change_reason == "sent back"


def test_submissions_deleted_together_are_each_followed_up(usa: State, staff: Client) -> None:
    keys = list(Submission.objects.values_list("pk", flat=True))
    chosen = {"action": "delete_selected", "_selected_action": keys, "reason": "sent back"}
    seen = one_of(read(staff.post(SUBMISSION, chosen)), "input", name="seen").attributes["value"]
    answer = staff.post(SUBMISSION, chosen | {"step": "save", "seen": seen}, follow=True)
    assert told(answer)[0] == "United States of America: Initial report is no longer answered."


def test_a_decision_of_the_committee_replaces_the_date(usa: State, staff: Client) -> None:
    answer = send(
        staff, f"{DECISION}add/", state="USA", kind="periodic", first_cycle="3", last_cycle="4",
        due_on="2016-01-23", document="CRC/C/OPSC/USA/CO/2", decided_on="2013-02-01",
    )  # fmt: skip
    assert told(answer)[0] == (
        "United States of America: Periodic report 3 now due 23 January 2016, was 23 January 2015. "
        "Periodic report 4 now due 23 January 2016, was 23 January 2020."
    )


def test_records_of_a_state_change_what_is_overdue(usa: State, staff: Client) -> None:
    assert Obligation.objects.overdue(TODAY).count() == 4
    send(staff, "/admin/registry/state/USA/change/", records_from="2025-12-04", reason="records checked")
    assert Obligation.objects.overdue(TODAY).count() == 0
    assert State.history.first().history_change_reason == "records checked"


def test_a_new_state_and_its_contact_are_saved(staff: Client) -> None:
    answer = send(staff, "/admin/registry/state/add/", iso3="NOR", name="Norway", region="WEOG")
    assert told(answer) == ["The State “Norway” was added successfully. Undo"]
    answer = send(staff, "/admin/registry/contact/add/", state="NOR", name="Ms Lie", email="lie@example.org")
    assert told(answer) == ["The contact “Ms Lie <lie@example.org>” was added successfully. Undo"]
    answer = send(
        staff, f"/admin/registry/contact/{Contact.objects.get().pk}/change/", name="Ms Li", reason="letter"
    )
    assert Contact.objects.get().name == "Ms Li"
    assert Contact.history.first().history_change_reason == "letter"
    assert Contact.history.first().history_user.username == "ada"


def test_the_form_knows_the_state_it_was_asked_for(usa: State, staff: Client) -> None:
    form = staff.get(f"{SUBMISSION}add/?state=USA").context["adminform"].form
    assert str(form.get_initial_for_field(form.fields["state"], "state")) == "USA"


def test_every_field_of_a_fact_says_what_to_enter(usa: State, staff: Client) -> None:
    clear = {"state", "treaty", "active", "carried_by", "outcome", "is_demonstration", "copy", "records_evidence_on",
             "review_precision", "region", "session", "without_report"}  # fmt: skip
    pages = (ACTION, SUBMISSION, DECISION, REVIEW, PRINTED, "/admin/registry/contact/")
    for address in pages:
        form = staff.get(f"{address}add/").context["adminform"].form
        silent = {name for name, field in form.fields.items() if not field.help_text}
        assert silent - clear == ({"note"} if "contact" in address else set()), address


# --- what is refused ------------------------------------------------------------------------------


def test_a_signature_before_an_accession_is_doubted_and_saved(staff: Client) -> None:
    factories.joins(factories.a_state("KEN"), on="2005-01-01", kind="accession")
    answer = send(staff, f"{ACTION}add/", state="KEN", treaty="OPSC", kind="signature", date="2000-09-08")
    assert (
        "The State signed the OPSC on 8 September 2000, and a State that has signed usually ratifies. It is saved "
        "as an accession; compare it with the depositary notification."
    ) in told(answer)
    assert TreatyAction.objects.count() == 2


@pytest.mark.parametrize(
    ("page", "sent", "said"),
    [
        (SUBMISSION, {"kind": "initial", "first_cycle": "1", "last_cycle": "1", "received_on": "2026-11-20"},
         {"__all__": [("A report for these cycles is recorded already; correct it, or enter this one as its "
                       "revision.")]}),
        (REVIEW, {"kind": "initial", "first_cycle": "1", "last_cycle": "1", "adopted_on": "2008-06-06",
                  "document": "CRC/C/OPSC/USA/CO/1", "without_report": "on"},
         {"without_report": [("The report was received on 10 May 2007, before this review. Clear “without a report”, "
                              "or correct the number.")]}),
        (PRINTED, {"kind": "initial", "printed_on": "2007-05-10", "document": "CRC/C/OPSC/USA/1", "printed": "spring"},
         {"printed": ["Enter a year, or a day such as 2015-09-26."]}),
    ],
    ids=["submission", "review", "printed date"],
)  # fmt: skip
def test_a_fact_that_cannot_be_is_refused(
    page: str, sent: dict[str, str], said: dict[str, list[str]], usa: State, staff: Client
) -> None:
    assert errors(send(staff, f"{page}add/", state="USA", **sent)) == said
    assert (Submission.objects.count(), Review.objects.count(), PrintedDate.objects.count()) == (1, 0, 0)


def test_a_refused_change_keeps_what_was(usa: State, staff: Client) -> None:
    action = TreatyAction.objects.get(state=usa)
    before = model_to_dict(action)
    answer = send(staff, f"{ACTION}{action.pk}/change/", date="1999-01-01", reason="letter")
    action.refresh_from_db()
    assert errors(answer) == {"date": ["The OPSC was adopted on 25 May 2000; enter a day from then on."]}
    assert model_to_dict(action) == before
    assert action.history.count() == 1


def test_a_state_with_facts_is_not_deleted_and_says_why(usa: State, staff: Client) -> None:
    answer = staff.post("/admin/registry/state/USA/delete/", {"reason": "by mistake"}, follow=True)
    assert answer.redirect_chain == [("/admin/registry/state/USA/change/", 302)]
    assert told(answer) == [
        (
            "United States of America cannot be deleted, because other records refer to it: treaty actions, "
            "obligations, submissions."
        )
    ]
    assert State.objects.count() == 1


def test_states_with_facts_are_not_deleted_together(usa: State, staff: Client) -> None:
    chosen = {
        "action": "delete_selected",
        "_selected_action": ["USA"],
        "step": "save",
        "reason": "by mistake",
    }
    answer = staff.post("/admin/registry/state/", chosen, follow=True)
    assert answer.status_code == 200
    assert words(one_of(read(answer), "title")) == "Cannot delete State · Article 12 tracker"
    assert State.objects.count() == 1


def test_a_state_without_facts_can_be_deleted(staff: Client) -> None:
    factories.a_state("NOR")
    answer = in_two_steps(staff, "/admin/registry/state/NOR/delete/", reason="by mistake")
    assert told(answer) == ["The State “Norway” was deleted successfully. Undo"]
    assert State.objects.count() == 0


def test_another_language_is_thereby_confirmed(usa: State, staff: Client) -> None:
    State.objects.update(language_is_proposed=True)
    send(staff, "/admin/registry/state/USA/change/", region="WEOG")
    assert State.objects.get().language_is_proposed is True
    send(staff, "/admin/registry/state/USA/change/", language="es")
    usa.refresh_from_db()
    assert (usa.language, usa.language_is_proposed) == ("es", False)


def test_proposed_languages_are_confirmed_together_and_the_history_says_so(usa: State, staff: Client) -> None:
    State.objects.update(language_is_proposed=True)
    confirm = {"action": "confirm_languages", "_selected_action": ["USA"]}
    answer = staff.post("/admin/registry/state/", confirm, follow=True)
    assert told(answer) == ["The correspondence language of 1 State is confirmed."]
    usa.refresh_from_db()
    assert (usa.language, usa.language_is_proposed) == ("en", False)
    assert usa.history.first().history_change_reason == "correspondence language confirmed"
    assert told(staff.post("/admin/registry/state/", confirm, follow=True)) == ["No change."]


def test_the_code_of_a_state_is_not_changed(usa: State, staff: Client) -> None:
    send(staff, "/admin/registry/state/USA/change/", iso3="XXX", name="United States")
    assert list(State.objects.values_list("iso3", "name")) == [("USA", "United States")]


def test_a_rule_that_made_reminders_is_kept(usa: State, staff: Client) -> None:
    factories.a_contact(usa)
    plan(TODAY)
    reminders = Reminder.objects.values_list("rule", flat=True)
    used = reminders[0]
    count = sum(rule == used for rule in reminders)
    answer = staff.post(f"/admin/reminders/reminderrule/{used}/delete/", {"post": "yes"}, follow=True)
    assert count == 1
    assert told(answer) == [
        "This rule cannot be deleted: 1 reminder was planned by it. Deactivate it instead."
    ]
    assert ReminderRule.objects.filter(pk=used).exists()


def test_a_rule_can_be_added_switched_off_and_deleted(staff: Client) -> None:
    answer = send(staff, "/admin/reminders/reminderrule/add/", months="-9")
    assert told(answer) == ["The reminder rule “9 months before” was added successfully."]
    rule = ReminderRule.objects.get(months=-9)
    send(staff, f"/admin/reminders/reminderrule/{rule.pk}/change/", wording="In good time.")
    rule.refresh_from_db()
    assert (rule.wording, rule.active) == ("In good time.", True)
    delete = f"/admin/reminders/reminderrule/{rule.pk}/delete/"
    staff.post(delete, {"post": "yes"} | version_shown(staff, delete))
    assert not ReminderRule.objects.filter(months=-9).exists()


def test_a_rule_for_the_same_day_is_refused(staff: Client) -> None:
    answer = send(staff, "/admin/reminders/reminderrule/add/", months="-6")
    assert errors(answer) == {"__all__": ["There is already a rule for this day and kind."]}


def test_somebody_who_may_only_look_changes_nothing(usa: State) -> None:
    looks = in_role("Approver")
    action = TreatyAction.objects.get(state=usa)
    assert looks.get(f"{ACTION}{action.pk}/change/").status_code == 200
    assert looks.post(f"{ACTION}{action.pk}/change/", {"date": "2003-12-23"}).status_code == 403
    assert looks.get(f"{ACTION}add/").status_code == 403
    assert table(read(looks.get("/states/USA/")), "h-actions")[0][2] == "23 December 2002"


# --- what the Committee says ------------------------------------------------------------------------


def test_a_year_typed_as_a_due_date_is_its_last_day(usa: State, staff: Client) -> None:
    send(
        staff, f"{DECISION}add/", state="USA", kind="periodic", first_cycle="6", last_cycle="6", due_on="2027",
        document="CRC/C/OPSC/USA/CO/5", decided_on="2024-06-07",
    )  # fmt: skip
    found = CommitteeDate.objects.get()
    assert (found.due_on.isoformat(), found.precision) == ("2027-12-31", "year")


def test_a_date_ahead_needs_the_day_of_its_document_because_it_counts_from_then_on(
    usa: State, staff: Client
) -> None:
    answer = send(
        staff, f"{DECISION}add/", state="USA", kind="periodic", first_cycle="6", last_cycle="6", due_on="2027",
        document="CRC/C/OPSC/USA/CO/5",
    )  # fmt: skip
    assert (
        "Enter the day of the document, or of its receipt if it has none; the date counts from that day."
    ) in answer.content.decode()
    assert not CommitteeDate.objects.exists()


@pytest.mark.parametrize("order", ["{}", "-{}"])
def test_a_list_has_facts_without_a_value_last(order: str, usa: State, staff: Client) -> None:
    for cycle, received in enumerate(("2012-01-25", None, "2009-01-25"), start=2):
        Submission.objects.create(
            state=usa, kind="periodic", first_cycle=cycle, last_cycle=cycle, received_on=received,
            reviewed_on=None if received else "2013-02-01", known_by=received or "2013-02-01",
        )  # fmt: skip
    listed = staff.get(SUBMISSION).context["cl"].list_display.index("received_on")
    found = staff.get(SUBMISSION, {"o": order.format(listed)}).context["cl"].result_list
    days = [one.received_on for one in found]
    assert days[-1] is None
    assert days[:-1] == sorted(days[:-1], reverse=order.startswith("-"))
