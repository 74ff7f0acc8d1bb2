"""The security log: who signed in or could not, and who changed what anybody may do.

No password, no code and no session is in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db.models.signals import m2m_changed, post_save, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext_noop
from simple_history.models import HistoricalRecords

from tracker.registry.stored import StoredText
from tracker.web.accounts.throttling import address_of
from tracker.web.models import SecurityEvent

ASKED_BY = StoredText(gettext_noop("%(roles)s; asked by %(who)s"))
User: Any = get_user_model()
Kind = SecurityEvent.Kind
GIVEN, TAKEN = 0, 1
ROLES = (Kind.ROLE_GIVEN, Kind.ROLE_TAKEN)
RIGHTS = (Kind.RIGHT_GIVEN, Kind.RIGHT_TAKEN)


def record(
    kind: Kind, *, request: Any = None, who: str | None = None, whom: str = "", detail: str = ""
) -> None:
    """Adds one line.

    Args:
        request: the request that caused it; by default the current one, if any.
        who: the user name of the person who acted; by default the user of the request, "" for a command.
        whom: the account or role concerned, if it is another one.
        detail: names of roles or permissions.
    """
    asked = request or getattr(HistoricalRecords.context, "request", None)
    if who is None:
        user = getattr(asked, "user", None)
        who = user.get_username() if user is not None and user.is_authenticated else ""
    SecurityEvent.objects.create(
        kind=kind,
        who=who[: SecurityEvent.LONGEST_NAME],
        whom="" if whom == who else whom[: SecurityEvent.LONGEST_NAME],
        address=address_of(asked) if asked is not None else None,
        detail=detail[: SecurityEvent.LONGEST_DETAIL],
    )


# --- signing in and out ---------------------------------------------------------------------------


@receiver(user_login_failed)
def failed(sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
    """Records a wrong password, but none sent while the account is locked: those would only fill the log."""
    if request is not None and not getattr(request, "axes_locked_out", False):
        record(Kind.FAILED, request=request, who=_known(credentials.get("username")))


@receiver(user_locked_out)
def locked(sender: Any, request: Any, username: str | None, **kwargs: Any) -> None:
    """Records the failed attempt that locked the account, and none after it."""
    if request.axes_failures_since_start is not None:
        record(Kind.LOCKED_OUT, request=request, who=_known(username))


@receiver(user_logged_out)
def left(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Records that a person signed out."""
    if user is not None:
        record(Kind.SIGNED_OUT, request=request, who=user.get_username())


def _known(username: Any) -> str:
    """The user name if an account has it: people sometimes type their password into that field."""
    return str(username) if username and User.objects.filter(username=username).exists() else ""


# --- what an account may do -----------------------------------------------------------------------


@receiver(pre_save, sender=User)
def remember(sender: Any, instance: Any, update_fields: Any = None, **kwargs: Any) -> None:
    """Remembers the stored account, to compare it after saving."""
    watched = {"is_active", "is_superuser", "password"}
    instance.stood = None
    if instance.pk and (update_fields is None or watched & set(update_fields)):
        instance.stood = (
            User.objects.filter(pk=instance.pk).values("is_active", "is_superuser", "password").first()
        )


@receiver(post_save, sender=User)
def compare(sender: Any, instance: Any, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Records a new account, its activation or deactivation, a new password, and superuser status."""
    before, whom = instance.stood, instance.get_username()
    if created:
        record(Kind.ACCOUNT_MADE, whom=whom)
        before = {"is_active": instance.is_active, "is_superuser": False, "password": instance.password}
    if not before:
        return
    if before["is_active"] != instance.is_active:
        record(Kind.ACCOUNT_ON if instance.is_active else Kind.ACCOUNT_OFF, whom=whom)
    if before["is_superuser"] != instance.is_superuser:
        record(Kind.SUPERUSER_MADE if instance.is_superuser else Kind.SUPERUSER_ENDED, whom=whom)
    # Rehashing the same password sets no `_password`.
    if before["password"] != instance.password and instance._password is not None:
        record(Kind.PASSWORD_CHANGED, whom=whom)


@receiver(m2m_changed, sender=User.groups.through)
def roles_changed(sender: Any, instance: Any, action: str, pk_set: Any, **kwargs: Any) -> None:
    """Records roles given to people or removed from them."""
    if (which := _change(action)) is None:
        return
    if isinstance(instance, Group):
        people = _chosen(User, instance.user_set, pk_set).values_list("username", flat=True)
        for username in people:
            record(ROLES[which], whom=username, detail=instance.name)
    elif roles := _listed(_chosen(Group, instance.groups, pk_set).values_list("name", flat=True)):
        asked_by = getattr(instance, "asked_by", "")  # the first of two Administrators
        detail = ASKED_BY(roles=roles, who=asked_by) if asked_by else roles
        record(ROLES[which], whom=instance.get_username(), detail=detail)


@receiver(m2m_changed, sender=User.user_permissions.through)
@receiver(m2m_changed, sender=Group.permissions.through)
def rights_changed(sender: Any, instance: Any, action: str, pk_set: Any, **kwargs: Any) -> None:
    """Records permissions given to a role or a person, or removed; one line for each role or person."""
    which = _change(action)
    if which is None or isinstance(instance, Permission):
        return
    own = instance.permissions if isinstance(instance, Group) else instance.user_permissions
    names = _chosen(Permission, own, pk_set).values_list("codename", flat=True)
    if rights := _listed(names):
        whom = instance.name if isinstance(instance, Group) else instance.get_username()
        record(RIGHTS[which], whom=whom, detail=rights)


def _change(action: str) -> int | None:
    return {"post_add": GIVEN, "post_remove": TAKEN, "pre_clear": TAKEN}.get(action)


def _chosen(model: Any, own: Any, pk_set: Any) -> Any:
    """The rows that were added or removed; all of them when the relation is cleared."""
    return own.all() if pk_set is None else model.objects.filter(pk__in=pk_set)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
