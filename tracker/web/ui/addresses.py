"""The formats of the variable parts of addresses."""

from __future__ import annotations

import re

ALPHA_3 = re.compile(r"[A-Za-z]{3}")
WHOLE = re.compile(r"[0-9]{1,18}")  # a key that the database can hold
