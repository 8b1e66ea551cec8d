"""What the start of a school year wrote, so that it can be taken back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("students", "0002_school_and_permissions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Rollover",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("new_name", models.CharField(max_length=100, verbose_name="name of the school year made")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="undone at")),
                ("written", models.JSONField(default=dict, verbose_name="what was written")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="made by",
                    ),
                ),
                (
                    "new_year",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="rollover",
                        to="students.academicyear",
                        verbose_name="school year made",
                    ),
                ),
                (
                    "old_year",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="rollovers",
                        to="students.academicyear",
                        verbose_name="school year left",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="undone by",
                    ),
                ),
            ],
            options={
                "verbose_name": "start of a school year",
                "verbose_name_plural": "starts of school years",
                "ordering": ["-made_at", "-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("new_year__isnull", False)),
                        fields=("old_year",),
                        name="rollover_once_per_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("undone_at__isnull", True), ("new_year__isnull", True), _connector="OR"),
                        name="rollover_undone_has_no_year",
                    ),
                ],
            },
        ),
    ]
