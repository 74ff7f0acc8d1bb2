#!/usr/bin/env python3
"""Starts the Article 12 tracker on a machine that has Python and nothing else.

python3 run.py                 installs missing packages, then runs the tracker
python3 run.py setup [--dev]   only installs, into .venv/; --dev adds the packages for tests and checks

Standard library only: this file runs before anything is installed.
"""

import argparse
import fcntl
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python can still read this line
    sys.exit(
        f"The tracker needs Python 3.11 or later, and this is {sys.version_info[0]}.{sys.version_info[1]}. "
        "Name a newer one: make run PYTHON=python3.11"
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
LOG = VENV / "install.log"
PLAIN = "requirements.txt"
DEV = "requirements-dev.txt"


class SetupError(Exception):
    """Setting up failed; the text is the one line that the user reads."""


def say(text: str) -> None:
    """Prints a line of progress at once, also into a pipe."""
    print(text, flush=True)


def interpreter_mark() -> str:
    """The Python version and the folder; .venv is made again when either changes."""
    return f"python {sys.version_info.major}.{sys.version_info.minor} {ROOT}"


def list_mark(name: str) -> str:
    """A requirements file with the hash of its content."""
    return f"{name} {hashlib.sha256((ROOT / name).read_bytes()).hexdigest()}"


def finished_marks() -> set[str]:
    """The marks of the last complete installation; none while one is incomplete."""
    if not PYTHON.exists():
        return set()
    try:
        return set(STAMP.read_text().splitlines())
    except OSError:
        return set()


def started(words: list[str]) -> subprocess.Popen[str]:
    """Starts a step of the installation; both its outputs arrive on one pipe."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        words, cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, text=True, errors="replace"
    )


def install(name: str, total: int) -> None:
    """Installs a requirements file, writes a log and prints progress.

    pip checks the hash of each package, because the file has them. It would compile them in one process.

    Raises:
        SetupError: with the last error of pip.
    """
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    collected = 0
    last_error = ""
    process = started([*pip, "--no-compile", "--progress-bar", "off", "-r", name])
    with LOG.open("w") as log, process:
        try:
            for line in process.stdout or ():
                log.write(line)
                if line.startswith(("Collecting ", "Processing ")):  # from the index, from a file
                    collected += 1
                    if collected % 10 == 0:
                        say(f"  {min(collected, total)} of {total} packages")
                elif line.startswith("Installing collected packages"):
                    say("  unpacking them")
                elif line.startswith("ERROR: "):
                    last_error = ": " + line.removeprefix("ERROR: ").strip()[:300]
        except KeyboardInterrupt:
            process.terminate()
            raise
    if process.returncode:
        raise SetupError(f"Installing failed{last_error} (the whole log is in {LOG})")
    # Some packages have files for other versions of Python, so its exit code says nothing.
    started([str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(VENV / "lib")]).communicate()


def make_venv() -> None:
    """Makes an empty .venv in place of the old one.

    Raises:
        SetupError: if this Python cannot.
    """
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        raise SetupError(
            "This Python cannot make virtual environments. On Debian or Ubuntu type: apt install python3-venv"
        )
    process = started([sys.executable, "-m", "venv", "--clear", str(VENV)])
    said, _ = process.communicate()
    if process.returncode:
        VENV.mkdir(exist_ok=True)
        LOG.write_text(said)
        raise SetupError(f"A virtual environment could not be made in {VENV} (the whole log is in {LOG})")


def set_up(*, dev: bool) -> None:
    """Installs the pinned packages into .venv, unless they are there.

    The stamp is written last, so an interrupted installation starts again.
    """
    # requirements-dev.txt holds everything in requirements.txt, so a .venv for development serves a plain run too.
    wanted = [interpreter_mark(), list_mark(PLAIN)] + ([list_mark(DEV)] if dev else [])
    if finished_marks().issuperset(wanted):
        return
    if not os.access(ROOT, os.W_OK | os.X_OK):
        raise SetupError(f"The folder {ROOT} cannot be written. Copy the project to one of your own.")
    with (ROOT / PLAIN).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two at once (make -j) would disturb each other
        finished = finished_marks()
        if finished.issuperset(wanted):
            return
        if VENV.is_symlink():  # making it anew would empty the other folder
            raise SetupError(f"{VENV} is a link to another folder. Delete the link, then type this again.")
        STAMP.unlink(missing_ok=True)
        name = DEV if dev else PLAIN
        total = sum("==" in line for line in (ROOT / name).read_text().splitlines())
        say(f"Installing {total} packages into {VENV} (once; about a minute)")
        if interpreter_mark() not in finished:
            make_venv()
        install(name, total)
        STAMP.write_text("\n".join(wanted) + "\n")
        say("Installed.")


def compile_catalogues() -> None:
    """Makes the files of translations that Django opens, where a catalogue has another time than its file.

    Raises:
        SetupError: with the last line of what went wrong.
    """
    for source in sorted(ROOT.glob("locale/*/LC_MESSAGES/django.po")):
        made = source.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime_ns != source.stat().st_mtime_ns:
            process = started([str(PYTHON), "-m", "tracker.languages.catalogues"])
            said, _ = process.communicate()
            if process.returncode:
                raise SetupError(f"The translations cannot be used. {said.strip().splitlines()[-1]}")
            if said:  # texts that were left out
                say(said.strip())
            return


def main() -> None:
    parser = argparse.ArgumentParser(description="Installs and runs the Article 12 tracker.")
    parser.add_argument("command", nargs="?", choices=("run", "setup"), default="run")
    parser.add_argument("--dev", action="store_true", help="also install the packages for tests and checks")
    arguments = parser.parse_args()
    try:
        set_up(dev=arguments.dev)
        compile_catalogues()
    except SetupError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.filename or VENV} cannot be written or run ({error.strerror}).")
    except KeyboardInterrupt:
        sys.exit("Stopped before everything was installed; the next run begins again.")
    if arguments.command == "run":
        os.chdir(ROOT)
        # From here on a Ctrl-C waits until the tracker has installed its handlers.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        # Replaces this process, so that signals reach the tracker itself. The first word must be the
        # full path: Python finds its virtual environment by it.
        os.execv(PYTHON, [str(PYTHON), "-m", "tracker.embedded"])  # noqa: S606 - no shell is wanted  # nosec B606


if __name__ == "__main__":
    main()
