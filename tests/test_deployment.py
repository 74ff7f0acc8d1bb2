"""The settings of an installation: addresses with TLS, static files, the example of settings."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.templatetags.static import static

from tracker import environment
from tracker.web.ops.static_storage import CollectedFiles

GUNICORN = Path(settings.BASE_DIR) / "deploy" / "gunicorn.conf.py"
EXAMPLE = Path(settings.BASE_DIR) / "deploy" / "environment.example"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("rediss://host/0", "rediss://host/0?ssl_cert_reqs=required"),
        (
            "rediss://a:b@host:1/0?ssl_ca_certs=/ca",
            "rediss://a:b@host:1/0?ssl_ca_certs=/ca&ssl_cert_reqs=required",
        ),
        ("rediss://host/0?ssl_cert_reqs=none", "rediss://host/0?ssl_cert_reqs=none"),
        ("redis://host/0", "redis://host/0"),
    ],
)
def test_a_broker_with_tls_has_to_show_a_certificate(
    given: str, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_BROKER", given)
    assert environment.read("A_BROKER", environment.broker) == read


@pytest.mark.parametrize(
    "given",
    [
        "rediss://host/0?ssl_cert_reqs=perhaps",
        "rediss://host/0?ssl_ca=/ca",
        "rediss://host/0?required",
        "rediss://",
    ],
)
def test_what_is_not_known_about_the_tls_of_a_broker_is_refused(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_BROKER", given)
    with pytest.raises(
        ImproperlyConfigured, match=r"^A_BROKER is not understood; write redis://host:6379/0, rediss://"
    ):
        environment.read("A_BROKER", environment.broker)


def test_what_a_database_address_says_of_tls_reaches_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "A_BASE", "postgresql://a:b%2F@host:5432/name?sslmode=verify-full&sslrootcert=/etc/ca.crt"
    )
    found = environment.read("A_BASE", environment.database)
    assert (found["PASSWORD"], found["OPTIONS"]) == (
        "b/",
        {"sslmode": "verify-full", "sslrootcert": "/etc/ca.crt"},
    )


def test_a_pooler_may_stand_before_postgresql_as_no_cursor_stays_on_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`make rehearsal` exports through Debian's pgBouncer."""
    monkeypatch.setenv("A_BASE", "postgresql://a:b@host:5432/name")
    assert environment.read("A_BASE", environment.database)["DISABLE_SERVER_SIDE_CURSORS"] is True


def test_the_example_of_settings_holds_no_secret() -> None:
    given = [line for line in EXAMPLE.read_text().splitlines() if "=" in line and not line.startswith("# ")]
    assert "SECRET_KEY=" in given
    assert all(":PASSWORD@" in line for line in given if "://" in line and "@" in line)
    assert not any(word in line for line in given for word in ('"', "'"))


def test_the_processes_of_the_web_server_are_counted_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WEB_WORKERS", "7")
    monkeypatch.delenv("WEB_THREADS", raising=False)
    read = runpy.run_path(str(GUNICORN))
    assert (read["workers"], read["threads"], read["accesslog"]) == (7, 4, None)
    assert "logconfig_dict" not in read
    monkeypatch.setenv("LOG_FORMAT", "json")
    assert runpy.run_path(str(GUNICORN))["logconfig_dict"]["loggers"]["gunicorn.error"]["level"] == "INFO"


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_count_that_is_none_stops_the_start_with_one_line(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_THREADS", value)
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(GUNICORN))
    assert stopped.value.code == "WEB_THREADS is not understood; write a whole number, one or more."


@pytest.fixture
def gathered(tmp_path: Path, settings: Any) -> Path:
    """Two style sheets, collected by `collectstatic`."""
    (tmp_path / "ours" / "css").mkdir(parents=True)
    (tmp_path / "ours" / "css" / "one.css").write_text("p { color: inherit; }")
    (tmp_path / "ours" / "css" / "long.css").write_text("p { color: inherit; }\n" * 50)  # worth compressing
    settings.STATICFILES_DIRS = [tmp_path / "ours"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "gathered"
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path / "gathered"


def test_gathered_files_have_a_digest_in_their_names_and_a_compressed_twin(gathered: Path) -> None:
    name = CollectedFiles(location=gathered).url("css/one.css")
    assert name.startswith("/static/css/one.")
    assert len(name) == len("/static/css/one.0123456789ab.css")
    assert (gathered / "css" / name.rpartition("/")[2]).read_text() == "p { color: inherit; }"
    assert (gathered / "css" / "one.css").exists()


def test_everybody_may_read_gathered_files_and_nobody_else_what_the_tracker_writes(
    gathered: Path, tmp_path: Path
) -> None:
    wanted = {path: 0o755 if path.is_dir() else 0o644 for path in (gathered, *gathered.rglob("*"))}
    assert {path: path.stat().st_mode & 0o777 for path in wanted} == wanted
    assert any(path.suffix == ".gz" for path in wanted)
    (tmp_path / "another").touch()
    assert (tmp_path / "another").stat().st_mode & 0o077 == 0


def test_a_file_that_was_not_gathered_keeps_its_name(gathered: Path, tmp_path: Path) -> None:
    assert CollectedFiles(location=gathered).url("css/new.css") == "/static/css/new.css"
    assert CollectedFiles(location=tmp_path / "never").url("css/one.css") == "/static/css/one.css"


def test_pages_find_their_style_sheets_where_nothing_was_ever_gathered() -> None:
    assert not (settings.STATIC_ROOT / "staticfiles.json").exists()
    assert static("css/base.css") == "/static/css/base.css"
