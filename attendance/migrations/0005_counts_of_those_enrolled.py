"""The registers' counts hold the marks of those enrolled on the day; until now they held all marks of class and day."""

from django.db import migrations
from django.db.models import Count, Exists, OuterRef, Q

STATUSES = ("present", "late", "excused", "absent")


def recount(apps, _schema_editor):
    """Recount the registers with a mark of somebody who is not enrolled on the day, class by class."""
    record = apps.get_model("attendance", "AttendanceRecord")
    register = apps.get_model("attendance", "Register")
    covering = apps.get_model("students", "Enrolment").objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("date")),
        student=OuterRef("student"),
        school_class=OuterRef("school_class"),
        starts_on__lte=OuterRef("date"),
    )
    enrolled, others = record.objects.filter(Exists(covering)), record.objects.filter(~Exists(covering))
    for key, day in list(others.order_by().values_list("school_class_id", "date").distinct()):
        of_day = {"school_class_id": key, "date": day}
        counts = dict(enrolled.filter(**of_day).order_by().values_list("status").annotate(number=Count("pk")))
        register.objects.filter(**of_day).update(**{status: counts.get(status, 0) for status in STATUSES})


class Migration(migrations.Migration):
    dependencies = [
        ("attendance", "0004_marks_by_day"),
        ("students", "0004_school_day_begins"),
    ]
    operations = [migrations.RunPython(recount, migrations.RunPython.noop)]
