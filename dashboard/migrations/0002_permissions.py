"""What each role may do with the notes for families. They are written on the student's page, never in the admin."""

from django.db import migrations

from accounts.role_permissions import grant


def grant_permissions(apps, _schema_editor):
    write = ["add", "change", "view"]
    grants = {role: {"familynote": write} for role in ("admin", "teacher")}
    grant(apps, "dashboard", grants | {"parent": {"familynote": ["view"]}})


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0001_family_notes"), ("students", "0002_school_and_permissions")]
    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop)]
