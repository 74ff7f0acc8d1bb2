"""Entering a paper that came in, with its files, and correcting what was entered."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _, gettext_lazy
from django.views.decorators.http import require_http_methods

from tracker.correspondence import files, received
from tracker.correspondence.checks import NotPossible
from tracker.correspondence.models import GONE, Direction, Occasion, Paper, PaperForm
from tracker.correspondence.text.filling import control_problem
from tracker.obligations.wording import labelled
from tracker.registry import limits
from tracker.registry.models import State
from tracker.registry.names import StateNames
from tracker.web.correspondence.acts import MAY_DISPATCH, mark_of, not_later, with_undo
from tracker.web.correspondence.files import FilesField, accept_all
from tracker.web.correspondence.write import MAY_WRITE
from tracker.web.ui.addresses import WHOLE
from tracker.web.ui.form_fields import (
    DayField,
    OwnStateForm,
    PlainForm,
    StateField,
    on_desk,
    put_the_focus,
    states_to_offer,
)

MOST_OFFERED = 100  # papers that it may answer, the latest


class ReceivedForm(PlainForm):
    """A paper that came in."""

    on = DayField(
        label=gettext_lazy("Received on"),
        error_messages={"required": gettext_lazy("Enter the day on which it was received.")},
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=250,
        error_messages={"required": gettext_lazy("Enter what it is about, in a few words.")},
    )
    form = forms.ChoiceField(label=gettext_lazy("Form"), choices=PaperForm)
    name = forms.CharField(
        label=gettext_lazy("Sender"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("For example Permanent Mission of Norway."),
    )
    email = forms.EmailField(label=gettext_lazy("E-mail of the sender"), required=False)
    their_reference = forms.CharField(label=gettext_lazy("Their reference"), required=False, max_length=100)
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("What it says and asks for. The search finds these words."),
    )
    answers = forms.TypedChoiceField(
        label=gettext_lazy("Answers our paper"), required=False, coerce=int, empty_value=None
    )
    acknowledges = forms.BooleanField(
        label=gettext_lazy("It confirms the receipt of our paper"), required=False
    )
    uploads = FilesField(
        label=gettext_lazy("Files"),
        required=False,
        help_text=gettext_lazy("PDF, documents and pictures; several at once."),
    )

    def __init__(self, state: State, by: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = Paper.objects.filter(state=state, direction=Direction.OUT, status__in=GONE).order_by("-pk")
        self.sent = {row.pk: row for row in sent.defer("content")[:MOST_OFFERED]}
        self.fields["answers"].choices = [
            ("", _("none")),
            *((row.pk, labelled(row.reference, row.subject)) for row in self.sent.values()),
        ]
        if not by.has_perm(MAY_DISPATCH):
            del self.fields["acknowledges"]

    def clean_on(self) -> Any:
        return not_later(self.cleaned_data["on"])

    def clean_summary(self) -> str:
        return _plain(self.cleaned_data["summary"])

    def clean(self) -> None:
        values = self.cleaned_data
        if values.get("acknowledges") and not values.get("answers"):
            self.add_error("answers", _("Choose the paper whose receipt it confirms."))


def _plain(text: str) -> str:
    if problem := control_problem(text):
        raise ValidationError(problem)
    return text


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(MAY_WRITE, raise_exception=True)
def receive_paper(request: HttpRequest) -> HttpResponse:
    """`/correspondence/receive/?state=NOR` or `?answers=12`: asks for the State, then for the paper."""
    data = request.POST if request.method == "POST" else request.GET
    answers = data.get("answers", "")
    answered = Paper.objects.filter(pk=int(answers)).first() if WHOLE.fullmatch(answers) else None
    named = data.get("state") or (answered.state_id if answered else "")
    chosen = OwnStateForm(request.user, {"state": named} if named else None)
    if not (named and chosen.is_valid()):
        put_the_focus(chosen)
        context = {"form": chosen, "states": states_to_offer(request.user), "receives": True}
        return render(request, "web/correspondence/write_to.html", context)
    state: State = chosen.cleaned_data["state"]
    limits.check(request.user, {state.pk})
    if request.method == "POST" and "step" in data:
        form = ReceivedForm(state, request.user, request.POST, request.FILES)
        if form.is_valid() and (paper := _entered(request, state, form)):
            said = _("%(reference)s is in the register.") % {"reference": paper[0].reference}
            messages.success(request, with_undo(request, said, paper))
            return redirect(paper[0])
    else:
        began: dict[str, Any] = {"answers": answered.pk if answered else None, "on": timezone.localdate()}
        if answered is not None:
            began |= {"name": answered.name, "email": answered.email}
        form = ReceivedForm(state, request.user, initial=began)
    put_the_focus(form)
    return render(request, "web/correspondence/receive.html", {"state": state, "form": form})


def _entered(request: HttpRequest, state: State, form: ReceivedForm) -> list[Paper]:
    """Enters the paper with its files, or none of it; puts why not beside the field.

    Returns:
        the paper, then ours whose receipt it confirms.
    """
    values, by = form.cleaned_data, request.user.get_username()
    answered = form.sent.get(values["answers"])
    try:
        with transaction.atomic():
            paper = received.receive(
                state,
                by=by,
                on=values["on"],
                subject=values["subject"],
                name=values["name"],
                email=values["email"],
                their_reference=values["their_reference"],
                summary=values["summary"],
                form=values["form"],
                answers=answered,
                occasion=answered.occasion if answered else Occasion.OTHER,
            )
            accept_all(paper, values["uploads"], by=by)
            confirmed = received.confirm(paper, by=by) if values.get("acknowledges") else []
    except files.Refused as error:
        form.add_error("uploads", error)
    except NotPossible as error:
        form.add_error(None, error)
    else:
        return [paper, *confirmed]
    return []


# --- correcting ------------------------------------------------------------------------------------------

# The fields of the form that are stored under another name.
STORED_AS = {"on": "received_on"}
ENTERED = ("on", "subject", "form", "name", "email", "their_reference", "summary")


class CorrectForm(ReceivedForm):
    """What was entered of a paper received, and its State. Its files stay."""

    state = StateField(
        help_text=gettext_lazy("Another State: the paper then answers none of the former one’s papers.")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason of the correction"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("Needed for another State. It stays in the history of the paper."),
    )

    def __init__(self, paper: Paper, by: Any, data: Any) -> None:
        self.paper, self.by, self.confirmed = paper, by, received.confirmed_by(paper)
        entered: dict[str, Any] = {name: getattr(paper, STORED_AS.get(name, name)) for name in ENTERED}
        entered |= {"answers": paper.answers_id, "acknowledges": self.confirmed is not None}
        super().__init__(paper.state, by, data, initial=entered | {"state": paper.state})
        state: Any = self.fields["state"]
        state.names = SimpleLazyObject(StateNames.recorded)  # else those read for the first form would stay
        answered, choice = paper.answers, cast("Any", self.fields["answers"])
        if answered is not None and answered.pk not in self.sent:
            self.sent[answered.pk] = answered
            choice.choices = [*choice.choices, (answered.pk, labelled(answered.reference, answered.subject))]
        del self.fields["uploads"]

    def clean_state(self) -> State:
        return on_desk(self.by, self.cleaned_data["state"])

    def clean(self) -> None:
        super().clean()
        moved = self.cleaned_data.get("state", self.paper.state) != self.paper.state
        if moved and not self.cleaned_data.get("reason", "").strip() and "reason" not in self.errors:
            self.add_error("reason", _("Enter why the paper belongs to another State."))
        new = {"state", "answers", "on"} & set(self.changed_data)
        if new and self.confirmed is not None and not self.by.has_perm(MAY_DISPATCH):
            said = _(
                "An approver has to correct this: the receipt of %(reference)s is confirmed by this paper."
            )
            self.add_error(None, said % {"reference": self.confirmed.reference})

    @property
    def values(self) -> dict[str, Any]:
        """The values of the valid form by field of `Paper`."""
        stored = ("state", *ENTERED)
        values = {STORED_AS.get(name, name): self.cleaned_data[name] for name in stored}
        return values | {"answers": self.sent.get(self.cleaned_data["answers"])}


def correct_received(request: HttpRequest, paper: Paper) -> HttpResponse:
    """The form of a paper received as it was entered; saves it if nobody has changed it meanwhile."""
    sent = request.method == "POST"
    form = CorrectForm(paper, request.user, request.POST if sent else None)
    seen = request.POST.get("seen", "") if sent else mark_of(paper)
    if sent and form.is_valid():
        known = paper.changed_at if seen == mark_of(paper) else None
        try:
            now = received.correct(
                paper,
                form.values,
                by=request.user.get_username(),
                seen=known,
                reason=form.cleaned_data["reason"].strip(),
                confirms=form.cleaned_data.get("acknowledges"),
            )
        except NotPossible as error:
            form.add_error(None, error)
            seen = mark_of(paper)  # the person is warned, and may save the own values
        else:
            said = _("%(reference)s is saved.") % {"reference": paper.reference}
            messages.success(request, with_undo(request, said, now) if now else said)
            return redirect(paper)
    put_the_focus(form)
    states = states_to_offer(request.user)
    context = {"state": paper.state, "form": form, "paper": paper, "seen": seen, "states": states}
    return render(request, "web/correspondence/receive.html", context)
