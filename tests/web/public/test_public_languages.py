"""The public view in each language: the address alone says which, for pages, caches and search engines."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests import factories
from tests.depth import first
from tests.web.conftest import TODAY
from tests.web.pages import all_of, links, one_of, read, words
from tracker.languages.known import ENGLISH, LANGUAGES

pytestmark = pytest.mark.django_db

OTHERS = [one for one in LANGUAGES if one != ENGLISH]
PAGES = ("", "late/", "states/NOR/", "data/")


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    """The public view is on."""
    settings.PUBLIC_VIEW = True


@pytest.fixture
def norway(db: None) -> None:
    """Norway, whose initial report is overdue."""
    state = factories.a_state("NOR", region="WEOG")
    factories.joins(state, "CRC", "1991-01-08")
    factories.joins(state, on="2001-10-02")
    factories.derive(TODAY.isoformat())


@pytest.mark.parametrize("language", first(2, OTHERS), ids=lambda one: one.code)
def test_each_page_is_in_the_language_of_its_address(language: Any, norway: None, client: Client) -> None:
    direction = "rtl" if language.code == "ar" else "ltr"
    for page in PAGES:
        english = client.get(f"/public/{page}")
        answer = client.get(f"/public/{language.code}/{page}")
        assert answer.status_code == 200
        assert answer.headers["Content-Language"] == language.in_django
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        html = one_of(read(answer), "html")
        assert (html.attributes["lang"], html.attributes["dir"]) == (language.in_django, direction)
        assert html.attributes["data-as-of"] != "As of 22 November 2026"
        assert answer.headers["ETag"] != english.headers["ETag"]
        assert english.headers["Content-Language"] == "en"
        assert one_of(read(english), "html").attributes["data-as-of"] == "As of 22 November 2026"


def test_a_page_leads_to_pages_of_its_own_language_and_to_itself_in_the_others(
    norway: None, client: Client
) -> None:
    page = read(client.get("/public/fr/late/?as_of=2014-06-01"))
    leads = {to for to in links(page).values() if to.startswith("/")}
    switch = one_of(page, "nav", aria_label="Langue")
    assert links(switch) == {
        "العربية": "/public/ar/late/?as_of=2014-06-01",
        "中文": "/public/zh/late/?as_of=2014-06-01",
        "English": "/public/late/?as_of=2014-06-01",
        "Français": "/public/fr/late/?as_of=2014-06-01",
        "Русский": "/public/ru/late/?as_of=2014-06-01",
        "Español": "/public/es/late/?as_of=2014-06-01",
    }
    assert [words(one) for one in all_of(switch, "a", aria_current="true")] == ["Français"]
    assert [one.attributes["lang"] for one in all_of(switch, "a")] == [
        "ar", "zh-hans", "en", "fr", "ru", "es",
    ]  # fmt: skip
    for to in leads - set(links(switch).values()):
        assert to.startswith("/public/fr/"), to
    assert all_of(page, "form", method="post") == []  # the switch of the staff's pages would need a cookie


def test_search_engines_learn_of_the_page_in_all_languages(
    norway: None, client: Client, settings: Any
) -> None:
    settings.SITE_URL = "https://tracker.example.org"
    found = {}
    for address in ("/public/zh/states/NOR/?as_of=2014-06-01", "/public/states/NOR/"):
        page = read(client.get(address))
        (canonical,) = all_of(page, "link", rel="canonical")
        found[canonical.attributes["href"]] = {
            one.attributes["hreflang"]: one.attributes["href"]
            for one in all_of(page, "link", rel="alternate")
        }
    alternates = {
        "ar": "https://tracker.example.org/public/ar/states/NOR/",
        "zh-hans": "https://tracker.example.org/public/zh/states/NOR/",
        "en": "https://tracker.example.org/public/states/NOR/",
        "fr": "https://tracker.example.org/public/fr/states/NOR/",
        "ru": "https://tracker.example.org/public/ru/states/NOR/",
        "es": "https://tracker.example.org/public/es/states/NOR/",
        "x-default": "https://tracker.example.org/public/states/NOR/",
    }
    assert found == {alternates["zh-hans"]: alternates, alternates["en"]: alternates}


@pytest.mark.parametrize("address", ["/public/", "/public/es/", "/public/nowhere/", "/public/es/?as_of=x"])
def test_neither_the_browser_nor_a_cookie_nor_an_account_changes_the_language(
    address: str, client: Client, staff: Client
) -> None:
    staff.post("/language/", {"language": "ru"})
    arabic = {"accept": "text/html", "accept-language": "ar", "cookie": "language=ar"}
    answers = [client.get(address)]
    for who in (client, staff):
        cache.clear()
        answers.append(who.get(address, headers=arabic))
    assert len({answer.content for answer in answers}) == 1
    for answer in answers:
        assert answer.headers["Content-Language"] == ("es" if "/es/" in address else "en")
        assert "Vary" not in answer.headers
        assert not answer.cookies


def test_a_page_kept_in_one_language_is_not_shown_in_another(
    norway: None, client: Client, django_assert_num_queries: Any
) -> None:
    drawn = {code: client.get(f"/public/{code}late/").content for code in ("", "fr/", "ar/")}
    assert len(set(drawn.values())) == 3
    for code, content in drawn.items():
        with django_assert_num_queries(1):
            assert client.get(f"/public/{code}late/").content == content


def test_english_has_no_code_in_its_addresses(client: Client) -> None:
    for address, there in (
        ("/public/en/", "/public/"),
        ("/public/en/states/NOR/?as_of=2014-06-01&x=%C3%A9", "/public/states/NOR/?as_of=2014-06-01&x=%C3%A9"),
        ("/public/en//evil.example.org/", "/public//evil.example.org/"),
    ):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Location"]) == (301, there)
        assert not answer.cookies


@pytest.mark.parametrize("code", ["de", "zh-hans", "FR", "fr-CH", "e", "%00"])
def test_an_unknown_language_is_an_unknown_address(code: str, client: Client) -> None:
    answer = client.get(f"/public/{code}/")
    assert (answer.status_code, answer.headers["Content-Language"]) == (404, "en")
    page = read(answer)
    assert words(one_of(page, "h1")) == "Page not found"
    # From an error the switch leads to the first page.
    assert links(one_of(page, "nav", aria_label="Language"))["Français"] == "/public/fr/"


def test_errors_are_in_the_language_of_the_address(client: Client) -> None:
    for address, status, heading in (
        ("/public/fr/nowhere/", 404, "Page introuvable"),
        ("/public/fr/states/XXX/", 404, "Page introuvable"),
        ("/public/fr/?as_of=soon", 400, "Jour non valide"),
    ):
        answer = client.get(address)
        assert (answer.status_code, words(one_of(read(answer), "h1"))) == (status, heading)
    assert client.post("/public/fr/").status_code == 405
    assert client.get("/public/fr", follow=True).redirect_chain == [("/public/fr/", 301)]


def test_a_file_has_one_address_and_english_codes(norway: None, client: Client) -> None:
    page = read(client.get("/public/ar/data/"))
    files = {to for to in links(one_of(page, "main")).values() if to.endswith((".csv", ".json"))}
    assert len(files) == 14
    assert all(to.startswith("/public/data/") for to in files)
    arabic = client.get("/public/data/late.json", headers={"accept": "text/html", "accept-language": "ar"})
    assert arabic.headers["Content-Language"] == "en"
    assert arabic.json()["notice"].startswith("These dates are calculated by the office")
    assert client.get("/public/ar/data/late.json", follow=True).status_code == 404


def test_none_of_the_languages_is_there_unless_the_view_is_switched_on(
    client: Client, staff: Client, settings: Any
) -> None:
    settings.PUBLIC_VIEW = False
    for address in ("/public/fr/", "/public/fr/late/", "/public/en/", "/public/fr/nowhere/"):
        for who in (client, staff):
            who.cookies["language"] = "fr"
            assert [who.get(address).status_code, who.post(address).status_code] == [404, 404]


def test_the_frame_and_the_sign_in_lead_to_the_language_of_the_reader(client: Client, staff: Client) -> None:
    for who, address in ((client, "/login/"), (staff, "/")):
        who.cookies["language"] = "es"
        assert "/public/es/" in links(read(who.get(address, headers={"accept": "text/html"}))).values()
