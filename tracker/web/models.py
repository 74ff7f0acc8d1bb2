"""What belongs to one user: saved views, States to follow, visits, the API token, the organisation's account; and the
security log.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from tracker.registry.models import Region, State
from tracker.reminders.models import digest_of
from tracker.rules.dates import CLOCKS_DIFFER


class SavedView(models.Model):
    """A saved view of a list: its filters, order, columns and as-of day, stored as the query of its address.

    A view without a name is the owner's default for the list. It holds only columns and rows per page, so that it
    never hides a row.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("owner")
    )
    # Part of the link; it cannot be guessed.
    key = models.UUIDField(_("key"), default=uuid.uuid4, unique=True, editable=False)
    page = models.CharField(_("list"), max_length=40)  # the name of the list's address
    name = models.CharField(_("name"), max_length=80, blank=True)
    query = models.CharField(_("query"), max_length=2000, blank=True)
    shared = models.BooleanField(_("others may open it with its link"), default=False)
    on_today = models.BooleanField(_("show on Today"), default=False, db_default=False)

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
        """The link to share."""
        return reverse("saved-view", args=[self.key])

    def address(self) -> str:
        """The address of the list as it was saved."""
        where = reverse(self.page)
        return f"{where}?{self.query}" if self.query else where

    def values(self, name: str) -> list[Any]:
        """The values of a parameter in the saved query."""
        from django.http import QueryDict

        return QueryDict(self.query).getlist(name)


class Following(models.Model):
    """A regional group or a State that a user has chosen to follow, beside those that administrators assign.

    It decides only what the user sees first. Desk officers, mail and permissions do not depend on it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="following", verbose_name=_("user")
    )
    region = models.CharField(_("regional group"), max_length=6, choices=Region, blank=True)
    state = models.ForeignKey(
        State, models.CASCADE, null=True, related_name="followers", verbose_name=_("State")
    )

    class Meta:
        verbose_name = _("choice of what to follow")
        verbose_name_plural = _("choices of what to follow")
        default_permissions = ()  # users choose for themselves
        constraints = [
            models.CheckConstraint(
                condition=Q(region="", state__isnull=False) | (~Q(region="") & Q(state=None)),
                name="follows_a_region_or_a_state",
            ),
            models.UniqueConstraint(
                fields=("user", "region"), condition=Q(state=None), name="follows_a_region_once"
            ),
            models.UniqueConstraint(fields=("user", "state"), name="follows_a_state_once"),
        ]

    def __str__(self) -> str:
        return self.get_region_display() if self.region else str(self.state)


class Visit(models.Model):
    """The last time that a user was here, and the end of the visit before.

    Attributes:
        ABSENCE: a user who was away for so long begins a new visit; a shorter break belongs to the same one.
    """

    ABSENCE = timedelta(hours=4)

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="visit",
        verbose_name=_("user"),
    )
    seen_at = models.DateTimeField(_("last here"))
    before = models.DateTimeField(_("end of the visit before"), null=True)

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        default_permissions = ()  # it follows from the requests

    def __str__(self) -> str:
        return str(self.user)

    @classmethod
    def note(cls, user_id: Any, now: datetime) -> None:
        """Records that a user is here; after an absence a new visit begins."""
        away = When(seen_at__lte=now - cls.ABSENCE, then=F("seen_at"))
        # A clock that was ahead must not hide what happens until its day has come.
        ahead = When(before__gt=now, then=None)
        if not cls.objects.filter(user=user_id).update(
            before=Case(away, ahead, default=F("before")), seen_at=now
        ):
            Visit.objects.bulk_create([Visit(user_id=user_id, seen_at=now)], ignore_conflicts=True)


class ApiToken(models.Model):
    """The token with which a user's programs read the API: one for each user, stored as a digest.

    The requests are counted in the database, so that all processes share one count.
    """

    # Lets scanners for leaked secrets recognise a token.
    PREFIX = "a12_"

    class Scope(models.TextChoices):
        """What the token may read."""

        READ = "read", _("everything in the API")
        FIGURES = "figures", _("only the figures of a day")

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
        """Creates a user's token and replaces an earlier one; the token cannot be read again."""
        secret, now = cls.PREFIX + secrets.token_urlsafe(32), timezone.now()
        values = {"digest": digest_of(secret), "scope": scope, "renewed_at": now, "minute": None, "asked": 0}
        cls.objects.update_or_create(user=user, defaults=values, create_defaults=values | {"created_at": now})
        return secret

    @classmethod
    def known(cls, secret: str) -> ApiToken | None:
        """The token and its user, or None; the database compares digests, as for CalendarToken."""
        return cls.objects.select_related("user").filter(digest=digest_of(secret)).first()

    def count(self, most: int, now: datetime) -> int | None:
        """Counts a request, with one conditional UPDATE so that concurrent requests are all counted.

        Args:
            most: requests allowed in a calendar minute.

        Returns:
            The requests left in this minute, or None if this one is too many.
        """
        minute = now.replace(second=0, microsecond=0)
        mine = ApiToken.objects.filter(pk=self.pk)
        # A machine whose clock is behind counts in the minute of the other, unless that one is hours ahead.
        ahead = minute + CLOCKS_DIFFER
        if self.minute is None or self.minute < minute or self.minute > ahead:
            first = mine.filter(Q(minute=None) | Q(minute__lt=minute) | Q(minute__gt=ahead))
            if first.update(minute=minute, asked=1):
                return most - 1
        elif self.asked >= most:
            return None
        if mine.filter(asked__lt=most).update(asked=F("asked") + 1):
            return max(most - self.asked - 1, 0)
        return None


class ElsewhereAccount(models.Model):
    """A user's account with the organisation's sign-in, identified by its permanent subject, never by e-mail."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="elsewhere", verbose_name=_("user")
    )
    issuer = models.CharField(_("issuer"), max_length=255)
    subject = models.CharField(
        pgettext_lazy("of an account", "subject"),
        max_length=255,
        help_text=_(
            "The “sub” by which the organisation’s sign-in identifies the person; see the security log."
        ),
    )
    linked_at = models.DateTimeField(_("linked at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("organisation’s account")
        verbose_name_plural = _("organisation’s accounts")
        default_permissions = ()  # it is changed with the user
        constraints = [
            models.UniqueConstraint(fields=("issuer", "subject"), name="one_person_of_a_subject"),
            models.UniqueConstraint(fields=("user", "issuer"), name="one_subject_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.subject


class SecurityEvent(models.Model):
    """An entry of the security log. It stores the names of users and roles, so that it never changes."""

    LONGEST_NAME, LONGEST_DETAIL = 150, 300

    class Kind(models.TextChoices):
        """What happened."""

        SIGNED_IN = "signed_in", _("signed in")
        ASKED = "asked", _("password correct, code requested")
        FAILED = "failed", _("wrong user name or password")
        LOCKED_OUT = "locked_out", _("locked out")
        CODE_FAILED = "code_failed", _("wrong code")
        RECOVERY_USED = "recovery_used", _("recovery code used")
        SIGNED_OUT = "signed_out", _("signed out")
        SESSION_ENDED = "session_ended", _("session expired")
        UNLOCKED = "unlocked", _("unlocked")
        FACTOR_ON = "factor_on", _("second factor set up")
        FACTOR_OFF = "factor_off", _("second factor turned off")
        FACTOR_REMOVED = "factor_removed", _("second factor removed")
        CODES_RENEWED = "codes_renewed", _("new recovery codes created")
        ROLE_GIVEN = "role_given", _("role added")
        ROLE_TAKEN = "role_taken", _("role removed")
        RIGHT_GIVEN = "right_given", _("permission added")
        RIGHT_TAKEN = "right_taken", _("permission removed")
        ACCOUNT_MADE = "account_made", _("account created")
        ACCOUNT_ON = "account_on", _("account activated")
        ACCOUNT_OFF = "account_off", _("account deactivated")
        SUPERUSER_MADE = "superuser_made", _("made a superuser")
        SUPERUSER_ENDED = "superuser_ended", _("no longer a superuser")
        PASSWORD_CHANGED = "password_changed", _("password changed")
        ELSEWHERE = "elsewhere", _("organisation’s account recognised")
        ELSEWHERE_REFUSED = "elsewhere_refused", _("organisation’s account refused")
        LINKED = "linked", _("organisation’s account linked")
        UNLINKED = "unlinked", _("organisation’s account unlinked")

    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    kind = models.CharField(_("event"), max_length=20, choices=Kind)
    who = models.CharField(_("user"), max_length=LONGEST_NAME, blank=True)
    whom = models.CharField(_("account or role"), max_length=LONGEST_NAME, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    detail = models.CharField(_("detail"), max_length=LONGEST_DETAIL, blank=True)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security log")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)  # read only

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.who or self.whom}"
