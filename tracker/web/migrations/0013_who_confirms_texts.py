"""Who confirms and corrects translations: Editors and Administrators. Everybody reads them."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

ROLES = ("Editor", "Administrator")


def give_roles(apps, schema_editor=None):
    """Run again it adds what is missing and takes nothing away, as in 0001_roles."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    confirm = Permission.objects.get(content_type__app_label="languages", codename="change_confirmedtext")
    for name in ROLES:
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(confirm)


def forwards(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    config = apps.get_app_config("languages")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    give_roles(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0012_following_and_visits"),
        ("languages", "0002_confirmed_texts"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
