"""Lays out by day the scores that are there already; `recount_totals` does the same later."""

from django.db import migrations

from assessments.recounting import add_up, score_rows


def lay_out_scores(apps, _schema_editor):
    Score, Histogram = (apps.get_model("assessments", name) for name in ("Score", "ScoreHistogram"))
    for school_class in Histogram.objects.order_by("school_class").values_list("school_class", flat=True).distinct():
        counted = add_up(score_rows(Score.objects.filter(assessment__school_class=school_class)))
        rows = list(Histogram.objects.filter(school_class=school_class, subject__in=counted.days))
        for row in rows:
            row.by_day = counted.days[row.subject_id]
        Histogram.objects.bulk_update(rows, ["by_day"])


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_kept_days")]
    operations = [migrations.RunPython(lay_out_scores, migrations.RunPython.noop)]
