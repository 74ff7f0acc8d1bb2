"""The API for programs: access, answers and refusals, and the same figures as pages and commands."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client

from tests import factories
from tests.web import committee
from tests.web.conftest import TODAY, in_role, signed_in
from tests.web.pages import Element, all_of, messages, one_of, read, words
from tracker.obligations.models import Submission
from tracker.registry.models import State, TreatyAction
from tracker.reminders.models import digest_of
from tracker.web.models import ApiToken

pytestmark = pytest.mark.django_db

LISTS = ("states", "actions", "obligations", "submissions", "reviews")
EVERY = (*LISTS, "status")


class Program:
    """Sends requests as a program does: with a token, and without a browser."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(self, what: str, query: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.get(f"/api/v1/{what}", query or {}, **more)

    def told(self, what: str, **query: Any) -> Any:
        answer = self.ask(what, query)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def refused(self, address: str, status: int = 400) -> dict[str, Any]:
        """The problem that an address returns."""
        answer = self.client.get(f"/api/v1/{address}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        return dict(answer.json())


@pytest.fixture
def program(db: None) -> Program:
    """A program with the token of a viewer."""
    return Program(a_token("vera"))


def a_token(username: str, scope: str = "read", role: str = "Viewer") -> str:
    in_role(role, username)
    return ApiToken.renew(get_user_model().objects.get(username=username), scope)


def a_party(iso3: str = "NOR", **fields: Any) -> State:
    """A State with an action, an obligation, a report and its review."""
    state = factories.a_state(iso3, **fields)
    factories.joins(state, on="2001-10-02")
    factories.receives(state, "2005-06-03", symbol=f"CRC/C/OPSC/{iso3}/1")
    committee.reviews(state, f"CRC/C/OPSC/{iso3}/CO/1", "2006-01-27")
    factories.derive(TODAY.isoformat(), state)
    return state


# --- who is let in --------------------------------------------------------------------------------


@pytest.mark.parametrize("what", EVERY)
def test_without_a_token_nothing_is_told(what: str, client: Client) -> None:
    for somebody in (client, signed_in("ada", is_superuser=True)):
        answer = somebody.get(f"/api/v1/{what}")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Article 12 tracker"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.json() == {
            "type": "about:blank",
            "title": "Unauthorized",
            "status": 401,
            "detail": "Send your token as “Authorization: Bearer …”; create one in the tracker at /api/.",
        }


def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(client: Client) -> None:
    secret = a_token("vera")
    lost = ApiToken.renew(factories.an_officer("nobody"), "read")  # an account without a role
    off = a_token("olga")
    get_user_model().objects.filter(username="olga").update(is_active=False)
    wrong = ["", "Bearer", f"Basic {secret}", f"Bearer {secret}x", f"Bearer {secret.swapcase()}", secret,
             f"Bearer {secret} {secret}", "Bearer é", f"Bearer {lost}", f"Bearer {off}"]  # fmt: skip
    answers = [client.get("/api/v1/status", headers={"Authorization": one}) for one in wrong[1:]]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {
        'Bearer realm="Article 12 tracker", error="invalid_token"'
    }
    assert client.get("/api/v1/status", headers={"Authorization": f"bearer {secret}"}).status_code == 200


def test_a_token_for_the_figures_opens_nothing_else() -> None:
    program = Program(a_token("vera", "figures"))
    assert program.ask("status").status_code == 200
    for what in LISTS:
        answer = program.ask(what)
        assert answer.status_code == 403
        assert answer.headers["WWW-Authenticate"].endswith('error="insufficient_scope", scope="read"')


def test_no_more_is_answered_in_a_minute_than_agreed(program: Program, settings: Any, clock: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    clock.shift(20)
    answers = [program.ask("status") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        *('"minute";r=2;t=40', '"minute";r=1;t=40', '"minute";r=0;t=40', '"minute";r=0;t=40'),
    ]
    assert answers[3].headers["RateLimit-Policy"] == '"minute";q=3;w=60'
    assert answers[3].headers["Retry-After"] == "40"
    assert answers[3].json()["detail"] == (
        "This token is limited to 3 requests a minute. Wait 40 seconds, then try again."
    )
    assert Program(a_token("rolf")).ask("status").status_code == 200  # another token has a count of its own
    clock.shift(40)
    assert program.ask("status").status_code == 200


def test_two_that_ask_at_once_are_both_counted(program: Program) -> None:
    program.ask("status")
    first, second = ApiToken.objects.get(), ApiToken.objects.get()  # both read the same count
    now = first.renewed_at
    assert [first.count(3, now), second.count(3, now)] == [1, 1]
    assert ApiToken.objects.get().asked == 3
    assert ApiToken.objects.get().count(3, now) is None
    assert first.count(3, now) is None  # by its first reading there is room left; the database refuses


# --- what is answered -----------------------------------------------------------------------------


def test_a_state_is_told_with_its_participation(program: Program) -> None:
    state = a_party("NOR", region="WEOG", records_from="2010-01-01")
    factories.signs(factories.a_state("FIN"))
    factories.denounces(state, on="2026-01-15")
    nothing = dict.fromkeys(("signed_on", "joined_on", "joined_by", "in_force_on", "ends_on"))
    assert program.told("states") == {
        "as_of": "2026-11-22",
        "rows": [
            {
                "state": "FIN", "iso2": "FI", "name": "Finland", "region": None, "records_from": None,
                "treaties": [
                    nothing | {"treaty": "OPSC", "signed_on": "2000-09-06", "party": False},
                    nothing | {"treaty": "CRC", "party": False},
                ],
            },
            {
                "state": "NOR", "iso2": "NO", "name": "Norway", "region": "WEOG", "records_from": "2010-01-01",
                "treaties": [
                    {
                        "treaty": "OPSC", "signed_on": None, "joined_on": "2001-10-02",
                        "joined_by": "ratification", "in_force_on": "2002-01-18", "ends_on": "2027-01-15",
                        "party": True,
                    },
                    nothing | {"treaty": "CRC", "party": False},
                ],
            },
        ],
        "next": None,
    }  # fmt: skip
    (before,) = program.told("states", state="NOR", as_of="2001-10-01")["rows"]
    assert before["treaties"] == [nothing | {"treaty": one, "party": False} for one in ("OPSC", "CRC")]


def test_an_action_and_a_report_are_told_as_recorded(program: Program) -> None:
    a_party()
    TreatyAction.objects.update(reference="C.N.1.2001", source="UN Treaty Collection", note="ask Ada")
    assert program.told("actions")["rows"] == [
        {
            "state": "NOR", "treaty": "OPSC", "kind": "ratification", "date": "2001-10-02", "effective_on": None,
            "reference": "C.N.1.2001", "source": "UN Treaty Collection", "to_be_confirmed": False,
        }
    ]  # fmt: skip
    assert program.told("submissions")["rows"] == [
        {
            "id": Submission.objects.get().pk, "state": "NOR", "kind": "initial", "carried_by": "own",
            "first_cycle": 1, "last_cycle": 1, "received_on": "2005-06-03", "due_on": "2004-01-18",
            "status": "received late", "days_late": 502, "reviewed_on": "2006-01-27", "review_precision": "day",
            "symbol": "CRC/C/OPSC/NOR/1", "title": None, "language": None, "link": None,
            "concluding_observations": "CRC/C/OPSC/NOR/CO/1", "printed_due": None, "source": None, "revises": None,
            "information": None, "information_where": None, "withdrawn_on": None, "confidence": None,
        }
    ]  # fmt: skip
    assert program.told("submissions", as_of="2005-06-02")["rows"] == []
    assert program.told("actions", as_of="2001-10-01")["rows"] == []


def test_a_next_report_has_no_number_and_says_what_is_known(program: Program) -> None:
    gabon = factories.a_state("GAB")
    factories.joins(gabon, "CRC", "1994-02-09")
    factories.joins(gabon, on="2007-10-01")
    factories.receives(gabon, None, reviewed_on="2016-05-27")
    committee.reviews(
        gabon, "CRC/C/GAB/CO/2", "2016-06-03", "2", "periodic", carried_by="CRC report", session=72,
        confidence="document", source="docstore.ohchr.org",
    )  # fmt: skip
    factories.derive(TODAY.isoformat())
    (row,) = program.told("obligations", kind="periodic")["rows"]
    trail = row.pop("trail")
    assert row == {
        "state": "GAB", "treaty": "OPSC", "article": "12.2", "kind": "periodic", "cycle": None,
        "computed_on": "2021-03-11", "due_on": None, "due_source": "treaty calendar", "status": "date not recorded",
        "received_on": None, "days_late": None, "carried_by": "CRC report", "last_cycle": None,
        "document": "CRC/C/GAB/CO/2", "printed_due": None, "awaiting_review_since": None,
    }  # fmt: skip
    assert trail[-1]["source"] == "CRC art. 44(1)(b)"
    assert program.told("obligations", status="date not recorded")["rows"] == [row | {"trail": trail}]
    (review,) = program.told("reviews")["rows"]
    assert review == {
        "id": review["id"], "state": "GAB", "document": "CRC/C/GAB/CO/2", "adopted_on": "2016-06-03", "session": 72,
        "kind": "periodic", "carried_by": "CRC report", "first_cycle": 2, "last_cycle": 2, "without_report": False,
        "source": "docstore.ohchr.org", "confidence": "document",
    }  # fmt: skip
    assert program.told("reviews", as_of="2016-06-02")["rows"] == []


def test_a_report_under_the_convention_is_told_with_what_is_known_of_it(program: Program) -> None:
    iran = factories.a_state("IRN")
    factories.joins(iran, "CRC", "1994-07-13")
    factories.joins(iran, on="2007-09-26", kind="accession")
    factories.receives(iran, "2021-08-03")
    factories.receives(
        iran, "2023-10-31", "periodic", "5-6", carried_by="CRC report", information="yes",
        information_where="paras. 210-244", withdrawn_on="2026-03-01", confidence="document",
    )  # fmt: skip
    committee.prints(iran, "2009", "2021-08-03")
    factories.derive(TODAY.isoformat())
    told = ("information", "information_where", "withdrawn_on", "confidence")
    (report,) = program.told("submissions", carried_by="CRC report")["rows"]
    assert [report[name] for name in told] == ["yes", "paras. 210-244", "2026-03-01", "document"]
    (before,) = program.told("submissions", carried_by="CRC report", as_of="2026-02-28")["rows"]
    assert before["withdrawn_on"] is None
    (initial,) = program.told("obligations", kind="initial")["rows"]
    assert initial["printed_due"] == "2009"
    (carried,) = program.told("obligations", kind="periodic", as_of="2026-02-28")["rows"]
    assert (carried["cycle"], carried["last_cycle"], carried["awaiting_review_since"]) == (5, 6, "2023-10-31")


def test_lists_are_narrowed(program: Program) -> None:
    a_party("NOR", region="WEOG")
    a_party("BEN", region="AFR")
    a_party("TGO", region="AFR")

    def states(what: str, **query: Any) -> list[str]:
        return [row["state"] for row in program.told(what, **query)["rows"]]

    assert states("states", region="AFR") == ["BEN", "TGO"]
    assert states("states", region=["AFR", "WEOG"], state=["NOR", "BEN"]) == ["BEN", "NOR"]
    assert states("actions", kind="accession") == []
    assert states("actions", treaty="OPSC", kind=["accession", "ratification"]) == ["BEN", "NOR", "TGO"]
    assert states("obligations", kind="initial", status="received late") == ["BEN", "NOR", "TGO"]
    assert states("obligations", article="12.1", status="received late", state="NOR") == ["NOR"]
    assert states("obligations", until="2004-01-17") == []
    assert states("obligations", status="no record") == []
    assert states("submissions", kind="periodic") == []


@pytest.mark.parametrize("what", LISTS)
def test_pages_hold_every_row_once_while_others_are_added(what: str, program: Program) -> None:
    for iso3 in ("BEN", "NOR", "SWE", "TGO"):
        a_party(iso3)
    whole = program.told(what)["rows"]
    page = program.ask(what, {"limit": 2})
    found, following = page.json()["rows"], page.json()["next"]
    assert page.headers["Link"] == f'<{following}>; rel="next"'
    assert following.startswith(f"http://testserver/api/v1/{what}?limit=2&as_of=2026-11-22&after=")
    a_party("AUT")  # before the current page: no row is repeated because of it
    while following:
        answer = program.client.get(following).json()
        assert len(answer["rows"]) <= 2
        found, following = found + answer["rows"], answer["next"]
    assert found == whole
    assert len(whole) >= 4


def test_what_has_not_changed_is_not_sent_again(program: Program) -> None:
    a_party()
    answer = program.ask("obligations")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in answer.headers["Vary"]
    tag = {"If-None-Match": answer.headers["ETag"]}
    again = program.ask("obligations", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    factories.receives(factories.a_state("SWE"), "2026-11-20")
    assert program.ask("obligations", headers=tag).status_code == 304
    factories.joins(State.objects.get(pk="SWE"))
    factories.derive(TODAY.isoformat())
    assert program.ask("obligations", headers=tag).status_code == 200


def test_a_page_with_another_after_it_is_not_sent_again_either(program: Program, clock: Any) -> None:
    for iso3 in ("NOR", "SWE"):
        a_party(iso3)
    for what in LISTS:
        answer = program.ask(what, {"limit": 1})
        assert answer.json()["next"]
        clock.shift(60)
        tag = {"If-None-Match": answer.headers["ETag"]}
        assert program.ask(what, {"limit": 1}, headers=tag).status_code == 304


def test_one_may_ask_for_the_headers_alone_and_change_nothing(program: Program) -> None:
    for what in EVERY:
        address = f"/api/v1/{what}"
        head, get = program.client.head(address), program.client.get(address)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["ETag"] == get.headers["ETag"]
        options = program.client.options(address)
        assert (options.status_code, options.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
        strict = Client(enforce_csrf_checks=True)
        for change in (strict.post, strict.put, strict.patch, strict.delete):
            answer = change(address)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
            assert answer.json()["detail"] == "The API is read-only: use GET."


@pytest.mark.parametrize("day", ["2026-11-22", "2025-05-31"])
@pytest.mark.parametrize("number", [1, 3])
def test_a_page_takes_so_many_queries(
    number: int, day: str, program: Program, django_assert_num_queries: Any
) -> None:
    for iso3 in ("NOR", "SWE", "FIN")[:number]:
        factories.joins(a_party(iso3), "CRC", "1991-01-08")
    factories.derive(TODAY.isoformat())
    program.ask("status")
    # The token with its owner, the role, the count; then the rows, for States their actions, for obligations their
    # States.
    for what, own in {
        "states": 2,
        "actions": 1,
        "obligations": 2,
        "submissions": 1,
        "reviews": 1,
        "status": 2,
    }.items():
        with django_assert_num_queries(3 + own):
            assert program.ask(what, {"as_of": day}).status_code == 200
    with django_assert_num_queries(3 + 1 + 1):
        program.told("actions", state=["NOR"])


# --- what is refused ------------------------------------------------------------------------------

RANGE = "choose a day from 1989-11-20 to 2036-11-22."


@pytest.mark.parametrize(
    ("address", "parameter", "detail"),
    [
        ("states?sort=name", "sort",
         "There is no parameter “sort” here; use one of: as_of, state, region, limit, after."),
        ("status?limit=5", "limit", "There is no parameter “limit” here; use one of: as_of."),
        ("status?as_of=0000-00-00", "as_of",
         "as_of: “0000-00-00” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23."),
        ("status?as_of=9999-12-31", "as_of", f"as_of: “9999-12-31” is out of range; {RANGE}"),
        ("obligations?until=1600-01-01", "until", f"until: “1600-01-01” is out of range; {RANGE}"),
        ("status?as_of=20050123", "as_of",
         "as_of: “20050123” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23."),
        ("status?as_of=", "as_of",
         "as_of: “” is not a calendar date; write it as YYYY-MM-DD, for example 2005-01-23."),
        ("status?as_of=2005-01-23&as_of=2005-01-24", "as_of", "“as_of” appears 2 times; give it once."),
        ("states?limit=1001", "limit", "limit: “1001” is out of range; write a whole number from 1 to 1000."),
        ("states?limit=0", "limit", "limit: “0” is out of range; write a whole number from 1 to 1000."),
        ("states?limit=" + "9" * 70, "limit",
         "limit: “" + "9" * 60 + "…” is out of range; write a whole number from 1 to 1000."),
        ("actions?treaty=ILO", "treaty", "treaty: “ILO” is not known; choose from: OPSC, CRC."),
        ("states?state=norway", "state",
         "state: “norway” is not an alpha-3 code; write three capital letters, for example NOR."),
        ("states?state=XXX", "state",
         "state: “XXX” is not the alpha-3 code of a State that is recorded here."),
        ("states?%ff%fe=1", "\N{REPLACEMENT CHARACTER}" * 2,
         ("There is no parameter “\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}” here; use one of: "
         "as_of, state, region, limit, after.")),
        ("actions?kind=%00%ff", "kind",
         ("kind: “\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}” is not known; choose from: signature, "
         "ratification, accession, succession, denunciation.")),
        *(
            (f"states?after={mark}", "after",
             "after: not a position in this list. Start without it and follow “next”.")
            for mark in ("", "x", "%ff%fe", "W10:1:1", "%00", ":::", "a" * 3000)
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(
    address: str, parameter: str, detail: str, program: Program
) -> None:
    assert program.refused(address) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": detail,
        "parameter": parameter,
    }


def test_a_place_in_one_list_is_none_in_another(program: Program) -> None:
    a_party("NOR")
    a_party("SWE")
    mark = program.told("actions", limit=1)["next"].split("after=")[1]
    assert program.client.get(f"/api/v1/actions?after={mark}").status_code == 200
    assert program.refused(f"submissions?after={mark}")["parameter"] == "after"
    assert program.refused(f"actions?after={mark}x")["parameter"] == "after"


@pytest.mark.parametrize("address", ["", "states/", "states/NOR", "nowhere", "status/2026", "%ff"])
def test_an_unknown_address_is_told_in_json(address: str, program: Program) -> None:
    assert program.refused(address, 404)["detail"] == (
        "Unknown address; all addresses are listed in /api/v1/openapi.json."
    )


def test_a_wrong_host_and_too_long_a_query_are_told_in_json(program: Program) -> None:
    for answer in (
        program.ask("status", headers={"Host": "elsewhere.example.org"}),
        program.client.get("/api/v1/status?" + "&".join(["x=1"] * 1001)),
    ):
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
        assert answer.json()["detail"] == (
            "This request cannot be read. Check the host name and the length of the query."
        )


def test_a_failure_is_told_in_json(program: Program, monkeypatch: Any) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tracker.web.api.views.figures", fails)
    program.client.raise_request_exception = False
    assert program.refused("status", 500)["detail"] == (
        "The tracker could not answer. Try again later, or tell the administrator."
    )


# --- what is private ------------------------------------------------------------------------------


def test_contacts_mails_notes_and_staff_are_never_told(program: Program) -> None:
    officer = factories.an_officer("grace", first_name="Grace", last_name="Hopper")
    state = a_party(
        "NOR", desk_officer=officer, records_note="private-1", records_source="private-2",
    )  # fmt: skip
    factories.a_contact(state, "private-3@example.org", name="private-4", office="private-5")
    TreatyAction.objects.update(note="private-6")
    Submission.objects.update(note="private-7")
    factories.decides(state, "2030-01-18", "2026-02-01", cycles="6", note="private-8")
    factories.asks(state, "2030-01-18", "2026-02-01", note="private-9")
    factories.derive(TODAY.isoformat())
    for what in EVERY:
        for day in ("2026-11-22", "2026-11-21"):
            told = program.ask(what, {"as_of": day}).content.decode()
            assert [word for word in ("private", "grace", "Hopper", "example.org") if word in told] == []
    assert "CRC/C/OPSC/NOR/CO/1" in program.ask("obligations").content.decode()


def test_no_token_is_written_to_the_log(client: Client, caplog: Any) -> None:
    secret = a_token("vera")
    headers = {"Authorization": f"Bearer {secret}"}
    with caplog.at_level(logging.DEBUG):
        client.get("/api/v1/status", headers=headers)
        client.get("/api/v1/nowhere", headers=headers)
        client.get("/api/v1/status", headers={"Authorization": f"Bearer {secret}x"})
    assert "/api/v1/nowhere" in caplog.text
    assert secret not in caplog.text


# --- the page -------------------------------------------------------------------------------------


def press(client: Client, step: str, **more: str) -> Element:
    """The page after pressing a button."""
    form = one_of(one_of(read(client.get("/api/")), "main"), "form")
    seen = one_of(form, "input", name="seen").attributes["value"]
    return read(client.post("/api/", {"seen": seen, "step": step, "scope": "read"} | more, follow=True))


def token_on(page: Element) -> str:
    return one_of(page, "input", id="token").attributes["value"]


def test_a_token_is_made_and_shown_once() -> None:
    vera = in_role("Viewer", "vera")
    assert "You have no token yet." in words(read(vera.get("/api/")))
    secret = token_on(press(vera, "make"))
    assert secret.startswith("a12_")
    assert Program(secret).ask("obligations").status_code == 200
    again = vera.get("/api/")
    assert secret not in again.content.decode()
    assert "gives access to everything in the API. It is not shown again" in words(read(again))
    assert "It was last used on 22 November 2026, 09:00 UTC." in words(read(again))
    assert ApiToken.objects.values_list("digest", flat=True).get() == digest_of(secret)
    assert "no-store" in vera.post("/api/", {"step": "renew"}).headers.get("Cache-Control", "")


def test_a_renewed_token_makes_the_old_one_dead(clock: Any) -> None:
    vera = in_role("Viewer", "vera")
    old = token_on(press(vera, "make"))
    clock.shift(60)
    new = token_on(press(vera, "renew", scope="figures"))
    assert Program(old).ask("status").status_code == 401
    assert [Program(new).ask(what).status_code for what in ("status", "states")] == [200, 403]


def test_a_form_sent_twice_keeps_the_token_just_copied() -> None:
    vera = in_role("Viewer", "vera")
    secret = token_on(read(vera.post("/api/", {"step": "make", "seen": "", "scope": "read"})))
    page = read(vera.post("/api/", {"step": "make", "seen": "", "scope": "read"}, follow=True))
    assert messages(page) == ["Not saved: your token was created or renewed after you opened this page."]
    assert Program(secret).ask("status").status_code == 200


def test_an_unknown_scope_makes_no_token() -> None:
    page = press(in_role("Viewer", "vera"), "make", scope="write")
    assert messages(page) == ["Not saved: choose what the token gives access to."]
    assert not ApiToken.objects.exists()


def test_a_token_that_is_switched_off_opens_nothing() -> None:
    vera = in_role("Viewer", "vera")
    secret = token_on(press(vera, "make"))
    assert messages(press(vera, "off")) == ["Your token is disabled; programs can no longer use it."]
    assert Program(secret).ask("status").status_code == 401


def test_the_page_names_every_address() -> None:
    page = read(in_role("Viewer", "vera").get("/api/"))
    (table,) = all_of(page, "table", class_="rows")
    assert [words(one) for one in all_of(table, "th", scope="row")] == [f"/api/v1/{what}" for what in EVERY]


# --- the shipped facts, last: they stay for the rest of the module --------------------------------


def printed(*arguments: str) -> Any:
    """What a command prints as JSON."""
    out = StringIO()
    call_command(*arguments, "--format", "json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


# Today, days gone by, and one to come.
DAYS = ("2026-11-22", "2025-05-31", "2009-05-31", "2001-12-31")


@pytest.mark.parametrize("day", [*DAYS, "2030-06-30"])
def test_the_figures_are_those_of_the_command(day: str, shipped: None, program: Program) -> None:
    assert program.told("status", as_of=day) == printed("status", "--as-of", day)


@pytest.mark.parametrize("day", DAYS)
def test_obligations_are_those_of_the_command(day: str, shipped: None, program: Program) -> None:
    page = program.told("obligations", as_of=day, limit=1000)
    rows = page["rows"]
    while page["next"]:
        page = program.client.get(page["next"]).json()
        rows += page["rows"]
    assert rows == printed("deadlines", "--as-of", day)


def test_obligations_until_a_day_are_those_of_the_command(shipped: None, program: Program) -> None:
    given = {"state": ["USA", "BEN"], "as_of": "2015-03-01", "until": "2031-12-31"}
    found = program.told("obligations", **given)["rows"]
    assert len(found) > 4
    assert found == printed("deadlines", "USA", "BEN", "--as-of", "2015-03-01", "--until", "2031-12-31")


@pytest.mark.parametrize("day", ["2026-11-22", "2009-05-31"])
def test_figures_and_lists_are_those_of_the_pages(
    day: str, shipped: None, program: Program, staff: Client
) -> None:
    home = staff.get("/figures/", {"as_of": day}).context
    figures = program.told("status", as_of=day)
    assert [figures["parties"], figures["signatories"]] == [
        home["figures"]["parties"], home["figures"]["signatories"],
    ]  # fmt: skip
    assert [n for n in figures["initial"].values() if n] == [
        one["count"] for one in home["series"][0]["rows"]
    ]
    assert list(figures["overdue_bands"].values()) == [one["count"] for one in home["bands"]]
    for status in ("overdue", "no record"):
        query = {"as_of": day, "status": status}
        listed = staff.get("/obligations/", query | {"desk": "all"}).context["table"].paginator.count
        assert len(program.told("obligations", **query, limit=1000)["rows"]) == listed
    reports = staff.get("/submissions/", {"as_of": day, "desk": "all"}).context["table"].paginator.count
    assert len(program.told("submissions", as_of=day, limit=1000)["rows"]) == reports
    parties = [
        one["state"]
        for one in program.told("states", as_of=day, limit=1000)["rows"]
        if one["treaties"][0]["party"]
    ]
    assert len(parties) == figures["parties"]


# --- languages ------------------------------------------------------------------------------------


def test_programs_read_english_whatever_a_browser_asks_for(program: Program) -> None:
    program.client.cookies["language"] = "fr"
    french = {"accept": "text/html", "accept-language": "fr"}
    for what in (*EVERY, "openapi.json", "nowhere", "states?state=nowhere"):
        usual, asked = program.ask(what), program.ask(what, headers=french)
        assert usual.content == asked.content
        assert asked.headers["Content-Language"] == "en"
    described = program.ask("openapi.json", headers=french).json()["info"]["description"]
    assert described.startswith("What States owe under article 12 of the OPSC")


def test_the_page_about_the_api_is_in_the_language_of_the_reader_before_and_after_a_program(
    staff: Client,
) -> None:
    for code in ("fr", "en", "fr"):
        staff.cookies["language"] = code
        page = staff.get("/api/", headers={"accept": "text/html"})
        assert page.headers["Content-Language"] == code
        described = staff.get("/api/v1/openapi.json").json()["paths"]["/status"]["get"]
        assert described["summary"].startswith("Numbers of States by participation")
