"""The school's one row, and what each role may do with students, classes and the calendar."""

from django.conf import settings
from django.db import migrations

from accounts.role_permissions import ALL, grant

OFFICE = ["academicyear", "term", "closure", "subject", "schoolclass", "enrolment", "teachingassignment"]
PEOPLE = ["student", "guardian", "emergencycontact"]


def make_school(apps, _schema_editor):
    School = apps.get_model("students", "School")
    School.objects.get_or_create(pk=1, defaults={"time_zone": settings.TIME_ZONE})


def grant_permissions(apps, _schema_editor):
    everything = dict.fromkeys([*OFFICE, *PEOPLE, "studentparentlink"], ALL)
    admin = {**everything, "school": ["view", "change"]}
    teacher = dict.fromkeys(OFFICE, ("view",)) | dict.fromkeys(PEOPLE, ("add", "change", "view"))
    grant(apps, "students", {"admin": admin, "teacher": teacher, "parent": {"student": ["view"]}})


class Migration(migrations.Migration):
    dependencies = [("students", "0001_initial"), ("accounts", "0002_role_groups")]
    operations = [
        migrations.RunPython(make_school, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
