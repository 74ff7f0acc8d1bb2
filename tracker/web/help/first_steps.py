"""The first steps on a new installation: which are done, which is next, and who can do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Exists
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.registry import limits
from tracker.registry.models import Contact, RegionDesk, State, Treaty, TreatyAction
from tracker.reminders.models import Reminder

COOKIE, DISMISSED = "guide", "dismissed"
# The steps for an Administrator; the others are for an editor.
OF_ADMINISTRATORS = ("registry.add_regiondesk", "reminders.change_reminderrule")


@dataclass(frozen=True)
class FirstStep:
    """One of the first steps.

    Attributes:
        title: the task.
        says: how to do it, and its purpose.
        done: whether the records show it as done.
        links: texts and addresses of the pages for it; none for a user without the permission.
        command: the alternative for the operator of the machine, if there is one.
        may: whether the user has the permission.
        asked: whom a user without the permission has to ask.
    """

    title: str
    says: str
    done: bool
    links: tuple[tuple[str, str], ...]
    command: str
    may: bool
    asked: str


def steps_for(user: Any) -> list[FirstStep]:
    """The first steps in order, with what is done according to the records; one query."""
    done = _done()
    return [
        _step(
            user,
            "registry.add_state",
            done["states"],
            _("Record the States"),
            _("Load the shipped data of 197 States, or enter the States one by one."),
            ((_("Enter a State"), reverse("admin:registry_state_add")),),
            command="manage.py load_registry",
        ),
        _step(
            user,
            "registry.add_treatyaction",
            done["actions"],
            _("Enter ratifications and accessions"),
            _("Every due date follows from them. The shipped data have them already."),
            (
                (_("Record an instrument deposited"), f"{reverse('record')}?what=record-deposit"),
                (_("Import a file"), reverse("imports")),
            ),
        ),
        _step(
            user,
            "registry.add_contact",
            done["contacts"],
            _("Enter contacts"),
            _("The people to remind in each State: a State, a name and an e-mail address are enough."),
            (
                (_("Add a contact"), reverse("admin:registry_contact_add")),
                (_("Import a file"), reverse("imports")),
            ),
        ),
        _step(
            user,
            "registry.add_regiondesk",
            done["desks"],
            _("Assign desks"),
            _(
                "Choose a desk officer for the States of each regional group; lists then start with the States "
                "of that desk."
            ),
            ((_("Desks of regions"), reverse("admin:registry_regiondesk_changelist")),),
        ),
        _step(
            user,
            "registry.change_state",
            done["records"],
            _("Take over the records"),
            _(
                "The shipped data end on a fixed day; reports that fell due later count as “no record” until "
                "your office confirms that it has every report received since."
            ),
            (
                (_("This office keeps the records from now on"), reverse("keep-records")),
                (_("Records to confirm"), reverse("to-confirm")),
            ),
        ),
        _step(
            user,
            "reminders.change_reminderrule",
            done["reminders"],
            _("Check when reminders are sent"),
            _(
                "Mail to States must be approved before it is sent; the first reminders are planned within the hour."
            )
            if settings.REMINDERS_APPROVAL == "required"
            else _(
                "Mail to States is sent without approval; the first reminders are planned within the hour."
            ),
            ((_("Reminder rules"), reverse("admin:reminders_reminderrule_changelist")),),
        ),
    ]


def guide(request: HttpRequest, *, empty: bool) -> dict[str, Any] | None:
    """The first steps for the first page; None if all are done, or the user has hidden them.

    Args:
        empty: no State is recorded, so the page has no other content.
    """
    if not empty and request.COOKIES.get(COOKIE) == DISMISSED:
        return None
    steps = steps_for(request.user)
    left = [one for one in steps if not one.done]
    if not left:
        return None
    return {
        "steps": steps,
        "next": left[0],
        "done": len(steps) - len(left),
        "of": len(steps),
        "may_nothing": not any(one.may for one in steps),
    }


def _done() -> dict[str, bool]:
    """The steps that are done according to the records; the treaties are created by the first migration."""
    found = {
        "states": State.objects.all(),
        "actions": TreatyAction.objects.all(),
        "contacts": Contact.objects.filter(active=True),
        "region_desks": RegionDesk.objects.all(),
        "own_desks": State.objects.filter(desk_officer__isnull=False),
        "reminders": Reminder.objects.all(),
        "records_that_end": State.objects.exclude(records_until=None),
    }
    asked = Treaty.objects.order_by().values(
        **{f"has_{name}": Exists(rows.order_by()) for name, rows in found.items()}
    )
    row = {name.removeprefix("has_"): bool(there) for name, there in asked[0].items()}
    return row | {
        "desks": row["region_desks"] or row["own_desks"],
        "records": row["states"] and not row["records_that_end"],
    }


def _step(
    user: Any,
    permission: str,
    done: bool,
    title: str,
    says: str,
    links: tuple[tuple[str, str], ...],
    command: str = "",
) -> FirstStep:
    # A new State is on no desk yet, so a user limited to a desk cannot add one.
    by_anybody = permission != "registry.add_state" or not limits.is_limited(user)
    may = user.has_perm(permission) and by_anybody
    administrator = permission in OF_ADMINISTRATORS or not by_anybody
    asked = _("Ask an Administrator.") if administrator else _("Ask an Editor.")
    return FirstStep(title, says, done, links if may else (), command, may, asked)
