"""Every address with every role and without any: who is let in to look, and who to change something.

A new address, or a new model in the admin, fails here until somebody has decided who it is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.web.conftest import in_role, signed_in
from tests.web.test_addresses import rows_of_every_model
from tracker.registry.models import State

pytestmark = pytest.mark.django_db

ROLES = {"V": "Viewer", "E": "Editor", "A": "Approver", "D": "Administrator"}
ALL = "VEAD"
# Who may look (GET) and who may send something (POST). "-" in the second place: it takes nothing from anybody.
MATRIX = {
    "home": ("/", ALL, "-"),
    "obligations": ("/obligations/", ALL, "-"),
    "why": ("/obligations/{obligation}/why/", ALL, "-"),
    "submissions": ("/submissions/", ALL, "-"),
    "states": ("/states/", ALL, "-"),
    "state": ("/states/NOR/", ALL, "-"),
    "state-history": ("/states/NOR/history/", ALL, "-"),
    "restore": ("/history/treaty-action/{version}/restore/", "E", "E"),
    "record": ("/record/", ALL, "-"),
    "record-submission": ("/states/NOR/record-submission/", "E", "E"),
    "record-date": ("/states/NOR/record-date/", "E", "E"),
    "record-review": ("/states/NOR/record-review/", "E", "E"),
    "record-prior-to-reporting": ("/states/NOR/record-prior-to-reporting/", "E", "E"),
    "record-withdrawal": ("/states/NOR/record-withdrawal/", "E", "E"),
    "record-deposit": ("/states/NOR/record-deposit/", "E", "E"),
    "stop-reminders": ("/states/NOR/stop-reminders/", "A", "A"),
    "snooze": ("/obligations/{obligation}/snooze/", "A", "A"),
    "end-pause": ("/pauses/{pause}/end/", "-", "A"),
    "reminders": ("/reminders/", ALL, "-"),
    "approve-reminders": ("/reminders/approve/", "-", "A"),
    "undo-approval": ("/reminders/approve/undo/", "-", "A"),
    "outbox-act": ("/reminders/act/", "-", "A"),
    "outbox-undo": ("/reminders/act/undo/", "-", "A"),
    "forecast": ("/reminders/forecast/", ALL, "-"),
    "reminder": ("/reminders/{reminder}/", ALL, "-"),
    "reminder-html": ("/reminders/{reminder}/html/", ALL, "-"),
    "reminder-calendar": ("/reminders/{reminder}/calendar.ics", ALL, "-"),
    "covering": ("/reminders/{reminder}/covering/", "-", "A"),
    "report-proof": ("/reminders/proof/NOR/", ALL, "-"),
    "report-proof-file": ("/reminders/proof/NOR.xlsx", ALL, "-"),
    "mail": ("/reminders/mail/{mail}/", ALL, "-"),
    "mail-html": ("/reminders/mail/{mail}/html/", ALL, "-"),
    "mail-calendar": ("/reminders/mail/{mail}/calendar.ics", ALL, "-"),
    "close-answers": ("/reminders/mail/{mail}/close-answers/", "-", "EA"),
    "tasks": ("/tasks/", ALL, "-"),
    "task": ("/tasks/{task}/", ALL, "EA"),
    "reopen-tasks": ("/tasks/reopen/", "-", "EA"),
    "participation": ("/participation/", ALL, "-"),
    "amendments": ("/amendments/", ALL, "-"),
    "amendment": ("/amendments/{amendment}/", ALL, "-"),
    "positions": ("/amendments/{amendment}/positions/", ALL, "E"),
    "reconciliation": ("/reconciliation/", "E", "E"),
    "imports": ("/imports/", ALL, "-"),
    "import-upload": ("/imports/upload/", "-", "E"),
    "import": ("/imports/{import}/", "E", "-"),
    "import-act": ("/imports/{import}/act/", "-", "E"),
    "import-template": ("/imports/template/submissions.csv", ALL, "-"),
    "import-export": ("/imports/export/submissions.csv", ALL, "-"),
    "late": ("/late/", ALL, "-"),
    "report-late": ("/reports/late/", ALL, "-"),
    "report-late-file": ("/reports/late.pdf", ALL, "-"),
    "report-participation": ("/reports/participation/", ALL, "-"),
    "report-participation-file": ("/reports/participation.xlsx", ALL, "-"),
    "report-dossier": ("/reports/dossier/NOR/", ALL, "-"),
    "report-dossier-file": ("/reports/dossier/NOR.pdf", ALL, "-"),
    "calendar": ("/calendar/", ALL, "-"),
    "calendar-feeds": ("/calendar/feeds/", ALL, ALL),
    "state-calendar": ("/states/NOR/calendar.ics", ALL, "-"),
    "what-if": ("/what-if/", ALL, "-"),
    "to-confirm": ("/to-confirm/", ALL, "-"),
    "confirm-non-receipt": ("/to-confirm/non-receipt/", "-", "E"),
    "days-to-confirm": ("/to-confirm/days/", ALL, "-"),
    "settle-action": ("/to-confirm/days/action/{action}/", "E", "E"),
    "settle-next": ("/to-confirm/next/", ALL, "-"),
    "settle-state": ("/to-confirm/states/NOR/", ALL, "-"),
    "settle-fact": ("/to-confirm/fact/review/{review}/", "E", "E"),
    "keep-records": ("/to-confirm/keep-records/", "ED", "ED"),
    "settle-date": ("/to-confirm/days/date/{date}/", "E", "E"),
    "dates-to-confirm": ("/to-confirm/dates/", ALL, "-"),
    # Whoever is let in is told in words who confirms; only an approver's answer counts (test_settling.py).
    "second-look": ("/to-confirm/dates/{waiting}/", ALL, ALL),
    "save-view": ("/views/", "-", ALL),
    "keep-columns": ("/views/columns/", "-", ALL),
    "saved-view": ("/views/{view}/", ALL, "-"),
    # To everybody but its owner there is no such view (test_saved.py).
    "delete-view": ("/views/{view}/delete/", "-", ALL),
    # Of one's own digest.
    "digest": ("/digest/", ALL, ALL),
    "digest-html": ("/digest/html/", ALL, "-"),
    "help": ("/help/", ALL, ALL),
    # Of one's own token.
    "api": ("/api/", ALL, ALL),
    # One's own; the second step of signing in leads on whoever has taken it (test_second_factor.py).
    "second-factor": ("/second-factor/", ALL, ALL),
    "second-step": ("/login/code/", ALL, ALL),
    "security-log": ("/security-log/", "D", "-"),
    "logout": ("/logout/", "-", ALL),
}
OPEN = {
    "login": "/login/",
    "healthz": "/healthz",
    "healthz-live": "/healthz/live",
    "healthz-ready": "/healthz/ready",
    "answer-thanks": "/answer/thanks/",
    "api-openapi": "/api/v1/openapi.json",  # a description without facts
    "robots": "/robots.txt",
}
# For everybody, signed in or not, where the public view is switched on; else for nobody. They only tell.
PUBLIC = {
    "public": "/public/",
    "public-late": "/public/late/",
    "public-state": "/public/states/NOR/",
    "public-data": "/public/data/",
    "public-data-file": "/public/data/obligations.json",
}
# For whoever holds a secret (test_calendar.py, test_digests.py, test_answering.py); to everybody else there is no such
# address.
BY_TOKEN = {
    "calendar-feed": "/calendar.ics",
    "digest-off": "/digest/off/",
    "answer": "/answer/nothing-of-ours/",
}
# For programs with a token (test_api.py); whoever is signed in is as much a stranger there as anybody.
BY_BEARER = {
    "api-states": "/api/v1/states",
    "api-actions": "/api/v1/actions",
    "api-obligations": "/api/v1/obligations",
    "api-submissions": "/api/v1/submissions",
    "api-reviews": "/api/v1/reviews",
    "api-status": "/api/v1/status",
}
# Without a setting there is no /metrics (test_metrics.py).
NOWHERE = {"api-nowhere": "/api/v1/nowhere", "metrics": "/metrics", "public-nowhere": "/public/nowhere/"}
# For everybody, where it is offered (test_elsewhere.py); else there is no such address.
IF_OFFERED = {"sign-in-elsewhere": "/login/organisation/", "back-from-elsewhere": "/login/organisation/back/"}
# For every browser, signed in or not, to send to and for nobody to look at (test_headers.py).
BY_BROWSER = {"csp-report": "/csp-report/"}
# What the admin has besides its models; a viewer never opens it.
ADMIN = {
    "index": ("/admin/", "EAD", "EAD"),
    "app_list": ("/admin/registry/", "EAD", "EAD"),
    "password_change": ("/admin/password_change/", "EAD", "EAD"),
    "password_change_done": ("/admin/password_change/done/", "EAD", "-"),
    "autocomplete": ("/admin/autocomplete/", "", "-"),  # no field uses it
    "jsi18n": ("/admin/jsi18n/", "EAD", "-"),
    "view_on_site": ("/admin/r/{state_type}/NOR/", "EAD", "EAD"),
    "auth_user_password_change": ("/admin/auth/user/{user}/password/", "D", "D"),
}
# Who may look at, add, change and delete the rows of each model of the admin.
FACT = ("EAD", "E", "E", "E")
MODELS = {
    "registry_state": ("EAD", "ED", "ED", "D"),
    "registry_treatyaction": FACT,
    "registry_contact": FACT,
    "registry_amendment": FACT,
    "registry_amendmentposition": FACT,
    "registry_statement": FACT,
    "registry_regiondesk": ("EAD", "D", "D", "D"),
    "obligations_submission": FACT,
    "obligations_committeedate": ("EAD", "E", "E", "EA"),
    "obligations_informationrequest": FACT,
    "obligations_nonreceipt": FACT,
    "obligations_review": FACT,
    "obligations_printeddate": FACT,
    "reminders_reminderrule": ("EAD", "D", "D", "D"),
    "auth_user": ("D", "D", "D", ""),
    "auth_group": ("D", "", "", ""),
}
VIEWS = ("changelist", "add", "change", "delete", "history", "simple_history")


def every_name() -> set[str]:
    """The names of all addresses, the admin's with "admin:" before them."""

    def walk(patterns: list[Any], room: str) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                inner = f"{pattern.namespace}:" if pattern.namespace else ""
                yield from walk(pattern.url_patterns, room + inner)
            elif isinstance(pattern, URLPattern) and pattern.name:
                yield f"{room}{pattern.name}"

    return set(walk(get_resolver().url_patterns, ""))


def test_every_address_has_been_decided_on() -> None:
    of_models = {f"admin:{model}_{view}" for model in MODELS for view in VIEWS}
    admin = {f"admin:{name}" for name in (*ADMIN, "login", "logout")}
    found = every_name()
    open_to_some = {*BY_TOKEN, *BY_BROWSER, *BY_BEARER, *NOWHERE, *IF_OFFERED, *PUBLIC}
    assert found - of_models == {*MATRIX, *OPEN, *open_to_some, *admin}
    # Rules, desks, people and roles keep no history of versions.
    without = {"registry_regiondesk", "reminders_reminderrule", "auth_user", "auth_group"}
    assert of_models - found == {f"admin:{model}_simple_history" for model in without}


@pytest.fixture
def places(keys: dict[str, Any]) -> dict[str, Any]:
    """The keys in the addresses."""
    norway = State.objects.get(pk="NOR")
    return keys | {
        "version": norway.actions.order_by("pk")[0].history.get().history_id,
        "import": an_import(),
        "state_type": ContentType.objects.get_for_model(State).pk,
        "user": get_user_model().objects.create_user("mary").pk,
    }


def an_import() -> int:
    """A file that was handed in and waits to be looked at."""
    from tracker.obligations.models import Import

    row = Import.objects.create(table="submissions", file_name="reports.csv", content=b"state\n")
    return int(row.pk)


@pytest.fixture
def everybody(db: None) -> dict[str, Client]:
    """Somebody with each role."""
    return {letter: in_role(role, role.lower()) for letter, role in ROLES.items()}


def outcome(answer: Any) -> str:
    """How an address received somebody: sign in first, no, it takes no such thing, or yes."""
    where = answer.headers.get("Location", "")
    if where.startswith(("/login/?next=", "/admin/login/?next=")):
        return "sign in"
    return {403: "no", 405: "takes nothing"}.get(answer.status_code, "yes")


def received(client: Client, method: str, address: str) -> str:
    return outcome(getattr(client, method)(address))


def expected(letters: str, letter: str, *, admin: bool) -> str:
    if letter in letters:
        return "yes"
    return "sign in" if admin and letter == "V" else "no"


@pytest.mark.parametrize("name", MATRIX)
def test_an_address_lets_in_whom_it_is_for(
    name: str, places: dict[str, Any], everybody: dict[str, Client], client: Client
) -> None:
    address, look, send = MATRIX[name]
    address = address.format(**places)
    for method, letters in (("get", look), ("post", send)):
        assert received(client, method, address) == "sign in"
        for letter, somebody in everybody.items():
            found = received(somebody, method, address)
            if letters == "-":
                # Whoever is not let in at all may be told so first.
                assert found in ("takes nothing", "no"), f"{method} {letter}"
            else:
                assert found == expected(letters, letter, admin=False), f"{method} {letter}"


@pytest.mark.parametrize("name", OPEN)
def test_an_open_address_is_for_everybody(name: str, everybody: dict[str, Client], client: Client) -> None:
    for somebody in (client, *everybody.values()):
        assert received(somebody, "get", OPEN[name]) == "yes"


@pytest.mark.parametrize("address", PUBLIC.values(), ids=PUBLIC)
def test_a_public_address_is_for_everybody_where_it_is_switched_on(
    address: str, places: dict[str, Any], everybody: dict[str, Client], client: Client, settings: Any
) -> None:
    for somebody in (client, *everybody.values()):
        settings.PUBLIC_VIEW = False
        assert [ask(address).status_code for ask in (somebody.get, somebody.post)] == [404, 404]
        settings.PUBLIC_VIEW = True
        assert received(somebody, "get", address) == "yes"
        assert received(somebody, "post", address) == "takes nothing"


@pytest.mark.parametrize("address", BY_TOKEN.values(), ids=BY_TOKEN)
def test_an_address_with_a_secret_is_for_nobody_without_it(
    address: str, everybody: dict[str, Client], client: Client
) -> None:
    for somebody in (client, *everybody.values()):
        assert somebody.get(address).status_code == 404


@pytest.mark.parametrize("address", IF_OFFERED.values(), ids=IF_OFFERED)
def test_an_address_that_is_not_offered_is_for_nobody(
    address: str, everybody: dict[str, Client], client: Client
) -> None:
    for somebody in (client, *everybody.values()):
        assert [somebody.get(address).status_code, somebody.post(address).status_code] == [404, 405]


@pytest.mark.parametrize("address", BY_BEARER.values(), ids=BY_BEARER)
def test_an_address_for_programs_is_for_nobody_without_a_token(
    address: str, everybody: dict[str, Client], client: Client
) -> None:
    for somebody in (client, *everybody.values()):
        assert somebody.get(address).status_code == 401


@pytest.mark.parametrize("name", ADMIN)
def test_the_admin_is_for_those_who_enter_or_decide(
    name: str, places: dict[str, Any], everybody: dict[str, Client], client: Client
) -> None:
    address, look, send = ADMIN[name]
    address = address.format(**places)
    for method, letters in (("get", look), ("post", send)):
        assert received(client, method, address) in ("sign in", "takes nothing")
        for letter, somebody in everybody.items():
            if letters == "-":
                assert received(somebody, method, address) in ("takes nothing", "sign in"), (
                    f"{method} {letter}"
                )
            else:
                assert received(somebody, method, address) == expected(letters, letter, admin=True), (
                    f"{method} {letter}"
                )


@pytest.fixture
def rows(db: None) -> dict[str, Any]:
    """The key of a row of each model of the admin, and of its first version."""
    found = {}
    for model, row in rows_of_every_model().items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        found[name] = (row.pk, row.history.first().pk if hasattr(row, "history") else 0)
    return found


@pytest.mark.parametrize("model", MODELS)
def test_a_model_of_the_admin_lets_do_what_the_role_may(
    model: str, rows: dict[str, Any], everybody: dict[str, Client], client: Client
) -> None:
    look, add, change, delete = MODELS[model]
    key, version = rows[model]
    base = f"/admin/{model.replace('_', '/', 1)}/"
    asked = {
        (f"{base}", "get"): look,
        (f"{base}add/", "get"): add,
        (f"{base}add/", "post"): add,
        (f"{base}{key}/change/", "get"): look,
        (f"{base}{key}/change/", "post"): change,
        (f"{base}{key}/delete/", "get"): delete,
        (f"{base}{key}/delete/", "post"): delete,
        (f"{base}{key}/history/", "get"): look,
    }
    for (address, method), letters in asked.items():
        assert received(client, method, address) == "sign in", address
        for letter, somebody in everybody.items():
            found = received(somebody, method, address)
            assert found == expected(letters, letter, admin=True), f"{method} {address} {letter}"
    if version:  # the package's own way back to a version changes nothing, whoever comes
        before = list(site_rows(model))
        for somebody in (client, *everybody.values()):
            somebody.post(f"{base}{key}/history/{version}/")
        assert list(site_rows(model)) == before


def site_rows(model: str) -> Any:
    """All rows of a model, as they are."""
    found = next(one for one in site._registry if one._meta.label_lower == model.replace("_", ".", 1))
    return found._default_manager.order_by("pk").values()


def test_an_account_without_a_role_is_let_in_nowhere(places: dict[str, Any]) -> None:
    nobody = signed_in("nobody", is_staff=True)
    for name, (address, look, send) in (MATRIX | ADMIN).items():
        for method, letters in (("get", look), ("post", send)):
            found = received(nobody, method, address.format(**places))
            if name == "logout":
                assert found in ("yes", "takes nothing")
                nobody.force_login(get_user_model().objects.get(username="nobody"))
            else:
                assert found in ("no", "takes nothing"), f"{method} {address} {letters}"


def test_the_groups_are_the_four_roles(everybody: dict[str, Client]) -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES.values())
