"""The scores of each day beside the distributions, for trends."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0004_fill_kept_totals")]
    operations = [
        migrations.AddField("scorehistogram", "by_day", models.JSONField(default=dict, verbose_name="scores by day")),
    ]
