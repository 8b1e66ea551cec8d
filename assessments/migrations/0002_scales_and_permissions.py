"""What a new school starts with: a category for each type of work, four grade scales, and who may do what."""

from decimal import Decimal

from django.db import migrations

from accounts.role_permissions import ALL, grant
from assessments.scales import CATEGORIES, SCALES


def make_categories(apps, _schema_editor):
    Category = apps.get_model("assessments", "AssessmentCategory")
    for assessment_type, name in CATEGORIES.items():
        Category.objects.get_or_create(
            default_for=assessment_type, defaults={"name": name, "weight": Decimal(1), "external_id": ""}
        )


def make_scales(apps, _schema_editor):
    Scale, Band = (apps.get_model("assessments", name) for name in ("GradeScale", "GradeBand"))
    if Scale.objects.exists():
        return
    for place, (name, bands) in enumerate(SCALES.items()):
        scale = Scale.objects.create(name=name, in_use=place == 0)
        Band.objects.bulk_create(Band(scale=scale, label=label, lower_bound=Decimal(bound)) for label, bound in bands)


def grant_permissions(apps, _schema_editor):
    settings = dict.fromkeys(("assessmentcategory", "gradescale", "gradeband"), ALL)
    reading = {model: ["view"] for model in settings}
    admin = settings | {"assessment": ALL, "score": ["add", "change", "view"]}
    teacher = reading | {"assessment": ALL, "score": ["add", "change", "view"]}
    grant(apps, "assessments", {"admin": admin, "teacher": teacher, "parent": {"score": ["view"]}})


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial"), ("students", "0002_school_and_permissions")]
    operations = [
        migrations.RunPython(make_categories, migrations.RunPython.noop),
        migrations.RunPython(make_scales, migrations.RunPython.noop),
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
    ]
