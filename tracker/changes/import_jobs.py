"""Checks an uploaded file, stores a preview of its effects, and saves all of it or nothing.

Only this module moves an Import from state to state. A step is claimed by one conditional UPDATE, so that
two people, or a task that is delivered twice, do not do it twice. Progress is committed while rows are
read; the rows are written in one short transaction at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop, ngettext
from kombu.exceptions import OperationalError

from tracker.broker import broker_answers
from tracker.celery import app
from tracker.changes.door import carry_out, preview
from tracker.changes.effects import Effects, names_of
from tracker.languages.known import current, speaking
from tracker.languages.writing import with_semicolons
from tracker.obligations.imports.check import CheckedFile, RecordsChanged, check, is_longer, kinds_of, save
from tracker.obligations.imports.layout import ColumnsMissing
from tracker.obligations.imports.sheet import UnreadableFile
from tracker.obligations.models import Import, Obligation
from tracker.obligations.sync import Difference
from tracker.obligations.wording import in_a_row
from tracker.registry.stored import StoredText
from tracker.registry.un_names import StateOrder, shown_name
from tracker.rules.status import Status

AT_ONCE = 500  # rows that are checked while the person waits
# A task that has given no sign of life for so long has died with its process.
PATIENCE = timedelta(minutes=2)
MOST_OF_A_NAME = 200
TRIES = 3  # of saving, while others keep recording facts

log = logging.getLogger(__name__)
NOT_PROCESSED = StoredText(
    gettext_noop(
        "The server could not process this file; nothing was saved. Check it again, or ask the operator."
    )
)


def upload(table: str, file_name: str, content: bytes, by: Any) -> Import:
    """Stores an uploaded file and has it checked."""
    name = "".join(letter for letter in file_name if letter.isprintable())[-MOST_OF_A_NAME:]
    row = Import.objects.create(
        table=table, file_name=name, content=content, uploaded_by=by, language=current().code
    )
    look_at(row)
    return row


def look_at(row: Import) -> None:
    """Has a waiting file checked: at once if it is short, else by a worker."""
    _do("check_file", check_waiting, row)


def check_again(row: Import) -> bool:
    """Has a file checked again, unless it is being processed or saved; returns whether it will be."""
    idle = Q(state__in=(Import.State.CHECKED, Import.State.REFUSED, Import.State.STALE, Import.State.FAILED))
    if not _wait(row.pk, idle | _stopped()):
        return False
    look_at(row)
    return True


def answer(row: Import, chosen: dict[str, str], layout: dict[str, Any]) -> bool:
    """Stores what a person says about a file, and has it checked again; returns whether it will be.

    Args:
        chosen: alpha-3 of the States meant by unknown spellings.
        layout: the answers about the list that are new (`imports.layout.lay_out`); None takes an answer back.
    """
    idle = Q(state__in=(Import.State.REFUSED, Import.State.STALE, Import.State.CHECKED))
    answers = {name: value for name, value in {**(row.layout or {}), **layout}.items() if value is not None}
    if not _wait(row.pk, idle, chosen={**row.chosen, **chosen}, layout=answers):
        return False
    row.refresh_from_db(fields=("layout", "chosen"))
    look_at(row)
    return True


def read_as(row: Import, table: str) -> bool:
    """Has a refused file checked again as rows of another kind, without the answers; returns whether it will be."""
    refused = Q(state=Import.State.REFUSED)
    if not _wait(row.pk, refused, table=table, chosen={}, layout={}):
        return False
    row.refresh_from_db(fields=("table", "layout", "chosen"))
    look_at(row)
    return True


def begin_saving(row: Import, by: Any, seen: str) -> bool:
    """Has a checked file saved: at once if it is short, else by a worker; returns whether it will be.

    Args:
        seen: the fingerprint of the preview that the person saw; another preview is not saved.
    """
    ready = Q(state__in=Import.READY, about__fingerprint=seen)
    if not _move(row.pk, Import.State.SAVING, ready, saved_by=by):
        return False
    _do("save_file", save_checked, row)
    return True


def is_stopped(row: Import) -> bool:
    """Whether the process that worked on a file must have died."""
    # Also under a clock that was ahead, or it would wait for that day.
    return row.state in Import.AT_WORK and abs(row.touched_at - timezone.now()) > PATIENCE


def _stopped() -> Q:
    now = timezone.now()
    return Q(state__in=Import.AT_WORK) & ~Q(touched_at__range=(now - PATIENCE, now + PATIENCE))


def _do(task: str, work: Callable[[int], None], row: Import) -> None:
    """Gives work to a worker or, where the file is short or no broker answers, does it here."""
    if is_longer(row.table, row.file_name, bytes(row.content), AT_ONCE) and broker_answers():
        try:
            # By name, and by our own application: the threads of a web server know no other one.
            app.send_task(f"tracker.web.tasks.{task}", (row.pk,), retry=False)
        except OperationalError:
            log.warning("import %d: no broker answers, so it is done in the request", row.pk)
        else:
            return
    work(row.pk)


def _move(pk: int, state: str, allowed: Q, **more: Any) -> bool:
    """Moves a file to a state if it is in one of those allowed; returns whether it did."""
    values = {"state": state, "touched_at": timezone.now(), "rows_done": 0, "error": "", **more}
    return bool(Import.objects.filter(allowed, pk=pk).update(**values))


def _wait(pk: int, allowed: Q, **more: Any) -> bool:
    """Has a file wait for a check in the language of the person who asks for it; returns whether it does."""
    return _move(pk, Import.State.WAITING, allowed, language=current().code, **more)


# --- checking --------------------------------------------------------------------------------------


def check_waiting(pk: int) -> None:
    """Checks a file that waits; does nothing for one that does not wait, or a second time."""
    waiting = Q(state=Import.State.WAITING) | Q(_stopped(), state=Import.State.CHECKING)
    if _move(pk, Import.State.CHECKING, waiting):
        row = Import.objects.select_related("uploaded_by").get(pk=pk)
        with _marked_if_it_fails(row), speaking(row.language):
            _look(row, row.uploaded_by, Import.State.CHECKED)


def _look(row: Import, by: Any, state: str) -> None:
    """Checks a file and stores its preview.

    Raises:
        RecordsChanged: facts are being recorded faster than they can be checked.
    """
    for left in range(TRIES, 0, -1):
        checked = _checked(row, by)
        try:
            _keep(row, checked, state)
        except RecordsChanged:
            if left == 1:
                raise
        else:
            return


def compare_again(row: Import, by: Any) -> CheckedFile | UnreadableFile:
    """Compares a file with what is recorded now, and keeps nothing of it."""
    return _checked(row, by)


def _checked(row: Import, by: Any) -> CheckedFile | UnreadableFile:
    def progress(done: int, total: int) -> None:
        Import.objects.filter(pk=row.pk).update(rows_done=done, rows_total=total, touched_at=timezone.now())

    try:
        return check(
            row.table,
            row.file_name,
            bytes(row.content),
            today=timezone.localdate(),
            chosen=row.chosen,
            by=by,
            progress=progress,
            answers=row.layout or {},
            remembered=lambda marks: _remembered(row, marks),
        )
    except UnreadableFile as error:
        return error


def _remembered(row: Import, marks: list[str]) -> dict[str, dict[str, Any]]:
    """How the person's earlier files with these headings were read, the last one counting, by mark."""
    if row.uploaded_by_id is None:
        return {}  # the account was deleted; other deleted accounts are other people
    earlier = Import.objects.filter(
        uploaded_by=row.uploaded_by_id, table=row.table, pk__lt=row.pk, layout__read__headings__in=marks
    )
    return {read["headings"]: read for read in earlier.order_by("pk").values_list("layout__read", flat=True)}


def _keep(row: Import, checked: CheckedFile | UnreadableFile, state: str) -> None:
    """Stores the result of a check, unless somebody else has moved the file on meanwhile."""
    values: dict[str, Any]
    if isinstance(checked, UnreadableFile):
        problems = "\n".join(str(problem) for problem in checked.problems)
        about = {}
        if isinstance(checked, ColumnsMissing):
            kinds = kinds_of(row.table, row.file_name, bytes(row.content))
            about = {"reading": asdict(checked.reading), "kinds": kinds}
        values = {
            "state": Import.State.REFUSED,
            "error": problems,
            "counts": {},
            "about": about,
            "preview": [],
        }
    else:
        reading = checked.reading
        assert reading is not None  # noqa: S101 - only load_registry checks a file without one
        has_effects = checked.changes_something and not checked.is_refused
        values = {
            "state": Import.State.REFUSED if checked.is_refused else state,
            "counts": {**checked.counts, "left_out": len(reading.left_out)},
            "preview": checked.stored(),
            "rows_done": len(checked.rows),
            "rows_total": len(checked.rows),
            "about": {
                "columns": checked.columns,
                "note": checked.note,
                "understood": checked.understood,
                "unknown": checked.unknown,
                "fingerprint": checked.fingerprint,
                "told": _preview(row, checked) if has_effects else [],
                "reading": asdict(reading),
            },
            "layout": {
                **(row.layout or {}),
                "read": {
                    "headings": reading.headings,
                    "columns": reading.chosen,
                    "states": {**reading.states, **row.chosen},
                },
            },
        }
    mine = Import.objects.filter(pk=row.pk, state=row.state)
    mine.update(touched_at=timezone.now(), **values)


# --- effects --------------------------------------------------------------------------------------


def _carry_out(row: Import, checked: CheckedFile, by: Any) -> Effects:
    """Saves the rows of a file; `save` checks the desks."""
    today = timezone.localdate()

    def act() -> list[Difference] | None:
        difference = save(checked, by=by, reason=str(row)[-100:], today=today)
        return None if difference is None else [difference]

    def overdue() -> dict[int, str]:
        rows = Obligation.objects.as_of(today).filter(status=Status.OVERDUE, state__in=checked.states)
        names = rows.order_by(StateOrder("state"), "pk").values_list("pk", "state_id", "state__name")
        return {pk: shown_name(iso3, name) for pk, iso3, name in names}

    before = overdue()
    effects = carry_out(act, checked.states)
    return replace(effects, notes=_becoming_overdue([n for pk, n in overdue().items() if pk not in before]))


def _preview(row: Import, checked: CheckedFile) -> list[str]:
    """The effects of a file, in sentences, before it is saved."""
    effects = preview(lambda: _carry_out(row, checked, row.uploaded_by))
    return sentences(effects, len(checked.states))


def _becoming_overdue(states: list[str]) -> list[str]:
    """The sentence that names the States whose reports become overdue, one name for each report."""
    if not states:
        return []
    said = ngettext(
        "%(n)d report becomes overdue: %(states)s.",
        "%(n)d reports become overdue: %(states)s.",
        len(states),
    )
    return [said % {"n": len(states), "states": with_semicolons(dict.fromkeys(states))}]


def sentences(effects: Effects, states: int) -> list[str]:
    """The effects of a file: date by date for one State, counted for several."""
    obligations = (
        effects.obligations
        if states == 1
        else [one for difference in effects.differences for one in _counted(difference)]
    )
    return [*obligations, *effects.notes, *effects.reminders]


def _counted(difference: Difference) -> list[str]:
    new = [row for row in difference.missing if row.ceases_on is None]
    arising = [row for row in new if row.answered_on is None]
    due = [change.obligation for change in difference.changed if "due_on" in change.before]
    answered = [
        *(row for row in new if row.answered_on is not None),
        *(
            change.obligation
            for change in difference.changed
            if "answered_on" in change.before and change.obligation.answered_on is not None
        ),
    ]
    gone = list(difference.obsolete)
    counts = (
        (
            arising,
            ngettext("%(n)d new obligation: %(states)s.", "%(n)d new obligations: %(states)s.", len(arising)),
        ),
        (
            due,
            ngettext("%(n)d due date changes: %(states)s.", "%(n)d due dates change: %(states)s.", len(due)),
        ),
        (
            answered,
            ngettext(
                "%(n)d obligation is answered: %(states)s.",
                "%(n)d obligations are answered: %(states)s.",
                len(answered),
            ),
        ),
        (
            gone,
            ngettext(
                "%(n)d obligation is no longer expected: %(states)s.",
                "%(n)d obligations are no longer expected: %(states)s.",
                len(gone),
            ),
        ),
    )
    names = names_of(row.state_id for rows, _sentence in counts for row in rows)

    def whose(rows: Sequence[Obligation]) -> str:
        states = {row.state_id for row in rows}
        return in_a_row(name for state, name in names.items() if state in states)

    return [sentence % {"n": len(rows), "states": whose(rows)} for rows, sentence in counts if rows]


# --- saving ----------------------------------------------------------------------------------------


def save_checked(pk: int) -> None:
    """Saves a file that somebody has confirmed; if the preview is out of date, makes a new one instead."""
    row = Import.objects.select_related("saved_by", "uploaded_by").get(pk=pk)
    if row.state != Import.State.SAVING:
        return
    with _marked_if_it_fails(row), speaking(row.language):
        for _try in range(TRIES):
            checked = _checked(row, row.saved_by)
            if isinstance(checked, UnreadableFile) or checked.fingerprint != row.about["fingerprint"]:
                break
            try:
                _save(row, checked)
            except RecordsChanged:
                continue
            return
        _look(row, row.saved_by, Import.State.STALE)


def _save(row: Import, checked: CheckedFile) -> None:
    with transaction.atomic():
        mine = Import.objects.select_for_update().filter(pk=row.pk, state=Import.State.SAVING)
        if row.saved_by is None or not mine.exists():
            raise RuntimeError(
                "another worker has taken the file, or the account that confirmed it was deleted"
            )
        told = sentences(_carry_out(row, checked, row.saved_by), len(checked.states))
        if told != row.about["told"]:
            raise RecordsChanged  # the rows are those that were shown, their effects are not
        mine.update(state=Import.State.SAVED, saved_at=timezone.now())


@contextmanager
def _marked_if_it_fails(row: Import) -> Iterator[None]:
    """Marks a file as failed when processing raises, so that its page says so; the log says why."""
    try:
        yield
    except Exception:  # whatever it is, the person must not be left waiting
        log.exception("import %d failed", row.pk)
        _move(row.pk, Import.State.FAILED, Q(state__in=Import.AT_WORK), error=NOT_PROCESSED())
