"""Counts what is kept of the scores that are there already; `recount_totals` does the same later."""

from django.db import migrations

from assessments.recounting import add_up, score_rows


def count_scores(apps, _schema_editor):
    Assessment, Score, Total, Histogram = (
        apps.get_model("assessments", name) for name in ("Assessment", "Score", "SubjectTotal", "ScoreHistogram")
    )
    for school_class in Assessment.objects.order_by("school_class").values_list("school_class", flat=True).distinct():
        counted = add_up(score_rows(Score.objects.filter(assessment__school_class=school_class)))
        Total.objects.bulk_create(
            Total(student_id=student, school_class_id=school_class, subject_id=subject, **total._asdict())
            for (student, subject), total in counted.totals.items()
        )
        Histogram.objects.bulk_create(
            Histogram(school_class_id=school_class, subject_id=subject, counts=counts)
            for subject, counts in counted.histograms.items()
        )


def forget_counts(apps, _schema_editor):
    for name in ("SubjectTotal", "ScoreHistogram"):
        apps.get_model("assessments", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("assessments", "0003_kept_totals")]
    operations = [migrations.RunPython(count_scores, forget_counts)]
