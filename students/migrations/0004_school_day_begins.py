"""When the school day begins, so that minutes late can be counted; a school need not say."""

from django.db import migrations, models

STARTS_AT = {
    "blank": True,
    "help_text": "Minutes late are counted from this time; empty: only the time of arrival is noted.",
    "null": True,
    "verbose_name": "the school day begins at",
}


class Migration(migrations.Migration):
    dependencies = [("students", "0003_rollover")]
    operations = [
        migrations.AddField(model_name="historicalschool", name="starts_at", field=models.TimeField(**STARTS_AT)),
        migrations.AddField(model_name="school", name="starts_at", field=models.TimeField(**STARTS_AT)),
    ]
