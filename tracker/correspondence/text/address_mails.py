"""The mails about the address of a contact: a request to confirm its data, and the notices of a change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tracker.correspondence.address_links import VALID_FOR, confirm_link
from tracker.correspondence.models import Dispatch
from tracker.languages.known import Locale, by_code, speaking
from tracker.languages.writing import in_words, without_isolates
from tracker.registry.desks import Desks
from tracker.registry.models import Contact
from tracker.reminders.messages import answers_to, joined_subject
from tracker.reminders.outgoing import AutomaticMail, sender, to_person
from tracker.reminders.text.language import in_words as language_in_words, of_contact
from tracker.reminders.text.lines import one_line, wrapped


@dataclass(frozen=True)
class AddressMailPart:
    """A mail about an address in one of its languages.

    Attributes:
        name: of the recipient; empty where the mail names nobody.
        data: labels and values of what is recorded.
        link: empty if there is none.
        closing: the sentences after the link.
    """

    subject: str
    name: str
    opening: str
    data: Sequence[tuple[str, str]] = ()
    before_link: str = ""
    link: str = ""
    closing: Sequence[str] = ()


def confirm_message(dispatch: Dispatch, day: date) -> AutomaticMail:
    """The request to confirm the data of a contact; the same on the same day.

    Args:
        dispatch: with its contact and State.
    """
    contact = _contact_of(dispatch)
    link = confirm_link(dispatch, day)

    def part(whom: str) -> AddressMailPart:
        return AddressMailPart(
            subject=_("%(state)s: please confirm your data (OPSC)") % {"state": contact.state.shown_name},
            name=one_line(contact.name),
            opening=_(
                "So that our mail about reports under article 12 of the Optional Protocol to the Convention on the "
                "Rights of the Child on the sale of children, child prostitution and child pornography reaches you, we "
                "hold the following data. State party: %(state)s."
            )
            % {"state": contact.state.shown_name},
            data=data_of(contact),
            before_link=(
                _(
                    "Please confirm them or tell us what to change, without signing in. The link works until %(day)s. "
                    "Please do not share it:"
                )
                % {"day": in_words(day + VALID_FOR)}
                if link
                else _("Please reply to this message: are they right, or what should we change?")
            ),
            link=link,
            closing=[_("You can also write to %(address)s or reply to this message.") % {"address": whom}],
        )

    return _message(dispatch, contact, part)


def changed_message(dispatch: Dispatch, day: date) -> AutomaticMail:
    """The notice that an address has changed, to the new or to the old one; the old one learns no other data.

    Args:
        dispatch: with its contact and State.
        day: unused; all mails of the ledger are written for a day.
    """
    contact = _contact_of(dispatch)
    is_new = dispatch.about.get("part") == "new"

    def part(whom: str) -> AddressMailPart:
        about = {"state": contact.state.shown_name}
        opening = (
            _(
                "Our mail about reports under article 12 of the Optional Protocol to the Convention on the Rights of "
                "the Child on the sale of children, child prostitution and child pornography will come to this "
                "address from now on, and no longer to the earlier one. State party: %(state)s."
            )
            if is_new
            else _(
                "Our mail about reports under article 12 of the Optional Protocol to the Convention on the Rights of "
                "the Child on the sale of children, child prostitution and child pornography will no longer come to "
                "this address. State party: %(state)s."
            )
        )
        return AddressMailPart(
            subject=_("%(state)s: your address was changed (OPSC)") % about,
            name=one_line(contact.name) if is_new else "",
            opening=opening % about,
            closing=[
                _("If you did not expect this change, please write to %(address)s or reply to this message.")
                % {"address": whom}
            ],
        )

    return _message(dispatch, contact, part)


def data_of(contact: Contact) -> list[tuple[str, str]]:
    """Label and value of what is recorded about a contact, as it may read it."""
    language = language_in_words(contact.language or contact.state.language)
    return [
        (_("Name"), one_line(contact.name)),
        (_("Office"), one_line(contact.office) or "—"),
        (_("E-mail"), contact.email),
        (_("Language of our mails"), language),
    ]


def desk_of(contact: Contact) -> tuple[str, str]:
    """Name and address to which a contact can write."""
    return answers_to([contact.state], Desks.read())[0]


def _contact_of(dispatch: Dispatch) -> Contact:
    contact = dispatch.contact
    if contact is None:
        raise ValueError(f"{dispatch.key}: the contact was deleted")
    return contact


def _message(
    dispatch: Dispatch, contact: Contact, part_for: Callable[[str], AddressMailPart]
) -> AutomaticMail:
    """The mail with its parts in the languages of the contact."""
    name, address = desk_of(contact)
    whom = f"{name} <{address}>" if name else address
    codes = of_contact(contact, contact.state).parts
    parts: list[tuple[Locale, AddressMailPart]] = []
    texts, pages = [], []
    for number, code in enumerate(codes):
        language = by_code(code)
        with speaking(code):
            part = part_for(whom)
            context = {
                "part": part,
                "sender": sender()[0] or sender()[1],
                "is_followed": number + 1 < len(codes),
            }
            texts.append(
                wrapped(render_to_string("correspondence/address_mail.txt", context), language.direction)
            )
            pages.append({"language": language, **context})
        parts.append((language, part))
    with speaking(codes[0]):
        html = render_to_string("correspondence/address_mail.html", {"parts": pages})
    languages = (
        {"Content-Language": ", ".join(one.in_django for one, _part in parts)} if codes != ("en",) else {}
    )
    message = AutomaticMail(
        subject=joined_subject(
            [(one.direction, one_line(without_isolates(part.subject))) for one, part in parts]
        ),
        body="\n".join(texts),
        to=[to_person(one_line(dispatch.recipient_name), dispatch.recipient)],
        reply_to=[to_person(name, address)],
        headers=languages,
    )
    message.attach_alternative(html, "text/html")
    return message
