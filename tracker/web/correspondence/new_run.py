"""`/correspondence/runs/new/`: what is sent, to which States; a preview of one paper and of those left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.correspondence import checks, papers, runs
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.doubts import doubts_before
from tracker.correspondence.models import MAY_GET_NOTES, Occasion, PaperForm, PaperRule, PaperRun
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.possible import usual_form
from tracker.correspondence.text.filling import LONGEST, names_in_braces
from tracker.languages.known import ENGLISH, LANGUAGES
from tracker.languages.writing import with_commas
from tracker.obligations.wording import labelled
from tracker.registry import limits
from tracker.registry.models import ContactKind, Language, Region, State, TreatyAction
from tracker.registry.names import StateNames
from tracker.registry.un_names import StateOrder
from tracker.reminders.text.language import language_of
from tracker.rules.entry_into_force import TreatyCode
from tracker.web.correspondence.paper_page import pages_of
from tracker.web.correspondence.write import TitleField, WordsField
from tracker.web.ui.conflicts import fingerprint
from tracker.web.ui.filters import WrittenStates
from tracker.web.ui.form_fields import PlainForm, put_the_focus

MAY_BEGIN = "correspondence.add_paperrun"
PARTIES, REGIONS, CHOSEN = "parties", "regions", "chosen"
# English first: the others are read beside it.
LOCALES = sorted(LANGUAGES, key=lambda one: one != ENGLISH)
WORDS = [f"words_{one.code}" for one in LOCALES]
TITLES = [f"title_{one.code}" for one in LOCALES if one != ENGLISH]


class RunForm(PlainForm):
    """What is sent, to whom in each State, and to which States."""

    occasion = forms.ChoiceField(
        label=gettext_lazy("What is sent"),
        help_text=gettext_lazy(
            "A note to several States has the words below. On another occasion each State for which it has come gets "
            "the words of its rule."
        ),
    )
    to = forms.ChoiceField(label=gettext_lazy("To"), choices=ContactKind, initial=ContactKind.MISSION)
    form = forms.ChoiceField(
        label=gettext_lazy("Form"),
        required=False,
        choices=[("", gettext_lazy("as usual for these contacts")), *PaperForm.choices],
        help_text=gettext_lazy("On another occasion its rule says the form."),
    )
    title = TitleField(
        label=gettext_lazy("About"),
        required=False,
        help_text=gettext_lazy("In a few words; it is the subject of the papers and the name of the run."),
    )
    which = forms.ChoiceField(
        label=gettext_lazy("States"),
        choices=[
            (PARTIES, gettext_lazy("all States parties to the OPSC")),
            (REGIONS, gettext_lazy("the States parties of some regional groups")),
            (CHOSEN, gettext_lazy("only the States named below")),
        ],
        initial=PARTIES,
        widget=forms.RadioSelect,
    )
    regions = forms.MultipleChoiceField(
        label=gettext_lazy("Regional groups"),
        required=False,
        choices=Region,
        widget=forms.CheckboxSelectMultiple,
    )
    chosen = WrittenStates(
        label=gettext_lazy("States by name"),
        required=False,
        help_text=gettext_lazy("Names or alpha-3 codes, with semicolons between them."),
    )

    def __init__(self, by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.rules = list(PaperRule.objects.filter(active=True))
        # A notice of a review carries out a decision about one State.
        named = {rule.occasion for rule in self.rules} - {Occasion.REVIEW_NOTICE}
        occasion, chosen = self.fields["occasion"], self.fields["chosen"]
        occasion.choices = [
            (one, one.label) for one in (Occasion.CIRCULAR, *(one for one in Occasion if one in named))
        ]
        chosen.names = SimpleLazyObject(StateNames.recorded)
        chosen.widget.attrs["size"] = "60"
        for one in LOCALES:
            if one != ENGLISH:
                self.fields[f"title_{one.code}"] = TitleField(
                    label=labelled(_("Subject"), one.name),
                    required=False,
                    widget=forms.TextInput(attrs={"lang": one.in_django, "dir": one.direction}),
                )
            field = WordsField(one.code, rows=8, required=False, max_length=LONGEST)
            self.fields[f"words_{one.code}"] = field
        self.fields[f"words_{ENGLISH.code}"].label = _("Words in English")
        self.fields[f"words_{ENGLISH.code}"].help_text = _(
            "Needed, without opening and closing: they follow from the form. An empty line begins a paragraph. These "
            "names stand for facts: %(names)s."
        ) % {"names": names_in_braces()}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("occasion") == Occasion.CIRCULAR:
            self._check_circular(values)
        elif values.get("occasion") and not self._rule(values):
            self.add_error(
                "to", _("No rule says that such contacts are written to on this occasion. Choose others.")
            )
        if values.get("which") == REGIONS and not values.get("regions"):
            self.add_error("regions", _("Choose at least one regional group."))
        if values.get("which") == CHOSEN and "chosen" in values:
            if not values["chosen"]:
                self.add_error("chosen", _("Name at least one State."))
            elif not limits.may_change(self.by, set(values["chosen"])):
                self.add_error("chosen", _("Name only States on your desk."))
        return values

    def _check_circular(self, values: dict[str, Any]) -> None:
        if not values.get("title", "").strip() and "title" not in self.errors:
            self.add_error("title", _("Enter what these papers are about."))
        english = f"words_{ENGLISH.code}"
        if not values.get(english, "").strip() and english not in self.errors:
            self.add_error(
                english, _("Enter the words in English; States whose language is missing get these.")
            )
        if values.get("form") == PaperForm.NOTE and values.get("to") not in MAY_GET_NOTES:
            self.add_error("form", checks.notes_to_states_only())

    def _rule(self, values: dict[str, Any]) -> PaperRule | None:
        return next(
            (
                rule
                for rule in self.rules
                if (rule.occasion, rule.to) == (values["occasion"], values.get("to"))
            ),
            None,
        )

    def states(self) -> list[str]:
        """The chosen States that the person may write to, by name."""
        values, today = self.cleaned_data, timezone.localdate()
        if values["which"] == CHOSEN:
            wanted = set(values["chosen"])
        else:
            known = TreatyAction.objects.facts(treaty=TreatyCode.OPSC, until=today)
            wanted = {iso3 for iso3, facts in known.items() if facts.is_party(TreatyCode.OPSC, today)}
        mine = limits.changeable(self.by)
        rows = State.objects.filter(pk__in=wanted if mine is None else wanted & mine)
        if values["which"] == REGIONS:
            rows = rows.filter(region__in=values["regions"])
        return list(rows.order_by(StateOrder(), "pk").values_list("pk", flat=True))

    def run(self) -> PaperRun:
        """The run as the valid form describes it, not stored.

        Raises:
            NotPossible: there is nobody to write to.
        """
        values = self.cleaned_data
        rule = self._rule(values) if values["occasion"] != Occasion.CIRCULAR else None
        form = rule.form if rule else values["form"] or usual_form(values["to"])
        return runs.prepare(
            by=self.by.get_username(),
            title=values["title"].strip() or str(Occasion(values["occasion"]).label),
            states=self.states(),
            words={} if rule else {name.removeprefix("words_"): values[name] for name in WORDS},
            titles={} if rule else {name.removeprefix("title_"): values[name] for name in TITLES},
            occasion=values["occasion"],
            to=values["to"],
            form=form,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_BEGIN, raise_exception=True)
def new_run(request: HttpRequest) -> HttpResponse:
    """The form; sent, with a preview; then the run, if it is still the one that was previewed."""
    sent = request.method == "POST"
    initial = {name: request.GET[name] for name in ("occasion", "to", "which") if name in request.GET}
    if named := request.GET.getlist("chosen"):
        initial |= {"which": CHOSEN, "chosen": "; ".join(named)}
    form = RunForm(request.user, request.POST if sent else None, initial=initial)
    fields = form.visible_fields()
    at = len(fields) - 2 * len(TITLES)  # after the words in English
    context: dict[str, Any] = {
        "form": form,
        # As the template of fields reads a form.
        "first_fields": {"visible_fields": fields[:at]},
        "other_words": {"visible_fields": fields[at:]},
    }
    context["other_words_open"] = sent and any(field.errors or field.value() for field in fields[at:])
    if sent and form.is_valid():
        try:
            run = form.run()
        except NotPossible as error:
            form.add_error(None, error)
        else:
            planned = list(runs.planned(run, timezone.localdate()))
            mark = fingerprint([form.cleaned_data, [new.usual_key for new in planned]])
            saving = request.POST.get("step") == "save"
            if saving and planned and request.POST.get("seen") == mark:
                return _begun(request, run)
            context |= _preview(run, planned) | {"mark": mark, "outdated": saving}
    put_the_focus(form)
    return render(request, "web/correspondence/new_run.html", context)


def _begun(request: HttpRequest, run: PaperRun) -> HttpResponse:
    stored = runs.begin(run)
    messages.success(
        request, _("The papers are being drafted. Nothing is sent before it is initialled and dispatched.")
    )
    return redirect(stored)


def _preview(run: PaperRun, planned: list[NewPaper]) -> dict[str, Any]:
    """The first paper, and the numbers."""
    today = timezone.localdate()
    first = papers.preview(planned[0], day=today) if planned else None
    doubts = doubts_before([(new.contact, new.subject.obligation) for new in planned], today)
    spoken = Counter(language_of(new.contact, new.subject.state) for new in planned)
    return {
        "run": run,
        "first": first,
        "pages": pages_of(first.content) if first else [],
        "number": len(planned),
        "doubtful": [(new.subject.state, said) for new, said in zip(planned, doubts, strict=True) if said],
        "spoken": with_commas(str(Language(code).label) for code, _n in spoken.most_common()),
        "states": len({new.subject.state.pk for new in planned}),
        "left_out": states_named(run.left_out),
    }


def states_named(codes: Iterable[str]) -> QuerySet[State]:
    """Some States by name."""
    return State.objects.filter(pk__in=list(codes)).order_by(StateOrder(), "pk")
