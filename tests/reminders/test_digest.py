"""The weekly digest: its content, its recipients, once a week, and turning it off."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.reminders.helpers import TODAY, Sink, a_state_owing, a_state_reporting, planned, text_of
from tests.reminders.test_messages import words_of
from tracker.registry.models import RegionDesk, State
from tracker.reminders import digest, send, tasks
from tracker.reminders.models import Digest, DigestOff, Mail, Reminder

pytestmark = pytest.mark.django_db

SITE = "https://tracker.example.org"
MONDAY = datetime(2026, 3, 16, 6, 30, tzinfo=UTC)


def ada() -> Any:
    return factories.an_officer(first_name="Ada", last_name="Lovelace")


def a_desk() -> Any:
    """Ada with a report that became due last week, one ahead, a mail sent, one dead and one held."""
    officer = ada()
    a_state_owing("NOR", "2026-03-10", desk_officer=officer)
    a_state_owing("ISL", "2026-04-12", desk_officer=officer)
    a_state_owing("DNK", "2026-04-13", desk_officer=officer)  # a day after the four weeks
    a_state_owing("SWE", "2026-06-15", "swe@example.org", desk_officer=officer)
    a_state_owing("FIN", "2026-09-15", "fin@example.org", desk_officer=officer)
    a_state_owing("EST", "2026-06-20", "est@example.org", desk_officer=officer)
    a_state_owing("LVA", "2026-03-11", "lva@example.org")  # nobody's
    planned("2026-03-20")
    mail = Mail.objects.create(recipient="swe@example.org", message_id="<1@example.org>", sent_on=TODAY)
    stands("swe", state="sent", mail=mail, sent_on="2026-03-15", sent_at="2026-03-15T09:00Z")
    stands("fin", state="dead")
    stands("est", state="held")
    stands("lva", state="dead")
    return officer


def stands(whom: str, **values: Any) -> None:
    Reminder.objects.filter(recipient=f"{whom}@example.org").update(**values)


def run(at: datetime = MONDAY) -> dict[str, int]:
    return digest.send_due(at.date(), at)


def states() -> list[tuple[str, str]]:
    return list(Digest.objects.order_by("officer__username").values_list("officer__username", "state"))


# --- content --------------------------------------------------------------------------------------


# The golden mails have the words around the lines.
def test_a_digest_tells_each_section_with_its_pages(settings: Any) -> None:
    settings.SITE_URL = SITE
    officer = a_desk()
    content = digest.content_for(officer, TODAY)
    rows = {row.recipient[:3]: f"{SITE}/reminders/{row.pk}/" for row in Reminder.objects.all()}
    assert [
        (one.title, one.page.removeprefix(SITE), [(line.text, line.page) for line in one.lines])
        for one in content.sections
    ] == [
        (
            "Reports that became due from 9 March 2026 to 15 March 2026",
            "/obligations/?desk=ada",
            [("Norway: initial report, due on 10 March 2026", f"{SITE}/states/NOR/")],
        ),
        (
            "Reports due from 16 March 2026 to 12 April 2026",
            "/obligations/?desk=ada",
            [("Iceland: initial report, due on 12 April 2026", f"{SITE}/states/ISL/")],
        ),
        (
            "Reminders sent from 9 March 2026 to 15 March 2026: 1",
            "/reminders/?state=sent&desk=ada",
            [("Sweden: initial report, 3 months before, to swe@example.org, on 15 March 2026", rows["swe"])],
        ),
        (
            "Reminders that failed or may not have been sent",
            "",
            [
                (
                    "Finland: initial report, 6 months before, to fin@example.org: failed, staff must act",
                    rows["fin"],
                )
            ],
        ),
        (
            "Reminders awaiting approval",
            "/reminders/?state=held&desk=ada",
            [("Estonia: initial report, 3 months before, to est@example.org", rows["est"])],
        ),
        ("Open tasks: returned mail, answers and messages", "/tasks/?standing=open&desk=ada", []),
    ]
    message = digest.message_to(officer, content, "k")
    assert message.to == ["Ada Lovelace <ada@example.org>"]
    assert f"{SITE}/digest/off/?token={digest.SIGNER.sign(str(officer.pk))}\n" in message.body
    assert (
        f"* Estonia: initial report, 3 months before, to est@example.org\n  {rows['est']}\n" in message.body
    )


def html_of(message: Any) -> str:
    return str(message.alternatives[0].content)


def without_addresses(text: str) -> list[str]:
    return [word for word in text.split() if word != "*" and not word.startswith(SITE)]


@pytest.mark.parametrize("site", [SITE, ""])
@pytest.mark.parametrize("desk", [a_desk, ada])
def test_text_and_html_of_a_digest_say_the_same(site: str, desk: Any, settings: Any) -> None:
    settings.SITE_URL = site
    officer = desk()
    message = digest.message_to(officer, digest.content_for(officer, TODAY), "k")
    assert without_addresses(message.body) == words_of(html_of(message)).split()
    linked = [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]*)"', html_of(message))]
    assert linked == [word for word in message.body.split() if word.startswith("http")]


def test_without_a_site_a_digest_has_no_addresses(settings: Any) -> None:
    settings.SITE_URL = ""
    officer = a_desk()
    text = digest.message_to(officer, digest.content_for(officer, TODAY), "k").body
    assert "http" not in text
    assert "Show all" not in text
    assert "under Help, or by writing to article12@example.org." in " ".join(text.split())


def test_each_empty_section_says_so_in_a_line() -> None:
    officer = ada()
    content = digest.content_for(officer, TODAY)
    assert content.is_empty
    assert content.states == 0
    text = digest.message_to(officer, content, "k").body
    for line in (
        "\nNo report became due.\n",
        "\nNo report is due.\n",
        "\nNo reminder was sent.\n",
        "\nNo reminder has failed.\n",
        "\nNo reminder awaits approval.\n",
    ):
        assert line in text


def test_a_digest_calls_a_report_under_the_crc_what_it_is() -> None:
    officer = ada()
    a_state_reporting("JPN", "2026-03-20", "japan@example.org")
    a_state_reporting("VEN", "2025-12-31", precision="year", name="Venezuela")
    a_state_reporting("FRA", None)  # date not recorded
    State.objects.update(desk_officer=officer)
    planned()
    Reminder.objects.update(state="held")
    told = [[line.text for line in one.lines] for one in digest.content_for(officer, TODAY).sections]
    japan = "Japan: combined sixth and seventh reports under article 44 of the CRC"
    venezuela = "Venezuela: combined sixth and seventh reports under article 44 of the CRC"
    assert told == [
        [],
        [f"{japan}, due on 20 March 2026"],
        [],
        [],
        [f"{venezuela}, 1 month after, to ada@example.org", f"{japan}, 1 month before, to japan@example.org"],
        [],
    ]
    (due, *_others) = digest.content_for(officer, date(2026, 1, 5)).sections
    assert [line.text for line in due.lines] == [f"{venezuela}, due in 2025"]


def test_a_report_that_has_been_received_since_is_left_out() -> None:
    officer = a_desk()
    norway = State.objects.get(pk="NOR")
    factories.receives(norway, "2026-03-14")
    factories.derive("2026-03-16", norway)
    (due, *_others) = digest.content_for(officer, TODAY).sections
    assert due.lines == ()


def test_each_week_is_told_once_whatever_day_the_mail_goes() -> None:
    officer = a_desk()
    told = [digest.content_for(officer, date(2026, 3, day)).sections[:3] for day in (16, 18, 22)]
    assert told[0] == told[1] == told[2]
    assert digest.content_for(officer, date(2026, 3, 23)).sections[0].lines == ()


def test_a_long_section_counts_what_it_does_not_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "MOST", 1)
    officer = ada()
    for iso3 in ("NOR", "ISL", "DNK"):
        a_state_owing(iso3, "2026-03-10", desk_officer=officer)
    content = digest.content_for(officer, TODAY)
    assert [len(content.sections[0].lines), content.sections[0].more] == [1, 2]
    assert "\n* and 2 more\n" in digest.message_to(officer, content, "k").body


def test_a_name_with_a_line_break_adds_no_header(sink: Sink, settings: Any) -> None:
    settings.SITE_URL = SITE
    officer = factories.an_officer(first_name="Ada\nBcc: x@example.org", last_name="名" * 40)
    a_state_owing("NOR", "2026-03-10", desk_officer=officer, name="Norway\r\nX-Bad: <b>")
    assert run() == {"sent": 1}
    (mail,) = sink.mails
    assert mail.keys() == [
        "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID",
        "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "X-Auto-Response-Suppress",
    ]  # fmt: skip
    assert [one.addr_spec for one in mail["To"].addresses] == ["ada@example.org"]
    assert "Norway X-Bad: <b>: initial report" in text_of(mail)


# --- to whom, and when ----------------------------------------------------------------------------


def test_a_digest_goes_to_each_officer_of_a_state_or_a_region_once(sink: Sink) -> None:
    a_desk()
    grace = factories.an_officer("grace")
    RegionDesk.objects.create(region="EEG", officer=grace)
    State.objects.filter(pk="LVA").update(region="EEG")
    assert run() == {"sent": 2}
    assert sink.recipients == ["ada@example.org", "grace@example.org"]
    assert run() == {}
    assert run(MONDAY + timedelta(days=6, hours=3)) == {}
    assert len(sink.mails) == 2
    assert states() == [("ada", "sent"), ("grace", "sent")]
    row = Digest.objects.get(officer=grace)
    assert (row.week, row.answer, row.attempts) == (TODAY, "250 2.0.0 kept as 42", 1)


@pytest.mark.parametrize("fields", [{"is_active": False}, {"email": ""}])
def test_who_is_switched_off_or_has_no_address_gets_none(fields: dict[str, Any], sink: Sink) -> None:
    a_state_owing("NOR", "2026-03-10", desk_officer=factories.an_officer(**fields))
    assert run() == {}
    assert states() == []


def test_a_week_with_nothing_at_all_sends_nothing_and_is_settled(sink: Sink) -> None:
    officer = ada()
    a_state_owing("NOR", "2027-03-10", desk_officer=officer)
    assert run() == {"nothing": 1}
    a_state_owing("ISL", "2026-03-10", desk_officer=officer)
    assert run(MONDAY + timedelta(hours=1)) == {}
    assert sink.mails == []


def test_a_digest_missed_on_monday_goes_later_in_the_week_and_not_in_the_next(
    sink: Sink, settings: Any
) -> None:
    a_desk()
    settings.REMINDERS_DAYS = frozenset(range(5))
    assert run(MONDAY - timedelta(minutes=1)) == {}
    assert run(MONDAY - timedelta(hours=6)) == {}
    assert run(MONDAY + timedelta(days=5)) == {}  # a Saturday, on which nothing is sent
    assert run(MONDAY + timedelta(days=4)) == {"sent": 1}
    assert run(MONDAY + timedelta(days=7)) == {"sent": 1}
    assert [mail["Subject"] for mail in sink.mails] == [
        "Article 12 tracker: your week of 16 March 2026",
        "Article 12 tracker: your week of 23 March 2026",
    ]
    assert len({mail["Message-ID"] for mail in sink.mails}) == 2


def test_days_and_hours_of_sending_are_kept(sink: Sink, settings: Any) -> None:
    a_desk()
    settings.REMINDERS_HOURS = (9, 17)
    assert run() == {}
    assert run(MONDAY + timedelta(hours=3)) == {"sent": 1}


# --- when something goes wrong --------------------------------------------------------------------


def test_a_digest_that_failed_is_tried_again_with_the_next_run(sink: Sink) -> None:
    a_desk()
    sink.at_data = "451 try later"
    assert run() == {"failed": 1}
    assert Digest.objects.get().answer == "451 try later"
    sink.at_data = "250 OK"
    assert run(MONDAY + timedelta(hours=1)) == {"sent": 1}
    assert [Digest.objects.get().attempts, len(sink.mails)] == [2, 1]


@pytest.mark.parametrize(("answer", "state"), [("550 no such mailbox", "dead"), ("hang up", "unknown")])
def test_a_digest_that_was_refused_or_may_have_gone_is_not_sent_again(
    answer: str, state: str, sink: Sink
) -> None:
    a_desk()
    sink.at_data = answer
    assert run() == {state: 1}
    sink.at_data = "250 OK"
    assert run(MONDAY + timedelta(hours=1)) == {}
    assert [Digest.objects.get().state, len(sink.mails)] == [state, 0]


@pytest.mark.parametrize(("handed_over", "state", "sent"), [(False, "sent", 1), (True, "unknown", 0)])
def test_a_process_that_died_is_made_up_for_where_nothing_was_handed_over(
    handed_over: bool, state: str, sent: int, sink: Sink
) -> None:
    officer = a_desk()
    Digest.objects.create(
        officer=officer, week=TODAY, recipient=officer.email, state="claimed", claimed_at=MONDAY,
        claim="00000000-0000-0000-0000-000000000001", handed_over_at=MONDAY if handed_over else None,
    )  # fmt: skip
    assert run(MONDAY + timedelta(minutes=5)) == {}
    run(MONDAY + timedelta(minutes=11))
    assert (Digest.objects.get().state, len(sink.mails)) == (state, sent)


def test_one_digest_that_cannot_be_written_stops_no_other(sink: Sink) -> None:
    a_desk()
    bad = factories.an_officer("bad", email="bad\nBcc: x@example.org")
    a_state_owing("POL", "2026-03-10", desk_officer=bad)
    assert run() == {"failed": 1, "sent": 1}
    assert sink.recipients == ["ada@example.org"]
    assert Digest.objects.get(officer=bad).answer.startswith("not written: BadHeaderError")


def test_digests_that_break_off_do_not_break_the_scan(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    a_state_owing("NOR", "2026-06-15", "mission@example.org")

    def breaks(*_args: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(digest, "send_due", breaks)
    tasks.scan()
    assert sink.recipients == ["mission@example.org"]


def test_the_hourly_scan_sends_what_monday_could_not(sink: Sink) -> None:
    a_state_owing("NOR", "2026-03-10", desk_officer=ada())
    tasks.scan()
    tasks.scan()
    tasks.send_digests()
    assert sink.recipients == ["ada@example.org"]


def test_digests_go_also_where_the_scan_breaks_off(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    a_state_owing("NOR", "2026-03-10", desk_officer=ada())

    def breaks(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(tasks.scanning, "send_due", breaks)
    with pytest.raises(RuntimeError, match="broken"):
        tasks.scan()
    assert sink.recipients == ["ada@example.org"]


# --- how many queries -----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 4])
def test_what_is_told_is_read_in_as_many_queries_for_one_officer_as_for_four(
    number: int, sink: Sink, django_assert_num_queries: Any
) -> None:
    for iso3 in ("NOR", "ISL", "DNK", "SWE")[:number]:
        a_state_owing(iso3, "2026-03-10", f"{iso3}@example.org", desk_officer=factories.an_officer(iso3))
    planned()
    with django_assert_num_queries(7):
        following = digest.desks()
        found = digest.contents(TODAY, TODAY, following)
    assert len(found) == number
    with CaptureQueriesContext(
        connection,
    ) as taken:
        assert run() == {"sent": number}
    verbs = [query["sql"].split()[0] for query in taken.captured_queries]
    # Desks, users who turned it off, existing and planned digests; obligations, mails sent, waiting, tasks; languages;
    # server; the newest change of a text.
    assert verbs.count("SELECT") == 12
    # Two for expired claims, one for the server; then for each digest the claim, the hand-over and the result.
    assert verbs.count("UPDATE") == 3 + 3 * number
    with django_assert_num_queries(8):
        assert run() == {}


# --- turned off -----------------------------------------------------------------------------------


def test_who_switched_it_off_gets_none_until_it_is_on_again(sink: Sink) -> None:
    officer = a_desk()
    digest.switch(officer, on=False)
    digest.switch(officer, on=False)
    assert run() == {}
    digest.switch(officer, on=True)
    digest.switch(officer, on=True)
    assert run() == {"sent": 1}
    assert not DigestOff.objects.exists()


@pytest.mark.parametrize(
    ("site", "there", "one_click"),
    [
        (SITE, f"<{SITE}/digest/off/?token=", "List-Unsubscribe=One-Click"),
        ("http://127.0.0.1:8000", "<http://127.0.0.1:8000/digest/off/?token=", None),
        ("", "<mailto:article12@example.org?subject=unsubscribe>", None),
    ],
)
def test_a_digest_says_how_it_is_switched_off(
    site: str, there: str, one_click: str | None, sink: Sink, settings: Any
) -> None:
    settings.SITE_URL = site
    a_desk()
    run()
    (mail,) = sink.mails
    assert mail["List-Unsubscribe"].strip().startswith(there)
    assert mail["List-Unsubscribe"].strip().count(" ") == 0
    assert mail["List-Unsubscribe-Post"] == one_click


def test_a_reminder_cannot_be_unsubscribed_from(sink: Sink, settings: Any) -> None:
    settings.SITE_URL = SITE
    a_state_owing("NOR", "2026-06-15", "mission@example.org")
    planned()
    send.send_due(TODAY)
    assert sink.mails[0]["List-Unsubscribe"] is None


def test_a_token_names_its_officer_and_no_other() -> None:
    officer = ada()
    token = digest.SIGNER.sign(str(officer.pk))
    assert digest.officer_of(token) == officer
    for wrong in ("", str(officer.pk), token[:-1], f"{officer.pk + 1}~{token.split('~')[1]}", "x~y", "\0"):
        assert digest.officer_of(wrong) is None
    officer.delete()
    assert digest.officer_of(token) is None
