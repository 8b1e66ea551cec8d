"""Lays out the totals and the scores that are there already; `recount_totals` does the same later."""

from django.db import migrations

from assessments.recounting import Sheet, add_up, score_rows


def lay_out_sheets(apps, _schema_editor):
    Score, Histogram = (apps.get_model("assessments", name) for name in ("Score", "ScoreHistogram"))
    for school_class in Histogram.objects.order_by("school_class").values_list("school_class", flat=True).distinct():
        counted = add_up(score_rows(Score.objects.filter(assessment__school_class=school_class)))
        rows = list(Histogram.objects.filter(school_class=school_class, subject__in=counted.sheets))
        for row in rows:
            for name, text in counted.sheets[row.subject_id]._asdict().items():
                setattr(row, name, text)
        Histogram.objects.bulk_update(rows, Sheet._fields)


class Migration(migrations.Migration):
    dependencies = [("assessments", "0007_kept_sheets")]
    operations = [migrations.RunPython(lay_out_sheets, migrations.RunPython.noop)]
