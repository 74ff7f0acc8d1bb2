"""The outbox: previews of mails, and actions on one or many reminders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests import factories
from tests.depth import first
from tests.web.conftest import TODAY, a_world, in_role
from tests.web.pages import all_of, links, messages, one_of, problems, read, table, version_shown, words
from tracker.obligations.models import Obligation
from tracker.registry.models import Contact
from tracker.reminders import outbox
from tracker.reminders.models import Mail, OutboxAct, Reminder
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

pytestmark = pytest.mark.django_db

ACT = "/reminders/act/"


def planned() -> list[int]:
    for iso3 in ("NOR", "SWE", "FIN"):
        state = factories.a_state(iso3)
        factories.joins(state, on="2025-04-10")
        factories.a_contact(state, f"{iso3.lower()}@example.org")
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    return list(Reminder.objects.order_by("recipient").values_list("pk", flat=True))


@pytest.fixture(scope="module")
def rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[int]]:
    """A planned reminder each to Finland, Norway and Sweden, in this order."""
    yield from a_world(django_db_blocker, planned)


def standing() -> list[str]:
    return list(Reminder.objects.order_by("recipient").values_list("state", flat=True))


def done(staff: Client, what: str, picked: list[int], **more: str) -> list[str]:
    """Performs an action on its page; returns the messages."""
    answer = staff.post(ACT, {"act": what, "pick": picked, "step": "do"} | more, follow=True)
    return messages(read(answer))


# --- the question ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "state", "title"),
    [
        ("hold", "planned", "Hold 3 reminders to 3 States?"),
        ("cancel", "planned", "Cancel 3 reminders to 3 States?"),
        ("resend", "dead", "Send 3 reminders to 3 States again?"),
        ("approve", "held", "Approve 3 reminders to 3 States?"),
    ],
)
def test_the_question_counts_and_changes_nothing(
    what: str, state: str, title: str, rows: list[int], staff: Client
) -> None:
    Reminder.objects.update(state=state)
    page = read(staff.post(ACT, {"act": what, "pick": rows}))
    assert words(one_of(page, "h1")) == title
    assert [row[0] for row in table(page)] == ["Finland", "Norway", "Sweden"]
    assert problems(page) == []
    assert standing() == [state] * 3


def test_the_question_leaves_out_what_it_cannot_be_done_to(rows: list[int], staff: Client) -> None:
    Reminder.objects.filter(pk=rows[0]).update(state="overtaken")
    page = read(staff.post(ACT, {"act": "cancel", "pick": rows}))
    assert words(one_of(page, "h1")) == "Cancel 2 reminders to 2 States?"
    assert words(one_of(page, "p", class_="says")) == (
        "They are never planned again. Later stages of the same reports still are. "
        "1 selected reminder is not included, because its status does not allow this."
    )


@pytest.mark.parametrize("picked", [[], ["9" * 30], ["\0"]])
@pytest.mark.parametrize("what", first(1, ["cancel", "covering", "nonsense", ""]))
def test_nothing_ticked_asks_nothing(picked: list[str], what: str, rows: list[int], staff: Client) -> None:
    answer = staff.post(ACT, {"act": what, "pick": picked, "list": "state=held"}, follow=True)
    assert messages(read(answer)) == [
        "Nothing was done. Select at least one reminder that allows this action."
    ]
    assert answer.redirect_chain == [("/reminders/?state=held", 302)]


def test_too_many_at_once_are_refused(rows: list[int], staff: Client) -> None:
    assert done(staff, "cancel", list(range(1, 502)), reason="x") == [
        "Nothing was done. Select at most 500 reminders at once."
    ]
    assert standing() == ["planned"] * 3


# --- done -----------------------------------------------------------------------------------------


def test_several_are_cancelled_with_a_reason_that_stands_with_each(rows: list[int], staff: Client) -> None:
    assert done(staff, "cancel", rows[:2], reason="The ministry asked for it") == [
        "2 reminders to Finland; Norway cancelled."
    ]
    assert standing() == ["cancelled", "cancelled", "planned"]
    assert [row[6] for row in table(read(staff.get("/reminders/?state=cancelled")))] == [
        "cancelledThe ministry asked for itcancelled by ada"
    ] * 2
    page = read(staff.get(f"/reminders/{rows[0]}/"))
    assert table(page, "h-done") == [
        ["22 November 2026, 09:00", "cancelled", "ada", "The ministry asked for it"]
    ]


def test_what_needs_a_reason_is_not_done_without(rows: list[int], staff: Client) -> None:
    page = read(staff.post(ACT, {"act": "cancel", "pick": rows, "step": "do", "reason": " "}))
    assert problems(page) == ["Enter a reason. It is recorded with each of these reminders."]
    assert one_of(page, "input", name="reason").attributes["aria-invalid"] == "true"
    assert standing() == ["planned"] * 3


def test_what_is_held_can_be_let_go_at_once(rows: list[int], staff: Client) -> None:
    answer = staff.post(ACT, {"act": "hold", "pick": rows[1:], "step": "do"}, follow=True)
    page = read(answer)
    assert messages(page) == ["2 reminders to Norway; Sweden are held until they are approved. Undo"]
    assert standing() == ["planned", "held", "held"]
    form = one_of(page, "form", action="/reminders/act/undo/")
    keys = one_of(form, "input", name="keys").attributes["value"]
    undone = staff.post("/reminders/act/undo/", {"keys": keys}, follow=True)
    assert messages(read(undone)) == [
        "2 reminders to Norway; Sweden will be sent with the next run, at 09:15 UTC."
    ]
    assert standing() == ["planned"] * 3


@pytest.mark.parametrize("keys", ["", "x", "9" * 30])
def test_an_undo_that_names_nothing_undoes_nothing(keys: str, rows: list[int], staff: Client) -> None:
    Reminder.objects.update(state="held")
    answer = staff.post("/reminders/act/undo/", {"keys": keys or str(rows[0])}, follow=True)
    assert messages(read(answer)) == ["Nothing was undone: these reminders are no longer held."]
    assert standing() == ["held"] * 3


def test_only_what_the_question_showed_is_done(rows: list[int], staff: Client) -> None:
    form = one_of(read(staff.post(ACT, {"act": "cancel", "pick": rows})), "form", action=ACT)
    page = {"shown": str(one_of(form, "input", name="shown").attributes["value"])}
    Reminder.objects.filter(pk=rows[0]).update(
        state="unknown"
    )  # cancelled all the same, if nobody had looked
    outbox.act("hold", Reminder.objects.filter(pk=rows[1]), by="grace")
    assert done(staff, "cancel", rows, reason="by letter", **page) == [
        "1 reminder to Sweden cancelled.",
        "2 reminders to Finland; Norway had changed in the meantime and were left unchanged.",
    ]
    assert standing() == ["unknown", "held", "cancelled"]


def test_one_is_approved_on_its_own_page(rows: list[int], staff: Client) -> None:
    Reminder.objects.update(state="held")
    form = one_of(read(staff.get(f"/reminders/{rows[1]}/")), "form", action=ACT)
    assert [words(one) for one in all_of(form, "button")] == ["Approve …", "Cancel …"]
    assert done(staff, "approve", rows[1:2]) == [
        "1 reminder to Norway approved; it will be sent with the next run, at 09:15 UTC."
    ]
    assert standing() == ["held", "planned", "held"]


def test_what_may_have_arrived_is_sent_again_only_by_whoever_says_to_know_it(
    rows: list[int], staff: Client
) -> None:
    Reminder.objects.filter(pk=rows[0]).update(state="unknown")
    Reminder.objects.filter(pk=rows[1]).update(state="dead", attempts=8)
    sent = {"act": "resend", "pick": rows[:2], "step": "do", "reason": "The mission never got it"}
    page = read(staff.post(ACT, sent))
    assert problems(page) == [
        "Confirm that you know that the mail may have arrived already, or deselect these reminders."
    ]
    assert standing() == ["unknown", "dead", "planned"]
    assert done(staff, "resend", rows[:2], reason="The mission never got it", knows="on") == [
        "2 reminders to Finland; Norway will be sent again with the next run, at 09:15 UTC."
    ]
    assert set(Reminder.objects.values_list("state", "attempts")) == {("planned", 0)}
    assert OutboxAct.objects.get().reason == "The mission never got it"


def test_nobody_is_asked_to_know_about_what_was_refused(rows: list[int], staff: Client) -> None:
    Reminder.objects.update(state="dead")
    page = read(staff.post(ACT, {"act": "resend", "pick": rows}))
    assert all_of(page, "input", name="knows") == []


def test_only_who_approves_does_anything(rows: list[int]) -> None:
    somebody = in_role("Editor")
    for address in (ACT, "/reminders/act/undo/"):
        assert (
            somebody.post(address, {"act": "cancel", "pick": rows, "step": "do", "reason": "x"}).status_code
            == 403
        )
    assert standing() == ["planned"] * 3
    page = read(somebody.get(f"/reminders/{rows[0]}/"))
    assert all_of(page, "form", action=ACT) == []


def test_the_list_offers_what_can_be_done(rows: list[int], staff: Client) -> None:
    def offered() -> list[str]:
        return [
            words(one)
            for one in all_of(one_of(read(staff.get("/reminders/")), "form", id="approve"), "button")
        ]

    assert offered() == ["Hold selected …", "Cancel selected …"]
    Reminder.objects.filter(pk=rows[0]).update(state="dead")
    assert offered() == ["Hold selected …", "Cancel selected …", "Send selected again …"]


# --- the covering note ----------------------------------------------------------------------------


def covered(somebody: Client, pk: int, said: str) -> Any:
    sent = {"covering": said} | version_shown(somebody, f"/reminders/{pk}/")
    return somebody.post(f"/reminders/{pk}/covering/", sent, follow=True)


def test_the_words_are_kept_for_the_whole_mail_and_read_in_it_at_once(rows: list[int], staff: Client) -> None:
    factories.Contact.objects.update(email="nor@example.org")
    Reminder.objects.exclude(pk=rows[2]).update(recipient="nor@example.org")
    page = read(covered(staff, rows[1], " With thanks for\tyour call.\r\nA <note>. "))
    assert messages(page) == ["Saved: the mail to nor@example.org now has this covering note."]
    letter = "".join(map(str, one_of(page, "pre", class_="letter").children))
    assert letter.startswith("Dear Permanent Mission,\n\nWith thanks for your call.\nA <note>.\n\nWe have")
    assert words(one_of(page, "textarea", name="covering")) == "With thanks for your call. A <note>."
    html = staff.get(f"/reminders/{rows[0]}/html/").content.decode()
    assert "<p>With thanks for your call.<br>A &lt;note&gt;.</p>" in html
    assert [row.covering for row in Reminder.objects.order_by("pk")].count("") == 1
    assert table(page, "h-done") == [
        ["22 November 2026, 09:00", "covering note changed", "ada", "With thanks for your call. A <note>."]
    ]
    assert messages(read(covered(staff, rows[1], ""))) == [
        "Saved: the mail to nor@example.org has no covering note."
    ]
    assert set(Reminder.objects.values_list("covering", flat=True)) == {""}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (
            "Dear all,\nring\x07",
            "Line 2 contains an invisible character (U+0007). Delete it, or type the line again.",
        ),
        ("x" * 1001, "Shorten the note to 1000 characters; it has 1001."),
    ],
)
def test_words_that_cannot_be_kept_are_told_and_stay_in_the_form(
    said: str, problem: str, rows: list[int], staff: Client
) -> None:
    page = read(covered(staff, rows[0], said))
    assert problems(page) == [problem]
    area = one_of(page, "textarea", name="covering")
    assert area.attributes["aria-invalid"] == "true"
    assert words(area) == " ".join(said.split())
    assert not OutboxAct.objects.exists()


def test_words_for_what_does_not_wait_are_not_kept(rows: list[int], staff: Client) -> None:
    row = Reminder.objects.filter(pk=rows[0])
    row.update(state="cancelled")
    page = read(covered(staff, rows[0], "With thanks."))
    assert messages(page) == ["Not saved: this mail is being sent, was sent, or was cancelled."]
    assert all_of(page, "textarea") == []
    assert row.get().covering == ""


def test_who_may_not_change_a_mail_has_no_form_for_its_words(rows: list[int]) -> None:
    viewer = in_role("Viewer")
    assert all_of(read(viewer.get(f"/reminders/{rows[0]}/")), "textarea") == []
    assert covered(viewer, rows[0], "With thanks.").status_code == 403


# --- preview of a mail ----------------------------------------------------------------------------


def test_a_mail_is_read_before_it_goes_as_it_then_goes(rows: list[int], staff: Client) -> None:
    Reminder.objects.update(recipient="nor@example.org")
    factories.Contact.objects.update(email="nor@example.org")
    assert (
        links(read(staff.get("/reminders/")))["preview: Norway, nor@example.org"] == f"/reminders/{rows[1]}/"
    )
    page = read(staff.get(f"/reminders/{rows[1]}/"))
    letter = "".join(map(str, one_of(page, "pre", class_="letter").children))
    html = staff.get(links(page)["The HTML part of this mail"]).content.decode()
    told = {
        words(one.children[0]): words(one.children[1])
        for one in all_of(page, "div")
        if len(one.children) == 2
    }
    assert [row[0] for row in table(page, "h-rows")] == ["Finland", "Norway", "Sweden"]
    assert send_due(TODAY)["sent"] == 3
    mail = Mail.objects.get()
    assert (letter, html, told["Subject"], told["Message-ID"]) == (
        mail.text,
        mail.html,
        mail.subject,
        mail.message_id,
    )
    assert all_of(read(staff.get(f"/reminders/{rows[1]}/")), "pre", class_="letter") == []
    assert staff.get(f"/reminders/{rows[1]}/html/").status_code == 404


def test_the_calendar_file_of_a_mail_can_be_opened_before_it_goes_and_after(
    rows: list[int], staff: Client
) -> None:
    page = read(staff.get(f"/reminders/{rows[1]}/"))
    answer = staff.get(links(page)["article-12-NOR.ics"])
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="article-12-NOR.ics"'
    assert b"SUMMARY:Norway: initial report due (OPSC)" in answer.content
    send_due(TODAY)
    assert staff.get(f"/reminders/{rows[1]}/calendar.ics").status_code == 404
    mail = Mail.objects.get(recipient="nor@example.org")
    after = staff.get(links(read(staff.get(f"/reminders/mail/{mail.pk}/")))["article-12-NOR.ics"])
    assert after.content == answer.content
    Mail.objects.update(calendar="")  # as in mails from before files were attached
    assert staff.get(f"/reminders/mail/{mail.pk}/calendar.ics").status_code == 404


def test_the_page_tells_whom_the_mail_goes_to_and_who_gets_the_answer(rows: list[int], staff: Client) -> None:
    page = one_of(read(staff.get(f"/reminders/{rows[1]}/")), "section", aria_labelledby="h-mail")
    told = {words(one.children[0]): words(one.children[1]) for one in all_of(one_of(page, "dl"), "div")}
    assert told["To"] == "Permanent Mission <nor@example.org>"
    assert told["Reply to"] == "Article 12 desk <article12@example.org>"


def test_names_with_accents_are_shown_in_letters(rows: list[int], staff: Client, settings: Any) -> None:
    Contact.objects.filter(email="nor@example.org").update(name="José Ångström")
    Reminder.objects.filter(pk=rows[1]).update(recipient_name="José Ångström")
    settings.DEFAULT_FROM_EMAIL = "Bureau de l’article 12 <article12@example.org>"
    told = words(one_of(read(staff.get(f"/reminders/{rows[1]}/")), "section", aria_labelledby="h-mail"))
    assert "José Ångström <nor@example.org>" in told
    assert "Bureau de l’article 12 <article12@example.org>" in told


@pytest.mark.parametrize("number", [1, 3])
def test_a_mail_of_many_rows_is_read_with_as_many_queries(
    number: int, rows: list[int], staff: Client, django_assert_num_queries: Any
) -> None:
    # Two of them ask whether the address is confirmed and may be doubted.
    factories.Contact.objects.update(email="nor@example.org")
    Reminder.objects.filter(pk__in=rows[:number]).update(recipient="nor@example.org")
    with django_assert_num_queries(24):
        staff.get(f"/reminders/{rows[0]}/")


def test_what_else_awaits_approval_is_told_and_not_in_the_mail(rows: list[int], staff: Client) -> None:
    factories.Contact.objects.update(email="nor@example.org")
    Reminder.objects.update(recipient="nor@example.org", state="held")
    section = one_of(read(staff.get(f"/reminders/{rows[1]}/")), "section", aria_labelledby="h-mail")
    assert words(all_of(section, "p")[0]) == (
        "If you approve it now, this mail will be sent with the next run, at 09:15 UTC. "
        "2 other reminders to this recipient await approval and are not included."
    )


def test_a_mail_that_cannot_be_written_is_told(rows: list[int], staff: Client) -> None:
    Obligation.objects.filter(state="FIN").update(trail=[{"source": "half a step"}])
    page = read(staff.get(f"/reminders/{rows[0]}/"))
    assert problems(page) == ["This mail cannot be written, so sending it would fail: KeyError: 'to'"]
    assert staff.get(f"/reminders/{rows[0]}/html/").status_code == 404


def test_what_the_next_run_cancels_has_no_mail(rows: list[int], staff: Client) -> None:
    factories.Contact.objects.filter(state="FIN").update(active=False)
    section = one_of(read(staff.get(f"/reminders/{rows[0]}/")), "section", aria_labelledby="h-mail")
    assert words(all_of(section, "p")[0]).startswith(
        "No mail will be sent: the next run cancels this reminder"
    )


def test_an_unknown_reminder_has_no_page(staff: Client) -> None:
    assert staff.get("/reminders/999999/").status_code == 404
