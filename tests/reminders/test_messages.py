"""The text of mails: text and HTML say the same, exactly and courteously, and no name can break a header."""

import email
import email.policy
import re
import unicodedata
from datetime import date, timedelta
from html.parser import HTMLParser

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings, strategies as st
from icalendar import Calendar

from tests import factories
from tests.depth import examples
from tests.reminders.helpers import TODAY, a_state_owing, a_state_reporting, moved, planned, text_of, the_row
from tracker.obligations.models import PrintedDate, Review
from tracker.registry.models import State
from tracker.reminders import calendar, messages
from tracker.reminders.models import Mail, Reminder, ReminderRule
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

NOR = "mission@example.org"


class Words(HTMLParser):
    """The visible text of an HTML page, and what the page loads from elsewhere."""

    def __init__(self, page):
        super().__init__()
        self.text, self.attributes, self.skipped = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.skipped = tag in ("title", "style", "script")
        self.attributes += [name for name, value in attrs]

    def handle_endtag(self, tag):
        self.skipped = False

    def handle_data(self, data):
        if not self.skipped:
            self.text.append(data)


def words_of(page):
    return " ".join(" ".join(Words(page).text).split())


def mail_to(recipient=NOR, day=TODAY):
    rows = Reminder.objects.filter(recipient=recipient).select_related(
        "obligation__state__desk_officer", "rule", "contact"
    )
    return messages.reminder(list(rows), day)


def html_of(message):
    return message.alternatives[0].content


def several_reports():
    """Two States at two stages, one date from the Committee, one State as a copy; one recipient for each."""
    officer = factories.an_officer(first_name="Zoë", last_name="Okafor")
    united = "United Kingdom of Great Britain and Northern Ireland"
    moved(a_state_owing("NOR", "2017-02-10", NOR, desk_officer=officer), "2026-02-01")
    a_state_owing("GBR", "2026-06-15", NOR, name=united, desk_officer=officer)
    copied = a_state_owing("ISL", "2017-02-10", desk_officer=officer)
    factories.a_contact(copied, "copy@example.org", copy="cc")
    a_state_owing("DNK", "2017-02-10", desk_officer=officer)
    ReminderRule.objects.filter(months=-3).update(wording="The following is due in three months.")
    planned()


def test_each_report_is_named_with_its_date_and_the_reasons_for_it():
    several_reports()
    text = " ".join(mail_to().body.split())
    for words in (
        (
            "Was due on 1 February 2026, as stated in CRC/C/OPSC/NOR/CO/1. We have no record of having received it. "
            "This is the"
        ),
        "The Committee, on 1 February 2025, asks for report 1 by 1 February 2026.",
        "* United Kingdom of Great Britain and Northern Ireland: initial report Due on 15 June 2026.",
        "Initial report within two years of entry into force, by 15 June 2026.",
        "The following is due in three months.",
        "Please write to Zoë Okafor <ada@example.org> or reply to this message.",
    ):
        assert words in text


def test_the_subject_of_a_mail_about_several_reports_counts_them():
    several_reports()
    assert mail_to().subject == "2 reports under the OPSC of 2 States"
    assert mail_to("copy@example.org").subject == "Iceland: initial report, due 10 February 2017 (OPSC)"


def test_a_report_due_today_is_not_yet_overdue():
    a_state_owing("NOR", "2026-03-16", NOR)
    planned()
    assert mail_to().subject == "Norway: initial report, due 16 March 2026 (OPSC)"
    assert "Due on 16 March 2026." in mail_to().body


def test_a_copy_says_that_it_is_one():
    several_reports()
    assert mail_to("copy@example.org").body.startswith("Copy for information\n\nDear Permanent Mission,\n")
    assert "Copy for information" not in mail_to().body


def test_the_desk_is_told_the_stage_and_where_nobody_can_be_written_to():
    several_reports()
    text = " ".join(mail_to("ada@example.org").body.split())
    assert (
        "* Denmark: initial report Was due on 10 February 2017. We have no record of having received it."
        in text
    )
    first = "This is the first reminder about this report that this system sends."
    assert text.count(f"{first} Stage: 9 years after. No contact is recorded") == 1
    assert text.count("Stage: 9 years after.") == 2
    assert "We would be grateful" not in text


def test_answers_go_to_the_office_where_no_desk_officer_follows_the_state(norway, settings):
    assert mail_to().reply_to == ["Article 12 desk <article12@example.org>"]
    assert "Please write to Article 12 desk <article12@example.org> or" in " ".join(mail_to().body.split())
    settings.REPLY_TO = "people@example.org"
    assert mail_to().reply_to == ["Article 12 desk <people@example.org>"]
    assert "Please write to Article 12 desk <people@example.org> or" in " ".join(mail_to().body.split())


def test_the_message_id_is_made_from_the_reminders_and_nothing_else():
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2026-06-15", "ministry@example.org")
    planned()
    first = mail_to().extra_headers["Message-ID"]
    State.objects.filter(pk="NOR").update(name="Kingdom of Norway")
    assert mail_to().extra_headers["Message-ID"] == first
    assert mail_to("ministry@example.org").extra_headers["Message-ID"] != first
    assert re.fullmatch(r"<[0-9a-f]{40}@example\.org>", first)


@pytest.mark.parametrize(
    "name", ["Mission\nBcc: all@example.org", "Mission\r\n\r\nA text", "Okafor, Zoë", '"Mission" <x@y>']
)
def test_no_name_can_add_a_header_or_a_recipient(sink, name):
    state = a_state_owing("NOR", "2026-06-15", name=f"Norway\nX-Bad: {name}")
    factories.a_contact(state, NOR, name=name)
    planned()
    assert send_due(TODAY)["sent"] == 1
    mail = sink.mails[0]
    assert mail.keys() == [
        "Content-Type",
        "MIME-Version",
        "Subject",
        "From",
        "To",
        "Reply-To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
    ]
    assert [(to.display_name, to.addr_spec) for to in mail["To"].addresses] == [(" ".join(name.split()), NOR)]
    assert mail["Subject"].strip().startswith("Norway X-Bad: ")


def test_markup_in_a_name_is_shown_and_not_obeyed(sink):
    state = a_state_owing("NOR", "2026-06-15")
    factories.a_contact(state, NOR, name="<script>alert(1)</script>")
    planned()
    message = mail_to()
    assert "Dear <script>alert(1)</script>," in message.body
    assert "Dear &lt;script&gt;alert(1)&lt;/script&gt;," in html_of(message)


def test_the_mail_that_arrives_has_both_parts(sink):
    a_state_owing("NOR", "2026-06-15", NOR)
    plan(TODAY)
    send_due(TODAY)
    mail = sink.mails[0]
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in mail.walk()][1:] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
    ]
    assert text_of(mail) == " ".join(mail_to().body.split())
    assert mail.get_body(("html",)).get_content().split() == html_of(mail_to()).split()
    assert mail["From"] == "Article 12 desk <article12@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"


# --- reports under the CRC ------------------------------------------------------------------------


def reports_under_the_crc():
    """Three States to one recipient: two asked by a day or a year, one by a list of issues; and an initial report.

    The documents and days are those of `data/committee_dates_crc.csv`.
    """
    officer = factories.an_officer(first_name="Zoë", last_name="Okafor")
    japan = a_state_reporting("JPN", "2024-11-21", NOR, "japan@example.org")
    a_state_reporting(
        "VEN", "2021-12-31", NOR, precision="year", document="CRC/C/VEN/CO/3-5", name="Venezuela"
    )
    a_state_reporting(
        "QAT", "2026-06-15", "qatar@example.org", cycles="5-6", document="CRC/C/QAT/QPR/5-6",
        document_kind="list of issues prior to reporting",
    )  # fmt: skip
    a_state_owing("DNK", "2017-02-10", "denmark@example.org")
    PrintedDate.objects.create(
        state=japan, kind="periodic", carried_by="CRC report", first_cycle=6, last_cycle=7, printed="2021-05-22",
        printed_on=date(2019, 2, 1),
    )  # fmt: skip
    State.objects.update(desk_officer=officer)
    planned()


@pytest.mark.parametrize(
    ("world", "recipients"),
    [
        (several_reports, (NOR, "copy@example.org", "ada@example.org")),
        (reports_under_the_crc, (NOR, "japan@example.org", "qatar@example.org", "ada@example.org")),
    ],
)
def test_text_and_html_say_the_same_in_lines_that_fit_any_window_and_nothing_is_fetched(world, recipients):
    world()
    for recipient in recipients:
        message = mail_to(recipient)
        assert " ".join(re.sub(r"(?m)^ *[*-] ", "", message.body).split()) == words_of(html_of(message))
        assert max(map(len, message.body.splitlines())) <= 76
        assert set(Words(html_of(message)).attributes) <= {"lang", "dir", "charset", "name", "content"}
        assert "http" not in html_of(message)


# The golden mails have one State's report under the CRC, and what the desk is told.
def test_reports_of_several_states_under_the_crc_are_called_what_they_are():
    reports_under_the_crc()
    assert mail_to().subject == "2 reports under the CRC of 2 States, with information on the OPSC"
    assert " ".join(mail_to().body.split("\n\n")[1].split()) == (
        "We have the honour to remind you of the following reports under article 44 of the Convention on the Rights of "
        "the Child (CRC). In these reports, article 12(2) of the Optional Protocol on the sale of children, child "
        "prostitution and child pornography (OPSC) asks for information on the implementation of the Protocol."
    )


def test_a_mail_of_one_state_about_reports_under_both_treaties_says_so():
    japan = a_state_reporting("JPN", "2026-06-15", NOR)
    factories.asks(japan, "2026-06-15", on="2025-11-01")
    factories.derive("2026-03-16", japan)
    planned()
    assert mail_to().subject == "Japan: 2 reports under the OPSC and the CRC"


def test_a_mail_of_one_state_about_several_reports_under_the_crc_counts_them(settings):
    settings.PERIODIC_RULE = "treaty-calendar"
    state = a_state_reporting("JPN", None, NOR)
    State.objects.filter(pk=state.pk).update(carried_records_from=date(2015, 1, 1))
    planned()
    assert mail_to().subject == "Japan: 3 reports under the CRC, with information on the OPSC"


def test_a_mail_holds_no_working_note_on_the_last_observations_that_we_know():
    state = a_state_reporting("JPN", "2026-06-15", NOR)
    Review.objects.create(
        state=state, kind="periodic", first_cycle=4, last_cycle=5, carried_by="CRC report",
        document="CRC/C/JPN/CO/4-5", adopted_on=date(2019, 2, 1),
    )  # fmt: skip
    factories.derive("2026-03-16", state)
    planned()
    assert "The last concluding observations known here" in str(the_row().obligation.trail)
    message = mail_to()
    for text in (message.body, html_of(message), messages.calendar_of(message).replace("\r\n ", "")):
        assert "The Committee" in text
        assert "known here" not in text


def test_a_year_alone_is_said_as_a_year_and_is_late_only_when_it_has_ended():
    a_state_reporting("FRA", "2026-12-31", NOR, cycles="8", precision="year", document="CRC/C/FRA/CO/6-7")
    planned()
    last_day, next_day = (mail_to(NOR, day) for day in (date(2026, 12, 31), date(2027, 1, 1)))
    subject = "France: eighth report under article 44 of the CRC, due in 2026 (OPSC)"
    assert (last_day.subject, next_day.subject) == (subject, subject)
    text = " ".join(last_day.body.split())
    assert "Due in 2026, as stated in CRC/C/FRA/CO/6-7. How this date was determined" in text
    assert "submitted to the Committee on the Rights of the Child during that year, or if" in text
    text = " ".join(next_day.body.split())
    assert "Was due in 2026, as stated in CRC/C/FRA/CO/6-7. We have no record of having received it." in text
    assert "submitted to the Committee on the Rights of the Child as soon as possible, or if" in text


def test_a_mail_about_one_report_under_the_crc_fits_one_screen():
    reports_under_the_crc()
    assert len(mail_to("japan@example.org").body.splitlines()) <= 40


# What is printed, whether the document prints a year alone, and what the mail says; due on 31 December 2026.
PRINTED = [
    ("2026", False, False),
    ("2026-12-31", False, False),
    ("2025", False, True),
    ("2026-09-26", False, True),
    ("2026-09-26", True, False),
    ("2025-09-26", True, True),
]


@pytest.mark.parametrize(("printed", "year", "said"), PRINTED)
def test_the_date_that_the_un_prints_is_told_where_it_differs(printed, year, said):
    state = a_state_reporting("JPN", "2026-12-31", NOR, precision="year" if year else "day")
    PrintedDate.objects.create(
        state=state, kind="periodic", carried_by="CRC report", first_cycle=6, last_cycle=7, printed=printed,
        printed_on=TODAY,
    )  # fmt: skip
    planned()
    shown = {"2025-09-26": "26 September 2025", "2026-09-26": "26 September 2026"}.get(printed, printed)
    sentence = f"United Nations documents give a different due date: {shown}."
    assert (sentence in " ".join(mail_to().body.split())) == said
    assert "another due date" not in mail_to(NOR, date(2026, 3, 15)).body  # printed a day later


# --- which reminder it is -------------------------------------------------------------------------


def sent_already(*days, recipient=NOR):
    """Reminders of the report of the one that waits, sent on these days."""
    row = Reminder.objects.get(recipient=recipient)
    for number, day in enumerate(days, 1):
        mail = Mail.objects.create(recipient=recipient, message_id=f"<{number}@example.org>", sent_on=day)
        Reminder.objects.create(
            obligation_id=row.obligation_id, rule_id=row.rule_id, occurrence=number, recipient=recipient,
            due_on=row.due_on, stage_on=day, batch=row.batch, state="sent", mail=mail, sent_on=day,
            sent_at=timezone.now() - timedelta(days=1000 - number),
        )  # fmt: skip
    return row


def told_to(row):
    """The one mail that waits."""
    return messages.reminder(
        list(Reminder.objects.filter(pk=row.pk).select_related("obligation__state__desk_officer", "rule")),
        TODAY,
    )


FOURTH = (
    "This is the fourth reminder about this report; the first was sent on 15 September 2025, the latest on "
    "15 January 2026."
)


@pytest.mark.parametrize(
    ("days", "said", "subject"),
    [
        ((), "This is the first reminder about this report.", ""),
        (
            ("2026-01-15",),
            "This is the second reminder about this report; the first was sent on 15 January 2026.",
            ", second reminder",
        ),
        (
            ("2025-09-15", "2025-12-15", "2026-01-15"),
            FOURTH,
            ", fourth reminder",
        ),
    ],
)
def test_a_mail_says_which_reminder_it_is(norway, days, said, subject):
    message = told_to(sent_already(*map(date.fromisoformat, days)))
    opening = message.body.split("\n\n")[1]
    assert " ".join(opening.split()).endswith(f"child pornography (OPSC). {said}")
    assert said in words_of(html_of(message))
    assert message.subject == f"Norway: initial report, due 15 June 2026 (OPSC){subject}"


def test_only_what_was_sent_to_the_same_person_about_the_same_date_is_counted():
    state = a_state_owing("NOR", "2026-06-15", NOR, "copy@example.org")
    planned()
    row = sent_already(date(2026, 1, 15))
    assert "first reminder" in told_to(Reminder.objects.get(recipient="copy@example.org")).body
    Reminder.objects.filter(state="sent").update(state="unknown")
    assert "first reminder" in told_to(row).body
    Reminder.objects.filter(state="unknown").update(state="sent")
    assert "second reminder" in told_to(row).body
    moved(state, "2026-07-15")
    Reminder.objects.filter(pk=row.pk).update(due_on="2026-07-15")
    assert "first reminder" in told_to(row).body


def test_later_reminders_of_a_report_name_the_earlier_mails_to_the_same_person(sink):
    a_state_owing("NOR", "2026-06-15", NOR, "copy@example.org")
    a_state_owing("ISL", "2026-06-20", "copy@example.org")
    days = [date(2026, 3, 16), date(2026, 6, 15), *(date(2027 + year, 6, 15) for year in range(7))]
    for day in days:
        plan(day)
        send_due(day)
    mails = [mail for mail in sink.mails if mail["To"].addresses[0].addr_spec == NOR]
    ids = [mail["Message-ID"] for mail in mails]
    assert len(set(ids)) == len(days)
    assert [mail["In-Reply-To"] for mail in mails] == [None, *ids[:-1]]
    assert (mails[0]["References"], mails[1]["References"].split()) == (None, ids[:1])
    assert mails[-1]["References"].split() == [ids[0], *ids[-6:-1]]
    stem = "Norway: initial report, due 15 June 2026 (OPSC)"
    assert [mail["Subject"].split(stem)[0] for mail in mails] == [""] * len(days)


def test_the_number_of_a_reminder_is_a_word_up_to_ten():
    assert [messages.ordinal(n) for n in (1, 2, 3, 9, 10, 11, 12, 13, 20, 21, 22, 23, 101, 111, 113)] == [
        "first", "second", "third", "ninth", "tenth", "11th", "12th", "13th", "20th", "21st", "22nd", "23rd",
        "101st", "111th", "113th",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1, 4])
def test_a_mail_of_many_rows_is_written_with_as_many_queries(number, django_assert_num_queries):
    for iso3 in ("NOR", "ISL", "DNK", "SWE")[:number]:
        a_state_owing(iso3, "2026-06-15", NOR)
    planned()
    rows = list(Reminder.objects.select_related("obligation__state__desk_officer", "rule", "contact"))
    # Contacts, desks, mails sent, calendar entries, printed due dates.
    with django_assert_num_queries(5):
        messages.reminder(rows, TODAY)


# --- the calendar file ----------------------------------------------------------------------------


def events_of(message):
    return Calendar.from_ical(messages.calendar_of(message)).walk("VEVENT")


def test_the_due_date_of_each_report_is_attached_as_the_feeds_tell_it():
    several_reports()
    message = mail_to()
    (part,) = message.attachments
    assert part.get_filename() == "due-dates.ics"
    assert (part.get_content_type(), part.get_param("method")) == ("text/calendar", "PUBLISH")
    assert [(one["uid"], one["dtstart"].to_ical(), one["summary"]) for one in events_of(message)] == [
        ("NOR-initial-own-1@article-12-tracker", b"20260201", "Norway: initial report due (OPSC)"),
        (
            "GBR-initial-own-1@article-12-tracker",
            b"20260615",
            "United Kingdom of Great Britain and Northern Ireland: initial report due (OPSC)",
        ),
    ]
    assert all(one["dtstart"].params["VALUE"] == "DATE" and "url" not in one for one in events_of(message))
    assert mail_to("copy@example.org").attachments[0].get_filename() == "article-12-ISL.ics"


def test_the_calendar_file_is_the_same_each_time_and_after_the_feeds_have_told(norway, clock):
    first = messages.calendar_of(mail_to())
    clock.shift(timedelta(hours=3))
    calendar.synchronise(TODAY)
    assert messages.calendar_of(mail_to()) == first
    assert "DTSTAMP:20260316T000000Z" in first


def test_a_date_that_has_moved_has_a_higher_sequence_in_the_file_as_in_the_feeds():
    state = a_state_owing("NOR", "2026-06-15", NOR)
    calendar.synchronise(TODAY)
    moved(state, "2026-05-01")
    planned()
    (before,) = events_of(mail_to())
    calendar.synchronise(TODAY)
    (after,) = events_of(mail_to())
    assert (before["sequence"], after["sequence"]) == (1, 1)
    assert before["dtstart"].to_ical() == b"20260501"


def test_the_calendar_file_arrives_and_is_kept_octet_by_octet(sink):
    several_reports()
    before = messages.calendar_of(mail_to())
    send_due(TODAY)
    arrived = next(mail for mail in sink.mails if mail["To"].addresses[0].addr_spec == NOR)
    (part,) = arrived.iter_attachments()
    assert part.get_payload(decode=True).decode() == before
    assert Mail.objects.get(recipient=NOR).calendar == before
    assert before.startswith("BEGIN:VCALENDAR\r\n")


def test_the_calendar_file_calls_a_report_under_the_crc_what_it_is():
    reports_under_the_crc()
    assert [(one["uid"], one["dtstart"].to_ical(), one["summary"]) for one in events_of(mail_to())] == [
        (
            "VEN-periodic-crc-report-6@article-12-tracker",
            b"20211231",
            "Venezuela: combined sixth and seventh reports under article 44 of the CRC due in 2021 (OPSC)",
        ),
        (
            "JPN-periodic-crc-report-6@article-12-tracker",
            b"20241121",
            "Japan: combined sixth and seventh reports under article 44 of the CRC due (OPSC)",
        ),
    ]


# --- awkward names --------------------------------------------------------------------------------


def seen(text):
    """The words of a text without spaces and marks of lists; a line may end between two Chinese characters."""
    return "".join(word for word in text.split() if word not in ("*", "-"))


AWKWARD = (
    "Mission\nBcc: all@example.org", "Mission\r\n\r\nA text", "a\x00b\x07c\x1bd\u2028e\x85f", "名" * 150,
    "Ж" * 75 + " " + "é" * 74, "بعثة دائمة", "<b>&amp;</b>", "", '"Mission" <x@y>, z@w', "x" * 150, "\\", "\u202e",
)  # fmt: skip
NAMES = st.text(max_size=150) | st.sampled_from(AWKWARD)
COVERING = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")) | st.just("\n"), max_size=1000)


def each_awkward_name(test):
    """The test with each of the names as every name, besides those that are generated."""
    for name in AWKWARD:
        test = example(state=name, name=name, officer=name, covering="")(test)
    return test


@each_awkward_name
@given(state=NAMES, name=NAMES, officer=NAMES, covering=COVERING)
@settings(
    max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_name_makes_a_mail_whose_headers_and_parts_say_what_they_should(
    db, state, name, officer, covering
):
    if not State.objects.exists():
        ada = factories.an_officer(first_name="Ada")
        for iso3, due in (("NOR", "2026-06-15"), ("ISL", "2017-02-10")):
            a_state_owing(iso3, due, NOR, desk_officer=ada)
        planned()
    rows = list(
        Reminder.objects.filter(recipient=NOR).select_related(
            "obligation__state__desk_officer", "rule", "contact"
        )
    )
    for row in rows:
        row.recipient_name, row.covering = name, covering.strip()
        row.obligation.state.name = state
        row.obligation.state.desk_officer.first_name = officer
    message = messages.reminder(rows, TODAY)
    assert seen(message.body) == seen(words_of(html_of(message)))
    alone = messages.reminder(rows[:1], TODAY)
    for one in (message, alone):
        parsed = email.message_from_bytes(one.message().as_bytes(), policy=email.policy.default)
        assert parsed.keys() == [
            "Content-Type", "MIME-Version", "Subject", "From", "To", "Reply-To", "Date", "Message-ID",
            "Auto-Submitted", "X-Auto-Response-Suppress",
        ]  # fmt: skip
        assert [(to.display_name, to.addr_spec) for to in parsed["To"].addresses] == [
            (messages.one_line(name), NOR)
        ]
        assert [to.addr_spec for to in parsed["Reply-To"].addresses] == ["ada@example.org"]
        assert not parsed.defects
        assert seen(parsed.get_body(("plain",)).get_content()) == seen(one.body)
        assert len(list(parsed.iter_attachments())) == 1
    kept = "".join(" " if unicodedata.category(one) == "Cc" else one for one in state)
    assert alone.subject.split(": initial report")[0] == " ".join(kept.split())


def test_a_mail_says_in_which_language_and_direction_it_is_and_bears_dark_colours(norway):
    page = html_of(mail_to())
    assert '<html lang="en" dir="ltr">' in page
    assert '<meta name="color-scheme" content="light dark">' in page
    assert not re.search(r"<(img|style|script)|style=|color=", page)


# --- the link to answer by ------------------------------------------------------------------------


def test_a_state_is_told_a_link_to_answer_by_where_the_site_is_known(norway, settings):
    assert "/answer/" not in str(messages.reminder(list(Reminder.objects.all()), TODAY).body)
    settings.SITE_URL = "https://tracker.example.org"
    message = messages.reminder(list(Reminder.objects.all()), TODAY)
    (link,) = re.findall(r"https://tracker.example.org/answer/\S+", str(message.body))
    (html,) = (part.content for part in message.alternatives)
    assert f'<a href="{link}">{link}</a>' in html


def test_a_desk_officer_is_told_no_link_to_answer_by(settings, django_user_model):
    settings.SITE_URL = "https://tracker.example.org"
    officer = django_user_model.objects.create_user("ada", "ada@example.org")
    a_state_owing("NOR", "2026-01-15", desk_officer=officer)
    planned()
    message = messages.reminder(list(Reminder.objects.filter(recipient="ada@example.org")), TODAY)
    assert "/answer/" not in str(message.body)
