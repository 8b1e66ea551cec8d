"""What a new school starts with: six categories, and who may do what with records of behaviour."""

from django.db import migrations

from accounts.role_permissions import ALL, grant
from behavior.categories import FIRST_CATEGORIES


def make_categories(apps, _schema_editor):
    Category = apps.get_model("behavior", "BehaviorCategory")
    for name in FIRST_CATEGORIES:
        Category.objects.get_or_create(name=name)


def grant_permissions(apps, _schema_editor):
    admin = {"behaviorcategory": ALL, "behaviorrecord": ALL}
    teacher = {"behaviorcategory": ["view"], "behaviorrecord": ALL}
    grant(apps, "behavior", {"admin": admin, "teacher": teacher, "parent": {"behaviorrecord": ["view"]}})


class Migration(migrations.Migration):
    dependencies = [("behavior", "0001_initial"), ("students", "0002_school_and_permissions")]
    operations = [
        migrations.RunPython(make_categories, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
