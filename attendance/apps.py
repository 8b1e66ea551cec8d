from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = _("Attendance")

    def ready(self) -> None:
        from accounts.todo import register as register_todo
        from attendance.models import AttendanceRecord, PlannedAbsence
        from attendance.recounting import recount_of_students
        from attendance.services import erase_planned_absences, erase_records
        from attendance.todo import REGISTERS, missing_registers
        from students.records import RecordKind, register

        register(RecordKind(AttendanceRecord, erase_records, recount_of_students))
        register(RecordKind(PlannedAbsence, erase_planned_absences))
        register_todo(REGISTERS, missing_registers)
