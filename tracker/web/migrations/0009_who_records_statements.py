"""Who records declarations, reservations and objections: the editors, as other facts. Everybody sees them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = {
    "Viewer": ["view_statement"],
    "Editor": ["view_statement", "add_statement", "change_statement", "delete_statement"],
    "Approver": ["view_statement"],
    "Administrator": ["view_statement"],
}


def give_roles(apps, schema_editor=None):
    """Run again it adds what is missing and takes nothing away, as in 0001_roles."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    by_name = {one.codename: one for one in Permission.objects.filter(content_type__app_label="registry")}
    for name, wanted in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*(by_name[permission] for permission in wanted))


def forwards(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    config = apps.get_app_config("registry")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    give_roles(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0008_committee_word"),
        ("registry", "0006_statements_and_amendments"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
