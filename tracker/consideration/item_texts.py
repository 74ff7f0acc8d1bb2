"""The words of the shipped guidelines, so that the catalogues have them and pages show them in each language.

They are stored with the items, in English (`tracker.registry.stored`). An item that somebody edits is shown as typed.
"""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

from tracker.registry.stored import recognised_by

ITEM_TEXTS = frozenset(
    (
        gettext_noop(
            "Revised guidelines regarding initial reports under article 12, paragraph 1, of the OPSC"
        ),
        gettext_noop("I Reporting process"),
        gettext_noop("II Data"),
        gettext_noop("III General measures"),
        gettext_noop("V Prohibition and related matters"),
        gettext_noop("VII International assistance and cooperation"),
        gettext_noop("VI Protection of the rights of victims"),
        gettext_noop("IV Prevention / VI Protection"),
        gettext_noop("VIII Other legal provisions"),
        gettext_noop("how the report was prepared; who took part (ministries, NGOs, children)"),
        gettext_noop(
            "general principles (non-discrimination, best interests, life and development, being heard) taken into "
            "account"
        ),
        gettext_noop("legal status of the Protocol; all territories, federal units, ships, aircraft, bases"),
        gettext_noop("reservations kept or to be withdrawn"),
        gettext_noop("progress, obstacles, gaps, plans; follow-up to earlier observations"),
        gettext_noop("all figures by sex, age, region, nationality, ethnicity; trend over time; method"),
        gettext_noop("sale: exploitation, organs, forced labour, improper adoption, trafficking in/out"),
        gettext_noop("prostitution: number under 18; link with travel and tourism, also online"),
        gettext_noop("pornography: photos, film, internet, live shows; cases, convictions"),
        gettext_noop("laws and decrees; leading judgments"),
        gettext_noop("lead body, coordination with regions and civil society"),
        gettext_noop("strategy/plan with goals and dates"),
        gettext_noop("budget"),
        gettext_noop("dissemination, training of professionals"),
        gettext_noop("independent institution (ombudsperson), monitoring, evaluation"),
        gettext_noop("ban as such"),
        gettext_noop("definitions: sale (any transfer for consideration), prostitution, pornography"),
        gettext_noop("sale for sexual exploitation, organs, forced labour; improper inducing of adoption"),
        gettext_noop("offering, obtaining, procuring, providing for prostitution"),
        gettext_noop("producing … possessing pornography"),
        gettext_noop("attempt, complicity, participation"),
        gettext_noop("penalties that reflect gravity (min., max., aggravation, limitation periods)"),
        gettext_noop("liability of legal persons: criminal, civil, administrative"),
        gettext_noop("all who take part in adoption act by the international instruments"),
        gettext_noop(
            "jurisdiction: territory, ship, aircraft; offender national/resident; victim national; where not extradited"
        ),
        gettext_noop("extradition: basis, refusals, numbers"),
        gettext_noop("mutual assistance, evidence"),
        gettext_noop("seizure, confiscation of goods and proceeds; closing of premises"),
        gettext_noop(
            "child in proceedings: special needs; informed; views heard; support; privacy; safety; no delay"
        ),
        gettext_noop("doubt about age does not stop an investigation"),
        gettext_noop("best interests first"),
        gettext_noop("training; safety of those who help"),
        gettext_noop("fair trial of the accused untouched"),
        gettext_noop("preventive laws, policies; children at special risk"),
        gettext_noop("awareness; children take part"),
        gettext_noop("recovery, reintegration"),
        gettext_noop("compensation without discrimination"),
        gettext_noop("ban on advertising the offences"),
        gettext_noop("agreements; help to victims incl. repatriation; root causes; aid given or asked"),
        gettext_noop("domestic or international law that protects better; other treaties joined"),
    )
)


@recognised_by
def _item_in_words(text: str) -> str | None:
    return gettext(text) if text in ITEM_TEXTS else None
