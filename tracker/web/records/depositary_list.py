"""`/reconciliation/`: holds a list of the depositary against the records, and records what a person ticks.

The page keeps nothing between its steps: the list, the answers and the ticks travel in the form. A tick names
what is proposed and what it would replace, so that one whose ground has moved meanwhile is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker.changes import effects
from tracker.obligations import sync
from tracker.obligations.actions import save_fact
from tracker.registry import limits
from tracker.registry.depositary import (
    LARGEST,
    LEFT_OUT,
    MOST_ASKED,
    SIGNED,
    BadList,
    ListComparison,
    Proposal,
    ReadList,
    UnclearName,
    check_size,
    checked,
    compare,
    decoded,
    read_list,
)
from tracker.registry.models import Confidence, TreatyAction
from tracker.registry.names import StateNames
from tracker.rules.dates import in_words
from tracker.rules.entry_into_force import TreatyCode

MAY = ("registry.add_treatyaction", "registry.change_treatyaction")
KINDS = dict(TreatyAction.Kind.choices)
MOST_LINKS = 10  # States named in the message at the end; the others are counted


class ListForm(forms.Form):
    """The list, whose it is, and what it is called in the records."""

    use_required_attribute = False  # the browser would stop a half-filled form before we can help
    treaty = forms.ChoiceField(
        label=gettext_lazy("Treaty"),
        choices=[(code.value, code.value) for code in (TreatyCode.OPSC, TreatyCode.CRC)],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose OPSC or CRC.")),
    )
    source = forms.CharField(
        label=gettext_lazy("What the list is"),
        max_length=200,
        help_text=gettext_lazy(
            "Kept as the source of all that you record from it, for example: UN Treaty Collection, chapter "
            "IV.11.c, status as at 22 November 2026."
        ),
        error_messages={
            "required": gettext_lazy("Name the list: where it was published, and the day of its status.")
        },
    )
    # No CharField: that would cut off the blanks and line ends that hold the columns apart.
    list = forms.Field(
        label=gettext_lazy("The list, pasted"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Copy the table of participants with its heading. Tabs, blanks, commas and semicolons may stand "
            "between the columns; footnote marks may stay."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file"),
        required=False,
        allow_empty_file=True,  # we say ourselves what is wrong with it
        help_text=gettext_lazy("CSV or plain text, up to 200 kB and 1,000 lines."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text, file = str(cleaned.get("list") or ""), cleaned.get("file")
        if text.strip() and file:
            self.add_error("file", _("Paste the list or choose a file, not both."))
            return cleaned
        try:
            if file:
                check_size(file.size, 2 * LARGEST)  # before it is read: UTF-16 takes twice the room
                text = decoded(file.read())
            cleaned["list"] = checked(text)
        except BadList as error:
            self.add_error("file" if file else "list", str(error))
        return cleaned


# --- what is shown ---------------------------------------------------------------------------


@dataclass
class Case:
    """Everything that one answer of the page rests on."""

    treaty: str
    source: str
    text: str
    names: StateNames
    chosen: dict[int, str]
    read: ReadList
    found: ListComparison

    @property
    def answers(self) -> str:
        """The answers about names, in one line: by it the page sees that one was changed."""
        return " ".join(f"{one.number}={one.chosen}" for one in self.read.unclear)


@dataclass(frozen=True)
class Shown:
    """A proposal in words, with its tick."""

    proposal: Proposal
    state: str
    ours: str
    theirs: str
    changes: str
    ticked: bool
    yours: bool = True

    @property
    def label(self) -> str:
        """What the tick records, for those who hear it alone."""
        return f"{self.state}: {self.theirs}".replace("\u00a0", " ")


def in_short(kind: str, day: Any) -> str:
    """An action in a few words: ratification, 23 December 2002. The day is never broken over two lines."""
    return f"{KINDS[kind]}, {in_words(day)}".replace(" ", "\u00a0").replace(",\u00a0", ", ")


def as_recorded(action: TreatyAction) -> str:
    """What is recorded, in a few words; a day on a weak source says so."""
    said = in_short(action.kind, action.date)
    return _("%(what)s, to be confirmed") % {"what": said} if action.confidence == Confidence.MEMORY else said


def case_of(form: ListForm, posted: Mapping[str, str]) -> Case:
    """Reads the list and compares it, in two queries however long it is."""
    names = StateNames.recorded()
    treaty, text = form.cleaned_data["treaty"], form.cleaned_data["list"]
    chosen = {
        int(name.removeprefix("name-")): str(value)
        for name, value in posted.items()
        if name.startswith("name-") and name.removeprefix("name-").isdecimal() and len(name) < 10
    }
    read = read_list(text, names, treaty, chosen)
    found = compare(read, recorded(treaty), treaty)
    return Case(treaty, form.cleaned_data["source"], text, names, chosen, read, found)


def recorded(treaty: str) -> list[TreatyAction]:
    """What is recorded for a treaty, in the order of the States' names."""
    return list(TreatyAction.objects.filter(treaty=treaty).order_by("state__name", "date", "pk"))


def ticked_at_first(found: ListComparison, by: Any) -> set[str]:
    """The keys that are ticked when a comparison is first shown.

    What we lack, and what the list only confirms: nothing that is recorded is contradicted, and what follows
    is shown once more before it is saved. Where record and list differ, a person has to say which is right.
    Of States that are not on the person's desk nothing is ticked.
    """
    return {
        one.key for one in (*found.lacking, *found.unconfirmed) if limits.may_change(by, {one.listed.iso3})
    }


def shown(case: Case, proposals: Iterable[Proposal], ticked: set[str], by: Any) -> list[Shown]:
    """Proposals in words."""
    labels = {"kind": _("kind"), "date": _("day")}
    return [
        Shown(
            one,
            case.names.names[one.listed.iso3],
            as_recorded(one.action) if one.action else "",
            in_short(one.listed.kind, one.listed.day),
            _(" and ").join(labels[name] for name in one.changes),
            one.key in ticked,
            limits.may_change(by, {one.listed.iso3}),
        )
        for one in proposals
    ]


@dataclass(frozen=True)
class Question:
    """A name that is asked about, with the States that may be meant."""

    asked: UnclearName
    near: list[tuple[str, str]]
    said: str


def questions(case: Case) -> list[Question]:
    """The names to ask about; a State chosen already stands among those that are near."""
    found = []
    for asked in case.read.unclear[:MOST_ASKED]:
        near = list(asked.suggestions)
        if asked.chosen in case.names.names and asked.chosen not in dict(near):
            near.insert(0, (asked.chosen, case.names.names[asked.chosen]))
        found.append(Question(asked, near, asked.days))
    return found


def every_state(names: StateNames) -> SafeString:
    """The options of all States, made once for all questions of the page."""
    by_name = sorted(names.names.items(), key=lambda pair: pair[1])
    return format_html_join("\n", '<option value="{}">{}</option>', by_name)


def warnings_of(case: Case) -> list[str]:
    """What the person should know before trusting the comparison."""
    found, read = case.found, case.read
    said = list(read.doubts)
    if len(found.differing) > max(10, found.agreed):
        said.append(_("More days differ than agree: check whether this is the list of the treaty chosen."))
    if read.unread_columns:
        said.append(
            _("Columns that are not read: %(columns)s.")
            % {"columns": ", ".join(f"“{one[:40]}”" for one in read.unread_columns[:10])}
        )
    if len(read.unclear) > MOST_ASKED:
        rest = len(read.unclear) - MOST_ASKED
        said.append(
            ngettext(
                "%(n)d more name is not known; it is not asked about and left out.",
                "%(n)d more names are not known; they are not asked about and left out.",
                rest,
            )
            % {"n": rest}
        )
    return said


# --- what is done ----------------------------------------------------------------------------


@dataclass
class Recording:
    """What came of recording some proposals, by State.

    Attributes:
        followed: what the obligations of a State became.
        refused: key and reason of what the models' own validation does not let pass.
        done: what was recorded.
    """

    followed: dict[str, list[sync.Difference]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    done: list[Proposal] = field(default_factory=list)

    @property
    def differences(self) -> list[sync.Difference]:
        """All that the obligations became."""
        return [one for found in self.followed.values() for one in found]


class Stale(Exception):
    """Ticks that no longer stand for anything: the records have changed since the page was shown.

    Attributes:
        keys: of those ticks.
    """

    def __init__(self, keys: list[str]) -> None:
        super().__init__()
        self.keys = keys


class Refused(Exception):
    """Something that was let pass when it was rehearsed is refused now; its text says why. Nothing is saved."""


def record(case: Case, keys: Iterable[str], by: Any) -> Recording:
    """Records what is ticked, State by State, with the list as source and reason.

    Runs in a transaction that its caller has opened; what is refused is left out and told.

    Raises:
        Stale: the records are no longer what the ticks speak of.
    """
    ticked = list(dict.fromkeys(keys))
    states = {key.partition(":")[0] for key in ticked} & set(case.names.names)
    sync.lock(states)
    # Read again now that nobody else can write these States.
    proposals = compare(case.read, recorded(case.treaty), case.treaty).proposals
    if stale := [key for key in ticked if key not in proposals]:
        raise Stale(stale)
    of_state: dict[str, list[Proposal]] = {}
    for key in ticked:
        of_state.setdefault(proposals[key].listed.iso3, []).append(proposals[key])
    recording = Recording()
    for iso3 in sorted(of_state):
        _record_state(case, of_state[iso3], by, recording)
    return recording


def _record_state(case: Case, proposals: list[Proposal], by: Any, recording: Recording) -> None:
    """Records what is ticked of one State, in the order in which its actions can stand together.

    Signature and joining may only fit when both have moved: then the one has to be saved before the other.
    """
    order = sorted(proposals, key=lambda one: one.listed.slot == SIGNED, reverse=True)
    point = transaction.savepoint()
    attempt = _attempt(case, order, by)
    if attempt.refused and len(order) > 1:
        transaction.savepoint_rollback(point)
        point = transaction.savepoint()
        other = _attempt(case, order[::-1], by)
        if len(other.refused) < len(attempt.refused):
            attempt = other
        else:
            transaction.savepoint_rollback(point)
            point = transaction.savepoint()
            attempt = _attempt(case, order, by)
    transaction.savepoint_commit(point)
    recording.followed.update(attempt.followed)
    recording.refused.update(attempt.refused)
    recording.done += attempt.done


def _attempt(case: Case, proposals: Iterable[Proposal], by: Any) -> Recording:
    attempt = Recording()
    reason = _("Depositary list: %(source)s") % {"source": case.source}
    for one in proposals:
        try:
            difference = save_fact(one.fact(case.source), by=by, reason=reason)
        except ValidationError as error:
            attempt.refused[one.key] = " ".join(error.messages)
        else:
            attempt.done.append(one)
            attempt.followed.setdefault(one.listed.iso3, []).append(difference)
    return attempt


def rehearse(case: Case, keys: Iterable[str], by: Any) -> tuple[Recording, effects.Effects]:
    """What would follow from the ticks; nothing is saved.

    Raises:
        Stale: as `record` does.
    """
    kept: list[Recording] = []

    def act() -> list[sync.Difference]:
        kept.append(record(case, keys, by))
        return kept[0].differences

    told = effects.rehearse(act, _states_of(keys, case))
    return kept[0], told


def save(case: Case, keys: Iterable[str], by: Any) -> tuple[Recording, effects.Effects]:
    """Records the ticks, all or nothing.

    Raises:
        Stale: as `record` does.
        Refused: one of them cannot be recorded any more.
    """
    kept: list[Recording] = []

    def act() -> list[sync.Difference]:
        kept.append(record(case, keys, by))
        if kept[0].refused:
            raise Refused(" ".join(dict.fromkeys(kept[0].refused.values())))
        return kept[0].differences

    told = effects.carry_out(act, _states_of(keys, case))
    return kept[0], told


def _states_of(keys: Iterable[str], case: Case) -> set[str]:
    return {key.partition(":")[0] for key in keys} & set(case.names.names)


def stale_sentence(case: Case, keys: Iterable[str]) -> str:
    """Which ticks are refused because the records have changed."""
    names = sorted(case.names.names[iso3] for iso3 in _states_of(keys, case))
    if not names:
        return _("The ticks do not belong to this comparison; tick again. Nothing was saved.")
    return _(
        "Meanwhile the records have changed: what was ticked for %(states)s no longer stands. Nothing was "
        "saved; look at the comparison again."
    ) % {"states": ", ".join(names[:MOST_LINKS]) + (" …" if len(names) > MOST_LINKS else "")}


# --- the page --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY, raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Takes a list, shows the comparison, shows what would follow, records: one step after the other."""
    if request.method != "POST":
        return _ask(request, ListForm(initial={"treaty": TreatyCode.OPSC.value}))
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _ask(request, form)
    case = case_of(form, request.POST)
    keys = set(request.POST.getlist("tick"))
    limits.check(request.user, _states_of(keys, case))
    step = request.POST.get("step")
    asked_before = request.POST.get("compared")
    if asked_before is None:
        return _compare(request, case, ticked_at_first(case.found, request.user))
    if step not in ("rehearse", "save") or asked_before != case.answers:
        return _compare(request, case, keys | _newly_named(case, asked_before, request.user))
    if not keys:
        messages.error(request, _("Nothing is ticked. Tick what is to be recorded from the list."))
        return _compare(request, case, keys)
    try:
        if step == "save":
            recording, told = save(case, sorted(keys), request.user)
            _tell(request, case, recording, told)
            return redirect("reconciliation")
        recording, told = rehearse(case, sorted(keys), request.user)
    except Stale as stale:
        messages.error(request, stale_sentence(case, stale.keys))
        return _compare(request, case, keys)
    except Refused as refused:
        messages.error(request, _("Nothing was saved. %(why)s") % {"why": refused})
        return _compare(request, case, keys)
    return _follows(request, case, keys, recording, told)


def _newly_named(case: Case, asked_before: str, by: Any) -> set[str]:
    """What is ticked at first of the States that were chosen since the page was shown."""
    before = dict(pair.partition("=")[::2] for pair in asked_before.split())
    lines = {one.number for one in case.read.unclear if before.get(str(one.number), "") != one.chosen}
    at_first = ticked_at_first(case.found, by)
    return {key for key, one in case.found.proposals.items() if key in at_first and one.listed.line in lines}


def _ask(request: HttpRequest, form: ListForm) -> HttpResponse:
    return render(request, "web/records/depositary_list.html", {"form": form})


def _compare(request: HttpRequest, case: Case, ticked: set[str]) -> HttpResponse:
    found, read = case.found, case.read
    context = {
        "case": case,
        "lacking": shown(case, found.lacking, ticked, request.user),
        "differing": shown(case, found.differing, ticked, request.user),
        "unconfirmed": shown(case, found.unconfirmed, ticked, request.user),
        "unlisted": [
            {
                "state": case.names.names[one.state_id],
                "ours": as_recorded(one),
                "source": one.source,
                "address": reverse("admin:registry_treatyaction_change", args=[one.pk]),
            }
            for one in found.unlisted
        ],
        "questions": questions(case),
        "every_state": every_state(case.names) if read.unclear else "",
        "left_out": LEFT_OUT,
        "warnings": warnings_of(case),
    }
    return render(request, "web/records/depositary_list_compare.html", context)


def _follows(
    request: HttpRequest, case: Case, keys: set[str], recording: Recording, told: effects.Effects
) -> HttpResponse:
    states: dict[str, dict[str, Any]] = {}
    for one in shown(case, recording.done, keys, request.user):
        state = states.setdefault(one.proposal.listed.iso3, {"name": one.state, "rows": [], "told": []})
        state["rows"].append({"row": one, "remark": _remark(one.proposal)})
    for iso3, found in recording.followed.items():
        states[iso3]["told"] = [sentence for one in found for sentence in effects.sentences(one)]
    proposals = case.found.proposals
    refused: list[dict[str, Any]] = [
        {"row": row, "why": recording.refused[row.proposal.key]}
        for row in shown(case, [proposals[key] for key in recording.refused], keys, request.user)
    ]
    refused.sort(key=lambda one: one["row"].state)
    context = {
        "case": case,
        "states": sorted(states.values(), key=lambda state: state["name"]),
        "refused": refused,
        "accepted": [one.key for one in recording.done],
        "count": len(recording.done),
        "reminders": effects.Effects([], told.cancelled, told.planned).told,
        "keys": sorted(keys),
    }
    return render(request, "web/records/depositary_list_follows.html", context)


def _remark(proposal: Proposal) -> str:
    """What beside the list's own words the person should know of a row."""
    said = [proposal.listed.remark] if proposal.listed.remark else []
    now = proposal.action
    if now is not None and now.effective_on and "date" in proposal.changes:
        said.append(
            _("The recorded effective date, %(day)s, stays as it is; check it.")
            % {"day": in_words(now.effective_on)}
        )
    return " ".join(said)


def _tell(request: HttpRequest, case: Case, recording: Recording, told: effects.Effects) -> None:
    states = sorted({one.listed.iso3 for one in recording.done}, key=case.names.names.__getitem__)
    n = len(recording.done)
    said = ngettext(
        "%(n)d treaty action recorded from “%(source)s”.",
        "%(n)d treaty actions recorded from “%(source)s”.",
        n,
    ) % {"n": n, "source": case.source}
    links = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        ((reverse("state", args=[iso3]), case.names.names[iso3]) for iso3 in states[:MOST_LINKS]),
    )
    rest = len(states) - MOST_LINKS
    more = (
        " " + ngettext("and %(n)d more State.", "and %(n)d more States.", rest) % {"n": rest}
        if rest > 0
        else ""
    )
    messages.success(request, format_html("{} {}{}", said, links, more))
    for sentence in effects.Effects([], told.cancelled, told.planned).told:
        messages.info(request, sentence)
