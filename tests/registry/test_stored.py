"""Texts of the program that are stored with a record: in English, and shown in the language of the reader."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from unittest.mock import patch

import pytest
from django.utils.translation import override

from tracker.registry import stored
from tracker.reminders import clock, outbox, plan, restored
from tracker.reminders.models import OutboxAct, Reminder
from tracker.web.people.fields import DESK_OF

FRENCH = {
    "the report has been received": "le rapport a été reçu",
    "Desk of %(who)s": "Dossier de %(who)s",
    "cancelled: %(reason)s": "annulé : %(reason)s",
    "restored from a backup of %(day)s, %(time)s UTC; may already have been sent; %(reason)s": (
        "restauré (%(day)s, %(time)s TU) ; %(reason)s"
    ),
    "on the day": "le jour même",
}


@pytest.fixture
def french() -> Iterator[None]:
    with (
        override("fr"),
        patch.object(stored, "_translated", stored._translated.__wrapped__),  # without its cache
        patch.object(stored, "in_words", "{:%d.%m.%Y}".format),
        patch.object(stored, "moment", "{:%d.%m.%Y %H h %M}".format),
        patch.object(stored, "gettext", lambda text: FRENCH.get(text, text)),
        patch("tracker.reminders.models.ledger.gettext", lambda text: FRENCH.get(text, text)),
        patch("tracker.reminders.models.ledger.ngettext", lambda one, many, n: one if n == 1 else many),
    ):
        yield


def test_what_is_stored_is_english_whoever_acts(french: None) -> None:
    assert plan.RECEIVED() == "the report has been received"
    assert DESK_OF(who="amara") == "Desk of amara"


def test_an_english_reader_sees_what_is_stored() -> None:
    with override("en"):
        assert stored.translated("Desk of amara") == "Desk of amara"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (plan.RECEIVED(), "le rapport a été reçu"),
        (DESK_OF(who="amara"), "Dossier de amara"),
        (outbox.OUTCOMES[OutboxAct.What.CANCEL](reason="the mission moved"), "annulé : the mission moved"),
        # A stored text inside another one.
        (
            restored.RESTORED_WITH(day=date(2026, 11, 22), time="09:00", reason=plan.RECEIVED()),
            "restauré (22.11.2026, 09:00 TU) ; le rapport a été reçu",
        ),
        # What a person typed, and a wording that the program no longer knows.
        ("The mission called; see the note.", "The mission called; see the note."),
        ("", ""),
        (None, ""),
    ],
)
def test_a_reader_of_another_language_sees_the_text_in_it(french: None, text: str | None, shown: str) -> None:
    assert stored.translated(text) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("on the day", "le jour même"),
        ("6 months before", "6 months before"),
        ("1 year +10 days after", "1 year +10 days after"),
        ("3 weeks before", "3 weeks before"),  # no stage of ours
    ],
)
def test_the_stage_of_an_old_reminder_can_still_be_read(french: None, words: str, shown: str) -> None:
    assert Reminder(stage_words=words).stage == shown


IN_DOUBT = clock.IN_DOUBT(at=datetime(2026, 11, 22, 9, tzinfo=UTC))


def test_a_moment_is_stored_in_english_and_shown_as_the_language_writes_it(french: None) -> None:
    assert IN_DOUBT == (
        "planned while the clock was in doubt, by the scan of 22 November 2026, 09:00 UTC or later"
    )
    assert stored.translated(IN_DOUBT) == (
        "planned while the clock was in doubt, by the scan of 22.11.2026 09 h 00 or later"
    )
