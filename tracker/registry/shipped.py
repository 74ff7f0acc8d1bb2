"""Where the facts that come with the program are, and of which day they are."""

from datetime import date
from pathlib import Path

SHIPPED = Path(__file__).parent / "data"
# A report without any day of its own was known by then.
SHIPPED_ON = date(2025, 12, 4)
