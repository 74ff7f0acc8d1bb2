"""Today: what is new since the last visit, what to do first, and what each user follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import Client

from tests import factories
from tests.web.conftest import MORNING, TODAY, in_role
from tests.web.pages import Element, all_of, links, messages, one_of, read, table, words
from tracker.changes.door import save
from tracker.obligations.models import Submission
from tracker.registry import limits
from tracker.registry.desks import Desks
from tracker.registry.models import RegionDesk, State
from tracker.reminders.models import Mail, ReceivedMessage, StaffTask
from tracker.reminders.plan import plan
from tracker.web.models import Following, SavedView, Visit
from tracker.web.today.follow import save as follow

pytestmark = pytest.mark.django_db


def who(username: str) -> Any:
    return get_user_model().objects.get(username=username)


def states_of(*codes: str) -> list[State]:
    """Parties to the OPSC alone since 23 December 2002, none of which has reported."""
    made = []
    for code in codes:
        state = factories.a_state(code, region="AFR" if code == "BEN" else "WEOG")
        factories.joins(state, on="2002-12-23")
        made.append(state)
    factories.derive(TODAY.isoformat())
    return made


# --- visits -----------------------------------------------------------------------------------------


def at(hour: int, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def visits(*moments: datetime) -> tuple[datetime, datetime | None]:
    """When a user who is here at these moments was last here, and the end of the visit before."""
    user = factories.an_officer("mary")
    for moment in moments:
        Visit.note(user.pk, moment)
    found = Visit.objects.get(user=user)
    return found.seen_at, found.before


def test_the_first_visit_has_none_before() -> None:
    assert visits(at(9), at(10)) == (at(10), None)


def test_a_visit_ends_after_four_hours_of_absence() -> None:
    assert visits(at(9), at(12)) == (at(12), None)
    get_user_model().objects.all().delete()
    assert visits(at(9), at(13)) == (at(13), at(9))


def test_looking_again_keeps_the_end_of_the_visit_before() -> None:
    assert visits(at(17, day=21), at(9), at(9), at(11), at(14)) == (at(14), at(17, day=21))


def test_a_clock_that_was_ahead_hides_nothing_until_its_day_has_come() -> None:
    ahead = at(9) + timedelta(days=3000)
    assert visits(at(9), ahead, ahead + timedelta(hours=5), at(10)) == (at(10), None)


def test_work_on_any_page_belongs_to_the_visit(settings: Any, clock: Any) -> None:
    settings.SESSION_HOURS = 24
    ada = in_role("Editor", "ada")
    for _ in range(5):
        clock.shift(timedelta(minutes=100))
        assert ada.get("/help/").status_code == 200
    found = Visit.objects.get(user__username="ada")
    assert found.before is None
    assert timedelta(0) <= found.seen_at - MORNING - timedelta(minutes=500) < timedelta(minutes=1)


# --- what is new ------------------------------------------------------------------------------------


def news(page: Element) -> tuple[str, dict[str, str]]:
    """The sentence about what is new, with the links below it; empty without one."""
    found = all_of(page, "section", aria_labelledby="h-news")
    return (words(one_of(found[0], "p")), links(found[0])) if found else ("", {})


def rows_of(client: Client, address: str) -> int:
    return int(client.get(address).context["table"].paginator.count)


def been_here(client: Client, username: str, moment: datetime) -> None:
    """The user's visit before this one ended at a moment."""
    Visit.objects.filter(user__username=username).update(before=moment)


def test_what_happened_since_the_last_visit_is_counted_with_its_lists(clock: Any) -> None:
    norway, benin = states_of("NOR", "BEN")
    norway_2 = factories.a_state("SWE", region="WEOG")
    factories.joins(norway_2, on="2024-10-19")  # due on 19 November 2026
    factories.derive(TODAY.isoformat(), norway_2)
    ada = in_role("Editor", "ada")
    clock.shift(-timedelta(days=4))
    factories.receives(norway, "2026-11-01")
    clock.shift(timedelta(days=4))
    save(
        [Submission(state=benin, kind="initial", first_cycle=1, last_cycle=1, received_on=TODAY)],
        by=who("ada"),
    )
    factories.derive(TODAY.isoformat())
    been_here(ada, "ada", datetime(2026, 11, 19, 16, 30, 40, tzinfo=UTC))
    mail = Mail.objects.create(
        recipient="mission@example.org", subject="s", text="t", html="", message_id="<1>", sent_on=TODAY
    )
    for number, created in (("1", MORNING), ("2", MORNING), ("3", MORNING - timedelta(days=9))):
        StaffTask.objects.create(
            kind="answer", cause=number, state=benin, mail=mail, answer="wrong", created_at=created
        )
    said, found = news(read(ada.get("/")))
    assert said == "Since your last visit on 19 November 2026, 16:30 UTC:"
    assert found == {
        "1 report became overdue": "/obligations/?status=overdue&due_from=2026-11-19",
        "1 report was recorded": "/submissions/?recorded_from=2026-11-19+16%3A30",
        "2 answers by link came": "/tasks/?kind=answer&since=2026-11-19+16%3A30",
    }
    assert [rows_of(ada, address) for address in found.values()] == [1, 1, 2]
    # A reload, and other pages, lose nothing; the next visit begins after an absence.
    assert news(read(ada.get("/")))[1] == found


def test_with_nothing_new_one_line_says_so(settings: Any) -> None:
    states_of("NOR")
    ada = in_role("Editor", "ada")
    been_here(ada, "ada", MORNING - timedelta(hours=5))
    assert news(read(ada.get("/"))) == ("Nothing since your last visit on 22 November 2026, 04:00 UTC.", {})


def test_on_the_first_visit_nothing_is_new() -> None:
    states_of("NOR")
    assert news(read(in_role("Viewer").get("/"))) == ("", {})


def test_a_past_day_has_neither_news_nor_work() -> None:
    states_of("NOR")
    ada = in_role("Editor", "ada")
    been_here(ada, "ada", MORNING - timedelta(hours=5))
    page = read(ada.get("/?as_of=2020-01-01"))
    assert news(page) == ("", {})
    assert all_of(page, "section", aria_labelledby="h-todo") == []


def test_the_news_are_those_of_the_desk() -> None:
    norway, benin = states_of("NOR", "BEN")
    ada = in_role("Editor", "ada")
    follow(who("ada"), [], ["NOR"])
    been_here(ada, "ada", MORNING - timedelta(hours=5))
    for state in (norway, benin):
        factories.receives(state, "2026-11-01")
    factories.derive(TODAY.isoformat())
    found = news(read(ada.get("/")))[1]
    assert found == {"1 report was recorded": "/submissions/?recorded_from=2026-11-22+04%3A00&desk=ada"}
    assert rows_of(ada, found["1 report was recorded"]) == 1
    assert list(news(read(ada.get("/?desk=all")))[1]) == ["2 reports were recorded"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("2026-11-22 08:59", 1), ("2026-11-22 09:01", 0), ("22 Nov 2026", 1), ("tomorrow", 0)],
)
def test_reports_are_found_by_when_they_were_recorded(typed: str, expected: int, staff: Client) -> None:
    factories.receives(states_of("NOR")[0], "2026-11-01")
    assert rows_of(staff, f"/submissions/?recorded_from={typed}") == expected


def test_a_report_that_was_deleted_and_restored_is_not_new(clock: Any) -> None:
    report = factories.receives(states_of("NOR")[0], "2026-11-01")
    key = report.pk
    clock.shift(timedelta(days=1))
    report.delete()
    report.pk = key
    report.save(force_insert=True)
    assert Submission.history.filter(id=key, history_type="+").count() == 2
    ada = in_role("Editor", "ada")
    assert rows_of(ada, "/submissions/?recorded_from=2026-11-23") == 0
    assert rows_of(ada, "/submissions/?recorded_from=2026-11-22") == 1


def test_a_moment_that_cannot_be_is_told(staff: Client) -> None:
    page = read(staff.get("/submissions/?recorded_from=2026-11-22 25:00"))
    assert words(one_of(page, "p", class_="problem")).startswith("“2026-11-22 25:00” is not a day")


# --- what to do first -------------------------------------------------------------------------------


def todo(page: Element) -> list[tuple[str, str]]:
    """The lines of the work that waits, each with its address."""
    (section,) = all_of(page, "section", aria_labelledby="h-todo")
    return [(words(one), one_of(one, "a").attributes["href"]) for one in all_of(section, "li")]


def test_work_is_listed_from_the_most_urgent_and_without_zeros(settings: Any) -> None:
    settings.REMINDERS_APPROVAL = "required"
    (norway,) = states_of("NOR")
    factories.a_contact(norway)
    factories.joins(factories.a_state("SWE"), "CRC", "1991-01-08", confidence="memory")
    State.objects.update(records_from="2006-01-01")  # the initial report was due in 2005
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    mail = Mail.objects.create(
        recipient="mission@example.org", subject="s", text="t", html="", message_id="<1>", sent_on=TODAY
    )
    message = ReceivedMessage.objects.create(kind="letter", digest="1", mail=mail, received_at=MORNING)
    StaffTask.objects.create(kind="answer", cause="1", state=norway, mail=mail, answer="wrong")
    StaffTask.objects.create(kind="message", cause="1", state=norway, message=message)
    StaffTask.objects.create(
        kind="message", cause="2", message=message,
        settled_at=MORNING, settled_by="ada", outcome="answered",
    )  # fmt: skip
    everything = [
        ("1 answer by link to read", "/tasks/?standing=open&kind=answer"),
        ("1 message to read", "/tasks/?standing=open&kind=message"),
        ("4 reminders to approve", "/reminders/?state=held"),
        ("Reports without record: confirm whether they were received", "/to-confirm/"),
        ("1 record with a weak source to confirm", "/to-confirm/days/"),
    ]
    assert todo(read(in_role("Editor", "ed").get("/"))) == [
        *everything[:2],
        *everything[3:],
        ("4 reminders to approve for an Approver", "/reminders/?state=held"),
    ]
    ann = in_role("Approver", "ann")
    assert todo(read(ann.get("/"))) == [
        *everything[:3],
        *((f"{text} for an Editor", address) for text, address in everything[3:]),
    ]
    assert {"for " + text.rpartition(" for ")[2] for text, _ in todo(read(in_role("Viewer", "vera").get("/")))} == {
        "for an Editor", "for an Approver",
    }  # fmt: skip
    for text, address in everything:
        if address.startswith(("/tasks/", "/reminders/")):
            assert rows_of(ann, address) == int(text[0])


def test_where_nothing_waits_the_page_says_so(staff: Client) -> None:
    states_of("NOR")
    section = one_of(read(staff.get("/")), "section", aria_labelledby="h-todo")
    assert words(section) == "What to do first Nothing waits for a person. Record a submission"


def test_lists_without_desks_say_so() -> None:
    (norway,) = states_of("NOR")
    factories.joins(norway, "CRC", "1991-01-08", confidence="memory")
    ada = in_role("Editor", "ada")
    follow(who("ada"), [], ["NOR"])
    assert todo(read(ada.get("/")))[-1] == (
        "1 record with a weak source to confirm of every desk",
        "/to-confirm/days/",
    )


def test_the_views_of_the_user_are_on_the_first_page() -> None:
    states_of("NOR")
    ada, olga = in_role("Editor", "ada"), factories.an_officer("olga")
    for owner, name in ((who("ada"), "Late in Africa"), (who("ada"), ""), (olga, "Of another")):
        SavedView.objects.create(
            owner=owner, page="late", name=name, query="region=AFR" if name else "", on_today=bool(name)
        )
    views = one_of(read(ada.get("/")), "section", aria_labelledby="h-views")
    assert links(views) == {"Late in Africa": "/late/?region=AFR"}


# --- what one follows -------------------------------------------------------------------------------


def test_a_viewer_chooses_what_to_follow() -> None:
    states_of("NOR", "SWE", "BEN")
    vera = in_role("Viewer", "vera")
    assert links(one_of(read(vera.get("/")), "nav", aria_label="Desk")) == {
        "choose regions or States": "/follow/"
    }
    answer = vera.post("/follow/", {"regions": ["AFR"], "states": ["NOR"]}, follow=True)
    page = read(answer)
    assert messages(page) == ["You follow 2 States."]
    assert words(one_of(page, "p", class_="says")).startswith(
        "On 22 November 2026, of the States that you follow:"
    )
    assert [words(one_of(one, "bdi")) for one in all_of(page, "a") if "tile" in one.attributes.get("class", "")] == [
        "BEN", "NOR",
    ]  # fmt: skip
    assert {row[0] for row in table(read(vera.get("/obligations/", follow=True)))} == {
        "Norway NOR",
        "Benin BEN",
    }
    # To others the link shows the same, but the choice is not among the desks that they are offered.
    mary = in_role("Viewer", "mary")
    assert {row[0] for row in table(read(mary.get("/states/?desk=vera")))} == {"Norway NOR", "Benin BEN"}
    assert "vera" not in words(one_of(read(mary.get("/states/")), "details", id="filter"))


def test_a_choice_assigns_no_desk(settings: Any) -> None:
    settings.DESK_LIMITS = True
    states_of("NOR")
    ed = in_role("Editor", "ed")
    ed.post("/follow/", {"regions": ["WEOG"], "states": ["NOR"]})
    norway = State.objects.get(pk="NOR")
    assert norway.desk_officer is None
    assert Desks.read().officer_of(norway) is None
    assert limits.changeable(who("ed")) == frozenset()


def test_the_page_shows_the_choice_and_what_is_assigned() -> None:
    states_of("NOR", "SWE", "BEN")
    ada = in_role("Editor", "ada")
    State.objects.filter(pk="SWE").update(desk_officer=who("ada"))
    RegionDesk.objects.create(region="AFR", officer=who("ada"))
    follow(who("ada"), ["WEOG"], ["BEN"])
    page = read(ada.get("/follow/"))
    ticked = [one.attributes["value"] for one in all_of(page, "input") if "checked" in one.attributes]
    assert ticked == ["WEOG", "BEN"]
    assert words(one_of(page, "p", class_="note")) == (
        "Assigned to you by an Administrator, and always on your desk: African States, Sweden."
    )
    # Whatever is chosen, what is assigned stays on the desk.
    ada.post("/follow/", {})
    assert {row[0] for row in table(read(ada.get("/states/?desk=ada")))} == {"Sweden SWE", "Benin BEN"}


def test_a_choice_is_replaced_by_the_next_and_can_be_given_up() -> None:
    states_of("NOR", "BEN")
    vera = in_role("Viewer", "vera")
    for sent in (
        {"regions": ["WEOG"]},
        {"regions": ["AFR"], "states": ["BEN"]},
        {"regions": ["AFR"], "states": ["BEN"]},
    ):
        vera.post("/follow/", sent)
        vera.get("/")  # shows the message
    assert sorted(str(one) for one in Following.objects.all()) == ["African States", "Benin"]
    page = read(vera.post("/follow/", {}, follow=True))
    assert messages(page) == ["You have chosen no States to follow."]
    assert Following.objects.count() == 0
    assert vera.get("/obligations/").status_code == 200  # and no redirect to a desk


@pytest.mark.parametrize("sent", [{"states": ["XXX"]}, {"regions": ["nowhere"]}, {"states": ["NOR", "\0"]}])
def test_what_does_not_exist_cannot_be_followed(sent: dict[str, list[str]]) -> None:
    states_of("NOR")
    answer = in_role("Viewer", "vera").post("/follow/", sent)
    assert answer.status_code == 200
    assert len(all_of(read(answer), "p", class_="problem")) == 1
    assert Following.objects.count() == 0


def test_a_choice_is_a_region_or_a_state_and_never_both() -> None:
    (norway,) = states_of("NOR")
    mary = factories.an_officer("mary")
    for region, state in (("WEOG", norway), ("", None)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Following.objects.create(user=mary, region=region, state=state)
