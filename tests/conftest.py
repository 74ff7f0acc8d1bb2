"""What every test may ask for: the database's place, and a real browser that complains.

`page` is a Chromium page whose test fails when anything on the way went wrong, seen or not: an
answer of 400 or more, a failed request, an error on the console, a breach of the content security
policy. A test that provokes one of these says so with `complaints.clear()`.
"""

import gc
import os
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterator
from typing import Any

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import override_settings
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, Page, sync_playwright

from tests import depth, migrated, services

# The first has no window, and each of its pages costs a third of what it costs in one that has.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core", "fonts-noto-core")
# A test browser asks nobody for updates and needs neither graphics hardware nor much shared memory.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")


# --- generated examples ----------------------------------------------------------------------

# In `make test` the same ones in every run, so that a failure is that of the change at hand; `make test-more` looks for
# new ones.
hypothesis.settings.register_profile(
    "ours", max_examples=depth.examples(100), derandomize=not depth.MORE, print_blob=True
)
hypothesis.settings.load_profile("ours")


# --- what tests need not spend ----------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def only_whole_pages_are_recorded(django_test_environment: None) -> None:
    """Django's client keeps the context of every template that a page renders; here only of whole pages.

    A page of ours renders hundreds, one for each choice of a field, and copies of their contexts take longer than
    the page itself. `answer.context` is that of the page, and what it includes.
    """
    from django.template import Template
    from django.test import signals, utils

    def render(self: Template, context: Any) -> Any:
        if context.template is self and not (self.name or "").startswith("django/forms/"):
            signals.template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    assert Template._render is utils.instrumented_test_render  # what it stands for is put back at the end
    Template._render = render  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def passwords_are_kept_quickly(django_test_environment: None) -> Iterator[None]:
    """Half a second of a processor for each password protects those of people, not those of tests."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def pages_tell_of_the_machinery_what_is_true_now(django_test_environment: None) -> Iterator[None]:
    """Half a minute is soon for a person, and long for a test."""
    with override_settings(WATCH_KEPT_FOR=0):
        yield


@pytest.fixture(autouse=True)
def nothing_is_kept_from_an_earlier_test() -> Iterator[None]:
    """What a process keeps for half a minute would outlive a test whose clock stands still."""
    yield
    cache.clear()


# --- the database ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """SQLite in a file, as it is in use; Django's default would be one in memory."""
    for connection in connections.all():
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(settings.VAR_DIR / migrated.FILE)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """The processes of a run need different names only where they share a server."""
    if not services.is_migrated:
        request.getfixturevalue("django_db_modify_db_settings_xdist_suffix")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """A migrated database is taken as it is."""
    return services.is_migrated or django_db_keepdb


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_blocker: Any,
) -> Iterator[None]:
    """As pytest-django's, which makes no database if all selected tests use it only through a browser."""
    verbosity = request.config.option.verbose
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=verbosity, interactive=False, keepdb=django_db_keepdb)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=verbosity)


BLOCKER = pytest.StashKey[Any]()
WIPES = {"transactional_db", "live_server"}


@pytest.fixture(scope="session", autouse=True)
def database_can_be_opened(pytestconfig: pytest.Config, django_db_blocker: Any) -> None:
    """For the hook below, which runs when a test's own leave to use the database is over."""
    pytestconfig.stash[BLOCKER] = django_db_blocker


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """A test with transactions of its own leaves an empty database: what the migrations ship is put back."""
    yield
    if nextitem is None:
        return  # the database itself is gone
    mark = item.get_closest_marker("django_db")
    wipes = mark is not None and mark.kwargs.get("transaction")
    if wipes or WIPES & set(getattr(item, "fixturenames", ())):
        from tests import shipped  # needs Django's models, which are not there when this file is read

        with item.config.stash[BLOCKER].unblock():
            shipped.restore()
            connections.close_all()


# --- the browser -----------------------------------------------------------------------------


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test that opens a browser, or looks at a page, carries the mark of its own accord."""
    for mark, fixture in (("browser", "browser"), ("looks", "sound_in_every_look")):
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: while a browser is open, an event loop is in everybody's way."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """A missing browser is told before the first test, not after the last."""
    # What has been imported stays: looking through it again and again for garbage took a tenth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    if not session.config.option.collectonly and any(
        item.get_closest_marker("browser") for item in session.items
    ):
        find_chromium(session.config)


def find_chromium(config: pytest.Config) -> str:
    """The browser's program; on Debian, and as root, it is installed when there is none."""
    if found := os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None):
        return found
    command = f"apt-get install --no-install-recommends {' '.join(PACKAGES)}"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        if terminal := config.pluginmanager.get_plugin("terminalreporter"):
            terminal.write_line(f"Installing a browser: {command}")
        apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
        for words in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            done = subprocess.run([*apt, *words], check=False, capture_output=True, text=True)
            if done.returncode:
                pytest.exit(f"No browser could be installed: {done.stderr.strip()[-500:]}", returncode=2)
        if found := shutil.which(NAMES[0]):
            return found
    return pytest.exit(
        f"The tests need Chromium. Install it ({command}) or name it: make test CHROMIUM=/path/to/it",
        returncode=2,
    )


@pytest.fixture(scope="session")
def browser(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """One Chromium for all tests that look at pages."""
    program = find_chromium(pytestconfig)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, and Django would refuse its database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> list[str]:
    """All that went wrong on the test's pages so far."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A page with no memory of any other test; what it complains of at the end fails the test."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)

    def note(text: str, *, when: bool = True) -> None:
        if when:
            complaints.append(text)

    context.on("response", lambda answer: note(f"{answer.status} {answer.url}", when=answer.status >= 400))
    # Breaches of the content security policy are told here, by the browser itself.
    context.on(
        "console",
        lambda said: note(f"console: {said.text} ({said.location['url']})", when=said.type == "error"),
    )
    context.on("weberror", lambda raised: note(f"script: {raised.error}"))
    # A download, or a page left early, is aborted on purpose.
    context.on(
        "requestfailed",
        lambda asked: note(f"{asked.failure} {asked.url}", when=asked.failure != "net::ERR_ABORTED"),
    )
    yield context.new_page()
    context.close()
    assert not complaints, "\n".join(complaints)


# Runs axe in the page and hands over what it found; the whole of its answer would be megabytes on a long page.
AXE = """async only => {
    const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
    return {
        breaches: found.violations.flatMap(
            rule => rule.nodes.map(node => `${rule.id}: ${rule.help}\\n    ${node.target}`)
        ),
        passes: found.passes.length,
    };
}"""


def find_breaches(page: Page, rules: Collection[str] = ()) -> list[str]:
    """What axe finds on a page, by the rules named or else by all those of WCAG 2.2 AA.

    All of them together must find something on the page that they can look at.
    """
    if not page.evaluate("typeof axe !== 'undefined'"):
        from axe_playwright_python.base import AXE_SCRIPT

        page.evaluate(AXE_SCRIPT)
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": list(WCAG)}
    answer = page.evaluate(AXE, only)
    assert rules or answer["passes"], f"{page.url}: no rule found anything to look at"
    return list(answer["breaches"])


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` fails on any breach of WCAG 2.2 AA that the axe rules can see.

    An error page passes them too: assert first that the page is the one that was meant.
    """

    def check(page: Page) -> None:
        assert not (found := find_breaches(page)), f"{page.url}\n" + "\n".join(found)

    return check
