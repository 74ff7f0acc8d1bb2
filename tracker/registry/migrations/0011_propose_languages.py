"""Proposes a correspondence language for the States whose language nobody has set.

All had English, the default. A State that ever had another language, which its history shows, keeps what it has now.
"""

import csv
from typing import Any

from django.db import migrations
from django.utils import timezone

from tracker.registry.shipped import SHIPPED

REASON = "language proposed by the program, to be confirmed"


def forwards(apps: Any, schema_editor: Any) -> None:
    state, version = apps.get_model("registry", "State"), apps.get_model("registry", "HistoricalState")
    with (SHIPPED / "states.csv").open(encoding="utf-8", newline="") as file:
        proposed = {row["iso3"]: row["language"] for row in csv.DictReader(file)}
    untouched = {"language": "en", "language_is_proposed": False}
    set_by_somebody = set(version.objects.exclude(**untouched).values_list("iso3", flat=True))
    columns = [one.attname for one in state._meta.concrete_fields]
    for one in state.objects.filter(pk__in=proposed.keys() - set_by_somebody, **untouched).order_by("pk"):
        one.language, one.language_is_proposed = proposed[one.pk], True
        # Not saved as a whole: somebody may be saving it at the same time.
        changed = state.objects.filter(pk=one.pk, language="en").update(
            language=one.language, language_is_proposed=True
        )
        if changed:
            version.objects.create(
                **{name: getattr(one, name) for name in columns},
                history_date=timezone.now(),
                history_type="~",
                history_change_reason=REASON,
            )


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0010_names_and_languages"),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
