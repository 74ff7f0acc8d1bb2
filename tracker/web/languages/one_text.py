"""`/languages/fr/0123456789abcdef/`: one text beside its English: correct or confirm it, go back, see its history."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tracker.changes.versions import CHANGED, CREATED, REMOVED
from tracker.languages import confirming, texts
from tracker.languages.catalogues import Origin, catalogue, rule_of
from tracker.languages.confirming import TextsChanged
from tracker.languages.exchange import corrected, refusals, without_marks
from tracker.languages.known import Locale
from tracker.languages.models import ConfirmedText
from tracker.languages.texts import ShownText
from tracker.web.languages.desk import CONFIRMS, language_or_404, save, shown
from tracker.web.ui.addresses import page_before, way_back
from tracker.web.ui.conflicts import VERSION, Conflict, VersionField, compare
from tracker.web.ui.undo import keys_sent, with_undo_at_once

KEY = re.compile("[0-9a-f]{16}")
HIGHEST = 2**31 - 1  # number of a change
ORIGINS = {
    Origin.CERTIFIED: gettext_lazy("certified text"),
    Origin.DOCUMENT: gettext_lazy("document of the United Nations"),
    Origin.PERSON: gettext_lazy("confirmed by a person"),
    Origin.WRITTEN: gettext_lazy("written for this product, not confirmed yet"),
    Origin.MACHINE: gettext_lazy("machine translation"),
}
CHANGES = {
    CREATED: pgettext_lazy("translation", "confirmed"),
    CHANGED: pgettext_lazy("translation", "changed"),
    REMOVED: pgettext_lazy("translation", "back to the catalogue"),
}


class TranslationForm(forms.Form):
    """The plural forms of a text, or the text alone, and a note."""

    def __init__(self, data: Any, *, text: ShownText, language: Locale) -> None:
        super().__init__(data, initial={VERSION: text.version} | self.stored(text))
        self.text, self.language = text, language
        self.conflict: Conflict | None = None
        rule = rule_of(catalogue(language))
        rows = min(8, 2 + max(map(len, (text.english, text.plural))) // 60)
        attrs = {"rows": rows, "lang": language.in_django, "dir": language.direction, "spellcheck": "true"}
        for at, _form in enumerate(text.forms):
            label = _("Translation")
            if text.plural and (numbers := rule.examples(at)):
                label = _("Translation for %(numbers)s") % {"numbers": numbers}
            elif text.plural:
                label = _("Translation for fractions")
            self.fields[f"form_{at}"] = forms.CharField(
                label=label, strip=False, max_length=20_000, widget=forms.Textarea(attrs)
            )
        self.fields["note"] = forms.CharField(
            label=_("Note, for example where the words come from"), required=False, max_length=500
        )
        self.fields[VERSION] = VersionField()
        if self.is_bound:
            self.conflict = compare(
                self, text.version, self.stored(text), lambda: last_change(language, text.key)
            )

    @staticmethod
    def stored(text: ShownText) -> dict[str, str]:
        """The fields with the present translation."""
        note = text.confirmed.note if text.confirmed else ""
        return {f"form_{at}": without_marks(form) for at, form in enumerate(text.forms)} | {"note": note}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.conflict is not None:
            self.add_error(None, self.conflict.said)
        elif not self.errors:
            names = [f"form_{at}" for at, _form in enumerate(self.text.forms)]
            cleaned["forms"] = corrected(self.language, self.text, [cleaned[name] for name in names])
            for said in refusals(self.language, self.text, cleaned["forms"]):
                self.add_error(names[0] if len(names) == 1 else None, said)
        return cleaned


def last_change(language: Locale, key: str) -> tuple[str, datetime | None]:
    """Who has last changed a text here, and when."""
    row = history(language, key).first()
    return (_by(row), row.history_date) if row else ("", None)


def history(language: Locale, key: str) -> Any:
    """The changes of a text, newest first."""
    rows = ConfirmedText.history.filter(language=language.code, key=key)
    return rows.select_related("history_user").order_by("-history_id")


def _by(row: Any) -> str:
    return str(row.history_user or row.by)


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, code: str, key: str) -> HttpResponse:
    """One text: everybody reads it, those who may correct it."""
    language = language_or_404(code)
    if not KEY.fullmatch(key):
        raise Http404
    may = request.user.has_perm(CONFIRMS)
    if request.method == "POST" and not may:
        raise PermissionDenied
    every = texts.texts_of(language)
    back = way_back(request) or reverse("texts", args=[code])
    if request.method == "POST" and request.POST.get("step") == "back":
        return _withdraw(request, language, key, back)
    if key not in every:
        raise Http404
    text = every[key]
    form = TranslationForm(request.POST or None, text=text, language=language)
    if request.method == "POST" and form.is_valid():
        wanted = {key: (form.cleaned_data["forms"], text.version)}
        if save(request, language, wanted, form.cleaned_data["note"]):
            if request.POST.get("then") == "next" and (following := _next(language, text)):
                return redirect(reverse("text", args=[code, following.key], query={"next": back}))
            return redirect(back)
    rows = [
        {"row": row, "by": _by(row), "what": CHANGES[row.history_type], "forms": row.forms}
        for row in history(language, key)
    ]
    return render(
        request,
        "web/languages/text.html",
        {
            "locale": language,
            "one": shown(text, language),
            "form": form,
            "conflict": form.conflict,
            "origin": ORIGINS[text.origin],
            "catalogued": text.catalogued if text.confirmed and all(text.catalogued) else (),
            "history": rows,
            "may_confirm": may,
            "back": back,
        },
    )


def _next(language: Locale, text: ShownText) -> ShownText | None:
    """The next text of the same readers that nobody has confirmed, from the beginning after the last."""
    every = list(texts.texts_of(language).values())
    at = next(at for at, one in enumerate(every) if one.key == text.key)
    behind = [*every[at + 1 :], *every[:at]]
    return next((one for one in behind if one.scope == text.scope and one.status != "confirmed"), None)


def _withdraw(request: HttpRequest, language: Locale, key: str, back: str) -> HttpResponse:
    try:
        changes = confirming.withdraw(language, key, request.POST.get(VERSION, ""), by=request.user)
    except TextsChanged:
        messages.error(
            request, _("Nothing was changed: somebody else has changed the text since you opened the page.")
        )
        return redirect("text", language.code, key)
    if changes:
        said = _("The translation of the catalogue is shown again.")
        messages.success(request, with_undo_at_once(request, said, reverse("undo-texts"), changes))
    return redirect(back)


@require_POST
@permission_required(CONFIRMS, raise_exception=True)
def undo(request: HttpRequest) -> HttpResponse:
    """Undoes what the person has just confirmed or changed, if nobody has changed it since."""
    asked = keys_sent(request)
    undone = confirming.undo([key for key in asked if key <= HIGHEST], by=request.user)
    if undone == len(asked):
        messages.success(
            request, ngettext("%(n)d change undone.", "%(n)d changes undone.", undone) % {"n": undone}
        )
    else:
        messages.warning(
            request,
            _("%(undone)d of %(all)d changes undone; the others were changed again meanwhile.")
            % {"undone": undone, "all": len(asked)},
        )
    return redirect(page_before(request) or reverse("languages"))
