"""One group per role; admins get the permissions of people, the other roles get theirs app by app."""

from django.db import migrations

from accounts.role_permissions import ALL, grant


def make_groups(apps, _schema_editor):
    everything = {"user": ALL, "teacher": ALL, "parent": ALL, "accesslog": ["view"]}
    grant(apps, "accounts", {"admin": everything, "teacher": {}, "parent": {}})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
