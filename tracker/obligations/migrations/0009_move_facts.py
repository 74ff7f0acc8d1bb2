"""Facts that were columns of others become facts of their own; lists of issues prior to reporting become dates."""

import re
from datetime import date
from typing import Any

from django.conf import settings
from django.db import migrations, models

REASON = "moved when the program was upgraded"
NUMBERS = re.compile(r"/QPR/(\d{1,2})(?:-(\d{1,2}))?$")
SHARED = ("state_id", "kind", "first_cycle", "last_cycle", "carried_by")


def forwards(apps: Any, schema_editor: Any) -> None:
    printed_dates(apps)
    reviews(apps)
    lists_prior_to_reporting(apps)
    obligations(apps)


def keep(apps: Any, name: str, **values: Any) -> None:
    """Creates a fact with the first entry of its history."""
    row = apps.get_model("obligations", name).objects.create(**values)
    history = apps.get_model("obligations", f"Historical{name}")
    from django.utils import timezone

    same = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    history.objects.create(
        **same, history_date=timezone.now(), history_type="+", history_change_reason=REASON
    )


def known_on(submission: Any) -> date:
    return submission.received_on or submission.reviewed_on


def printed_dates(apps: Any) -> None:
    PrintedDate = apps.get_model("obligations", "PrintedDate")
    for report in apps.get_model("obligations", "Submission").objects.exclude(printed_due="").order_by("pk"):
        about = {name: getattr(report, name) for name in SHARED}
        if not PrintedDate.objects.filter(**about).exists():
            keep(
                apps,
                "PrintedDate",
                **about,
                printed=report.printed_due,
                document=report.symbol,
                printed_on=known_on(report),
                source=report.source,
            )


def reviews(apps: Any) -> None:
    Review = apps.get_model("obligations", "Review")
    reports = apps.get_model("obligations", "Submission").objects.exclude(concluding_observations="")
    for report in reports.order_by("pk"):
        symbol = report.concluding_observations
        if Review.objects.filter(state=report.state_id, document=symbol).exists():
            continue
        keep(
            apps,
            "Review",
            **{name: getattr(report, name) for name in SHARED},
            document=symbol,
            adopted_on=report.reviewed_on or report.received_on,
            source=report.source,
            note="The day of adoption was not recorded: this is that of the dialogue, or of receipt.",
            confidence="memory",
        )


def lists_prior_to_reporting(apps: Any) -> None:
    """The date of such a list is that of the report it asks for, and the report received is the reply."""
    CommitteeDate = apps.get_model("obligations", "CommitteeDate")
    Submission = apps.get_model("obligations", "Submission")
    joined_crc = set(
        apps.get_model("registry", "TreatyAction")
        .objects.filter(treaty="CRC", kind__in=("ratification", "accession", "succession"))
        .values_list("state", flat=True)
    )
    requests = apps.get_model("obligations", "InformationRequest").objects
    for request in requests.filter(kind="list of issues prior to reporting").order_by("pk"):
        numbers = NUMBERS.search(request.document)
        if numbers is None:
            # Which report it asks for is not known here, so that its date stays that of a reply.
            request.kind = "other"
            request.note = f"{request.note}\nA list of issues prior to reporting.".strip()
            request.save(update_fields=["kind", "note"])
            continue
        first = int(numbers[1])
        about = {
            "state_id": request.state_id,
            "kind": "periodic",
            "first_cycle": first,
            "last_cycle": int(numbers[2] or first),
            "carried_by": "CRC report" if request.state_id in joined_crc else "own",
        }
        if not CommitteeDate.objects.filter(**about, document=request.document).exists():
            keep(
                apps,
                "CommitteeDate",
                **about,
                outcome="date",
                due_on=request.due_on,
                precision="day",
                document_kind="list of issues prior to reporting",
                document=request.document,
                decided_on=request.issued_on,
                awaits_confirmation=False,
                source=request.source,
                note=request.note,
            )
        if request.received_on and not Submission.objects.filter(**about).exists():
            keep(apps, "Submission", **about, received_on=request.received_on, source=request.source)
        request.delete()


def obligations(apps: Any) -> None:
    """What was derived stays to be read until the next synchronisation, except for what would wrongly be mailed.

    The first scan after the upgrade synchronises before it plans (`reminders.plan.derive_after_upgrade`).
    """
    Obligation = apps.get_model("obligations", "Obligation")
    Obligation.objects.update(last_cycle=models.F("cycle"))
    if settings.PERIODIC_RULE == "article-12-2":
        Obligation.objects.filter(carried_by="CRC report", due_source="rule", answered_on=None).update(expected=False)


class Migration(migrations.Migration):

    dependencies = [
        ("obligations", "0008_committee_word"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
