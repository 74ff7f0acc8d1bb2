"""The language of a page: the account's, the browser's or the one chosen in the frame."""

from django.test import Client

from tracker.languages.models import Reader

PAGE = {"Accept": "text/html"}


def language_of(answer: object) -> str:
    return answer.headers["Content-Language"]  # type: ignore[attr-defined]


def test_a_visitor_reads_what_the_browser_prefers(client: Client, db: None) -> None:
    answer = client.get("/login/", headers={**PAGE, "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert language_of(answer) == "zh-hans"
    assert '<html lang="zh-hans" dir="ltr"' in answer.content.decode()
    assert {"Accept", "Accept-Language", "Cookie"} <= {*answer.headers["Vary"].split(", ")}  # for caches
    assert language_of(client.get("/login/", headers={**PAGE, "Accept-Language": "de"})) == "en"


def test_a_program_reads_english(client: Client, db: None) -> None:
    assert language_of(client.get("/login/", headers={"Accept-Language": "fr"})) == "en"


def test_a_choice_stays_with_the_browser_and_leads_back(client: Client, db: None) -> None:
    answer = client.post(
        "/language/", {"language": "ar"}, headers={"Referer": "http://testserver/login/?next=/states/"}
    )
    assert answer.headers["Location"] == "/login/?next=/states/"
    page = client.get("/login/", headers={**PAGE, "Accept-Language": "fr"}).content.decode()
    assert '<html lang="ar" dir="rtl"' in page
    assert '<button name="language" value="ar" lang="ar" aria-current="true">العربية</button>' in page


def test_a_choice_of_an_account_is_there_on_every_machine(staff: Client) -> None:
    staff.post("/language/", {"language": "es"})
    reader = Reader.objects.get()
    assert reader.language == "es"
    other = Client()
    other.force_login(reader.user)
    assert language_of(other.get("/states/")) == "es"


def test_an_unknown_language_is_english_and_another_site_is_not_returned_to(client: Client, db: None) -> None:
    answer = client.post("/language/", {"language": "tlh"}, headers={"Referer": "https://example.org/"})
    assert answer.headers["Location"] == "/"
    client.cookies["language"] = "../../etc"
    assert language_of(client.get("/login/")) == "en"
