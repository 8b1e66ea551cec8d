from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BehaviorConfig(AppConfig):
    name = "behavior"
    verbose_name = _("Behaviour")

    def ready(self) -> None:
        from behavior.models import BehaviorRecord
        from behavior.services import erase_behavior
        from students.records import RecordKind, register

        register(RecordKind(BehaviorRecord, erase_behavior))
