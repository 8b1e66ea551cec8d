"""Everything that writes students, each with who did it."""

from datetime import date

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError

from accounts.models import AccessLog
from assessments.tests.factories import ScoreFactory, SubjectTotalFactory
from attendance.models import Register, Status
from attendance.tests.factories import AttendanceRecordFactory, PlannedAbsenceFactory, RegisterFactory
from behavior.tests.factories import BehaviorRecordFactory
from dashboard.models import FamilyMail, FamilyNote
from dashboard.tests.factories import FollowUpFactory
from participation.tests.factories import ParticipationRecordFactory
from students.models import Enrolment, Guardian, Student, TeachingAssignment
from students.services import assign_homeroom, create_student, delete_student, enrol, update_student
from students.tests.factories import (
    EmergencyContactFactory,
    EnrolmentFactory,
    GuardianFactory,
    SchoolClassFactory,
    StudentFactory,
)
from tests.cast import MONDAY, YEAR_START

TUESDAY = date(2026, 3, 17)


def authors(rows) -> list[tuple[str, str]]:
    """Who did what to a row, the latest first."""
    return list(rows.history.values_list("history_type", "history_user__username"))


# --- Making and changing ----------------------------------------------------------------------------


def test_a_student_is_made_with_class_and_people(cast):
    student = create_student(
        by=cast.office,
        details={"given_name": "Dara", "enrollment_date": date(2026, 3, 2)},
        school_class=cast.class_7a,
        guardians=[{"name": "Mia", "priority": 1}],
        emergency_contacts=[{"name": "Gran", "priority": 1}],
    )
    enrolment, guardian, contact = (
        student.enrolments.get(),
        student.guardians.get(),
        student.emergency_contacts.get(),
    )
    assert (enrolment.school_class, enrolment.starts_on, enrolment.is_primary) == (
        cast.class_7a,
        date(2026, 3, 2),
        True,
    )
    assert [authors(row) for row in (student, enrolment, guardian, contact)] == [[("+", "office")]] * 4


def test_a_student_without_a_day_of_joining_joins_today(cast):
    assert create_student(by=None, details={"given_name": "Dara"}).enrollment_date == MONDAY


def test_nothing_of_a_student_is_kept_when_a_part_is_refused(cast):
    before = Student.objects.count()
    with pytest.raises(ValueError, match="must be a"):
        create_student(by=cast.office, details={"given_name": "Dara"}, guardians=[{"name": "Mia", "parent": 7}])
    assert Student.objects.count() == before


def test_a_change_names_who_made_it(cast):
    mia, per = GuardianFactory(student=cast.amina, name="Mia"), GuardianFactory(student=cast.amina, name="Per")
    people = [{"id": mia, "name": "Mia", "phone": "9"}, {"id": per, "DELETE": True}, {"name": "Zoe"}]
    update_student(by=cast.ana.user, student=cast.amina, details={"given_name": "Aminata"}, guardians=people)
    assert list(cast.amina.guardians.order_by("pk").values_list("name", "phone")) == [("Mia", "9"), ("Zoe", "")]
    assert authors(cast.amina)[0] == ("~", "ana")
    assert list(Guardian.history.order_by("history_id").values_list("name", "history_type", "history_user__username"))[
        2:
    ] == [("Mia", "~", "ana"), ("Per", "-", "ana"), ("Zoe", "+", "ana")]


# --- Enrolling ----------------------------------------------------------------------------------------


def test_a_sole_enrolment_is_the_main_one_and_a_second_is_not(cast):
    student = StudentFactory()
    club = SchoolClassFactory(academic_year=cast.year)
    first = enrol(by=cast.office, student=student, school_class=cast.class_7a, starts_on=YEAR_START)
    second = enrol(by=cast.office, student=student, school_class=club, starts_on=MONDAY)
    assert [first.is_primary, second.is_primary] == [True, False]
    assert authors(second) == [("+", "office")]


def test_an_enrolment_after_the_main_one_has_ended_is_the_main_one(cast):
    student = StudentFactory()
    enrol(by=None, student=student, school_class=cast.class_7a, starts_on=YEAR_START, ends_on=MONDAY)
    assert enrol(by=None, student=student, school_class=cast.class_7b, starts_on=MONDAY).is_primary is True


def test_a_student_is_not_enrolled_twice_in_a_class_on_one_day(cast):
    before = Enrolment.objects.count()
    with pytest.raises(ValidationError, match="The student is in this class already on some of these days"):
        enrol(by=cast.office, student=cast.amina, school_class=cast.class_7a, starts_on=MONDAY)
    assert Enrolment.objects.count() == before


# --- Homeroom -----------------------------------------------------------------------------------------


def homerooms(school_class) -> list[tuple[str, date, date | None]]:
    rows = TeachingAssignment.objects.filter(school_class=school_class, subject=None, teacher__user__is_active=True)
    return list(rows.order_by("starts_on", "pk").values_list("teacher__full_name", "starts_on", "ends_on"))


def test_a_new_homeroom_teacher_gets_the_class_and_the_one_before_loses_it(cast):
    assign_homeroom(by=cast.office, school_class=cast.class_7a, teacher=cast.ana, starts_on=YEAR_START)
    assert homerooms(cast.class_7a) == [("Ana Silva", YEAR_START, None)]
    assign_homeroom(by=cast.office, school_class=cast.class_7a, teacher=cast.ben, starts_on=TUESDAY)
    assert homerooms(cast.class_7a) == [("Ana Silva", YEAR_START, TUESDAY), ("Ben Okafor", TUESDAY, None)]
    cast.class_7a.refresh_from_db()
    assert cast.class_7a.homeroom_teacher == cast.ben
    assert authors(cast.class_7a)[0] == ("~", "office")


def test_naming_the_same_homeroom_teacher_again_changes_no_assignment(cast):
    assign_homeroom(by=None, school_class=cast.class_7a, teacher=cast.ana, starts_on=YEAR_START)
    assign_homeroom(by=None, school_class=cast.class_7a, teacher=cast.ana, starts_on=TUESDAY)
    assert homerooms(cast.class_7a) == [("Ana Silva", YEAR_START, None)]


def test_a_class_may_be_left_without_a_homeroom_teacher(cast):
    assign_homeroom(by=None, school_class=cast.class_7a, teacher=cast.ana, starts_on=YEAR_START)
    assign_homeroom(by=None, school_class=cast.class_7a, teacher=None, starts_on=TUESDAY)
    assert homerooms(cast.class_7a) == [("Ana Silva", YEAR_START, TUESDAY)]
    assert cast.class_7a.homeroom_teacher is None


# --- Erasing ------------------------------------------------------------------------------------------


def rows_naming(student_key: int, student_id: str) -> dict[str, int]:
    """How many rows of each table, history included, name the student."""
    counts = {}
    for model in apps.get_models():
        fields = {field.name for field in model._meta.get_fields()}
        if model in {Student, Student.history.model}:
            rows = model._base_manager.filter(student_id=student_id)
        elif model is not AccessLog and "student" in fields:
            rows = model._base_manager.filter(student_id=student_key)
        else:
            continue
        counts[model._meta.label] = rows.count()
    return counts


def test_erasing_a_student_removes_every_row_about_them_history_included(cast):
    for row in (cast.amina, *cast.amina.enrolments.all(), *cast.amina.parent_links.all()):
        row.save()  # the cast begins without history
    GuardianFactory(student=cast.amina)
    EmergencyContactFactory(student=cast.amina)
    PlannedAbsenceFactory(student=cast.amina, entered_by=cast.office)
    AttendanceRecordFactory(student=cast.amina, school_class=cast.class_7a, status=Status.ABSENT)
    RegisterFactory(school_class=cast.class_7a, absent=1)
    ScoreFactory(student=cast.amina)
    SubjectTotalFactory(student=cast.amina)
    BehaviorRecordFactory(student=cast.amina)
    ParticipationRecordFactory(student=cast.amina)
    FamilyNote.objects.create(student=cast.amina, text="Well done.", written_by=cast.office)
    FamilyMail(student=cast.amina, parent=cast.mariam, kind="week", day=YEAR_START).save()
    FollowUpFactory(student=cast.amina)
    key, student_id = cast.amina.pk, cast.amina.student_id
    before = rows_naming(key, student_id)
    assert {label for label, number in before.items() if number == 0} == set()
    delete_student(by=cast.office, student=cast.amina)
    assert rows_naming(key, student_id) == dict.fromkeys(before, 0)


def test_erasing_a_student_leaves_the_others_and_recounts_the_registers(cast):
    EnrolmentFactory(student=cast.cleo, school_class=cast.class_7a, is_primary=False)
    for student, status in ((cast.amina, Status.ABSENT), (cast.bo, Status.ABSENT), (cast.cleo, Status.LATE)):
        AttendanceRecordFactory(student=student, school_class=cast.class_7a, status=status)
    register = RegisterFactory(school_class=cast.class_7a, absent=2, late=1, taken_by=cast.ana.user)
    untouched = rows_naming(cast.bo.pk, cast.bo.student_id)
    delete_student(by=cast.office, student=cast.amina)
    assert list(Student.objects.all()) == [cast.bo, cast.cleo]
    assert rows_naming(cast.bo.pk, cast.bo.student_id) == untouched
    assert list(Register.objects.values_list("pk", "present", "late", "excused", "absent", "taken_by")) == [
        (register.pk, 0, 1, 0, 1, cast.ana.user.pk)
    ]


def test_who_opened_the_record_of_an_erased_student_stays_known(cast):
    AccessLog.objects.create(reader=cast.ana.user, page="dashboard:student", student_id=cast.amina.student_id)
    delete_student(by=cast.office, student=cast.amina)
    assert AccessLog.objects.count() == 1


# --- Leaving and joining --------------------------------------------------------------------------------


def test_a_leaver_leaves_the_class_with_the_last_day_and_stays_on_its_registers_until_then(cast):
    left_on = date(2026, 3, 14)
    update_student(by=cast.office, student=cast.amina, details={"left_on": left_on})
    enrolment = cast.amina.enrolments.get()
    assert enrolment.ends_on == left_on
    assert authors(enrolment)[0] == ("~", "office")
    friday, monday = date(2026, 3, 13), MONDAY
    assert list(Student.objects.enrolled_on(cast.class_7a, friday)) == [cast.amina, cast.bo]
    assert list(Student.objects.enrolled_on(cast.class_7a, monday)) == [cast.bo]


def test_an_enrolment_that_ended_before_the_last_day_keeps_its_end(cast):
    cast.amina.enrolments.update(ends_on=date(2026, 2, 2))
    update_student(by=cast.office, student=cast.amina, details={"left_on": date(2026, 3, 14)})
    assert cast.amina.enrolments.get().ends_on == date(2026, 2, 2)


def test_somebody_who_joined_the_school_years_ago_is_in_the_class_from_its_first_day(cast):
    details = {"given_name": "Dara", "enrollment_date": date(2021, 9, 1)}
    student = create_student(by=cast.office, details=details, school_class=cast.class_7a)
    assert (student.enrollment_date, student.enrolments.get().starts_on) == (date(2021, 9, 1), YEAR_START)
