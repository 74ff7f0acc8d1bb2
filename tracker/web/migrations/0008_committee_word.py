"""Who enters reviews and printed due dates: the editors. Everybody sees them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

NAMES = ("review", "printeddate")
VIEWER = [f"view_{name}" for name in NAMES]
ROLES = {
    "Viewer": VIEWER,
    "Editor": [*VIEWER, *(f"{verb}_{name}" for verb in ("add", "change", "delete") for name in NAMES)],
    "Approver": VIEWER,
    "Administrator": VIEWER,
}


def give_roles(apps, schema_editor=None):
    """Run again it adds what is missing and takes nothing away, as in 0001_roles."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    by_name = {one.codename: one for one in Permission.objects.filter(content_type__app_label="obligations")}
    for name, wanted in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*(by_name[permission] for permission in wanted))


def forwards(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    config = apps.get_app_config("obligations")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    give_roles(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0007_sign_in_elsewhere"),
        ("registry", "0005_records_by_series"),
        ("obligations", "0010_moved_facts_go"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
