"""The keyboard shortcuts, for the page of help and for the script."""

from __future__ import annotations

import json
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext_lazy

# The second key after "g", the name of the page's address, and the page's title.
GO_TO = (
    ("t", "home", gettext_lazy("Today")),
    ("o", "obligations", gettext_lazy("Obligations")),
    ("s", "states", gettext_lazy("States")),
    ("e", "sessions", gettext_lazy("Sessions")),
    ("r", "reminders", gettext_lazy("Reminders")),
    ("p", "participation", gettext_lazy("Participation")),
    ("l", "late", gettext_lazy("Late and non-reporting States")),
    ("c", "calendar", gettext_lazy("Calendar")),
)


# The keys of the list; static/js/shortcuts.js gives them their meaning.
SHORTCUTS = (
    ("?", gettext_lazy("Show this list")),
    ("Esc", gettext_lazy("Close this list")),
    ("j", gettext_lazy("Next row of a table")),
    ("k", gettext_lazy("Previous row of a table")),
    ("Enter", gettext_lazy("Open the row that has the focus")),
    ("f", gettext_lazy("Open the filter of a list, and go to its first field")),
    ("n", gettext_lazy("Next page of a list, next State, next month")),
    ("p", gettext_lazy("Previous page of a list, previous State, previous month")),
    ("/", gettext_lazy("Search")),
)


@cache
def addresses_of_shortcuts() -> str:
    """The address for each second key after "g", for the script."""
    return json.dumps({key: reverse(name) for key, name, _label in GO_TO})
