"""The shipped words of papers, by part: one catalogue for notes verbales, letters and mails.

A paper is an opening of its form, the paragraphs of its occasion, and a closing of its form. The paragraphs are in the
third person and say the same in each form. No sentence inflects the name of a State or of a report.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _, pgettext_lazy

from tracker.correspondence.text.filling import in_braces

SHIPPED = {
    "note.mission": _(
        "%(office)s presents its compliments to the Permanent Mission of %(state)s to the United Nations Office and "
        "other international organizations in Geneva and has the honour to refer to article 12 of the Optional "
        "Protocol to the Convention on the Rights of the Child on the sale of children, child prostitution and child "
        "pornography."
    ),
    "note.mission.closing": _(
        "%(office)s avails itself of this opportunity to renew to the Permanent Mission of %(state)s the assurances "
        "of its highest consideration."
    ),
    "note.observer": _(
        "%(office)s presents its compliments to the Permanent Observer Mission of %(state)s to the United Nations "
        "Office and other international organizations in Geneva and has the honour to refer to article 12 of the "
        "Optional Protocol to the Convention on the Rights of the Child on the sale of children, child prostitution "
        "and child pornography."
    ),
    "note.observer.closing": _(
        "%(office)s avails itself of this opportunity to renew to the Permanent Observer Mission of %(state)s the "
        "assurances of its highest consideration."
    ),
    "note.ministry": _(
        "%(office)s presents its compliments to the competent ministry of %(state)s and has the honour to refer to "
        "article 12 of the Optional Protocol to the Convention on the Rights of the Child on the sale of children, "
        "child prostitution and child pornography."
    ),
    "note.ministry.closing": _(
        "%(office)s avails itself of this opportunity to renew to the competent ministry of %(state)s the assurances "
        "of its highest consideration."
    ),
    "letter.salutation": _("Excellency,"),
    "letter": _(
        "I have the honour to refer to article 12 of the Optional Protocol to the Convention on the Rights of the "
        "Child on the sale of children, child prostitution and child pornography. State party: %(state_name)s."
    ),
    "letter.closing": _("Accept, Excellency, the assurances of my highest consideration."),
    # Translators: the beginning of a mail to a person, by the name of the person or the office.
    "mail.salutation": pgettext_lazy("in a mail to a State", "Dear %(name)s,"),
    "mail": _(
        "We write about article 12 of the Optional Protocol to the Convention on the Rights of the Child on the sale "
        "of children, child prostitution and child pornography. State party: %(state_name)s."
    ),
    "mail.closing": _("Yours faithfully,"),
    "ahead": _(
        "%(basis)s\n\nThe due date of the following report of the State party is approaching. Report: %(report)s. Due "
        "date: %(due)s.\n\nThe Committee on the Rights of the Child would appreciate receiving the report by that "
        "date. If it has already been submitted, information on the date of submission would be welcome, so that the "
        "records can be corrected."
    ),
    "due": _(
        "%(basis)s\n\nThe following report of the State party is due. Report: %(report)s. Due date: %(due)s.\n\nThe "
        "Committee on the Rights of the Child would appreciate receiving the report. If it has already been "
        "submitted, information on the date of submission would be welcome, so that the records can be corrected."
    ),
    "overdue": _(
        "%(basis)s\n\nThe available records do not show that the following report of the State party has been "
        "received. Report: %(report)s. Due date: %(due)s.\n\nThe Committee on the Rights of the Child would appreciate "
        "receiving the report as soon as possible, or information on the date by which it may be expected. If it has "
        "already been submitted, information on the date of submission would be welcome, so that the records can be "
        "corrected."
    ),
    "long overdue": _(
        "%(basis)s\n\nOne year or more has passed since the due date, and the available records do not show that the "
        "following report of the State party has been received. Report: %(report)s. Due date: %(due)s.\n\nThe "
        "Committee on the Rights of the Child would appreciate receiving the report as soon as possible, or "
        "information on the date by which it may be expected and on any assistance that may be needed. If it has "
        "already been submitted, information on the date of submission would be welcome, so that the records can be "
        "corrected."
    ),
    "years overdue": _(
        "%(basis)s\n\nThe available records do not show that the following report of the State party has been "
        "received. Report: %(report)s. Due date: %(due)s. Time since the due date: %(overdue)s.\n\nUnder the "
        "Committee’s provisional rules of procedure (CRC/C/4, rule 67), the Committee sends a reminder to a State "
        "party that has not submitted a report. If the report is still not submitted, the Committee considers the "
        "situation as it deems necessary and refers to it in its report to the General Assembly.\n\nThe Committee on "
        "the Rights of the Child would appreciate receiving the report as soon as possible, or information on the "
        "date by which it may be expected."
    ),
    "review notice": _(
        "%(basis)s\n\nThe available records do not show that the following report of the State party has been "
        "received. Report: %(report)s. Due date: %(due)s.\n\nThe Committee on the Rights of the Child has decided to "
        "review the implementation of the Optional Protocol in the State party in the absence of a report. Decision: "
        "%(decision)s.\n\nThe State party is invited to submit the report before the review, or to indicate the date "
        "by which it will be submitted."
    ),
    "receipt": _(
        "The receipt of the following report of the State party is acknowledged with appreciation. Report: "
        "%(report)s. Date of receipt: %(received)s. Symbol: %(symbol)s.\n\nThe date of its consideration by the "
        "Committee on the Rights of the Child will be communicated in due course."
    ),
    "issues": _(
        "The list of issues adopted by the Committee on the Rights of the Child is enclosed. Document: %(symbol)s. "
        "Date of the document: %(issued)s.\n\nThe Committee would appreciate receiving the written replies by the "
        "following date: %(reply_due)s."
    ),
    "prior": _(
        "The list of issues prior to reporting adopted by the Committee on the Rights of the Child is enclosed. "
        "Document: %(symbol)s. Date of the document: %(issued)s.\n\nUnder the simplified reporting procedure the "
        "replies to this list constitute the report of the State party. The Committee would appreciate receiving them "
        "by the following date: %(reply_due)s."
    ),
    "observations": _(
        "The concluding observations adopted by the Committee on the Rights of the Child are enclosed. Document: "
        "%(symbol)s. Date of adoption: %(adopted)s. Report considered: %(report)s.\n\nThe Committee recommends that "
        "they be made widely available in the languages of the State party."
    ),
    "next date": _(
        "The Committee on the Rights of the Child has set the date of the following report of the State party. "
        "Report: %(report)s. Due date: %(due)s. Document: %(document)s."
    ),
    "cover.note": _("Please find attached the note verbale %(reference)s. Its text is below."),
    "cover.letter": _("Please find attached the letter %(reference)s. Its text is below."),
}

_OF_A_DATE = _("%(state)s: %(report)s, due date: %(due)s (OPSC)")
# The subject of a paper by its occasion, of a mail above all: it stands in lists of both sides, so it names the State,
# and says the same before and after the due date. OPSC is the sign of the Protocol in all languages, as in symbols.
SUBJECTS = {
    "ahead": _OF_A_DATE,
    "due": _OF_A_DATE,
    "overdue": _OF_A_DATE,
    "long overdue": _OF_A_DATE,
    "years overdue": _OF_A_DATE,
    "next date": _OF_A_DATE,
    "review notice": _("%(state)s: %(report)s, review in the absence of a report (OPSC)"),
    "receipt": _("%(state)s: %(report)s, acknowledgement of receipt (OPSC)"),
    "issues": _("%(state)s: list of issues (OPSC)"),
    "prior": _("%(state)s: list of issues prior to reporting (OPSC)"),
    "observations": _("%(state)s: concluding observations (OPSC)"),
}
# Of a circular or another paper, by its title.
WITH_TITLE = _("%(state)s: %(what)s (OPSC)")
WITHOUT_TITLE = _("%(state)s: communication about the Optional Protocol (OPSC)")

# The place of the shipped letterhead; an office elsewhere writes its own as it stands.
GENEVA = pgettext_lazy("the place of a paper", "Geneva")

# What each part is, for those who edit it.
NAMES_OF_PARTS = {
    "note.mission": _("Note verbale to a Permanent Mission: opening"),
    "note.mission.closing": _("Note verbale to a Permanent Mission: closing"),
    "note.observer": _("Note verbale to a Permanent Observer Mission: opening"),
    "note.observer.closing": _("Note verbale to a Permanent Observer Mission: closing"),
    "note.ministry": _("Note verbale to a ministry: opening"),
    "note.ministry.closing": _("Note verbale to a ministry: closing"),
    "letter.salutation": _("Letter: form of address"),
    "letter": _("Letter: opening"),
    "letter.closing": _("Letter: closing"),
    "mail.salutation": _("Plain mail: form of address"),
    "mail": _("Plain mail: opening"),
    "mail.closing": _("Plain mail: closing"),
    "ahead": _("Before the due date"),
    "due": _("Report due"),
    "overdue": _("Report overdue"),
    "long overdue": _("Report overdue for a year"),
    "years overdue": _("Report overdue for years"),
    "review notice": _("Notice of a review without a report"),
    "receipt": _("Acknowledgement of receipt"),
    "issues": _("Transmission of a list of issues"),
    "prior": _("Transmission of a list of issues prior to reporting"),
    "observations": _("Transmission of concluding observations"),
    "next date": _("Date of the next report"),
    "cover.note": _("First line of the mail with a note verbale"),
    "cover.letter": _("First line of the mail with a letter"),
}


def shipped(part: str) -> str:
    """The shipped words of a part in the active language, with names in braces."""
    return in_braces(str(SHIPPED[part]))
