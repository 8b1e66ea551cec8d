"""Which role may do what to events and participation."""

from django.db import migrations

from accounts.role_permissions import ALL, grant


def grant_permissions(apps, _schema_editor):
    noting = {"event": ALL, "participationrecord": ["add", "change", "view"]}
    grant(
        apps,
        "participation",
        {"admin": noting, "teacher": noting, "parent": {"participationrecord": ["view"]}},
    )


class Migration(migrations.Migration):
    dependencies = [("participation", "0001_initial"), ("students", "0002_school_and_permissions")]
    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop)]
