"""Laid out the scores by day as they stood in 0005; 0008 lays them out as they stand since 0007."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_kept_days")]
    operations = [migrations.RunPython(migrations.RunPython.noop, migrations.RunPython.noop)]
