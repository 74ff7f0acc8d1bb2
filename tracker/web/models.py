"""What a person keeps for herself: how a list begins, views of it with a name, a token for her programs."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.reminders.models import digest_of


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


class ApiToken(models.Model):
    """By which a person's programs read the API: one for each user, kept as its digest, with how often it asked.

    The count is kept in the database, so that it is the same one however many processes answer.
    """

    # Known to programs that look for secrets in places where none belong.
    PREFIX = "a12_"

    class Scope(models.TextChoices):
        """What it opens."""

        READ = "read", _("all that the API tells")
        FIGURES = "figures", _("the figures of a day alone")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_token", verbose_name=_("user")
    )
    digest = models.CharField(_("digest of the token"), max_length=64, unique=True)
    scope = models.CharField(_("scope"), max_length=8, choices=Scope, default=Scope.READ)
    created_at = models.DateTimeField(_("created at"))
    renewed_at = models.DateTimeField(_("renewed at"))
    minute = models.DateTimeField(_("minute of the last request"), null=True)
    asked = models.PositiveIntegerField(_("requests in that minute"), default=0)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=("read", "figures")), name="api_token_scope_known"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def renew(cls, user: Any, scope: str) -> str:
        """Gives a user a new token, which replaces an earlier one; told here, and never again."""
        secret, now = cls.PREFIX + secrets.token_urlsafe(32), timezone.now()
        values = {"digest": digest_of(secret), "scope": scope, "renewed_at": now, "minute": None, "asked": 0}
        cls.objects.update_or_create(user=user, defaults=values, create_defaults=values | {"created_at": now})
        return secret

    @classmethod
    def known(cls, secret: str) -> ApiToken | None:
        """The token with its user, or None; as with CalendarToken, the database compares digests."""
        return cls.objects.select_related("user").filter(digest=digest_of(secret)).first()

    def count(self, most: int, now: datetime) -> int | None:
        """Counts a request.

        Two processes that ask at once are both counted: each says what it adds in one conditional UPDATE.

        Args:
            most: requests in a minute of the clock.

        Returns:
            How many more are left in this minute, or None if this one is already too many.
        """
        minute = now.replace(second=0, microsecond=0)
        mine = ApiToken.objects.filter(pk=self.pk)
        # A clock that is behind that of another machine counts on in the other's minute.
        if self.minute is None or self.minute < minute:
            first = mine.filter(Q(minute=None) | Q(minute__lt=minute))
            if first.update(minute=minute, asked=1):
                return most - 1
        elif self.asked >= most:
            return None
        if mine.filter(asked__lt=most).update(asked=F("asked") + 1):
            return max(most - self.asked - 1, 0)
        return None


class ElsewhereAccount(models.Model):
    """Somebody's account with the organisation's sign-in, by the name that stays: never by the e-mail address."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="elsewhere", verbose_name=_("user")
    )
    issuer = models.CharField(_("issuer"), max_length=255)
    subject = models.CharField(
        _("subject"),
        max_length=255,
        help_text=_("“sub”: by what the organisation’s sign-in names the person; the security log tells it."),
    )
    linked_at = models.DateTimeField(_("linked at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("organisation’s account")
        verbose_name_plural = _("organisation’s accounts")
        default_permissions = ()  # it belongs to the account, and is changed with it
        constraints = [
            models.UniqueConstraint(fields=("issuer", "subject"), name="one_person_of_a_subject"),
            models.UniqueConstraint(fields=("user", "issuer"), name="one_subject_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.subject


class SecurityEvent(models.Model):
    """One line of the security log. People and roles are kept by their names, so that a line stays what it was."""

    LONGEST_NAME, LONGEST_DETAIL = 150, 300

    class Kind(models.TextChoices):
        """What happened."""

        SIGNED_IN = "signed_in", _("signed in")
        ASKED = "asked", _("known so far, code asked for")
        FAILED = "failed", _("wrong user name or password")
        LOCKED_OUT = "locked_out", _("locked out")
        CODE_FAILED = "code_failed", _("wrong code")
        RECOVERY_USED = "recovery_used", _("recovery code used")
        SIGNED_OUT = "signed_out", _("signed out")
        SESSION_ENDED = "session_ended", _("session ended by its age")
        UNLOCKED = "unlocked", _("lock-out ended")
        FACTOR_ON = "factor_on", _("second factor set up")
        FACTOR_OFF = "factor_off", _("second factor switched off")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        CODES_RENEWED = "codes_renewed", _("new recovery codes made")
        ROLE_GIVEN = "role_given", _("role given")
        ROLE_TAKEN = "role_taken", _("role taken")
        RIGHT_GIVEN = "right_given", _("right given")
        RIGHT_TAKEN = "right_taken", _("right taken")
        ACCOUNT_MADE = "account_made", _("account made")
        ACCOUNT_ON = "account_on", _("account switched on")
        ACCOUNT_OFF = "account_off", _("account switched off")
        SUPERUSER_MADE = "superuser_made", _("made a superuser")
        SUPERUSER_ENDED = "superuser_ended", _("no longer a superuser")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        ELSEWHERE = "elsewhere", _("organisation’s account recognised")
        ELSEWHERE_REFUSED = "elsewhere_refused", _("organisation’s account refused")
        LINKED = "linked", _("organisation’s account linked")
        UNLINKED = "unlinked", _("organisation’s account unlinked")

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    kind = models.CharField(_("what"), max_length=20, choices=Kind)
    who = models.CharField(_("who"), max_length=LONGEST_NAME, blank=True)
    whom = models.CharField(_("to whom"), max_length=LONGEST_NAME, blank=True)
    address = models.GenericIPAddressField(_("from"), null=True, blank=True)
    detail = models.CharField(_("detail"), max_length=LONGEST_DETAIL, blank=True)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security log")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)  # nobody writes or corrects it

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.who or self.whom}"
