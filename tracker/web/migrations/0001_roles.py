"""The four roles, as groups with their permissions.

A migration, and not a setting: the roles are data that an administrator may refine, and what is refined
stays. Run again (`give_roles`) it adds what is missing and takes nothing away.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

FACTS = (
    "registry.treatyaction",
    "registry.contact",
    "registry.amendment",
    "registry.amendmentposition",
    "obligations.committeedate",
    "obligations.informationrequest",
    "obligations.submission",
    "obligations.nonreceipt",
)
LOOKED_AT = (
    *FACTS,
    "registry.state",
    "registry.treaty",
    "registry.regiondesk",
    "obligations.obligation",
    "reminders.reminder",
    "reminders.reminderrule",
    "reminders.mail",
)


def every(verb, models):
    return [model.replace(".", f".{verb}_") for model in models]


VIEWER = every("view", LOOKED_AT)
ROLES = {
    "Viewer": VIEWER,
    "Editor": [
        *VIEWER,
        *every("add", FACTS),
        *every("change", FACTS),
        *every("delete", FACTS),
        "registry.add_state",
        "registry.change_state",
    ],
    "Approver": [
        *VIEWER,
        "reminders.change_reminder",
        "obligations.confirm_committeedate",
        "obligations.delete_committeedate",
    ],
    "Administrator": [
        *VIEWER,
        *(f"reminders.{verb}_reminderrule" for verb in ("add", "change", "delete")),
        *(f"registry.{verb}_regiondesk" for verb in ("add", "change", "delete")),
        "registry.add_state",
        "registry.change_state",
        "registry.delete_state",
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",
        "auth.view_group",
    ],
}


def give_roles(apps, schema_editor=None):
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    by_name = {f"{p.content_type.app_label}.{p.codename}": p for p in Permission.objects.select_related("content_type")}
    for name, wanted in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*(by_name[permission] for permission in wanted))


def forwards(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    for label in ("auth", "registry", "obligations", "reminders"):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = None
    give_roles(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("registry", "0004_desks"),
        ("obligations", "0004_settling"),
        ("reminders", "0002_shipped_rules"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
