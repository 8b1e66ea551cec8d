from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardConfig(AppConfig):
    name = "dashboard"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from dashboard.alert_services import erase_follow_ups
        from dashboard.mailing import erase_family_mails
        from dashboard.models import FamilyMail, FamilyNote, FollowUp
        from dashboard.services import erase_family_notes
        from students.records import RecordKind, register

        register(RecordKind(FamilyNote, erase_family_notes))
        register(RecordKind(FamilyMail, erase_family_mails))
        register(RecordKind(FollowUp, erase_follow_ups))
