"""How the code is laid out; `pyproject.toml` has the contracts of imports."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TRACKER = Path(__file__).parents[2] / "tracker"
WEB = TRACKER / "web"
# The modules that belong to all wings; a page goes into its wing.
IN_WEB = {"__init__.py", "apps.py", "context.py", "errors.py", "models.py", "tasks.py", "urls.py"}
FILES_OF_A_FOLDER = 24
FILES_OF_A_WING = 16
LINES_OF_A_MODULE = 500
AT_ONCE = re.compile(r"\.locator\(.*\.(count|inner_text|is_visible|input_value|is_checked)\(\)")
MODULES = [path for path in TRACKER.rglob("*.py") if path.parent.name != "migrations"]


def test_no_page_lies_outside_the_wings() -> None:
    assert {path.name for path in WEB.glob("*.py")} == IN_WEB, "move it into the folder of its wing"


@pytest.mark.parametrize(
    ("folder", "most"), [(TRACKER, FILES_OF_A_FOLDER), (WEB, FILES_OF_A_WING)], ids=["tracker", "web"]
)
def test_a_folder_holds_no_more_than_one_can_look_through(folder: Path, most: int) -> None:
    counted = Counter(path.parent for path in folder.rglob("*.py") if path.name != "__init__.py")
    full = [str(path) for path, files in counted.items() if files > most and path.name != "migrations"]
    assert full == [], f"more than {most} modules: make a folder of those that belong together"


def test_a_module_can_be_read_at_once() -> None:
    lines = {str(path): len(path.read_text().splitlines()) for path in MODULES}
    long = {path: count for path, count in lines.items() if count >= LINES_OF_A_MODULE}
    assert long == {}, "move a part that stands alone into a module of its own"


def test_a_name_of_a_class_means_one_thing() -> None:
    names = Counter(
        node.name
        for path in MODULES
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.ClassDef) and node.name != "Command"  # Django asks for this name
    )
    assert [name for name, count in names.items() if count > 1] == [], "give one of the classes another name"


def test_a_start_does_not_read_what_only_workbooks_need() -> None:
    """openpyxl costs each command a tenth of a second, so it is imported where a workbook is read or written."""
    code = "import sys, django; django.setup(); import tracker.urls; sys.exit('openpyxl' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=TRACKER.parent, check=True)


def test_a_browser_is_given_time_for_what_it_is_to_show() -> None:
    """`count()` and the like read what is there at once, even of a page half loaded; `expect` waits for it."""
    tests = [path for path in TRACKER.parent.glob("tests/**/*.py") if "playwright" in path.read_text()]
    assert len(tests) > 30
    assert [
        f"{path.name}: {line.strip()}"
        for path in tests
        for line in path.read_text().splitlines()
        if "assert " in line and AT_ONCE.search(line)
    ] == []
