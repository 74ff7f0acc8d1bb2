"""Treaties, and what States did to them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from tracker.languages.writing import in_words
from tracker.registry.models.states import State
from tracker.rules import entry_into_force as rules
from tracker.rules.dates import add_years
from tracker.rules.entry_into_force import JOINING, ActionKind, TreatyCode
from tracker.rules.facts import Facts


class Treaty(models.Model):
    """A treaty that is followed: the OPSC and, for its calendar, the CRC."""

    code = models.CharField(_("code"), max_length=8, primary_key=True)
    title = models.CharField(_("title"), max_length=200)
    adopted_on = models.DateField(_("adopted on"))
    in_force_on = models.DateField(_("in force on"))

    class Meta:
        verbose_name = _("treaty")
        verbose_name_plural = _("treaties")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Confidence(models.TextChoices):
    """How well the sources of a shipped day agree."""

    TWO_SOURCES = "two-sources", _("two sources agree")
    ONE_SOURCE = "one-source", _("one source")
    MEMORY = "memory", _("day to be confirmed")


class TreatyActionQuerySet(models.QuerySet):
    """Treaty actions, also as the rules read them."""

    def facts(self, *, treaty: str = "", until: dt.date | None = None) -> dict[str, Facts]:
        """What each State did to the treaties, by alpha-3, in one query; States without an action are left out.

        Args:
            treaty: code of the only treaty that counts; empty for all.
            until: the last day of the actions that count; None for all.
        """
        rows = self.filter(treaty=treaty) if treaty else self
        rows = rows if until is None else rows.filter(date__lte=until)
        return {state: Facts(actions) for state, actions in as_rules_by_state(rows).items()}

    def facts_of(self, state: str) -> Facts:
        """The same for one State, given by its alpha-3."""
        return self.filter(state=state).facts().get(state, Facts())


def as_rules_by_state(rows: models.QuerySet[Any]) -> dict[str, tuple[Any, ...]]:
    """Recorded facts as the rules read them, by the alpha-3 of their State, in the order of entry."""
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.state_id].append(row.as_rule())
    return {state: tuple(facts) for state, facts in found.items()}


class TreatyAction(models.Model):
    """What a State did to a treaty, on which day: signature, ratification, accession, and so on.

    A State is counted as a party from its deposit; its duties run from the entry into force.
    """

    class Kind(models.TextChoices):
        """The kinds of action, as the rules name them."""

        SIGNATURE = ActionKind.SIGNATURE.value, _("signature")
        RATIFICATION = ActionKind.RATIFICATION.value, _("ratification")
        ACCESSION = ActionKind.ACCESSION.value, _("accession")
        SUCCESSION = ActionKind.SUCCESSION.value, _("succession")
        DENUNCIATION = ActionKind.DENUNCIATION.value, _("denunciation")

    state = models.ForeignKey(State, models.PROTECT, related_name="actions", verbose_name=_("State"))
    treaty = models.ForeignKey(Treaty, models.PROTECT, related_name="actions", verbose_name=_("treaty"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    date = models.DateField(
        _("date"),
        help_text=_(
            "Day of signature, of deposit of the instrument, or of receipt of the notification, as in the "
            "depositary notification or the UN Treaty Collection. For example 2003-01-23."
        ),
    )
    effective_on = models.DateField(
        _("recorded effective date"),
        null=True,
        blank=True,
        help_text=_(
            "Only if the depositary notification states the day of entry into force or of effect. Leave it "
            "empty to have it computed from the treaty."
        ),
    )
    reference = models.CharField(
        _("reference"), max_length=100, blank=True, help_text=_("Depositary notification, C.N. number.")
    )
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Document or site where the day was read.")
    )
    confidence = models.CharField(_("confidence"), max_length=12, choices=Confidence, blank=True)
    note = models.TextField(_("note"), blank=True)

    objects = TreatyActionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("treaty action")
        verbose_name_plural = _("treaty actions")
        ordering = ("state", "treaty", "date", "pk")
        constraints = [
            models.UniqueConstraint(
                # A State may leave a treaty and join it again; `clean` checks the order.
                fields=("state", "treaty", "kind", "date"),
                name="action_once_a_day",
                violation_error_message=_("This action is recorded already."),
            ),
            models.UniqueConstraint(
                fields=("state", "treaty"),
                condition=Q(kind=ActionKind.SIGNATURE),
                name="action_one_signature",
                violation_error_message=_("This State's signature is recorded already; correct it there."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in ActionKind]), name="action_kind_known"
            ),
            models.CheckConstraint(
                condition=~Q(treaty="OPSC") | Q(date__gte=rules.OPSC_ADOPTED),
                name="action_not_before_opsc",
                violation_error_message=_("The OPSC was adopted on 25 May 2000; enter a day from then on."),
            ),
            models.CheckConstraint(
                condition=Q(date__gte=rules.CRC_ADOPTED),
                name="action_not_before_crc",
                violation_error_message=_(
                    "The CRC was adopted on 20 November 1989; enter a day from then on."
                ),
            ),
            models.CheckConstraint(
                # A succession takes effect on the day of State succession, before its notification.
                condition=Q(effective_on=None)
                | Q(kind=ActionKind.SUCCESSION)
                | (Q(effective_on__gte=F("date")) & ~Q(kind=ActionKind.SIGNATURE)),
                name="action_effective_after_deposit",
                violation_error_message=_(
                    "An effective date lies on or after the day of deposit, and a signature has none."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state_id} {self.treaty_id} {self.get_kind_display()} {self.date}"

    @property
    def to_be_confirmed(self) -> bool:
        """Whether the day needs a better source."""
        return self.confidence == Confidence.MEMORY or (
            self.kind == ActionKind.SUCCESSION and self.effective_on is None
        )

    def as_rule(self) -> rules.ActionFact:
        """The action as the rules take it."""
        return rules.ActionFact(
            self.treaty_id,
            self.kind,
            self.date,
            self.effective_on,
            self.confidence == Confidence.MEMORY,
        )

    def clean(self) -> None:
        """Reports errors by field; the constraints check the same."""
        super().clean()
        if errors := self.problems(self._others, timezone.localdate()):
            raise ValidationError(errors)

    def problems(
        self, others: Callable[[], Sequence[rules.ActionFact]] | None, today: dt.date
    ) -> dict[str, Any]:
        """What is wrong with the action, by field.

        Args:
            others: returns the State's other actions for the treaty; None: do not compare with them.
        """
        errors: dict[str, Any] = {}
        if self.date:
            if self.date > today:
                errors["date"] = _("This day is in the future; enter an action once it has happened.")
            elif self.treaty_id in ADOPTED and self.date < ADOPTED[self.treaty_id]:
                errors["date"] = _("The %(treaty)s was adopted on %(day)s; enter a day from then on.") % {
                    "treaty": self.treaty_id,
                    "day": in_words(ADOPTED[self.treaty_id]),
                }
            elif message := self._out_of_order(others):
                errors["date"] = message
            if self.effective_on and self.effective_on > latest_effect(self.date):
                errors["effective_on"] = _(
                    "This is more than two years after the day of the action; check the year."
                )
        return errors

    def _out_of_order(self, others: Callable[[], Sequence[rules.ActionFact]] | None) -> Any:
        """What is wrong with the day, compared with the State's other actions for the treaty, or None."""
        if others is None or not (self.state_id and self.treaty_id):
            return None
        return order_problem(others(), self.as_rule())

    def _others(self) -> list[rules.ActionFact]:
        """The State's other actions for the treaty."""
        others = TreatyAction.objects.filter(state=self.state_id, treaty=self.treaty_id).exclude(pk=self.pk)
        return [action.as_rule() for action in others]


ADOPTED: dict[str, dt.date] = {
    TreatyCode.OPSC: rules.OPSC_ADOPTED,
    TreatyCode.CRC: rules.CRC_ADOPTED,
}


def latest_effect(action_on: dt.date) -> dt.date:
    """The last plausible effective date of an action; the treaties need a year or less.

    The longest wait was for the OPSC itself: from its adoption to 18 January 2002.
    """
    return add_years(action_on, 2)


def order_problem(others: Iterable[rules.ActionFact], about: rules.ActionFact) -> Any:
    """Why an action contradicts the State's other actions for the same treaty, or None.

    A State signs, joins, may leave, and may join again once its denunciation has taken effect.

    Args:
        about: the action being entered.
    """
    together = sorted([*others, about], key=_in_order)
    signed = next((action for action in together if action.kind == ActionKind.SIGNATURE), None)
    joined = next((action for action in together if action.kind in JOINING), None)
    if signed and joined and joined.day < signed.day and about in (signed, joined):
        return _("The signature (%(signed)s) cannot come after the deposit (%(joined)s).") % {
            "signed": in_words(signed.day),
            "joined": in_words(joined.day),
        }
    if about.kind == ActionKind.SIGNATURE:
        return None
    steps = [action for action in together if action.kind != ActionKind.SIGNATURE]
    at = next(index for index, action in enumerate(steps) if action is about)
    before, after = steps[:at], steps[at + 1 : at + 2]
    if about.kind == ActionKind.DENUNCIATION:
        return _leaves_wrongly(about, before, after)
    return _joins_wrongly(about, before, after)


def _in_order(action: rules.ActionFact) -> tuple[dt.date, int]:
    """By day; on one day a State signs before it joins, and joins before it leaves."""
    rank: dict[str, int] = {ActionKind.SIGNATURE: 0, ActionKind.DENUNCIATION: 2}
    return action.day, rank.get(action.kind, 1)


def _joins_wrongly(
    about: rules.ActionFact, before: Sequence[rules.ActionFact], after: Sequence[rules.ActionFact]
) -> Any:
    """Why a State cannot join between its earlier and later actions, or None."""
    last = before[-1] if before else None
    if last is not None and last.kind in JOINING:
        return _(
            "This State has been a party since its %(kind)s of %(day)s. Correct that one, or enter the "
            "denunciation by which it left first."
        ) % {"kind": TreatyAction.Kind(last.kind).label, "day": in_words(last.day)}
    if last is not None and not any(action.kind in JOINING for action in before):
        return _("A denunciation was received on %(day)s, before this day; correct one of the two.") % {
            "day": in_words(last.day)
        }
    if last is not None and about.day < rules.denunciation_effective(last):
        return _(
            "The State's denunciation takes effect on %(ended)s; it can join again from that day on."
        ) % {"ended": in_words(rules.denunciation_effective(last))}
    if after and after[0].kind in JOINING:
        return _(
            "The %(kind)s of %(day)s is recorded already. Correct that one to the earlier day; if the State left "
            "and joined again, enter the denunciation next, and the later joining last."
        ) % {"kind": TreatyAction.Kind(after[0].kind).label, "day": in_words(after[0].day)}
    return None


def _leaves_wrongly(
    about: rules.ActionFact, before: Sequence[rules.ActionFact], after: Sequence[rules.ActionFact]
) -> Any:
    """Why a State cannot leave between its earlier and later actions, or None."""
    if not before and after and after[0].kind in JOINING:
        return _("The State joined the treaty on %(day)s, after this denunciation; check the two days.") % {
            "day": in_words(after[0].day)
        }
    if not before and not after:
        return _(
            "Only a State party can denounce the treaty; enter its ratification, accession or succession first."
        )
    other = next((a for a in (*before[-1:], *after) if a.kind == ActionKind.DENUNCIATION), None)
    if other is not None:
        return _(
            "The denunciation of %(day)s is recorded already, and the State did not join in between; correct "
            "that one."
        ) % {"day": in_words(other.day)}
    if after and after[0].day < rules.denunciation_effective(about):
        return _(
            "The State joined again on %(joined)s, before this denunciation takes effect on %(ended)s; check the days."
        ) % {
            "joined": in_words(after[0].day),
            "ended": in_words(rules.denunciation_effective(about)),
        }
    return None
