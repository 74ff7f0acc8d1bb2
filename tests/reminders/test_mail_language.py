"""In which language a mail is written: whom, how, and all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests import factories
from tests.reminders import samples
from tests.reminders.helpers import TODAY, Sink, a_state_owing, planned, text_of, the_row
from tests.reminders.pretended import forms_for_mail, languages_in, pretended, recorded, unmarked
from tracker.languages.known import LANGUAGES
from tracker.languages.models import Reader
from tracker.languages.readiness import Way
from tracker.registry.models import State
from tracker.reminders import messages, outbox, send
from tracker.reminders.models import Mail, Reminder, ReminderRule
from tracker.reminders.text import language as language_module
from tracker.reminders.text.language import Because, MailLanguage, in_words
from tracker.reminders.text.lines import columns, wrapped

pytestmark = pytest.mark.django_db

NOR = "mission@example.org"
# How the texts stand in these tests.
READY = {
    "en": Way.OWN,
    "fr": Way.OWN,
    "es": Way.BOTH,
    "zh": Way.BOTH,
    "ar": Way.BOTH,
    "ru": Way.ENGLISH,
}


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_module, "way_of", READY.__getitem__)


@pytest.fixture
def marked(tmp_path: Path, settings: Any) -> Iterator[None]:
    """All words of mails are marked with the language of their catalogue."""
    with pretended(tmp_path, settings, "ar", "es", "fr", "ru", "zh"):
        yield


def rows_to(address: str = NOR) -> list[Reminder]:
    rows = Reminder.objects.filter(recipient=address)
    return list(rows.select_related("obligation__state__desk_officer", "rule", "contact"))


def language() -> MailLanguage:
    rows = rows_to()
    return messages.MailFacts.about(rows, TODAY).language_of(rows)


# --- whom -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contact", "state", "mails", "code", "because"),
    [
        ("", "en", "automatic", "en", None),
        ("", "fr", "automatic", "fr", None),
        ("fr", "es", "automatic", "fr", None),  # the contact's own language comes first
        ("en", "fr", "automatic", "en", None),
        ("", "es", "automatic", "es+en", Because.UNCONFIRMED),
        ("", "ru", "automatic", "en", Because.NOT_READY),
        ("", "fr", "both", "fr+en", Because.CHOSEN),
        ("", "es", "both", "es+en", Because.CHOSEN),
        ("", "fr", "english", "en", Because.CHOSEN),
        ("", "ru", "both", "en", Because.NOT_READY),  # no choice sends words that nobody would sign
        ("", "en", "both", "en", None),
    ],
)
def test_the_language_of_a_contact_as_far_as_its_texts_and_the_desk_allow(
    contact: str, state: str, mails: str, code: str, because: Because | None
) -> None:
    norway = a_state_owing("NOR", "2026-06-15", language=state, mails=mails)
    factories.a_contact(norway, NOR, language=contact)
    planned()
    assert (language().code, language().because) == (code, because)


def test_one_mail_about_states_of_different_languages_is_in_english() -> None:
    a_state_owing("NOR", "2026-06-15", NOR, language="fr")
    a_state_owing("ISL", "2026-06-15", NOR, language="es")
    planned()
    assert (language().code, language().because) == ("en", Because.SEVERAL)
    State.objects.update(language="fr")
    assert language().code == "fr"
    State.objects.filter(pk="ISL").update(mails="english")  # for one of them, so for the mail
    assert language().code == "en"


def test_a_desk_officer_reads_the_language_of_the_account() -> None:
    ada = factories.an_officer()
    a_state_owing("NOR", "2017-02-10", language="fr", desk_officer=ada)
    planned()
    rows = rows_to(ada.email)
    assert messages.MailFacts.about(rows, TODAY).language_of(rows).code == "en"
    Reader.objects.create(user=ada, language="ru")  # staff may read what no State may
    assert messages.MailFacts.about(rows, TODAY).language_of(rows).code == "ru"


def test_the_choice_and_its_reason_are_said_in_words() -> None:
    assert str(MailLanguage()) == "English"
    assert in_words("fr") == "French"
    assert str(MailLanguage("es", Way.BOTH, Because.UNCONFIRMED)) == (
        "Spanish, then English, because nobody has confirmed the texts in Spanish yet"
    )
    assert str(MailLanguage("fr", Way.ENGLISH, Because.CHOSEN)) == "English, so chosen for the State"


# --- words that people type -----------------------------------------------------------------------


def test_a_mail_is_english_where_the_note_of_its_rule_is_missing_in_the_language() -> None:
    a_state_owing("NOR", "2026-06-15", NOR, language="fr")
    planned()
    ReminderRule.objects.update(wording="As agreed.")
    assert (language().code, language().because) == ("en", Because.NO_NOTE)
    ReminderRule.objects.update(wordings={"fr": "Comme convenu."})
    assert language().code == "fr"
    assert "Comme convenu." in messages.reminder(rows_to(), TODAY).body
    State.objects.update(mails="both")
    both = messages.reminder(rows_to(), TODAY).body
    assert both.index("Comme convenu.") < both.index("As agreed.")


def test_a_mail_stays_in_the_language_for_which_its_covering_note_was_written() -> None:
    a_state_owing("NOR", "2026-06-15", NOR, language="fr")
    planned()
    outbox.cover(Reminder.objects.all(), "Comme convenu.", by="ada", language="fr")
    State.objects.update(language="es")
    assert (language().code, language().because) == ("fr", Because.TYPED)
    outbox.cover(Reminder.objects.all(), "As agreed.", by="ada")
    assert language().code == "en"
    outbox.cover(Reminder.objects.all(), "", by="ada")
    assert (language().code, the_row().covering_in) == ("es+en", "")


def test_a_note_for_words_that_may_go_to_no_state_any_more_goes_in_english() -> None:
    a_state_owing("NOR", "2026-06-15", NOR, language="ru")
    planned()
    outbox.cover(Reminder.objects.all(), "Как условлено.", by="ada", language="ru")
    assert (language().code, language().because) == ("en", Because.NOT_READY)


def test_a_mail_with_notes_in_two_languages_is_in_both() -> None:
    a_state_owing("NOR", "2026-06-15", NOR, language="fr")
    a_state_owing("ISL", "2026-06-15", NOR, language="fr")
    planned()
    of_norway = Reminder.objects.filter(obligation__state="NOR")
    outbox.cover(of_norway, "As agreed.", by="ada")
    outbox.cover(Reminder.objects.exclude(pk__in=of_norway), "Comme convenu.", by="bob", language="fr")
    assert language().code == "fr+en"
    body = messages.reminder(rows_to(), TODAY).body
    assert (body.count("As agreed."), body.count("Comme convenu.")) == (1, 1)


def test_a_note_beside_texts_that_are_not_confirmed_any_more_gets_the_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_state_owing("NOR", "2026-06-15", NOR, language="fr")
    planned()
    outbox.cover(Reminder.objects.all(), "Comme convenu.", by="ada", language="fr")
    monkeypatch.setitem(READY, "fr", Way.BOTH)  # a new release has one more text
    assert (language().code, language().because) == ("fr+en", Because.TYPED)


def test_a_covering_note_stands_once_in_a_mail_in_two_languages() -> None:
    a_state_owing("NOR", "2026-06-15", NOR, language="es")
    planned()
    outbox.cover(Reminder.objects.all(), "Según lo acordado. As agreed.", by="ada", language="es+en")
    assert messages.reminder(rows_to(), TODAY).body.count("As agreed.") == 1


# --- the whole of a mail --------------------------------------------------------------------------


def test_one_run_to_contacts_of_six_languages_sends_each_its_own_and_none_twice(
    sink: Sink, marked: None
) -> None:
    states = {"en": "NOR", "fr": "BEL", "es": "ESP", "zh": "CHN", "ar": "EGY", "ru": "UKR"}
    for code, iso3 in states.items():
        state = a_state_owing(iso3, "2026-06-15", f"{code}@example.org", language=code)
        # Another contact of the same State, who reads English, gets a copy in English.
        factories.a_contact(state, f"copy-{code}@example.org", language="en", copy="cc")
    planned()
    assert send.send_due(TODAY)["sent"] == 12
    assert sorted(sink.recipients) == sorted(
        [f"{code}@example.org" for code in states] + [f"copy-{code}@example.org" for code in states]
    )
    texts = {mail["To"].addresses[0].username: mail for mail in sink.mails}
    spoken = {
        name: (languages_in(text_of(mail)), languages_in(mail.get_body(("html",)).get_content()))
        for name, mail in texts.items()
    }
    assert {name: both for name, both in spoken.items() if both != (set(), set())} == {
        code: ({code}, {code}) for code in ("fr", "es", "zh", "ar")
    }
    english = "We have the honour to remind you"
    assert {name for name, mail in texts.items() if english in unmarked(text_of(mail))} == (
        {"en", "ru", "es", "zh", "ar"} | {f"copy-{code}" for code in states}
    )
    kept = {mail.recipient: mail for mail in Mail.objects.all()}
    assert {code: kept[f"{code}@example.org"].language for code in states} == {
        "en": "en", "fr": "fr", "es": "es+en", "zh": "zh+en", "ar": "ar+en", "ru": "en",
    }  # fmt: skip
    assert {mail.language for name, mail in kept.items() if name.startswith("copy")} == {"en"}
    assert re.fullmatch("[0-9a-f]{12}", kept["fr@example.org"].words)
    assert kept["en@example.org"].words == ""
    assert texts["es"]["Content-Language"] == "es, en"
    assert texts["en"]["Content-Language"] is None


def test_a_long_run_looks_for_corrected_words_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    a_state_owing("ISL", "2026-06-15", "other@example.org")
    planned()
    looks: list[int] = []
    monkeypatch.setattr(send, "TOGETHER", 1)
    monkeypatch.setattr(
        send.texts, "refresh_if_due", lambda: looks.append(Reminder.objects.filter(state="sent").count())
    )
    assert send.send_due(TODAY)["sent"] == 2
    assert looks == [0, 1]


LITERAL = re.compile(
    r"Zoë Okafor|Permanent Mission|Article 12 desk|[a-z0-9.]+@example\.org|https://\S+|CRC/[\w/-]+|Norvège|Danemark|Islande"
    r"|Finlande|Japon|Lettonie|Qatar|Suède|Chili|Pérou|Espagne|Estonie|Autriche|España|[\s\d*.,:;<>–—/+-]"
)


def test_no_word_of_a_mail_to_a_state_is_left_in_another_language(marked: None, settings: Any) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    ada = samples.a_world()
    found = samples.mails(ada, "fr")
    for name in samples.TO_STATES:
        message = found[name]
        text = samples.as_text(name, message).partition("\n")[2].replace("Subject:", "", 1)
        assert LITERAL.sub("", unmarked(text)) == "", name
        assert languages_in(text + message.alternatives[0].content) == {"fr"}


def test_a_mail_in_two_languages_has_each_text_whole_one_after_the_other(marked: None) -> None:
    a_state_owing("ESP", "2026-06-15", NOR, language="es")
    planned()
    row = rows_to()
    both = messages.reminder(row, TODAY)
    alone = {code: messages.reminder(row, TODAY, language=MailLanguage(code)) for code in ("es", "en")}
    own, english = alone["es"].body, alone["en"].body
    said = both.body.replace("\n⟦es:The English text follows.⟧\n", "", 1)
    assert said.split() == (own + english).split()
    assert both.subject == f"{alone['es'].subject} / {alone['en'].subject}"
    html = both.alternatives[0].content
    assert html.startswith('<!doctype html>\n<html lang="es" dir="ltr">')
    assert re.findall(r'<div lang="(\w+)" dir="(\w+)">', html) == [("es", "ltr"), ("en", "ltr")]
    first, second = html.split("<div ")[1:]
    assert languages_in(first) == {"es"}
    assert languages_in(second) == set()


def test_a_mail_from_right_to_left_has_its_own_subject_without_marks() -> None:
    a_state_owing("EGY", "2026-06-15", NOR, language="ar")
    planned()
    with_arabic = messages.reminder(rows_to(), TODAY)
    assert not set("\u2066\u2067\u2068\u2069") & set(with_arabic.subject)
    assert " / " not in with_arabic.subject
    html = with_arabic.alternatives[0].content
    assert html.startswith('<!doctype html>\n<html lang="ar" dir="rtl">')
    assert re.findall(r'<div lang="(\w+)" dir="(\w+)">', html) == [("ar", "rtl"), ("en", "ltr")]


def test_a_subject_that_the_ledger_cannot_keep_in_two_languages_is_in_the_first(marked: None) -> None:
    a_state_owing("QQQ", "2026-06-15", NOR, language="es", name="S" * 110)
    planned()
    subject = messages.reminder(rows_to(), TODAY).subject
    assert len(subject) <= 250
    assert subject.endswith("⟧")


def test_message_id_and_calendar_keys_are_the_same_in_all_languages() -> None:
    a_state_owing("NOR", "2026-06-15", NOR)
    planned()
    rows = rows_to()
    ways = [MailLanguage(one.code, way) for one in LANGUAGES for way in (Way.OWN, Way.BOTH)]
    found = [messages.reminder(rows, TODAY, language=way) for way in ways]
    assert len({one.extra_headers["Message-ID"] for one in found}) == 1
    events = [next(iter(Calendar.from_ical(messages.calendar_of(one)).walk("VEVENT"))) for one in found]
    assert {str(one["UID"]) for one in events} == {"NOR-initial-own-1@article-12-tracker"}
    assert {one["SEQUENCE"] for one in events} == {0}


def test_the_attached_calendar_is_in_the_languages_of_the_mail(marked: None) -> None:
    a_state_owing("ESP", "2026-06-15", NOR, language="es")
    a_state_owing("EGY", "2026-06-15", "egypt@example.org", language="ar")
    planned()

    def event(address: str) -> Any:
        text = messages.calendar_of(messages.reminder(rows_to(address), TODAY))
        return next(iter(Calendar.from_ical(text).walk("VEVENT")))

    spanish, arabic = event(NOR), event("egypt@example.org")
    assert spanish["SUMMARY"] == (
        "España⟦es:: ⟧⟦es:initial report⟧⟦es: due (OPSC)⟧ / Spain: initial report due (OPSC)"
    )
    assert arabic["SUMMARY"] == "مصر⟦ar:: ⟧⟦ar:initial report⟧⟦ar: due (OPSC)⟧"
    own, english = spanish["DESCRIPTION"].split("\n\n")
    assert LITERAL.sub("", unmarked(own)) == ""
    assert "In force for the State one month after the deposit" in english
    assert languages_in(english) == set()


# --- lines ----------------------------------------------------------------------------------------


def test_chinese_lines_have_the_width_of_a_mail_and_begin_with_no_closing_mark() -> None:
    said = "谨提请注意应根据《儿童权利公约关于买卖儿童问题的任择议定书》（OPSC）提交下列报告，2017年2月10日到期。"
    lines = wrapped("* " + said * 4).splitlines()
    assert all(columns(line) <= 76 for line in lines)
    assert max(map(columns, lines)) >= 74
    assert all(line.startswith("  ") for line in lines[1:])
    assert not [line for line in lines if line.strip()[0] in "，。）》"]
    assert "".join(lines).replace(" ", "") == "*" + said * 4
    assert "".join(lines).count("2017年2月10日") == 4 == sum(line.count("2017年2月10日") for line in lines)


@pytest.mark.parametrize(
    "day",
    [
        "10 February 2017", "1er août 2018", "10 de enero de 2017", "10 января 2017 года",
        "10 كانون الثاني/يناير 2017",
    ],
)  # fmt: skip
def test_a_day_is_never_split(day: str) -> None:
    for before in range(40, 76):
        lines = wrapped(f"* {'x' * before} on {day}, or later").splitlines()
        assert [line for line in lines if day in line], lines


# --- scope ----------------------------------------------------------------------------------------


def test_every_text_that_a_mail_to_a_state_says_belongs_to_the_scope_of_mails(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Otherwise a text that a machine translated could go to a State: `readiness` looks at this scope alone."""
    settings.SITE_URL = "https://tracker.example.org"
    samples.a_world()
    looked_up = recorded(monkeypatch)
    for name in samples.TO_STATES:
        messages.reminder(samples.rows_to(f"{name}@example.org"), TODAY, language=MailLanguage("fr"))
    assert len(looked_up) > 70
    assert sorted(map(str, looked_up - forms_for_mail())) == []
