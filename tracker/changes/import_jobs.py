"""What becomes of a file that was handed in: checked, shown with what would follow, saved as a whole.

The one place that moves an Import from state to state. A step is claimed by one conditional UPDATE, so that
two people, or a task that is delivered twice, do not do it twice. Progress is committed while rows are
read; what is written is one short transaction at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from kombu.exceptions import OperationalError

from tracker.broker import broker_answers
from tracker.celery import app
from tracker.changes.effects import Effects, carry_out
from tracker.obligations.imports.check import CheckedFile, RecordsChanged, check, is_longer, save
from tracker.obligations.imports.sheet import UnreadableFile
from tracker.obligations.models import Import, Obligation
from tracker.obligations.sync import Difference
from tracker.rules.status import Status

AT_ONCE = 500  # rows that are checked while the person waits
# A task that has given no sign of life for so long has died with its process.
PATIENCE = timedelta(minutes=2)
MOST_OF_A_NAME = 200
TRIES = 3  # of saving, while others keep recording facts

log = logging.getLogger(__name__)


def hand_in(table: str, file_name: str, content: bytes, by: Any) -> Import:
    """Keeps a file and has it checked."""
    name = "".join(letter for letter in file_name if letter.isprintable())[-MOST_OF_A_NAME:]
    row = Import.objects.create(table=table, file_name=name, content=content, uploaded_by=by)
    look_at(row)
    return row


def look_at(row: Import) -> None:
    """Has a waiting file checked: at once if it is short, else by a worker."""
    _do("check_file", check_waiting, row)


def check_again(row: Import) -> bool:
    """Has a file checked anew, unless it is at work or saved; says whether it will be."""
    idle = Q(state__in=(Import.State.CHECKED, Import.State.REFUSED, Import.State.STALE, Import.State.FAILED))
    if not _move(row.pk, Import.State.WAITING, idle | _stopped()):
        return False
    look_at(row)
    return True


def choose(row: Import, chosen: dict[str, str]) -> bool:
    """Keeps which States a person means by spellings that are unknown, and has the file checked anew."""
    idle = Q(state__in=(Import.State.REFUSED, Import.State.STALE, Import.State.CHECKED))
    if not _move(row.pk, Import.State.WAITING, idle, chosen={**row.chosen, **chosen}):
        return False
    look_at(row)
    return True


def begin_saving(row: Import, by: Any) -> bool:
    """Has a checked file saved: at once if it is short, else by a worker; says whether it will be."""
    if not _move(row.pk, Import.State.SAVING, Q(state__in=Import.READY), saved_by=by):
        return False
    _do("save_file", save_checked, row)
    return True


def is_stopped(row: Import) -> bool:
    """Whether the process that worked on a file must have died."""
    return row.state in Import.AT_WORK and row.touched_at < timezone.now() - PATIENCE


def _stopped() -> Q:
    return Q(state__in=Import.AT_WORK, touched_at__lt=timezone.now() - PATIENCE)


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
    """Moves a file to a state if it is in one of those allowed; says whether it did."""
    values = {"state": state, "touched_at": timezone.now(), "rows_done": 0, "error": "", **more}
    return bool(Import.objects.filter(allowed, pk=pk).update(**values))


# --- checking --------------------------------------------------------------------------------------


def check_waiting(pk: int) -> None:
    """Checks a file that waits for it; a second call, or one for a file that does not wait, does nothing."""
    waiting = Q(state=Import.State.WAITING) | Q(_stopped(), state=Import.State.CHECKING)
    if _move(pk, Import.State.CHECKING, waiting):
        row = Import.objects.select_related("uploaded_by").get(pk=pk)
        with _told_if_it_fails(row):
            _look(row, row.uploaded_by, Import.State.CHECKED)


def _look(row: Import, by: Any, state: str) -> None:
    """Checks a file and keeps what the page shows of it.

    Raises:
        RecordsChanged: facts are being recorded faster than they can be looked at.
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
        )
    except UnreadableFile as error:
        return error


def _keep(row: Import, checked: CheckedFile | UnreadableFile, state: str) -> None:
    """Keeps what a check has found for the page, unless somebody else has moved the file on meanwhile."""
    values: dict[str, Any]
    if isinstance(checked, UnreadableFile):
        told = "\n".join(str(problem) for problem in checked.problems)
        values = {"state": Import.State.REFUSED, "error": told, "counts": {}, "about": {}, "preview": []}
    else:
        follows = checked.changes_something and not checked.is_refused
        values = {
            "state": Import.State.REFUSED if checked.is_refused else state,
            "counts": checked.counts,
            "preview": checked.stored(),
            "rows_done": len(checked.rows),
            "rows_total": len(checked.rows),
            "about": {
                "columns": checked.columns,
                "note": checked.note,
                "understood": checked.understood,
                "unknown": checked.unknown,
                "fingerprint": checked.fingerprint,
                "told": rehearsed(row, checked) if follows else [],
            },
        }
    mine = Import.objects.filter(pk=row.pk, state=row.state)
    mine.update(touched_at=timezone.now(), **values)


# --- what follows ----------------------------------------------------------------------------------


def rehearsed(row: Import, checked: CheckedFile) -> list[str]:
    """What would follow if the file were saved, in sentences; all of it is taken back."""
    with transaction.atomic():
        told = _carry_out(row, checked, row.uploaded_by)
        transaction.set_rollback(True)
    return told


def _carry_out(row: Import, checked: CheckedFile, by: Any) -> list[str]:
    """Saves a file, follows it up, and tells what followed."""
    today = timezone.localdate()
    found: list[Difference] = []

    def act() -> Difference | None:
        done = save(checked, by=by, reason=str(row)[-100:], today=today)
        found.extend([done] if done is not None else [])
        return done

    def overdue() -> set[int]:
        rows = Obligation.objects.as_of(today).filter(status=Status.OVERDUE, state__in=checked.states)
        return set(rows.values_list("pk", flat=True))

    before = overdue()
    effects = carry_out(act, checked.states)
    return sentences(effects, found, len(checked.states), len(overdue() - before))


def sentences(effects: Effects, found: list[Difference], states: int, newly_overdue: int) -> list[str]:
    """What followed: date by date for one State, counted for several."""
    told = effects.sentences if states == 1 else [one for each in found for one in _counted(each)]
    if newly_overdue:
        told = [
            *told,
            ngettext("%(n)d report becomes overdue.", "%(n)d reports become overdue.", newly_overdue)
            % {"n": newly_overdue},
        ]
    return [*told, *Effects([], effects.cancelled, effects.planned).told]


def _counted(found: Difference) -> list[str]:
    changed = [change.before for change in found.changed]
    answered = sum(
        "answered_on" in change.before and change.obligation.answered_on is not None
        for change in found.changed
    )
    new = [row for row in found.missing if row.ceases_on is None]
    answered += sum(row.answered_on is not None for row in new)
    arising = sum(row.answered_on is None for row in new)
    told = (
        (arising, ngettext("%(n)d obligation arises.", "%(n)d obligations arise.", arising)),
        (
            due := sum("due_on" in before for before in changed),
            ngettext("%(n)d due date changes.", "%(n)d due dates change.", due),
        ),
        (answered, ngettext("%(n)d obligation is answered.", "%(n)d obligations are answered.", answered)),
        (
            gone := len(found.obsolete),
            ngettext("%(n)d obligation falls away.", "%(n)d obligations fall away.", gone),
        ),
    )
    return [sentence % {"n": number} for number, sentence in told if number]


# --- saving ----------------------------------------------------------------------------------------


def save_checked(pk: int) -> None:
    """Saves a file that somebody has confirmed, if what was shown is still true; else shows it anew."""
    row = Import.objects.select_related("saved_by", "uploaded_by").get(pk=pk)
    if row.state != Import.State.SAVING:
        return
    with _told_if_it_fails(row):
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
            raise RuntimeError("somebody else has taken it up, or whoever confirmed it is gone")
        about = {**row.about, "told": _carry_out(row, checked, row.saved_by)}
        mine.update(state=Import.State.SAVED, saved_at=timezone.now(), about=about)


@contextmanager
def _told_if_it_fails(row: Import) -> Iterator[None]:
    """Lets nobody wait for work that has failed: the page says that it did, the log why."""
    try:
        yield
    except Exception:  # whatever it is, the person must not be left waiting
        log.exception("import %d failed", row.pk)
        told = _("Something went wrong on our side; nothing was saved. Check again, or ask the operator.")
        _move(row.pk, Import.State.FAILED, Q(state__in=Import.AT_WORK), error=told)
