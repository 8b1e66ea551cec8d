"""What each role may do with thresholds and follow-ups. Both are written on pages of their own, never in the admin."""

from django.db import migrations

from accounts.role_permissions import grant


def grant_permissions(apps, _schema_editor):
    write = ["add", "change", "view"]
    admin = {"followup": write, "thresholdset": ["add", "view"]}
    grant(apps, "dashboard", {"admin": admin, "teacher": {"followup": write, "thresholdset": ["view"]}})


class Migration(migrations.Migration):
    dependencies = [("dashboard", "0004_alerts")]
    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop)]
