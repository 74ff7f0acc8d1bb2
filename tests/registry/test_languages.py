"""An upgrade proposes correspondence languages, and overwrites none that somebody has set."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from tests import factories
from tracker.registry.models import State

pytestmark = pytest.mark.django_db


def upgrade() -> None:
    import_module("tracker.registry.migrations.0011_propose_languages").forwards(apps, None)


def test_an_upgrade_proposes_a_language_where_nobody_has_set_one() -> None:
    for iso3 in ("NOR", "BEN", "CHN"):
        factories.a_state(iso3)
    factories.a_state("DEU", language="fr")
    france = factories.a_state("FRA", language="fr")
    france.language = "en"  # somebody's choice
    france.save()
    factories.a_state("XAA", name="Atlantis")
    upgrade()
    found = {
        state.pk: (state.language, state.language_is_proposed, state.history.count())
        for state in State.objects.all()
    }
    assert found == {
        "NOR": ("en", True, 2),
        "BEN": ("fr", True, 2),
        "CHN": ("zh", True, 2),
        "DEU": ("fr", False, 1),
        "FRA": ("en", False, 2),
        "XAA": ("en", False, 1),
    }
    last = State.objects.get(pk="BEN").history.first()
    assert (last.language, last.name, last.history_type) == ("fr", "Benin", "~")
    assert last.history_change_reason == "language proposed by the program, to be confirmed"
    upgrade()
    assert State.objects.get(pk="BEN").history.count() == 2


def test_what_somebody_confirmed_is_not_proposed_again() -> None:
    factories.a_state("BEN")
    upgrade()
    benin = State.objects.get()
    benin.language, benin.language_is_proposed = "en", False
    benin.save()
    upgrade()
    benin.refresh_from_db()
    assert (benin.language, benin.language_is_proposed) == ("en", False)
