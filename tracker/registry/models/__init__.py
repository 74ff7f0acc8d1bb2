"""The facts that people enter, each with its source: States, treaties, what States did and said, contacts."""

from tracker.registry.models.amendments import Amendment, AmendmentPosition
from tracker.registry.models.contacts import BY_PLAIN_MAIL, Contact, ContactKind
from tracker.registry.models.statements import Statement
from tracker.registry.models.states import Language, MailWay, Region, RegionDesk, SortKey, State
from tracker.registry.models.treaty_actions import (
    ADOPTED,
    Confidence,
    Treaty,
    TreatyAction,
    as_rules_by_state,
    latest_effect,
    order_problem,
)
