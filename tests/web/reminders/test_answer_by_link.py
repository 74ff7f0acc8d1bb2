"""The page on which a contact answers a mail by link: its content, its answers, its errors, and what it never shows."""

from __future__ import annotations

import logging
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as the_settings
from django.test import Client

from tests import factories
from tests.reminders.helpers import a_state_reporting
from tests.web.conftest import TODAY, Browser
from tests.web.pages import Element, all_of, one_of, problems, read, table, words
from tracker.languages.known import ENGLISH
from tracker.logs import WithoutLinks
from tracker.reminders import links
from tracker.reminders.messages import message_id
from tracker.reminders.models import Mail, Reminder, StaffTask
from tracker.reminders.plan import plan
from tracker.web.languages import link_pages
from tracker.web.reminders import answer_by_link
from tracker.web.reminders.answer_by_link import AnswerForm

pytestmark = pytest.mark.django_db

TO = "mission@example.org"


def a_mail(*states: str) -> str:
    """A mail to the mission of some States about the initial report of each; returns its answer link."""
    for iso3 in states:
        state = factories.a_state(iso3)
        factories.joins(state, on="2025-04-10")
        factories.a_contact(state, TO)
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    rows = list(Reminder.objects.select_related("obligation", "rule", "contact"))
    mail = Mail.objects.create(
        recipient=TO, subject="Reminder", text="t", message_id=message_id(rows), sent_on=TODAY
    )
    Reminder.objects.update(mail=mail)
    return links.answer_link(mail.message_id, rows, TODAY).removeprefix("https://tracker.example.org")


@pytest.fixture(autouse=True)
def english_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch between languages is tested in `test_languages_of_mails.py`."""
    for module in (answer_by_link, link_pages):
        monkeypatch.setattr(module, "ready", lambda: [ENGLISH])


@pytest.fixture
def link(settings: Any, db: None) -> str:
    """The answer link of Norway's mission."""
    settings.SITE_URL = "https://tracker.example.org"
    return a_mail("NOR")


@pytest.fixture
def two(settings: Any, db: None) -> str:
    """The same for a contact of Norway and Iceland."""
    settings.SITE_URL = "https://tracker.example.org"
    return a_mail("NOR", "ISL")


def main(answer: Any) -> Element:
    return one_of(read(answer), "main")


def tasks() -> list[tuple[str, str, str]]:
    return [(task.state_id, task.title, task.said) for task in StaffTask.objects.order_by("state", "pk")]


def counts() -> dict[str, int]:
    """The number of rows of every table."""
    from django.apps import apps

    return {model._meta.label: model.objects.count() for model in apps.get_models()}


# --- looking --------------------------------------------------------------------------------------


def test_looking_at_the_page_changes_nothing(link: str, client: Client) -> None:
    before = counts()
    for look in (client.get, client.head, client.get):
        assert look(link).status_code == 200
    assert counts() == before
    assert set(client.cookies) == {"csrftoken"}


def test_the_page_tells_what_the_mail_told_and_nothing_else(link: str, client: Client) -> None:
    factories.a_contact(factories.State.objects.get(pk="NOR"), "other@example.org", name="Somebody Else")
    page = read(client.get(link))
    assert words(one_of(page, "h1")) == "Answer to our mail"
    assert words(one_of(page, "strong")) == "Norway: initial report, due on 10 May 2027"
    said = words(page)
    assert "article12@example.org" in said
    assert not [word for word in ("other@", "Somebody", TO, "Sign out", "Obligations") if word in said]
    assert all_of(page, "nav") == all_of(page, "script") == all_of(page, "a") == []


def test_a_report_under_the_crc_is_called_what_it_is(settings: Any, client: Client) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    a_state_reporting("VEN", "2026-12-31", TO, precision="year", name="Venezuela")
    page = read(client.get(a_mail()))
    assert words(one_of(page, "strong")) == (
        "Venezuela: combined sixth and seventh reports under article 44 of the CRC, due in 2026"
    )
    assert (
        "We wrote to you about this report under article 44 of the Convention on the Rights of the Child (CRC), in "
        "which article 12(2) of its Optional Protocol on the sale of children, child prostitution and child "
        "pornography (OPSC) asks for information:" in words(page)
    )


def test_somebody_of_the_staff_sees_the_same_page_without_the_frame(
    link: str, client: Client, staff: Browser
) -> None:
    assert words(main(staff.get(link))) == words(main(client.get(link)))
    assert all_of(read(staff.get(link)), "header") == []


def test_the_page_is_not_stored_found_or_passed_on(link: str, client: Client) -> None:
    for address in (link, "/answer/thanks/", "/answer/x/"):
        headers = client.get(address).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Referrer-Policy"] == "strict-origin"
        assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_a_form_without_its_token_is_refused(link: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, {"what": "wrong"}).status_code == 403
    page = read(strict.get(link))
    token = one_of(page, "input", name="csrfmiddlewaretoken").attributes["value"]
    assert strict.post(link, {"what": "wrong", "csrfmiddlewaretoken": token}).status_code == 302


def test_a_link_that_is_none_of_ours_says_so(client: Client) -> None:
    answer = client.get("/answer/%00/")
    assert (answer.status_code, words(one_of(main(answer), "h1"))) == (404, "Page not found")


def test_a_link_past_its_last_day_says_so_and_takes_nothing(link: str, client: Client, clock: Any) -> None:
    clock.shift(181 * 24 * 3600)
    for answer in (client.get(link), client.post(link, {"what": "wrong"})):
        assert answer.status_code == 410
        assert words(main(answer)) == (
            "This link can no longer be used A link in our mails works for half a year. It ends earlier "
            "if our list of contacts changes. Please write to article12@example.org instead, or simply reply "
            "to the mail."
        )
    assert tasks() == []


def test_staff_close_a_mail_for_answers_and_open_it_again(link: str, client: Client, staff: Browser) -> None:
    mail = Mail.objects.get()
    address = f"{mail.get_absolute_url()}close-answers/"
    page = read(staff.post(address, follow=True))
    assert "The answer link of this mail is closed." in words(page)
    assert "closed on 22 November 2026, 09:00 UTC" in words(page)
    assert client.get(link).status_code == 410
    assert "No change." in words(read(staff.post(address, follow=True)))
    staff.post(address, {"open": "1"})
    assert client.get(link).status_code == 200


# --- answering ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "title", "said"),
    [
        ({"what": "sent", "day": "10 Nov 2026"}, "it was sent on 10 November 2026.", ""),
        (
            {"what": "coming", "day": "2027-01-31", "remark": " soon \r\n"},
            "it will be sent by 31 January 2027.",
            "soon",
        ),
        (
            {"what": "wrong", "day": "2027-01-31", "instead": "Ola, ola@example.org", "remark": "I have moved"},
            "I am the wrong contact.",
            "Write instead to: Ola, ola@example.org\n\nI have moved",
        ),
        (
            {"what": "sent", "day": "10 Nov 2026", "instead": "Ola", "document": "CRC/C/OPSC/NOR/CO/1"},
            "it was sent on 10 November 2026.",
            "",
        ),
        (
            {"what": "more", "day": "2028-03-31", "remark": "an election", "document": "no symbol"},
            "we ask for more time until 31 March 2028.",
            "an election",
        ),
        (
            {"what": "date", "day": "31 March 2028", "document": " CRC/C/OPSC/NOR/CO/1 "},
            "the Committee gave us another date, 31 March 2028 (CRC/C/OPSC/NOR/CO/1).",
            "",
        ),
        (
            {"what": "date", "day": "2028", "document": "\u2066 СRС/C/NOR/QPR/8 \u2069"},
            "the Committee gave us another date, 2028 (CRC/C/NOR/QPR/8).",
            "",
        ),
        (
            {"what": "date", "day": "2028-03", "remark": "letter of 3 May"},
            "the Committee gave us another date, March 2028.",
            "letter of 3 May",
        ),
    ],
    ids=["sent", "coming", "wrong", "sent, not wrong", "more time", "date", "year", "letter"],
)  # fmt: skip
def test_an_answer_is_thanked_for_and_becomes_a_task(
    sent: dict[str, str], title: str, said: str, link: str, client: Client
) -> None:
    answer = client.post(link, sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/answer/thanks/")
    assert words(main(client.get("/answer/thanks/"))).startswith("Thank you We have received your answer")
    assert tasks() == [("NOR", f"The recipient answers: {title}", said)]


def test_of_several_reports_those_are_answered_for_that_are_ticked(two: str, client: Client) -> None:
    page = read(client.get(two))
    boxes = all_of(page, "input", name="reports")
    assert [("checked" in box.attributes) for box in boxes] == [True, True]
    client.post(two, {"what": "wrong", "reports": [boxes[0].attributes["value"]]})
    assert tasks() == [("ISL", "The recipient answers: I am the wrong contact.", "")]
    assert problems(read(client.post(two, {"what": "wrong"}))) == [
        "Your answer has not been sent. Correct the errors below and send it again.",
        "Select at least one report.",
    ]
    refused = problems(read(client.post(two, {"what": "wrong", "reports": ["0"]})))
    assert refused[1:] == ["One of the reports is not in the mail. Select them again."]


SENT_ON = "Enter a day from 18 January 2002 to 23 November 2026: the day on which it was sent."
SENT_BY = "Enter a day from 21 November 2026 to 22 November 2031: the day by which it will be sent."
UNTIL = "Enter a day from 23 November 2026 to 22 November 2031: the day until which you ask for more time."
GIVEN = "Enter a day from 19 January 2002 to 22 November 2046, or a year: the date that the Committee gave."
SYMBOL = (
    "Enter the symbol as the document prints it, for example CRC/C/OPSC/USA/CO/2. If it has none, leave this empty "
    "and describe the document in the remark."
)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Choose one of the answers."),
        ({"what": "no"}, "Select a valid choice. no is not one of the available choices."),
        ({"what": "sent"}, SENT_ON),
        ({"what": "coming"}, SENT_BY),
        ({"what": "sent", "day": "2026"}, SENT_ON),
        ({"what": "coming", "day": "2027-03"}, SENT_BY),
        ({"what": "more"}, UNTIL),
        ({"what": "more", "day": "2026-11-22"}, UNTIL),
        ({"what": "more", "day": "2031-11-23"}, UNTIL),
        ({"what": "more", "day": "2028"}, UNTIL),
        ({"what": "date", "document": "CRC/C/NOR/CO/7"}, GIVEN),
        ({"what": "date", "day": "2001", "document": "CRC/C/NOR/CO/7"}, GIVEN),
        ({"what": "date", "day": "2002-01-18", "document": "CRC/C/NOR/CO/7"}, GIVEN),
        ({"what": "date", "day": "2046-11-23", "document": "CRC/C/NOR/CO/7"}, GIVEN),
        ({"what": "date", "day": "2028"}, SYMBOL),
        ({"what": "date", "day": "2028", "remark": "see", "document": "the letter of 3 May"}, SYMBOL),
        ({"what": "date", "day": "2028", "document": "<b>CRC/C/NOR/CO/7</b>"}, SYMBOL),
        (
            {"what": "date", "day": "2028", "document": "CRC/C/" + "x" * 95},
            "Ensure this value has at most 100 characters (it has 101).",
        ),
        ({"what": "sent", "day": "2026-11-24"}, SENT_ON),
        ({"what": "sent", "day": "2002-01-17"}, SENT_ON),
        ({"what": "coming", "day": "2026-11-20"}, SENT_BY),
        ({"what": "coming", "day": "2031-11-23"}, SENT_BY),
        ({"what": "coming", "day": "9999-12-31"}, SENT_BY),
        (
            {"what": "wrong", "remark": "x" * 2001},
            "Ensure this value has at most 2000 characters (it has 2001).",
        ),
        ({"what": "wrong", "remark": "\0"}, "Null characters are not allowed."),
    ],
)
def test_what_cannot_be_is_told_at_its_field(sent: dict[str, str], told: str) -> None:
    assert list(AnswerForm([], TODAY, sent).errors.values()) == [[told]]


def test_what_cannot_be_is_told_on_the_page_and_nothing_is_sent(link: str, client: Client) -> None:
    found = problems(read(client.post(link, {"what": "sent"})))
    assert found == ["Your answer has not been sent. Correct the errors below and send it again.", SENT_ON]
    assert tasks() == []


@pytest.mark.parametrize(
    ("what", "day"), [("sent", "2026-11-23"), ("coming", "2026-11-21"), ("more", "2026-11-23")]
)
def test_where_the_day_has_begun_or_not_ended_yet_it_counts(what: str, day: str) -> None:
    assert AnswerForm([], TODAY, {"what": what, "day": day}).is_valid()


def test_what_is_written_stays_plain(link: str, client: Client, staff: Browser) -> None:
    client.post(link, {"what": "wrong", "remark": "<script>x</script>\u202e\x1b[2J\r\nسلام\u200c"})
    assert tasks()[0][2] == "<script>x</script>[2J\nسلام\u200c"
    page = read(staff.get("/tasks/"))
    assert "<script>x</script>[2J سلام" in table(page)[0][2]
    assert [one.attributes.get("src") for one in all_of(page, "script") if "src" not in one.attributes] == []


def test_the_sixth_answer_within_a_day_is_not_taken(link: str, client: Client) -> None:
    for number in range(5):
        assert client.post(link, {"what": "wrong", "remark": str(number)}).status_code == 302
    answer = client.post(link, {"what": "wrong", "remark": "6"})
    assert answer.status_code == 429
    assert words(main(answer)) == (
        "Your answer was not saved We have received too many answers to this mail today. "
        "Nothing was saved. Please write to article12@example.org instead, or simply reply to the mail."
    )
    assert len(tasks()) == 5


# --- the log --------------------------------------------------------------------------------------


def test_no_line_of_the_log_holds_a_link(link: str, client: Client, clock: Any) -> None:
    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.addFilter(WithoutLinks())
    logging.getLogger().addHandler(handler)
    try:
        client.get("/answer/secret/")
        Client(enforce_csrf_checks=True).post(link)
        clock.shift(181 * 24 * 3600)
        client.get(link)
        client.raise_request_exception = False
        client.get("/nowhere/")
    finally:
        logging.getLogger().removeHandler(handler)
    assert said.getvalue().splitlines() == [
        "Not Found: /answer/…/",
        "Forbidden (CSRF cookie not set.): /answer/…/",
        "Gone: /answer/…/",
        "Not Found: /nowhere/",
    ]
    assert the_settings.LOGGING["handlers"]["console"]["filters"][-1] == "no links"


def test_the_other_person_fills_in_the_form_of_a_new_contact(link: str, client: Client) -> None:
    client.post(link, {"what": "wrong", "instead": "Ann Other, <ann@example.org>"})
    assert StaffTask.objects.get().proposed == {"email": "ann@example.org", "name": "Ann Other"}
