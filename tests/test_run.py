"""`make run` and its installer, with real processes."""

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tracker import embedded

ROOT = Path(__file__).resolve().parent.parent
Process = subprocess.Popen[str]
Start = Callable[..., Process]
# Variables of the test run that a first run does not have.
OF_THE_TESTS = (
    *("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SECRET_KEY", "ALLOWED_HOSTS", "DEBUG", "HTTPS_ONLY"),
    *("REMINDERS_APPROVAL", "REMINDERS_DAYS", "REMINDERS_HOURS", "TRACKER_TEST_DATABASE"),
    *("DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"),
)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind((embedded.HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Starts a run with a state folder of its own; everything is removed after the test."""
    started: list[Process] = []

    def start(**environment: str) -> Process:
        own = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker.embedded"],
            cwd=ROOT,
            env={**own, "VAR_DIR": str(tmp_path / "var"), "PORT": str(port), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        family = family_of(process)
        process.kill()
        process.communicate()
        for child in psutil.wait_procs(family, timeout=30)[1]:
            child.kill()


def family_of(process: Process) -> list[psutil.Process]:
    """A process and its descendants that still exist."""
    try:
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def welcome(process: Process) -> list[str]:
    """The output of a run until it is ready."""
    lines: list[str] = []
    for line in process.stdout or ():
        lines.append(line.strip())
        if "Ctrl-C" in line:
            return lines
    _, errors = process.communicate()
    raise AssertionError(f"It ended at its start: {lines} {errors}")


def open_to_others(state: Path) -> list[str]:
    """What other accounts of the machine could read in a state folder; nothing but the static files may be there."""
    paths = [state, *(path for path in state.rglob("*") if "staticfiles" not in path.parts)]
    return [str(path) for path in paths if path.lstat().st_mode & 0o077]


# --- the broker ------------------------------------------------------------------------------


def test_the_broker_answers_on_its_socket_and_is_gone_after_its_stop(
    tmp_path_factory: pytest.TempPathFactory,
):
    folder = tmp_path_factory.mktemp("broker")
    process = embedded.start_valkey(folder, folder / "log")
    url = f"redis+socket://{folder}/broker.sock"
    try:
        while not embedded.broker_answers(url):
            assert process.poll() is None, (folder / "log").read_text()
        connections = psutil.Process(process.pid).net_connections("inet")
    finally:
        embedded.stop(process)
    assert connections == []  # nobody can reach it over a network
    assert process.returncode == 0
    assert not (folder / "broker.sock").exists()
    assert not embedded.broker_answers(url)


# --- failing starts --------------------------------------------------------------------------


def test_a_port_in_use_is_told_in_one_line(start: Start, port: int):
    with socket.socket() as other:
        other.bind((embedded.HOST, port))
        other.listen()
        process = start()
        said, errors = process.communicate(timeout=60)
    assert errors == (
        f"Port {port} is in use. Stop the other program or choose another port: make run PORT={port + 1}\n"
    )
    assert said == ""
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "abc"), ("DATABASE_URL", "mysql://x/y"), ("REMINDERS_APPROVAL", "perhaps")]
)
def test_a_malformed_setting_is_named_in_one_line(start: Start, name: str, value: str):
    process = start(**{name: value})
    _, errors = process.communicate(timeout=60)
    assert errors.startswith(f"{name} is not understood; write ")
    assert errors.count("\n") == 1
    assert process.returncode == 2


def test_a_broker_that_does_not_answer_is_told_in_one_line(start: Start):
    with socket.socket() as closed:
        closed.bind((embedded.HOST, 0))
        process = start(REDIS_URL=f"redis://{embedded.HOST}:{closed.getsockname()[1]}/0")
        _, errors = process.communicate(timeout=60)
    assert errors == "The broker named in REDIS_URL does not answer.\n"
    assert process.returncode == 1


def test_a_state_folder_that_cannot_be_is_told_in_one_line(start: Start, tmp_path: Path):
    (tmp_path / "file").touch()
    process = start(VAR_DIR=str(tmp_path / "file" / "var"))
    _, errors = process.communicate(timeout=60)
    assert errors.startswith(f"The folder {tmp_path}/file/var cannot be written")
    assert errors.count("\n") == 1
    assert process.returncode == 1


# --- from the start to the end ---------------------------------------------------------------


@pytest.mark.more
def test_a_whole_run(start: Start, tmp_path: Path, port: int):
    """From nothing to signing in; a second start that is refused; a stop, and an end by force."""
    address = f"http://{embedded.HOST}:{port}/"
    run = start()
    lines = welcome(run)
    assert len(lines) <= 10
    assert any(address in line for line in lines)
    found = re.search(r"Sign in as (\S+) with the password (\S+)", "\n".join(lines))
    assert found, lines

    browser = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with browser.open(address + "healthz") as answer:
        assert answer.status == 200
    with browser.open(address) as answer:
        assert urllib.parse.urlsplit(answer.url).path != "/"  # sent on to the log-in
        form = answer.read().decode()
        log_in = answer.url
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token, form
    entries = {"csrfmiddlewaretoken": token[1], "username": found[1], "password": found[2]}
    with browser.open(log_in, urllib.parse.urlencode(entries).encode()) as answer:
        assert answer.status == 200
        assert urllib.parse.urlsplit(answer.url).path == "/"

    second = start()
    _, errors = second.communicate(timeout=60)
    assert errors == f"The tracker already runs from this folder, at {address}\n"
    assert second.returncode == 1

    state = tmp_path / "var"
    assert open_to_others(state) == []
    shutil.rmtree(state / "log")
    (state / "run" / "broker.sock").unlink()
    deadline = time.monotonic() + 30
    while not embedded.broker_answers(f"redis+socket://{state}/run/broker.sock"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    names = {name for process in family_of(run) for name in process.cmdline()}
    assert {"gunicorn", "worker", "--beat"} <= names
    family = family_of(run)
    run.send_signal(signal.SIGINT)
    run.send_signal(signal.SIGINT)  # an impatient second one changes nothing
    said, errors = run.communicate(timeout=60)
    restarted = f"The socket {state}/run/broker.sock was deleted; the broker is restarted."
    assert (said, errors, run.returncode) == (f"{restarted}\nStopped.\n", "", 0)
    assert psutil.wait_procs(family, timeout=5)[1] == []

    for name in ("db.sqlite3", "secret_key", "mailbox"):
        (state / name).chmod(0o755)
    again = start()
    assert f"Sign in as {found[1]} with the password {found[2]}" in welcome(again)
    assert open_to_others(state) == []
    if sys.platform == "linux":
        family = family_of(again)
        again.kill()
        again.communicate()
        assert psutil.wait_procs(family, timeout=30)[1] == []


# --- the installer ---------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that needs no packages, so that setting it up needs no network."""
    shutil.copy(ROOT / "run.py", tmp_path)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("# nothing\n")
    return tmp_path


def set_up(project: Path, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(project / "run.py"), "setup", *more]
    own = {**os.environ, "PIP_NO_INDEX": "1", **environment}
    return subprocess.run(words, check=False, capture_output=True, text=True, env=own, timeout=300)


@pytest.mark.more
def test_setting_up_is_done_once_and_again_when_the_lists_change(project: Path):
    assert set_up(project, "--dev").stdout.endswith("Installed.\n")
    assert set_up(project).stdout == ""  # the development packages include those of a plain run
    assert set_up(project, "--dev").stdout == ""
    kept = project / ".venv" / "kept"
    kept.touch()

    (project / "requirements-dev.txt").write_text("# still nothing\n")
    assert set_up(project).stdout == ""
    assert "Installed." in set_up(project, "--dev").stdout
    assert kept.exists()  # updated, not created again

    (project / "requirements.txt").write_text("no-such-package==1.0\n")
    failed = set_up(project)
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1
    assert "no-such-package" in failed.stderr
    assert str(project / ".venv" / "install.log") in failed.stderr

    (project / "requirements.txt").write_text("# nothing again\n")
    assert "Installed." in set_up(project).stdout  # an incomplete one is not used
    assert not kept.exists()


def pins(name: str) -> dict[str, str]:
    """Each package of a requirements file with its version and hashes."""
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text())[1:]
    return {entry.split("==")[0]: entry.partition("    # via")[0] for entry in entries}


def test_the_pins_have_hashes_and_cover_the_lists_written_by_hand():
    program, development = pins("requirements.txt"), pins("requirements-dev.txt")
    assert program.items() <= development.items()
    assert all("--hash=sha256:" in entry for entry in development.values())
    for name, pinned in (("requirements.in", program), ("requirements-dev.in", development)):
        named = re.findall(r"^[a-z][a-z0-9-]*", (ROOT / name).read_text(), re.MULTILINE)
        assert len(named) > 20
        assert set(named) <= set(pinned)


def test_a_python_without_virtual_environments_is_told_in_one_line(project: Path):
    """As on Debian, where venv is a separate package."""
    (project / "sitecustomize.py").write_text("import sys\nsys.modules['ensurepip'] = None\n")
    done = set_up(project, PYTHONPATH=str(project))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt install python3-venv" in done.stderr


def test_an_environment_that_is_a_link_is_left_alone(project: Path, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "installed").touch()
    (project / ".venv").symlink_to(elsewhere)
    done = set_up(project)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "is a link" in done.stderr
    assert (elsewhere / "installed").exists()
