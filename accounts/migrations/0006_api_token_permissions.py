"""Admins make tokens in the office and see all; revoking one is no change of its row by hand."""

from django.db import migrations

from accounts.role_permissions import grant


def grant_permissions(apps, _schema_editor):
    grant(apps, "accounts", {"admin": {"apitoken": ("add", "view")}})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_api_tokens")]
    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop)]
