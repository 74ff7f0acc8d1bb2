"""The public view: who sees it, its content, its caching, and that it agrees with all other pages."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client

from tests import factories
from tests.depth import first
from tests.web.conftest import in_role
from tests.web.pages import all_of, links, one_of, read, table, words
from tracker import environment
from tracker.web.api.parameters import MOST_ROWS
from tracker.web.models import ApiToken
from tracker.web.public import data, values
from tracker.web.public.typed_texts import printed_of, reference_of, source_of, symbol_of

pytestmark = pytest.mark.django_db

FILES = [f"/public/data/{name}.{form}" for name in data.BY_NAME for form in data.FORMS]
PAGES = ["/public/", "/public/late/", "/public/data/", "/public/states/USA/", "/public/states/BRB/"]
# Addresses that do not exist; each error page has the style of the public pages.
WRONG = {
    "/public/?as_of=2026-11-23": 400,  # no State is late before the due date
    "/public/late/?as_of=0000-00-00": 400,
    "/public/states/NOR/?as_of=yesterday": 400,
    "/public/?as_of=1989-11-19": 400,
    "/public/?as_of=%00": 400,
    "/public/data/?as_of=2009-05-31": 400,
    "/public/data/states.csv?as_of=2009-05-31": 400,
    "/public/states/XXX/": 404,
    "/public/states/nor/": 404,
    "/public/states/É/": 404,
    "/public/states/%00/": 404,
    "/public/nowhere/%20%0A/": 404,
    "/public/data/contacts.csv": 404,
    "/public/data/states.xlsx": 404,
    "/public/nowhere/": 404,
}


@pytest.fixture
def on(settings: Any) -> None:
    """The public view is on."""
    settings.PUBLIC_VIEW = True


# --- off, and on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", first(7, [*PAGES, "/public/nowhere/", *FILES]))
def test_there_is_no_public_view_unless_it_is_switched_on(
    address: str, shipped: None, client: Client, staff: Client
) -> None:
    for who in (client, staff):
        assert [ask(address).status_code for ask in (who.get, who.head, who.post)] == [404, 404, 404]


def test_a_value_that_is_neither_on_nor_off_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_VIEW", "perhaps")
    with pytest.raises(ImproperlyConfigured, match=r"^PUBLIC_VIEW is not understood; write on or off\.$"):
        environment.read("PUBLIC_VIEW", environment.flag)


def test_the_frame_and_the_sign_in_lead_there_only_when_it_is_on(
    shipped: None, client: Client, staff: Client, settings: Any
) -> None:
    for settings.PUBLIC_VIEW in (False, True):
        for answer in (client.get("/login/"), staff.get("/")):
            assert ("/public/" in links(read(answer)).values()) is settings.PUBLIC_VIEW


def test_search_engines_may_read_what_is_public_and_nothing_else(client: Client, settings: Any) -> None:
    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"
    settings.PUBLIC_VIEW = True
    told = client.get("/robots.txt").content.decode()
    assert told == "User-agent: *\nAllow: /public/\nAllow: /static/\nDisallow: /\n"


@pytest.mark.parametrize("address", first(7, [*PAGES, *FILES]))
def test_everybody_gets_the_same_bytes_without_any_cookie(
    address: str, shipped: None, on: None, client: Client, staff: Client
) -> None:
    editor = in_role("Editor")
    expired = Client(headers={"cookie": "sessionid=gone; csrftoken=x; theme=dark"})
    answers = [who.get(address) for who in (client, staff, editor, expired)]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=300"
        assert not answer.cookies
        assert "Vary" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/public/", "/public/data/obligations.csv"])
def test_whoever_holds_an_answer_is_not_sent_it_again(
    address: str, shipped: None, on: None, client: Client
) -> None:
    first = client.get(address)
    again = client.get(address, headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=300"
    assert client.get(address, headers={"if-none-match": '"another"'}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_a_public_page_is_only_for_reading(method: str, shipped: None, on: None) -> None:
    browser = Client(enforce_csrf_checks=True, headers={"accept": "text/html"})
    answer = getattr(browser, method)("/public/states/USA/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert words(one_of(read(answer), "h1")) == "This page is read-only"


@pytest.mark.parametrize("address", WRONG)
def test_what_there_is_not_is_refused_in_words(
    address: str, shipped: None, on: None, client: Client, staff: Client
) -> None:
    answer, of_staff = client.get(address), staff.get(address)
    assert answer.status_code == WRONG[address]
    assert answer.content == of_staff.content
    page = read(answer)
    assert list(links(one_of(page, "nav", aria_label="Main"))) == ["Participation", "Late reports", "Data"]
    assert "max-age" not in answer.headers["Cache-Control"]


def test_a_wrong_day_is_told_with_what_to_write_instead(shipped: None, on: None, client: Client) -> None:
    def said(address: str) -> str:
        return words(all_of(one_of(read(client.get(address)), "main"), "p")[0])

    assert said("/public/?as_of=31.5.2009") == (
        "As of: “31.5.2009” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23."
    )
    assert said("/public/?as_of=2026-11-23") == (
        "As of: choose a day from 20 November 1989 to 22 November 2026."
    )
    assert said("/public/data/?as_of=2009-05-31") == "The files show today only; leave “as_of” out."


def test_every_page_says_whose_reckoning_it_is_and_when_the_records_changed(
    shipped: None, on: None, client: Client
) -> None:
    for address in PAGES:
        page = read(client.get(address))
        said = words(one_of(page, "footer"))
        assert "They are not a statement or a judgement of the Committee on the Rights of the Child." in said
        assert "Last change of the records: 22 November 2026." in said
        assert "“No record” is not “overdue”" in said
        assert "Sign out" not in words(page)
        assert all_of(page, "form", method="post") == []


def test_the_address_of_today_is_the_canonical_one(
    shipped: None, on: None, client: Client, settings: Any
) -> None:
    assert all_of(read(client.get("/public/late/")), "link", rel="canonical") == []
    settings.SITE_URL = "https://tracker.example.org"
    page = read(client.get("/public/late/?as_of=2014-06-01"))
    (canonical,) = all_of(page, "link", rel="canonical")
    assert canonical.attributes["href"] == "https://tracker.example.org/public/late/"


# --- content --------------------------------------------------------------------------------------


def command(*words: str) -> Any:
    """What a command prints, as JSON."""
    out = io.StringIO()
    call_command(*words, "--format", "json", stdout=out)
    return json.loads(out.getvalue())


def rows_of(client: Client, name: str) -> list[dict[str, Any]]:
    """The rows of a file."""
    told: list[dict[str, Any]] = client.get(f"/public/data/{name}.json").json()["rows"]
    return told


def test_the_figures_are_those_of_the_command_and_of_the_pages_of_the_staff(
    shipped: None, on: None, client: Client, staff: Client
) -> None:
    known = command("status")
    flat = {name: value for name, value in known.items() if isinstance(value, int)}
    for part in ("initial", "own_periodic", "carried", "overdue_bands"):
        flat |= {f"{part}.{name}": value for name, value in known[part].items()}
    assert {row["figure"]: row["count"] for row in rows_of(client, "figures")} == flat
    ours, theirs = read(client.get("/public/")), read(staff.get("/participation/"))
    assert [words(one) for one in all_of(ours, "tr")][:3] == [words(one) for one in all_of(theirs, "tr")][:3]
    for section in ("waiting", "outside"):
        names = [list(links(one_of(page, "section", aria_labelledby=section))) for page in (ours, theirs)]
        assert names[0] == names[1] != []
    home = read(staff.get("/"))
    tiles = [
        [words(one) for one in all_of(page, "a") if "tile" in one.attributes.get("class", "")]
        for page in (ours, home)
    ]
    assert tiles[0] == tiles[1]
    assert len(tiles[0]) == 197


def test_the_day_can_be_chosen_as_on_the_pages_of_the_staff(shipped: None, on: None, client: Client) -> None:
    page = read(client.get("/public/?as_of=2009-05-31"))
    assert "131 were parties to it; 31 signatories were not parties." in words(
        one_of(page, "p", class_="says")
    )
    assert links(one_of(page, "nav", aria_label="Main"))["Late reports"] == "/public/late/?as_of=2009-05-31"
    assert links(one_of(page, "p", class_="past"))["Back to today"] == "?"


@pytest.mark.parametrize("day", ["", "?as_of=2014-06-01"])
def test_the_late_are_those_of_the_page_of_the_staff(
    day: str, shipped: None, on: None, client: Client, staff: Client
) -> None:
    ours, theirs = read(client.get(f"/public/late/{day}")), read(staff.get(f"/late/{day}"))
    assert words(one_of(ours, "p", class_="says")) == words(one_of(theirs, "p", class_="says"))
    assert {(row[0], row[2], row[3]) for row in table(ours)} == {
        (row[0], row[2], row[3]) for row in table(theirs)
    }
    if not day:
        assert len(rows_of(client, "late")) == len(table(ours)) == 2


def test_many_late_reports_are_listed_page_by_page(
    shipped: None, on: None, client: Client, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read(client.get("/public/late/"))
    assert all_of(whole, "nav", aria_label="Pages") == []
    monkeypatch.setattr(values, "LATE_ON_A_PAGE", 1)
    cache.clear()
    first, last = (read(client.get(f"/public/late/?page={number}")) for number in (1, 99))
    assert links(one_of(first, "nav", aria_label="Pages")) == {"Next": "?page=2"}
    assert links(one_of(last, "nav", aria_label="Pages")) == {"Previous": "?page=1"}
    assert words(one_of(last, "p", class_="range")) == "Rows 2 to 2 of 2"
    assert table(first) + table(last) == table(whole)
    assert words(one_of(first, "p", class_="says")) == words(one_of(whole, "p", class_="says"))


@pytest.mark.parametrize("address", ["/states/USA/", "/states/SWE/", "/states/USA/?as_of=2014-06-01"])
def test_a_state_owes_what_the_page_of_the_staff_says_with_the_same_reasons(
    address: str, shipped: None, on: None, client: Client, staff: Client
) -> None:
    ours, theirs = read(client.get(f"/public{address}")), read(staff.get(address))
    found, expected = table(ours, "h-owed"), table(theirs, "h-owed")
    assert [row[:-1] for row in found] == [row[:-1] for row in expected] != []
    trails = links(one_of(theirs, "section", aria_labelledby="h-owed"))
    for row, there in zip(found, expected, strict=True):
        if address := trails.get(f"Why? {row[0]}"):
            steps = all_of(one_of(read(staff.get(address)), "ol"), "li")
            assert row[-1] == f"Why? {row[0]} {''.join(map(words, steps))}"
        else:
            assert row == there
    assert words(one_of(ours, "p", class_="says")) == words(one_of(theirs, "p", class_="says"))
    assert words(one_of(ours, "section", aria_labelledby="h-time")) == words(
        one_of(theirs, "section", aria_labelledby="h-time")
    )


def test_each_date_of_the_usa_is_explained_by_its_article(shipped: None, on: None, client: Client) -> None:
    page = read(client.get("/public/states/USA/"))
    why = words(table_row(page, "owed-1"))
    assert "OPSC art. 14(2): In force for the State one month after the deposit, on 23 January 2003." in why
    assert "OPSC art. 12(1): Initial report within two years of entry into force, by 23 January 2005." in why
    assert links(page)["CRC/C/OPSC/USA/1"] == "https://undocs.org/en/CRC/C/OPSC/USA/1"


def table_row(page: Any, key: str) -> Any:
    """A row by its id."""
    return one_of(page, "tr", id=key)


def test_the_files_hold_the_rows_of_the_api(shipped: None, on: None, client: Client) -> None:
    secret = ApiToken.renew(factories.an_officer("ada", is_superuser=True), ApiToken.Scope.READ)
    bearer = {"authorization": f"Bearer {secret}"}
    for name in ("actions", "submissions", "obligations"):
        address, found = f"/api/v1/{name}?limit={MOST_ROWS}", []
        while address:
            told = client.get(address, headers=bearer).json()
            address, found = told["next"], found + told["rows"]
        ours = rows_of(client, name)
        assert len(ours) == len(found) > 100
        assert ours == [{column: row[column] for column in ours[0]} for row in found]
    usa = next(row for row in rows_of(client, "states") if row["state"] == "USA")
    assert (usa["opsc_in_force_on"], usa["opsc_party"], usa["crc_party"]) == ("2003-01-23", True, False)


def test_a_file_in_csv_says_the_same_and_is_saved_under_its_day(
    shipped: None, on: None, client: Client
) -> None:
    for name, one in data.BY_NAME.items():
        answer = client.get(f"/public/data/{name}.csv")
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="article-12-{name}-2026-11-22.csv"'
        )
        rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
        told = rows_of(client, name)
        assert len(rows) == len(told)
        assert list(rows[0]) == list(told[0]) == one.names
        assert rows[0][one.names[0]] == told[0][one.names[0]]


def test_the_page_on_data_says_what_each_column_means(shipped: None, on: None, client: Client) -> None:
    page = read(client.get("/public/data/"))
    assert set(FILES) <= set(links(page).values())
    for one in data.TABLES:
        section = one_of(page, "section", aria_labelledby=f"h-{one.name}")
        explained = {row[0]: row[1] for row in table(page, f"h-{one.name}")}
        assert list(explained) == one.names
        assert all(explained.values()), section
    assert "public records of the United Nations and of the treaty depositary" in words(page)


# --- texts typed by users -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("OPSC art. 12(1)", "OPSC art. 12(1)"),
        ("CRC art. 44(1)", "CRC art. 44(1)"),
        ("Depositary", "Depositary"),
        ("CRC/C/OPSC/USA/CO/2", "CRC/C/OPSC/USA/CO/2"),
        ("CRC/C/OPSC/USA/CO/2, para. 39", "CRC/C/OPSC/USA/CO/2, para. 39"),
        ("CRC/C/OPSC/USA/CO/2, para. see the mail of Ms X", "CRC/C/OPSC/USA/CO/2"),
        ("letter of 3 May 2009", "A document of the Committee"),
        ("OPSC art. 12, says Ms X", "A document of the Committee"),
        ("", "A document of the Committee"),
    ],
)
def test_a_step_names_articles_and_public_documents_alone(typed: str, shown: str) -> None:
    assert source_of(typed) == shown


def test_of_what_was_typed_only_what_is_of_the_right_shape_is_shown() -> None:
    assert symbol_of("CRC/C/OPSC/USA/1") == "CRC/C/OPSC/USA/1"
    assert [symbol_of(one) for one in ("MFA/desk/Ms-X", "see CRC/C/1/2", "https://x.example.org/a", "")] == [
        "", "", "", "",
    ]  # fmt: skip
    assert reference_of("C.N.946.2002.TREATIES-5") == "C.N.946.2002.TREATIES-5"
    assert reference_of("C.N.946.2002.TREATIES-5, by mail from Ms X") == ""
    assert [printed_of(one) for one in ("2007", "2015-09-26", "2007?")] == ["2007", "2015-09-26", ""]
