"""The index of absences holds all that counting them asks for."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("attendance", "0005_counts_of_those_enrolled")]
    operations = [
        migrations.RemoveIndex("attendancerecord", "attendance_not_present"),
        migrations.AddIndex(
            "attendancerecord",
            models.Index(
                fields=["student", "school_class", "status", "date"],
                condition=~Q(status="present"),
                name="attendance_not_present",
            ),
        ),
    ]
