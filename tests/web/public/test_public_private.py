"""The public view contains nothing private: every page is searched for texts of staff, contacts and machines."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.web import committee
from tests.web.conftest import TODAY
from tests.web.public.test_public import FILES, WRONG
from tracker.obligations.models import (
    AgendaItem,
    CommitteeDate,
    CommitteeSession,
    ExpectedYear,
    NonReceipt,
    Obligation,
    Span,
    Submission,
)
from tracker.registry.models import AmendmentPosition, Contact, State
from tracker.reminders.models import StaffTask

pytestmark = pytest.mark.django_db

# The only texts of which the public view shows whatever is recorded. Documents, notifications and printed due dates
# are shown where they look like what they are to be, and no private text does.
PUBLIC = {
    "registry.State.name",
    "registry.Treaty.title",
    "obligations.Obligation.trail",  # derived from the facts, which are filled
}
# Codes with no room for a text; those of the history as well.
TOO_SHORT = {"iso2", "iso3", "article", "language"}
MARK = re.compile(r"prv[0-9]{5}", re.IGNORECASE)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def kept() -> list[Any]:
    """All models that store what the office has entered or sent, with their histories, and its users."""
    return [
        *(model for model in apps.get_models() if model.__module__.startswith("tracker.")),
        get_user_model(),
    ]


def of_text(model: Any) -> list[Any]:
    """The columns of a model that can hold a private text."""
    return [
        one
        for one in model._meta.concrete_fields
        if isinstance(one, TEXTS)
        and not one.primary_key
        and not one.choices
        and f"{model._meta.app_label}.{model.__name__}.{one.name}" not in PUBLIC
        and not (one.name in TOO_SHORT and one.max_length < 8)
    ]


def fill() -> int:
    """Writes a unique mark into every private column of every row; returns their number."""
    numbers = count(1)
    for model in kept():
        columns = of_text(model)
        for row in model._base_manager.all():
            marks = {one.name: marked(one, next(numbers), getattr(row, one.name)) for one in columns}
            if marks:
                model._base_manager.filter(pk=row.pk).update(**marks)
    return next(numbers) - 1


def marked(column: Any, number: int, before: Any) -> Any:
    """The mark, in the format of the column."""
    mark = f"prv{number:05d}"
    if isinstance(column, models.JSONField):
        return [mark] if isinstance(before, list) else {mark: mark}
    if isinstance(column, models.BinaryField):
        return mark.encode()
    if isinstance(column, models.EmailField):
        return f"{mark}@example.org"
    return f"https://example.org/{mark}" if isinstance(column, models.URLField) else mark


def make(model: Any) -> None:
    """A row of a model that has none, so that its texts are searched for as well."""
    values: dict[str, Any] = {}
    for one in model._meta.concrete_fields:
        if (one.primary_key and not one.is_relation) or one.null or one.has_default():
            continue
        if one.is_relation:
            values[one.attname] = one.related_model._base_manager.values_list("pk", flat=True).first()
        elif one.choices:
            values[one.name] = one.flatchoices[0][0]
        elif isinstance(one, models.DateTimeField):
            values[one.name] = timezone.now()
        elif isinstance(one, models.DateField):
            values[one.name] = TODAY
        elif isinstance(one, models.IntegerField):
            values[one.name] = 1
        elif isinstance(one, models.JSONField):
            values[one.name] = []
    model._base_manager.bulk_create([model(**values)])


@pytest.fixture
def filled(keys: dict[str, Any], settings: Any) -> int:
    """Five States with every kind of record, and a mark in every private text."""
    settings.PUBLIC_VIEW = True
    officer = factories.an_officer("olaf", first_name="Olaf", last_name="Olsen")
    settings.ADMINISTRATOR_EMAIL = "prv99999@example.org"
    State.objects.filter(pk="NOR").update(desk_officer=officer, records_from=factories.day("2020-01-01"))
    sweden, finland = factories.a_state("SWE", region="WEOG"), State.objects.get(pk="FIN")
    factories.joins(sweden, "CRC", "1991-01-08", note="by letter")
    factories.joins(sweden, on="2001-10-02", effective_on="2002-01-18")
    report = factories.receives(sweden, "2005-06-03", reviewed_on="2006-05-20", symbol="x")
    committee.prints(sweden, "2004", source="a list")
    committee.reviews(sweden, "x", "2025-01-31", "7", "periodic", carried_by="CRC report", note="ask Ada")
    factories.receives(sweden, "2005-09-03", revises=report)
    factories.receives(sweden, "2024-01-10", "periodic", "7", carried_by="CRC report")
    Submission.objects.update(information="yes")  # only then may be said where
    factories.decides(
        sweden, "2027-09-01", "2025-02-01", cycles="8-9", carried_by="CRC report", paragraph="39"
    )
    factories.asks(sweden, "2026-02-01", "2025-10-01")
    session = CommitteeSession.objects.create(number=99, ends_on=TODAY)
    AgendaItem.objects.create(session=session, state=sweden, submission=report)
    ExpectedYear.objects.create(
        state=sweden, year=2032, calendar="2027–2034", document="CRC/C/120/3", decided_on=TODAY
    )
    denmark = factories.a_state("DNK", records_from="2025-12-04")
    factories.joins(denmark, on="2001-10-02")
    NonReceipt.objects.create(state=denmark, not_received_by=factories.day("2026-06-30"), source="a list")
    AmendmentPosition.objects.create(
        amendment_id=keys["amendment"], state=finland, kind="favours", date=TODAY, source="a letter"
    )
    StaffTask.objects.update(settled_at=timezone.now(), settled_by="olaf", outcome="we wrote again")
    for model in kept():
        if not model._base_manager.exists():
            make(model)
    marks = fill()
    factories.derive(TODAY.isoformat())
    return marks


def test_every_model_has_a_row_whose_texts_are_filled(filled: int) -> None:
    for model in kept():
        rows = model._base_manager.all()
        assert rows.exists(), model
        if model in (Obligation, Span):
            continue  # derived, and written anew with each change of a fact
        if columns := of_text(model):
            last = rows.order_by("-pk").values(*(one.name for one in columns))[0]
            # What is derived anew, or written while the others are filled, comes after them.
            assert MARK.search(str(last)), model
    assert filled > 200


def test_the_marks_reach_the_pages_of_the_staff_and_the_reasons_of_dates(filled: int, staff: Client) -> None:
    page = staff.get("/states/SWE/").content.decode()
    assert len(set(MARK.findall(page))) >= 8
    document = CommitteeDate.objects.get(state="SWE").document
    assert MARK.fullmatch(document)
    assert document in str(Obligation.objects.filter(state="SWE").values_list("trail"))
    assert Contact.objects.get(state="NOR").email in staff.get("/states/NOR/").content.decode()


def every_address() -> list[str]:
    """Every address of the public view: pages, some in other languages, files, past days, and errors."""
    pages = ["/public/", "/public/late/", "/public/data/"]
    pages += [f"/public/states/{iso3}/" for iso3 in State.objects.values_list("pk", flat=True)]
    pages += ["/public/fr/", "/public/ar/late/", "/public/zh/states/SWE/", "/public/ru/states/NOR/"]
    past = [f"{page}?as_of=2026-09-30" for page in pages if page != "/public/data/"]
    return [*pages, *past, *FILES, *WRONG]


def test_no_private_text_is_in_the_public_view(filled: int, client: Client, staff: Client) -> None:
    for who in (client, staff):
        for address in every_address():
            for answer in (who.get(address), who.post(address)):
                told = answer.content.decode() + str(answer.headers)
                assert MARK.findall(told) == [], address
                assert "olaf" not in told.lower()


def test_what_is_public_of_the_same_records_is_there(filled: int, client: Client) -> None:
    page = client.get("/public/states/SWE/").content.decode()
    for said in (
        "Sweden",
        "3 June 2005",
        "1 September 2027",
        "A document of the Committee:",
        "18 January 2002",
    ):
        assert said in page
    assert "30 June 2026" in client.get("/public/states/DNK/").content.decode()
    assert "Denmark" in client.get("/public/late/").content.decode()


def test_a_date_that_awaits_a_second_person_is_left_out(filled: int, client: Client) -> None:
    assert CommitteeDate.objects.get(awaits_confirmation=True).due_on == factories.day("2034-01-23")
    assert "2034" not in client.get("/public/states/NOR/").content.decode()
