"""The two treaties. The days are those of General Assembly resolutions 44/25 and 54/263, and of
CRC art. 49(1) and OPSC art. 14(1)."""

from datetime import date

from django.db import migrations

TREATIES = (
    ("CRC", "Convention on the Rights of the Child", date(1989, 11, 20), date(1990, 9, 2)),
    (
        "OPSC",
        "Optional Protocol to the Convention on the Rights of the Child on the sale of children, "
        "child prostitution and child pornography",
        date(2000, 5, 25),
        date(2002, 1, 18),
    ),
)


def add(apps, schema_editor):
    treaty = apps.get_model("registry", "Treaty")
    for code, title, adopted_on, in_force_on in TREATIES:
        treaty.objects.get_or_create(
            code=code, defaults={"title": title, "adopted_on": adopted_on, "in_force_on": in_force_on}
        )


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
