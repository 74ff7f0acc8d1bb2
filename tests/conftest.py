"""Fixtures for all tests: the database's place, and a real browser that reports problems.

`page` is a Chromium page. Its test fails if anything went wrong, visible or not: a response of 400 or more, a failed
request, an error on the console, a breach of the content security policy. A test that provokes one of these calls
`complaints.clear()`.
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
from django.db import connection, connections
from django.test import TransactionTestCase, override_settings
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, Page, sync_playwright

from tests import depth, migrated, services
from tracker.languages import texts
from tracker.languages.catalogues import compile_one, is_fresh, translated

# The first has no window, and each of its pages costs a third of what it costs in one that has.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core", "fonts-noto-core")
# A test browser needs no updates, no graphics hardware and little shared memory.
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

hypothesis.settings.register_profile(
    "ours", max_examples=depth.examples(100), derandomize=not depth.NEW, print_blob=True
)
hypothesis.settings.load_profile("ours")


# --- saving time -------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def only_whole_pages_are_recorded(django_test_environment: None) -> None:
    """Records the contexts of whole pages only, not of every template that a page renders.

    A page renders hundreds, one for each choice of a field, and copying their contexts takes longer than the page
    itself. `answer.context` is that of the page and of the templates that it includes.
    """
    from django.template import Template
    from django.test import signals, utils

    def render(self: Template, context: Any) -> Any:
        if context.template is self and not (self.name or "").startswith("django/forms/"):
            signals.template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    assert Template._render is utils.instrumented_test_render  # the original is restored at the end
    Template._render = render  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def passwords_are_kept_quickly(django_test_environment: None) -> Iterator[None]:
    """Uses a fast password hash; a secure one takes half a second of a processor."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_are_found_when_asked_for(django_test_environment: None) -> Iterator[None]:
    """Each client of a test would look at all static files first, which takes longer than a page."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture
def each_page_has_its_own_footer(settings: Any) -> None:
    """The figures of the footer are read for every page, not every half minute."""
    settings.WATCH_KEPT_FOR = 0
    cache.clear()


@pytest.fixture(autouse=True)
def nothing_is_kept_from_an_earlier_test() -> Iterator[None]:
    """Clears the caches, which would outlive a test whose clock stands still, and what people have confirmed."""
    yield
    cache.clear()
    texts.forget()


@pytest.fixture(scope="session", autouse=True)
def pages_ask_for_no_confirmed_texts(django_test_environment: None) -> Iterator[None]:
    """The query that a page makes once a minute would be made in whichever test comes first."""
    with override_settings(CONFIRMED_TEXTS_READ_EVERY=None):
        yield


@pytest.fixture(scope="session", autouse=True)
def catalogues_are_compiled(django_test_environment: None) -> None:
    """As `make setup` does, for a single file of tests in a fresh copy of the repository."""
    for language in translated():
        if not is_fresh(language):
            compile_one(language)


# --- the database ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """SQLite in a file, as in use; Django's default would be in memory. Our PostgreSQL without the network."""
    for line in connections.all():
        if line.vendor == "postgresql" and services.socket_folder:
            line.settings_dict["HOST"] = services.socket_folder
        if line.vendor == "sqlite":
            line.settings_dict["TEST"]["NAME"] = str(settings.VAR_DIR / migrated.FILE)
            # No test cuts the power.
            options = line.settings_dict["OPTIONS"]
            options["init_command"] = options["init_command"].replace("FULL", "OFF")


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix(request: pytest.FixtureRequest) -> None:
    """The processes of a run need different names only if they share a server."""
    if not services.is_migrated:
        request.getfixturevalue("django_db_modify_db_settings_xdist_suffix")


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """Uses a migrated database as it is."""
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
        from tests import shipped  # needs Django's models, which are not there when this file is read

        made = setup_databases(verbosity=verbosity, interactive=False, keepdb=django_db_keepdb)
        shipped.remember()
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=verbosity)


@pytest.fixture(scope="module", autouse=True)
def no_table_fills_with_dead_rows(django_db_blocker: Any) -> Iterator[None]:
    """Removes the rows that tests have rolled back: PostgreSQL reads past each of them until somebody does."""
    yield
    if connection.vendor == "postgresql" and connection.connection is not None:
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > 500")
            for (name,) in cursor.fetchall():
                cursor.execute(f"VACUUM {connection.ops.quote_name(name)}")


@pytest.fixture(scope="session", autouse=True)
def tables_are_emptied_quickly(django_test_environment: None) -> Iterator[None]:
    """A test with transactions of its own leaves the rows of the migrations, as it found them."""
    from tests import shipped  # needs Django's models, which are not there when this file is read

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: shipped.start_again())
        yield


# --- the browser -----------------------------------------------------------------------------


def pytest_itemcollected(item: pytest.Item) -> None:
    """Marks tests that open a browser or check the look of a page."""
    for mark, fixture in (("browser", "browser"), ("looks", "sound_in_every_look")):
        if fixture in getattr(item, "fixturenames", ()):
            item.add_marker(mark)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: while a browser is open, its event loop disturbs other tests."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Reports a missing browser before the first test."""
    # Not even the rare search for garbage need look through what has been collected.
    gc.collect()
    gc.freeze()
    if not session.config.option.collectonly and any(
        item.get_closest_marker("browser") for item in session.items
    ):
        find_chromium(session.config)


def find_chromium(config: pytest.Config) -> str:
    """The browser's program; on Debian, as root, it is installed if there is none."""
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
    """One Chromium for all tests with a browser."""
    program = find_chromium(pytestconfig)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, and Django would refuse its database there.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def complaints() -> list[str]:
    """Everything that went wrong on the test's pages so far."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A page in a new browser context; complaints at the end fail the test."""
    context = browser.new_context(locale="en-GB", timezone_id="UTC", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)

    def note(text: str, *, when: bool = True) -> None:
        if when:
            complaints.append(text)

    context.on("response", lambda answer: note(f"{answer.status} {answer.url}", when=answer.status >= 400))
    # The browser itself reports breaches of the content security policy here.
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


# Runs axe in the page and returns the breaches; its whole result would be megabytes on a long page.
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
    """The breaches that axe finds on a page, by the given rules or by all those of WCAG 2.2 AA.

    The rules together must find something on the page to check.
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
    """`axe(page)` fails on any breach of WCAG 2.2 AA that the axe rules can find.

    Error pages pass too: assert first that the page is the expected one.
    """

    def check(page: Page) -> None:
        assert not (found := find_breaches(page)), f"{page.url}\n" + "\n".join(found)

    return check
