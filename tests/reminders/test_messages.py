"""The words: text and HTML say the same, exactly and courteously, and no name can break a header."""

import re
from html.parser import HTMLParser

import pytest

from tests import factories
from tests.reminders.helpers import TODAY, a_state_owing, moved, planned, text_of
from tracker.registry.models import State
from tracker.reminders import messages
from tracker.reminders.models import Reminder, ReminderRule
from tracker.reminders.plan import plan
from tracker.reminders.send import send_due

NOR = "mission@example.org"


class Words(HTMLParser):
    """What a reader of an HTML page sees, and what the page fetches from elsewhere."""

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


def test_a_mail_in_full():
    state = a_state_owing("NOR", "2017-02-10", desk_officer=factories.an_officer(first_name="Ada"))
    factories.a_contact(state, NOR, name="Permanent Mission of Norway")
    planned()
    message = mail_to()
    assert message.subject == "Norway: initial report, due since 10 February 2017 (OPSC)"
    assert message.to == ["Permanent Mission of Norway <mission@example.org>"]
    assert message.reply_to == ["Ada <ada@example.org>"]
    assert message.from_email == "Article 12 desk <article12@example.org>"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert message.body == (
        "Dear Permanent Mission of Norway,\n"
        "\n"
        "We have the honour to recall the following report under article 12 of the\n"
        "Optional Protocol to the Convention on the Rights of the Child on the sale\n"
        "of children, child prostitution and child pornography (OPSC).\n"
        "\n"
        "* Norway: initial report\n"
        "  Due since 10 February 2017; no report is recorded as received.\n"
        "  Why this date:\n"
        "    - Depositary: Instrument of ratification deposited on 10 January 2015.\n"
        "    - OPSC art. 14(2): In force for the State one month after the deposit,\n"
        "      on 10 February 2015.\n"
        "    - OPSC art. 12(1): Initial report within two years of entry into force,\n"
        "      by 10 February 2017.\n"
        "\n"
        "We should be grateful if the report could be submitted to the Committee on\n"
        "the Rights of the Child as soon as possible, or if you could let us know\n"
        "when it may be expected. If it has been submitted already, please tell us on\n"
        "which day, and we shall correct our record.\n"
        "\n"
        "Please answer to Ada <ada@example.org>, or simply reply to this message.\n"
        "\n"
        "Yours faithfully,\n"
        "Article 12 desk\n"
    )


def several_reports():
    """Two States at two stages, one date from the Committee, one State known as a copy; one recipient each."""
    officer = factories.an_officer(first_name="Zoë", last_name="Okafor")
    united = "United Kingdom of Great Britain and Northern Ireland"
    moved(a_state_owing("NOR", "2017-02-10", NOR, desk_officer=officer), "2026-02-01")
    a_state_owing("GBR", "2026-06-15", NOR, name=united, desk_officer=officer)
    copied = a_state_owing("ISL", "2017-02-10", desk_officer=officer)
    factories.a_contact(copied, "copy@example.org", copy="cc")
    a_state_owing("DNK", "2017-02-10", desk_officer=officer)
    ReminderRule.objects.filter(months=-3).update(wording="The following is due in three months.")
    planned()


@pytest.mark.parametrize("recipient", [NOR, "copy@example.org", "ada@example.org"])
def test_text_and_html_say_the_same(recipient):
    several_reports()
    message = mail_to(recipient)
    marks_of_lists = re.compile(r"(?m)^ *[*-] ")
    assert " ".join(marks_of_lists.sub("", message.body).split()) == words_of(html_of(message))


@pytest.mark.parametrize("recipient", [NOR, "copy@example.org", "ada@example.org"])
def test_the_lines_of_the_text_fit_any_window_and_the_html_fetches_nothing(recipient):
    several_reports()
    message = mail_to(recipient)
    assert max(map(len, message.body.splitlines())) <= 76
    assert set(Words(html_of(message)).attributes) <= {"lang", "charset"}
    assert "http" not in html_of(message)


def test_each_report_is_named_with_its_date_and_the_reasons_for_it():
    several_reports()
    text = " ".join(mail_to().body.split())
    for words in (
        "* Norway: initial report Due since 1 February 2026; no report is recorded as received.",
        "The Committee, on 1 February 2025, asks for report 1 by 1 February 2026 instead.",
        "* United Kingdom of Great Britain and Northern Ireland: initial report Due on 15 June 2026.",
        "Initial report within two years of entry into force, by 15 June 2026.",
        "The following is due in three months.",
        "Please answer to Zoë Okafor <ada@example.org>, or simply reply to this message.",
    ):
        assert words in text


def test_the_subject_of_a_mail_about_several_reports_counts_them():
    several_reports()
    assert mail_to().subject == "2 reports under the OPSC of 2 States"
    assert mail_to("copy@example.org").subject == "Iceland: initial report, due since 10 February 2017 (OPSC)"


def test_a_report_due_today_is_not_yet_overdue():
    a_state_owing("NOR", "2026-03-16", NOR)
    planned()
    assert mail_to().subject == "Norway: initial report, due on 16 March 2026 (OPSC)"
    assert "Due on 16 March 2026." in mail_to().body


def test_a_copy_says_that_it_is_one():
    several_reports()
    assert mail_to("copy@example.org").body.startswith("Copy for information\n\nDear Permanent Mission,\n")
    assert "Copy for information" not in mail_to().body


def test_the_desk_is_told_the_stage_and_where_nobody_can_be_written_to():
    several_reports()
    text = " ".join(mail_to("ada@example.org").body.split())
    assert "* Denmark: initial report Due since 10 February 2017; no report is recorded as received." in text
    assert text.count("Stage: 9 years after. No contact is recorded") == 1
    assert text.count("Stage: 9 years after.") == 2
    assert "We should be grateful" not in text


def test_answers_go_to_the_office_where_no_desk_officer_follows_the_state():
    a_state_owing("NOR", "2026-06-15", NOR)
    planned()
    assert mail_to().reply_to == ["Article 12 desk <article12@example.org>"]
    assert "Please answer to Article 12 desk <article12@example.org>, or" in " ".join(mail_to().body.split())


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
    assert mail.get_content_type() == "multipart/alternative"
    assert text_of(mail) == " ".join(mail_to().body.split())
    assert mail.get_body(("html",)).get_content().split() == html_of(mail_to()).split()
    assert mail["From"] == "Article 12 desk <article12@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
