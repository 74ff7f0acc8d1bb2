"""Whether a second person has to confirm a date stated by the Committee, and who that may be (FOUR_EYES)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tracker.obligations.models import CommitteeDate

CONFIRM = "obligations.confirm_committeedate"


def four_eyes(by: Any) -> bool:
    """Whether a second person must confirm; commands (None) act at once."""
    return settings.FOUR_EYES and by is not None


def check_second_person(fact: CommitteeDate, by: Any) -> None:
    """Checks that a person may confirm or withdraw a date.

    Raises:
        ValidationError: the person is no approver, or entered the date.
    """
    if not by.has_perm(CONFIRM):
        raise ValidationError(
            _("Only an approver can confirm or withdraw a date stated by the Committee. Ask an approver.")
        )
    if fact.entered_by_id == by.pk:
        raise ValidationError(_("You entered this date. Someone else must confirm or withdraw it."))
