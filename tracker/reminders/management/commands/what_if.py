"""Shows what a State would owe if a fact were recorded."""

import re
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from tracker.languages.writing import in_words
from tracker.obligations import what_if
from tracker.obligations.deadline_rows import cells
from tracker.obligations.derive import DueRow, facts_of
from tracker.obligations.imports.columns import read_cycles
from tracker.obligations.models import NEXT, CommitteeDate, Kind, Precision, Review, Submission
from tracker.registry.commands import TrackerCommand, state_codes
from tracker.registry.models import State
from tracker.registry.values import BadValue
from tracker.reminders import forecast
from tracker.rules.entry_into_force import JOINING
from tracker.rules.facts import Carrier, DecisionOutcome, Facts

TO_BE_COMMUNICATED = "tbc"


class Command(TrackerCommand):
    help = "Shows how a new record would change what a State owes. Saves nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("state", metavar="ISO3", help="alpha-3 code of the State")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--deposit", metavar="DAY", help="an instrument is deposited on this day")
        what.add_argument(
            "--stated",
            nargs=2,
            metavar=("CYCLES", "DAY"),
            help="the Committee states this day for the cycles (3, or 3-4; 1 is the initial report); "
            "a year means its last day; tbc: the date is to be communicated. CYCLES may be next: the next report",
        )
        what.add_argument(
            "--reviewed",
            nargs=2,
            metavar=("CYCLES", "DAY"),
            help="the Committee adopts concluding observations on this report (5-6; 1 is the initial report; next: the "
            "latest one under the CRC)",
        )
        what.add_argument("--withdraw", metavar="SYMBOL", help="the submission of this symbol is withdrawn")
        what.add_argument("--receive", nargs=2, metavar=("CYCLES", "DAY"), help="a report is received")
        parser.add_argument(
            "--kind",
            choices=[kind.value for kind in JOINING],
            help="of the instrument; default: ratification if the State has signed, else accession",
        )
        parser.add_argument("--decided-on", metavar="DAY", help="with --stated: the day of the decision")
        parser.add_argument(
            "--next",
            nargs=2,
            metavar=("CYCLES", "DAY"),
            help="with --reviewed: the date of the next report that they state",
        )
        parser.add_argument(
            "--without-report", action="store_true", help="with --reviewed: the report had not been received"
        )

    def handle(self, *, state: str, form: str, **options: Any) -> None:
        today = timezone.localdate()
        codes = state_codes([state], set(State.objects.values_list("pk", flat=True)))
        about = State.objects.select_related("desk_officer").get(pk=codes[0])
        facts = facts_of()
        recorded = facts.get(about.pk, Facts())
        try:
            supposed = self.suppose(about, recorded, today, options)
        except (what_if.Impossible, BadValue) as error:
            raise CommandError(str(error)) from None
        found = what_if.compare(about, facts, supposed, today)
        self.show([cells(row) for row in found.rows], form, hidden=("treaty", "trail", "last_cycle"))
        self.tell(" ".join(filter(None, (supposed.said, supposed.note))))
        self.summarise(found, recorded, today)

    def suppose(
        self, state: State, facts: Facts, today: date, options: dict[str, Any]
    ) -> what_if.Supposition:
        """The supposed fact, from the options."""
        for name, with_option in (
            ("kind", "deposit"),
            ("decided_on", "stated"),
            ("next", "reviewed"),
            ("without_report", "reviewed"),
        ):
            if options[name] and not options[with_option]:
                raise CommandError(f"--{name.replace('_', '-')} goes with --{with_option}.")
        if options["deposit"]:
            day = self.day(options["deposit"], today)
            return what_if.deposit(state, facts, day, options["kind"] or "")
        if options["stated"]:
            decided_on = self.day(options["decided_on"], today)
            first, last = _numbers(options["stated"][0])
            kind = _kind(first, last)
            return what_if.committee_date(
                facts, self.stated(state, kind, options["stated"], decided_on, today)
            )
        if options["reviewed"]:
            return self.reviewed(state, facts, today, options)
        if options["receive"]:
            first, last = read_cycles(options["receive"][0])
            day = self.day(options["receive"][1], today)
            received = Submission(
                state=state, kind=_kind(first, last), first_cycle=first, last_cycle=last, received_on=day
            )
            return what_if.receipt(facts, received)
        symbol = options["withdraw"]
        submission = state.submissions.filter(symbol__iexact=symbol).order_by("pk").first()
        if submission is None:
            raise CommandError(f"“{symbol}” is not the symbol of a submission of {state.shown_name}.")
        return what_if.withdrawal(facts, submission)

    def stated(
        self, state: State, kind: str, words: list[str], decided_on: date, today: date
    ) -> CommitteeDate:
        """A date stated by the Committee, from two words: the cycles, and a day, a year or tbc."""
        first, last = _numbers(words[0])
        undated, year = words[1] == TO_BE_COMMUNICATED, re.fullmatch(r"\d{4}", words[1])
        due_on = None if undated else self.day(f"{words[1]}-12-31" if year else words[1], today)
        return CommitteeDate(
            state=state,
            kind=kind,
            first_cycle=first,
            last_cycle=last,
            carried_by=Carrier.CRC_REPORT.value if first == NEXT else "",
            outcome=DecisionOutcome.TO_BE_COMMUNICATED.value if undated else DecisionOutcome.DATE.value,
            due_on=due_on,
            precision=Precision.YEAR.value if year else Precision.DAY.value,
            decided_on=decided_on,
        )

    def reviewed(
        self, state: State, facts: Facts, today: date, options: dict[str, Any]
    ) -> what_if.Supposition:
        """Concluding observations, and the date of the next report that they state."""
        words, adopted_on = options["reviewed"][0], self.day(options["reviewed"][1], today)
        first, last = _numbers(words)
        review = Review(
            state=state,
            kind=_kind(first, last),
            first_cycle=first,
            last_cycle=last,
            carried_by=Carrier.CRC_REPORT.value if first == NEXT else "",
            adopted_on=adopted_on,
            without_report=options["without_report"],
        )
        stated = None
        if options["next"]:
            stated = self.stated(state, Kind.PERIODIC.value, options["next"], adopted_on, today)
        return what_if.review(facts, review, stated)

    def summarise(self, found: what_if.WhatIfResult, recorded: Facts, today: date) -> None:
        """Prints the other changes in a few lines."""
        self.tell(f"As of {in_words(found.day)}:")
        for pair in found.changed_pairs:
            self.tell(f"- {pair.label}: {_change(pair)}.")
        for name, before, after in found.changed_counts:
            self.tell(f"- {name}: {before}, would be {after}.")
        if not found.changed_pairs and not found.changed_counts:
            self.tell("- no date and no count would change.")
        coming = forecast.change(found.state, recorded, found.supposed.facts, day=found.day, today=today)
        self.tell(
            f"- reminders from {in_words(coming.start)} to {in_words(coming.end)}: {len(coming.added)} would "
            f"be added, {len(coming.gone)} would be removed."
        )
        self.tell("Nothing was written.")


def _numbers(raw: str) -> tuple[int, int]:
    """The first and last cycle; `NEXT` for the next report under the CRC."""
    return (NEXT, NEXT) if raw == "next" else read_cycles(raw)


def _kind(first: int, last: int) -> str:
    return Kind.INITIAL.value if first == last == 1 else Kind.PERIODIC.value


def _change(pair: what_if.Pair) -> str:
    """How an obligation would change."""
    before, after = pair.before, pair.after
    if before is None or after is None:
        return f"would {'be added' if before is None else 'be removed'}, {_due_and_status(pair.row)}"
    if {"due_on", "status"} & set(pair.changes):
        return f"{_due_and_status(before)}; would be {_due_and_status(after)}"
    if "computed_on" in pair.changes:
        was, would_be = in_words(before.due.computed_on), in_words(after.due.computed_on)
        return f"by rule {was}; would be {would_be}; {_due_and_status(after)} as now"
    return f"{_due_and_status(after)} as now, for another reason"


def _due_and_status(row: DueRow) -> str:
    due_on = row.due.due_on
    return f"due {in_words(due_on)}, {row.status.value}" if due_on else row.status.value
