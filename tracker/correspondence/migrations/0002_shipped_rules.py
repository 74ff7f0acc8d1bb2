"""The rules that a new installation starts with, and a letterhead to edit.

Drafts alone come of them: a person initials and dispatches each paper.
"""

from django.db import migrations

BY_DUE_DATE = {"ahead": -6, "due": 0, "overdue": 1, "long overdue": 12, "years overdue": 60}
BY_FACT = ("review notice", "receipt", "issues", "prior", "observations", "next date")
FORMS = {"mission": "note", "ministry": "note", "dignitary": "letter"}
OFFICE = "the Secretariat of the Committee on the Rights of the Child"
NAMES = {
    "ar": "أمانة لجنة حقوق الطفل",
    "zh": "儿童权利委员会秘书处",
    "fr": "le secrétariat du Comité des droits de l’enfant",
    "ru": "Секретариат Комитета по правам ребенка",
    "es": "la secretaría del Comité de los Derechos del Niño",
}
# Every twelve months, but plain "others", who are no office of the State.
CONFIRMING = ("mission", "ministry", "dignitary", "focal point")


def add(apps, schema_editor):
    rule = apps.get_model("correspondence", "PaperRule")
    for kind, form in FORMS.items():
        for occasion in (*BY_DUE_DATE, *BY_FACT):
            values = {"form": form, "months": BY_DUE_DATE.get(occasion)}
            rule.objects.get_or_create(occasion=occasion, to=kind, defaults=values)
    letterhead = apps.get_model("correspondence", "Letterhead")
    letterhead.objects.get_or_create(pk=1, defaults={"name": OFFICE, "names": NAMES})
    confirming = apps.get_model("correspondence", "ConfirmationRule")
    for kind in CONFIRMING:
        confirming.objects.get_or_create(kind=kind)


class Migration(migrations.Migration):
    dependencies = [("correspondence", "0001_register")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
