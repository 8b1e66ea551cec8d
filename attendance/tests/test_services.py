"""What can change a mark, and what no row may be."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attendance.models import AttendanceRecord, PlannedAbsence, Register, Status
from attendance.register import Mark, open_register
from attendance.services import RegisterRefused, take_register
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory, RegisterFactory
from attendance.tests.registers import stored
from students.models import Enrolment, School, Student
from students.services import delete_student
from students.tests.factories import ClosureFactory, EnrolmentFactory, SchoolClassFactory
from tests.cast import MONDAY, pupil

DAYS = timedelta(days=1)
FRIDAY = MONDAY - 3 * DAYS
NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)


def opened(by, school_class, day=MONDAY):
    return open_register(School.current(), school_class, day, by)


def save(by, school_class, marks, day=MONDAY):
    return take_register(by=by, opened=opened(by, school_class, day), marks=marks)


class TestTakeRegister:
    def test_the_receipt_says_what_is_stored_what_changed_and_who_is_unmarked(self, cast):
        receipt = save(cast.ana.user, cast.class_7a, {cast.amina.student_id: Mark(Status.LATE, 5)})
        assert (receipt.counts, receipt.changed, receipt.unmarked) == (
            {Status.PRESENT: 0, Status.LATE: 1, Status.EXCUSED: 0, Status.ABSENT: 0}, 1, ["Bo Lind"],
        )  # fmt: skip
        marks = {cast.amina.student_id: Mark(Status.LATE, 5), cast.bo.student_id: Mark(Status.ABSENT)}
        receipt = save(cast.ana.user, cast.class_7a, marks)
        assert (receipt.counts[Status.ABSENT], receipt.changed, receipt.unmarked) == (1, 1, [])
        assert save(cast.ana.user, cast.class_7a, marks).changed == 0

    def test_it_refuses_a_day_on_which_it_may_not_be_taken(self, cast):
        ClosureFactory(name="Snow")
        before = stored()
        with pytest.raises(RegisterRefused, match="The school is closed on Mon 16 Mar 2026: Snow"):
            save(cast.ana.user, cast.class_7a, {cast.amina.student_id: Mark(Status.LATE)})
        assert stored() == before

    def test_it_refuses_a_class_without_students(self, cast):
        empty, before = SchoolClassFactory(academic_year=cast.year), stored()
        with pytest.raises(RegisterRefused, match="Nobody is enrolled in this class on this day"):
            save(cast.office, empty, {})
        assert stored() == before

    def test_it_refuses_students_of_other_classes_and_keeps_none_of_the_marks(self, cast):
        marks = {student.student_id: Mark(Status.LATE) for student in (cast.amina, cast.cleo)}
        before = stored()
        with pytest.raises(RegisterRefused, match=f"Not in this class on this day: {cast.cleo.student_id}"):
            save(cast.office, cast.class_7a, marks)
        assert stored() == before

    def test_it_reads_the_class_again_under_the_lock(self, cast):
        page = opened(cast.ana.user, cast.class_7a)
        Enrolment.objects.filter(student=cast.bo).update(ends_on=MONDAY)
        zoe = pupil("Zoe", "New", cast.class_7a)
        before, marks = stored(), {cast.bo.student_id: Mark(Status.LATE), zoe.student_id: Mark(Status.LATE)}
        with pytest.raises(RegisterRefused, match=f"Not in this class on this day: {cast.bo.student_id}"):
            take_register(by=cast.ana.user, opened=page, marks=marks)
        assert stored() == before
        del marks[cast.bo.student_id]
        receipt = take_register(by=cast.ana.user, opened=page, marks=marks)
        assert (receipt.counts[Status.LATE], receipt.unmarked) == (1, ["Amina Diallo"])

    def test_a_mark_stored_meanwhile_by_somebody_else_is_overwritten_with_history(self, cast):
        page = opened(cast.ana.user, cast.class_7a)
        save(cast.office, cast.class_7a, {cast.bo.student_id: Mark(Status.ABSENT, note="Called in")})
        take_register(by=cast.ana.user, opened=page, marks={cast.bo.student_id: Mark(Status.PRESENT)})
        kept = AttendanceRecord.history.filter(student=cast.bo).order_by("pk")
        assert [(row.status, row.note, row.history_user) for row in kept] == [
            ("absent", "Called in", cast.office),
            ("present", "", cast.ana.user),
        ]


STUDENTS = 4
MARKS = st.one_of(
    st.builds(Mark, st.sampled_from(Status)),
    st.builds(Mark, st.just(Status.LATE), st.integers(1, 720)),
    st.builds(Mark, st.sampled_from([Status.PRESENT, Status.LATE]), left_early=st.just(True), note=st.just("Ill")),
)
SAVES = st.lists(st.dictionaries(st.integers(0, STUDENTS - 1), MARKS, min_size=1), max_size=6)


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(saves=SAVES)
def test_after_any_saves_the_counts_equal_the_rows_and_the_last_mark_stands(saves):
    with transaction.atomic():
        school_class = SchoolClassFactory(meets_daily=True)
        students = [EnrolmentFactory(school_class=school_class).student for _number in range(STUDENTS)]
        by = RegisterFactory(school_class=SchoolClassFactory()).taken_by
        day = School.current().today()
        last: dict[int, Mark] = {}
        changes = 0
        for marks in saves:
            before = dict(last)
            last |= marks
            save(by, school_class, {students[number].student_id: mark for number, mark in marks.items()}, day)
            changes += last != before
            rows = list(AttendanceRecord.objects.filter(school_class=school_class, date=day))
            register = Register.objects.get(school_class=school_class, date=day)
            kept = {status: getattr(register, status) for status in Status.values}
            assert Counter(kept) == Counter(row.status for row in rows)
            assert register.version == changes
            assert {
                row.student_id: Mark(Status(row.status), row.minutes_late, row.left_early, row.note) for row in rows
            } == {students[number].pk: mark for number, mark in last.items()}
        transaction.set_rollback(True)


class TestDeletingAStudent:
    def test_it_erases_their_marks_with_history_and_recounts_the_registers(self, cast):
        other = EnrolmentFactory(student=cast.amina, school_class=cast.class_7b, is_primary=False)
        for school_class, day in ((cast.class_7a, FRIDAY), (cast.class_7a, MONDAY), (cast.class_7b, MONDAY)):
            lines = opened(cast.office, school_class, day).lines
            save(cast.office, school_class, {line.student_id: Mark(Status.LATE) for line in lines}, day)
        save(cast.office, cast.class_7a, {cast.amina.student_id: Mark(Status.ABSENT)})
        PlannedAbsenceFactory(student=cast.amina)
        PlannedAbsenceFactory(student=cast.bo)
        key, kept = cast.amina.pk, {row.pk for row in AttendanceRecord.objects.exclude(student=cast.amina)}
        assert AttendanceRecord.history.filter(student_id=key).count() == 4

        delete_student(by=cast.office, student=cast.amina)

        assert not Student.objects.filter(pk=key).exists()
        assert not Enrolment.objects.filter(pk=other.pk).exists()
        assert {row.pk for row in AttendanceRecord.objects.all()} == kept
        assert list(PlannedAbsence.objects.values_list("student", flat=True)) == [cast.bo.pk]
        for model in (AttendanceRecord, PlannedAbsence):
            assert model.history.filter(student_id=key).count() == 0
            assert model.history.count() > 0
        counts = {
            (str(register.school_class), register.date): (register.late, register.absent, register.recorded)
            for register in Register.objects.select_related("school_class")
        }
        assert counts == {("7A", FRIDAY): (1, 0, 1), ("7A", MONDAY): (1, 0, 1), ("7B", MONDAY): (1, 0, 1)}

    def test_who_took_the_registers_and_when_stays(self, cast):
        save(cast.ana.user, cast.class_7a, {cast.amina.student_id: Mark(Status.LATE)})
        delete_student(by=cast.office, student=cast.amina)
        register = Register.objects.get()
        assert (register.taken_by, register.taken_at, register.recorded) == (cast.ana.user, NOW, 0)
        assert [row.recorded for row in (kept.instance for kept in Register.history.order_by("pk"))] == [1, 0]

    def test_somebody_without_a_mark_can_be_deleted(self, cast):
        before = stored()
        delete_student(by=cast.office, student=cast.cleo)
        assert stored() == before

    def test_many_years_of_marks_are_erased_too(self, cast):
        days = [date(2020, 9, 1) + number * DAYS for number in range(1200)]
        Enrolment.objects.filter(school_class=cast.class_7a).update(starts_on=days[0])
        Register.objects.bulk_create(Register(school_class=cast.class_7a, date=day, present=2) for day in days)
        for student in (cast.amina, cast.bo):
            AttendanceRecord.objects.bulk_create(
                AttendanceRecord(student=student, school_class=cast.class_7a, date=day, status="present")
                for day in days
            )
        delete_student(by=cast.office, student=cast.amina)
        assert set(Register.objects.values_list("present", flat=True)) == {1}
        assert AttendanceRecord.objects.count() == 1200


# The rows that each named constraint refuses.
REFUSED = {
    "register_once_per_class_and_day": [(RegisterFactory, {})],
    "attendance_once_per_student_class_and_day": [(AttendanceRecordFactory, {})],
    "attendance_status_known": [
        (AttendanceRecordFactory, {"status": "gone"}),
        (AttendanceRecordFactory, {"status": ""}),
        (AttendanceRecordFactory, {"status": "Present"}),
    ],
    "attendance_minutes_only_when_late": [
        (AttendanceRecordFactory, {"status": status, "minutes_late": 5}) for status in ("present", "excused", "absent")
    ],
    "attendance_minutes_within_a_day": [
        (AttendanceRecordFactory, {"status": "late", "minutes_late": minutes}) for minutes in (0, 721)
    ],
    "attendance_left_early_only_when_there": [
        (AttendanceRecordFactory, {"status": status, "left_early": True}) for status in ("excused", "absent")
    ],
    "planned_absence_ends_after_start": [
        (PlannedAbsenceFactory, {"starts_on": MONDAY, "ends_on": MONDAY}),
        (PlannedAbsenceFactory, {"starts_on": MONDAY, "ends_on": FRIDAY}),
    ],
    "planned_absence_has_reason": [(PlannedAbsenceFactory, {"reason": ""})],
}
ONCE = {
    "register_once_per_class_and_day": "attendance_register.school_class_id, attendance_register.date",
    "attendance_once_per_student_class_and_day": "attendance_attendancerecord.student_id, "
    "attendance_attendancerecord.date, attendance_attendancerecord.school_class_id",
}
ROWS = [(name, factory, values) for name, rows in REFUSED.items() for factory, values in rows]


def test_every_named_constraint_has_a_row_that_it_refuses():
    named = {rule.name for model in (Register, AttendanceRecord, PlannedAbsence) for rule in model._meta.constraints}
    assert named == set(REFUSED)


@pytest.mark.parametrize(
    ("name", "factory", "values"), ROWS, ids=[f"{name}{values or ''}" for name, _f, values in ROWS]
)
def test_the_database_refuses(name, factory, values, cast):
    good = factory(school_class=cast.class_7a) if factory is RegisterFactory else factory(student=cast.amina)
    row = {field.attname: getattr(good, field.attname) for field in good._meta.concrete_fields}
    if name not in ONCE:
        row |= {"student_id": cast.bo.pk} | values
    del row["id"]
    said = ONCE[name] if name in ONCE and connection.vendor == "sqlite" else name
    with pytest.raises(IntegrityError, match=said), transaction.atomic():
        type(good).objects.bulk_create([type(good)(**row)])
    assert type(good).objects.count() == 1
    if name in ONCE:
        row["date"] = FRIDAY
    else:
        row |= {field: getattr(good, field) for field in values}
    type(good).objects.bulk_create([type(good)(**row)])
    assert type(good).objects.count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"status": "late", "minutes_late": 1},
        {"status": "late", "minutes_late": 720, "left_early": True},
        {"status": "present", "left_early": True},
    ],
)
def test_the_edges_that_it_takes(values, cast):
    record = AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, **values)
    record.refresh_from_db()
    assert {name: getattr(record, name) for name in values} == values
