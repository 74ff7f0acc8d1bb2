"""`/languages/`: how far the texts of each language are confirmed, and the list in which people confirm them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tracker.languages import confirming, texts
from tracker.languages.catalogues import BadCatalogue, Scope, translated
from tracker.languages.confirming import TextsChanged
from tracker.languages.exchange import without_marks
from tracker.languages.glossary import translated_terms
from tracker.languages.known import Locale
from tracker.languages.readiness import Way, way_of
from tracker.languages.texts import ShownText
from tracker.web.ui.addresses import way_back
from tracker.web.ui.undo import with_undo_at_once

CONFIRMS = "languages.change_confirmedtext"
PER_PAGE = 50
MOST_UNDONE = 500  # texts that one button undoes
SCOPES: dict[str, Promise] = {
    Scope.MAIL: gettext_lazy("Mails to States"),
    Scope.PUBLIC: gettext_lazy("Public view and reports"),
    Scope.STAFF: gettext_lazy("Pages for staff"),
}
STATUSES: dict[str, Promise] = {
    "confirmed": pgettext_lazy("translation", "confirmed"),
    "written": pgettext_lazy("translation", "written, not confirmed"),
    "machine": pgettext_lazy("translation", "by machine"),
    "missing": pgettext_lazy("translation", "missing"),
}
WAYS: dict[Way, Promise] = {
    Way.OWN: gettext_lazy("Mails to States are in this language."),
    Way.BOTH: gettext_lazy("Mails to States are in this language and in English."),
    Way.ENGLISH: gettext_lazy("Mails to States are in English: a text is missing or by machine."),
}
OPEN, ALL, OUTDATED = "open", "all", "outdated"


class TextFilter(forms.Form):
    """Which texts the list shows."""

    q = forms.CharField(label=gettext_lazy("Text"), required=False, max_length=200)
    scope = forms.ChoiceField(
        label=gettext_lazy("Who reads it"),
        required=False,
        choices=[("", gettext_lazy("everybody")), *SCOPES.items()],
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"),
        required=False,
        choices=[
            (OPEN, gettext_lazy("to confirm")),
            (ALL, gettext_lazy("all")),
            *STATUSES.items(),
            (OUTDATED, gettext_lazy("English has changed")),
        ],
    )

    def chosen(self, name: str, otherwise: str) -> str:
        """What was chosen; another value than those offered counts as none."""
        self.is_valid()
        return self.cleaned_data.get(name) or otherwise


def language_or_404(code: str) -> Locale:
    """A language that has translations, as people have confirmed them by now.

    Raises:
        Http404: there is none with this code, or its catalogue cannot be read; English is the language of the sources.
    """
    language = next((one for one in translated() if one.code == code), None)
    if language is None:
        raise Http404
    texts.refresh()
    try:
        texts.texts_of(language)
    except BadCatalogue:
        raise Http404 from None
    return language


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """`/languages/`: the shares of each language."""
    texts.refresh()
    return render(
        request,
        "web/languages/languages.html",
        {"rows": [_row(one) for one in translated()], "scopes": SCOPES.values()},
    )


def _row(language: Locale) -> dict[str, Any]:
    try:
        shares = texts.shares(language)
    except BadCatalogue:
        return {"language": language}
    return {
        "language": language,
        "percent": texts.percent_confirmed(language),
        "way": WAYS[way_of(language.code)],
        "shares": [
            [(name, label, shares[scope][name]) for name, label in STATUSES.items() if shares[scope][name]]
            for scope in Scope
        ],
        "scopes": list(Scope),
    }


@require_safe
def text_list(request: HttpRequest, code: str) -> HttpResponse:
    """`/languages/fr/`: the texts beside the English; those to confirm first."""
    language = language_or_404(code)
    form = TextFilter({"status": OPEN} | request.GET.dict())
    every, outdated = texts.texts_of(language), texts.outdated(language)
    status = form.chosen("status", OPEN)
    found = list(_matching(every.values(), form.chosen("scope", ""), status, form.chosen("q", "")))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [shown(text, language) for text in page]
    return render(
        request,
        "web/languages/texts.html",
        {
            "locale": language,
            "form": form,
            "page": page,
            "rows": rows,
            "outdated": outdated,
            "shows_outdated": status == OUTDATED,
            "may_confirm": request.user.has_perm(CONFIRMS),
            "may_confirm_all": any(row["may_confirm"] for row in rows),
            "percent": texts.percent_confirmed(language),
            "way": WAYS[way_of(code)],
        },
    )


def _matching(every: Any, scope: str, status: str, q: str) -> Iterator[ShownText]:
    every_status = set(STATUSES)
    wanted = {OPEN: every_status - {"confirmed"}, ALL: every_status, OUTDATED: set()}.get(status, {status})
    q = q.casefold()
    for text in every:
        if (scope and text.scope != scope) or text.status not in wanted:
            continue
        if not q or any(
            q in without_marks(one).casefold()
            for one in (text.english, text.plural, text.context, *text.forms)
        ):
            yield text


def shown(text: ShownText, language: Locale) -> dict[str, Any]:
    """A text as the templates need it."""
    return {
        "text": text,
        "mark": f"{text.key}.{text.version}",
        "scope": SCOPES[text.scope],
        "status": STATUSES[text.status],
        "forms": [*dict.fromkeys(text.forms)] if not text.is_missing else [],
        "terms": translated_terms(f"{text.english} {text.plural}", language.code),
        "may_confirm": text.status in ("written", "machine"),
    }


@require_POST
@permission_required(CONFIRMS, raise_exception=True)
def confirm(request: HttpRequest, code: str) -> HttpResponse:
    """Confirms one text, the selected ones, or all of a page, as they were shown."""
    language = language_or_404(code)
    sent = request.POST
    marks = [sent["one"]] if "one" in sent else sent.getlist("shown" if "all" in sent else "pick")
    asked = dict(mark.partition(".")[::2] for mark in marks[:MOST_UNDONE])
    every = texts.texts_of(language)
    wanted = {
        key: (every[key].forms if key in every else (), seen)
        for key, seen in asked.items()
        if key not in every or not every[key].is_missing
    }
    if not wanted:
        messages.warning(request, _("Nothing was confirmed: select at least one text."))
    else:
        save(request, language, wanted)
    return redirect(way_back(request) or reverse("texts", args=[code]))


def save(request: HttpRequest, language: Locale, wanted: Any, note: str = "") -> bool:
    """Saves translations as confirmed, and says so, with a button to undo it; returns whether they are saved."""
    try:
        changes = confirming.confirm(language, wanted, by=request.user, on=timezone.localdate(), note=note)
    except TextsChanged as error:
        said = ngettext(
            "Nothing was saved: somebody else has changed %(n)d text since you opened the page. Look at it again.",
            "Nothing was saved: somebody else has changed %(n)d texts since you opened the page. Look at them again.",
            len(error.keys),
        )
        messages.error(request, said % {"n": len(error.keys)})
        return False
    said = ngettext("%(n)d text confirmed.", "%(n)d texts confirmed.", len(wanted)) % {"n": len(wanted)}
    messages.success(
        request,
        with_undo_at_once(request, said, reverse("undo-texts"), changes)
        if len(changes) <= MOST_UNDONE
        else said,
    )
    return True
