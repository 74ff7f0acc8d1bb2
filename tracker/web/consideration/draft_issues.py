"""`/submissions/12/issues/`: a draft list of issues from the gaps of a report, to be edited and downloaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.consideration.list_of_issues import IssuesPart, docx_of, draft_of, pdf_of
from tracker.consideration.matrix import GAPS
from tracker.consideration.models import CheckedItem, Checklist, GuidelineItem, ItemQuestion
from tracker.consideration.questions import place_of, save_own, words_for
from tracker.correspondence import files
from tracker.correspondence.models import UNDISPATCHED, Direction, Paper
from tracker.correspondence.text.filling import control_problem
from tracker.languages.known import ENGLISH, LANGUAGES, by_code, speaking
from tracker.languages.readiness import by_machine
from tracker.languages.writing import with_commas
from tracker.obligations.models import Submission
from tracker.registry import limits
from tracker.web.correspondence.acts import with_undo_of_files
from tracker.web.ui.as_of import day_of
from tracker.web.ui.conflicts import (
    VERSION,
    Conflict,
    VersionField,
    compare,
    fingerprint,
    last_change,
    once_more,
)
from tracker.web.ui.documents import as_download
from tracker.web.ui.form_fields import PlainForm

MAY_ATTACH = "correspondence.add_paperfile"
MAY_SAVE_WORDS = "consideration.change_itemquestion"
LONGEST = 3000  # characters of a request
FORMS = {"docx": files.DOCX, "pdf": files.PDF}


class LanguagesForm(forms.Form):
    """The languages of the draft."""

    language = forms.MultipleChoiceField(
        label=gettext_lazy("Languages of the draft"),
        choices=[(one.code, one.name) for one in LANGUAGES],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def chosen(cls, data: QueryDict) -> list[str]:
        """The codes that an address or a form names, in the order of the languages; English if there is none."""
        named = set(data.getlist("language"))
        return [one.code for one in LANGUAGES if one.code in named] or [ENGLISH.code]


class ItemRequestForm(PlainForm):
    """The request about an item: whether it is made, and its words in each language of the draft."""

    ask = forms.BooleanField(required=False, initial=True)
    version = VersionField()
    conflict: Conflict | None = None
    may_be_empty = False

    def __init__(
        self,
        mark: CheckedItem,
        words: Mapping[tuple[int, str], tuple[str, ItemQuestion | None]],
        languages: Sequence[str],
        data: QueryDict | None,
    ) -> None:
        self.mark, self.item, self.languages = mark, mark.item, languages
        self.words = {code: words[self.item.pk, code] for code in languages}
        prefix = f"item{self.item.pk}"
        initial = {"version": self.stored_version()}
        for code, (text, _row) in self.words.items():
            initial[f"words_{code}"] = text
            if data is not None:  # a language chosen just now has no words typed yet
                data.setdefault(f"{prefix}-words_{code}", text)
        super().__init__(data, prefix=prefix, initial=initial)
        for code in languages:
            language = by_code(code)
            attrs = {"rows": 3, "lang": language.in_django, "dir": language.direction}
            self.fields[f"words_{code}"] = forms.CharField(
                label=language.name, required=False, max_length=LONGEST, widget=forms.Textarea(attrs)
            )

    def stored_version(self) -> str:
        """A fingerprint of the office's own words in the languages of the draft."""
        return fingerprint([(code, row.words if row else "") for code, (_text, row) in self.words.items()])

    @property
    def own(self) -> list[ItemQuestion]:
        """The rows of the office's own words."""
        return [row for _text, row in self.words.values() if row is not None]

    @property
    def place(self) -> str:
        """Where the item stands, for the reader of the page."""
        return place_of(self.item)

    @property
    def texts(self) -> list[Any]:
        """The fields with the words."""
        return [self[f"words_{code}"] for code in self.languages]

    @property
    def by_machine(self) -> str:
        """The languages in which the words are a machine's translation that nobody has confirmed or edited."""
        return with_commas(
            by_code(code).name for code in self.languages if self[f"words_{code}"].value() in by_machine(code)
        )

    @property
    def typed(self) -> dict[str, str]:
        """The words by code of the language."""
        return {code: self.cleaned_data[f"words_{code}"] for code in self.languages}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for code in self.languages:
            name = f"words_{code}"
            if name not in values:
                continue
            if problem := control_problem(values[name]):
                self.add_error(name, problem)
            elif values.get("ask") and not values[name] and not self.may_be_empty:
                self.add_error(name, _("Enter the request, or clear its box so that it is left out."))
        return values

    def keep(self) -> bool:
        """Saves the words for all lists; empty ones bring back the usual words.

        Returns whether it did, as somebody else may have changed them meanwhile.
        """
        self.may_be_empty = True
        stored = {f"words_{code}": text for code, (text, _row) in self.words.items()}
        self.conflict = compare(
            self,
            self.stored_version(),
            stored,
            lambda: max(map(last_change, self.own), key=lambda one: str(one[1] or ""), default=("", None)),
        )
        self.full_clean()  # of the version that was chosen
        if self.conflict is not None:
            self.add_error(None, self.conflict.said)
        if not self.is_valid():
            return False
        save_own(self.item, self.typed)
        return True


@dataclass
class IssuesPage:
    """A draft of one report, as the request asks for it."""

    request: HttpRequest
    report: Any

    def __post_init__(self) -> None:
        self.data: Any = self.request.POST.copy() if self.request.method == "POST" else None
        self.languages = LanguagesForm.chosen(self.request.GET if self.data is None else self.data)
        marks = CheckedItem.objects.applying().filter(checklist=self.report.checklist, mark__in=GAPS)
        self.marks = list(
            marks.select_related("checklist__by", "item__guidelines").order_by("item__position", "item")
            if self.report.checklist
            else ()
        )
        self.read()

    def read(self) -> None:
        """Makes the forms, with the words as they are stored now."""
        words = words_for([one.item for one in self.marks], self.languages)
        self.forms = [ItemRequestForm(one, words, self.languages, self.data) for one in self.marks]

    def is_valid(self) -> bool:
        """Whether a draft can be made; else the forms say what is wrong."""
        if self.data is None:
            return bool(self.forms)
        return not any(one.errors for one in self.forms) and bool(self.asked)

    @property
    def asked(self) -> list[ItemRequestForm]:
        """The requests that are made."""
        return [one for one in self.forms if one["ask"].value()]

    def parts(self) -> list[IssuesPart]:
        """The draft of valid forms."""
        requests: dict[str, list[tuple[str, str]]] = {}
        for code in self.languages:
            with speaking(code):
                requests[code] = [
                    (one.typed[code] if one.is_bound else one.words[code][0], place_of(one.item))
                    for one in self.asked
                ]
        return draft_of(self.report, requests, timezone.localdate())

    def file(self, form: str) -> tuple[str, bytes]:
        """The draft as a file, with its name."""
        parts, name = self.parts(), f"issues-{self.report.state_id}-{self.report.pk}-draft.{form}"
        return name, docx_of(parts) if form == "docx" else pdf_of(parts, timezone.localdate())

    def show(self) -> HttpResponse:
        """The page."""
        user, state = self.request.user, self.report.state
        yours = limits.may_change(user, {state.pk})
        may_attach = yours and user.has_perm(MAY_ATTACH)
        bound = self.data is not None
        return render(
            self.request,
            "web/consideration/draft_issues.html",
            {
                "report": self.report,
                "state": state,
                "checklist": self.marks[0].checklist if self.marks else None,
                "choice": LanguagesForm(initial={"language": self.languages}),
                "several": len(self.languages) > 1,
                "requests": self.forms,
                "none_asked": bound and not self.asked and all(not one.errors for one in self.forms),
                "may_save": user.has_perm(MAY_SAVE_WORDS),
                "papers": list(papers_to(state.pk)) if may_attach and self.forms else [],
                "may_record": yours and user.has_perm("obligations.add_informationrequest"),
                "may_write": yours and user.has_perm("correspondence.add_paper"),
            },
        )


def papers_to(state: str) -> Iterable[Paper]:
    """The papers to a State that are not dispatched yet, newest first."""
    rows = Paper.objects.filter(state=state, direction=Direction.OUT, status__in=UNDISPATCHED)
    return rows.only("reference", "subject").order_by("-pk")


def _page_of(request: HttpRequest, pk: int) -> IssuesPage:
    counting = Checklist.objects.counting(day_of(request)).values("pk")
    report = (
        Submission.objects.select_related("state")
        .annotate(checklist=Subquery(counting))
        .filter(pk=pk)
        .first()
    )
    if report is None:
        raise Http404
    return IssuesPage(request, report)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_issues(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft; sent, it shows other languages, saves the words of a request for all lists, or attaches the file."""
    page = _page_of(request, pk)
    step, _dash, key = request.POST.get("step", "").partition("-")
    if step == "keep":
        _keep(page, key)
    elif step == "attach" and page.is_valid():
        return _attach(page)
    return page.show()


@require_http_methods(["GET", "HEAD", "POST"])
def draft_issues_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The draft as DOCX or PDF: as it was edited, or of all gaps with the usual words."""
    page = _page_of(request, pk)
    if form not in FORMS:
        raise Http404
    if not page.is_valid():
        return page.show()
    name, data = page.file(form)
    return as_download(name, FORMS[form], data)


def _keep(page: IssuesPage, key: str) -> None:
    """Saves the words of one request for all lists."""
    if not page.request.user.has_perm(MAY_SAVE_WORDS):
        raise PermissionDenied
    at = next((at for at, one in enumerate(page.forms) if str(one.item.pk) == key), None)
    if at is None:
        raise Http404

    def act() -> bool:
        # Nobody else saves words of this item until these are.
        GuidelineItem.objects.select_for_update().get(pk=key)
        page.read()
        return page.forms[at].keep()

    if once_more(act):
        item = page.forms[at].item
        messages.success(
            page.request, _("The words for %(code)s are saved for all lists.") % {"code": item.code}
        )
        page.data = page.forms[at].data  # with the version that was chosen
        for code, text in page.forms[at].typed.items():
            if not text:
                page.data.pop(f"item{item.pk}-words_{code}")
        page.read()
        page.data[f"item{item.pk}-{VERSION}"] = page.forms[at].stored_version()


def _attach(page: IssuesPage) -> HttpResponse:
    """Attaches the draft to a paper that is not dispatched yet."""
    request = page.request
    limits.check(request.user, {page.report.state_id})
    if not request.user.has_perm(MAY_ATTACH):
        raise PermissionDenied
    key = request.POST.get("paper", "")
    paper = next((one for one in papers_to(page.report.state_id) if str(one.pk) == key), None)
    if paper is None:
        messages.error(request, _("Not attached: choose a paper that is not dispatched yet."))
        return page.show()
    if codes := [one.item.code for one in page.asked if one.by_machine]:
        problem = _(
            "Not attached: a machine translated the words of %(codes)s. No such words go to a State: edit them here, "
            "or have the translation confirmed."
        )
        messages.error(request, problem % {"codes": with_commas(codes)})
        return page.show()
    name, data = page.file("docx")
    try:
        files.accept(paper, SimpleUploadedFile(name, data, files.DOCX), by=request.user.get_username())
    except files.Refused as error:
        messages.error(request, str(error))
        return page.show()
    said = _("The draft is attached to %(reference)s.") % {"reference": paper.reference}
    messages.success(request, with_undo_of_files(request, said, paper, 1))
    return redirect(paper)
