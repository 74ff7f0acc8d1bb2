"""What a person keeps for herself: how a list begins, and views of it with a name."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """A list as somebody wants to see it again: its filters, order, columns and day, as they stand in the address.

    One without a name is how the list begins for its owner when the address says nothing else; it holds columns
    and rows per page alone, so that it never hides a row unseen.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    # The key in the link: it tells nothing, and cannot be guessed.
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    page = models.CharField(_("list"), max_length=40)  # the name of the list's address
    name = models.CharField(_("name"), max_length=80, blank=True)
    query = models.CharField(_("query"), max_length=2000, blank=True)
    shared = models.BooleanField(_("others may open it by its link"), default=False)

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("name", "pk")
        constraints = [
            models.UniqueConstraint(fields=("owner", "page", "name"), name="one_view_of_a_name"),
            models.CheckConstraint(
                condition=models.Q(shared=False) | ~models.Q(name=""), name="only_a_named_view_is_shared"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The link that can be handed on."""
        return reverse("saved-view", args=[self.key])

    def address(self) -> str:
        """The list as it was kept."""
        where = reverse(self.page)
        return f"{where}?{self.query}" if self.query else where

    def values(self, name: str) -> list[Any]:
        """The values of a name in the kept query."""
        from django.http import QueryDict

        return QueryDict(self.query).getlist(name)
