from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = _("Attendance")

    def ready(self) -> None:
        from attendance.models import AttendanceRecord, PlannedAbsence
        from attendance.services import erase_planned_absences, erase_records
        from students.records import RecordKind, register

        register(RecordKind(AttendanceRecord, erase_records))
        register(RecordKind(PlannedAbsence, erase_planned_absences))
