"""How the code is laid out; `pyproject.toml` has the contracts of imports."""

from collections import Counter
from pathlib import Path

import pytest

TRACKER = Path(__file__).parents[2] / "tracker"
WEB = TRACKER / "web"
# What belongs to all wings; a page goes into its wing.
IN_WEB = {"__init__.py", "apps.py", "context.py", "errors.py", "models.py", "tasks.py", "urls.py"}
FILES_OF_A_FOLDER = 24
FILES_OF_A_WING = 16


def test_no_page_lies_outside_the_wings() -> None:
    assert {path.name for path in WEB.glob("*.py")} == IN_WEB


@pytest.mark.parametrize(
    ("folder", "most"), [(TRACKER, FILES_OF_A_FOLDER), (WEB, FILES_OF_A_WING)], ids=["tracker", "web"]
)
def test_a_folder_holds_no_more_than_one_can_look_through(folder: Path, most: int) -> None:
    counted = Counter(path.parent for path in folder.rglob("*.py") if path.name != "__init__.py")
    assert [str(path) for path, files in counted.items() if files > most and path.name != "migrations"] == []
