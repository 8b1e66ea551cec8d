"""The seals of the audit. The triggers are made after every migration, by accounts.audit_triggers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_api_token_permissions"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("sealed_at", models.DateTimeField(verbose_name="when")),
                ("ranges", models.TextField()),
                ("last_entry", models.BigIntegerField(verbose_name="entries up to here")),
                ("previous", models.CharField(max_length=64, unique=True)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "audit seal",
                "verbose_name_plural": "audit seals",
            },
        ),
        migrations.CreateModel(
            name="AuditErasure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("student_key", models.BigIntegerField(verbose_name="key of the student")),
                ("student_id", models.CharField(blank=True, max_length=20, verbose_name="student")),
                ("erased_at", models.DateTimeField(auto_now_add=True, verbose_name="when")),
                ("is_open", models.BooleanField(default=True, verbose_name="in progress")),
                ("entries", models.PositiveIntegerField(default=0, verbose_name="entries that lost their content")),
                ("digest", models.CharField(blank=True, max_length=64)),
                (
                    "erased_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by whom",
                    ),
                ),
            ],
            options={
                "verbose_name": "erasure in the audit",
                "verbose_name_plural": "erasures in the audit",
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("source", models.CharField(max_length=100, verbose_name="table")),
                ("row", models.BigIntegerField(verbose_name="key")),
                ("salt", models.CharField(max_length=32, null=True)),
                ("personal", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
                (
                    "erasure",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.auditerasure",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
                "constraints": [models.UniqueConstraint(fields=("source", "row"), name="audit_entry_once")],
            },
        ),
    ]
