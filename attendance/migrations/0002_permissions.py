"""What each role may do with attendance. Marks are written through the register, never row by row in the admin."""

from django.db import migrations

from accounts.role_permissions import ALL, grant


def grant_permissions(apps, _schema_editor):
    write = ("add", "change", "view")
    admin = {"register": write, "attendancerecord": write, "plannedabsence": ALL}
    teacher = dict.fromkeys(("register", "attendancerecord", "plannedabsence"), write)
    grant(apps, "attendance", {"admin": admin, "teacher": teacher, "parent": {"attendancerecord": ["view"]}})


class Migration(migrations.Migration):
    dependencies = [("attendance", "0001_initial"), ("students", "0002_school_and_permissions")]
    operations = [migrations.RunPython(grant_permissions, migrations.RunPython.noop)]
