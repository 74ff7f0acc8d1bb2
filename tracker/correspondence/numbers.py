"""The numbers of the register: in each year from one, without a gap, under any number of processes.

After a restore none is given out until a person has entered the last number that was used: papers may have gone out
since the backup. What is skipped then stays recorded.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from itertools import product

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import Direction, Paper, RegisterYear
from tracker.languages.writing import moment


def locked_year(direction: str, day: date) -> RegisterYear:
    """The row that gives out the numbers of a year; other processes wait until this transaction ends.

    Raises:
        NotPossible: after a restore nobody has confirmed its last number yet.
    """
    RegisterYear.objects.get_or_create(direction=direction, year=day.year)
    year = RegisterYear.objects.select_for_update().get(direction=direction, year=day.year)
    _check(year)
    return year


def next_number(year: RegisterYear) -> int:
    """The next number of a locked year; if the transaction fails, it is given out again."""
    year.last += 1
    year.save(update_fields=["last"])
    return year.last


def reference_ahead(pattern: str, year: int) -> str:
    """A reference whose number is not drawn yet: OPSC/2026/…"""
    return pattern.replace("{year}", str(year)).replace("{number}", "…")


def reference_of(pattern: str, year: int, number: int) -> str:
    """A reference by the pattern of the letterhead: OPSC/2026/0042."""
    return pattern.replace("{year}", str(year)).replace("{number}", f"{number:04}")


def taken(pattern: str, direction: str) -> str:
    """A reference of the register that a pattern would give to another paper one day; empty if there is none."""
    alike = re.escape(pattern).replace(r"\{year\}", "[0-9]{4}").replace(r"\{number\}", "[0-9]{4,}")
    for paper in Paper.objects.filter(reference__regex=f"^{alike}$").defer("content"):
        if paper.direction != direction or paper.reference != reference_of(pattern, paper.year, paper.number):
            return paper.reference
    return ""


# --- after a restore ------------------------------------------------------------------------------------


def check(direction: str, day: date) -> None:
    """Raises an error if no numbers of a year are given out.

    Raises:
        NotPossible: see `locked_year`.
    """
    if year := RegisterYear.objects.filter(direction=direction, year=day.year).first():
        _check(year)


def is_held(direction: str, day: date) -> bool:
    """Whether no numbers of a year are given out, because nobody has confirmed its last one after a restore."""
    held = RegisterYear.objects.filter(direction=direction, year=day.year, restored_from__isnull=False)
    return held.exists()


def _check(year: RegisterYear) -> None:
    if year.restored_from is not None:
        raise NotPossible(
            _(
                "Papers may have gone out or come in after the backup of %(moment)s, so no number is given out. An "
                "approver has to enter the last number that was used, on the page Correspondence."
            )
            % {"moment": moment(year.restored_from)}
        )


def hold_restored(taken_at: datetime, today: date) -> None:
    """Gives out no numbers of the years since a backup until somebody has confirmed the last one.

    Args:
        taken_at: the time of the backup, in UTC.
    """
    years = range(timezone.localdate(taken_at).year, today.year + 1)
    for direction, year in product(Direction, years):
        RegisterYear.objects.update_or_create(
            direction=direction, year=year, defaults={"restored_from": taken_at}
        )


@transaction.atomic
def confirm_last(year: RegisterYear, last: int, *, by: str) -> bool:
    """Records the last number that was used, and gives out numbers again; False if somebody has done so already.

    Raises:
        NotPossible: the number is lower than one in the register.
    """
    now = RegisterYear.objects.select_for_update().get(pk=year.pk)
    if now.restored_from is None:
        return False
    if last < now.last:
        raise NotPossible(_("Enter %(number)d or a higher number.") % {"number": now.last})
    if last > now.last:
        skipped = {
            "first": now.last + 1,
            "last": last,
            "by": by,
            "at": timezone.now().isoformat(),
            "backup": now.restored_from.isoformat(),
        }
        now.skipped = [*now.skipped, skipped]
    now.last, now.restored_from = last, None
    now.save()
    return True
