"""Requests to a State about what its report leaves out: the office's own words for an item, else a plain sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.translation import gettext, gettext as _, gettext_noop

from tracker.consideration.models import GuidelineItem, ItemQuestion
from tracker.languages.known import speaking
from tracker.registry.stored import translated

SHIPPED_FOR = "CRC/C/OPSC/2"  # the version of the guidelines whose codes these are
SHIPPED = {
    "P1": gettext_noop(
        "Please describe how the report was prepared, and which ministries, independent bodies, non-governmental "
        "organizations and children took part."
    ),
    "P2": gettext_noop(
        "Please explain how the general principles of the Convention were taken into account in implementing the "
        "Protocol: non-discrimination, the best interests of the child, the right to life and development, and "
        "respect for the views of the child."
    ),
    "P3": gettext_noop(
        "Please clarify the legal status of the Protocol in domestic law, and whether it applies in all territories "
        "and federal units, at military bases, and on board ships and aircraft of the State party."
    ),
    "P4": gettext_noop(
        "Please state which reservations to the Protocol the State party keeps, and whether it considers withdrawing "
        "them."
    ),
    "P5": gettext_noop(
        "Please provide information on progress and obstacles in implementing the Protocol, on remaining gaps and "
        "plans, and on the follow-up to earlier recommendations of the Committee."
    ),
    "D1": gettext_noop(
        "Please provide data on the offences covered by the Protocol, disaggregated by sex, age, region, nationality "
        "and ethnic origin, with their trend over time, and describe how they are collected."
    ),
    "D2": gettext_noop(
        "Please provide data on the sale of children for sexual exploitation, transfer of organs, forced labour and "
        "improper adoption, and on children trafficked into and out of the State party."
    ),
    "D3": gettext_noop(
        "Please provide data on persons under 18 years of age exploited in prostitution, and on its links with travel "
        "and tourism, including online."
    ),
    "D4": gettext_noop(
        "Please provide data on child pornography in photographs, films, live performances and on the Internet, with "
        "the numbers of cases and convictions."
    ),
    "G1": gettext_noop(
        "Please list the laws and decrees adopted to implement the Protocol, and the leading judgments based on them."
    ),
    "G2": gettext_noop(
        "Please identify the body with the main responsibility for implementing the Protocol, and describe how it "
        "coordinates its work with regional authorities and civil society."
    ),
    "G3": gettext_noop(
        "Please provide information on any strategy or plan of action on the offences covered by the Protocol, with "
        "its goals and dates."
    ),
    "G4": gettext_noop(
        "Please provide information on the budget allocated to the implementation of the Protocol."
    ),
    "G5": gettext_noop(
        "Please describe how the Protocol is made known, and how professionals who work with and for children are "
        "trained on it."
    ),
    "G6": gettext_noop(
        "Please provide information on the independent institution that monitors the rights of the child, on its "
        "powers and resources, and on evaluations of the implementation of the Protocol."
    ),
    "A1": gettext_noop(
        "Please indicate the provisions that prohibit the sale of children, child prostitution and child pornography."
    ),
    "A2a-c": gettext_noop(
        "Please state how domestic law defines the sale of children, child prostitution and child pornography, and "
        "whether these definitions have all elements of article 2 of the Protocol."
    ),
    "A3.1a": gettext_noop(
        "Please indicate the provisions that make it a criminal offence to offer, deliver or accept a child for "
        "sexual exploitation, transfer of organs or forced labour, or to induce consent to an adoption improperly."
    ),
    "A3.1b": gettext_noop(
        "Please indicate the provisions that make it a criminal offence to offer, obtain, procure or provide a child "
        "for prostitution."
    ),
    "A3.1c": gettext_noop(
        "Please indicate the provisions that make it a criminal offence to produce, distribute, disseminate, import, "
        "export, offer, sell or possess child pornography."
    ),
    "A3.2": gettext_noop(
        "Please state whether attempt, complicity and participation in the offences covered by the Protocol are "
        "punishable."
    ),
    "A3.3": gettext_noop(
        "Please state the minimum and maximum penalties for the offences covered by the Protocol, the aggravating "
        "circumstances, and the limitation periods."
    ),
    "A3.4": gettext_noop(
        "Please state whether legal persons can be held liable for the offences covered by the Protocol, and whether "
        "their liability is criminal, civil or administrative."
    ),
    "A3.5": gettext_noop(
        "Please describe how the State party ensures that all persons involved in an adoption act in conformity with "
        "the applicable international instruments."
    ),
    "A4.1-3": gettext_noop(
        "Please explain on which grounds the State party has jurisdiction over the offences covered by the Protocol: "
        "its territory, ships and aircraft, the nationality or residence of the alleged offender, the nationality of "
        "the victim, and a refusal to extradite a national."
    ),
    "A5": gettext_noop(
        "Please state the legal basis of extradition for the offences covered by the Protocol, and the numbers of "
        "requests granted and refused, with the reasons for refusals."
    ),
    "A6": gettext_noop(
        "Please provide information on mutual assistance in investigations, criminal proceedings and extradition, "
        "including assistance in obtaining evidence."
    ),
    "A7": gettext_noop(
        "Please describe the measures to seize and confiscate goods used to commit the offences covered by the "
        "Protocol and the proceeds of such offences, and to close the premises used."
    ),
    "A8.1a-g": gettext_noop(
        "Please describe how child victims and witnesses are protected in criminal proceedings: recognition of their "
        "special needs, information, hearing of their views, support, privacy, safety, and avoidance of delay."
    ),
    "A8.2": gettext_noop(
        "Please explain how the State party ensures that doubt about the age of a victim does not prevent a criminal "
        "investigation."
    ),
    "A8.3": gettext_noop(
        "Please explain how the best interests of the child are a primary consideration in the treatment of child "
        "victims by the criminal justice system."
    ),
    "A8.4-5": gettext_noop(
        "Please provide information on the training of those who work with child victims, and on the protection of "
        "persons and organizations that prevent the offences covered by the Protocol or help their victims."
    ),
    "A8.6": gettext_noop(
        "Please explain how the measures to protect child victims respect the right of the accused to a fair and "
        "impartial trial."
    ),
    "A9.1": gettext_noop(
        "Please describe the laws, policies and programmes to prevent the offences covered by the Protocol, in "
        "particular those for children at special risk."
    ),
    "A9.2": gettext_noop(
        "Please provide information on measures to raise awareness of the offences covered by the Protocol, and on "
        "how children take part in them."
    ),
    "A9.3": gettext_noop(
        "Please describe the assistance for the physical and psychological recovery and the social reintegration of "
        "child victims."
    ),
    "A9.4": gettext_noop(
        "Please state whether all child victims can seek compensation from those legally responsible without "
        "discrimination, and provide the number of cases."
    ),
    "A9.5": gettext_noop(
        "Please describe the measures that prohibit producing and disseminating material that advertises the "
        "offences covered by the Protocol."
    ),
    "A10.1-4": gettext_noop(
        "Please provide information on international agreements against the offences covered by the Protocol, on "
        "help to victims including their repatriation, on action against root causes, and on assistance given or "
        "requested."
    ),
    "A11": gettext_noop(
        "Please indicate provisions of domestic or international law in force in the State party that protect "
        "children better than the Protocol, and other treaties on this subject to which it is a party."
    ),
}


def words_for(
    items: Sequence[GuidelineItem], languages: Iterable[str]
) -> dict[tuple[int, str], tuple[str, ItemQuestion | None]]:
    """The words of the request for each item in each language, and the row of the office's own words, if there is one.

    A language whose catalogue lacks the sentence has it in English. One query.

    Args:
        items: with their guidelines.
        languages: codes.
    """
    languages = list(languages)
    rows = ItemQuestion.objects.filter(item__in=[one.pk for one in items], language__in=languages)
    own: Mapping[tuple[int, str], ItemQuestion] = {(row.item_id, row.language): row for row in rows}
    found = {}
    for language in languages:
        with speaking(language):
            for item in items:
                row = own.get((item.pk, language))
                found[item.pk, language] = (row.words if row else shipped_words(item), row)
    return found


def shipped_words(item: GuidelineItem) -> str:
    """The shipped request for an item, in the active language."""
    sentence = SHIPPED.get(item.code) if item.guidelines.document == SHIPPED_FOR else None
    if sentence is None:
        return _("Please provide information on the following: %(what)s.") % {"what": translated(item.asks)}
    return gettext(sentence)


def place_of(item: GuidelineItem) -> str:
    """Where an item stands, for a list of issues, in the active language: “art. 9(4)”, “guidelines, section II”."""
    articles = [part.strip() for part in item.anchor.split(";") if part.strip().startswith("art. ")]
    if articles:
        return _("art. %(articles)s") % {"articles": ", ".join(one.removeprefix("art. ") for one in articles)}
    return _("guidelines, section %(number)s") % {"number": item.section.partition(" ")[0]}


def save_own(item: GuidelineItem, typed: Mapping[str, str]) -> None:
    """Saves the office's own words for an item in some languages; the shipped words, or none, delete them.

    Args:
        typed: words by code of the language.
    """
    rows = {row.language: row for row in item.questions.filter(language__in=typed)}
    for language, words in typed.items():
        row = rows.get(language)
        with speaking(language):
            is_own = words not in ("", shipped_words(item))
        if not is_own:
            if row is not None:
                row.delete()
            continue
        row = row or ItemQuestion(item=item, language=language)
        if row.words != words:
            row.words = words
            row.full_clean()
            row.save()
