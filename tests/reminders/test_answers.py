"""Links in mails to contacts, and answers by them: they create tasks and change no record."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests import factories
from tests.reminders.helpers import TODAY, a_state_owing
from tracker.obligations.models import Submission
from tracker.registry.models import Contact
from tracker.reminders import answers, links
from tracker.reminders.messages import message_id
from tracker.reminders.models import Mail, Reminder, StaffTask
from tracker.reminders.plan import plan

pytestmark = pytest.mark.django_db

TO = "mission@example.org"
SENT = answers.ContactAnswer("sent", date(2026, 3, 10), "by post")


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    settings.SECRET_KEY = "for-this-test-alone"


@pytest.fixture
def rows(site: None) -> list[Reminder]:
    """The one reminder to Norway's mission."""
    a_state_owing("NOR", "2026-06-15", TO)
    plan(TODAY)
    return list(Reminder.objects.select_related("obligation__state", "rule", "contact"))


@pytest.fixture
def mail(rows: list[Reminder]) -> Mail:
    """The mail about it, handed over."""
    return kept(rows)


def kept(rows: list[Reminder]) -> Mail:
    mail = Mail.objects.create(
        recipient=rows[0].recipient, subject="s", text="t", message_id=message_id(rows), sent_on=TODAY
    )
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(mail=mail)
    return mail


def token(rows: list[Reminder], day: date = TODAY) -> str:
    return links.answer_link(message_id(rows), rows, day).split("/")[-2]


def find(rows: list[Reminder], day: date = TODAY) -> answers.Answerable:
    found = answers.find(token(rows), day)
    assert found is not None
    return found


# --- the link -------------------------------------------------------------------------------------


def test_the_same_mail_on_the_same_day_has_the_same_link(rows: list[Reminder]) -> None:
    link = links.answer_link(message_id(rows), rows, TODAY)
    assert link == links.answer_link(message_id(rows), rows, TODAY)
    assert link != links.answer_link(message_id(rows), rows, TODAY + timedelta(days=1))
    assert link.startswith(f"https://tracker.example.org/answer/{message_id(rows)[1:41]}.")
    assert set(token(rows)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert len(token(rows)) == 89


def test_there_is_no_link_without_a_site_or_to_a_desk_officer(rows: list[Reminder], settings: Any) -> None:
    rows[0].contact = None
    assert links.answer_link(message_id(rows), rows, TODAY) == ""
    rows[0].contact = Contact.objects.get()
    settings.SITE_URL = ""
    assert links.answer_link(message_id(rows), rows, TODAY) == ""


def test_a_link_needs_a_message_id_of_ours(rows: list[Reminder]) -> None:
    with pytest.raises(ValueError, match="not one of our Message-IDs"):
        links.answer_link("<a/b@example.org>", rows, TODAY)


def test_a_token_is_read_back_and_no_other_is(mail: Mail, rows: list[Reminder], settings: Any) -> None:
    whole = token(rows)
    assert links.read(whole) == links.AnswerLink(message_id(rows)[1:41], date(2026, 9, 12))
    for wrong in (whole[:-1], whole.upper(), f"x{whole}", "", ".", "..", "\0", "é", whole.replace(".", ":")):
        assert links.read(wrong) is None, wrong
        assert answers.find(wrong, TODAY) is None
    settings.SECRET_KEY = "another"
    assert links.read(whole) is None


# --- where it leads -------------------------------------------------------------------------------


def test_only_a_mail_that_was_handed_over_can_be_answered(rows: list[Reminder]) -> None:
    assert answers.find(token(rows), TODAY) is None
    mail = kept(rows)
    assert find(rows) == answers.Answerable(mail, is_open=True, reminders=rows)


def test_a_link_is_open_up_to_its_last_day(mail: Mail, rows: list[Reminder]) -> None:
    assert find(rows, date(2026, 9, 12)).is_open
    assert not find(rows, date(2026, 9, 13)).is_open


@pytest.mark.parametrize(
    "change", [{"active": False}, {"email": "new@example.org"}, None], ids=["not active", "moved", "deleted"]
)
def test_a_link_is_closed_when_the_contact_is_not_to_be_written_to_any_more(
    change: dict[str, Any] | None, mail: Mail, rows: list[Reminder]
) -> None:
    assert find(rows).is_open
    if change is None:
        Contact.objects.all().delete()
    else:
        Contact.objects.update(**change)
    assert find(rows) == answers.Answerable(mail, is_open=False, reminders=[])


def test_a_link_is_closed_when_staff_close_it(mail: Mail, rows: list[Reminder]) -> None:
    Mail.objects.update(answers_closed_at="2026-03-16T08:00Z")
    assert not find(rows).is_open


def test_a_contact_of_two_states_answers_for_the_one_that_still_has_it(rows: list[Reminder]) -> None:
    a_state_owing("ISL", "2026-06-15", TO)
    plan(TODAY)
    both = list(
        Reminder.objects.select_related("obligation__state", "rule", "contact").order_by("due_on", "pk")
    )
    kept(both)
    assert [row.obligation.state_id for row in find(both).reminders] == ["NOR", "ISL"]
    Contact.objects.filter(state="NOR").update(active=False)
    assert [row.obligation.state_id for row in find(both).reminders] == ["ISL"]


# --- what is answered -----------------------------------------------------------------------------


def test_an_answer_makes_a_task_and_changes_no_record(mail: Mail, rows: list[Reminder]) -> None:
    before = list(Contact.objects.values())
    (task,) = answers.take(mail, rows, SENT)
    assert (task.kind, task.state_id, task.mail, task.contact) == ("answer", "NOR", mail, rows[0].contact)
    assert (task.title, task.said) == ("The recipient answers: it was sent on 10 March 2026.", "by post")
    assert list(task.obligations.all()) == [rows[0].obligation]
    assert list(Contact.objects.values()) == before
    assert not Submission.objects.exists()


def test_the_same_answer_sent_twice_makes_one_task_and_another_day_is_another(
    mail: Mail, rows: list[Reminder], clock: Any
) -> None:
    answers.take(mail, rows, SENT)
    assert answers.take(mail, rows, SENT) == []
    clock.shift(timedelta(days=1))
    assert len(answers.take(mail, rows, SENT)) == 1


def test_an_answer_about_two_states_makes_a_task_for_each(rows: list[Reminder]) -> None:
    a_state_owing("ISL", "2026-06-15", TO)
    plan(TODAY)
    both = list(Reminder.objects.select_related("obligation__state", "rule", "contact"))
    made = answers.take(kept(both), both, SENT)
    assert sorted(task.state_id for task in made) == ["ISL", "NOR"]


def test_a_sixth_answer_within_a_day_is_not_taken(mail: Mail, rows: list[Reminder], clock: Any) -> None:
    def say(words: str) -> list[StaffTask]:
        return answers.take(mail, rows, answers.ContactAnswer("wrong", None, words))

    for number in range(5):
        say(str(number))
    with pytest.raises(answers.TooMany):
        say("another")
    assert say("4") == []  # the same form sent twice
    assert StaffTask.objects.count() == 5
    clock.shift(timedelta(days=1, seconds=1))
    assert len(say("another")) == 1


def test_answers_to_many_other_mails_keep_nobody_from_answering(mail: Mail, rows: list[Reminder]) -> None:
    for number in range(21):
        other = Mail.objects.create(
            recipient=TO, subject="s", text="t", message_id=f"<{number}@x.org>", sent_on=TODAY
        )
        StaffTask.objects.bulk_create(
            StaffTask(
                kind=StaffTask.Kind.ANSWER,
                answer=StaffTask.Answer.WRONG,
                state=rows[0].obligation.state,
                mail=other,
                cause=f"{number} {at}",
            )
            for at in range(answers.MOST_FOR_A_MAIL)
        )
    assert len(answers.take(mail, rows, SENT)) == 1


def test_one_writes_to_the_desk_officer_or_else_to_the_office(rows: list[Reminder]) -> None:
    assert answers.desk_addresses(rows) == ["article12@example.org"]
    state = rows[0].obligation.state
    state.desk_officer = factories.an_officer("grace")
    assert answers.desk_addresses(rows) == ["grace@example.org"]
    state.desk_officer.is_active = False
    assert answers.desk_addresses(rows) == ["article12@example.org"]
