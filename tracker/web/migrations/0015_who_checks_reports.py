"""Who checks reports and keeps the sessions: Editors and Approvers mark checklists, Editors enter sessions and years.

Administrators edit guidelines, questions and deadlines as well. Every role reads all of it.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

MODELS = {
    "obligations": ("committeesession", "agendaitem", "sessiondeadline", "expectedyear"),
    "consideration": ("guidelines", "guidelineitem", "itemquestion", "checklist", "checkeditem"),
}
FACTS = ("committeesession", "agendaitem", "expectedyear")
CHECKS = ("add_checklist", "change_checklist", "delete_checklist", "add_checkeditem", "change_checkeditem", "delete_checkeditem")
RULES = ("guidelines", "guidelineitem", "itemquestion", "sessiondeadline")
READS = tuple(f"view_{model}" for models in MODELS.values() for model in models)


def every(models):
    return tuple(f"{act}_{model}" for act in ("add", "change", "delete") for model in models)


ROLES = {
    "Viewer": READS,
    "Editor": (*READS, *CHECKS, *every(FACTS), *every(("itemquestion",))),
    "Approver": (*READS, *CHECKS),
    "Administrator": (*READS, *every(RULES)),
}


def give_roles(apps, schema_editor=None):
    """Run again it adds what is missing and takes nothing away, as in 0001_roles."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    known = {one.codename: one for one in Permission.objects.filter(content_type__app_label__in=MODELS)}
    for name, codenames in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.add(*(known[codename] for codename in codenames))


def forwards(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    for label in MODELS:
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
        config.models_module = None
    give_roles(apps)


class Migration(migrations.Migration):
    dependencies = [
        ("web", "0014_who_writes_papers"),
        ("obligations", "0016_sessions"),
        ("consideration", "0001_checklists"),
    ]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
