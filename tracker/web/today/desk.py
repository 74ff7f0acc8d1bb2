"""The desk that a page shows: the user's own, another's, or every desk."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from tracker.registry.models import State
from tracker.web.ui.filters import EVERY_DESK, desks, followed_by, has_desk


@dataclass(frozen=True)
class ShownDesk:
    """The States that a page is about.

    Attributes:
        username: whose desk it is, or `EVERY_DESK`.
        name: of that person.
        own: whether the user follows any State.
    """

    username: str
    name: str
    own: bool

    @property
    def every(self) -> bool:
        """Whether all States are shown."""
        return self.username == EVERY_DESK

    @property
    def in_links(self) -> str:
        """The value for the filter of a list; without it a list would start with the user's own desk."""
        return "" if self.every and not self.own else self.username

    @property
    def states(self) -> QuerySet[State]:
        """The States of the desk."""
        return State.objects.all() if self.every else State.objects.filter(followed_by(self.username))


def desk_of(request: HttpRequest) -> ShownDesk:
    """The desk of a page: the one in the address, else the user's own, else every desk."""
    username, known, own = request.GET.get("desk", ""), dict(desks(request)), has_desk(request)
    if username and username not in known and username != EVERY_DESK:
        messages.error(request, _("“%(who)s” has no desk; every desk is shown.") % {"who": username})
        username = EVERY_DESK
    username = username or (request.user.get_username() if own else EVERY_DESK)
    return ShownDesk(username, known.get(username, ""), own)
