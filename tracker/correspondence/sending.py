"""Sends the mails of correspondence, each once as `tracker.reminders.delivery` describes; what people do about them.

A mail that did not go because its contact is gone, or that did not arrive, makes its paper one that awaits dispatch
again: by another way, or by mail to another address.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Case, F, PositiveSmallIntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _, gettext_noop

from tracker.correspondence import checks, files, papers
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.later import soon
from tracker.correspondence.ledger import MAY_HAVE_ARRIVED, UNSENT
from tracker.correspondence.models import Dispatch, Means, Paper, PaperStatus, PaperStep
from tracker.languages import texts
from tracker.languages.known import ENGLISH, LANGUAGES
from tracker.registry.models import Contact
from tracker.registry.stored import StoredText
from tracker.reminders import attention, delivery, restored, servers
from tracker.reminders.delivery import STUCK, ClaimLost, Delivery, DeliveryOutcome, until_written
from tracker.reminders.messages import message_id_of
from tracker.reminders.models import Bounce, Mail, ReminderState, StaffTask
from tracker.reminders.servers import ServerFailed

log = logging.getLogger(__name__)

What = Dispatch.What
RESULTS = ("sent", "failed", "dead", "held", "cancelled")
# What writes the mail of each kind of dispatch: functions of (dispatch, day).
WRITERS = {
    What.PAPER: "tracker.correspondence.text.mails.paper_message",
    What.CONFIRM: "tracker.correspondence.text.address_mails.confirm_message",
    What.CHANGED: "tracker.correspondence.text.address_mails.changed_message",
}
NO_CONTACT = StoredText(gettext_noop("the contact was deleted or is no longer active"))
OTHER_ADDRESS = StoredText(gettext_noop("the address of the contact has changed"))
OTHER_CONTACT = StoredText(gettext_noop("the contact has changed since"))
OTHER_FACTS = StoredText(gettext_noop("the records have changed since the paper was written"))
NO_ENCLOSURES = StoredText(gettext_noop("the enclosures that the paper names were removed"))
NOT_DISPATCHED = StoredText(gettext_noop("the paper is no longer to be dispatched"))
AGAIN = StoredText(gettext_noop("to be sent again: %(reason)s"))
ARRIVED = StoredText(gettext_noop("it arrived: %(reason)s"))
NOT_SENT = StoredText(gettext_noop("not sent: %(reason)s"))

# A person has to decide about these.
UNDECIDED = (ReminderState.HELD, ReminderState.DEAD, ReminderState.UNKNOWN, ReminderState.RETURNED)
# From which states a person may have a mail sent again, find that it arrived, or give it up.
MAY_BE_RESENT = (ReminderState.FAILED, *UNDECIDED)
MAY_BE_RECALLED = (ReminderState.PLANNED, *MAY_BE_RESENT)


# --- sending ---------------------------------------------------------------------------------------


def send_due(day: date, *, at: datetime | None = None) -> dict[str, int]:
    """Sends all mails that wait, on one connection; see `tracker.reminders.send.send_due`.

    Args:
        day: today.
        at: the time in UTC, to respect the days and hours of sending; None: everything may go.

    Returns:
        the number of dispatches that were sent, failed (and will be tried again), are dead, are held, were cancelled.
    """
    texts.refresh()  # people may have corrected words since the last run
    free_expired_claims(timezone.now())
    counts: Counter[str] = Counter()
    # One after the day was planned under a wrong clock.
    may_go = within_window(at) & Q(planned_on__lte=day)

    def send(connection: Any) -> None:
        waiting = _sendable(may_go).order_by("pk").values_list("recipient", "pk")
        of: dict[str, list[int]] = {}
        for recipient, pk in waiting:
            of.setdefault(recipient, []).append(pk)
        for recipient in servers.in_turn(list(of)):
            for pk in of[recipient]:
                _send(pk, may_go, day, connection, counts)

    delivery.run(send, at, counts)
    counts["held"] = Dispatch.objects.filter(state=ReminderState.HELD).count()
    return {name: counts[name] for name in RESULTS}


def free_expired_claims(now: datetime) -> None:
    """Ends the claims of processes that are presumed dead."""
    delivery.free_expired_claims(Dispatch.objects.all(), now, reason=delivery.PROCESS_ENDED())


def within_window(at: datetime | None) -> Q:
    """The condition that the days and hours of sending allow a dispatch to go at a time; None: at any time."""

    def to_states(codes: Collection[str]) -> Q:
        return Q(contact__in=Contact.objects.filter(state__in=codes).values("pk"))

    return delivery.within_window(at, to_states)


def _sendable(may_go: Q) -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(delivery.sendable(timezone.now()), may_go, means=Means.MAIL)


def _send(pk: int, may_go: Q, day: date, connection: Any, counts: Counter[str]) -> None:
    """Claims, writes and sends one mail, unless another run has it.

    Args:
        counts: the number of dispatches by their new state; this one is added.

    Raises:
        ServerFailed: the mail server failed; the mail waits if the server cannot have it.
    """
    texts.refresh_if_due()
    claimed = Delivery.of(_sendable(may_go).filter(pk=pk), timezone.now())
    if claimed is None:
        return
    dispatch = claimed.rows.select_related("paper__state__desk_officer", "contact__state__desk_officer").get()
    if reason := _outdated(dispatch):
        counts["cancelled"] += until_written(partial(_cancel, claimed, dispatch, reason))
        return
    mail: Mail | None = None
    try:
        message, mail = written(dispatch, day)
        until_written(partial(delivery.store, [mail]))
    except Exception as error:  # one bad row must not stop the mails to all others
        log.exception("the mail to %s could not be written", dispatch.recipient)
        outcome, mail = DeliveryOutcome.not_written(error), None
    else:
        try:
            outcome = delivery.hand_over(message, connection, partial(claimed.begin, 1, mail=mail))
        except ClaimLost:
            return  # the lease expired, and another process or a person has decided
    if outcome.state == ReminderState.PLANNED:
        claimed.give_back()
    else:
        state = until_written(partial(_record, claimed, dispatch, outcome, mail))
        counts[state.value] += 1
    if outcome.fault:
        raise ServerFailed(outcome.fault, outcome.answer, dispatch.recipient)


def _outdated(dispatch: Dispatch) -> str:
    """Why a mail must not go any more; empty if it may."""
    contact, paper = dispatch.contact, dispatch.paper
    if paper is not None and paper.status != PaperStatus.DISPATCHED:
        return NOT_DISPATCHED()
    # A notice of a change goes to an address that the contact had before, whatever became of it.
    if dispatch.what == What.CHANGED:
        return ""
    if contact is None or not contact.active:
        return NO_CONTACT()
    if contact.email.lower() != dispatch.recipient.lower():
        return OTHER_ADDRESS()
    if paper is not None and not checks.may_get(paper, contact):
        return OTHER_CONTACT()
    if paper is not None and checks.is_outdated(paper):
        return OTHER_FACTS()
    if paper is not None and checks.enclosures_of(paper) and not files.enclosed(paper):
        return NO_ENCLOSURES()
    return ""


def _cancel(claimed: Delivery, dispatch: Dispatch, reason: str) -> int:
    """Cancels a mail that nobody has been given; staff are told of a paper that did not go."""
    if dispatch.paper_id is not None:  # before the row, as `_locked` does
        Paper.objects.select_for_update().get(pk=dispatch.paper_id)
    done = claimed.rows.filter(claimed.not_handed_over).update(state=ReminderState.CANCELLED, reason=reason)
    if done and dispatch.paper is not None and reason != NOT_DISPATCHED():
        papers.recall(dispatch.paper, by="", reason=reason)
        dispatch.state, dispatch.reason = ReminderState.DEAD, reason
        attention.create([_task(dispatch)])
    return int(done)


def written(dispatch: Dispatch, day: date) -> tuple[EmailMessage, Mail]:
    """The mail of a dispatch, and the record of it to store.

    Raises:
        Exception: of any kind, if the mail cannot be written.
    """
    message = import_string(WRITERS[What(dispatch.what)])(dispatch, day)
    message.extra_headers["Message-ID"] = message_id_of(dispatch.mail_key)
    spoken = message.extra_headers.get("Content-Language", ENGLISH.code).split(", ")
    codes = [one.code for name in spoken for one in LANGUAGES if one.in_django == name]
    return message, delivery.mail_of(message, dispatch.recipient, day, "+".join(codes))


def _record(
    claimed: Delivery, dispatch: Dispatch, outcome: DeliveryOutcome, mail: Mail | None
) -> ReminderState:
    state, values = delivery.to_record(outcome, dispatch.attempts)
    recorded = claimed.record(replace(outcome, state=state), mail=mail, **values)
    delivery.record_of_mail(mail, outcome)
    if recorded and state == ReminderState.SENT:
        _step(dispatch, PaperStep.What.SENT, "", dispatch.recipient)
    if state in STUCK:
        about_stuck(claimed.rows)
        log.warning("the mail to %s is %s: %s", dispatch.recipient, state.value, outcome.answer)
    return state


def _step(dispatch: Dispatch, what: str, by: str, note: str) -> None:
    if dispatch.paper_id is not None:
        PaperStep.objects.create(paper_id=dispatch.paper_id, what=what, by=by, note=note[:300])


# --- tasks for staff ---------------------------------------------------------------------------------


def about_stuck(dispatches: QuerySet[Dispatch]) -> int:
    """Creates a task about each of these mails that only a person can help, once for each failure; returns how many.

    The number of queries is constant.
    """
    rows = dispatches.filter(state__in=STUCK).select_related("paper", "contact").order_by("pk")
    tasks = [_task(dispatch) for dispatch in rows]
    return sum(
        attention.create([one for one in tasks if one.kind == kind])
        for kind in (StaffTask.Kind.DEAD, StaffTask.Kind.UNKNOWN)
    )


def _task(dispatch: Dispatch) -> StaffTask:
    claim = dispatch.claim.hex if dispatch.claim else ""
    unknown = dispatch.state == ReminderState.UNKNOWN
    return StaffTask(
        kind=StaffTask.Kind.UNKNOWN if unknown else StaffTask.Kind.DEAD,
        cause=f"{_cause(dispatch)}{claim}",
        state_id=dispatch.state_code,
        contact_id=dispatch.contact_id,
        mail_id=dispatch.mail_id,
        page=dispatch.get_absolute_url(),
        said=dispatch.answer or dispatch.reason,
    )


def _cause(dispatch: Dispatch) -> str:
    return f"dispatch {dispatch.pk} "


def _settle(dispatch: Dispatch, by: str, outcome: str) -> None:
    tasks = attention.open_tasks().filter(cause__startswith=_cause(dispatch))
    attention.settle_all(tasks, by=by, outcome=outcome)


# --- acts of people ----------------------------------------------------------------------------------


def send_again(dispatch: Dispatch, *, by: str, reason: str) -> None:
    """Has a mail sent again, to the same address; what came back goes as a new mail.

    Raises:
        NotPossible: it is being sent at this moment, has been decided about, or may not go any more.
    """
    renewed = Case(
        When(state=ReminderState.RETURNED, then=F("renewed") + 1),
        default=F("renewed"),
        output_field=PositiveSmallIntegerField(),
    )
    with transaction.atomic():
        now = _locked(dispatch)
        if outdated := _outdated(now):
            raise NotPossible(_("It cannot be sent again: %(reason)s. Take it back.") % {"reason": outdated})
        values: dict[str, Any] = UNSENT | {"state": ReminderState.PLANNED, "renewed": renewed, "mail": None}
        if now.state == ReminderState.UNKNOWN:
            values.pop("mail")  # it may be on its way: the same Message-ID
        _act(now, MAY_BE_RESENT, values)
        _step(now, PaperStep.What.RESENT, by, reason)
        _settle(now, by, AGAIN(reason=reason))
        soon("send")


def arrived(dispatch: Dispatch, *, by: str, reason: str) -> None:
    """Records that a mail has arrived after all, as a person has found out.

    Raises:
        NotPossible: it is being sent at this moment, or has been decided about.
    """
    with transaction.atomic():
        now = _locked(dispatch)
        values: dict[str, Any] = {
            "state": ReminderState.SENT,
            "reason": ARRIVED(reason=reason)[:200],
            "sent_at": Coalesce("sent_at", "handed_over_at", Value(timezone.now())),
        }
        if now.mail_id is None:  # of a restored ledger, which does not know its mail
            _message, mail = written(now, now.planned_on)
            delivery.store([mail])
            values["mail"] = mail
        _act(now, MAY_HAVE_ARRIVED, values)
        _step(now, PaperStep.What.ARRIVED, by, reason)
        _settle(now, by, ARRIVED(reason=reason))


def take_back(dispatch: Dispatch, *, by: str, reason: str) -> None:
    """Gives up a mail that did not go or did not arrive, or takes back what was recorded of a courier or a delivery
    by hand; the paper can be dispatched again.

    Raises:
        NotPossible: the mail is being sent at this moment or was sent; somebody has decided about it; or the receipt
            of a paper that went another way is confirmed.
    """
    with transaction.atomic():
        now = _locked(dispatch)
        values = {"state": ReminderState.CANCELLED, "reason": NOT_SENT(reason=reason)[:200], "sent_at": None}
        by_mail = now.means == Means.MAIL
        _act(now, MAY_BE_RECALLED if by_mail else (ReminderState.SENT,), values)
        if now.paper is not None and (not by_mail or now.paper.status == PaperStatus.DISPATCHED):
            papers.recall(now.paper, by=by, reason=reason)
        _settle(now, by, NOT_SENT(reason=reason))


def _locked(dispatch: Dispatch) -> Dispatch:
    if dispatch.paper_id is not None:  # first, as `papers` does
        Paper.objects.select_for_update().get(pk=dispatch.paper_id)
    of_row = Dispatch.objects.select_for_update(of=("self",))
    return of_row.select_related("paper__state__desk_officer", "contact__state__desk_officer").get(
        pk=dispatch.pk
    )


def _act(dispatch: Dispatch, allowed: Collection[ReminderState], values: dict[str, Any]) -> None:
    rows = Dispatch.objects.filter(pk=dispatch.pk, means=dispatch.means, state__in=allowed)
    if not rows.update(**values):
        raise NotPossible(
            _("This mail is being sent, was sent, or somebody has decided about it. Open it again to see.")
        )


# --- bounces and restores ----------------------------------------------------------------------------


def mark_returned(*, mail: Mail, bounce: Bounce, **signal: Any) -> None:
    """Marks the dispatch of a mail that came back, also if its sender has not recorded yet that it went."""
    handed_over = Q(state__in=(ReminderState.CLAIMED, ReminderState.UNKNOWN), handed_over_at__isnull=False)
    rows = Dispatch.objects.filter(Q(state=ReminderState.SENT) | handed_over, mail=mail)
    dispatch = rows.first()
    values = {
        "state": ReminderState.RETURNED,
        "reason": bounce.words[:200],
        "sent_at": Coalesce("sent_at", "handed_over_at"),
    }
    if dispatch is not None and rows.update(**values):
        _step(dispatch, PaperStep.What.BOUNCED, "", bounce.words)


def hold_restored(taken_at: datetime) -> None:
    """After a restore: holds whatever may have been sent since the backup; see `tracker.reminders.restored`.

    Args:
        taken_at: the time of the backup, in UTC.
    """
    reason, rows = restored.reason_of(taken_at), Dispatch.objects.filter(means=Means.MAIL)
    rows.filter(state=ReminderState.CLAIMED, handed_over_at__isnull=False).update(
        state=ReminderState.UNKNOWN, reason=reason
    )
    waiting = (ReminderState.PLANNED, ReminderState.FAILED, ReminderState.CLAIMED)
    rows.filter(state__in=waiting).update(
        state=ReminderState.HELD, reason=reason, claim=None, claimed_at=None, next_attempt_at=None
    )
