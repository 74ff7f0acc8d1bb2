"""Who writes papers: Editors and Approvers draft them and enter what came in, Approvers initial and dispatch them.

Administrators edit their rules, texts and letterhead. Every role reads all of it.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

READS = (
    "view_paper",
    "view_paperfile",
    "view_paperrule",
    "view_papertext",
    "view_paperrun",
    "view_letterhead",
    "view_confirmation",
    "view_confirmationrule",
    "view_dispatch",
)
DRAFTS = ("add_paper", "change_paper", "add_paperfile", "add_paperrun", "change_paperrun")
ROLES = {
    "Viewer": READS,
    "Editor": (*READS, *DRAFTS, "add_confirmation"),
    "Approver": (*READS, *DRAFTS, "dispatch_paper"),
    "Administrator": (
        *READS,
        *(
            f"{act}_{model}"
            for act in ("add", "change", "delete")
            for model in ("paperrule", "papertext", "confirmationrule")
        ),
        "change_letterhead",
    ),
}


def give_roles(apps, schema_editor=None):
    """Run again it adds what is missing and takes nothing away, as in 0001_roles."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    known = {
        one.codename: one for one in Permission.objects.filter(content_type__app_label="correspondence")
    }
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*(known[codename] for codename in codenames))


def forwards(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    config = apps.get_app_config("correspondence")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    give_roles(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0013_who_confirms_texts"),
        ("correspondence", "0002_shipped_rules"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
