"""`/reconciliation/`: compares a list of the depositary with the records, and records the selected actions.

Nothing is stored between the steps: the list, the answers and the selection are in the form. A checkbox names the
proposed action and the record that it replaces, so it is refused if that record has changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from tracker.changes import Effects, depositary_actions
from tracker.changes.depositary_actions import ProposalsOutdated, RecordedActions
from tracker.changes.effects import sentences
from tracker.languages.writing import in_words, with_commas
from tracker.registry import limits
from tracker.registry.depositary import (
    LARGEST_FILE,
    LEFT_OUT,
    MOST_ASKED,
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
from tracker.registry.un_names import StateOrder
from tracker.rules.entry_into_force import TreatyCode
from tracker.web.ui.form_fields import PlainForm
from tracker.web.ui.two_steps import TwoSteps

MAY = ("registry.add_treatyaction", "registry.change_treatyaction")
KINDS = dict(TreatyAction.Kind.choices)
MOST_LINKS = 10  # States named in the message at the end; the others are counted


class ListForm(PlainForm):
    """The list, its treaty, and its name as a source."""

    treaty = forms.ChoiceField(
        label=gettext_lazy("Treaty"),
        choices=[(code.value, code.value) for code in (TreatyCode.OPSC, TreatyCode.CRC)],
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose OPSC or CRC.")),
    )
    source = forms.CharField(
        label=gettext_lazy("Name of the list"),
        max_length=200,
        help_text=gettext_lazy(
            "The source of everything that you record from it, for example: UN Treaty Collection, chapter IV.11.c, "
            "status as at 22 November 2026."
        ),
        error_messages={
            "required": gettext_lazy("Enter where the list was published, and the day of its status.")
        },
    )
    # No CharField: that would cut off the blanks and line ends that hold the columns apart.
    list = forms.Field(
        label=gettext_lazy("The list, pasted"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Copy the whole page of the depositary, or its table of participants with the heading. Columns may be "
            "separated by tabs, blanks, commas or semicolons; footnote marks may stay."
        ),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file"),
        required=False,
        allow_empty_file=True,  # our own message says what is wrong with it
        help_text=gettext_lazy(
            "CSV, plain text or the page as your browser saves it; the list up to 200 kB and 1,000 lines."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        text, file = str(cleaned.get("list") or ""), cleaned.get("file")
        if text.strip() and file:
            self.add_error("file", _("Paste the list or choose a file, not both."))
            return cleaned
        try:
            if file:
                check_size(file.size, LARGEST_FILE)  # before it is read
                text = decoded(file.read())
            cleaned["list"] = checked(text)
        except BadList as error:
            self.add_error("file" if file else "list", str(error))
        return cleaned


# --- what is shown ---------------------------------------------------------------------------


@dataclass
class Case:
    """The list as read, and its comparison with the records."""

    treaty: str
    source: str
    text: str
    names: StateNames
    chosen: dict[int, str]
    read: ReadList
    comparison: ListComparison

    @property
    def answers(self) -> str:
        """The answers about names, in one line; it differs if one was changed."""
        return " ".join(f"{one.number}={one.chosen}" for one in self.read.unclear)

    @property
    def is_doubted(self) -> bool:
        """Whether the list may be of another treaty, by its title or by its days."""
        return bool(self.read.doubts) or self.comparison.most_days_differ

    def propose(self) -> Mapping[str, Proposal]:
        """The proposals of the list beside the records as they are now, by their keys."""
        return compare(self.read, recorded_actions(self.treaty), self.treaty).proposals

    def states_of(self, keys: Iterable[str]) -> set[str]:
        """Alpha-3 of the States of some proposals, as far as they exist."""
        return depositary_actions.states_of(keys) & set(self.names.names)


@dataclass(frozen=True)
class ProposalRow:
    """A proposal in words, with its checkbox."""

    proposal: Proposal
    state: str
    ours: str
    theirs: str
    changes: str
    selected: bool
    yours: bool = True

    @property
    def label(self) -> str:
        """The label of the checkbox for screen readers."""
        return f"{self.state}: {self.theirs}".replace("\u00a0", " ")


def in_short(kind: str, day: Any) -> str:
    """An action in a few words: ratification, 23 December 2002; the day stays on one line."""
    return f"{KINDS[kind]}, {in_words(day)}".replace(" ", "\u00a0").replace(",\u00a0", ", ")


def as_recorded(action: TreatyAction) -> str:
    """A recorded action in a few words, with “to be confirmed” if its source is weak."""
    text = in_short(action.kind, action.date)
    return _("%(what)s, to be confirmed") % {"what": text} if action.confidence == Confidence.MEMORY else text


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
    comparison = compare(read, recorded_actions(treaty), treaty)
    return Case(treaty, form.cleaned_data["source"], text, names, chosen, read, comparison)


def recorded_actions(treaty: str) -> list[TreatyAction]:
    """The recorded actions of a treaty, by the name of the State."""
    return list(TreatyAction.objects.filter(treaty=treaty).order_by(StateOrder("state"), "date", "pk"))


def selected_at_first(case: Case, by: Any) -> set[str]:
    """The keys that are selected when a comparison is first shown; none if the list may be of another treaty.

    These are missing actions, and those that the list only confirms: they contradict no record. Where record and list
    differ, a person has to say which is right. Nothing is selected of States that are not on the person's desk.
    """
    if case.is_doubted:
        return set()
    return {
        one.key
        for one in (*case.comparison.lacking, *case.comparison.unconfirmed)
        if limits.may_change(by, {one.listed.iso3})
    }


def shown(case: Case, proposals: Iterable[Proposal], selected: set[str], by: Any) -> list[ProposalRow]:
    """Proposals in words."""
    labels = {"kind": _("kind"), "date": _("day")}
    return [
        ProposalRow(
            one,
            case.names.names[one.listed.iso3],
            as_recorded(one.action) if one.action else "",
            in_short(one.listed.kind, one.listed.day),
            _("kind and day") if len(one.changes) > 1 else "".join(labels[name] for name in one.changes),
            one.key in selected,
            limits.may_change(by, {one.listed.iso3}),
        )
        for one in proposals
    ]


@dataclass(frozen=True)
class NameQuestion:
    """An unknown name, with the States that may be meant."""

    question: UnclearName
    near: list[tuple[str, str]]
    days: str


def questions_of(case: Case) -> list[NameQuestion]:
    """The unknown names; a State chosen already is among the suggestions."""
    questions = []
    for one in case.read.unclear[:MOST_ASKED]:
        near = list(one.suggestions)
        if one.chosen in case.names.names and one.chosen not in dict(near):
            near.insert(0, (one.chosen, case.names.names[one.chosen]))
        questions.append(NameQuestion(one, near, one.days))
    return questions


def every_state(names: StateNames) -> SafeString:
    """The options of all States, made once for all questions."""
    return format_html_join("\n", '<option value="{}">{}</option>', names.names.items())


def warnings_of(case: Case) -> list[str]:
    """What a person should know about the comparison."""
    comparison, read = case.comparison, case.read
    warnings = list(read.doubts)
    if comparison.most_days_differ:
        warnings.append(_("Most days differ from the records: check that the list is of the chosen treaty."))
    if case.is_doubted:
        warnings.append(_("Nothing is selected, because the list may be of another treaty."))
    if read.unread_columns:
        warnings.append(
            _("Ignored columns: %(columns)s.")
            % {"columns": with_commas(f"“{one[:40]}”" for one in read.unread_columns[:10])}
        )
    if len(read.unclear) > MOST_ASKED:
        rest = len(read.unclear) - MOST_ASKED
        warnings.append(
            ngettext(
                "%(n)d more name is unknown and left out.",
                "%(n)d more names are unknown and left out.",
                rest,
            )
            % {"n": rest}
        )
    return warnings


# --- the page --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY, raise_exception=True)
def page(request: HttpRequest) -> HttpResponse:
    """Takes a list, shows the comparison, then the effects, and records the selected actions, step by step."""
    if request.method != "POST":
        return _ask(request, ListForm(initial={"treaty": TreatyCode.OPSC.value}))
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _ask(request, form)
    case = case_of(form, request.POST)
    keys = set(request.POST.getlist("tick"))
    limits.check(request.user, case.states_of(keys))
    compared = request.POST.get("compared")
    if compared is None:
        return _compare(request, case, selected_at_first(case, request.user))
    if request.POST.get("step") not in ("look", "save") or compared != case.answers:
        return _compare(request, case, keys | _newly_named(case, compared, request.user))
    if not keys:
        messages.error(request, _("Select at least one action to record."))
        return _compare(request, case, keys)
    try:
        return _record(request, case, form, sorted(keys))
    except ProposalsOutdated as outdated:
        messages.error(request, outdated_sentence(case, outdated.keys))
        return _compare(request, case, keys)


def _record(request: HttpRequest, case: Case, form: ListForm, keys: list[str]) -> HttpResponse:
    """Shows the effects of recording the selected actions, and records them."""
    recorded = RecordedActions()

    def save(_values: Mapping[str, Any]) -> Effects:
        nonlocal recorded
        recorded, effects = depositary_actions.record(keys, case.propose, source=case.source, by=request.user)
        return replace(effects, notes=[one.key for one in recorded.done])

    # The form that saves has only what can be recorded; if less can be by then, the preview is out of date.
    steps = TwoSteps(request, forms.Form(request.POST), save, case.states_of(keys), reason_only=True)
    if steps.saved() and steps.effects:
        _tell(request, case, recorded, steps.effects)
        return redirect("reconciliation")
    n = len(recorded.done)
    steps.save_label = ngettext("Record this %(n)d action", "Record these %(n)d actions", n) % {"n": n}
    context = {
        "steps": steps,
        "title": _("Depositary list: preview"),
        "effects_in_table": True,
        "case": case,
        "states": _by_state(request, case, recorded),
        "refused": _refused(request, case, recorded),
        "accepted": [one.key for one in recorded.done],
        "count": n,
        "reminders": steps.effects.reminders if steps.effects else [],
        "keys": keys,
    }
    return render(request, "web/records/depositary_list_preview.html", context)


def _by_state(request: HttpRequest, case: Case, recorded: RecordedActions) -> list[dict[str, Any]]:
    """What is recorded of each State, by name, and how its obligations change."""
    states: dict[str, dict[str, Any]] = {}
    for one in shown(case, recorded.done, set(), request.user):
        state = states.setdefault(
            one.proposal.listed.iso3, {"name": one.state, "rows": [], "sentences": list[str]()}
        )
        state["rows"].append({"row": one, "remark": _remark(one.proposal)})
    for iso3, differences in recorded.differences.items():
        states[iso3]["sentences"] = [sentence for one in differences for sentence in sentences(one)]
    return [states[iso3] for iso3 in case.names.in_order(states)]


def _refused(request: HttpRequest, case: Case, recorded: RecordedActions) -> list[dict[str, Any]]:
    """What cannot be recorded, by State, with the reason."""
    proposals = [case.comparison.proposals[key] for key in recorded.refused]
    rows = shown(case, proposals, set(), request.user)
    rows.sort(key=lambda row: row.state)
    return [{"row": row, "why": recorded.refused[row.proposal.key]} for row in rows]


def _newly_named(case: Case, compared: str, by: Any) -> set[str]:
    """What is selected at first of the States that were chosen since the page was shown."""
    before = dict(pair.partition("=")[::2] for pair in compared.split())
    lines = {one.number for one in case.read.unclear if before.get(str(one.number), "") != one.chosen}
    at_first = selected_at_first(case, by)
    return {
        key for key, one in case.comparison.proposals.items() if key in at_first and one.listed.line in lines
    }


def _ask(request: HttpRequest, form: ListForm) -> HttpResponse:
    return render(request, "web/records/depositary_list.html", {"form": form})


def _compare(request: HttpRequest, case: Case, selected: set[str]) -> HttpResponse:
    comparison, read = case.comparison, case.read
    context = {
        "case": case,
        "lacking": shown(case, comparison.lacking, selected, request.user),
        "differing": shown(case, comparison.differing, selected, request.user),
        "unconfirmed": shown(case, comparison.unconfirmed, selected, request.user),
        "unlisted": [
            {
                "state": case.names.names[one.state_id],
                "ours": as_recorded(one),
                "source": one.source,
                "address": reverse("edit", args=["treaty-action", one.pk]),
            }
            for one in comparison.unlisted
        ],
        "questions": questions_of(case),
        "every_state": every_state(case.names) if read.unclear else "",
        "left_out": LEFT_OUT,
        "warnings": warnings_of(case),
    }
    return render(request, "web/records/depositary_list_compare.html", context)


def _remark(proposal: Proposal) -> str:
    """Notes on a row in addition to the text of the list."""
    said = [proposal.listed.remark] if proposal.listed.remark else []
    now = proposal.action
    if now is not None and now.effective_on and "date" in proposal.changes:
        said.append(
            _("The recorded effective date, %(day)s, is kept; check it.")
            % {"day": in_words(now.effective_on)}
        )
    return " ".join(said)


def _tell(request: HttpRequest, case: Case, recorded: RecordedActions, effects: Effects) -> None:
    """Adds messages on what was recorded, with links to the States, and on the reminders."""
    states = case.names.in_order(one.listed.iso3 for one in recorded.done)
    n = len(recorded.done)
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
    for sentence in effects.reminders:
        messages.info(request, sentence)


def outdated_sentence(case: Case, keys: Iterable[str]) -> str:
    """Which selected actions cannot be recorded because the records have changed."""
    names = [case.names.names[iso3] for iso3 in case.names.in_order(case.states_of(keys))]
    if not names:
        return _("Nothing was saved: the selection does not belong to this comparison. Select again.")
    return _(
        "Nothing was saved: the records of %(states)s have changed since the comparison. Check the new comparison."
    ) % {"states": with_commas(names[:MOST_LINKS]) + (" …" if len(names) > MOST_LINKS else "")}
