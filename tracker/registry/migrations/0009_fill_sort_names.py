"""The names to sort by of the States that are there."""

from typing import Any

from django.db import migrations

from tracker.registry.values import unadorned


def forwards(apps: Any, schema_editor: Any) -> None:
    states = apps.get_model("registry", "State").objects
    for pk, name in states.values_list("pk", "name"):
        states.filter(pk=pk).update(sort_name=unadorned(name))


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0008_sort_names'),
    ]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
