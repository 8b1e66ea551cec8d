"""The school office: attendance."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from accounts.models import AccessLog
from accounts.roles import Role
from accounts.tests.factories import TeacherFactory, UserFactory
from accounts.tests.office_sweep import (
    Office,
    check_all_swept,
    check_pages,
    check_queries,
    check_search,
    errors_of,
    fill_in,
)
from attendance.models import AttendanceRecord, PlannedAbsence, Register
from attendance.register import Mark, open_register
from attendance.services import take_register
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory, RegisterFactory
from students.models import School
from students.tests.factories import EnrolmentFactory, SchoolClassFactory, StudentFactory

OFFICE = {
    "register": Office(RegisterFactory, queries=10, can_add=False, can_delete=False),
    "attendancerecord": Office(AttendanceRecordFactory, queries=11, can_add=False, can_delete=False),
    "plannedabsence": Office(PlannedAbsenceFactory, queries=9),
}
FRIDAY = date(2026, 3, 6)
pytestmark = pytest.mark.django_db
each_model = pytest.mark.parametrize("office", OFFICE.values(), ids=OFFICE)


@pytest.fixture
def admin_user():
    return UserFactory(role=Role.ADMIN, username="office")


@pytest.fixture
def clerk(client, admin_user):
    client.force_login(admin_user)
    return client


@pytest.fixture
def friday():
    with time_machine.travel(f"{FRIDAY}T10:00:00Z", tick=False):
        yield


def url(page, row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def take_today(user, school_class, marks):
    school = School.current()
    take_register(by=user, opened=open_register(school, school_class, school.today(), user), marks=marks)


@each_model
def test_pages(office):
    check_pages(office)


@each_model
def test_queries(office):
    check_queries(office)


@each_model
def test_search(office):
    check_search(office)


def test_each_model_is_swept():
    check_all_swept(OFFICE, "attendance")


class TestMarks:
    """Marks are read here and written through the register."""

    @pytest.mark.parametrize("factory", [RegisterFactory, AttendanceRecordFactory])
    def test_cannot_be_written(self, clerk, factory):
        row = factory(date=FRIDAY)
        typed = {"date": "2026-03-05", "status": "absent", "present": "7"}
        assert clerk.post(url("change", row), typed).status_code == 403
        assert clerk.post(url("delete", row), {"post": "yes"}).status_code == 403
        assert clerk.post(f"/admin/attendance/{row._meta.model_name}/add/", typed).status_code == 403
        bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        clerk.post(f"/admin/attendance/{row._meta.model_name}/", bulk)
        row.refresh_from_db()
        assert (row.date, type(row).objects.count()) == (FRIDAY, 1)

    @pytest.mark.parametrize("factory", [RegisterFactory, AttendanceRecordFactory])
    def test_lead_to_the_register(self, clerk, factory):
        row = factory(date=FRIDAY)
        link = f'<a href="/attendance/{row.school_class.pk}/2026-03-06/">Open the register</a>'
        assert link in clerk.get(f"/admin/attendance/{row._meta.model_name}/").content.decode()
        assert link in clerk.get(url("change", row)).content.decode()

    def test_old_version_cannot_be_written_back(self, clerk):
        row = RegisterFactory(present=1)
        row.present = 2
        row.save()
        first = row.history.earliest()
        clerk.post(f"{url('history', row)}{first.history_id}/", {})
        row.refresh_from_db()
        assert row.present == 2

    def test_history_says_who_marked(self, clerk):
        enrolment = EnrolmentFactory(school_class__meets_daily=True)
        teacher = TeacherFactory(full_name="Ana Silva", user__role=Role.ADMIN)
        student = enrolment.student
        for mark in (Mark("present"), Mark("late", minutes_late=5)):
            take_today(teacher.user, enrolment.school_class, {student.student_id: mark})
        page = " ".join(clerk.get(url("history", AttendanceRecord.objects.get())).content.decode().split())
        assert page.count(">Ana Silva</a>") == 2
        assert "<strong>Mark:</strong> <bdi>Present</bdi> → <bdi>Late</bdi>" in page

    def test_list_finds_by_student(self, clerk):
        AttendanceRecordFactory(student__given_name="Ana", student__family_name="Silva")
        AttendanceRecordFactory()
        rows = clerk.get("/admin/attendance/attendancerecord/", {"q": "silva ana"}).context["cl"].result_list
        assert [row.student.given_name for row in rows] == ["Ana"]

    @pytest.mark.parametrize("page", ["change", "history"])
    def test_reading_is_noted_with_the_child(self, clerk, page):
        record = AttendanceRecordFactory()
        clerk.get(url(page, record))
        assert AccessLog.objects.get().student_id == record.student.student_id


@pytest.mark.usefixtures("friday")
class TestPlannedAbsence:
    def typed(self, **changes):
        student = StudentFactory()
        return {
            "student": student.pk,
            "starts_on": "2026-03-09",
            "ends_on": "2026-03-10",
            "reason": "Dentist",
            **changes,
        }

    def test_is_entered_by_who_saves_it(self, clerk, admin_user):
        other = UserFactory()
        answer = clerk.post("/admin/attendance/plannedabsence/add/", self.typed(entered_by=other.pk))
        absence = PlannedAbsence.objects.get()
        assert (answer.status_code, absence.entered_by, absence.ends_on) == (302, admin_user, date(2026, 3, 11))
        assert absence.history.get().history_user == admin_user

    def test_keeps_who_entered_it(self, clerk, admin_user):
        absence = PlannedAbsenceFactory(entered_by__username="ana")
        clerk.post(url("change", absence), fill_in(clerk.get(url("change", absence)), reason="Surgery"))
        absence.refresh_from_db()
        assert (absence.reason, absence.entered_by.username) == ("Surgery", "ana")
        assert absence.history.first().history_user == admin_user

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"ends_on": "2026-03-08"}, "The last day is before the first."),
            (
                {"reason": "Flu\u2028and more"},
                "This holds characters that cannot be printed. Type it again on one line.",
            ),
            ({"reason": " "}, "This field is required."),
            ({"ends_on": ""}, "This field is required."),
            ({"ends_on": "9999-12-31"}, "Give a date before the year 9999."),
        ],
    )
    def test_refused(self, clerk, changes, error):
        errors = errors_of(clerk.post("/admin/attendance/plannedabsence/add/", self.typed(**changes)))
        assert errors == [error]

    def test_days_that_another_one_holds_are_refused(self, clerk):
        stored = PlannedAbsenceFactory(starts_on=date(2026, 3, 10), ends_on=date(2026, 3, 12), reason="Surgery")
        typed = self.typed(student=stored.student.pk)
        errors = errors_of(clerk.post("/admin/attendance/plannedabsence/add/", typed))
        assert errors == [
            (
                f"{stored.student} has a planned absence on these days already: Tue 10 Mar 2026 to Wed 11 Mar 2026,"
                " “Surgery”. Change that one."
            )
        ]
        assert PlannedAbsence.objects.get() == stored
        clerk.post("/admin/attendance/plannedabsence/add/", typed | {"ends_on": "2026-03-09"})
        assert PlannedAbsence.objects.filter(student=stored.student).count() == 2

    def test_a_change_does_not_overlap_with_itself(self, clerk):
        stored = PlannedAbsenceFactory(starts_on=date(2026, 3, 10), ends_on=date(2026, 3, 12))
        clerk.post(url("change", stored), fill_in(clerk.get(url("change", stored)), ends_on="2026-03-12"))
        stored.refresh_from_db()
        assert stored.ends_on == date(2026, 3, 13)

    def test_list_shows_the_last_day(self, clerk):
        PlannedAbsenceFactory()
        page = clerk.get("/admin/attendance/plannedabsence/").content.decode()
        assert page.count("6 Mar 2026") == 2
        assert "7 Mar 2026" not in page


def test_erasing_a_student_recounts_the_registers(clerk, admin_user):
    school_class = SchoolClassFactory(meets_daily=True)
    students = [EnrolmentFactory(school_class=school_class).student for _number in range(2)]
    take_today(admin_user, school_class, {student.student_id: Mark("present") for student in students})
    PlannedAbsenceFactory(student=students[0])
    asked = clerk.get(url("delete", students[0]))
    counts = {str(name): number for name, number in asked.context["model_count"]}
    assert counts == {"students": 1, "enrolments": 1, "attendance records": 1, "planned absences": 1}
    clerk.post(url("delete", students[0]), {"post": "yes"})
    assert Register.objects.get().present == 1
    assert list(AttendanceRecord.objects.values_list("student", flat=True)) == [students[1].pk]
    assert AttendanceRecord.history.filter(student_id=students[0].pk).count() == 0
