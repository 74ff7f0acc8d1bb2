"""The security log, and who reads it: administrators."""

import django.utils.timezone
from django.contrib.auth.management import create_permissions
from django.db import migrations, models


def give_roles(apps, schema_editor=None):
    """Run again it adds what is missing and takes nothing away, as in 0001_roles."""
    Group, Permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    group, _ = Group.objects.get_or_create(name="Administrator")
    group.permissions.add(Permission.objects.get(content_type__app_label="web", codename="view_securityevent"))


def forwards(apps, schema_editor):
    # Django makes permissions only after all migrations have run.
    config = apps.get_app_config("web")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=schema_editor.connection.alias)
    config.models_module = None
    give_roles(apps)


class Migration(migrations.Migration):

    dependencies = [
        ('web', '0005_api_tokens'),
    ]

    operations = [
        migrations.CreateModel(
            name='SecurityEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now, verbose_name='when')),
                ('kind', models.CharField(choices=[('signed_in', 'signed in'), ('asked', 'password right, code asked for'), ('failed', 'wrong user name or password'), ('locked_out', 'locked out'), ('code_failed', 'wrong code'), ('recovery_used', 'recovery code used'), ('signed_out', 'signed out'), ('session_ended', 'session ended by its age'), ('unlocked', 'lock-out ended'), ('factor_on', 'second factor set up'), ('factor_off', 'second factor switched off'), ('factor_removed', 'second factor removed'), ('codes_renewed', 'new recovery codes made'), ('role_given', 'role given'), ('role_taken', 'role taken'), ('right_given', 'right given'), ('right_taken', 'right taken'), ('account_made', 'account made'), ('account_on', 'account switched on'), ('account_off', 'account switched off'), ('superuser_made', 'made a superuser'), ('superuser_ended', 'no longer a superuser'), ('password_changed', 'password changed')], max_length=20, verbose_name='what')),
                ('who', models.CharField(blank=True, max_length=150, verbose_name='who')),
                ('whom', models.CharField(blank=True, max_length=150, verbose_name='to whom')),
                ('address', models.GenericIPAddressField(blank=True, null=True, verbose_name='from')),
                ('detail', models.CharField(blank=True, max_length=300, verbose_name='detail')),
            ],
            options={
                'verbose_name': 'security event',
                'verbose_name_plural': 'security log',
                'ordering': ('-at', '-pk'),
                'default_permissions': ('view',),
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop),
    ]
