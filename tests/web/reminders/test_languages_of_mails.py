"""The pages about mails in several languages: the answer by link, previews, the digest, the wordings of rules."""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import django
import pytest
from django.conf import settings as the_settings
from django.contrib.auth import get_user_model
from django.core import mail as outgoing
from django.test import Client, RequestFactory

from tests import factories
from tests.reminders.pretended import forms_for_mail, languages_in, pretended, recorded
from tests.reminders.test_mail_language import READY
from tests.web.conftest import TODAY, in_role
from tests.web.pages import Element, all_of, one_of, read, table, version_shown, words
from tests.web.reminders.test_answer_by_link import TO, a_mail
from tracker.languages.models import Reader
from tracker.registry.models import Contact, State
from tracker.reminders import digest
from tracker.reminders.models import Mail, Reminder, ReminderRule, StaffTask
from tracker.reminders.plan import plan
from tracker.reminders.text import language as language_module
from tracker.web.people import invitation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language_module, "way_of", READY.__getitem__)


@pytest.fixture
def marked(tmp_path: Path, settings: Any) -> Iterator[None]:
    """All words of mails are marked with the language of their catalogue."""
    with pretended(tmp_path, settings, "ar", "es", "fr", "ru", "zh"):
        yield


@pytest.fixture
def link(settings: Any, db: None) -> str:
    """The answer link in a mail in French and English."""
    settings.SITE_URL = "https://tracker.example.org"
    address = a_mail("NOR")
    Mail.objects.update(language="fr+en")
    return address


def spoken(answer: Any) -> tuple[str, set[str]]:
    """The language of a page, and those of the words in it; the switch names each language in itself."""
    page = read(answer)
    assert answer.headers["Content-Language"] == one_of(page, "html").attributes["lang"]
    return one_of(page, "html").attributes["lang"], languages_in(words(one_of(page, "main")))


# --- answers by link ------------------------------------------------------------------------------


def test_the_answer_page_speaks_the_language_of_its_mail(link: str, marked: None, client: Client) -> None:
    assert spoken(client.get(link)) == ("fr", {"fr"})
    # Whatever the browser prefers.
    assert spoken(client.get(link, headers={"Accept": "text/html", "Accept-Language": "es"})) == (
        "fr",
        {"fr"},
    )
    Mail.objects.update(language="ar")
    page = read(client.get(link))
    assert one_of(page, "html").attributes["dir"] == "rtl"
    Mail.objects.update(language="en")
    assert spoken(client.get(link)) == ("en", set())


def test_the_reader_chooses_another_language_by_a_link_and_no_cookie_keeps_it(
    link: str, marked: None, client: Client
) -> None:
    nav = one_of(read(client.get(link)), "nav")
    offered = {one.attributes["href"]: words(one) for one in all_of(nav, "a")}
    assert offered == {
        "?language=ar": "العربية", "?language=zh": "中文", "?language=en": "English", "?language=es": "Español",
    }  # fmt: skip
    assert words(one_of(nav, "span")) == "Français"
    answer = client.get(f"{link}?language=es")
    assert spoken(answer) == ("es", {"es"})
    assert the_settings.LANGUAGE_COOKIE_NAME not in client.cookies
    assert spoken(client.get(link)) == ("fr", {"fr"})


@pytest.mark.parametrize("asked", ["xx", "ru", "", "FR", "zh-hans"])
def test_a_language_that_is_unknown_or_not_ready_leaves_that_of_the_mail(
    asked: str, link: str, client: Client
) -> None:
    assert spoken(client.get(link, {"language": asked}))[0] == "fr"


def test_a_mail_in_a_language_that_is_ready_no_more_is_answered_in_english(link: str, client: Client) -> None:
    Mail.objects.update(language="ru")
    assert spoken(client.get(link))[0] == "en"


def test_errors_and_thanks_are_in_the_language_of_the_page(link: str, marked: None, client: Client) -> None:
    wrong = client.post(f"{link}?language=es", {"what": "date", "day": "2028"})
    assert spoken(wrong) == ("es", {"es"})
    said = words(one_of(read(wrong), "div", id="id_document_error"))
    assert said.startswith("⟦es:Enter the symbol as the document prints it, ")
    answer = client.post(f"{link}?language=es", {"what": "wrong", "instead": "the ministry"})
    assert answer.headers["Location"] == "/answer/thanks/?language=es"
    assert spoken(client.get(answer.headers["Location"])) == ("es", {"es"})
    # Staff read it in their own words.
    assert StaffTask.objects.get().said == "Write instead to: the ministry"


def test_a_broken_link_and_a_closed_one_are_told_in_a_language_that_may_be_chosen(
    link: str, marked: None, client: Client
) -> None:
    broken = client.get(f"{link[:-3]}x/", {"language": "fr"})
    assert (broken.status_code, spoken(broken)) == (404, ("fr", {"fr"}))
    Contact.objects.update(active=False)
    closed = client.get(link)
    assert (closed.status_code, spoken(closed)) == (410, ("fr", {"fr"}))


def test_every_text_of_the_answer_pages_belongs_to_the_scope_of_mails(
    link: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = recorded(monkeypatch)
    for data in ({}, {"what": "x"}, {"what": "sent", "day": "31 February 2026"}, {"what": "sent", "day": "3/4/2026"},
                 {"what": "sent", "day": "1999-01-01"}, {"what": "coming", "day": "2099-01-01"},
                 {"what": "more"}, {"what": "date", "day": "2027-13"}, {"what": "date", "day": "2027"},
                 {"what": "wrong", "remark": "x" * 2001, "instead": "x" * 201}):  # fmt: skip
        assert client.post(link, data).status_code == 200
    for number in range(6):
        client.post(link, {"what": "wrong", "remark": str(number)})
    client.get("/answer/thanks/")
    client.get(f"{link[:-3]}x/")
    Contact.objects.update(active=False)
    client.get(link)
    # Words that are recognised where people type a day are shown to nobody.
    shown = {one for one in looked_up - forms_for_mail() if not (one[0] or "").startswith("typed for")}
    ours = {one for one in shown if not _of_django(one[1])}
    assert len(looked_up) > 40
    assert ours == set()


def _of_django(text: str) -> bool:
    """Whether Django translates it itself."""
    folder = Path(django.__file__).parent / "conf" / "locale"
    known = gettext.translation("django", folder, ["fr"])._catalog  # type: ignore[attr-defined]  # there is no public way
    return not text or str(text) in known or (str(text), 0) in known


# --- previews -------------------------------------------------------------------------------------


@pytest.fixture
def waiting(db: None) -> Reminder:
    """A reminder to Spain's mission, which reads Spanish."""
    state = factories.a_state("ESP", language="es")
    factories.joins(state, on="2025-04-10")
    factories.a_contact(state, TO)
    factories.derive(TODAY.isoformat())
    plan(TODAY)
    return Reminder.objects.get()


def facts_of(page: Element) -> dict[str, str]:
    return {
        words(one_of(one, "dt")): words(one_of(one, "dd"))
        for one in all_of(page, "div")
        if all_of(one, "dt") and len(all_of(one, "dt")) == 1
    }


def test_a_mail_is_previewed_as_it_will_be_sent_and_in_each_language(
    waiting: Reminder, marked: None, staff: Client
) -> None:
    address = f"/reminders/{waiting.pk}/"
    page = read(staff.get(address))
    facts = facts_of(page)
    assert facts["Language"] == (
        "Spanish, then English, because nobody has confirmed the texts in Spanish yet"
    )
    assert languages_in(facts["Subject"]) == {"es"}
    assert " / " in facts["Subject"]
    nav = one_of(page, "nav", aria_label="Language of the preview")
    assert [words(one) for one in all_of(nav, "a")] == [
        "العربية", "中文", "English", "Français", "Русский", "Español",
    ]  # fmt: skip
    # Staff may look at what is not ready; it says how the mail will go nevertheless.
    russian = read(staff.get(f"{address}?language=ru"))
    assert languages_in(facts_of(russian)["Subject"]) == {"ru"}
    assert facts_of(russian)["Language"] == facts["Language"]
    html = staff.get(f"{address}html/?language=ru").content.decode()
    assert languages_in(html) == {"ru"}
    calendar = staff.get(f"{address}calendar.ics?language=fr").content.decode()
    assert languages_in(calendar.replace("\r\n ", "")) == {"fr"}
    assert Mail.objects.count() == 0


def test_a_covering_note_keeps_the_language_of_the_mail_that_its_author_saw(
    waiting: Reminder, staff: Client
) -> None:
    address = f"/reminders/{waiting.pk}/"
    note = {"covering": "Según lo acordado."}
    staff.post(f"{address}covering/", note | version_shown(staff, address))
    waiting.refresh_from_db()
    assert (waiting.covering, waiting.covering_in) == ("Según lo acordado.", "es+en")


def test_the_page_of_a_mail_and_the_list_tell_its_languages(link: str, staff: Client) -> None:
    mail = Mail.objects.get()
    Mail.objects.update(words="0123456789ab")
    Reminder.objects.update(state="sent", sent_at="2026-11-20T09:00Z", sent_on="2026-11-20")
    page = read(staff.get(mail.get_absolute_url()))
    assert facts_of(page)["Language"] == "French, then English texts of version 0123456789ab"
    found = {code: len(table(read(staff.get("/reminders/", {"language": code})))) for code in ("fr", "es")}
    assert found == {"fr": 1, "es": 0}


def test_the_desk_chooses_the_language_of_mails_and_the_history_keeps_it(
    waiting: Reminder, staff: Client
) -> None:
    state = State.objects.get()
    address = f"/admin/registry/state/{state.pk}/change/"
    page = read(staff.get(address))
    options = [words(one) for one in all_of(one_of(page, "select", id="id_mails"), "option")]
    assert options == [
        "as far as the texts are confirmed", "the language of the contact, then English", "English only",
    ]  # fmt: skip
    state.mails = "english"
    state.save()
    assert facts_of(read(staff.get(f"/reminders/{waiting.pk}/")))["Language"] == (
        "English, so chosen for the State"
    )
    assert [one.mails for one in state.history.order_by("history_id")] == ["automatic", "english"]


# --- digest and invitation ------------------------------------------------------------------------


def test_a_digest_and_the_page_that_turns_it_off_are_in_the_language_of_the_officer(
    settings: Any, staff: Client
) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    in_role("Viewer", "bea")
    ada = user("bea")
    state = factories.a_state("NOR", desk_officer=ada)
    factories.joins(state, on="2024-11-01")
    factories.derive(TODAY.isoformat())
    Reader.objects.create(user=ada, language="ar")
    message = digest.message_to(ada, digest.content_for(ada, TODAY), "digest|1")
    html = message.alternatives[0].content  # type: ignore[attr-defined]  # a pair, say the stubs
    assert '<html lang="ar" dir="rtl">' in html
    assert not set("\u2068\u2069") & set(str(message.subject))
    off = re.search(r"https://tracker\.example\.org(/digest/off/\S+)", str(message.body))
    assert off
    answer = Client().get(off[1])
    assert one_of(read(answer), "html").attributes["lang"] == "ar"
    assert answer.headers["Content-Language"] == "ar"


def test_the_digest_is_previewed_in_each_language(staff: Client) -> None:
    state = factories.a_state(
        "NOR", desk_officer=get_user_model().objects.get(pk=staff.session["_auth_user_id"])
    )
    factories.joins(state, on="2024-11-01")
    factories.derive(TODAY.isoformat())
    assert one_of(read(staff.get("/digest/?language=ru")), "pre").attributes["lang"] == "ru"
    assert one_of(read(staff.get("/digest/")), "pre").attributes["lang"] == "en"
    assert 'lang="ru"' in staff.get("/digest/html/?language=ru").content.decode()


def user(name: str) -> Any:
    return get_user_model().objects.get(username=name)


# --- wordings of rules ----------------------------------------------------------------------------


RULE = {"months": "-3", "days": "0", "repeats": "0", "active": "on", "audience": "contacts"}


def test_a_rule_has_its_covering_note_in_each_language(staff: Client) -> None:
    rule = ReminderRule.objects.get(months=-3)
    address = f"/admin/reminders/reminderrule/{rule.pk}/change/"
    notes = {"wording": "As agreed.", "wording_fr": " Comme convenu. ", "wording_ar": ""}
    staff.post(address, RULE | notes | version_shown(staff, address))
    rule.refresh_from_db()
    assert (rule.wording, rule.wordings) == ("As agreed.", {"fr": "Comme convenu."})
    shown = one_of(read(staff.get(address)), "textarea", id="id_wording_fr")
    assert words(shown) == "Comme convenu."


def test_a_note_in_another_language_needs_the_english_one(staff: Client) -> None:
    rule = ReminderRule.objects.get(months=-3)
    address = f"/admin/reminders/reminderrule/{rule.pk}/change/"
    notes = {"wording": "", "wording_fr": "Comme convenu."}
    answer = staff.post(address, RULE | notes | version_shown(staff, address))
    assert "Enter the note in English too" in words(read(answer))
    rule.refresh_from_db()
    assert rule.wordings == {}


def test_an_invitation_is_in_the_language_of_the_account(staff: Client) -> None:
    in_role("Viewer", "bea")
    person = user("bea")
    Reader.objects.create(user=person, language="fr")
    request = RequestFactory().get("/")
    request.user, request._messages = person, Mock()  # type: ignore[attr-defined]  # as the middleware sets it
    invitation.send(request, person)
    assert outgoing.outbox[-1].subject == "Un nouveau mot de passe pour l’outil Suivi de l’article 12"
