from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParticipationConfig(AppConfig):
    name = "participation"
    verbose_name = _("Participation")

    def ready(self) -> None:
        from participation.models import ParticipationRecord
        from participation.services import erase_participation
        from students.records import RecordKind, register

        register(RecordKind(ParticipationRecord, erase_participation))
