"""Totals and scores by day as text that is quick to read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0006_fill_kept_days")]
    operations = [
        migrations.RemoveField("scorehistogram", "by_day"),
        migrations.AddField("scorehistogram", "students", models.TextField(default="", verbose_name="students")),
        migrations.AddField("scorehistogram", "totals", models.TextField(default="", verbose_name="totals")),
        migrations.AddField("scorehistogram", "by_day", models.TextField(default="", verbose_name="scores by day")),
    ]
