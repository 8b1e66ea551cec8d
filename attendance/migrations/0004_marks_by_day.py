"""An index for the list of all marks, which starts with the newest day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attendance", "0003_who_marked")]
    operations = [
        migrations.AddIndex("attendancerecord", models.Index(fields=["date"], name="attendance_by_day")),
    ]
