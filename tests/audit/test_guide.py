"""The documents are right about files, settings and commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tools import reference
from tracker import environment
from tracker.obligations.wording import STATUS_LABELS

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = sorted(
    {*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md")} - {ROOT / "CHANGELOG.md"}
)
FOLDERS = "tracker|templates|static|tests|docs|deploy|bench|faults|rehearsal|tools"
# Read by other programs, or on their behalf.
OF_OTHERS = {"WORKER_PROCESSES", "FORWARDED_ALLOW_IPS", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "CHROMIUM",
    "FAULTS_SEED", "TRACKER_TEST_DATABASE", "TRACKER_TESTS", "LC_MESSAGES", "DISABLE_SERVER_SIDE_CURSORS"}  # fmt: skip


def code(document: Path) -> Iterator[str]:
    yield from re.findall(r"`([^`\n]+)`", document.read_text())


def test_the_reference_is_up_to_date():
    page = reference.PAGE.read_text()
    assert reference.current(page) == page, "run make reference"
    assert "| `DATABASE_URL` |" in page
    assert "| `deadlines " in page


def test_the_reference_names_each_target_of_make():
    makefile = (ROOT / "Makefile").read_text()
    targets = {*re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)}
    named = re.findall(r"^\| `make ([a-z-]+)` \|", reference.PAGE.read_text(), re.MULTILINE)
    assert sorted([*named, "lint"]) == sorted(targets), "add it to the table of targets in docs/reference.md"


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="no markers for settings"):
        reference.current("# Reference\n")


def test_the_example_of_settings_names_only_settings():
    lines = (ROOT / "deploy" / "environment.example").read_text().splitlines()
    named = {found[1] for line in lines if (found := re.match(r"#?([A-Z_]+)=", line))}
    assert len(named) > 20
    reference.settings_table()  # reads those of gunicorn too
    assert named <= environment.SETTINGS.keys() | OF_OTHERS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_only_what_is_there(document: Path):
    text = document.read_text()
    links = re.findall(r"\]\(([^)#\s]+)[^)\s]*\)", text)
    files = [part for part in code(document) if re.fullmatch(rf"({FOLDERS})/[\w./*-]+", part)]
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []
    assert [name for name in files if not list(ROOT.glob(name.rstrip("/")))] == []
    names = {name for part in code(document) for name in re.findall(r"(?<![\w.])[A-Z]+(?:_[A-Z]+)+\b", part)}
    assert {name for name in names - OF_OTHERS if not hasattr(settings, name)} <= environment.SETTINGS.keys()
    commands = {found for part in code(document) for found in re.findall(r"manage\.py (\w+)", part)}
    assert commands <= get_commands().keys()
    targets = {found for part in code(document) for found in re.findall(r"^make (\w[\w-]*)", part)}
    assert targets <= set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_the_terms_name_what_is_in_the_code():
    terms = (ROOT / "docs" / "concepts.md").read_text()
    rows = [line.split("|")[1:-1] for line in terms.splitlines() if line.startswith("| ")]
    names = {name for row in rows if len(row) == 4 for name in re.findall(r"`([\w.]+)`", row[2])}
    words = set(re.findall(r"\w+", "".join(path.read_text() for path in ROOT.glob("tracker/**/*.py"))))
    assert len(names) > 40
    assert {name for name in names if not set(name.split(".")) <= words} == set()
    statuses = {str(label) for label in STATUS_LABELS.values()}
    assert {row[0].strip() for row in rows if len(row) == 2} == statuses | {"status"}
