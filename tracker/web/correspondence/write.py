"""Writing a paper: to which State, on which occasion, to whom; a preview; then a draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.correspondence import papers
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.doubts import doubts_before
from tracker.correspondence.models import Direction, Occasion, Paper, PaperForm, PaperRule, PaperStatus
from tracker.correspondence.papers import NewPaper
from tracker.correspondence.possible import PossiblePaper, form_for, possible_papers
from tracker.correspondence.text.filling import LONGEST, OWN_WORDS, braces_problem, control_problem
from tracker.languages.known import ENGLISH, by_code
from tracker.obligations.models import Obligation
from tracker.obligations.wording import labelled
from tracker.registry import limits
from tracker.registry.models import Contact, State
from tracker.reminders.models import digest_of
from tracker.reminders.text.language import language_of
from tracker.web.correspondence.paper_page import pages_of
from tracker.web.ui.form_fields import OwnStateForm, PlainForm, put_the_focus, states_to_offer

MAY_WRITE = "correspondence.add_paper"


class WordsField(forms.CharField):
    """The paragraphs of a paper in a language, with an empty line between them.

    Args:
        names: the facts that may be named in braces.
    """

    def __init__(self, code: str, *, rows: int = 10, names: Sequence[str] = OWN_WORDS, **kwargs: Any) -> None:
        self.names = names
        language = by_code(code)
        attrs = {"rows": rows, "lang": language.in_django, "dir": language.direction}
        usual: dict[str, Any] = {"label": language.name, "max_length": 2 * LONGEST}
        super().__init__(widget=forms.Textarea(attrs=attrs), **usual | kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if problem := control_problem(value) or braces_problem(value, self.names):
            raise ValidationError(problem)


class TitleField(forms.CharField):
    """What a paper is about, in a few words; no names are filled in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=150, **kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if problem := braces_problem(value):
            raise ValidationError(problem)


class WriteForm(PlainForm):
    """Occasion with its subject, contact and, where the words are no rule's, the words."""

    about = forms.ChoiceField(
        label=gettext_lazy("Occasion"),
        error_messages={"required": gettext_lazy("Choose the occasion of the paper.")},
    )
    contact = forms.ChoiceField(
        label=gettext_lazy("To"),
        error_messages={"required": gettext_lazy("Choose to whom you write.")},
        help_text=gettext_lazy("The form follows from the kind of contact."),
    )

    def __init__(self, state: State, possible: Sequence[PossiblePaper], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state, self.possible = state, {one.key: one for one in possible}
        self.contacts = {str(one.pk): one for one in Contact.objects.filter(state=state, active=True)}
        self.rules = list(PaperRule.objects.filter(active=True))
        groups = groupby(possible, key=lambda one: one.occasion)
        self.fields["about"].choices = [("", "—")] + [
            (capfirst(Occasion(occasion).label), [(one.key, self._subject(one)) for one in those])
            for occasion, those in groups
        ]
        contact: Any = self.fields["contact"]
        contact.choices = [("", "—"), *((key, self._labelled(one)) for key, one in self.contacts.items())]
        self._add_words()

    @property
    def occasion(self) -> str:
        """The chosen occasion; empty before."""
        found = self.possible.get(self.data.get("about", ""))
        return found.occasion if found else ""

    @property
    def to(self) -> Contact | None:
        """The chosen contact."""
        return self.contacts.get(self.data.get("contact", ""))

    def _labelled(self, contact: Contact) -> str:
        form, _languages = form_for(self.rules, self.occasion, contact.kind)
        return labelled(PaperForm(form).label, f"{contact.name}, {contact.email}")

    @staticmethod
    def _subject(one: PossiblePaper) -> str:
        """With its occasion, because a closed field does not show the group."""
        if one.occasion == Occasion.OTHER:
            return one.label
        return labelled(Occasion(one.occasion).label, one.label)

    def _add_words(self) -> None:
        """The fields that the chosen occasion needs."""
        if self.occasion == Occasion.REVIEW_NOTICE:
            self.fields["decision"] = forms.CharField(
                label=_("Document of the decision"),
                required=False,
                max_length=200,
                help_text=_("It can be entered later; without it the notice cannot be initialled."),
            )
        if self.occasion != Occasion.OTHER or not self.to:
            return
        self.fields["title"] = TitleField(
            label=_("About"),
            help_text=_("In a few words; it is the subject of the paper."),
            error_messages={"required": _("Enter what the paper is about.")},
        )
        english = WordsField(
            ENGLISH.code,
            error_messages={"required": _("Enter the words of the paper, at least in English.")},
            help_text=_(
                "Without opening and closing: they follow from the form. An empty line begins a paragraph."
            ),
        )
        reader = language_of(self.to, self.state)
        if reader != ENGLISH.code:
            self.fields[f"words_{reader}"] = WordsField(
                reader, required=False, help_text=_("Empty: the paper is in English only.")
            )
        self.fields[f"words_{ENGLISH.code}"] = english

    def new_paper(self) -> NewPaper:
        """The paper as the valid form describes it."""
        values = self.cleaned_data
        found, contact = self.possible[values["about"]], self.contacts[values["contact"]]
        form, languages = form_for(self.rules, found.occasion, contact.kind)
        typed = {
            name.removeprefix("words_"): text
            for name, text in values.items()
            if name.startswith("words_") and text.strip()
        }
        subject = found.subject
        if decision := values.get("decision", "").strip():
            subject = type(subject)(subject.state, subject.obligation, subject.due_on, decision=decision)
        title, key = values.get("title", ""), ""
        if found.occasion == Occasion.OTHER:  # the same words on one day are one paper: a second click
            words = repr((title, sorted(typed.items()), timezone.localdate()))
            key = f"{found.occasion}|{digest_of(words)}|{contact.pk}"
        return NewPaper(found.occasion, form, contact, subject, languages, typed, title, key=key)

    def doubts(self, about: Obligation | None, day: date) -> list[str]:
        """What to look at before one writes to these contacts about a report."""
        those: list[tuple[Contact | None, Obligation | None]] = [
            (one, None) for one in self.contacts.values()
        ]
        return [said for several in doubts_before([*those, (None, about)], day) for said in several]


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_WRITE, raise_exception=True)
def write_paper(request: HttpRequest) -> HttpResponse:
    """`/correspondence/write/?state=NOR&occasion=overdue&report=12&contact=3`: each choice leads to the next."""
    data = request.POST if request.method == "POST" else request.GET
    chosen = OwnStateForm(request.user, data if data.get("state") else None)
    if not (data.get("state") and chosen.is_valid()):
        put_the_focus(chosen)
        context = {"form": chosen, "states": states_to_offer(request.user)}
        return render(request, "web/correspondence/write_to.html", context)
    state: State = chosen.cleaned_data["state"]
    limits.check(request.user, {state.pk})
    today = timezone.localdate()
    possible = possible_papers(state, today)
    sent = data.copy()
    sent.setdefault("about", named_by(possible, data))
    sent.setdefault("contact", "")
    form = WriteForm(state, possible, sent)
    # The first answers are choices; nobody is told off for what the page has not asked yet.
    answered = bool(form.occasion and form.to)
    asked = "about" in data if not answered else form.occasion != Occasion.OTHER
    if request.method == "GET" and not asked:
        form.is_bound, form.initial = False, dict(sent.items())
    preview, about, earlier = None, None, Paper.objects.none()
    if form.is_bound and form.is_valid():
        new = form.new_paper()
        if about := new.subject.obligation:
            there = Paper.objects.filter(state=state, obligation=about, direction=Direction.OUT)
            earlier = there.exclude(status=PaperStatus.CANCELLED).only("reference", "status")
        try:
            if request.method == "POST" and data.get("step") == "save":
                return _drafted(request, new)
            preview = papers.preview(new, day=today)
        except NotPossible as error:
            form.add_error(None, error)
    put_the_focus(form, "title" if "title" in form.fields else "contact" if form.occasion else "about")
    context = {
        "state": state,
        "form": form,
        "answered": answered,
        "preview": preview,
        "earlier": earlier,
        "pages": pages_of(preview.content) if preview else [],
        "doubts": form.doubts(about, today),
        "nobody": not form.contacts,
    }
    return render(request, "web/correspondence/write.html", context)


def named_by(possible: Iterable[PossiblePaper], data: Any) -> str:
    """The key of the paper that an address names by its occasion and its report; empty if there is none."""
    occasion, report = data.get("occasion", ""), data.get("report", "")
    for one in possible:
        about = str(one.subject.obligation.pk) if one.subject.obligation else ""
        if one.occasion == occasion and report in ("", about):
            return one.key
    return ""


def _drafted(request: HttpRequest, new: NewPaper) -> HttpResponse:
    """Enters the draft, or leads to the paper that is there already."""
    by, today = request.user.get_username(), timezone.localdate()
    paper = papers.draft(new, by=by, day=today)
    if paper is not None:
        said = _("%(reference)s is in the register as a draft.") % {"reference": paper.reference}
        messages.success(request, said)
        return redirect(paper)
    there = Paper.objects.get(key=new.key or new.usual_key)
    if there.status == PaperStatus.CANCELLED:
        said = _("This paper is in the register and was cancelled. Undo its cancellation to use it.")
    else:
        said = _("This paper is in the register already.")
    messages.info(request, said)
    return redirect(there)
