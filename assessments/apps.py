from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentsConfig(AppConfig):
    name = "assessments"
    verbose_name = _("Assessments")

    def ready(self) -> None:
        from assessments.models import Score, SubjectTotal
        from assessments.recounting import erase_totals
        from assessments.services import erase_scores
        from students.records import RecordKind, register

        register(RecordKind(Score, erase_scores))
        register(RecordKind(SubjectTotal, erase_totals))
