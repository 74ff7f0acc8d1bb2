"""The items of the guidelines for initial reports under the OPSC, from registry/data/guidelines_opsc.csv.

The articles are from the text of the Protocol; the sections of the guidelines, and the day of their adoption, are from
memory and marked so. Which items apply to periodic reports is not said there: all do until somebody edits them.
"""

import csv
import re
from datetime import date

from django.db import migrations

from tracker.registry.shipped import SHIPPED

DOCUMENT = "CRC/C/OPSC/2"
TITLE = "Revised guidelines regarding initial reports under article 12, paragraph 1, of the OPSC"
ADOPTED_ON = date(2006, 9, 29)  # last day of the 43rd session
ARTICLE = re.compile(r"art\. (\d+)")


def add(apps, schema_editor):
    treaty = apps.get_model("registry", "Treaty").objects.filter(pk="OPSC").first()
    guidelines, item = (apps.get_model("consideration", name) for name in ("Guidelines", "GuidelineItem"))
    if treaty is None or guidelines.objects.filter(treaty=treaty, document=DOCUMENT).exists():
        return
    version = guidelines.objects.create(
        treaty=treaty, document=DOCUMENT, title=TITLE, valid_from=ADOPTED_ON, confidence="memory"
    )
    with (SHIPPED / "guidelines_opsc.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    item.objects.bulk_create(
        item(
            guidelines=version,
            position=position,
            code=row["code"],
            section=row["section"],
            asks=row["asks"],
            anchor=row["anchor"],
            article=int(found[1]) if (found := ARTICLE.match(row["anchor"])) else None,
            confidence="document" if row["confidence"] == "treaty text" else "memory",
        )
        for position, row in enumerate(rows, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("consideration", "0001_checklists"), ("registry", "0002_treaties")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
