"""Dates stated by the Committee, reviews, requests, submissions, printed dates.

Obligations are derived, never entered."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from tracker.obligations.models import (
    CommitteeDate,
    InformationRequest,
    NonReceipt,
    PrintedDate,
    Review,
    Submission,
)
from tracker.web.admin.facts import FactAdmin, with_reason

CONFIDENCE = _("Records that were not read in the document itself are listed under “Records to confirm”.")
READ_IN = {
    "source": _("Where the document was read, if not in the UN Treaty Body Database."),
    "note": _("What was inferred, and from which source."),
}


@admin.register(CommitteeDate)
class CommitteeDateAdmin(FactAdmin):
    list_display = ("state", "kind", "cycles", "outcome", "due_on", "precision", "document", "decided_on")
    list_filter = ("outcome", "kind", "document_kind", "precision", "confidence", "state__region")
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "first_cycle", "last_cycle", "carried_by")}),
        (
            _("What the Committee states"),
            {
                "fields": (
                    "outcome",
                    "due_on",
                    "precision",
                    "document_kind",
                    "document",
                    "paragraph",
                    "decided_on",
                )
            },
        ),
        (_("Source"), {"fields": ("source", "confidence", "note")}),
    )
    help_texts = {
        "kind": _("As in the concluding observations."),
        "first_cycle": _(
            "3 for “third and fourth” as well as for “third”. 0 for the next report under the CRC, if its date is to "
            "be communicated and no number is given."
        ),
        "document_kind": _(
            "A list of issues prior to reporting asks for the next report itself: its date is the due date of that "
            "report."
        ),
        "confidence": CONFIDENCE,
        "paragraph": _("Of the concluding observations, usually the last one: “Next periodic report”."),
    } | READ_IN


@admin.register(InformationRequest)
class InformationRequestAdmin(FactAdmin):
    list_display = ("document", "state", "kind", "number", "issued_on", "due_on", "received_on")
    list_display_links = ("document", "state")
    list_filter = ("kind", "state__region")
    readonly_fields = ("number",)
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "number")}),
        (_("What the Committee asks"), {"fields": ("document", "issued_on", "due_on")}),
        (
            _("The reply"),
            {"fields": ("received_on", "reply_words", "assessment", "assessed_on", "assessment_words")},
        ),
        (_("Source"), {"fields": ("source", "note")}),
    )
    help_texts = {
        "kind": _(
            "The document in which the Committee asks; “other” for a letter, for example. A list of issues prior to "
            "reporting is entered as a date stated by the Committee."
        ),
        "number": _("Assigned when the request is saved; it never changes."),
    } | READ_IN


@admin.register(Submission)
class SubmissionAdmin(FactAdmin):
    list_display = ("symbol", "state", "kind", "cycles", "received_on", "reviewed_on", "withdrawn_on")
    list_display_links = ("symbol", "state")
    list_filter = ("kind", "carried_by", "information", "confidence", "language", "state__region")
    search_fields = ("state__name", "state__iso3", "symbol", "title", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "first_cycle", "last_cycle", "carried_by")}),
        (
            _("When"),
            {"fields": ("received_on", "reviewed_on", "review_precision", "known_by", "withdrawn_on")},
        ),
        (_("Information on the OPSC"), {"fields": ("information", "information_where")}),
        (_("The document"), {"fields": ("symbol", "title", "language", "link", "revises")}),
        (_("Source"), {"fields": ("source", "confidence", "note")}),
    )
    help_texts = {
        "kind": _("As on the cover of the report; initial also if it is combined with the second (1-2)."),
        "last_cycle": _(
            "4 for “third and fourth”, 2 for an initial report combined with the second; the same as the first cycle "
            "for a single report."
        ),
        "confidence": CONFIDENCE,
        "title": _("As on the cover, for example “Combined third and fourth reports”."),
        "language": _("The language in which the State wrote it."),
        "link": _("To the document in the UN Treaty Body Database or ODS."),
        "source": _("Where the document was read, if not at the link."),
        "note": READ_IN["note"],
    }


@admin.register(Review)
class ReviewAdmin(FactAdmin):
    list_display = ("document", "state", "kind", "cycles", "carried_by", "adopted_on", "without_report")
    list_display_links = ("document", "state")
    list_filter = ("kind", "carried_by", "without_report", "confidence", "state__region")
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "first_cycle", "last_cycle", "carried_by")}),
        (
            _("The concluding observations"),
            {"fields": ("document", "adopted_on", "session", "without_report")},
        ),
        (_("Source"), {"fields": ("source", "confidence", "note")}),
    )
    help_texts = {
        "kind": _("The report reviewed, or due to be reviewed."),
        "first_cycle": _(
            "3 for “third and fourth” as well as for “third”; 0 for a report under the CRC whose number is not known."
        ),
        "confidence": CONFIDENCE,
    } | READ_IN


@admin.register(PrintedDate)
class PrintedDateAdmin(FactAdmin):
    list_display = ("state", "kind", "cycles", "carried_by", "printed", "document", "printed_on")
    list_filter = ("kind", "carried_by", "state__region")
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "first_cycle", "last_cycle", "carried_by")}),
        (_("What is printed"), {"fields": ("printed", "document", "printed_on")}),
        (_("Source"), {"fields": ("source", "note")}),
    )
    help_texts = {
        "kind": _("The report for which the date is printed."),
        "source": _("Where the document was read."),
        "note": _("Further information in the document."),
    }


@admin.register(NonReceipt)
class NonReceiptAdmin(FactAdmin):
    list_display = ("state", "kind", "cycle", "carried_by", "not_received_by", "source")
    list_filter = ("kind", "carried_by", "state__region")
    search_fields = ("state__name", "state__iso3", "source", "note")
    fieldsets = with_reason(
        (None, {"fields": ("state", "kind", "cycle", "carried_by")}),
        (_("What is confirmed"), {"fields": ("not_received_by", "source", "note")}),
    )
    help_texts = {
        "kind": _("The report that was not received."),
        "cycle": _(
            "1 for the initial report; for a part of a report under the CRC, the number of that report."
        ),
        "carried_by": _("“report under the CRC” for a periodic report of a State party to the CRC."),
        "note": _("The statement of the source, in a sentence."),
    }
